"""Repairs are written only if the next scan finds the flaw gone and nothing new."""

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custodiet.cli import repair
from custodiet.cli.run import run
from custodiet.cli.scope import Scope
from custodiet.domain.finding import Edit, Finding, Fix, Incomplete, Step, StepKind
from custodiet.domain.place import Place
from custodiet.domain.report import Report, Statistics
from custodiet.domain.severity import Confidence, Severity
from custodiet.errors import SourceError

BAD = ("bad", "worse", "broken")


def report_on(contents):
    """A small engine: every word of BAD is a finding of its own rule; `worse` has a repair that brings `bad`."""
    findings = []
    incomplete = []
    for path, content in sorted(contents.items()):
        for number, line in enumerate((content or b"").decode().splitlines(), 1):
            if line == "syntax":
                incomplete.append(Incomplete(path, "syntax", "broken", number))
            if line.split("-")[0] in BAD:
                place = Place(path, number, 1, number, len(line) + 1)
                text = {"bad": "good", "worse": "bad", "broken": "syntax"}[line.split("-")[0]]
                fix = Fix("repair", (Edit(place, text),), is_safe=not line.endswith("-unsafe"))
                step = Step(StepKind.SINK, place, "here")
                findings.append(
                    Finding(line, "message", place, Severity.HIGH, Confidence.HIGH, (step,), sink_text=line, fix=fix)
                )
    return Report(tuple(findings), (), tuple(incomplete), Statistics(), ())


def repaired(contents, *, unsafe=False):
    scope = Scope((), contents)
    return repair.repaired(
        report_on(contents), scope, lambda _paths, laid: report_on(laid), root="/nowhere", unsafe=unsafe
    )


def test_a_repair_that_holds_is_kept():
    result = repaired({"a.py": b"x\nbad\n"})
    assert result.after == {"a.py": b"x\ngood\n"}
    assert (result.repaired, result.refused, result.report.findings) == (1, 0, ())
    assert result.summary == "1 finding repaired in 1 file"


def test_a_repair_that_brings_another_finding_is_refused():
    result = repaired({"a.py": b"worse\n"})
    assert (result.after, result.repaired, result.refused) == ({}, 0, 1)


def test_a_repair_that_breaks_the_file_is_refused():
    result = repaired({"a.py": b"broken\n"})
    assert (result.after, result.refused) == ({}, 1)


def test_a_good_repair_does_not_fail_with_a_bad_one():
    result = repaired({"a.py": b"bad\nbroken\nbad\n", "b.py": b"worse\n", "c.py": b"bad\n"})
    assert result.after == {"a.py": b"good\nbroken\ngood\n", "c.py": b"good\n"}
    assert (result.repaired, result.refused) == (3, 2)
    assert [finding.rule for finding in result.report.findings] == ["broken", "worse"]


def test_unsafe_repairs_are_made_only_if_asked_for():
    assert repaired({"a.py": b"bad-unsafe\n"}).after == {}
    assert repaired({"a.py": b"bad-unsafe\n"}, unsafe=True).after == {"a.py": b"good\n"}


files = st.dictionaries(
    st.sampled_from(["a.py", "b.py"]),
    st.lists(st.sampled_from(["x", "bad", "worse", "broken", "bad-unsafe"]), max_size=5).map(
        lambda lines: "".join(line + "\n" for line in lines).encode()
    ),
)


@given(files)
def test_repairing_twice_is_repairing_once(contents):
    once = repaired(contents)
    assert repaired({**contents, **once.after}).after == {}


@given(files)
def test_no_repair_brings_a_finding(contents):
    before = {finding.rule for finding in report_on(contents).findings}
    after = {finding.rule for finding in report_on({**contents, **repaired(contents).after}).findings}
    assert after <= before


def test_windows_line_ends_stay(tmp_path, monkeypatch):
    place = Place("a.py", 1, 1, 1, 4)
    fix = Fix("repair", (Edit(place, "one\ntwo"),), is_safe=True)
    assert repair._with_windows_lines(fix).edits[0].text == "one\r\ntwo"
    assert repair._has_windows_lines(b"a\r\nb\r\n")
    assert not repair._has_windows_lines(b"a\nb\n")


def test_the_patch_is_one_that_git_applies():
    result = repaired({"a.py": b"x\nbad"})
    assert result.patch == (
        "--- a/a.py\n+++ b/a.py\n@@ -1,2 +1,2 @@\n x\n-bad\n\\ No newline at end of file\n"
        "+good\n\\ No newline at end of file\n"
    )


def written(tmp_path, before, after):
    return repair.Repaired(str(tmp_path), report_on({}), before, after, {}, 1, 0)


def test_writing_keeps_the_mode_and_follows_a_link(tmp_path):
    (tmp_path / "real.py").write_bytes(b"bad\n")
    (tmp_path / "real.py").chmod(0o751)
    (tmp_path / "a.py").symlink_to("real.py")
    written(tmp_path, {"a.py": b"bad\n"}, {"a.py": b"good\n"}).write()
    assert (tmp_path / "real.py").read_bytes() == b"good\n"
    assert (tmp_path / "real.py").stat().st_mode & 0o777 == 0o751
    assert (tmp_path / "a.py").is_symlink()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.py", "real.py"]


def test_a_file_that_changed_meanwhile_is_left_alone(tmp_path):
    (tmp_path / "a.py").write_bytes(b"edited\n")
    with pytest.raises(SourceError, match="changed while"):
        written(tmp_path, {"a.py": b"bad\n"}, {"a.py": b"good\n"}).write()
    assert (tmp_path / "a.py").read_bytes() == b"edited\n"


def test_a_file_that_cannot_be_written_is_an_error(tmp_path, monkeypatch):
    (tmp_path / "a.py").write_bytes(b"bad\n")

    def refuses(*_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "replace", refuses)
    with pytest.raises(SourceError, match="cannot write the repair"):
        written(tmp_path, {"a.py": b"bad\n"}, {"a.py": b"good\n"}).write()
    assert [path.name for path in tmp_path.iterdir()] == ["a.py"]


PROGRAM = b"import yaml\r\n\r\n\r\ndef load(text):\r\n    return yaml.load(text, Loader=yaml.Loader)\r\n"


def test_the_command_repairs_previews_and_is_done(tmp_path, monkeypatch, capsysbinary):
    (tmp_path / "a.py").write_bytes(PROGRAM)
    monkeypatch.chdir(tmp_path)
    assert run(["scan", "--select", "unsafe-deserialisation", "--persona", "strict", "-q"]) == 1
    arguments = ["scan", "--select", "unsafe-deserialisation", "--persona", "strict", "--fix=all"]
    assert run([*arguments, "--diff"]) == 1
    assert b"+    return yaml.safe_load(text)\r\n" in capsysbinary.readouterr().out
    assert (tmp_path / "a.py").read_bytes() == PROGRAM
    assert run(arguments) == 0
    assert b"1 finding repaired in 1 file" in capsysbinary.readouterr().err
    assert (tmp_path / "a.py").read_bytes() == PROGRAM.replace(
        b"yaml.load(text, Loader=yaml.Loader)", b"yaml.safe_load(text)"
    )
    assert run([*arguments, "--diff"]) == 0
    assert capsysbinary.readouterr().out == b""


def test_diff_alone_previews_and_writes_nothing(tmp_path, monkeypatch, capsysbinary):
    text = PROGRAM.replace(b", Loader=yaml.Loader", b"")
    (tmp_path / "a.py").write_bytes(text)
    monkeypatch.chdir(tmp_path)
    assert run(["scan", "--select", "unsafe-deserialisation", "--persona", "strict", "--diff"]) == 1
    assert b"+    return yaml.safe_load(text)\r\n" in capsysbinary.readouterr().out
    assert (tmp_path / "a.py").read_bytes() == text
