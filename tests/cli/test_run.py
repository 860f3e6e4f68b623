"""Every way in which a run can end."""

import io
import os
import signal
import subprocess
import sys
import time

import pytest

from custodiet.cli.run import run
from spec_collector import ROOT

ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT / "src")}


def custodiet(*arguments, **options):
    return subprocess.Popen(
        [sys.executable, "-m", "custodiet", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=ENVIRONMENT,
        **options,
    )


def test_module_and_facade_are_the_same_program(tmp_path):
    (tmp_path / "a.py").write_text("x = 1\n")
    process = custodiet("scan", str(tmp_path), "--format", "concise")
    output, errors = process.communicate(timeout=60)
    assert (process.returncode, errors) == (0, b"")
    assert output.startswith(b"no findings")


def test_an_interrupt_ends_at_once_with_130_and_without_a_traceback():
    process = custodiet("scan", "-", stdin=subprocess.PIPE)
    time.sleep(1.5)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=20)
    assert process.returncode == 130
    assert errors == b"\ncustodiet: interrupted\n"


def test_a_reader_that_goes_away_is_no_error():
    with custodiet("rules", "--json") as process:
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 141


def test_a_flaw_of_ours_is_told_as_one(monkeypatch, capsys):
    def fails(_):
        raise ZeroDivisionError("x\n\x1b[31m")

    monkeypatch.setattr("custodiet.cli.session.scanned", fails)
    assert run(["scan"]) == 2
    lines = capsys.readouterr().err.splitlines()
    assert lines[0] == r"custodiet: error: internal: ZeroDivisionError: x\n\x1b[31m"
    assert "CUSTODIET_TRACEBACK=1" in lines[1]
    monkeypatch.setenv("CUSTODIET_TRACEBACK", "1")
    with pytest.raises(ZeroDivisionError):
        run(["scan"])


@pytest.mark.parametrize("error", [RecursionError("deep"), MemoryError()])
def test_running_out_of_something_is_told_too(monkeypatch, capsys, error):
    def fails(_):
        raise error

    monkeypatch.setattr("custodiet.cli.session.scanned", fails)
    assert run(["scan"]) == 2
    assert type(error).__name__ in capsys.readouterr().err


def test_without_a_command_help_is_shown(capsys):
    assert run([]) == 0
    assert "Usage: custodiet" in capsys.readouterr().out


def test_a_file_name_cannot_drive_the_terminal(tmp_path, capsys):
    assert run(["scan", str(tmp_path / "a\x1b[2J\n.py")]) == 2
    assert r"a\x1b[2J\n.py" in capsys.readouterr().err


def test_names_that_are_not_unicode_are_reported_in_every_format(tmp_path, monkeypatch):
    name = os.fsdecode(b"caf\xe9\n.py")
    (tmp_path / name).write_text("import hashlib\n\nx = hashlib.md5(b'x').hexdigest()\n")
    monkeypatch.chdir(tmp_path)
    from custodiet.cli.choices import FORMATS

    for format_name in FORMATS:
        out = io.TextIOWrapper(io.BytesIO(), "ascii")
        monkeypatch.setattr(sys, "stdout", out)
        assert run(["scan", "--format", format_name]) == 1
        assert b"caf" in out.buffer.getvalue()


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_scripts(shell, capsys):
    assert run(["completion", shell]) == 0
    assert "_CUSTODIET_COMPLETE" in capsys.readouterr().out


def test_completion_completes(monkeypatch):
    environment = {
        **ENVIRONMENT,
        "_CUSTODIET_COMPLETE": "bash_complete",
        "COMP_WORDS": "custodiet sc",
        "COMP_CWORD": "1",
    }
    completed = subprocess.run(
        [sys.executable, "-m", "custodiet"], capture_output=True, env=environment, check=False, text=True
    )
    assert completed.stdout.splitlines() == ["plain,scan"]


def test_versions(capsys):
    assert run(["--version"]) == 0
    assert run(["version"]) == 0
    first, second = capsys.readouterr().out.splitlines()
    assert first == second
    assert first.startswith("custodiet ")
    assert run(["version", "--json"]) == 0
    assert '"tree-sitter"' in capsys.readouterr().out


def test_a_finding_is_explained_by_the_beginning_of_its_fingerprint(tmp_path, monkeypatch, capsys):
    import json

    (tmp_path / "a.py").write_text("import hashlib\n\nx = hashlib.md5(b'x').hexdigest()\n")
    monkeypatch.chdir(tmp_path)
    assert run(["scan", "--format", "json"]) == 1
    (finding,) = json.loads(capsys.readouterr().out)["findings"]
    assert run(["explain", finding["fingerprint"][:8]]) == 0
    assert "a.py:3:5" in capsys.readouterr().out
    assert run(["explain", finding["fingerprint"], "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["findings"][0]["fingerprint"] == finding["fingerprint"]
