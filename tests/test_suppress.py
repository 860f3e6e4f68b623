"""Comments that hide findings."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custodiet.domain.finding import Finding, Step, StepKind
from custodiet.domain.place import Place
from custodiet.domain.severity import Confidence, Severity
from custodiet.suppress import Directive, directives_of, divided

NAMES = {"sql-injection": "sql-injection", "weak-hash": "weak-hash", "sqli": "sql-injection"}


def finding_at(line, *, end_line=None, rule="sql-injection", path="shop.py"):
    place = Place(path, line, 1, end_line or line, 9)
    step = Step(StepKind.SINK, place, "here")
    return Finding(rule, "message", place, Severity.HIGH, Confidence.HIGH, (step,))


def comments_of(source: bytes):
    found = []
    offset = 0
    for line in source.splitlines(keepends=True):
        at = line.find(b"#")
        if at >= 0:
            text = line[at:].rstrip(b"\r\n")
            found.append(((offset + at) << 24 | len(text), text.decode()))
        offset += len(line)
    return found


def directives_in(text: str, *, foreign=False):
    source = text.encode()
    return directives_of("shop.py", source, comments_of(source), names=NAMES, foreign=foreign)


def hidden_lines(text: str, *, rule="sql-injection", foreign=False):
    """The lines on which a finding of one line would be hidden."""
    directives = directives_in(text, foreign=foreign).directives
    findings = [finding_at(line, rule=rule) for line in range(1, text.count("\n") + 2)]
    return [finding.place.line for finding in divided(findings, directives).suppressed]


def test_a_comment_behind_code_hides_the_finding_on_its_line():
    assert hidden_lines("a\nb  # custodiet: ignore[sql-injection] because tests\nc\n") == [2]


def test_the_reason_is_kept_with_the_finding():
    directives = directives_in("a  # custodiet: ignore[sql-injection] because it is  our own text  # noqa: E501\n")
    (hidden,) = divided([finding_at(1)], directives.directives).suppressed
    assert hidden.suppression.justification == "it is our own text"
    assert hidden.suppression.kind == "inSource"
    assert str(hidden.suppression.place) == "shop.py:1:4"


def test_a_comment_inside_the_lines_of_a_finding_hides_it():
    directives = directives_in("run(\n  # custodiet: ignore[sql-injection] because tests\n  x)\n")
    assert divided([finding_at(1, end_line=3)], directives.directives).findings == ()


def test_a_comment_alone_on_its_line_speaks_of_the_next_statement():
    text = "a\n# custodiet: ignore[sql-injection] because tests\n\n# another\nrun(\n  ')',\n  x,\n)\nb\n"
    assert hidden_lines(text) == [2, 3, 4, 5, 6, 7, 8]


def test_a_comment_above_a_block_speaks_of_its_header_only():
    assert hidden_lines("# custodiet: ignore[sql-injection] because tests\nif x:\n    y\n") == [1, 2]


def test_a_comment_on_the_last_line_without_line_break():
    assert hidden_lines("a\n# custodiet: ignore[sql-injection] because tests") == [2]


def test_ignore_file_speaks_of_every_line():
    assert hidden_lines("a\nb\n# custodiet: ignore-file[sql-injection] because tests\nc\n") == [1, 2, 3, 4, 5]


def test_only_the_named_rules_are_hidden_and_aliases_are_names():
    text = "a  # custodiet: ignore[weak-hash, sqli] because tests\n"
    assert hidden_lines(text) == [1]
    assert hidden_lines(text, rule="weak-hash") == [1]
    assert hidden_lines(text, rule="code-injection") == []


@pytest.mark.parametrize(
    "comment, problem",
    [
        ("# custodiet: ignore because tests", "no rule is named"),
        ("# custodiet: ignore[] because tests", "no rule is named"),
        ("# custodiet: ignore[sql-injection]", "no reason is given"),
        ("# custodiet: ignore[sql-injection] because", "no reason is given"),
        ("# custodiet: ignore[sql-injektion] because tests", "unknown rule `sql-injektion`"),
        ("# custodiet: ingore[sql-injection] because tests", "`ingore` is unknown"),
        ("# custodiet: nosec", "`nosec` is unknown"),
    ],
)
def test_a_malformed_comment_hides_nothing_and_is_noted(comment, problem):
    directives = directives_in(f"a\nb  {comment}\n")
    assert directives.directives == ()
    (note,) = directives.notes
    assert (note.path, note.line, note.kind) == ("shop.py", 2, "malformed-suppression")
    assert problem in note.detail


def test_prose_about_custodiet_is_no_malformed_comment():
    assert directives_in("a  # see custodiet: docs\nb  # custodiet found this\n").notes == ()


def test_one_unknown_rule_among_known_ones_is_noted_and_the_others_hold():
    text = "a  # custodiet: ignore[sql-injection, nonsense] because tests\n"
    assert hidden_lines(text) == [1]
    assert "nonsense" in directives_in(text).notes[0].detail


def test_an_unused_rule_is_noted_only_if_it_took_part():
    directives = directives_in("a\nb  # custodiet: ignore[sql-injection, weak-hash] because tests\n").directives
    (note,) = divided([finding_at(2)], directives).notes
    assert (note.line, note.kind, note.detail) == (2, "unused-suppression", "nothing of `weak-hash` to ignore here")
    assert divided([finding_at(2)], directives, active={"sql-injection"}).notes == ()


@pytest.mark.parametrize(
    "comment",
    ["# nosec", "# nosec B608", "# nosec: B608", "# nosec B608: our own text", "# noqa: S608", "# noqa: E501, S608"],
)
def test_comments_of_other_tools_count_only_if_asked_for(comment):
    assert hidden_lines(f"a  {comment}\n") == []
    assert hidden_lines(f"a  {comment}\n", foreign=True) == [1]


@pytest.mark.parametrize("comment", ["# nosec B303", "# noqa", "# noqa: E501", "# noqa: S324"])
def test_comments_of_other_tools_hide_only_what_they_name(comment):
    assert hidden_lines(f"a  {comment}\n", foreign=True) == []


@pytest.mark.parametrize(
    "comment",
    [
        "{# custodiet: ignore[sql-injection] because trusted #}",
        "<!-- custodiet: ignore[sql-injection] because trusted -->",
        "{% comment %} custodiet: ignore[sql-injection] because trusted {% endcomment %}",
        "## custodiet: ignore[sql-injection] because trusted",
    ],
)
def test_template_comments(comment):
    source = f"<p>\n{comment}\n<b>{{{{ it's }}}}</b>\n".encode()
    directives = directives_of(
        "page.html", source, [(source.index(comment.encode()) << 24 | len(comment), comment)], names=NAMES
    )
    assert directives.notes == ()
    (directive,) = directives.directives
    assert (directive.first_line, directive.last_line, directive.reason) == (2, 3, "trusted")


def test_a_template_comment_beside_markup_speaks_of_its_line():
    comment = "{# custodiet: ignore[sql-injection] because trusted #}"
    source = f"<p>{{{{ a }}}}</p>{comment}\n<p>{{{{ b }}}}</p>\n".encode()
    (directive,) = directives_of(
        "page.html", source, [(source.index(comment.encode()) << 24 | len(comment), comment)], names=NAMES
    ).directives
    assert (directive.first_line, directive.last_line) == (1, 1)


@given(
    st.binary(max_size=60),
    st.lists(
        st.sampled_from(
            ["custodiet:", " ignore", "-file", "[", "sql-injection", ",", "]", " because ", "x", "#", "\n", "é"]
        ),
        max_size=10,
    ).map("".join),
    st.binary(max_size=60),
)
def test_no_comment_breaks_the_scan(before, comment, behind):
    source = before + comment.encode() + behind
    span = len(before) << 24 | len(comment.encode())
    for foreign in (False, True):
        found = directives_of("a.py", source, [(span, comment)], names=NAMES, foreign=foreign)
        for directive in found.directives:
            assert directive.reason
            assert 1 <= directive.first_line <= directive.last_line


@given(st.lists(st.integers(1, 9), max_size=4), st.lists(st.integers(1, 9), max_size=6))
def test_nothing_is_lost_by_dividing(comment_lines, finding_lines):
    directives = [
        Directive(Place("shop.py", line, 1, line, 2), ("sql-injection",), "why", line, line) for line in comment_lines
    ]
    findings = [finding_at(line) for line in finding_lines]
    parts = divided(findings, directives)
    assert len(parts.findings) + len(parts.suppressed) == len(findings)
    assert {item.place.line for item in parts.suppressed} == set(comment_lines) & set(finding_lines)


@pytest.mark.parametrize(
    "text",
    [
        "# custodiet: ignore[sql-injection] because" + " " * 200_000 + "x",
        "# custodiet:" + " " * 200_000,
        "# custodiet: ignore[" + "a," * 100_000,
        "# custodiet: ignore[sql-injection] because " + "#}" * 100_000,
    ],
    ids=["spaces", "empty", "rules", "ends"],
)
def test_a_hostile_comment_costs_no_time(text):
    started = time.perf_counter()
    directives_of("a.py", text.encode(), [(len(text), text)], names=NAMES)
    assert time.perf_counter() - started < 0.5
