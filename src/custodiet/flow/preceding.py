"""What a function did before a call: a loop that refuses every bad item of a container before the container is used."""

import builtins
from typing import Final

from custodiet.source import ir

_PROOFS: Final = frozenset("realpath abspath resolve normpath commonpath is_relative_to relative_to".split())
"""Calls without which a look at a path proves nothing."""


def refuses(function: ir.Function, span: int, listings: list[str]) -> bool:
    """Whether a loop before the call at `span` goes through what a method of `listings` gives, looks at each item by a
    resolved path, and leaves the function for a bad one.
    """
    return _before(function, function.body, span, frozenset(listings)) is True


def _before(function: ir.Function, block: ir.Block, span: int, listings: frozenset[str]) -> bool | None:
    """Whether such a loop stands before the call in this block or in one around it; None if the call is not here."""
    refused = False
    listed: set[int] = set()
    for ins in block:
        if ins[0] in (ir.CALL, ir.CALLM) and ins[-1] == span:
            return refused
        if ins[0] == ir.CALLM and ins[3] in listings:
            listed.add(ins[1])
        if ins[0] == ir.LOOP and (ins[1] in listed or "__iter__" in listings):
            refused = refused or (_leaves(ins[3]) and _looks(function, ins[3]))
        for inner in ir.blocks(ins):
            found = _before(function, inner, span, listings)
            if found is not None:
                return found or refused
    return None


def _leaves(block: ir.Block) -> bool:
    """Whether the block may raise or return."""
    return any(ins[0] in (ir.RAISE, ir.RET) or any(_leaves(inner) for inner in ir.blocks(ins)) for ins in block)


def _looks(function: ir.Function, block: ir.Block) -> bool:
    """Whether the block resolves a path, or asks a function of the project about it."""
    for ins in block:
        if ins[0] == ir.CALLM and ins[3] in _PROOFS:
            return True
        if ins[0] == ir.CALL and ins[2] >= 0 and (ins[3] or ins[4]) and function.inits[ins[2]][0] == "n":
            name = str(function.inits[ins[2]][1])
            if name in _PROOFS or (name.islower() and not hasattr(builtins, name)):
                return True
        if any(_looks(function, inner) for inner in ir.blocks(ins)):
            return True
    return False
