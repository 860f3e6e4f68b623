"""What checks read out of the intermediate representation: names, constants and calls, without running anything.

A `Scope` walks one function in source order and remembers which instruction wrote each temporary last, so that it can
say what stands in a register: `dotted` gives `random.choice` for `choice` after `from random import choice`, and
`name` gives `password` for `self.password`, `form["password"]` and `form.get("password")`.
"""

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any, Final

from custodiet.domain.finding import StepKind
from custodiet.domain.severity import Confidence
from custodiet.flow.hit import Hit, HitStep
from custodiet.source import ir

MISSING: Final = object()
"""What `Scope.constant` gives for a register that holds no known constant."""

Arguments = tuple[tuple[int, ...], dict[str, int]]


NESTING: Final = frozenset((ir.IF, ir.SHORT, ir.LOOP, ir.WHILE, ir.TRY))
"""The opcodes of instructions that hold blocks (`ir.blocks`)."""
_NESTS: Final = 1
_WRITES: Final = 2
_EFFECTS: Final = tuple(
    (_NESTS if op in NESTING else 0) | (_WRITES if op in ir.WRITING else 0) for op in range(len(ir.OP_NAMES))
)
"""What an instruction of each opcode does to a walk: a look into a table is quicker than one into two sets."""


class Scope:
    """One function of a module while its instructions are walked."""

    def __init__(self, module: ir.Module, index: int, parent: "Scope | None" = None) -> None:
        self.module = module
        self.function = module.functions[index]
        self.index = index
        self.parent = parent
        self.written: dict[int, ir.Ins] = {}
        self._known_imports: Mapping[str, str] | None = None

    def again(self) -> "Scope":
        """The same function before its first instruction."""
        return Scope(self.module, self.index, self.parent)

    @property
    def imports(self) -> Mapping[str, str]:
        """Canonical names of imported names as this function sees them."""
        found = self._known_imports
        if found is None:
            known = _shared(self.module).imports
            key = self.index if self.parent or not self.index else ~self.index
            found = known.get(key)
            if found is None:
                found = known[key] = self._imports()
            self._known_imports = found
        return found

    def _imports(self) -> Mapping[str, str]:
        outer = self.parent.imports if self.parent else {}
        own = _imports(self.function)
        hidden = [param.name for param in self.function.params if param.name in outer]
        if not own and not hidden:
            return outer
        return {name: outer[name] for name in outer if name not in hidden} | own

    def instructions(self) -> Iterator[ir.Ins]:
        """Every instruction in source order, outer before inner; registers are read as of that instruction."""
        return self._walk(self.function.body)

    def _walk(self, block: ir.Block) -> Iterator[ir.Ins]:
        written = self.written
        for ins in block:
            yield ins
            what = _EFFECTS[ins[0]]
            if what & _NESTS:
                for inner in ir.blocks(ins):
                    if inner:
                        yield from self._walk(inner)
            if what & _WRITES and ins[1] != ir.NOREG:
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
            kind, value = self.function.inits[register]
            if kind == "s":
                return str(value)
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


class _Shared:
    """What the scopes of one module have in common, computed when it is first asked for."""

    def __init__(self, module: ir.Module) -> None:
        self.module = module
        self.imports: dict[int, Mapping[str, str]] = {}
        """By the index of the function; by its complement for a scope that was made without its parent."""
        self.names: dict[int, frozenset[str]] = {}


_latest: list[_Shared] = []
"""That of the module which was looked at last: every check is shown one module before any is shown the next."""


def _shared(module: ir.Module) -> _Shared:
    found = _latest[0] if _latest else None
    if found is None or found.module is not module:
        found = _Shared(module)
        _latest[:] = [found]
    return found


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


def names_in(scope: Scope) -> frozenset[str]:
    """Every name that a function uses: variables, what it calls and reads, attributes, text constants, keywords of
    calls, and parameters of the functions that it defines.
    """
    known = _shared(scope.module).names
    found = known.get(scope.index)
    if found is None:
        found = known[scope.index] = frozenset(_names_in(scope.module, scope.function))
    return found


_NAME: Final = 60
"""Characters of a text that are looked at when it may be a name: its last words tell what it names."""


def _names_in(module: ir.Module, function: ir.Function) -> set[str]:
    names = set(function.called)
    for kind, value in function.inits:
        if isinstance(value, str):
            names.add(value[-_NAME:])
        elif kind == "c" and isinstance(value, bytes):
            names.add(value[-_NAME:].decode("ascii", "replace"))
    pending = [function.body]
    while pending:
        for ins in pending.pop():
            op = ins[0]
            if op == ir.CALL or op == ir.CALLM:
                if ins[-2]:
                    names.update([name for name, _ in ins[-2]])
            elif op in NESTING:
                pending.extend(ir.blocks(ins))
            elif op == ir.SETATTR:
                names.add(ins[2])
            elif op == ir.FUNC and ins[4]:
                names.update([param.name for param in module.functions[ins[2]].params])
    return names


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


@lru_cache(maxsize=256)  # every check asks it of one module before any asks it of the next
def is_test(path: str) -> bool:
    """Whether a file belongs to tests by its path, so that constants in it are fixtures."""
    *folders, name = path.lower().split("/")
    if name.startswith(("test_", "conftest.")) or name.endswith(("_test.py", "_tests.py")) or name == "tests.py":
        return True
    if "test_data" in name or "testdata" in name or ".test." in name or ".spec." in name:
        return True
    return any(
        folder in ("test", "tests", "testing", "testutils", "fixtures", "testdata", "__tests__", "__mocks__")
        for folder in folders
    )


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
            elif op in NESTING:
                pending.extend(ir.blocks(ins))
    return found


def _imported(bound: str, module: str, name: str | None) -> str:
    """What an import binds: `import a.b` binds `a`, `import a.b as c` binds `a.b`."""
    if name is not None:
        return f"{module}.{name}"
    first = module.partition(".")[0]
    return first if bound == first else module


def always_true(scope: Scope, register: int) -> bool:
    """Whether the register holds a function that gives true and does nothing else, or the sum of handlers with one."""
    ins = scope.written.get(register)
    if ins is None:
        return False
    if ins[0] == ir.BIN and ins[2] == "+":
        return always_true(scope, ins[3]) or always_true(scope, ins[4])
    if ins[0] != ir.FUNC:
        return False
    function = scope.module.functions[ins[2]]
    if len(function.body) != 1 or function.body[0][0] != ir.RET or function.body[0][1] < 0:
        return False
    return function.inits[function.body[0][1]] == ("c", True)
