"""A pytest plugin: every example of a Markdown file is a test that scans it and compares what was found.

Collected are `src/custodiet/rules/*.md`, `tests/**/specs/*.md` and `tests/knowledge/*.md`. The form of an example is
told in `docs/writing-rules.md`.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from custodiet.rules.examples import Example, examples
from spec_verdict import Verdict, judge

ROOT: Final = Path(__file__).parent.parent
RULES: Final = ROOT / "src" / "custodiet" / "rules"
TESTS: Final = ROOT / "tests"


def is_spec(path: Path) -> bool:
    """Whether the file holds examples that are tests."""
    if path.suffix != ".md":
        return False
    in_tests = path.is_relative_to(TESTS) and path.parent.name in {"specs", "knowledge"}
    return path.parent == RULES or in_tests


def spec_files() -> list[Path]:
    """Every Markdown file whose examples are tests."""
    return sorted(path for path in (*RULES.glob("*.md"), *TESTS.rglob("*.md")) if is_spec(path))


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> "SpecFile | None":
    if is_spec(file_path):
        return SpecFile.from_parent(parent, path=file_path)
    return None


class SpecError(AssertionError):
    """What was found is not what the example says."""

    def __init__(self, verdict: Verdict) -> None:
        super().__init__(verdict.text)
        self.verdict = verdict


class SpecFile(pytest.File):
    """A Markdown file: its items are its examples."""

    def collect(self) -> Iterator["SpecItem"]:
        for example in examples(self.path.read_text("utf-8"), self.path.name):
            yield SpecItem.from_parent(self, name=example.name, example=example)


class SpecItem(pytest.Item):
    """One example."""

    def __init__(self, *, example: Example, **others: object) -> None:
        super().__init__(**others)
        self.example = example

    def runtest(self) -> None:
        verdict = judge(self.example)
        if not verdict.holds:
            raise SpecError(verdict)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException]) -> object:
        if isinstance(excinfo.value, SpecError):
            place = self.path.relative_to(ROOT) if self.path.is_relative_to(ROOT) else self.path
            return f"{place}:{self.example.line}  {self.example.name}\n\n{excinfo.value.verdict.text}"
        return super().repr_failure(excinfo)

    def reportinfo(self) -> tuple[Path, int, str]:
        return self.path, self.example.line - 1, self.name
