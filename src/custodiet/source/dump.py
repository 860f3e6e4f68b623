"""A module as text for people, and a check that a module keeps the contract of `ir`.

The text has one line for each instruction; registers are written as the name or constant of their slot, `%3` for a
temporary, `?` for the unknown value and `_` for none:

    x = call f(a, 'text', key=%1)
"""

from collections.abc import Callable, Iterator
from typing import Any, Final

from custodiet.source import ir

_FLAGS: Final = ("", "only ", "*", "**", "/")
_FUNCTION_FLAGS: Final = {
    ir.FUNCTION_ASYNC: "async",
    ir.FUNCTION_GENERATOR: "generator",
    ir.FUNCTION_STATIC: "static",
    ir.FUNCTION_CLASSMETHOD: "classmethod",
    ir.FUNCTION_PROPERTY: "property",
    ir.FUNCTION_LAMBDA: "lambda",
}


def pretty(module: ir.Module) -> str:
    """The module as text, its functions in order of their index."""
    lines = []
    for index, function in enumerate(module.functions):
        lines.append(_head(index, function))
        lines.extend(_block(function, function.body, "  "))
    for index, made in enumerate(module.classes):
        fields = "".join(f" {name}:{annotation}" for name, annotation in made.fields)
        methods = "".join(f" {name}={number}" for name, number in made.methods)
        lines.append(f"class {index} {made.qualname}({', '.join(made.bases)}) body={made.body}{methods}{fields}")
    return "\n".join(lines) + "\n"


def pretty_function(function: ir.Function) -> str:
    """The body of one function as text."""
    return "".join(f"{line}\n" for line in _block(function, function.body, ""))


def _head(index: int, function: ir.Function) -> str:
    params = ", ".join(_param(param) for param in function.params)
    words = [word for flag, word in _FUNCTION_FLAGS.items() if function.flags & flag]
    if function.class_index >= 0:
        words.append(f"class={function.class_index}")
    if function.parent > 0:
        words.append(f"parent={function.parent}")
    if function.globals:
        words.append(f"global={','.join(function.globals)}")
    if function.nonlocals:
        words.append(f"nonlocal={','.join(function.nonlocals)}")
    if function.returns is not None:
        words.append(f"-> {function.returns}")
    return " ".join([f"def {index} {function.qualname or function.name}({params})", *words])


def _param(param: ir.Param) -> str:
    mark = _FLAGS[param.flag]
    name = f"{param.name}/" if mark == "/" else f"{mark}{param.name}"
    return name if param.annotation is None else f"{name}: {param.annotation}"


def register_text(function: ir.Function, register: int) -> str:
    """A register as the dump writes it."""
    if register == ir.NOREG:
        return "_"
    if register < 0:
        return f"%{-register}"
    if register >= len(function.inits):
        return f"!{register}"
    kind, value = function.inits[register]
    if kind == "c":
        return repr(value)
    return str(value) if value is not None else "?"


def _block(function: ir.Function, block: ir.Block, indent: str) -> Iterator[str]:
    for ins in block:
        yield from _instruction(function, ins, indent)


def _instruction(function: ir.Function, ins: ir.Ins, indent: str) -> Iterator[str]:
    def reg(register: int) -> str:
        return register_text(function, register)

    inner = indent + "  "
    op = ins[0]
    if op == ir.IF:
        yield f"{indent}if {reg(ins[1])}"
        yield from _block(function, ins[2], inner)
        if ins[3]:
            yield f"{indent}else"
            yield from _block(function, ins[3], inner)
    elif op == ir.SHORT:
        yield f"{indent}{reg(ins[1])} = {reg(ins[3])} {ins[2]} {reg(ins[5])}" + (" where" if ins[4] else "")
        yield from _block(function, ins[4], inner)
    elif op == ir.LOOP:
        yield f"{indent}for {reg(ins[2])} in {reg(ins[1])}"
        yield from _block(function, ins[3], inner)
        if ins[4]:
            yield f"{indent}else"
            yield from _block(function, ins[4], inner)
    elif op == ir.WHILE:
        yield f"{indent}while {reg(ins[2])}" + (" where" if ins[1] else "")
        yield from _block(function, ins[1], inner)
        if ins[1]:
            yield f"{indent}do"
        yield from _block(function, ins[3], inner)
        if ins[4]:
            yield f"{indent}else"
            yield from _block(function, ins[4], inner)
    elif op == ir.TRY:
        yield f"{indent}try"
        yield from _block(function, ins[1], inner)
        for name, types, handler in ins[2]:
            caught = ", ".join(map(reg, types))
            yield f"{indent}except {caught}".rstrip() + (f" as {reg(name)}" if name != ir.NOREG else "")
            yield from _block(function, handler, inner)
        for word, block in (("else", ins[3]), ("finally", ins[4])):
            if block:
                yield f"{indent}{word}"
                yield from _block(function, block, inner)
    else:
        yield indent + _simple(ins, reg)


def _arguments(args: tuple[int, ...], keywords: tuple[tuple[str, int], ...], reg: Callable[[int], str]) -> str:
    words = [reg(register) for register in args]
    for name, register in keywords:
        words.append(f"{name}{reg(register)}" if name in {"*", "**"} else f"{name}={reg(register)}")
    return ", ".join(words)


_SIMPLE: Final[dict[int, Callable[[ir.Ins, Callable[[int], str]], str]]] = {
    ir.MOVE: lambda i, r: f"{r(i[1])} = {r(i[2])}",
    ir.ATTR: lambda i, r: f"{r(i[1])} = {r(i[2])}.{i[3]}",
    ir.SETATTR: lambda i, r: f"{r(i[1])}.{i[2]} = {r(i[3])}",
    ir.INDEX: lambda i, r: f"{r(i[1])} = {r(i[2])}[{r(i[3])}]",
    ir.SETINDEX: lambda i, r: f"{r(i[1])}[{r(i[2])}] = {r(i[3])}",
    ir.SLICE: lambda i, r: f"{r(i[1])} = {r(i[2])}[{r(i[3])}:{r(i[4])}]",
    ir.CALL: lambda i, r: f"{r(i[1])} = {r(i[2])}({_arguments(i[3], i[4], r)})",
    ir.CALLM: lambda i, r: f"{r(i[1])} = {r(i[2])}.{i[3]}({_arguments(i[4], i[5], r)})",
    ir.NEW: lambda i, r: f"{r(i[1])} = new {i[2]}({_arguments(i[3], i[4], r)})",
    ir.BIN: lambda i, r: f"{r(i[1])} = {r(i[3])} {i[2]} {r(i[4])}",
    ir.UN: lambda i, r: f"{r(i[1])} = {i[2]} {r(i[3])}",
    ir.CAT: lambda i, r: f"{r(i[1])} = cat {', '.join(map(r, i[2]))}",
    ir.MAKE: lambda i, r: f"{r(i[1])} = make {i[2]} [{', '.join(map(r, i[3]))}]",
    ir.DICT: lambda i, r: f"{r(i[1])} = dict {{{', '.join(f'{r(key)}: {r(value)}' for key, value in i[2])}}}",
    ir.CAST: lambda i, r: f"{r(i[1])} = cast {r(i[2])} to {i[3]}",
    ir.IMPORT: lambda i, r: f"{r(i[1])} = import {i[2]}" + (f" name {i[3]}" if i[3] is not None else ""),
    ir.IMPORTALL: lambda i, _r: f"import all {i[1]}",
    ir.FUNC: lambda i, r: (
        f"{r(i[1])} = function {i[2]}"
        + (f" decorated {', '.join(map(r, i[3]))}" if i[3] else "")
        + (f" defaults {', '.join(f'{place}={r(register)}' for place, register in i[4])}" if i[4] else "")
    ),
    ir.CLASS: lambda i, r: (
        f"{r(i[1])} = class {i[2]}({_arguments(i[3], i[4], r)})"
        + (f" decorated {', '.join(map(r, i[5]))}" if i[5] else "")
    ),
    ir.RET: lambda i, r: f"return {r(i[1])}",
    ir.YIELD: lambda i, r: f"{r(i[1])} = yield {r(i[2])}",
    ir.YIELDALL: lambda i, r: f"{r(i[1])} = yield from {r(i[2])}",
    ir.RAISE: lambda i, r: f"raise {r(i[1])}",
    ir.BREAK: lambda _i, _r: "break",
    ir.CONT: lambda _i, _r: "continue",
    ir.ENTER: lambda i, r: f"{r(i[1])} = enter {r(i[2])}",
    ir.AWAIT: lambda i, r: f"{r(i[1])} = await {r(i[2])}",
    ir.DEL: lambda i, r: f"del {r(i[1])}" + (f"[{r(i[2])}]" if i[2] != ir.NOREG else ""),
    ir.ASSERT: lambda i, r: f"assert {r(i[1])}, {r(i[2])}",
    ir.MARKUP: lambda i, r: f"{r(i[1])} = <{i[2]} {_arguments((), i[3], r)}> {', '.join(map(r, i[4]))}",
}


def _simple(ins: ir.Ins, reg: Callable[[int], str]) -> str:
    write = _SIMPLE.get(ins[0])
    return write(ins, reg) if write else f"unknown {ins!r}"


_LENGTHS: Final = dict(
    zip(
        range(len(ir.OP_NAMES)),
        (4, 5, 5, 5, 5, 6, 6, 7, 6, 6, 5, 4, 5, 4, 5, 5, 3, 6, 7, 3, 4, 4, 3, 2, 2, 5, 7, 6, 6, 6, 4, 4, 4, 4, 6),
        strict=True,
    )
)
"""How many items an instruction has, op and span included."""


def verify(module: ir.Module) -> list[str]:
    """What breaks the contract of `ir`, one sentence for each; empty for a sound module."""
    problems = []
    if not module.functions or module.functions[0].name != "<module>":
        problems.append("function 0 is not the module body")
    if module.lines[:1] != (0,) or list(module.lines) != sorted(set(module.lines)):
        problems.append("line starts do not ascend from 0")
    for index, function in enumerate(module.functions):
        problems.extend(f"{index} {function.qualname}: {problem}" for problem in _function_problems(module, function))
        if not -1 <= function.parent < index:
            problems.append(f"{index} {function.qualname}: parent {function.parent}")
    for made in module.classes:
        if not 0 <= made.body < len(module.functions) or module.functions[made.body].name != "<class>":
            problems.append(f"class {made.qualname}: body {made.body}")
        problems.extend(
            f"class {made.qualname}: method {name} is function {number}"
            for name, number in made.methods
            if not 0 <= number < len(module.functions)
        )
    return problems


def _function_problems(module: ir.Module, function: ir.Function) -> Iterator[str]:
    slots = len(function.inits)
    if len(function.names) != slots:
        yield f"{len(function.names)} names for {slots} slots"
    for name, (kind, value) in zip(function.names, function.inits, strict=False):
        if kind not in {"p", "l", "n", "c", "s"} or (kind in {"p", "l", "n"} and value != name):
            yield f"slot {name} starts as {kind} {value!r}"
        if kind == "c" and not isinstance(value, (str, bytes, int, float, type(None))):
            yield f"constant {value!r}"
    for param in function.params:
        if not 0 <= param.reg < slots or function.inits[param.reg] != ("p", param.name):
            yield f"parameter {param.name} has register {param.reg}"
        if param.flag not in range(5):
            yield f"parameter {param.name} has flag {param.flag}"
    if not -1 <= function.class_index < len(module.classes):
        yield f"class index {function.class_index}"
    if list(function.called) != sorted(set(function.called)):
        yield "called names are not sorted"
    for ins in _instructions(function.body):
        for problem in _instruction_problems(module, function, ins):
            yield f"{problem} in {ins!r}"


def _instructions(block: ir.Block) -> Iterator[ir.Ins]:
    waiting = [block]
    while waiting:
        for ins in waiting.pop():
            yield ins
            if type(ins) is tuple and ins and ins[0] in _LENGTHS and len(ins) == _LENGTHS[ins[0]]:
                waiting.extend(ir.blocks(ins))


def _instruction_problems(module: ir.Module, function: ir.Function, ins: Any) -> Iterator[str]:
    if type(ins) is not tuple or not ins or ins[0] not in _LENGTHS:
        yield "no such instruction"
        return
    op = ins[0]
    if len(ins) != _LENGTHS[op]:
        yield f"{len(ins)} items instead of {_LENGTHS[op]}"
        return
    slots = len(function.inits)
    lowest = -function.temporaries

    def sound(register: object) -> bool:
        return type(register) is int and lowest <= register < slots

    target = ir.destination(ins)
    if target != ir.NOREG and not sound(target):
        yield f"destination {target}"
    if target == ir.NOREG and op in _WRITERS:
        yield "no destination"
    for register in (*ir.operands(ins), *_written(ins)):
        if not sound(register):
            yield f"register {register}"
    if op in _NEEDS and any(ins[place] == ir.NOREG for place in _NEEDS[op]):
        yield "operand missing"
    start, end = ir.span_range(ins[-1])
    first, last = ir.span_range(function.span)
    if not first <= start <= end <= last:
        yield f"span {start}-{end} outside of {first}-{last}"
    yield from _field_problems(module, ins)


_WRITERS: Final = frozenset(op for op in _LENGTHS if ir.destination((op, 0)) == 0)

_NEEDS: Final = {
    ir.MOVE: (2,),
    ir.ATTR: (2,),
    ir.SETATTR: (1, 3),
    ir.INDEX: (2, 3),
    ir.SETINDEX: (1, 2, 3),
    ir.SLICE: (2,),
    ir.CALL: (2,),
    ir.CALLM: (2,),
    ir.BIN: (3, 4),
    ir.UN: (3,),
    ir.CAST: (2,),
    ir.YIELDALL: (2,),
    ir.IF: (1,),
    ir.SHORT: (3, 5),
    ir.LOOP: (1, 2),
    ir.WHILE: (2,),
    ir.ENTER: (2,),
    ir.AWAIT: (2,),
    ir.DEL: (1,),
    ir.ASSERT: (1,),
}
"""Fields that may not be NOREG."""


def _written(ins: ir.Ins) -> tuple[int, ...]:
    """Registers that a compound instruction writes."""
    if ins[0] == ir.LOOP:
        return (ins[2],)
    if ins[0] == ir.TRY:
        return tuple(handler[0] for handler in ins[2] if handler[0] != ir.NOREG)
    return ()


_OPERATORS: Final = {ir.BIN: ir.BINARY_OPS, ir.UN: ir.UNARY_OPS, ir.SHORT: frozenset(("and", "or"))}


def _field_problems(module: ir.Module, ins: ir.Ins) -> Iterator[str]:
    op = ins[0]
    if op in _OPERATORS and ins[2] not in _OPERATORS[op]:
        yield f"operator {ins[2]!r}"
    elif op == ir.MAKE and ins[2] not in {"l", "t", "s"}:
        yield f"container {ins[2]!r}"
    elif op == ir.FUNC and not 0 < ins[2] < len(module.functions):
        yield f"function {ins[2]}"
    elif op == ir.CLASS and not 0 <= ins[2] < len(module.classes):
        yield f"class {ins[2]}"
    elif op in {ir.ATTR, ir.CALLM, ir.CAST} and not isinstance(ins[3], str):
        yield f"name {ins[3]!r}"
    elif op == ir.SETATTR and not isinstance(ins[2], str):
        yield f"name {ins[2]!r}"
