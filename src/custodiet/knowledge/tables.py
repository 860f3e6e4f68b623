"""Knowledge compiled to look-ups: what is known of a name, by one dictionary access."""

import re
from collections.abc import Iterable
from typing import Any, Final

import msgspec

from custodiet.knowledge.schema import (
    CheckEntry,
    Condition,
    Derive,
    Entry,
    Entrypoint,
    Guard,
    Knowledge,
    Propagator,
    Render,
    Sanitiser,
    Sink,
    Source,
    Storage,
)


class Spec(msgspec.Struct):
    """All that is known of one use (call, read, store, item store) of one name."""

    name: str
    source: Source | None = None
    sinks: tuple[Sink, ...] = ()
    sanitisers: tuple[Sanitiser, ...] = ()
    propagators: tuple[Propagator, ...] = ()
    storages: tuple[Storage, ...] = ()
    guards: tuple[Guard, ...] = ()
    derive: Derive | None = None
    renders: tuple[Render, ...] = ()
    entrypoints: tuple[Entrypoint, ...] = ()
    checks: tuple[CheckEntry, ...] = ()
    returns: str = ""


class Tables(msgspec.Struct):
    """Compiled knowledge of one language.

    `calls`, `reads`, `stores` (`name=`), `item_reads` (`name[]`), `item_stores` (`name[]=`) map canonical names;
    `wild_calls` maps the method name of `*.name` entries. `bases` are the direct bases of library classes.
    """

    calls: dict[str, Spec] = {}
    reads: dict[str, Spec] = {}
    stores: dict[str, Spec] = {}
    item_reads: dict[str, Spec] = {}
    item_stores: dict[str, Spec] = {}
    wild_calls: dict[str, Spec] = {}
    wild_reads: dict[str, Spec] = {}
    bases: dict[str, tuple[str, ...]] = {}
    returns: dict[str, str] = {}
    attributes: dict[str, str] = {}
    decorators: dict[str, tuple[Entrypoint, ...]] = {}
    base_entries: dict[str, tuple[Entrypoint, ...]] = {}
    classes: frozenset[str] = frozenset()
    packages: frozenset[str] = frozenset()
    anchors: frozenset[str] = frozenset()
    """Simple names whose appearance makes a function worth analysing."""
    sink_anchors: dict[str, set[str]] = {}
    """The anchors of sinks by sink kind."""
    telling_anchors: frozenset[str] = frozenset()
    """The anchors of sources, checks and templates."""
    entry_anchors: frozenset[str] = frozenset()
    storing: frozenset[str] = frozenset()
    """Classes whose instances keep values by key (`[[storage]]`)."""
    _found: dict[tuple[str, str, str], str] = {}

    def lineage(self, name: str) -> tuple[str, ...]:
        """The class and its bases, nearest first, each once."""
        seen = [name]
        for current in seen:
            for base in self.bases.get(current, ()):
                if base not in seen:
                    seen.append(base)
        return tuple(seen)

    def member(self, owner: str, name: str, table: str = "calls") -> str:
        """The canonical name of `owner.name`, found through the bases of `owner`; `""` if nothing is known of it.

        `table` is the use: `calls`, `reads`, `stores`, `item_stores`, `item_reads`.
        """
        key = (owner, name, table)
        found = self._found.get(key)
        if found is None:
            found = self._found[key] = self._member(owner, name, table)
        return found

    def _member(self, owner: str, name: str, table: str) -> str:
        entries: dict[str, Spec] = getattr(self, table)
        for known in self.lineage(owner):
            full = f"{known}.{name}" if name else known
            if (
                full in entries
                or (table == "calls" and full in self.returns)
                or (table == "reads" and full in self.attributes)
            ):
                return full
        return ""


def names_of(entry: Entry) -> tuple[str, ...]:
    """The names of an entry, whether it has one or several."""
    return (entry.name,) if isinstance(entry.name, str) else tuple(entry.name)


def compile_tables(libraries: Iterable[Knowledge], identifiers: frozenset[str] | None = None) -> Tables:
    """The look-up tables of the libraries that a repository with these identifiers can use (None: all)."""
    tables = Tables()
    classes: set[str] = set()
    packages: set[str] = set()
    telling: set[str] = set()
    entry_anchors: set[str] = set()
    for library in libraries:
        roots = library.library.packages
        packages.update(root for root in roots if root != "*")
        if (
            identifiers is not None
            and "*" not in roots
            and identifiers.isdisjoint(part for root in roots for part in root.split(".")[-1:])
        ):
            continue
        for kind in library.type:
            for name in names_of(kind):
                tables.bases[name] = (*tables.bases.get(name, ()), *kind.bases)
                classes.update((name, *kind.bases))
        for returned in library.returns:
            for name in names_of(returned):
                tables.returns[name.removesuffix("()")] = returned.type
                classes.add(returned.type)
        for attribute in library.attribute:
            for name in names_of(attribute):
                tables.attributes[name] = attribute.type
                classes.add(attribute.type)
        for field in ("source", "sink", "sanitiser", "propagator", "storage", "guard", "derive", "render", "check"):
            for entry in getattr(library, field):
                for name in names_of(entry):
                    _add(tables, field, name, entry)
                    anchor = _anchor(name)
                    if field in ("source", "check", "render"):
                        telling.add(anchor)
                    elif field == "sink":
                        tables.sink_anchors.setdefault(entry.kind, set()).add(anchor)
        for entrypoint in library.entrypoint:
            for name in names_of(entrypoint):
                entry_anchors.add(_anchor(name))
                if entrypoint.argument is not None:
                    _add(tables, "entrypoints", name, entrypoint)
                elif entrypoint.methods is not None:
                    tables.base_entries[name] = (*tables.base_entries.get(name, ()), entrypoint)
                    classes.add(name)
                else:
                    tables.decorators[name] = (*tables.decorators.get(name, ()), entrypoint)
    for table in (tables.calls, tables.reads, tables.stores, tables.item_stores):
        for name in table:
            owner, _, _ = name.rpartition(".")
            if owner.rpartition(".")[2][:1].isupper():
                classes.add(owner)
    stored = {name.rpartition(".")[0]: spec for name, spec in tables.stores.items()}
    tables.storing = frozenset(name.rpartition(".")[0] for name, spec in tables.calls.items() if spec.storages)
    tables.classes = frozenset(classes)
    tables.packages = frozenset(packages)
    for name, result in (*tables.attributes.items(), *tables.returns.items()):
        if any(base in table for base in tables.lineage(result) for table in (tables.item_stores, stored)):
            telling.add(_anchor(name))
    tables.telling_anchors = frozenset(telling)
    tables.anchors = frozenset(telling.union(*tables.sink_anchors.values()))
    tables.entry_anchors = frozenset(entry_anchors)
    return tables


def _anchor(name: str) -> str:
    return name.rstrip("=").removesuffix("[]").removesuffix("()").rpartition(".")[2]


_TUPLES: Final = {
    "sink": "sinks",
    "sanitiser": "sanitisers",
    "propagator": "propagators",
    "storage": "storages",
    "guard": "guards",
    "check": "checks",
    "entrypoints": "entrypoints",
    "render": "renders",
}


def _add(tables: Tables, field: str, name: str, entry: Any) -> None:
    if name.endswith("[]="):
        places = [(tables.item_stores, name[:-3])]
    elif name.endswith("="):
        places = [(tables.stores, name[:-1])]
    elif name.endswith("[]"):
        places = [(tables.item_reads, name[:-2])]
    elif name.endswith("()"):
        places = [(tables.calls, name[:-2])]
    elif field == "source" and entry.argument is None:
        places = [(tables.reads, name)]
    elif field in ("sanitiser", "derive", "propagator"):
        places = [(tables.calls, name), (tables.reads, name)]
    else:
        places = [(tables.calls, name)]
    for place, given in places:
        is_wild = given.startswith("*.")
        key = given[2:] if is_wild else given
        table = place if not is_wild else tables.wild_reads if place is tables.reads else tables.wild_calls
        spec = table.get(key)
        if spec is None:
            spec = table[key] = Spec(name=key)
        if field in _TUPLES:
            attribute = _TUPLES[field]
            setattr(spec, attribute, (*getattr(spec, attribute), entry))
        else:
            setattr(spec, field, entry)


_PATTERNS: dict[str, re.Pattern[str]] = {}


def pattern(text: str) -> re.Pattern[str]:
    """The compiled regular expression of a condition, kept."""
    found = _PATTERNS.get(text)
    if found is None:
        found = _PATTERNS[text] = re.compile(text)
    return found


__all__ = ["Condition", "Spec", "Tables", "compile_tables", "names_of", "pattern"]
