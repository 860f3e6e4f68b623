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
import stat
from collections.abc import Collection as Several
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from custodiet.collect.globs import Patterns
from custodiet.collect.names import ROOT_MARKERS, module_name, module_names
from custodiet.config import Config, repository_root
from custodiet.domain.finding import Incomplete
from custodiet.errors import GitError, NoInputError, SourceError

__all__ = [
    "Collection",
    "File",
    "collect",
    "is_minified",
    "module_name",
    "module_names",
    "overlaid",
    "read",
    "relative",
]

DEFAULT_EXCLUDES = frozenset(
    ".git .hg .svn .bzr .jj .venv venv .env env .virtualenv virtualenv node_modules bower_components site-packages "
    "dist-packages __pycache__ __pypackages__ .tox .nox .mypy_cache .ruff_cache .pytest_cache .hypothesis .pytype .eggs "
    ".cache .idea .vscode .direnv .terraform .serverless .ipynb_checkpoints build dist _build htmlcov buck-out .bundle "
    "target".split()
)
"""Names of folders that are never entered, unless they are named themselves."""

_PYTHON = (".py", ".pyw")
_TEMPLATES = (".html", ".htm", ".xhtml", ".jinja", ".jinja2", ".j2", ".mako", ".djhtml")
_TEMPLATE_FOLDERS = frozenset({"templates", "template", "jinja2"})
_SHEBANG_BYTES = 64


class File(msgspec.Struct, frozen=True):
    """One file to read."""

    path: str
    """Relative to the scan root, with `/` on every system; bytes that are not UTF-8 are written `\\xNN`."""
    absolute: str
    """What the system opens."""
    name: str
    """Dotted module name; a template has its path."""
    is_package: bool
    language: str
    """`python` or `template`."""
    content: bytes | None = None
    """The bytes, if they are not those on the disk."""


class Collection(msgspec.Struct, frozen=True):
    """What a scan reads; each part is sorted by path."""

    files: tuple[File, ...]
    templates: tuple[File, ...]
    incomplete: tuple[Incomplete, ...]

    def __len__(self) -> int:
        """How many files there are to read."""
        return len(self.files) + len(self.templates)


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
    walk = _Walk(os.path.abspath(root), config)
    for path in paths:
        absolute = os.path.abspath(path)
        if not contents or contents.get(relative(absolute, walk.root)) is None:
            walk.add(absolute)
    collection = overlaid(walk.collection(), contents, root) if contents else walk.collection()
    if not collection and not collection.incomplete:
        named = ", ".join(f"`{os.fspath(path)}`" for path in paths) or "standard input"
        raise NoInputError(f"no Python file or template in {named}")
    return collection


def overlaid(collection: Collection, contents: Mapping[str, bytes | None], root: str | os.PathLike[str]) -> Collection:
    """`collection` with other bytes for the paths in `contents`; None takes a file away, a new path adds one."""
    kept = [file for file in (*collection.files, *collection.templates) if file.path not in contents]
    incomplete = tuple(note for note in collection.incomplete if note.path not in contents)
    names = {file.path for file in kept} | {path for path, content in contents.items() if content is not None}
    for path, content in contents.items():
        language = language_of(path)
        if content is not None and language:
            absolute = os.path.join(root, *path.split("/"))
            kept.append(_file(path, absolute, language, names, content))
    return _sorted(kept, incomplete)


def read(file: File, *, max_file_size: int) -> bytes | Incomplete:
    """The bytes of `file`, or why there are none: `too-large`, `unreadable`, `not-text`."""
    content = file.content
    if content is None:
        try:
            with open(file.absolute, "rb") as stream:
                content = stream.read(max_file_size + 1)
        except OSError as error:
            return _unreadable(file.path, error)
    if len(content) > max_file_size:
        return _too_large(file.path, max_file_size)
    if b"\0" in content:
        return Incomplete(file.path, "not-text", "the file holds NUL bytes, so it is no source text")
    return content


def is_minified(content: bytes) -> bool:
    """Whether the text was written by a program for programs: very long lines, or a note that says so."""
    head = content[:2000]
    if b"@generated" in head or (b"DO NOT EDIT" in head and b"enerated" in head):
        return True
    return len(content) > 5000 and len(content) > 400 * (content.count(b"\n") + 1)


def language_of(path: str) -> str:
    """`python`, `template` or an empty text, by the name of the file."""
    lowered = path.lower()
    if lowered.endswith(_PYTHON):
        return "python"
    if lowered.endswith(_TEMPLATES):
        return "template"
    if lowered.endswith(".xml") and not _TEMPLATE_FOLDERS.isdisjoint(lowered.split("/")[:-1]):
        return "template"
    return ""


def relative(path: str, root: str) -> str:
    """`path` as reports name it: relative to `root` where it stands below it, else absolute; always with `/`."""
    prefix = root if root.endswith(os.sep) else root + os.sep
    text = path.removeprefix(prefix)
    if os.sep != "/":
        text = text.replace(os.sep, "/")
    return text if text.isascii() else os.fsencode(text).decode("utf-8", "backslashreplace")


class _Walk:
    """The state of one collection: what was found, and what git or the patterns leave out."""

    def __init__(self, root: str, config: Config) -> None:
        self.root = root
        self.found: dict[str, tuple[str, str]] = {}
        """Path to absolute path and language."""
        self.incomplete: dict[str, Incomplete] = {}
        self._config = config
        self._excludes = Patterns(config.exclude)
        self._includes = Patterns(config.include)
        self._markers: set[str] = set()
        """`__init__.py` and marker files, for the module names."""
        self._listed: set[str] = set()

    def add(self, path: str) -> None:
        """Take the file, or everything below the folder, that `path` names."""
        try:
            mode = os.stat(path).st_mode
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            raise SourceError(f"cannot scan: {reason[:1].lower()}{reason[1:]}", where=_printable(path)) from error
        if stat.S_ISDIR(mode):
            ignored = self._ignored_below(path) if self._config.respect_gitignore else _NOTHING_IGNORED
            self._look_up(path)
            self._folder(path, ignored)
        elif stat.S_ISREG(mode):
            language = language_of(relative(path, self.root)) or _language_of_script(path)
            if not language:
                raise SourceError(
                    "neither Python nor a template",
                    where=_printable(path),
                    hint="give the file a name that ends in `.py`, `.html`, `.jinja` or `.mako`",
                )
            self._look_up(os.path.dirname(path))
            self._take(path, language, os.stat(path).st_size)
        else:
            raise SourceError("neither a file nor a folder", where=_printable(path))

    def collection(self) -> Collection:
        """Everything that was found, named and sorted."""
        known = self._markers | self.found.keys()
        files = [_file(path, absolute, language, known) for path, (absolute, language) in self.found.items()]
        return _sorted(files, self.incomplete.values())

    def _ignored_below(self, folder: str) -> "_Ignored":
        """What is ignored below `folder`: by git's word in a repository, else by the `.gitignore` files themselves."""
        repository = repository_root(folder)
        if repository:
            # Late: a scan of single files needs no git, and subprocess costs 15 ms.
            from custodiet.git import Repository

            try:
                return _Ignored(_below(repository, Repository(repository).ignored()))
            except GitError:
                pass  # git is missing or refuses: the files say nearly the same
        return _Ignored(None)

    def _look_up(self, folder: str) -> None:
        """Note the packages and markers in the folders from the root down to `folder`, for the module names."""
        while folder.startswith(self.root) and folder not in self._listed:
            self._listed.add(folder)
            for name in ("__init__.py", *ROOT_MARKERS):
                if os.path.exists(os.path.join(folder, name)):
                    self._markers.add(relative(os.path.join(folder, name), self.root))
            folder = os.path.dirname(folder)

    def _folder(self, named: str, ignored: "_Ignored") -> None:
        """Take what stands below `named`. Iterative, so that no depth of folders can exhaust the stack."""
        waiting = [(named, ignored)]
        while waiting:
            folder, ignored = waiting.pop()
            try:
                with os.scandir(folder) as listing:
                    entries = sorted(listing, key=lambda entry: entry.name)
            except OSError as error:
                path = relative(folder, self.root)
                if folder == named:
                    raise SourceError("cannot list the folder", where=_printable(named)) from error
                self.incomplete[path] = _unreadable(path, error)
                continue
            ignored = ignored.entered(folder, entries, is_root=folder == self.root)
            for entry in entries:
                try:
                    is_folder = entry.is_dir(follow_symlinks=False)
                    is_link = entry.is_symlink()
                except OSError:
                    continue
                if is_folder:
                    if self._enters(entry, ignored):
                        waiting.append((entry.path, ignored))
                elif not is_link or self._is_file_inside(entry):
                    self._entry(entry, ignored)

    def _enters(self, entry: os.DirEntry[str], ignored: "_Ignored") -> bool:
        """Whether the folder is looked into."""
        if entry.name in DEFAULT_EXCLUDES or entry.name.endswith(".egg-info"):
            return False
        path = relative(entry.path, self.root)
        if self._excludes and self._excludes.verdict(path, is_folder=True):
            return False
        if ignored.covers(entry.path, is_folder=True):
            return False
        return not os.path.exists(os.path.join(entry.path, "pyvenv.cfg"))

    def _is_file_inside(self, entry: os.DirEntry[str]) -> bool:
        """Whether a link leads to a file within the scan root, so that scanning a tree never reads outside of it."""
        target = os.path.realpath(entry.path)
        return os.path.isfile(target) and target.startswith(os.path.realpath(self.root) + os.sep)

    def _entry(self, entry: os.DirEntry[str], ignored: "_Ignored") -> None:
        """Take the file of a walked folder if it is code."""
        name = entry.name
        if name == "__init__.py" or name in ROOT_MARKERS:
            self._markers.add(relative(entry.path, self.root))
        path = relative(entry.path, self.root)
        language = language_of(path)
        if not language and "." in name:
            return
        if ignored.covers(entry.path, is_folder=False):
            return
        if self._excludes and self._excludes.covers(path):
            return
        if self._includes and not self._includes.covers(path):
            return
        try:
            details = entry.stat()
        except OSError as error:
            self.incomplete[path] = _unreadable(path, error)
            return
        if not stat.S_ISREG(details.st_mode):
            return
        language = language or _language_of_script(entry.path)
        if language:
            self._take(entry.path, language, details.st_size)

    def _take(self, absolute: str, language: str, size_bytes: int) -> None:
        """Keep a file, or a note if it is too large."""
        path = relative(absolute, self.root)
        if size_bytes > self._config.max_file_size:
            self.incomplete[path] = _too_large(path, self._config.max_file_size)
        else:
            self.found[path] = (absolute, language)


class _Ignored:
    """What to leave out: absolute paths that git told (folders end with `/`), or `.gitignore` files as they are met."""

    __slots__ = ("_patterns", "_told")

    def __init__(self, told: frozenset[str] | None, patterns: tuple[tuple[str, Patterns], ...] = ()) -> None:
        self._told = told
        self._patterns = patterns

    def entered(self, folder: str, entries: list[os.DirEntry[str]], *, is_root: bool) -> "_Ignored":
        """What is ignored in `folder`: also by its own `.gitignore`, or by the repository that starts there."""
        names = {entry.name for entry in entries}
        if self._told is not None:
            if ".git" in names and not is_root:
                from custodiet.git import Repository  # late: as above

                try:
                    own = Repository(folder).ignored()
                except GitError:
                    return self
                return _Ignored(self._told | _below(folder, own))
            return self
        if ".gitignore" not in names or self is _NOTHING_IGNORED:
            return self
        try:
            with open(os.path.join(folder, ".gitignore"), encoding="utf-8", errors="surrogateescape") as file:
                patterns = Patterns(file)
        except OSError:
            return self
        return _Ignored(None, (*self._patterns, (folder, patterns)))

    def covers(self, path: str, *, is_folder: bool) -> bool:
        """Whether the walked file or folder `path` (absolute) is left out."""
        if self._told is not None:
            return _printable(path + "/" if is_folder else path) in self._told
        for folder, patterns in reversed(self._patterns):
            inner = path[len(folder) + 1 :].replace(os.sep, "/")
            if (verdict := patterns.verdict(inner, is_folder=is_folder)) is not None:
                return verdict
        return False


_NOTHING_IGNORED = _Ignored(None)


def _file(path: str, absolute: str, language: str, known: Several[str], content: bytes | None = None) -> File:
    """The file `path`, with the name that the `known` paths give it."""
    if language == "template":
        return File(path, absolute, path, is_package=False, language=language, content=content)
    name, is_package = module_name(path, known)
    return File(path, absolute, name, is_package=is_package, language=language, content=content)


def _sorted(files: Iterable[File], incomplete: Iterable[Incomplete]) -> Collection:
    """The collection in the order of paths."""
    ordered = sorted(files, key=lambda file: file.path)
    return Collection(
        files=tuple(file for file in ordered if file.language == "python"),
        templates=tuple(file for file in ordered if file.language == "template"),
        incomplete=tuple(sorted(incomplete, key=lambda note: (note.path, note.line or 0))),
    )


def _language_of_script(path: str) -> str:
    """`python` if the first line of a file without a suffix runs Python."""
    if "." in os.path.basename(path):
        return ""
    try:
        with open(path, "rb") as file:
            first = file.read(_SHEBANG_BYTES).split(b"\n", 1)[0]
    except OSError:
        return ""
    return "python" if first.startswith(b"#!") and b"python" in first else ""


def _too_large(path: str, limit: int) -> Incomplete:
    """The note about a file above the limit."""
    return Incomplete(path, "too-large", f"the file has more than {limit:,} bytes (`max_file_size`)")


def _unreadable(path: str, error: OSError) -> Incomplete:
    """The note about a file or folder that the system does not let us read."""
    reason = error.strerror or "unknown reason"
    return Incomplete(path, "unreadable", f"{reason[:1].lower()}{reason[1:]}")


def _below(folder: str, paths: Iterable[str]) -> frozenset[str]:
    """The printable absolute form of `paths`, which git tells relative to `folder`."""
    prefix = _printable(folder).rstrip(os.sep) + os.sep
    return frozenset(prefix + (path if os.sep == "/" else path.replace("/", os.sep)) for path in paths)


def _printable(path: str) -> str:
    """A path for a message."""
    return path if path.isascii() else os.fsencode(path).decode("utf-8", "backslashreplace")
