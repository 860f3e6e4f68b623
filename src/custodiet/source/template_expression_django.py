"""Reads the expressions of Django templates."""

from custodiet.source.template_expression import COMPARISONS, Node, Reader, Unreadable, number
from custodiet.source.template_pieces import decoded


class DjangoReader(Reader):
    """Reads the expressions of Django templates: dotted variables with filters, and the operators of `{% if %}`."""

    def concatenation(self) -> Node:
        """An operand: Django has no arithmetic."""
        return self.sign()

    def sum(self) -> Node:
        """An operand: Django has no arithmetic."""
        return self.sign()

    def comparison(self) -> Node:
        """`a < b`, `a in b`, `a is not b`."""
        start = self.token.start
        node = self.sign()
        while True:
            if self.token.text == "is" and self.token.kind == "name":
                self.at += 1
                operator = "isnot" if self.accept("not") else "is"
                node = self.node("binary", start, operator, node, self.sign())
                continue
            before = self.at
            if self.token.kind == "op" and self.token.text in COMPARISONS:
                operator = self.take().text
            elif self.accept("in"):
                operator = "in"
            elif self.token.text == "not" and self.follows("in"):
                self.at += 2
                operator = "notin"
            else:
                self.at = before
                return node
            node = self.node("binary", start, operator, node, self.sign())

    def primary(self) -> Node:
        """A name, a literal, or `_("text")`."""
        token = self.token
        if token.text == "_" and self.follows("("):
            self.at += 2
            inner = super().primary()
            self.expect(")")
            return inner
        if token.kind == "op" and token.text != "(":
            raise Unreadable(token.text)
        return super().primary()

    def postfix(self, node: Node) -> Node:
        """`node` with its `.x`, `.0` and `|x:y`."""
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
            elif self.accept("|"):
                name = self.name()
                arguments = [self.argument()] if self.accept(":") else []
                node = self.node("filter", start, name, node, *arguments)
            else:
                return node

    def argument(self) -> Node:
        """The argument of a filter: a literal or a dotted variable without filters."""
        start = self.token.start
        if operator := self.accept("-", "+"):
            return self.node("unary", start, operator.text, self.primary())
        node = self.primary()
        while self.accept("."):
            token = self.take()
            if token.kind not in ("name", "number"):
                raise Unreadable(token.text)
            if token.kind == "name":
                node = self.node("attribute", start, decoded(token.text), node)
            else:
                index = Node("constant", token.start, token.end, number(token.text))
                node = self.node("index", start, None, node, index)
        return node
