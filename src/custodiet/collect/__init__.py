"""The files that a scan reads: found, named and in a stable order, before any of them is opened.

    collection = collect(["src"], config, root="/home/me/shop")
    collection.files        Python files
    collection.templates    HTML, Jinja and Mako files
    collection.incomplete   what was found but cannot be read, and why

Files that are named are always taken, whatever the patterns say; folders are walked without following links, without
the folders that hold no code of the project (`.git`, `node_modules`, ...), without what `.gitignore` leaves out and
without what `exclude` matches. `overlaid` replaces contents by others that stand nowhere on the disk: the index of
git, an editor's buffer, a repair that is being tried.
"""

import os
from collections.abc import Collection as Several
from collections.abc import Iterable, Mapping, Sequence

from custodiet.collect.file import Collection, File, is_minified, language_of, read, relative
from custodiet.collect.names import module_name, module_names
from custodiet.collect.walk import Walk
from custodiet.config import Config
from custodiet.domain.finding import Incomplete
from custodiet.errors import NoInputError

__all__ = [
    "Collection",
    "File",
    "collect",
    "is_minified",
    "language_of",
    "module_name",
    "module_names",
    "overlaid",
    "read",
    "relative",
]


def collect(
    paths: Sequence[str | os.PathLike[str]],
    config: Config,
    root: str | os.PathLike[str],
    contents: Mapping[str, bytes | None] | None = None,
) -> Collection:
    """The files at and below `paths`, with names relative to `root`, and `contents` laid over them (`overlaid`).

    A path that only `contents` has need not exist.

    Raises:
        SourceError: if one of `paths` does not exist or cannot be listed.
        NoInputError: if there is nothing to scan.
    """
    walk = Walk(os.path.abspath(root), config)
    for path in paths:
        absolute = os.path.abspath(path)
        if not contents or contents.get(relative(absolute, walk.root)) is None:
            walk.add(absolute)
    collection = _collection(walk)
    if contents:
        for path in contents:
            walk.look_up(os.path.dirname(os.path.join(walk.root, *path.split("/"))))
        collection = overlaid(collection, contents, root, markers=walk.markers)
    if not collection and not collection.incomplete:
        named = ", ".join(f"`{os.fspath(path)}`" for path in paths) or "standard input"
        raise NoInputError(f"no Python file or template in {named}")
    return collection


def overlaid(
    collection: Collection,
    contents: Mapping[str, bytes | None],
    root: str | os.PathLike[str],
    *,
    markers: Several[str] = (),
) -> Collection:
    """`collection` with other bytes for the paths in `contents`; None takes a file away, a new path adds one.

    `markers` are paths of further files that tell names of modules (`collect.names`).
    """
    kept = [file for file in (*collection.files, *collection.templates) if file.path not in contents]
    incomplete = tuple(note for note in collection.incomplete if note.path not in contents)
    names = {*markers, *(file.path for file in kept)}
    names |= {path for path, content in contents.items() if content is not None}
    for path, content in contents.items():
        language = language_of(path)
        if content is not None and language:
            absolute = os.path.join(root, *path.split("/"))
            kept.append(_file(path, absolute, language, names, content))
    return _sorted(kept, incomplete)


def _collection(walk: Walk) -> Collection:
    """Everything that the walk found, named and sorted."""
    known = walk.markers | walk.found.keys()
    files = [_file(path, found.absolute, found.language, known) for path, found in walk.found.items()]
    return _sorted(files, walk.incomplete.values())


def _file(path: str, absolute: str, language: str, known: Several[str], content: bytes | None = None) -> File:
    """The file `path`, with the name that the `known` paths give it."""
    if language == "template":
        return File(path, absolute, path, is_package=False, language=language, content=content)
    name, is_package = module_name(path, known, language)
    return File(path, absolute, name, is_package=is_package, language=language, content=content)


def _sorted(files: Iterable[File], incomplete: Iterable[Incomplete]) -> Collection:
    """The collection in the order of paths."""
    ordered = sorted(files, key=lambda file: file.path)
    return Collection(
        files=tuple(file for file in ordered if file.language != "template"),
        templates=tuple(file for file in ordered if file.language == "template"),
        incomplete=tuple(sorted(incomplete, key=lambda note: (note.path, note.line or 0))),
    )
