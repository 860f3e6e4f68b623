"""The builder under every front end: registers, temporaries, constants, blocks, strings and functions in progress.

A front end walks the syntax tree once, in source order, and calls `emit` for each instruction. Whatever belongs to
the function in progress lives on the lowerer itself, where one attribute access reaches it; `begin` puts it aside
for a nested function and `finish` brings it back. One lowerer serves one file.

Two tables, indexed by node kind, hold what lowers an expression or a statement. They are constants of the grammar
that the front end fills when it is imported; a kind without an entry is counted in `uncovered`.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from custodiet.source import ir

if TYPE_CHECKING:
    from tree_sitter import Node

DEEPEST: Final = 200
"""Nesting beyond which nothing is lowered; CPython's own tokenizer refuses the 201st bracket."""

SPINE: Final = 60
"""Nesting beyond which `a.b().c + d` is lowered from its left end in a loop instead of by recursion."""

LARGEST_BYTES: Final = 0xFFFFFF
"""A file above this size is not lowered: spans would not hold its constructs."""

ExpressionLowering = Callable[["Lowerer", "Node", int, int], int]
StatementLowering = Callable[["Lowerer", "Node"], None]

Emit = Callable[[ir.Ins], None]

Path = tuple[bytes, tuple[tuple[str, int], ...], str]
"""`a.b.c` as (b"a", (("b", 3),), "c"): the first name, the names between with the length up to them, the last."""


class Lowerer:
    """The state of lowering one file. `source` has the bytes that constants and names are read from."""

    __slots__ = (
        "bound",
        "called",
        "class_index",
        "classes",
        "dotted",
        "emit",
        "encoding",
        "fields",
        "flags",
        "frames",
        "functions",
        "globals",
        "in_class",
        "index",
        "inits",
        "is_package",
        "left",
        "left_id",
        "level",
        "lowest",
        "methods",
        "module_name",
        "names",
        "nonlocals",
        "parent",
        "qualname",
        "receiver",
        "slots",
        "source",
        "strings",
        "temporary",
        "uncovered",
        "unknown_slot",
        "values",
    )

    def __init__(self, source: bytes, encoding: str, module_name: str, *, is_package: bool) -> None:
        self.source = source
        self.encoding = encoding
        self.module_name = module_name
        self.is_package = is_package
        self.strings: dict[bytes, str] = {}
        self.values: dict[bytes, Any] = {}
        self.dotted: dict[bytes, Path | None] = {}
        self.functions: list[ir.Function | None] = []
        self.classes: list[ir.Class | None] = []
        self.frames: list[tuple[Any, ...]] = []
        self.uncovered = 0
        self.level = 0
        self.left_id = -1
        self.left = 0
        self.emit: Emit = _nowhere
        self.index = -1
        self.methods: dict[str, int] = {}
        self.fields: dict[str, str] = {}
        self._reset("", -1, -1)

    # The function in progress.

    def _reset(self, qualname: str, parent: int, class_index: int) -> None:
        self.slots: dict[bytes, int] = {}
        self.names: list[str | None] = []
        self.inits: list[tuple[str, Any]] = []
        self.bound: set[int] = set()
        self.called: set[str] = set()
        self.globals = _NO_NAMES
        self.nonlocals = _NO_NAMES
        self.flags = 0
        self.temporary = -1
        self.lowest = -1
        self.unknown_slot = ir.NOREG
        self.qualname = qualname
        self.parent = parent
        self.class_index = class_index
        self.in_class = False
        self.receiver = ""

    def begin(self, qualname: str, class_index: int) -> int:
        """Puts the function in progress aside; gives the index of the new one. `finish` is its pair."""
        self.frames.append(
            (
                self.slots,
                self.names,
                self.inits,
                self.bound,
                self.called,
                self.globals,
                self.nonlocals,
                self.flags,
                self.temporary,
                self.lowest,
                self.unknown_slot,
                self.qualname,
                self.parent,
                self.class_index,
                self.in_class,
                self.receiver,
                self.methods,
                self.fields,
                self.emit,
                self.index,
            )
        )
        self._reset(qualname, self.index, class_index)
        self.index = len(self.functions)
        self.functions.append(None)
        return self.index

    def finish(
        self, name: str, params: tuple[ir.Param, ...], body: list[ir.Ins], span: int, returns: str | None
    ) -> None:
        """Stores the function in progress and takes the enclosing one up again."""
        inits = self.inits
        declared = self.globals | self.nonlocals
        names = self.names
        for slot in self.bound:
            bound_name = names[slot]
            if inits[slot][0] == "n" and bound_name not in declared:
                inits[slot] = ("l", bound_name)
        lowest = self.temporary if self.temporary < self.lowest else self.lowest
        self.functions[self.index] = tuple.__new__(  # half the time that the class itself takes
            ir.Function,
            (
                name,
                self.qualname,
                params,
                tuple(names),
                tuple(inits),
                -1 - lowest,
                tuple(body),
                self.class_index,
                self.parent,
                span,
                tuple(sorted(self.called)),
                tuple(sorted(self.globals)) if declared else (),
                tuple(sorted(self.nonlocals)) if declared else (),
                self.flags,
                returns,
            ),
        )
        (
            self.slots,
            self.names,
            self.inits,
            self.bound,
            self.called,
            self.globals,
            self.nonlocals,
            self.flags,
            self.temporary,
            self.lowest,
            self.unknown_slot,
            self.qualname,
            self.parent,
            self.class_index,
            self.in_class,
            self.receiver,
            self.methods,
            self.fields,
            self.emit,
            self.index,
        ) = self.frames.pop()

    def finished(self) -> tuple[tuple[ir.Function, ...], tuple[ir.Class, ...]]:
        """(functions, classes) of the file, as its module holds them."""
        return (
            tuple(function for function in self.functions if function is not None),
            tuple(made for made in self.classes if made is not None),
        )

    # Text.

    def text(self, node: "Node") -> str:
        """The node's text as written; equal texts are one string."""
        raw = self.source[node.start_byte : node.end_byte]
        found = self.strings.get(raw)
        return found if found is not None else self.intern(raw)

    def intern(self, raw: bytes) -> str:
        """The string of the bytes, normalised as Python normalises identifiers."""
        word = raw.decode(self.encoding, "replace")
        if not word.isascii():
            import unicodedata  # late: few files write identifiers beyond ASCII

            word = unicodedata.normalize("NFKC", word)
        self.strings[raw] = word
        return word

    # Registers.

    def new_temporary(self) -> int:
        """A temporary that nothing of this statement uses yet."""
        register = self.temporary
        self.temporary = register - 1
        return register

    def slot(self, raw: bytes) -> int:
        """The slot of the name."""
        found = self.slots.get(raw)
        return found if found is not None else self.new_slot(raw)

    def new_slot(self, raw: bytes) -> int:
        """A slot for a name that this function has not used before."""
        word = self.strings.get(raw)
        if word is None:
            word = self.intern(raw)
        number = len(self.names)
        if len(word) != len(raw) or not raw:
            return self._unusual_slot(raw, word)
        self.slots[raw] = number
        self.names.append(word)
        self.inits.append(("n", word))
        return number

    def _unusual_slot(self, raw: bytes, word: str) -> int:
        """The slot of a name beyond ASCII, whose spellings share that of its normal form; unknown for no name."""
        if not raw:
            return self.unknown()
        normal = word.encode("utf-8", "replace")
        found = self.slots.get(normal)
        if found is None:
            found = self.slots[normal] = len(self.names)
            self.names.append(word)
            self.inits.append(("n", word))
        self.slots[raw] = found
        return found

    def new_local(self, word: str) -> int:
        """A local of its own, whatever else has the name: the variable of a comprehension."""
        self.names.append(word)
        self.inits.append(("l", word))
        return len(self.names) - 1

    def bind(self, raw: bytes) -> int:
        """The slot of a name that the function assigns."""
        found = self.slots.get(raw)
        if found is None:
            found = self.new_slot(raw)
        self.bound.add(found)
        return found

    def parameter(self, raw: bytes) -> int:
        """A slot that starts as the parameter of the name."""
        word = self.strings.get(raw)
        if word is None:
            word = self.intern(raw)
        number = len(self.names)
        self.slots[raw] = number
        self.names.append(word)
        self.inits.append(("p", word))
        return number

    def constant(self, raw: bytes, value: object) -> int:
        """The slot of a constant, found again by its literal text; that never reads like an identifier."""
        found = self.slots.get(raw)
        if found is None:
            found = self.slots[raw] = len(self.names)
            self.names.append(None)
            self.inits.append(("c", value))
        return found

    def number(self, value: int) -> int:
        """The slot of a small integer that is not written in the source (an index of unpacking)."""
        return self.constant(b"%d" % value, value)

    def string(self, value: str | bytes) -> int:
        """The slot of a string that is not written in the source as it stands."""
        key = b"=" + (value.encode("utf-8", "surrogatepass") if isinstance(value, str) else b"b" + value)
        if isinstance(value, str):
            key = b"=" + key
        return self.constant(key, value)

    def none(self) -> int:
        """The slot of None."""
        return self.constant(b"None", None)

    def unknown(self) -> int:
        """The slot of a value that nobody knows: a local without a name that is never bound."""
        if self.unknown_slot == ir.NOREG:
            self.unknown_slot = len(self.names)
            self.names.append(None)
            self.inits.append(("l", None))
        return self.unknown_slot

    def too_deep(self) -> int:
        """As `unknown`, counted: the construct is nested beyond `DEEPEST`."""
        self.uncovered += 1
        return self.unknown()


_NO_NAMES: Final[frozenset[str]] = frozenset()


def _nowhere(_ins: ir.Ins) -> None:
    """Receives nothing: the first block has not begun."""


def unknown_expression(lowerer: Lowerer, _node: "Node", _dst: int, _depth: int) -> int:
    """The unknown value, counted: a kind that no lowering knows, or an ERROR node."""
    lowerer.uncovered += 1
    return lowerer.unknown()


def unknown_statement(lowerer: Lowerer, _node: "Node") -> None:
    """Lowers to nothing, counted."""
    lowerer.uncovered += 1


EXPRESSIONS: Final[list[ExpressionLowering]] = [unknown_expression] * 0x10000
"""What lowers an expression, by node kind: (lowerer, node, wanted destination or NOREG, depth) -> register."""

STATEMENTS: Final[list[StatementLowering]] = [unknown_statement] * 0x10000
"""What lowers a statement, by node kind."""


def lower_block(lowerer: Lowerer, node: "Node") -> ir.Block:
    """The instructions of a block node, apart from those in progress."""
    outer = lowerer.emit
    body: list[ir.Ins] = []
    lowerer.emit = body.append
    lower_statements(lowerer, node.named_children)
    lowerer.emit = outer
    return tuple(body)


def lower_statements(lowerer: Lowerer, nodes: "list[Node]") -> None:
    """Lowers statements in order; each may use again the temporaries of the one before."""
    if lowerer.level >= DEEPEST:
        lowerer.uncovered += 1
        return
    lowerer.level += 1
    table = STATEMENTS
    base = lowerer.temporary
    for node in nodes:
        table[node.kind_id](lowerer, node)
        reached = lowerer.temporary
        if reached != base:
            if reached < lowerer.lowest:
                lowerer.lowest = reached
            lowerer.temporary = base
    lowerer.level -= 1
