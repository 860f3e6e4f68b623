"""One file to read, and what its name and its first bytes say about it."""

import os

import msgspec

from custodiet.domain.finding import Incomplete
from custodiet.source.languages import language_of as source_language

_STUBS = (".pyi", ".d.ts", ".d.mts", ".d.cts")
"""Declarations without code."""
_MINIFIED = (".min.js", ".min.mjs", ".min.cjs", "-min.js", ".bundle.js", ".pack.js")
_TEMPLATES = (".html", ".htm", ".xhtml", ".jinja", ".jinja2", ".j2", ".mako", ".djhtml")
_TEMPLATE_FOLDERS = frozenset({"templates", "template", "jinja2"})
_SHEBANG_BYTES = 64


class File(msgspec.Struct, frozen=True):
    """One file to read."""

    path: str
    """Relative to the scan root, with `/` on every system; bytes that are not UTF-8 are written `\\xNN`."""
    absolute: str
    """What the system opens."""
    name: str
    """Dotted module name; a template has its path."""
    is_package: bool
    language: str
    """A name of `source.languages`, or `template`."""
    content: bytes | None = None
    """The bytes, if they are not those on the disk."""


class Collection(msgspec.Struct, frozen=True):
    """What a scan reads; each part is sorted by path."""

    files: tuple[File, ...]
    templates: tuple[File, ...]
    incomplete: tuple[Incomplete, ...]

    def __len__(self) -> int:
        """How many files there are to read."""
        return len(self.files) + len(self.templates)


def read(file: File, *, max_file_size: int) -> bytes | Incomplete:
    """The bytes of `file`, or why there are none: `too-large`, `unreadable`, `not-text`."""
    content = file.content
    if content is None:
        try:
            with open(file.absolute, "rb") as stream:
                content = stream.read(max_file_size + 1)
        except OSError as error:
            return unreadable(file.path, error)
    if len(content) > max_file_size:
        return too_large(file.path, max_file_size)
    if b"\0" in content:
        return Incomplete(file.path, "not-text", "the file holds NUL bytes, so it is no source text")
    return content


def is_minified(content: bytes, path: str = "") -> bool:
    """Whether the text was written by a program for programs: very long lines, or a name that says so (`x.min.js`). What only
    its text says of it is read like any other.
    """
    if path.lower().endswith(_MINIFIED):
        return True
    return len(content) > 5000 and len(content) > 400 * (content.count(b"\n") + 1)


def language_of(path: str) -> str:
    """The language of a file by its name: `template` for markup, an empty text for what is not read."""
    lowered = path.lower()
    language = source_language(lowered)
    if language is not None and not lowered.endswith(_STUBS):
        return language
    if lowered.endswith(_TEMPLATES):
        return "template"
    if lowered.endswith(".xml") and not _TEMPLATE_FOLDERS.isdisjoint(lowered.split("/")[:-1]):
        return "template"
    return ""


def relative(path: str, root: str) -> str:
    """`path` as reports name it: relative to `root` where it stands below it, else absolute; always with `/`."""
    prefix = root if root.endswith(os.sep) else root + os.sep
    text = path.removeprefix(prefix)
    if os.sep != "/":
        text = text.replace(os.sep, "/")
    return text if text.isascii() else os.fsencode(text).decode("utf-8", "backslashreplace")


def language_of_script(path: str) -> str:
    """`python` if the first line of a file without a suffix runs Python."""
    if "." in os.path.basename(path):
        return ""
    try:
        with open(path, "rb") as file:
            first = file.read(_SHEBANG_BYTES).split(b"\n", 1)[0]
    except OSError:
        return ""
    return "python" if first.startswith(b"#!") and b"python" in first else ""


def too_large(path: str, limit: int) -> Incomplete:
    """The note about a file above the limit."""
    return Incomplete(path, "too-large", f"the file has more than {limit:,} bytes (`max_file_size`)")


def unreadable(path: str, error: OSError) -> Incomplete:
    """The note about a file or folder that the system does not let us read."""
    reason = error.strerror or "unknown reason"
    return Incomplete(path, "unreadable", f"{reason[:1].lower()}{reason[1:]}")


def printable(path: str) -> str:
    """A path for a message."""
    return path if path.isascii() else os.fsencode(path).decode("utf-8", "backslashreplace")
