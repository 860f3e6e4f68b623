"""Exits: what a function leaves behind for its callers, gathered into a summary.

Each way out keeps the value, the writes to what was handed in and the tests that were passed; a summary says what they have
in common.
"""

from typing import Any

from custodiet.flow.frame import Frame
from custodiet.flow.interpret import Interpreter
from custodiet.flow.program import Program
from custodiet.flow.state import is_handed_in
from custodiet.flow.summary import (
    CLEAN,
    REBOUND,
    Effect,
    Exit,
    Leaving,
    Origin,
    ParameterKey,
    Portable,
    Summary,
    join_portable,
)
from custodiet.flow.values import ALL, ARGUMENT, CONDITION, CONST, NOTHING, OBJECT, UNKNOWN, Value, forms
from custodiet.source.ir import FUNCTION_GENERATOR


class Exits(Interpreter):
    """Ways out of functions."""

    def __init__(self, program: Program, accepted: frozenset[tuple[str, str]]) -> None:
        super().__init__(program, accepted)
        self.global_taint_next: dict[tuple[int, str], dict[Origin, int]] = {}
        """What the next round knows of `global_taint`."""

    def leave(self, frame: Frame, value: Value, span: int) -> None:
        """Record one way out: the value, the writes to what was handed in, the tests that were passed."""
        passed: dict[ParameterKey, int] = {}
        slots = frame.slots
        arguments = frame.arguments
        for index in range(len(frame.function.params)):
            original = frame.registers[slots + index]
            argument = arguments.get(index, NOTHING)
            if argument[0] and (original is not argument or argument[1] != ARGUMENT):
                gone = ALL & ~frame.bits(original[0], ("P", index, ()))
                if gone:
                    passed[index] = gone
        if_true: dict[ParameterKey, int] = {}
        if_false: dict[ParameterKey, int] = {}
        if value[1] == CONDITION:
            for clears, into in ((value[2][0], if_true), (value[2][1], if_false)):
                for tested, mask in clears:
                    for form in forms(tested):
                        for index in range(len(frame.function.params)):
                            if frame.registers[slots + index] is form:
                                into[index] = into.get(index, 0) | mask
        truth = bool(value[2]) if value[1] == CONST and not value[0] else None
        frame.exits.append(Leaving(span, frame.export(value), self._effects(frame), passed, truth, if_true, if_false))
        for name in frame.function.globals:
            self._keep_global(frame, name)

    def _keep_global(self, frame: Frame, name: str) -> None:
        names = frame.function.names
        for register in range(len(names)):
            if names[register] == name:
                taint = frame.deep(frame.registers[register])
                if taint:
                    for origin, bits in frame.export((taint, UNKNOWN, None))[0]:
                        if origin[0] == "S":
                            kept = self.global_taint_next.setdefault((frame.module, name), {})
                            kept[origin] = kept.get(origin, 0) | bits

    def _effects(self, frame: Frame) -> dict[tuple[Any, ...], Portable]:
        found: dict[tuple[Any, ...], Portable] = {}
        if frame.function.nonlocals:
            names = frame.function.names
            for register in range(len(names)):
                if names[register] in frame.function.nonlocals:
                    found[(f"~{names[register]}", (), False, REBOUND)] = frame.export(frame.registers[register], 2)
        for key, record in frame.heap.items():
            if isinstance(key, tuple) and key[0] == "class" and frame.index:
                for name, value in record[1].items():
                    if frame.deep(value):
                        found[(key, (), False, name)] = frame.export(value, 2)
                        self.keep_field(frame, key[1], name, value)
            if not (isinstance(key, tuple) and key[0] == "P"):
                continue
            _, parameter, path = key
            for name, value in record[1].items():
                if not is_handed_in(value, parameter, (*path, name)):
                    found[(parameter, path, False, name)] = frame.export(value, 2)
            for name, value in record[2].items():
                if not is_handed_in(value, parameter, (*path, ("k", name)), (*path, name)):
                    found[(parameter, path, True, name)] = frame.export(value, 2)
            if record[3] is not None:
                found[(parameter, path, True, None)] = frame.export(record[3], 2)
        return found

    def summary_of(self, frame: Frame) -> Summary:
        """The summary of an activation that has ended."""
        exits = frame.exits
        sinks = frame.sinks
        summary = Summary(sinks=dict(sorted(sinks.items(), key=_sink_order)) if len(sinks) > 1 else sinks)
        if frame.thrown:
            summary.thrown = [frame.export(value) for value in frame.thrown]
        if frame.function.flags & FUNCTION_GENERATOR:
            element = frame.export(frame.yielded) if frame.yielded is not None else CLEAN
            result: Portable = ((), OBJECT, ("builtins.list", (), (), element, -1))
            exits = exits or [Leaving(frame.function.span, CLEAN, {}, {}, None, {}, {})]
        elif exits:
            result = exits[0].value
            for other in exits[1:]:
                result = join_portable(result, other.value)
        else:
            summary.returns = False
            return summary
        summary.result = result
        summary.exits = [Exit(way.span, way.value) for way in exits]
        for key in dict.fromkeys(key for way in exits for key in way.effects):
            values = [way.effects[key] for way in exits if key in way.effects]
            value = values[0]
            for other_value in values[1:]:
                value = join_portable(value, other_value)
            summary.effects.append(Effect(key[0], key[1], key[2], key[3], value, len(values) == len(exits)))
        concerned = {index for way in exits for index in (*way.passed, *way.if_true, *way.if_false)}
        for index in sorted(concerned):
            every = ALL
            true = false = ALL
            for way in exits:
                gone = way.passed.get(index, 0)
                every &= gone
                if way.truth is not False:
                    true &= gone | way.if_true.get(index, 0)
                if way.truth is not True:
                    false &= gone | way.if_false.get(index, 0)
            if every:
                summary.clears[index] = every
            if all(way.truth is False for way in exits):
                true = 0
            if all(way.truth is True for way in exits):
                false = 0
            if true & ~every:
                summary.clears_if_true[index] = true
            if false & ~every:
                summary.clears_if_false[index] = false
        return summary


def _sink_order(item: Any) -> Any:
    (use, origin), _ = item
    return (use.module, use.span, use.kind, str(origin))
