"""What `.gitignore` leaves out of a walk.

In a repository git itself is asked, once, about every file that the walk found: only git knows what is tracked
although a pattern covers it. Where git is missing or refuses, and outside of repositories, the patterns decide.
"""

import os
from collections.abc import Collection

from custodiet.collect.file import relative
from custodiet.collect.globs import Patterns
from custodiet.errors import GitError

_FILE_NAME = ".gitignore"


class Rules:
    """The `.gitignore` files from the top of a walk down to one folder."""

    __slots__ = ("_patterns", "covers_folder")

    def __init__(self, patterns: tuple[tuple[str, Patterns], ...] = (), *, covers_folder: bool = False) -> None:
        self.covers_folder = covers_folder
        """Whether a pattern leaves out the folder as a whole."""
        self._patterns = patterns

    def into(self, folder: str, *, has_file: bool = True) -> "Rules":
        """The rules in the absolute `folder`; `has_file` tells whether it may have a `.gitignore` of its own."""
        covers_folder = self.covers_folder or self._matches(folder, is_folder=True)
        patterns = self._patterns
        if has_file and not covers_folder:
            try:
                with open(os.path.join(folder, _FILE_NAME), encoding="utf-8", errors="surrogateescape") as file:
                    patterns = (*patterns, (folder, Patterns(file)))
            except OSError:
                pass  # there is none, and what cannot be read hides nothing
        return Rules(patterns, covers_folder=covers_folder)

    def covers(self, file: str) -> bool:
        """Whether the absolute `file` of this folder is left out."""
        return self.covers_folder or self._matches(file, is_folder=False)

    def _matches(self, path: str, *, is_folder: bool) -> bool:
        """What the nearest `.gitignore` that speaks of `path` says."""
        for folder, patterns in reversed(self._patterns):
            inner = path[len(folder) + 1 :].replace(os.sep, "/")
            if (verdict := patterns.verdict(inner, is_folder=is_folder)) is not None:
                return verdict
        return False


def ignored_files(repository: str, named: str, found: Collection[str]) -> frozenset[str]:
    """Those of the absolute paths `found` in a repository that are ignored.

    A folder that was `named` and is ignored itself hides nothing: whoever names it wants to see into it.
    """
    # Late: a scan of single files needs no git, and subprocess costs 15 ms.
    from custodiet.git import Repository

    by_name = {relative(path, repository): path for path in found}
    top = relative(named, repository) if named.startswith(repository + os.sep) else ""
    try:
        answer = Repository(repository).ignored([*by_name, *filter(None, [top])])
    except GitError:
        return _ignored_by_patterns(named if top else repository, found)
    if top in answer:
        return frozenset()
    return frozenset(by_name[name] for name in answer if name in by_name)


def _ignored_by_patterns(top: str, found: Collection[str]) -> frozenset[str]:
    """The same, by the `.gitignore` files from the folder `top` downwards."""
    rules = {top: Rules().into(top)}

    def rules_of(folder: str) -> Rules:
        missing = []
        while folder not in rules:
            missing.append(folder)
            folder = os.path.dirname(folder)
        for below in reversed(missing):
            rules[below] = rules[folder].into(below)
            folder = below
        return rules[folder]

    return frozenset(path for path in found if rules_of(os.path.dirname(path)).covers(path))
