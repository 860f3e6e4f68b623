"""The examples of a Markdown file as values: what to scan, and what must be found there.

The form is told in `docs/writing-rules.md`; rule files, `tests/flow/specs/*.md` and `tests/knowledge/*.md` share it.

    examples(text, "sql-injection.md") -> list of Example, in the order of the file

An `Example` is one project: its files, the findings expected in them, at most one trace and the files after `--fix`.
"""

import re
from collections import Counter
from typing import Final

import msgspec

from custodiet.domain.finding import StepKind
from custodiet.domain.severity import Persona
from custodiet.errors import ConfigError

FORM: Final = "see `Examples are tests` in docs/writing-rules.md"
DEFAULT_NAMES: Final = {
    "python": "example.py",
    "html": "example.html",
    "java": "Example.java",
    "javascript": "example.js",
    "jsx": "example.jsx",
    "typescript": "example.ts",
    "tsx": "example.tsx",
    "csharp": "Example.cs",
}
"""The name of a file that is given none, by the word after its fence."""


class ExpectedFinding(msgspec.Struct, frozen=True, order=True):
    """A comment `error: column [rule] "text"`: this rule is found on this line, and nothing else is."""

    path: str
    line: int
    rule: str
    column: int | None = None
    text: str = ""


class ExpectedStep(msgspec.Struct, frozen=True):
    """A line of a `trace` block."""

    kind: StepKind
    path: str
    line: int
    column: int
    text: str

    def __str__(self) -> str:
        """The line as it is written in the block."""
        return f"{self.kind} {self.path}:{self.line}:{self.column} {self.text}".rstrip()


class ExampleFile(msgspec.Struct, frozen=True):
    """A block: a file of the project. `line` is the line of the Markdown on which its text starts."""

    path: str
    text: str
    line: int


class Example(msgspec.Struct, frozen=True, kw_only=True):
    """One project of a Markdown file.

    `name` is the heading, with `[n]` where one heading has several projects. `trace` are the steps of the first
    finding of `trace_path`. `incomplete` are the reasons why files are expected not to be analysed fully.
    """

    name: str
    heading: str
    line: int
    files: tuple[ExampleFile, ...]
    findings: tuple[ExpectedFinding, ...] = ()
    persona: Persona = Persona.DEFAULT
    incomplete: tuple[str, ...] = ()
    trace: tuple[ExpectedStep, ...] = ()
    trace_path: str = ""
    fixed: tuple[ExampleFile, ...] = ()


class Block(msgspec.Struct, frozen=True):
    """A fenced block. `words` are the words after the fence, `line` the 1-based line of its first line of text."""

    heading: str
    name: str
    words: tuple[str, ...]
    text: str
    line: int


def examples(text: str, where: str) -> list[Example]:
    """Every example of the Markdown `text`, in its order; `where` is the file name for errors.

    Raises:
        ConfigError: if a fence is not closed, a comment, a `trace` or a word after a fence cannot be read, or
            a `trace` or `fixed` block follows no file.
    """
    drafts: list[_Draft] = []
    for block in fenced_blocks(text, where):
        kind = block.words[0] if block.words else ""
        if kind in ("trace", "fixed"):
            draft = drafts[-1] if drafts else None
            if draft is None or draft.heading != block.heading:
                raise ConfigError(f"the block `{kind}` follows no example", where=f"{where}:{block.line}", hint=FORM)
            draft.add_answer(kind, block, where)
        elif block.name or kind in DEFAULT_NAMES:
            joins = bool(drafts and block.name and drafts[-1].takes(block))
            if not joins:
                drafts.append(_Draft(block))
            drafts[-1].add_file(block, where)
    in_heading = Counter(draft.heading for draft in drafts)
    seen: Counter[str] = Counter()
    found = []
    for draft in drafts:
        seen[draft.heading] += 1
        several = in_heading[draft.heading] > 1
        found.append(draft.example(f"{draft.heading}[{seen[draft.heading]}]" if several else draft.heading))
    return found


def fenced_blocks(text: str, where: str) -> list[Block]:
    """The fenced blocks of Markdown with the heading each stands under and the file name before it.

    Raises:
        ConfigError: if a fence is not closed.
    """
    blocks: list[Block] = []
    heading, name = "", ""
    lines = text.split("\n")
    number = 0
    while number < len(lines):
        line = lines[number]
        number += 1
        if opened := _FENCE.match(line):
            close = re.compile(rf" {{0,3}}{opened[1][0]}{{{len(opened[1])},}}\s*")
            start = number
            while number < len(lines) and not close.fullmatch(lines[number]):
                number += 1
            if number == len(lines):
                raise ConfigError("the block is not closed", where=f"{where}:{start}", hint=FORM)
            body = "".join(f"{each}\n" for each in lines[start:number])
            blocks.append(Block(heading, name, tuple(opened[2].split()), body, start + 1))
            number += 1
            name = ""
        elif title := _HEADING.match(line):
            heading, name = title[1].replace("`", ""), ""
        elif named := _NAME.fullmatch(line):
            name = named[1]
        elif line.strip():
            name = ""
    return blocks


def without_expectations(text: str) -> str:
    """The text of a file without its `error:` comments: what a `fixed` block is compared with."""
    kept = []
    for line in text.split("\n"):
        bare = _COMMENT.sub("", line)
        if bare == line or bare.strip():
            kept.append(bare.rstrip() if bare != line else line)
    return "\n".join(kept)


def expected_findings(path: str, text: str, where: str = "", first_line: int = 1) -> list[ExpectedFinding]:
    """The findings that the comments of one file announce.

    A comment alone on its line speaks of the next line that is not such a comment.

    Raises:
        ConfigError: if a comment opens with `error:` and cannot be read; the line counts from `first_line`.
    """
    found: list[ExpectedFinding] = []
    waiting: list[re.Match[str]] = []
    for number, line in enumerate(text.split("\n"), 1):
        here: list[re.Match[str]] = []
        for comment in _COMMENT.finditer(line):
            body = comment[1] or comment[2] or comment[3]
            announced = list(_EXPECTATION.finditer(body))
            if not announced or _EXPECTATION.sub("", body).strip(" ,"):
                hint = 'write `error: [rule-id]`, `error: 5 [rule-id]` or `error: [rule-id] "text"`'
                raise ConfigError(f"cannot read `{body}`", where=f"{where}:{first_line + number - 1}", hint=hint)
            here += announced
        if here and not _COMMENT.sub("", line).strip():
            waiting += here
            continue
        for match in (*waiting, *here):
            column = int(match[1]) if match[1] else None
            found.append(ExpectedFinding(path, number, match[2], column, match[3] or ""))
        waiting = []
    return sorted(found, key=lambda each: (each.path, each.line, each.rule, each.column or 0, each.text))


class _Draft:
    """An example while its blocks are read."""

    def __init__(self, first: Block) -> None:
        self.heading = first.heading
        self.is_named = bool(first.name)
        self.line = first.line
        self.files: list[ExampleFile] = []
        self.findings: list[ExpectedFinding] = []
        self.persona = Persona.DEFAULT
        self.incomplete: list[str] = []
        self.trace: tuple[ExpectedStep, ...] = ()
        self.trace_path = ""
        self.fixed: list[ExampleFile] = []

    def takes(self, block: Block) -> bool:
        """Whether a named block is one more file of this project: same heading, and a new name."""
        return self.is_named and self.heading == block.heading and all(file.path != block.name for file in self.files)

    def add_file(self, block: Block, where: str) -> None:
        """Nothing; the block becomes a file of the project."""
        path = block.name or DEFAULT_NAMES[block.words[0]]
        for word in block.words[1:]:
            key, _, value = word.partition("=")
            if key == "persona" and value in list(Persona):
                self.persona = Persona(value)
            elif key == "incomplete" and value:
                self.incomplete.append(value)
            else:
                hint = "`persona=strict` and `incomplete=<reason>` may follow the language"
                raise ConfigError(f"cannot read the word `{word}`", where=f"{where}:{block.line - 1}", hint=hint)
        self.files.append(ExampleFile(path, block.text, block.line))
        self.findings += expected_findings(path, block.text, where, block.line)

    def add_answer(self, kind: str, block: Block, where: str) -> None:
        """Nothing; the block `trace` or `fixed` belongs to the file before it, or to the one that it names."""
        path = block.name or self.files[-1].path
        if kind == "fixed":
            self.fixed.append(ExampleFile(path, block.text, block.line))
            return
        if self.trace:
            raise ConfigError("an example has one `trace`", where=f"{where}:{block.line}", hint=FORM)
        self.trace_path = path
        steps = []
        for number, line in enumerate(block.text.splitlines(), block.line):
            if not line.strip():
                continue
            match = _STEP.fullmatch(line.strip())
            if match is None:
                hint = f"a step reads `kind path:line:column text`, with a kind of {', '.join(StepKind)}"
                raise ConfigError(f"cannot read the step `{line.strip()}`", where=f"{where}:{number}", hint=hint)
            steps.append(ExpectedStep(StepKind(match[1]), match[2], int(match[3]), int(match[4]), match[5] or ""))
        self.trace = tuple(steps)

    def example(self, name: str) -> Example:
        """The finished value."""
        return Example(
            name=name,
            heading=self.heading,
            line=self.line,
            files=tuple(self.files),
            findings=tuple(self.findings),
            persona=self.persona,
            incomplete=tuple(self.incomplete),
            trace=self.trace,
            trace_path=self.trace_path,
            fixed=tuple(self.fixed),
        )


_FENCE: Final = re.compile(r" {0,3}(`{3,}|~{3,})\s*([^`]*)$")
_HEADING: Final = re.compile(r"#{1,6}\s+(.*?)\s*#*$")
_NAME: Final = re.compile(r"\s*`([^`\s]+)`:\s*")
_COMMENT: Final = re.compile(
    r"""\s*(?: \{\#\s*(error:.*?)\s*\#\} | <!--\s*(error:.*?)\s*--> | (?:\#|//)\s*(error:.*?)\s*$ )""", re.VERBOSE
)
_EXPECTATION: Final = re.compile(r'(?:(?:#|//)\s*)?error:\s*(?:(\d+)\s*)?\[([a-z0-9-]+)\](?:\s*"([^"]*)")?')
_STEP: Final = re.compile(rf"({'|'.join(StepKind)})\s+(\S+?):(\d+):(\d+)(?:\s+(.*))?")
