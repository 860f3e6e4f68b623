"""Arrays and objects of JavaScript."""

from typing import TYPE_CHECKING, Final

from custodiet.source import ir
from custodiet.source.javascript_expressions import Expressions
from custodiet.source.javascript_functions import FUNCTIONS, Shape
from custodiet.source.lowerer import DEEPEST

if TYPE_CHECKING:
    from tree_sitter import Node

NOREG: Final = ir.NOREG


class Containers(Expressions):
    """Arrays and objects."""

    __slots__ = ()

    def e_array(self, node: "Node", dst: int) -> int:
        """MAKE; what stands behind a spread is added by calls."""
        elements: list[int] = []
        children = self.children(node)
        span = self.span(node)
        for place, child in enumerate(children):
            if child.type == "spread_element":
                return self._array_with_spread(elements, children[place:], dst, span)
            elements.append(self.expression(child))
        made = self.target(dst)
        self.emit((ir.MAKE, made, "l", tuple(elements), span))
        return made

    e_array_pattern = e_array

    def _array_with_spread(self, before: list[int], rest: "list[Node]", dst: int, span: int) -> int:
        made = self.new_temporary()
        self.emit((ir.MAKE, made, "l", tuple(before), span))
        for child in rest:
            spread = child.type == "spread_element"
            inner = self.children(child) if spread else [child]
            register = self.expression(inner[0]) if inner else self.unknown()
            name = "extend" if spread else "append"
            self.emit((ir.CALLM, self.new_temporary(), made, name, (register,), (), self.span(child)))
        if dst != NOREG:
            self.emit((ir.MOVE, dst, made, span))
            return dst
        return made

    def e_object(self, node: "Node", dst: int) -> int:
        """DICT; functions in it are values."""
        return self.object_of(node, dst, b"")

    e_object_pattern = e_object

    def object_of(self, node: "Node", dst: int, owner: bytes) -> int:
        """DICT; `owner` is what `this` means in its functions."""
        pairs: list[tuple[int, int]] = []
        for child in self.children(node):
            kind = child.type
            if kind == "pair":
                key, value = child.child_by_field_name("key"), child.child_by_field_name("value")
                if key is None or value is None:
                    continue
                name = self._key(key)
                word = self.key_name(key) if value.type in FUNCTIONS else ""
                pairs.append((name, self._member_value(value, word, owner)))
            elif kind in ("shorthand_property_identifier", "identifier"):
                pairs.append((self.string(self.text(child)), self.expression(child)))
            elif kind == "spread_element":
                inner = self.children(child)
                pairs.append((NOREG, self.expression(inner[0]) if inner else self.unknown()))
            elif kind == "method_definition":
                pair = self._object_method(child, owner)
                if pair is not None:
                    pairs.append(pair)
            else:
                self.uncovered += 1
        made = self.target(dst)
        self.emit((ir.DICT, made, tuple(pairs), self.span(node)))
        return made

    def _member_value(self, value: "Node", name: str, owner: bytes) -> int:
        if value.type == "object" and owner and self._depth < DEEPEST:
            self._depth += 1
            made = self.object_of(value, NOREG, owner)
            self._depth -= 1
            return made
        return self.named(value, name, NOREG, owner)

    def _object_method(self, child: "Node", owner: bytes) -> tuple[int, int] | None:
        key = child.child_by_field_name("name")
        if key is None:
            return None
        words = {part.type for part in child.children if not part.is_named}
        if "set" in words:
            return None
        name = self._key(key)
        index, defaults = self.function(child, Shape(self.key_name(key), owner))
        held = self.new_temporary()
        self.emit((ir.FUNC, held, index, (), defaults, self.span(key)))
        if "get" in words:
            read = self.new_temporary()
            self.emit((ir.CALL, read, held, (), (), self.span(key)))
            held = read
        return name, held

    def _key(self, key: "Node") -> int:
        if key.type == "computed_property_name":
            inner = self.children(key)
            return self.expression(inner[0]) if inner else self.unknown()
        if key.type == "number":
            return self.expression(key)
        return self.string(self.key_name(key))
