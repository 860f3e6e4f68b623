"""The baseline file: what it hides, and for how long."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custodiet import baseline
from custodiet.domain.finding import Finding
from custodiet.domain.place import Place
from custodiet.domain.severity import Confidence, Severity
from custodiet.errors import ConfigError, SourceError

TODAY = date(2026, 11, 23)


def finding(fingerprint):
    place = Place("shop.py", 1, 1, 1, 2)
    return Finding("weak-hash", "message", place, Severity.LOW, Confidence.HIGH, (), fingerprint=fingerprint)


def test_what_is_in_the_baseline_is_hidden_with_its_reason():
    accepted = baseline.created([finding("aa")], reason="old client")
    divided = baseline.divided([finding("aa"), finding("bb")], accepted, today=TODAY)
    assert [item.fingerprint for item in divided.findings] == ["bb"]
    (hidden,) = divided.suppressed
    assert (hidden.suppression.kind, hidden.suppression.justification) == ("external", "old client")
    assert divided.notes == ()


@pytest.mark.parametrize("expires, is_hidden", [(date(2026, 11, 23), True), (date(2026, 11, 22), False), (None, True)])
def test_an_entry_holds_up_to_its_last_day(expires, is_hidden):
    accepted = baseline.created([finding("aa")], reason="r", expires=expires)
    divided = baseline.divided([finding("aa")], accepted, today=TODAY)
    assert bool(divided.suppressed) == is_hidden
    assert [note.kind for note in divided.notes] == ([] if is_hidden else ["expired-baseline"])


def test_an_entry_without_a_finding_is_noted():
    accepted = baseline.created([finding("aa")], reason="r")
    (note,) = baseline.divided([], accepted, today=TODAY).notes
    assert (note.path, note.kind) == ("baseline.json", "unused-baseline")


def test_updating_keeps_old_entries_adds_new_ones_and_drops_the_fixed():
    old = baseline.created([finding("aa"), finding("bb")], reason="first", owner="web team")
    new = baseline.updated(old, [finding("bb"), finding("cc")], reason="second")
    assert [(entry.fingerprint, entry.reason, entry.owner) for entry in new.entries] == [
        ("bb", "first", "web team"),
        ("cc", "second", ""),
    ]


def test_the_file_is_stable_and_readable(tmp_path):
    path = tmp_path / "baseline.json"
    baseline.write_baseline(str(path), baseline.created([finding("bb"), finding("aa")], reason="old client"))
    assert path.read_text() == (
        '{\n  "version": 1,\n  "entries": [\n'
        '    {\n      "fingerprint": "aa",\n      "rule": "weak-hash",\n      "path": "shop.py",\n'
        '      "reason": "old client"\n    },\n'
        '    {\n      "fingerprint": "bb",\n      "rule": "weak-hash",\n      "path": "shop.py",\n'
        '      "reason": "old client"\n    }\n  ]\n}\n'
    )
    assert list(tmp_path.iterdir()) == [path]


texts = st.text(st.characters(codec="utf-8"), max_size=20)
entries = st.builds(
    baseline.Entry, texts, texts, texts, texts.map(lambda text: f"x{text}"), texts, st.none() | st.dates()
)


@given(st.lists(entries, max_size=5))
def test_reading_is_the_inverse_of_writing(tmp_path_factory, items):
    path = str(tmp_path_factory.mktemp("b") / "baseline.json")
    written = baseline.Baseline(1, tuple(items))
    baseline.write_baseline(path, written)
    assert baseline.read_baseline(path) == written


@pytest.mark.parametrize(
    "content, problem",
    [
        ("", "not a baseline"),
        ("[]", "Expected `object`"),
        ('{"version": 2, "entries": []}', "version `2` is unknown"),
        ('{"version": 1, "entries": [{"fingerprint": "a"}]}', "rule"),
        ('{"version": 1, "entries": [{"fingerprint": "a", "rule": "r", "path": "p", "reason": " "}]}', "no reason"),
        ('{"version": 1, "entries": [], "more": 1}', "unknown field `more`"),
        ("[" * 100_000, "not a baseline"),
    ],
    ids=["empty", "list", "version", "missing", "no-reason", "unknown", "deep"],
)
def test_what_is_no_baseline_is_refused(tmp_path, content, problem):
    path = tmp_path / "baseline.json"
    path.write_text(content)
    with pytest.raises(ConfigError, match=problem) as refused:
        baseline.read_baseline(str(path))
    assert refused.value.where == str(path)
    assert refused.value.hint


def test_a_missing_file_says_how_to_make_one(tmp_path):
    with pytest.raises(ConfigError) as refused:
        baseline.read_baseline(str(tmp_path / "none.json"))
    assert "baseline create" in refused.value.hint


def test_a_folder_that_cannot_be_written_is_an_error(tmp_path):
    with pytest.raises(SourceError, match="cannot write"):
        baseline.write_baseline(str(tmp_path / "no" / "baseline.json"), baseline.EMPTY)
