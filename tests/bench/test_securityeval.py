import securityeval

FAMILIES = securityeval.read_families()
LABELS = securityeval.read_labels()


def test_every_family_has_a_reason_of_its_own():
    import tomllib

    families = tomllib.loads((securityeval.HERE / "cwe_families.toml").read_text())["family"]
    assert all(len(entry["reason"]) > 5 and entry["cwe"] == sorted(set(entry["cwe"])) for entry in families)
    assert len({entry["name"] for entry in families}) == len(families)


def test_every_remark_on_a_label_has_a_reason():
    assert set(LABELS) == {"concrete", "unsound", "out-of-scope", "output"}
    assert all(entry["reason"] for entries in LABELS.values() for entry in entries.values())
    assert not set(LABELS["unsound"]) & set(LABELS["out-of-scope"])


def test_equivalence_stays_within_families():
    assert 80 in FAMILIES.accepted(frozenset({79}))
    assert 601 not in FAMILIES.accepted(frozenset({918}))
    assert FAMILIES.accepted(frozenset({4711})) == {4711}


def test_a_suite_in_miniature(tmp_path, capsys):
    folder = tmp_path / "Testcases_Insecure_Code" / "CWE-095"
    folder.mkdir(parents=True)
    (folder / "author_1.py").write_text("def f(x):\n    return eval(x)\n")
    (folder / "author_2.py").write_text("def f(x):\n    return x\n")
    samples = securityeval.insecure_programs(tmp_path, LABELS)
    verdicts = [securityeval.verdict(sample, FAMILIES, securityeval.Persona.DEFAULT) for sample in samples]
    assert [verdict.matching for verdict in verdicts] == [("code-injection",), ()]
    securityeval.print_recall(verdicts, misses=True)
    printed = capsys.readouterr().out
    assert "recall  50.0 %    1 of   2  all insecure programs" in printed
    assert "MISS CWE-095/author_2.py" in printed


def test_f1_counts_what_is_missed_and_what_is_too_much():
    assert securityeval.f1_of([6, 2, 2, 9]) == (0.75, 0.75, 0.75)
    assert securityeval.f1_of([0, 0, 0, 3])[2] == 0.0
