"""What a user sees: one finding of `make demo` for the README, and the line that counts all."""

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Final

OPENING: Final = "<!-- From `make demo`; written by tools/generate.py. -->\n"
CLOSING: Final = "<!-- End of the excerpt. -->\n"
LONGEST: Final = 45
"""Lines that an excerpt may have."""

_HEADER: Final = re.compile(r"^(critical|high|medium|low)\[[a-z-]+\]", re.MULTILINE)
_STEP: Final = re.compile(r"^ +\d+ (?:source|propagation|call|return|sink) +(\S+?):\d+:\d+", re.MULTILINE)


def readme(text: str, root: Path) -> str:
    """The README with the excerpt renewed between its two comments; as it is, if there is nothing to show."""
    before, opening, rest = text.partition(OPENING)
    _, closing, after = rest.partition(CLOSING)
    if not opening or not closing or not any((root / "examples").rglob("*.py")):
        return text
    return f"{before}{opening}\n```text\n{excerpt(demo(root))}\n```\n\n{closing}{after}"


def demo(root: Path) -> str:
    """What `make demo` prints."""
    command = [sys.executable, "-m", "custodiet", "scan", "examples", "--exit-zero", "--isolated", "--color", "never"]
    # The width is ours, not that of whoever generates (pytest sets COLUMNS).
    environment = {**os.environ, "COLUMNS": "100"}
    return subprocess.run(command, cwd=root, env=environment, capture_output=True, check=True, encoding="utf-8").stdout


def excerpt(output: str) -> str:
    """The finding whose flow passes through most files, the shortest of those, and the closing line."""
    starts = [match.start() for match in _HEADER.finditer(output)]
    blocks = [output[start:end].strip("\n") for start, end in zip(starts, [*starts[1:], len(output)], strict=True)]
    *_, last = output.strip("\n").split("\n")
    blocks[-1:] = [blocks[-1].removesuffix(last).rstrip("\n")]
    short = [block for block in blocks if block.count("\n") < LONGEST]
    shown = max(short, key=lambda block: (len(set(_STEP.findall(block))), -block.count("\n")))
    return f"{shown}\n\n…\n\n{last}"
