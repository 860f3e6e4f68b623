"""Any bytes give a sound module in each of the grammars: no exception, no hang, no broken contract."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custodiet.source import ir, lower
from custodiet.source.dump import pretty, verify

PATHS = ["m.js", "m.ts", "m.tsx", "m.vue"]
TOKENS = (
    "if else ( ) [ ] { } function class : ; , . = == === + - * ** => for of in while do try catch finally with as import from "
    "x y 1 'a' `a${x}` await async return yield var let const new typeof delete export default switch case break continue "
    "static get set #p ? ?. ?? ??= ... /a/g < /> <div> </div> enum namespace interface type @d private \n \n"
).split(" ")
SAMPLE = b"""
import a, { b as c, type D } from "./x";
export * from "./y"; export { a as z, c }; export default class extends a.B { static #n = 1; get v() { return this.#n } }
export const f = async function* ({ p, q: [r, ...s] = [], ...t }, u = 1, ...w) { for await (const [k, v] of p) yield* v; };
label: for (let i = 0; i < 3; i++) { if (i) continue label; else break label }
switch (a) { case 1: case "b": c(); break; default: throw new Error(`x ${a} y`) }
const o = { a, ["b"]: 1, get x() { return 1 }, m(x) { return x?.y?.[0]?.(1) ?? 2 }, ...c };
try { [o.a, o.b] = [o.b, o.a] } catch { } finally { delete o.a }
"""


def sound(source: bytes, path: str) -> ir.Module:
    language = "javascript" if path.endswith((".js", ".vue")) else "typescript"
    module = lower(source, path=path, name="shop/views", is_package=False, language=language)
    assert verify(module) == []
    assert pretty(module)
    return module


@given(st.binary(max_size=200), st.sampled_from(PATHS))
def test_any_bytes_are_lowered(source, path):
    sound(source, path)


@given(st.lists(st.sampled_from(TOKENS), max_size=60), st.sampled_from(PATHS))
def test_any_tokens_are_lowered(tokens, path):
    sound(" ".join(tokens).encode(), path)


@given(st.data())
def test_damaged_source_is_lowered(data):
    part = SAMPLE
    for _ in range(data.draw(st.integers(0, 6))):
        place = data.draw(st.integers(0, len(part)))
        length = data.draw(st.integers(0, 30))
        part = part[:place] + data.draw(st.binary(max_size=3)) + part[place + length :]
    sound(part, data.draw(st.sampled_from(PATHS)))


@pytest.mark.parametrize("path", ["m.js", "m.ts", "m.tsx"])
def test_every_construct_is_covered(path):
    source = SAMPLE if path != "m.js" else SAMPLE.replace(b", type D", b"")
    module = sound(source, path)
    assert module.errors == ()
    assert module.uncovered == 0


DEEP = 3000


@pytest.mark.parametrize(
    "source",
    [
        "x = " + "[" * DEEP + "]" * DEEP,
        "x = " + "(a + " * DEEP + "a" + ")" * DEEP,
        "x = " + "!" * DEEP + "a",
        "x = " + "f(" * DEEP + ")" * DEEP,
        "x = " + "a ? b : " * DEEP + "a",
        "x = " + "() => " * DEEP + "a",
        "x = a" + ".b().c" * DEEP,
        "x = a" + " + b" * DEEP,
        "x = " + "'a' + " * DEEP + "b",
        "x = a" + " && b" * DEEP,
        "if (a) b(); else " * DEEP + "c();",
        "{" * DEEP + "}" * DEEP,
        "function f() {" * DEEP + "}" * DEEP,
        "for (;;) " * DEEP + "a();",
        "x = " + "{a: " * DEEP + "1" + "}" * DEEP,
        "var " + "[" * DEEP + "a" + "]" * DEEP + " = b",
        "x = `${" * DEEP + "a" + "}`" * DEEP,
        "switch (a) {" + "case 1: b();" * DEEP + "}",
    ],
    ids=lambda source: source[:20],
)
def test_deep_nesting_is_lowered(source):
    sound(source.encode(), "m.js")


def test_a_long_sum_keeps_all_its_operands():
    module = sound(b"x = a" + b" + b" * 1000, "m.js")
    assert module.uncovered == 0
    assert len([ins for ins in module.functions[0].body if ins[0] == ir.BIN]) == 1000


def test_a_long_chain_of_calls_keeps_all_its_links():
    module = sound(b"x = a" + b".b(1)" * 1000, "m.js")
    assert module.uncovered == 0
    assert len([ins for ins in module.functions[0].body if ins[0] == ir.CALLM]) == 1000
