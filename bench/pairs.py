"""Tell pairs apart: for each rule, how many of its pairs of one unsafe and one safe program come out right.

    python bench/pairs.py [PATH…] [--rule RULE] [--quick]

PATH is a Markdown file of pairs or a folder of them (default `tests/pairs`). A pair is a heading `## <rule>: <title>`, a
line `Unsafe:` before a fenced `python` block, and a line `Safe:` before another.

A pair is told apart when the unsafe program has a finding of that rule and the safe one has none of that rule and none at
all of severity high or critical. It has to be so under every name that the file may have (a scratch file, a module of a
package, a name that says nothing) and also when both stand side by side in one project. `--quick` tries one name only.
Exit code 1 when any pair fails.
"""

import argparse
import re
import sys
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

from custodiet.domain.finding import Finding
from custodiet.domain.severity import Severity
from custodiet.scan import scan_texts

ROOT = Path(__file__).resolve().parents[1]
NAMES = ("app.py", "src/billing/services/user_service.py", "snippet_07.py")
"""Under which a program is scanned by itself."""

HEADING = re.compile(r"^## ([a-z0-9-]+): (.+)$")
FENCE = re.compile(r"^(Unsafe|Safe):\s*\n+```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Pair:
    """Two programs that differ in one flaw of `rule`."""

    rule: str
    title: str
    unsafe: str
    safe: str
    place: str


def read_pairs(path: Path) -> list[Pair]:
    """The pairs of a Markdown file.

    Raises:
        SystemExit: a heading has no unsafe or no safe block.
    """
    pairs = []
    text = path.read_text("utf-8")
    starts = [match.start() for match in re.finditer(r"(?m)^## ", text)]
    for begin, end in zip(starts, [*starts[1:], len(text)], strict=True):
        section = text[begin:end]
        heading = HEADING.match(section.partition("\n")[0])
        place = f"{path.name}:{text.count(chr(10), 0, begin) + 1}"
        blocks = dict(FENCE.findall(section))
        if heading is None or set(blocks) != {"Unsafe", "Safe"}:
            raise SystemExit(f"{place}: a pair is `## rule: title`, `Unsafe:` with a block, `Safe:` with a block")
        pairs.append(Pair(heading[1], heading[2], blocks["Unsafe"], blocks["Safe"], place))
    return pairs


def is_severe(finding: Finding) -> bool:
    """Whether a finding stops a reader: severity high or critical."""
    return finding.severity in (Severity.HIGH, Severity.CRITICAL)


def failures(pair: Pair, names: tuple[str, ...] = NAMES, *, together: bool = True) -> list[str]:
    """What goes wrong with a pair, in sentences; empty when it is told apart."""
    wrong: list[str] = []
    for name in names:
        unsafe = scan_texts({name: pair.unsafe.encode()}).findings
        safe = scan_texts({name: pair.safe.encode()}).findings
        wrong += judged(pair, unsafe, safe, f"as {name}")
        if wrong:
            return wrong  # the same again under the next name tells nothing new
    if together:
        report = scan_texts({"shop/before.py": pair.unsafe.encode(), "shop/after.py": pair.safe.encode()})
        unsafe = tuple(finding for finding in report.findings if finding.place.path.endswith("before.py"))
        safe = tuple(finding for finding in report.findings if finding.place.path.endswith("after.py"))
        wrong += judged(pair, unsafe, safe, "side by side")
    return wrong


def judged(pair: Pair, unsafe: tuple[Finding, ...], safe: tuple[Finding, ...], where: str) -> list[str]:
    """What is missing in the unsafe program and too much in the safe one."""
    wrong = []
    if not any(finding.rule == pair.rule for finding in unsafe):
        others = ", ".join(sorted({finding.rule for finding in unsafe})) or "nothing"
        wrong.append(f"missed {where} (reported: {others})")
    for finding in safe:
        if finding.rule == pair.rule or is_severe(finding):
            wrong.append(f"safe program has {finding.rule} in line {finding.place.line} {where}")
    return wrong


def main() -> int:
    """Print the table for the files on the command line; 1 when a pair is not told apart."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("paths", type=Path, nargs="*", default=[ROOT / "tests" / "pairs"])
    parser.add_argument("--rule", help="only the pairs of this rule")
    parser.add_argument("--quick", action="store_true", help="only one file name, not side by side")
    options = parser.parse_args()
    files = [file for path in options.paths for file in (sorted(path.glob("*.md")) if path.is_dir() else [path])]
    pairs = [pair for file in files for pair in read_pairs(file) if options.rule in (None, pair.rule)]
    names = NAMES[:1] if options.quick else NAMES
    counts: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    failed: list[tuple[Pair, list[str]]] = []
    for pair in pairs:
        wrong = failures(pair, names, together=not options.quick)
        counts[pair.rule][0] += not wrong
        counts[pair.rule][1] += 1
        if wrong:
            failed.append((pair, wrong))
    for rule, (apart, total) in sorted(counts.items()):
        print(f"{rule:32} {apart:3} of {total:3}")
    print(f"{'all':32} {sum(c[0] for c in counts.values()):3} of {len(pairs):3} pairs told apart")
    for pair, wrong in failed:
        print(f"\n{pair.place} {pair.rule}: {pair.title}")
        for sentence in wrong:
            print(f"    {sentence}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
