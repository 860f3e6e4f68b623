"""Java in the common representation: every construct is covered, whatever the bytes the module is sound."""

import random

from hypothesis import given
from hypothesis import strategies as st

from custodiet.source import ir, lower
from custodiet.source.dump import pretty, pretty_function, verify

EVERYTHING = """package com.shop;
import java.util.*;
import static com.shop.Limits.MAXIMUM;
import static com.shop.Texts.*;
@RestController
@RequestMapping(value = "/x", method = {RequestMethod.GET})
public sealed class Shop<T extends Item> extends Base<T> implements A, B<T> permits Small {
  private static final String X = "a\\n" + 'c', Y[] = {"a"};
  @Autowired private ItemRepository repository;
  static { System.out.println(X); }
  { init(); }
  public Shop(String... args) throws IOException { this(1); }
  Shop(int a) { super(a); }
  enum Color { RED(1) { int weight() { return 2; } }, GREEN; private final int v; Color(int v) { this.v = v; } }
  record Point(int x, String y) implements Q { Point { if (x < 0) throw new E(); } }
  @GetMapping("/q") public <U> String q(@RequestParam("q") final String q, int[] a[]) {
    for (int i = 0, j = 1; i < 10; i++, j--) { if (i == 3) continue; }
    outer: for (final var s : list) { if (s instanceof String t && t.length() > 1) break outer; }
    do { x++; } while (x < 3);
    var z = switch (k) { case A, B -> 1; case Point(var a1, String b) when a1 > 1 -> { yield 2; }
      case String s2 -> 3; case null, default -> throw new X(); };
    switch (k) { case 1: case 2: foo(); break; default: bar(); }
    Runnable r = () -> foo(); Function<String,String> f = (a2, b2) -> { return a2; };
    try (var in = open(); out) { x(); } catch (A | B e) { y(); } finally { z(); }
    int[] arr = new int[3]; int[][] m = new int[2][]; arr[0] += 1; String[] ss = new String[]{"x"};
    Object o2 = new Foo<>(1) { int z; void run() { Shop.this.q(z); } };
    block: { if (z > 1) break block; foo(); }
    String tb = \"\"\"
       hello
         world\\
       \"\"\";
    x = (String) y; b = c ? d : e; this.f = 1; super.q(1); Outer.super.q(); outer.new Inner();
    java.util.List<String> l = java.util.Arrays.asList(1); g = String::trim; h = this::q; i = int[]::new;
    synchronized (this) { foo(); } assert x > 1 : "m"; return (int) a[0] >>> 2;
  }
  interface I { int K = 3; void a(); default void b() {} }
  @interface Ann { String value() default "x"; }
}
"""
TOKENS = (
    "class interface enum record { } ( ) [ ] ; , . = + - ++ -> :: ? : @ < > if else for while do switch case default yield"
    " break continue return throw try catch finally new this super static final int String x y 1 'a' \"b\" import package"
    " instanceof var null true && || ! += \n"
).split(" ")


def sound(source: bytes) -> ir.Module:
    module = lower(source, path="src/Shop.java", name="src/Shop", is_package=False, language="java")
    assert verify(module) == []
    assert pretty(module)
    return module


def body(source: str, qualname: str) -> str:
    module = sound(source.encode())
    return next(pretty_function(function) for function in module.functions if function.qualname == qualname)


def method(statements: str) -> str:
    return body(f"class C {{ void m(String p, int n) {{ {statements} }} }}", "C.m")


def test_every_construct_is_covered():
    module = sound(EVERYTHING.encode())
    assert module.uncovered == 0
    assert module.errors == ()


def test_a_module_is_called_as_its_package():
    assert sound(b"package com.shop.orders; class A {}").name == "com.shop.orders"
    assert sound(b"class A {}").name == "src"


def test_an_inherited_or_own_member_without_a_receiver_is_one_of_this():
    assert body("class C { String a; void m() { use(a); } void use(String x) {} }", "C.m") == (
        "%1 = this.a\n%2 = this.use(%1)\n"
    )


def test_a_static_member_is_one_of_the_class():
    source = "class C { static String A = f(); void m() { use(A); } static void use(String x) {} }"
    assert body(source, "C.m") == "%1 = C.A\n%2 = C.use(%1)\n"


def test_an_inner_class_reaches_the_instance_around_it():
    source = "class C { String a; class D { String m() { return a; } } }"
    assert body(source, "C.D.m") == "%1 = this.this$0\n%2 = %1.a\nreturn %2\n"


def test_fall_through_is_copied_into_the_cases_before():
    assert method("switch (n) { case 1: a(); case 2: b(); break; default: c(); }") == (
        "%1 = n == 1\nif %1\n  %2 = this.a()\n  %2 = this.b()\nelse\n"
        "  %2 = n == 2\n  if %2\n    %3 = this.b()\n  else\n    %3 = this.c()\n"
    )


def test_a_break_in_the_middle_of_a_case_leaves_the_switch_alone():
    text = method("while (true) { switch (n) { case 1: if (p == null) break; a(); break; case 2: continue; } b(); }")
    assert text.count("while True") == 2
    assert "(continue) = True" in text


def test_the_update_of_a_loop_runs_before_a_continue():
    text = method("for (int i = 0; i < n; i++) { if (p == null) continue; a(); }")
    assert "    i = i + 1\n    continue\n" in text


def test_any_number_of_arguments_may_carry_an_annotation():
    module = sound(b"class C { void m(String @Nullable ... items) { use(items); } }")
    assert module.uncovered == 0
    assert module.functions[2].params[1][:4] == ("items", 1, "String", 2)


def test_a_long_chain_is_lowered_from_its_left_end():
    module = sound(("class C { void m(B b) { b" + ".append(1)" * 2000 + "; } }").encode())
    assert module.uncovered == 0
    module = sound(('class C { String s = "a"' + ' + "b"' * 5000 + "; }").encode())
    assert module.uncovered == 0


@given(st.binary(max_size=300))
def test_any_bytes_are_lowered(source):
    sound(source)


@given(st.lists(st.sampled_from(TOKENS), max_size=60))
def test_any_tokens_are_lowered(tokens):
    sound(("class C { void m() { " + " ".join(tokens) + " } }").encode())


@given(st.integers(0, 10_000))
def test_any_damaged_file_is_lowered(seed):
    chosen = random.Random(seed)
    source = bytearray(EVERYTHING.encode())
    for _ in range(chosen.randrange(1, 8)):
        start = chosen.randrange(len(source))
        end = min(len(source), start + chosen.randrange(1, 12))
        if chosen.random() < 0.5:
            del source[start:end]
        else:
            source[start:start] = source[end : end + 8]
    sound(bytes(source))
