"""What a block depends on: the registers that it reads before it has written them."""

from typing import Final, NamedTuple

from custodiet.source import ir

_LEAVING: Final = frozenset((ir.RET, ir.RAISE, ir.BREAK, ir.CONT))
_FILLING: Final = frozenset(("append", "appendleft", "add", "extend"))
"""Methods that put something into a container and tell nothing of what is in it."""


class Reads(NamedTuple):
    """The registers that a block reads, and those of them that it only fills: `out.append(x)`, `out[key] = x`."""

    plain: tuple[int, ...]
    filled: tuple[int, ...]


def reads_of(block: ir.Block, written: tuple[int, ...], read: tuple[int, ...]) -> Reads:
    """What the block reads before it writes it, if those in `written` hold a value already; `read` are read anyway."""
    plain = set(read)
    filled: set[int] = set()
    _follow(block, set(written), plain, filled)
    return Reads(tuple(plain), tuple(filled - plain))


def _follow(block: ir.Block, written: set[int], plain: set[int], filled: set[int]) -> bool:
    """Add what is read too early to `plain` and `filled`, what is surely written to `written`; whether it surely leaves."""
    for ins in block:
        op = ins[0]
        if op == ir.CALLM and ins[3] in _FILLING:
            filled.update({ins[2]} - written)
            plain.update({*ins[4], *(register for _, register in ins[5])} - written)
        elif op == ir.SETINDEX:
            filled.update({ins[1]} - written)
            plain.update({ins[2], ins[3]} - written)
        elif op == ir.SHORT:
            inside = set(written)
            _follow(ins[4], inside, plain, filled)
            plain.update({ins[3]} - written, {ins[5]} - inside)
        elif op == ir.WHILE:
            _follow(ins[1], written, plain, filled)
            plain.update({ins[2]} - written)
            _follow(ins[3], set(written), plain, filled)
            _follow(ins[4], set(written), plain, filled)
        else:
            plain.update(register for register in ir.operands(ins) if register not in written)
        if op == ir.IF:
            _follow_branches((ins[2], ins[3]), written, plain, filled)
        elif op == ir.LOOP:
            _follow(ins[3], {*written, ins[2]}, plain, filled)
            _follow(ins[4], set(written), plain, filled)
        elif op == ir.TRY:
            _follow_try(ins, written, plain, filled)
        elif op in _LEAVING:
            return True
        destination = ir.destination(ins)
        if destination != ir.NOREG:
            written.add(destination)
    return False


def _follow_branches(blocks: tuple[ir.Block, ...], written: set[int], plain: set[int], filled: set[int]) -> None:
    """Follow blocks of which one runs: what all that go on have written is written."""
    common: set[int] | None = None
    for block in blocks:
        own = set(written)
        if not _follow(block, own, plain, filled):
            common = own if common is None else common & own
    if common is not None:
        written |= common


def _follow_try(ins: ir.Ins, written: set[int], plain: set[int], filled: set[int]) -> None:
    """Follow a body that may end anywhere, and its handlers."""
    common = set(written)
    _follow(ins[1], common, plain, filled)
    _follow(ins[3], common, plain, filled)
    for register, _, block in ins[2]:
        own = {*written, register}
        if not _follow(block, own, plain, filled):
            common &= own
    _follow(ins[4], set(written), plain, filled)
    written |= common
