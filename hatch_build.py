"""Puts the compiled knowledge, rules and words of checks into the wheel (`custodiet.compiled` says why and how).

Without them an installation that nobody may write to reads and checks two hundred text files at every start. Nothing is
written into the source tree, where a compiled file could outlive what it was made of: a checkout and an editable
installation make theirs beside the byte code. Equal sources give equal bytes.
"""

import sys
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CompiledTexts(BuildHookInterface[Any]):
    """The hook that hatchling calls, because the file has this name."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Adds the compiled files to a wheel; an editable one gets none."""
        if version == "editable":
            return
        source = Path(self.root, "src")
        self._folder = tempfile.TemporaryDirectory()
        for number, (path, content) in enumerate(sorted(compiled_files(source).items())):
            made = Path(self._folder.name, str(number))
            made.write_bytes(content)
            build_data["force_include"][str(made)] = path

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        """Takes the temporary files away."""
        del build_data, artifact_path
        if version != "editable":
            self._folder.cleanup()


def compiled_files(source: Path) -> dict[str, bytes]:
    """The compiled files of the package in the folder `source`, by their path in the wheel."""
    sys.path.insert(0, str(source))
    writes, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    try:
        from custodiet import knowledge, rules
        from custodiet.compiled import NAME, for_distribution
        from custodiet.rules import checks

        families = sorted(
            path.name for path in (source / "custodiet" / "knowledge").iterdir() if any(path.glob("*.toml"))
        )
        made = [(knowledge.texts(family), knowledge.record_of) for family in families]
        made += [(rules.texts(), rules.record_of), (checks.texts(), checks.record_of)]
        return {
            Path(texts.folder, NAME).relative_to(source).as_posix(): for_distribution(texts, encode)
            for texts, encode in made
        }
    finally:
        sys.dont_write_bytecode = writes
        sys.path.remove(str(source))
