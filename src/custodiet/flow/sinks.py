"""Sinks: what happens where untrusted data arrives, and where a use is wrong by itself."""

from typing import Any, Final

from custodiet.flow.content_type import HARMLESS
from custodiet.flow.entries import Entries
from custodiet.flow.frame import Frame
from custodiet.flow.items import Items
from custodiet.flow.program import Program
from custodiet.flow.site import Site, holds
from custodiet.flow.summary import Origin, SinkUse
from custodiet.flow.values import (
    ALL,
    CHOICE,
    CONST,
    DIRECT,
    MASK,
    NOTHING,
    OBJECT,
    START,
    UNKNOWN,
    Value,
    cleared,
    origins_of,
)
from custodiet.knowledge.schema import Sink
from custodiet.knowledge.tables import Spec

_DIRECTLY: Final = frozenset(
    ("html", "log", "secret-log", "header", "error", "redirect", "format", "reflection", "assign", "template")
)
"""Sinks for which what came back from a call whose code is not in sight tells nothing: it may be escaped or found."""


class Sinks(Items):
    """What was found: flows, and uses that are wrong whatever comes in."""

    def __init__(self, program: Program, accepted: frozenset[tuple[str, str]]) -> None:
        super().__init__(program)
        self.entries = Entries(program)
        self.accepted = accepted
        """(sink kind, label) pairs that some rule reports."""
        self.flows: dict[tuple[SinkUse, Origin], Any] = {}
        """Source to sink, with the activation in which they met."""
        self.wrong: dict[tuple[str, int, int], tuple[int, str, str, str]] = {}
        """Hits of `[[check]]` entries: (rule, module, span) -> (function, message, confidence, name)."""

    def reach(self, frame: Frame, use: SinkUse, taint: int) -> None:
        """Note that data reaches a sink: a flow for a source, a part of the summary for something handed in."""
        mask = MASK[use.kind]
        whole = DIRECT if use.kind in _DIRECTLY else 0
        if use.text == "custodiet.markup.address":
            whole = START | DIRECT  # `javascript:` stands at the beginning
        for index, bits in origins_of(taint):
            if not bits & mask or bits & whole != whole:
                continue
            key = frame.origin_keys[index]
            if key[0] == "P":
                if key[1] == 0 and len(key[2]) > 1 and frame.function.class_index >= 0:
                    continue  # what the fields of an object's fields hold is not followed through its methods
                sink = (use, key)
                frame.sinks[sink] = frame.sinks.get(sink, 0) | bits
            elif (use.kind, key[3]) in self.accepted and (bits & DIRECT or frame.module == use.module):
                # what went through code that is not in sight, and then into another file, may be anything by now
                self.flows.setdefault((use, key), (frame.module, frame.index, frame.context))

    def sink(self, frame: Frame, site: Site, sink: Sink) -> None:
        """Apply one sink entry to a call."""
        mask = MASK[sink.kind]
        taint = 0
        for names in sink.arguments or ([sink.argument] if sink.argument is not None else [["*"]]):
            value = site.argument(names)
            if value is None:
                continue
            if sink.item is not None:
                inner = site.inside(value, sink.item)
                if inner is None and value[1] == OBJECT:
                    record = frame.heap.get(value[2])
                    inner = record[3] if record is not None else None
                if inner is None:
                    if value[1] == OBJECT:
                        continue
                    inner = value
                value = inner
            if sink.kind in ("html", "error") and value[1] == OBJECT:
                record = frame.heap.get(value[2])
                if record is not None and record[0] == "builtins.tuple" and 0 in record[2]:
                    if sink.kind == "html" and any(_names_type(frame, part) for part in record[2].values()):
                        continue
                    value = record[2][0]  # (body, status, headers)
            taint |= frame.deep(value)
        if taint:
            use = SinkUse(sink.kind, frame.module, site.span, (frame.module, frame.index), site.name)
            taint = cleared(taint, ALL & ~mask)
            if taint:
                self.reach(frame, use, taint)

    def read_at(self, frame: Frame, spec: Spec, target: Value, index: Value, span: int) -> None:
        """The sinks of reading an item: argument 0 is the key."""
        site = Site(frame, self.tables, f"{spec.name}[]", [index], (), span, target)
        for sink in spec.sinks:
            if holds(site, sink.when, sink.unless):
                self.sink(frame, site, sink)

    def pollute(self, frame: Frame, target: Value, taint: int) -> None:
        """Untrusted data goes into `target` in an unknown place."""
        if not taint:
            return
        if frame.key_of(target) is not None:
            frame.set_item(target, NOTHING, (taint, UNKNOWN, None))
            return
        registers = frame.registers
        changed = (target[0] | taint, target[1], target[2])
        for index, value in enumerate(registers):
            if value is target:
                registers[index] = changed


def _names_type(frame: Frame, headers: Value) -> bool:
    """Whether headers give the type of something that is no markup."""
    record = frame.heap.get(headers[2]) if headers[1] == OBJECT else None
    if record is None or record[0] != "builtins.dict":
        return False
    for name, given in record[2].items():
        if str(name).lower() == "content-type":
            options = (
                [option for _, option in given[2]] if given[1] == CHOICE else [given[2]] if given[1] == CONST else []
            )
            return bool(options) and all(HARMLESS.match(str(option)) for option in options)
    return False
