"""Files with a name that anyone can foresee, in a folder of everyone: see `insecure-temporary-file.md`."""

from collections.abc import Iterator
from typing import Final

from custodiet.domain.severity import Confidence
from custodiet.flow.hit import Hit
from custodiet.pattern import pattern
from custodiet.rules.checks import Project
from custodiet.rules.checks.expressions import Expression, Names, expression
from custodiet.rules.checks.reading import Scope, argument, hit, is_test, scopes
from custodiet.source import ir

RULE: Final = "insecure-temporary-file"
_SHARED: Final = pattern(r"(?:/(?:var/)?tmp|/dev/shm)/[^/\s]+")
_FOLDER_CALLS: Final = frozenset(("tempfile.gettempdir", "tempfile.gettempdirb"))
_OPENING: Final = frozenset(("open", "io.open", "codecs.open", "aiofiles.open", "gzip.open", "builtins.open"))
_KEEPING: Final = {
    "shutil.copy": (1, "dst"), "shutil.copyfile": (1, "dst"), "shutil.copy2": (1, "dst"), "shutil.move": (1, "dst"),
    "logging.FileHandler": (0, "filename"), "sqlite3.connect": (0, "database"), "os.mkfifo": (0, "path"),
}  # fmt: skip
"""Calls that make a file, with the parameter that names it."""
_PATHS: Final = frozenset(("pathlib.Path", "pathlib.PosixPath", "pathlib.PurePath", "anyio.Path"))
_JOINING: Final = _PATHS | {"os.path.join"}
_REFORMING: Final = frozenset("strftime isoformat timestamp format replace encode".split())
_WRITING: Final = frozenset(("write_text", "write_bytes"))
_TOUCHING: Final = _WRITING | {"open"} | {name.rpartition(".")[2] for name in _KEEPING}
_FORESEEN: Final = frozenset(
    "os.getpid os.getppid os.getuid os.getlogin getpass.getuser time.time time.time_ns time.strftime time.monotonic "
    "socket.gethostname platform.node datetime.datetime.now datetime.datetime.utcnow datetime.now datetime.utcnow "
    "datetime.date.today datetime.datetime.today int str round".split()
)
WORDS: Final = frozenset(("tmp", "shm", "gettempdir", "gettempdirb"))


def check(module: ir.Module, project: Project) -> Iterator[Hit]:
    """Hits for writing to a path directly below `/tmp` whose last part holds nothing random."""
    del project
    words = module.identifiers
    if module.language != "python" or is_test(module.path):
        return
    if words.isdisjoint(_TOUCHING):
        return
    names = Names(module)
    for scope in scopes(module):
        if _TOUCHING.isdisjoint(scope.function.called):
            continue
        for ins in scope.instructions():
            if ins[0] in (ir.CALL, ir.CALLM) and (written := _written(scope, ins, names)) is not None:
                if _is_shared(scope, written, names):
                    yield hit(RULE, scope, ins[-1], "anyone may create this file first", confidence=Confidence.MEDIUM)


def _written(scope: Scope, ins: ir.Ins, names: Names) -> Expression | None:
    """The path that a call writes to, if it does."""
    called = scope.called(ins)
    if called in _KEEPING:
        position, keyword = _KEEPING[called]
        kept = argument(ins, position, keyword)
        return expression(scope, kept) if kept is not None else None
    if called in _OPENING:
        path, mode = argument(ins, 0, "file"), argument(ins, 1, "mode")
        return expression(scope, path) if path is not None and _writes(scope, mode) else None
    if ins[0] != ir.CALLM or ins[3] not in (*_WRITING, "open"):
        return None
    receiver = names.followed(scope, expression(scope, ins[2]))
    if not (_is_path(receiver) or (receiver.kind == "binary" and receiver.text == "/")):
        return None
    return receiver if ins[3] in _WRITING or _writes(scope, argument(ins, 0, "mode")) else None


def _writes(scope: Scope, mode: int | None) -> bool:
    """Whether a mode writes, and does not insist on a new file."""
    text = scope.text(mode) if mode is not None else None
    return bool(text) and text is not None and text[0] in "wa"


def _is_path(value: Expression) -> bool:
    return value.kind == "call" and value.text in _PATHS


def _is_shared(scope: Scope, path: Expression, names: Names) -> bool:
    """Whether a path lies directly in a folder of everyone, and anyone can say its name."""
    spelled = _spelled(scope, path, names)
    return spelled is not None and _SHARED.fullmatch(spelled) is not None


def _spelled(scope: Scope, value: Expression, names: Names) -> str | None:
    """A path with `0` for numbers of processes, times and the like; None if a part of it cannot be foreseen."""
    value = names.followed(scope, value)
    if value.kind == "constant":
        return value.constant if isinstance(value.value, str | bytes) else "0"
    if value.kind == "call" and value.text in _FOLDER_CALLS:
        return "/tmp"  # noqa: S108 - stands for the folder; nothing is written
    parts = [_spelled(scope, part, names) for part in value.parts]
    known = [part for part in parts if part is not None]
    if len(known) < len(parts):
        return None
    if value.kind == "text" or (value.kind == "binary" and value.text == "+"):
        return "".join(known)
    if (value.kind == "binary" and value.text == "/") or (value.kind == "call" and value.text in _JOINING):
        return "/".join(part.rstrip("/") for part in known)
    if value.kind == "binary":
        return known[0]
    if value.kind == "call" and value.value in _REFORMING and value.receiver is not None:
        return _spelled(scope, value.receiver, names)
    return "0" if value.kind == "sequence" or (value.kind == "call" and value.text in _FORESEEN) else None
