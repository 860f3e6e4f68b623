r"""Constant patterns that need exponential time: see `regex-denial-of-service.md`.

A repetition without upper limit whose body can be cut into rounds in more than one way makes the matcher try every
cut: `(a+)+`, `(a*)*`, `(\\w+\\s?)+`. The body is ambiguous if it is itself, or ends and begins with, an unlimited
repetition of the same characters and nothing that must stand between two rounds. If nothing can fail after the
repetition there is no danger.
"""

import re
import re._constants as tokens  # type: ignore[import-not-found]  # the parser of `re` has no stubs
import re._parser as parser  # type: ignore[import-not-found]  # as above
import warnings
from collections.abc import Iterator
from typing import Any, Final

from custodiet.flow.hit import Hit
from custodiet.rules.checks import Project
from custodiet.rules.checks.reading import argument, hit, is_test, scopes
from custodiet.source import ir

RULE: Final = "regex-denial-of-service"
WORDS: Final = frozenset(("re",))
_FUNCTIONS: Final = frozenset("compile match fullmatch search findall finditer sub subn split".split())
_LONGEST: Final = 2000
_REPEATS: Final = (tokens.MAX_REPEAT, tokens.MIN_REPEAT)


def check(module: ir.Module, project: Project) -> Iterator[Hit]:
    """Hits at each call of `re` whose constant pattern repeats a repetition."""
    del project
    if is_test(module.path):
        return
    for scope in scopes(module):
        texts = [value for kind, value in scope.function.inits if kind == "c" and isinstance(value, (str, bytes))]
        if not any(map(_may_be_exponential, texts)):
            continue
        for ins in scope.instructions():
            if ins[0] in (ir.CALL, ir.CALLM):
                module_name, _, called = scope.called(ins).rpartition(".")
                register = argument(ins, 0, "pattern")
                if module_name == "re" and called in _FUNCTIONS and register is not None:
                    text = scope.text(register)
                    if text and is_exponential(text):
                        yield hit(RULE, scope, ins[-1], "a repetition inside a repetition takes exponential time")


def is_exponential(pattern: str | bytes) -> bool:
    """Whether a text is a regular expression that can take exponential time."""
    if not _may_be_exponential(pattern):
        return False
    text = pattern.decode("latin-1") if isinstance(pattern, bytes) else pattern
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            parsed = parser.parse(text)
    except (re.error, RecursionError, OverflowError, ValueError):
        return False
    return _sequence(list(parsed), followed=False)


def _may_be_exponential(pattern: str | bytes) -> bool:
    """Whether a text repeats a group, and is not too long to be looked at."""
    if len(pattern) > _LONGEST:
        return False
    if isinstance(pattern, bytes):
        return b")+" in pattern or b")*" in pattern or b"){" in pattern
    return ")+" in pattern or ")*" in pattern or "){" in pattern


def _sequence(items: list[Any], *, followed: bool) -> bool:
    """Whether one of the items is a dangerous repetition that something after it can make fail."""
    for at, (op, value) in enumerate(items):
        can_fail = followed or any(_must_match(each) for each in items[at + 1 :])
        if op in _REPEATS:
            least, most, body = value
            if most == tokens.MAXREPEAT and can_fail and _is_ambiguous(list(body)):
                return True
            if _sequence(list(body), followed=can_fail or (most != 1 and least != most and can_fail)):
                return True
        elif op is tokens.SUBPATTERN:
            if _sequence(list(value[3]), followed=can_fail):
                return True
        elif op is tokens.BRANCH:
            if any(_sequence(list(branch), followed=can_fail) for branch in value[1]):
                return True
        elif op in (tokens.ASSERT, tokens.ASSERT_NOT) and _sequence(list(value[1]), followed=True):
            return True
    return False


def _must_match(item: Any) -> bool:
    """Whether something of a pattern can fail: all but what may be empty."""
    op, value = item
    if op in _REPEATS:
        return bool(value[0] > 0)
    if op is tokens.SUBPATTERN:
        return any(_must_match(each) for each in value[3])
    if op is tokens.BRANCH:
        return all(any(_must_match(each) for each in branch) for branch in value[1])
    return True


def _is_ambiguous(body: list[Any]) -> bool:
    """Whether a text of one character class can be cut into rounds of the body in more than one way."""
    body = _flat(body)
    if len(body) == 1 and body[0][0] is tokens.BRANCH:
        return any(_is_ambiguous(list(branch)) for branch in body[0][1][1])
    unlimited = [item for item in body if item[0] in _REPEATS and item[1][1] == tokens.MAXREPEAT]
    if not unlimited:
        return False
    solid = [item for item in body if _must_match(item) and item not in unlimited]
    needed = [item for item in unlimited if item[1][0] > 0]
    if solid or len({repr(item[1][2]) for item in needed}) > 1:
        return False
    # all but one may be empty: a run of the needed (or any) repetition can be one round or several
    chosen = needed[0] if needed else unlimited[0]
    return bool(_characters(list(chosen[1][2])))


def _flat(body: list[Any]) -> list[Any]:
    """The items of a body, with groups that are not repeated taken out of their brackets."""
    found: list[Any] = []
    for op, value in body:
        if op is tokens.SUBPATTERN:
            found += _flat(list(value[3]))
        else:
            found.append((op, value))
    return found


def _characters(body: list[Any]) -> bool:
    """Whether a repeated body is one character or class."""
    body = _flat(body)
    return len(body) == 1 and body[0][0] in (tokens.IN, tokens.LITERAL, tokens.ANY, tokens.NOT_LITERAL)
