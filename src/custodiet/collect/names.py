"""The dotted names under which the files of a tree import each other."""

from collections.abc import Collection, Iterable

from custodiet.source.languages import language_of, path_name

ROOT_MARKERS = frozenset({"pyproject.toml", "setup.py", "setup.cfg", "manage.py", "Pipfile", "requirements.txt"})
"""Files whose folder is what Python runs in, or what is installed from."""

_SOURCE_FOLDERS = frozenset({"src", "lib", "python"})


def module_name(path: str, files: Collection[str], language: str = "python") -> tuple[str, bool]:
    """(module name, whether it is a package) of the file `path` among `files`.

    Only Python's files are named by the tree; those of other languages by their path, and some name themselves.
    """
    return _python_name(path, files) if language == "python" else path_name(path, files)


def _python_name(path: str, files: Collection[str]) -> tuple[str, bool]:
    """(dotted module name, whether it is a package) of the Python file `path` among `files`.

    Every path is relative to the scan root, with `/`. A name is as long as an import of it may be: it starts below
    the nearest folder that Python would be run in (one with a marker file, or a `src` folder that is no package) and
    never inside a chain of `__init__.py` packages. A folder whose name no import can spell is such a start too.
    `src/shop/views.py` is `shop.views`; `shop/cart/__init__.py` is `shop.cart`; `tools/my-app/run.py` is `run`.
    """
    *folders, base = path.split("/")
    stem = base.rpartition(".")[0] or base
    start = 0
    for index in range(len(folders), 0, -1):
        folder = "/".join(folders[:index])
        if f"{folder}/__init__.py" in files:
            continue
        if folders[index - 1] in _SOURCE_FOLDERS or not folders[index - 1].isidentifier() or _has_marker(folder, files):
            start = index
            break
    is_package = stem == "__init__" and len(folders) > start
    parts = folders[start:] if is_package else [*folders[start:], stem]
    return ".".join(parts), is_package


def module_names(files: Iterable[str]) -> dict[str, tuple[str, bool]]:
    """`module_name` of every file of `files` that a front end reads."""
    known = frozenset(files)
    return {path: module_name(path, known, language) for path in sorted(known) if (language := language_of(path))}


def _has_marker(folder: str, files: Collection[str]) -> bool:
    """Whether one of the marker files stands in `folder`."""
    return any(f"{folder}/{marker}" in files for marker in ROOT_MARKERS)
