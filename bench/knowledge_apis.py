"""Names of the knowledge files that the installed libraries do not have.

    python bench/knowledge_apis.py [FOLDER]

Run it with a Python that has the libraries installed (and nothing of Custodiet). Each name is imported as far as it
goes and then read attribute by attribute; an attribute that only instances have counts when the source of its class
assigns it (`self.name = …`) or declares it. Names of pseudo classes (`custodiet.…`), wildcards (`*.…`) and entries
whose `note` says that something was removed, or is made at run time only, are passed over. Exit code 1 if a name is missing.
"""

import contextlib
import importlib
import inspect
import re
import sys
import tomllib
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parent.parent / "src" / "custodiet" / "knowledge" / "python"
TABLES = (
    "type",
    "returns",
    "attribute",
    "source",
    "sink",
    "sanitiser",
    "propagator",
    "storage",
    "guard",
    "derive",
    "entrypoint",
    "render",
    "check",
)


def names_of(document: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """(table, name) of every name that a library should have."""
    for table in TABLES:
        for entry in document.get(table, ()):
            if any(word in entry.get("note", "") for word in ("removed", "run time")):
                continue
            names = entry["name"]
            for name in [names] if isinstance(names, str) else names:
                bare = name.rstrip("=").removesuffix("[]").removesuffix("()")
                if not bare.startswith(("*.", "custodiet.")):
                    yield table, bare.replace("[]", "")


def is_set_on_instances(owner: Any, attribute: str) -> bool:
    """Whether the class (or the class of the object) makes this attribute when an instance is made, or passes any."""
    kind = owner if isinstance(owner, type) else type(owner)
    for base in kind.__mro__:
        if attribute in getattr(base, "__annotations__", {}) or attribute in getattr(base, "__slots__", ()):
            return True
        with contextlib.suppress(OSError, TypeError):
            if re.search(rf"\b(self|cls)\.{attribute}\b", inspect.getsource(base)):
                return True
    return False


def missing_part(name: str) -> str | None:
    """None if the name exists; "" if its package is not installed; else the part of it that is missing."""
    parts = name.split(".")
    found: Any = None
    depth = 0
    for count in range(1, len(parts) + 1):
        try:
            found = importlib.import_module(".".join(parts[:count]))
        except ImportError:
            break
        except Exception as error:  # noqa: BLE001 - an import may fail in any way, and then nothing is known
            return f"import of {'.'.join(parts[:count])} failed: {error!r}"
        depth = count
    if depth == 0:
        return ""
    for count in range(depth, len(parts)):
        try:
            found = getattr(found, parts[count])
        except Exception:  # noqa: BLE001 - lazy proxies raise errors of their own outside a request
            if count == len(parts) - 1 and is_set_on_instances(found, parts[count]):
                return None
            return ".".join(parts[: count + 1])
    return None


def main(folder: Path) -> int:
    """The exit code; prints a line for each missing name and one for the packages that are not installed."""
    warnings.simplefilter("ignore")
    with contextlib.suppress(ImportError):
        apps = ["django.contrib.contenttypes", "django.contrib.auth"]
        importlib.import_module("django.conf").settings.configure(INSTALLED_APPS=apps)
        importlib.import_module("django").setup()
    absent: set[str] = set()
    checked = missing = 0
    for path in sorted(folder.glob("*.toml")):
        document = tomllib.loads(path.read_text("utf-8"))
        for table, name in names_of(document):
            part = missing_part(name)
            checked += 1
            if part == "":
                absent.add(name.split(".")[0])
            elif part is not None:
                missing += 1
                print(f"{path.name}: [[{table}]] {name} ({part})")
    print(f"{checked} names, {missing} missing; not installed: {', '.join(sorted(absent)) or 'none'}")
    return int(missing > 0)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER))
