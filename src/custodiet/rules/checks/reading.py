"""What checks read out of the intermediate representation: names, constants and calls, without running anything.

A `Scope` walks one function in source order and remembers which instruction wrote each temporary last, so that it can
say what stands in a register: `dotted` gives `random.choice` for `choice` after `from random import choice`, and
`name` gives `password` for `self.password`, `form["password"]` and `form.get("password")`.
"""

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any, Final

from custodiet.domain.finding import StepKind
from custodiet.domain.severity import Confidence
from custodiet.flow.hit import Hit, HitStep
from custodiet.source import ir

MISSING: Final = object()
"""What `Scope.constant` gives for a register that holds no known constant."""

Arguments = tuple[tuple[int, ...], dict[str, int]]


class Scope:
    """One function of a module while its instructions are walked."""

    def __init__(self, module: ir.Module, index: int, parent: "Scope | None" = None) -> None:
        self.module = module
        self.function = module.functions[index]
        self.index = index
        self.parent = parent
        self.written: dict[int, ir.Ins] = {}

    def again(self) -> "Scope":
        """The same function before its first instruction."""
        return Scope(self.module, self.index, self.parent)

    @cached_property
    def imports(self) -> Mapping[str, str]:
        """Canonical names of imported names as this function sees them."""
        outer = dict(self.parent.imports) if self.parent else {}
        for param in self.function.params:
            outer.pop(param.name, None)
        outer.update(_imports(self.function))
        return outer

    def instructions(self) -> Iterator[ir.Ins]:
        """Every instruction in source order, outer before inner; registers are read as of that instruction."""
        return self._walk(self.function.body)

    def _walk(self, block: ir.Block) -> Iterator[ir.Ins]:
        written = self.written
        for ins in block:
            yield ins
            op = ins[0]
            if op in _NESTING:
                for inner in ir.blocks(ins):
                    yield from self._walk(inner)
            if op in ir.WRITING and ins[1] != ir.NOREG:
                written[ins[1]] = ins

    def constant(self, register: int) -> Any:
        """The constant in a register, or `MISSING`."""
        if register >= 0:
            kind, value = self.function.inits[register]
            return value if kind == "c" else MISSING
        return MISSING

    def text(self, register: int) -> str | None:
        """The text in a register: a str constant, or bytes that are a text."""
        value = self.constant(register)
        if isinstance(value, bytes):
            return value.decode("ascii", "replace")
        return value if isinstance(value, str) else None

    def made(self, register: int) -> ir.Ins | None:
        """The instruction that wrote a register last, as far as the walk has come."""
        return self.written.get(register)

    def slot(self, register: int) -> str:
        """The variable's name if a register is a variable, else `""`."""
        if register >= 0 and self.function.inits[register][0] != "c":
            return self.function.names[register] or ""
        return ""

    def name(self, register: int) -> str:
        """The last word under which a value is known: variable, attribute, constant key; else `""`."""
        if named := self.slot(register):
            return named
        ins = self.made(register) if register < 0 else None
        if ins is None:
            return ""
        if ins[0] == ir.ATTR:
            return str(ins[3])
        if ins[0] == ir.INDEX:
            return self.text(ins[3]) or ""
        if ins[0] == ir.CALLM and ins[3] == "get" and ins[4]:
            return self.text(ins[4][0]) or ""
        if ins[0] in (ir.AWAIT, ir.MOVE, ir.CAST):
            return self.name(ins[2])
        return ""

    def dotted(self, register: int, depth: int = 8) -> str:
        """The canonical dotted name of a register: imports resolved, `()` after a call; `""` if it has none."""
        if register >= 0:
            named = self.slot(register)
            return self.imports.get(named, named)
        ins = self.made(register)
        if ins is None or not depth:
            return ""
        if ins[0] == ir.ATTR:
            base = self.dotted(ins[2], depth - 1)
            return f"{base}.{ins[3]}" if base else ""
        if ins[0] in (ir.CALL, ir.CALLM):
            called = self.called(ins, depth - 1)
            return f"{called}()" if called else ""
        return ""

    def called(self, ins: ir.Ins, depth: int = 8) -> str:
        """The canonical dotted name of what a CALL or CALLM calls; `""` if it has none."""
        if ins[0] == ir.CALL:
            return self.dotted(ins[2], depth)
        base = self.dotted(ins[2], depth)
        return f"{base}.{ins[3]}" if base else ""

    @property
    def place(self) -> str:
        """The function's name as a hit gives it: `""` at module level."""
        return self.function.qualname if self.index else ""


def scopes(module: ir.Module) -> Iterator[Scope]:
    """A scope for each function of the module, the module body first."""
    found: list[Scope] = []
    for index, function in enumerate(module.functions):
        scope = Scope(module, index, found[function.parent] if 0 <= function.parent < index else None)
        found.append(scope)
        yield scope


def arguments(ins: ir.Ins) -> Arguments:
    """(positional registers, keyword registers by name) of a CALL or CALLM; spreads are left out."""
    positional, keywords = (ins[3], ins[4]) if ins[0] == ir.CALL else (ins[4], ins[5])
    return positional, {name: register for name, register in keywords if not name.startswith("*")}


def argument(ins: ir.Ins, position: int, keyword: str) -> int | None:
    """The register of one argument by its two spellings, or None."""
    positional, keywords = arguments(ins)
    if len(positional) > position:
        return positional[position]
    return keywords.get(keyword)


def hit(rule: str, scope: Scope, span: int, message: str = "", *, confidence: Confidence | None = None) -> Hit:
    """A hit of a check: one step, of kind sink."""
    step = HitStep(StepKind.SINK, scope.module.path, span, message)
    return Hit(rule=rule, steps=(step,), function=scope.place, confidence=confidence, message=message)


def called_around(scope: Scope) -> frozenset[str]:
    """Names called (or stored as an attribute) in the function, in the other methods of its class, and in the functions that it calls."""
    functions = scope.module.functions
    found = set(scope.function.called)
    for function in functions[1:]:
        if function.name in scope.function.called or (
            function.class_index >= 0 and function.class_index == scope.function.class_index
        ):
            found.update(function.called)
    return frozenset(found)


def is_test(path: str) -> bool:
    """Whether a file belongs to tests by its path, so that constants in it are fixtures."""
    *folders, name = path.lower().split("/")
    if name.startswith(("test_", "conftest.")) or name.endswith(("_test.py", "_tests.py")) or name == "tests.py":
        return True
    if "test_data" in name or "testdata" in name:
        return True
    return any(folder in ("test", "tests", "testing", "fixtures", "testdata") for folder in folders)


def _imports(function: ir.Function) -> dict[str, str]:
    """Canonical names of the names that the function imports, blocks included."""
    found: dict[str, str] = {}
    pending = [function.body]
    while pending:
        for ins in pending.pop():
            op = ins[0]
            if op == ir.IMPORT:
                name = function.names[ins[1]] if ins[1] >= 0 else None
                if name:
                    found[name] = _imported(name, ins[2], ins[3])
            elif op in _NESTING:
                pending.extend(ir.blocks(ins))
    return found


def _imported(bound: str, module: str, name: str | None) -> str:
    """What an import binds: `import a.b` binds `a`, `import a.b as c` binds `a.b`."""
    if name is not None:
        return f"{module}.{name}"
    first = module.partition(".")[0]
    return first if bound == first else module


_NESTING: Final = frozenset((ir.IF, ir.SHORT, ir.LOOP, ir.WHILE, ir.TRY))
