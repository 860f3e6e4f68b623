import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custodiet.domain.finding import Edit, Fix
from custodiet.domain.place import Place
from custodiet.report.frame import cut, frame
from custodiet.report.patch import combined, diff
from custodiet.report.plain import character_width, printable, sentence, spans, text_width, well_formed
from custodiet.report.view import Listing
from report.samples import Texts

texts = st.text(st.characters(codec=None) | st.sampled_from("\t\r\n日\u0301\x1b\u202e ab"), max_size=400)
positions = st.integers(1, 450)


@given(texts, positions, positions, st.integers(16, 120))
def test_a_cut_line_fits_and_marks_lie_within_it(line, start, length, width):
    part = cut(line.replace("\n", ""), start - 1, start - 1 + length, width)
    assert text_width(part.text) <= width
    assert 0 <= part.start <= part.end <= width
    assert printable(part.text) == part.text


@given(st.text("abc日", min_size=1, max_size=60), st.integers(0, 60), st.integers(0, 60))
def test_a_line_that_fits_is_not_cut(line, start, length):
    part = cut(line, start, start + length, 200)
    assert part.text == line
    assert part.start == text_width(line[:start])
    assert part.end == text_width(line[: start + length])


@given(texts, positions, positions, st.integers(0, 30), positions, st.integers(20, 120))
def test_a_frame_never_fails_whatever_the_place(text, line, column, more, end_column, width):
    place = Place("a.py", line, column, line + more, end_column)
    for row in frame(Listing(Texts({"a.py": text})), place, width):
        assert text_width(row.text) <= width
        assert printable(row.text) == row.text


@given(texts)
def test_printable_text_keeps_its_length_and_is_stable(text):
    shown = printable(text)
    assert len(shown) == len(text)
    assert printable(shown) == shown
    assert well_formed(shown) == shown
    assert "\n" not in sentence(text)


@given(texts)
def test_spans_lose_nothing_but_pairs_of_backticks(text):
    parts = spans(text)
    assert "".join(part for _, part in parts).replace("`", "") == sentence(text).replace("`", "")


def test_widths():
    assert [character_width(char) for char in "aé日\u0301"] == [1, 1, 2, 0]


LINES = "one\ntwo\nthree\nfour\n"


def edit(line, column, end_line, end_column, text):
    return Edit(Place("a.py", line, column, end_line, end_column), text)


def test_a_combined_edit_does_what_its_parts_do():
    fix = Fix("t", (edit(3, 1, 3, 6, "3"), edit(1, 2, 1, 3, "N"), edit(2, 4, 2, 4, "!\n")), is_safe=True)
    listing = Listing(Texts({"a.py": LINES}))
    whole = combined(fix, listing)
    assert whole == edit(1, 2, 3, 6, "Ne\ntwo!\n\n3")
    assert diff(fix, listing) == diff(Fix("t", (whole,), is_safe=True), listing)


def test_edits_too_far_apart_are_not_combined():
    listing = Listing(Texts({"a.py": "x\n" * 200}))
    assert combined(Fix("t", (edit(1, 1, 1, 2, "a"), edit(150, 1, 150, 2, "b")), is_safe=True), listing) is None


def test_an_edit_past_the_end_changes_nothing():
    assert diff(Fix("t", (edit(99, 1, 99, 2, "a"),), is_safe=True), Listing(Texts({"a.py": LINES}))) == []


def test_a_listing_splits_at_line_feeds_only():
    listing = Listing(Texts({"a.py": "\ufeffa\x0cb\u2028c\r\nd\re\n"}))
    assert listing.lines("a.py") == ("a\x0cb\u2028c", "d\re", "")
    assert listing.line("a.py", 0) is None
    assert listing.line("a.py", 4) is None
    assert listing.line("b.py", 1) is None
    assert listing.excerpt(Place("a.py", 1, 3, 2, 2)) == "b\u2028c\nd"


@pytest.mark.parametrize("text", ["one\ntwo\nthree\n", "one\ntwo\nthree", "one\ntwo\nthree\n\n"])
@pytest.mark.parametrize("line", [1, 3])
def test_git_applies_the_diff(tmp_path, text, line):
    (tmp_path / "a.py").write_text(text, newline="")
    fix = Fix("t", (edit(line, 1, line, 4, "ONE\nmore"),), is_safe=True)
    patch = "\n".join(diff(fix, Listing(Texts({"a.py": text})))) + "\n"
    subprocess.run(["git", "apply"], input=patch, text=True, cwd=tmp_path, check=True)
    lines = text.split("\n")
    lines[line - 1] = "ONE\nmore" + lines[line - 1][3:]
    assert (tmp_path / "a.py").read_text() == "\n".join(lines)
