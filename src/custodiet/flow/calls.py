"""Calls: which code `target(...)` runs, by the kind of the target."""

from abc import abstractmethod
from collections.abc import Sequence

from custodiet.flow.frame import Frame
from custodiet.flow.functions import Functions
from custodiet.flow.library import NEVER
from custodiet.flow.site import Site
from custodiet.flow.state import SYMBOLIC
from custodiet.flow.values import CHOICE, CLASS, FUNCTION, INSTANCE, PARTIAL, SYMBOL, UNKNOWN, Value, unknown, unseen
from custodiet.knowledge.schema import Alias


class Calls(Functions):
    """Calls of every kind of value."""

    def call(
        self, frame: Frame, target: Value, args: Sequence[Value], kw: Sequence[tuple[str, Value]], span: int
    ) -> Value:
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
        if kind == CHOICE and payload[0][0] == SYMBOLIC:
            return self._call_each(frame, [(0, SYMBOL, name) for _, name in payload], args, kw, span)
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
        return unknown(taint)

    def _call_each(
        self,
        frame: Frame,
        targets: Sequence[Value],
        args: Sequence[Value],
        kw: Sequence[tuple[str, Value]],
        span: int,
    ) -> Value:
        """The result of calling one of these."""
        results = [self.call(frame, target, args, kw, span) for target in targets]
        results = [each for each in results if each is not NEVER]
        if not results:
            return NEVER
        joined = results[0]
        for other in results[1:]:
            joined = frame.join(joined, other)
        return joined

    def _run_callback(self, frame: Frame, value: Value, span: int) -> None:
        if value[1] == FUNCTION and not self.program.function((value[2][0], value[2][1])).params:
            self.call_function(frame, value, [], [], span)

    @abstractmethod
    def core_function(
        self,
        frame: Frame,
        alias: Alias,
        args: Sequence[Value],
        kw: Sequence[tuple[str, Value]],
        span: int,
        owner: Value | None,
    ) -> Value | None:
        """The result of a function that means an operation on one of its arguments; None if it means a function."""

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
        if self.has_aliases:
            alias = self.tables.meaning(name)
            if alias is not None and alias.means != name:
                self.judge_alias(frame, name, args, kw, span, owner, text)
                if alias.order:
                    args = [args[place] for place in alias.order if place < len(args)]
                known = self.core_function(frame, alias, args, kw, span, owner)
                if known is not None:
                    return known
                name = alias.means
        spec = self.tables.calls.get(name)
        if spec is None and name not in self.tables.returns:
            base = self.tables.member(name, "")
            if base and base != name:
                name = base
                spec = self.tables.calls.get(name)
            module, _, member = name.rpartition(".")
            if (spec is None and module in self.tables.classes) or module in self.tables.bases:
                canonical = self.tables.member(module, member)
                if canonical:
                    name = canonical
                    spec = self.tables.calls.get(name)
        if owner is None and taint:
            owner = (taint, UNKNOWN, None)
        site = Site(frame, self.tables, name, args, kw, span, owner, text)
        return self.library_call(frame, site, spec)
