"""What constructs of JavaScript and TypeScript lower to, as the dump writes it."""

from textwrap import dedent

import pytest

from custodiet.source import lower
from custodiet.source.dump import pretty, verify
from custodiet.source.javascript_literals import python_pattern
from custodiet.source.javascript_modules import module_path


def dumped(source: str, path: str = "src/app.ts") -> str:
    language = "typescript" if path.endswith((".ts", ".tsx")) else "javascript"
    module = lower(
        dedent(source).encode(), path=path, name=path.rpartition(".")[0], is_package=False, language=language
    )
    assert verify(module) == []
    assert module.errors == ()
    return pretty(module)


def body(source: str, path: str = "src/app.ts") -> str:
    """The module body without its head."""
    lines = dumped(source, path).splitlines()[1:]
    end = next((index for index, line in enumerate(lines) if not line.startswith(" ")), len(lines))
    return "\n".join(line[2:] for line in lines[:end])


@pytest.mark.parametrize(
    ("source", "lowered"),
    [
        ("const { a, b: c = 1, ...d } = x;", "a = x.a\n%1 = x.b\n%2 = %1 or 1\nc = %2\nd = x"),
        ("const [a, , b, ...c] = x;", "a = x[0]\nb = x[2]\n%1 = x[3:_]\nc = %1"),
        ("x = `a ${b} c`;", "x = cat 'a ', b, ' c'"),
        ("x = 'a' + 'b';", "x = 'ab'"),
        ("x = a + b + 'c' + d;", "%1 = a + b\nx = cat %1, 'c', d"),
        ("x = a?.b?.[0] ?? c;", "%1 = a.b\n%2 = %1[0]\nx = %2 or c"),
        (
            "if (typeof a !== 'string') b();",
            "%2 = builtins.isinstance(a, builtins.str)\n%1 = not %2\nif %1\n  %3 = b()",
        ),
        ("import a from './lib/db';", "a = import src/lib/db name default"),
        ("import a, { b as c } from 'pkg/sub';", "a = import pkg.sub\nc = import pkg.sub name b"),
        ("import * as fs from 'node:fs/promises';", "fs = import fs.promises"),
        ("const a = require('../x.js');", "a = import x"),
        ("export * from './x';", "import all src/x"),
        ("export { a as default } from './x';", "default = import src/x name a"),
        ("export default { a };", "default = dict {'a': a}"),
        ("x = new a.B(1);", "x = a.B(1)"),
        ("x = f.call(this, 1);", "x = f(1)"),
        ("x = y as User;", "x = cast y to User"),
        ("x = y as string;", "x = y"),
        ("const x: Map<string, User[]> = y;", "x = y\nx = cast x to Map[string, list[User]]"),
        ("enum A { B = 'b', C }", "A = dict {'B': 'b', 'C': 1}"),
        ("x = tag`a ${b}`;", "%1 = make l ['a ']\nx = tag(%1, b, tagged=True)"),
        ("do { a() } while (b)", "while True\n  %1 = a()\n  if b\n  else\n    break"),
    ],
)
def test_a_statement_lowers_to(source, lowered):
    assert body(source) == lowered


def test_a_case_that_falls_through_has_the_next_body_too():
    assert body("switch (a) { case 1: b(); case 2: c(); break; default: d() }") == dedent(
        """\
        %1 = a
        %2 = %1 == 1
        if %2
          %2 = b()
          %2 = c()
        else
          %3 = %1 == 2
          if %3
            %2 = c()
          else
            %2 = d()"""
    )


def test_a_function_is_hoisted_and_knows_what_it_assigns():
    text = dumped("let n = 0; f(); function f() { n = 1; let k; const g = () => { k = 2 } }")
    assert text.splitlines()[1] == "  f = function 1"
    assert "def 1 f() global=n" in text
    assert "def 2 f.g() lambda parent=1 nonlocal=k" not in text
    assert "def 2 f.g() parent=1 nonlocal=k" in text


def test_a_class_has_methods_fields_and_accessors():
    text = dumped(
        """
        class A extends B {
          static s = 1;
          #p = this.q();
          constructor(private db: Db) { super(db); }
          get v(): string { return this.#p }
          set v(x) { this.#p = x }
          h = (x) => this.db;
          static m() { return this.s }
        }
        """
    )
    assert "class 0 A(B)" in text
    for method in ("__init__=", "v=", "v.setter=", "h=", "m="):
        assert f" {method}" in text
    assert "this.db = db" in text
    assert "%1 = builtins.super()" in text
    assert "property class=0" in text


def test_a_constructor_function_with_a_prototype_is_a_class():
    text = dumped("function A(x) { this.x = x }\nA.prototype.m = function () { return this.x };", "a.js")
    assert "class 0 A() body=1 __init__=2 m=3" in text


def test_markup_calls_components_and_names_dangerous_attributes():
    text = body("x = <div dangerouslySetInnerHTML={a}><B c={d} /></div>;", "src/app.tsx")
    assert text.splitlines() == [
        "%1 = dict {'c': d}",
        "%2 = B(%1)",
        "%3 = jsx.dangerouslySetInnerHTML(a)",
        "x = <div dangerouslySetInnerHTML=a> %2",
    ]


def test_a_vue_component_lowers_its_script_and_its_markup_places():
    text = body(
        '<template><p v-html="bio"></p></template>\n<script setup>\nconst bio = load();\n</script>', "src/a.vue"
    )
    assert text == "bio = load()\n%1 = _vhtml(bio)"


def test_exports_of_commonjs_are_one_object():
    assert body("exports.a = b; module.exports.c = d;", "a.js").splitlines() == [
        "module.exports = dict {}",
        "exports = module.exports",
        "exports.a = b",
        "module.exports.c = d",
    ]


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("./x", "src/a/x"),
        ("../x/index.ts", "src/x"),
        ("./user.service", "src/a/user.service"),
        ("@/lib/db", "src/lib/db"),
        ("@nestjs/common", "@nestjs/common"),
        ("lodash/merge", "lodash.merge"),
        ("node:path", "path"),
    ],
)
def test_an_import_names_a_module(written, name):
    assert module_path(written, "src/a", "src/a/b.ts") == name


@pytest.mark.parametrize(
    ("written", "flags", "python"),
    [
        (r"^[a-z]+$", "", r"(?a)^[a-z]+\Z"),
        (r"a\/b", "i", r"(?ai)a/b"),
        (r"(?<n>x)", "", r"(?a)(?P<n>x)"),
        (r"[^]", "", r"(?a)[\s\S]"),
        (r"[$[]", "m", r"(?am)[$\[]"),
    ],
)
def test_a_regular_expression_is_written_as_python_does(written, flags, python):
    assert python_pattern(written, flags) == python
