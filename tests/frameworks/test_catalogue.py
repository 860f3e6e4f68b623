import re

import pytest

from custodiet.frameworks import cwe, cwe_address, owasp, owasp_address, owasp_llm
from custodiet.rules import load_rules


def test_a_weakness_has_its_published_name():
    assert cwe().name_of("89").endswith("('SQL Injection')")
    assert cwe().name_of("0") == ""
    assert cwe_address(89) == "https://cwe.mitre.org/data/definitions/89.html"


def test_the_ten_categories_and_the_ten_entries_for_llms_are_there():
    assert list(owasp().names) == [f"A{number:02}:2021" for number in range(1, 11)]
    assert list(owasp_llm().names) == [f"LLM{number:02}" for number in range(1, 11)]


@pytest.mark.parametrize("catalogue", [cwe(), owasp(), owasp_llm()], ids=lambda catalogue: catalogue.name)
def test_a_catalogue_names_its_version_and_source(catalogue):
    assert re.fullmatch(r"[0-9.]+", catalogue.version)
    assert catalogue.source.startswith("https://")
    assert all(name == name.strip() for name in catalogue.names.values())


def test_categories_have_pages():
    assert owasp_address("A03:2021") == "https://owasp.org/Top10/2021/A03_2021-Injection/"
    assert owasp_address("A10:2021") == "https://owasp.org/Top10/2021/A10_2021-Server-Side_Request_Forgery_SSRF/"
    assert owasp_address("A99:2021") == owasp().source


def test_every_entry_that_a_rule_names_is_known():
    for rule in load_rules():
        assert all(cwe().name_of(str(number)) for number in rule.cwe), rule.id
        assert all(map(owasp().name_of, rule.owasp)), rule.id
        assert all(map(owasp_llm().name_of, rule.owasp_llm)), rule.id
