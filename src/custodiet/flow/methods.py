"""Methods: which code `receiver.name(...)` runs, by the kind of the receiver.

Of a receiver of unknown type, the `*.name` entries of the knowledge are asked, then whether the project has one method of
this name; else what went in may come out.
"""

from ast import literal_eval
from collections.abc import Sequence
from typing import Final

from custodiet.flow import containers, guards, native, patterns
from custodiet.flow.core import Core
from custodiet.flow.frame import Frame
from custodiet.flow.program import FunctionKey
from custodiet.flow.site import Site, conditional, holds
from custodiet.flow.values import (
    ARGUMENT,
    CLASS,
    CONDITION,
    CONST,
    DERIVED,
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
    unknown,
    unseen,
)
from custodiet.knowledge.tables import Spec

KEYED: Final = frozenset(("get", "getlist", "getfirst", "pop", "getvalue", "getall", "getone", "get_list"))
"""Methods that read the item of a key."""
COMMON_NAMES: Final = frozenset(
    (
        "get set add remove run execute call open close read write send update delete save load start stop append pop items"
        " keys values copy format join split strip encode decode find filter search match create list all first count"
        " next submit put post patch connect commit query fetch info debug error warning exception log render process"
        " clear insert extend index replace check validate parse dump dumps loads handle apply reset"
    ).split()
)
"""Method names too common to guess their class from."""
_SAME_FORMS: Final = frozenset("strip lstrip rstrip lower upper casefold title encode decode __str__ as_posix".split())
_NUMBERS: Final = frozenset(
    "find rfind index rindex count hex hexdigest isdigit bit_length total_seconds timestamp".split()
)
"""Methods that give numbers, or digits."""
COMBINING: Final = frozenset(("andThen", "compose", "negate"))
"""Methods of a function that give another function."""
MAKING: Final = frozenset(("apply", "get"))
"""Methods by which a constructor that is a value is called."""
_NO_SPEC: Final = Spec(name="")

_TEXTUAL: Final = frozenset(("replace", "format", "format_map", "join", "partition", "removeprefix", "removesuffix"))
"""Methods that build their arguments into a text, whatever has them."""


class Methods(Core):
    """Calls of methods."""

    def call_method(
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
        if self.has_aliases:
            found = self.core_call(frame, receiver, name, args, kw, span, text)
            if found is not None:
                return found
        if receiver[1] in (FUNCTION, PARTIAL) and self.tables.language.functions_are_objects:
            return receiver if name in COMBINING else self.call(frame, receiver, args, kw, span)
        extensions = self.program.extensions(name)
        if extensions and not self._has_method(frame, receiver, name):
            return self.all_of(frame, extensions, (), [receiver, *args], kw, span)
        if receiver[1] == CLASS and name in MAKING and self.tables.language.functions_are_objects:
            if self.program.method(receiver[2], name) is None:
                return self.call(frame, receiver, args, kw, span)  # a constructor as a function
        return self.own_method(frame, receiver, name, args, kw, span, text)

    def _method_apart(
        self, frame: Frame, receiver: Value, owner: ClassKey | None, name: str, span: int
    ) -> Value | None:
        """The method of this name where a field of the same name would be no hindrance; None if there is none."""
        if not self.tables.language.methods_apart:
            return None
        key = owner if owner is not None else receiver[2] if receiver[1] == CLASS else None
        method = self.program.method(key, name) if key is not None else None
        if key is None:
            return None
        if method is None:
            return self._from_star(frame, name)
        member = self.program.member(key, name)
        function: Value = (0, FUNCTION, (*method, None, ()))
        if member is not None and member[1] == FUNCTION:
            function = self.bring(frame, member)
        return function if owner is None else self.bound(frame, function, receiver, owner, span)

    def _from_star(self, frame: Frame, name: str) -> Value | None:
        """The static method that an import of all members of a class of the project brings; None if there is none."""
        for library in self.star_libraries.get(frame.module, ()):
            namespace, _, simple = library.rpartition(".")
            owner = self.program.declared_class(namespace, simple)
            method = self.program.method(owner, name) if owner is not None else None
            if method is not None:
                return (0, FUNCTION, (*method, None, ()))
        return None

    def _has_method(self, frame: Frame, receiver: Value, name: str) -> bool:
        """Whether the receiver is known to have a method of this name, or to be no object at all."""
        if receiver[1] in (CLASS, MODULE, SUPER) or (receiver[1] == SYMBOL and not receiver[0]):
            return not (receiver[1] == SYMBOL and receiver[2].endswith("()"))
        owner = self.class_of_value(frame, receiver)
        if owner is not None:
            return self.program.method(owner, name) is not None or self.program.annotation(owner, name) is not None
        library = self.library_type(receiver)
        return library is not None and bool(self.tables.member(library, name))

    def own_method(
        self,
        frame: Frame,
        receiver: Value,
        name: str,
        args: Sequence[Value],
        kw: Sequence[tuple[str, Value]],
        span: int,
        text: str,
    ) -> Value:
        """The result of `receiver.name(*args, **kw)`, by the name that the core itself knows."""
        taint, kind, payload = receiver
        if kind == OBJECT:
            record = frame.heap.get(payload)
            if record is not None and record[0] in containers.CONTAINERS:
                if self.members_are_items and name in record[2]:
                    return self.call(frame, record[2][name], args, kw, span)
                self._element_sinks(frame, record[0], name, args, kw, span, receiver)
                if name in ("issubset", "issuperset") and args:
                    inner, outer = (receiver, args[0]) if name == "issubset" else (args[0], receiver)
                    return guards.characters_within(frame, inner, outer) or NOTHING
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
                if (
                    taint
                    and name in KEYED
                    and args
                    and args[0][1] == CONST
                    and not self.tables.calls.get(canonical, _NO_SPEC).sinks
                ):
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
            found = self._method_apart(frame, receiver, owner, name, span)
            member = found if found is not None else self.attribute(frame, receiver, name, span)
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
            return unknown(left)
        if kind == DERIVED and payload[0] == "mac" and name in ("digest", "hexdigest"):
            return receiver
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

    def _keyed(
        self, frame: Frame, receiver: Value, args: Sequence[Value], kw: Sequence[tuple[str, Value]] = ()
    ) -> Value:
        convert = next((value for name, value in kw if name == "type"), args[2] if len(args) > 2 else NOTHING)
        if convert[1] == SYMBOL and convert[2] in native.NUMBERS:
            return NOTHING  # `request.args.get("page", 1, type=int)`
        found = self.kept_item(frame, (str(receiver[2]), receiver[0]), args[0][2])
        if len(args) > 1 and args[1][1] != CONST:
            return frame.join(found, args[1])
        return found

    def _element_sinks(
        self,
        frame: Frame,
        owner: str,
        name: str,
        args: Sequence[Value],
        kw: Sequence[tuple[str, Value]],
        span: int,
        receiver: Value,
    ) -> None:
        spec = self.tables.calls.get(f"{owner}.{name}")
        if spec is not None and spec.sinks:
            site = Site(frame, self.tables, f"{owner}.{name}", args, kw, span, receiver)
            for sink in spec.sinks:
                self.sink(frame, site, sink)

    def _is_unknown_root(self, name: str) -> bool:
        return not name.startswith("builtins.") and self.tables.is_foreign(name)

    # -- receivers of unknown type ------------------------------------------------------------------------------------

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
            if (
                name in ("split", "rsplit", "partition", "rpartition", "startswith", "endswith", "replace", "translate")
                and receiver[0]
            ):
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
        applies = any(holds(site, entry.when, entry.unless) for entry in conditional(spec))
        if not applies and spec.source is None and not spec.propagators and spec.derive is None:
            return None
        if (
            spec.guards
            or spec.sinks
            or spec.checks
            or spec.sanitisers
            or spec.source is not None
            or spec.derive is not None
        ):
            site.name = f"{text}.{name}" if text and not text.startswith("(") else name
            result = self.library_call(frame, site, spec)
            if result[1] == SYMBOL or (result[1] == INSTANCE and result[2] == site.name):
                return (result[0], UNKNOWN, None)
            return result
        return None

    def guess_method(self, receiver: Value, name: str) -> FunctionKey | None:
        """The project's only method of this name, for a receiver of unknown type."""
        if receiver[1] not in (UNKNOWN, ARGUMENT) or name in COMMON_NAMES or name.startswith("__"):
            return None
        found = self.program.methods(name)
        return found[0] if len(found) == 1 else None

    def plain_method(
        self,
        frame: Frame,
        receiver: Value,
        name: str,
        args: Sequence[Value],
        kw: Sequence[tuple[str, Value]],
        span: int,
    ) -> Value:
        """A method that nothing is known of: what goes in may come out."""
        if name in _NUMBERS and not kw:
            return NOTHING
        taint = frame.deep(receiver)
        for value in args:
            taint |= frame.deep(value) if name in _TEXTUAL else unseen(frame.deep(value))
            self._run_callback(frame, value, span)
        for _, value in kw:
            taint |= frame.deep(value) if name in _TEXTUAL else unseen(frame.deep(value))
        if not taint:
            return NOTHING
        if name in _SAME_FORMS and receiver[0]:
            return (taint, DERIVED, ("same", receiver))
        return (taint, UNKNOWN, None)
