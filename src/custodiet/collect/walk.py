"""The walk through folders."""

import os
import stat
from typing import NamedTuple

from custodiet.collect.file import language_of, language_of_script, printable, relative, too_large, unreadable
from custodiet.collect.globs import Patterns
from custodiet.collect.ignored import Rules, ignored_files
from custodiet.collect.names import ROOT_MARKERS
from custodiet.config import Config, repository_root
from custodiet.domain.finding import Incomplete
from custodiet.errors import SourceError

_NEVER_ENTERED = frozenset(
    ".git .hg .svn .bzr .jj .venv venv .env .virtualenv virtualenv node_modules bower_components site-packages "
    "dist-packages __pycache__ __pypackages__ .tox .nox .mypy_cache .ruff_cache .pytest_cache .hypothesis .pytype .eggs "
    ".cache .idea .vscode .direnv .terraform .serverless .ipynb_checkpoints _build htmlcov buck-out .bundle".split()
)
"""Names of folders that hold no code of the project."""
_SELDOM_ENTERED = frozenset({"build", "dist", "target", "env"})
"""The same, unless the folder is a Python package."""


class Found(NamedTuple):
    """A file that the walk found."""

    absolute: str
    language: str


class Walk:
    """The state of one walk: what was found, what cannot be read, and the files that tell names of modules."""

    def __init__(self, root: str, config: Config) -> None:
        self.root = root
        self.found: dict[str, Found] = {}
        """By the path that reports use."""
        self.incomplete: dict[str, Incomplete] = {}
        self.markers: set[str] = set()
        """Paths of `__init__.py` and marker files."""
        self._config = config
        self._excludes = Patterns(config.exclude)
        self._includes = Patterns(config.include)
        self._looked_up: set[str] = set()

    def add(self, path: str) -> None:
        """Takes the file, or everything below the folder, that the absolute `path` names.

        Raises:
            SourceError: if it does not exist, cannot be listed, or is no code.
        """
        try:
            status = os.stat(path)
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            raise SourceError(f"cannot scan: {reason[:1].lower()}{reason[1:]}", where=printable(path)) from error
        if stat.S_ISDIR(status.st_mode):
            self.look_up(path)
            self._folder(path)
        elif stat.S_ISREG(status.st_mode):
            language = language_of(relative(path, self.root)) or language_of_script(path)
            if not language:
                raise SourceError(
                    "neither Python nor a template",
                    where=printable(path),
                    hint="give the file a name that ends in `.py`, `.html`, `.jinja` or `.mako`",
                )
            self.look_up(os.path.dirname(path))
            self._take(Found(path, language), status.st_size)
        else:
            raise SourceError("neither a file nor a folder", where=printable(path))

    def look_up(self, folder: str) -> None:
        """Notes the packages and markers in the folders from `folder` up to the root, for the names of modules."""
        while folder.startswith(self.root) and folder not in self._looked_up:
            self._looked_up.add(folder)
            for name in ("__init__.py", *ROOT_MARKERS):
                if os.path.exists(os.path.join(folder, name)):
                    self.markers.add(relative(os.path.join(folder, name), self.root))
            folder = os.path.dirname(folder)

    def _folder(self, named: str) -> None:
        """Takes what stands below `named`. Iterative, so that no depth of folders can exhaust the stack."""
        repository = repository_root(named) if self._config.respect_gitignore else ""
        waiting = [(named, repository, Rules())]
        in_repository: dict[str, dict[str, tuple[Found, int]]] = {}
        """Repository to absolute path to what was found there, and its size."""
        while waiting:
            folder, repository, rules = waiting.pop()
            try:
                with os.scandir(folder) as listing:
                    entries = sorted(listing, key=lambda entry: entry.name)
            except OSError as error:
                if folder == named:
                    raise SourceError("cannot list the folder", where=printable(named)) from error
                path = relative(folder, self.root)
                self.incomplete[path] = unreadable(path, error)
                continue
            if self._config.respect_gitignore:
                names = {entry.name for entry in entries}
                repository = folder if ".git" in names else repository
                if not repository:
                    rules = rules.into(folder, has_file=".gitignore" in names)
                    if rules.covers_folder and folder != named:
                        continue
            for entry in entries:
                try:
                    if entry.is_dir(follow_symlinks=False):
                        if self._enters(entry):
                            waiting.append((entry.path, repository, rules))
                    elif entry.is_file() and (language := self._language(entry)) and not rules.covers(entry.path):
                        found = Found(entry.path, language), entry.stat().st_size
                        in_repository.setdefault(repository, {})[entry.path] = found
                except OSError as error:
                    path = relative(entry.path, self.root)
                    self.incomplete[path] = unreadable(path, error)
        for repository, files in in_repository.items():
            ignored = ignored_files(repository, named, files.keys()) if repository else frozenset()
            for path, (found_file, size_bytes) in files.items():
                if path not in ignored:
                    self._take(found_file, size_bytes)

    def _enters(self, entry: os.DirEntry[str]) -> bool:
        """Whether the folder is looked into, as far as its name and our own patterns say."""
        if entry.name in _NEVER_ENTERED or entry.name.endswith(".egg-info"):
            return False
        if entry.name in _SELDOM_ENTERED and not os.path.exists(os.path.join(entry.path, "__init__.py")):
            return False
        if self._excludes and self._excludes.verdict(relative(entry.path, self.root), is_folder=True):
            return False
        return not os.path.exists(os.path.join(entry.path, "pyvenv.cfg"))

    def _language(self, entry: os.DirEntry[str]) -> str:
        """The language of a file that is wanted, else an empty text; notes what tells names of modules."""
        name = entry.name
        path = relative(entry.path, self.root)
        if name == "__init__.py" or name in ROOT_MARKERS:
            self.markers.add(path)
        language = language_of(path)
        if not language and "." in name:
            return ""
        if (self._excludes and self._excludes.covers(path)) or (self._includes and not self._includes.covers(path)):
            return ""
        if entry.is_symlink() and not self._is_inside(entry.path):
            return ""
        return language or language_of_script(entry.path)

    def _is_inside(self, link: str) -> bool:
        """Whether a link leads to a place within the scan root, so that scanning a tree never reads outside of it."""
        return os.path.realpath(link).startswith(os.path.realpath(self.root).rstrip(os.sep) + os.sep)

    def _take(self, found: Found, size_bytes: int) -> None:
        """Keeps a file, or a note if it is too large."""
        path = relative(found.absolute, self.root)
        if size_bytes > self._config.max_file_size:
            self.incomplete[path] = too_large(path, self._config.max_file_size)
        else:
            self.found[path] = found
