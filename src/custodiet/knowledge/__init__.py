"""What libraries do, as data: `knowledge/<language>/<library>.toml`, in the form of `schema.py`."""

import tomllib
from functools import cache
from importlib import resources

import msgspec

from custodiet.errors import ConfigError
from custodiet.knowledge.schema import SINK_KINDS, Knowledge


def load(language: str, identifiers: frozenset[str] | None = None) -> tuple[Knowledge, ...]:
    """Every knowledge file of a language, sorted by file name; of those whose packages `identifiers` mention, if given.

    Raises:
        ConfigError: a file is no TOML, has an unknown key, a wrong type or an unknown sink kind; it names the file.
    """
    del identifiers
    return _all(language)


@cache
def _all(language: str) -> tuple[Knowledge, ...]:
    folder = resources.files(__package__) / language
    files = sorted((item for item in folder.iterdir() if item.name.endswith(".toml")), key=lambda item: item.name)
    return tuple(parse(item.read_text(encoding="utf-8"), where=f"{language}/{item.name}") for item in files)


def parse(text: str, *, where: str) -> Knowledge:
    """The knowledge in a TOML text.

    Raises:
        ConfigError: as `load`.
    """
    try:
        knowledge = msgspec.convert(tomllib.loads(text), Knowledge)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise ConfigError(
            str(error), where=where, hint="see docs/knowledge.md for the form of a knowledge file"
        ) from error
    for kind in (
        *(sink.kind for sink in knowledge.sink),
        *(kind for entry in (*knowledge.sanitiser, *knowledge.guard) for kind in entry.clears),
        *(kind for entry in knowledge.source for kind in entry.cleared),
        *(entry.returns for entry in knowledge.entrypoint if entry.returns),
    ):
        if kind.partition(":")[0] not in SINK_KINDS and kind != "all":
            raise ConfigError(
                f"unknown sink kind `{kind}`", where=where, hint=f"use one of {', '.join(sorted(SINK_KINDS))}"
            )
    return knowledge
