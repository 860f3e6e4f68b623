"""Summaries by demand, over recursion to a fixpoint.

A function that is asked for while it is being analysed gives its current summary, BOTTOM at first, and everything between
is only tentative: it is kept until the outermost function of the recursive group stands still. `lows` has, for each
function being analysed, the depth of the outermost one that its summary depends on.
"""

from typing import Any, Final

from custodiet.flow.activations import Activations
from custodiet.flow.binding import Context
from custodiet.flow.frame import Frame
from custodiet.flow.program import FunctionKey, Program
from custodiet.flow.summary import BOTTOM, Summary
from custodiet.flow.values import ALL, FUNCTION, INSTANCE, UNKNOWN

SummaryKey = tuple[FunctionKey, Context]

DEPTH_CAP: Final = 40
ROUNDS: Final = 4
CONTEXTS_CAP: Final = 6


class Summaries(Activations):
    """Summaries of functions in contexts."""

    def __init__(self, program: Program, accepted: frozenset[tuple[str, str]]) -> None:
        super().__init__(program, accepted)
        self.done: dict[SummaryKey, Summary] = {}
        self.tentative: dict[SummaryKey, tuple[Summary, int]] = {}
        """Summaries that depend on a function being analysed, with its depth."""
        self.active: dict[SummaryKey, int] = {}
        """Functions being analysed, with their depth."""
        self.current: dict[SummaryKey, Summary] = {}
        self.lows: list[int] = []
        self.contexts: dict[FunctionKey, int] = {}
        self.callers_seen: dict[FunctionKey, list[tuple[FunctionKey, int]]] = {}

    def general_summary(self, key: FunctionKey) -> Summary | None:
        """The summary for unknown arguments; None while it is being computed."""
        if (key, ()) in self.active:
            return None
        return self.summary(key, (), {})

    def summary(self, key: FunctionKey, context: Context, shapes: Any) -> Summary:
        """The summary of a function in a context, computed at most once; see the module's text on recursion."""
        full = (key, context)
        found = self.done.get(full)
        if found is not None:
            return found
        if full in self.active:
            depth = self.active[full]
            self._depend_on(depth)
            return self.current[full]
        kept = self.tentative.get(full)
        if kept is not None:
            self._depend_on(kept[1])
            return kept[0]
        if len(self.active) >= DEPTH_CAP:
            return _opaque(self.program.function(key))
        if context:
            if self.contexts.get(key, 0) >= CONTEXTS_CAP:
                general = {
                    name: shape for name, shape in shapes.items() if isinstance(name, str) or _is_essential(shape)
                }
                reduced = tuple(sorted((str(name), shape) for name, shape in general.items() if shape is not None))
                if reduced != context and self.contexts.get(key, 0) < 4 * CONTEXTS_CAP:
                    return self.summary(key, reduced, {**dict.fromkeys(shapes), **general})
                if reduced != context:
                    return self.summary(key, (), {})
            self.contexts[key] = self.contexts.get(key, 0) + 1
        return self._compute(full, shapes)

    def _compute(self, full: SummaryKey, shapes: Any) -> Summary:
        key, context = full
        depth = len(self.active)
        self.active[full] = depth
        self.current[full] = BOTTOM
        low = depth
        try:
            for _ in range(ROUNDS):
                self.lows.append(depth + 1)
                summary = self.analyse(key, context, shapes)
                low = self.lows.pop()
                if low > depth or summary.same_as(self.current[full]):
                    break
                self.current[full] = summary
                self.tentative = {name: item for name, item in self.tentative.items() if item[1] < depth}
                if low < depth:
                    break
        finally:
            del self.active[full]
            del self.current[full]
        if low < depth:
            self.tentative[full] = (summary, low)
            self._depend_on(low)
        else:
            self.done[full] = summary
            for name, item in list(self.tentative.items()):
                if item[1] >= depth:
                    self.done[name] = item[0]
                    del self.tentative[name]
        return summary

    def _depend_on(self, depth: int) -> None:
        """What is being analysed now depends on the function at this depth."""
        for level in range(len(self.lows) - 1, -1, -1):
            if self.lows[level] <= depth:
                break
            self.lows[level] = depth

    def called(self, frame: Frame, key: FunctionKey, span: int) -> None:
        """Remember who calls whom: a function with a visible caller is not judged by guesses."""
        self.callers_seen.setdefault(key, []).append(((frame.module, frame.index), span))


def _is_essential(shape: Any) -> bool:
    return shape is not None and shape[0] in (FUNCTION, INSTANCE)


def _opaque(function: Any) -> Summary:
    """A call too deep to follow: what goes in may come out."""
    origins = tuple((("P", index, ()), ALL) for index in range(len(function.params)))
    return Summary(result=(origins, UNKNOWN, None))
