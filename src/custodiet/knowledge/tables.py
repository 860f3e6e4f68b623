"""Knowledge compiled to look-ups: what is known of a name, by one dictionary access."""

import re
from collections.abc import Iterable, Iterator
from typing import Any, Final

import msgspec

from custodiet.knowledge.schema import (
    Alias,
    CheckEntry,
    Condition,
    Derive,
    Entry,
    Entrypoint,
    Guard,
    Knowledge,
    Language,
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
    wild_stores: dict[str, Spec] = {}
    wild_reads: dict[str, Spec] = {}
    bases: dict[str, tuple[str, ...]] = {}
    returns: dict[str, str] = {}
    attributes: dict[str, str] = {}
    constants: dict[str, str | int | bool] = {}
    """Names of libraries that are constants."""
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
    language: Language = Language()
    usual: dict[str, str] = {}
    """Names of the libraries that the language's files usually import, by their last word."""
    """What the language is like."""
    means: dict[str, Alias] = {}
    """Names of the language that mean something of the core; `wild_means` those of methods of values of unknown type."""
    wild_means: dict[str, Alias] = {}
    harmless: frozenset[str] = frozenset()
    """Types that cannot carry a text, beside Python's own."""
    carriers: frozenset[str] = frozenset()
    """Types whose objects are data themselves, beside those of Python's libraries."""
    unguessed: frozenset[tuple[str, str]] = frozenset()
    """(name, kind) of sinks that do not speak of parameters of callers out of sight."""
    core_members: frozenset[str] = frozenset()
    """The methods of the core's types as the language spells them."""
    _found: dict[tuple[str, str, str], str] = {}
    _foreign: dict[str, bool] = {}
    _meanings: dict[str, Alias | None] = {}

    def lineage(self, name: str) -> tuple[str, ...]:
        """The class and its bases, nearest first, each once."""
        seen = [name]
        for current in seen:
            for base in self.bases.get(current, ()):
                if base not in seen:
                    seen.append(base)
        return tuple(seen)

    def meaning(self, name: str) -> Alias | None:
        """What a library's name means in the core: itself, or as a method of a class that is a core type."""
        if name in self._meanings:
            return self._meanings[name]
        found = self.means.get(name)
        if found is None:
            owner, _, member = name.rpartition(".")
            for base in self.lineage(owner) if owner else ():
                inherited = self.means.get(f"{base}.{member}")
                core = self.means.get(base)
                found = inherited or (self.means.get(f"{core.means}.{member}") if core is not None else None)
                if found is not None:
                    break
        self._meanings[name] = found
        return found

    def is_foreign(self, name: str) -> bool:
        """Whether no library is known that `name` can belong to: neither its root, nor what follows the root of a domain
        turned around (`org.acme.tools`).
        """
        found = self._foreign.get(name)
        if found is None:
            words = name.split(".")
            starts = (".".join(words[:count]) for count in range(1, 4))
            found = self._foreign[name] = self.packages.isdisjoint(starts)
        return found

    def is_known(self, name: str) -> bool:
        """Whether the knowledge has a word on this name, as a class, a function or a value."""
        return (
            name in self.classes
            or name in self.bases
            or name in self.calls
            or name in self.reads
            or name in self.means
            or name in self.harmless
            or name in self.returns
            or name in self.attributes
            or name in self.decorators
            or name in self.constants
        )

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


_DOMAINS: Final = frozenset("com org net io dev de cn uk edu gov kong".split())
"""Roots that say nothing: whose package it is, the next word tells."""


def names_of(entry: Entry) -> tuple[str, ...]:
    """The names of an entry, whether it has one or several."""
    return (entry.name,) if isinstance(entry.name, str) else tuple(entry.name)


def _usual(tables: Tables) -> dict[str, str]:
    """The known names of the usual libraries by their last word."""
    rank = {library: place for place, library in enumerate(tables.language.usual)}
    known = (tables.classes, tables.bases, tables.calls, tables.reads, tables.means, tables.harmless, tables.decorators)
    found: dict[str, str] = {}
    for name in sorted({name for names in known for name in names}):
        library, _, last = name.rpartition(".")
        if library in rank and (last not in found or rank[library] < rank[found[last].rpartition(".")[0]]):
            found[last] = name
    return found


def compile_tables(libraries: Iterable[Knowledge], identifiers: frozenset[str] | None = None) -> Tables:
    """The look-up tables of the libraries that a repository with these identifiers can use (None: all)."""
    tables = Tables()
    classes: set[str] = set()
    packages: set[str] = set()
    telling: set[str] = set()
    entry_anchors: set[str] = set()
    harmless: set[str] = set()
    settings: set[str] = set()
    carriers: set[str] = set()
    unguessed: set[tuple[str, str]] = set()
    for library in libraries:
        if library.language is not None:
            tables.language = library.language
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
                if kind.harmless:
                    harmless.update((name, name.rpartition(".")[2]))
                if kind.settings:
                    settings.add(name)
                if kind.carries:
                    carriers.add(name)
        for alias in library.alias:
            for name in names_of(alias):
                (tables.wild_means if name.startswith("*.") else tables.means)[name.removeprefix("*.")] = alias
        for returned in library.returns:
            for name in names_of(returned):
                tables.returns[name.removesuffix("()")] = returned.type
                if returned.type not in ("self", "never"):
                    classes.add(returned.type)
        for attribute in library.attribute:
            for name in names_of(attribute):
                tables.attributes[name] = attribute.type
                classes.add(attribute.type)
        for constant in library.constant:
            for name in names_of(constant):
                tables.constants[name] = constant.value
        for field in ("source", "sink", "sanitiser", "propagator", "storage", "guard", "derive", "render", "check"):
            for entry in getattr(library, field):
                for name in names_of(entry):
                    _add(tables, field, name, entry)
                    classes.update(_classes_of(entry))
                    anchor = _anchor(name)
                    if field in ("source", "check", "render"):
                        telling.add(anchor)
                    elif field == "sink":
                        if not entry.guessed:
                            unguessed.add((name, entry.kind))
                        tables.sink_anchors.setdefault(entry.kind, set()).add(anchor)
        for entrypoint in library.entrypoint:
            classes.update(entrypoint.beside)
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
    for name in (*tables.returns, *tables.attributes, *tables.constants):
        owner, _, _ = name.rpartition(".")
        if owner.rpartition(".")[2][:1].isupper():
            classes.add(owner)
    stored = {name.rpartition(".")[0]: spec for name, spec in tables.stores.items()}
    kept = [name for name, spec in tables.calls.items() if spec.storages]
    tables.storing = frozenset((*settings, *kept, *(name.rpartition(".")[0] for name in kept)))
    tables.classes = frozenset(classes)
    if not tables.language.builtins:
        packages |= {package.partition(".")[0] for package in packages} - _DOMAINS
    tables.packages = frozenset(packages)
    tables.harmless = frozenset(harmless)
    tables.carriers = frozenset(carriers)
    tables.unguessed = frozenset(unguessed)
    tables.core_members = frozenset(
        name.rpartition(".")[2]
        for name in (*tables.means, *tables.wild_means)
        if name.startswith("builtins.") or "." not in name
    )
    for name, result in (*tables.attributes.items(), *tables.returns.items()):
        if any(base in table for base in tables.lineage(result) for table in (tables.item_stores, stored)):
            telling.add(_anchor(name))
    if tables.language.usual:
        tables.usual = _usual(tables)
    tables.telling_anchors = frozenset(telling)
    tables.anchors = frozenset(telling.union(*tables.sink_anchors.values()))
    tables.entry_anchors = frozenset(entry_anchors)
    return tables


def _classes_of(entry: Any) -> Iterator[str]:
    """The classes that the conditions of an entry name."""
    for condition in (*getattr(entry, "when", ()), *getattr(entry, "unless", ())):
        for name in condition.symbol or ():
            owner, _, member = name.rpartition(".")
            named = owner if member.isupper() else name
            if named.rpartition(".")[2][:1].isupper():
                yield named


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
        table = place
        if is_wild:
            table = tables.wild_calls
            if place is tables.reads:
                table = tables.wild_reads
            elif place is tables.stores:
                table = tables.wild_stores
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
