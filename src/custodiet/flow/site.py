"""A call of a library function as the knowledge sees it, and the conditions of knowledge entries."""

from collections.abc import Sequence
from typing import Any

from custodiet.flow import preceding
from custodiet.flow.frame import Frame
from custodiet.flow.state import SYMBOLIC, Record
from custodiet.flow.values import (
    ARGUMENT,
    CHOICE,
    CONST,
    DERIVED,
    INSTANCE,
    OBJECT,
    SYMBOL,
    TEXT,
    UNKNOWN,
    Value,
    forms,
    is_text,
    pieces_of,
)
from custodiet.knowledge.schema import Argument, CheckEntry, Condition, Guard, Sanitiser, Sink
from custodiet.knowledge.tables import Spec, Tables, pattern


class Site:
    """One call (or store) in one activation: `args` and `kw` are values, `owner` the receiver, `text` the receiver as
    written.
    """

    __slots__ = ("args", "frame", "kw", "name", "owner", "span", "tables", "text")

    def __init__(
        self,
        frame: Frame,
        tables: Tables,
        name: str,
        args: Sequence[Value],
        kw: Sequence[tuple[str, Value]],
        span: int,
        owner: Value | None = None,
        text: str = "",
    ) -> None:
        self.frame = frame
        self.tables = tables
        self.name = name
        self.args = args
        self.kw = kw
        self.span = span
        self.owner = owner
        self.text = text

    def argument(self, names: Argument) -> Value | None:
        """The value of a parameter by any of its spellings; None if it is not given."""
        for name in names:
            if isinstance(name, int):
                if name < len(self.args):
                    return self.args[name]
            elif name == "self":
                if self.owner is not None:
                    return self.owner
            elif name == "*":
                return self.everything()
            else:
                for given, value in self.kw:
                    if given == name:
                        return value
        return self._spread(names) if self.kw else None

    def _spread(self, names: Argument) -> Value | None:
        """The parameter as it may come out of `*args` or `**kwargs`."""
        for given, value in self.kw:
            if given == "*" and any(isinstance(name, int) and name >= len(self.args) for name in names):
                record = self.frame.heap.get(value[2]) if value[1] == OBJECT else None
                for name in names:
                    if isinstance(name, int) and record is not None and name - len(self.args) in record[2]:
                        return record[2][name - len(self.args)]
                if not is_known(record, "builtins.tuple", "builtins.list"):
                    loose = self.frame.elements(value)
                    return loose if loose[0] else None
            if given == "**":
                record = self.frame.heap.get(value[2]) if value[1] == OBJECT else None
                for name in names:
                    if isinstance(name, str) and record is not None and name in record[2]:
                        return record[2][name]
                if not is_known(record, "builtins.dict"):
                    taint = self.frame.deep(value)
                    return (taint, UNKNOWN, None) if taint else None
        return None

    def everything(self) -> Value:
        """One value that stands for all arguments."""
        taint = 0
        for value in self.args:
            taint |= self.frame.deep(value)
        for _, value in self.kw:
            taint |= self.frame.deep(value)
        return (taint, UNKNOWN, None)

    def may_be_spread(self) -> bool:
        """Whether `*args` or `**kwargs` may hold parameters that are not seen."""
        for given, value in self.kw:
            if given in ("*", "**"):
                record = self.frame.heap.get(value[2]) if value[1] == OBJECT else None
                if not is_known(record, "builtins.dict" if given == "**" else "builtins.tuple", "builtins.list"):
                    return True
        return False

    def inside(self, value: Value, item: int | str | None) -> Value | None:
        """The item of a value that is a container made here; None if it has none or is not known."""
        if item is None:
            return value
        if value[1] == ARGUMENT:
            kept = self.frame.heap.get(self.frame.key_of(value))
            return kept[2].get(item) or kept[1].get(str(item)) if kept is not None else None
        if value[1] != OBJECT:
            return None
        record = self.frame.heap.get(value[2])
        if record is None:
            return None
        if isinstance(item, int) and item < 0 and record[4] >= 0:
            item += record[4]
        return record[2].get(item) or (record[1].get(item) if isinstance(item, str) else None)


def _is_made_of_constants(site: Site, value: Value) -> bool:
    """Whether it is a container made here that holds numbers alone, all of them in sight (`new byte[] {1, 2, 3}`)."""
    record = site.frame.heap.get(value[2]) if value[1] == OBJECT else None
    if record is None or record[3] is not None or not record[2]:
        return False
    return all(item[1] == CONST and isinstance(item[2], int) for item in record[2].values())


def is_known(record: Record | None, *owners: str) -> bool:
    """Whether the record is that of a container of one of these classes whose items are all in sight."""
    return record is not None and record[0] in owners and record[3] is None


def is_wrong(site: Site, when: Sequence[Condition], unless: Sequence[Condition]) -> bool:
    """Whether a check fires: as `holds`, where a parameter that nobody is seen to give counts as its default."""
    if not site.frame.defaults:
        return holds(site, when, unless)
    assumed = Site(
        site.frame,
        site.tables,
        site.name,
        [_assumed(site.frame, value) for value in site.args],
        [(name, _assumed(site.frame, value)) for name, value in site.kw],
        site.span,
        site.owner,
        site.text,
    )
    return holds(assumed, when, unless)


def _assumed(frame: Frame, value: Value) -> Value:
    if value[1] == ARGUMENT:
        return frame.defaults.get(value[2][:2], value)
    return value


def holds(site: Site, when: Sequence[Condition], unless: Sequence[Condition]) -> bool:
    """Whether the entry applies: all of `when`, none of `unless`."""
    for condition in when:
        if not test(site, condition):
            return False
    return not any(test(site, condition) for condition in unless)


def test(site: Site, condition: Condition) -> bool:
    """Whether one condition holds at a call."""
    if condition.receiver is not None:
        return pattern(condition.receiver).search(site.text) is not None
    if condition.within is not None:
        return pattern(condition.within).search(site.frame.function.name) is not None
    if condition.refused is not None:
        return preceding.refuses(site.frame.function, site.span, condition.refused)
    if condition.beside is not None:
        return not site.frame.identifiers.isdisjoint(condition.beside)
    value = site.argument(condition.argument)
    if condition.absent is not None and condition.item is None:
        if value is None and site.may_be_spread():
            return False
        return (value is None) == condition.absent
    if value is not None and condition.item is not None:
        *outer, last = condition.item if isinstance(condition.item, list) else [condition.item]
        for step in outer:
            inner = site.inside(value, step)
            if inner is None:
                return False
            value = inner
        known = value[1] == OBJECT
        value = site.inside(value, last)
        if condition.absent is not None:
            return known and (value is None) == condition.absent
    if value is None:
        return (
            condition.isnt is not None
            or condition.mismatches is not None
            or condition.constant is False
            or condition.literal is False
        )
    if value[1] == CHOICE:
        return any(
            _holds_for(site, condition, (0, SYMBOL if kind == SYMBOLIC else CONST, option)) for kind, option in value[2]
        )
    return _holds_for(site, condition, value)


def _holds_for(site: Site, condition: Condition, value: Value) -> bool:
    """The test of one value."""
    kind, payload = value[1], value[2]
    if condition.is_ is not None:
        return kind == CONST and any(_equal(payload, option) for option in condition.is_)
    if condition.isnt is not None:
        return not (kind == CONST and any(_equal(payload, option) for option in condition.isnt))
    if condition.matches is not None:
        return _matches(value, condition.matches)
    if condition.mismatches is not None:
        return not _matches(value, condition.mismatches)
    if condition.symbol is not None:
        return _is_symbol(site, value, condition.symbol)
    if condition.below is not None:
        return kind == CONST and _number(payload) and payload < condition.below
    if condition.above is not None:
        return kind == CONST and _number(payload) and payload > condition.above
    if condition.constant is not None:
        return (kind == CONST) == condition.constant or (condition.constant and _is_made_of_constants(site, value))
    if condition.literal is not None:
        return (kind == CONST and isinstance(payload, str | bytes) and len(payload) > 0) == condition.literal
    if condition.text is not None:
        known = is_text(value)
        return known is not False if condition.text else known is False
    if condition.form is not None:
        return derived(value, condition.form) is not None
    if condition.builds is not None:
        pieces = pieces_of(value)
        if kind not in (TEXT, CONST):
            return False
        return pattern(condition.builds).search("".join(piece or "\x00" for piece in pieces)) is not None
    return True


def conditional(spec: Spec) -> tuple[Sink | CheckEntry | Guard | Sanitiser, ...]:
    """The entries of a name that apply under conditions."""
    return (*spec.sinks, *spec.checks, *spec.guards, *spec.sanitisers)


def derived(value: Value, how: str) -> Value | None:
    """The value that `value` was derived from in this way, or None."""
    for form in forms(value):
        if form[1] == DERIVED and form[2][0] == how:
            source: Value = form[2][1]
            return source
    return None


def _equal(a: Any, b: Any) -> bool:
    if isinstance(a, bool) or isinstance(b, bool):
        return a is b
    if isinstance(a, bytes) and isinstance(b, str):
        return a == b.encode()
    return type(a) is type(b) and bool(a == b)


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _matches(value: Value, expression: str) -> bool:
    if value[1] == CONST and isinstance(value[2], str | bytes):
        text = value[2] if isinstance(value[2], str) else value[2].decode("latin-1")
        return pattern(expression).search(text) is not None
    if value[1] == TEXT and isinstance(value[2][0], str):
        return pattern(expression).search(value[2][0]) is not None
    return False


def _is_symbol(site: Site, value: Value, names: list[str]) -> bool:
    kind, payload = value[1], value[2]
    if kind in (SYMBOL, INSTANCE) and isinstance(payload, str):
        return any(name in names for name in (payload, payload.removesuffix("()"), *site.tables.lineage(payload)))
    if kind == ARGUMENT and isinstance(payload[2], str):
        return not set(names).isdisjoint(site.tables.lineage(payload[2]))
    if kind == DERIVED and len(payload) > 2:
        return not set(names).isdisjoint(site.tables.lineage(payload[2]))
    if kind == OBJECT:
        record = site.frame.heap.get(payload)
        return record is not None and record[0] in names
    return False
