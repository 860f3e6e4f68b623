"""The only place that runs git, on repositories that may be hostile.

A repository's own `.git/config` and `.gitattributes` can name programs: hooks, file system monitors, pagers, external
diffs, text converters, clean filters, transports of a partial clone. None of them runs here. Every call overrides
those settings, drops inherited `GIT_*` variables (but the index that a commit hook is given), allows no transport,
asks for nothing, takes no lock and ends after a time limit. Ownership of the repository is checked by git itself
(`safe.directory`): where it refuses, a `GitError` says what to do, so that this fails closed.

Paths are bytes for git; here they are text through `path_text`, as everywhere in a report.
"""

import os
import subprocess
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from custodiet.errors import GitError

TIMEOUT_S = 60.0

LineRange = tuple[int, int]
"""First and last line, 1-based, both included."""


class Change(msgspec.Struct, frozen=True):
    """What became of one file between two states of the tree. Only ordinary files: no links, no submodules."""

    path: str
    """Name on the new side; of a removed file, its old name."""
    old_path: str | None
    """Name on the old side; None for a new file."""
    is_removed: bool
    lines: tuple[LineRange, ...]
    """Lines of the new side that are new or changed, in order; a removed passage counts as the line before it."""

    @property
    def is_renamed(self) -> bool:
        """Whether the file had another name."""
        return self.old_path is not None and self.old_path != self.path

    def touches(self, first: int, last: int) -> bool:
        """Whether any line from `first` to `last` changed."""
        return any(start <= last and first <= end for start, end in self.lines)


class Repository:
    """A git repository with a work tree at `root` (the folder that holds `.git`)."""

    def __init__(
        self, root: str, *, environment: Mapping[str, str] | None = None, timeout_s: float = TIMEOUT_S
    ) -> None:
        self.root = os.path.realpath(root)
        self._timeout_s = timeout_s
        inherited = os.environ if environment is None else environment
        self._program = _program(inherited.get("PATH", os.defpath))
        self._environment = _environment(inherited, self.root)
        self._filters: tuple[tuple[str, str], ...] | None = None

    def commit_of(self, ref: str) -> str:
        """The id of the commit that `ref` names.

        Raises:
            GitError: if there is no such commit.
        """
        if ref and not ref.startswith("-") and "\0" not in ref:
            name = self._run("rev-parse", "--verify", "--quiet", "--end-of-options", f"{ref}^{{commit}}", accept=(0, 1))
            if name.strip():
                return name.strip().decode("ascii")
        raise GitError(
            f"`{ref}` names no commit",
            where=self.root,
            hint="run `git fetch` if the commit is not here yet, and give a branch, tag or commit id",
        )

    def fork_point(self, ref: str) -> str:
        """The commit at which the current branch left `ref`, or the commit of `ref` if they share none."""
        commit = self.commit_of(ref)
        if not self._has_head():
            return commit
        base = self._run("merge-base", commit, "HEAD", accept=(0, 1)).strip().decode("ascii")
        return base or commit

    def staged(self) -> tuple[Change, ...]:
        """What is staged for the next commit, by path."""
        return self._changes(("--cached", "HEAD" if self._has_head() else self._empty_tree()))

    def changed_since(self, commit: str) -> tuple[Change, ...]:
        """What in the work tree differs from `commit`, by path; files that git does not know yet are new."""
        changes = {change.path: change for change in self._changes((commit,))}
        for path in self._paths("ls-files", "-z", "--others", "--exclude-standard"):
            if not path.endswith("/"):
                changes.setdefault(path, Change(path=path, old_path=None, is_removed=False, lines=((1, 2**31),)))
        return tuple(changes[path] for path in sorted(changes))

    def contents(self, commit: str, paths: Sequence[str]) -> dict[str, bytes]:
        """The bytes of those of `paths` that are files at `commit`; `""` as the commit means the index."""
        prefix = f"{commit}:" if commit else ":0:"
        names = [prefix + path for path in paths]
        found: dict[str, bytes] = {}
        with_newline = [path for path in paths if "\n" in path]
        for path in with_newline:
            if (content := self._blob(prefix + path)) is not None:
                found[path] = content
        plain = [(path, name) for path, name in zip(paths, names, strict=True) if "\n" not in path]
        if not plain:
            return found
        answer = self._run("cat-file", "--batch", stdin=b"".join(path_bytes(name) + b"\n" for _, name in plain))
        offset = 0
        for path, name in plain:
            end = answer.index(b"\n", offset)
            header = answer[offset:end]
            offset = end + 1
            if header.endswith((b" missing", b" ambiguous")) and header.startswith(path_bytes(name)):
                continue
            fields = header.rsplit(b" ", 2)
            size_bytes = int(fields[-1])
            if fields[-2] == b"blob":
                found[path] = answer[offset : offset + size_bytes]
            offset += size_bytes + 1
        return found

    def tracked(self) -> tuple[str, ...]:
        """The files that git tracks, sorted."""
        return tuple(sorted(self._paths("ls-files", "-z", "--cached")))

    def ignored(self, paths: Sequence[str]) -> frozenset[str]:
        """Those of `paths` that git ignores and does not track; folders count as well as files."""
        if not paths:
            return frozenset()
        stdin = b"".join(b"./" + path_bytes(path) + b"\0" for path in paths)
        answer = self._run("check-ignore", "--stdin", "-z", stdin=stdin, accept=(0, 1))
        return frozenset(path_text(path.removeprefix(b"./")) for path in answer.split(b"\0") if path)

    def _has_head(self) -> bool:
        """Whether there is any commit on the current branch."""
        return bool(self._run("rev-parse", "--verify", "--quiet", "HEAD^{commit}", accept=(0, 1)).strip())

    def _empty_tree(self) -> str:
        """The id of the tree without files, in the hash that the repository uses."""
        return self._run("hash-object", "-t", "tree", "--stdin").strip().decode("ascii")

    def _blob(self, name: str) -> bytes | None:
        """The bytes of the file that `name` (`commit:path`) names, None if there is no such file."""
        identity = self._run("rev-parse", "--verify", "--quiet", "--end-of-options", name, accept=(0, 1, 128)).strip()
        if not identity:
            return None
        return self._run("cat-file", "blob", identity.decode("ascii"), accept=(0, 128))

    def _changes(self, against: tuple[str, ...]) -> tuple[Change, ...]:
        """The differences that `git diff-index` tells, by path."""
        options = ("-r", "-M", "--no-ext-diff", "--no-textconv", "--ignore-submodules=all", *against, "--")
        filters = self._blanked_filters()
        records = self._run("diff-index", "--raw", "-z", *options, overrides=filters)
        patch = self._run(
            "diff-index",
            "--patch",
            "--unified=0",
            "--inter-hunk-context=0",
            "--no-color",
            "--src-prefix=a/",
            "--dst-prefix=b/",
            *options,
            overrides=filters,
        )
        lines = _changed_lines(patch)
        changes = [_change(record, lines) for record in _raw_records(records)]
        return tuple(sorted((change for change in changes if change is not None), key=lambda change: change.path))

    def _paths(self, *arguments: str) -> list[str]:
        """The paths that a git command prints with NUL behind each."""
        return [path_text(path) for path in self._run(*arguments).split(b"\0") if path]

    def _blanked_filters(self) -> tuple[tuple[str, str], ...]:
        """Settings that switch off every clean and smudge filter which the configuration names."""
        if self._filters is None:
            names = self._run("config", "-z", "--name-only", "--get-regexp", r"^filter\.", accept=(0, 1))
            keys = {path_text(name).rpartition(".")[0] for name in names.split(b"\0") if name}
            self._filters = tuple(
                (f"{key}.{setting}", "false" if setting == "required" else "")
                for key in sorted(keys)
                for setting in ("clean", "smudge", "process", "required")
            )
        return self._filters

    def _run(
        self,
        *arguments: str,
        stdin: bytes = b"",
        accept: tuple[int, ...] = (0,),
        overrides: Iterable[tuple[str, str]] = (),
    ) -> bytes:
        """What `git <arguments>` prints.

        Raises:
            GitError: if it exits with a code that is not in `accept`, or takes too long.
        """
        command = [self._program, "--no-pager", "-C", self.root, f"--work-tree={self.root}"]
        if arguments[0] != "check-ignore":  # it knows only literal paths, and refuses to be told so
            command.append("--literal-pathspecs")
        environment = {**self._environment, **_config_environment((*_HARDENED, *overrides))}
        try:
            completed = subprocess.run(  # noqa: S603 - the program is an absolute path, the arguments are a list
                [*command, *arguments],
                input=stdin,
                capture_output=True,
                env=environment,
                timeout=self._timeout_s,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise GitError(
                f"`git {arguments[0]}` took longer than {self._timeout_s:g} s",
                where=self.root,
                hint="scan without git options, or with `--no-gitignore`",
            ) from error
        except OSError as error:
            raise GitError(f"cannot run git: {error.strerror}", where=self.root) from error
        if completed.returncode not in accept:
            raise _refusal(completed.stderr, arguments[0], self.root)
        return completed.stdout


def path_text(raw: bytes) -> str:
    r"""A path as text that every report format can hold: bytes that are not UTF-8 become `\xNN`."""
    return raw.decode("utf-8", "backslashreplace")


def path_bytes(path: str) -> bytes:
    """The bytes for git of a path that `path_text` gave, where it had nothing to escape."""
    return path.encode("utf-8", "surrogateescape")


def _program(search: str) -> str:
    """The absolute path of git. Relative folders of the search path are left out: they may be the scanned tree's.

    Raises:
        GitError: if there is none.
    """
    for folder in search.split(os.pathsep):
        if os.path.isabs(folder):
            for name in ("git", "git.exe"):
                path = os.path.join(folder, name)
                if os.access(path, os.X_OK) and os.path.isfile(path):
                    return path
    raise GitError("git is not installed", hint="install git, or scan paths without git options")


_HARDENED = (
    ("core.fsmonitor", "false"),
    ("core.hooksPath", os.devnull),
    ("core.attributesFile", os.devnull),
    ("core.pager", "cat"),
    ("core.askPass", ""),
    ("core.sshCommand", "false"),
    ("core.quotePath", "true"),
    ("core.commitGraph", "false"),
    ("diff.external", ""),
    ("protocol.allow", "never"),
    ("submodule.recurse", "false"),
    ("safe.bareRepository", "explicit"),
)
"""Settings that hold over whatever the repository says. The commit graph is left out since it may be crafted."""


def _environment(inherited: Mapping[str, str], root: str) -> dict[str, str]:
    """The environment for git: nothing that starts a program, shows a prompt or changes the output."""
    kept = {name: value for name, value in inherited.items() if not name.startswith("GIT_")}
    if "GIT_CONFIG_GLOBAL" in inherited:
        kept["GIT_CONFIG_GLOBAL"] = inherited["GIT_CONFIG_GLOBAL"]
    index = inherited.get("GIT_INDEX_FILE", "")
    if index and os.path.realpath(index).startswith(_git_folder(root) + os.sep):
        kept["GIT_INDEX_FILE"] = os.path.abspath(index)
    return {
        **kept,
        "LC_ALL": "C",
        "LANGUAGE": "C",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_ATTR_NOSYSTEM": "1",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_ASKPASS": "",
        "SSH_ASKPASS": "",
        "GIT_PAGER": "cat",
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_NO_LAZY_FETCH": "1",
        "GIT_NO_REPLACE_OBJECTS": "1",
        "GIT_ALLOW_PROTOCOL": "none",
        "GIT_CEILING_DIRECTORIES": os.path.dirname(root),
    }


def _git_folder(root: str) -> str:
    """The folder in which git keeps what belongs to the work tree `root`: of a linked one it stands elsewhere."""
    path = os.path.join(root, ".git")
    try:
        with open(path, encoding="utf-8", errors="surrogateescape") as file:
            target = file.readline(4096).removeprefix("gitdir:").strip()
    except OSError:
        return os.path.realpath(path)
    return os.path.realpath(os.path.join(root, target))


def _config_environment(settings: Sequence[tuple[str, str]]) -> dict[str, str]:
    """`settings` in the form in which any name is safe, even one with `=` or a line break."""
    environment = {"GIT_CONFIG_COUNT": str(len(settings))}
    for number, (key, value) in enumerate(settings):
        environment[f"GIT_CONFIG_KEY_{number}"] = key
        environment[f"GIT_CONFIG_VALUE_{number}"] = value
    return environment


def _refusal(stderr: bytes, command: str, root: str) -> GitError:
    """The error that says why git refused."""
    message = path_text(stderr).strip()
    if "dubious ownership" in message or "unsafe repository" in message:
        return GitError(
            "the repository belongs to another user",
            where=root,
            hint=f"if you trust it, run `git config --global --add safe.directory {root}`",
        )
    if "not a git repository" in message:
        return GitError("this is no git repository", where=root)
    first = next((line for line in message.splitlines() if line), "no reason given")
    return GitError(f"`git {command}` refused: {first.removeprefix('fatal: ')}", where=root)


def _raw_records(output: bytes) -> list[tuple[bytes, bytes, str, str | None]]:
    """(old mode, new mode, path, old path) of each record of `--raw -z`; the old path only of a rename."""
    fields = output.split(b"\0")
    records: list[tuple[bytes, bytes, str, str | None]] = []
    index = 0
    while index < len(fields) and fields[index].startswith(b":"):
        old_mode, new_mode, _, _, status = fields[index][1:].split(b" ")
        if status[:1] in {b"R", b"C"}:
            records.append((old_mode, new_mode, path_text(fields[index + 2]), path_text(fields[index + 1])))
            index += 3
        else:
            records.append((old_mode, new_mode, path_text(fields[index + 1]), None))
            index += 2
    return records


def _change(record: tuple[bytes, bytes, str, str | None], lines: Mapping[str, list[LineRange]]) -> Change | None:
    """The change that a raw record tells, None if neither side is an ordinary file."""
    old_mode, new_mode, path, old_path = record
    was_file, is_file = old_mode.startswith(b"100"), new_mode.startswith(b"100")
    if not was_file and not is_file:
        return None
    return Change(
        path=path,
        old_path=(old_path or path) if was_file else None,
        is_removed=not is_file,
        lines=tuple(lines.get(path, ())) if is_file else (),
    )


def _changed_lines(patch: bytes) -> dict[str, list[LineRange]]:
    """The changed lines of the new side of each file in a patch without context."""
    changed: dict[str, list[LineRange]] = {}
    path = ""
    remaining = 0
    for line in patch.split(b"\n"):
        if remaining and line[:1] in {b"+", b"-"}:
            remaining -= 1
        elif line.startswith(b"+++ "):
            name = _unquoted(line[4:].removesuffix(b"\t"))
            path = path_text(name[2:]) if name.startswith(b"b/") else ""
        elif line.startswith(b"@@ -"):
            old, new = (_span(field[1:]) for field in line.split(b" ")[1:3])
            remaining = old[1] + new[1]
            if path:
                start, count = new
                changed.setdefault(path, []).append((start, start + count - 1) if count else (start, start))
    return changed


def _span(field: bytes) -> tuple[int, int]:
    """(start, count) of a hunk header's `start,count`; the count is 1 if left out."""
    start, comma, count = field.partition(b",")
    return int(start), int(count) if comma else 1


def _unquoted(name: bytes) -> bytes:
    """A path as git meant it: in double quotes it has C escapes."""
    if not name.startswith(b'"'):
        return name
    text = name[1:-1]
    out = bytearray()
    index = 0
    while index < len(text):
        if text[index] != 0x5C:
            out.append(text[index])
            index += 1
        elif text[index + 1 : index + 2].isdigit():
            out.append(int(text[index + 1 : index + 4], 8))
            index += 4
        else:
            out.append(_ESCAPES.get(text[index + 1], text[index + 1]))
            index += 2
    return bytes(out)


_ESCAPES = dict(zip(b"abtnvfr", b"\a\b\t\n\v\f\r", strict=True))
