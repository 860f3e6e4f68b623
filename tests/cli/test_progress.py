"""The terminal shows a bar only to a person who waits."""

import io
import subprocess
import sys

from custodiet.cli import progress
from spec_collector import ROOT


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_a_short_scan_shows_nothing(monkeypatch):
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    with progress.Progress(is_shown=True) as bar:
        bar("reading", 1, 2)
    assert terminal.getvalue() == ""


def test_a_long_scan_shows_its_stages_and_cleans_up(monkeypatch):
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setattr(progress, "PATIENCE_S", 0)
    with progress.Progress(is_shown=True) as bar:
        bar("reading", 1, 2)
        bar("reading", 2, 2)
        bar("analysing", 1, 3)
        assert bar._bar is not None
    assert "analysing" in terminal.getvalue()


def test_nothing_is_shown_if_nobody_asked(monkeypatch):
    monkeypatch.setattr(progress, "PATIENCE_S", 0)
    with progress.Progress(is_shown=False) as bar:
        bar("reading", 1, 2)
        assert bar._bar is None


def test_rich_is_imported_only_for_a_bar():
    program = (
        "import sys; from custodiet.cli.progress import Progress\n"
        "with Progress(is_shown=True) as bar: bar('reading', 1, 2)\n"
        "assert 'rich' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", program], check=True, cwd=ROOT / "src")
