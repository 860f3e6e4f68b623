"""Methods of texts: constants are folded, the rest builds texts or is known as `builtins.str.*`."""

from collections.abc import Sequence

from custodiet.flow import native, texts
from custodiet.flow.calls import Calls
from custodiet.flow.constants import UNFOLDED, fold_method
from custodiet.flow.frame import Frame
from custodiet.flow.site import Site
from custodiet.flow.values import CONST, NOTHING, SYMBOL, TEXT, Value, unknown


class TextMethods(Calls):
    """Calls of methods of texts."""

    def text_method(
        self,
        frame: Frame,
        receiver: Value,
        name: str,
        args: Sequence[Value],
        kw: Sequence[tuple[str, Value]],
        span: int,
        text: str,
    ) -> Value:
        """A method of a text."""
        if receiver[1] == CONST and not kw and all(value[1] == CONST for value in args):
            folded = fold_method(receiver[2], name, [value[2] for value in args])
            if folded is not UNFOLDED:
                return (receiver[0], CONST, folded)
        if name == "format":
            return self._after_text(frame, texts.format_text(frame, receiver, args, kw), receiver, name, args, kw, span)
        if name == "format_map" and args:
            return texts.format_text(frame, receiver, [], [("**", args[0])])
        if name == "join" and args:
            return texts.join(frame, receiver, args[0])
        if (
            name in ("encode", "decode", "strip", "lstrip", "rstrip", "lower", "upper", "title", "expandtabs")
            and receiver[1] == TEXT
        ):
            return receiver
        known = f"builtins.str.{name}"
        spec = self.tables.calls.get(known)
        if spec is not None or known in native.FUNCTIONS:
            site = Site(frame, self.tables, known, args, kw, span, receiver, text)
            result = self.library_call(frame, site, spec)
            return NOTHING if result[1] == SYMBOL and not result[0] else result
        taint = receiver[0]
        for value in args:
            taint |= frame.deep(value)
        return unknown(taint)

    def _after_text(
        self,
        frame: Frame,
        result: Value,
        receiver: Value,
        name: str,
        args: Sequence[Value],
        kw: Sequence[tuple[str, Value]],
        span: int,
    ) -> Value:
        if receiver[0]:
            spec = self.tables.calls.get(f"builtins.str.{name}")
            if spec is not None:
                site = Site(frame, self.tables, f"builtins.str.{name}", args, kw, span, receiver)
                for sink in spec.sinks:
                    self.sink(frame, site, sink)
        return result
