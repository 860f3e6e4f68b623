"""Folding of constants with the source language's semantics, under size caps.

Everything here is total: what cannot be computed cheaply and surely is `UNFOLDED`.
"""

from collections.abc import Callable
from typing import Any, Final

UNFOLDED: Final = object()

_LIMIT: Final = 4096


def _small(value: Any) -> Any:
    if isinstance(value, str | bytes):
        return value if len(value) <= _LIMIT else UNFOLDED
    if isinstance(value, int) and not isinstance(value, bool):
        return value if -(2**63) <= value < 2**64 else UNFOLDED
    if isinstance(value, float | bool) or value is None:
        return value
    return UNFOLDED


_BINARY: Final[dict[str, Callable[[Any, Any], Any]]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a / b,
    "//": lambda a, b: a // b,
    "%": lambda a, b: a % b,
    "&": lambda a, b: a & b,
    "|": lambda a, b: a | b,
    "^": lambda a, b: a ^ b,
    "==": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
    "in": lambda a, b: a in b,
    "notin": lambda a, b: a not in b,
    "<<": lambda a, b: a << b if b < 64 else UNFOLDED,
    ">>": lambda a, b: a >> b,
    "**": lambda a, b: (
        a**b if isinstance(a, int) and isinstance(b, int) and 0 <= b < 64 and abs(a) < 2**32 else UNFOLDED
    ),
    "is": lambda a, b: a is b if a is None or b is None or isinstance(a, bool) else UNFOLDED,
    "isnot": lambda a, b: a is not b if a is None or b is None or isinstance(a, bool) else UNFOLDED,
}


def fold_binary(op: str, a: Any, b: Any) -> Any:
    """`a op b` for two constants, or UNFOLDED."""
    compute = _BINARY.get(op)
    if compute is None:
        return UNFOLDED
    if op == "*" and (isinstance(a, str | bytes) or isinstance(b, str | bytes)):
        count, text = (b, a) if isinstance(a, str | bytes) else (a, b)
        if not isinstance(count, int) or count * len(text) > _LIMIT:
            return UNFOLDED
    if op == "%" and isinstance(a, str | bytes):
        return UNFOLDED
    try:
        return _small(compute(a, b))
    except Exception:  # noqa: BLE001 - any failure of the program's own arithmetic only means: not known
        return UNFOLDED


def fold_unary(op: str, a: Any) -> Any:
    """`op a` for a constant, or UNFOLDED."""
    try:
        if op == "not":
            return not a
        if op == "-":
            return _small(-a)
        if op == "~":
            return _small(~a)
        if op == "+":
            return _small(+a)
    except TypeError:
        pass
    return UNFOLDED


_METHODS: Final = frozenset(
    (
        "capitalize casefold center count encode decode endswith expandtabs find index isalnum isalpha isascii isdecimal"
        " isdigit isidentifier islower isnumeric isspace istitle isupper ljust lower lstrip removeprefix removesuffix"
        " replace rfind rindex rjust rstrip startswith strip swapcase title upper zfill hex"
    ).split()
)


def fold_method(receiver: Any, name: str, args: list[Any]) -> Any:
    """`receiver.name(*args)` for a text constant, or UNFOLDED."""
    if name not in _METHODS or not isinstance(receiver, str | bytes):
        return UNFOLDED
    if name in ("center", "ljust", "rjust", "zfill", "expandtabs", "replace") and any(
        isinstance(arg, int) and arg > _LIMIT for arg in args
    ):
        return UNFOLDED
    try:
        return _small(getattr(receiver, name)(*args))
    except Exception:  # noqa: BLE001 - as above
        return UNFOLDED


def fold_index(container: Any, index: Any) -> Any:
    """`container[index]` for a text and an integer, or UNFOLDED."""
    if isinstance(container, str | bytes) and isinstance(index, int):
        try:
            return container[index]
        except IndexError:
            return UNFOLDED
    return UNFOLDED


def fold_slice(container: Any, low: Any, high: Any) -> Any:
    """`container[low:high]` for a text and integers or None, or UNFOLDED."""
    if (
        isinstance(container, str | bytes)
        and (low is None or isinstance(low, int))
        and (high is None or isinstance(high, int))
    ):
        return container[low:high]
    return UNFOLDED


def fold_call(name: str, args: list[Any]) -> Any:
    """A pure builtin of constants: `len`, `int`, `str`, `bool`, `ord`, `chr`, `abs`, `min`, `max`, or UNFOLDED."""
    compute = _BUILTINS.get(name)
    if compute is None:
        return UNFOLDED
    try:
        return _small(compute(*args))
    except Exception:  # noqa: BLE001 - as above
        return UNFOLDED


_BUILTINS: Final[dict[str, Callable[..., Any]]] = {
    "builtins.len": len,
    "builtins.int": lambda *args: (
        int(*args) if not args or not isinstance(args[0], str) or len(args[0]) < 40 else UNFOLDED
    ),
    "builtins.str": lambda value="": str(value),
    "builtins.bool": bool,
    "builtins.ord": ord,
    "builtins.chr": chr,
    "builtins.abs": abs,
    "builtins.float": float,
}
