"""Activations: running a function, a class body or a module body once."""

from typing import Any, Final

from custodiet.flow import native, patterns
from custodiet.flow.attributes import CONSTRAINED, cleared_by_default
from custodiet.flow.binding import Context
from custodiet.flow.exits import Exits
from custodiet.flow.frame import Frame
from custodiet.flow.program import KEYWORD_ONLY, POSITIONAL, REST, FunctionKey, Program
from custodiet.flow.status import NORMAL
from custodiet.flow.summary import CLEAN, Portable, Summary
from custodiet.flow.values import (
    ARGUMENT,
    CLASS,
    CONST,
    FULL,
    FUNCTION,
    INSTANCE,
    NONE,
    NOTHING,
    OBJECT,
    SYMBOL,
    UNKNOWN,
    ClassKey,
    Value,
)
from custodiet.source.ir import FUNCTION_GENERATOR, FUNCTION_STATIC

_CARRIERS: Final = frozenset(
    (
        "Path PurePath PosixPath Markup UploadFile Element DataFrame SecretStr EmailStr HttpUrl AnyUrl Any"
        " Dict List Text AnyStr Mapping Sequence Iterable"
    ).split()
)
"""Library classes whose objects are data themselves (a path, a text) rather than a service."""
_PROVIDED: Final = frozenset(("request", "self", "db", "session", "settings"))
"""Parameters of dependencies that no client fills."""


class Activations(Exits):
    """Runs of functions and bodies."""

    def __init__(self, program: Program, accepted: frozenset[tuple[str, str]]) -> None:
        super().__init__(program, accepted)
        self.analysed: set[FunctionKey] = set()
        self.incomplete: dict[FunctionKey, str] = {}
        """Functions that were not looked at as a whole, and why."""

    def frame_of(self, key: FunctionKey) -> Frame:
        """A new activation: slots, then a copy of each parameter as it came in, then temporaries."""
        function = self.program.function(key)
        size = len(function.inits) + function.temporaries + len(function.params)
        frame = Frame(key[0], key[1], function, [NOTHING] * size)
        frame.identifiers = self.program.modules[key[0]].identifiers
        frame.slots = len(function.inits)
        return frame

    def fill(self, frame: Frame) -> None:
        """Give constants and free names their values."""
        registers = frame.registers
        known = self.plain_names.setdefault(frame.module, {}) if frame.index and not frame.captured else {}
        for register, (kind, content) in enumerate(frame.function.inits):
            if kind == "c":
                registers[register] = (0, CONST, content)
            elif kind == "n":
                registers[register] = known.get(content) or self.free_name(frame, content)
            elif kind == "s":
                registers[register] = (0, SYMBOL, content)

    # -- functions ----------------------------------------------------------------------------------------------------

    def analyse(self, key: FunctionKey, context: Context, shapes: Any) -> Summary:
        """Run a function once for these shapes of its arguments."""
        self.analysed.add(key)
        frame = self.frame_of(key)
        frame.context = (context, shapes)
        function = frame.function
        for name in shapes:
            if isinstance(name, str):
                frame.captured[name[1:]] = self.entry_value(frame, shapes[name], name, ())
        if not frame.captured:
            for name, kept in self.program.captured.get(key, ()):
                frame.captured[name] = self.bring(frame, kept)
        self.fill(frame)
        for index, default in self.defaults.get(key, ()):
            if shapes.get(index) is None:
                frame.defaults[(index, ())] = self.bring(frame, default)
        for index, param in enumerate(function.params):
            value = self.parameter_value(frame, key, index, param, shapes)
            frame.registers[param.reg] = value
            frame.arguments[index] = value
            frame.registers[frame.slots + index] = value
        status = self.block(frame, function.body)
        if status == NORMAL:
            self.leave(frame, NONE, function.span)
        if not frame.is_complete:
            self.incomplete[key] = f"`{function.qualname}` is too large to be analysed as a whole"
            if not frame.exits:
                self.leave(frame, NOTHING, function.span)
        return self.summary_of(frame)

    def is_service(self, key: FunctionKey, index: int) -> bool:
        """Whether a parameter is declared to be an object of a library that is no data itself."""
        annotation = self.program.function(key).params[index].annotation
        declared = self.annotations.get((key[0], annotation)) if annotation is not None else None
        return declared is not None and isinstance(declared[2], str) and declared[2] not in self.tables.carriers

    def parameter_value(self, frame: Frame, key: FunctionKey, index: int, param: Any, shapes: Any) -> Value:
        """What a parameter starts with: what its annotation or the caller tells of it."""
        shape = shapes.get(index) if shapes else None
        if shape is not None:
            return self.entry_value(frame, shape, index, ())
        injected = self.injected(frame, key, index)
        if injected is not None:
            return self._as_declared(frame, key, injected, param.annotation)
        bits = FULL & ~self.constraint(key, index, param)
        value: Value = (frame.taint(("P", index, ()), bits), ARGUMENT, (index, (), None))
        if param.flag == REST:
            return (value[0], ARGUMENT, (index, (), None))
        entry = self.entries.found.get(key)
        if entry is not None:
            kind = entry.type_of(index, param.name)
            if kind and not self.tables.storing.isdisjoint(self.tables.lineage(kind)):
                return (value[0], ARGUMENT, (index, (), kind))
            if kind:
                return (0, INSTANCE, kind)
            if entry.rule.label == "argv" and (key[0], param.name) in self.harmless_options:
                return (0, ARGUMENT, (index, (), None))
        if param.annotation is not None:
            declared = self.annotated(frame, key[0], param.annotation)
            if declared is not None:
                if declared[1] == CONST:
                    return (0, ARGUMENT, (index, (), None))
                if isinstance(declared[2], str):
                    if self.tables.language.types_hold:
                        return (value[0], ARGUMENT, (index, (), declared[2]))
                    return (value[0] if declared[2].rpartition(".")[2] in _CARRIERS else 0, INSTANCE, declared[2])
                return (value[0], ARGUMENT, (index, (), declared[2]))
        function = frame.function
        if (
            index == 0
            and function.class_index >= 0
            and not function.flags & FUNCTION_STATIC
            and function.name != "<class>"
        ):
            return (value[0], ARGUMENT, (index, (), (key[0], function.class_index)))
        if (
            (param.annotation is None or not self.tables.language.builtins)
            and param.name in self.tables.language.parameters
            and not shapes
            and self.tables.language.parameters[param.name] in self.tables.classes
            and entry is None
        ):
            return (0, INSTANCE, self.tables.language.parameters[param.name])
        return value

    def constraint(self, key: FunctionKey, index: int, param: Any) -> int:
        """The dangers that a checked type or default (`Query(pattern="^[a-z]+$")`) ends for a parameter."""
        if param.annotation is None:
            return 0
        for position, default in self.defaults.get(key, ()):
            if position == index and default[1] == OBJECT and default[2][0] == CONSTRAINED:
                return cleared_by_default(default)
        return patterns.cleared_by_type(param.annotation)

    def _as_declared(self, frame: Frame, key: FunctionKey, value: Value, annotation: str | None) -> Value:
        """What a framework gives for a parameter, as an instance of the declared class if nothing else is known of it."""
        if value[1] == UNKNOWN and annotation is not None:
            declared = self.annotated(frame, key[0], annotation)
            if declared is not None and declared[1] == INSTANCE:
                return (value[0], INSTANCE, declared[2])
        return value

    def injected(self, frame: Frame, key: FunctionKey, index: int) -> Value | None:
        """What a framework gives for a parameter whose default is `Depends(f)`: what `f` returns for a request."""
        for position, default in self.defaults.get(key, ()):
            if position != index or not _is_dependency(default):
                continue
            function = dict(default[2][1]).get("dependency")
            target = self._declared_class(frame, key, index) if function is None else self.bring(frame, function)
            if target[1] == CLASS:
                method = self.program.method(target[2], "__init__")
                return self.call(frame, target, [], self._requested(frame, method) if method is not None else [], 0)
            if target[1] != FUNCTION:
                return None
            called = (target[2][0], target[2][1])
            result = self.call(frame, target, [], self._requested(frame, called), 0)
            return frame.elements(result) if self.program.function(called).flags & FUNCTION_GENERATOR else result
        return None

    def _declared_class(self, frame: Frame, key: FunctionKey, index: int) -> Value:
        """The project's class that a parameter is declared as: what `Depends()` means."""
        annotation = self.program.function(key).params[index].annotation
        declared = self.annotated(frame, key[0], annotation) if annotation is not None else None
        is_own = declared is not None and declared[1] == INSTANCE and isinstance(declared[2], tuple)
        return (0, CLASS, declared[2]) if declared is not None and is_own else NOTHING

    def _requested(self, frame: Frame, key: FunctionKey) -> list[tuple[str, Value]]:
        """What a framework takes from the request for the parameters of a dependency."""
        args: list[tuple[str, Value]] = []
        given = {index for index, default in self.defaults.get(key, ()) if _is_dependency(default)}
        for index, param in enumerate(self.program.function(key).params):
            if param.flag in (POSITIONAL, KEYWORD_ONLY) and param.name not in _PROVIDED and index not in given:
                source = ("S", key[0], param.span, "remote", f"parameter `{param.name}`", key[1])
                args.append((param.name, (frame.taint(source), UNKNOWN, None)))
        return args

    # -- modules and classes ------------------------------------------------------------------------------------------

    def environment(self, module: int) -> dict[str, Portable]:
        """The names of a module after its body ran; what is there so far while it runs."""
        program = self.program
        found = program.environments.get(module)
        if found is not None:
            return found
        running = program.running.get(module)
        if running is not None:
            return self.names_of(running)
        frame = self.frame_of((module, 0))
        program.running[module] = frame
        try:
            self.fill(frame)
            self.block(frame, frame.function.body)
        finally:
            del program.running[module]
        for kept, record in frame.heap.items():
            if isinstance(kept, tuple) and kept[0] == "class" and kept[1][0] == module:
                members = program.class_members.setdefault(kept[1], {})
                members.update((name, frame.export(value)) for name, value in record[1].items())
        environment = self.names_of(frame)
        for imported in self.star_imports.get(module, ()):
            for name, value in self.environment(imported).items():
                if not name.startswith("_"):
                    environment.setdefault(name, value)
        program.environments[module] = environment
        self.analysed.add((module, 0))
        return environment

    def names_of(self, frame: Frame) -> dict[str, Portable]:
        """The names that a body has bound so far, as they travel."""
        names = frame.function.names
        found: dict[str, Portable] = {}
        for register in range(len(names)):
            name = names[register]
            if name is not None and frame.function.inits[register][0] == "l":
                value = frame.registers[register]
                if value is not NOTHING:
                    found[name] = frame.export(value)
                else:
                    found.setdefault(name, CLEAN)
        return found

    def run_class_body(self, frame: Frame, key: ClassKey) -> None:
        """Run the body of a class; its names are the class attributes."""
        body = self.frame_of((key[0], self.program.class_of(key).body))
        if frame.index:
            for name, value in self.capture(frame, body.index):
                body.captured[name] = self.bring(body, frame.export(value))
        self.fill(body)
        self.block(body, body.function.body)
        self.program.class_members[key] = self.names_of(body)


def _is_dependency(default: Portable) -> bool:
    """Whether a framework puts something else in the place of this default."""
    return default[1] == OBJECT and bool(default[2][0] == native.DEPENDENCY)
