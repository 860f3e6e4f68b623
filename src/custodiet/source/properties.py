"""The front end of `.properties` files: the bytes of one file in, a module whose body is one dictionary out.

Keys and values are constants; a value with a placeholder (`${...}`) is unknown. The form is that of
https://docs.oracle.com/en/java/javase/21/docs/api/java.base/java/util/Properties.html#load(java.io.Reader)
"""

from typing import Final

from custodiet.pattern import pattern
from custodiet.source import ir
from custodiet.source.reading import line_starts, refusal, without_code

_ESCAPE: Final = pattern(r"\\(?:u([0-9a-fA-F]{4})|(.))")
_SIMPLE: Final = {"n": "\n", "t": "\t", "r": "\r", "f": "\f"}
_KEY: Final = pattern(r"((?:\\.|[^\\\s=:])*)[ \t\f]*[=:]?[ \t\f]*(.*)\Z")
_MOST_ENTRIES: Final = 5000


def lower_properties(source: bytes, *, path: str, name: str, is_package: bool) -> ir.Module:
    """The module that the bytes of a properties file say, called as its path; never raises for any bytes."""
    del name, is_package
    refused = refusal(source)
    if refused:
        return without_code(source, path, path, "properties", refused)
    inits: list[tuple[str, object]] = [("l", "entries")]
    pairs: list[tuple[int, int]] = []
    for key, value in entries_of(source.decode("utf-8", "replace"))[:_MOST_ENTRIES]:
        pairs.append((len(inits), len(inits) + 1))
        inits.append(("c", key))
        inits.append(("l", None) if "${" in value else ("c", value))
    span = ir.span_of(0, len(source))
    body = ((ir.DICT, 0, tuple(pairs), span),)
    names = ("entries", *(None for _ in inits[1:]))
    function = ir.Function("<module>", "", (), names, tuple(inits), 0, body, -1, -1, span, (), (), (), 0, None)
    return ir.Module(path, path, False, "properties", (function,), (), line_starts(source), 0, (), (), frozenset())


def entries_of(text: str) -> list[tuple[str, str]]:
    """The keys with their values, in the order of the file."""
    found: list[tuple[str, str]] = []
    waiting = ""
    for line in text.splitlines():
        stripped = line.lstrip()
        if not waiting and (not stripped or stripped[0] in "#!"):
            continue
        whole = waiting + stripped
        if (len(whole) - len(whole.rstrip("\\"))) % 2:
            waiting = whole[:-1]
            continue
        waiting = ""
        match = _KEY.match(whole)
        if match is not None and match[1]:
            found.append((_unescaped(match[1]), _unescaped(match[2])))
    return found


def _unescaped(text: str) -> str:
    if "\\" not in text:
        return text
    return _ESCAPE.sub(lambda match: _character(match[1], match[2]), text)


def _character(hexadecimal: str | None, other: str | None) -> str:
    if hexadecimal:
        character = chr(int(hexadecimal, 16))
        return character if not "\ud800" <= character <= "\udfff" else "\ufffd"
    return _SIMPLE.get(other or "", other or "")
