"""Words of names, and judgements of many words at once."""

from hypothesis import given
from hypothesis import strategies as st

from custodiet.rules.checks import words
from custodiet.rules.checks.words import Judged, may_name_secret, secret_kind

PARTS = st.sampled_from(
    "pass password pwd pw psw secret key keys api token jwt credential default prod 2 user Pass PASS auth".split()
)


@given(st.lists(PARTS, min_size=1, max_size=4), st.sampled_from(["_", "", "-", "."]))
def test_a_name_without_a_telling_part_is_no_secret(parts, between):
    name = between.join(parts)
    assert secret_kind(name) == "" or may_name_secret(name)


def test_a_judgement_is_asked_once_for_each_word():
    asked = []
    judged = Judged(lambda word: asked.append(word) is None and word == "b")
    assert not judged.any(frozenset(("a", "c")))
    assert judged.any(frozenset(("a", "b")))
    assert judged.any(frozenset(("b", "c")))
    assert sorted(asked) == ["a", "b", "c"]


def test_a_judgement_that_knows_too_many_words_starts_again(monkeypatch):
    monkeypatch.setattr(words, "_MOST_KNOWN", 2)
    judged = Judged(lambda word: word == "a")
    assert judged.any(frozenset("abc"))
    assert not judged.any(frozenset("de"))
    assert judged.any(frozenset("ad"))
