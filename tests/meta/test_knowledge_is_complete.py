"""Each entry of the knowledge cites the documentation it was read from, and an example uses what it names."""

import re
from collections import defaultdict
from collections.abc import Iterator

import pytest

from custodiet.knowledge import CORE, load
from custodiet.knowledge.schema import Entry, Knowledge, Type
from custodiet.rules import load_rules
from custodiet.rules.examples import Example, examples
from custodiet.source.languages import family_of, language_of
from spec_collector import spec_files

pytestmark = pytest.mark.house

FAMILIES = ("java", "python")
"""Families whose examples show every entry; those of the others are shown by pairs."""
KNOWN = [
    (family, knowledge)
    for family in FAMILIES
    for knowledge in load(family)
    if family == CORE[0] or knowledge.library.name not in {*CORE[1], "core"}
]
"""What the core's own names mean is shown by the specs of each language."""


def each_library(function):
    names = [f"{family}-{knowledge.library.name}" for family, knowledge in KNOWN]
    return pytest.mark.parametrize(("family", "knowledge"), KNOWN, ids=names)(function)


def entries(knowledge: Knowledge) -> Iterator[tuple[str, Entry]]:
    """(table, entry) of everything in the file but its `[library]`, its `[language]` and the core's names."""
    for table in knowledge.__struct_fields__[2:]:
        if table == "alias":
            continue  # the specs of the language's features use these
        for entry in getattr(knowledge, table):
            yield table, entry


def names(entry: Entry) -> list[str]:
    return [entry.name] if isinstance(entry.name, str) else entry.name


def last_word(name: str) -> str:
    """`execute` of `sqlite3.Cursor.execute`, `session` of `flask.session[]=`."""
    return re.sub(r"(\(\)|\[\]=?|=)+$", "", name).rpartition(".")[2]


@pytest.fixture(scope="module")
def projects() -> dict[str, list[frozenset[str]]]:
    """The words of each example project, by the family of its language."""
    found: defaultdict[str, list[frozenset[str]]] = defaultdict(list)
    for path in spec_files():
        for example in examples(path.read_text("utf-8"), path.name):
            words = frozenset(re.findall(r"\w+", " ".join(file.text for file in example.files)))
            found[family_of_example(example)].append(words)
    return found


def family_of_example(example: Example) -> str:
    """The family of the language that the example is written in."""
    languages = (language_of(file.path) for file in example.files)
    return next((family_of(language) for language in languages if language is not None), CORE[0])


@each_library
def test_each_entry_has_a_reference(family: str, knowledge: Knowledge):
    assert knowledge.library.reference.startswith("https://")
    wrong = [names(entry)[0] for _, entry in entries(knowledge) if entry.reference and "://" not in entry.reference]
    assert wrong == []


@each_library
def test_each_entry_is_used_by_an_example(family: str, knowledge: Knowledge, projects: dict[str, list[frozenset[str]]]):
    """Some project names a package of the library and one of the names of the entry."""
    packages = {package.rpartition(".")[2] for package in knowledge.library.packages}
    near = [words for words in projects[family] if packages == {"*"} or packages & words]
    missing = unused(knowledge, frozenset[str]().union(*near))
    assert not missing, f"no example of {knowledge.library.name} uses these:\n" + "\n".join(missing)


def unused(knowledge: Knowledge, words: frozenset[str]) -> list[str]:
    """The entries none of whose names ends with one of the words.

    A class need not be named: it is used through its members, its subclasses, and what gives an instance of it.
    """
    reached = [
        entry for _, entry in entries(knowledge) if any(last_word(name) in words | {"*"} for name in names(entry))
    ]
    waiting = [entry for _, entry in entries(knowledge) if entry not in reached]
    found = True
    while found:
        members = {name.rpartition(".")[0] for entry in reached for name in names(entry)}
        classes = {name for entry in reached for name in (*getattr(entry, "bases", ()), getattr(entry, "type", ""))}
        found = [entry for entry in waiting if isinstance(entry, Type) and set(names(entry)) & (members | classes)]
        reached += found
        waiting = [entry for entry in waiting if entry not in found]
    return [f"[[{table}]] {' '.join(names(entry))}" for table, entry in entries(knowledge) if entry in waiting]


@each_library
def test_each_check_names_a_rule(family: str, knowledge: Knowledge):
    known = {rule.id for rule in load_rules()}
    assert {entry.rule for entry in knowledge.check} <= known


def test_each_sink_kind_in_use_is_judged_by_a_rule():
    judged = {kind for rule in load_rules() for kind in rule.sinks}
    used = {sink.kind.partition(":")[0] for _, knowledge in KNOWN for sink in knowledge.sink}
    assert used - judged == set()
