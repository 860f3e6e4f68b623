"""Laws of the analysis: what must hold for every program, whatever it finds in it."""

import random
import re
from datetime import date
from itertools import permutations
from pathlib import Path
from typing import Final

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from custodiet.collect import module_names
from custodiet.config import Config
from custodiet.domain.label import Label
from custodiet.domain.report import Report
from custodiet.domain.severity import Confidence, Persona
from custodiet.flow import loops
from custodiet.rules.examples import Example, examples
from custodiet.scan import Lowered, on_large_stack, report_on, scan_texts
from custodiet.source.batch import lower_file
from flow.programs import NAMES, PROGRAMS, written

SPECS: Final = Path(__file__).parent / "specs"
SOURCES: Final = st.sets(st.integers(0, 12), max_size=5)


def at_most(examples: int) -> settings:
    """Fewer examples in the gate; as many as the profile says when it explores."""
    return settings(max_examples=examples) if settings.get_current_profile_name() == "gate" else settings()


QUICK: Final = at_most(20)


def spec_examples() -> list[Example]:
    return [each for path in sorted(SPECS.glob("*.md")) for each in examples(path.read_text("utf-8"), path.name)]


EXAMPLES: Final = spec_examples()


def scan(text: str) -> Report:
    report = scan_texts({"program.py": text.encode()}, select=["command-injection"])
    assert not report.incomplete, text
    return report


def found(text: str) -> set[tuple[str, int]]:
    """Rule and line of each finding."""
    return {(finding.rule, finding.place.line) for finding in scan(text).findings}


# -- programs that Hypothesis draws --------------------------------------------------------------------------------


@QUICK
@given(PROGRAMS, SOURCES, SOURCES)
def test_more_sources_never_give_fewer_findings(program, some, more):
    assert found(written(program, some)) <= found(written(program, some | more))


@QUICK
@given(PROGRAMS)
def test_a_program_without_a_source_has_no_finding(program):
    assert not found(written(program, ()))


@QUICK
@given(PROGRAMS, SOURCES, st.permutations([f"{letter}{number}" for number, letter in enumerate("nmkjhgzwvutq")]))
def test_names_mean_nothing(program, sources, fresh):
    old = (*NAMES, "same", "first", "second", "keep", "Box", "held", "store", "flag")
    renamed = dict(zip(old, fresh, strict=True))
    assert found(written(program, sources, names=renamed)) == found(written(program, sources))


@QUICK
@given(PROGRAMS, SOURCES)
def test_what_stands_behind_a_return_changes_nothing(program, sources):
    dead = 'a = request.args["dead"]; b = store["x"] = a; same(a)'
    with_dead = written(program, sources, dead=dead)
    without = written(program, sources, dead="pass")
    assert found(with_dead) == found(without)


DETOURS: Final = {
    "a function": "same({})",
    "a list": "[{}][0]",
    "a tuple": "(None, {})[1]",
    "a dictionary": '{{"detour": {}}}["detour"]',
    "a lambda": "(lambda: {})()",
    "an object": "Box({}).held",
    "a generator": "next(iter([{}]))",
}


@pytest.mark.parametrize("detour", DETOURS.values(), ids=DETOURS)
@at_most(6)
@given(PROGRAMS, SOURCES)
def test_a_detour_changes_nothing(detour, program, sources):
    assert found(written(program, sources, detour=detour)) == found(written(program, sources))


@QUICK
@given(PROGRAMS, SOURCES)
def test_a_second_round_of_a_loop_is_left_out_only_where_it_changes_nothing(program, sources):
    text = written(program, sources)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(loops, "settle", lambda *_: False)
        always_two = found(text)
    assert found(text) == always_two


@QUICK
@given(PROGRAMS, SOURCES)
def test_two_scans_are_equal_to_the_byte(program, sources):
    text = written(program, sources)
    assert msgspec.json.encode(scan(text).findings) == msgspec.json.encode(scan(text).findings)


@QUICK
@given(PROGRAMS, SOURCES)
def test_steps_lead_from_a_source_to_the_sink(program, sources):
    text = written(program, sources)
    lines = text.splitlines()
    for finding in scan(text).findings:
        first, *_, last = finding.steps
        assert first.kind == "source"
        assert "request" in lines[first.place.line - 1]
        assert last.kind == "sink"
        assert last.place == finding.place
        assert "os.system" in lines[last.place.line - 1]


# -- the programs of the specs -------------------------------------------------------------------------------------


def report_in_order(files: list[tuple[str, bytes]], persona: Persona) -> Report:
    names = module_names({path: content for path, content in files if path.endswith(".py")})
    lowered = Lowered([], {}, [])
    for path, content in files:
        is_python = path.endswith(".py")
        name, is_package = names[path] if is_python else (path, False)
        language = "python" if is_python else "template"
        lowered.sources[path] = content
        lowered.modules.append(lower_file(content, path=path, name=name, is_package=is_package, language=language))
    return on_large_stack(lambda: report_on(lowered, Config(persona=persona), today=date(2000, 1, 1)))


def test_the_order_of_files_means_nothing():
    several = [each for each in EXAMPLES if len(each.files) > 1 and each.findings]
    assert len(several) > 20
    for each in several:
        files = [(file.path, file.text.encode()) for file in each.files]
        orders = list(permutations(files))
        reports = {
            msgspec.json.encode(report_in_order(list(order), each.persona).findings)
            for order in (orders[0], orders[-1], *random.Random(1).sample(orders, 2))
        }
        assert len(reports) == 1, each.name


def test_another_project_beside_it_changes_nothing():
    """Every twentieth example, with the files of another one beside it in a folder of their own."""
    for each, other in zip(EXAMPLES[::20], EXAMPLES[5::20], strict=False):
        files = {file.path: file.text.encode() for file in each.files}
        beside = {f"elsewhere/{file.path}": file.text.encode() for file in other.files}
        alone = scan_texts(files, persona=each.persona).findings
        together = scan_texts({**files, **beside}, persona=each.persona).findings
        assert [finding for finding in together if finding.place.path in files] == list(alone), each.name


MUTABLE: Final = st.sampled_from([each for each in EXAMPLES if all(file.path.endswith(".py") for file in each.files)])
TOKENS: Final = re.compile(r"\s+|\w+|.", re.DOTALL)


@at_most(80)
@given(MUTABLE, st.integers(0, 2**32), st.integers(1, 6))
def test_a_mutated_program_is_analysed_to_its_end(each, seed, times):
    choice = random.Random(seed)
    files = {}
    for file in each.files:
        tokens = TOKENS.findall(file.text)
        for _ in range(times if tokens else 0):
            here, there = choice.randrange(len(tokens)), choice.randrange(len(tokens))
            match choice.randrange(5):
                case 0:
                    tokens[here] = ""
                case 1:
                    tokens[here], tokens[there] = tokens[there], tokens[here]
                case 2:
                    tokens[here] = tokens[there]
                case 3:
                    tokens.insert(here, choice.choice(["\n    ", "(", ")", "*", "lambda: ", "await ", "yield ", "\0"]))
                case 4:
                    tokens[here:here] = tokens[min(here, there) : min(here, there) + 12]
        files[file.path] = "".join(tokens).encode("utf-8", "replace")
    notes = scan_texts(files).incomplete
    assert not [note for note in notes if note.reason == "internal"], (notes, files)


# -- what a spec cannot say ----------------------------------------------------------------------------------------

HELPER: Final = """\
def find_user(cursor, email):
    cursor.execute("SELECT * FROM users WHERE email = '" + email + "'")
    return cursor.fetchone()
"""
CALLER: Final = """\
from flask import request
from store import find_user


def show(cursor):
    return find_user(cursor, request.args["email"])
"""


def test_a_guess_is_of_medium_confidence_and_a_flow_of_high():
    (guess,) = scan_texts({"store.py": HELPER.encode()}).findings
    assert (guess.label, guess.confidence) == (Label.PARAMETER, Confidence.MEDIUM)
    (flow,) = scan_texts({"store.py": HELPER.encode(), "views.py": CALLER.encode()}).findings
    assert (flow.label, flow.confidence) == (Label.REMOTE, Confidence.HIGH)
    assert flow.place == guess.place


def test_a_caller_of_a_namesake_in_another_file_silences_no_guess():
    namesake = HELPER + "\n\ndef show(cursor):\n    return find_user(cursor, 'admin@example.com')\n"
    report = scan_texts({"store.py": HELPER.encode(), "other.py": namesake.encode()})
    assert [finding.place.path for finding in report.findings] == ["store.py"]
