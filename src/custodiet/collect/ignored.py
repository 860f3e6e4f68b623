"""What `.gitignore` leaves out of a walk.

In a repository git itself is asked, once, about every file that the walk found: only git knows what is tracked
although a pattern covers it. Where git is missing or refuses, and outside of repositories, the patterns decide.
"""

import os
from collections.abc import Mapping

from custodiet.collect.file import relative
from custodiet.collect.globs import Patterns
from custodiet.errors import GitError


class Rules:
    """The `.gitignore` files from the top of a walk, or of a repository, down to one folder."""

    __slots__ = ("_patterns", "covers_folder", "repository")

    def __init__(
        self, repository: str = "", patterns: tuple[tuple[str, Patterns], ...] = (), *, covers_folder: bool = False
    ) -> None:
        self.repository = repository
        """The absolute folder of the repository that the folder belongs to; empty if there is none."""
        self.covers_folder = covers_folder
        """Whether a pattern leaves out the folder as a whole."""
        self._patterns = patterns

    def entered(self, folder: str, names: set[str]) -> "Rules":
        """The rules inside of `folder`, which holds entries of these `names`."""
        repository, patterns, covered = self.repository, self._patterns, self.covers_folder
        if ".git" in names and folder != repository:
            repository, patterns, covered = folder, (), False
        if ".gitignore" in names:
            try:
                with open(os.path.join(folder, ".gitignore"), encoding="utf-8", errors="surrogateescape") as file:
                    patterns = (*patterns, (folder, Patterns(file)))
            except OSError:
                pass  # what cannot be read hides nothing
        return Rules(repository, patterns, covers_folder=covered)

    def into(self, folder: str) -> "Rules":
        """The rules for the folder below, before its own `.gitignore` is read."""
        if self.covers_folder or not self._matches(folder, is_folder=True):
            return self
        return Rules(self.repository, self._patterns, covers_folder=True)

    def covers(self, file: str) -> bool:
        """Whether the patterns leave out the absolute `file`."""
        return self.covers_folder or self._matches(file, is_folder=False)

    def _matches(self, path: str, *, is_folder: bool) -> bool:
        """What the nearest `.gitignore` that speaks of `path` says."""
        for folder, patterns in reversed(self._patterns):
            inner = path[len(folder) + 1 :].replace(os.sep, "/")
            if (verdict := patterns.verdict(inner, is_folder=is_folder)) is not None:
                return verdict
        return False


def ignored_by_git(repository: str, named: str, found: Mapping[str, bool]) -> frozenset[str]:
    """Those of the absolute paths `found` that are ignored; their values are what the patterns say.

    A folder that was `named` and is ignored itself hides nothing: whoever names it wants to see into it.
    """
    # Late: a scan of single files needs no git, and subprocess costs 15 ms.
    from custodiet.git import Repository

    by_name = {relative(path, repository): path for path in found}
    top = relative(named, repository) if named != repository and named.startswith(repository + os.sep) else ""
    try:
        answer = Repository(repository).ignored([*by_name, *filter(None, [top])])
    except GitError:
        return frozenset(path for path, is_covered in found.items() if is_covered)
    if top in answer:
        return frozenset()
    return frozenset(by_name[name] for name in answer)
