"""Types of TypeScript as annotations of the common form: `Map<string, User[]>` is `Map[string, list[User]]`."""

from typing import TYPE_CHECKING, Final

from custodiet.pattern import pattern
from custodiet.source.javascript_scopes import Scopes

if TYPE_CHECKING:
    from tree_sitter import Node

_NAMED: Final = pattern(r"[A-Za-z_$][\w$]*(?:\.[A-Za-z_$][\w$]*)*\Z")
_NOT_THERE: Final = frozenset(("undefined", "null", "void", "never"))
_SAYING_NOTHING: Final = frozenset(("any", "unknown", "object", "this"))
_TRANSPARENT: Final = frozenset("Promise Readonly Partial Required NonNullable Awaited PromiseLike Observable".split())
_DEEPEST_TYPE: Final = 8


class Types(Scopes):
    """Annotations."""

    __slots__ = ()

    def annotation(self, node: "Node | None") -> str | None:
        """The type that a `: T` node says; None if it says nothing that the analysis could use."""
        if node is None:
            return None
        inner = self.children(node)
        return self._type(inner[0], 0) if inner else None

    def type_of(self, node: "Node | None") -> str | None:
        """The annotation of a type node."""
        return None if node is None else self._type(node, 0)

    def _type(self, node: "Node", depth: int) -> str | None:
        kind = node.type
        if depth > _DEEPEST_TYPE:
            return None
        if kind in ("type_identifier", "nested_type_identifier", "predefined_type", "identifier", "nested_identifier"):
            word = self.text(node)
            return word if _NAMED.match(word) and word not in _SAYING_NOTHING else None
        parts = self.children(node)
        if kind == "generic_type" and parts:
            return self._generic(parts, depth)
        if kind == "array_type" and parts:
            return f"list[{self._type(parts[0], depth + 1) or 'Any'}]"
        if kind in ("readonly_type", "parenthesized_type", "optional_type", "type_annotation") and parts:
            return self._type(parts[-1], depth + 1)
        if kind == "union_type":
            return self._union(parts, depth)
        if kind == "intersection_type":
            named = [found for part in parts if (found := self._type(part, depth + 1)) is not None]
            return named[0] if named else None
        return None

    def _generic(self, parts: "list[Node]", depth: int) -> str | None:
        head = self.text(parts[0])
        if not _NAMED.match(head):
            return None
        arguments = self.children(parts[-1]) if parts[-1].type == "type_arguments" else []
        if head in _TRANSPARENT:
            return self._type(arguments[0], depth + 1) if arguments else None
        inner = [self._type(argument, depth + 1) or "Any" for argument in arguments]
        head = "list" if head in ("Array", "ReadonlyArray") else head
        return f"{head}[{', '.join(inner)}]" if inner else head

    def _union(self, parts: "list[Node]", depth: int) -> str | None:
        found: list[str] = []
        waiting = list(parts)
        while waiting:
            part = waiting.pop(0)
            if part.type == "union_type":
                waiting = [*self.children(part), *waiting]
                continue
            if part.type == "literal_type" and self.text(part) in _NOT_THERE:
                continue
            named = self._type(part, depth + 1)
            if named in _NOT_THERE:
                continue
            if named is None or "[" in named:
                return named if len(parts) <= 2 and not found and not waiting else None
            found.append(named)
        return " | ".join(found) if found else None
