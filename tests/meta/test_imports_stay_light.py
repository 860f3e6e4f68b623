"""What a command does not need, it does not import: agents and editors start it all the time."""

import json
import subprocess
import sys

import pytest

from spec_collector import ROOT

pytestmark = pytest.mark.house

HEAVY = {
    "alembic", "anyio", "asyncio", "attrs", "cryptography", "git", "httpx", "httpx2", "jinja2", "jsonschema", "lsprotocol",
    "matplotlib", "mcp", "networkx", "numpy", "opentelemetry", "pandas", "pydantic", "pygit2", "pygls", "pytest", "requests",
    "sqlalchemy", "starlette", "urllib3", "uvicorn", "yaml",
}  # fmt: skip
NOT_FOR_HELP = HEAVY | {
    "custodiet.flow", "custodiet.knowledge", "custodiet.rules", "custodiet.source", "multiprocessing", "rich", "sqlite3",
    "tomllib", "tree_sitter",
}  # fmt: skip
"""The engine and its grammars are not needed to print a help text."""


def modules_after(*arguments: str) -> set[str]:
    """Names of the modules that are loaded when the command has run; its output is no terminal."""
    program = (
        "import sys, json\n"
        "from custodiet.cli import main\n"
        f"try:\n    main({list(arguments)!r})\nexcept SystemExit:\n    pass\n"
        "sys.stdout.flush()\n"
        "print('\\n' + json.dumps(sorted(sys.modules)))"
    )
    run = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    return set(json.loads(run.stdout.splitlines()[-1]))


@pytest.mark.parametrize("arguments", [["--help"], ["scan", "--help"], ["--version"]], ids=" ".join)
def test_help_imports_no_engine_and_nothing_heavy(arguments: list[str]):
    assert modules_after(*arguments) & NOT_FOR_HELP == set()


def test_a_scan_imports_nothing_heavy_and_no_terminal_library_when_its_output_is_a_pipe():
    assert modules_after("scan", "examples", "--exit-zero") & (HEAVY | {"rich"}) == set()
