"""Decoding laws: what a literal means is what `ast.literal_eval` says."""

import ast
import math
import warnings

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from custodiet.source import lower
from custodiet.source.python_literals import number_value, split_string, string_value

CONTENT = st.text(
    alphabet=st.one_of(
        st.sampled_from("\\\\\\nrtxuUN0178abfv{}'\"\n \t"), st.characters(codec="utf-8", exclude_characters="\0")
    ),
    max_size=40,
)
PREFIXES = ["", "r", "R", "u", "U", "b", "B", "rb", "bR", "Br", "RB"]


def evaluated(text: str) -> object:
    """What CPython says, or None if it refuses."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return ast.literal_eval(text)
        except (SyntaxError, ValueError, MemoryError):
            return None


@given(CONTENT, st.sampled_from(PREFIXES), st.sampled_from(["'", '"', "'''", '"""']))
@example("\\N{LATIN SMALL LETTER A}\\x41\\u0041\\U00000041\\101\\q", "", "'")
@example("\\xff\\777\\u0041", "b", '"')
@example("a\\\nb", "", "'")
@example("a\\\r\nb\rc\r\nd", "", "'''")
@example('a\\"', "", '"')
@example("\ud7ff\\ud800", "", '"')
def test_a_string_means_what_cpython_says(content, prefix, quote):
    text = f"{prefix}{quote}{content}{quote}"
    wanted = evaluated(text)
    assume(isinstance(wanted, (str, bytes)))
    assert string_value(text.encode()) == wanted


@given(st.one_of(st.integers(min_value=0), st.floats(min_value=0, allow_nan=False, allow_infinity=False)))
def test_a_number_means_what_cpython_says(value):
    assert number_value(repr(value).encode()) == value


@pytest.mark.parametrize(
    "text",
    ["0", "00", "1_000", "0xFF", "0Xf_f", "0o17", "0b1_01", "1.", ".5", "1e3", "1_0.2_5E-1_0", "9" * 400, "1e999"],
)
def test_every_form_of_number_is_read(text):
    wanted = evaluated(text)
    got = number_value(text.encode())
    assert got == wanted
    assert type(got) is type(wanted)


def test_an_imaginary_number_gives_its_magnitude():
    assert number_value(b"2.5j") == 2.5


@pytest.mark.parametrize("text", ["0777", "10L", "0xFFL"])
def test_numbers_of_python_2_are_read(text):
    assert number_value(text.encode()) in {777, 10, 255}


def test_an_integer_that_cpython_refuses_is_infinite():
    assert number_value(b"9" * 5000) == math.inf


@given(st.binary(max_size=40))
def test_no_bytes_break_the_decoders(raw):
    prefix, start, end = split_string(raw)
    assert prefix == raw[: len(prefix)].lower()
    assert 0 <= start <= end <= len(raw)
    assert isinstance(string_value(raw), (str, bytes))
    assert isinstance(number_value(raw), (int, float))


@given(CONTENT, st.sampled_from(["", "r", "b"]), st.sampled_from(["'", '"', "'''", '"""']))
def test_a_constant_of_the_module_is_the_literal(content, prefix, quote):
    text = f"{prefix}{quote}{content}{quote}"
    wanted = evaluated(text)
    assume(isinstance(wanted, (str, bytes)))
    module = lower(f"x = {text}\n".encode(), path="m.py", name="m", is_package=False)
    assert ("c", wanted) in module.functions[0].inits


@given(st.lists(st.tuples(CONTENT, st.sampled_from(["", "r"])), min_size=2, max_size=4))
def test_neighbouring_strings_are_one_constant(pieces):
    text = " ".join(f"{prefix}'''{content}'''" for content, prefix in pieces)
    wanted = evaluated(text)
    assume(isinstance(wanted, str))
    module = lower(f"x = ({text})\n".encode(), path="m.py", name="m", is_package=False)
    assert ("c", wanted) in module.functions[0].inits
