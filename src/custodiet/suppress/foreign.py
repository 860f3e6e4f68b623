"""What the suppression comments of two other tools mean in our rules.

Bandit numbers its tests `B608`; Ruff's flake8-bandit rules use the same numbers, `S608`.
Reference: https://bandit.readthedocs.io/en/latest/plugins/index.html
"""

import re

# Texts, which `re` compiles and keeps when they are first used: most scans ask for no foreign comments.
_NOSEC = r"(?i)#\s*nosec\b(?P<rest>[^#]*)"
_NOQA = r"(?i)#\s*noqa\s*:(?P<rest>[^#]*)"
_CODE = r"\b[BS](\d{3})\b"

_RULES: dict[str, tuple[int, ...]] = {
    "archive-path-traversal": (202,),
    "argument-injection": (603, 606, 607, 609),
    "autoescape-disabled": (701,),
    "certificate-check-disabled": (323, 501),
    "code-injection": (102, 307),
    "command-injection": (601, 602, 604, 605, 606, 609),
    "cross-site-scripting": (308, 702, 703, 704),
    "debug-enabled": (201,),
    "hard-coded-credentials": (105, 106, 107),
    "host-key-check-disabled": (507,),
    "insecure-permissions": (103,),
    "insecure-protocol": (312, 321, 401, 402, 502, 503, 504, 508, 509),
    "insecure-random": (311,),
    "insecure-temporary-file": (108, 306),
    "server-side-request-forgery": (310,),
    "sql-injection": (608, 610, 611),
    "unsafe-deserialisation": (301, 302, 403, 506, 614, 615),
    "weak-cipher": (304, 305),
    "weak-hash": (303, 324),
    "weak-key": (505,),
    "xml-external-entity": (313, 314, 315, 316, 317, 318, 319, 320),
}
_BY_NUMBER: dict[int, tuple[str, ...]] = {
    number: tuple(rule for rule, numbers in _RULES.items() if number in numbers)
    for number in sorted({number for numbers in _RULES.values() for number in numbers})
}


def foreign_rules(text: str) -> tuple[tuple[str, ...], str] | None:
    """(rules, reason) of a `# nosec` or `# noqa: S…` comment; no rules means all of them. None if it is neither."""
    if (nosec := re.search(_NOSEC, text)) is not None:
        numbers = re.findall(_CODE, nosec["rest"])
        reason = re.sub(_CODE, "", nosec["rest"]).strip(" \t,:-")
        rules = _rules(numbers)
        return (rules, reason or "`nosec` without a reason") if rules or not numbers else None
    if (noqa := re.search(_NOQA, text)) is not None:
        rules = _rules(re.findall(r"\bS(\d{3})\b", noqa["rest"]))
        return (rules, "`noqa` without a reason") if rules else None
    return None


def _rules(numbers: list[str]) -> tuple[str, ...]:
    """The rules that the numbers stand for, without repetition."""
    return tuple(dict.fromkeys(rule for number in numbers for rule in _BY_NUMBER.get(int(number), ())))
