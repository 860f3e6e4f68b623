"""The library: what the knowledge says of a call, applied to values.

In this order: checks, sinks, entry points and templates; then the result, from the function's own meaning (`native`), a
storage, a test or what went in; then what its sanitisers clear and its sources add.
"""

import sys
from collections.abc import Sequence
from typing import Any, Final

from custodiet.flow import native, patterns, resources
from custodiet.flow.frame import Frame
from custodiet.flow.rendering import Rendering
from custodiet.flow.site import Site, derived, holds, is_wrong
from custodiet.flow.summary import SinkUse
from custodiet.flow.values import (
    ALL,
    ARGUMENT,
    CONDITION,
    CONST,
    DERIVED,
    FUNCTION,
    INSTANCE,
    MASK,
    NOTHING,
    OBJECT,
    SYMBOL,
    TEXT,
    UNKNOWN,
    Value,
    cleared,
    mask_of,
    unseen,
)
from custodiet.knowledge.schema import Storage
from custodiet.knowledge.tables import Spec

NEVER: Final[Value] = (0, UNKNOWN, "never")
"""The result of a call that does not return; compared by identity."""

RAISING: Final[dict[str, int]] = {
    **dict.fromkeys(
        (
            "builtins.int",
            "builtins.float",
            "uuid.UUID",
            "decimal.Decimal",
            "datetime.date.fromisoformat",
            "datetime.datetime.fromisoformat",
        ),
        ALL,
    ),
    **dict.fromkeys(
        ("ipaddress.ip_address", "ipaddress.IPv4Address", "ipaddress.IPv6Address", "ipaddress.ip_network"),
        ALL & ~MASK["url"],
    ),
}
"""Conversions that prove their argument, even when the result is not used."""
LOOKUPS: Final = frozenset("get filter exclude get_or_create update_or_create create first last aggregate".split())
"""Methods that find records by the values of their keywords."""


class Library(Rendering):
    """Calls of library functions."""

    def library_call(self, frame: Frame, site: Site, spec: Spec | None) -> Value:
        """The result of calling the library name of `site`, after checks, sinks and effects."""
        name = site.name
        self.entries.note_call(site)
        builtin = native.FUNCTIONS.get(name)
        if spec is None:
            if builtin is not None:
                result = builtin(self, frame, site)
                if result is not None:
                    return result
            if self.tables.returns.get(name) == "never":
                return NEVER
            return self.unknown_call(frame, site)
        self.judge_call(frame, site, spec)
        for entry in spec.entrypoints:
            self.entries.add_registered(self, frame, site, entry)
        is_judged = False
        for render in spec.renders:
            is_judged = self.render(frame, site, render) or is_judged
        if builtin is not None:
            result = builtin(self, frame, site)
            if result is not None:
                return self.after(frame, site, spec, result)
        if spec.storages:
            for storage in spec.storages:
                found = self.storage(frame, site, storage, site.owner)
                if found is not None:
                    return self.itself(frame, site, 0) if self.tables.returns.get(site.name) == "self" else found
        if spec.guards:
            return self.guard(frame, site, spec)
        result = self.result(frame, site, spec)
        if spec.storages and site.owner is None:
            for storage in spec.storages:  # a constructor
                self.storage(frame, site, storage, result)
        if is_judged:
            result = (cleared(result[0], MASK["html"]), result[1], result[2])
        if spec.derive is not None:
            source = site.argument(spec.derive.argument)
            is_named = source is not None and spec.derive.how == resources.RESOURCE and resources.is_resource(source)
            if source is not None and (result[0] or source[0] or is_named):
                kind = (result[2],) if result[1] == INSTANCE and isinstance(result[2], str) else ()
                result = (result[0] or source[0], DERIVED, (spec.derive.how, source, *kind))
        return self.after(frame, site, spec, result)

    def judge_call(self, frame: Frame, site: Site, spec: Spec) -> None:
        """Note what is wrong with the call by itself, and which sinks its arguments reach."""
        for check in spec.checks:
            if is_wrong(site, check.when, check.unless):
                key = (check.rule, frame.module, site.span)
                if key not in self.wrong:
                    self.wrong[key] = (frame.index, check.message, check.confidence, site.name)
        for sink in spec.sinks:
            if holds(site, sink.when, sink.unless):
                self.sink(frame, site, sink)

    def judge_alias(
        self,
        frame: Frame,
        name: str,
        args: Sequence[Value],
        kw: Sequence[tuple[str, Value]],
        span: int,
        owner: Value | None,
        text: str,
    ) -> None:
        """As `judge_call`, for a name that means an operation of the core."""
        spec = self.tables.calls.get(name)
        if spec is not None and (spec.sinks or spec.checks):
            self.judge_call(frame, Site(frame, self.tables, name, args, kw, span, owner, text), spec)

    def after(self, frame: Frame, site: Site, spec: Spec, result: Value) -> Value:
        """Sanitisers, sources and the declared type of a result."""
        if site.name in RAISING and site.args and site.args[0][0]:
            frame.may_raise()
            frame.clear(site.args[0], RAISING[site.name])  # it raises for everything but what it converts
        taint = result[0]
        for sanitiser in spec.sanitisers:
            if not holds(site, sanitiser.when, sanitiser.unless):
                continue
            mask = mask_of(sanitiser.clears)
            if sanitiser.in_place:
                if site.owner is not None:
                    frame.clear(site.owner, mask)
            else:
                taint = cleared(taint, mask)
                if mask == ALL and result[1] in (OBJECT, DERIVED, TEXT):
                    result = (taint, UNKNOWN, None)
        source = spec.source
        if source is not None and holds(site, source.when, source.unless):
            own = self.source_taint(frame, spec, site.span)
            if source.calls is not None:
                callback = site.argument(source.calls)
                if callback is not None:
                    self.call(frame, callback, [(own, UNKNOWN, None)], [], site.span)
            elif source.argument is not None:
                target = site.argument(source.argument)
                if target is not None:
                    self.pollute(frame, target, own)
            else:
                taint |= own
        if taint != result[0]:
            result = (
                taint,
                result[1] if result[1] not in (CONST, CONDITION) else UNKNOWN,
                result[2] if result[1] not in (CONST, CONDITION) else None,
            )
        kind = self.tables.returns.get(site.name)
        if kind is not None:
            if kind == "never":
                return NEVER
            if kind == "self":
                return self.itself(frame, site, taint)
            if result[1] in (UNKNOWN, SYMBOL):
                return (result[0], INSTANCE, kind)
        return result

    # -- results ------------------------------------------------------------------------------------------------------

    def result(self, frame: Frame, site: Site, spec: Spec) -> Value:
        """What comes back before sanitisers: propagators if there are any; nothing of a modelled sink; else everything
        that went in.
        """
        taint = 0
        if spec.propagators:
            for propagator in spec.propagators:
                if not holds(site, propagator.when, propagator.unless):
                    continue
                value = self.gather(frame, site, propagator.from_)
                if propagator.type:
                    value = (value[0], INSTANCE, propagator.type)
                if propagator.calls:
                    for position in propagator.calls:
                        target = site.argument([position])
                        if target is not None:
                            called = self.call(frame, target, [value], [], site.span)
                            taint |= frame.deep(called)
                if propagator.to == "return":
                    taint |= frame.deep(value)
                elif propagator.to == "self":
                    if site.owner is not None:
                        self.pollute(frame, site.owner, frame.deep(value))
                else:
                    target = site.argument([propagator.to])
                    if target is not None:
                        self.pollute(frame, target, frame.deep(value))
        elif spec.sinks and not spec.guards and (not spec.sanitisers or spec.name in self.tables.returns):
            taint = 0
        else:
            taint = site.everything()[0]
            if site.owner is not None:
                taint |= frame.deep(site.owner)
        return self.named_result(frame, site.name, taint)

    def gather(self, frame: Frame, site: Site, names: Sequence[int | str]) -> Value:
        """The data of several arguments as one value."""
        taint = 0
        for name in names or ["*"]:
            value = site.argument([name])
            if value is not None:
                taint |= frame.deep(value)
        return (taint, UNKNOWN, None)

    def named_result(self, frame: Frame, name: str, taint: int) -> Value:
        """The result of a call by what its name tells: an instance of a class, or "the result of name"."""
        kind = self.tables.returns.get(name)
        last = name.rpartition(".")[2]
        is_capital = self.tables.language.capitals_make_instances and last[:1].isupper() and not last.isupper()
        if kind is None and (is_capital or name in self.tables.classes):
            kind = name
        if kind is not None and kind not in ("never", "self"):
            if self.tables.storing and not self.tables.storing.isdisjoint(self.tables.lineage(kind)):
                made = frame.allocate(kind)
                return (taint, OBJECT, made[2])
            return (taint, INSTANCE, kind)
        if taint and name not in self.tables.decorators:
            return (taint, UNKNOWN, None)
        return (0, SYMBOL, f"{name}()") if len(name) < 120 else NOTHING

    def unknown_call(self, frame: Frame, site: Site) -> Value:
        """A library function that nothing is known of: what goes in may come out; callbacks are called."""
        taint = site.everything()[0]
        if self.is_foreign(site.name) or (site.name.rpartition(".")[2] in LOOKUPS and site.kw and not site.args):
            taint = unseen(taint)
        if site.owner is not None:
            taint |= frame.deep(site.owner)
        if site.name.rpartition(".")[2][:1].isupper() and site.name.partition(".")[0] not in self.tables.packages:
            for given, value in site.kw:
                if given == "**" and frame.deep(value):  # `User(**request.json)`: a model that is not in sight
                    use = SinkUse("assign", frame.module, site.span, (frame.module, frame.index), site.name)
                    self.reach(frame, use, cleared(frame.deep(value), ALL & ~MASK["assign"]))
        for value in (*site.args, *(value for _, value in site.kw)):
            if value[1] == FUNCTION:
                self.call(frame, value, [], [], site.span)
        if self.tables.returns.get(site.name) == "self":
            return self.itself(frame, site, taint)
        return self.named_result(frame, site.name, taint)

    def is_foreign(self, name: str) -> bool:
        """Whether nothing is known of the package that `name` belongs to."""
        root = name.partition(".")[0]
        return root != "builtins" and self.tables.is_foreign(name) and root not in sys.stdlib_module_names

    def itself(self, frame: Frame, site: Site, taint: int) -> Value:
        """The receiver of a call that gives it back, with what went in."""
        if site.owner is None:
            return (taint, UNKNOWN, None)
        if taint:
            self.pollute(frame, site.owner, taint & ~frame.deep(site.owner))
        return site.owner

    def storage(self, frame: Frame, site: Site, storage: Storage, owner: Value | None) -> Value | None:
        """Store or read a value that an object keeps under constant keys."""
        if owner is None or (owner[1] != OBJECT and (owner[1] != ARGUMENT or storage.value is None)):
            return None
        parts: list[Any] = [storage.under] if storage.under else []
        for names in storage.key:
            part = site.argument(names)
            if part is None:
                return None
            parts.append(part[2] if part[1] == CONST else None)
        known = None not in parts
        name = (0, CONST, parts[0] if len(parts) == 1 else "\x00".join(map(str, parts))) if known else NOTHING
        if storage.value is not None:
            stored = site.argument(storage.value)
            if stored is None:
                return None
            if storage.item is not None:
                stored = site.inside(stored, storage.item) or NOTHING
            frame.set_item(owner, name, stored)
            return (0, CONST, None)
        record = frame.heap[owner[2]]
        if known and name[2] in record[2]:
            return record[2][name[2]]
        if not known:
            return self.any_item(frame, owner)
        return record[3] if record[3] is not None else NOTHING

    # -- tests --------------------------------------------------------------------------------------------------------

    def guard(self, frame: Frame, site: Site, spec: Spec) -> Value:
        """The result of a testing function."""
        if_true: list[tuple[Value, int]] = []
        if_false: list[tuple[Value, int]] = []
        taint = 0
        for guard in spec.guards:
            if not holds(site, guard.when, guard.unless):
                continue
            tested = site.argument(guard.argument)
            if tested is None or not tested[0]:
                continue
            mask = mask_of(guard.clears)
            form = tested
            while form[1] == DERIVED:
                if form[2][0].startswith("without:"):
                    mask &= patterns.characters_safe_for(patterns.ALPHANUMERIC + form[2][0][8:])
                form = form[2][1]
            expression = self.expression_of(frame, site)
            if expression is not None:
                mask = patterns.cleared_by(*expression)
            elif site.name.startswith("re."):
                mask = 0
            if mask & MASK["path"] and "relative_to" in site.name and derived(tested, "resolved") is None:
                mask = 0
            if not mask:
                continue
            if guard.raises:
                frame.may_raise()
                frame.clear(tested, mask)
            elif guard.negated:
                if_false.append((tested, mask))
            else:
                if_true.append((tested, mask))
        result = self.result(frame, site, spec)
        matched = self.expression_of(frame, site)
        if matched is not None and result[0] and not if_true:
            return (result[0], DERIVED, (f"match:{matched[0]!r}", result))
        if if_true or if_false:
            return (taint, CONDITION, (tuple(if_true), tuple(if_false)))
        if site.name.startswith("re.") or spec.returns:
            return self.after(frame, site, spec, result)
        return self.after(frame, site, spec, result) if any(guard.raises for guard in spec.guards) else NOTHING

    def expression_of(self, frame: Frame, site: Site) -> tuple[str | bytes, str] | None:
        """(pattern, mode) if the call matches a known regular expression."""
        owner, _, mode = site.name.rpartition(".")
        if mode not in ("fullmatch", "match", "search"):
            return None
        if owner == "re":
            pattern = site.argument([0, "pattern"])
            flags = site.argument([2, "flags"])
            if flags is not None and not native.harmless_flags(flags):
                return None
        elif owner == "re.Pattern":
            record = frame.heap.get(site.owner[2]) if site.owner is not None and site.owner[1] == OBJECT else None
            pattern = record[1].get("pattern") if record is not None else None
        else:
            return None
        if pattern is None or pattern[1] != CONST or not isinstance(pattern[2], str | bytes):
            return None
        return (pattern[2], mode)
