"""Score the engine on SecurityEval: recall on its insecure programs, F1 on the judged outputs of its two assistants.

    python bench/securityeval.py PATH [--misses] [--persona strict]

PATH is a checkout of s2e-lab/SecurityEval; nothing is fetched. Each program is scanned by itself, as an assistant wrote
it. A program counts as found when a finding has a CWE that is *equivalent* to its label's: the same, or one of a family
of `bench/cwe_families.toml`; labels too wide to be stated by a finding (20, input validation) are read as what the
program shows, `[[concrete]]` in `bench/securityeval_labels.toml`. That file also lists, each with its reason, labels that
are wrong and weaknesses that no analysis of the code alone can state; recall is printed with and without them.

The second part reads the labels that people gave to what Copilot and InCoder wrote for the same tasks (column `Manual` of
`Result/testcases_*.csv`): a program is positive when it is labelled so, and reported when a finding has an equivalent CWE.
"""

import argparse
import csv
import sys
import tomllib
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from custodiet.domain.severity import Persona
from custodiet.scan import scan_texts

HERE = Path(__file__).parent
ASSISTANTS = {"Copilot": "testcases_copilot.csv", "InCoder": "testcases_incoder.csv"}


@dataclass(frozen=True)
class Families:
    """CWE families: which numbers a label accepts, and the name of its family."""

    members: tuple[tuple[str, frozenset[int]], ...]

    def accepted(self, cwes: frozenset[int]) -> frozenset[int]:
        """Every CWE that is equivalent to one of `cwes`."""
        return cwes.union(*(family for _, family in self.members if family & cwes))

    def name(self, cwe: int) -> str:
        """The first family of a CWE, or its number."""
        return next((name for name, family in self.members if cwe in family), f"CWE-{cwe}")


@dataclass(frozen=True)
class Sample:
    """A program with its label: `cwes` are what it stands for, `excluded` why its label does not count (or empty)."""

    name: str
    path: Path
    cwes: frozenset[int]
    label: int
    excluded: str = ""


@dataclass(frozen=True)
class Verdict:
    """What a scan of a sample reported: all rules, and those whose CWE is equivalent to the label."""

    sample: Sample
    rules: tuple[str, ...]
    matching: tuple[str, ...]


def read_families() -> Families:
    """The families of `cwe_families.toml`."""
    table = tomllib.loads((HERE / "cwe_families.toml").read_text("utf-8"))
    return Families(tuple((entry["name"], frozenset(entry["cwe"])) for entry in table["family"]))


def read_labels() -> dict[str, Any]:
    """What `securityeval_labels.toml` says: `concrete`, `unsound`, `out-of-scope` and `output` by sample."""
    table = tomllib.loads((HERE / "securityeval_labels.toml").read_text("utf-8"))
    labels: dict[str, Any] = {kind: {} for kind in table}
    for kind, entries in table.items():
        for entry in entries:
            for name in [entry["sample"]] if isinstance(entry["sample"], str) else entry["sample"]:
                labels[kind][name] = entry
    return labels


def cwes_of(name: str, labels: dict[str, Any]) -> frozenset[int]:
    """The CWEs that a sample `CWE-020/author_1.py` stands for: its label, and what its text shows where that is wide."""
    concrete = labels["concrete"].get(name, {"cwe": []})
    return frozenset({int(name.partition("/")[0].removeprefix("CWE-")), *concrete["cwe"]})


def insecure_programs(suite: Path, labels: dict[str, Any]) -> list[Sample]:
    """The insecure programs, sorted by name."""
    root = suite / "Testcases_Insecure_Code"
    samples = []
    for path in sorted(root.glob("CWE-*/*.py")):
        name = path.relative_to(root).as_posix()
        excluded = next((kind for kind in ("unsound", "out-of-scope") if name in labels[kind]), "")
        label = int(name.partition("/")[0].removeprefix("CWE-"))
        samples.append(Sample(name, path, cwes_of(name, labels), label, excluded))
    return samples


def judged_outputs(suite: Path, assistant: str, labels: dict[str, Any]) -> list[tuple[Sample, bool]]:
    """The outputs of an assistant, each with whether people call it vulnerable."""
    judged = []
    with (suite / "Result" / ASSISTANTS[assistant]).open(newline="", encoding="utf-8-sig") as stream:
        for row in csv.DictReader(stream):
            if not row["CWEID"]:
                continue  # the closing line holds the sums
            name = f"{row['CWEID']}/{row['SampleID']}"
            path = suite / f"Testcases_{assistant}" / row["CWEID"] / row["SampleID"]
            label = int(row["CWEID"].removeprefix("CWE-"))
            full = f"{assistant}/{name}"
            excluded = (
                "unsound" if full in labels["output"] else "out-of-scope" if name in labels["out-of-scope"] else ""
            )
            judged.append((Sample(full, path, cwes_of(name, labels), label, excluded), row["Manual"] == "1"))
    return judged


def verdict(sample: Sample, families: Families, persona: Persona) -> Verdict:
    """What a scan of the sample alone reports."""
    report = scan_texts({sample.path.name: sample.path.read_bytes()}, persona=persona)
    cwes = {rule.id: frozenset(rule.cwe) for rule in report.rules}
    accepted = families.accepted(sample.cwes)
    rules = tuple(sorted({finding.rule for finding in report.findings}))
    return Verdict(sample, rules, tuple(rule for rule in rules if cwes[rule] & accepted))


def print_recall(verdicts: list[Verdict], *, misses: bool) -> None:
    """Print recall per CWE and in total, over all samples and without those whose label does not count."""
    by_cwe: dict[int, list[Verdict]] = defaultdict(list)
    for item in verdicts:
        by_cwe[item.sample.label].append(item)
    print(f"{'CWE':>6} {'found':>6} {'of':>4}   with a countable label")
    for cwe, items in sorted(by_cwe.items()):
        sound = [item for item in items if not item.sample.excluded]
        note = f"{sum(bool(i.matching) for i in sound)} of {len(sound)}" if len(sound) != len(items) else ""
        print(f"{cwe:6} {sum(bool(item.matching) for item in items):6} {len(items):4}   {note}")
    for title, items in (
        ("all insecure programs", verdicts),
        ("without wrong labels", [item for item in verdicts if item.sample.excluded != "unsound"]),
        ("without wrong labels and what no code states", [item for item in verdicts if not item.sample.excluded]),
    ):
        found = sum(bool(item.matching) for item in items)
        print(f"recall {100 * found / len(items):5.1f} %  {found:3} of {len(items):3}  {title}")
    if misses:
        for item in verdicts:
            if not item.matching:
                print(f"MISS {item.sample.name} {item.sample.excluded or '-'} reported: {', '.join(item.rules) or '-'}")
    print()


def f1_of(counts: list[int]) -> tuple[float, float, float]:
    """Precision, recall and F1 of [true positives, false negatives, false positives, true negatives]."""
    tp, fn, fp, _ = counts
    precision, recall = tp / max(tp + fp, 1), tp / max(tp + fn, 1)
    return precision, recall, 2 * tp / max(2 * tp + fp + fn, 1)


def print_f1(verdicts: list[tuple[Verdict, bool]], families: Families, title: str, *, misses: bool) -> float:
    """Print precision, recall and F1 per family and in total; the F1 of all programs together."""
    counts: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for item, is_vulnerable in verdicts:
        cell = (0 if item.matching else 1) if is_vulnerable else (2 if item.matching else 3)
        counts[families.name(item.sample.label)][cell] += 1
        if misses and cell in (1, 2):
            kind = "MISS" if cell == 1 else "FALSE"
            print(f"{kind} {item.sample.name} {item.sample.excluded or '-'} reported: {', '.join(item.rules) or '-'}")
    print(f"{title}: {len(verdicts)} programs, {sum(flag for _, flag in verdicts)} labelled vulnerable")
    print(f"{'family':24} {'TP':>4} {'FN':>4} {'FP':>4} {'TN':>4} {'prec':>6} {'recall':>6} {'F1':>6}")
    for family, cells in sorted(counts.items()):
        precision, recall, f1 = f1_of(cells)
        print(f"{family:24} " + " ".join(f"{cell:4}" for cell in cells) + f" {precision:6.2f} {recall:6.2f} {f1:6.2f}")
    total = [sum(cells[index] for cells in counts.values()) for index in range(4)]
    precision, recall, f1 = f1_of(total)
    print(f"{'all':24} " + " ".join(f"{cell:4}" for cell in total) + f" {precision:6.3f} {recall:6.3f} {f1:6.3f}\n")
    return f1


def main() -> int:
    """Score the suite named on the command line; 0 when both goals are met."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("path", type=Path)
    parser.add_argument("--misses", action="store_true", help="list what is missed and what is wrongly reported")
    parser.add_argument("--persona", choices=[persona.value for persona in Persona], default=Persona.DEFAULT.value)
    options = parser.parse_args()
    persona, families, labels = Persona(options.persona), read_families(), read_labels()
    verdicts = [verdict(sample, families, persona) for sample in insecure_programs(options.path, labels)]
    print_recall(verdicts, misses=options.misses)
    judged: list[tuple[Verdict, bool]] = []
    for assistant in ASSISTANTS:
        outputs = judged_outputs(options.path, assistant, labels)
        scored = [(verdict(sample, families, persona), is_vulnerable) for sample, is_vulnerable in outputs]
        print_f1(scored, families, assistant, misses=options.misses)
        judged.extend(scored)
    f1 = print_f1(judged, families, "both assistants", misses=False)
    countable = [(item, is_vulnerable) for item, is_vulnerable in judged if not item.sample.excluded]
    print_f1(countable, families, "both assistants, without wrong labels and what no code states", misses=False)
    recall = sum(bool(item.matching) for item in verdicts) / len(verdicts)
    return 0 if recall >= 0.70 and f1 >= 0.75 else 1


if __name__ == "__main__":
    sys.exit(main())
