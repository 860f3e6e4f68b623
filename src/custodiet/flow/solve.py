"""The driver: from the functions that matter to the findings.

`Solver.run` goes through the functions that mention a source, a sink or an entry point in (module, function) order;
what they call is summarised on demand; whoever calls a function whose parameter reaches a sink is looked at as well.
A recursive group is iterated until its summaries stand still, so the result does not depend on the order of visits.
"""

from typing import Any, Final

from custodiet.flow.entries import Entry
from custodiet.flow.program import FunctionKey, Program
from custodiet.flow.summaries import Summaries
from custodiet.flow.summary import Summary, deep_origins
from custodiet.source.ir import FUNCTION_LAMBDA
from custodiet.source.languages import TEMPLATE_ENGINES

_SHOWN: Final = frozenset(("error", "html"))
"""Kinds that caught exceptions reach, which no anchor tells."""
_COMMON: Final = 30
"""Callers from which on a name is too common to follow by itself."""


class Solver(Summaries):
    """Everything about one program."""

    def __init__(self, program: Program, accepted: frozenset[tuple[str, str]], guessed: frozenset[str]) -> None:
        super().__init__(program, accepted)
        self.guessed = guessed
        """Sink kinds that are reported for parameters of unknown callers."""
        self.failed: Exception | None = None
        """The last failure, for tests: there should be none."""

    def run(self, tick: Any = None) -> None:
        """Analyse everything that matters; `flows`, `wrong`, `entries` and the summaries hold the result."""
        seeds = self._seeds()
        self._modules(seeds)
        for round_number in range(2):
            self._functions(seeds, tick)
            grown = _merge(self.field_taint, self.field_taint_next) | _merge(self.global_taint, self.global_taint_next)
            if not grown or round_number:
                break
            seeds = self._forget_readers()

    def _seeds(self) -> list[FunctionKey]:
        tables = self.tables
        anchors = set(tables.telling_anchors | tables.entry_anchors)
        for kind in self.guessed | _SHOWN:
            anchors |= tables.sink_anchors.get(kind, set())
        found: list[FunctionKey] = []
        for number, module in enumerate(self.program.modules):
            if module.language in TEMPLATE_ENGINES:
                continue
            if module.identifiers and module.identifiers.isdisjoint(anchors):
                continue
            for index, function in enumerate(module.functions):
                if index == 0 or function.name == "<class>":
                    continue
                if not anchors.isdisjoint(function.called) or function.flags & FUNCTION_LAMBDA:
                    found.append((number, index))
        return found

    def _modules(self, seeds: list[FunctionKey]) -> None:
        """Run the module bodies that hold seeds or entry points."""
        with_seeds = {key[0] for key in seeds}
        entry_anchors = self.tables.entry_anchors | self.tables.anchors
        for number, module in enumerate(self.program.modules):
            if number in with_seeds or not module.identifiers.isdisjoint(entry_anchors):
                try:
                    self.environment(number)
                except Exception as error:  # noqa: BLE001 - one bad module never stops a scan
                    self._give_up((number, 0), error)
                    self.program.environments.setdefault(number, {})

    def _functions(self, seeds: list[FunctionKey], tick: Any) -> None:
        seen = set(seeds)
        queue = [*seeds, *(key for key in sorted(self.entries.found) if key not in seen)]
        seen.update(queue)
        position = 0
        while position < len(queue):
            key = queue[position]
            position += 1
            if tick is not None:
                tick(position, len(queue))
            try:
                summary = self._analyse_root(key)
            except Exception as error:  # noqa: BLE001 - one bad function never stops a scan
                self._give_up(key, error)
                continue
            function = self.program.function(key)
            if any(use.kind in self.guessed for use, _ in summary.sinks) or _returns_source(summary):
                name = function.name
                if name == "__init__" and function.class_index >= 0:
                    name = self.program.modules[key[0]].classes[function.class_index].name
                for caller in self.possible_callers(key, name):
                    if caller not in seen and caller[1]:
                        seen.add(caller)
                        queue.append(caller)
            for entry in self.entries.take_new():
                if entry in self.analysed:
                    # it was looked at before it was known to be an entry point
                    self.done = {done: kept for done, kept in self.done.items() if done[0] != entry}
                if entry not in seen or entry in self.analysed:
                    seen.add(entry)
                    queue.append(entry)

    def _analyse_root(self, key: FunctionKey) -> Summary:
        """The general summary of a function; an enclosing function first, since it says what is captured."""
        function = self.program.function(key)
        parent = function.parent
        if parent > 0:
            enclosing = self.program.function((key[0], parent))
            if enclosing.name != "<class>" and (key[0], parent) not in self.analysed:
                self._analyse_root((key[0], parent))
        self.environment(key[0])
        return self.summary(key, (), {})

    def possible_callers(self, key: FunctionKey, name: str, *, common: int = _COMMON) -> list[FunctionKey]:
        """Functions that may call this one: they mention its name, and where more than `common` do, also its module or
        class.
        """
        found = self.program.callers(name)
        if len(found) <= common:
            return found
        module = self.program.modules[key[0]]
        function = self.program.function(key)
        words = {module.name.rpartition(".")[2]}
        if function.class_index >= 0:
            if not common:
                return found  # an object travels without its class being named
            words = {module.classes[function.class_index].name}
        if common:
            modules = self.program.modules
            return [
                caller
                for caller in found
                if caller[0] == key[0] or not words.isdisjoint(modules[caller[0]].identifiers)
            ]
        words.add(function.name)
        imports = self.program.imports
        return [caller for caller in found if caller[0] == key[0] or not words.isdisjoint(imports(caller[0]))]

    def _forget_readers(self) -> list[FunctionKey]:
        """Drop the summaries of functions that read a field or global that turned out to hold a source, and of their
        callers; those functions, to be analysed again.
        """
        stale: set[FunctionKey] = set()
        for owner, name in self.field_taint:
            for reader, key in self.field_readers.get(name, ()):
                if owner == reader or (isinstance(reader, tuple) and owner in self.program.lineage(reader)[0]):
                    stale.add(key)
        for place in self.global_taint:
            stale |= self.global_readers.get(place, set())
        waiting = sorted(stale)
        while waiting:
            for caller, _ in self.callers_seen.get(waiting.pop(), ()):
                if caller not in stale:
                    stale.add(caller)
                    waiting.append(caller)
        self.done = {key: summary for key, summary in self.done.items() if key[0] not in stale}
        self.tentative.clear()
        self._field_shapes.clear()
        return sorted(key for key in stale if key[1])

    def _give_up(self, key: FunctionKey, error: Exception) -> None:
        """Report a function that the analysis failed on, and forget what was half done."""
        self.incomplete[key] = (
            f"`{self.program.function(key).qualname}` was not analysed: {type(error).__name__}: {error}"
        )
        self.failed = error
        self.is_throwing = False
        for half_done in (self.active, self.current, self.tentative, self.program.running):
            half_done.clear()
        self.lows.clear()

    def entry_of(self, key: FunctionKey) -> Entry | None:
        """How a framework calls this function, if one does."""
        return self.entries.found.get(key)


def _merge(into: dict[Any, dict[Any, int]], more: dict[Any, dict[Any, int]]) -> bool:
    grown = False
    for key, origins in more.items():
        kept = into.setdefault(key, {})
        for origin, bits in origins.items():
            if kept.get(origin, 0) | bits != kept.get(origin, 0):
                kept[origin] = kept.get(origin, 0) | bits
                grown = True
    return grown


def _returns_source(summary: Summary) -> bool:
    return any(origin[0] == "S" for origin, _ in deep_origins(summary.result))
