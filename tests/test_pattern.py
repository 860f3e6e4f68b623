"""Patterns that are compiled late are patterns."""

import importlib
import pkgutil
import re

import pytest

import custodiet
from custodiet.pattern import _Later, pattern


def test_a_pattern_does_what_a_compiled_one_does():
    late = pattern(r"(?P<word>[a-z]+)(\d)", re.IGNORECASE)
    assert late.sub("-", "a1 B2") == "- -"
    assert late.fullmatch("X1")["word"] == "X"
    assert late.findall("a1") == [("a", "1")]
    assert late.flags & re.IGNORECASE
    assert pattern(rb"a+").search(b"baab").span() == (1, 3)


def test_a_wrong_pattern_shows_itself_when_it_is_used():
    late = pattern("(")
    with pytest.raises(re.error):
        late.match("x")


@pytest.mark.house
def test_every_late_pattern_of_the_package_compiles():
    found = 0
    for module in pkgutil.walk_packages(custodiet.__path__, "custodiet."):
        if module.name == "custodiet.__main__":
            continue
        for value in vars(importlib.import_module(module.name)).values():
            if isinstance(value, _Later):
                assert value.pattern is not None
                found += 1
    assert found > 20
