"""Catalogues of weaknesses and risks as versioned data: one TOML file each, its source named at its top."""

import os
from functools import cache

import msgspec


class Catalogue(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One published list: what its entries are called and where that is written."""

    name: str
    """Short name, for instance `CWE`."""
    title: str
    version: str
    organization: str
    source: str
    """Address of the published list."""
    names: dict[str, str]
    """Entry id (`89`, `A03:2021`, `LLM05`) to its name."""

    def name_of(self, entry: str) -> str:
        """The published name, or an empty string for an entry that this copy does not hold."""
        return self.names.get(entry, "")


def cwe() -> Catalogue:
    """The Common Weakness Enumeration; ids are bare numbers."""
    return _read("cwe")


def owasp() -> Catalogue:
    """The OWASP Top 10 of 2021; ids look like `A03:2021`."""
    return _read("owasp-2021")


def owasp_llm() -> Catalogue:
    """The OWASP Top 10 for LLM Applications of 2025; ids look like `LLM05`."""
    return _read("owasp-llm-2025")


def cwe_address(number: int) -> str:
    """The page of a weakness at MITRE."""
    return f"https://cwe.mitre.org/data/definitions/{number}.html"


def owasp_address(entry: str) -> str:
    """The page of a category of the Top 10 of 2021, or the list itself for an unknown one."""
    name = owasp().name_of(entry)
    if not name:
        return owasp().source
    words = name.replace("(", "").replace(")", "").replace(" ", "_")
    return f"https://owasp.org/Top10/2021/{entry.replace(':', '_')}-{words}/"


@cache
def _read(stem: str) -> Catalogue:
    import tomllib  # late: most reports name no entry

    with open(os.path.join(os.path.dirname(__file__), f"{stem}.toml"), "rb") as file:
        return msgspec.convert(tomllib.load(file), Catalogue)
