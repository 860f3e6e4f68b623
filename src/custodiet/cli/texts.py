"""The texts of scanned files, for reports and repairs."""

import os
from collections.abc import Mapping

from custodiet.pattern import pattern

_COOKIE = pattern(rb"^[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)")
_LARGEST_BYTES = 20_000_000
_MARK = b"\xef\xbb\xbf"


class Texts:
    """The files below `root`, with `contents` laid over them; equal questions get equal answers."""

    def __init__(self, root: str, contents: Mapping[str, bytes | None]) -> None:
        self._root = root
        self._contents = contents
        self._texts: dict[str, str | None] = {}

    def text(self, path: str) -> str | None:
        """The whole text of the file that a report names `path`, or None if it cannot be had."""
        if path not in self._texts:
            raw = self.raw(path)
            self._texts[path] = None if raw is None else decoded(raw)
        return self._texts[path]

    def raw(self, path: str) -> bytes | None:
        """The bytes of the file that a report names `path`, or None if they cannot be had."""
        if path in self._contents:
            return self._contents[path]
        try:
            with open(os.path.join(self._root, path), "rb") as file:
                return file.read(_LARGEST_BYTES)
        except (OSError, ValueError):
            return None


def decoded(raw: bytes) -> str:
    """The text of a source file: UTF-8 unless a coding comment says otherwise; what is malformed is replaced."""
    if raw.startswith(_MARK):
        return raw[len(_MARK) :].decode("utf-8", "replace")
    for line in raw.split(b"\n", 2)[:2]:
        if (match := _COOKIE.match(line)) is not None:
            try:
                return raw.decode(match[1].decode("ascii"), "replace")
            except (LookupError, UnicodeError, ValueError):
                break  # unknown or no text encoding
    return raw.decode("utf-8", "replace")
