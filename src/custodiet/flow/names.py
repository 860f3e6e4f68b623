"""Names: what a name, an import or an annotation stands for.

A name of a module is what its body left there, in values that travel; `bring` makes them values of an activation.
"""

import builtins
from collections.abc import Callable
from typing import Any, Final

from custodiet.flow.containers import BUILDER
from custodiet.flow.frame import Frame
from custodiet.flow.machine import Machine
from custodiet.flow.program import FunctionKey, Program
from custodiet.flow.summary import Origin, Origins, Portable
from custodiet.flow.values import (
    ARGUMENT,
    CLASS,
    CONST,
    DERIVED,
    FULL,
    FUNCTION,
    INSTANCE,
    MODULE,
    NOTHING,
    OBJECT,
    PARTIAL,
    SYMBOL,
    UNKNOWN,
    ClassKey,
    Value,
    constant,
    mask_of,
)
from custodiet.knowledge.tables import Spec

Resolver = Callable[[Origins], int]
"""The taint in the caller of origins in the callee."""

HARMLESS_TYPES: Final = frozenset(
    "int float bool complex UUID uuid.UUID datetime date time timedelta datetime.datetime datetime.date Decimal"
    " decimal.Decimal datetime.time datetime.timedelta conint confloat PositiveInt NonNegativeInt PositiveFloat"
    " pydantic.PositiveInt pydantic.NonNegativeInt None UUID1 UUID4 pydantic.UUID4 IPvAnyAddress".split()
)
BUILTINS: Final = frozenset(dir(builtins))
EXPORTS: Final = "module.exports"
"""The name of what a module hands out as a whole, in languages where it does."""
_LETTERS: Final = frozenset("byte char sbyte Byte Character Char System.Byte System.Char".split())
"""Types of which many are a text, though one is harmless."""
_NOTHING_TYPES: Final = frozenset(("None", "null", "undefined", "void"))
_PLAIN: Final = frozenset((CONST, SYMBOL, INSTANCE, CLASS, MODULE))
_WRAPPERS: Final = ("Optional", "Annotated", "Final", "ClassVar", "Required", "NotRequired", "Mapped", "Awaitable")


class Names(Machine):
    """What names mean."""

    def __init__(self, program: Program) -> None:
        super().__init__(program)
        self.global_taint: dict[tuple[int, str], dict[Origin, int]] = {}
        """Sources that some function stored in a global of a module; read by all functions (second round)."""
        self.global_readers: dict[tuple[int, str], set[FunctionKey]] = {}
        self.plain_names: dict[int, dict[str, Value]] = {}
        """Names of modules that stand for the same value in every activation, once they were looked up."""
        self.star_imports: dict[int, list[int]] = {}
        """Modules of the project that a module imports everything from."""
        self.star_libraries: dict[int, list[str]] = {}
        """Libraries that a module imports everything from."""
        self.star_namespaces: dict[int, list[str]] = {}
        """Namespaces that a module imports everything from."""
        self.annotations: dict[tuple[int, str], Value | None] = {}
        """What annotations of a module say, as far as they were asked for."""

    # -- values from elsewhere ----------------------------------------------------------------------------------------

    def source_taint(self, frame: Frame, spec: Spec, span: int) -> int:
        """The taint of a source that is read or called at `span`."""
        source = spec.source
        if source is None:
            return 0
        key = ("S", frame.module, span, source.label, source.what or spec.name, frame.index)
        return frame.taint(key, FULL & ~mask_of(source.cleared) if source.cleared else FULL)

    def bring(self, frame: Frame, value: Portable, resolve: Resolver | None = None) -> Value:
        """A portable value in this activation; `resolve` maps origins, None keeps sources and drops the caller's."""
        origins, kind, payload = value
        taint = 0
        if resolve is not None:
            taint = resolve(origins)
        else:
            for key, bits in origins:
                if key[0] == "S":
                    taint |= frame.taint(key, bits)
        if kind < OBJECT:
            return (taint, kind, payload)
        if kind == OBJECT:
            owner, attributes, items, rest, length = payload
            result = frame.allocate(owner, None, length)
            frame.heap[result[2]] = (
                owner,
                {name: self.bring(frame, field, resolve) for name, field in attributes},
                {name: self.bring(frame, field, resolve) for name, field in items},
                None if rest is None else self.bring(frame, rest, resolve),
                length,
            )
            return (taint, OBJECT, result[2])
        if kind == FUNCTION:
            module, index, bound, captured = payload
            return (
                taint,
                FUNCTION,
                (
                    module,
                    index,
                    None if bound is None else self.bring(frame, bound, resolve),
                    tuple((name, self.bring(frame, kept, resolve)) for name, kept in captured),
                ),
            )
        if kind == DERIVED:
            return (taint, DERIVED, (payload[0], self.bring(frame, payload[1], resolve), *payload[2:]))
        if kind == PARTIAL:
            return (
                taint,
                PARTIAL,
                (
                    self.bring(frame, payload[0], resolve),
                    tuple(self.bring(frame, item, resolve) for item in payload[1]),
                    tuple((name, self.bring(frame, item, resolve)) for name, item in payload[2]),
                ),
            )
        if kind == ARGUMENT:
            if payload[2] is not None and resolve is None:
                return (taint, INSTANCE, payload[2])
            return (taint, UNKNOWN, None)
        return (taint, kind, payload)

    # -- names --------------------------------------------------------------------------------------------------------

    def global_value(self, frame: Frame, module: int, name: str) -> Value:
        """A free name of a module: its own, else a builtin."""
        extra = self.global_taint.get((module, name))
        running = self.program.running.get(module)
        if running is not None and running is not frame:
            found = _register_value(running, name)
            if found is not None:
                return self.bring(frame, running.export(found))
        else:
            portable = self.environment(module).get(name)
            is_rebound = name in self.program.declared_global(module)
            if is_rebound:
                self.global_readers.setdefault((module, name), set()).add((frame.module, frame.index))
            if portable is not None:
                value = self.bring(frame, portable)
                if is_rebound:
                    if value[1] == CONST:
                        value = NOTHING
                elif not portable[0] and not extra and running is None and is_plain(value):
                    self.plain_names.setdefault(module, {})[name] = value
                return (value[0] | frame.taint_of(extra), value[1], value[2]) if extra else value
        if extra:
            return (frame.taint_of(extra), UNKNOWN, None)
        return self.elsewhere(module, name)

    def elsewhere(self, module: int, name: str) -> Value:
        """A name that the module does not bind: a class of its namespace or of one that it imports, else `unbound`."""
        if self.tables.language.shares_namespaces:
            for start in (self.program.modules[module].name, *self.star_namespaces.get(module, ())):
                namespace = start
                while namespace:
                    found = self.declared_class(namespace, name)
                    if found is not None:
                        return found
                    namespace = namespace.rpartition(".")[0]
        return self.unbound(module, name)

    def declared_class(self, namespace: str, name: str) -> Value | None:
        """The class `name` of a namespace of the project, its file run; None if there is none."""
        key = self.program.declared_class(namespace, name)
        if key is None:
            return None
        if key[0] not in self.program.running:
            self.environment(key[0])
        return (0, CLASS, key)

    def unbound(self, module: int, name: str) -> Value:
        """A name that nothing binds: a builtin, else what a forgotten or a star import of a library would bind."""
        if not self.tables.language.builtins:
            tables = self.tables
            for library in self.star_libraries.get(module, ()):
                if tables.is_known(f"{library}.{name}"):
                    return (0, SYMBOL, f"{library}.{name}")
            kind = tables.language.parameters.get(name, "")
            if kind.startswith("custodiet.web.") and kind in tables.classes:
                return (0, INSTANCE, kind)  # a piece of a handler, without the function around it
            return (0, SYMBOL, tables.usual.get(name, name))
        if name in ("__file__", "__name__", "__doc__"):
            return NOTHING
        if name not in BUILTINS:
            for library in self.star_libraries.get(module, ()):
                return (0, SYMBOL, f"{library}.{name}")
            if name in self.tables.packages:
                return (0, SYMBOL, name)
            if name == "request" and "custodiet.web.Request" in self.tables.classes:
                return (0, INSTANCE, "custodiet.web.Request")
        return (0, SYMBOL, f"builtins.{name}" if name in BUILTINS else name)

    def free_name(self, frame: Frame, name: str) -> Value:
        """A free name: captured from an enclosing function, else the module's, else a builtin."""
        value = frame.captured.get(name)
        if value is not None:
            return value
        if frame.index == 0:
            for module in self.star_imports.get(frame.module, ()):
                found = self.environment(module).get(name)
                if found is not None:
                    return self.bring(frame, found)
            return self.elsewhere(frame.module, name)
        return self.global_value(frame, frame.module, name)

    def imported(self, frame: Frame, module_name: str, name: str | None, span: int) -> Value:
        """What an import statement binds."""
        program = self.program
        if self.tables.language.shares_namespaces and name is not None:
            return self._from_namespace(frame, module_name, name, span)
        found = program.find_module(frame.module, module_name)
        if self.members_are_items and name in (None, "default"):
            return self._exported(frame, found, module_name, name)
        if found is None:
            full = module_name if name is None else f"{module_name}.{name}"
            if name is not None:
                submodule = program.find_module(frame.module, full)
                if submodule is not None:
                    return (0, MODULE, submodule)
                return self.symbol_attribute(frame, 0, full, span)
            return (0, SYMBOL, full)
        if name is None:
            return (0, MODULE, found)
        return self.module_attribute(frame, found, name)

    def _from_namespace(self, frame: Frame, namespace: str, name: str, span: int) -> Value:
        """A class of a namespace, or a static member of a class: of the project, else of a library."""
        found = self.declared_class(namespace, name)
        if found is not None:
            return found
        outer, _, owner = namespace.rpartition(".")
        holder = self.declared_class(outer, owner)
        if holder is not None:
            return self.attribute(frame, holder, name, span)
        return self.symbol_attribute(frame, 0, f"{namespace}.{name}", span)

    def _exported(self, frame: Frame, module: int | None, name: str, what: str | None) -> Value:
        """What a module exports as a whole."""
        if module is None:
            return (0, SYMBOL, name)
        environment = self.environment(module)
        for export in ("default", EXPORTS) if what else (EXPORTS,):
            if export in environment:
                return self.bring(frame, environment[export])
        return (0, MODULE, module)

    def module_attribute(self, frame: Frame, module: int, name: str) -> Value:
        """`module.name`: a name of its body, else a submodule."""
        program = self.program
        running = program.running.get(module)
        if running is not None:
            value = _register_value(running, name)
            if value is not None:
                return value if running is frame else self.bring(frame, running.export(value))
        elif name in self.environment(module):
            return self.global_value(frame, module, name)
        elif EXPORTS in self.environment(module):
            return self.attribute(frame, self.bring(frame, self.environment(module)[EXPORTS]), name, 0)
        submodule = program.by_name.get(f"{program.modules[module].name}.{name}")
        if submodule is not None and submodule != module:
            return (0, MODULE, submodule)
        loader = self.environment(module).get("__getattr__") if running is None else None
        if loader is not None:
            return NOTHING
        return (0, SYMBOL, f"{program.modules[module].name}.{name}")

    # -- types --------------------------------------------------------------------------------------------------------

    def annotated(self, frame: Frame, module: int, annotation: str) -> Value | None:
        """What an annotation says of a value: an INSTANCE of a class, a harmless constant-like value (taint 0 and kind
        CONST with payload None stands for "harmless"), or None if it says nothing.
        """
        key = (module, annotation)
        if key not in self.annotations or module in self.program.running:
            self.annotations[key] = self._annotated(frame, module, annotation)
        return self.annotations[key]

    def _annotated(self, frame: Frame, module: int, annotation: str) -> Value | None:
        text = annotation.strip().strip("\"'")
        harmless = self.tables.harmless
        if "|" in text and "[" not in text:
            options = [part.strip() for part in text.split("|") if part.strip() not in _NOTHING_TYPES]
            if len(options) != 1:
                is_harmless = all(option in HARMLESS_TYPES or option in harmless for option in options)
                return constant(None) if is_harmless else None
            text = options[0]
        head, bracket, inner = text.partition("[")
        short = head.rpartition(".")[2]
        if bracket and short in _WRAPPERS:
            return self._annotated(frame, module, _first(inner.rstrip("]")))
        if text in HARMLESS_TYPES or text in harmless:
            return constant(None)
        if bracket and short in ("Union", "Literal"):
            if short == "Literal":
                return constant(None)
            options = [part.strip() for part in inner.rstrip("]").split(",") if part.strip() != "None"]
            return self._annotated(frame, module, options[0]) if len(options) == 1 else None
        if bracket and self.tables.language.types_hold:
            owner = "builtins.list" if head == "list" else self._core_type(frame, module, head)
            if owner in ("builtins.list", "builtins.set"):
                element = _first(inner[:-1])
                if element not in _LETTERS and self._annotated(frame, module, element) == constant(None):
                    return constant(None)
        if not head or not all(part.isidentifier() for part in head.split(".")):
            return None
        value = self._named(frame, module, head)
        if value is None:
            return None
        if value[1] == CLASS:
            libraries = self.program.lineage(value[2])[1]
            if any(base in ("enum.Enum", "enum.IntEnum", "enum.StrEnum") or base in harmless for base in libraries):
                return constant(None)
            return (0, INSTANCE, value[2])
        if value[1] in (SYMBOL, INSTANCE):
            name = value[2]
            if not isinstance(name, str) or name.startswith(("builtins.", "typing.")):
                return None
            if name in harmless:
                return constant(None)
            if self.has_aliases:
                core = self.tables.means.get(name)
                if core is not None and core.means != BUILDER:
                    return None
                name = BUILDER if core is not None else name
            if not self.tables.language.builtins and "." not in name and not self.tables.is_known(name):
                return None
            return (0, INSTANCE, name)
        return None

    def _core_type(self, frame: Frame, module: int, head: str) -> str:
        """The type of the core that a type of the language is, empty if it is none."""
        value = self._named(frame, module, head) if all(part.isidentifier() for part in head.split(".")) else None
        alias = self.tables.means.get(value[2]) if value is not None and value[1] == SYMBOL else None
        return alias.means if alias is not None else ""

    def _named(self, frame: Frame, module: int, dotted: str) -> Value | None:
        first, *rest = dotted.split(".")
        value = self.global_value(frame, module, first)
        for name in rest:
            value = self.attribute(frame, value, name, 0)
        return value if value[1] in (CLASS, SYMBOL, INSTANCE) else None

    def library_type(self, value: Value) -> str | None:
        """The library class that a value is an instance of, also in another form of it (a resolved path)."""
        while value[1] == DERIVED:
            if len(value[2]) > 2:
                return str(value[2][2])
            if value[2][0] not in ("resolved", "same", "path", "url"):
                return None
            value = value[2][1]
        kind = value[2] if value[1] == INSTANCE else value[2][2] if value[1] == ARGUMENT else None
        return kind if isinstance(kind, str) else None

    def class_of_value(self, frame: Frame, value: Value) -> ClassKey | None:
        """The project's class that the value is an instance of."""
        owner: Any = None
        if value[1] == OBJECT:
            record = frame.heap.get(value[2])
            owner = record[0] if record is not None else None
        elif value[1] == INSTANCE:
            owner = value[2]
        elif value[1] == ARGUMENT:
            owner = value[2][2]
        return owner if isinstance(owner, tuple) else None


def is_builtin_kind(name: str, base: str) -> bool:
    """Whether the builtin class `name` derives from the builtin class `base`."""
    first = getattr(builtins, name.removeprefix("builtins."), None)
    second = getattr(builtins, base.removeprefix("builtins."), None)
    return isinstance(first, type) and isinstance(second, type) and issubclass(first, second)


def is_plain(value: Value) -> bool:
    """Whether a value without taint means the same in every activation: it is no place and holds no other value."""
    kind, payload = value[1], value[2]
    if kind == FUNCTION:
        return payload[2] is None and not payload[3]
    return kind in _PLAIN


def _register_value(frame: Frame, name: str) -> Value | None:
    """What a name of a body that is being run holds now; None if it is not bound yet."""
    names = frame.function.names
    for index in range(len(names)):
        if names[index] == name:
            value = frame.registers[index]
            init = frame.function.inits[index]
            if init[0] == "l" and value is NOTHING:
                continue
            if init[0] in ("l", "p"):
                return value
    return None


def _first(inner: str) -> str:
    """The first of the types between brackets."""
    depth = 0
    for index, character in enumerate(inner):
        if character in "[(":
            depth += 1
        elif character in "])":
            depth -= 1
        elif character == "," and depth == 0:
            return inner[:index]
    return inner
