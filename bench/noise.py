"""Count what a scan says about well-kept projects, and lay out what is severe for a person to judge.

    python bench/noise.py PATH… [--without-tests] [--judged FILE] [--worksheet FILE] [--persona strict] [--every-language]

Each PATH is a checkout or an unpacked package; nothing is fetched. Every project is scanned by itself at default
settings, its Python and templates only (`--every-language` takes the rest too). `--without-tests` leaves out folders
`test` and `tests`, and files `test_*.py`, `*_test.py` and `conftest.py`. Printed per project and in total: files, code lines (not blank, not only a comment), findings by severity, findings of
any severity per 1,000 code lines, and findings of severity high or critical per 10,000 code lines.

With `--judged bench/noise.md` each severe finding is looked up there, and how many are true is printed beside; what is
not judged, or no longer found, is listed. A judgement is a line

    - `path/in/project.py:12` path-traversal: **true**: why

below a heading `## project`. The worksheet is a Markdown file with one entry for each finding of severity high or critical: rule, confidence, place, the
line of code, and the steps of its flow, with a line `Verdict:` to fill in.
"""

import argparse
import re
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from custodiet import collect as files_of
from custodiet.config import Config
from custodiet.domain.finding import Finding
from custodiet.domain.severity import Persona, Severity
from custodiet.scan import Scan

SEVERE = (Severity.CRITICAL, Severity.HIGH)
OTHERS = tuple(f"*.{ending}" for ending in "js mjs cjs jsx ts mts cts tsx vue java cs".split())
"""Files of other languages than Python and its templates."""
TESTS = ("test/", "tests/", "test_*.py", "*_test.py", "conftest.py")
JUDGEMENT = re.compile(r"- `([^`]+):(\d+)` ([a-z-]+): \*\*(true|false)\*\*")


@dataclass(frozen=True)
class Project:
    """What a scan said about a project."""

    name: str
    root: Path
    files: int
    code_lines: int
    findings: tuple[Finding, ...]
    incomplete: int

    def count(self, *severities: Severity) -> int:
        """How many findings have one of these severities."""
        return sum(finding.severity in severities for finding in self.findings)


Judgements = dict[tuple[str, str, int, str], bool]
"""Whether a finding is true, by project, path, line and rule."""


def judgements(path: Path) -> Judgements:
    """What a file of judgements says."""
    found: Judgements = {}
    project = ""
    for line in path.read_text("utf-8").split("\n"):
        if line.startswith("## "):
            project = line[3:].split(":")[0].strip()
        elif (match := JUDGEMENT.match(line)) is not None:
            found[project, match[1], int(match[2]), match[3]] = match[4] == "true"
    return found


def severe_keys(project: Project) -> list[tuple[str, str, int, str]]:
    """The severe findings of a project, as judgements name them."""
    return [
        (project.name, finding.place.path, finding.place.line, finding.rule)
        for finding in project.findings
        if finding.severity in SEVERE
    ]


def precision(projects: list[Project], known: Judgements) -> str:
    """How many severe findings are true, and what the judgements and the findings lack."""
    keys = [key for project in projects for key in severe_keys(project)]
    true = sum(known.get(key, False) for key in keys)
    lines = [f"\n{true} of {len(keys)} findings of severity high or critical are true: {true / max(len(keys), 1):.2f}"]
    names = {project.name for project in projects}
    lines += [f"not judged: {' '.join(map(str, key))}" for key in keys if key not in known]
    lines += [f"not found: {' '.join(map(str, key))}" for key in known if key[0] in names and key not in keys]
    return "\n".join(lines)


def code_lines(content: bytes) -> int:
    """How many lines hold code: neither blank nor only a comment."""
    stripped = (line.strip() for line in content.splitlines())
    return sum(1 for line in stripped if line and not line.startswith(b"#"))


def scanned(path: Path, config: Config) -> Project:
    """What a scan of one project says."""
    collection = files_of.collect([path], config, root=path)
    report = Scan(config, root=path).run([path])
    lines = sum(code_lines(Path(file.absolute).read_bytes()) for file in collection.files)
    return Project(path.name, path, len(collection.files), lines, report.findings, len(report.incomplete))


def row(name: str, projects: list[Project]) -> str:
    """One line of the table, for a project or all together."""
    lines = sum(project.code_lines for project in projects)
    by = {severity: sum(project.count(severity) for project in projects) for severity in Severity}
    severe, every = sum(by[severity] for severity in SEVERE), sum(by.values())
    counts = " ".join(f"{by[severity]:8}" for severity in (*SEVERE, Severity.MEDIUM, Severity.LOW))
    files = sum(project.files for project in projects)
    unread = sum(project.incomplete for project in projects)
    per_thousand, per_ten_thousand = 1000 * every / max(lines, 1), 10_000 * severe / max(lines, 1)
    return f"{name:24} {files:6} {lines:9,} {counts} {per_thousand:9.3f} {per_ten_thousand:10.3f} {unread:7}"


def worksheet(projects: list[Project]) -> str:
    """The severe findings as Markdown, to judge one by one."""
    parts = ["# Findings of severity high or critical, to judge\n"]
    for project in projects:
        severe = [finding for finding in project.findings if finding.severity in SEVERE]
        parts.append(f"\n## {project.name}: {len(severe)}\n")
        for number, finding in enumerate(severe, 1):
            place = finding.place
            source = Path(project.root, place.path)
            lines = source.read_text("utf-8", "replace").split("\n") if source.is_file() else []
            code = lines[place.line - 1].strip() if place.line <= len(lines) else ""
            label = f", {finding.label}" if finding.label else ""
            parts.append(
                f"\n### {number}. {finding.rule} ({finding.severity}, {finding.confidence}{label})\n\n"
                f"`{place.path}:{place.line}` in `{finding.function or 'the module'}`: {finding.message}\n\n"
                f"    {code}\n"
            )
            parts += [
                f"- {step.kind} `{step.place.path}:{step.place.line}` {step.message}\n" for step in finding.steps[:-1]
            ]
            parts.append("\nVerdict:\n")
    return "".join(parts)


def main() -> None:
    """Scan the projects of the command line and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("paths", type=Path, nargs="+", metavar="PATH")
    parser.add_argument("--worksheet", type=Path, metavar="FILE", help="where to write what is to be judged")
    parser.add_argument("--persona", choices=[persona.value for persona in Persona], default=Persona.DEFAULT.value)
    parser.add_argument("--judged", type=Path, metavar="FILE", help="judgements to look the severe findings up in")
    parser.add_argument("--without-tests", action="store_true", help="leave the projects' tests out")
    parser.add_argument("--every-language", action="store_true", help="scan more than Python and templates")
    options = parser.parse_args()
    left_out = (*(() if options.every_language else OTHERS), *(TESTS if options.without_tests else ()))
    config = Config(persona=Persona(options.persona), exclude=left_out)
    print(
        f"{'project':24} {'files':>6} {'code':>9} {'critical':>8} {'high':>8} {'medium':>8} {'low':>8}"
        f" {'per 1,000':>9} {'severe/10k':>10} {'unread':>7}"
    )
    projects = []
    for path in options.paths:
        projects.append(scanned(path.resolve(), config))
        print(row(projects[-1].name, projects[-1:]), flush=True)
    print(row("all", projects))
    rules = Counter(finding.rule for project in projects for finding in project.findings)
    severe = Counter(f.rule for project in projects for f in project.findings if f.severity in SEVERE)
    print("\nby rule (severe in brackets):")
    for rule, count in rules.most_common():
        print(f"{count:6} ({severe[rule]}) {rule}")
    if options.judged:
        print(precision(projects, judgements(options.judged)))
    if options.worksheet:
        options.worksheet.write_text(worksheet(projects), "utf-8")
        print(f"\n{sum(severe.values())} entries in {options.worksheet}", file=sys.stderr)


if __name__ == "__main__":
    main()
