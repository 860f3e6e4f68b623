"""The core's operations under the names of other languages: `list.add(x)`, `text.equals(y)`, `builder.append(z)`.

Knowledge says which name of a language means which operation (`[[alias]]`). An operation is spelled as Python spells it where
Python has it and then is the very same method; what Python writes as an operator or a function is done here. A language
without aliases never comes here.
"""

from collections.abc import Callable, Sequence
from typing import Final

from custodiet.flow import containers, expressions, guards, resources, texts
from custodiet.flow.constants import UNFOLDED, fold_binary, fold_index, fold_slice
from custodiet.flow.containers import BUILDER, grown_text
from custodiet.flow.frame import Frame
from custodiet.flow.growing import OF_BUILDERS
from custodiet.flow.text_methods import TextMethods
from custodiet.flow.values import (
    ARGUMENT,
    CLASS,
    CONDITION,
    CONST,
    FUNCTION,
    INSTANCE,
    MODULE,
    NONE,
    NOTHING,
    OBJECT,
    PARTIAL,
    SUPER,
    SYMBOL,
    TEXT,
    ClassKey,
    Value,
    cleared,
    unknown,
)
from custodiet.knowledge.schema import Alias

_OF_ONE_VALUE: Final = frozenset(("builtins.str.then", "builtins.str.or_else", "builtins.list.same"))
"""Operations of a value that may be missing."""
_EMPTY: Final[Value] = (0, CONST, "")

Named = Sequence[tuple[str, Value]]
Operation = Callable[["Core", Frame, Value, Sequence[Value], int], Value]


class Core(TextMethods):
    """Calls of the core's operations by a language's own names."""

    def core_call(
        self, frame: Frame, receiver: Value, name: str, args: Sequence[Value], kw: Named, span: int, text: str
    ) -> Value | None:
        """The result of `receiver.name(...)` if the language means an operation of the core by it."""
        alias = self._alias_of_method(frame, receiver, name)
        if alias is None or (receiver[1] == SYMBOL and alias.receiver is None and not _is_method(alias.means)):
            return None
        named = receiver[2]
        if receiver[1] == OBJECT and named in frame.heap:
            named = frame.heap[named][0]
        if receiver[1] in (SYMBOL, INSTANCE, OBJECT) and isinstance(named, str):
            self.judge_alias(frame, f"{named}.{name}", args, kw, span, receiver, text)
        if alias.receiver is not None and len(args) > alias.receiver:
            rest = [value for index, value in enumerate(args) if index != alias.receiver]
            if receiver[0] or receiver[1] not in (SYMBOL, MODULE, CLASS):
                rest = [receiver, *rest]  # `text.match(pattern)`: the two change places
            return self.operation(frame, args[alias.receiver], alias.means, rest, kw, span, text)
        if alias.order:
            args = [args[place] for place in alias.order if place < len(args)]
        if not alias.means.startswith("builtins."):
            # a method of a class is called on the receiver, a function stays one
            owner = None if receiver[1] == SYMBOL and not receiver[0] else receiver
            return self.call_symbol(frame, alias.means, args, kw, span, owner, text)
        return self.operation(frame, receiver, alias.means, args, kw, span, text)

    def _may_be_of_core(self, owner: str) -> bool:
        """Whether an instance of a class of which nothing is known may be a text or a collection of the core."""
        return owner not in self.tables.classes and not (
            self.tables.language.types_hold and self.tables.is_foreign(owner)
        )

    def _alias_of_method(self, frame: Frame, receiver: Value, name: str) -> Alias | None:
        tables = self.tables
        kind, payload = receiver[1], receiver[2]
        if kind == OBJECT:
            record = frame.heap.get(payload)
            owner = record[0] if record is not None else None
            if isinstance(owner, tuple):
                return self._of_one_value(owner, name)
            if not isinstance(owner, str) or record is None or (self.members_are_items and name in record[2]):
                return None
            return tables.meaning(f"{owner}.{name}") or (
                tables.wild_means.get(name) if owner.startswith("builtins.") else None
            )
        if kind in (INSTANCE, ARGUMENT):
            owner = payload if kind == INSTANCE else payload[2]
            if isinstance(owner, tuple):
                return self._of_one_value(owner, name)
            if owner is not None:
                return tables.meaning(f"{owner}.{name}") or (
                    tables.wild_means.get(name) if self._may_be_of_core(owner) else None
                )
        elif kind == TEXT or (kind == CONST and isinstance(payload, str | bytes)):
            return tables.means.get(f"builtins.str.{name}") or tables.wild_means.get(name)
        elif kind == SYMBOL:
            found = tables.meaning(f"{payload}.{name}")
            if found is not None or not (payload.endswith("()") or receiver[0]):
                return found
        elif kind in (MODULE, CLASS, FUNCTION, PARTIAL, SUPER):
            return None
        return tables.wild_means.get(name)

    def _of_one_value(self, owner: ClassKey, name: str) -> Alias | None:
        """What a method means that a class of the project does not have: its instance may stand in an optional value."""
        found = self.tables.means.get(f"builtins.str.{name}")
        if found is None or found.means not in _OF_ONE_VALUE:
            return None
        return found if self.program.method(owner, name) is None and not self.program.lineage(owner)[1] else None

    def core_function(
        self, frame: Frame, alias: Alias, args: Sequence[Value], kw: Named, span: int, owner: Value | None
    ) -> Value | None:
        """The result of a function that means an operation on one of its arguments, or of a method on its receiver; None
        if it means a function.
        """
        if alias.receiver is not None and len(args) > alias.receiver:
            rest = [value for index, value in enumerate(args) if index != alias.receiver]
            return self.operation(frame, args[alias.receiver], alias.means, rest, kw, span, "")
        if owner is not None and _is_method(alias.means):
            return self.operation(frame, owner, alias.means, args, kw, span, "")
        if owner is None and args and alias.receiver is None and _is_method(alias.means):
            return self.operation(frame, args[0], alias.means, args[1:], kw, span, "")  # a method as a value
        return None

    def operation(
        self, frame: Frame, receiver: Value, means: str, args: Sequence[Value], kw: Named, span: int, text: str
    ) -> Value:
        """The result of an operation of the core on a receiver."""
        owner, _, name = means.rpartition(".")
        found = _TABLES.get(owner, _OPERATIONS).get(name)
        if found is not None:
            return found(self, frame, receiver, args, span)
        if owner in self.tables.classes and not owner.startswith("builtins."):
            return self.call_symbol(frame, means, args, kw, span, receiver, text)
        if not owner.startswith("builtins.") or owner.count(".") > 1:
            return self.call_symbol(frame, means, [receiver, *args], kw, span, None, text)
        if owner == "builtins":
            return self.call_symbol(frame, means, [receiver, *args], kw, span, None, text)
        return self.own_method(frame, receiver, name, args, kw, span, text)

    # -- tests --------------------------------------------------------------------------------------------------------

    def compared(self, frame: Frame, op: str, a: Value, b: Value) -> Value:
        """The result of `a op b`."""
        if a[1] == CONST and b[1] == CONST and not a[0] and not b[0]:
            folded = fold_binary(op, a[2], b[2])
            if folded is not UNFOLDED:
                return (0, CONST, folded)
        if op == "in" and b[1] == OBJECT and a[1] == CONST:
            known = containers.known_member(frame, a, b)
            if known is not None:
                return (0, CONST, known)
        found = guards.compare(frame, op, a, b)
        return NOTHING if found is None else found


def _is_method(means: str) -> bool:
    """Whether a meaning is a method, not a function: `builtins.list.of` makes a list."""
    return means.count(".") > 1 and not means.endswith(".of")


def _equal(core: Core, frame: Frame, receiver: Value, args: Sequence[Value], _span: int) -> Value:
    return core.compared(frame, "==", receiver, args[0]) if args else NOTHING


def _same_word(core: Core, frame: Frame, receiver: Value, args: Sequence[Value], span: int) -> Value:
    """`a.equalsIgnoreCase(b)`."""
    if args and all(value[1] == CONST and isinstance(value[2], str) and not value[0] for value in (receiver, args[0])):
        return (0, CONST, receiver[2].casefold() == args[0][2].casefold())
    return _equal(core, frame, receiver, args, span)


def _empty(_core: Core, frame: Frame, receiver: Value, _args: Sequence[Value], _span: int) -> Value:
    """Whether a text or container holds nothing, if that is known."""
    value = grown_text(frame, receiver)
    if value[1] == CONST and isinstance(value[2], str) and not value[0]:
        return (0, CONST, not value[2])
    record = frame.heap.get(value[2]) if value[1] == OBJECT else None
    if record is None or record[3] is not None or not containers.is_container(frame, value):
        return NOTHING
    if record[2]:
        return (0, CONST, False)
    return (0, CONST, True) if record[4] == 0 else NOTHING


def _contains(core: Core, frame: Frame, receiver: Value, args: Sequence[Value], _span: int) -> Value:
    return core.compared(frame, "in", args[0], receiver) if args else NOTHING


def _part(core: Core, frame: Frame, receiver: Value, args: Sequence[Value], span: int) -> Value:
    """`list.get(0)`, `text.charAt(0)`, `text.substring(1, 3)`."""
    if receiver[1] == CONST and all(value[1] == CONST for value in args):
        bounds = [value[2] for value in args]
        folded = fold_index(receiver[2], *bounds) if len(args) == 1 else fold_slice(receiver[2], *bounds[:2])
        if folded is not UNFOLDED:
            return (0, CONST, folded)
    if receiver[1] in (TEXT, CONST) or len(args) != 1:
        return unknown(frame.deep(receiver))
    return core.item(frame, receiver, args[0], span)


def _cut(_core: Core, frame: Frame, receiver: Value, args: Sequence[Value], _span: int) -> Value:
    """`text.substring(low)`, `text.substring(low, high)`."""
    low = args[0] if args else NONE
    high = args[1] if len(args) > 1 else NONE
    if receiver[1] == CONST and low[1] == CONST and high[1] == CONST:
        folded = fold_slice(receiver[2], low[2], high[2])
        if folded is not UNFOLDED:
            return (0, CONST, folded)
    if receiver[1] == TEXT:
        return texts.cut(frame, receiver, low[2] if low[1] == CONST else 1)
    return unknown(frame.deep(receiver))


def _middle(core: Core, frame: Frame, receiver: Value, args: Sequence[Value], span: int) -> Value:
    """`text.Substring(start)`, `text.Substring(start, length)`."""
    bounds = list(args[:2])
    if len(bounds) > 1:
        known = bounds[0][1] == CONST and bounds[1][1] == CONST
        numbers = known and isinstance(bounds[0][2], int) and isinstance(bounds[1][2], int)
        bounds[1] = (0, CONST, bounds[0][2] + bounds[1][2]) if numbers else NOTHING
    return _cut(core, frame, receiver, bounds, span)


def _put(core: Core, frame: Frame, receiver: Value, args: Sequence[Value], span: int) -> Value:
    if len(args) > 1:
        core.put_item(frame, receiver, args[0], args[1], span)
    elif args:
        core.put_item(frame, receiver, (0, CONST, 0), args[0], span)  # what holds one value
    return NOTHING


def _removed(core: Core, frame: Frame, receiver: Value, args: Sequence[Value], span: int) -> Value:
    """`list.remove(0)`, `list.remove(value)`, `queue.remove()`, `map.remove(key)`."""
    record = frame.heap.get(receiver[2]) if receiver[1] == OBJECT else None
    name = "pop"
    if record is not None and record[0] == "builtins.list":
        is_place = bool(args) and args[0][1] == CONST and isinstance(args[0][2], int)
        name = "popleft" if not args else "pop" if is_place else "remove"
    elif record is not None and record[0] == "builtins.set":
        name = "remove"
    return core.own_method(frame, receiver, name, args, (), span, "")


def _appended(core: Core, frame: Frame, receiver: Value, args: Sequence[Value], span: int) -> Value:
    """`list.add(value)`, `list.add(place, value)`."""
    return core.own_method(frame, receiver, "insert" if len(args) > 1 else "append", args, (), span, "")


def _loaded(core: Core, frame: Frame, receiver: Value, args: Sequence[Value], _span: int) -> Value:
    """`properties.load(stream)`."""
    resources.load_into(core.program, frame, receiver, resources.name_of(args[0]) if args else None)
    return NONE


def _bundle(core: Core, frame: Frame, receiver: Value, _args: Sequence[Value], _span: int) -> Value:
    """`ResourceBundle.getBundle(name)`."""
    result = frame.allocate("builtins.dict")
    name = resources.name_of(receiver)
    resources.load_into(core.program, frame, result, f"{name.replace('.', '/')}.properties" if name else None)
    return result


def _computed(core: Core, frame: Frame, receiver: Value, args: Sequence[Value], span: int) -> Value:
    """`map.computeIfAbsent(key, f)`."""
    if len(args) < 2:
        return NOTHING
    made = core.call(frame, args[1], [args[0]], [], span)
    return core.own_method(frame, receiver, "setdefault", [args[0], made], (), span, "")


def _added(_core: Core, frame: Frame, receiver: Value, args: Sequence[Value], _span: int) -> Value:
    result = grown_text(frame, receiver)
    for value in args:
        result = texts.add(frame, result, grown_text(frame, value))
    return result


def _percent(_core: Core, frame: Frame, receiver: Value, args: Sequence[Value], _span: int) -> Value:
    """`String.format("%s", x)`: the values stand one by one, or in one array."""
    values = [grown_text(frame, value) for value in args]
    if len(values) == 1 and containers.is_container(frame, values[0]):
        packed = containers.copy(frame, values[0], "builtins.tuple")
    else:
        packed = frame.allocate("builtins.tuple", dict(enumerate(values)), len(values))
    return texts.percent(frame, receiver, packed)


def _formatted(_core: Core, frame: Frame, receiver: Value, args: Sequence[Value], _span: int) -> Value:
    return texts.format_text(frame, receiver, [grown_text(frame, value) for value in args], [])


def _same(_core: Core, _frame: Frame, receiver: Value, _args: Sequence[Value], _span: int) -> Value:
    return receiver


def _joined(_core: Core, frame: Frame, receiver: Value, args: Sequence[Value], _span: int) -> Value:
    return texts.join(frame, args[0] if args else (0, CONST, ","), receiver)


# -- what runs over elements ----------------------------------------------------------------------------------------------


def _mapped(core: Core, frame: Frame, receiver: Value, args: Sequence[Value], span: int) -> Value:
    element = core.call(frame, args[0], [frame.elements(receiver)], [], span) if args else NOTHING
    return frame.filled("builtins.list", element)


def _flattened(core: Core, frame: Frame, receiver: Value, args: Sequence[Value], span: int) -> Value:
    element = core.call(frame, args[0], [frame.elements(receiver)], [], span) if args else frame.elements(receiver)
    return frame.filled("builtins.list", frame.elements(element))


def _filtered(core: Core, frame: Frame, receiver: Value, args: Sequence[Value], span: int) -> Value:
    element = frame.elements(receiver)
    test = core.call(frame, args[0], [element], [], span) if args else NOTHING
    if test[1] == CONDITION:
        for tested, mask in test[2][0]:
            if tested is element:
                element = (cleared(element[0], mask), element[1], element[2])
    return frame.filled("builtins.list", element)


def _each(core: Core, frame: Frame, receiver: Value, args: Sequence[Value], span: int) -> Value:
    if args:
        core.call(frame, args[0], [frame.elements(receiver)], [], span)
    return NONE


def _value(core: Core, frame: Frame, receiver: Value) -> Value:
    return core.any_item(frame, receiver) if receiver[1] == OBJECT else frame.elements(receiver)


def _each_pair(core: Core, frame: Frame, receiver: Value, args: Sequence[Value], span: int) -> Value:
    if args:
        core.call(frame, args[0], [frame.elements(receiver), _value(core, frame, receiver)], [], span)
    return NONE


def _reduced(core: Core, frame: Frame, receiver: Value, args: Sequence[Value], span: int) -> Value:
    """`list.reduce(f, start)`: two rounds of it, joined."""
    if not args:
        return NOTHING
    element = frame.elements(receiver)
    result = args[1] if len(args) > 1 else element
    for _ in range(2):
        result = frame.join(result, core.call(frame, args[0], [result, element], [], span))
    return result


def _folded(core: Core, frame: Frame, receiver: Value, args: Sequence[Value], span: int) -> Value:
    """`stream.reduce(start, f)`."""
    return _reduced(core, frame, receiver, [args[1], args[0], *args[2:]] if len(args) > 1 else args, span)


def _found(core: Core, frame: Frame, receiver: Value, args: Sequence[Value], span: int) -> Value:
    return frame.elements(_filtered(core, frame, receiver, args, span))


def _tested(core: Core, frame: Frame, receiver: Value, args: Sequence[Value], span: int) -> Value:
    _each(core, frame, receiver, args, span)
    return NOTHING


def _first(core: Core, frame: Frame, receiver: Value, _args: Sequence[Value], span: int) -> Value:
    return core.item(frame, receiver, (0, CONST, 0), span)


def _second(core: Core, frame: Frame, receiver: Value, _args: Sequence[Value], span: int) -> Value:
    return core.item(frame, receiver, (0, CONST, 1), span)


def _last(core: Core, frame: Frame, receiver: Value, _args: Sequence[Value], span: int) -> Value:
    record = frame.heap.get(receiver[2]) if receiver[1] == OBJECT else None
    if record is not None and record[4] > 0:
        return core.item(frame, receiver, (0, CONST, record[4] - 1), span)
    return frame.elements(receiver)


def _element(_core: Core, frame: Frame, receiver: Value, _args: Sequence[Value], _span: int) -> Value:
    return frame.elements(receiver)


def _then(core: Core, frame: Frame, receiver: Value, args: Sequence[Value], span: int) -> Value:
    """`promise.then(f)`, `optional.map(f)`: what the function makes of the value."""
    if not args:
        return receiver
    result = core.call(frame, args[0], [receiver], [], span)
    for handler in args[1:]:
        core.call(frame, handler, [NOTHING], [], span)
    return result


def _or_else(core: Core, frame: Frame, receiver: Value, args: Sequence[Value], span: int) -> Value:
    """`optional.orElse(x)`, `optional.orElseGet(f)`."""
    if not args:
        return receiver
    other = core.call(frame, args[0], [], [], span) if args[0][1] == FUNCTION else args[0]
    return frame.join(receiver, other)


def _caught(core: Core, frame: Frame, receiver: Value, args: Sequence[Value], span: int) -> Value:
    """`promise.catch(f)`: the value, or what the function makes of the exception."""
    if not args:
        return receiver
    other = core.call(frame, args[0], [core.caught(frame, [], [], span)], [], span)
    return frame.join(receiver, other) if other[0] else receiver


def _merged(core: Core, frame: Frame, receiver: Value, args: Sequence[Value], span: int) -> Value:
    """`Object.assign(target, a, b)`: the target, with the members of the others."""
    for value in args:
        core.own_method(frame, receiver, "update", [value], [], span, "")
    return receiver


def _substituted(core: Core, frame: Frame, receiver: Value, args: Sequence[Value], span: int) -> Value:
    """`text.replace(x, y)` where `x` is a compiled pattern, or a text of which all places are meant."""
    if len(args) > 1 and args[0][1] == OBJECT:
        record = frame.heap.get(args[0][2])
        if record is not None and record[0] == "re.Pattern":
            return core.call_symbol(frame, "re.Pattern.sub", [args[1], receiver], [], span, args[0], "")
    return core.own_method(frame, receiver, "replace", args, [], span, "")


def _substituted_once(core: Core, frame: Frame, receiver: Value, args: Sequence[Value], span: int) -> Value:
    """As `_substituted`, but of a text only the first place is meant."""
    if len(args) < 2 or args[0][1] == OBJECT:
        return _substituted(core, frame, receiver, args, span)
    if receiver[1] == CONST and all(value[1] == CONST and isinstance(value[2], str) for value in args):
        return (receiver[0], CONST, str(receiver[2]).replace(args[0][2], args[1][2], 1))
    return unknown(frame.deep(receiver) | frame.deep(args[1]))


_OPERATIONS: Final[dict[str, Operation]] = {
    "caught": _caught,
    "merged": _merged,
    "substituted": _substituted,
    "substituted_once": _substituted_once,
    "__eq__": _equal,
    "__contains__": _contains,
    "__getitem__": _part,
    "__setitem__": _put,
    "__add__": _added,
    "__mod__": _percent,
    "format": _formatted,
    "part": _cut,
    "middle": _middle,
    "same": _same,
    "joined": _joined,
    "map": _mapped,
    "flat_map": _flattened,
    "filter": _filtered,
    "each": _each,
    "each_pair": _each_pair,
    "reduce": _reduced,
    "fold": _folded,
    "find": _found,
    "tested": _tested,
    "first": _first,
    "second": _second,
    "last": _last,
    "is_empty": _empty,
    "same_word": _same_word,
    "removed": _removed,
    "appended": _appended,
    "computed": _computed,
    "loaded": _loaded,
    "bundle": _bundle,
    **expressions.OF_TEXTS,
    "element": _element,
    "then": _then,
    "or_else": _or_else,
}
"""Operations that Python has no method for, or another one; each takes the machine, the activation, the receiver, the
arguments and the span of the call."""

_TABLES: Final[dict[str, dict[str, Operation]]] = {BUILDER: OF_BUILDERS, expressions.MATCHER: expressions.OF_MATCHERS}
"""Operations of types that are no text, list, dictionary or set."""
