"""A plain scan starts light, and what it leaves out is there for others."""

import subprocess
import sys

import pytest

PROGRAM = """
import sys
from custodiet.cli.light import import_msgspec
{before}
import_msgspec()
import decimal, textwrap, uuid
import msgspec
assert textwrap.dedent("  a") == "a"
assert uuid.UUID(int=1).int == 1 and decimal.Decimal("1.5") * 2 == 3
class Thing(msgspec.Struct):
    name: str
    parts: dict[str, list[int | None]] = {{}}
thing = msgspec.convert({{"name": "a", "parts": {{"b": [1, None]}}}}, Thing)
assert msgspec.json.decode(msgspec.json.encode(thing), type=Thing) == thing
assert msgspec.json.schema(Thing)["$defs"]["Thing"]["required"] == ["name"]
assert msgspec.inspect.type_info(int) == msgspec.inspect.IntType()
import msgspec.inspect as again
assert again.IntType is msgspec.inspect.IntType
"""


@pytest.mark.parametrize(
    "before", ["", "import uuid", "import msgspec", "import decimal, typing_extensions", "import textwrap"]
)
def test_the_stand_ins_are_gone_afterwards(before):
    run = subprocess.run(
        [sys.executable, "-c", PROGRAM.format(before=before)], capture_output=True, text=True, check=False
    )
    assert run.stderr == ""


def test_a_msgspec_that_needs_more_is_imported_as_usual():
    program = """
from custodiet.cli import light
light.STAND_INS["uuid"] = {}
light.import_msgspec()
import msgspec, uuid
assert msgspec.json.encode(uuid.UUID(int=1)) == b'"00000000-0000-0000-0000-000000000001"'
"""
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert run.stderr == ""


def test_output_is_whole_and_the_code_is_right_though_the_process_ends_at_once(tmp_path):
    (tmp_path / "app.py").write_text("import os\n" + "def f():\n    os.system(input())\n" * 400)
    run = subprocess.run(
        [sys.executable, "-m", "custodiet", "scan", "app.py", "--format=concise", "--isolated"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 1
    assert len(run.stdout.splitlines()) == 401
    assert run.stderr == ""
