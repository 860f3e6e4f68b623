"""The verifier finds what breaks the contract, and the helpers of `ir` know every register."""

import pytest

from custodiet.source import ir, language_of, lower
from custodiet.source.dump import pretty, verify


def module_with(*body: ir.Ins, inits=(("n", "a"), ("c", 1)), temporaries=1) -> ir.Module:
    names = tuple(value if kind != "c" else None for kind, value in inits)
    function = ir.Function(
        "<module>", "", (), names, inits, temporaries, body, -1, -1, ir.span_of(0, 10), (), (), (), 0, None
    )
    return ir.Module("m", "m.py", False, "python", (function,), (), (0,), 0, (), (), frozenset())


SPAN = ir.span_of(1, 3)


def test_a_sound_module_has_no_problems():
    assert verify(module_with((ir.MOVE, 0, 1, SPAN), (ir.CALL, -1, 0, (1,), (("k", 0),), SPAN))) == []


@pytest.mark.parametrize(
    ("ins", "problem"),
    [
        ((ir.MOVE, 2, 1, SPAN), "destination 2"),
        ((ir.MOVE, 0, -2, SPAN), "register -2"),
        ((ir.MOVE, 0, ir.NOREG, SPAN), "operand missing"),
        ((ir.MOVE, 0, 1), "3 items instead of 4"),
        ((99, 0, 1, SPAN), "no such instruction"),
        ((ir.BIN, 0, "&&", 0, 1, SPAN), "operator '&&'"),
        ((ir.SHORT, 0, "xor", 0, (), 1, SPAN), "operator 'xor'"),
        ((ir.MAKE, 0, "q", (), SPAN), "container 'q'"),
        ((ir.CALL, 0, 0, (5,), (), SPAN), "register 5"),
        ((ir.FUNC, 0, 3, (), (), SPAN), "function 3"),
        ((ir.CLASS, 0, 0, (), (), (), SPAN), "class 0"),
        ((ir.FUNC, 0, 0, (7,), (), SPAN), "register 7"),
        ((ir.IF, 0, ((ir.RET, 9, SPAN),), (), SPAN), "register 9"),
        ((ir.TRY, (), ((0, (8,), ()),), (), (), SPAN), "register 8"),
        ((ir.RET, 0, ir.span_of(5, 20)), "span 5-20 outside of 0-10"),
    ],
)
def test_a_broken_instruction_is_named(ins, problem):
    assert any(problem in found for found in verify(module_with(ins)))


def test_an_unknown_instruction_is_dumped_as_it_is():
    assert "unknown (99, 0)" in pretty(module_with((99, 0)))


@pytest.mark.parametrize(
    ("ins", "operands"),
    [
        ((ir.FUNC, 0, 1, (2, 3), ((0, 4),), SPAN), (2, 3, 4)),
        ((ir.CLASS, 0, 0, (1,), (("metaclass", 2),), (3,), SPAN), (1, 2, 3)),
        ((ir.WHILE, (), 1, (), (), SPAN), (1,)),
        ((ir.TRY, (), ((5, (1, 2), ()),), (), (), SPAN), (1, 2)),
        ((ir.DEL, 1, ir.NOREG, SPAN), (1,)),
        ((ir.DEL, 1, 2, SPAN), (1, 2)),
        ((ir.DICT, 0, ((ir.NOREG, 1), (2, 3)), SPAN), (1, 2, 3)),
        ((ir.SLICE, 0, 1, ir.NOREG, 2, SPAN), (1, 2)),
        ((ir.YIELD, 0, ir.NOREG, SPAN), ()),
    ],
)
def test_operands_are_all_registers_that_are_read(ins, operands):
    assert ir.operands(ins) == operands


def test_the_language_follows_from_the_name():
    assert [language_of(path) for path in ("a/b.py", "a.PYI", "a.pyw", "a.js", "a.d.ts", "Makefile")] == [
        "python",
        "python",
        "python",
        "javascript",
        "typescript",
        None,
    ]


def test_a_language_without_a_front_end_is_refused():
    with pytest.raises(ValueError, match="no front end reads `cobol`"):
        lower(b"", path="a.cob", name="a", is_package=False, language="cobol")
