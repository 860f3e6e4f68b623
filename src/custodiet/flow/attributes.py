"""Attributes: what `target.name` is, for every kind of target.

An instance of the project's class has what was stored in it, else a member of its class or of the bases, else what the
constructor puts there; a library's object has what the knowledge says.
"""

import re
from typing import Any, Final

from custodiet.flow import patterns
from custodiet.flow.containers import AS_MADE, CONTAINERS
from custodiet.flow.frame import Frame
from custodiet.flow.names import Names
from custodiet.flow.program import FunctionKey, Program
from custodiet.flow.summary import Origin, Portable
from custodiet.flow.values import (
    ARGUMENT,
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
    SUPER,
    SYMBOL,
    TEXT,
    UNKNOWN,
    ClassKey,
    Value,
    cleared,
    mask_of,
    seen,
    unknown,
)
from custodiet.knowledge.tables import Spec
from custodiet.source.ir import FUNCTION_CLASSMETHOD, FUNCTION_PROPERTY, FUNCTION_STATIC
from custodiet.source.languages import TEMPLATE_ENGINES

SHARED: Final = "namespace.Namespace"
"""The class of objects that a framework shares between functions (`flask.g`)."""
CONSTRAINED: Final = "pydantic.fields.FieldInfo"
"""The class of defaults that say which texts a parameter or field takes."""
_PROPERTY_DEPTH: Final = 3
_TESTING: Final = frozenset(("startswith", "endswith", "isdigit", "isalnum", "isalpha", "replace", "split"))
"""Methods of a text that tell or change something: read to be called, they are no form of the text."""
_COLLECTED: Final = 3
"""Sources from which on a member of a class is a store of many things, of which nobody knows what comes out."""
FieldOwner = ClassKey | str
"""Whose field it is: a project's class, or SHARED."""
_MARK: Final = re.compile(r",\s*([A-Za-z_][\w.]*)")
"""What stands beside a type in `Annotated[...]`."""


class Attributes(Names):
    """Reading attributes."""

    def __init__(self, program: Program) -> None:
        super().__init__(program)
        self.field_taint: dict[tuple[FieldOwner, str], dict[Origin, int]] = {}
        """Sources that some method stored in a field; read by all methods (second round)."""
        self.field_readers: dict[str, set[tuple[FieldOwner, FunctionKey]]] = {}
        """Who reads a field of this name, of an instance of which class."""
        self.defaults: dict[FunctionKey, tuple[tuple[int, Portable], ...]] = {}
        """Default values of parameters, once the definition was run."""
        self._ready: set[ClassKey] = set()
        self._field_shapes: dict[tuple[ClassKey, str], Portable | None] = {}
        self._reading: dict[FunctionKey, int] = {}
        """How many reads of a property are under way."""
        self._field_defaults: dict[tuple[ClassKey, str], Portable] = {}
        """Constants that constructors put into fields unless they are told otherwise."""

    def attribute(self, frame: Frame, target: Value, name: str, span: int) -> Value:
        """`target.name`."""
        taint, kind, payload = target
        if not self.tables.language.builtins and name in self.tables.wild_reads and name not in _TESTING:
            form = self.tables.wild_reads[name]
            if form.sanitisers and self.class_of_value(frame, target) is None and (taint or kind in (OBJECT, TEXT)):
                return self.sanitised_read(form, (frame.deep(target), UNKNOWN, None))
        if kind == SYMBOL:
            read = self.symbol_attribute(frame, taint, f"{payload}.{name}", span)
            kept = taint and self.members_are_items and read[1] == SYMBOL
            return self.kept_attribute(frame, target, name, read) if kept else read
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
            if name in record[2] and self.program.modules[frame.module].language in TEMPLATE_ENGINES:
                return record[2][name]  # a template reads an item as an attribute
            if self.members_are_items and owner == "builtins.dict":
                if name in record[2]:
                    return record[2][name]
                if name not in self.tables.core_members:
                    return record[3] if record[3] is not None else unknown(taint)
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
            if how == "url" and name.lower() in ("netloc", "hostname", "host", "authority", "domain"):
                return (taint, DERIVED, ("host", target))
            if how == "resolved" and name in ("parents", "parent"):
                return (taint, DERIVED, ("parents", target))
            if how == "address" and name.startswith("is_"):
                cleared_by = ((target, MASK["url"]),)
                return (
                    0,
                    CONDITION,
                    (cleared_by if name == "is_global" else (), cleared_by if name == "is_private" else ()),
                )
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
        return unknown(taint)

    # -- of libraries -------------------------------------------------------------------------------------------------

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
        kept = self.field_taint.get((owner, name))
        if owner == SHARED:
            self.field_readers.setdefault(name, set()).add((owner, (frame.module, frame.index)))
            if kept:
                return (frame.taint_of(kept), UNKNOWN, None)
        if owner == "argparse.Namespace" and (frame.module, name) in self.harmless_options:
            return NOTHING
        canonical = self.tables.member(owner, name, "reads")
        if canonical:
            return self.symbol_attribute(frame, target[0], canonical, span)
        canonical = self.tables.member(owner, name, "calls")
        if canonical:
            return (target[0], SYMBOL, canonical)
        return None

    def kept_attribute(self, frame: Frame, target: Value, name: str, value: Value) -> Value:
        """An attribute of a library's tainted object: read twice it is the same value."""
        owner = ("attribute", target[2], target[0])
        record = frame.heap.get(owner)
        if record is not None and name in record[1]:
            return record[1][name]
        attributes = record[1] if record is not None else {}
        frame.heap[owner] = (None, {**attributes, name: value}, {}, None, -1)
        return value

    # -- of the project's classes -------------------------------------------------------------------------------------

    def instance_attribute(self, frame: Frame, target: Value, owner: ClassKey, name: str, span: int) -> Value:
        """`target.name` where the target is an instance of a project's class and has no such attribute of its own."""
        program = self.program
        if self.tables.language.shares_namespaces:
            self._run_bodies(owner)
        member = program.member(owner, name)
        is_apart = self.tables.language.methods_apart and program.annotation(owner, name) is not None
        if is_apart and member is not None and member[1] == FUNCTION:
            member = None
        if member is not None and member[1] == FUNCTION:
            return self.bound(frame, self.bring(frame, member), target, owner, span)
        if member is None and not is_apart:
            method = program.method(owner, name)
            if method is not None:
                return self.bound(frame, (0, FUNCTION, (*method, None, ())), target, owner, span)
        for base in program.lineage(owner)[1]:
            found = self.library_attribute(frame, target, base, name, span)
            if found is not None:
                return found
        if self.tables.language.shares_namespaces and member is None and program.annotation(owner, name) is None:
            found = self.elsewhere(frame.module, name)  # a name that no class declares is that of a type
            if found[1] == CLASS or (found[1] == SYMBOL and (found[2] != name or name in self.tables.packages)):
                return found
        shape = self.field_shape(owner, name)
        self.field_readers.setdefault(name, set()).add((owner, (frame.module, frame.index)))
        taint = 0
        if self.field_taint:
            for current in program.lineage(owner)[0]:
                stored = self.field_taint.get((current, name))
                if stored:  # what another file puts into an object's field is not followed to all objects of the class
                    taint |= frame.taint_of({key: bits for key, bits in stored.items() if key[1] == current[0]})
        if shape is None and member is not None and member[1] == CONST and not taint:
            if self.tables.language.methods_apart:
                return (0, CONST, member[2])  # a member of the class, of which no instance has its own
        annotation = program.annotation(owner, name)
        declared = self.annotated(frame, annotation[0], annotation[1]) if annotation is not None else None
        if target[1] == ARGUMENT:
            usual = self._field_defaults.get((owner, name)) if declared is None else member
            if usual is not None and usual[1] == CONST:
                frame.defaults[(target[2][0], (*target[2][1], name))] = (0, CONST, usual[2])
        if declared is not None and declared[1] == CONST:
            return (0, ARGUMENT, (target[2][0], (*target[2][1], name), None)) if target[1] == ARGUMENT else NOTHING
        if annotation is not None and annotation[1].startswith("Annotated["):
            marked = self._marked(frame, annotation, name, span)
            if marked:
                filled: Value = (taint | marked, UNKNOWN, None)
                if declared is not None:
                    filled = (taint | marked, INSTANCE, declared[2])
                frame.set_attribute(target, name, filled)
                return filled
        if shape is None and member is not None:
            shape = member
        if target[1] == ARGUMENT:
            value = frame.item_of_argument(target, name)
            if annotation is not None:
                proved = patterns.cleared_by_type(annotation[1])
                if shape is not None and shape[1] == OBJECT and shape[2][0] == CONSTRAINED:
                    proved, shape = cleared_by_default(shape), None
                if proved:
                    value = (cleared(value[0], proved), value[1], value[2])
                    frame.set_attribute(target, name, value)
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
                if shape is not None and _is_empty_container(shape):
                    value = (value[0] | taint, ARGUMENT, (value[2][0], value[2][1], shape[2][0]))
                    frame.set_attribute(target, name, value)
                    return value
                if shape is not None and shape[1] == OBJECT:
                    brought = self.bring(frame, shape)
                    value = (taint | value[0], OBJECT, brought[2])
                    made = frame.heap[brought[2]]
                    if made[0] in CONTAINERS:
                        frame.heap[brought[2]] = (made[0], {**made[1], AS_MADE: NOTHING}, *made[2:])
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

    def _marked(self, frame: Frame, annotation: tuple[int, str], name: str, span: int) -> int:
        """The taint of a field that is filled from outside, as a mark in its declared type says."""
        for mark in _MARK.findall(annotation[1]):
            value = self.global_value(frame, annotation[0], mark)
            spec = self.tables.reads.get(value[2]) if value[1] == SYMBOL else None
            if spec is not None and spec.source is not None:
                key = f"{value[2]} {name}"
                read = frame.reads.get(key)
                if read is None:
                    read = frame.reads[key] = self.source_taint(frame, spec, span)
                return read
        return 0

    def _run_bodies(self, owner: ClassKey) -> None:
        """Run the files that declare a class and its bases: a file is named without its body having run."""
        if owner in self._ready:
            return
        self._ready.add(owner)
        self.environment(owner[0])
        for module, _ in self.program.lineage(owner)[0]:
            self.environment(module)

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
                            self._note_default(key, (current[0], index), effect.value)
                            return effect.value
        self._field_shapes[key] = None
        return None

    def _note_default(self, field: tuple[ClassKey, str], constructor: FunctionKey, value: Portable) -> None:
        """Remember the default of a parameter that a constructor keeps as it is."""
        if value[1] == ARGUMENT and not value[2][1]:
            for index, default in self.defaults.get(constructor, ()):
                if index == value[2][0] and default[1] == CONST and default[2] is not None:
                    self._field_defaults[field] = default

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
            return self._read_property(frame, method, (module, index), span)
        return method

    def _read_property(self, frame: Frame, method: Value, key: FunctionKey, span: int) -> Value:
        """The value of a property; one that is told in terms of itself (`self.parent.path`) is followed a few times."""
        depth = self._reading.get(key, 0)
        if depth >= _PROPERTY_DEPTH:
            return (frame.deep(method[2][2]), UNKNOWN, None)
        self._reading[key] = depth + 1
        try:
            return self.call(frame, method, [], [], span)
        finally:
            self._reading[key] = depth

    def class_attribute(self, frame: Frame, target: Value, name: str, span: int) -> Value:
        """`Class.name`."""
        owner: ClassKey = target[2]
        for current in self.program.lineage(owner)[0]:
            record = frame.heap.get(("class", current))
            if record is not None and name in record[1]:
                return record[1][name]
        if self.tables.language.shares_namespaces:
            self._run_bodies(owner)
        member = self.program.member(owner, name)
        if member is None or member[1] != FUNCTION:
            kept = self._kept_in_class(frame, owner, name, member)
            if kept is not None:
                return kept
        if member is not None:
            value = self.bring(frame, member)
            module, index, _, captured = value[2]
            flags = self.program.modules[module].functions[index].flags
            if flags & FUNCTION_CLASSMETHOD:
                return (0, FUNCTION, (module, index, target, captured))
            if flags & FUNCTION_PROPERTY and flags & FUNCTION_STATIC:
                return self.call(frame, value, [], [], span)
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

    def _kept_in_class(self, frame: Frame, owner: ClassKey, name: str, member: Portable | None) -> Value | None:
        """What a class keeps under the name: what its body left there, and sources that functions put there since."""
        self.field_readers.setdefault(name, set()).add((owner, (frame.module, frame.index)))
        taint = 0
        for current in self.program.lineage(owner)[0]:
            stored = self.field_taint.get((current, name))
            if stored and len(stored) > _COLLECTED:  # a store of many things: only what its own file puts there is told
                stored = {key: bits for key, bits in stored.items() if key[1] == current[0]}
            if stored:
                taint |= frame.taint_of(stored)
        if member is None:
            annotation = self.program.annotation(owner, name)
            declared = self.annotated(frame, *annotation) if annotation is not None else None
            if declared is not None and declared[1] != CONST:
                return (taint, INSTANCE, declared[2])
            if declared is not None:
                return NOTHING
            return (taint, UNKNOWN, None) if taint else None
        value = self.bring(frame, member)
        if taint:
            value = (value[0] | taint, *(value[1:] if value[1] != CONST else (UNKNOWN, None)))
        if value[1] == OBJECT:
            # the same object whenever it is read; what goes into it stays in the class
            if taint:
                frame.set_item(value, NOTHING, (taint, UNKNOWN, None))
            record = frame.heap.get(("class", owner)) or (None, {}, {}, None, -1)
            frame.heap[("class", owner)] = (record[0], {**record[1], name: value}, *record[2:])
        return value

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


def cleared_by_default(default: Portable) -> int:
    """The dangers that end for a value whose declaration has this default: `Field(pattern="^[a-z]+$")`."""
    expression = dict(default[2][1]).get("pattern")
    return patterns.cleared_by(expression[2], "search") if expression is not None and expression[1] == CONST else 0


def _is_empty_container(shape: Portable) -> bool:
    """Whether a constructor puts an empty container there: what is in it later, the caller knows."""
    if shape[1] != OBJECT:
        return False
    owner, _, items, rest, _ = shape[2]
    return owner in CONTAINERS and not items and rest is None


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
