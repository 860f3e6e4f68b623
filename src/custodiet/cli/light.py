"""msgspec, imported without two modules of the standard library that nothing here uses.

msgspec knows `uuid.UUID` and `decimal.Decimal` because it can encode them, and importing these costs 5 ms (`uuid`
imports `platform`). Custodiet has values of neither class. For a plain scan stand-ins are there while msgspec is
imported, and gone afterwards, so that whoever imports the modules later gets the true ones.
"""

import sys
from enum import Enum
from types import ModuleType
from typing import Any

STAND_INS: dict[str, dict[str, Any]] = {
    "uuid": {"UUID": type("UUID", (), {}), "SafeUUID": Enum("SafeUUID", "safe unsafe unknown")},
    "decimal": {"Decimal": type("Decimal", (), {})},
}


def import_msgspec() -> None:
    """Makes `import msgspec` cheap from here on; where that fails, it is as it would have been."""
    if "msgspec" in sys.modules:
        return
    standing = [name for name in STAND_INS if name not in sys.modules]
    for name in standing:
        module = ModuleType(name)
        vars(module).update(STAND_INS[name])
        sys.modules[name] = module
    try:
        import msgspec as _  # noqa: F401 - imported for later
    except (ImportError, AttributeError):
        for name in [name for name in sys.modules if name.partition(".")[0] == "msgspec"]:
            del sys.modules[name]
    finally:
        for name in standing:
            del sys.modules[name]
