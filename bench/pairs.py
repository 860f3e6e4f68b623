"""Tell pairs apart: for each language and rule, how many pairs of one unsafe and one safe program come out right.

    python bench/pairs.py [PATH…] [--rule RULE] [--language LANGUAGE] [--quick]

PATH is a Markdown file of pairs or a folder of them (default `tests/pairs`, with a folder for each language beside Python).
A pair is a heading `## <rule>: <title>`, a line `Unsafe:` before a fenced block (`python`, `java`, `javascript`, `typescript`,
`csharp`), and a line `Safe:` before another.

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
NAMES = {
    "python": ("app.py", "src/billing/services/user_service.py", "snippet_07.py"),
    "java": ("App.java", "src/main/java/com/acme/billing/UserService.java", "Snippet07.java"),
    "javascript": ("app.js", "src/billing/services/userService.js", "snippet07.js"),
    "typescript": ("app.ts", "src/billing/services/userService.ts", "snippet07.ts"),
    "csharp": ("App.cs", "src/Billing/Services/UserService.cs", "Snippet07.cs"),
}
"""Under which a program of each language is scanned by itself."""
BY_NAMESPACE = ("java", "csharp")
"""Languages in which two programs with classes of one name are one program that does not compile."""

HEADING = re.compile(r"^## ([a-z0-9-]+): (.+)$")
FENCE = re.compile(r"^(Unsafe|Safe):\s*\n+```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Pair:
    """Two programs that differ in one flaw of `rule`."""

    rule: str
    title: str
    unsafe: str
    safe: str
    place: str
    language: str = "python"


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
        blocks = {word: text for word, _, text in FENCE.findall(section)}
        languages = {language for _, language, _ in FENCE.findall(section)}
        if heading is None or set(blocks) != {"Unsafe", "Safe"} or len(languages) != 1 or not languages <= set(NAMES):
            raise SystemExit(f"{place}: a pair is `## rule: title`, `Unsafe:` with a block, `Safe:` with a block")
        pairs.append(Pair(heading[1], heading[2], blocks["Unsafe"], blocks["Safe"], place, languages.pop()))
    return pairs


def is_severe(finding: Finding) -> bool:
    """Whether a finding stops a reader: severity high or critical."""
    return finding.severity in (Severity.HIGH, Severity.CRITICAL)


def failures(pair: Pair, *, quick: bool = False) -> list[str]:
    """What goes wrong with a pair, in sentences; empty when it is told apart."""
    wrong: list[str] = []
    names = NAMES[pair.language]
    for name in names[:1] if quick else names:
        unsafe = scan_texts({name: pair.unsafe.encode()}).findings
        safe = scan_texts({name: pair.safe.encode()}).findings
        wrong += judged(pair, unsafe, safe, f"as {name}")
        if wrong:
            return wrong  # the same again under the next name tells nothing new
    if not quick and pair.language not in BY_NAMESPACE:
        suffix = names[0].partition(".")[2]
        report = scan_texts({f"shop/before.{suffix}": pair.unsafe.encode(), f"shop/after.{suffix}": pair.safe.encode()})
        unsafe = tuple(finding for finding in report.findings if "/before." in finding.place.path)
        safe = tuple(finding for finding in report.findings if "/after." in finding.place.path)
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
    parser.add_argument("--language", help="only the pairs in this language", choices=NAMES)
    parser.add_argument("--quick", action="store_true", help="only one file name, not side by side")
    options = parser.parse_args()
    files = [file for path in options.paths for file in (sorted(path.rglob("*.md")) if path.is_dir() else [path])]
    pairs = [
        pair
        for file in files
        for pair in read_pairs(file)
        if options.rule in (None, pair.rule) and options.language in (None, pair.language)
    ]
    counts: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0])
    failed: list[tuple[Pair, list[str]]] = []
    for pair in pairs:
        wrong = failures(pair, quick=options.quick)
        for key in ((pair.language, pair.rule), (pair.language, "all rules")):
            counts[key][0] += not wrong
            counts[key][1] += 1
        if wrong:
            failed.append((pair, wrong))
    for (language, rule), (apart, total) in sorted(counts.items()):
        print(f"{language:12} {rule:32} {apart:3} of {total:3}")
    print(f"{'all':45} {len(pairs) - len(failed):3} of {len(pairs):3} pairs told apart")
    for pair, wrong in failed:
        print(f"\n{pair.place} {pair.rule}: {pair.title}")
        for sentence in wrong:
            print(f"    {sentence}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
