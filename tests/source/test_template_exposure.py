"""Which names of its context a template prints unescaped."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custodiet.source.template_exposure import exposed_names


@pytest.mark.parametrize(
    "text, expected",
    [
        ("<p>{{ a }}</p>", ()),
        ("<p>{{ a|safe }} {{ b }}</p>", (("a", "raw"),)),
        ("{{ a.b['c']|safe }}", (("a", "raw"),)),
        ("{% for x in xs %}{{ x.y|safe }}{% endfor %}", (("xs", "raw"),)),
        ("{% set b = a ~ '!' %}{{ b|safe }}", (("a", "raw"),)),
        ("{{ a|int|safe }}{{ b|length|safe }}{{ c|e|safe }}", ()),
        ("{{ ('<b>' ~ a)|safe }}", (("a", "raw"),)),
        ("{{ a|default(b)|safe }}", (("a", "raw"), ("b", "raw"))),
        (
            "<a title={{ a }} href='{{ b }}'><script>{{ c }}</script>",
            (("a", "unquoted"), ("b", "address"), ("c", "script")),
        ),
        ("{% macro m(x, y) %}{{ y|safe }}{% endmacro %}{{ m(a, b) }}", (("b", "raw"),)),
        ("{% macro m(x, y) %}{{ y|safe }}{% endmacro %}{{ m(a, y=c) }}", (("c", "raw"),)),
        ("{% macro m() %}{{ a|safe }}{% endmacro %}{{ m() }}", (("a", "raw"),)),
        (
            "{% macro n(x) %}{{ x|safe }}{% endmacro %}{% macro m(x) %}{{ n(x) }}{% endmacro %}{{ m(a) }}",
            (("a", "raw"),),
        ),
        ("{% if a %}{% set c = b %}{% endif %}{{ c|safe }}", (("b", "raw"),)),
        ("plain", ()),
    ],
)
def test_exposed_names(text, expected):
    assert exposed_names(text) == expected


def test_without_autoescaping_every_printed_name_is_exposed():
    assert exposed_names("{{ a }} {{ b|e }}", autoescape=False) == (("a", "raw"),)
    assert exposed_names("${a} ${b | h}", engine="mako") == (("a", "raw"),)
    assert exposed_names("{% autoescape off %}{{ a }}{% endautoescape %}", engine="django") == (("a", "raw"),)


@given(st.text("{}%|abmx()= \n'", max_size=80) | st.text(max_size=40))
def test_any_text_has_an_answer(text):
    assert exposed_names(text) == exposed_names(text)
