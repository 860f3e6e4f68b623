"""The shorter way of importing finds what the usual way finds, or nothing."""

import importlib.util
import inspect
import json
import os
import py_compile
import subprocess
import sys
from importlib.machinery import ModuleSpec

import pytest

from custodiet.cli.importer import DirectFinder

VALUE = "value = 1\n"


@pytest.fixture
def finder(tmp_path):
    """A finder of a package of one module and one package, compiled."""
    (tmp_path / "part").mkdir()
    for file in (tmp_path / "thing.py", tmp_path / "part" / "__init__.py"):
        file.write_text(VALUE)
        py_compile.compile(str(file))
    return DirectFinder(str(tmp_path), importlib.util.MAGIC_NUMBER)


def usual(name, file, is_package=False):
    """The specification that Python makes for a file."""
    return importlib.util.spec_from_file_location(
        name, file, submodule_search_locations=[str(file.parent)] if is_package else None
    )


def described(spec: ModuleSpec):
    """What programs read from a specification."""
    return spec.name, spec.origin, spec.cached, spec.has_location, spec.submodule_search_locations, spec.parent


@pytest.mark.parametrize(("name", "file"), [("thing", "thing.py"), ("part", "part/__init__.py")])
def test_a_module_with_current_byte_code_is_found_as_usual(finder, tmp_path, name, file):
    spec = finder.find_spec(f"custodiet.{name}")
    assert described(spec) == described(usual(f"custodiet.{name}", tmp_path / file, name == "part"))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert module.value == 1
    assert inspect.getsource(module) == VALUE
    spec.loader.exec_module(module)  # as `importlib.reload` does


@pytest.mark.parametrize("change", ["newer", "longer", "no byte code", "cut off", "foreign", "hashed", "gone"])
def test_everything_else_is_left_to_the_usual_way(finder, tmp_path, change):
    source = tmp_path / "thing.py"
    cached = next((tmp_path / "__pycache__").glob("thing.*"))
    if change == "newer":
        os.utime(source, (1, 1))
    elif change == "longer":
        status = source.stat()
        source.write_text(VALUE * 2)
        os.utime(source, ns=(status.st_atime_ns, status.st_mtime_ns))
    elif change == "no byte code":
        cached.unlink()
    elif change == "cut off":
        cached.write_bytes(cached.read_bytes()[:15])
    elif change == "foreign":
        cached.write_bytes(b"\0\0\0\0" + cached.read_bytes()[4:])
    elif change == "hashed":
        py_compile.compile(str(source), invalidation_mode=py_compile.PycInvalidationMode.CHECKED_HASH)
    else:
        source.unlink()
    assert finder.find_spec("custodiet.thing") is None


def test_other_modules_are_left_to_the_usual_way(finder):
    assert finder.find_spec("thing") is None
    assert finder.find_spec("custodiet") is None
    assert finder.find_spec("custodiet.missing") is None
    assert finder.find_spec("custodietthing") is None


def test_a_scan_imports_the_same_modules_either_way(tmp_path):
    (tmp_path / "app.py").write_text("import os\nos.system(input())\n")
    program = """
import json, sys
from custodiet.cli import importer
from custodiet.cli import main
if {usual}:
    importer.install = lambda: None
try:
    main(["scan", "app.py", "--format=json", "--isolated"])
except SystemExit:
    pass
own = [(name, module.__file__, module.__cached__, module.__package__)
       for name, module in sorted(sys.modules.items()) if name.startswith("custodiet.") and hasattr(module, "__file__")]
print("\\n" + json.dumps(own))
"""
    outputs = []
    for as_usual in (True, True, False):  # the first run may compile what the others only read
        environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": ""}
        run = subprocess.run(
            [sys.executable, "-c", program.format(usual=as_usual)],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        )
        report, _, modules = run.stdout.rstrip("\n").rpartition("\n")
        outputs.append((report, json.loads(modules)))
    assert outputs[1] == outputs[2]
    assert len(outputs[2][1]) > 50
