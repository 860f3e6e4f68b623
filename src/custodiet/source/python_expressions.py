"""Expressions of Python: names, attributes, subscripts, calls and displays.

Each lowering takes (lowerer, node, dst, depth) and returns the register that holds the value: `dst` if it had to be
written anywhere and the caller wanted it there, else whatever register already has it. Comments and ERROR nodes may
stand between any two children; the quick paths below are taken only when the number of children says that none does.
"""

from typing import TYPE_CHECKING, Final

from custodiet.pattern import pattern
from custodiet.source import ir
from custodiet.source.grammar import ERROR_KIND, KINDS, kind_named, kinds_named
from custodiet.source.lowerer import DEEPEST, EXPRESSIONS, SPINE, Lowerer, Path

if TYPE_CHECKING:
    from tree_sitter import Node

NOREG: Final = ir.NOREG

IDENTIFIER: Final = kind_named("identifier")
ATTRIBUTE: Final = kind_named("attribute")
SUBSCRIPT: Final = kind_named("subscript")
CALL_KIND: Final = kind_named("call")
SLICE_KIND: Final = kind_named("slice")
KEYWORD_ARGUMENT: Final = kind_named("keyword_argument")
LIST_SPLAT: Final = kind_named("list_splat")
DICTIONARY_SPLAT: Final = kind_named("dictionary_splat")
PARENTHESIZED: Final = kind_named("parenthesized_expression")
PARENTHESIZED_SPLAT: Final = kind_named("parenthesized_list_splat")
PAIR: Final = kind_named("pair")
ARGUMENT_LIST: Final = kind_named("argument_list")
COMMENT: Final = kind_named("comment")
BINARY: Final = kind_named("binary_operator")
BOOLEAN: Final = kind_named("boolean_operator")
COMPARISON: Final = kind_named("comparison_operator")
NAMED: Final = kind_named("named_expression")
EXTRAS: Final = kinds_named("comment", "line_continuation") | {ERROR_KIND}
"""What may stand between any two children."""

_LEFT_RECURSIVE: Final = frozenset((ATTRIBUTE, SUBSCRIPT, CALL_KIND, BINARY, BOOLEAN))


def real_children(node: "Node") -> "list[Node]":
    """The named children without comments and ERROR nodes."""
    return [child for child in node.named_children if child.kind_id not in EXTRAS]


def span_at(node: "Node") -> int:
    """The span of the node."""
    start = node.start_byte
    return (start << 24) | (node.end_byte - start)


def expression(lowerer: Lowerer, node: "Node", dst: int, depth: int) -> int:
    """The register with the value of any expression."""
    return EXPRESSIONS[node.kind_id](lowerer, node, dst, depth)


def value_into(lowerer: Lowerer, node: "Node", dst: int, depth: int) -> None:
    """Makes `dst` the value of the expression."""
    register = EXPRESSIONS[node.kind_id](lowerer, node, dst, depth)
    if register != dst:
        lowerer.emit((ir.MOVE, dst, register, span_at(node)))


def left_operand(lowerer: Lowerer, node: "Node", depth: int) -> int:
    """The register of a leftmost operand, of which chains are as long as the file allows.

    Beyond `SPINE` the chain is walked down in a loop and lowered from its left end: each link then finds the value
    of its own left operand here.
    """
    if depth < SPINE:
        return EXPRESSIONS[node.kind_id](lowerer, node, NOREG, depth + 1)
    if lowerer.left_id == node.id:
        lowerer.left_id = -1
        return lowerer.left
    if depth > DEEPEST:
        return lowerer.too_deep()
    links = []
    while node.kind_id in _LEFT_RECURSIVE:
        inner = _leftmost(node)
        if inner is None:
            break
        links.append((node, inner))
        node = inner
    register = EXPRESSIONS[node.kind_id](lowerer, node, NOREG, depth + 1)
    for link, inner in reversed(links):
        lowerer.left_id = inner.id
        lowerer.left = register
        register = EXPRESSIONS[link.kind_id](lowerer, link, NOREG, depth)
    lowerer.left_id = -1
    return register


def _leftmost(node: "Node") -> "Node | None":
    """The operand that the node's own lowering hands to `left_operand`; None if it has none."""
    if node.kind_id == CALL_KIND:
        function = _called_function(node)
        if function is None or function.kind_id != ATTRIBUTE:
            return function
        node = function
    children = real_children(node)
    return children[0] if children else None


def _called_function(node: "Node") -> "Node | None":
    children = real_children(node)
    return children[0] if len(children) >= 2 else None


def identifier(lowerer: Lowerer, node: "Node", _dst: int, _depth: int) -> int:
    """The slot of the name."""
    raw = lowerer.source[node.start_byte : node.end_byte]
    found = lowerer.slots.get(raw)
    return found if found is not None else lowerer.new_slot(raw)


def parenthesized(lowerer: Lowerer, node: "Node", dst: int, depth: int) -> int:
    """The value inside the parentheses; of several, which only error recovery yields, the last."""
    if depth > DEEPEST:
        return lowerer.too_deep()
    register = NOREG
    for child in node.named_children:
        if child.kind_id not in EXTRAS:
            register = EXPRESSIONS[child.kind_id](lowerer, child, dst, depth + 1)
    return register if register != NOREG else lowerer.unknown()


def attribute(lowerer: Lowerer, node: "Node", dst: int, depth: int) -> int:
    """ATTR, one for each dot of `a.b.c`."""
    start = node.start_byte
    end = node.end_byte
    raw = lowerer.source[start:end] if end - start < LONGEST_PATH else b""
    path = lowerer.dotted.get(raw, _UNSEEN)
    if path is _UNSEEN:
        path = _dotted_path(lowerer, raw)
    if path is not None:
        obj = path_owner(lowerer, path, start)
        name = path[2]
    else:
        children = node.named_children
        if len(children) != 2:
            children = real_children(node)
            if len(children) < 2:
                return first_of(lowerer, children, depth)
        name = lowerer.text(children[-1])
        obj = left_operand(lowerer, children[0], depth)
    lowerer.called.add(name)
    if dst == NOREG:
        dst = lowerer.temporary
        lowerer.temporary = dst - 1
    lowerer.emit((ir.ATTR, dst, obj, name, (start << 24) | (end - start)))
    return dst


LONGEST_PATH: Final = 120
"""Bytes beyond which the text of an attribute is not looked at: each link of a long chain has all before it."""

_UNSEEN: Final = (b"", (), "")
_DOTTED: Final = pattern(rb"(?!(?:None|True|False|lambda|await|not|yield)\b)[A-Za-z_]\w*(?:\.[A-Za-z_]\w*){1,30}\Z")


def _dotted_path(lowerer: Lowerer, raw: bytes) -> Path | None:
    """The path that the text of an attribute spells if names and dots are all of it, remembered by its text."""
    path: Path | None = None
    if _DOTTED.match(raw):
        strings = lowerer.strings
        first, *rest = raw.split(b".")
        if len(rest) == 1:
            last = rest[0]
            name = strings.get(last)
            if name is None:
                name = lowerer.intern(last)
            path = lowerer.dotted[raw] = (first, (), name)
            return path
        inner = []
        length = len(first)
        for word in rest:
            length += 1 + len(word)
            name = strings.get(word)
            inner.append((name if name is not None else lowerer.intern(word), length))
        path = (first, tuple(inner[:-1]), inner[-1][0])
    lowerer.dotted[raw] = path
    return path


def path_owner(lowerer: Lowerer, path: Path, start: int) -> int:
    """The register of what the last name of the path is read from."""
    first, inner, _ = path
    found = lowerer.slots.get(first)
    register = found if found is not None else lowerer.new_slot(first)
    if not inner:
        return register
    for name, length in inner:
        read = lowerer.temporary
        lowerer.temporary = read - 1
        lowerer.called.add(name)
        lowerer.emit((ir.ATTR, read, register, name, (start << 24) | length))
        register = read
    return register


def first_of(lowerer: Lowerer, children: "list[Node]", depth: int) -> int:
    """The value of the one operand that error recovery has left over."""
    if not children or depth > DEEPEST:
        return lowerer.unknown()
    return EXPRESSIONS[children[0].kind_id](lowerer, children[0], NOREG, depth + 1)


def call(lowerer: Lowerer, node: "Node", dst: int, depth: int) -> int:
    """CALL, or CALLM when what is called is an attribute."""
    if depth > DEEPEST:
        return lowerer.too_deep()
    children = node.named_children
    if len(children) != 2:
        children = real_children(node)
        if len(children) < 2:
            return first_of(lowerer, children, depth)
    function = children[0]
    kind = function.kind_id
    name = None
    start = node.start_byte
    raw = lowerer.source[function.start_byte : function.end_byte]
    if kind == ATTRIBUTE:
        if len(raw) > LONGEST_PATH:
            raw = b""
        path = lowerer.dotted.get(raw, _UNSEEN)
        if path is _UNSEEN:
            path = _dotted_path(lowerer, raw)
        if path is not None:
            target = path_owner(lowerer, path, start)
            name = path[2]
            lowerer.called.add(name)
        else:
            parts = function.named_children
            if len(parts) != 2:
                parts = real_children(function)
            if len(parts) >= 2:
                name = lowerer.text(parts[-1])
                lowerer.called.add(name)
                target = left_operand(lowerer, parts[0], depth)
    if name is None:
        if kind == IDENTIFIER:
            found = lowerer.slots.get(raw)
            target = found if found is not None else lowerer.new_slot(raw)
            word = lowerer.names[target]
            if word is not None:
                lowerer.called.add(word)
        else:
            target = left_operand(lowerer, function, depth)
    positional, keyword = arguments(lowerer, children[-1], depth)
    if dst == NOREG:
        dst = lowerer.temporary
        lowerer.temporary = dst - 1
    span = (start << 24) | (node.end_byte - start)
    if name is None:
        lowerer.emit((ir.CALL, dst, target, positional, keyword, span))
    else:
        lowerer.emit((ir.CALLM, dst, target, name, positional, keyword, span))
    return dst


def arguments(lowerer: Lowerer, node: "Node", depth: int) -> tuple[tuple[int, ...], tuple[tuple[str, int], ...]]:
    """Positional registers and (name, register) pairs, spreads among these, in source order."""
    table = EXPRESSIONS
    if node.kind_id != ARGUMENT_LIST:
        return (table[node.kind_id](lowerer, node, NOREG, depth + 1),), ()
    if node.end_byte - node.start_byte == 2:
        return (), ()
    positional = []
    keyword = []
    depth += 1
    source = lowerer.source
    strings = lowerer.strings
    for child in node.named_children:
        kind = child.kind_id
        if kind == KEYWORD_ARGUMENT:
            parts = child.named_children
            if len(parts) != 2:
                parts = real_children(child)[:2]
                if len(parts) < 2:
                    continue
            name, value = parts
            raw = source[name.start_byte : name.end_byte]
            word = strings.get(raw)
            if word is None:
                word = lowerer.intern(raw)
            keyword.append((word, table[value.kind_id](lowerer, value, NOREG, depth)))
        elif kind in _SPREADS:
            keyword.append((_SPREADS[kind], splat(lowerer, child, NOREG, depth)))
        elif kind not in EXTRAS:
            positional.append(table[kind](lowerer, child, NOREG, depth))
    return tuple(positional), tuple(keyword)


_SPREADS: Final = {LIST_SPLAT: "*", PARENTHESIZED_SPLAT: "*", DICTIONARY_SPLAT: "**"}


def splat(lowerer: Lowerer, node: "Node", _dst: int, depth: int) -> int:
    """The value that is spread."""
    if depth > DEEPEST:
        return lowerer.too_deep()
    return first_of(lowerer, real_children(node), depth)


def subscript(lowerer: Lowerer, node: "Node", dst: int, depth: int) -> int:
    """INDEX or SLICE; several indices make a tuple."""
    if depth > DEEPEST:
        return lowerer.too_deep()
    children = node.named_children
    if len(children) != 2 or children[1].kind_id in EXTRAS:
        children = real_children(node)
        if len(children) < 2:
            return first_of(lowerer, children, depth)
    obj = left_operand(lowerer, children[0], depth)
    index = children[1]
    if index.kind_id == SLICE_KIND and len(children) == 2:
        low, high = slice_bounds(lowerer, index, depth)
        if dst == NOREG:
            dst = lowerer.new_temporary()
        lowerer.emit((ir.SLICE, dst, obj, low, high, span_at(node)))
        return dst
    key = index_of(lowerer, children, depth)
    if dst == NOREG:
        dst = lowerer.temporary
        lowerer.temporary = dst - 1
    start = node.start_byte
    lowerer.emit((ir.INDEX, dst, obj, key, (start << 24) | (node.end_byte - start)))
    return dst


def index_of(lowerer: Lowerer, children: "list[Node]", depth: int) -> int:
    """The register of the index; `children` are those of the subscript, the indexed value first."""
    if len(children) == 2:
        index = children[1]
        return EXPRESSIONS[index.kind_id](lowerer, index, NOREG, depth + 1)
    keys = tuple(EXPRESSIONS[child.kind_id](lowerer, child, NOREG, depth + 1) for child in children[1:])
    key = lowerer.new_temporary()
    lowerer.emit((ir.MAKE, key, "t", keys, span_at(children[1])))
    return key


def slice_bounds(lowerer: Lowerer, node: "Node", depth: int) -> tuple[int, int]:
    """(low, high), NOREG where open; the step is evaluated and forgotten."""
    bounds = [NOREG, NOREG, NOREG]
    place = 0
    for child in node.children:
        if child.is_named:
            if child.kind_id not in EXTRAS and place < 3:
                bounds[place] = EXPRESSIONS[child.kind_id](lowerer, child, NOREG, depth + 1)
        elif child.type == ":":
            place += 1
    return bounds[0], bounds[1]


def slice_value(lowerer: Lowerer, node: "Node", _dst: int, depth: int) -> int:
    """An unknown value: a slice among several indices, or one that is assigned to."""
    if depth > DEEPEST:
        return lowerer.too_deep()
    slice_bounds(lowerer, node, depth)
    return lowerer.unknown()


def awaited(lowerer: Lowerer, node: "Node", dst: int, depth: int) -> int:
    """AWAIT."""
    if depth > DEEPEST:
        return lowerer.too_deep()
    src = first_of(lowerer, real_children(node), depth)
    if dst == NOREG:
        dst = lowerer.new_temporary()
    lowerer.emit((ir.AWAIT, dst, src, span_at(node)))
    return dst


def yielded(lowerer: Lowerer, node: "Node", dst: int, depth: int) -> int:
    """YIELD or YIELDALL."""
    if depth > DEEPEST:
        return lowerer.too_deep()
    lowerer.flags |= ir.FUNCTION_GENERATOR
    children = real_children(node)
    src = EXPRESSIONS[children[0].kind_id](lowerer, children[0], NOREG, depth + 1) if children else NOREG
    delegates = src != NOREG and any(child.type == "from" for child in node.children)
    if dst == NOREG:
        dst = lowerer.new_temporary()
    lowerer.emit((ir.YIELDALL if delegates else ir.YIELD, dst, src, span_at(node)))
    return dst


_DISPLAYS: Final = {
    **dict.fromkeys(kinds_named("list", "list_pattern"), "l"),
    **dict.fromkeys(kinds_named("set"), "s"),
    **dict.fromkeys(kinds_named("tuple", "expression_list", "pattern_list", "tuple_pattern"), "t"),
}


STAR: Final = ord("*")
"""How a spread begins. In a display the grammar reads `[*f(x)]` as `[(*f)(x)]`: the star is inside the element."""

_NEVER_STARRED: Final = frozenset((IDENTIFIER, kind_named("string"), kind_named("integer")))


def display(lowerer: Lowerer, node: "Node", dst: int, depth: int) -> int:
    """MAKE; after a spread element the rest is added by calls (list, set) or by `+` (tuple)."""
    if depth > DEEPEST:
        return lowerer.too_deep()
    kind = _DISPLAYS[node.kind_id]
    table = EXPRESSIONS
    elements: list[int] = []
    children = node.named_children
    for place, child in enumerate(children):
        child_kind = child.kind_id
        if child_kind in _SPREADS or (child_kind not in _NEVER_STARRED and lowerer.source[child.start_byte] == STAR):
            return _display_with_spreads(lowerer, node, (kind, tuple(elements), children[place:]), dst, depth)
        if child_kind not in EXTRAS:
            elements.append(table[child_kind](lowerer, child, NOREG, depth + 1))
    if dst == NOREG:
        dst = lowerer.temporary
        lowerer.temporary = dst - 1
    start = node.start_byte
    lowerer.emit((ir.MAKE, dst, kind, tuple(elements), (start << 24) | (node.end_byte - start)))
    return dst


def _display_with_spreads(
    lowerer: Lowerer, node: "Node", shape: "tuple[str, tuple[int, ...], list[Node]]", dst: int, depth: int
) -> int:
    kind, before, rest = shape
    span = span_at(node)
    made = lowerer.new_temporary()
    lowerer.emit((ir.MAKE, made, kind, before, span))
    for child in rest:
        if child.kind_id in EXTRAS:
            continue
        spread = child.kind_id in _SPREADS or lowerer.source[child.start_byte] == STAR
        register = EXPRESSIONS[child.kind_id](lowerer, child, NOREG, depth + 1)
        if kind == "t":
            if not spread:
                single = lowerer.new_temporary()
                lowerer.emit((ir.MAKE, single, "t", (register,), span_at(child)))
                register = single
            lowerer.emit((ir.BIN, made, "+", made, register, span))
        else:
            grow = ("extend", "append") if kind == "l" else ("update", "add")
            name = grow[0] if spread else grow[1]
            lowerer.emit((ir.CALLM, lowerer.new_temporary(), made, name, (register,), (), span_at(child)))
    if dst != NOREG:
        lowerer.emit((ir.MOVE, dst, made, span))
        return dst
    return made


def dictionary(lowerer: Lowerer, node: "Node", dst: int, depth: int) -> int:
    """DICT."""
    if depth > DEEPEST:
        return lowerer.too_deep()
    table = EXPRESSIONS
    pairs = []
    for child in node.named_children:
        kind = child.kind_id
        if kind == PAIR:
            parts = child.named_children
            if len(parts) != 2:
                parts = real_children(child)
                if len(parts) < 2:
                    continue
            key, value = parts[0], parts[-1]
            held = table[key.kind_id](lowerer, key, NOREG, depth + 1)
            pairs.append((held, table[value.kind_id](lowerer, value, NOREG, depth + 1)))
        elif kind in _SPREADS:
            pairs.append((NOREG, splat(lowerer, child, NOREG, depth + 1)))
        elif kind not in EXTRAS:
            lowerer.uncovered += 1
    if dst == NOREG:
        dst = lowerer.new_temporary()
    lowerer.emit((ir.DICT, dst, tuple(pairs), span_at(node)))
    return dst


LOWERINGS: Final = {
    "identifier": identifier,
    "attribute": attribute,
    "call": call,
    "subscript": subscript,
    "slice": slice_value,
    "parenthesized_expression": parenthesized,
    "await": awaited,
    "yield": yielded,
    "dictionary": dictionary,
    "list_splat": splat,
    "parenthesized_list_splat": splat,
    "dictionary_splat": splat,
    "list_splat_pattern": splat,
    "dictionary_splat_pattern": splat,
    "type": parenthesized,
    "chevron": parenthesized,
    **{KINDS[kind] or "": display for kind in _DISPLAYS},
}
"""What lowers each kind of expression in this file."""
