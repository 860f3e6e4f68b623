"""Functions of the project: a call binds its arguments, takes the summary of the callee and lets it act in the caller."""

from collections.abc import Sequence
from typing import Any, Final

from custodiet.flow.binding import Arguments, Binding
from custodiet.flow.containers import merged
from custodiet.flow.frame import Frame
from custodiet.flow.library import NEVER
from custodiet.flow.program import REST, REST_BY_NAME, FunctionKey
from custodiet.flow.site import Site
from custodiet.flow.summary import REBOUND, Origin, Origins, ParameterKey, Summary
from custodiet.flow.values import (
    ARGUMENT,
    CLASS,
    CONDITION,
    CONST,
    FUNCTION,
    INSTANCE,
    MODULE,
    NOTHING,
    OBJECT,
    SUPER,
    SYMBOL,
    UNKNOWN,
    ClassKey,
    Value,
    spread,
)
from custodiet.source.ir import FUNCTION_ABSTRACT, FUNCTION_GENERATOR, FUNCTION_STATIC

_IMPLEMENTATIONS: Final = 8
"""Methods that a call of a method without a body may run, at most."""


class Functions(Binding):
    """Calls of the project's functions and classes."""

    def call_function(
        self, frame: Frame, target: Value, args: Sequence[Value], kw: Sequence[tuple[str, Value]], span: int
    ) -> Value:
        """Calling a function of the project: bind, take its summary, let it act."""
        module, index, bound, captured = target[2]
        key = (module, index)
        function = self.program.modules[module].functions[index]
        if bound is not None and not function.flags & FUNCTION_STATIC:
            args = [bound, *args]
        if key in self.program.overloads or function.flags & FUNCTION_ABSTRACT:
            meant = self._meant(key, len(args))
            if meant != [key]:
                return self.all_of(frame, meant, captured, args, kw, span)
        return self._call_one(frame, key, captured, args, kw, span)

    def _meant(self, key: FunctionKey, count: int) -> list[FunctionKey]:
        """The methods that a call can run: the overloads that take so many arguments, and what implements them."""
        found: list[FunctionKey] = []
        for each in self.program.fitting(key, count):
            if self.program.function(each).flags & FUNCTION_ABSTRACT:
                found += self.program.implementations(each)[:_IMPLEMENTATIONS] or (each,)
            else:
                found.append(each)
        return found

    def all_of(
        self,
        frame: Frame,
        keys: Sequence[FunctionKey],
        captured: Any,
        args: Sequence[Value],
        kw: Sequence[tuple[str, Value]],
        span: int,
    ) -> Value:
        """What any of several methods may give."""
        result: Value | None = None
        for key in keys:
            value = self._call_one(frame, key, captured, args, kw, span)
            if value is not NEVER:
                result = value if result is None else frame.join(result, value)
        return NEVER if result is None else result

    def _call_one(
        self,
        frame: Frame,
        key: FunctionKey,
        captured: Any,
        args: Sequence[Value],
        kw: Sequence[tuple[str, Value]],
        span: int,
    ) -> Value:
        function = self.program.function(key)
        arguments = self.bind(frame, key, function, args, kw)
        for variable, value in self.captured_now(frame, key, captured):
            arguments[f"~{variable}"] = value
        self.called(frame, key, span)
        is_telling = self.is_telling(key)
        shapes: dict[ParameterKey, Any] = {}
        for name, value in arguments.items():
            kind = value[1]
            if isinstance(name, str):
                shapes[name] = self.shape(frame, value, 2)
                continue
            if kind == UNKNOWN or (kind == CONST and not is_telling):
                continue
            shape = self.shape(frame, value, 2)
            if shape is None and kind == OBJECT and function.params[name].flag in (REST, REST_BY_NAME):
                shape = self._shape_of_rest(frame, value, function.params[name].flag)
            if shape is not None and not self.is_known_anyway(key, function, name, shape):
                shapes[name] = shape
        context = tuple(sorted((str(name), shape) for name, shape in shapes.items())) if shapes else ()
        summary = self.summary(key, context, shapes)
        return self.apply(frame, key, summary, arguments)

    def construct(
        self, frame: Frame, target: Value, args: Sequence[Value], kw: Sequence[tuple[str, Value]], span: int
    ) -> Value:
        """A new instance of a project's class."""
        owner: ClassKey = target[2]
        libraries = self.program.lineage(owner)[1]
        if any(name in ("enum.Enum", "enum.IntEnum", "enum.StrEnum", "enum.Flag") for name in libraries):
            return NOTHING
        instance = frame.allocate(owner)
        method = self.program.method(owner, "__init__")
        if method is not None:
            member = self.program.member(owner, "__init__")
            function: Value = (0, FUNCTION, (*method, instance, ()))
            if member is not None and member[1] == FUNCTION:
                brought = self.bring(frame, member)
                function = (0, FUNCTION, (brought[2][0], brought[2][1], instance, brought[2][3]))
            if self.call_function(frame, function, args, kw, span) is NEVER:
                return NEVER
            return instance
        fields = self.program.fields(owner)
        after = self.program.method(owner, "__post_init__")
        for name, value in zip(fields, args, strict=False):
            frame.set_attribute(instance, name, self._declared(frame, owner, name, value))
        for name, value in kw:
            if name not in ("*", "**"):
                frame.set_attribute(instance, name, self._declared(frame, owner, name, value))
        if not fields or any(name in ("*", "**") for name, _ in kw):
            taint = 0
            for value in args:
                taint |= frame.deep(value)
            for _, value in kw:
                taint |= frame.deep(value)
            if taint and all(base.startswith("builtins.") for base in libraries):
                frame.set_item(instance, NOTHING, (taint, UNKNOWN, None))
        if after is not None:
            self.call_function(frame, (0, FUNCTION, (*after, instance, ())), [], [], span)
        for base in libraries:
            spec = self.tables.calls.get(base)
            if spec is not None and spec.sinks and self.program.method(owner, "find_class") is None:
                # an unpickler that decides itself which classes it builds is the documented defence
                self.library_call(frame, Site(frame, self.tables, base, args, kw, span), spec)
                break
        return instance

    def _declared(self, frame: Frame, owner: ClassKey, name: str, value: Value) -> Value:
        annotation = self.program.annotation(owner, name)
        if (
            annotation is not None
            and value[0]
            and any(base.startswith("pydantic.") for base in self.program.lineage(owner)[1])
        ):
            declared = self.annotated(frame, annotation[0], annotation[1])
            if declared is not None and declared[1] == CONST:
                return NOTHING
        return value

    def super_value(self, frame: Frame, args: Sequence[Value]) -> Value:
        """`super()` inside a method."""
        owner = frame.function.class_index
        if args and args[0][1] == CLASS and len(args) > 1:
            return (0, SUPER, (args[0][2], args[1]))
        if owner < 0 or not frame.function.params:
            return NOTHING
        return (0, SUPER, ((frame.module, owner), frame.registers[frame.function.params[0].reg]))

    # -- summaries ----------------------------------------------------------------------------------------------------

    def apply(self, frame: Frame, key: FunctionKey, summary: Summary, arguments: Arguments) -> Value:
        """Let a summary act in the caller; the result of the call."""
        found: dict[Origin, int] = {}
        known: dict[int, int] = {}

        def arrived(origin: Origin, bits: int) -> int:
            if origin[0] == "S":
                return frame.taint(origin, bits)
            taint = found.get(origin)
            if taint is None:
                value = arguments.get(origin[1])
                if value is None:
                    taint = 0
                elif not origin[2]:
                    taint = frame.deep(value)
                else:
                    taint = frame.deep(self.at_path(frame, value, origin[2]))
                found[origin] = taint
            return taint & spread(bits) if taint else 0

        def resolve(origins: Origins) -> int:
            taint = known.get(id(origins))
            if taint is None:
                taint = 0
                for origin, bits in origins:
                    taint |= arrived(origin, bits)
                known[id(origins)] = taint
            return taint

        for (use, origin), bits in summary.sinks.items():
            taint = arrived(origin, bits)
            if taint:
                self.reach(frame, use, taint)
        for effect in summary.effects:
            if isinstance(effect.parameter, tuple):
                value = self.result_value(frame, effect.value, arguments, resolve)
                self.store(frame, (0, CLASS, effect.parameter[1]), effect.key, value, 0)
                continue
            target = arguments.get(effect.parameter)
            if target is None:
                continue
            if effect.key == REBOUND:
                value = self.result_value(frame, effect.value, arguments, resolve)
                self._rebind(frame, str(effect.parameter)[1:], value, is_certain=effect.certain)
                continue
            target = self.at_path(frame, target, effect.path)
            if frame.key_of(target) is None:
                continue  # it keeps nothing
            value = self.result_value(frame, effect.value, arguments, resolve)
            if effect.item:
                if effect.key is None:
                    frame.set_item(target, NOTHING, value)
                else:
                    frame.set_item(target, (0, CONST, effect.key), value)
                continue
            record = frame.heap.get(frame.key_of(target))
            old = record[1].get(effect.key) if record is not None else None
            if value[1] == OBJECT:
                value = merged(frame, old if old is not None else NOTHING, value)
            if not effect.certain and old is not None and value[2] is not old[2]:
                value = frame.join(old, value)
            frame.set_attribute(target, effect.key, value)
        for parameter, mask in summary.clears.items():
            value = arguments.get(parameter, NOTHING)
            if value[0]:
                frame.clear(value, mask)
        if summary.thrown and not self.is_throwing:
            self.is_throwing = True  # reading what an exception holds may call properties that throw
            for exception in summary.thrown:
                frame.throw(self.result_value(frame, exception, arguments, resolve))
            self.is_throwing = False
        if not summary.returns:
            return NEVER
        function = self.program.function(key)
        result = self.result_value(frame, summary.result, arguments, resolve)
        if summary.clears_if_true or summary.clears_if_false:
            if result[1] in (UNKNOWN, CONST, SYMBOL) and not result[0]:
                if_true = tuple(
                    (arguments[name], mask) for name, mask in summary.clears_if_true.items() if name in arguments
                )
                if_false = tuple(
                    (arguments[name], mask) for name, mask in summary.clears_if_false.items() if name in arguments
                )
                if result[1] != CONST:
                    result = (0, CONDITION, (if_true, if_false))
        if (
            function.returns is not None
            and result[1] in (UNKNOWN, ARGUMENT)
            and not function.flags & FUNCTION_GENERATOR
        ):
            declared = self.annotated(frame, key[0], function.returns)
            if declared is not None:
                if declared[1] == CONST:
                    return (0, result[1], result[2]) if result[1] == UNKNOWN else result
                if result[1] == UNKNOWN:
                    result = (result[0], INSTANCE, declared[2])
        return result

    def _rebind(self, frame: Frame, name: str, value: Value, *, is_certain: bool) -> None:
        """A nested function gave a captured variable another value."""
        names = frame.function.names
        for register in range(len(names)):
            if names[register] == name:
                old = frame.registers[register]
                frame.registers[register] = value if is_certain else frame.join(old, value)

    def result_value(self, frame: Frame, portable: Any, arguments: Arguments, resolve: Any) -> Value:
        """A portable value of the callee in the caller; what was handed in comes back as itself."""
        origins, kind, payload = portable
        if kind == ARGUMENT:
            value = arguments.get(payload[0])
            if value is None:
                return NOTHING
            found = self.at_path(frame, value, payload[1])
            if found[1] in (OBJECT, FUNCTION, CLASS, MODULE):
                return found
            taint = resolve(origins)
            if taint == frame.deep(found):
                return found
            if found[1] == CONST:
                return found if not taint else (taint, UNKNOWN, None)
            return (taint, found[1], found[2])
        return self.bring(frame, portable, resolve)
