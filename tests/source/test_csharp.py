"""What C# lowers to, and that any bytes give a sound module."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custodiet.source import ir
from custodiet.source.csharp import lower_csharp
from custodiet.source.dump import pretty, pretty_function, verify

TOKENS = (
    "class struct record interface enum namespace using static async await { } ( ) [ ] < > ; , . : ? => = == != ?? ??= + "
    'x y Foo 1 "a" $"{x} {y:N2}" @"b" null new is not and or switch case default : break continue return yield foreach in '
    "for while do if else try catch when finally throw lock unsafe checked goto get set init value this base out ref params "
    "var int string List<int> delegate event operator from where select let orderby join on equals into group by with typeof "
    'nameof #if #endif #pragma // /* */ """ \n \n'
).split(" ")

PROGRAM = """
using System;
using Alias = System.Text.StringBuilder;
namespace Shop.Orders;
public partial class Cart<T>(IStore store) : Base(store), IDisposable where T : class
{
    private readonly List<string> items = new();
    public const string Name = "cart";
    public static int Count { get; private set; } = 3;
    public string Title { get => field; init { field = value; } }
    public string this[int index] { get => items[index]; set { items[index] = value; } }
    [HttpGet("{id}", Name = "x")]
    public async Task<IActionResult> Find([FromRoute(Name = "id")] string id, out int size, params string[] rest)
    {
        var text = $"a{id,3:N2} {{}} {size}";
        if (id is { Length: > 3 } or null && !(id is string s)) return Ok();
        var kind = id switch { "a" => 1, string t when t.Length > 2 => 2, (1, _) => 3, [1, .., var w] => 4, _ => throw new X() };
        switch (id) { case "1": case "2": Log(id); break; case "3": if (x) break; goto case "1"; default: return null; }
        foreach (var (k, v) in pairs) { (items, var n) = (k, v); continue; }
        int.TryParse(id, out var number);
        using var file = File.Open(id);
        var map = new Dictionary<string, int> { ["a"] = 1, { "b", 2 } };
        Cart<T> other = new(store) { Title = "x", items = { "a" } };
        var found = from u in users join o in orders on u.Id equals o.Id into g from z in g where z.X == 1 select new { u.A, B = z };
        Func<int, int> twice = static x => x * 2;
        for (int i = 0, j = 1; i < 3; i++, j--) { do { Log(i); } while (i > 1); }
        try { await Save(); } catch (E e) when (e.Code == 1) { throw; } finally { Dispose(); }
        int Local(int x) => x + number;
        lock (this) { items?[0]?.Trim(); id ??= items[^1] + id[1..^2]; }
        return base.View(this with { Title = nameof(Title) });
    }
    ~Cart() { }
    enum Color { Red, Green = 2 }
}
"""


def lowered(source: str | bytes) -> ir.Module:
    module = lower_csharp(
        source if isinstance(source, bytes) else source.encode(), path="m.cs", name="m", is_package=False
    )
    assert verify(module) == []
    assert pretty(module)
    return module


def body(statements: str, name: str = "M") -> str:
    """What the statements lower to in a method of a class that derives from nothing."""
    module = lowered("class C { string f; static string g; void M(string a, string b) { " + statements + " } }")
    assert module.uncovered == 0
    assert module.errors == ()
    return next(pretty_function(function) for function in module.functions if function.name == name)


def test_every_construct_is_covered():
    module = lowered(PROGRAM)
    assert module.uncovered == 0
    assert module.errors == ()
    assert module.name == "Shop.Orders"
    assert [made.qualname for made in module.classes] == ["Cart", "Cart.Color"]
    assert dict(module.classes[0].fields) == {
        "store": "IStore",
        "items": "List[string]",
        "Name": "string",
        "Count": "int",
    }
    find = next(function for function in module.functions if function.name == "Find")
    assert [param.annotation for param in find.params] == [
        None,
        'Annotated[string, FromRoute(Name = "id")]',
        "int",
        "list[string]",
    ]
    assert find.returns == "IActionResult"
    assert find.flags & ir.FUNCTION_ASYNC


@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        ("var c = f + g + a;", "%1 = this.f\n%3 = C.g\n%2 = %1 + %3\nc = %2 + a\n"),
        ('var c = $"x{a}y{b:N}";', "c = cat 'x', a, 'y', b\n"),
        ('var c = $@"\\{a}""{{";', "c = cat '\\\\', a, '\"{'\n"),
        ('var c = @"a""b" + "\\t\\x41\\u0042";', "c = 'a\"b' + '\\tAB'\n"),
        ('var c = $$"""{a} {{b}}""";', "c = cat '{a} ', b\n"),
        ("f = a ?? b;", "%1 = a or b\nthis.f = %1\n"),
        ("var c = a?.Trim()?[1..];", "%1 = a.Trim()\nc = %1[1:_]\n"),
        ("int n = int.Parse(a);", "%1 = System.Int32.Parse(a)\nn = cast %1 to int\n"),
        ("M(b: a, a: b);", "%1 = this.M(b=a, a=b)\n"),
        (
            "int.TryParse(a, out var n);",
            "%1 = make l []\n%2 = System.Int32.TryParse(a, %1)\n%3 = %1[0]\nn = %3\n",
        ),
        ("var (c, d) = (a, b);", "%1 = make t [a, b]\n%2 = %1[0]\nc = %2\n%3 = %1[1]\nd = %3\n"),
        ("(a, b) = (b, a);", "%1 = make t [b, a]\n%2 = %1[0]\na = %2\n%3 = %1[1]\nb = %3\n"),
        ("var c = new Cmd { Text = a };", "%1 = Cmd()\n%1.Text = a\nc = %1\n"),
        ("string[] c = [a, ..d];", "%1 = make l [a]\n%2 = %1.extend(d)\nc = %1\n"),
        ("foreach (string c in d) Use(c);", "for %1 in d\n  c = cast %1 to string\n  %2 = this.Use(c)\n"),
        (
            'switch (a) { case "1": f = b; break; default: return; }',
            "%1 = a == '1'\nif %1\n  this.f = b\nelse\n  return _\n",
        ),
        (
            "do { if (a == b) break; } while (true);",
            "while True\n  %1 = a == b\n  if %1\n    break\n  if True\n  else\n    break\n",
        ),
        ("Func<string> c = () => a + f;", "c = function 3\n"),
        ("var c = a is { Length: > 3 };", "%1 = a.Length\n%2 = %1 > 3\nc = %2\n"),
        (
            "var c = from x in a where x == b select x;",
            "%1 = make l []\nfor x in a\n  %2 = x == b\n  if %2\n    %3 = %1.append(x)\nc = %1\n",
        ),
        ("Use(a * b);", "%1 = a * b\n%2 = this.Use(%1)\n"),
    ],
)
def test_a_statement_is_lowered(statements, expected):
    assert body(statements) == expected


def test_a_parameter_by_reference_is_a_list_of_one():
    module = lowered("class C { void M(ref string a) { a = a + 1; } }")
    assert pretty_function(module.functions[-1]) == "%1 = a[0]\n%2 = %1 + 1\na[0] = %2\n"


def test_initial_values_are_set_by_every_constructor():
    module = lowered("class C { List<int> a = new(); string b; C(string b) { this.b = b; } C() : this(null) { } }")
    first, second = (function for function in module.functions if function.name == "__init__")
    assert pretty_function(first) == "%1 = List()\nthis.a = %1\nthis.b = b\n"
    assert pretty_function(second) == "%1 = this.__init__(None)\n"


def test_positional_records_have_a_constructor():
    module = lowered("record R(string A, int B = 3);")
    assert pretty_function(module.functions[-2]) == "this.A = A\nthis.B = B\n"
    assert pretty_function(module.functions[-1]).startswith("%1 = index == 0\nif %1\n  %2 = this.A\n  return %2\n")
    assert dict(module.classes[0].fields) == {"A": "string", "B": "int"}


def test_statements_without_a_class_are_the_module():
    module = lowered('var app = Build(); app.MapGet("/x", (string q) => q); string Build() => "a"; class Later { }')
    assert pretty_function(module.functions[0]).endswith(
        "Later = class 0()\nBuild = function 3\napp = Build()\n%1 = function 2\n%2 = app.MapGet('/x', %1)\n"
    )


def test_a_class_stands_after_its_base():
    module = lowered("class B : A { } class A { }")
    assert [made.name for made in module.classes] == ["A", "B"]


def test_names_of_a_base_out_of_sight_are_read_from_this():
    module = lowered("class C : Controller { void M() { var a = Request.Query; } }")
    assert pretty_function(module.functions[-1]) == "%1 = this.Request\na = %1.Query\n"


def test_words_of_csharp_14_are_read():
    module = lowered(
        "static class E { extension(string text) { public string Quoted() => text + 1; } "
        "public static void M(C c) { c?.Name = E.x; } public string P { get; set => field = value.Trim(); } }"
    )
    assert module.errors == ()
    quoted = next(function for function in module.functions if function.name == "Quoted")
    assert [param.name for param in quoted.params] == ["text"]
    assert quoted.flags & ir.FUNCTION_EXTENSION
    bodies = {function.name: pretty_function(function) for function in module.functions}
    assert bodies["M"] == "%1 = E.x\nc.Name = %1\n"
    assert bodies["P"] == "%1 = this._P\nreturn %1\n"
    assert bodies["P.setter"] == "%1 = value.Trim()\nthis._P = %1\n"


def test_comments_that_suppress_are_kept():
    module = lowered("// custodiet: ignore\nclass C { /* nosec */ }\n// other\n")
    assert [text for _, text in module.comments] == ["// custodiet: ignore", "/* nosec */"]


@given(st.binary(max_size=300))
def test_any_bytes_are_lowered(source):
    lowered(source)


@given(st.lists(st.sampled_from(TOKENS), max_size=60))
def test_any_tokens_are_lowered(tokens):
    lowered(" ".join(tokens))
    lowered("class C { void M() { " + " ".join(tokens) + " } }")


@given(st.integers(0, 2**32))
def test_damaged_source_is_lowered(seed):
    chance = random.Random(seed)
    source = bytearray(PROGRAM.encode())
    for _ in range(chance.randrange(1, 8)):
        place = chance.randrange(len(source))
        source[place : place + chance.randrange(12)] = bytes(chance.randrange(256) for _ in range(chance.randrange(3)))
    lowered(bytes(source))


@pytest.mark.parametrize(
    "source",
    [
        "class C { int x = " + "(" * 3000 + "1" + ")" * 3000 + "; }",
        "class C { int x = " + "a + " * 20000 + "1; }",
        "class C { void M() { x" + ".f()" * 3000 + "; } }",
        "class C { void M() " + "{" * 3000 + "}" * 3000 + " }",
        "class C { void M() { " + "if (a) " * 3000 + "b(); } }",
        "class C {" * 1500 + "}" * 1500,
        "class C { int x = " + "a ? b : " * 3000 + "1; }",
    ],
    ids=["brackets", "sum", "chain", "blocks", "ifs", "classes", "choices"],
)
def test_nesting_beyond_reason_is_counted(source):
    lowered(source)
