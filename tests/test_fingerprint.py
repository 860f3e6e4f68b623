"""The laws of the name of a finding."""

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from custodiet.domain.finding import Finding, Step, StepKind
from custodiet.domain.place import Place
from custodiet.domain.severity import Confidence, Severity
from custodiet.fingerprint import fingerprinted

words = st.sampled_from(["flask.request.args", "sqlite3.Cursor.execute", "a", "request.args[ 'id' ]"])
findings = st.builds(
    lambda rule, path, line, column, function, source, sink: Finding(
        rule,
        "message",
        Place(path, line, column, line, column + 1),
        Severity.HIGH,
        Confidence.HIGH,
        (Step(StepKind.SINK, Place(path, line, column, line, column + 1), "here"),),
        function=function,
        source_text=source,
        sink_text=sink,
    ),
    st.sampled_from(["sql-injection", "weak-hash"]),
    st.sampled_from(["a.py", "b.py"]),
    st.integers(1, 9),
    st.integers(1, 9),
    st.sampled_from(["", "f", "C.m"]),
    words,
    words,
)
distinct = st.lists(findings, max_size=12, unique_by=lambda finding: finding.place)


def names(items):
    return {finding.place: finding.fingerprint for finding in fingerprinted(items)}


def moved(finding, lines):
    place = finding.place
    return replace(finding, place=replace(place, line=place.line + lines, end_line=place.end_line + lines))


def test_a_fingerprint_is_32_hexadecimal_digits_of_the_documented_fields():
    import hashlib

    place = Place("shop/views.py", 3, 5, 3, 9)
    (finding,) = fingerprinted(
        [
            Finding(
                "sql-injection",
                "message",
                place,
                Severity.HIGH,
                Confidence.HIGH,
                (),
                function="show",
                source_text="flask.request",
                sink_text="execute()",
            )
        ]
    )
    fields = "custodietFlow/v1\0sql-injection\0shop/views.py\0show\0flask . request\0execute ( )\x000"
    assert finding.fingerprint == hashlib.sha256(fields.encode()).hexdigest()[:32]


@given(distinct)
def test_no_two_findings_share_a_fingerprint(items):
    assert len({finding.fingerprint for finding in fingerprinted(items)}) == len(items)


@given(distinct, st.integers(0, 1000))
def test_inserted_lines_change_nothing(items, lines):
    before = [finding.fingerprint for finding in fingerprinted(items)]
    assert [finding.fingerprint for finding in fingerprinted([moved(item, lines) for item in items])] == before


@given(distinct, st.randoms())
def test_the_order_of_analysis_changes_nothing(items, random):
    shuffled = list(items)
    random.shuffle(shuffled)
    assert names(shuffled) == names(items)


@given(distinct)
def test_reformatting_changes_nothing(items):
    reformatted = [
        replace(item, source_text=item.source_text.replace("'", '"').replace(" ", ""), sink_text=f" {item.sink_text}\n")
        for item in items
    ]
    assert names(reformatted) == names(items)


@given(distinct, findings)
def test_another_finding_changes_only_the_ordinals_of_its_equals(items, other):
    def identity(finding):
        texts = tuple("".join(text.split()) for text in (finding.source_text, finding.sink_text))
        return (finding.rule, finding.place.path, finding.function, texts)

    unlike = [item for item in items if identity(item) != identity(other) and item.place != other.place]
    assert {**names([*unlike, other]), **names(unlike)} == names([*unlike, other])


def test_a_name_that_is_not_unicode_has_a_fingerprint():
    place = Place("caf\udce9.py", 1, 1, 1, 2)
    assert fingerprinted([Finding("r", "m", place, Severity.LOW, Confidence.LOW, ())])[0].fingerprint
