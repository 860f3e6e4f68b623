"""What each construct of Python lowers to, as the dump writes it."""

from textwrap import dedent

import pytest

from custodiet.source import ir, lower
from custodiet.source.dump import pretty, pretty_function, verify


def lowered(source: str, *, name: str = "shop.views", is_package: bool = False) -> ir.Module:
    module = lower(dedent(source).encode(), path="m.py", name=name, is_package=is_package)
    assert verify(module) == []
    assert module.uncovered == 0, module.errors
    return module


def same(text: str, wanted: str) -> None:
    assert text.strip("\n") == dedent(wanted).strip("\n")


EXPRESSIONS = {
    "a name is its slot": ("x = y", "x = y"),
    "a call goes into its target": ("x = f(y)", "x = f(y)"),
    "arguments of every kind": ("f(a, *b, c=1, **d)", "%1 = f(a, *b, c=1, **d)"),
    "a method call is whole": ("a.b.c(d)", "%1 = a.b\n%2 = %1.c(d)"),
    "a call of a call": ("f(a)(b)", "%1 = f(a)\n%2 = %1(b)"),
    "attributes": ("x = a.b.c", "%1 = a.b\nx = %1.c"),
    "an attribute of a call": ("x = f().b", "%1 = f()\nx = %1.b"),
    "a generator as only argument": (
        "any(a for b in c)",
        "%1 = make l []\nfor b in c\n  %2 = %1.append(a)\n%3 = any(%1)",
    ),
    "comments between": (
        "x = (a # one\n  .b # two\n  (1, # three\n  2))",
        "x = a.b(1, 2)",
    ),
    "subscripts": ("x = a[b]; y = a[b, 1]", "x = a[b]\n%1 = make t [b, 1]\ny = a[%1]"),
    "slices": (
        "x = a[1:2]; y = a[:b]; z = a[c:]; w = a[:]; v = a[::2]",
        "x = a[1:2]\ny = a[_:b]\nz = a[c:_]\nw = a[_:_]\nv = a[_:_]",
    ),
    "a slice among indices is unknown": ("x = a[1:2, b]", "%1 = make t [?, b]\nx = a[%1]"),
    "operators": (
        "x = a + b * c % d ** e // f @ g << h & i | j ^ k",
        """
        %1 = b * c
        %2 = d ** e
        %3 = %1 % %2
        %4 = %3 // f
        %5 = %4 @ g
        %6 = a + %5
        %7 = %6 << h
        %8 = %7 & i
        %9 = j ^ k
        x = %8 | %9
        """,
    ),
    "comparisons": (
        "a < b; a in b; a not in b; a is b; a is not b; a  not  in  b; a<b; a != b",
        """
        %1 = a < b
        %1 = a in b
        %1 = a notin b
        %1 = a is b
        %1 = a isnot b
        %1 = a notin b
        %1 = a < b
        %1 = a != b
        """,
    ),
    "a chain of comparisons": (
        "x = a < f(b) <= c",
        "%1 = f(b)\n%2 = a < %1\nx = %2 and %3 where\n  %3 = %1 <= c",
    ),
    "and, or and not": (
        "x = a and f(b) or not c",
        """
        %2 = a and %1 where
          %1 = f(b)
        x = %2 or %3 where
          %3 = not c
        """,
    ),
    "signs": ("x = -1; y = -a; z = ~a; w = +a", "x = -1\ny = - a\nz = ~ a\nw = + a"),
    "a conditional expression": (
        "x = f(a) if b else c",
        "if b\n  x = f(a)\nelse\n  x = c",
    ),
    "a walrus": (
        "if (n := f(a)) > 1: g(n)",
        "n = f(a)\n%1 = n > 1\nif %1\n  %2 = g(n)",
    ),
    "displays": (
        "x = [a, 1]; y = (a, 'b'); z = {a}; w = {}; v = (); u = a,",
        """
        x = make l [a, 1]
        y = make t [a, 'b']
        z = make s [a]
        w = dict {}
        v = make t []
        u = make t [a]
        """,
    ),
    "displays with spreads": (
        "x = [a, *b, c]; y = (*a, b); z = {*a, b}; w = {**a, 'b': c}",
        """
        %1 = make l [a]
        %2 = %1.extend(b)
        %3 = %1.append(c)
        x = %1
        %1 = make t []
        %1 = %1 + a
        %2 = make t [b]
        %1 = %1 + %2
        y = %1
        %1 = make s []
        %2 = %1.update(a)
        %3 = %1.add(b)
        z = %1
        w = dict {_: a, 'b': c}
        """,
    ),
    "a spread call": (
        "x = [*f(a)]; y = {*a.b}; *a.c, = z",
        """
        %1 = make l []
        %2 = f(a)
        %3 = %1.extend(%2)
        x = %1
        %1 = make s []
        %2 = a.b
        %3 = %1.update(%2)
        y = %1
        %1 = z[_:_]
        a.c = %1
        """,
    ),
    "constants": (
        "x = 1; y = 1.5; z = True; w = None; v = ...; u = b'a'; t = 0x10; s = 2j",
        "x = 1\ny = 1.5\nz = True\nw = None\nv = None\nu = b'a'\nt = 16\ns = 2.0",
    ),
    "neighbouring strings": (r"""x = 'a' "b" r'\n' '''c'''""", r"x = 'ab\\nc'"),
    "yield": (
        "def f():\n  x = yield\n  y = yield a, b\n  yield from c\n  return (yield)",
        "f = function 1",
    ),
}


@pytest.mark.parametrize("construct", EXPRESSIONS)
def test_expressions(construct):
    source, wanted = EXPRESSIONS[construct]
    same(pretty_function(lowered(source).functions[0]), wanted)


FORMATTED = {
    "parts in order": ("f'a{x}b{y.z}'", "%1 = y.z\ns = cat 'a', x, 'b', %1"),
    "no parts": ("f'a{{b}}'", "s = 'a{b}'"),
    "braces and escapes": (r"f'{{{x}}}\n'", r"s = cat '{', x, '}\n'"),
    "raw": (r"rf'\n{x}'", r"s = cat '\\n', x"),
    "repr is called": ("f'{x!r}{y!s}{z!a}'", "%1 = repr(x)\n%2 = ascii(z)\ns = cat %1, y, %2"),
    "a numeric format is a cast": (
        "f'{x:d}{y:,.2f}{z:>10}{w:%Y-%m-%d}'",
        "%1 = cast x to int\n%2 = cast y to float\ns = cat %1, %2, z, w",
    ),
    "a format with values": ("f'{x:>{w}}{y:{10}}'", "s = cat x, w, y"),
    "the equals sign": ("f'{x=} { y = }'", "s = cat 'x=', x, '  y = ', y"),
    "nested": ("f'{f'{x}a'}b'", "%1 = cat x, 'a'\ns = cat %1, 'b'"),
    "nested with the same quotes": ('f"{d["k"]}"', "%1 = d['k']\ns = cat %1"),
    "calls inside": ("f'{f(x):>{g(y)}}'", "%1 = f(x)\n%2 = g(y)\ns = cat %1, %2"),
    "beside plain strings": ("'a' f'{x}' 'b' 'c'", "s = cat 'a', x, 'bc'"),
    "template strings": ("t'a{x}'", "s = cat 'a', x"),
    "three quotes": ("f'''a\n{x}'''", "s = cat 'a\\n', x"),
    "percent stays an operator": ("'a%s' % x", "s = 'a%s' % x"),
    "lambda and dict inside": ("f'{ {1: x}[1] }'", "%1 = dict {1: x}\n%2 = %1[1]\ns = cat %2"),
}


@pytest.mark.parametrize("construct", FORMATTED)
def test_formatted_strings(construct):
    source, wanted = FORMATTED[construct]
    same(pretty_function(lowered(f"s = {source}").functions[0]), wanted)


STATEMENTS = {
    "a chain of targets evaluates once": ("a = b.c = d[0] = f()", "%1 = f()\na = %1\nb.c = %1\nd[0] = %1"),
    "attribute and element": ("a.b = c; a[b] = c; a[1:2] = c", "a.b = c\na[b] = c\na[?] = c"),
    "unpacking": (
        "a, (b, *c), d.e = f()",
        """
        %1 = f()
        a = %1[0]
        %2 = %1[1]
        b = %2[0]
        c = %2[1:_]
        %3 = %1[2]
        d.e = %3
        """,
    ),
    "unpacking around a star": (
        "a, *b, c = x; [d] = x; (e) = x; f, = x",
        "a = x[0]\nb = x[1:-1]\nc = x[-1]\nd = x[0]\ne = x\nf = x[0]",
    ),
    "swapping": ("a, b = b, a", "%1 = make t [b, a]\na = %1[0]\nb = %1[1]"),
    "operator assignment": (
        "a += b; a.b -= c; a[b] //= f(c)",
        """
        a = a + b
        %1 = a.b
        %2 = %1 - c
        a.b = %2
        %1 = a[b]
        %2 = f(c)
        %3 = %1 // %2
        a[b] = %3
        """,
    ),
    "a declared type casts": (
        "x: int = f(y)\ny: str\nself.z: 'List[int]' = w",
        "x = f(y)\nx = cast x to int\n%1 = cast w to List[int]\nself.z = %1",
    ),
    "if, elif, else": (
        "if a: b()\nelif f(c): d()\nelse: e()",
        """
        if a
          %1 = b()
        else
          %1 = f(c)
          if %1
            %2 = d()
          else
            %2 = e()
        """,
    ),
    "while": (
        "while f(x): g(); break\nelse: h()",
        """
        while %1 where
          %1 = f(x)
        do
          %2 = g()
          break
        else
          %2 = h()
        """,
    ),
    "for": (
        "for x in f(y): g(x); continue\nelse: h()",
        """
        %1 = f(y)
        for x in %1
          %2 = g(x)
          continue
        else
          %2 = h()
        """,
    ),
    "for with unpacking": ("for a, b in c: pass", "for %1 in c\n  a = %1[0]\n  b = %1[1]"),
    "for over several": ("for a in b, c: pass", "%1 = make t [b, c]\nfor a in %1"),
    "try": (
        "try: a()\nexcept (B, c.D) as e: f(e)\nexcept G: raise\nexcept: h()\nelse: i()\nfinally: j()",
        """
        %1 = c.D
        try
          %2 = a()
        except B, %1 as e
          %2 = f(e)
        except G
          raise _
        except
          %2 = h()
        else
          %2 = i()
        finally
          %2 = j()
        """,
    ),
    "except groups": ("try: a()\nexcept* B as e: c(e)", "try\n  %1 = a()\nexcept B as e\n  %1 = c(e)"),
    "except without brackets": ("try: pass\nexcept A, B: pass", "try\nexcept A, B"),
    "raise": ("raise A(b) from c", "%1 = A(b)\nraise %1"),
    "with": (
        "with open(a) as f, b, c as (d, e): g(f)",
        """
        %1 = open(a)
        f = enter %1
        %2 = enter b
        %3 = enter c
        d = %3[0]
        e = %3[1]
        %4 = g(f)
        """,
    ),
    "with in brackets": ("with (a as b, c() as d,): pass", "b = enter a\n%1 = c()\nd = enter %1"),
    "with one in brackets": ("with (a() as b): pass", "%1 = a()\nb = enter %1"),
    "with an attribute": ("with a as self.b: pass", "%1 = enter a\nself.b = %1"),
    "del": ("del a, b[c], d.e, (f, g)", "del a\ndel b[c]\nd.e = None\ndel f\ndel g"),
    "assert": ("assert a, b; assert f(c)", "assert a, b\n%1 = f(c)\nassert %1, _"),
    "statements without effect": ("'doc'\n1\nx\n...\npass\nr'''doc'''", ""),
    "print of Python 2": ("print 'a', b", "%1 = print('a', b)"),
    "a type alias": ("type A = int", "A = int"),
    "imports": (
        "import a, b.c, d.e as f\nfrom g import h, i as j\nfrom k import *\nfrom __future__ import l",
        """
        a = import a
        b = import b
        %1 = import b.c
        f = import d.e
        h = import g name h
        j = import g name i
        import all k
        """,
    ),
}


@pytest.mark.parametrize("construct", STATEMENTS)
def test_statements(construct):
    source, wanted = STATEMENTS[construct]
    same(pretty_function(lowered(source).functions[0]), wanted)


COMPREHENSIONS = {
    "list": ("y = [f(x) for x in z]", "%1 = make l []\nfor x in z\n  %2 = f(x)\n  %3 = %1.append(%2)\ny = %1"),
    "set": ("y = {x for x in z if x}", "%1 = make s []\nfor x in z\n  if x\n    %2 = %1.add(x)\ny = %1"),
    "dict": (
        "y = {k: v for k, v in z}",
        "%1 = dict {}\nfor %2 in z\n  k = %2[0]\n  v = %2[1]\n  %1[k] = v\ny = %1",
    ),
    "nested loops": (
        "y = [b for a in z for b in a.c]",
        "%1 = make l []\nfor a in z\n  %2 = a.c\n  for b in %2\n    %3 = %1.append(b)\ny = %1",
    ),
    "iterates what it replaces": (
        "x = [f(x) for x in x]",
        "%1 = make l []\nfor x in x\n  %2 = f(x)\n  %3 = %1.append(%2)\nx = %1",
    ),
}


@pytest.mark.parametrize("construct", COMPREHENSIONS)
def test_comprehensions(construct):
    source, wanted = COMPREHENSIONS[construct]
    same(pretty_function(lowered(source).functions[0]), wanted)


def test_a_comprehension_does_not_touch_the_outer_variable():
    function = lowered("x = a\ny = [x for x in b]\nz = x").functions[0]
    outer, inner = (slot for slot, name in enumerate(function.names) if name == "x")
    loop = next(ins for ins in function.body if ins[0] == ir.LOOP)
    last = function.body[-1]
    assert loop[2] == inner
    assert last[0] == ir.MOVE
    assert last[2] == outer


def test_a_walrus_in_a_comprehension_binds_outside():
    function = lowered("[y := f(x) for x in z]\ng(y)").functions[0]
    assert function.names.count("y") == 1
    assert ("l", "y") in function.inits


MATCHES = {
    "values": (
        "case 1 | -2 | 'a': f()\ncase m.V: g()\ncase None: h()",
        """
        %1 = x == 1
        %3 = %1 or %2 where
          %2 = x == -2
        %5 = %3 or %4 where
          %4 = x == 'a'
        if %5
          %6 = f()
        else
          %6 = m.V
          %7 = x == %6
          if %7
            %8 = g()
          else
            %8 = x is None
            if %8
              %9 = h()
        """,
    ),
    "capture, guard and wildcard": (
        "case y if y > 1: f(y)\ncase _: g()",
        """
        y = x
        %1 = y > 1
        if %1
          %2 = f(y)
        else
          %2 = g()
        """,
    ),
    "sequences": (
        "case [a, *b, 1]: f(a, b)",
        """
        %1 = len(x)
        %2 = %1 >= 2
        %3 = x[0]
        a = %3
        b = x[1:-1]
        %6 = %2 and %5 where
          %4 = x[-1]
          %5 = %4 == 1
        if %6
          %7 = f(a, b)
        """,
    ),
    "mappings": (
        "case {'k': v, **r}: f(v, r)",
        "%1 = 'k' in x\n%2 = x['k']\nv = %2\nr = x\nif %1\n  %3 = f(v, r)",
    ),
    "classes": (
        "case C(1, y=z) as w: f(z, w)\ncase str(s): g(s)",
        """
        %1 = isinstance(x, C)
        %4 = %1 and %3 where
          %2 = x[0]
          %3 = %2 == 1
        %5 = x.y
        z = %5
        w = x
        if %4
          %6 = f(z, w)
        else
          %6 = isinstance(x, str)
          s = x
          if %6
            %7 = g(s)
        """,
    ),
    "a captured keyword": (
        "case C(y=str() as z): f(z)",
        """
        %1 = isinstance(x, C)
        %4 = %1 and %3 where
          %2 = x.y
          %3 = isinstance(%2, str)
          z = %2
        if %4
          %5 = f(z)
        """,
    ),
}


@pytest.mark.parametrize("construct", MATCHES)
def test_match(construct):
    source, wanted = MATCHES[construct]
    cases = "\n".join(f"  {line}" for line in source.splitlines())
    same(pretty_function(lowered(f"match x:\n{cases}").functions[0]), wanted)


def test_positional_patterns_read_the_fields_that_the_class_declares():
    module = lowered("class P:\n  x: int\n  y: int\nmatch q:\n  case P(a, b): f(a)")
    assert "%2 = q.x\n  a = %2" in pretty(module)


def test_functions():
    module = lowered(
        """
        @app.route("/", methods=["POST"])
        @login
        async def view(a, /, b: int, c: "List[str]" = x, *args: str, d=1, **kwargs: int) -> "Response":
            return b
        """
    )
    same(
        pretty(module),
        """
        def 0 <module>()
          %1 = make l ['POST']
          %2 = app.route('/', methods=%1)
          view = function 1 decorated %2, login defaults 2=x, 4=1
        def 1 view(a/, b: int, c: List[str], *args: str, only d, **kwargs: int) async -> Response
          return b
        """,
    )
    assert [param.flag for param in module.functions[1].params] == [4, 0, 0, 2, 1, 3]
    assert module.functions[0].called == ("login", "route")


def test_classes():
    module = lowered(
        """
        @register
        class Cart(Base[T], shop.Mixin, metaclass=M):
            '''doc'''
            size: int = 1
            owner: "User"
            def __init__(self):
                self.items: list[str] = []
            @property
            def total(self): return self.items
            @total.setter
            def total(self, value): self.items = value
            @staticmethod
            def a(): pass
            @classmethod
            def b(cls): pass
            class Meta:
                x = lambda self: self
        """
    )
    same(
        pretty(module),
        """
        def 0 <module>()
          %1 = shop.Mixin
          Cart = class 0(Base, %1, metaclass=M) decorated register
        def 1 Cart() class=0
          size = 1
          size = cast size to int
          __init__ = function 2
          total = function 3 decorated property
          %1 = total.setter
          %2 = function 4 decorated %1
          a = function 5 decorated staticmethod
          b = function 6 decorated classmethod
          Meta = class 1()
        def 2 Cart.__init__(self) class=0 parent=1
          %1 = make l []
          %2 = cast %1 to list[str]
          self.items = %2
        def 3 Cart.total(self) property class=0 parent=1
          %1 = self.items
          return %1
        def 4 Cart.total(self, value) class=0 parent=1
          self.items = value
        def 5 Cart.a() static class=0 parent=1
        def 6 Cart.b(cls) classmethod class=0 parent=1
        def 7 Cart.Meta() class=1 parent=1
          x = function 8
        def 8 Cart.Meta.<lambda>(self) lambda parent=7
          return self
        class 0 Cart(Base, shop.Mixin) body=1 __init__=2 total=3 total.setter=4 a=5 b=6 size:int owner:User items:list[str]
        class 1 Cart.Meta() body=7
        """,
    )


def test_scopes():
    module = lowered(
        """
        def outer(a):
            n = 0
            def inner():
                nonlocal n
                global g
                n += a
                g = free
                local = n
                return inner
            return inner
        """
    )
    inner = module.functions[2]
    assert dict(zip(inner.names, (kind for kind, _ in inner.inits), strict=True)) == {
        "n": "n",
        "a": "n",
        "g": "n",
        "free": "n",
        "local": "l",
        "inner": "n",
    }
    assert inner.nonlocals == ("n",)
    assert inner.globals == ("g",)
    assert inner.parent == 1
    assert inner.qualname == "outer.inner"


def test_generators_and_coroutines_are_marked():
    module = lowered(
        """
        async def f():
            async with a as b:
                await b.c()
            async for d in e:
                yield d
            return [x async for x in await g()]
        def h():
            x = yield
            yield from i
        """
    )
    assert module.functions[1].flags == ir.FUNCTION_ASYNC | ir.FUNCTION_GENERATOR
    assert module.functions[2].flags == ir.FUNCTION_GENERATOR
    same(
        pretty_function(module.functions[1]),
        """
        b = enter a
        %1 = b.c()
        %2 = await %1
        for d in e
          %1 = yield d
        %1 = g()
        %2 = await %1
        %3 = make l []
        for x in %2
          %4 = %3.append(x)
        return %3
        """,
    )
    same(pretty_function(module.functions[2]), "x = yield _\n%1 = yield from i")


def test_parameters_of_python_2_are_unpacked():
    module = lowered("def f((a, b), c): pass")
    same(pretty_function(module.functions[1]), "a = (a, b)[0]\nb = (a, b)[1]")


@pytest.mark.parametrize(
    ("written", "name", "is_package", "module", "imported"),
    [
        ("from .db import x", "shop.views", False, "shop.db", "x"),
        ("from . import x", "shop.views", False, "shop", "x"),
        ("from . import x", "shop", True, "shop", "x"),
        ("from .db import x", "shop", True, "shop.db", "x"),
        ("from ..db import x", "shop.web.views", False, "shop.db", "x"),
        ("from ...db import x", "shop.web", True, "...db", "x"),
        ("from .db import x", "views", False, ".db", "x"),
        ("from . . db import x", "shop.web.views", False, "shop.db", "x"),
        ("from a . b import x", "m", False, "a.b", "x"),
    ],
)
def test_relative_imports_are_made_absolute(written, name, is_package, module, imported):
    (ins,) = lowered(written, name=name, is_package=is_package).functions[0].body
    assert ins[0] == ir.IMPORT
    assert ins[2:4] == (module, imported)


def spanned(source: str, op: int) -> list[str]:
    module = lowered(source)
    raw = dedent(source).encode()
    found = []
    for function in module.functions:
        waiting = list(function.body)
        while waiting:
            ins = waiting.pop(0)
            if ins[0] == op:
                start, end = ir.span_range(ins[-1])
                found.append(raw[start:end].decode())
            waiting[:0] = [inner for block in ir.blocks(ins) for inner in block]
    return found


@pytest.mark.parametrize(
    ("source", "op", "wanted"),
    [
        ("x = f(a.b(1))[2]", ir.CALL, ["f(a.b(1))"]),
        ("x = f(a.b(1))[2]", ir.CALLM, ["a.b(1)"]),
        ("x = é.b.c(ü)", ir.ATTR, ["é.b"]),
        ("if y:\n  x = y", ir.MOVE, ["x = y"]),
        ("a.b = c", ir.SETATTR, ["a.b = c"]),
        ("a[b] = c", ir.SETINDEX, ["a[b] = c"]),
        ("def f():\n  return  x ", ir.RET, ["return  x"]),
        ("x = a + b + c", ir.BIN, ["a + b", "a + b + c"]),
        ("x = f'a{b}' 'c'", ir.CAT, ["f'a{b}' 'c'"]),
        ("@d\ndef f(): pass", ir.FUNC, ["f"]),
        ("class C(B): pass", ir.CLASS, ["C"]),
    ],
)
def test_spans(source, op, wanted):
    assert spanned(source, op) == wanted


def test_definitions_span_themselves_without_decorators():
    source = "@d\ndef f(aa: int):\n  pass\n@e\nclass C:\n  x = 1\n"
    module = lowered(source)

    def text(span: int) -> str:
        start, end = ir.span_range(span)
        return source[start:end]

    assert text(module.functions[1].span) == "def f(aa: int):\n  pass"
    assert text(module.classes[0].span) == "class C:\n  x = 1"
    assert text(module.functions[1].params[0].span) == "aa"


def test_called_names_are_those_of_calls_attributes_and_decorators():
    module = lowered("@deco.rate(1)\ndef f():\n  a.b = c.d\n  g(h, i.j())\n  k")
    assert module.functions[0].called == ("rate",)
    assert module.functions[1].called == ("b", "d", "g", "j"), "stored attributes too: setters are found by them"


def test_comments_that_suppress_are_kept_and_those_in_strings_are_not():
    source = "x = '# nosec'  # NOSEC B1\n# plain\ny = 1  # error: [sql-injection]\nz = '''\n# noqa\n'''\n"
    module = lowered(source)
    assert [text for _, text in module.comments] == ["# NOSEC B1", "# error: [sql-injection]"]
    start, end = ir.span_range(module.comments[0][0])
    assert source[start:end] == "# NOSEC B1"


def test_lines_and_identifiers():
    module = lowered("ab = c1\r\n\n'd_e' # f\n")
    assert module.lines == (0, 9, 10, 20)
    assert module.identifiers == {"ab", "c1", "d_e", "f"}


def test_an_error_is_listed_and_the_statements_around_it_are_kept():
    source = b"a()\nx = = 1\nb()\ndef f(:\n    c()\nd()\n"
    module = lower(source, path="m.py", name="m", is_package=False)
    assert verify(module) == []
    assert module.uncovered > 0
    assert module.errors[0] == (2, "syntax error")
    called = {name for function in module.functions for name in function.called}
    assert {"a", "b", "c", "d"} <= called
