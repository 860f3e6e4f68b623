"""The front ends: the bytes of a file in, its common intermediate representation out."""

from typing import Final

from custodiet.source import ir

_LANGUAGES: Final = {".py": "python", ".pyi": "python", ".pyw": "python"}


def language_of(path: str) -> str | None:
    """The language that a file of this name is written in, None if no front end reads it."""
    dot = path.rfind(".")
    return _LANGUAGES.get(path[dot:].lower()) if dot >= 0 else None


def lower(source: bytes, *, path: str, name: str, is_package: bool, language: str = "python") -> ir.Module:
    """The module that the file says. Never raises for any bytes; what was not understood is counted in it.

    `name` is the dotted name under which other modules import the file, against which relative imports resolve.

    Raises:
        ValueError: if no front end reads `language`.
    """
    if language != "python":
        raise ValueError(f"no front end reads `{language}`")
    from custodiet.source.python import lower_python  # late: loads the grammar, which `--help` does not need

    return lower_python(source, path=path, name=name, is_package=is_package)
