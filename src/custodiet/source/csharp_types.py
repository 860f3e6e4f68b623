"""Types of C# as text: what annotations of parameters, fields and locals say."""

from typing import TYPE_CHECKING, Final

from custodiet.source.tree import TreeLowerer

if TYPE_CHECKING:
    from tree_sitter import Node

SILENT: Final = frozenset(("object", "dynamic", "var", "Object", "Action", "Func", "Delegate"))
"""Types that say nothing of a value."""
_TASKS: Final = frozenset(("Task", "ValueTask"))
_BARE: Final = frozenset(("identifier", "predefined_type"))
_INNER: Final = frozenset(("nullable_type", "pointer_type", "ref_type", "scoped_type"))


_EXTRAS: Final = frozenset(
    f"preproc_{word}" for word in "region endregion line pragma nullable error warning define undef".split()
)
"""Directives that may stand anywhere."""


class CSharpTypes(TreeLowerer):
    """Types as text, names as bytes."""

    @classmethod
    def _build_tables(cls) -> None:
        super()._build_tables()
        cls._anywhere |= frozenset(kind for kind, name in enumerate(cls.grammar.kinds) if name in _EXTRAS)

    def raw(self, node: "Node") -> bytes:
        """The bytes of a name, without the `@` that lets a keyword be one."""
        found = self.source[node.start_byte : node.end_byte]
        return found[1:] if found[:1] == b"@" else found

    def word(self, node: "Node") -> str:
        """The name as a string."""
        raw = self.raw(node)
        found = self.strings.get(raw)
        return found if found is not None else self.intern(raw)

    def simple_name(self, node: "Node") -> "Node":
        """The identifier of a name that may have type arguments or a qualifier."""
        while node.type != "identifier":
            inner = node.child_by_field_name("name") or (node.named_children[0] if node.named_child_count else None)
            if inner is None:
                break
            node = inner
        return node

    def type_text(self, node: "Node | None") -> str | None:
        """The type as annotations have it: `List[string]`, `list[byte]`, `string` for `string?`; None for `var`.

        A task stands for its result.
        """
        if node is None:
            return None
        kind = node.type
        if kind in _BARE:
            return self.word(node)
        if kind == "implicit_type":
            return None
        if kind in _INNER:
            return self.type_text(node.child_by_field_name("type"))
        if kind == "array_type":
            return f"list[{self.type_text(node.child_by_field_name('type'))}]"
        if kind == "generic_name":
            return self._generic(node)
        if kind == "qualified_name":
            name = self.type_text(node.child_by_field_name("name"))
            qualifier = self.type_text(node.child_by_field_name("qualifier"))
            if name is not None and (name.partition("[")[0] in _TASKS or qualifier == "System"):
                return name
            return f"{qualifier}.{name}"
        if kind == "alias_qualified_name":
            return self.type_text(node.child_by_field_name("name"))
        if kind == "tuple_type":
            parts = [self.type_text(child.child_by_field_name("type")) or "object" for child in self.children(node)]
            return f"tuple[{', '.join(parts)}]"
        return None

    def _generic(self, node: "Node") -> str:
        parts = self.children(node)
        head = self.word(parts[0]) if parts else ""
        arguments = [self.type_text(child) or "object" for child in self.children(parts[-1])] if len(parts) > 1 else []
        if not arguments:
            return head
        if head in _TASKS or (head in {"Nullable", "ActionResult"} and len(arguments) == 1):
            return arguments[0]
        return f"{head}[{', '.join(arguments)}]"

    def declared(self, node: "Node | None") -> str | None:
        """The type as `type_text`, None if it says nothing of a value."""
        text = self.type_text(node)
        if text is None or text.partition("[")[0] in SILENT or text in _TASKS:
            return None
        return text
