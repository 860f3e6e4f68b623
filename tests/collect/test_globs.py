"""Patterns mean what they mean to git."""

import os
import subprocess
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from custodiet.collect.globs import Patterns


@pytest.mark.parametrize(
    "pattern, path, is_covered",
    [
        ("*.log", "x.log", True),
        ("*.log", "a/b/x.log", True),
        ("*.log", "x.logs", False),
        ("/x", "x", True),
        ("/x", "a/x", False),
        ("a/x", "a/x", True),
        ("a/x", "b/a/x", False),
        ("out/", "out/a/b", True),
        ("out/", "out", False),
        ("**/x", "a/b/x", True),
        ("a/**", "a/b/c", True),
        ("a/**", "a", False),
        ("a/**/x", "a/x", True),
        ("a/**/x", "a/b/c/x", True),
        ("a*b", "a/b", False),
        ("a?b", "a/b", False),
        ("[a-c].py", "b.py", True),
        ("[!a-c].py", "b.py", False),
        ("[]a].py", "].py", True),
        ("[", "[", False),
        (r"\#x", "#x", True),
        ("# x", "# x", False),
        (r"\!x", "!x", True),
        ("x ", "x", True),
        (r"x\ ", "x ", True),
        ("", "x", False),
        ("/", "x", False),
        ("[[:digit:]]x", "1x", True),
    ],
)
def test_a_pattern(pattern, path, is_covered):
    assert Patterns([pattern]).covers(path) is is_covered


def test_the_last_pattern_decides():
    patterns = Patterns(["*.py", "!keep.py", "keep.py/"])
    assert [patterns.covers(path) for path in ("x.py", "keep.py", "a/keep.py")] == [True, False, False]


def test_a_hostile_pattern_costs_no_time():
    stars = Patterns(["*a" * 30 + "b", "**/a/" * 30 + "b", "[a" * 400, "x" * 2000])
    started = time.perf_counter()
    assert not stars.covers("a" * 200)
    assert not stars.covers("a/" * 200 + "c")
    assert time.perf_counter() - started < 1


def test_what_stands_in_an_ignored_folder_cannot_be_taken_back():
    assert Patterns(["out/", "!out/keep.py"]).covers("out/keep.py")


@pytest.fixture(scope="module")
def repository(tmp_path_factory):
    folder = tmp_path_factory.mktemp("ignore")
    subprocess.run(["git", "init", "-q"], cwd=folder, check=True)
    return folder


pieces = st.sampled_from(
    ["a", "b", "ab", "*", "**", "?", "[ab]", "[!a]", "[a-", "]", "/", "/", "!", "\\", "#", " ", "-", "."]
)
# `a**/b` has no documented meaning: git's own reading depends on how it compares the text before the first star.
patterns = (
    st.lists(pieces, max_size=6)
    .map("".join)
    .filter(lambda text: all(part == "**" or "**" not in part for part in text.lstrip("!").split("/")))
)
paths = st.lists(st.sampled_from(["a", "b", "ab", "b-", "a.b", "]"]), min_size=1, max_size=3).map("/".join)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(patterns, min_size=1, max_size=4), st.lists(paths, min_size=6, max_size=12, unique=True))
def test_git_agrees(repository, lines, names):
    (repository / ".gitignore").write_text("\n".join(lines) + "\n")
    answer = subprocess.run(
        ["git", "check-ignore", "--no-index", "--stdin", "-z"],
        cwd=repository,
        input="\0".join(names).encode(),
        capture_output=True,
        check=False,
        env={**os.environ, "GIT_CONFIG_GLOBAL": os.devnull},
    )
    ignored = set(answer.stdout.decode().split("\0")) - {""}
    assert {name for name in names if Patterns(lines).covers(name)} == ignored
