"""What is known of which library, counted from the knowledge files, and the kinds of sinks."""

from custodiet.domain.label import Label
from custodiet.knowledge import load
from custodiet.knowledge.schema import SINK_KINDS, Knowledge
from custodiet.rules import load_rules
from pages.markdown import NOTICE, code, codes, table


def libraries_page() -> str:
    """Libraries, sink kinds with the rules that judge them, and labels."""
    known = load("python")
    rows = [
        (
            f"[{knowledge.library.name}]({knowledge.library.reference})",
            "always" if knowledge.library.packages == ["*"] else codes(knowledge.library.packages),
            *(str(count or "") for count in _counts(knowledge)),
        )
        for knowledge in sorted(known, key=lambda each: each.library.name.lower())
    ]
    heads = ("Library", "Packages", "Sources", "Sinks", "Sanitisers and guards", "Checks", "Other")
    rules = load_rules()
    kinds = [
        (code(kind), what, ", ".join(f"[{rule.id}](rules/{rule.id}.md)" for rule in rules if kind in rule.sinks))
        for kind, what in SINK_KINDS.items()
    ]
    return (
        NOTICE.format(source="src/custodiet/knowledge/")
        + "# Libraries and sinks\n\n"
        + f"What Custodiet knows of {len(known)} Python libraries: names counted per kind of entry.\n"
        "[Writing knowledge](knowledge.md) tells how to add one.\n\n"
        + table(heads, rows)
        + "\n## Kinds of sinks\n\n"
        + table(("Kind", "What stands there", "Rules"), kinds)
        + "\n## Labels\n\nWhat kind of untrusted data a source brings in: "
        + codes(Label)
        + ".\n"
    )


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
