"""Reading the examples of a Markdown file."""

import pytest

from custodiet.domain.finding import StepKind
from custodiet.domain.severity import Persona
from custodiet.errors import ConfigError
from custodiet.rules.examples import ExpectedFinding, examples, expected_findings, without_expectations


def read(text: str):
    return examples(text, "rule.md")


def test_a_block_without_a_name_is_a_project_of_its_own():
    first, second = read("## One\n```python\na = 1\n```\n\n```python\nb = 2\n```\n")
    assert [first.name, second.name] == ["One[1]", "One[2]"]
    assert [file.path for file in first.files] == ["example.py"]
    assert first.files[0].text == "a = 1\n"
    assert second.line == 7


def test_a_heading_with_one_project_needs_no_number():
    assert [example.name for example in read("### The `eval` one\n```python\na = 1\n```\n")] == ["The eval one"]


def test_named_blocks_under_one_heading_are_one_project():
    text = "## Two\n`a.py`:\n```python\nimport b\n```\n\n`t/b.html`:\n\n```html\n<p>\n```\n## Three\n`a.py`:\n```python\n```\n"
    two, three = read(text)
    assert [file.path for file in two.files] == ["a.py", "t/b.html"]
    assert [file.path for file in three.files] == ["a.py"]


def test_a_name_that_comes_again_starts_the_next_project():
    twins = read("## Two\n`a.py`:\n```python\na\n```\n`b.py`:\n```python\n```\n`a.py`:\n```python\nb\n```\n")
    assert [[file.path for file in example.files] for example in twins] == [["a.py", "b.py"], ["a.py"]]


def test_blocks_in_other_languages_are_prose_unless_named():
    assert read("```toml\na = 1\n```\n```\nplain\n```\n") == []
    assert read("`custodiet.toml`:\n```toml\na = 1\n```\n")[0].files[0].path == "custodiet.toml"


def test_a_name_counts_only_directly_before_the_fence():
    (example,) = read("`a.py`:\nsome prose\n```python\n```\n")
    assert example.files[0].path == "example.py"


def test_a_longer_fence_may_hold_a_shorter_one():
    (example,) = read('````python\ntext = """\n```python\n"""\n````\n')
    assert "```python" in example.files[0].text


def test_expectations_with_and_without_column_and_text():
    text = 'a()  # error: [x]\nb()  # error: 5 [y]\nc()  # error: [z] "some text"\n'
    assert expected_findings("a.py", text) == [
        ExpectedFinding("a.py", 1, "x"),
        ExpectedFinding("a.py", 2, "y", 5),
        ExpectedFinding("a.py", 3, "z", None, "some text"),
    ]


def test_a_comment_alone_speaks_of_the_next_line():
    text = "# error: [x]\n# error: 3 [y]\na(\n  b)  # error: [z]\n"
    assert [(each.line, each.rule) for each in expected_findings("a.py", text)] == [(3, "x"), (3, "y"), (4, "z")]


def test_two_findings_of_one_line_stand_in_one_comment():
    found = expected_findings("a.py", "a()  # error: [x], error: 3 [y]\n")
    assert [(each.rule, each.column) for each in found] == [("x", None), ("y", 3)]


def test_expectations_in_templates():
    text = "<p>{{ a }}</p> {# error: 4 [x] #}\n<!-- error: [y] -->\n<a href={{ b }}>\n"
    assert [(each.line, each.rule) for each in expected_findings("a.html", text)] == [(1, "x"), (3, "y")]


def test_an_expectation_that_cannot_be_read_is_an_error():
    with pytest.raises(ConfigError) as raised:
        read("## A\n\n```python\na = 1\nb()  # error: sql-injection\n```\n")
    assert raised.value.where == "rule.md:5"


def test_words_after_the_language():
    (example,) = read("```python persona=strict incomplete=syntax\na = (\n```\n")
    assert (example.persona, example.incomplete) == (Persona.STRICT, ("syntax",))
    with pytest.raises(ConfigError, match="personna"):
        read("```python personna=strict\n```\n")


def test_trace_and_fixed_belong_to_the_block_before():
    text = "## A\n```python\na()\n```\n\n```trace\nsource example.py:1:1 the query\nsink example.py:1:1\n```\n```fixed\nb()\n```\n"
    (example,) = read(text)
    assert [(step.kind, step.line, step.text) for step in example.trace] == [
        (StepKind.SOURCE, 1, "the query"),
        (StepKind.SINK, 1, ""),
    ]
    assert [(file.path, file.text) for file in example.fixed] == [("example.py", "b()\n")]


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("## A\n```python\na = 1\n", "rule.md:2"),
        ("## A\n```trace\nsource a.py:1:1 x\n```\n", "rule.md:3"),
        ("## A\n```python\n```\n## B\n```fixed\n```\n", "rule.md:6"),
        ("## A\n```python\n```\n```trace\nspring a.py:1:1 x\n```\n", "rule.md:5"),
    ],
)
def test_a_block_that_cannot_be_read_is_an_error_with_its_line(text, where):
    with pytest.raises(ConfigError) as raised:
        read(text)
    assert raised.value.where == where


def test_the_text_without_expectations_is_what_a_fix_is_compared_with():
    assert without_expectations("a = 1\n# error: [x]\nb()  # error: [y]\nc()  # kept\n") == "a = 1\nb()\nc()  # kept\n"
