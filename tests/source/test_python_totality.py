"""Any bytes give a sound module: no exception, no hang, no broken contract."""

import inspect
import random
import time
import tokenize

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custodiet.source import ir, lower
from custodiet.source.dump import pretty, verify

SOURCES = [inspect.getsource(module).encode() for module in (inspect, random, tokenize)]
TOKENS = (
    "if else elif ( ) [ ] { } def class : , . = == + - * ** @ lambda for in while try except finally with as import from "
    "x y 1 'a' f'{x!r:>{y}}' := match case async await return yield not and or is del global nonlocal raise assert "
    "print exec type _ -> ... # ; \\ \n \n \n"
).split(" ")


def sound(source: bytes) -> ir.Module:
    module = lower(source, path="m.py", name="shop.views", is_package=False)
    assert verify(module) == []
    assert pretty(module)
    return module


@given(st.binary(max_size=300))
def test_any_bytes_are_lowered(source):
    sound(source)


@given(st.lists(st.sampled_from(TOKENS), max_size=60), st.integers(0, 3))
def test_any_tokens_are_lowered(tokens, indent):
    sound((" " * indent + " ".join(tokens)).encode())


@given(st.data())
def test_damaged_source_is_lowered(data):
    source = data.draw(st.sampled_from(SOURCES))
    begin = data.draw(st.integers(0, len(source) - 1))
    part = source[begin : begin + 1500]
    for _ in range(data.draw(st.integers(0, 6))):
        place = data.draw(st.integers(0, len(part)))
        length = data.draw(st.integers(0, 30))
        part = part[:place] + data.draw(st.binary(max_size=3)) + part[place + length :]
    sound(part)


@pytest.mark.parametrize("source", SOURCES, ids=["inspect", "random", "tokenize"])
def test_real_source_is_covered_whole(source):
    module = sound(source)
    assert module.uncovered == 0
    assert module.errors == ()


DEEP = 10_000


@pytest.mark.parametrize(
    "source",
    [
        "x = " + "[" * DEEP + "]" * DEEP,
        "x = " + "(a + " * DEEP + "a" + ")" * DEEP,
        "x = " + "not " * DEEP + "a",
        "x = " + "f(" * DEEP + ")" * DEEP,
        "x = " + "a if b else " * DEEP + "a",
        "x = " + "lambda: " * DEEP + "a",
        "x = " + "[a for b in " * 1000 + "c" + "]" * 1000,
        "(" * 2000 + "a" + ",)" * 2000 + " = x",
        "match x:\n  case " + "[" * 2000 + "a" + "]" * 2000 + ": pass",
        "".join(" " * depth + "if a:\n" for depth in range(500)) + " " * 500 + "pass",
        "".join(" " * depth + "def f():\n" for depth in range(500)) + " " * 500 + "pass",
        "".join(" " * depth + "class f:\n" for depth in range(500)) + " " * 500 + "pass",
    ],
    ids=lambda source: source.split("\n")[0][:18].strip(),
)
def test_nesting_beyond_reason_is_counted(source):
    assert sound(source.encode()).uncovered > 0


@pytest.mark.parametrize(
    "source",
    [
        "x = " + " + ".join(["a"] * DEEP),
        "x = a" + ".b()" * DEEP,
        "x = a" + ".b" * DEEP,
        "x = a" + "[0]" * DEEP,
        "x = " + " and ".join(["a"] * DEEP),
        "x = " + " < ".join(["a"] * 1000),
        "if a: pass\n" + "elif b: pass\n" * 1000 + "else: c()",
        "match x:\n" + "  case 1: pass\n" * 1000,
        "a = " * DEEP + "1",
        "x = (" + '"b" ' * DEEP + ")",
        "import " + ".".join(["a"] * 1000),
    ],
    ids=lambda source: source[:18],
)
def test_long_chains_are_lowered_whole(source):
    start = time.process_time()
    assert sound(source.encode()).uncovered == 0
    assert time.process_time() - start < 5


def block_depth(block: ir.Block) -> int:
    return 1 + max((block_depth(inner) for ins in block for inner in ir.blocks(ins)), default=0)


def test_blocks_nest_no_deeper_than_marshal_allows():
    chain = "if a: pass\n" + "elif b: pass\n" * 1000
    function = sound(chain.encode()).functions[0]
    assert block_depth(function.body) < 250


@pytest.mark.parametrize(
    ("source", "constant"),
    [
        ("# coding: latin-1\nx = 'é'\n".encode("latin-1"), "é"),
        ("x = 'é'\n".encode("latin-1"), "é"),
        ("# -*- coding: cp1252 -*-\nx = '€'\n".encode("cp1252"), "€"),
        (b"\xef\xbb\xbfx = 'a'\n", "a"),
        (b"x = 'a'\0\n", "a"),
        (b"y = 1\rx = 'a'\r", "a"),
        (b"y = 1\r\nx = 'a'\r\n", "a"),
    ],
    ids=["declared", "undeclared", "cp1252", "mark", "nul", "return", "windows"],
)
def test_odd_encodings_keep_their_constants(source, constant):
    module = sound(source)
    assert ("c", constant) in module.functions[0].inits
    assert "x" in module.functions[0].names


def test_utf_16_is_refused_and_said():
    module = sound("x = 1\n".encode("utf-16"))
    assert module.uncovered == 1
    assert module.errors == ((1, "UTF-16, which is not read"),)


def test_a_file_that_spans_cannot_hold_is_refused_and_said():
    module = sound(b"#" * 0x1000000)
    assert module.errors == ((1, "larger than 16 MiB"),)


def test_the_module_does_not_depend_on_how_deep_the_caller_is():
    source = ("x = " + "[" * 190 + "]" * 190).encode()

    def under(frames: int) -> ir.Module:
        return under(frames - 1) if frames else sound(source)

    assert under(500) == under(0)
