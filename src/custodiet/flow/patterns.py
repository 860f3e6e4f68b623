"""What a regular expression lets through: which dangers end when a text matches it.

The question is not whether the author called the pattern a validation but which characters a matching text can hold.
A pattern that is anchored at both ends (or used by `fullmatch`) and whose characters cannot harm in a kind of sink
clears that kind.
"""

import re
from functools import lru_cache
from re import _constants as sre
from re import _parser as parser
from typing import Any, Final

from custodiet.flow.spellings import spelled
from custodiet.flow.values import MASK

_EVERYTHING: Final = frozenset(range(128)) | {0x2028}
"""ASCII, and one stand-in for all other characters."""

ALPHANUMERIC: Final = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"

_CONSTRAINT: Final = re.compile(r"(?:pattern|regex)=r?(\^.+?\$)(?=[,)\s]|$)")
_EMAIL: Final = re.compile(r"\bEmailStr\b")
_ADDRESS: Final = ALPHANUMERIC + "!#$%&'*+-/=?^_`{|}~.@"
"""What an address of mail may be made of, without quotes."""
_ARITHMETIC: Final = frozenset(map(ord, "0123456789+-*/%.()<>=!&|^~, \t"))
"""A text of these characters names nothing, so that evaluating it only computes."""

_HARMFUL: Final[dict[str, str]] = {
    "sql": "'\"`;\\()-/*=<>, \t\r\n",
    "nosql": "${}'\"",
    "graph-query": "'\"`;{}()[] ",
    "command": "`$&|;<>()\\'\"*?[]{}!#~% \t\r\n",
    "argument": "-",
    "code": "()[]{}=+*/%.,;:'\"\\ \t\r\n",
    "template": "{}%$<>",
    "html": "<>\"'&`=",
    "log": "\r\n",
    "secret-log": "",
    "header": "\r\n",
    "path": "/\\",
    "archive": "/\\",
    "url": ":/\\?#@%",
    "redirect": ":/\\",
    "xml": "<&",
    "xpath": "'\"[]()=/",
    "ldap": "*()\\\0",
    "email": "\r\n",
    "regex": "()[]{}*+?|\\",
    "format": "{}%",
    "session": "\r\n<>'\"",
    "reflection": "._",
    "upload": "/\\",
    "assign": "_",
    "error": "<>",
    "resource": "",
    "deserialise": "\x00\x80.:!{[",
}


@lru_cache(maxsize=512)
def cleared_by(pattern: str | bytes, mode: str) -> int:
    """The dangers (bits of `values.MASK`) that end for a text that matches.

    `mode` is `fullmatch`, `match` or `search`. 0 for a pattern that is not anchored, does not parse or lets everything
    through.
    """
    text = spelled(pattern.decode("latin-1") if isinstance(pattern, bytes) else pattern)
    try:
        tree = parser.parse(text)
    except (re.error, OverflowError, RecursionError):
        return 0
    items = list(tree)
    flags = tree.state.flags
    if flags & re.MULTILINE:
        return 0
    starts = mode in ("fullmatch", "match") or _is_at(items[:1], (sre.AT_BEGINNING, sre.AT_BEGINNING_STRING))
    ends = mode == "fullmatch" or _is_at(items[-1:], (sre.AT_END, sre.AT_END_STRING))
    if not (starts and ends):
        return 0
    allowed = _characters(items, flags)
    if 0x2028 in allowed and len(allowed) > 120:
        return _stays_below(items, flags)
    mask = _safe_for(allowed) | _stays_below(items, flags)
    if allowed <= _ARITHMETIC:
        mask |= MASK["code"]
    return mask


def _stays_below(items: Any, flags: int) -> int:
    """The dangers of paths that end because no two points can stand together, and no slash in front."""
    places = _places(items, flags)
    if places is None:
        return 0
    point, slashes = ord("."), {ord("/"), ord("\\")}
    for index, (characters, is_repeated) in enumerate(places):
        if point in characters and (is_repeated or (index and point in places[index - 1][0])):
            return 0
    first = next(iter(places), (set(), False))[0]
    return MASK["path"] | MASK["archive"] if first and slashes.isdisjoint(first) else MASK["path:climb"]


def _places(items: Any, flags: int) -> list[tuple[set[int], bool]] | None:
    """The characters of each place of a pattern in order, and whether it may repeat; None if it has a choice of ways."""
    found: list[tuple[set[int], bool]] = []
    for item in items:
        op, argument = item
        if op in (sre.AT, sre.ASSERT, sre.ASSERT_NOT):
            continue
        if op is sre.SUBPATTERN:
            inner = _places(argument[3], flags)
            if inner is None:
                return None
            found.extend(inner)
        elif op is sre.MAX_REPEAT and argument[0] > 0 and len(argument[2]) == 1:
            found.append((_characters(argument[2], flags), True))
        elif op in (sre.LITERAL, sre.IN, sre.ANY, sre.NOT_LITERAL):
            found.append((_characters([item], flags), False))
        else:
            return None
    return found


def group_cleared(pattern: str | bytes, group: int) -> int:
    """The dangers that end for what a group of a pattern holds, however the pattern is used."""
    text = spelled(pattern.decode("latin-1") if isinstance(pattern, bytes) else pattern)
    try:
        tree = parser.parse(text)
    except (re.error, OverflowError, RecursionError):
        return 0
    inner = _group(list(tree), group)
    if inner is None:
        return 0
    allowed = _characters(inner, tree.state.flags)
    if 0x2028 in allowed and len(allowed) > 120:
        return 0
    return _safe_for(allowed)


def _group(items: Any, group: int) -> Any:
    for op, argument in items:
        if op is sre.SUBPATTERN:
            if argument[0] == group:
                return argument[3]
            found = _group(argument[3], group)
        elif op is sre.BRANCH:
            found = next((each for each in (_group(branch, group) for branch in argument[1]) if each is not None), None)
        elif op in (sre.MAX_REPEAT, sre.MIN_REPEAT):
            found = _group(argument[2], group)
        else:
            found = None
        if found is not None:
            return found
    return None


def characters_safe_for(characters: str) -> int:
    """The dangers that end for a text made only of these characters (`x.translate`, character allow-lists)."""
    return _safe_for(set(map(ord, characters)))


@lru_cache(maxsize=256)
@lru_cache(maxsize=512)
def removed_by(pattern: str | bytes) -> tuple[str, str | None] | None:
    """(characters that no text holds after the pattern was replaced everywhere, all that it can hold, None if anything).

    Law: a pattern without anchors and surroundings that matches a character alone matches wherever the character stands.
    None for a pattern with such conditions, or one that does not parse.
    """
    text = spelled(pattern.decode("latin-1") if isinstance(pattern, bytes) else pattern)
    try:
        compiled = re.compile(text)
        if not _CONDITIONAL.isdisjoint(_operations(parser.parse(text))):
            return None
    except (re.error, OverflowError, RecursionError):
        return None
    gone = {point for point in _EVERYTHING if compiled.fullmatch(chr(point))}
    kept = None
    if 0x2028 in gone and compiled.fullmatch("\u00e9"):
        kept = "".join(chr(point) for point in sorted(_EVERYTHING - gone))
    return "".join(chr(point) for point in sorted(gone)), kept


_CONDITIONAL: Final = frozenset(("AT", "ASSERT", "ASSERT_NOT", "GROUPREF"))


def _operations(items: Any) -> set[str]:
    """The names of the operations of a parsed pattern, those inside others too."""
    found = set()
    waiting = [items]
    while waiting:
        current = waiting.pop()
        for item in current if isinstance(current, (list, tuple, parser.SubPattern)) else ():
            if isinstance(item, (list, tuple, parser.SubPattern)):
                waiting.append(item)
            elif type(item) is not int:
                found.add(str(item))  # operations are integers with names, of which several are equal
    return found


def cleared_by_type(annotation: str) -> int:
    """The dangers that end for a value of a declared type that is checked: `EmailStr`, `constr(pattern="^[a-z]+$")`."""
    found = _CONSTRAINT.search(annotation)
    if found is not None:
        return cleared_by(found[1], "search")
    return characters_safe_for(_ADDRESS) | MASK["html"] if _EMAIL.search(annotation) is not None else 0


def _safe_for(allowed: set[int]) -> int:
    """The kinds of sinks in which none of these characters does harm."""
    mask = 0
    for kind, harmful in _HARMFUL.items():
        if allowed.isdisjoint(map(ord, harmful)):
            mask |= MASK[kind]
    return mask


def _is_at(items: list[Any], places: tuple[Any, ...]) -> bool:
    if not items:
        return False
    op, argument = items[0]
    if op is sre.AT:
        return argument in places
    if op is sre.SUBPATTERN:
        inner = list(argument[3])
        return _is_at(inner[:1], places) or _is_at(inner[-1:], places)
    return False


def _characters(items: Any, flags: int) -> set[int]:
    found: set[int] = set()
    for op, argument in items:
        if op is sre.LITERAL:
            found.add(argument if argument < 128 else 0x2028)
            if flags & re.IGNORECASE and argument < 128:
                found.update((ord(chr(argument).lower()), ord(chr(argument).upper())))
        elif op is sre.NOT_LITERAL:
            found |= _EVERYTHING - {argument}
        elif op is sre.ANY:
            found |= _EVERYTHING if flags & re.DOTALL else _EVERYTHING - {10}
        elif op is sre.IN:
            found |= _of_class(argument)
        elif op is sre.BRANCH:
            for branch in argument[1]:
                found |= _characters(branch, flags)
        elif op is sre.SUBPATTERN:
            found |= _characters(argument[3], flags)
        elif op in (sre.MAX_REPEAT, sre.MIN_REPEAT, getattr(sre, "POSSESSIVE_REPEAT", None)):
            found |= _characters(argument[2], flags)
        elif op is getattr(sre, "ATOMIC_GROUP", None):
            found |= _characters(argument, flags)
        elif op in (sre.AT, sre.ASSERT, sre.ASSERT_NOT) or op is sre.GROUPREF:
            continue
        elif op is sre.GROUPREF_EXISTS:
            for branch in argument[1:]:
                if branch is not None:
                    found |= _characters(branch, flags)
        else:
            return set(_EVERYTHING)
    return found


_CATEGORIES: Final = {
    sre.CATEGORY_DIGIT: frozenset(range(48, 58)),
    sre.CATEGORY_SPACE: frozenset(map(ord, " \t\r\n\f\v")),
    sre.CATEGORY_WORD: frozenset(code for code in range(128) if chr(code).isalnum() or code == 95),
}
_NEGATIVE: Final = {
    sre.CATEGORY_NOT_DIGIT: sre.CATEGORY_DIGIT,
    sre.CATEGORY_NOT_SPACE: sre.CATEGORY_SPACE,
    sre.CATEGORY_NOT_WORD: sre.CATEGORY_WORD,
}


def _of_class(items: Any) -> set[int]:
    found: set[int] = set()
    negated = False
    for op, argument in items:
        if op is sre.NEGATE:
            negated = True
        elif op is sre.LITERAL:
            found.add(argument if argument < 128 else 0x2028)
        elif op is sre.RANGE:
            low, high = argument
            found.update(range(low, min(high, 127) + 1))
            if high > 127:
                found.add(0x2028)
        elif op is sre.CATEGORY:
            if argument in _CATEGORIES:
                found |= _CATEGORIES[argument]
            elif argument in _NEGATIVE:
                found |= _EVERYTHING - _CATEGORIES[_NEGATIVE[argument]]
            else:
                found |= _EVERYTHING
    return set(_EVERYTHING - found) if negated else found
