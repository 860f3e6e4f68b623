"""A function with many sources: each is found, and what is left out is said."""

from custodiet.domain.report import Report
from custodiet.scan import scan_texts


def with_sources(count: int) -> Report:
    text = "import os\n\n\ndef run():\n" + "    os.system(input())\n" * count
    return scan_texts({"program.py": text.encode()}, select=["command-injection"])


def test_every_one_of_400_sources_of_a_function_is_found() -> None:
    report = with_sources(400)
    assert [finding.place.line for finding in report.findings] == list(range(5, 405))
    assert not report.incomplete


def test_a_function_with_too_many_sources_is_reported_as_incomplete() -> None:
    report = with_sources(1001)
    assert len(report.findings) == 1000
    assert [note.detail for note in report.incomplete] == ["`run` is too large to be analysed as a whole"]
