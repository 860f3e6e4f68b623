"""Writes the pages of docs/ (and the excerpt in README.md) that follow from the code, or says which are out of date.

    python tools/generate.py            write them
    python tools/generate.py --check    exit 1 and name each page that differs

Each page is a pure function of rules, knowledge, commands or CHANGELOG.md, so two runs give equal bytes.
"""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from custodiet.rules import load_rules, rule_text
from pages.commands import command_page
from pages.excerpt import readme
from pages.libraries import libraries_page
from pages.rules import rule_page, rules_index
from pages.schema import config_schema

ROOT: Final = Path(__file__).parent.parent


def pages() -> Iterator[tuple[str, str]]:
    """(path below the root, text) of each generated page."""
    rules = load_rules()
    yield "docs/rules/index.md", rules_index(rules)
    for rule in rules:
        yield f"docs/rules/{rule.id}.md", rule_page(rule, rule_text(rule.id))
    yield "docs/libraries.md", libraries_page()
    yield "docs/cli.md", command_page()
    yield "docs/custodiet.schema.json", config_schema()
    yield "README.md", readme((ROOT / "README.md").read_text("utf-8"), ROOT)
    yield "docs/changelog.md", (ROOT / "CHANGELOG.md").read_text("utf-8")


def stale_pages() -> list[str]:
    """Paths of pages that differ from what the code generates, and of rule pages without a rule."""
    expected = dict(pages())
    differing = [path for path, text in expected.items() if _text_of(ROOT / path) != text]
    present = (path.relative_to(ROOT).as_posix() for path in (ROOT / "docs" / "rules").glob("*.md"))
    return sorted({*differing, *(path for path in present if path not in expected)})


def write_pages() -> list[str]:
    """Paths of the pages that were written or removed because they differed."""
    stale = stale_pages()
    expected = dict(pages())
    for path in stale:
        target = ROOT / path
        if path in expected:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(expected[path], "utf-8", newline="\n")
        else:
            target.unlink()
    return stale


def main() -> int:
    """Exit code: 1 if `--check` finds a page out of date."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--check", action="store_true", help="write nothing, exit 1 if a page is out of date")
    if not parser.parse_args().check:
        for path in write_pages():
            print(f"wrote {path}")
        return 0
    stale = stale_pages()
    for path in stale:
        print(f"out of date: {path}", file=sys.stderr)
    if stale:
        print("hint: run `make generate` and commit what it wrote", file=sys.stderr)
    return 1 if stale else 0


def _text_of(path: Path) -> str | None:
    return path.read_text("utf-8") if path.exists() else None


if __name__ == "__main__":
    sys.exit(main())
