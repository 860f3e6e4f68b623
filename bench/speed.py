"""Measure custodiet beside bandit and semgrep on the same trees in one run.

    python bench/speed.py PATH… [--peers PYTHON] [--rounds N] [--file FILE] [--runs N]

Each PATH is a tree of Python files; nothing is fetched. PYTHON is the interpreter of an environment that holds `bandit` and
`semgrep` from the package index (a newer Python reads newer syntax: bandit parses with its own). Semgrep gets the rules
of `bench/semgrep_rules.yml`, which cover the same kinds of flaw in taint mode.

Every tool runs its complete pipeline cold, in fresh processes, and writes JSON; of `--rounds` rounds the best counts.
Printed are wall time, CPU time of the process and all its descendants, the peak memory of the largest process, lines per
CPU second, and how many times the CPU of custodiet's one-process run a tool takes. Then one small file is scanned in
`--runs` fresh processes, and the wall time's median and 95th percentile are printed.
"""

import argparse
import ctypes
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
PR_SET_CHILD_SUBREAPER = 36


@dataclass(frozen=True)
class Cost:
    """What a run took. `memory_bytes` is the peak of its largest process."""

    wall_s: float
    cpu_s: float
    memory_bytes: int


@dataclass(frozen=True)
class Tool:
    """A command line whose last arguments are the tree, and the file where it writes what it saw."""

    name: str
    command: tuple[str, ...]
    output: Path


def adopt_orphans() -> None:
    """Make this process the parent of descendants whose own parent ends, so that their CPU time is counted."""
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def cost_of(command: Sequence[str], folder: Path) -> Cost:
    """What a command costs, with every process that it starts.

    Raises:
        SystemExit: the command failed.
    """
    environment = {**os.environ, "SEMGREP_SEND_METRICS": "off", "PYTHONHASHSEED": "0"}
    errors = folder / "stderr.txt"
    begin = time.perf_counter()
    with errors.open("wb") as stream:
        process = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=stream, env=environment)
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - begin
    cpu, memory = usage.ru_utime + usage.ru_stime, usage.ru_maxrss
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise SystemExit(f"{' '.join(command)}: exit code {process.returncode}\n{errors.read_text()[-2000:]}")
    while True:  # what it left behind, for instance the server of a process pool
        try:
            _, _, usage = os.wait4(-1, 0)
        except ChildProcessError:
            break
        cpu += usage.ru_utime + usage.ru_stime
        memory = max(memory, usage.ru_maxrss)
    return Cost(wall, cpu, memory * 1024)


def lines_of(tree: Path) -> tuple[int, int]:
    """(files, lines) of the Python files below a tree."""
    files = [tree] if tree.is_file() else sorted(path for path in tree.rglob("*.py") if path.is_file())
    return len(files), sum(path.read_bytes().count(b"\n") for path in files)


def tools(tree: Path, folder: Path, peers: Path | None) -> list[Tool]:
    """The tools to compare on a tree; custodiet with one process comes first."""
    ours, output = [sys.executable, "-m", "custodiet", "scan"], folder / "custodiet.json"
    options = ["--isolated", "--no-gitignore", "--exit-zero", "--quiet", "--output", f"json={output}"]
    found = [
        Tool("custodiet, 1 job", (*ours, *options, "--jobs", "1", str(tree)), output),
        Tool("custodiet, all cores", (*ours, *options, str(tree)), output),
    ]
    if peers is not None:
        output = folder / "bandit.json"
        recursive = ["-r"] if tree.is_dir() else []
        bandit = [str(peers), "-m", "bandit", "-q", "--exit-zero", "-f", "json", "-o", str(output)]
        found.append(Tool("bandit", (*bandit, *recursive, str(tree)), output))
        output = folder / "semgrep.json"
        semgrep = [str(peers.with_name("semgrep")), "scan", "--metrics", "off", "--disable-version-check", "--quiet"]
        semgrep += ["--config", str(HERE / "semgrep_rules.yml"), "--no-git-ignore", "--max-target-bytes", "0"]
        semgrep += ["--json", "--output", str(output)]
        found += [
            Tool("semgrep, 1 job", (*semgrep, "--jobs", "1", str(tree)), output),
            Tool("semgrep, all cores", (*semgrep, str(tree)), output),
        ]
    return found


def seen_by(tool: Tool) -> str:
    """How many files a tool says that it read, and how many results it has."""
    report = json.loads(tool.output.read_text())
    if tool.name.startswith("semgrep"):
        return f"{len(report['paths']['scanned'])} files, {len(report['results'])} results"
    if tool.name == "bandit":
        skipped = len(report["errors"])
        return f"{len(report['metrics']) - 1} files ({skipped} not parsed), {len(report['results'])} results"
    statistics_of = report.get("statistics", report.get("summary", {}))
    return f"{statistics_of.get('files', '?')} files, {len(report['findings'])} results"


def compare(tree: Path, peers: Path | None, rounds: int) -> None:
    """Print the table of one tree."""
    files, lines = lines_of(tree)
    print(f"{tree}: {files} files, {lines:,} lines")
    print(f"{'':22} {'wall s':>8} {'CPU s':>8} {'MB':>6} {'GB/Mline':>9} {'lines/CPU s':>12} {'CPU ratio':>10}")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / ".semgrepignore").write_text("")  # semgrep leaves out folders such as tests by default
        base = 0.0
        for tool in tools(tree, folder, peers):
            costs = [cost_of(tool.command, folder) for _ in range(rounds)]
            best = min(costs, key=lambda cost: cost.cpu_s)
            base = base or best.cpu_s
            per_million = best.memory_bytes / 1e9 / (lines / 1e6)
            print(
                f"{tool.name:22} {min(cost.wall_s for cost in costs):8.2f} {best.cpu_s:8.2f}"
                f" {best.memory_bytes / 1e6:6.0f} {per_million:9.2f} {lines / best.cpu_s:12,.0f}"
                f" {best.cpu_s / base:9.2f}x  {seen_by(tool)}"
            )
    print()


def fresh_process(file: Path, runs: int, peers: Path | None) -> None:
    """Print the wall time of scanning one file in a fresh process."""
    print(f"{file.name}: {lines_of(file)[1]} lines in a fresh process")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / ".semgrepignore").write_text("")
        for tool in tools(file, folder, peers):
            if "all cores" in tool.name:
                continue
            count = runs if tool.name.startswith("custodiet") else min(runs, 5)
            cost_of(tool.command, folder)  # the first run reads the files of the tool from the disk
            walls = sorted(cost_of(tool.command, folder).wall_s * 1000 for _ in range(count))
            p95 = walls[min(len(walls) - 1, round(0.95 * len(walls)))]
            print(f"{tool.name:22} p50 {statistics.median(walls):7.0f} ms  p95 {p95:7.0f} ms  of {count} runs")


def main() -> None:
    """Measure what the command line names."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("paths", type=Path, nargs="*", metavar="PATH")
    parser.add_argument("--peers", type=Path, metavar="PYTHON", help="interpreter that has bandit and semgrep")
    parser.add_argument("--rounds", type=int, default=1, help="the best of so many rounds counts")
    parser.add_argument("--file", type=Path, help="the small file; default: this script")
    parser.add_argument("--runs", type=int, default=40)
    options = parser.parse_args()
    adopt_orphans()
    peers = options.peers.absolute() if options.peers else None
    for path in options.paths:
        compare(path.absolute(), peers, options.rounds)
    fresh_process((options.file or Path(__file__)).absolute(), options.runs, peers)


if __name__ == "__main__":
    main()
