"""The front end of templates: Jinja2, Django and Mako in, `ir.Module` out.

A template becomes a module of two functions and more: 0 is an empty `<module>`, 1 is `<template>`, whose keyword-only
parameters are the names that the template reads, and the rest are its macros. A template that includes or extends
another has a `**context` parameter too, which it hands on.

Every place where a value is printed is a call of a function of `custodiet.markup` (see `template_places`), whose span
is the whole `{{ ... }}`. Filters are calls of `jinja2.filters.<name>` or `django.template.defaultfilters.<name>` with
the value first. Another template is rendered by a call of `custodiet.template.render` with its name and, as keyword
arguments, every name that is visible there.
"""

import re
from collections.abc import Iterator
from typing import Final

from custodiet.source import ir
from custodiet.source.template_django import DjangoLowering
from custodiet.source.template_jinja import JinjaLowering
from custodiet.source.template_lowering import MARKUP_MODULE, Lowering
from custodiet.source.template_mako import MakoLowering, mako_pieces
from custodiet.source.template_pieces import Pieces, pieces_of

ENGINES: Final = ("jinja", "django", "mako")
SUFFIXES: Final = frozenset((".html", ".htm", ".xhtml", ".xml", ".svg", ".jinja", ".jinja2", ".j2", ".mako"))
"""Suffixes of files that may be templates."""

_LOWERINGS: Final[dict[str, type[Lowering]]] = {"jinja": JinjaLowering, "django": DjangoLowering, "mako": MakoLowering}
_MARKUP_SUFFIXES: Final = frozenset((".html", ".htm", ".xhtml", ".xml", ".svg", ".py"))
_TEMPLATE_SUFFIXES: Final = frozenset((".jinja", ".jinja2", ".j2", ".mako", ".tpl", ".tmpl", ".template", ".dtl"))
_LOOKS_LIKE_MARKUP: Final = re.compile(
    r"<!doctype|</?(?:html|body|head|div|p|span|a|h[1-6]|ul|ol|li|table|tr|td|form|input|script|b|i|img|br|title)\b",
    re.IGNORECASE,
)
_WORD: Final = re.compile(r"[^\W\d]\w*")
_DJANGO: Final = re.compile(
    r"\{%\s*(?:load|csrf_token|blocktrans|blocktranslate|comment|verbatim|ifequal|empty|endcomment|url\s+['\"]|"
    r"static\s+['\"]|autoescape\s+o(?:n|ff)\b|trans\s+['\"][^'\"]*['\"]\s*%|include\s+\S+\s+with\s+\w+=)"
    r"|\{\{[^}]*\|\s*\w+:|\{%[^%]*\.(?:items|all)\s*%\}|\{\{\s*(?:block\.super|form(?:set)?\.as_\w+)\s*\}\}|\bforloop\.",
)
_JINJA: Final = re.compile(
    r"\{%-?\+?\s*(?:set|macro|call|import|from|do|raw)\b|\{\{-|-\}\}|\{[{%][^}]*(?:\w\(|\[|~)|\{\{[^}]*\bif\b"
)


def lower_template(source: bytes, *, path: str, engine: str, autoescape: bool | None = None) -> ir.Module:
    """The template as a module of the common representation; never raises for any source.

    `engine` is one of `ENGINES`. `autoescape` says whether the environment escapes; None is what the engine does in a
    web framework: Jinja2 and Django do, Mako does not. Whether a file is markup at all its name tells; what is no
    markup has no places.
    """
    text = source.decode("latin-1")
    pieces = mako_pieces(text) if engine == "mako" else pieces_of(text, engine)
    escapes = engine != "mako" if autoescape is None else autoescape
    is_markup = is_markup_file(path, text)
    lowering = _lowered(text, pieces, engine, is_markup=is_markup, autoescape=escapes, names=())
    functions = lowering.run()
    if lowering.includes:
        # What is handed to the other template includes names that are read only after it: read a second time.
        names = tuple(param.name for param in functions[0].params if param.flag == 1)
        lowering = _lowered(text, pieces, engine, is_markup=is_markup, autoescape=escapes, names=names)
        functions = lowering.run()
    lines = (0, *(match.end() for match in re.finditer("\n", text)))
    span = ir.span_of(0, len(source))
    body = ir.Function("<module>", "<module>", (), (), (), 0, (), -1, -1, span, (), (), (), 0, None)
    symbols = {word for function in functions for word in function.called}
    return ir.Module(
        name=path,
        path=path,
        is_package=False,
        language=engine,
        functions=(body, *functions),
        classes=(),
        lines=lines,
        uncovered=lowering.uncovered,
        errors=tuple((text.count("\n", 0, offset) + 1, what) for offset, what in lowering.errors[:10]),
        comments=lowering.comments(),
        identifiers=frozenset(_WORD.findall(source.decode("utf-8", "replace"))) | symbols,
    )


def engine_of(path: str, source: bytes, default: str = "jinja") -> str:
    """The engine that the file seems to be written for; `default` where the text fits several."""
    if path.endswith(".mako"):
        return "mako"
    if path.endswith((".jinja", ".jinja2", ".j2")):
        return "jinja"
    text = source.decode("latin-1")
    if _DJANGO.search(text):
        return "django"
    return "jinja" if _JINJA.search(text) else default


def is_markup_file(path: str, text: str) -> bool:
    """The template makes HTML or XML: by its suffix, or by its text where the suffix only says `template`."""
    suffixes = ["." + suffix.lower() for suffix in path.rpartition("/")[2].split(".")[1:]]
    while suffixes and suffixes[-1] in _TEMPLATE_SUFFIXES:
        suffixes.pop()
    if suffixes and suffixes[-1] in _MARKUP_SUFFIXES:
        return True
    if suffixes and suffixes[-1][1:].isalpha() and len(suffixes[-1]) <= 5:
        return False
    return _LOOKS_LIKE_MARKUP.search(text) is not None


def unescaped_places(module: ir.Module) -> list[tuple[str, int]]:
    """`(place, span)` of every output that is not neutralised where it stands, in source order."""
    found = {(span, name) for name, span in _markup_calls(module) if name not in ("escaped", "autoescape_off")}
    return [(name, span) for span, name in sorted(found)]


def template_checks(module: ir.Module) -> list[tuple[str, int, str]]:
    """`(rule, span, message)` of what is wrong in the template without any data flowing.

    Switching autoescaping off is reported where something is printed unescaped because of it, at the opening tag.
    """
    message = "autoescaping is switched off: what is printed here reaches the page as markup"
    spans = {span for name, span in _markup_calls(module) if name == "autoescape_off"}
    return [("autoescape-disabled", span, message) for span in sorted(spans)]


def _lowered(
    text: str, pieces: Pieces, engine: str, *, is_markup: bool, autoescape: bool, names: tuple[str, ...]
) -> Lowering:
    return _LOWERINGS[engine](text, pieces, is_markup=is_markup, autoescape=autoescape, names=names)


def _markup_calls(module: ir.Module) -> Iterator[tuple[str, int]]:
    """Name and span of every call of a function of `custodiet.markup`."""
    for function in module.functions:
        symbols = {ins[1]: ins[3] for ins in function.body if ins[0] == ir.IMPORT and ins[2] == MARKUP_MODULE}
        pending = [function.body]
        while pending:
            for ins in pending.pop():
                pending.extend(ir.blocks(ins))
                if ins[0] == ir.CALL and ins[2] in symbols:
                    yield symbols[ins[2]], ins[-1]
