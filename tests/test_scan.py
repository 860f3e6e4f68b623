"""The whole way from files to a report."""

import pytest

from custodiet.scan import scan_texts


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        pytest.param(b"", 0, id="nothing"),
        pytest.param(b"\n", 1, id="an empty line"),
        pytest.param(b"x = 1", 1, id="no line break at the end"),
        pytest.param(b"x = 1\n", 1, id="a line break at the end"),
        pytest.param(b"x = 1\r\ny = 2\r\n", 2, id="line breaks of Windows"),
        pytest.param(b"x = 1\n\ny = 2", 3, id="three lines"),
    ],
)
def test_the_line_break_at_the_end_of_a_file_begins_no_line(text, lines):
    assert scan_texts({"a.py": text}).statistics.lines == lines


def test_the_lines_of_templates_are_counted_too():
    assert scan_texts({"a.py": b"x = 1\n", "templates/a.html": b"<p>\n</p>\n"}).statistics.lines == 3
