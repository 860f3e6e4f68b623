"""The expressions of templates as a tree of nodes, and the reader of those of Jinja2.

Every reader works on a range of the Latin-1 text of the template and raises `Unreadable` for what it does not know;
the caller counts that and goes on.
"""

import re
from typing import Any, Final, NamedTuple

from custodiet.source.template_pieces import decoded


class Unreadable(Exception):  # noqa: N818 -- says what the text is, as a predicate reads
    """The text is no expression of the language, or is nested too deeply."""


class Node(NamedTuple):
    """An expression. What `value` and `children` hold depends on `kind`:

    name(value)                        index(object, index)          binary(value: operator; left, right)
    constant(value)                    slice(object, low, high)      unary(value: operator; operand)
    attribute(value: name; object)     call(callee, *arguments)      and(left, right), or(left, right)
    concat(*parts)                     filter(value; input, *arguments)
    choice(condition, then, else)      test(value; operand, *arguments)
    list, tuple, set(*elements)        dict(key, value, key, value, ...)
    """

    kind: str
    start: int
    end: int
    value: Any = None
    children: "tuple[Node, ...]" = ()
    keywords: "tuple[tuple[str, Node], ...]" = ()
    height: int = 1
    """Levels below and including this one; never more than `HIGHEST`."""


class Token(NamedTuple):
    """A word of an expression; `kind` is `name`, `number`, `string`, `op` or `end`."""

    kind: str
    text: str
    start: int
    end: int


_TOKEN: Final = re.compile(
    r"""(?P<space>\s+)
      |(?P<name>[^\W\d][\w\x80-\xff]*|[\x80-\xff][\w\x80-\xff]*)
      |(?P<number>0[xXoObB][\da-fA-F_]+|\d[\d_]*(?:\.\d+)?(?:[eE][-+]?\d+)?)
      |(?P<string>"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')
      |(?P<op>\*\*|//|==|!=|<>|<=|>=|->|:=|<<|>>|[-+*/%~|.,:()\[\]{}<>=&^@!])""",
    re.VERBOSE | re.DOTALL,
)
_DEEPEST: Final = 25
HIGHEST: Final = 60
"""Deeper expressions are unreadable: what walks over nodes may recurse."""
_ESCAPE: Final = re.compile(r"\\(.)", re.DOTALL)
_ESCAPES: Final = {"n": "\n", "t": "\t", "r": "\r", "\n": ""}
_CONSTANTS: Final = {"true": True, "True": True, "false": False, "False": False, "none": None, "None": None}
COMPARISONS: Final = frozenset(("==", "!=", "<>", "<", "<=", ">", ">="))
_RESERVED: Final = frozenset("and or not if else in is for recursive".split())


def tokens_of(text: str, start: int, end: int) -> list[Token]:
    """The words between the offsets, with a last one of kind `end`."""
    tokens: list[Token] = []
    at = start
    while at < end:
        match = _TOKEN.match(text, at, end)
        if not match:
            raise Unreadable(text[at])
        if match.lastgroup != "space":
            tokens.append(Token(match.lastgroup or "op", match.group(), at, match.end()))
        at = match.end()
    tokens.append(Token("end", "", end, end))
    return tokens


_DOTTED: Final = re.compile(r"\s*([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)\s*\Z", re.ASCII)


def dotted_name(text: str, start: int, end: int) -> Node | None:
    """The node of `a.b.c`, which most expressions are; None if the range holds something else."""
    match = _DOTTED.match(text[start:end])
    if not match:
        return None
    first, *rest = match.group(1).split(".")
    if first in _CONSTANTS or first in _RESERVED or len(rest) > HIGHEST:
        return None
    start += match.start(1)
    end = start + len(first)
    node = Node("name", start, end, first)
    for height, name in enumerate(rest, 2):
        end += 1 + len(name)
        node = Node("attribute", start, end, name, (node,), (), height)
    return node


class Reader:
    """Reads Jinja2 expressions from a list of tokens, one after the other."""

    constants: dict[str, Any] = _CONSTANTS

    def __init__(self, text: str, start: int, end: int) -> None:
        self.text = text
        self.tokens = tokens_of(text, start, end)
        self.at = 0
        self.depth = 0

    # --- words -------------------------------------------------------------------------------------------------

    @property
    def token(self) -> Token:
        """The next word."""
        return self.tokens[self.at]

    @property
    def is_at_end(self) -> bool:
        """Nothing is left."""
        return self.tokens[self.at].kind == "end"

    def take(self) -> Token:
        """The next word, stepped over."""
        token = self.tokens[self.at]
        if token.kind != "end":
            self.at += 1
        return token

    def accept(self, *texts: str) -> Token | None:
        """The next word if it is one of these (and no string), stepped over."""
        token = self.tokens[self.at]
        if token.kind in ("op", "name") and token.text in texts:
            self.at += 1
            return token
        return None

    def expect(self, text: str) -> Token:
        """The next word, which must be this one."""
        token = self.accept(text)
        if not token:
            raise Unreadable(self.token.text)
        return token

    def name(self) -> str:
        """The next word, which must be a name."""
        token = self.take()
        if token.kind != "name":
            raise Unreadable(token.text)
        return decoded(token.text)

    def follows(self, *texts: str) -> bool:
        """The words after the next one are these."""
        rest = self.tokens[self.at + 1 : self.at + 1 + len(texts)]
        return [token.text for token in rest] == list(texts)

    def node(
        self,
        kind: str,
        start: int,
        value: Any = None,
        *children: Node,
        keywords: tuple[tuple[str, Node], ...] = (),
    ) -> Node:
        """A node from `start` to the last word taken."""
        end = self.tokens[self.at - 1].end if self.at else start
        height = 1 + max((child.height for child in (*children, *(each for _, each in keywords))), default=0)
        if height > HIGHEST:
            raise Unreadable("nested too deeply")
        return Node(kind, start, max(start, end), value, children, keywords, height)

    # --- expressions -------------------------------------------------------------------------------------------

    def whole(self) -> Node:
        """The expression that takes up everything that is left."""
        node = self.tuple_or_expression()
        if not self.is_at_end:
            raise Unreadable(self.token.text)
        return node

    def tuple_or_expression(self) -> Node:
        """An expression, or several with commas between: a tuple."""
        start = self.token.start
        elements = [self.expression()]
        if self.token.text != "," or self.token.kind != "op":
            return elements[0]
        while self.accept(","):
            if self.is_at_end or self.token.text in (")", "="):
                break
            elements.append(self.expression())
        return self.node("tuple", start, None, *elements)

    def expression(self, *, choice: bool = True) -> Node:
        """One expression; without `choice` an `if` ends it."""
        self.depth += 1
        if self.depth > _DEEPEST:
            raise Unreadable("nested too deeply")
        start = self.token.start
        node = self.disjunction()
        while choice and self.accept("if"):
            condition = self.disjunction()
            nothing = Node("constant", start, start, "")
            orelse = self.expression() if self.accept("else") else nothing
            node = self.node("choice", start, None, condition, node, orelse)
        self.depth -= 1
        return node

    def disjunction(self) -> Node:
        """`a or b`."""
        start = self.token.start
        node = self.conjunction()
        while self.accept("or"):
            node = self.node("or", start, None, node, self.conjunction())
        return node

    def conjunction(self) -> Node:
        """`a and b`."""
        start = self.token.start
        node = self.negation()
        while self.accept("and"):
            node = self.node("and", start, None, node, self.negation())
        return node

    def negation(self) -> Node:
        """`not a`."""
        start, count = self.token.start, 0
        while self.accept("not"):
            count += 1
        node = self.comparison()
        for _ in range(count):
            node = self.node("unary", start, "not", node)
        return node

    def comparison(self) -> Node:
        """`a < b`, `a in b`, `a not in b`."""
        start = self.token.start
        node = self.sum()
        while True:
            if self.token.kind == "op" and self.token.text in COMPARISONS:
                operator = self.take().text
                operator = "!=" if operator == "<>" else operator
            elif self.accept("in"):
                operator = "in"
            elif self.token.text == "not" and self.follows("in"):
                self.at += 2
                operator = "notin"
            else:
                return node
            node = self.node("binary", start, operator, node, self.sum())

    def sum(self) -> Node:
        """`a + b - c`."""
        start = self.token.start
        node = self.concatenation()
        while operator := self.accept("+", "-"):
            node = self.node("binary", start, operator.text, node, self.concatenation())
        return node

    def concatenation(self) -> Node:
        """`a ~ b`."""
        start = self.token.start
        parts = [self.product()]
        while self.accept("~"):
            parts.append(self.product())
        return parts[0] if len(parts) == 1 else self.node("concat", start, None, *parts)

    def product(self) -> Node:
        """`a * b`."""
        start = self.token.start
        node = self.sign()
        while operator := self.accept("*", "/", "//", "%"):
            node = self.node("binary", start, operator.text, node, self.sign())
        return node

    def sign(self) -> Node:
        """`-a`, `a ** b`."""
        start = self.token.start
        if operator := self.accept("-", "+"):
            self.depth += 1
            if self.depth > _DEEPEST:
                raise Unreadable("nested too deeply")
            operand = self.sign()
            self.depth -= 1
            return self.node("unary", start, operator.text, operand)
        node = self.postfix(self.primary())
        while self.accept("**"):
            node = self.node("binary", start, "**", node, self.postfix(self.primary()))
        return node

    def primary(self) -> Node:
        """A name, a literal, or something in brackets."""
        token = self.take()
        text = token.text
        if token.kind == "name":
            if text in self.constants:
                return self.node("constant", token.start, self.constants[text])
            if text in _RESERVED:
                raise Unreadable(text)
            return self.node("name", token.start, decoded(text))
        if token.kind == "number":
            return self.node("constant", token.start, number(text))
        if token.kind == "string":
            value = string(text)
            while self.token.kind == "string":
                value += string(self.take().text)
            return self.node("constant", token.start, value)
        if text == "(":
            if self.accept(")"):
                return self.node("tuple", token.start)
            inner = self.tuple_or_expression()
            self.expect(")")
            return inner._replace(start=token.start, end=self.tokens[self.at - 1].end)
        if text == "[":
            return self.node("list", token.start, None, *self.elements("]"))
        if text == "{":
            return self.braces(token.start)
        raise Unreadable(text)

    def elements(self, closer: str) -> list[Node]:
        """Expressions with commas between, up to the closer."""
        found: list[Node] = []
        while not self.accept(closer):
            found.append(self.expression())
            if not self.accept(","):
                self.expect(closer)
                break
        return found

    def braces(self, start: int) -> Node:
        """The rest of a dictionary or a set."""
        found: list[Node] = []
        kind = "dict"
        while not self.accept("}"):
            found.append(self.expression())
            if self.accept(":"):
                found.append(self.expression())
            else:
                kind = "set"
            if not self.accept(","):
                self.expect("}")
                break
        if kind == "dict" and len(found) % 2:
            raise Unreadable("{")
        return self.node(kind, start, None, *found)

    def postfix(self, node: Node) -> Node:
        """`node` with everything that follows it: `.x`, `[x]`, `(x)`, `|x`, `is x`."""
        start = node.start
        while True:
            if self.accept("."):
                token = self.take()
                if token.kind == "name":
                    node = self.node("attribute", start, decoded(token.text), node)
                elif token.kind == "number":
                    for part in token.text.split("."):
                        index = Node("constant", token.start, token.end, number(part))
                        node = self.node("index", start, None, node, index)
                else:
                    raise Unreadable(token.text)
            elif self.accept("["):
                node = self.subscript(node)
            elif self.accept("("):
                arguments, keywords = self.arguments()
                node = self.node("call", start, None, node, *arguments, keywords=keywords)
            elif self.token.kind == "op" and self.accept("|"):
                node = self.filter(node)
            elif self.accept("is"):
                node = self.test(node)
            else:
                return node

    def subscript(self, node: Node) -> Node:
        """The rest of `node[...]`."""
        start = node.start
        nothing = Node("constant", start, start)
        low = nothing if self.token.text == ":" else self.tuple_or_expression()
        if not self.accept(":"):
            self.expect("]")
            return self.node("index", start, None, node, low)
        high = nothing if self.token.text in (":", "]") else self.expression()
        if self.accept(":") and self.token.text != "]":
            self.expression()
        self.expect("]")
        return self.node("slice", start, None, node, low, high)

    def arguments(self) -> tuple[list[Node], tuple[tuple[str, Node], ...]]:
        """The rest of `(a, b=c, *d, **e)`; the spread ones are keywords named `*` and `**`."""
        positional: list[Node] = []
        keywords: list[tuple[str, Node]] = []
        while not self.accept(")"):
            if star := self.accept("*", "**"):
                keywords.append((star.text, self.expression()))
            elif self.token.kind == "name" and self.follows("="):
                name = self.name()
                self.at += 1
                keywords.append((name, self.expression()))
            else:
                positional.append(self.expression())
            if not self.accept(","):
                self.expect(")")
                break
        return positional, tuple(keywords)

    def filter(self, node: Node) -> Node:
        """The rest of `node|name(...)`."""
        name = self.name()
        while self.accept("."):
            name += "." + self.name()
        arguments: list[Node] = []
        keywords: tuple[tuple[str, Node], ...] = ()
        if self.accept("("):
            arguments, keywords = self.arguments()
        return self.node("filter", node.start, name, node, *arguments, keywords=keywords)

    def test(self, node: Node) -> Node:
        """The rest of `node is [not] name ...`."""
        negated = self.accept("not") is not None
        name = self.name()
        arguments: list[Node] = []
        if self.accept("("):
            arguments, _ = self.arguments()
        elif self.token.kind in ("number", "string") or (
            self.token.kind == "name" and self.token.text not in ("and", "or", "not", "if", "else", "is", "in")
        ):
            arguments = [self.postfix(self.primary())]
        tested = self.node("test", node.start, name, node, *arguments)
        return self.node("unary", node.start, "not", tested) if negated else tested


def number(text: str) -> int | float:
    """The number that the text writes; 0 where it writes none."""
    text = text.replace("_", "")
    try:
        return int(text, 0) if text[:2].lower() in ("0x", "0o", "0b") else int(text)
    except ValueError:
        pass
    try:
        return float(text)
    except ValueError:
        return 0


def string(text: str) -> str:
    """The characters of a quoted literal."""
    inner = text[1:-1]
    if "\\" in inner:
        inner = _ESCAPE.sub(lambda match: _ESCAPES.get(match.group(1), match.group(1)), inner)
    return decoded(inner)
