"""Binding: how the arguments of a call meet the parameters of a function, and what of them decides how it behaves.

The **shape** of an argument is what a callee's behaviour depends on apart from the taint: a constant, a class, a function. A
function has a summary for each combination of shapes (a context), or one if its arguments say nothing. `shape` and
`entry_value` are inverse: the one looks at an argument in the caller, the other makes the parameter in the callee.
"""

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from custodiet.flow.frame import Frame
from custodiet.flow.library import Library
from custodiet.flow.program import KEYWORD_ONLY, POSITIONAL, POSITIONAL_ONLY, REST, REST_BY_NAME, FunctionKey, Program
from custodiet.flow.summary import ParameterKey
from custodiet.flow.values import (
    ARGUMENT,
    CLASS,
    CONST,
    FULL,
    FUNCTION,
    INSTANCE,
    MODULE,
    NOTHING,
    OBJECT,
    SYMBOL,
    UNKNOWN,
    ClassKey,
    Value,
)
from custodiet.source.ir import FUNCTION_STATIC

Arguments = dict[ParameterKey, Value]
Context = tuple[Any, ...]
"""The shapes of a call, sorted by the parameters' names."""

_TEXT_SHAPE_CAP: Final = 60
_REST_CAP: Final = 8
_SMALL_BODY: Final = 12
_SMALL_SLOTS: Final = 20


class _Layout(NamedTuple):
    """The parameters of a function, as a call looks for them."""

    positional: list[int]
    names: dict[str, int]
    variable: int | None
    mapping: int | None


class Binding(Library):
    """Arguments and parameters."""

    def __init__(self, program: Program, accepted: frozenset[tuple[str, str]]) -> None:
        super().__init__(program, accepted)
        self.is_throwing = False
        """Whether exceptions of a callee are being handed on."""
        self._layouts: dict[FunctionKey, _Layout] = {}
        self._telling: dict[FunctionKey, bool] = {}
        self._unchanged_by: dict[tuple[FunctionKey, ClassKey], bool] = {}

    def bind(
        self, frame: Frame, key: FunctionKey, function: Any, args: Sequence[Value], kw: Sequence[tuple[str, Value]]
    ) -> Arguments:
        """Parameters of a call by index."""
        params = function.params
        found: Arguments = {}
        layout = self._layouts.get(key)
        if layout is None:
            layout = self._layouts[key] = _layout_of(params)
        positional, names, variable, mapping = layout
        values = list(args)
        loose: Value | None = None
        named: dict[str, Value] = {}
        unnamed: Value | None = None
        handed: Value | None = None
        spread: Value | None = None
        for name, value in kw:
            if name == "*":
                record = frame.heap.get(value[2]) if value[1] == OBJECT else None
                if record is not None and record[4] >= 0 and record[3] is None and loose is None:
                    values.extend(record[2].get(index, NOTHING) for index in range(record[4]))
                elif value[1] == ARGUMENT and spread is None:
                    spread = value  # `f(*args)` with what the caller gave: each position stands for itself
                else:
                    loose = frame.elements(value)
            elif name == "**":
                record = frame.heap.get(value[2]) if value[1] == OBJECT else None
                if record is not None:
                    named.update((key, item) for key, item in record[2].items() if isinstance(key, str))
                    if record[3] is not None:
                        unnamed = record[3]
                elif value[1] == ARGUMENT and handed is None:
                    handed = value  # `f(**kwargs)` with what the caller gave: each name stands for itself
                else:
                    unnamed = (frame.deep(value), UNKNOWN, None)
            else:
                named[name] = value
        for index, value in zip(positional, values, strict=False):
            found[index] = value
        extra = values[len(positional) :]
        if spread is not None:
            for offset, index in enumerate(positional[len(values) :]):
                item = frame.item_of_argument(spread, ("k", offset))
                if item[0]:
                    found[index] = item
        rest: dict[str, Value] = {}
        for name, value in named.items():
            if name in names:
                found[names[name]] = value
            else:
                rest[name] = value
        if handed is not None:
            for name, index in names.items():
                if index not in found:
                    item = frame.item_of_argument(handed, ("k", name))
                    if item[0]:
                        found[index] = item
        if loose is not None or unnamed is not None:
            for index in range(len(params)):
                if index not in found and params[index].flag not in (REST, REST_BY_NAME):
                    filler = unnamed
                    if loose is not None and params[index].flag != KEYWORD_ONLY:
                        filler = loose if unnamed is None else frame.join(loose, unnamed)
                    if filler is not None:
                        found[index] = filler
        if (
            variable is not None
            and spread is not None
            and not extra
            and loose is None
            and len(values) == len(positional)
        ):
            found[variable] = spread
        elif variable is not None and (extra or loose is not None or spread is not None):
            if spread is not None:
                loose = frame.elements(spread) if loose is None else frame.join(loose, frame.elements(spread))
            packed = frame.allocate("builtins.tuple", dict(enumerate(extra)), -1 if loose is not None else len(extra))
            if loose is not None:
                frame.set_item(packed, NOTHING, loose)
            found[variable] = packed
        if mapping is not None and handed is not None and not rest and unnamed is None:
            found[mapping] = handed
        elif mapping is not None and (rest or unnamed is not None or handed is not None):
            if handed is not None:
                kept = (frame.deep(handed), UNKNOWN, None)
                unnamed = kept if unnamed is None else frame.join(unnamed, kept)
            packed = frame.allocate("builtins.dict", dict(rest))
            if unnamed is not None:
                frame.set_item(packed, NOTHING, unnamed)
            found[mapping] = packed
        defaults = self.defaults.get(key)
        if defaults is not None:
            for index, default in defaults:
                if index not in found:
                    found[index] = self.bring(frame, default)
        return found

    def captured_now(
        self, frame: Frame, key: FunctionKey, captured: Sequence[tuple[str, Value]]
    ) -> list[tuple[str, Value]]:
        """The captured variables of a nested function: their values now if its parent is this activation."""
        function = self.program.function(key)
        if (frame.module, frame.index) != (key[0], function.parent):
            return list(captured)
        found = []
        names = frame.function.names
        for name, value in captured:
            current = value
            for register in range(len(names)):
                if names[register] == name:
                    current = frame.registers[register]
                    break
            found.append((name, current))
        return found

    # -- shapes -------------------------------------------------------------------------------------------------------

    def shape(self, frame: Frame, value: Value, depth: int) -> Any:
        """What of an argument decides how the callee behaves, apart from its taint; None if nothing does."""
        taint, kind, payload = value
        if kind == CONST:
            if taint:
                return None
            if isinstance(payload, str | bytes) and len(payload) > _TEXT_SHAPE_CAP:
                return None
            return ("c", type(payload).__name__, payload)
        if kind == SYMBOL and taint:
            return None
        if kind in (SYMBOL, INSTANCE, CLASS, MODULE):
            return (kind, payload)
        if kind == OBJECT:
            record = frame.heap.get(payload)
            if record is not None and isinstance(record[0], tuple):
                return (INSTANCE, record[0])
            return None
        if kind == ARGUMENT:
            return None if payload[2] is None else (INSTANCE, payload[2])
        if kind == FUNCTION and depth:
            return (
                FUNCTION,
                payload[0],
                payload[1],
                None if payload[2] is None else ("b", self.shape(frame, payload[2], depth - 1)),
                tuple((name, self.shape(frame, kept, depth - 1)) for name, kept in payload[3]),
            )
        return None

    def _shape_of_rest(self, frame: Frame, value: Value, flag: int) -> Any:
        """How many values `*args` holds, or which names `**kwargs` holds, if that is known."""
        record = frame.heap.get(value[2])
        if record is None or record[3] is not None or len(record[2]) > _REST_CAP:
            return None
        if flag == REST:
            return ("rest", "builtins.tuple", tuple(range(record[4]))) if record[4] >= 0 else None
        return ("rest", "builtins.dict", tuple(record[2])) if all(isinstance(key, str) for key in record[2]) else None

    def entry_value(self, frame: Frame, shape: Any, parameter: ParameterKey, path: tuple[Any, ...]) -> Value:
        """The value that a parameter of this shape starts with."""
        if shape is not None and shape[0] == "c":
            return (0, CONST, shape[2])
        if shape is not None and shape[0] == "rest":
            items = {key: self.entry_value(frame, None, parameter, (*path, ("k", key))) for key in shape[2]}
            return frame.allocate(shape[1], items, len(items) if shape[1] == "builtins.tuple" else -1)
        taint = frame.taint(("P", parameter, path), FULL)
        if shape is None:
            return (taint, ARGUMENT, (parameter, path, None))
        kind = shape[0]
        if kind == INSTANCE:
            return (taint, ARGUMENT, (parameter, path, shape[1]))
        if kind == FUNCTION:
            bound = None
            if shape[3] is not None:
                bound = self.entry_value(frame, shape[3][1], parameter, (*path, "<bound>"))
            captured = tuple(
                (name, self.entry_value(frame, kept, parameter, (*path, f"~{name}"))) for name, kept in shape[4]
            )
            return (0, FUNCTION, (shape[1], shape[2], bound, captured))
        return (taint if kind == SYMBOL else 0, kind, shape[1])

    def is_telling(self, key: FunctionKey) -> bool:
        """Whether constant arguments are worth a summary of their own: the function mentions a sink or a check, or is
        small.
        """
        found = self._telling.get(key)
        if found is None:
            function = self.program.function(key)
            small = len(function.body) <= _SMALL_BODY and len(function.inits) <= _SMALL_SLOTS
            found = self._telling[key] = small or not self.tables.anchors.isdisjoint(function.called)
        return found

    def is_known_anyway(self, key: FunctionKey, function: Any, name: ParameterKey, shape: Any) -> bool:
        """Whether the general summary assumes this shape already: `self` of its own class, or of a derived class that
        changes nothing which the method uses.
        """
        if name != 0 or shape[0] != INSTANCE or function.class_index < 0 or function.flags & FUNCTION_STATIC:
            return False
        own = (key[0], function.class_index)
        derived = shape[1]
        if derived == own:
            return True
        if not isinstance(derived, tuple):
            return False
        found = self._unchanged_by.get((key, derived))
        if found is None:
            lineage = self.program.lineage(derived)[0]
            between = lineage[: lineage.index(own)] if own in lineage else lineage
            changed = {
                member
                for owner in between
                for member in (
                    *self.program.class_members.get(owner, ()),
                    *(field for field, _ in self.program.class_of(owner).fields),
                )
            }
            found = self._unchanged_by[(key, derived)] = changed.isdisjoint(function.called)
        return found


def _layout_of(params: Sequence[Any]) -> _Layout:
    """Where the arguments of a call go."""
    return _Layout(
        [index for index, param in enumerate(params) if param.flag in (POSITIONAL, POSITIONAL_ONLY)],
        {param.name: index for index, param in enumerate(params) if param.flag in (POSITIONAL, KEYWORD_ONLY)},
        next((index for index, param in enumerate(params) if param.flag == REST), None),
        next((index for index, param in enumerate(params) if param.flag == REST_BY_NAME), None),
    )
