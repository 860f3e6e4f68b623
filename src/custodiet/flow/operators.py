"""Instructions that make values: operators, texts, containers, casts and markup."""

from typing import Final

from custodiet.flow import guards, texts
from custodiet.flow.constants import UNFOLDED, fold_binary, fold_unary
from custodiet.flow.containers import grown_text, is_container, known_member
from custodiet.flow.frame import Frame
from custodiet.flow.instructions import Instructions
from custodiet.flow.state import SYMBOLIC
from custodiet.flow.values import (
    ARGUMENT,
    CHOICE,
    CLASS,
    CONDITION,
    CONST,
    DERIVED,
    FUNCTION,
    INSTANCE,
    MASK,
    MODULE,
    NOTHING,
    OBJECT,
    SYMBOL,
    TEXT,
    UNKNOWN,
    Value,
    built,
    cleared,
    follows,
    unknown,
)
from custodiet.source import ir

_COMPARISONS: Final = frozenset(("==", "!=", "in", "notin", "is", "isnot", "<", "<=", ">", ">="))
_SPECIAL: Final = {"%": "__mod__", "+": "__add__", "*": "__mul__", "/": "__truediv__", "|": "__or__", "&": "__and__"}
_ARITHMETIC: Final = frozenset(("-", "*", "@", "&", "|", "^"))
_NUMERIC: Final = frozenset(("<<", ">>", "**", "//"))
"""What no text can do: the result is a number."""


class Operators(Instructions):
    """One method for each instruction that makes a value of others."""

    def op_bin(self, frame: Frame, ins: ir.Ins) -> None:
        """BIN: `dst = a op b`."""
        registers = frame.registers
        op = ins[2]
        a, b = registers[ins[3]], registers[ins[4]]
        if a[1] == CONST and b[1] == CONST and not a[0] and not b[0]:
            folded = fold_binary(op, a[2], b[2])
            if folded is not UNFOLDED:
                registers[ins[1]] = (0, CONST, folded)
                return
        special = _SPECIAL.get(op)
        if special is not None and a[1] == INSTANCE and isinstance(a[2], str):
            canonical = self.tables.member(a[2], special)
            if canonical:
                registers[ins[1]] = self.call_symbol(frame, canonical, [b], [], ins[5], a, "")
                return
        if special is not None and a[1] in (OBJECT, ARGUMENT, INSTANCE):
            owner = self.class_of_value(frame, a)
            method = self.program.method(owner, special) if owner is not None else None
            if method is not None:
                registers[ins[1]] = self.call_function(frame, (0, FUNCTION, (*method, a, ())), [b], [], ins[5])
                return
        if op in _COMPARISONS:
            if op in ("is", "isnot") and b[1] == CONST and b[2] is None and a[1] in (OBJECT, FUNCTION, CLASS, MODULE):
                registers[ins[1]] = (0, CONST, op == "isnot")
                return
            if op in ("in", "notin") and b[1] == OBJECT and a[1] == CONST:
                known = known_member(frame, a, b)
                if known is not None:
                    registers[ins[1]] = (0, CONST, known == (op == "in"))
                    return
            found = guards.compare(frame, op, a, b)
            registers[ins[1]] = NOTHING if found is None else found
        elif op == "+":
            if self.joins_numbers:
                a, b = grown_text(frame, _in_sum(a, b)), grown_text(frame, _in_sum(b, a))
            if self._is_number(a) or self._is_number(b):
                registers[ins[1]] = NOTHING
            else:
                registers[ins[1]] = texts.add(frame, a, b)
                if ins[1] == ins[3] and a[1] == OBJECT and is_container(frame, a) and registers[ins[1]][1] == OBJECT:
                    frame.heap[a[2]] = frame.heap[registers[ins[1]][2]]
                    registers[ins[1]] = a
        elif op == "%":
            if a[1] in (TEXT, CONST, UNKNOWN, ARGUMENT, DERIVED, SYMBOL):
                if a[1] == CONST and not isinstance(a[2], str | bytes):
                    registers[ins[1]] = NOTHING
                else:
                    registers[ins[1]] = texts.percent(frame, a, b)
            else:
                registers[ins[1]] = self._united(frame, a, b)
        elif op == "/":
            registers[ins[1]] = self._divide(frame, a, b)
        elif op == "*" and a[1] == CONST and isinstance(a[2], str | bytes) and not frame.deep(b):
            registers[ins[1]] = a  # a constant repeated an unknown number of times
        elif op in _NUMERIC:
            registers[ins[1]] = NOTHING
        elif op in _ARITHMETIC:
            if (op == "*" and (a[1] in (TEXT, OBJECT) or b[1] in (TEXT, OBJECT))) or op in ("|", "&"):
                registers[ins[1]] = self._united_objects(frame, op, a, b)
            else:
                registers[ins[1]] = self._united(frame, a, b)
        else:
            registers[ins[1]] = self._united(frame, a, b)

    def _is_number(self, value: Value) -> bool:
        return value[1] == CONST and isinstance(value[2], int | float)

    def _united(self, frame: Frame, a: Value, b: Value) -> Value:
        taint = frame.deep(a) | frame.deep(b)
        if (a[1] == CONST and isinstance(a[2], int | float)) or (b[1] == CONST and isinstance(b[2], int | float)):
            text = a if b[1] == CONST else b
            if text[1] not in (TEXT, OBJECT):
                return unknown(taint)
        return unknown(taint)

    def _united_objects(self, frame: Frame, op: str, a: Value, b: Value) -> Value:
        if op == "|" and is_container(frame, a):
            result = self.call_method(frame, a, "copy", [], [], 0, "")
            if result[1] == OBJECT:
                self.call_method(frame, result, "update", [b], [], 0, "")
                return result
        return self._united(frame, a, b)

    def _divide(self, frame: Frame, a: Value, b: Value) -> Value:
        """`a / b`: a path when one side is not a number."""
        if self._is_number(a) or self._is_number(b):
            return NOTHING
        taint = frame.deep(a) | follows(frame.deep(b))
        kind = self.library_type(a) or self.library_type(b)
        if taint and a is not NOTHING:
            taint = frame.deep(a) | built(cleared(follows(frame.deep(b)), MASK["argument"]))
        if kind is not None:
            return (taint, INSTANCE, kind)
        return unknown(taint)

    def op_un(self, frame: Frame, ins: ir.Ins) -> None:
        """UN: `dst = op a`."""
        value = frame.registers[ins[3]]
        if ins[2] == "not":
            if value[1] == CONDITION:
                frame.registers[ins[1]] = guards.negate(value)
                return
            truth = truth_of(value)
            if truth is not None:
                frame.registers[ins[1]] = (0, CONST, not truth)
                return
            if value[1] == DERIVED and value[2][0] == "host":
                frame.registers[ins[1]] = guards.condition(((value, MASK["redirect"] | MASK["url"]),), ())
                return
            frame.registers[ins[1]] = NOTHING
            return
        folded = fold_unary(ins[2], value[2]) if value[1] == CONST else UNFOLDED
        frame.registers[ins[1]] = NOTHING if folded is UNFOLDED else (0, CONST, folded)

    # -- texts and containers -----------------------------------------------------------------------------------------

    def op_cat(self, frame: Frame, ins: ir.Ins) -> None:
        """CAT: a text of parts in order."""
        registers = frame.registers
        registers[ins[1]] = texts.concatenate(frame, [self.as_text(frame, registers[reg], ins[3]) for reg in ins[2]])

    def as_text(self, frame: Frame, value: Value, span: int) -> Value:
        """A value as it stands in a text: an object of the project by its own method."""
        value = grown_text(frame, value)
        owner = self.class_of_value(frame, value)
        if owner is not None:
            for name in ("__format__", "__str__", "__repr__"):
                method = self.program.method(owner, name)
                if method is not None:
                    return self.call_function(frame, (0, FUNCTION, (*method, value, ())), [], [], span)
        return value

    def op_make(self, frame: Frame, ins: ir.Ins) -> None:
        """MAKE: a list, tuple or set of elements."""
        registers = frame.registers
        kind = ins[2]
        items = {index: registers[reg] for index, reg in enumerate(ins[3])}
        owner = "builtins.list" if kind == "l" else "builtins.tuple" if kind == "t" else "builtins.set"
        registers[ins[1]] = frame.allocate(owner, items, len(items))

    def op_dict(self, frame: Frame, ins: ir.Ins) -> None:
        """DICT: a dictionary of pairs."""
        result = frame.allocate("builtins.dict", {})
        registers = frame.registers
        for key, value in ins[2]:
            if key == ir.NOREG:
                self.call_method(frame, result, "update", [registers[value]], [], ins[3], "")
            else:
                frame.set_item(result, registers[key], registers[value])
        registers[ins[1]] = result

    # -- types and markup ---------------------------------------------------------------------------------------------

    def op_cast(self, frame: Frame, ins: ir.Ins) -> None:
        """CAST: a value whose type is declared."""
        value = frame.registers[ins[2]]
        declared = self.annotated(frame, frame.module, ins[3])
        if declared is not None:
            if declared[1] == CONST:
                if value[0] and (value[1] == UNKNOWN or self.tables.language.types_hold):
                    value = NOTHING
            elif value[1] in (UNKNOWN, SYMBOL) or (value[1] == ARGUMENT and value[2][2] is None):
                if value[1] == ARGUMENT:
                    value = (value[0], ARGUMENT, (value[2][0], value[2][1], declared[2]))
                else:
                    value = (value[0], INSTANCE, declared[2])
        frame.registers[ins[1]] = value

    def op_markup(self, frame: Frame, ins: ir.Ins) -> None:
        """MARKUP: an element with its children, which it escapes."""
        taint = 0
        for reg in ins[4]:
            taint |= frame.deep(frame.registers[reg])
        frame.registers[ins[1]] = (cleared(taint, MASK["html"]), UNKNOWN, None) if taint else NOTHING


def _in_sum(value: Value, other: Value) -> Value:
    """One side of `a + b` in a language that joins texts with numbers: a number beside what is no number is a text."""
    is_number = value[1] == CONST and isinstance(value[2], int | float) and not isinstance(value[2], bool)
    if is_number and not (other[1] == CONST and isinstance(other[2], int | float)):
        return (value[0], CONST, str(value[2])) if other[0] or other[1] in (TEXT, CONST) else value
    return value


def truth_of(value: Value) -> bool | None:
    """Whether a condition is known to be true or false."""
    kind = value[1]
    if kind == CONST:
        return bool(value[2]) if not value[0] else None
    if kind in (FUNCTION, CLASS, MODULE):
        return True
    if kind == TEXT:
        return True if any(value[2]) else None
    if kind == CHOICE and value[2][0][0] != SYMBOLIC:
        truths = {bool(option) for _, option in value[2]}
        return truths.pop() if len(truths) == 1 else None
    return None
