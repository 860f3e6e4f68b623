"""Score a scan against the OWASP Benchmark for Python.

    python bench/owasp.py PATH [--renamed] [--misses CATEGORY]

PATH is a checkout of OWASP-Benchmark/BenchmarkPython; nothing is fetched. The scan runs as a user runs it, to SARIF, and
a case counts as reported when a result stands in its file whose rule has a CWE of the case's category. Printed are true
positive rate, false positive rate and Youden index (their difference) per category, once over all cases and once without
the 13 cases that are labelled vulnerable although no untrusted value reaches their sink (their branch tests a constant and
never reads the parameter).
`--renamed` then scores a copy of the suite in which every identifier, file and text of its own is renamed, and prints by
how much the score moves.
"""

import argparse
import csv
import json
import subprocess
import sys
import tempfile
from collections import defaultdict
from pathlib import Path

UNSOUND = frozenset(
    f"BenchmarkTest{number}"
    for number in "00008 00089 00114 00289 00340 00350 00377 00436 00535 00616 00845 00947 01000".split()
)
"""Labelled vulnerable, but no flow exists."""

CATEGORY_CWES = {
    "cmdi": {78, 77, 88},
    "codeinj": {94, 95},
    "deserialization": {502},
    "hash": {327, 328, 916},
    "ldapi": {90},
    "pathtraver": {22, 23, 36, 73},
    "redirect": {601},
    "securecookie": {614},
    "sqli": {89},
    "trustbound": {501},
    "weakrand": {330, 338},
    "xpathi": {643},
    "xss": {79, 80},
    "xxe": {611},
}


def expected(suite: Path) -> list[tuple[str, str, bool]]:
    """(case, category, is vulnerable) of every case."""
    (table,) = suite.glob("expectedresults-*.csv")
    with table.open(newline="") as stream:
        return [(row[0], row[1], row[2] == "true") for row in csv.reader(stream) if row and not row[0].startswith("#")]


def scan(tree: Path) -> dict[str, object]:
    """The SARIF log of a scan of the tree."""
    with tempfile.TemporaryDirectory() as folder:
        output = Path(folder, "out.sarif")
        command = [sys.executable, "-m", "custodiet", "scan", str(tree), "--isolated", "--exit-zero", "--no-gitignore"]
        subprocess.run([*command, "--quiet", "--output", f"sarif={output}"], check=True, stdout=subprocess.DEVNULL)
        return dict(json.loads(output.read_text()))


def reported(log: dict[str, object], names: dict[str, str]) -> dict[str, set[int]]:
    """The CWEs reported in the file of each case."""
    (run,) = log["runs"]  # type: ignore[misc]
    cwes = {
        rule["id"]: {
            int(tag.rpartition("-")[2]) for tag in rule["properties"]["tags"] if tag.startswith("external/cwe/")
        }
        for rule in run["tool"]["driver"]["rules"]
    }
    found: dict[str, set[int]] = defaultdict(set)
    for result in run["results"]:
        path = Path(result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"])
        stems = {path.stem}
        for flow in result.get("codeFlows", ()):
            for thread in flow["threadFlows"]:
                for step in thread["locations"]:
                    stems.add(Path(step["location"]["physicalLocation"]["artifactLocation"]["uri"]).stem)
        for stem in stems:
            found[names.get(stem, stem)] |= cwes[result["ruleId"]]
    return found


def unread(log: dict[str, object]) -> int:
    """How many files the scan calls incomplete."""
    (run,) = log["runs"]  # type: ignore[misc]
    paths = set()
    for invocation in run.get("invocations", ()):
        for note in invocation.get("toolExecutionNotifications", ()):
            for location in note.get("locations", ()):
                paths.add(location["physicalLocation"]["artifactLocation"]["uri"])
    return len(paths)


def score(cases: list[tuple[str, str, bool]], found: dict[str, set[int]], *, sound: bool) -> float:
    """Print the table; the mean Youden index in percent."""
    counts: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for case, category, is_vulnerable in cases:
        if sound and case in UNSOUND:
            continue
        is_reported = not found[case].isdisjoint(CATEGORY_CWES[category])
        counts[category][(0 if is_reported else 1) if is_vulnerable else (2 if is_reported else 3)] += 1
    print(f"{'category':16} {'TP':>5} {'FN':>5} {'FP':>5} {'TN':>5} {'TPR':>7} {'FPR':>7} {'Youden':>7}")
    total = 0.0
    for category, (tp, fn, fp, tn) in sorted(counts.items()):
        tpr, fpr = tp / max(tp + fn, 1), fp / max(fp + tn, 1)
        total += tpr - fpr
        print(f"{category:16} {tp:5} {fn:5} {fp:5} {tn:5} {tpr:7.3f} {fpr:7.3f} {tpr - fpr:7.3f}")
    mean = 100 * total / len(counts)
    fp = sum(item[2] for item in counts.values())
    negatives = sum(item[2] + item[3] for item in counts.values())
    print(f"mean Youden {mean:.1f} %, FPR {100 * fp / negatives:.2f} % ({fp} of {negatives})\n")
    return mean


def main() -> None:
    """Score the suite named on the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("path", type=Path)
    parser.add_argument("--renamed", action="store_true")
    parser.add_argument("--misses", metavar="CATEGORY", help="list the wrong cases of a category (`all`)")
    options = parser.parse_args()
    cases = expected(options.path)
    log = scan(options.path)
    found = reported(log, {})
    print(f"{unread(log)} files not read completely\n")
    print(f"all {len(cases)} cases")
    score(cases, found, sound=False)
    print(f"{len(cases) - len(UNSOUND)} cases with a sound label")
    mean = score(cases, found, sound=True)
    if options.renamed:
        from renamed import renamed_copy

        with tempfile.TemporaryDirectory() as folder:
            names = renamed_copy(options.path, Path(folder))
            copy = scan(Path(folder))
        print(f"the same cases in a copy of {len(names)} files with all names and texts renamed")
        moved = score(cases, reported(copy, names), sound=True) - mean
        print(f"the score moves by {moved:+.2f} points\n")
    if options.misses:
        for case, category, is_vulnerable in cases:
            is_reported = not found[case].isdisjoint(CATEGORY_CWES[category])
            if is_reported != is_vulnerable and options.misses in (category, "all"):
                note = " (label unsound)" if case in UNSOUND else ""
                print(f"{'FN' if is_vulnerable else 'FP'} {category} {case}{note}")


if __name__ == "__main__":
    main()
