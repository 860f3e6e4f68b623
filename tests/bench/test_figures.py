"""The scripts that count and measure: noise, speed, and the score of the OWASP suite."""

import sys

import noise
import owasp
import pytest
import speed


def test_code_lines_are_neither_blank_nor_comments():
    assert noise.code_lines(b"# a\n\nx = 1  # b\n   \n    y = 2\n") == 2


def test_noise_counts_and_lays_out_what_is_severe(tmp_path):
    project = tmp_path / "shop"
    project.mkdir()
    (project / "views.py").write_text("from flask import request\n\n\ndef f():\n    return eval(request.args['a'])\n")
    found = noise.scanned(project, noise.Config())
    assert (found.files, found.code_lines, found.count(*noise.SEVERE)) == (1, 3, 1)
    sheet = noise.worksheet([found])
    assert "### 1. code-injection (critical, high, remote)" in sheet
    assert "    return eval(request.args['a'])" in sheet
    assert sheet.count("Verdict:") == 1
    assert noise.row("all", [found]).split()[-3:] == ["333.333", "3333.333", "0"]


def test_a_process_is_measured_with_its_children(tmp_path):
    busy = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'sum(range(3_000_000))'])"
    cost = speed.cost_of([sys.executable, "-c", busy], tmp_path)
    assert cost.cpu_s > 0.03
    assert cost.wall_s > 0.03
    assert cost.memory_bytes > 5_000_000


def test_a_failing_tool_is_no_measurement(tmp_path):
    with pytest.raises(SystemExit, match="exit code 3"):
        speed.cost_of([sys.executable, "-c", "raise SystemExit(3)"], tmp_path)


def test_lines_are_counted_in_python_files(tmp_path):
    (tmp_path / "a.py").write_text("x = 1\ny = 2\n")
    (tmp_path / "b.txt").write_text("no\n")
    assert speed.lines_of(tmp_path) == (1, 2)


def test_the_youden_index_leaves_out_unsound_labels(capsys):
    cases = [
        ("BenchmarkTest00008", "sqli", True),
        ("BenchmarkTest99998", "sqli", True),
        ("BenchmarkTest99999", "sqli", False),
    ]
    found = owasp.defaultdict(set, {"BenchmarkTest99998": {89}})
    assert owasp.score(cases, found, sound=False) == 50.0
    assert owasp.score(cases, found, sound=True) == 100.0
    assert "mean Youden 100.0 %, FPR 0.00 % (0 of 1)" in capsys.readouterr().out
