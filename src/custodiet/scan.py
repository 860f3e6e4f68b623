"""A scan: files in, report out.

    report = Scan(Config(), root=Path(".")).run(["src"])
    report = scan_texts({"shop/views.py": b"..."})

The way of the data: `collect` finds files, `source` lowers each to the common representation (in several processes when
there are many), `knowledge` is compiled for the names that occur, `flow` solves the program, `rules.checks` look at what
is no flow, `conclusion` fingerprints, suppresses and sorts.
"""

import gc
import os
import sys
import threading
from bisect import bisect_right
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Final, TypeVar

import msgspec

from custodiet import collect as files_of
from custodiet import flow
from custodiet.baseline import EMPTY, read_baseline
from custodiet.collect import File
from custodiet.conclusion import concluded, selected_rules
from custodiet.config import Config, declared_knowledge
from custodiet.domain.finding import Finding, Incomplete, Note, Step
from custodiet.domain.label import Label
from custodiet.domain.place import Place
from custodiet.domain.report import Report, Statistics
from custodiet.domain.rule import Rule
from custodiet.domain.severity import Persona, Severity
from custodiet.flow.hit import Hit, HitStep
from custodiet.knowledge import load
from custodiet.knowledge.tables import compile_tables
from custodiet.rules import CHOOSABLE, load_rules
from custodiet.rules.checks import Project, checks_of
from custodiet.source import family_of
from custodiet.source.batch import lower_file
from custodiet.source.ir import Module, span_range
from custodiet.suppress import Directives, directives_of, known_names

if TYPE_CHECKING:  # 5 ms that checking one file has no use for
    from concurrent.futures import Executor

T = TypeVar("T")
Progress = Callable[[str, int, int], None]

STACK_BYTES: Final = 512 * 1024 * 1024
"""Stack of the thread that analyses: deep trees and deep call chains recurse."""
RECURSION: Final = 100_000
PARALLEL_BYTES: Final = 1_500_000
"""Source bytes from which a pool of processes pays for its start."""


class Lowered(msgspec.Struct):
    """What reading and lowering gave: modules, the sources they came from, and what was left out."""

    modules: list[Module]
    sources: dict[str, bytes]
    incomplete: list[Incomplete]
    skipped: int = 0
    notes: list[Note] = []


class Scan:
    """A scan with one configuration; may be run several times."""

    def __init__(
        self,
        config: Config,
        *,
        root: str | os.PathLike[str],
        progress: Progress | None = None,
        executor: "Executor | None" = None,
    ) -> None:
        self.config = config
        self.root = root
        self.progress = progress
        self.executor = executor

    def run(
        self, paths: Sequence[str | os.PathLike[str]], *, contents: Mapping[str, bytes | None] | None = None
    ) -> Report:
        """The report on the files below `paths`. `contents` are bytes that replace those on the disk, by path.

        Raises:
            NoInputError: there is nothing to scan.
            ConfigError: a rule, knowledge, configuration or baseline file is wrong.
        """
        collection = files_of.collect(
            [os.fspath(path) for path in paths], self.config, root=self.root, contents=contents
        )
        return on_large_stack(lambda: self._report(collection))

    def _report(self, collection: files_of.Collection) -> Report:
        lowered = self._lower((*collection.files, *collection.templates))
        lowered.incomplete.extend(collection.incomplete)
        baseline = read_baseline(os.path.join(self.root, self.config.baseline)) if self.config.baseline else EMPTY
        return report_on(
            lowered,
            self.config,
            templates=len(collection.templates),
            progress=self.progress,
            baseline=baseline,
            today=datetime.now(UTC).date(),
        )

    def _lower(self, files: Sequence[File]) -> Lowered:
        from custodiet.parallel import lower_all  # late: a single file needs no pool

        return lower_all(files, self.config, progress=self.progress, executor=self.executor)


def scan_texts(
    files: Mapping[str, bytes], *, persona: Persona = Persona.DEFAULT, select: Collection[str] | None = None
) -> Report:
    """The report on files that stand nowhere: path to bytes. No configuration and no disk is read."""
    config = Config(persona=persona, select=tuple(select or ()))
    names = files_of.module_names(files)
    lowered = Lowered([], {}, [])
    templates = 0
    for path in sorted(files):
        language = files_of.language_of(path)
        if not language:
            continue
        templates += language == "template"
        name, is_package = names.get(path, (path, False))
        lowered.sources[path] = files[path]
        lowered.modules.append(lower_file(files[path], path=path, name=name, is_package=is_package, language=language))
    return on_large_stack(lambda: report_on(lowered, config, templates=templates, today=date(2000, 1, 1)))


def report_on(
    lowered: Lowered,
    config: Config,
    *,
    templates: int = 0,
    progress: Progress | None = None,
    baseline: object = EMPTY,
    today: date,
) -> Report:
    """The report on lowered modules."""
    all_rules = load_rules()
    rules = selected_rules(all_rules, config)
    modules = lowered.modules
    solved = [_solved(family, members, rules, config, progress) for family, members in _families(modules)]
    hits = [hit for hits, _ in solved for hit in hits]
    hits = [hit for hit in hits if hit.label is not Label.PARAMETER or not _serves_tests(hit.steps[-1].path)]
    if any(hit.rule in CHOOSABLE for hit in hits):
        from custodiet.rules.choices import without_choices  # late: most scans find nothing that can be chosen

        hits = without_choices(hits, {module.path: module for module in modules})
    places = Places(modules, lowered.sources)
    by_id = {rule.id: rule for rule in rules}
    findings = [_finding(hit, by_id[hit.rule], places) for hit in hits if hit.rule in by_id]
    names = known_names(all_rules)
    directives = [
        _directives(module, lowered.sources[module.path], names, config) for module in modules if module.comments
    ]
    conclusion = concluded(
        _once(findings),
        config=config,
        rules=rules,
        directives=directives,
        baseline=baseline,  # type: ignore[arg-type] # a Baseline; typed as object to keep the default importable
        today=today,
    )
    incomplete = sorted(
        {*lowered.incomplete, *(note for _, result in solved for note in result.incomplete), *_syntax(modules)},
        key=lambda note: (note.path, note.line or 0, note.reason, note.detail),
    )
    return Report(
        findings=conclusion.findings,
        suppressed=conclusion.suppressed,
        incomplete=tuple(incomplete),
        statistics=Statistics(
            files=len(modules) - templates,
            lines=sum(_lines(module, lowered.sources[module.path]) for module in modules),
            functions=sum(result.functions for _, result in solved),
            functions_analysed=sum(result.functions_analysed for _, result in solved),
            templates=templates,
            skipped=lowered.skipped,
        ),
        rules=rules,
        notes=(*lowered.notes, *conclusion.notes),
    )


def _families(modules: Sequence[Module]) -> list[tuple[str, list[Module]]]:
    """The modules by family of languages: each family is a program of its own."""
    found: dict[str, list[Module]] = {}
    for module in modules:
        found.setdefault(family_of(module.language), []).append(module)
    return sorted(found.items())


def _solved(
    family: str, modules: Sequence[Module], rules: Sequence[Rule], config: Config, progress: Progress | None
) -> tuple[list[Hit], flow.Result]:
    """The hits in the modules of one family, and what the analysis says of itself."""
    identifiers = frozenset().union(*(module.identifiers for module in modules))
    knowledge = load(family, identifiers)
    if config.knowledge:
        knowledge = (*knowledge, declared_knowledge(config))
    tables = compile_tables(knowledge, identifiers)

    def tick(done: int, total: int) -> None:
        if progress is not None:
            progress("analysing", done, total)

    result = flow.analyse(modules, tables, rules, persona=config.persona, progress=tick if progress else None)
    return [*result.hits, *_checked(modules, rules, identifiers)], result


def _lines(module: Module, source: bytes) -> int:
    """How many lines a file has; what follows its last line break is a line only if there is anything."""
    return len(module.lines) - (module.lines[-1] == len(source))


class Places:
    """Spans of modules as places with lines and columns in characters."""

    def __init__(self, modules: Iterable[Module], sources: Mapping[str, bytes]) -> None:
        self._lines = {module.path: module.lines for module in modules}
        self._sources = sources

    def place(self, path: str, span: int) -> Place:
        """The place of a span."""
        start, end = span_range(span)
        line, column = self._position(path, start)
        end_line, end_column = self._position(path, end)
        return Place(path, line, column, end_line, end_column)

    def _position(self, path: str, offset: int) -> tuple[int, int]:
        lines = self._lines[path]
        index = bisect_right(lines, offset) - 1
        begin = lines[index] if index >= 0 else 0
        text = self._sources[path][begin:offset]
        return max(index, 0) + 1, len(text.decode("utf-8", "replace")) + 1


def _checked(modules: Sequence[Module], rules: Sequence[Rule], identifiers: frozenset[str]) -> list[Hit]:
    project = Project(modules={module.name: module for module in modules})
    checks = checks_of(rules, identifiers)
    return [hit for module in modules for check in checks for hit in check.hits(module, project)]


def _finding(hit: Hit, rule: Rule, places: Places) -> Finding:
    steps = tuple(_step(step, places) for step in hit.steps)
    return Finding(
        rule=rule.id,
        message=hit.message or rule.message or rule.title,
        place=steps[-1].place,
        severity=_lowered(rule.severity, hit.label),
        confidence=hit.confidence or rule.confidence,
        steps=steps,
        function=hit.function,
        label=hit.label,
        source_text=hit.source_text,
        sink_text=hit.sink_text,
    )


def _serves_tests(path: str) -> bool:
    """Whether a file is what tests are written with, so that nothing from outside reaches the parameters of its functions."""
    return not {"testing", "testutils"}.isdisjoint(path.lower().split("/")[:-1])


def _lowered(severity: Severity, label: Label | None) -> Severity:
    """What an attack costs, by who can begin it.

    One step less for the parameter of an unknown caller, which an attacker may not reach; no more than medium for what
    stands on a command line or in the environment, because who writes there runs the program already.
    """
    if label is Label.PARAMETER:
        return {Severity.CRITICAL: Severity.HIGH, Severity.HIGH: Severity.MEDIUM}.get(severity, severity)
    if label in (Label.ARGV, Label.ENV) and severity.rank > Severity.MEDIUM.rank:
        return Severity.MEDIUM
    return severity


def _step(step: HitStep, places: Places) -> Step:
    return Step(step.kind, places.place(step.path, step.span), step.message)


def _once(findings: Sequence[Finding]) -> list[Finding]:
    """One finding for each rule and place; the one with a flow before one without."""
    best: dict[tuple[str, Place], Finding] = {}
    for finding in findings:
        key = (finding.rule, finding.place)
        known = best.get(key)
        if known is None or len(finding.steps) > len(known.steps):
            best[key] = finding
    return list(best.values())


def _directives(module: Module, source: bytes, names: Mapping[str, str], config: Config) -> Directives:
    return directives_of(module.path, source, module.comments, names=names, foreign=config.foreign_suppressions)


def _syntax(modules: Sequence[Module]) -> list[Incomplete]:
    return [
        Incomplete(module.path, "syntax", f"{what}; the rest of the file was analysed", line)
        for module in modules
        for line, what in module.errors[:1]
    ]


def on_large_stack(work: Callable[[], T]) -> T:
    """What `work` returns, computed in a thread whose stack bears deep recursion, without garbage collection."""
    outcome: list[T] = []
    failure: list[BaseException] = []

    def target() -> None:
        try:
            outcome.append(work())
        except BaseException as error:  # noqa: BLE001 - handed to the caller below
            failure.append(error)

    previous_stack = threading.stack_size(STACK_BYTES)
    previous_limit = sys.getrecursionlimit()
    collected = gc.isenabled()
    gc.disable()
    sys.setrecursionlimit(max(previous_limit, RECURSION))
    try:
        thread = threading.Thread(target=target, name="custodiet-scan")
        thread.start()
        thread.join()
    finally:
        threading.stack_size(previous_stack)
        sys.setrecursionlimit(previous_limit)
        if collected:
            gc.enable()
    if failure:
        raise failure[0]
    return outcome[0]
