"""What is known of which library, counted from the knowledge files, and the kinds of sinks."""

from typing import Final

from custodiet.domain.label import Label
from custodiet.knowledge import CORE, load
from custodiet.knowledge.schema import SINK_KINDS, Knowledge
from custodiet.rules import load_rules
from pages.markdown import NOTICE, code, codes, table

_FAMILIES: Final = {"python": "Python", "java": "Java", "javascript": "JavaScript and TypeScript", "csharp": "C#"}
"""The families of languages as people call them, in the order of the page."""


def libraries_page() -> str:
    """Libraries, sink kinds with the rules that judge them, and labels."""
    tables = [f"## {title}\n\n{_table_of(family)}\n" for family, title in _FAMILIES.items() if _known(family)]
    count = sum(len(_known(family)) for family in _FAMILIES)
    rules = load_rules()
    kinds = [
        (code(kind), what, ", ".join(f"[{rule.id}](rules/{rule.id}.md)" for rule in rules if kind in rule.sinks))
        for kind, what in SINK_KINDS.items()
    ]
    return (
        NOTICE.format(source="src/custodiet/knowledge/")
        + "# Libraries and sinks\n\n"
        + f"What Custodiet knows of {count} libraries: names counted per kind of entry.\n"
        "[Writing knowledge](knowledge.md) tells how to add one.\n\n"
        + "\n".join(tables)
        + "\n## Kinds of sinks\n\n"
        + table(("Kind", "What stands there", "Rules"), kinds)
        + "\n## Labels\n\nWhat kind of untrusted data a source brings in: "
        + codes(Label)
        + ".\n"
    )


def _known(family: str) -> list[Knowledge]:
    """The libraries of a family, without the core where it is another family's."""
    return [each for each in load(family) if family == CORE[0] or each.library.name not in CORE[1]]


def _table_of(family: str) -> str:
    rows = [
        (
            f"[{knowledge.library.name}]({knowledge.library.reference})",
            "always" if knowledge.library.packages == ["*"] else codes(knowledge.library.packages),
            *(str(count or "") for count in _counts(knowledge)),
        )
        for knowledge in sorted(_known(family), key=lambda each: each.library.name.lower())
    ]
    heads = ("Library", "Packages", "Sources", "Sinks", "Sanitisers and guards", "Checks", "Other")
    return table(heads, rows)


def _counts(knowledge: Knowledge) -> tuple[int, ...]:
    """Names of sources and entry points, sinks, sanitisers and guards, checks, and the rest."""
    groups = (
        (*knowledge.source, *knowledge.entrypoint),
        knowledge.sink,
        (*knowledge.sanitiser, *knowledge.guard),
        knowledge.check,
        (
            *knowledge.type,
            *knowledge.returns,
            *knowledge.attribute,
            *knowledge.propagator,
            *knowledge.derive,
            *knowledge.render,
        ),
    )
    return tuple(sum(1 if isinstance(entry.name, str) else len(entry.name) for entry in group) for group in groups)
