"""CPython's own reading of its standard library is the oracle: the same calls, returns, constants and scopes."""

import ast
import bisect
import importlib.util
import symtable
from collections.abc import Iterator
from pathlib import Path

import pytest

from custodiet.source import ir, lower

MODULES = ["argparse", "ast", "collections", "dataclasses", "email.message", "smtplib", "tarfile", "typing", "zipfile"]


def source_of(name: str) -> bytes:
    spec = importlib.util.find_spec(name)
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).read_bytes()


@pytest.fixture(params=MODULES)
def read(request) -> tuple[bytes, ast.Module, ir.Module]:
    source = source_of(request.param)
    module = lower(source, path=request.param, name=request.param, is_package=False)
    assert module.uncovered == 0
    return source, ast.parse(source), module


def instructions(module: ir.Module) -> Iterator[ir.Ins]:
    waiting = [function.body for function in module.functions]
    while waiting:
        for ins in waiting.pop():
            yield ins
            waiting.extend(ir.blocks(ins))


def not_evaluated(tree: ast.Module) -> set[int]:
    """Nodes that the IR does not compute: annotations, the subscripts of bases, and statements that are constants.

    Positions inside an f-string are not compared either: before 3.12 the parser did not know them.
    """
    left_out: set[int] = set()
    for node in ast.walk(tree):
        parts = [getattr(node, "annotation", None), getattr(node, "returns", None)]
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            parts.append(node.value)
        if isinstance(node, ast.ClassDef):
            parts.extend(base for base in node.bases if isinstance(base, ast.Subscript))
        if isinstance(node, ast.JoinedStr):
            parts.append(node)
        left_out.update(id(inner) for part in parts if part is not None for inner in ast.walk(part))
    return left_out


def position(module: ir.Module, node: ast.expr | ast.stmt) -> tuple[int, int]:
    assert node.end_lineno is not None
    assert node.end_col_offset is not None
    return (
        module.lines[node.lineno - 1] + node.col_offset,
        module.lines[node.end_lineno - 1] + node.end_col_offset,
    )


def test_calls_and_returns_stand_where_cpython_sees_them(read):
    _, tree, module = read
    left_out = not_evaluated(tree)
    seen = {(ins[0] == ir.RET, *ir.span_range(ins[-1])) for ins in instructions(module)}
    for node in ast.walk(tree):
        if isinstance(node, (ast.Call, ast.Return)) and id(node) not in left_out:
            assert (isinstance(node, ast.Return), *position(module, node)) in seen, ast.unparse(node)


def test_constants_are_those_that_cpython_sees(read):
    _, tree, module = read
    left_out = not_evaluated(tree)
    held = {
        (type(value), repr(value)) for function in module.functions for kind, value in function.inits if kind == "c"
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and id(node) not in left_out and isinstance(node.value, (str, bytes, int)):
            assert (type(node.value), repr(node.value)) in held


def comprehension_names(table: symtable.SymbolTable) -> set[str]:
    names: set[str] = set()
    for child in table.get_children():
        if child.get_name() in {"listcomp", "setcomp", "dictcomp", "genexpr"} and isinstance(child, symtable.Function):
            names.update(child.get_locals())
            names |= comprehension_names(child)
    return names


def function_tables(table: symtable.SymbolTable) -> Iterator[symtable.Function]:
    for child in table.get_children():
        if isinstance(child, symtable.Function):
            yield child
        yield from function_tables(child)


def test_locals_are_those_that_cpython_sees(read):
    source, _, module = read
    tables: dict[tuple[str, int], list[symtable.Function]] = {}
    for table in function_tables(symtable.symtable(source.decode(), "m", "exec")):
        tables.setdefault((table.get_name(), table.get_lineno()), []).append(table)
    compared = 0
    for function in module.functions:
        found = tables.get((function.name, bisect.bisect_right(module.lines, function.span >> 24)), [])
        if len(found) != 1 or function.name == "<lambda>":
            continue
        compared += 1
        (table,) = found
        wanted = {name for name in table.get_locals() if name[0] not in "._"}
        got = {value for kind, value in function.inits if kind in "pl" and value and value[0] != "_"}
        assert wanted <= got, function.qualname
        assert got <= wanted | comprehension_names(table), function.qualname
    assert compared > 10
