"""Where in the HTML a template has got to: text, tag, attribute, script, style or comment.

`advance(context, text)` reads markup between two places of a template, `after_output(context)` steps over an output.
Both are pure, so that branches of a template can each start from the context before them.
"""

import re
from typing import Final, NamedTuple


class Context(NamedTuple):
    """The state of the reader."""

    mode: str = "text"
    """`text`, `tagname`, `tag` (between attributes), `name` (in an attribute's name), `equals` (after `=`), `value`,
    `comment`, `script`, `style` or `literal` (`<textarea>`, `<title>`)."""
    tag: str = ""
    closing: bool = False
    attribute: str = ""
    quote: str = ""
    """The quote around the attribute's value, empty without one."""
    lead: str = ""
    """How the attribute's value starts; an output is written as NUL. At most 40 characters."""
    string: str = ""
    """Inside program text: the quote of the string, `//` or `/*` of the comment, empty outside of both."""
    is_program: bool = True
    """The `<script>` holds program text, not JSON or a template."""

    @property
    def is_handler(self) -> bool:
        """The attribute holds program text: an event handler or a `javascript:` address."""
        if self.mode not in ("value", "equals"):
            return False
        if self.attribute.startswith("on") and len(self.attribute) > 2:
            return True
        return self.is_address and self.lead.strip().lower().startswith("javascript:")

    @property
    def is_address(self) -> bool:
        """The attribute holds an address that the browser follows."""
        return self.attribute in ADDRESS_ATTRIBUTES or (self.attribute == "data" and self.tag == "object")

    @property
    def at_start(self) -> bool:
        """Nothing of the attribute's value stands before this place."""
        return not self.lead.strip()


ADDRESS_ATTRIBUTES: Final = frozenset(
    ("href", "src", "action", "formaction", "xlink:href", "background", "poster", "ping", "manifest", "codebase")
)
_PROGRAM_TYPES: Final = re.compile(
    r"\A\s*(?:module|(?:text|application)/(?:x-)?(?:java|ecma)script.*|text/babel|jsx)?\s*\Z", re.IGNORECASE
)
_TAG_START: Final = re.compile(r"<(/?)([A-Za-z][^\s/>\x00]*)|<!--")
_WHOLE_TAG: Final = re.compile(r"</?([A-Za-z][^\s/>\x00]*)(?:\s+[^\s\"'>/=]+(?:\s*=\s*(?:\"[^\"]*\"|'[^']*'))?)*\s*/?>")
"""A tag that ends where it stands, its values in quotes: most tags, read in one step."""
_SPACE: Final = " \t\r\n\f"
_NAME_END: Final = re.compile(r"[\s/>=]")
_UNQUOTED_END: Final = re.compile(r"[\s>]")
_TAGNAME_END: Final = re.compile(r"[\s/>]")
_PROGRAM_STEP: Final = re.compile(r"[\"'`]|//|/\*")
_LITERAL_MODES: Final = {"script": "script", "style": "style", "textarea": "literal", "title": "literal"}
_LEAD: Final = 40


def advance(context: Context, text: str) -> Context:
    """The context after the markup `text`."""
    at, length = 0, len(text)
    while at < length:
        at, context = _READERS[context.mode](context, text, at)
    return context


def after_output(context: Context) -> Context:
    """The context after an output: it counts as part of what it stands in."""
    if context.mode == "equals":
        return context._replace(mode="value", quote="", lead="\0")
    if context.mode == "value":
        return context._replace(lead=(context.lead + "\0")[:_LEAD])
    if context.mode == "tag":
        return context._replace(mode="name", attribute="\0")
    return context


def _in_text(context: Context, text: str, at: int) -> tuple[int, Context]:
    at = text.find("<", at)
    if at < 0:
        return len(text), context
    whole = _WHOLE_TAG.match(text, at)
    if whole and whole.group(1).lower() not in _LITERAL_MODES:
        return whole.end(), context
    match = _TAG_START.match(text, at)
    if not match:
        return at + 1, context
    if match.group() == "<!--":
        return match.end(), Context(mode="comment")
    return match.end(), Context(mode="tagname", tag=match.group(2).lower(), closing=bool(match.group(1)))


def _in_tagname(context: Context, text: str, at: int) -> tuple[int, Context]:
    match = _TAGNAME_END.search(text, at)
    end = match.start() if match else len(text)
    return end, context._replace(mode="tag" if match else "tagname", tag=context.tag + text[at:end].lower())


def _in_tag(context: Context, text: str, at: int) -> tuple[int, Context]:
    char = text[at]
    if char == ">":
        return at + 1, _after_tag(context)
    if char in _SPACE or char == "/":
        return at + 1, context
    return at, context._replace(mode="name", attribute="")


def _in_name(context: Context, text: str, at: int) -> tuple[int, Context]:
    # An attribute's name may start with `=`: what follows the first character ends it.
    match = _NAME_END.search(text, at + 1 if not context.attribute else at)
    end = match.start() if match else len(text)
    context = context._replace(attribute=(context.attribute + text[at:end]).lower())
    if not match:
        return end, context
    while end < len(text) and text[end] in _SPACE:
        end += 1
    if end < len(text) and text[end] == "=":
        return end + 1, context._replace(mode="equals", lead="")
    return end, context._replace(mode="tag")


def _in_equals(context: Context, text: str, at: int) -> tuple[int, Context]:
    char = text[at]
    if char in _SPACE:
        return at + 1, context
    if char in "\"'":
        return at + 1, context._replace(mode="value", quote=char, lead="", string="")
    if char == ">":
        return at + 1, _after_tag(context)
    return at, context._replace(mode="value", quote="", lead="", string="")


def _in_value(context: Context, text: str, at: int) -> tuple[int, Context]:
    if context.quote:
        end = text.find(context.quote, at)
        closed = end >= 0
        end = end if closed else len(text)
        after = end + 1 if closed else end
    else:
        match = _UNQUOTED_END.search(text, at)
        closed = match is not None
        end = after = match.start() if match else len(text)
    lead = (context.lead + text[at:end])[:_LEAD] if len(context.lead) < _LEAD else context.lead
    string = _string_after(context.string, text[at:end]) if context.attribute.startswith("on") else ""
    context = context._replace(lead=lead, string=string)
    if not closed:
        return after, context
    if context.tag == "script" and context.attribute == "type":
        context = context._replace(is_program=_PROGRAM_TYPES.match(lead) is not None)
    return after, context._replace(mode="tag", quote="", lead="", attribute="", string="")


def _after_tag(context: Context) -> Context:
    mode = "text" if context.closing else _LITERAL_MODES.get(context.tag, "text")
    if mode == "text":
        return Context()
    return Context(mode=mode, tag=context.tag, is_program=context.is_program)


def _in_comment(context: Context, text: str, at: int) -> tuple[int, Context]:
    end = text.find("-->", at)
    return (len(text), context) if end < 0 else (end + 3, Context())


def _in_literal(context: Context, text: str, at: int) -> tuple[int, Context]:
    match = re.compile(r"</" + re.escape(context.tag), re.IGNORECASE).search(text, at)
    if not match:
        return len(text), context
    return match.end(), Context(mode="tag", tag=context.tag, closing=True)


def _in_script(context: Context, text: str, at: int) -> tuple[int, Context]:
    end = len(text)
    match = re.compile(r"</script", re.IGNORECASE).search(text, at)
    if match:
        return match.end(), Context(mode="tag", tag="script", closing=True)
    return end, context._replace(string=_string_after(context.string, text[at:end]))


def _string_after(string: str, text: str) -> str:
    """In which string or comment of a program the reader is after `text`."""
    at, length = 0, len(text)
    while at < length:
        if string in ("//", "/*"):
            end = text.find("\n" if string == "//" else "*/", at)
            if end < 0:
                return string
            at, string = end + (1 if string == "//" else 2), ""
        elif string:
            match = _STRING_ENDS[string].search(text, at)
            if not match:
                return string
            at = match.end()
            if match.group()[0] != "\\":
                string = ""
        else:
            match = _PROGRAM_STEP.search(text, at)
            if not match:
                return ""
            at, string = match.end(), match.group()
    return string


_STRING_ENDS: Final = {
    '"': re.compile(r"\\.|[\"\n]", re.DOTALL),
    "'": re.compile(r"\\.|['\n]", re.DOTALL),
    "`": re.compile(r"\\.|`", re.DOTALL),
}
_READERS: Final = {
    "text": _in_text,
    "tagname": _in_tagname,
    "tag": _in_tag,
    "name": _in_name,
    "equals": _in_equals,
    "value": _in_value,
    "comment": _in_comment,
    "literal": _in_literal,
    "style": _in_literal,
    "script": _in_script,
}
