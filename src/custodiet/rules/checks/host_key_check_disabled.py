"""Options of `ssh` that believe any host: see `host-key-check-disabled.md`. Libraries are told by the knowledge."""

import re
from collections.abc import Iterator
from typing import Final

from custodiet.flow.hit import Hit
from custodiet.pattern import pattern
from custodiet.rules.checks import Project
from custodiet.rules.checks.reading import hit, is_test, scopes
from custodiet.source import ir

RULE: Final = "host-key-check-disabled"
WORDS: Final = frozenset(("StrictHostKeyChecking",))
_OPTION: Final = pattern(r"StrictHostKeyChecking[= ](?:no|off)\b", re.IGNORECASE)
_READING: Final = frozenset((ir.MOVE, ir.CALL, ir.CALLM, ir.MAKE, ir.CAT, ir.BIN))


def check(module: ir.Module, project: Project) -> Iterator[Hit]:
    """A hit for each command line that switches the check off."""
    del project
    if module.language != "python" or is_test(module.path):
        return
    for scope in scopes(module):
        texts = [value for kind, value in scope.function.inits if kind == "c" and isinstance(value, str)]
        if not any(_OPTION.search(text) for text in texts):
            continue
        for ins in scope.instructions():
            if ins[0] in _READING and any(_OPTION.search(scope.text(each) or "") for each in ir.operands(ins)):
                yield hit(RULE, scope, ins[-1], "any server is believed: unknown host keys are accepted")
