"""Takes random values from the operating system, through `secrets`."""

from typing import TYPE_CHECKING, Final

from custodiet.domain.finding import Finding
from custodiet.fix.call import is_spread, positional, replaced
from custodiet.fix.imports import module_import
from custodiet.fix.script import Draft, Script

if TYPE_CHECKING:
    from tree_sitter import Node

_DIRECT: Final = {"choice": "choice", "getrandbits": "randbits", "randbytes": "token_bytes"}
_SYSTEM: Final = frozenset("choices sample shuffle random uniform randint randrange triangular".split())
_REPEATABLE: Final = frozenset(("identifier", "attribute", "integer"))
_LOOSE: Final = frozenset(
    "argument_list assignment return_statement expression_statement interpolation keyword_argument "
    "parenthesized_expression list tuple set pair list_comprehension generator_expression set_comprehension "
    "default_parameter typed_default_parameter named_expression".split()
)
"""What a sum can stand in without brackets."""


def repair(script: Script, finding: Finding) -> Draft | None:
    """The function of `secrets` that gives the same values, or the same method of `secrets.SystemRandom`."""
    for call in script.calls(finding):
        module, _, name = script.callee(call).rpartition(".")
        function = call.child_by_field_name("function")
        if module != "random" or function is None or (name not in _DIRECT and name not in _SYSTEM):
            continue
        needed = module_import(script, "secrets")
        if needed is None:
            return None
        whole = _below(script, call, name, needed.name)
        if whole is not None:
            change = replaced(call, whole)
        elif name in _DIRECT:
            change = replaced(function, f"{needed.name}.{_DIRECT[name]}")
        else:
            change = replaced(function, f"{needed.name}.SystemRandom().{name}")
        return Draft("Take random values from the operating system", (change, *needed.changes))
    return None


def _below(script: Script, call: "Node", name: str, secrets: str) -> str | None:
    """`secrets.randbelow(...)` with the arithmetic that a range needs, where that is plain to read."""
    listed = positional(call)
    if name not in ("randint", "randrange") or is_spread(call) or not 1 <= len(listed) <= 2:
        return None
    if len(listed) != len(call.child_by_field_name("arguments").named_children):  # type: ignore[union-attr] # checked
        return None
    texts = [script.text(node) for node in listed]
    if name == "randrange" and len(listed) == 1:
        return f"{secrets}.randbelow({texts[0]})"
    if len(listed) != 2 or any(node.type not in _REPEATABLE for node in listed):
        return None
    low, high = texts
    extra = 1 if name == "randint" else 0
    if all(node.type == "integer" for node in listed) and all(text.isdecimal() for text in texts):
        count, start = str(int(high) - int(low) + extra), int(low)
        if int(count) < 1:
            return None
    else:
        start = int(low) if low.isdecimal() else -1
        count = high if start == 0 else f"{high} - {low}"
        count = str(int(high) + extra) if count.isdecimal() else count + (" + 1" if extra else "")
    drawn = f"{secrets}.randbelow({count})"
    if start == 0:
        return drawn
    parent = call.parent
    return f"{drawn} + {low}" if parent is not None and parent.type in _LOOSE else f"({drawn} + {low})"
