"""Entry points: functions that a framework calls with data from outside."""

import re
from collections.abc import Sequence
from typing import Final

import msgspec

from custodiet.flow.containers import is_container
from custodiet.flow.frame import Frame
from custodiet.flow.machine import Machine
from custodiet.flow.program import FunctionKey, Program
from custodiet.flow.site import Site, holds
from custodiet.flow.values import CLASS, CONST, FUNCTION, INSTANCE, PARTIAL, SYMBOL, ClassKey, Value
from custodiet.knowledge.schema import Entrypoint
from custodiet.pattern import pattern
from custodiet.source.ir import FUNCTION_ABSTRACT, FUNCTION_PRIVATE, FUNCTION_PROPERTY, FUNCTION_STATIC

_NUMERIC_ROUTE: Final = re.compile(
    r"<(?:int|float|uuid|any\([^)]*\)):(\w+)>|\{(\w+):(?:int|float|uuid|\\d\+|\[0-9\]\+)\}|<(\w+):int>|\(\?P<(\w+)>(?:\\d\+|\[0-9\]\+)\)"
)

_HTTP_METHODS: Final = frozenset(("__call__", "get", "post", "put", "delete", "patch", "head", "options"))


class Entry(msgspec.Struct):
    """How a function is called from outside. `clean` are parameters that the route converts to numbers."""

    rule: Entrypoint
    is_method: bool
    names: tuple[str, ...]
    clean: frozenset[str] = frozenset()
    route: str = ""

    def type_of(self, index: int, name: str) -> str:
        """The library class of a parameter, `""` if the entry says nothing of it."""
        if name in self.rule.parameters:
            return self.rule.parameters[name]
        return self.rule.parameters.get(str(index - (1 if self.is_method else 0)), "")

    def is_untrusted(self, index: int, name: str) -> bool:
        """Whether the framework fills this parameter with data from outside."""
        if self.rule.only_typed or name in self.rule.skip or name in self.clean:
            return False
        return not self.type_of(index, name)


def _name_of(decorator: Value) -> str:
    """The name of a decorator, with or without arguments."""
    name = decorator[2] if decorator[1] in (SYMBOL, INSTANCE) and isinstance(decorator[2], str) else ""
    while name.endswith("()"):
        name = name[:-2]
    return name


def _tells_more(rule: Entrypoint, known: Entrypoint) -> bool:
    """Whether a second decorator says what is returned, and the first does not."""
    return bool(rule.returns) and not known.returns and not known.beside


class Entries:
    """The entry points of a program, found while module and class bodies run."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.found: dict[FunctionKey, Entry] = {}
        self._new: list[FunctionKey] = []
        self._routes: dict[str, Site] = {}
        self._decorators: dict[FunctionKey, frozenset[str]] = {}
        self._class_decorators: dict[ClassKey, frozenset[str]] = {}

    def note_call(self, site: Site) -> None:
        """Remember the constant arguments of a decorator's call, which is evaluated right before its function."""
        if site.name.rpartition(".")[2] in self.program.tables.entry_anchors:
            self._routes[site.name] = site

    def take_new(self) -> list[FunctionKey]:
        """Entry points found since the last call."""
        new, self._new = self._new, []
        return new

    def add(self, key: FunctionKey, rule: Entrypoint, route: str = "") -> None:
        """Note an entry point; the first rule that names it stays, one that gives parameters wins over one that does
        not.
        """
        known = self.found.get(key)
        if known is not None and (not known.rule.only_typed or rule.only_typed) and not _tells_more(rule, known.rule):
            return
        function = self.program.function(key)
        clean = frozenset(name for groups in _NUMERIC_ROUTE.findall(route) for name in groups if name)
        if rule.services:
            typed = pattern(rule.services)
            clean |= {param.name for param in function.params if param.annotation and typed.search(param.annotation)}
        is_method = function.class_index >= 0
        self.found[key] = Entry(rule, is_method, tuple(param.name for param in function.params), clean, route)
        self._new.append(key)

    def note_decorators(self, key: FunctionKey, decorators: Sequence[Value]) -> None:
        """Remember which decorators a function has."""
        self._decorators[key] = frozenset(map(_name_of, decorators))

    def note_decorators_of_class(self, key: ClassKey, decorators: Sequence[Value]) -> None:
        """Remember which decorators a class has."""
        self._class_decorators[key] = frozenset(map(_name_of, decorators))

    def _is_beside(self, key: FunctionKey, rule: Entrypoint) -> bool:
        """Whether the function, or its class, has one of the decorators that the rule asks for."""
        if not rule.beside:
            return True
        owner = (key[0], self.program.function(key).class_index)
        return any(
            name in self._decorators.get(key, ()) or name in self._class_decorators.get(owner, ())
            for name in rule.beside
        )

    def add_decorated(self, decorator: Value, key: FunctionKey) -> None:
        """A function below a decorator."""
        if decorator[1] not in (SYMBOL, INSTANCE) or not isinstance(decorator[2], str):
            return
        name = _name_of(decorator)
        rules = self._decorator(name)
        site = self._routes.get(name)
        texts = [value[2] for value in site.args if value[1] == CONST] if site is not None else []
        route = next((item for item in texts if isinstance(item, str)), "")
        for rule in rules:
            if not self._is_beside(key, rule):
                continue
            if (rule.when or rule.unless) and (site is None or not holds(site, rule.when, rule.unless)):
                continue
            self.add(key, rule, route)
            break

    def _decorator(self, name: str) -> tuple[Entrypoint, ...]:
        tables = self.program.tables
        found = tables.decorators.get(name)
        if found is not None:
            return tuple(found)
        owner, _, member = name.rpartition(".")
        for base in tables.lineage(owner):
            found = tables.decorators.get(f"{base}.{member}")
            if found is not None:
                return tuple(found)
        root = name.partition(".")[0]
        if root == "builtins" or root not in tables.packages:
            found = tables.decorators.get(f"*.{member}")
            if found is not None:
                return tuple(found)
            if "." in name.removeprefix("builtins."):
                for known in sorted(tables.decorators):
                    if known.endswith(f".{member}"):
                        return tuple(tables.decorators[known])
        return ()

    def add_named(self, key: FunctionKey) -> None:
        """A function that a platform calls by its name: `custodiet.function.<name>` entries."""
        for rule in self.program.tables.decorators.get(f"custodiet.function.{self.program.function(key).name}", ()):
            self.add(key, rule)

    def add_class(self, key: ClassKey) -> None:
        """Methods that a framework's base class makes entry points."""
        tables = self.program.tables
        libraries = self.program.lineage(key)[1]
        for base in libraries:
            for rule in tables.base_entries.get(base, ()):
                for method, index in self.program.class_of(key).methods:
                    if (
                        self._is_open(key[0], index, method)
                        if rule.methods == ["*"]
                        else _is_named(method, rule.methods or ())
                    ):
                        self.add((key[0], index), rule)

    def _is_open(self, module: int, index: int, name: str) -> bool:
        """Whether anybody may call a method: it is neither private nor static nor a part of the protocol."""
        flags = self.program.function((module, index)).flags
        closed = FUNCTION_PRIVATE | FUNCTION_STATIC | FUNCTION_PROPERTY | FUNCTION_ABSTRACT
        return not flags & closed and not name.startswith("__") and "." not in name and " " not in name

    def add_registered(self, machine: Machine, frame: Frame, site: Site, rule: Entrypoint) -> None:
        """A function that is handed to a registering call."""
        if rule.argument == ["*"]:
            for place in range(len(site.args)):
                self._register(machine, frame, site, rule, site.args[place])
            return
        value = site.argument(rule.argument) if rule.argument is not None else None
        if value is not None:
            self._register(machine, frame, site, rule, value)

    def _register(self, machine: Machine, frame: Frame, site: Site, rule: Entrypoint, value: Value) -> None:
        route = next((item[2] for item in site.args if item[1] == CONST and isinstance(item[2], str)), "")
        values = [value]
        if is_container(frame, value):
            values = list(frame.heap[value[2]][2].values())
        for each in values:
            function = each[2][0] if each[1] == PARTIAL else each
            if function[1] == FUNCTION:
                self.add((function[2][0], function[2][1]), rule, route)
                continue
            owner = function[2] if function[1] == CLASS else machine.class_of_value(frame, function)
            if owner is not None:
                for method, index in self.program.class_of(owner).methods:
                    if method in (rule.methods or _HTTP_METHODS):
                        self.add((owner[0], index), rule, route)


def _is_named(method: str, names: Sequence[str]) -> bool:
    """Whether a method is one of these; `do_*` names all that begin so."""
    return method in names or any(name[-1:] == "*" and method.startswith(name[:-1]) for name in names)
