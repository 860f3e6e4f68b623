"""The shop in `examples/`: each flaw of its table is found to the line, and nothing else is."""

import re
from pathlib import Path
from typing import Final, NamedTuple

import pytest

from custodiet.config import Config
from custodiet.domain.finding import Finding
from custodiet.rules import load_rules
from custodiet.scan import Scan

ROOT: Final = Path(__file__).parent.parent
EXAMPLES: Final = ROOT / "examples"
ROW: Final = re.compile(r"\| `([^`]+)` \| (\d+) \| [^|]+ \| `([^`]+)` \| `([^`]+)` \|")


class Row(NamedTuple):
    """A line of the table in `examples/README.md`."""

    path: str
    line: int
    rule: str
    twin: str


ROWS: Final = [
    Row(match[1], int(match[2]), match[3], match[4])
    for match in map(ROW.fullmatch, (EXAMPLES / "README.md").read_text("utf-8").splitlines())
    if match
]


@pytest.fixture(scope="module")
def findings() -> tuple[Finding, ...]:
    report = Scan(Config(), root=ROOT).run(["examples"])
    assert not report.incomplete
    return report.findings


def place_of(finding: Finding) -> tuple[str, int, str]:
    return (finding.place.path.removeprefix("examples/"), finding.place.line, finding.rule)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.path}:{row.line} {row.rule}")
def test_the_flaw_is_found(row, findings):
    assert row[:3] in {place_of(finding) for finding in findings}


def test_nothing_else_is_found(findings):
    assert {place_of(finding) for finding in findings} - {row[:3] for row in ROWS} == set()


def test_every_rule_has_a_flaw():
    assert {rule.id for rule in load_rules()} - {row.rule for row in ROWS} == set()


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.path}:{row.line} {row.rule}")
def test_its_twin_is_there(row):
    if "/" in row.twin:
        assert (EXAMPLES / row.twin).is_file()
    else:
        source = (EXAMPLES / row.path).read_text("utf-8")
        assert re.search(rf"^ *(?:[\w<>\[\], ]+ )?{row.twin}\b", source, re.MULTILINE)


def test_no_twin_has_a_finding(findings):
    assert not [place_of(finding) for finding in findings if finding.function.lower().endswith("safe")]
    assert not [place_of(finding) for finding in findings if Path(finding.place.path).stem.endswith("_safe")]
