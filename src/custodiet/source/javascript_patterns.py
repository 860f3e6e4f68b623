"""What is assigned to: names, members, and destructuring, which is ATTR and INDEX."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from custodiet.source import ir
from custodiet.source.javascript_types import Types
from custodiet.source.lowerer import DEEPEST

if TYPE_CHECKING:
    from tree_sitter import Node

NOREG: Final = ir.NOREG
NAMES: Final = frozenset(
    ("identifier", "shorthand_property_identifier_pattern", "shorthand_property_identifier", "undefined")
)
MEMBERS: Final = frozenset(("member_expression", "subscript_expression"))
_WRAPPERS: Final = frozenset(
    ("parenthesized_expression", "non_null_expression", "as_expression", "satisfies_expression", "type_assertion")
)
MODULE_EXPORTS: Final = b"module.exports"


class Patterns(Types):
    """Targets of assignments and declarations."""

    __slots__ = ()

    def assign(self, target: "Node", src: int, span: int, *, declares: bool) -> None:
        """Stores the register in the target; names of a declaration belong to the function in progress."""
        if self._depth >= DEEPEST:
            self.uncovered += 1
            return
        self._depth += 1
        kind = target.type
        if kind in NAMES:
            slot = self.target_slot(target, declares=declares)
            if slot != src:
                self.emit((ir.MOVE, slot, src, span))
        elif kind in MEMBERS:
            self._store(target, src, span)
        elif kind in ("object_pattern", "object"):
            self._object(target, src, declares=declares)
        elif kind in ("array_pattern", "array"):
            self._array(target, src, declares=declares)
        elif kind in ("assignment_pattern", "object_assignment_pattern", "assignment_expression"):
            left, right = target.child_by_field_name("left"), target.child_by_field_name("right")
            if left is not None:
                self.assign(left, self.with_default(src, right, span), span, declares=declares)
        elif kind in _WRAPPERS:
            inner = self.children(target)
            if inner:
                self.assign(inner[-1 if kind == "type_assertion" else 0], src, span, declares=declares)
        elif kind in ("rest_pattern", "spread_element"):
            for inner_node in self.children(target):
                self.assign(inner_node, src, span, declares=declares)
        else:
            self.uncovered += 1
        self._depth -= 1

    def target_slot(self, target: "Node", *, declares: bool) -> int:
        """The slot of a name that is declared or assigned."""
        raw = self.source[target.start_byte : target.end_byte]
        return self.bind(raw) if declares else self.assigned(raw)

    def with_default(self, src: int, default: "Node | None", span: int) -> int:
        """A register with `src`, or the default where it is undefined."""
        if default is None:
            return src
        dst = self.new_temporary()
        held = NOREG

        def lower() -> None:
            nonlocal held
            held = self.expression(default)

        block = self.block(lower)
        self.emit((ir.SHORT, dst, "or", src, block, held, span))
        return dst

    def _object(self, target: "Node", src: int, *, declares: bool) -> None:
        for child in self.children(target):
            kind = child.type
            span = self.span(child)
            if kind in NAMES:
                name = self.text(child)
                self.called.add(name)
                self.emit((ir.ATTR, self.target_slot(child, declares=declares), src, name, span))
                continue
            if kind in ("rest_pattern", "spread_element"):
                self.assign(child, src, span, declares=declares)
                continue
            if kind in ("pair_pattern", "pair"):
                key, value = child.child_by_field_name("key"), child.child_by_field_name("value")
            elif kind in ("object_assignment_pattern", "assignment_expression"):
                key = child.child_by_field_name("left")
                value = child
            else:
                key = value = None
            if key is None or value is None:
                self.uncovered += 1
                continue
            direct = value.type in NAMES
            taken = self.target_slot(value, declares=declares) if direct else self.new_temporary()
            self.read_key(taken, src, key, span)
            if not direct:
                self.assign(value, taken, span, declares=declares)

    def read_key(self, dst: int, src: int, key: "Node", span: int) -> None:
        """`dst = src.key`: ATTR of a known key, INDEX of a computed one."""
        if key.type == "computed_property_name":
            inner = self.children(key)
            self.emit((ir.INDEX, dst, src, self.expression(inner[0]) if inner else self.unknown(), span))
            return
        name = self.key_name(key)
        self.called.add(name)
        self.emit((ir.ATTR, dst, src, name, span))

    def key_name(self, key: "Node") -> str:
        """The name that a key of an object or class says."""
        if key.type == "string":
            register = self.expression(key)
            if register >= 0 and self.inits[register][0] == "c":
                return str(self.inits[register][1])
        if key.type == "computed_property_name":
            inner = self.children(key)
            return self.text(inner[0]) if inner else ""
        return self.text(key)

    def _array(self, target: "Node", src: int, *, declares: bool) -> None:
        place = 0
        for child in target.children:
            if not child.is_named:
                place += child.type == ","
                continue
            kind = child.type
            if kind == "comment":
                continue
            span = self.span(child)
            if kind in ("rest_pattern", "spread_element"):
                taken = self.new_temporary()
                self.emit((ir.SLICE, taken, src, self.number(place) if place else NOREG, NOREG, span))
                self.assign(child, taken, span, declares=declares)
                continue
            taken = self.target_slot(child, declares=declares) if kind in NAMES else self.new_temporary()
            self.emit((ir.INDEX, taken, src, self.number(place), span))
            if kind not in NAMES:
                self.assign(child, taken, span, declares=declares)

    # -- members ------------------------------------------------------------------------------------------------------

    def is_module_exports(self, node: "Node") -> bool:
        """Whether the node reads `module.exports`."""
        return node.end_byte - node.start_byte == len(MODULE_EXPORTS) and self.raw(node) == MODULE_EXPORTS

    def member(self, node: "Node") -> "tuple[int, str, int]":
        """(object, name, NOREG) of `a.b`, (object, "", index) of `a[b]` where `b` is no constant name."""
        owner = node.child_by_field_name("object")
        if node.type == "member_expression":
            name = node.child_by_field_name("property")
            held = self.operand(owner)
            word = self.text(name) if name is not None else ""
            self.called.add(word)
            return held, word, NOREG
        index = node.child_by_field_name("index")
        held = self.operand(owner)
        key = self.expression(index)
        if key >= 0:
            kind, value = self.inits[key]
            if kind == "c" and isinstance(value, str) and value.replace("$", "_").isidentifier():
                self.called.add(value)
                return held, value, NOREG
        return held, "", key

    def operand(self, node: "Node | None") -> int:
        """The register of the leftmost operand of a chain, however long the chain is."""
        return self.expression(node)

    def _store(self, target: "Node", src: int, span: int) -> None:
        if self.is_module_exports(target):
            slot = self.assigned(MODULE_EXPORTS)
            self.emit((ir.MOVE, slot, src, span))
            return
        held, name, key = self.member(target)
        if key == NOREG:
            self.emit((ir.SETATTR, held, name, src, span))
        else:
            self.emit((ir.SETINDEX, held, key, src, span))

    def update(self, target: "Node", compute: "Callable[[int, int], int]", span: int) -> int:
        """Reads the target, stores what `compute(old, destination)` makes of it, and gives the register of the new value."""
        while target.type in _WRAPPERS:
            inner = self.children(target)
            if not inner:
                break
            target = inner[0]
        if target.type not in MEMBERS or self.is_module_exports(target):
            slot = self.assigned(self.raw(target)) if target.type in NAMES else self.new_temporary()
            made = compute(slot, slot)
            if made != slot:
                self.emit((ir.MOVE, slot, made, span))
            return slot
        held, name, key = self.member(target)
        before = self.new_temporary()
        if key == NOREG:
            self.emit((ir.ATTR, before, held, name, self.span(target)))
        else:
            self.emit((ir.INDEX, before, held, key, self.span(target)))
        after = compute(before, self.new_temporary())
        if key == NOREG:
            self.emit((ir.SETATTR, held, name, after, span))
        else:
            self.emit((ir.SETINDEX, held, key, after, span))
        return after
