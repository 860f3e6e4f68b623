import re

import msgspec

from custodiet.domain.finding import Finding, Incomplete, Step, StepKind
from custodiet.domain.place import Place
from custodiet.domain.severity import Confidence, Severity
from custodiet.report import render
from custodiet.report.plain import text_width
from report.samples import CLEAN, INJECTION, REPORT, SOURCES, SQL, Texts, at, report_of

INJECTION_TEXT = """\
critical[sql-injection] flask.request.args reaches the SQL text of sqlite3.Cursor.execute
  --> shop/store.py:5:5
   |
 5 |     cursor.execute(query)
   |     ^^^^^^^^^^^^^^^^^^^^^

  1 source      shop/views.py:12:12  a query parameter of the request is read
    12 |     name = request.args["name"]
       |            ^^^^^^^^^^^^
  2 call        shop/views.py:13:12  handed to `find_user` as `name`
    13 |     user = find_user(sqlite3.connect("shop.db"), name)
       |            ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  3 propagation shop/store.py:4:13  built into a text
     4 |     query = f"SELECT * FROM users WHERE name = '{name}'"
       |             ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  4 sink        shop/store.py:5:5  run as SQL

   = fix: bind the value as a parameter (--fix)
     -     query = f"SELECT * FROM users WHERE name = '{name}'"
     -     cursor.execute(query)
     +     query = "SELECT * FROM users WHERE name = ?"
     +     cursor.execute(query, (name,))
   |
   = confidence high, CWE-89, OWASP A03:2021, OWASP LLM05, in find_user
   = help: custodiet explain sql-injection

1 finding: 1 critical in 1 file, 10 lines
"""


def text_of(*findings, sources=SOURCES, **options):
    return render(report_of(*findings), "text", sources=sources, **options)


def finding(path, line, column, end_column, *, end_line=None, message="a message", **fields):
    where = Place(path, line, column, end_line or line, end_column)
    return Finding(
        rule="sql-injection",
        message=message,
        place=where,
        severity=Severity.LOW,
        confidence=Confidence.LOW,
        steps=(Step(StepKind.SINK, where, "sink"),),
        **fields,
    )


def test_a_flow_is_told_step_by_step():
    assert text_of(INJECTION) == INJECTION_TEXT


def test_without_colour_there_is_no_escape_and_with_colour_the_words_are_the_same():
    plain = render(REPORT, "text", sources=SOURCES)
    coloured = render(REPORT, "text", sources=SOURCES, colour=True, links=True, root="/srv/shop")
    assert "\x1b" not in plain
    assert "\x1b]8;;file:///srv/shop/shop/store.py\x1b\\" in coloured
    bare = re.sub(r"\x1b\]8;;.*?\x1b\\|\x1b\[[0-9;]*m", "", coloured)
    assert bare == plain


def test_links_are_written_only_with_colour_and_below_an_absolute_root():
    assert "\x1b]8" not in render(REPORT, "text", sources=SOURCES, colour=True, root="/srv")
    assert "\x1b" not in render(REPORT, "text", sources=SOURCES, links=True, root="/srv")
    assert "file://" not in render(REPORT, "text", sources=SOURCES, colour=True, links=True)


def test_a_place_over_several_lines_has_a_bar():
    expected = """\
 8 | /     return requests.get(
 9 | |         "https://api.example.com/balance",
10 | |         headers={"Authorization": API_KEY},
11 | |         verify=False,
12 | |     ).json()
   | |_____^
"""
    assert expected in render(REPORT, "text", sources=SOURCES)


def test_a_long_place_is_shown_by_its_first_and_last_lines():
    texts = Texts({"a.py": "call(\n" + "    1,\n" * 50 + ")\n"})
    shown = text_of(finding("a.py", 1, 1, 2, end_line=52), sources=texts)
    assert shown.count("    1,") == 3
    assert "   | | …\n52 | | )\n   | |_^\n" in shown


def test_the_closing_lines_count_and_say_what_to_do():
    shown = render(REPORT, "text", sources=SOURCES)
    assert shown.endswith(
        """\
3 findings: 1 critical, 1 high, 1 medium in 5 files, 1 template, 1,240 lines (1 hidden by comments)
incomplete: 2 notes on what was not analysed
  shop/big.py
    too-large: 12.0 MB is over the limit of 10.0 MB
    hint: split the file, or leave it out with `--exclude`
  shop/broken.py:7
    syntax: unexpected `)`
    hint: repair the syntax; what could be read was analysed
"""
    )


def test_a_clean_scan_says_so_in_one_line():
    assert render(CLEAN, "text", sources=SOURCES) == "no findings in 5 files, 1,240 lines\n"


def test_tabs_are_spread_and_the_marks_stay_below_their_code():
    texts = Texts({"a.py": "if a:\n\t\trun(b)\n"})
    assert "2 |         run(b)\n  |         ^^^^^^\n" in text_of(finding("a.py", 2, 3, 9), sources=texts)


def test_wide_characters_take_two_cells():
    texts = Texts({"a.py": 'a = "日本"; run(b)\n'})
    shown = text_of(finding("a.py", 1, 11, 17), sources=texts)
    assert '1 | a = "日本"; run(b)\n  |             ^^^^^^\n' in shown


def test_combining_marks_take_no_cell():
    texts = Texts({"a.py": "e\u0301 = run(b)\n"})
    assert "  |     ^^^^^^\n" in text_of(finding("a.py", 1, 6, 12), sources=texts)


def test_carriage_returns_and_the_byte_order_mark_are_not_shown():
    texts = Texts({"a.py": "\ufeffrun(a)\r\nrun(b)\r\n"})
    shown = text_of(finding("a.py", 1, 1, 7), finding("a.py", 2, 1, 7), sources=texts)
    assert "\r" not in shown
    assert "1 | run(a)\n  | ^^^^^^\n" in shown
    assert "2 | run(b)\n  | ^^^^^^\n" in shown


def test_no_line_is_wider_than_the_width():
    line = "x = [" + ", ".join(f"value_{number}" for number in range(3000)) + "]; execute(name)"
    texts = Texts({"a.py": line + "\n"})
    column = line.index("execute") + 1
    for width in (60, 80, 100, 200):
        shown = text_of(finding("a.py", 1, column, column + 13), sources=texts, width=width)
        assert max(map(text_width, shown.splitlines())) <= width
        source, marks = (row for row in shown.splitlines() if " | " in row and row.strip() != "|")
        assert source[marks.index("^") : marks.rindex("^") + 1] == "execute(name)"
        assert "…" in source


def test_a_long_line_is_cut_at_its_end_when_the_place_stands_at_its_start():
    texts = Texts({"a.py": "execute(name)" + " + tail" * 100_000 + "\n"})
    shown = text_of(finding("a.py", 1, 1, 14), sources=texts, width=80)
    assert "1 | execute(name) + tail" in shown
    assert max(map(text_width, shown.splitlines())) <= 80


def test_a_place_longer_than_the_width_is_marked_to_the_edge():
    texts = Texts({"a.py": "run(" + "a" * 500 + ")\n"})
    shown = text_of(finding("a.py", 1, 1, 506), sources=texts, width=80)
    marks = next(row for row in shown.splitlines() if "^^^" in row)
    assert 60 < marks.count("^") <= 76


def test_long_messages_are_wrapped_between_words():
    message = "the value " + "of a long name " * 12 + "is run"
    shown = text_of(finding("a.py", 1, 1, 2, message=message), sources=Texts(), width=70)
    assert max(map(text_width, shown.splitlines())) <= 70
    assert " ".join(shown.split()).startswith("low[sql-injection] " + " ".join(message.split()))


def test_a_file_that_cannot_be_had_leaves_out_only_the_frame():
    shown = text_of(INJECTION, sources=Texts())
    assert "  --> shop/store.py:5:5\n" in shown
    assert "  1 source      shop/views.py:12:12  a query parameter of the request is read\n" in shown
    assert "^" not in shown


def test_a_place_past_the_end_of_a_file_is_no_error():
    texts = Texts({"a.py": "one\n"})
    assert "^" not in text_of(finding("a.py", 9, 1, 5), sources=texts)
    assert "1 | one\n  |    ^\n" in text_of(finding("a.py", 1, 50, 60), sources=texts)


def test_nothing_of_the_scanned_tree_reaches_the_terminal_as_a_command():
    hostile = "\x1b[2J\x1b]0;owned\x07\x9b31m\u202e\u2066\u200b\x00\x7f\b\ud800"
    texts = Texts({"a\x1b[1m.py": f"run(b) # {hostile}\n"})
    where = Place("a\x1b[1m.py", 1, 1, 1, 7)
    bad = msgspec.structs.replace(
        finding("a\x1b[1m.py", 1, 1, 7, message=f"message {hostile}\nsecond", function=hostile),
        steps=(Step(StepKind.SOURCE, where, hostile), Step(StepKind.SINK, where, hostile)),
    )
    report = report_of(bad, incomplete=(Incomplete(f"p{hostile}", "syntax", hostile),))
    for form in ("text", "concise", "github", "markdown"):
        shown = render(report, form, sources=texts)
        assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]", shown)
        shown.encode("utf-8")
    assert "␛[2J" in render(report, "text", sources=texts)


def test_concise_is_one_line_a_finding():
    assert render(REPORT, "concise", sources=SOURCES) == (
        "shop/settings.py:3:1: high[hard-coded-credentials] the credential `API_KEY` is a constant\n"
        "shop/settings.py:8:12: medium[certificate-check-disabled] "
        "requests.get does not check the certificate of the server\n"
        "shop/store.py:5:5: critical[sql-injection] "
        "flask.request.args reaches the SQL text of sqlite3.Cursor.execute\n"
        "shop/big.py: incomplete[too-large] 12.0 MB is over the limit of 10.0 MB\n"
        "shop/broken.py:7: incomplete[syntax] unexpected `)`\n"
        "3 findings: 1 critical, 1 high, 1 medium (5 files, 1 template, 1,240 lines; 1 hidden by comments)\n"
    )


def test_the_sample_places_are_what_they_say():
    assert at("shop/store.py", "cursor.execute(query)") == INJECTION.place
    assert INJECTION.rule == SQL.id
