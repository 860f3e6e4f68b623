import json
from importlib.resources import files

import msgspec
import pytest
from jsonschema import Draft202012Validator

from custodiet.domain.severity import Persona
from custodiet.errors import UsageError
from custodiet.report import FORMATS, render
from report.samples import CLEAN, INJECTION, REPORT, SOURCES, Texts, report_of

SCHEMA = json.loads((files("custodiet.report") / "json-v1.schema.json").read_text("utf-8"))


def read(report, **options):
    return json.loads(render(report, "json", sources=SOURCES, **options))


@pytest.mark.parametrize("report", [REPORT, CLEAN], ids=["full", "clean"])
def test_the_report_keeps_its_contract(report):
    Draft202012Validator.check_schema(SCHEMA)
    Draft202012Validator(SCHEMA).validate(read(report))


def test_json_v1_is_json():
    assert render(REPORT, "json-v1", sources=SOURCES) == render(REPORT, "json", sources=SOURCES)


def test_a_finding_can_be_read_on_its_own():
    found = read(report_of(INJECTION), persona=Persona.STRICT)["findings"][0]
    assert found["rule"] == "sql-injection"
    assert (found["path"], found["line"], found["column"]) == ("shop/store.py", 5, 5)
    assert found["code"] == "    cursor.execute(query)"
    assert found["cwe"] == [89, 564]
    assert found["label"] == "remote"
    assert [step["kind"] for step in found["steps"]] == ["source", "call", "propagation", "sink"]
    assert found["steps"][0]["code"] == '    name = request.args["name"]'
    assert found["fix"]["edits"][1] == {
        "path": "shop/store.py",
        "line": 5,
        "column": 19,
        "end_line": 5,
        "end_column": 26,
        "text": "(query, (name,))",
    }


def test_the_persona_is_told():
    assert read(CLEAN, persona=Persona.STRICT)["persona"] == "strict"


def test_lines_hold_the_same_objects():
    lines = [json.loads(line) for line in render(REPORT, "jsonl", sources=SOURCES).splitlines()]
    assert [line.pop("type") for line in lines] == [
        "report",
        "finding",
        "finding",
        "finding",
        "suppressed",
        "incomplete",
        "incomplete",
        "statistics",
    ]
    whole = read(REPORT)
    assert lines[1:4] == whole["findings"]
    assert lines[4:5] == whole["suppressed"]
    assert lines[5:7] == whole["incomplete"]
    assert lines[7] == whole["statistics"]


@pytest.mark.parametrize("form", ["json", "jsonl", "sarif", "gitlab", "gitlab-codequality", "rdjson"])
def test_hostile_characters_are_escaped_and_the_text_can_be_encoded(form):
    message = "\x1b[2J\x9b31m\u202e\u2028 \ud800 日本"
    text = render(report_of(msgspec.structs.replace(INJECTION, message=message)), form, sources=SOURCES)
    assert not set(text) & set("\x1b\x9b\u202e\u2028\ud800")
    assert "日本" in text
    for line in text.encode("utf-8").splitlines() if form == "jsonl" else [text]:
        json.loads(line)


@pytest.mark.parametrize("form", sorted(FORMATS))
def test_two_runs_give_equal_bytes_and_end_with_a_line_feed(form):
    first = render(REPORT, form, sources=SOURCES)
    assert first == render(REPORT, form, sources=Texts(SOURCES))
    assert first.endswith("\n")
    assert not first.endswith("\n\n")


@pytest.mark.parametrize("form", sorted(FORMATS))
def test_a_clean_report_and_a_report_without_sources_can_be_written(form):
    render(CLEAN, form, sources=SOURCES)
    render(REPORT, form, sources=Texts())
    render(report_of(INJECTION, rules=()), form, sources=SOURCES)


def test_an_unknown_format_names_the_others():
    with pytest.raises(UsageError, match="unknown format `xml`") as raised:
        render(REPORT, "xml", sources=SOURCES)
    assert "sarif" in raised.value.hint


def test_every_format_has_a_module_and_says_what_it_is_for():
    for form in FORMATS.values():
        assert callable(form.load())
        assert form.summary
        assert form.extension.startswith(".")
