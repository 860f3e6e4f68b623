"""The base of the front ends whose lowering is one method for each kind of syntax node.

    class JavaStatements(JavaExpressions):
        def s_return_statement(self, node): ...        # a statement: emits instructions
        def e_binary_expression(self, node, dst): ...  # an expression: the register of its value

A method lowers the kind that its name says. `statement`, `expression` and `block` find it by the node's kind; a kind that
no method knows is counted in `uncovered`, its value is unknown. Layers are put together by inheritance, and each front end
has one class at the end of the line, with its `grammar`.
"""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Final

from custodiet.source import ir
from custodiet.source.grammar import ERROR_KIND, Grammar
from custodiet.source.lowerer import DEEPEST, Lowerer

if TYPE_CHECKING:
    from tree_sitter import Node

ANYWHERE: Final = frozenset(("comment", "line_comment", "block_comment", "html_comment"))
"""Kinds that may stand between any two children."""


class TreeLowerer(Lowerer):
    """Dispatch by kinds of nodes, and the small steps that all front ends share."""

    grammar: ClassVar[Grammar]
    _statements: ClassVar[list[Callable[..., None] | None]]
    _expressions: ClassVar[list[Callable[..., int] | None]]
    _anywhere: ClassVar[frozenset[int]]
    __slots__ = ("_depth",)

    def __init__(self, source: bytes, encoding: str, module_name: str, *, is_package: bool) -> None:
        super().__init__(source, encoding, module_name, is_package=is_package)
        self._depth = 0
        if "_statements" not in type(self).__dict__:
            self._build_tables()

    @classmethod
    def _build_tables(cls) -> None:
        kinds = cls.grammar.kinds
        cls._statements = [getattr(cls, f"s_{name}", None) for name in kinds]
        cls._expressions = [getattr(cls, f"e_{name}", None) for name in kinds]
        cls._anywhere = frozenset(kind for kind, name in enumerate(kinds) if name in ANYWHERE)

    # -- children -----------------------------------------------------------------------------------------------------

    def children(self, node: "Node") -> "list[Node]":
        """The named children without comments."""
        anywhere = self._anywhere
        return [child for child in node.named_children if child.kind_id not in anywhere]

    def span(self, node: "Node") -> int:
        """The span of a node."""
        return ir.span_of(node.start_byte, node.end_byte)

    # -- lowering -----------------------------------------------------------------------------------------------------

    def expression(self, node: "Node | None", dst: int = ir.NOREG) -> int:
        """The register of the expression's value; it is `dst` or any other when `dst` is NOREG."""
        if node is None:
            return self.unknown()
        kind = node.kind_id
        lowering = self._expressions[kind] if kind != ERROR_KIND else None
        if lowering is None:
            self.uncovered += 1
            return self.moved(self.unknown(), dst, node)
        if self._depth >= DEEPEST:
            return self.moved(self.too_deep(), dst, node)
        self._depth += 1
        result = lowering(self, node, dst)
        self._depth -= 1
        return self.moved(result, dst, node)

    def moved(self, register: int, dst: int, node: "Node") -> int:
        """`register`, or `dst` after a MOVE to it if one is wanted and it is another."""
        if dst == ir.NOREG or dst == register:
            return register
        self.emit((ir.MOVE, dst, register, self.span(node)))
        return dst

    def target(self, dst: int) -> int:
        """The wanted destination, or a new temporary."""
        return self.new_temporary() if dst == ir.NOREG else dst

    def statement(self, node: "Node") -> None:
        """Lowers one statement; the temporaries that it took may be used again."""
        kind = node.kind_id
        lowering = self._statements[kind] if kind != ERROR_KIND else None
        if lowering is None or self.level >= DEEPEST:
            self.uncovered += 1
            return
        base = self.temporary
        self.level += 1
        lowering(self, node)
        self.level -= 1
        if self.temporary < self.lowest:
            self.lowest = self.temporary
        self.temporary = base

    def statements(self, nodes: "Sequence[Node]") -> None:
        """Lowers statements in order."""
        for node in nodes:
            self.statement(node)

    def block(self, lower: Callable[[], Any]) -> ir.Block:
        """The instructions that `lower` emits, apart from those in progress. Temporaries taken inside stay taken until
        the end of the statement that holds the block.
        """
        outer = self.emit
        body: list[ir.Ins] = []
        self.emit = body.append
        lower()
        self.emit = outer
        return tuple(body)

    def symbol(self, name: str) -> int:
        """The slot of a library name that the front end itself needs: `builtins.isinstance`."""
        key = b"$" + name.encode()
        found = self.slots.get(key)
        if found is None:
            found = self.slots[key] = len(self.names)
            self.names.append(None)
            self.inits.append(("s", name))
        return found
