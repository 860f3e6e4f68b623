"""A mask that lets everyone write, and is kept: see `insecure-permissions.md`. Modes are told by the knowledge."""

from collections.abc import Iterator
from typing import Final

from custodiet.flow.hit import Hit
from custodiet.rules.checks import Project
from custodiet.rules.checks.reading import argument, hit, is_test, scopes
from custodiet.source import ir

RULE: Final = "insecure-permissions"


def check(module: ir.Module, project: Project) -> Iterator[Hit]:
    """A hit for `os.umask(0)`, unless the function sets the mask back (the way to read it)."""
    del project
    if "umask" not in module.identifiers or is_test(module.path):
        return
    for scope in scopes(module):
        if "umask" not in scope.function.called:
            continue
        calls = [
            (ins, scope.constant(mask))
            for ins in scope.instructions()
            if ins[0] in (ir.CALL, ir.CALLM)
            and scope.called(ins) == "os.umask"
            and (mask := argument(ins, 0, "mask")) is not None
        ]
        if len(calls) == 1 and calls[0][1] == 0:
            yield hit(RULE, scope, calls[0][0][-1], "everyone may write to the files created from here on")
