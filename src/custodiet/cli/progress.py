"""What the terminal shows while a scan runs: nothing for a short one, a bar for a long one."""

import sys
import time
from typing import Any

PATIENCE_S = 0.6
"""A scan that is done before needs no bar, and then rich is never imported."""


class Progress:
    """Callable as `progress(stage, done, total)`; a context manager that leaves no trace on the terminal."""

    def __init__(self, *, is_shown: bool) -> None:
        self._is_shown = is_shown
        self._started = time.monotonic()
        self._bar: Any = None
        self._task: Any = None
        self._stage = ""

    def __enter__(self) -> "Progress":
        """Itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Takes the bar away."""
        if self._bar is not None:
            self._bar.stop()

    def __call__(self, stage: str, done: int, total: int) -> None:
        """Shows that `done` of `total` steps of `stage` are finished."""
        if not self._is_shown or (self._bar is None and time.monotonic() - self._started < PATIENCE_S):
            return
        if self._bar is None:
            from rich.console import Console  # late: 38 ms, and only for a person who waits
            from rich.progress import Progress as Bar

            self._bar = Bar(console=Console(file=sys.stderr), transient=True)
            self._bar.start()
        if stage != self._stage:
            if self._task is not None:
                self._bar.remove_task(self._task)
            self._stage = stage
            self._task = self._bar.add_task(stage, total=total)
        self._bar.update(self._task, completed=done, total=total)
