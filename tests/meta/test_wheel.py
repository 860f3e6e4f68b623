"""The wheel, really built and installed: what an installation that nobody may write to starts from."""

import hashlib
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "src" / "custodiet"
FAMILIES = sorted({path.parent.name for path in (PACKAGE / "knowledge").glob("*/*.toml")})
COMPILED = sorted(
    f"custodiet/{folder}/compiled.msgpack"
    for folder in ("rules", "rules/checks", *(f"knowledge/{family}" for family in FAMILIES))
)
START = f"""
import sys
from custodiet import knowledge, rules
from custodiet.rules import checks
for family in {FAMILIES}:
    assert knowledge.load(family)
assert len(checks.checks_of(rules.load_rules())) > 10
assert "tomllib" not in sys.modules, "a text was read"
"""


@pytest.fixture(scope="module")
def build(tmp_path_factory):
    """A function that builds a wheel in a fresh copy of the sources, and gives its path."""

    def run(name):
        folder = tmp_path_factory.mktemp(name)
        kept = shutil.ignore_patterns("__pycache__", "*.msgpack")
        shutil.copytree(ROOT / "src", folder / "src", ignore=kept)
        for file in ("pyproject.toml", "hatch_build.py", "README.md", "LICENSE"):
            shutil.copy(ROOT / file, folder)
        before = sorted(folder.rglob("*"))
        command = [sys.executable, "-B", "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder / "dist")]
        subprocess.run(command, cwd=folder, check=True, capture_output=True)
        made = sorted(set(folder.rglob("*")) - set(before))
        (wheel,) = [path for path in made if path.suffix == ".whl"]
        assert made == [folder / "dist", wheel], "the build left something in the sources"
        return wheel

    return run


def test_a_wheel_starts_without_reading_texts_where_nothing_may_be_written(build, tmp_path):
    wheel = build("first")
    target = tmp_path / "installed"
    install = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--target", str(target)]
    subprocess.run([*install, str(wheel)], check=True, capture_output=True)
    assert sorted(path.relative_to(target).as_posix() for path in target.rglob("*.msgpack")) == COMPILED
    files = sorted(target.rglob("*"))
    for path in (target, *files):
        path.chmod(path.stat().st_mode & ~(stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH))
    try:
        begin = [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(target)!r})\n{START}"]
        done = subprocess.run(begin, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert (done.returncode, done.stderr) == (0, "")
        assert sorted(target.rglob("*")) == files  # root may write in spite of the mode, and has not
    finally:
        for path in (target, *files):
            path.chmod(path.stat().st_mode | stat.S_IWUSR)


def test_equal_sources_make_equal_wheels(build):
    first, second = (hashlib.sha256(build(name).read_bytes()).hexdigest() for name in ("one", "two"))
    assert first == second
