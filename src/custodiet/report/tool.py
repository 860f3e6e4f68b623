"""Who wrote the report, as every format names it."""

from functools import cache
from importlib import metadata
from typing import Final

NAME: Final = "custodiet"
TITLE: Final = "Custodiet"
VENDOR: Final = "The Custodiet authors"


@cache
def version() -> str:
    """The version of the installed package, or `0.0.0` in a tree that was never installed."""
    try:
        return metadata.version(NAME)
    except metadata.PackageNotFoundError:
        return "0.0.0"
