"""From flows to hits: which rule a flow breaks, under which label, and how sure that is."""

import re
from collections.abc import Sequence
from typing import Any, Final

from custodiet.domain.finding import StepKind
from custodiet.domain.label import Label
from custodiet.domain.rule import Rule
from custodiet.domain.severity import Confidence, Persona
from custodiet.flow import content_type
from custodiet.flow.hit import Hit, HitStep
from custodiet.flow.methods import COMMON_NAMES
from custodiet.flow.native import DEPENDENCY
from custodiet.flow.program import REST, REST_BY_NAME, FunctionKey
from custodiet.flow.solve import Solver
from custodiet.flow.state import EACH
from custodiet.flow.summary import Origin, Portable, SinkUse, deep_origins
from custodiet.flow.trace import Tracer, sink_name
from custodiet.flow.values import ARGUMENT, CONST, DERIVED, DIRECT, MASK, OBJECT, START, TEXT, UNKNOWN, WHOLE
from custodiet.source.languages import TEMPLATE_ENGINES

_MARKUP: Final = re.compile(r"<[a-zA-Z!/]")
_PLACES: Final = frozenset(("path", "path-probe", "url"))
"""Sinks that name a place: a parameter at the beginning of the text is a base that the caller chooses."""
_CLOSE: Final = frozenset(("log", "secret-log", "error", "header", "format", "assign", "reflection"))
"""Sinks of little harm: a flow to one from afar is left to the strict persona."""
_READING: Final = frozenset(("xml", "deserialise"))
"""Sinks that read a document: a method that is called like them need not be a wrapper."""
_MOST_CALLS: Final = 10
"""A flow through more calls than this is left to the strict persona: what is said of so many objects is seldom true of one."""
_LABEL_RANK: Final = {label: rank for rank, label in enumerate(Label)}


class Candidate:
    """A flow that breaks a rule, before its trace is known."""

    __slots__ = ("label", "origin", "root", "rule", "use")

    def __init__(self, rule: Rule, label: Label, use: SinkUse, origin: Origin, root: Any) -> None:
        self.rule = rule
        self.label = label
        self.use = use
        self.origin = origin
        self.root = root


class Judge:
    """The rules of one scan."""

    def __init__(self, rules: Sequence[Rule], persona: Persona) -> None:
        self.rules = rules
        self.is_strict = persona is Persona.STRICT
        self.by_kind: dict[str, list[Rule]] = {}
        for rule in rules:
            for kind in rule.sinks:
                self.by_kind.setdefault(kind, []).append(rule)
        self.accepted = frozenset(
            (kind, str(label))
            for kind, members in self.by_kind.items()
            for rule in members
            for label in (*rule.labels, *(rule.strict_labels if self.is_strict else ()))
        )

    @property
    def guessed(self) -> frozenset[str]:
        """Sink kinds that are reported for parameters of unknown callers."""
        return frozenset(
            kind
            for kind, members in self.by_kind.items()
            if self.is_strict or any(rule.parameter != "never" or rule.telling for rule in members)
        )

    def hits(self, solver: Solver) -> tuple[Hit, ...]:
        """Every hit of the solved program; one for each rule and sink, from its most telling source."""
        best: dict[tuple[str, int, int], Candidate] = {}
        for candidate in self._candidates(solver):
            key = (candidate.rule.id, candidate.use.module, candidate.use.span)
            known = best.get(key)
            if known is None or _rank(candidate) < _rank(known):
                best[key] = candidate
        self._drop_probes(best)
        _drop_repeats(best)
        tracer = Tracer(solver)
        traced = [self._hit(solver, tracer, candidate) for _, candidate in sorted(best.items())]
        found = [hit for hit in traced if self.is_strict or _calls(hit) <= _MOST_CALLS]
        rules = {rule.id for rule in self.rules}
        for (rule, module, span), (function, message, confidence, name) in sorted(solver.wrong.items()):
            if rule not in rules:
                continue
            step = HitStep(StepKind.SINK, solver.program.modules[module].path, span, message or f"call of `{name}`")
            found.append(
                Hit(
                    rule=rule,
                    steps=(step,),
                    function=_qualname(solver, (module, function)),
                    confidence=Confidence(confidence) if confidence else None,
                    message=message,
                    sink_text=name,
                )
            )
        return tuple(found)

    def _drop_probes(self, best: dict[tuple[str, int, int], Candidate]) -> None:
        """A question about a path, or making its folder, is not reported beside the use of the path in the same function."""
        used = {(item.rule.id, item.use.function, item.origin) for item in best.values() if not _prepares(item.use)}
        for key, item in list(best.items()):
            if _prepares(item.use) and (item.rule.id, item.use.function, item.origin) in used:
                del best[key]

    def _candidates(self, solver: Solver) -> list[Candidate]:
        found: list[Candidate] = []
        for (use, origin), root in solver.flows.items():
            if use.kind == "upload-write" and "upload" not in origin[4]:
                continue  # any other name that is written to is a question of the path alone
            if not self._is_close(solver, use, (origin[1], origin[5])) or self._is_plain(solver, use):
                continue
            if use.kind == "path-probe" and use.function != root[:2] and not self.is_strict:
                continue  # asking whether a file exists tells little, and nothing from afar
            self._add(found, use, Label(origin[3]), origin, root)
        for (key, context), summary in solver.done.items():
            if context:
                continue
            entry = solver.entry_of(key)
            function = solver.program.function(key)
            if solver.program.modules[key[0]].language in TEMPLATE_ENGINES and key[1]:
                continue
            for (use, origin), bits in summary.sinks.items():
                if (
                    not isinstance(origin[1], int)
                    or use.kind == "upload-write"
                    or (use.kind == "path-probe" and use.function != key)
                ):
                    continue
                label = self._label(solver, key, function, entry, origin)
                if not self._is_close(solver, use, key) or self._is_plain(solver, use):
                    continue
                if not bits & DIRECT and use.module != key[0]:
                    continue  # as for sources
                if label is None or (
                    label is Label.PARAMETER
                    and not (self._is_near(use, bits, function, key) and self._may_guess(solver, use))
                ):
                    continue
                self._add(found, use, label, origin, (*key, (context, {})), bits, function.params[origin[1]].name)
            if entry is not None:
                for leaving in summary.exits:
                    self._returned(found, solver, key, entry, leaving.span, leaving.value)
            elif key not in solver.callers_seen and any(param.name in ("request", "req") for param in function.params):
                for leaving in summary.exits:
                    self._returned_markup(found, key, leaving.span, leaving.value)
        return found

    def _label(self, solver: Solver, key: FunctionKey, function: Any, entry: Any, origin: Origin) -> Label | None:
        """What a parameter holds: what the framework gives, a guess if no caller is in sight, nothing otherwise."""
        index, path = origin[1], origin[2]
        param = function.params[index]
        if entry is not None and self._is_injected(solver, key, index):
            return None
        if solver.tables.language.types_hold and solver.is_service(key, index):
            return None
        if entry is not None and entry.is_untrusted(index, param.name):
            return Label(entry.rule.label)
        if entry is not None and (not entry.rule.only_typed or entry.type_of(index, param.name)):
            return None
        if index == 0 and function.class_index >= 0 and param.name in solver.tables.language.receiver:
            return None
        if key in solver.callers_seen:
            return None
        if function.name.startswith("__") and function.name != "__init__" and function.name != "__call__":
            return None
        if param.flag in (REST, REST_BY_NAME) or any(
            isinstance(step, str) and step not in ("[]", EACH) for step in path
        ):
            return None  # what an object or a collection of unknown things holds is no evidence
        if function.name not in COMMON_NAMES and any(
            caller != key for caller in solver.possible_callers(key, function.name, common=0)
        ):
            return None  # somebody calls it, though it could not be told how
        return Label.PARAMETER

    def _is_close(self, solver: Solver, use: SinkUse, start: FunctionKey) -> bool:
        """Whether the sink is in the file where the data came in or one call away, as far as that matters."""
        if use.kind not in _CLOSE or self.is_strict or use.module == start[0]:
            return True
        callers = solver.callers_seen
        return any(caller == start for caller, _ in callers.get(use.function, ())) or any(
            caller == use.function for caller, _ in callers.get(start, ())
        )

    def _is_plain(self, solver: Solver, use: SinkUse) -> bool:
        """Whether the response that holds the markup is sent as something else."""
        if use.kind != "html":
            return False
        function = solver.program.function(use.function)
        if content_type.is_no_markup(function, use.span):
            return True
        if function.class_index < 0:
            return False
        program = solver.program
        own, library = program.lineage((use.function[0], function.class_index))
        return any(use.text.startswith(f"{name}.") for name in library) and any(
            content_type.sets_type(program.function((owner[0], index)))
            for owner in own
            for _, index in program.class_of(owner).methods
        )

    def _is_injected(self, solver: Solver, key: FunctionKey, index: int) -> bool:
        """Whether the framework fills the parameter with what a function of the project returns (`= Depends(f)`)."""
        for position, default in solver.defaults.get(key, ()):
            if position == index:
                return default[1] == OBJECT and bool(default[2][0] == DEPENDENCY)
        return False

    def _is_near(self, use: SinkUse, bits: int, function: Any, key: FunctionKey) -> bool:
        """Whether a parameter of an unknown caller is near enough to this place to speak of it."""
        return self.is_strict or not (
            use.module != key[0]  # a guess does not leave its file
            or not bits & DIRECT  # nor passes through code that is not in sight
            or (
                function.class_index >= 0 and function.name == use.text.rpartition(".")[2] and use.kind not in _READING
            )  # a wrapper: its callers decide
            or use.kind == "program"  # what starts programs for others is not told what to start by its user
            or use.text == "builtins.print"  # an answer only in a CGI script, which reads its request itself
            or (function.name.startswith("_") and not function.name.startswith("__"))  # its callers are the project's
        )

    def _may_guess(self, solver: Solver, use: SinkUse) -> bool:
        """Whether a sink speaks of parameters of callers out of sight at all."""
        return self.is_strict or (use.text, use.kind) not in solver.tables.unguessed

    def _is_guessed(self, rule: Rule, kind: str, bits: int, name: str) -> bool:
        """Whether the rule speaks of a parameter of unknown callers."""
        if self.is_strict or rule.parameter == "whole":
            return True
        is_built = not bits & WHOLE and not (bits & START and kind in _PLACES)  # its start is the place as a whole
        if rule.parameter == "built" and is_built:
            return True
        if not rule.telling or not (is_built or rule.telling_parameter == "whole"):
            return False
        return re.search(rule.telling, name) is not None

    def _add(
        self,
        found: list[Candidate],
        use: SinkUse,
        label: Label,
        origin: Origin,
        root: Any,
        bits: int = 0,
        name: str = "",
    ) -> None:
        for rule in self.by_kind.get(use.kind, ()):
            if label is Label.PARAMETER:
                if not self._is_guessed(rule, use.kind, bits, name):
                    continue
            elif use.kind == "program" and label is Label.ARGV and not self.is_strict:
                continue  # who types the name of a program may as well type the program
            elif label not in rule.labels and not (self.is_strict and label in rule.strict_labels):
                continue
            found.append(Candidate(rule, label, use, origin, root))

    def _returned(
        self, found: list[Candidate], solver: Solver, key: FunctionKey, entry: Any, span: int, value: Portable
    ) -> None:
        """What an entry point returns is sent to the client."""
        kinds = (
            [] if entry.rule.label == Label.MODEL_ARGS or entry.rule.wraps else ["error"]
        )  # a tool tells its errors to a model
        declared = solver.program.function(key).returns or ""
        if not entry.rule.returning or re.search(entry.rule.returning, declared):
            if entry.rule.returns:
                kinds.append(entry.rule.returns)
            if value[1] == TEXT:
                start = value[2][0] or ""
                kinds.extend(kind for kind, form in entry.rule.returns_if.items() if re.search(form, start))
        body = value
        if value[1] == OBJECT and value[2][0] == "builtins.tuple":
            first = dict(value[2][2]).get(0)
            body = first if first is not None else value
            if content_type.is_typed(value):
                kinds = ["error"]
        for kind in kinds:
            use = SinkUse(kind, key[0], span, key, "the response")
            for origin, bits in deep_origins(body) if kind == "error" else body[0]:
                if not bits & MASK[kind]:
                    continue
                if kind != "error" and body[1] not in (UNKNOWN, CONST, TEXT, DERIVED, ARGUMENT):
                    continue
                if kind != "error" and body[1] == UNKNOWN and not bits & DIRECT:
                    continue  # what a call that is not in sight gives back may be a whole response
                if origin[0] == "S":
                    self._add(found, use, Label(origin[3]), origin, (*key, ((), {})))
                elif isinstance(origin[1], int):
                    label = self._label(solver, key, solver.program.function(key), entry, origin)
                    if label is not None and label is not Label.PARAMETER:
                        self._add(found, use, label, origin, (*key, ((), {})), bits)

    def _returned_markup(self, found: list[Candidate], key: FunctionKey, span: int, value: Portable) -> None:
        """A function that takes a request and gives back markup that it built is a handler, whatever registers it."""
        if value[1] != TEXT or not any(piece and _MARKUP.search(piece) for piece in value[2]):
            return
        use = SinkUse("html", key[0], span, key, "the response")
        for origin, bits in value[0]:
            if origin[0] == "S" and bits & MASK["html"]:
                self._add(found, use, Label(origin[3]), origin, (*key, ((), {})))

    def _hit(self, solver: Solver, tracer: Tracer, candidate: Candidate) -> Hit:
        use, rule, label = candidate.use, candidate.rule, candidate.label
        steps = tracer.steps(use, candidate.origin, candidate.root, label)
        source_text = tracer.source_text(candidate.origin, candidate.root)
        return Hit(
            rule=rule.id,
            steps=tuple(steps),
            function=_qualname(solver, use.function),
            label=label,
            confidence=Confidence.MEDIUM if label is Label.PARAMETER and rule.confidence is Confidence.HIGH else None,
            message=rule.message.replace("{source}", source_text).replace("{sink}", sink_name(use)),
            source_text=source_text,
            sink_text=use.text,
        )


def _calls(hit: Hit) -> int:
    """Through how many calls the data went."""
    return sum(step.kind is StepKind.CALL for step in hit.steps)


def _prepares(use: SinkUse) -> bool:
    """Whether a sink asks about a path or makes a folder."""
    return use.kind == "path-probe" or (use.kind in ("path", "archive") and use.text.endswith(("makedirs", ".mkdir")))


def _drop_repeats(best: dict[tuple[str, int, int], Candidate]) -> None:
    """Of several sinks of the same data away from the function where it came in, one is reported.

    Uses of the same path in one function are one mistake of that function; a parameter of an unknown caller that travels
    on is one guess, however far it goes; and so is what is written to log after log.
    """
    kept: dict[Any, tuple[str, int, int]] = {}
    for key, item in sorted(best.items(), key=lambda pair: (not _stays(pair[1]), pair[0])):
        if item.label is Label.PARAMETER:
            group: Any = (item.rule.id, item.root[:2], item.origin[1])
        elif item.use.kind in _PLACES:
            group = (item.rule.id, item.use.function, item.origin)
        elif item.use.kind in _CLOSE:
            group = (item.rule.id, item.origin)
        else:
            continue
        if _stays(item):
            if item.label is Label.PARAMETER:
                kept.setdefault(group, key)
        elif kept.setdefault(group, key) != key:
            del best[key]


def _stays(item: Candidate) -> bool:
    """Whether the data is used in the function where it came in."""
    return bool(item.use.function == item.root[:2])


def _rank(candidate: Candidate) -> tuple[Any, ...]:
    return (_LABEL_RANK[candidate.label], str(candidate.origin))


def _qualname(solver: Solver, key: FunctionKey) -> str:
    name = solver.program.function(key).qualname
    return "" if name == "<module>" else name.removesuffix(".<module>")
