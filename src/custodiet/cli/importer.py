"""The modules of this package, imported by a shorter way.

Python looks for every module in a list of folders under a dozen names, and asks the system eight times for each. A
scan imports a hundred modules of the package, whose places are known: that costs 6 ms of the 60 that checking one file
may take. `install` adds a finder that goes straight to a module's byte code. It uses only what Python itself would
use (byte code with the time and size of its source); whatever is not so is left to the usual way.
"""

import marshal
import os
import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec, SourceFileLoader
from types import CodeType, ModuleType

import custodiet

_PACKAGE = "custodiet."


class DirectLoader(SourceFileLoader):
    """The usual loader, with byte code that is already known to be current."""

    def __init__(self, name: str, path: str, code: bytes) -> None:
        super().__init__(name, path)
        self._code = code

    def get_code(self, fullname: str) -> CodeType | None:
        """The code of the module; after the first time it is looked for in the usual way."""
        code, self._code = self._code, b""
        if not code:
            return super().get_code(fullname)
        found: CodeType = marshal.loads(memoryview(code)[16:])  # noqa: S302 - the file that Python would read
        return found


class DirectFinder:
    """Finds the modules of the package in `root` that have current byte code."""

    def __init__(self, root: str, magic: bytes) -> None:
        self._root = root
        self._magic = magic
        self._suffix = f".{sys.implementation.cache_tag}.pyc"

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """The place of the module `name`; None leaves it to the finders that follow."""
        del path, target
        if not name.startswith(_PACKAGE):
            return None
        base = f"{self._root}/{name[len(_PACKAGE) :].replace('.', '/')}"
        folder, _, stem = base.rpartition("/")
        file, is_package = f"{base}.py", False
        try:
            try:
                status = os.stat(file)
            except FileNotFoundError:
                folder, stem, file, is_package = base, "__init__", f"{base}/__init__.py", True
                status = os.stat(file)
            cached = f"{folder}/__pycache__/{stem}{self._suffix}"
            with open(cached, "rb") as stream:
                code = stream.read()
        except OSError:
            return None
        time, size = (int(number) & 0xFFFFFFFF for number in (status.st_mtime, status.st_size))
        if code[:16] != self._magic + b"\0\0\0\0" + time.to_bytes(4, "little") + size.to_bytes(4, "little"):
            return None
        spec = ModuleSpec(name, DirectLoader(name, file, code), origin=file, is_package=is_package)
        spec.has_location = True
        spec.cached = cached
        if is_package:
            spec.submodule_search_locations = [base]
        return spec


def install() -> None:
    """Imports the package's modules by the shorter way from here on, where byte code stands at its usual place."""
    if os.sep != "/" or sys.pycache_prefix or sys.flags.optimize or sys.implementation.cache_tag is None:
        return
    try:
        from importlib._bootstrap_external import MAGIC_NUMBER  # its public name costs 2 ms to import
    except ImportError:
        return
    sys.meta_path.insert(0, DirectFinder(os.path.abspath(custodiet.__path__[0]), MAGIC_NUMBER))
