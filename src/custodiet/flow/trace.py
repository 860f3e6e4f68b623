"""The second, slow pass: the steps of one flow, rebuilt with a sentence each.

A `Recorder` runs an activation once more and remembers from which values each value was made. From the sink the steps are
walked back to the source; where the data came through a call of a project's function, that function is run and walked in
its turn. Nothing here decides whether there is a finding.
"""

from typing import Any, Final

from custodiet.domain.finding import StepKind
from custodiet.domain.label import Label
from custodiet.flow.frame import Frame
from custodiet.flow.hit import HitStep
from custodiet.flow.program import FunctionKey
from custodiet.flow.solve import Solver
from custodiet.flow.summary import Origin, SinkUse, Summary
from custodiet.flow.values import ARGUMENT, DERIVED, OBJECT, Value
from custodiet.source import ir
from custodiet.source.languages import TEMPLATE_ENGINES

_DEPTH: Final = 12
_STEPS: Final = 60
_KEPT: Final = 16

LABEL_WORDS: Final[dict[str, str]] = {
    "remote": "from a request",
    "model_output": "that a model wrote",
    "model_args": "that a model chose as an argument",
    "retrieved": "from a retrieved document",
    "tool_result": "from a tool",
    "model_file": "from a model file",
    "ai_config": "from an agent's configuration",
    "secret": "that is secret",
    "file": "from a file",
    "env": "from the environment",
    "argv": "from the command line",
    "exception": "of an error",
    "archive": "from an archive",
    "parameter": "of an unknown caller",
}


class _Recording(Frame):
    """A frame that remembers which two values a joined value was made of."""

    made: dict[int, tuple[Any, tuple[Value, ...], Value]]

    def join(self, a: Value, b: Value) -> Value:
        """As `Frame.join`."""
        result = super().join(a, b)
        if result[0] and result is not a and result is not b:
            self.made.setdefault(id(result), (None, (a, b), result))
        return result


class Recorder(Solver):
    """A solver that shares everything with another and records one activation."""

    def __init__(self, solver: Solver) -> None:
        self.__dict__.update(solver.__dict__)
        self.bind_handlers()
        self.target: _Recording | None = None
        self.now: tuple[ir.Ins, tuple[Value, ...]] | None = None
        self.reached: dict[SinkUse, list[tuple[ir.Ins, tuple[Value, ...], int, Any]]] = {}
        self.left: list[tuple[int, Value]] = []
        self.calls: dict[int, tuple[FunctionKey, Any, Any]] = {}
        self.applying: tuple[FunctionKey, Summary, Any] | None = None
        self.last: tuple[FunctionKey, Any, Any] | None = None
        self.flows = dict(solver.flows)

    def record(self, key: FunctionKey, context: Any, shapes: Any) -> _Recording:
        """Run an activation again; what it did is in the attributes."""
        self._wanted = key
        if key[1] == 0 or self.program.function(key).name == "<class>":
            frame = self.frame_of(key)
            self.program.running[key[0]] = frame
            try:
                self.fill(frame)
                self.block(frame, frame.function.body)
            finally:
                self.program.running.pop(key[0], None)
        else:
            self.analyse(key, context, shapes)
        assert self.target is not None
        return self.target

    def frame_of(self, key: FunctionKey) -> Frame:
        """As the solver's; the first one of the function that is wanted records."""
        plain = super().frame_of(key)
        if self.target is None and key == self._wanted:
            frame = _Recording(plain.module, plain.index, plain.function, plain.registers)
            frame.slots = plain.slots
            frame.made = {}
            self.target = frame
            return frame
        return plain

    _wanted: FunctionKey

    def block(self, frame: Frame, block: ir.Block) -> int:
        """As the interpreter's, with a record of what each instruction made."""
        if frame is not self.target:
            return super().block(frame, block)
        handlers = self.handlers
        frame.instructions += len(block)
        for ins in block:
            operands = tuple(frame.registers[register] for register in ir.operands(ins))
            outer = self.now
            self.now = (ins, operands)
            status = handlers[ins[0]](frame, ins)
            self.now = outer
            destination = ir.destination(ins)
            if destination != ir.NOREG:
                value = frame.registers[destination]
                if value[0] or value[1] == OBJECT:
                    frame.made.setdefault(id(value), (ins, operands, value))
            if status:
                return status
        return 0

    def reach(self, frame: Frame, use: SinkUse, taint: int) -> None:
        """As the library's, with a record of what arrived."""
        if frame is self.target and self.now is not None:
            self.reached.setdefault(use, []).append((*self.now, taint, self.applying))
        super().reach(frame, use, taint)

    def leave(self, frame: Frame, value: Value, span: int) -> None:
        """As the solver's, with a record of the value."""
        if frame is self.target:
            self.left.append((span, value))
        super().leave(frame, value, span)

    def summary(self, key: FunctionKey, context: Any, shapes: Any) -> Summary:
        """As the solver's, remembering for which call it was asked."""
        self.last = (key, context, shapes)
        return super().summary(key, context, shapes)

    def apply(self, frame: Frame, key: FunctionKey, summary: Summary, arguments: Any) -> Value:
        """As the caller's, remembering which call it is."""
        if frame is not self.target:
            return super().apply(frame, key, summary, arguments)
        outer = self.applying
        self.applying = (key, summary, arguments)
        if self.now is not None and self.last is not None:
            self.calls[id(self.now[0])] = self.last
        try:
            return super().apply(frame, key, summary, arguments)
        finally:
            self.applying = outer


class Tracer:
    """Rebuilds the steps of flows of a solved program."""

    def __init__(self, solver: Solver) -> None:
        self.solver = solver
        self.program = solver.program
        self._recorded: dict[tuple[FunctionKey, Any], tuple[Recorder, _Recording]] = {}

    def _record(self, key: FunctionKey, context: Any, shapes: Any) -> tuple[Recorder, _Recording]:
        """An activation with a record of what it did; the last ones are kept, since flows of a function come together."""
        found = self._recorded.pop((key, context), None)
        if found is None:
            recorder = Recorder(self.solver)
            found = (recorder, recorder.record(key, context, shapes))
            if len(self._recorded) >= _KEPT:
                del self._recorded[next(iter(self._recorded))]
        self._recorded[(key, context)] = found
        return found

    def source_text(self, origin: Origin, root: Any) -> str:
        """The short name of a source."""
        if origin[0] == "S":
            return str(origin[4])
        function = self.program.function((root[0], root[1]))
        return f"parameter `{function.params[origin[1]].name}`"

    def steps(self, use: SinkUse, origin: Origin, root: Any, label: Label) -> list[HitStep]:
        """The steps from the source to the sink."""
        modules = self.program.modules
        words = LABEL_WORDS[label]
        if origin[0] == "S":
            first = HitStep(StepKind.SOURCE, modules[origin[1]].path, origin[2], f"{origin[4]} brings in data {words}")
        else:
            function = self.program.function((root[0], root[1]))
            param = function.params[origin[1]]
            text = f"parameter `{param.name}` of `{function.name}` holds data {words}"
            first = HitStep(StepKind.SOURCE, modules[root[0]].path, param.span, text)
        context, shapes = root[2] or ((), {})
        middle = self._down(use, origin, (root[0], root[1]), context, shapes, 0)
        last = HitStep(StepKind.SINK, modules[use.module].path, use.span, _sink_words(use))
        if middle and middle[0].kind is StepKind.SOURCE:
            first = HitStep(StepKind.SOURCE, middle[0].path, middle[0].span, first.message)
            middle = middle[1:]
        return [first, *_tidy(first, middle, last), last]

    def _down(
        self, use: SinkUse, origin: Origin, key: FunctionKey, context: Any, shapes: Any, depth: int
    ) -> list[HitStep]:
        """The steps inside an activation (and what it calls) between the origin and the sink."""
        if depth > _DEPTH:
            return []
        recorder, frame = self._record(key, context, shapes)
        if use.function == key and use.text == "the response":
            for span, value in recorder.left:
                if span == use.span:
                    content = value
                    found = self._back(recorder, frame, content, origin, depth)
                    if found is not None:
                        return found
            return []
        for ins, operands, taint, applying in recorder.reached.get(use, ()):
            if not frame.bits(taint, origin):
                continue
            if applying is None:
                for value in self._carriers(frame, operands, origin):
                    return self._back(recorder, frame, value, origin, depth) or []
                return []
            callee, summary, arguments = applying
            for inner, entered in summary.sinks:
                if inner != use or entered[1] not in arguments:
                    continue
                value = recorder.at_path(frame, arguments[entered[1]], entered[2])
                if not frame.bits(frame.deep(value), origin):
                    continue
                before = self._back(recorder, frame, value, origin, depth) or []
                call = self._call_step(key, callee, entered, ins[-1])
                known = recorder.calls.get(id(ins), (callee, (), {}))
                after = self._down(use, entered, callee, known[1], known[2], depth + 1)
                return [*before, call, *[step for step in after if step.kind is not StepKind.SOURCE]]
        return []

    def _call_step(self, caller: FunctionKey, callee: FunctionKey, entered: Origin, span: int) -> HitStep:
        function = self.program.function(callee)
        module = self.program.modules[callee[0]]
        path = self.program.modules[caller[0]].path
        if module.language in TEMPLATE_ENGINES:
            name = function.params[entered[1]].name if isinstance(entered[1], int) else entered[1]
            return HitStep(StepKind.CALL, path, span, f"handed to the template `{module.path}` as `{name}`")
        if isinstance(entered[1], int):
            name = function.params[entered[1]].name
            return HitStep(StepKind.CALL, path, span, f"passed to `{function.name}` as `{name}`")
        return HitStep(StepKind.CALL, path, span, f"used by `{function.name}` as `{entered[1][1:]}`")

    def _carriers(self, frame: Frame, operands: tuple[Value, ...], origin: Origin) -> list[Value]:
        found = [value for value in operands if frame.bits(frame.deep(value), origin)]
        return sorted(found, key=lambda value: value[1] == OBJECT)

    def _back(
        self, recorder: Recorder, frame: _Recording, value: Value, origin: Origin, depth: int
    ) -> list[HitStep] | None:
        """The steps that made a value, source first; None if the value does not come from the origin."""
        if not frame.bits(frame.deep(value), origin):
            return None
        path = self.program.modules[frame.module].path
        found: list[HitStep] = []
        seen: set[int] = set()
        while len(found) < _STEPS and id(value) not in seen:
            seen.add(id(value))
            made = frame.made.get(id(value))
            if made is None:
                narrowed = frame.narrowed.get(id(value))
                inner = narrowed[1] if narrowed is not None else self._inside(frame, value, origin)
                if inner is None:
                    break
                value = inner
                continue
            ins, operands, _ = made
            carriers = self._carriers(frame, operands, origin)
            if ins is None:
                if not carriers:
                    break
                value = carriers[0]
                continue
            if value[1] == OBJECT and ins[0] in (ir.MAKE, ir.DICT) and not carriers:
                inner = self._inside(frame, value, origin)
                if inner is None:
                    break
                value = inner
                continue
            known = recorder.calls.get(id(ins))
            if not carriers:
                if known is not None:
                    found.extend(reversed(self._returned(origin, known, path, ins, depth)))
                elif origin[0] == "S" and ins[0] in (ir.ATTR, ir.CALL, ir.CALLM, ir.INDEX):
                    found.append(HitStep(StepKind.SOURCE, path, ins[-1], ""))
                break
            words = self._words(frame, ins, known)
            if words:
                found.append(HitStep(StepKind.PROPAGATION, path, ins[-1], words))
            value = carriers[0]
        found.reverse()
        return found

    def _inside(self, frame: Frame, value: Value, origin: Origin) -> Value | None:
        """The tainted content of a container or of a value that was derived."""
        if value[1] == DERIVED:
            inner: Value = value[2][1]
            return inner
        key = frame.key_of(value)
        record = frame.heap.get(key) if key is not None else None
        if record is None:
            return None
        fields = [*record[1].values(), *record[2].values(), *([record[3]] if record[3] is not None else [])]
        for field in fields:
            if (
                field is not value
                and frame.bits(frame.deep(field), origin)
                and not (field[1] == ARGUMENT and value[1] == ARGUMENT)
            ):
                return field
        return None

    def _returned(
        self, origin: Origin, known: tuple[FunctionKey, Any, Any], path: str, ins: ir.Ins, depth: int
    ) -> list[HitStep]:
        """The steps inside a function that gives back data of the origin, and the step back."""
        key, context, shapes = known
        function = self.program.function(key)
        back = HitStep(StepKind.RETURN, path, ins[-1], f"comes back from `{function.name}`")
        if depth > _DEPTH:
            return [back]
        recorder, frame = self._record(key, context, shapes)
        for _, value in recorder.left:
            if frame.bits(frame.deep(value), origin):
                inner = self._back(recorder, frame, value, origin, depth + 1)
                return [*(inner or []), back]
        return [back]

    def _words(self, frame: Frame, ins: ir.Ins, known: Any) -> str:
        op = ins[0]
        destination = ir.destination(ins)
        name = frame.function.names[destination] if destination >= 0 else None
        into = f" and kept in `{name}`" if name else ""
        if known is not None:
            return f"goes through `{self.program.function(known[0]).name}`{into}"
        if op == ir.MOVE:
            return f"kept in `{name}`" if name else ""
        if op == ir.CAT or (op == ir.BIN and ins[2] in ("+", "%")):
            return f"built into the text `{name}`" if name else "built into a text"
        if op == ir.CALLM:
            if ins[3] in ("format", "join"):
                return f"built into the text `{name}`" if name else "built into a text"
            if ins[3] in ("get", "getlist", "pop"):
                return f"read{into}" if name else ""
            return f"goes through `.{ins[3]}()`{into}"
        if op == ir.CALL:
            return f"goes through a call{into}"
        if op in (ir.MAKE, ir.DICT):
            return f"put into a container{into}"
        if op == ir.ATTR:
            return f"`.{ins[3]}` is read{into}" if name else ""
        if op in (ir.INDEX, ir.SLICE):
            return f"an item of it is read{into}" if name else ""
        if op == ir.SHORT:
            return f"chosen{into}" if name else ""
        return f"kept in `{name}`" if name else ""


def sink_name(use: SinkUse) -> str:
    """The sink as a message names it."""
    if use.text.startswith("custodiet.markup."):
        return "the page"
    return _shown(use.text)


def _shown(name: str) -> str:
    """A library name as people know it: a response whose class nobody sees is `response`."""
    for inner, shown in (("custodiet.web.Response.", "response."), ("custodiet.web.Request.", "request.")):
        if name.startswith(inner):
            return shown + name[len(inner) :]
    return name.removeprefix("builtins.").removesuffix(".__call__")


def _sink_words(use: SinkUse) -> str:
    name = use.text
    if name == "the response":
        return "sent to the client as the response"
    if name.startswith("custodiet.markup."):
        return _MARKUP_WORDS.get(name.rpartition(".")[2], "printed without escaping")
    return f"used by `{_shown(name)}`"


_MARKUP_WORDS: Final = {
    "raw": "printed without escaping",
    "unquoted": "printed as an attribute without quotes",
    "script": "printed inside a script",
    "script_string": "printed inside a text of a script",
    "address": "printed as an address",
}


def _tidy(first: HitStep, steps: list[HitStep], last: HitStep) -> list[HitStep]:
    """The steps without repetitions of a place and without the places of source and sink."""
    found: list[HitStep] = []
    for step in steps:
        if step.kind is StepKind.SOURCE or not step.message:
            continue
        if found and (found[-1].path, found[-1].span) == (step.path, step.span):
            if step.kind is StepKind.PROPAGATION:
                continue
            found.pop()
        if (step.path, step.span) == (first.path, first.span) and step.kind is StepKind.PROPAGATION:
            continue
        if (step.path, step.span) == (last.path, last.span) and step.kind is StepKind.PROPAGATION:
            continue
        if found and _is_part(found[-1], step):
            found.pop()  # `a + b` of `a + b + c`
        found.append(step)
    return found[:_STEPS]


def _is_part(inner: HitStep, outer: HitStep) -> bool:
    """Whether both build a text at the same place, the one as the beginning of the other."""
    return (
        inner.path == outer.path
        and inner.message.startswith(_BUILT)
        and outer.message.startswith(_BUILT)
        and ir.span_range(inner.span)[0] == ir.span_range(outer.span)[0]
    )


_BUILT: Final = "built into"
