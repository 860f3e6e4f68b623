"""A command line that is read without click means what click says it means."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custodiet.cli.plain import _FLAGS, is_plain, plain_request
from custodiet.cli.request import Request
from custodiet.cli.scan import command
from custodiet.errors import UsageError

words = st.sampled_from(
    [*_FLAGS, "-", "a.py", "src/b", "--format=sarif", "--format=yaml", "--fix", "--fix=all", "x=y", ""]
)


def by_click(arguments):
    seen = []
    values = command.make_context("scan", list(arguments)).params
    try:
        seen.append(Request.of(values))
    except UsageError as error:
        seen.append(str(error))
    return seen[0]


def plainly(arguments):
    try:
        return plain_request(["scan", *arguments])
    except UsageError as error:
        return str(error)


@given(st.lists(words, max_size=5))
def test_plain_and_click_agree(arguments):
    if is_plain(["scan", *arguments]):
        assert plainly(arguments) == by_click(arguments)


@pytest.mark.parametrize(
    "arguments",
    [["scan"], ["scan", "a.py"], ["scan", "-q", "a.py"], ["scan", "--format=json", "-"]],
    ids=" ".join,
)
def test_what_is_plain(arguments):
    assert is_plain(arguments)


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["rules"],
        ["--help"],
        ["scan", "--help"],
        ["scan", "--format=yaml"],
        ["scan", "--fix"],
        ["scan", "--"],
        ["scan", ""],
    ],
    ids=" ".join,
)
def test_what_is_left_to_click(arguments):
    assert not is_plain(arguments)


def test_completion_is_left_to_click(monkeypatch):
    monkeypatch.setenv("_CUSTODIET_COMPLETE", "bash_complete")
    assert not is_plain(["scan"])
