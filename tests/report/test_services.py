"""The formats of services: GitLab, GitHub, JUnit and Reviewdog."""

import json
import re
from base64 import b64decode
from xml.etree import ElementTree as ET

import msgspec
import pytest
from jsonschema import Draft202012Validator

from custodiet.domain.finding import Edit, Fix, Incomplete, Step, StepKind
from custodiet.domain.place import Place
from custodiet.report import render
from report.samples import CLEAN, INJECTION, REPORT, SECRET, SOURCES, SQL, Texts, report_of

HOSTILE = 'a "quoted" <b>&amp;</b> %0A\r\n::error::x, y: z \x00\x1b]]> \ufffe'

# The required fields and bounds of GitLab's SAST schema, as its documentation lists them.
NAMED = {"type": "object", "required": ["name"], "properties": {"name": {"type": "string", "minLength": 1}}}
TOOL = {
    "type": "object",
    "required": ["id", "name", "version", "vendor"],
    "properties": {"id": {"minLength": 1}, "name": {"minLength": 1}, "version": {"minLength": 1}, "vendor": NAMED},
}
TIME = {"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}$"}
WEB = {"type": "string", "pattern": "^https?://.+"}
IDENTIFIER = {
    "type": "object",
    "required": ["type", "name", "value"],
    "properties": {"type": {"minLength": 1}, "name": {"minLength": 1}, "value": {"minLength": 1}, "url": WEB},
}
FILE_LOCATION = {
    "type": "object",
    "required": ["type", "file_name", "line_start"],
    "properties": {
        "type": {"const": "file-location"},
        "line_start": {"type": "integer"},
        "line_end": {"type": "integer"},
    },
}
NODE = {
    "type": "object",
    "required": ["type", "file_location", "node_type"],
    "properties": {
        "type": {"const": "code-flow-node"},
        "node_type": {"enum": ["source", "sink", "propagation"]},
        "file_location": FILE_LOCATION,
    },
}
SAST = {
    "type": "object",
    "required": ["version", "scan", "vulnerabilities"],
    "properties": {
        "version": {"pattern": r"^15\.\d+\.\d+$"},
        "schema": WEB,
        "scan": {
            "type": "object",
            "required": ["analyzer", "scanner", "type", "status", "start_time", "end_time"],
            "properties": {
                "analyzer": TOOL,
                "scanner": TOOL,
                "type": {"const": "sast"},
                "status": {"enum": ["success", "failure"]},
                "start_time": TIME,
                "end_time": TIME,
                "messages": {
                    "type": "array",
                    "items": {
                        "required": ["level", "value"],
                        "properties": {"level": {"enum": ["info", "warn", "fatal"]}},
                    },
                },
                "primary_identifiers": {"type": "array", "items": IDENTIFIER},
            },
        },
        "vulnerabilities": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["id", "identifiers", "location"],
                "properties": {
                    "id": {"type": "string", "pattern": "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"},
                    "name": {"type": "string", "maxLength": 255},
                    "description": {"type": "string", "maxLength": 1_048_576},
                    "severity": {"enum": ["Info", "Unknown", "Low", "Medium", "High", "Critical"]},
                    "solution": {"type": "string", "maxLength": 7000},
                    "identifiers": {"type": "array", "minItems": 1, "items": IDENTIFIER},
                    "links": {"type": "array", "items": {"required": ["url"], "properties": {"url": WEB}}},
                    "location": {
                        "required": ["file", "start_line"],
                        "properties": {"start_line": {"type": "integer"}, "end_line": {"type": "integer"}},
                    },
                    "details": {
                        "properties": {
                            "code_flows": {
                                "required": ["name", "type", "items"],
                                "properties": {
                                    "type": {"const": "code-flows"},
                                    "items": {"type": "array", "items": {"type": "array", "items": NODE}},
                                },
                            }
                        }
                    },
                },
            },
        },
        "remediations": {
            "type": "array",
            "items": {
                "required": ["fixes", "summary", "diff"],
                "properties": {
                    "fixes": {"items": {"required": ["id"]}},
                    "summary": {"minLength": 1},
                    "diff": {"minLength": 1},
                },
            },
        },
    },
}
QUALITY = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["description", "check_name", "fingerprint", "location", "severity"],
        "properties": {
            "severity": {"enum": ["info", "minor", "major", "critical", "blocker"]},
            "fingerprint": {"type": "string", "minLength": 1},
            "location": {
                "required": ["path", "lines"],
                "properties": {
                    "lines": {"required": ["begin"], "properties": {"begin": {"type": "integer", "minimum": 1}}}
                },
            },
        },
    },
}
POSITION = {
    "type": "object",
    "required": ["line"],
    "properties": {"line": {"type": "integer", "minimum": 1}, "column": {"type": "integer", "minimum": 1}},
    "additionalProperties": False,
}
RANGE = {
    "type": "object",
    "required": ["start"],
    "properties": {"start": POSITION, "end": POSITION},
    "additionalProperties": False,
}
RD_LOCATION = {
    "type": "object",
    "required": ["path"],
    "properties": {"path": {"type": "string", "minLength": 1}, "range": RANGE},
    "additionalProperties": False,
}
RDJSON = {
    "type": "object",
    "required": ["diagnostics"],
    "additionalProperties": False,
    "properties": {
        "source": {"required": ["name"], "properties": {"name": {"type": "string"}, "url": WEB}},
        "severity": {"enum": ["UNKNOWN_SEVERITY", "ERROR", "WARNING", "INFO"]},
        "diagnostics": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["message", "location"],
                "additionalProperties": False,
                "properties": {
                    "message": {"type": "string", "minLength": 1},
                    "location": RD_LOCATION,
                    "severity": {"enum": ["UNKNOWN_SEVERITY", "ERROR", "WARNING", "INFO"]},
                    "code": {"properties": {"value": {"minLength": 1}, "url": WEB}, "additionalProperties": False},
                    "suggestions": {
                        "items": {
                            "required": ["text", "range"],
                            "properties": {"text": {"type": "string"}, "range": RANGE},
                            "additionalProperties": False,
                        }
                    },
                    "related_locations": {
                        "items": {
                            "required": ["location"],
                            "properties": {"message": {"type": "string"}, "location": RD_LOCATION},
                            "additionalProperties": False,
                        }
                    },
                },
            },
        },
    },
}

HOSTILE_FINDING = msgspec.structs.replace(
    INJECTION,
    message=HOSTILE,
    place=msgspec.structs.replace(INJECTION.place, path=f"p{HOSTILE}.py"),
    steps=(Step(StepKind.SOURCE, INJECTION.steps[0].place, HOSTILE), Step(StepKind.SINK, INJECTION.place, HOSTILE)),
    function=HOSTILE,
)
HOSTILE_REPORT = report_of(HOSTILE_FINDING, incomplete=(Incomplete(HOSTILE, "syntax", HOSTILE),))


def read(report, form, sources=SOURCES, **options):
    return json.loads(render(report, form, sources=sources, **options))


@pytest.mark.parametrize("report", [REPORT, CLEAN, HOSTILE_REPORT], ids=["full", "clean", "hostile"])
@pytest.mark.parametrize(("form", "schema"), [("gitlab", SAST), ("gitlab-codequality", QUALITY), ("rdjson", RDJSON)])
def test_the_document_has_the_shape_its_service_asks_for(report, form, schema):
    Draft202012Validator.check_schema(schema)
    Draft202012Validator(schema).validate(read(report, form))


class TestGitLab:
    def test_a_vulnerability_names_rule_and_weakness_and_holds_its_flow(self):
        found = read(REPORT, "gitlab")["vulnerabilities"][2]
        assert found["severity"] == "Critical"
        assert found["location"] == {"file": "shop/store.py", "start_line": 5, "end_line": 5, "method": "find_user"}
        assert [(one["type"], one["value"]) for one in found["identifiers"]] == [
            ("custodiet_rule", "sql-injection"),
            ("cwe", "89"),
            ("cwe", "564"),
            ("owasp", "A03:2021"),
        ]
        nodes = found["details"]["code_flows"]["items"][0]
        assert [node["node_type"] for node in nodes] == ["source", "propagation", "propagation", "sink"]
        assert "1. `shop/views.py:12:12`: a query parameter of the request is read" in found["description"]

    def test_a_remediation_is_a_diff_that_git_takes(self):
        value = read(REPORT, "gitlab")
        (remediation,) = value["remediations"]
        assert remediation["fixes"] == [{"id": value["vulnerabilities"][2]["id"]}]
        patch = b64decode(remediation["diff"]).decode()
        assert patch.startswith("--- a/shop/store.py\n+++ b/shop/store.py\n@@ -1,8 +1,8 @@\n")
        assert "\n+    cursor.execute(query, (name,))\n" in patch

    def test_names_stay_when_lines_move_and_differ_when_findings_do(self):
        moved = msgspec.structs.replace(INJECTION, place=Place("shop/store.py", 50, 5, 50, 26))
        ids = [read(report_of(one), "gitlab")["vulnerabilities"][0]["id"] for one in (INJECTION, moved, SECRET)]
        assert ids[0] == ids[1] != ids[2]
        twice = read(report_of(INJECTION, INJECTION), "gitlab-codequality")
        assert twice[0]["fingerprint"] != twice[1]["fingerprint"]

    def test_a_finding_without_fingerprint_still_has_a_name(self):
        bare = msgspec.structs.replace(INJECTION, fingerprint="")
        moved = msgspec.structs.replace(bare, place=Place("shop/store.py", 50, 5, 50, 26))
        names = [read(report_of(one), "gitlab-codequality")[0]["fingerprint"] for one in (bare, moved)]
        assert names[0] == names[1] != ""

    def test_the_time_is_fixed_unless_given(self):
        assert read(CLEAN, "gitlab")["scan"]["start_time"] == "1970-01-01T00:00:00"
        assert read(CLEAN, "gitlab", instant="2026-01-31T12:00:00")["scan"]["end_time"] == "2026-01-31T12:00:00"

    def test_suppressed_findings_are_left_out(self):
        assert len(read(REPORT, "gitlab")["vulnerabilities"]) == len(read(REPORT, "gitlab-codequality")) == 3


class TestGitHub:
    def test_a_command_stands_on_each_line_worst_first(self):
        lines = render(REPORT, "github", sources=SOURCES).splitlines()
        assert lines[0] == (
            "::error title=sql-injection (critical),file=shop/store.py,line=5,endLine=5,col=5,endColumn=26"
            "::flask.request.args reaches the SQL text of sqlite3.Cursor.execute"
            "%0A1. shop/views.py:12:12 a query parameter of the request is read"
            "%0A2. shop/views.py:13:12 handed to `find_user` as `name`"
            "%0A3. shop/store.py:4:13 built into a text"
            "%0A4. shop/store.py:5:5 run as SQL"
        )
        assert lines[1].startswith("::error title=hard-coded-credentials (high),file=shop/settings.py,line=3,")
        assert lines[2].startswith(
            "::warning title=certificate-check-disabled (medium),file=shop/settings.py,line=8,endLine=12::"
        )
        assert lines[3].startswith("::warning title=not analysed (too-large),file=shop/big.py::")

    def test_nothing_of_the_code_opens_a_command_or_a_property_of_its_own(self):
        lines = render(HOSTILE_REPORT, "github", sources=SOURCES).splitlines()
        assert len(lines) == 2
        head, _, text = lines[0].removeprefix("::").partition("::")
        assert len(head.split(",")) == 6
        assert re.search(r"file=pa \"quoted\" <b>&amp;</b> %250A %3A%3Aerror%3A%3Ax%2C y%3A z", head)
        assert text.startswith('a "quoted" <b>&amp;</b> %250A ::error::x, y: z')

    def test_a_clean_report_is_empty(self):
        assert render(CLEAN, "github", sources=SOURCES) == ""


class TestJUnit:
    def parse(self, report):
        root = ET.fromstring(render(report, "junit", sources=SOURCES))
        assert root.tag == "testsuites"
        for suite in root:
            assert suite.tag == "testsuite"
            cases = suite.findall("testcase")
            assert int(suite.get("tests")) == len(cases)
            for outcome, total in (("failure", "failures"), ("error", "errors"), ("skipped", "skipped")):
                assert int(suite.get(total)) == len(suite.findall(f"testcase/{outcome}"))
            assert all(case.get("name") and case.get("classname") for case in cases)
        for total in ("tests", "failures", "errors", "skipped"):
            assert int(root.get(total)) == sum(int(suite.get(total)) for suite in root)
        return root

    def test_findings_fail_notes_are_errors_and_hidden_ones_are_skipped(self):
        root = self.parse(REPORT)
        assert [root.get(total) for total in ("tests", "failures", "errors", "skipped")] == ["6", "3", "2", "1"]
        failure = root.find("testsuite[@name='shop/store.py']/testcase/failure")
        assert failure.get("type") == "sql-injection"
        assert "3. propagation: shop/store.py:4:13: built into a text" in failure.text

    def test_a_clean_scan_is_a_test_that_passed(self):
        root = self.parse(CLEAN)
        assert (root.get("tests"), root.get("failures")) == ("1", "0")

    def test_hostile_text_stays_text(self):
        root = self.parse(HOSTILE_REPORT)
        failure = root.find("testsuite/testcase/failure")
        assert failure.get("message") == 'a "quoted" <b>&amp;</b> %0A ::error::x, y: z ␀␛]]> \ufffd'


class TestReviewdog:
    def test_several_edits_become_one_suggestion(self):
        (suggestion,) = read(report_of(INJECTION), "rdjson")["diagnostics"][0]["suggestions"]
        assert suggestion == {
            "range": {"start": {"line": 4, "column": 13}, "end": {"line": 5, "column": 26}},
            "text": '"SELECT * FROM users WHERE name = ?"\n    cursor.execute(query, (name,))',
        }

    def test_a_fix_over_files_is_no_suggestion(self):
        edits = (Edit(Place("a.py", 1, 1, 1, 2), "x"), Edit(Place("b.py", 1, 1, 1, 2), "y"))
        found = msgspec.structs.replace(INJECTION, fix=Fix("t", edits, is_safe=True))
        assert "suggestions" not in read(report_of(found), "rdjson")["diagnostics"][0]

    def test_columns_count_bytes(self):
        sources = Texts({"a.py": 'x = "日本é"; run(b)\n'})
        where = Place("a.py", 1, 12, 1, 18)
        found = msgspec.structs.replace(SECRET, rule=SQL.id, place=where, steps=(Step(StepKind.SINK, where, ""),))
        location = read(report_of(found), "rdjson", sources)["diagnostics"][0]["location"]
        assert location["range"]["start"] == {"line": 1, "column": 17}
