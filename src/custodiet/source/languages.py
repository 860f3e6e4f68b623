"""The languages: what a file's name says it is written in, which front end reads it, how its module is called.

A *family* is a set of languages whose files call each other: they share one program and one folder of knowledge.
"""

from collections.abc import Callable, Collection
from importlib import import_module
from typing import Any, Final

import msgspec


class Language(msgspec.Struct, frozen=True, kw_only=True):
    """One language. `front_end` is (module, function): the function takes bytes, `path`, `name` and `is_package`."""

    name: str
    family: str
    suffixes: tuple[str, ...]
    front_end: tuple[str, str]


LANGUAGES: Final = (
    Language(
        name="python",
        family="python",
        suffixes=(".py", ".pyw", ".pyi"),
        front_end=("custodiet.source.python", "lower_python"),
    ),
    Language(
        name="javascript",
        family="javascript",
        suffixes=(".js", ".mjs", ".cjs", ".jsx", ".vue"),
        front_end=("custodiet.source.javascript", "lower_javascript"),
    ),
    Language(
        name="typescript",
        family="javascript",
        suffixes=(".ts", ".mts", ".cts", ".tsx"),
        front_end=("custodiet.source.javascript", "lower_javascript"),
    ),
    Language(
        name="csharp",
        family="csharp",
        suffixes=(".cs",),
        front_end=("custodiet.source.csharp", "lower_csharp"),
    ),
    Language(
        name="java",
        family="java",
        suffixes=(".java",),
        front_end=("custodiet.source.java", "lower_java"),
    ),
    Language(
        name="properties",
        family="java",
        suffixes=(".properties",),
        front_end=("custodiet.source.properties", "lower_properties"),
    ),
)
"""Every language that is read, apart from templates."""

TEMPLATE_ENGINES: Final = frozenset(("jinja", "django", "mako"))
"""What `Module.language` says of a template."""
BY_NAME: Final = {language.name: language for language in LANGUAGES}
_BY_SUFFIX: Final = {suffix: language.name for language in LANGUAGES for suffix in language.suffixes}


def language_of(path: str) -> str | None:
    """The language that a file of this name is written in, None if no front end reads it."""
    dot = path.rfind(".")
    return _BY_SUFFIX.get(path[dot:].lower()) if dot >= 0 else None


def family_of(language: str) -> str:
    """The family of a language; a template engine belongs to Python's."""
    known = BY_NAME.get(language)
    return known.family if known is not None else "python"


def front_end(language: str) -> Callable[..., Any]:
    """The function that lowers a file of the language.

    Raises:
        ValueError: if no front end reads `language`.
    """
    known = BY_NAME.get(language)
    if known is None:
        raise ValueError(f"no front end reads `{language}`")
    module, function = known.front_end
    lowering: Callable[..., Any] = getattr(import_module(module), function)  # late: loads the grammar
    return lowering


def is_index(path: str) -> bool:
    """Whether the file speaks for its folder: `src/shop/index.js`."""
    return path.rpartition("/")[2].rpartition(".")[0] == "index"


def path_name(path: str, _files: Collection[str]) -> tuple[str, bool]:
    """(module name, whether it is a package) of a file whose module is called by its path, without suffixes; an index is
    called as its folder.
    """
    folder, _, base = path.rpartition("/")
    if is_index(path):
        return folder, True
    stem = base.rpartition(".")[0] or base
    return f"{folder}/{stem}" if folder else stem, False
