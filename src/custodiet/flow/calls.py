"""Calling: which code a call runs, how arguments meet parameters, and what a summary does to the caller."""

from ast import literal_eval
from collections.abc import Sequence
from typing import Any, Final

from custodiet.flow import containers, native, patterns, texts
from custodiet.flow.constants import UNFOLDED, fold_method
from custodiet.flow.frame import Frame
from custodiet.flow.library import KEYED, NEVER, Library
from custodiet.flow.program import FunctionKey
from custodiet.flow.site import Site
from custodiet.flow.summary import REBOUND, Origin, ParameterKey, Summary
from custodiet.flow.values import (
    ARGUMENT,
    CLASS,
    CONDITION,
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
    spread,
    unseen,
)
from custodiet.knowledge.tables import Spec
from custodiet.source.ir import FUNCTION_GENERATOR, FUNCTION_STATIC

Arguments = dict[ParameterKey, Value]
Context = tuple[Any, ...]

_TEXT_SHAPE_CAP: Final = 60
_REST_CAP: Final = 8
_SMALL_BODY: Final = 12
_SMALL_SLOTS: Final = 20
COMMON_NAMES: Final = frozenset(
    (
        "get set add remove run execute call open close read write send update delete save load start stop append pop items"
        " keys values copy format join split strip encode decode find filter search match create list all first count"
        " next submit put post patch connect commit query fetch info debug error warning exception log render process"
        " clear insert extend index replace check validate parse dump dumps loads handle apply reset"
    ).split()
)
"""Method names too common to guess their class from."""


class Caller(Library):
    """Calls of every kind of value."""

    def summary(self, key: FunctionKey, context: Context, shapes: Any) -> Summary:
        """The summary of a function in a context; provided by the layer above."""
        raise AssertionError(key, context, shapes)

    def call(self, frame: Frame, target: Value, args: Sequence[Value], kw: Sequence[tuple[str, Value]], span: int) -> Value:  # noqa: PLR0911 - one line a kind
        """The result of `target(*args, **kw)`, NEVER if it does not return."""
        kind, payload = target[1], target[2]
        if kind == FUNCTION:
            return self.call_function(frame, target, args, kw, span)
        if kind == SYMBOL:
            if payload == "builtins.super":
                return self.super_value(frame, args)
            return self.call_symbol(frame, payload, args, kw, span, None, "", target[0])
        if kind == CLASS:
            return self.construct(frame, target, args, kw, span)
        if kind == PARTIAL:
            function, first, named = payload
            return self.call(frame, function, [*first, *args], [*named, *kw], span)
        if kind == INSTANCE and isinstance(payload, str):
            canonical = self.tables.member(payload, "__call__")
            if canonical:
                return self.call_symbol(frame, canonical, args, kw, span, target, "", target[0])
        owner = self.class_of_value(frame, target)
        if owner is not None:
            method = self.program.method(owner, "__call__")
            if method is not None:
                return self.call_function(frame, (0, FUNCTION, (*method, target, ())), args, kw, span)
        taint = target[0]
        for value in args:
            taint |= unseen(frame.deep(value))
            self._run_callback(frame, value, span)
        for _, value in kw:
            taint |= unseen(frame.deep(value))
            self._run_callback(frame, value, span)
        return (taint, UNKNOWN, None) if taint else NOTHING

    def _run_callback(self, frame: Frame, value: Value, span: int) -> None:
        if value[1] == FUNCTION and not self.program.function((value[2][0], value[2][1])).params:
            self.call_function(frame, value, [], [], span)

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

    def call_symbol(
        self,
        frame: Frame,
        name: str,
        args: Sequence[Value],
        kw: Sequence[tuple[str, Value]],
        span: int,
        owner: Value | None,
        text: str,
        taint: int = 0,
    ) -> Value:
        """Calling a library's name; `owner` is the receiver of a method, `taint` that of the callee."""
        spec = self.tables.calls.get(name)
        if spec is None and name not in self.tables.returns:
            base = self.tables.member(name, "")
            if base and base != name:
                name = base
                spec = self.tables.calls.get(name)
            module, _, member = name.rpartition(".")
            if spec is None and module in self.tables.classes or module in self.tables.bases:
                canonical = self.tables.member(module, member)
                if canonical:
                    name = canonical
                    spec = self.tables.calls.get(name)
        if owner is None and taint:
            owner = (taint, UNKNOWN, None)
        site = Site(frame, self.tables, name, args, kw, span, owner, text)
        return self.library_call(frame, site, spec)

    # -- methods ----------------------------------------------------------------------------------------------------

    def call_method(  # noqa: C901, PLR0911, PLR0912 - one paragraph for each kind of receiver
        self,
        frame: Frame,
        receiver: Value,
        name: str,
        args: Sequence[Value],
        kw: Sequence[tuple[str, Value]],
        span: int,
        text: str,
    ) -> Value:
        """The result of `receiver.name(*args, **kw)`."""
        taint, kind, payload = receiver
        if kind == OBJECT:
            record = frame.heap.get(payload)
            if record is not None and record[0] in containers.CONTAINERS:
                self._element_sinks(frame, record[0], name, args, kw, span, receiver)
                found = containers.method(frame, receiver, name, args, kw)
                if found is not None:
                    return found
                return (frame.deep(receiver), UNKNOWN, None)
            if record is not None and isinstance(record[0], str):
                canonical = self.tables.member(record[0], name) or f"{record[0]}.{name}"
                return self.call_symbol(frame, canonical, args, kw, span, receiver, text)
        if kind in (SYMBOL, MODULE):
            member = self.attribute(frame, receiver, name, span)
            if member[1] == SYMBOL:
                if taint and name in KEYED and args and args[0][1] == CONST and member[2] not in self.tables.calls:
                    return self._keyed(frame, receiver, args, kw)
                if member[2] not in self.tables.calls and (taint or self._is_unknown_root(member[2])):
                    wild = self.wild_call(frame, receiver, name, args, kw, span, text)
                    if wild is not None:
                        return wild
                    if taint and member[2] not in self.tables.returns:
                        return self.plain_method(frame, receiver, name, args, kw, span)
                return self.call_symbol(frame, member[2], args, kw, span, receiver if kind == SYMBOL else None, text)
            return self.call(frame, member, args, kw, span)
        if kind in (TEXT, CONST) and not isinstance(payload, int | float | type(None)):
            return self.text_method(frame, receiver, name, args, kw, span, text)
        if kind == INSTANCE and isinstance(payload, str):
            canonical = self.tables.member(payload, name)
            if canonical:
                if taint and name in KEYED and args and args[0][1] == CONST and not self.tables.calls.get(canonical, _NO_SPEC).sinks:
                    kept = self._keyed(frame, receiver, args, kw)
                    spec = self.tables.calls.get(canonical)
                    if canonical not in self.tables.returns and (
                        spec is None or not (spec.sanitisers or spec.source or spec.checks)
                    ):
                        return kept
                return self.call_symbol(frame, canonical, args, kw, span, receiver, text)
            if taint and name in KEYED and args and args[0][1] == CONST:
                return self._keyed(frame, receiver, args, kw)
            member = self.attribute(frame, receiver, name, span)
            if member[1] in (FUNCTION, PARTIAL, CLASS):
                return self.call(frame, member, args, kw, span)
            if self._is_unknown_root(payload):
                wild = self.wild_call(frame, receiver, name, args, kw, span, text)
                if wild is not None:
                    return wild
            return self.call_symbol(frame, f"{payload}.{name}", args, kw, span, receiver, text)
        owner = self.class_of_value(frame, receiver)
        if owner is not None or kind in (CLASS, SUPER):
            member = self.attribute(frame, receiver, name, span)
            if member[1] == SYMBOL:
                return self.call_symbol(frame, member[2], args, kw, span, receiver, text)
            if member[1] in (FUNCTION, CLASS, PARTIAL):
                return self.call(frame, member, args, kw, span)
            wild = self.wild_call(frame, receiver, name, args, kw, span, text)
            if wild is not None:
                return wild
            return self.call(frame, member, args, kw, span)
        if kind == DERIVED and payload[0].startswith("match:") and name == "group":
            group = args[0][2] if args and args[0][1] == CONST and isinstance(args[0][2], int) else 0
            safe = patterns.group_cleared(literal_eval(payload[0][6:]), group) if group else 0
            left = cleared(taint, safe)
            return (left, UNKNOWN, None) if left else NOTHING
        if kind in (ARGUMENT, DERIVED):
            library = self.library_type(receiver)
            canonical = self.tables.member(library, name) if library is not None else ""
            if canonical:
                return self.call_symbol(frame, canonical, args, kw, span, receiver, text)
        wild = self.wild_call(frame, receiver, name, args, kw, span, text)
        if wild is not None:
            return wild
        if kind == ARGUMENT:
            stored = self.attribute(frame, receiver, name, span)
            if stored[1] in (FUNCTION, CLASS, PARTIAL):
                return self.call(frame, stored, args, kw, span)
            if name in KEYED and args and args[0][1] == CONST:
                return frame.item_of_argument(receiver, ("k", args[0][2]))
            if name in ("append", "add", "extend", "update", "insert", "setdefault"):
                everything = 0
                for value in args:
                    everything |= frame.deep(value)
                self.pollute(frame, receiver, everything)
                return NOTHING
        if name in self.tables.entry_anchors and text:
            # `@app.route("/x")` where `app` is a parameter: perhaps a decorator, which its name tells
            self.entries.note_call(Site(frame, self.tables, f"{text}.{name}", args, kw, span, receiver, text))
            if not frame.deep(receiver) or receiver[1] == ARGUMENT:
                return (0, SYMBOL, f"{text}.{name}()")
        guess = self.guess_method(receiver, name)
        if guess is not None:
            return self.call_function(frame, (0, FUNCTION, (*guess, receiver, ())), args, kw, span)
        return self.plain_method(frame, receiver, name, args, kw, span)

    def plain_method(
        self, frame: Frame, receiver: Value, name: str, args: Sequence[Value], kw: Sequence[tuple[str, Value]], span: int
    ) -> Value:
        """A method that nothing is known of: what goes in may come out."""
        if name in _NUMBERS and not kw:
            return NOTHING
        taint = frame.deep(receiver)
        for value in args:
            taint |= unseen(frame.deep(value))
            self._run_callback(frame, value, span)
        for _, value in kw:
            taint |= unseen(frame.deep(value))
        if not taint:
            return NOTHING
        if name in _SAME_FORMS and receiver[0]:
            return (taint, DERIVED, ("same", receiver))
        return (taint, UNKNOWN, None)

    def _keyed(self, frame: Frame, receiver: Value, args: Sequence[Value], kw: Sequence[tuple[str, Value]] = ()) -> Value:
        convert = next((value for name, value in kw if name == "type"), args[2] if len(args) > 2 else NOTHING)
        if convert[1] == SYMBOL and convert[2] in native.NUMBERS:
            return NOTHING  # `request.args.get("page", 1, type=int)`
        found = self.kept_item(frame, (str(receiver[2]), receiver[0]), args[0][2])
        if len(args) > 1 and args[1][1] != CONST:
            return frame.join(found, args[1])
        return found

    def _element_sinks(
        self, frame: Frame, owner: str, name: str, args: Sequence[Value], kw: Sequence[tuple[str, Value]], span: int, receiver: Value
    ) -> None:
        spec = self.tables.calls.get(f"{owner}.{name}")
        if spec is not None and spec.sinks:
            site = Site(frame, self.tables, f"{owner}.{name}", args, kw, span, receiver)
            for sink in spec.sinks:
                self.sink(frame, site, sink)

    def _is_unknown_root(self, name: str) -> bool:
        root = name.partition(".")[0]
        return root not in self.tables.packages and root != "builtins"

    def guess_method(self, receiver: Value, name: str) -> FunctionKey | None:
        """The project's only method of this name, for a receiver of unknown type."""
        if receiver[1] not in (UNKNOWN, ARGUMENT) or name in COMMON_NAMES or name.startswith("__"):
            return None
        found = self.program.methods(name)
        return found[0] if len(found) == 1 else None

    def wild_call(
        self,
        frame: Frame,
        receiver: Value,
        name: str,
        args: Sequence[Value],
        kw: Sequence[tuple[str, Value]],
        span: int,
        text: str,
    ) -> Value | None:
        """A method of a receiver of unknown type, as far as `*.name` entries speak of it."""
        spec = self.tables.wild_calls.get(name)
        if spec is None:
            if name in ("split", "rsplit", "partition", "rpartition", "startswith", "endswith", "replace") and receiver[0]:
                spec = Spec(name=name)
            else:
                return None
        site = Site(frame, self.tables, f"builtins.str.{name}", args, kw, span, receiver, text)
        builtin = native.FUNCTIONS.get(site.name)
        if builtin is not None:
            found = builtin(self, frame, site)
            if found is not None and found[1] == CONDITION:
                return found
            if found is not None and not name.endswith("swith"):
                return self.after(frame, site, spec, found)
        site.name = name
        from custodiet.flow.site import holds  # noqa: PLC0415 - kept next to its single use

        applies = any(
            holds(site, entry.when, entry.unless)
            for entry in (*spec.sinks, *spec.checks, *spec.guards, *spec.sanitisers)
        )
        if not applies and spec.source is None and not spec.propagators and spec.derive is None:
            return None
        if spec.guards or spec.sinks or spec.checks or spec.sanitisers or spec.source is not None or spec.derive is not None:
            site.name = f"{text}.{name}" if text and not text.startswith("(") else name
            result = self.library_call(frame, site, spec)
            if result[1] == SYMBOL or result[1] == INSTANCE and result[2] == site.name:
                return (result[0], UNKNOWN, None)
            return result
        return None

    # -- texts ------------------------------------------------------------------------------------------------------

    def text_method(  # noqa: C901, PLR0911 - one paragraph for each method
        self,
        frame: Frame,
        receiver: Value,
        name: str,
        args: Sequence[Value],
        kw: Sequence[tuple[str, Value]],
        span: int,
        text: str,
    ) -> Value:
        """A method of a text."""
        if receiver[1] == CONST and not kw and all(value[1] == CONST for value in args):
            folded = fold_method(receiver[2], name, [value[2] for value in args])
            if folded is not UNFOLDED:
                return (receiver[0], CONST, folded) if not receiver[0] else (receiver[0], TEXT, (folded,))
        if name == "format":
            return self._after_text(frame, texts.format_text(frame, receiver, args, kw), receiver, name, args, kw, span)
        if name == "format_map" and args:
            return texts.format_text(frame, receiver, [], [("**", args[0])])
        if name == "join" and args:
            return texts.join(frame, receiver, args[0])
        if name in ("encode", "decode", "strip", "lstrip", "rstrip", "lower", "upper", "title", "expandtabs") and receiver[1] == TEXT:
            return receiver
        known = f"builtins.str.{name}"
        spec = self.tables.calls.get(known)
        if spec is not None or known in native.FUNCTIONS:
            site = Site(frame, self.tables, known, args, kw, span, receiver, text)
            result = self.library_call(frame, site, spec)
            return NOTHING if result[1] == SYMBOL and not result[0] else result
        taint = receiver[0]
        for value in args:
            taint |= frame.deep(value)
        return (taint, UNKNOWN, None) if taint else NOTHING

    def _after_text(
        self, frame: Frame, result: Value, receiver: Value, name: str, args: Sequence[Value], kw: Sequence[tuple[str, Value]], span: int
    ) -> Value:
        if receiver[0]:
            spec = self.tables.calls.get(f"builtins.str.{name}")
            if spec is not None:
                site = Site(frame, self.tables, f"builtins.str.{name}", args, kw, span, receiver)
                for sink in spec.sinks:
                    self.sink(frame, site, sink)
        return result

    # -- the project's functions ------------------------------------------------------------------------------------

    def super_value(self, frame: Frame, args: Sequence[Value]) -> Value:
        """`super()` inside a method."""
        owner = frame.function.class_index
        if args and args[0][1] == CLASS and len(args) > 1:
            return (0, SUPER, (args[0][2], args[1]))
        if owner < 0 or not frame.function.params:
            return NOTHING
        return (0, SUPER, ((frame.module, owner), frame.registers[frame.function.params[0].reg]))

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
            if spec is not None and spec.sinks:
                self.library_call(frame, Site(frame, self.tables, base, args, kw, span), spec)
                break
        return instance

    def _declared(self, frame: Frame, owner: ClassKey, name: str, value: Value) -> Value:
        annotation = self.program.annotation(owner, name)
        if annotation is not None and value[0] and any(base.startswith("pydantic.") for base in self.program.lineage(owner)[1]):
            declared = self.annotated(frame, annotation[0], annotation[1])
            if declared is not None and declared[1] == CONST:
                return NOTHING
        return value

    def call_function(
        self, frame: Frame, target: Value, args: Sequence[Value], kw: Sequence[tuple[str, Value]], span: int
    ) -> Value:
        """Calling a function of the project: bind, take its summary, let it act."""
        module, index, bound, captured = target[2]
        key = (module, index)
        function = self.program.modules[module].functions[index]
        if bound is not None and not function.flags & FUNCTION_STATIC:
            args = [bound, *args]
        arguments = self.bind(frame, key, function, args, kw)
        for name, value in self.captured_now(frame, key, captured):
            arguments[f"~{name}"] = value
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
            if shape is None and kind == OBJECT and function.params[name].flag in (2, 3):
                shape = self._shape_of_rest(frame, value, function.params[name].flag)
            if shape is not None and not self.is_known_anyway(key, function, name, shape):
                shapes[name] = shape
        context = tuple(sorted((str(name), shape) for name, shape in shapes.items())) if shapes else ()
        summary = self.summary(key, context, shapes)
        return self.apply(frame, key, summary, arguments, span)

    def called(self, frame: Frame, key: FunctionKey, span: int) -> None:
        """Hook: a call of the project's function was resolved."""

    def is_telling(self, key: FunctionKey) -> bool:
        """Whether constant arguments are worth a summary of their own: the function mentions a sink or a check, or is
        small."""
        found = self._telling.get(key)
        if found is None:
            function = self.program.function(key)
            small = len(function.body) <= _SMALL_BODY and len(function.inits) <= _SMALL_SLOTS
            found = self._telling[key] = small or not self.tables.anchors.isdisjoint(function.called)
        return found

    _telling: dict[FunctionKey, bool]

    def is_known_anyway(self, key: FunctionKey, function: Any, name: ParameterKey, shape: Any) -> bool:
        """Whether the general summary assumes this shape already: `self` of its own class, or of a derived class that
        changes nothing which the method uses."""
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
                for member in (*self.program.class_members.get(owner, ()), *(field for field, _ in self.program.class_of(owner).fields))
            }
            found = self._unchanged_by[(key, derived)] = changed.isdisjoint(function.called)
        return found

    _unchanged_by: dict[tuple[FunctionKey, ClassKey], bool]

    def captured_now(self, frame: Frame, key: FunctionKey, captured: Sequence[tuple[str, Value]]) -> list[tuple[str, Value]]:
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

    def bind(self, frame: Frame, key: FunctionKey, function: Any, args: Sequence[Value], kw: Sequence[tuple[str, Value]]) -> Arguments:  # noqa: C901, PLR0912 - the language's rules of binding
        """Parameters of a call by index."""
        params = function.params
        found: Arguments = {}
        positional = [index for index, param in enumerate(params) if param.flag in (0, 4)]
        variable = next((index for index, param in enumerate(params) if param.flag == 2), None)
        mapping = next((index for index, param in enumerate(params) if param.flag == 3), None)
        values = list(args)
        loose: Value | None = None
        named: dict[str, Value] = {}
        unnamed: Value | None = None
        for name, value in kw:
            if name == "*":
                record = frame.heap.get(value[2]) if value[1] == OBJECT else None
                if record is not None and record[4] >= 0 and record[3] is None and loose is None:
                    values.extend(record[2].get(index, NOTHING) for index in range(record[4]))
                else:
                    loose = frame.elements(value)
            elif name == "**":
                record = frame.heap.get(value[2]) if value[1] == OBJECT else None
                if record is not None:
                    named.update((key, item) for key, item in record[2].items() if isinstance(key, str))
                    if record[3] is not None:
                        unnamed = record[3]
                else:
                    unnamed = (frame.deep(value), UNKNOWN, None)
            else:
                named[name] = value
        for index, value in zip(positional, values, strict=False):
            found[index] = value
        extra = values[len(positional) :]
        names = {params[index].name: index for index in range(len(params)) if params[index].flag in (0, 1)}
        rest: dict[str, Value] = {}
        for name, value in named.items():
            if name in names:
                found[names[name]] = value
            else:
                rest[name] = value
        if loose is not None or unnamed is not None:
            for index in range(len(params)):
                if index not in found and params[index].flag in (0, 1, 4):
                    filler = unnamed
                    if loose is not None and params[index].flag != 1:
                        filler = loose if unnamed is None else frame.join(loose, unnamed)
                    if filler is not None:
                        found[index] = filler
        if variable is not None and (extra or loose is not None):
            packed = frame.allocate("builtins.tuple", dict(enumerate(extra)), -1 if loose is not None else len(extra))
            if loose is not None:
                frame.set_item(packed, NOTHING, loose)
            found[variable] = packed
        if mapping is not None and (rest or unnamed is not None):
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

    defaults: dict[FunctionKey, tuple[tuple[int, Any], ...]]

    def shape(self, frame: Frame, value: Value, depth: int) -> Any:  # noqa: PLR0911 - one line a kind
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
        if flag == 2:
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

    def apply(self, frame: Frame, key: FunctionKey, summary: Summary, arguments: Arguments, span: int) -> Value:
        """Let a summary act in the caller; the result of the call."""

        found: dict[Origin, int] = {}

        def resolve(origin: Origin, bits: int) -> int:
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

        for (use, origin), bits in summary.sinks.items():
            taint = resolve(origin, bits)
            if taint:
                self.reach(frame, use, taint)
        for effect in summary.effects:
            target = arguments.get(effect.parameter)
            if target is None:
                continue
            if effect.key == REBOUND:
                value = self.result_value(frame, effect.value, arguments, resolve)
                self._rebind(frame, str(effect.parameter)[1:], value, is_certain=effect.certain)
                continue
            target = self.at_path(frame, target, effect.path)
            value = self.result_value(frame, effect.value, arguments, resolve)
            if effect.item:
                if effect.key is None:
                    frame.set_item(target, NOTHING, value)
                else:
                    frame.set_item(target, (0, CONST, effect.key), value)
                continue
            if not effect.certain:
                record = frame.heap.get(frame.key_of(target))
                old = record[1].get(effect.key) if record is not None else None
                if old is not None:
                    value = frame.join(old, value)
            frame.set_attribute(target, effect.key, value)
        for parameter, mask in summary.clears.items():
            value = arguments.get(parameter, NOTHING)
            if value[0]:
                frame.clear(value, mask)
        if not summary.returns:
            return NEVER
        function = self.program.function(key)
        result = self.result_value(frame, summary.result, arguments, resolve)
        if summary.clears_if_true or summary.clears_if_false:
            if result[1] in (UNKNOWN, CONST, SYMBOL) and not result[0]:
                if_true = tuple((arguments[name], mask) for name, mask in summary.clears_if_true.items() if name in arguments)
                if_false = tuple((arguments[name], mask) for name, mask in summary.clears_if_false.items() if name in arguments)
                if result[1] != CONST:
                    result = (0, CONDITION, (if_true, if_false))
        if function.returns is not None and result[1] in (UNKNOWN, ARGUMENT) and not function.flags & FUNCTION_GENERATOR:
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
            taint = 0
            for origin, bits in origins:
                taint |= resolve(origin, bits)
            deep = frame.deep(found)
            if taint == deep or found[1] in (OBJECT, FUNCTION, CLASS, MODULE):
                return found
            if found[1] == CONST:
                return found if not taint else (taint, UNKNOWN, None)
            return (taint, found[1], found[2])
        return self.bring(frame, portable, resolve)


_SAME_FORMS: Final = frozenset("strip lstrip rstrip lower upper casefold title encode decode __str__ as_posix".split())
_NUMBERS: Final = frozenset("find rfind index rindex count hex hexdigest isdigit bit_length total_seconds timestamp".split())
"""Methods that give numbers, or digits."""
_NO_SPEC: Final = Spec(name="")
