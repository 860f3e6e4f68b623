"""Many text files of the package as one compiled file, for those who start often.

Reading a hundred TOML files costs 100 ms; reading what they say from one file costs 1 ms. The compiled file is looked
for in two places and belongs to the package in both, so it deserves the trust that byte code has: whoever can write
there can write programs there. Nothing of the scanned tree, and no folder that a user names, is ever asked.

    <folder>/compiled.msgpack                   put there when the wheel is built; compared by the sizes of the files
    <folder of the byte code>/<name>.msgpack    written by the first run, if Python may write byte code and may write
                                                there; compared by the sizes and times of the files, as byte code is

It holds `[stamps, records]` as MessagePack: a stamp is `[name, size in bytes, time in ns]` of each file, the records
are what `encode` made of them. A compiled file that is missing, older than the files, cut off or of another form is
not used; without one every record is made anew. Both ways give the same records, because both decode the same bytes.
"""

import os
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Final, NamedTuple

import msgspec

NAME: Final = "compiled.msgpack"

Stamp = tuple[str, int, int]
Encode = Callable[[str, str], bytes]
"""The record of a file, from its name (`<folder>/<file>`, for errors) and its text."""

_DECODER: Final = msgspec.msgpack.Decoder(tuple[list[Stamp], list[bytes]])


class Texts(NamedTuple):
    """The text files of one folder of the package."""

    folder: str
    suffix: str
    forms: tuple[str, ...]
    """The Python files that say what a record looks like: when they change, the records do."""
    beside: str | None
    """The compiled file beside the byte code; None if there is no such place."""


def texts_beside(module_file: str, cached: str | None, *, folder: str, suffix: str, forms: Sequence[str] = ()) -> Texts:
    """The texts in `folder`. `module_file` and `cached` are `__file__` and `__spec__.cached` of the module that reads
    them.
    """
    name = f"{os.path.basename(os.path.dirname(module_file))}-{os.path.basename(folder)}.msgpack"
    beside = os.path.join(os.path.dirname(cached), name) if cached else None
    return Texts(folder, suffix, (module_file, *forms), beside)


def records(texts: Texts, encode: Encode) -> list[bytes]:
    """The record of each file, sorted by file name.

    What `encode` raises goes to the caller; a compiled file that cannot be read or written is no error.
    """
    stamps = stamps_of(texts)
    found = _stored(os.path.join(texts.folder, NAME), [(name, size, 0) for name, size, _ in stamps])
    if found is None and texts.beside:
        found = _stored(texts.beside, stamps)
    if found is not None:
        return found
    content = encoded(texts, stamps, encode)
    if texts.beside and not sys.dont_write_bytecode:
        _write(texts.beside, content)
    return _DECODER.decode(content)[1]


def stamps_of(texts: Texts) -> list[Stamp]:
    """Name, size and time of each file, sorted by name, those that say the form first."""
    found = []
    with os.scandir(texts.folder) as entries:
        for entry in entries:
            if entry.name.endswith(texts.suffix):
                status = entry.stat()
                found.append((entry.name, status.st_size, status.st_mtime_ns))
    forms = [(os.path.basename(path), os.stat(path)) for path in texts.forms]
    return [*((name, status.st_size, status.st_mtime_ns) for name, status in forms), *sorted(found)]


def encoded(texts: Texts, stamps: Sequence[Stamp], encode: Encode) -> bytes:
    """The compiled file of the texts, marked with `stamps`."""
    made = []
    within = os.path.basename(texts.folder)
    for name, _, _ in stamps[len(texts.forms) :]:
        with open(os.path.join(texts.folder, name), encoding="utf-8") as file:
            made.append(encode(f"{within}/{name}", file.read()))
    return msgspec.msgpack.encode((stamps, made))


def for_distribution(texts: Texts, encode: Encode) -> bytes:
    """The compiled file that a wheel carries: times are left out, so that equal texts give equal bytes."""
    return encoded(texts, [(name, size, 0) for name, size, _ in stamps_of(texts)], encode)


def _stored(path: str, stamps: Sequence[Stamp]) -> list[bytes] | None:
    """The records in a compiled file, if it was made from files with these stamps."""
    try:
        with open(path, "rb") as file:
            made_from, found = _DECODER.decode(file.read())
    except (OSError, msgspec.DecodeError):
        return None
    return found if made_from == stamps else None


def _write(path: str, content: bytes) -> None:
    """Puts the compiled file in its place as a whole; gives up in silence where writing is not possible."""
    temporary = f"{path}.{os.getpid()}"
    try:
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
        os.replace(temporary, path)
    except OSError:
        with suppress(OSError):  # it was never made, or somebody has already taken it away
            os.unlink(temporary)
