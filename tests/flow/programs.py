"""Small programs as values: drawn by Hypothesis, and written as Python text.

A program is a block of statements of one function `run`. Leaves of expressions are numbered; which of them are sources
is told only when the text is written, so that one program can be asked twice.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from itertools import count
from typing import Any, Final

from hypothesis import strategies as st

NAMES: Final = ("a", "b", "c", "d")
FUNCTIONS: Final = ("same", "first", "second", "keep", "Box", "held")
HEAD: Final = """\
import os

from flask import request


def same(value):
    return value


def first(one, two):
    return one


def second(one, two):
    return two


def keep(where, value):
    where["kept"] = value
    return value


class Box:
    def __init__(self, held):
        self.held = held


"""

Expression = tuple[Any, ...]
Statement = tuple[Any, ...]


def _expressions() -> st.SearchStrategy[Expression]:
    leaves = st.one_of(
        st.just(("leaf",)),
        st.sampled_from(NAMES).map(lambda name: ("name", name)),
        st.sampled_from(("x", "y")).map(lambda key: ("item", key)),
    )
    return st.recursive(
        leaves,
        lambda inner: st.one_of(
            st.tuples(st.just("add"), inner, inner),
            st.tuples(st.just("text"), inner),
            st.tuples(st.just("call"), st.just("same"), inner),
            st.tuples(st.just("call"), st.sampled_from(("first", "second")), inner, inner),
            st.tuples(st.just("box"), inner),
            st.tuples(st.just("choice"), _conditions(), inner, inner),
        ),
        max_leaves=4,
    )


def _conditions() -> st.SearchStrategy[tuple[Any, ...]]:
    return st.one_of(
        st.sampled_from(("1 < 2", "1 > 2", "flag")).map(lambda text: ("constant", text)),
        st.tuples(st.just("member"), st.sampled_from(NAMES), st.booleans()),
    )


def _statements() -> st.SearchStrategy[Statement]:
    values = _expressions()
    simple = st.one_of(
        st.tuples(st.just("set"), st.sampled_from(NAMES), values),
        st.tuples(st.just("grow"), st.sampled_from(NAMES), values),
        st.tuples(st.just("store"), st.sampled_from(("x", "y")), values),
        st.tuples(st.just("sink"), values),
        st.just(("return",)),
    )
    return st.recursive(
        simple,
        lambda inner: st.one_of(
            st.tuples(st.just("if"), _conditions(), _blocks(inner), _blocks(inner)),
            st.tuples(st.just("for"), st.sampled_from(NAMES), values, values, _blocks(inner)),
            st.tuples(st.just("while"), _blocks(inner)),
            st.tuples(st.just("try"), _blocks(inner), _blocks(inner)),
        ),
        max_leaves=4,
    )


def _blocks(inner: st.SearchStrategy[Statement]) -> st.SearchStrategy[list[Statement]]:
    return st.lists(inner, min_size=1, max_size=3)


PROGRAMS: Final = st.lists(_statements(), min_size=2, max_size=6)
"""Blocks of `run`."""


def written(
    program: list[Statement],
    sources: Collection[int],
    *,
    names: Mapping[str, str] | None = None,
    detour: str = "{}",
    dead: str = "",
) -> str:
    """The text of a program.

    `sources` are the numbers of the leaves that are read from the request. `names` renames variables and functions;
    `detour` is written around every expression; `dead` is a statement written after every `return`.
    """
    renamed = {} if names is None else names
    numbers = count()

    def name(text: str) -> str:
        return renamed.get(text, text)

    def value(expression: Expression) -> str:
        return detour.format(bare(expression))

    def bare(expression: Expression) -> str:
        match expression:
            case ("leaf",):
                number = next(numbers)
                return 'request.args["q"]' if number in sources else f'"safe{number}"'
            case ("name", text):
                return name(text)
            case ("item", key):
                return f'{name("store")}["{key}"]'
            case ("add", one, two):
                return f"({value(one)} + {value(two)})"
            case ("text", one):
                return f'"echo %s" % ({value(one)},)'
            case ("call", function, *arguments):
                return f"{name(function)}({', '.join(map(value, arguments))})"
            case ("box", one):
                return f"{name('Box')}({value(one)}).{name('held')}"
            case ("choice", condition, one, two):
                test = tested(condition)
                return f"({value(one)} if {test} else {value(two)})"
        raise AssertionError(expression)

    def tested(condition: tuple[Any, ...]) -> str:
        if condition[0] == "constant":
            return str(condition[1]) if condition[1] != "flag" else name("flag")
        return f'{name(condition[1])} {"in" if condition[2] else "not in"} ("one", "two")'

    def block(statements: list[Statement], indent: str) -> Iterator[str]:
        for statement in statements:
            yield from line(statement, indent)

    def line(statement: Statement, indent: str) -> Iterator[str]:
        deeper = indent + "    "
        match statement:
            case ("set", target, one):
                yield f"{indent}{name(target)} = {value(one)}"
            case ("grow", target, one):
                yield f"{indent}{name(target)} += {value(one)}"
            case ("store", key, one):
                yield f'{indent}{name("store")}["{key}"] = {value(one)}'
            case ("sink", one):
                yield f"{indent}os.system({value(one)})"
            case ("return",):
                yield f"{indent}return"
                yield from [f"{indent}{dead}"] if dead else []
            case ("if", condition, one, two):
                yield f"{indent}if {tested(condition)}:"
                yield from block(one, deeper)
                yield f"{indent}else:"
                yield from block(two, deeper)
            case ("for", target, one, two, body):
                yield f"{indent}for {name(target)} in [{value(one)}, {value(two)}]:"
                yield from block(body, deeper)
            case ("while", body):
                yield f"{indent}while {name('flag')}():"
                yield from block(body, deeper)
            case ("try", body, rescue):
                yield f"{indent}try:"
                yield from block(body, deeper)
                yield f"{indent}except ValueError:"
                yield from block(rescue, deeper)

    body = "\n".join(block(program, "    "))
    start = " = ".join(map(name, NAMES)) + ' = "start"'
    store = name("store")
    head = HEAD
    for function in FUNCTIONS:
        head = _renamed(head, function, name(function))
    return f'{head}def run({name("flag")}):\n    {start}\n    {store} = {{"x": "start", "y": "start"}}\n{body}\n    return\n'


def _renamed(text: str, old: str, new: str) -> str:
    return re.sub(rf"\b{old}\b", new, text)
