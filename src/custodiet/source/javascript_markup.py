"""Markup in JavaScript: an element is MARKUP, a component is called with its properties."""

from typing import TYPE_CHECKING, Final

from custodiet.source import ir
from custodiet.source.javascript_operators import Operators

if TYPE_CHECKING:
    from tree_sitter import Node

NOREG: Final = ir.NOREG
_ADDRESS: Final = "custodiet.markup.address"
PLACES: Final = {
    "dangerouslySetInnerHTML": "jsx.dangerouslySetInnerHTML",
    "srcDoc": "jsx.srcDoc",
    **dict.fromkeys(("href", "action", "formAction", "xlinkHref"), _ADDRESS),
}
"""Attributes that the browser reads as markup or as an address, and the library name that each is a call of."""
_FRAMES: Final = frozenset(("iframe", "embed", "frame", "script", "object"))
"""Elements whose `src` is a document or a script."""


class Markup(Operators):
    """Elements."""

    __slots__ = ()

    def e_jsx_element(self, node: "Node", dst: int) -> int:
        """MARKUP with its children, or CALL of a component."""
        opening = node.child_by_field_name("open_tag")
        children = []
        for child in self.children(node):
            if child.type in ("jsx_opening_element", "jsx_closing_element", "jsx_text", "html_character_reference"):
                continue
            children.append(self.expression(child))
        return self._element(opening if opening is not None else node, tuple(children), dst, self.span(node))

    def e_jsx_self_closing_element(self, node: "Node", dst: int) -> int:
        """MARKUP without children, or CALL of a component."""
        return self._element(node, (), dst, self.span(node))

    def e_jsx_expression(self, node: "Node", dst: int) -> int:
        """The value in braces."""
        inner = self.children(node)
        return self.expression(inner[0], dst) if inner else self.none()

    def _element(self, opening: "Node", children: tuple[int, ...], dst: int, span: int) -> int:
        name = opening.child_by_field_name("name")
        word = self.text(name) if name is not None else ""
        attributes: list[tuple[str, int]] = []
        spreads: list[int] = []
        for child in self.children(opening):
            if child.type == "jsx_attribute":
                attributes.append(self._attribute(child))
            elif child.type == "jsx_expression":
                spreads.append(self.expression(child))
        if name is not None and (word[:1].isupper() or "." in word):
            return self._component(name, attributes, spreads, children, dst, span)
        made = self.target(dst)
        for place, register in attributes:
            means = _ADDRESS if place == "src" and word in _FRAMES else PLACES.get(place)
            if means is not None and (register < 0 or self.inits[register][0] != "c"):
                self.called.add(means.rpartition(".")[2])
                self.emit((ir.CALL, self.new_temporary(), self.symbol(means), (register,), (), span))
        for register in spreads:
            attributes.append(("**", register))
        self.emit((ir.MARKUP, made, word, tuple(attributes), children, span))
        return made

    def _attribute(self, node: "Node") -> tuple[str, int]:
        parts = self.children(node)
        name = self.text(parts[0]) if parts else ""
        if len(parts) < 2:
            return name, self.constant(b"=true", True)
        return name, self.named_attribute(parts[1], name)

    def named_attribute(self, node: "Node", name: str) -> int:
        """The value of an attribute; a function is called as the attribute."""
        if node.type == "jsx_expression":
            inner = self.children(node)
            return self.named(inner[0], name, NOREG, self.this_raw) if inner else self.none()
        return self.expression(node)

    def _component(
        self,
        name: "Node",
        attributes: list[tuple[str, int]],
        spreads: list[int],
        children: tuple[int, ...],
        dst: int,
        span: int,
    ) -> int:
        """CALL with one object of properties."""
        pairs = [(self.string(word), register) for word, register in attributes]
        pairs.extend((NOREG, register) for register in spreads)
        if len(children) == 1:
            pairs.append((self.string("children"), children[0]))
        elif children:
            held = self.new_temporary()
            self.emit((ir.MAKE, held, "l", children, span))
            pairs.append((self.string("children"), held))
        properties = self.new_temporary()
        self.emit((ir.DICT, properties, tuple(pairs), span))
        made = self.target(dst)
        if name.type in ("member_expression", "nested_identifier"):
            parts = self.text(name).split(".")
            held = self.slot(parts[0].encode(self.encoding, "replace"))
            for part in parts[1:-1]:
                read = self.new_temporary()
                self.emit((ir.ATTR, read, held, part, span))
                held = read
            self.called.add(parts[-1])
            self.emit((ir.CALLM, made, held, parts[-1], (properties,), (), span))
            return made
        self.called.add(self.text(name))
        self.emit((ir.CALL, made, self.slot(self.raw(name)), (properties,), (), span))
        return made
