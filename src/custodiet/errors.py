"""Every error that Custodiet raises on purpose.

    CustodietError
    ├── UsageError      the command line asks for something that cannot be
    ├── ConfigError     custodiet.toml, a rule file or a knowledge file is wrong
    ├── SourceError     the tree to scan cannot be read
    └── GitError        git refused, or this is no repository

Each carries *what* (the message), *where* (a path or name, may be empty) and a *hint*: what to do next.
Messages are lower case without a full stop, with the value in backticks.
"""


class CustodietError(Exception):
    """The root. `exit_code` is what the command line exits with (DESIGN section 6)."""

    exit_code = 2
    default_hint = "run `custodiet --help` for the commands and their options"

    def __init__(self, what: str, *, where: str = "", hint: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.where = where
        self.hint = hint or self.default_hint

    def __str__(self) -> str:
        """`where: what` on one line; the hint is printed on its own."""
        return f"{self.where}: {self.what}" if self.where else self.what


class UsageError(CustodietError):
    """The command line asks for something that cannot be."""


class ConfigError(CustodietError):
    """A configuration, rule or knowledge file is wrong."""

    default_hint = "run `custodiet config --schema` for every key and its type"


class SourceError(CustodietError):
    """The tree to scan cannot be read."""

    default_hint = "name an existing file or folder that you may read"


class NoInputError(SourceError):
    """There is nothing to scan below the named paths."""

    exit_code = 3
    default_hint = "name a folder that holds source files, or check `exclude` in the configuration"


class GitError(CustodietError):
    """Git refused, or this is no repository."""

    default_hint = "run the command inside a git repository, or scan a path without git options"
