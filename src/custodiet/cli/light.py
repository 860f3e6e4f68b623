"""msgspec, imported without what nothing here uses of the modules that it imports.

msgspec knows `uuid.UUID` and `decimal.Decimal` because it can encode them, prefers `typing_extensions` to `typing` where
somebody has installed it, and brings descriptions of types and JSON schemas; importing all that costs 6 to 15 ms.
Custodiet has values of neither class, and a plain scan asks for no schema. So stand-ins for the classes are there
while msgspec is imported, and gone afterwards: whoever imports the modules later gets the true ones.
`msgspec.inspect` and `textwrap` are imported when they are first used.
"""

import sys
from enum import Enum
from importlib import import_module
from types import ModuleType
from typing import Any

STAND_INS: dict[str, dict[str, Any] | None] = {
    "typing_extensions": None,
    "uuid": {"UUID": type("UUID", (), {}), "SafeUUID": Enum("SafeUUID", "safe unsafe unknown")},
    "decimal": {"Decimal": type("Decimal", (), {})},
}
"""Module to the names that msgspec reads of it; None: msgspec does without it."""
POSTPONED = ("msgspec.inspect", "textwrap")


class Postponed(ModuleType):
    """A module that is imported when something of it is used."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        if sys.modules.get(self.__name__) is self:
            del sys.modules[self.__name__]
        return getattr(import_module(self.__name__), name)


def _module(name: str, names: dict[str, Any]) -> ModuleType:
    module = ModuleType(name)
    vars(module).update(names)
    return module


def import_msgspec() -> None:
    """Makes `import msgspec` cheap from here on; where that fails, it is as it would have been."""
    if "msgspec" in sys.modules:
        return
    standing = [name for name in STAND_INS if name not in sys.modules]
    for name in standing:
        names = STAND_INS[name]
        sys.modules[name] = _module(name, names) if names is not None else None  # type: ignore[assignment] # as documented
    postponed = {name: Postponed(name) for name in POSTPONED if name not in sys.modules}
    sys.modules.update(postponed)
    try:
        import msgspec as _  # noqa: F401 - imported for later
    except (ImportError, AttributeError):
        for name in [name for name in sys.modules if name.partition(".")[0] == "msgspec"]:
            del sys.modules[name]
    finally:
        for name in standing:
            del sys.modules[name]
        if sys.modules.get("textwrap") is postponed.get("textwrap"):
            sys.modules.pop("textwrap", None)  # only msgspec's own use of it may wait
