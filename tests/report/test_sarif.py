import json
from pathlib import Path

import msgspec
import pytest
from jsonschema import Draft4Validator

from custodiet.domain.finding import Step, StepKind
from custodiet.domain.severity import Severity
from custodiet.report import render, sarif
from report.samples import CLEAN, INJECTION, REPORT, SECRET, SOURCES, SQL, Texts, report_of

SCHEMA = json.loads((Path(__file__).parents[1] / "vectors" / "sarif-schema-2.1.0.json").read_text("utf-8"))


def run_of(report, sources=SOURCES):
    log = json.loads(render(report, "sarif", sources=sources))
    Draft4Validator(SCHEMA, format_checker=Draft4Validator.FORMAT_CHECKER).validate(log)
    return log["runs"][0]


@pytest.mark.parametrize("report", [REPORT, CLEAN, report_of(INJECTION, rules=())], ids=["full", "clean", "no rules"])
def test_the_log_is_valid(report):
    run_of(report)


def test_a_log_without_sources_is_valid():
    assert "snippet" not in str(run_of(REPORT, Texts())["results"])


def test_the_most_specific_weakness_stands_first_in_the_tags():
    rule = run_of(REPORT)["tool"]["driver"]["rules"][2]
    assert rule["id"] == "custodiet/sql-injection"
    assert rule["name"] == "SqlInjection"
    assert rule["properties"] == {
        "tags": [
            "external/cwe/cwe-089",
            "CWE-89",
            "security",
            "external/cwe/cwe-564",
            "CWE-564",
            "OWASP-A03:2021",
            "OWASP-LLM05",
        ],
        "security-severity": "9.5",
        "precision": "high",
        "problem.severity": "error",
    }
    assert rule["defaultConfiguration"] == {"level": "error"}
    assert rule["helpUri"] == "https://cwe.mitre.org/data/definitions/89.html"
    assert "## How to fix it" in rule["help"]["markdown"]
    assert "## Examples" not in rule["help"]["markdown"]


def test_a_rule_has_at_most_twenty_tags():
    many = msgspec.structs.replace(SQL, cwe=tuple(range(70, 100)))
    rule = run_of(report_of(INJECTION, rules=(many,)))["tool"]["driver"]["rules"][0]
    assert len(rule["properties"]["tags"]) == 20
    assert rule["properties"]["tags"][0] == "external/cwe/cwe-070"


def test_relationships_lead_into_the_taxonomies():
    run = run_of(REPORT)
    assert [taxonomy["name"] for taxonomy in run["taxonomies"]] == ["CWE", "OWASP", "OWASP-LLM"]
    assert run["tool"]["driver"]["supportedTaxonomies"] == [
        {"name": "CWE", "index": 0},
        {"name": "OWASP", "index": 1},
        {"name": "OWASP-LLM", "index": 2},
    ]
    for rule in run["tool"]["driver"]["rules"]:
        for relationship in rule["relationships"]:
            target = relationship["target"]
            taxonomy = run["taxonomies"][target["toolComponent"]["index"]]
            assert taxonomy["name"] == target["toolComponent"]["name"]
            assert taxonomy["taxa"][target["index"]]["id"] == target["id"]
    cwe = {taxon["id"]: taxon["name"] for taxon in run["taxonomies"][0]["taxa"]}
    assert list(cwe) == ["89", "295", "564", "798"]
    assert cwe["798"] == "Use of Hard-coded Credentials"


def test_a_result_holds_place_flow_fingerprint_and_fix():
    result = run_of(REPORT)["results"][2]
    assert result["ruleId"] == "custodiet/sql-injection"
    assert result["ruleIndex"] == 2
    assert result["level"] == "error"
    assert result["partialFingerprints"] == {"custodietFlow/v1": "5f0c9e7d1a2b3c4d"}
    location = result["locations"][0]
    assert location["physicalLocation"]["artifactLocation"] == {
        "uri": "shop/store.py",
        "uriBaseId": "SRCROOT",
        "index": 1,
    }
    assert location["physicalLocation"]["region"] == {
        "startLine": 5,
        "startColumn": 5,
        "endLine": 5,
        "endColumn": 26,
        "snippet": {"text": "cursor.execute(query)"},
    }
    assert location["physicalLocation"]["contextRegion"]["startLine"] == 3
    assert location["logicalLocations"] == [{"fullyQualifiedName": "find_user", "kind": "function"}]
    steps = result["codeFlows"][0]["threadFlows"][0]["locations"]
    assert [step["kinds"] for step in steps] == [["taint", "source"], ["taint", "call"], ["taint"], ["taint", "sink"]]
    assert [step["importance"] for step in steps] == ["essential", "important", "important", "essential"]
    assert [step["nestingLevel"] for step in steps] == [0, 0, 1, 1]
    assert [step["executionOrder"] for step in steps] == [1, 2, 3, 4]
    assert steps[0]["location"]["message"]["text"] == "a query parameter of the request is read"
    assert result["relatedLocations"][0]["physicalLocation"]["region"]["startLine"] == 12
    change = result["fixes"][0]["artifactChanges"][0]
    assert change["artifactLocation"]["uri"] == "shop/store.py"
    assert change["replacements"][1] == {
        "deletedRegion": {"startLine": 5, "startColumn": 19, "endLine": 5, "endColumn": 26},
        "insertedContent": {"text": "(query, (name,))"},
    }


def test_a_check_has_no_flow():
    result = run_of(report_of(SECRET))["results"][0]
    assert "codeFlows" not in result
    assert "relatedLocations" not in result


def test_artifacts_are_the_files_that_results_name():
    run = run_of(REPORT)
    assert [artifact["location"]["uri"] for artifact in run["artifacts"]] == [
        "shop/settings.py",
        "shop/store.py",
        "shop/views.py",
    ]
    assert run["columnKind"] == "unicodeCodePoints"
    assert "uri" not in run["originalUriBaseIds"]["SRCROOT"]


def test_either_every_result_has_suppressions_or_none():
    results = run_of(REPORT)["results"]
    assert [len(result["suppressions"]) for result in results] == [0, 0, 0, 1]
    suppression = results[3]["suppressions"][0]
    assert (suppression["kind"], suppression["justification"]) == ("inSource", "gone soon")
    assert suppression["location"]["physicalLocation"]["region"]["startLine"] == 11
    assert all("suppressions" not in result for result in run_of(report_of(INJECTION))["results"])


def test_what_was_not_analysed_is_notified():
    invocation = run_of(REPORT)["invocations"][0]
    assert invocation["executionSuccessful"] is True
    first, second = invocation["toolExecutionNotifications"]
    assert first["descriptor"]["id"] == "custodiet/too-large"
    assert first["message"]["text"].startswith("12.0 MB is over the limit of 10.0 MB (split")
    assert second["locations"][0]["physicalLocation"]["region"] == {"startLine": 7}


def test_paths_are_percent_encoded():
    sources = Texts({"a b/ü#%.py": "run(x)\n"})
    where = msgspec.structs.replace(INJECTION.place, path="a b/ü#%.py")
    moved = msgspec.structs.replace(SECRET, place=where, steps=(Step(StepKind.SINK, where, ""),))
    result = run_of(report_of(moved), sources)["results"][0]
    assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "a%20b/%C3%BC%23%25.py"


def test_nothing_in_a_message_reads_as_a_link():
    bad = msgspec.structs.replace(INJECTION, message="see [here](http://evil.example)\nnow")
    assert run_of(report_of(bad))["results"][0]["message"]["text"] == "see [here] (http://evil.example) now"


def test_over_the_limit_the_least_severe_are_left_out_and_a_notification_says_so(monkeypatch):
    monkeypatch.setattr(sarif, "MOST_RESULTS", 2)
    run = run_of(REPORT)
    assert [result["properties"]["severity"] for result in run["results"]] == ["high", "critical"]
    note = run["invocations"][0]["toolExecutionNotifications"][0]
    assert note["message"]["text"] == "2 of 4 results are left out, the least severe: the limit is 2."


def test_over_the_limit_a_flow_is_shortened_in_the_middle(monkeypatch):
    monkeypatch.setattr(sarif, "MOST_STEPS", 2)
    run = run_of(report_of(INJECTION))
    steps = run["results"][0]["codeFlows"][0]["threadFlows"][0]["locations"]
    assert [step["executionOrder"] for step in steps] == [1, 4]
    note = run["invocations"][0]["toolExecutionNotifications"][0]
    assert note["message"]["text"] == "1 flow is shortened in the middle to 2 steps."


def test_the_limits_are_those_of_github():
    assert (sarif.MOST_RESULTS, sarif.MOST_STEPS) == (25_000, 10_000)


def test_levels_follow_severity():
    found = [msgspec.structs.replace(SECRET, severity=severity) for severity in Severity]
    assert [result["level"] for result in run_of(report_of(*found))["results"]] == ["error", "error", "warning", "note"]
