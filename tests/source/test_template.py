"""Templates: every construct lowers to what it means, and no text whatever makes the front end fail."""

import marshal
from textwrap import dedent

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from custodiet.source import ir
from custodiet.source.template import engine_of, lower_template, template_checks, unescaped_places


def lower(text, engine="jinja", path="page.html", **options):
    return lower_template(dedent(text).encode(), path=path, engine=engine, **options)


def pretty(module, index=1):
    """The body of a function with names for registers: what a reader of the tests checks."""
    function = module.functions[index]

    def register(reg):
        if reg == ir.NOREG:
            return "-"
        if reg < 0:
            return f"t{-reg}"
        kind, what = function.inits[reg]
        return repr(what) if kind == "c" else function.names[reg].removeprefix("custodiet.")

    def many(regs):
        return ", ".join(register(reg) for reg in regs)

    def named(pairs):
        return "".join(f", {name}={register(reg)}" for name, reg in pairs)

    lines = []

    def show(block, indent):
        pad = "  " * indent
        for ins in block:
            op = ins[0]
            if op == ir.IMPORT and ins[2].startswith(("custodiet.", "jinja2.", "django.", "mako.")):
                continue
            if op == ir.CALL:
                text = f"{register(ins[1])} = {register(ins[2])}({many(ins[3])}{named(ins[4])})"
            elif op == ir.CALLM:
                text = f"{register(ins[1])} = {register(ins[2])}.{ins[3]}({many(ins[4])}{named(ins[5])})"
            elif op == ir.ATTR:
                text = f"{register(ins[1])} = {register(ins[2])}.{ins[3]}"
            elif op == ir.SETATTR:
                text = f"{register(ins[1])}.{ins[2]} = {register(ins[3])}"
            elif op == ir.INDEX:
                text = f"{register(ins[1])} = {register(ins[2])}[{register(ins[3])}]"
            elif op == ir.SLICE:
                text = f"{register(ins[1])} = {register(ins[2])}[{register(ins[3])}:{register(ins[4])}]"
            elif op == ir.MOVE:
                text = f"{register(ins[1])} = {register(ins[2])}"
            elif op == ir.BIN:
                text = f"{register(ins[1])} = {register(ins[3])} {ins[2]} {register(ins[4])}"
            elif op == ir.UN:
                text = f"{register(ins[1])} = {ins[2]} {register(ins[3])}"
            elif op == ir.CAT:
                text = f"{register(ins[1])} = cat({many(ins[2])})"
            elif op == ir.MAKE:
                text = f"{register(ins[1])} = {ins[2]}({many(ins[3])})"
            elif op == ir.DICT:
                text = f"{register(ins[1])} = dict({', '.join(f'{register(k)}: {register(v)}' for k, v in ins[2])})"
            elif op == ir.IMPORT:
                text = f"{register(ins[1])} = import {ins[2]} {ins[3]}"
            elif op == ir.FUNC:
                text = f"{register(ins[1])} = function {ins[2]}{named((str(i), r) for i, r in ins[4])}"
            elif op == ir.IF:
                text = f"if {register(ins[1])}"
            elif op == ir.LOOP:
                text = f"for {register(ins[2])} in {register(ins[1])}"
            elif op == ir.SHORT:
                text = f"{register(ins[1])} = {register(ins[3])} {ins[2]} {register(ins[5])}"
            lines.append(pad + text)
            for position, inner in enumerate(ir.blocks(ins)):
                if position and inner:
                    lines.append(pad + "else")
                show(inner, indent + 1)

    show(function.body, 0)
    return lines


def places(text, engine="jinja", path="page.html", **options):
    """(place, text of the output) of everything that is printed unescaped."""
    source = dedent(text).encode()
    module = lower_template(source, path=path, engine=engine, **options)
    found = []
    for place, span in unescaped_places(module):
        start, end = ir.span_range(span)
        found.append((place, source[start:end].decode()))
    return found


# --- the module ----------------------------------------------------------------------------------------------------


def test_a_template_is_a_module_with_an_empty_body_and_a_function_of_the_names_it_reads():
    module = lower("<p>{{ user.name }} {{ items[0] }}</p>\n{{ user.age }}\n", path="shop/page.html")
    body, template = module.functions
    assert (module.name, module.path, module.language) == ("shop/page.html", "shop/page.html", "jinja")
    assert (body.name, body.body, body.parent) == ("<module>", (), -1)
    assert (template.name, template.parent) == ("<template>", 0)
    assert [(param.name, param.flag, template.inits[param.reg]) for param in template.params] == [
        ("user", 1, ("p", "user")),
        ("items", 1, ("p", "items")),
    ]
    assert module.lines == (0, 38, 53)
    assert {"user", "name", "age", "items", "escaped"} <= module.identifiers
    assert template.called == ("age", "escaped", "name")


def test_the_span_of_an_output_is_the_whole_of_its_braces_in_bytes():
    source = "<p>ü {{- name|safe }}</p>".encode()
    module = lower_template(source, path="a.html", engine="jinja")
    ((place, span),) = unescaped_places(module)
    start, end = ir.span_range(span)
    assert place == "raw"
    assert source[start:end] == b"{{- name|safe }}"


def test_a_module_can_be_marshalled():
    module = lower("{% for a in b %}{{ a|safe }}{% endfor %}{{ 1.5 }}")
    assert marshal.loads(marshal.dumps(tuple(module.functions[1].body))) == module.functions[1].body


# --- expressions ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "expression, expected",
    [
        ("user.name", ["t1 = user.name", "t2 = markup.escaped(t1)"]),
        ("a[0].b", ["t2 = a[0]", "t1 = t2.b", "t3 = markup.escaped(t1)"]),
        ("a.0", ["t1 = a[0]", "t2 = markup.escaped(t1)"]),
        ("a['k']", ["t1 = a['k']", "t2 = markup.escaped(t1)"]),
        ("a[1:]", ["t1 = a[1:-]", "t2 = markup.escaped(t1)"]),
        ("a.f(b, c=d)", ["t1 = a.f(b, c=d)", "t2 = markup.escaped(t1)"]),
        ("f(*a, **b)", ["t1 = f(, *=a, **=b)", "t2 = markup.escaped(t1)"]),
        ("a ~ 'x' ~ b", ["t1 = cat(a, 'x', b)", "t2 = markup.escaped(t1)"]),
        ("a + b * 2", ["t2 = b * 2", "t1 = a + t2", "t3 = markup.escaped(t1)"]),
        ("a|lower|truncate(9, end='')", None),
        ("a and not b", ["t1 = a and t2", "  t2 = not b", "t3 = markup.escaped(t1)"]),
        ("a if b else c", ["if b", "  t1 = a", "else", "  t1 = c", "t2 = markup.escaped(t1)"]),
        ("[a, b]", ["t1 = l(a, b)", "t2 = markup.escaped(t1)"]),
        ("{'k': a}", ["t1 = dict('k': a)", "t2 = markup.escaped(t1)"]),
        ("(a, b)", ["t1 = t(a, b)", "t2 = markup.escaped(t1)"]),
        ("a == b", ["t1 = a == b"]),
        ("a not in b", ["t1 = a notin b"]),
        ("-a", ["t1 = - a", "t2 = markup.escaped(t1)"]),
        ("'literal'", []),
        ("true", []),
    ],
)
def test_expressions_of_jinja(expression, expected):
    lines = pretty(lower("{{ " + expression + " }}"))
    if expected is None:
        expected = [
            "t2 = jinja2.filters.lower(a)",
            "t1 = jinja2.filters.truncate(t2, 9, end='')",
            "t3 = markup.escaped(t1)",
        ]
    assert lines == expected


def test_filters_are_calls_of_the_library_with_the_value_first():
    assert pretty(lower('{{ a|default:"x"|date:fmt }}', "django")) == [
        "t2 = django.template.defaultfilters.default(a, 'x')",
        "t1 = django.template.defaultfilters.date(t2, fmt)",
        "t3 = markup.escaped(t1)",
    ]


def test_tests_are_calls_of_the_library():
    assert pretty(lower("{% if a is divisibleby 3 %}{{ a }}{% endif %}")) == [
        "t1 = jinja2.tests.divisibleby(a, 3)",
        "if t1",
        "  t2 = markup.escaped(a)",
    ]


def test_functions_of_the_environment_are_library_symbols_and_no_parameters():
    module = lower("{% for i in range(3) %}{{ url_for('x') }}{% endfor %}")
    assert module.functions[1].params == ()
    imports = [ins[2:4] for ins in module.functions[1].body if ins[0] == ir.IMPORT]
    assert ("builtins", "range") in imports
    assert ("flask", "url_for") in imports


def test_flask_puts_its_request_into_every_template():
    (param,) = lower("{{ request.args.q }}").functions[1].params
    assert (param.name, param.annotation) == ("request", "flask.Request")


def test_django_looks_dotted_names_up_and_calls_what_is_a_method():
    assert pretty(lower("{{ a.items.0.get_name }}", "django")) == [
        "t3 = a.items()",
        "t2 = t3[0]",
        "t1 = t2.get_name()",
        "t4 = markup.escaped(t1)",
    ]


# --- statements ----------------------------------------------------------------------------------------------------


def test_a_loop_unpacks_its_element_and_has_names_of_its_own():
    assert pretty(lower("{% for k, v in d.items() if v %}{{ loop.index }}{% else %}{{ k }}{% endfor %}{{ v }}")) == [
        "t1 = d.items()",
        "for t2 in t1",
        "  t3 = t2[0]",
        "  k = t3",
        "  t4 = t2[1]",
        "  v = t4",
        "  if v",
        "    t5 = loop.index",
        "    t6 = markup.escaped(t5)",
        "else",
        "  t5 = markup.escaped(k)",
        "t1 = markup.escaped(v)",
    ]
    names = [param.name for param in lower("{% for k in d %}{% else %}{{ k }}{% endfor %}").functions[1].params]
    assert names == ["d", "k"]


def test_branches_nest():
    assert pretty(lower("{% if a %}{{ b }}{% elif c == 1 %}{{ d }}{% else %}{{ e }}{% endif %}")) == [
        "if a",
        "  t1 = markup.escaped(b)",
        "else",
        "  t1 = c == 1",
        "  if t1",
        "    t2 = markup.escaped(d)",
        "  else",
        "    t2 = markup.escaped(e)",
    ]


def test_set_with_and_namespace():
    assert pretty(lower("{% set a = b.c %}{% set ns = namespace(x=1) %}{% set ns.x = a %}{{ ns.x }}")) == [
        "t1 = b.c",
        "a = t1",
        "t1 = jinja2.utils.Namespace(, x=1)",
        "ns = t1",
        "ns.x = a",
        "t1 = ns.x",
        "t2 = markup.escaped(t1)",
    ]
    assert pretty(lower("{% with a = b %}{{ a }}{% endwith %}{{ a }}"))[-2:] == [
        "t1 = markup.escaped(a)",
        "t1 = markup.escaped(a)",
    ]
    module = lower("{% with a=b c=d.e %}{{ a }}{{ c }}{% endwith %}", "django")
    assert [param.name for param in module.functions[1].params] == ["b", "d"]
    module = lower("{% with b.c as a %}{{ a }}{% endwith %}", "django")
    assert [param.name for param in module.functions[1].params] == ["b"]


def test_other_templates_are_rendered_with_all_that_is_visible():
    module = lower('{% extends "base.html" %}{{ title }}{% for x in xs %}{% include "row.html" %}{% endfor %}')
    assert pretty(module) == [
        "t1 = template.render('base.html', title=title, xs=xs, **=**context)",
        "t1 = markup.escaped(title)",
        "for t1 in xs",
        "  x = t1",
        "  t2 = template.render('row.html', loop=loop, title=title, x=x, xs=xs, **=**context)",
    ]
    assert [(param.name, param.flag) for param in module.functions[1].params] == [
        ("title", 1),
        ("xs", 1),
        ("**context", 3),
    ]


def test_django_includes_hand_on_what_they_say():
    assert pretty(lower('{% include "a.html" with x=y.z only %}{{ q }}', "django"))[:2] == [
        "t1 = y.z",
        "t2 = template.render('a.html', x=t1)",
    ]


def test_a_macro_is_an_inner_function_that_sees_the_template():
    module = lower("{% macro field(name, value=d) %}{{ value|safe }}{{ title }}{% endmacro %}{{ field(x) }}")
    assert pretty(module) == ["field = function 2, 1=d", "t1 = field(x)"]
    macro = module.functions[2]
    assert (macro.name, macro.parent, [param.name for param in macro.params]) == ("field", 1, ["name", "value"])
    assert macro.inits[macro.names.index("title")] == ("n", "title")
    assert "title" in [param.name for param in module.functions[1].params]
    assert pretty(module, 2) == [
        "t1 = jinja2.filters.safe(value)",
        "t2 = markup.raw(t1)",
        "t1 = markup.escaped(title)",
    ]


def test_an_imported_macro_is_a_name_of_the_other_template():
    assert pretty(lower('{% from "forms.html" import field as f %}{{ f(x) }}')) == [
        "f = import forms.html field",
        "t1 = f(x)",
    ]
    assert pretty(lower('{% import "forms.html" as forms %}{{ forms.field(x) }}')) == [
        "forms = import forms.html None",
        "t1 = forms.field(x)",
    ]


def test_tags_that_print_nothing_of_their_own_are_passed_over_and_unknown_ones_counted():
    module = lower("{% load x %}{% csrf_token %}{% url 'a' pk=b.pk %}{% trans 'x' %}{% static 'x' %}", "django")
    assert (pretty(module), module.uncovered) == ([], 0)
    assert lower("{% fancy a %}", "django").uncovered == 1
    assert lower("{% fancy a %}").uncovered == 1
    assert lower("{{ a $ b }}").uncovered == 1


def test_a_variable_that_a_tag_sets_is_a_local():
    module = lower("{% url 'a' as link %}<a href='{{ link }}'>{% get_it user as it %}{{ it }}</a>", "django")
    assert [param.name for param in module.functions[1].params] == ["user"]


def test_raw_parts_are_text_and_comments_are_kept_for_tools():
    assert places("{% raw %}{{ a|safe }}{% endraw %}{{ b|safe }}") == [("raw", "{{ b|safe }}")]
    assert places("{% verbatim x %}{{ a|safe }}{% endverbatim x %}", "django") == []
    assert places("{% comment %}{{ a|safe }}{% endcomment %}", "django") == []
    module = lower("{# error: [cross-site-scripting] #}{# plain #}<!-- custodiet: ignore[x] because y -->")
    assert [text for _, text in module.comments] == [
        "{# error: [cross-site-scripting] #}",
        "<!-- custodiet: ignore[x] because y -->",
    ]
    assert ir.span_range(module.comments[0][0]) == (0, 35)


def test_what_is_never_closed_is_an_error_with_its_line():
    assert lower("a\n{{ b").errors == ((2, "`{{` is not closed"),)


# --- places --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text, expected",
    [
        ("<p>{{ x }}</p>", ""),
        ("<p>{{ x|safe }}</p>", "raw"),
        ("{{ x|e|safe }}", ""),
        ("{{ x|safe|upper }}", "raw"),
        ("{{ x|safe|e }}", "raw"),
        ("{{ x|safe|forceescape }}", ""),
        ("{{ Markup(x) }}", "raw"),
        ("{{ Markup('x') }}", ""),
        ("{% set y = x|safe %}{{ y }}", "raw"),
        ("{% set y = x|safe %}{% set y = x %}{{ y }}", ""),
        ("{{ x|tojson|safe }}", ""),
        ("{{ x|int|safe }}", ""),
        ("{{ x|urlize }}", ""),
        ("{% autoescape false %}{{ x }}{% endautoescape %}{{ y }}", "raw"),
        ("{% autoescape false %}{{ x|e }}{% endautoescape %}", ""),
        ('<a title="{{ x }}">', ""),
        ("<a title='{{ x }}'>", ""),
        ("<a title={{ x }}>", "unquoted"),
        ("<a title={{ x|urlencode }}>", ""),
        ("<a title=a{{ x }}>", "unquoted"),
        ("<a {{ x }}>", "unquoted"),
        ("<a {{ x|xmlattr }}>", ""),
        ('<a href="{{ x }}">', "address"),
        ('<a href="/u/{{ x }}">', ""),
        ('<a href="{{ url_for(x) }}">', ""),
        ('<a href="{{ url_for("a") }}?q={{ x }}">', ""),
        ("<a href={{ x }}>", "unquoted"),
        ("<a href=\"javascript:go('{{ x }}')\">", "script"),
        ('<iframe srcdoc="{{ x }}">', "raw"),
        ("<a onclick=\"go('{{ x }}')\">", "script"),
        ("<a onclick='go({{ x|tojson }})'>", ""),
        ('<a onclick="go({{ x|tojson }})">', "unquoted"),
        ('<a onclick="go({{ x|tojson|forceescape }})">', ""),
        ("<script>var a = {{ x }};</script>", "script"),
        ("<script>var a = '{{ x }}';</script>", "script_string"),
        ("<script>var a = `{{ x }}`;</script>", "script"),
        ("<script>var a = {{ x|tojson }};</script>", ""),
        ("<script>var a = {{ x|safe }};</script>", "raw"),
        ("<script>// {{ x }}\nlet b = 'it\\'s';</script>{{ y }}", ""),
        ("<script type='application/json'>{{ x }}</script>", ""),
        ("<script>a</script><p>{{ x }}</p>", ""),
        ("<style>p { color: {{ x }} }</style>", ""),
        ("<textarea><a href={{ x }}></textarea>", ""),
        ("<!-- <a href={{ x }}> -->", ""),
        ('<p {% if a %}class="x{% else %}class="y{% endif %}">{{ x }}</p>', ""),
        ("{% block a %}{{ super() }}{% endblock %}{{ caller() }}{{ self.title() }}", ""),
        ("{{ '<b>'|safe ~ x }}", ""),
        ("{{ ('<b>' ~ x)|safe }}", "raw"),
    ],
)
def test_places_of_jinja(text, expected):
    assert [place for place, _ in places(text)] == ([expected] if expected else [])


@pytest.mark.parametrize(
    "text, expected",
    [
        ("{{ x }}", ""),
        ("{{ x|safe }}", "raw"),
        ("{{ x|safe|upper }}", ""),
        ("{{ x|safe|lower }}", "raw"),
        ("{{ x|force_escape|safe }}", ""),
        ("{{ x|escape|safe }}", ""),
        ("{{ x|linebreaks }}", ""),
        ("{{ x|linebreaks|safe }}", ""),
        ("{{ x|striptags|safe }}", "raw"),
        ("{% autoescape off %}{{ x }}{% endautoescape %}", "raw"),
        ("{% autoescape off %}{{ x|linebreaks }}{% endautoescape %}", "raw"),
        ("{% autoescape off %}{{ x|escape }}{% endautoescape %}", ""),
        ("{% filter force_escape %}{% autoescape off %}{% endautoescape %}{{ x }}{% endfilter %}", ""),
        ("<script>var a = '{{ x|escapejs }}';</script>", ""),
        ("<script>var a = {{ x|escapejs }};</script>", "script"),
        ('{{ x|json_script:"data" }}', ""),
        ("<a onclick=\"go('{{ x|escapejs }}')\">", ""),
        ("{% block a %}{{ block.super }}{% endblock %}", ""),
        ("{% firstof x|safe %}", "raw"),
        ("{% blocktranslate with y=x|safe %}Hello {{ y }}{% endblocktranslate %}", "raw"),
        ("{% for a in b %}<td class={{ a }}>{% empty %}{% endfor %}", "unquoted"),
    ],
)
def test_places_of_django(text, expected):
    assert [place for place, _ in places(text, "django")] == ([expected] if expected else [])


@pytest.mark.parametrize(
    "text, expected",
    [
        ("<p>${x}</p>", "raw"),
        ("<p>${x | h}</p>", ""),
        ("<p>${x | n}</p>", "raw"),
        ("<p>${x | u}</p>", ""),
        ('<%page expression_filter="h"/><p>${x}</p>', ""),
        ('<%page expression_filter="h"/><p>${x | n}</p>', "raw"),
        ("% for a in b:\n<p>${a.name}</p>\n% endfor\n", "raw"),
        ("## ${x}\n<%doc>${x}</%doc><%text>${x}</%text>", ""),
        ("<p>${[a for a in b]}</p>", "raw"),
    ],
)
def test_places_of_mako(text, expected):
    assert [place for place, _ in places(text, "mako", "page.mako")] == ([expected] if expected else [])


def test_mako_lines_tags_and_programs():
    text = """\
    <%inherit file="base.html"/>
    <% total = a + b %>
    <%def name="row(x, y='')"><td>${x}</td></%def>
    % if total:
    <p>${row(total)}</p>
    % else:
    <p>${c | h}</p>
    % endif
    """
    module = lower(text, "mako", "page.mako")
    assert pretty(module) == [
        "t1 = template.render('base.html', a=a, b=b, c=c, **=**context)",
        "t1 = a + b",
        "total = t1",
        "row = function 2, 1=''",
        "if total",
        "  t1 = row(total)",
        "else",
        "  t1 = mako.filters.h(c)",
        "  t2 = markup.escaped(t1)",
    ]


def test_only_markup_has_places():
    assert places("{{ x|safe }}", path="mail.txt") == []
    assert places("{{ x|safe }}", path="nginx.conf.j2") == []
    assert places("<p>{{ x|safe }}", path="page.html.j2") == [("raw", "{{ x|safe }}")]
    assert places("<p>{{ x|safe }}", path="page.jinja2") == [("raw", "{{ x|safe }}")]
    assert places("hello {{ x|safe }}", path="page.jinja2") == []
    assert places("{{ x|safe }}", path="views.py") == [("raw", "{{ x|safe }}")]


def test_an_environment_without_autoescaping_prints_raw():
    assert places("{{ x }}{{ y|e }}", autoescape=False) == [("raw", "{{ x }}")]


def test_switching_autoescaping_off_is_reported_where_it_matters():
    module = lower("{% autoescape off %}{{ x }}{% endautoescape %}", "django")
    (check,) = template_checks(module)
    assert check[:2] == ("autoescape-disabled", ir.span_of(0, 20))
    assert template_checks(lower("{% autoescape off %}text{% endautoescape %}{{ x|safe }}", "django")) == []
    assert template_checks(lower("{% autoescape off %}{{ x|escape }}{% endautoescape %}", "django")) == []
    assert len(template_checks(lower("{% autoescape false %}{% if a %}{{ x }}{% endif %}{% endautoescape %}"))) == 1
    assert template_checks(lower("{% autoescape on %}{{ x|safe }}{% endautoescape %}", "django")) == []


@pytest.mark.parametrize(
    "path, text, engine",
    [
        ("a.mako", "", "mako"),
        ("a.j2", "", "jinja"),
        ("a.html", "{% load static %}", "django"),
        ("a.html", '{{ x|date:"Y" }}', "django"),
        ("a.html", "{% set a = 1 %}", "jinja"),
        ("a.html", "{{ url_for('x') }}", "jinja"),
        ("a.html", "{{ x }}", "jinja"),
    ],
)
def test_the_engine_is_read_off_the_text(path, text, engine):
    assert engine_of(path, text.encode()) == engine


# --- whatever the text ---------------------------------------------------------------------------------------------

_FRAGMENTS = st.sampled_from(
    "{{ }} {% %} {# #} ${ } <% %> <%def </%def> | safe e ( ) [ ] { } . , : = == ' \" ~ + - * ** / if elif else endif "
    "for in endfor not and or is x y 0 1.5 set with endwith macro endmacro call endcall autoescape off endautoescape "
    "raw endraw verbatim comment endcomment include extends import from as block endblock <a href= onclick= > "
    "<script> </script> <!-- --> ` \\ \n é % ## as only trans blocktrans".split(" ")
)
_TEXTS = st.one_of(
    st.lists(_FRAGMENTS, max_size=60).map(" ".join).map(str.encode),
    st.lists(_FRAGMENTS, max_size=60).map("".join).map(str.encode),
    st.binary(max_size=200),
)


@settings(max_examples=400, deadline=None)
@given(source=_TEXTS, engine=st.sampled_from(["jinja", "django", "mako"]))
def test_any_source_lowers_to_a_well_formed_module(source, engine):
    module = lower_template(source, path="a.html", engine=engine)
    marshal.dumps(tuple(function.body for function in module.functions))
    for function in module.functions:
        count = len(function.inits)
        assert len(function.names) == count

        def check(block, function=function, count=count):
            for ins in block:
                for reg in (*ir.operands(ins), ir.destination(ins)):
                    assert reg == ir.NOREG or -function.temporaries <= reg < count
                start, end = ir.span_range(ins[-1])
                assert 0 <= start <= end <= len(source)
                for inner in ir.blocks(ins):
                    check(inner)

        check(function.body)
        assert len({param.name for param in function.params}) == len(function.params)
    assert lower_template(source, path="a.html", engine=engine) == module


@pytest.mark.parametrize("engine", ["jinja", "django", "mako"])
@pytest.mark.parametrize(
    "text",
    [
        "{{ " + "(" * 5000 + " }}",
        "{{ " + "a." * 5000 + "b }}",
        "{{ " + "a|e" * 5000 + " }}",
        "{{ " + "not " * 5000 + "b }}",
        "{{ " + "a + " * 5000 + "b }}",
        "{{ " + "-" * 5000 + "b }}",
        "{{ " + "a if b else " * 3000 + "b }}",
        "{% if a %}" * 2000,
        "{% for a in b %}" * 2000,
        "{% if a %}" + "{% elif b %}" * 2000,
        "{% macro a() %}" * 2000,
        "${" + "(" * 5000 + "}",
        "% if a:\n" * 2000,
        '<%def name="a()">' * 2000,
        "<a " * 20000,
        "<script>" + "'" * 20001,
        "{{" * 20000,
        "{{ ( }}" * 5000,
    ],
)
def test_deep_and_long_sources_do_no_harm(engine, text):
    lower_template(text.encode(), path="a.html", engine=engine)
