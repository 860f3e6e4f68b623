"""What the tests of repairs share: a source with the finding between marks, and what becomes of it."""

from textwrap import dedent

from custodiet.domain.finding import Finding, Step, StepKind
from custodiet.domain.severity import Confidence, Severity
from custodiet.fix import apply, fix_of
from custodiet.fix.script import place_of


def marked(rule, text, path="shop.py"):
    """The source and the finding whose place stands between « and », and whose sources between ⟦ and ⟧."""
    text = dedent(text).lstrip("\n")
    plain = ""
    offsets = {"«": [], "»": [], "⟦": [], "⟧": []}
    for char in text:
        if char in offsets:
            offsets[char].append(len(plain.encode()))
        else:
            plain += char
    source = plain.encode()
    place = place_of(source, path, offsets["«"][0], offsets["»"][0])
    steps = [
        Step(StepKind.SOURCE, place_of(source, path, start, end), "")
        for start, end in zip(offsets["⟦"], offsets["⟧"], strict=True)
    ]
    steps.append(Step(StepKind.SINK, place, ""))
    return source, Finding(rule, "", place, Severity.HIGH, Confidence.HIGH, tuple(steps))


def repaired(rule, text, path="shop.py"):
    """The source after the repair; None if there is none. A second repair finds nothing to change."""
    source, finding = marked(rule, text, path)
    fix = fix_of(finding, source)
    if fix is None:
        return None
    assert fix.edits
    assert fix.title
    once = apply(source, [fix])
    assert apply(source, [fix, fix]) == once
    again = fix_of(finding, once)
    assert again is None or apply(once, [again]) == once
    return once.decode()
