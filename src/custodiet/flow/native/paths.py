"""Paths put together from pieces and taken apart."""

from custodiet.flow import guards
from custodiet.flow.frame import Frame
from custodiet.flow.machine import Machine
from custodiet.flow.site import Site, derived
from custodiet.flow.values import (
    CONST,
    DERIVED,
    MASK,
    NOTHING,
    OBJECT,
    TEXT,
    UNKNOWN,
    Value,
    built,
    cleared,
    follows,
    pieces_of,
)


def join_paths(_machine: Machine, frame: Frame, site: Site) -> Value | None:
    """`os.path.join`: what stands behind a folder was built into a path, and a later absolute piece replaces it all."""
    taint = 0
    pieces: list[str | None] = []
    values = list(site.args)
    for given, value in site.kw:
        if given == "*":
            values.append((frame.deep(value), UNKNOWN, None))
    for value in values:
        own = pieces_of(value)
        taint |= follows(built(frame.deep(value))) if pieces else frame.deep(value)
        if pieces:
            pieces.append("/")
        pieces.extend(own)
    last = values[-1] if values else NOTHING
    if last[1] == CONST and last[2] == "" and len(values) > 1:
        return (taint, DERIVED, ("directory", values[0]))
    if not taint:
        if all(piece is not None for piece in pieces):
            return (0, CONST, "".join(piece or "" for piece in pieces).replace("//", "/"))
        return (0, TEXT, tuple(pieces) or (None,)) if pieces else NOTHING
    return (
        cleared(taint, MASK["argument"] | MASK["url"] | MASK["redirect"]) if len(values) > 1 else taint,
        UNKNOWN,
        None,
    )


def common_path(_machine: Machine, frame: Frame, site: Site) -> Value | None:
    """`os.path.commonpath([base, path])`: to be compared with the base."""
    if not site.args:
        return None
    paths = site.args[0]
    record = frame.heap.get(paths[2]) if paths[1] == OBJECT else None
    if record is None:
        return None
    items = sorted(record[2].values(), key=lambda item: derived(item, "resolved") is None)
    for item in items:
        if item[0] and all(other is item or guards.is_other(frame, item, other) for other in items):
            return (item[0], DERIVED, ("commonpath", item))
    return NOTHING


def split_extension(_machine: Machine, frame: Frame, site: Site) -> Value | None:
    """`os.path.splitext(path)`: the path without its extension, and the extension."""
    if not site.args or not site.args[0][0]:
        return None
    value = site.args[0]
    extension: Value = (cleared(value[0], MASK["path"] | MASK["archive"]), DERIVED, ("extension", value))
    return frame.allocate("builtins.tuple", {0: (value[0], DERIVED, ("same", value)), 1: extension}, 2)
