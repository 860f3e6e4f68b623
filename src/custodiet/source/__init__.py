"""The front ends: the bytes of a file in, its common intermediate representation out."""

from custodiet.source import ir
from custodiet.source.languages import family_of, front_end, language_of


def lower(source: bytes, *, path: str, name: str, is_package: bool, language: str = "python") -> ir.Module:
    """The module that the file says. Never raises for any bytes; what was not understood is counted in it.

    `name` is the name under which other modules import the file, against which relative imports resolve.

    Raises:
        ValueError: if no front end reads `language`.
    """
    module: ir.Module = front_end(language)(source, path=path, name=name, is_package=is_package)
    return module


__all__ = ["family_of", "language_of", "lower"]
