"""Count what a scan says about well-kept projects, and lay out what is severe for a person to judge.

    python bench/noise.py PATH… [--worksheet FILE] [--persona strict]

Each PATH is a checkout or an unpacked package; nothing is fetched. Every project is scanned by itself at default settings.
Printed per project and in total: files, code lines (not blank, not only a comment), findings by severity, findings of
any severity per 1,000 code lines, and findings of severity high or critical per 10,000 code lines.

The worksheet is a Markdown file with one entry for each finding of severity high or critical: rule, confidence, place, the
line of code, and the steps of its flow, with a line `Verdict:` to fill in.
"""

import argparse
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
    options = parser.parse_args()
    config = Config(persona=Persona(options.persona))
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
    if options.worksheet:
        options.worksheet.write_text(worksheet(projects), "utf-8")
        print(f"\n{sum(severe.values())} entries in {options.worksheet}", file=sys.stderr)


if __name__ == "__main__":
    main()
