"""What an output of a template does to what it prints: which place of `custodiet.markup` it is.

- `escaped`: neutralised for where it stands
- `raw`: written as it is (`|safe`, no autoescaping, an attribute that is decoded before it is parsed)
- `unquoted`: escaped, in an attribute without quotes or between attributes, where a space ends the value
- `script`: escaped for HTML, in program text
- `script_string`: escaped for HTML, inside a quoted string of a `<script>`: quotes hold, a backslash does not
- `address`: escaped, at the start of an address that the browser follows (`javascript:`)
"""

from collections.abc import Mapping
from typing import Final

from custodiet.source.template_expression import Node
from custodiet.source.template_markup import Context

# What an expression's value is, as far as its filters tell:
PLAIN: Final = "plain"
MARKED: Final = "marked"  # declared to be safe markup though nothing escaped it
ESCAPED: Final = "escaped"
JSON: Final = "json"  # JSON whose <, >, & and ' are escaped, quotes left
JSON_ESCAPED: Final = "json-escaped"
STRING: Final = "string"  # escaped for a quoted string of a program
HARMLESS: Final = "harmless"  # a number, a percent-encoded text, an address of the application's own
SILENT: Final = "silent"  # prints nothing of its own: a literal, a truth value, a macro that has places itself

_ESCAPES: Final = frozenset(("e", "escape", "h"))
_FORCED: Final = frozenset(("forceescape", "force_escape"))
_NUMBERS: Final = frozenset(
    "int float length length_is count wordcount round abs filesizeformat floatformat urlencode slugify iriencode u "
    "xmlattr".split()
)
_DJANGO_AUTOESCAPING: Final = frozenset("linebreaks linebreaksbr linenumbers urlize urlizetrunc unordered_list".split())
_DJANGO_UNMARKING: Final = frozenset("upper add urlencode make_list date time".split())
_URL_FUNCTIONS: Final = frozenset("url_for static url_path_for".split())
_SILENT_CALLS: Final = frozenset(("super", "caller"))


def status_of(node: Node, known: Mapping[str, str], language: str, *, autoescape: bool) -> str:
    """What the value of the node is. `known` tells of variables that the template itself has set."""
    kind = node.kind
    if kind == "filter":
        inner = status_of(node.children[0], known, language, autoescape=autoescape)
        return _filtered(node, inner, language, autoescape=autoescape)
    if kind == "name":
        return known.get(node.value, PLAIN)
    if kind in ("constant", "test") or (kind == "unary" and node.value == "not"):
        return SILENT
    if kind == "call":
        return _called(node, known)
    if kind == "attribute":
        base = node.children[0]
        return SILENT if language == "django" and base.kind == "name" and base.value == "block" else PLAIN
    if kind == "binary":
        if node.value in ("==", "!=", "<", "<=", ">", ">=", "in", "notin", "is", "isnot"):
            return SILENT
        return PLAIN if node.value != "+" else _joined(node.children, known, language, autoescape=autoescape)
    if kind in ("concat", "or", "and"):
        return _joined(node.children, known, language, autoescape=autoescape)
    if kind == "choice":
        return _joined(node.children[1:], known, language, autoescape=autoescape)
    return PLAIN


def _joined(nodes: tuple[Node, ...], known: Mapping[str, str], language: str, *, autoescape: bool) -> str:
    statuses = {status_of(node, known, language, autoescape=autoescape) for node in nodes} - {SILENT}
    if not statuses:
        return SILENT
    if MARKED in statuses:
        return MARKED
    return statuses.pop() if len(statuses) == 1 else PLAIN


def _called(node: Node, known: Mapping[str, str]) -> str:
    callee = node.children[0]
    name = callee.value if callee.kind in ("name", "attribute") else ""
    if callee.kind == "name":
        if known.get(name) == SILENT or name in _SILENT_CALLS:
            return SILENT
        if name in ("Markup", "mark_safe"):
            literal = len(node.children) > 1 and node.children[1].kind == "constant"
            return SILENT if literal else MARKED
        if name in ("range", "namespace", "csrf_token"):
            return HARMLESS
    elif callee.kind == "attribute":
        base = callee.children[0]
        if base.kind == "name" and (base.value == "self" or known.get(base.value) == SILENT):
            return SILENT
    return HARMLESS if name in _URL_FUNCTIONS else PLAIN


def _filtered(node: Node, inner: str, language: str, *, autoescape: bool) -> str:
    name = node.value
    if name in ("safe", "safeseq") or (language == "mako" and name == "n"):
        return MARKED if inner == PLAIN else inner
    if name in _FORCED:
        return JSON_ESCAPED if inner == JSON else ESCAPED
    if name in _ESCAPES or (language == "mako" and name in ("x", "entity")):
        return ESCAPED if inner == PLAIN else inner
    if name == "tojson":
        return JSON
    if language == "django":
        if name == "json_script":
            return HARMLESS
        if name == "escapejs":
            return STRING
        if name in _DJANGO_AUTOESCAPING and inner == PLAIN:
            return ESCAPED if autoescape else MARKED
        if name in _DJANGO_UNMARKING and inner == MARKED:
            return PLAIN
    elif name == "urlize" and inner == PLAIN:
        return ESCAPED if autoescape else MARKED
    elif name == "striptags" and inner == MARKED:
        return PLAIN
    elif name == "format" and inner in (MARKED, SILENT) and node.children[0].kind == "filter":
        return ESCAPED  # `"<b>%s</b>"|safe|format(x)` escapes x
    if name in _NUMBERS:
        return HARMLESS
    if name in ("default", "d", "default_if_none") and inner == SILENT:
        return PLAIN
    return PLAIN if inner == SILENT and len(node.children) > 1 else inner


def place_of(status: str, context: Context, *, autoescape: bool) -> str:
    """The place that an output of such a value is; empty where it prints nothing."""
    if status == SILENT:
        return ""
    if status == MARKED or (status == PLAIN and not autoescape):
        return "raw"
    if status == HARMLESS:
        return "escaped"
    if context.mode == "script":
        return _in_script(status, context)
    if context.mode in ("tag", "tagname", "name"):
        return "escaped" if context.closing else "unquoted"  # a closing tag has no attributes
    if context.mode not in ("value", "equals"):
        return "escaped"
    if context.attribute == "srcdoc":
        return "raw"
    if context.mode == "equals" or not context.quote:
        return "unquoted"
    if status == JSON:
        return "unquoted" if context.quote == '"' else "escaped"
    if context.is_handler:
        if status == JSON_ESCAPED or (status == STRING and context.string in ("'", '"')):
            return "escaped"
        if status == STRING and not context.attribute.startswith("on"):
            return "escaped"
        return "script"
    if context.is_address and context.at_start:
        return "address"
    return "escaped"


def _in_script(status: str, context: Context) -> str:
    if not context.is_program or context.string in ("//", "/*"):
        return "escaped"
    if context.string == "`":
        return "script"
    if status in (JSON, JSON_ESCAPED):
        return "escaped"
    if context.string:
        return "escaped" if status == STRING else "script_string"
    return "script"
