"""What the layers of the JavaScript front end share: functions in progress, `this`, and who declares what is assigned."""

from typing import Any

from custodiet.source import ir
from custodiet.source.tree import TreeLowerer

NOREG = ir.NOREG
THIS = b"this"
"""The parameter that a method's receiver is; functions inside read it as a captured name."""
NO_THIS = b""
"""Nobody knows what `this` is here."""


class Scopes(TreeLowerer):
    """Functions in progress, and what a name means in them."""

    __slots__ = (
        "_assigned",
        "_pending",
        "_scopes",
        "folder",
        "has_patterns",
        "path",
        "this_raw",
    )

    def __init__(self, source: bytes, encoding: str, module_name: str, *, is_package: bool, path: str) -> None:
        super().__init__(source, encoding, module_name, is_package=is_package)
        self.path = path
        self.folder = path.rpartition("/")[0]
        self.this_raw = NO_THIS
        self.has_patterns = False
        """Whether a regular expression was lowered."""
        self._assigned: set[int] = set()
        self._scopes: list[tuple[set[int], bytes]] = []
        self._pending: list[tuple[int, frozenset[str]]] = []

    # -- functions in progress ----------------------------------------------------------------------------------------

    def open(self, qualname: str, class_index: int, this_raw: bytes) -> int:
        """Begins a function in which `this` is the name `this_raw`; `close` is its pair. Gives its index."""
        self._scopes.append((self._assigned, self.this_raw))
        index = self.begin(qualname, class_index)
        self._assigned = set()
        self.this_raw = this_raw
        return index

    def close(
        self, name: str, params: tuple[ir.Param, ...], body: list[ir.Ins], span: int, returns: str | None
    ) -> None:
        """Finishes the function in progress; names that it assigns and does not declare are settled at the end."""
        if self._assigned:
            inits = self.inits
            loose = frozenset(
                str(self.names[slot]) for slot in self._assigned if slot not in self.bound and inits[slot][0] == "n"
            )
            if loose and self.index:
                self._pending.append((self.index, loose))
            elif loose:
                self.bound.update(self._assigned)
        self.finish(name, params, body, span, returns)
        self._assigned, self.this_raw = self._scopes.pop()

    def settle(self) -> None:
        """Decides for every assigned name that its function does not declare whether it is an enclosing function's."""
        functions = self.functions
        for index, words in self._pending:
            function = functions[index]
            if function is None:
                continue
            outer = frozenset(word for word in words if self._declares_around(function, word))
            functions[index] = function._replace(
                nonlocals=tuple(sorted({*function.nonlocals, *outer})),
                globals=tuple(sorted({*function.globals, *(words - outer)})),
            )

    def _declares_around(self, function: ir.Function, word: str) -> bool:
        position = function.parent
        while position > 0:
            around = self.functions[position]
            if around is None:
                return False
            if around.name != "<class>":
                for kind, name in around.inits:
                    if name == word and kind in "lp":
                        return True
            position = around.parent
        return False

    def qualified(self, name: str) -> str:
        """The name of something defined here, dotted from the module."""
        return f"{self.qualname}.{name}" if self.qualname else name

    # -- names --------------------------------------------------------------------------------------------------------

    def assigned(self, raw: bytes) -> int:
        """The slot of a name that is assigned here and may be declared anywhere around."""
        slot = self.slot(raw)
        self._assigned.add(slot)
        return slot

    def this_slot(self) -> int:
        """The slot of `this`."""
        return self.slot(self.this_raw) if self.this_raw else self.unknown()

    def raw(self, node: Any) -> bytes:
        """The bytes of a node."""
        return self.source[node.start_byte : node.end_byte]
