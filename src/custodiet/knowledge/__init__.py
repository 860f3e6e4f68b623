"""What libraries do, as data: `knowledge/<language>/<library>.toml`, in the form of `schema.py`."""

import os
from functools import cache
from typing import Any, Final

import msgspec

from custodiet.compiled import Texts, records, texts_beside
from custodiet.errors import ConfigError
from custodiet.knowledge import schema
from custodiet.knowledge.schema import SINK_KINDS, Knowledge, Library

_HEADED: Final = tuple[Library, bytes]
"""A compiled record: the library, and its whole file."""


CORE: Final = ("python", frozenset(("builtins", "re")))
"""The family and the libraries that say what the core's own operations do, in every language."""


def load(language: str, identifiers: frozenset[str] | None = None) -> tuple[Knowledge, ...]:
    """Every knowledge file of a family of languages, sorted by file name, and the core's.

    With `identifiers` (all words of the scanned files) a library whose packages they do not mention comes without
    entries: nothing of it applies.

    Raises:
        ConfigError: a file is no TOML, has an unknown key, a wrong type or an unknown sink kind; it names the file.
    """
    own = tuple(
        _whole(language, place)
        if identifiers is None or is_mentioned(library, identifiers)
        else Knowledge(library=library)
        for place, (library, _) in enumerate(_records(language))
    )
    if language == CORE[0]:
        return own
    core = (place for place, (library, _) in enumerate(_records(CORE[0])) if library.name in CORE[1])
    return (*(_anywhere(_whole(CORE[0], place)) for place in core), *own)


def _anywhere(knowledge: Knowledge) -> Knowledge:
    """The same, for every repository."""
    return msgspec.structs.replace(knowledge, library=msgspec.structs.replace(knowledge.library, packages=["*"]))


def is_mentioned(library: Library, identifiers: frozenset[str]) -> bool:
    """Whether code with these words can use the library."""
    return any(package == "*" or package.rpartition(".")[2] in identifiers for package in library.packages)


@cache
def _records(language: str) -> list[tuple[Library, bytes]]:
    decode = msgspec.msgpack.Decoder(_HEADED).decode
    if not os.path.isdir(texts(language).folder):
        return []  # a language of which no library is known yet
    return [decode(record) for record in records(texts(language), record_of)]


@cache
def _whole(language: str, place: int) -> Knowledge:
    return _decoder().decode(_records(language)[place][1])


@cache
def _decoder() -> "msgspec.msgpack.Decoder[Knowledge]":
    return msgspec.msgpack.Decoder(Knowledge)


def texts(language: str) -> Texts:
    """The files that `load` reads."""
    folder = os.path.join(os.path.dirname(__file__), language)
    cached = __spec__.cached
    return texts_beside(__file__, cached, folder=folder, suffix=".toml", forms=(schema.__file__,))


def record_of(name: str, text: str) -> bytes:
    """The compiled record of a knowledge file."""
    table, knowledge = _parsed(text, where=name)
    return msgspec.msgpack.encode((knowledge.library, msgspec.msgpack.encode(table)))


def parse(text: str, *, where: str) -> Knowledge:
    """The knowledge in a TOML text.

    Raises:
        ConfigError: as `load`.
    """
    return _parsed(text, where=where)[1]


def _parsed(text: str, *, where: str) -> tuple[dict[str, Any], Knowledge]:
    import tomllib  # late: the compiled file needs no parser, which costs 4 ms

    try:
        table = tomllib.loads(text)
        knowledge = msgspec.convert(table, Knowledge)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise ConfigError(
            str(error), where=where, hint="see docs/knowledge.md for the form of a knowledge file"
        ) from error
    for kind in (
        *(sink.kind for sink in knowledge.sink),
        *(kind for entry in knowledge.sanitiser for kind in entry.clears),
        *(kind for guard in knowledge.guard for kind in guard.clears),
        *(kind for entry in knowledge.source for kind in entry.cleared),
        *(entry.returns for entry in knowledge.entrypoint if entry.returns),
        *(kind for entry in knowledge.entrypoint for kind in entry.returns_if),
    ):
        if kind.partition(":")[0] not in SINK_KINDS and kind != "all":
            raise ConfigError(
                f"unknown sink kind `{kind}`", where=where, hint=f"use one of {', '.join(sorted(SINK_KINDS))}"
            )
    return table, knowledge
