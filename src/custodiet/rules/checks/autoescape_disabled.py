"""Templates and settings that switch escaping off: see `autoescape-disabled.md`. Calls are told by the knowledge."""

from collections.abc import Iterator
from typing import Final

from custodiet.flow.hit import Hit
from custodiet.pattern import pattern
from custodiet.rules.checks import Project
from custodiet.rules.checks.reading import Scope, hit, is_test, scopes
from custodiet.source import ir

RULE: Final = "autoescape-disabled"
WORDS: Final = frozenset(("autoescape",))
_SWITCHED: Final = pattern(r"\{%-?\s*autoescape\s+(?:false|off)\b")
_READING: Final = frozenset((ir.MOVE, ir.CALL, ir.CALLM, ir.RET, ir.SETATTR, ir.SETINDEX, ir.DICT))


def check(module: ir.Module, project: Project) -> Iterator[Hit]:
    """Hits for blocks without escaping, in template files and in texts, and for the option of Django's engine."""
    del project
    if is_test(module.path):
        return
    if module.language != "python":
        yield from _in_template(module)
        return
    for scope in scopes(module):
        texts = [value for kind, value in scope.function.inits if kind == "c" and isinstance(value, str)]
        switched = any("autoescape" in text and _SWITCHED.search(text) for text in texts)
        option = "autoescape" in texts
        if not switched and not option:
            continue
        for ins in scope.instructions():
            if option and ins[0] == ir.DICT and _is_option(scope, ins):
                yield hit(RULE, scope, ins[-1], "templates do not escape what they show")
            elif (
                switched
                and ins[0] in _READING
                and any(_SWITCHED.search(scope.text(each) or "") for each in ir.operands(ins))
            ):
                yield hit(RULE, scope, ins[-1], "a block of the template does not escape what it shows")


def _in_template(module: ir.Module) -> Iterator[Hit]:
    from custodiet.source.template import template_checks  # late: most scans have no template

    scope = Scope(module, min(1, len(module.functions) - 1))
    for rule, span, message in template_checks(module):
        if rule == RULE:
            yield hit(rule, scope, span, message)


def _is_option(scope: Scope, ins: ir.Ins) -> bool:
    """Whether a dictionary says `"autoescape": False`."""
    return any(
        key != ir.NOREG and scope.text(key) == "autoescape" and scope.constant(value) is False for key, value in ins[2]
    )
