"""`tests/sessions/*.txt` are scripts of the command line that say what must be seen.

    === shop/app.py          a file of the session's folder, up to the next `===` or `$`
    eval(input())
    $ custodiet scan         a command; `git …`, `cat FILE`, `echo TEXT >> FILE` and `NAME=value custodiet …` work too
    1 finding: 1 critical    its standard output
    ! custodiet: error: …    its standard error
    [exit 1]                 its exit code, if not 0

`…` at the end of a line stands for the rest of the line; a line with `...` alone for any number of lines. Setting the
environment variable CUSTODIET_RECORD=1 writes what is seen now into the scripts, to be read before it is committed.
"""

import io
import os
import re
import shlex
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from custodiet.cli.run import run
from spec_collector import ROOT

SESSIONS = sorted((ROOT / "tests" / "sessions").glob("*.txt"))


@dataclass
class Step:
    command: str
    line: int
    expected: list[str] = field(default_factory=list)


def parsed(text: str) -> tuple[dict[str, str], list[Step]]:
    """The files and steps of a session."""
    files: dict[str, str] = {}
    steps: list[Step] = []
    name = ""
    for number, line in enumerate(text.splitlines(), 1):
        if line.startswith("=== "):
            name = line[4:].strip()
            files[name] = ""
        elif line.startswith("$ "):
            name = ""
            steps.append(Step(line[2:], number))
        elif name:
            files[name] += line + "\n"
        elif steps:
            steps[-1].expected.append(line)
    for step in steps:
        while step.expected and not step.expected[-1].strip():
            step.expected.pop()
    return files, steps


ENVIRONMENT = {
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_AUTHOR_NAME": "A",
    "GIT_AUTHOR_EMAIL": "a@example.org",
    "GIT_COMMITTER_NAME": "A",
    "GIT_COMMITTER_EMAIL": "a@example.org",
    "LC_ALL": "C.UTF-8",
}


def seen(command: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What a step shows, in the form of a session."""
    words = shlex.split(command)
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder.parent), **ENVIRONMENT}
    while words and "=" in words[0] and not words[0].startswith("-"):
        variable, _, value = words.pop(0).partition("=")
        environment[variable] = value
    if words[0] == "cat":
        return (folder / words[1]).read_text().splitlines()
    if words[0] == "echo":
        with (folder / words[-1]).open("a") as file:
            file.write(" ".join(words[1:-2]) + "\n")
        return []
    if words[0] == "git":
        subprocess.run(words, cwd=folder, env=environment, capture_output=True, check=True, timeout=60)
        return []
    assert words[0] == "custodiet", f"a session cannot run `{words[0]}`"
    stdin = b""
    if "<" in words:
        stdin = (folder / words.pop()).read_bytes()
        words.pop()
    streams = {name: io.TextIOWrapper(io.BytesIO(), "utf-8") for name in ("stdin", "stdout", "stderr")}
    streams["stdin"].buffer.write(stdin)
    streams["stdin"].buffer.seek(0)
    with monkeypatch.context() as patch:
        patch.chdir(folder)
        for name in [name for name in os.environ if name.startswith(("CUSTODIET_", "GIT_"))]:
            patch.delenv(name)
        for name, value in environment.items():
            patch.setenv(name, value)
        for name, stream in streams.items():
            patch.setattr(sys, name, stream)
        code = run(words[1:])
        streams["stdout"].flush()
        streams["stderr"].flush()
    lines = streams["stdout"].buffer.getvalue().decode().splitlines()
    lines += [f"! {line}" for line in streams["stderr"].buffer.getvalue().decode().splitlines()]
    lines += [f"[exit {code}]"] if code else []
    return [line.replace(str(folder), "FOLDER").rstrip() for line in lines]


def expression_of(lines: list[str]) -> str:
    """The regular expression that the output must match."""
    parts = []
    for line in lines:
        if line.strip() == "...":
            parts.append(r"(?:.*\n)*?")
        else:
            parts.append(r"[^\n]*".join(re.escape(part) for part in line.rstrip().split("…")) + r"\n")
    return "".join(parts)


@pytest.mark.parametrize("path", SESSIONS, ids=lambda path: path.stem)
def test_session(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    text = path.read_text("utf-8")
    files, steps = parsed(text)
    folder = tmp_path / "folder"
    folder.mkdir()
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content)
    recorded = text.split("\n$ ", 1)[0].split("\n") if os.environ.get("CUSTODIET_RECORD") else []
    for step in steps:
        lines = seen(step.command, folder, monkeypatch)
        if recorded:
            recorded += [f"$ {step.command}", *lines, ""]
            continue
        shown = "\n".join(lines)
        expected = expression_of(step.expected)
        assert re.fullmatch(expected, "".join(line + "\n" for line in lines)), (
            f"{path.name}:{step.line}: $ {step.command}\nseen:\n{shown}\n\nexpected:\n" + "\n".join(step.expected)
        )
    if recorded:
        path.write_text("\n".join(recorded), "utf-8")
