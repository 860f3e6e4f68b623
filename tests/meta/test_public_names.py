"""Everything public is explained, and every file tells one story of bearable length."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from spec_collector import ROOT

pytestmark = pytest.mark.house

PACKAGE = ROOT / "src" / "custodiet"
MODULES = sorted(PACKAGE.rglob("*.py"))
VAGUE = re.compile(r"(Manager|Helper|Util|Utils|Handler|Data|Info)$")
OPEN_ENDS = re.compile(r"\b(TODO|FIXME|XXX|NotImplementedError)\b")
ONE_LONG_STORY: dict[str, str] = {}
"""Files of more than 500 lines, and why they stay whole; one that has become shorter leaves the list."""
SUITES = re.compile(
    r"BenchmarkTest|owasp.?benchmark|benchmark.?python|security.?eval|juliet|vulpy|pygoat|dvpwa", re.IGNORECASE
)
"""A suite that Custodiet is measured on must not be known to it."""


def each_module(function):
    return pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(PACKAGE).as_posix())(function)


def public(body: list[ast.stmt], prefix: str = "") -> Iterator[tuple[str, ast.ClassDef | ast.FunctionDef]]:
    """(dotted name, definition) of public classes and functions, methods included, nested functions not."""
    for node in body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) and not node.name.startswith("_"):
            yield prefix + node.name, node
            if isinstance(node, ast.ClassDef):
                yield from public(node.body, f"{prefix}{node.name}.")


@each_module
def test_every_public_name_has_a_docstring(path: Path):
    tree = ast.parse(path.read_text("utf-8"))
    bare = [name for name, node in public(tree.body) if ast.get_docstring(node) is None]
    assert ast.get_docstring(tree), "the module has no docstring"
    assert bare == []


@each_module
def test_names_say_what_a_thing_is(path: Path):
    tree = ast.parse(path.read_text("utf-8"))
    names = [node.name for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]
    assert [name for name in names if VAGUE.search(name)] == []
    assert not VAGUE.search(path.stem.title())


@each_module
def test_a_file_tells_one_story(path: Path):
    name = path.relative_to(PACKAGE).as_posix()
    lines = path.read_text("utf-8").count("\n")
    assert (lines > 500) == (name in ONE_LONG_STORY), f"{lines} lines: what second story has moved in?"


@each_module
def test_nothing_is_left_open(path: Path):
    assert OPEN_ENDS.findall(path.read_text("utf-8")) == []


def test_no_benchmark_is_known_to_the_package():
    files = [path for path in PACKAGE.rglob("*") if path.suffix in {".py", ".toml", ".md", ".html"}]
    assert [path.name for path in files if SUITES.search(path.read_text("utf-8"))] == []
