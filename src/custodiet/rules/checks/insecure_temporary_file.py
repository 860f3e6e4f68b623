"""Files with a constant name in a folder of everyone: see `insecure-temporary-file.md`."""

from collections.abc import Iterator
from typing import Final

from custodiet.domain.severity import Confidence
from custodiet.flow.hit import Hit
from custodiet.pattern import pattern
from custodiet.rules.checks import Project
from custodiet.rules.checks.reading import argument, hit, is_test, scopes
from custodiet.source import ir

RULE: Final = "insecure-temporary-file"
_SHARED: Final = pattern(r"/(?:var/)?tmp/[^/\s]+$|/dev/shm/[^/\s]+$")


def check(module: ir.Module, project: Project) -> Iterator[Hit]:
    """Hits for `open` of a constant path directly below `/tmp` that writes."""
    del project
    if "open" not in module.identifiers or is_test(module.path):
        return
    for scope in scopes(module):
        texts = [value for kind, value in scope.function.inits if kind == "c" and isinstance(value, str)]
        if not any(_SHARED.match(text) for text in texts):
            continue
        for ins in scope.instructions():
            if ins[0] == ir.CALL and scope.dotted(ins[2]) in ("open", "io.open"):
                path, mode = argument(ins, 0, "file"), argument(ins, 1, "mode")
                text = scope.text(path) if path is not None else None
                how = scope.text(mode) if mode is not None else None
                if text and how and _SHARED.match(text) and how[0] in "wa":
                    yield hit(RULE, scope, ins[-1], "anyone may create this file first", confidence=Confidence.MEDIUM)
