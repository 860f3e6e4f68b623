"""The weaknesses of a rule: the one that fits every finding first, and none before a more special one of its kind."""

from typing import Final

from custodiet.rules import load_rules

PARENTS: Final = {
    23: 22, 36: 22, 80: 79, 95: 94, 96: 94, 1336: 94, 78: 77, 88: 77, 564: 89, 89: 943, 643: 943, 113: 93, 644: 116,
    209: 200, 497: 200, 215: 200, 532: 200, 259: 798, 321: 798, 296: 295, 297: 295, 338: 330, 331: 330, 339: 330,
    1204: 330, 329: 1204, 328: 327, 916: 328, 759: 916, 760: 916, 258: 521, 521: 1391, 942: 183, 378: 377, 379: 377,
    862: 285, 347: 345, 1333: 400, 208: 203, 276: 732, 915: 913, 776: 405,
}  # fmt: skip
"""ChildOf in the research view, https://cwe.mitre.org/data/definitions/1000.html, of what the rules name."""
FITTING: Final = frozenset((22, 79, 89, 94, 295, 328, 377, 732, 798, 916))
"""Weaknesses that stand first though a child is named too, since the child fits only some of the findings."""


def ancestors(cwe: int) -> set[int]:
    found = set()
    while cwe in PARENTS:
        cwe = PARENTS[cwe]
        found.add(cwe)
    return found


def test_no_weakness_stands_before_a_more_special_one() -> None:
    wrong = [
        (rule.id, first, later)
        for rule in load_rules()
        for position, first in enumerate(rule.cwe)
        for later in rule.cwe[position + 1 :]
        if first in ancestors(later) and not (position == 0 and first in FITTING)
    ]
    assert wrong == []
