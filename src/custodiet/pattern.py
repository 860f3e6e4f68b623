"""Regular expressions that are compiled when they are first used.

Compiling costs up to a millisecond each, and checking one file needs few of the hundred that the package holds.
"""

import re
from typing import Any, AnyStr, cast


class _Later:
    """Stands for a compiled pattern; every attribute is that of the pattern, and is kept after its first use."""

    def __init__(self, text: Any, flags: int) -> None:
        self._made = (text, flags)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        text, flags = self._made
        value = getattr(re.compile(text, flags), name)
        setattr(self, name, value)
        return value


def pattern(text: AnyStr, flags: int = 0) -> "re.Pattern[AnyStr]":
    """What `re.compile` gives, made when it is first used: a wrong text shows itself only then."""
    return cast("re.Pattern[AnyStr]", _Later(text, flags))
