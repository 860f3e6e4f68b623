"""Specification of how patterns of other languages are read: see `custodiet.flow.spellings`."""

import re

import pytest

from custodiet.flow.spellings import spelled


@pytest.mark.parametrize(
    ("pattern", "matching", "other"),
    [
        (r"\p{Alpha}", "a", "1"),
        (r"\P{Alpha}", "1", "a"),
        (r"[\p{Alnum}_]", "_", "-"),
        (r"[^\p{Cntrl}]", "a", "\n"),
        (r"\pL+", "word", "12"),
        (r"\p{IsAlphabetic}", "\u00e9", "/"),
        (r"\R", "\r\n", " "),
        (r"\d+\z", "12", "12\n"),
        (r"(?<year>\d{4})", "2026", "year"),
        (r"(?<!a)b", "b", "a"),
        (r"\\p\{L", "\\p{L", "a"),
    ],
)
def test_a_pattern_means_in_python_what_it_meant(pattern: str, matching: str, other: str):
    assert re.fullmatch(spelled(pattern), matching)
    assert not re.fullmatch(spelled(pattern), other)


def test_a_pattern_without_such_sets_stays():
    assert spelled(r"^[a-z]+$") == r"^[a-z]+$"
