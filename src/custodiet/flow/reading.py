"""Reading: attributes, items, names and types of values, and bringing portable values into an activation."""

import builtins
from collections.abc import Callable
from typing import Any

from custodiet.flow.frame import EACH, FACTORY, Frame, restrict
from custodiet.flow.program import FunctionKey, Program
from custodiet.flow.summary import Origin, Portable, Summary
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
    SUPER,
    SYMBOL,
    TEXT,
    UNKNOWN,
    ClassKey,
    Value,
    cleared,
    constant,
    mask_of,
    seen,
)
from custodiet.knowledge.tables import Spec
from custodiet.source.ir import FUNCTION_CLASSMETHOD, FUNCTION_PROPERTY, FUNCTION_STATIC

Resolver = Callable[[Origin, int], int]

HARMLESS_TYPES = frozenset(
    "int float bool complex UUID uuid.UUID datetime date time timedelta datetime.datetime datetime.date Decimal"
    " decimal.Decimal datetime.time datetime.timedelta conint confloat PositiveInt NonNegativeInt PositiveFloat"
    " pydantic.PositiveInt pydantic.NonNegativeInt None UUID1 UUID4 pydantic.UUID4 IPvAnyAddress".split()
)
SHARED = "namespace.Namespace"
"""The class of objects that a framework shares between functions (`flask.g`)."""
BUILTINS = frozenset(dir(builtins))
_WRAPPERS = ("Optional", "Annotated", "Final", "ClassVar", "Required", "NotRequired", "Mapped", "Awaitable")


class Reader:
    """What reading needs: the program, and (from the layers above) calling and summarising."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.tables = program.tables
        self.field_taint: dict[tuple[ClassKey, str], dict[Origin, int]] = {}
        """Sources that some method stored in a field; read by all methods (second round)."""
        self.global_taint: dict[tuple[int, str], dict[Origin, int]] = {}
        self.star_libraries: dict[int, list[str]] = {}
        """Libraries that a module imports everything from."""
        self.field_readers: dict[str, set[tuple[ClassKey, FunctionKey]]] = {}
        """Who reads a field of this name, of an instance of which class."""
        self.harmless_options: set[tuple[int, str]] = set()
        """Options of a command line that are numbers, flags or choices."""
        self.global_readers: dict[tuple[int, str], set[FunctionKey]] = {}
        self._field_shapes: dict[tuple[ClassKey, str], Portable | None] = {}
        self._annotations: dict[tuple[int, str], Value | None] = {}

    # -- provided by the layers above -------------------------------------------------------------------------------

    def call(self, frame: Frame, target: Value, args: list[Value], kw: list[tuple[str, Value]], span: int) -> Value:
        """The result of calling `target`."""
        raise AssertionError(frame, target, args, kw, span)

    def general_summary(self, key: FunctionKey) -> Summary | None:
        """The summary of a function for unknown arguments; None while it is being computed."""
        raise AssertionError(key)

    def environment(self, module: int) -> dict[str, Portable]:
        """The names of a module after its body ran."""
        raise AssertionError(module)

    def read_at(self, frame: Frame, spec: Spec, target: Value, index: Value, span: int) -> None:
        """The sinks of reading an item."""
        raise AssertionError(frame, spec, target, index, span)

    # -- origins ----------------------------------------------------------------------------------------------------

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
        for key, bits in origins:
            if resolve is not None:
                taint |= resolve(key, bits)
            elif key[0] == "S":
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
            return (taint, DERIVED, (payload[0], self.bring(frame, payload[1], resolve)))
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
            kept_type = payload[2]
            if kept_type is not None and resolve is None:
                return self.typed(taint, kept_type)
            return (taint, UNKNOWN, None)
        return (taint, kind, payload)

    def typed(self, taint: int, kind: Any) -> Value:
        """An object of a known type: a library's class name or a project's class key."""
        if isinstance(kind, str):
            return (taint, INSTANCE, kind)
        return (taint, INSTANCE, kind)

    # -- names ------------------------------------------------------------------------------------------------------

    def global_value(self, frame: Frame, module: int, name: str) -> Value:
        """A free name of a module: its own, else a builtin."""
        running = self.program.running.get(module)
        if running is not None and running is not frame:
            found = _register_value(running, name)
            if found is not None:
                return self.bring(frame, running.export(found))
        else:
            portable = self.environment(module).get(name)
            if name in self.program.declared_global(module):
                self.global_readers.setdefault((module, name), set()).add((frame.module, frame.index))
            if portable is not None:
                value = self.bring(frame, portable)
                if value[1] == CONST and name in self.program.declared_global(module):
                    value = NOTHING
                extra = self.global_taint.get((module, name))
                if extra:
                    taint = value[0]
                    for key, bits in extra.items():
                        taint |= frame.taint(key, bits)
                    value = (taint, value[1], value[2])
                return value
        extra = self.global_taint.get((module, name))
        if extra:
            taint = 0
            for key, bits in extra.items():
                taint |= frame.taint(key, bits)
            return (taint, UNKNOWN, None)
        return self.unbound(module, name)

    def unbound(self, module: int, name: str) -> Value:
        """A name that nothing binds: a builtin, else what a forgotten or a star import of a library would bind."""
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

    def imported(self, frame: Frame, module_name: str, name: str | None, span: int) -> Value:
        """What an import statement binds."""
        program = self.program
        found = program.find_module(frame.module, module_name)
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

    def library_type(self, value: Value) -> str | None:
        """The library class that a value is an instance of, also in another form of it (a resolved path)."""
        while value[1] == DERIVED and value[2][0] in ("resolved", "same", "path", "url"):
            value = value[2][1]
        kind = value[2] if value[1] == INSTANCE else value[2][2] if value[1] == ARGUMENT else None
        return kind if isinstance(kind, str) else None

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
        submodule = program.by_name.get(f"{program.modules[module].name}.{name}")
        if submodule is not None and submodule != module:
            return (0, MODULE, submodule)
        loader = self.environment(module).get("__getattr__") if running is None else None
        if loader is not None:
            return NOTHING
        return (0, SYMBOL, f"{program.modules[module].name}.{name}")

    # -- types ------------------------------------------------------------------------------------------------------

    def annotated(self, frame: Frame, module: int, annotation: str) -> Value | None:
        """What an annotation says of a value: an INSTANCE of a class, a harmless constant-like value (taint 0 and kind
        CONST with payload None stands for "harmless"), or None if it says nothing."""
        key = (module, annotation)
        if key not in self._annotations or module in self.program.running:
            self._annotations[key] = self._annotated(frame, module, annotation)
        return self._annotations[key]

    def _annotated(self, frame: Frame, module: int, annotation: str) -> Value | None:
        text = annotation.strip().strip("\"'")
        if "|" in text and "[" not in text:
            options = [part.strip() for part in text.split("|") if part.strip() != "None"]
            if len(options) != 1:
                return constant(None) if all(option in HARMLESS_TYPES for option in options) else None
            text = options[0]
        head, bracket, inner = text.partition("[")
        short = head.rpartition(".")[2]
        if bracket and short in _WRAPPERS:
            return self._annotated(frame, module, _first(inner.rstrip("]")))
        if text in HARMLESS_TYPES:
            return constant(None)
        if bracket and short in ("Union", "Literal"):
            if short == "Literal":
                return constant(None)
            options = [part.strip() for part in inner.rstrip("]").split(",") if part.strip() != "None"]
            return self._annotated(frame, module, options[0]) if len(options) == 1 else None
        if not head or not all(part.isidentifier() for part in head.split(".")):
            return None
        value = self._named(frame, module, head)
        if value is None:
            return None
        if value[1] == CLASS:
            if any(base in ("enum.Enum", "enum.IntEnum", "enum.StrEnum") for base in self._library_bases(value[2])):
                return constant(None)
            return (0, INSTANCE, value[2])
        if value[1] in (SYMBOL, INSTANCE):
            name = value[2]
            if not isinstance(name, str) or name.startswith(("builtins.", "typing.")):
                return None
            return (0, INSTANCE, name)
        return None

    def _library_bases(self, key: ClassKey) -> tuple[str, ...]:
        return self.program.lineage(key)[1]

    def _named(self, frame: Frame, module: int, dotted: str) -> Value | None:
        first, *rest = dotted.split(".")
        value = self.global_value(frame, module, first)
        for name in rest:
            value = self.attribute(frame, value, name, 0)
        return value if value[1] in (CLASS, SYMBOL, INSTANCE) else None

    # -- attributes -------------------------------------------------------------------------------------------------

    def attribute(self, frame: Frame, target: Value, name: str, span: int) -> Value:  # noqa: C901, PLR0911, PLR0912 - one branch a kind
        """`target.name`."""
        taint, kind, payload = target
        if kind == SYMBOL:
            return self.symbol_attribute(frame, taint, f"{payload}.{name}", span)
        if kind == ARGUMENT:
            record = frame.heap.get(("P", payload[0], payload[1]))
            if record is not None and name in record[1]:
                return record[1][name]
            owner = payload[2]
            if owner is None:
                return frame.item_of_argument(target, name)
            if isinstance(owner, str):
                found = self.library_attribute(frame, target, owner, name, span)
                return frame.item_of_argument(target, name) if found is None else found
            return self.instance_attribute(frame, target, owner, name, span)
        if kind == OBJECT:
            record = frame.heap.get(payload)
            if record is None:
                return NOTHING
            found = record[1].get(name)
            if found is not None:
                return found
            owner = record[0]
            if isinstance(owner, tuple):
                return self.instance_attribute(frame, target, owner, name, span)
            if name in record[2] and self.program.modules[frame.module].language != "python":
                return record[2][name]  # a template reads an item as an attribute
            known = self.library_attribute(frame, target, owner, name, span)
            return (frame.deep(target), SYMBOL, f"{owner}.{name}") if known is None else known
        if kind == INSTANCE:
            if isinstance(payload, str):
                found = self.library_attribute(frame, target, payload, name, span)
                if found is None:
                    return (taint, SYMBOL, f"{payload}.{name}")
                return self.kept_attribute(frame, target, name, found) if found[0] else found
            return self.instance_attribute(frame, target, payload, name, span)
        if kind == MODULE:
            return self.module_attribute(frame, payload, name)
        if kind == CLASS:
            return self.class_attribute(frame, target, name, span)
        if kind == DERIVED:
            how = payload[0]
            if how == "url" and name in ("netloc", "hostname", "host", "authority", "domain"):
                return (taint, DERIVED, ("host", target))
            if how == "resolved" and name in ("parents", "parent"):
                return (taint, DERIVED, ("parents", target))
            if how == "path" and name == "suffix":
                return (taint, DERIVED, ("extension", target))
            spec = self.tables.wild_reads.get(name)
            if spec is not None and spec.sanitisers:
                return self.sanitised_read(spec, (taint, UNKNOWN, None))
            return (taint, UNKNOWN, None)
        if kind == SUPER:
            return self.super_attribute(frame, payload, name, span)
        if kind in (TEXT, CONST):
            return (taint, UNKNOWN, None)
        taint = seen(taint)  # an object that somebody made of the data, or found by it, is no longer the data
        return (taint, UNKNOWN, None) if taint else NOTHING

    def kept_attribute(self, frame: Frame, target: Value, name: str, value: Value) -> Value:
        """An attribute of a library's tainted object: read twice it is the same value."""
        owner = ("attribute", target[2], target[0])
        record = frame.heap.get(owner)
        if record is not None and name in record[1]:
            return record[1][name]
        attributes = record[1] if record is not None else {}
        frame.heap[owner] = (None, {**attributes, name: value}, {}, None, -1)
        return value

    def symbol_attribute(self, frame: Frame, taint: int, name: str, span: int) -> Value:
        """Reading the library name `name`, with the taint of what it is read from."""
        tables = self.tables
        spec = tables.reads.get(name)
        if spec is not None:
            if spec.source is not None:
                read = frame.reads.get(name)
                if read is None:
                    read = frame.reads[name] = self.source_taint(frame, spec, span)
                taint |= read
            if spec.sanitisers and taint:
                return self.sanitised_read(spec, (taint, SYMBOL, name))
        kind = tables.attributes.get(name)
        if kind is not None:
            return (taint, INSTANCE, kind)
        if not taint and name in self.program.by_name:
            return (0, MODULE, self.program.by_name[name])
        owner, _, member = name.rpartition(".")
        if spec is None and owner in tables.classes:
            canonical = tables.member(owner, member, "reads") or tables.member(owner, member, "calls")
            if canonical and canonical != name:
                return self.symbol_attribute(frame, taint, canonical, span)
        return (taint, SYMBOL, name)

    def sanitised_read(self, spec: Spec, value: Value) -> Value:
        """An attribute that is a harmless form of its owner, such as `Path.name`."""
        taint = value[0]
        for sanitiser in spec.sanitisers:
            taint = cleared(taint, mask_of(sanitiser.clears))
        return (taint, UNKNOWN, None)

    def library_attribute(self, frame: Frame, target: Value, owner: str, name: str, span: int) -> Value | None:
        """`target.name` where the target is an instance of a library's class; None if nothing is known of it."""
        kept = self.field_taint.get((owner, name))  # type: ignore[call-overload] # shared objects of a framework
        if owner == SHARED:
            self.field_readers.setdefault(name, set()).add((owner, (frame.module, frame.index)))  # type: ignore[arg-type] # as above
            if kept:
                taint = 0
                for origin, bits in kept.items():
                    taint |= frame.taint(origin, bits)
                return (taint, UNKNOWN, None)
        if owner == "argparse.Namespace" and (frame.module, name) in self.harmless_options:
            return NOTHING
        canonical = self.tables.member(owner, name, "reads")
        if canonical:
            return self.symbol_attribute(frame, target[0], canonical, span)
        canonical = self.tables.member(owner, name, "calls")
        if canonical:
            return (target[0], SYMBOL, canonical)
        return None

    def instance_attribute(self, frame: Frame, target: Value, owner: ClassKey, name: str, span: int) -> Value:
        """`target.name` where the target is an instance of a project's class and has no such attribute of its own."""
        program = self.program
        member = program.member(owner, name)
        if member is not None and member[1] == FUNCTION:
            return self.bound(frame, self.bring(frame, member), target, owner, span)
        if member is None:
            method = program.method(owner, name)
            if method is not None:
                return self.bound(frame, (0, FUNCTION, (*method, None, ())), target, owner, span)
        for base in program.lineage(owner)[1]:
            found = self.library_attribute(frame, target, base, name, span)
            if found is not None:
                return found
        shape = self.field_shape(owner, name)
        readers = self.field_readers.get(name)
        if readers is None:
            readers = self.field_readers[name] = set()
        readers.add((owner, (frame.module, frame.index)))
        taint = 0
        if self.field_taint:
            for current in program.lineage(owner)[0]:
                for key, bits in self.field_taint.get((current, name), {}).items():
                    taint |= frame.taint(key, bits)
        annotation = program.annotation(owner, name)
        declared = self.annotated(frame, annotation[0], annotation[1]) if annotation is not None else None
        if declared is not None and declared[1] == CONST:
            return NOTHING
        if shape is None and member is not None:
            shape = member
        if target[1] == ARGUMENT:
            value = frame.item_of_argument(target, name)
            if value[1] == ARGUMENT and value[2][2] is None:
                kind = _type_of(shape) if shape is not None else None
                if kind is None and declared is not None:
                    kind = declared[2]
                if kind is not None:
                    value = (value[0] | taint, ARGUMENT, (value[2][0], value[2][1], kind))
                    frame.set_attribute(target, name, value)
                    return value
                if shape is not None and shape[1] in (CONST, SYMBOL, CLASS, MODULE, FUNCTION, TEXT):
                    brought = self.bring(frame, shape)
                    if shape[1] == CONST:
                        value = (value[0] | taint, CONST, shape[2])
                    elif shape[1] == TEXT:
                        value = (value[0] | taint, value[1], value[2])
                    else:
                        value = (taint | brought[0] | (value[0] if shape[1] != CLASS else 0), brought[1], brought[2])
                    frame.set_attribute(target, name, value)
                    return value
                if shape is not None and shape[1] == OBJECT:
                    brought = self.bring(frame, shape)
                    value = (taint | value[0], OBJECT, brought[2])
                    frame.set_attribute(target, name, value)
                    return value
            return (value[0] | taint, value[1], value[2]) if taint else value
        if shape is not None:
            brought = self.bring(frame, shape)
            return (brought[0] | taint, brought[1], brought[2])
        if declared is not None:
            return (taint | target[0], INSTANCE, declared[2])
        rest = None
        if target[1] == OBJECT:
            record = frame.heap.get(target[2])
            rest = record[3] if record is not None else None
        if rest is not None:
            return (rest[0] | taint, rest[1], rest[2])
        return (taint | target[0], UNKNOWN, None)

    def field_shape(self, owner: ClassKey, name: str) -> Portable | None:
        """What the constructors of a class put into the field `name`, as seen from outside; None if unknown."""
        key = (owner, name)
        if key in self._field_shapes:
            return self._field_shapes[key]
        for current in self.program.lineage(owner)[0]:
            for method in ("__init__", "setUp", "setup", "__post_init__"):
                for declared, index in self.program.class_of(current).methods:
                    if declared != method:
                        continue
                    summary = self.general_summary((current[0], index))
                    if summary is None:
                        return None
                    for effect in summary.effects:
                        if effect.parameter == 0 and not effect.path and not effect.item and effect.key == name:
                            self._field_shapes[key] = effect.value
                            return effect.value
        self._field_shapes[key] = None
        return None

    def bound(self, frame: Frame, function: Value, target: Value, owner: ClassKey, span: int) -> Value:
        """A function found on a class, as read from an instance: a bound method, or the value of a property."""
        module, index, kept, captured = function[2]
        flags = self.program.modules[module].functions[index].flags
        if flags & FUNCTION_STATIC or kept is not None:
            return function
        if flags & FUNCTION_CLASSMETHOD:
            return (0, FUNCTION, (module, index, (0, CLASS, owner), captured))
        method = (0, FUNCTION, (module, index, target, captured))
        if flags & FUNCTION_PROPERTY:
            return self.call(frame, method, [], [], span)
        return method

    def class_attribute(self, frame: Frame, target: Value, name: str, span: int) -> Value:
        """`Class.name`."""
        owner: ClassKey = target[2]
        for current in self.program.lineage(owner)[0]:
            record = frame.heap.get(("class", current))
            if record is not None and name in record[1]:
                return record[1][name]
        member = self.program.member(owner, name)
        if member is not None:
            value = self.bring(frame, member)
            if value[1] != FUNCTION:
                return value
            module, index, _, captured = value[2]
            if self.program.modules[module].functions[index].flags & FUNCTION_CLASSMETHOD:
                return (0, FUNCTION, (module, index, target, captured))
            return value
        method = self.program.method(owner, name)
        if method is not None:
            if self.program.function(method).flags & FUNCTION_CLASSMETHOD:
                return (0, FUNCTION, (*method, target, ()))
            return (0, FUNCTION, (*method, None, ()))
        for base in self.program.lineage(owner)[1]:
            canonical = self.tables.member(base, name, "reads") or self.tables.member(base, name, "calls")
            if canonical:
                return self.symbol_attribute(frame, 0, canonical, span)
        libraries = self.program.lineage(owner)[1]
        if libraries:
            return (0, SYMBOL, f"{libraries[0]}.{name}")
        return NOTHING

    def super_attribute(self, frame: Frame, payload: tuple[ClassKey, Value], name: str, span: int) -> Value:
        """`super().name`."""
        owner, target = payload
        own, libraries = self.program.lineage(owner)
        for module, index in own[1:]:
            for method, function in self.program.modules[module].classes[index].methods:
                if method == name:
                    return self.bound(frame, (0, FUNCTION, (module, function, None, ())), target, owner, span)
        for base in libraries:
            found = self.library_attribute(frame, target, base, name, span)
            if found is not None:
                return found
        return (target[0], SYMBOL, f"{libraries[0] if libraries else 'builtins.object'}.{name}")

    # -- items ------------------------------------------------------------------------------------------------------

    def item(self, frame: Frame, target: Value, index: Value, span: int) -> Value:  # noqa: C901, PLR0911 - one branch a kind
        """`target[index]`."""
        taint, kind, payload = target
        key = index[2] if index[1] == CONST else None
        known = index[1] == CONST and isinstance(key, str | int | bytes | bool | float)
        if kind == OBJECT:
            record = frame.heap.get(payload)
            if record is None:
                return NOTHING
            owner, _, items, rest, length = record
            if isinstance(owner, tuple):
                method = self.program.method(owner, "__getitem__")
                if method is not None:
                    return self.call(frame, (0, FUNCTION, (*method, target, ())), [index], [], span)
            if known:
                if length >= 0 and isinstance(key, int) and key < 0:
                    key += length
                found = items.get(key)
                if found is not None:
                    return (found[0] | taint, found[1], found[2]) if taint else found
                if rest is not None:
                    # a value of its own, kept: a test of one item tells nothing of its neighbours
                    own: Value = (rest[0] | taint, rest[1], rest[2])
                    if len(items) < 64:
                        frame.heap[payload] = (owner, record[1], {**items, key: own}, rest, length)
                    return own
                factory = record[1].get(FACTORY)
                if factory is not None:
                    made = self.call(frame, factory, [], [], span)
                    frame.set_item(target, index, made)
                    return made
                return (taint, UNKNOWN, None) if taint else NOTHING
            return self.any_item(frame, target)
        if kind == ARGUMENT:
            if known:
                return frame.item_of_argument(target, ("k", key))
            return frame.item_of_argument(target, "[]")
        if kind in (SYMBOL, INSTANCE) and isinstance(payload, str):
            spec = self.tables.item_reads.get(payload)
            if spec is None:
                canonical = self.tables.member(payload, "", "item_reads")
                spec = self.tables.item_reads.get(canonical) if canonical else None
            if spec is not None and spec.source is not None:
                taint |= self.source_taint(frame, spec, span)
            if spec is not None and spec.sinks:
                self.read_at(frame, spec, target, index, span)
            return self.kept_item(frame, (payload, taint), key if known else None, self.type_of_items(payload))
        if kind == DERIVED and payload[0] == "split" and known:
            return (taint, DERIVED, ("extension", target)) if key in (-1, 1) else (taint, UNKNOWN, None)
        if known and isinstance(key, str):
            taint = seen(taint)  # a field of a record that was found by the data
        if not taint:
            return NOTHING
        if known and kind in (UNKNOWN, DERIVED):
            place = ("item of", id(target))
            record = frame.heap.get(place)
            if record is not None and key in record[2]:
                return record[2][key]
            items = record[2] if record is not None else {}
            value: Value = (taint, UNKNOWN, None)
            frame.heap[place] = (None, {"": target}, {**items, key: value}, None, -1)  # keeps the target, and so its id
            return value
        return (taint, UNKNOWN, None)

    def type_of_items(self, owner: str) -> str:
        """The library class of what stands under the keys of a library's object, `""` if unknown."""
        for base in self.tables.lineage(owner):
            kind = self.tables.attributes.get(f"{base}[]")
            if kind is not None:
                return kind
        return ""

    def kept_item(self, frame: Frame, owner: tuple[str, int], key: Any, kind: str = "") -> Value:
        """An item of a library's object (its name and taint): read twice under one constant key it is the same value,
        so that a test of the one speaks of the other."""
        taint = owner[1]
        if not taint and not kind:
            return NOTHING
        value: Value = (taint, INSTANCE, kind) if kind else (taint, UNKNOWN, None)
        if key is None:
            return value
        record = frame.heap.get(owner)
        if record is not None and key in record[2]:
            return record[2][key]
        items = record[2] if record is not None else {}
        frame.heap[owner] = (owner[0], {}, {**items, key: value}, None, -1)
        return value

    def any_item(self, frame: Frame, target: Value) -> Value:
        """The value under an unknown key or index."""
        record = frame.heap.get(target[2])
        if record is None:
            return NOTHING
        result = record[3]
        for item in record[2].values():
            result = item if result is None else frame.join(result, item)
        if result is None:
            return (target[0], UNKNOWN, None) if target[0] else NOTHING
        return (result[0] | target[0], result[1], result[2]) if target[0] else result

    # -- paths ------------------------------------------------------------------------------------------------------

    def at_path(self, frame: Frame, value: Value, path: tuple[Any, ...]) -> Value:
        """What stands at a path below an argument of a call, in the caller's activation."""
        for step in path:
            if isinstance(step, tuple):
                value = self.item(frame, value, constant(step[1]), 0)
            elif step == "[]":
                value = self.item(frame, value, NOTHING, 0) if value[1] != OBJECT else self.any_item(frame, value)
            elif step == EACH:
                value = frame.elements(value)
            elif step == "<bound>":
                value = value[2][2] if value[1] == FUNCTION and value[2][2] is not None else NOTHING
            elif step.startswith("~"):
                value = dict(value[2][3]).get(step[1:], NOTHING) if value[1] == FUNCTION else NOTHING
            elif value[1] == OBJECT and value[2] in frame.heap and step in frame.heap[value[2]][2]:
                value = frame.heap[value[2]][2][step]  # a template reads an item as an attribute
            else:
                value = self.attribute(frame, value, step, 0)
        return value

    def path_taint(self, frame: Frame, value: Value, path: tuple[Any, ...], bits: int) -> int:
        """The taint, limited to `bits`, of what stands at a path below an argument, with all it contains."""
        found = self.at_path(frame, value, path)
        return restrict(frame.deep(found), bits)


def _register_value(frame: Frame, name: str) -> Value | None:
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


def _type_of(shape: Portable) -> Any:
    """The class that a portable value is an instance of, or None."""
    if shape[1] == INSTANCE:
        return shape[2]
    if shape[1] == ARGUMENT:
        return shape[2][2]
    if shape[1] == OBJECT and isinstance(shape[2][0], tuple):
        return shape[2][0]
    if shape[1] == DERIVED:
        return _type_of(shape[2][1])
    return None


def _first(inner: str) -> str:
    depth = 0
    for index, character in enumerate(inner):
        if character in "[(":
            depth += 1
        elif character in "])":
            depth -= 1
        elif character == "," and depth == 0:
            return inner[:index]
    return inner


__all__ = ["Reader", "Resolver", "SYMBOL"]
