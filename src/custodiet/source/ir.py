"""The common intermediate representation: what a file says, in no language's words.

A front end turns the bytes of one file into a `Module`; the flow analysis reads nothing else. Everything is a
tuple, string, integer, bytes or None, so that a module can be marshalled, hashed and compared by value.

**Span.** The last item of every instruction is its span, one integer that packs where the construct stands in
the file: `start * 2**24 + length`, both in bytes. `span_of` and `span_range` are inverse.

**Registers.** A function's operands are small integers. Index >= 0 is a slot in the activation: a name
(parameter, local, free name) or a constant, in order of allocation. A negative index is a temporary
(`registers[-1 - t]` counted from the end of the list, Python's own negative index), reused by later statements.
`inits[r]` says how slot `r` starts:

    ("p", name)         parameter
    ("l", name)         local variable, unbound
    ("n", name)         free name: looked up in enclosing functions, then the module, then the builtins
    ("c", constant)     str, bytes, int, float, bool, None, Ellipsis as ("c", None)
    ("s", name)         library name, whatever the file calls by it: `builtins.isinstance`

There is no load instruction: an operand is read by its index. `NOREG` stands for "no operand".

**Control flow** is structured: blocks are tuples of instructions nested inside instructions. `and`, `or`, the
conditional expression and comprehensions are lowered to `SHORT`, `IF` and `LOOP`.

    op        fields between op and span              meaning
    MOVE      dst src                                 copy; the value keeps its identity
    ATTR      dst obj name                            obj.name
    SETATTR   obj name src                            obj.name = src
    INDEX     dst obj index                           obj[index]; unpacking is INDEX with a constant
    SETINDEX  obj index src                           obj[index] = src
    SLICE     dst obj low high                        obj[low:high] (low, high may be NOREG)
    CALL      dst fn args kw                          fn(*args, **kw); kw = ((name, reg), ...)
    CALLM     dst recv name args kw                   recv.name(...): kept whole, so the receiver is known
    NEW       dst typename args kw                    new T(...) (not used by Python)
    BIN       dst op a b                              op in BINARY_OPS
    UN        dst op a                                op in UNARY_OPS
    CAT       dst parts                               string built from parts in order (f-string, template literal)
    MAKE      dst kind elements                       kind "l" list, "t" tuple, "s" set
    DICT      dst pairs                               pairs = ((key, value), ...); key NOREG = spread of value
    CAST      dst src typename                        declared or cast type
    IMPORT    dst module name                         import; name None = the module itself
    IMPORTALL module                                  from module import *
    FUNC      dst index decorators defaults           function object; decorators = registers, outermost first;
                                                      defaults = ((parameter index, reg), ...)
    CLASS     dst index bases keywords decorators     class object; bases = registers; keywords = ((name, reg), ...)
    RET       src                                     src NOREG = None
    YIELD     dst src                                 src is one element; dst is what is sent in
    YIELDALL  dst src                                 yield from
    RAISE     src                                     src NOREG = re-raise
    BREAK, CONT
    IF        cond then orelse
    SHORT     dst op a block b                        op "and" | "or": block computes b only if a decides so
    LOOP      iterable element body orelse            for element in iterable; element is a register that each
                                                      round starts with (destructured inside body)
    WHILE     condblock cond body orelse              condblock computes cond; for(;;) and do-while too
    TRY       body handlers orelse final              handlers = ((reg, types, block), ...), reg NOREG if unnamed;
                                                      types = registers of the exception classes
    ENTER     dst src                                 what the context manager hands to `as`
    AWAIT     dst src
    DEL       obj index                               del obj[index]; index NOREG = del name
    ASSERT    cond message                            as IF not cond: RAISE
    MARKUP    dst tag attrs children                  attrs = ((name, reg), ...) (JSX, Razor)

In `args` only positional operands stand; a spread positional argument is `("*", reg)` in `kw` and a spread
mapping is `("**", reg)`, in source order.

**Named registers as assignment targets.** `x = f(y)` lowers to one CALL whose dst is the slot of `x`. An
operator-assignment `x += y` is BIN "+" with dst = a = slot of `x`. `walrus` is a MOVE.
"""

from typing import Any, Final, NamedTuple

VERSION: Final = 1
NOREG: Final = -(2**31)

Ins = tuple[Any, ...]
Block = tuple[Ins, ...]

(
    MOVE,
    ATTR,
    SETATTR,
    INDEX,
    SETINDEX,
    SLICE,
    CALL,
    CALLM,
    NEW,
    BIN,
    UN,
    CAT,
    MAKE,
    DICT,
    CAST,
    IMPORT,
    IMPORTALL,
    FUNC,
    CLASS,
    RET,
    YIELD,
    YIELDALL,
    RAISE,
    BREAK,
    CONT,
    IF,
    SHORT,
    LOOP,
    WHILE,
    TRY,
    ENTER,
    AWAIT,
    DEL,
    ASSERT,
    MARKUP,
) = range(35)

OP_NAMES: Final = (
    "MOVE ATTR SETATTR INDEX SETINDEX SLICE CALL CALLM NEW BIN UN CAT MAKE DICT CAST IMPORT IMPORTALL FUNC CLASS "
    "RET YIELD YIELDALL RAISE BREAK CONT IF SHORT LOOP WHILE TRY ENTER AWAIT DEL ASSERT MARKUP"
).split()

BINARY_OPS: Final = frozenset("+ - * / // % ** @ & | ^ << >> == != < <= > >= is isnot in notin".split())
UNARY_OPS: Final = frozenset("not - + ~".split())


class Param(NamedTuple):
    """A parameter. `flag`: 0 positional or keyword, 1 keyword-only, 2 `*args`, 3 `**kwargs`, 4 positional-only."""

    name: str
    reg: int
    annotation: str | None
    """The type as written, dotted names kept, quotes removed: `Optional[fastapi.Request]`."""
    flag: int
    span: int


class Function(NamedTuple):
    """A function, a lambda, the module body (index 0, name `<module>`) or a class body (name `<class>`)."""

    name: str
    qualname: str
    """Dotted from the module, without `<locals>`: `Shop.cart.<lambda>`."""
    params: tuple[Param, ...]
    names: tuple[str | None, ...]
    """Name of each slot, for messages; None for a constant."""
    inits: tuple[tuple[str, Any], ...]
    temporaries: int
    body: Block
    class_index: int
    """Index of the class whose method (or body) this is, else -1."""
    parent: int
    """Index of the lexically enclosing function; -1 for the module body."""
    span: int
    called: tuple[str, ...]
    """Simple names called, or read or stored as an attribute in the body, sorted: for the call-name index."""
    globals: tuple[str, ...]
    """Names declared `global`, sorted."""
    nonlocals: tuple[str, ...]
    flags: int
    """Bit set of FUNCTION_*."""
    returns: str | None
    """The declared return type as written."""


FUNCTION_ASYNC: Final = 1
FUNCTION_GENERATOR: Final = 2
FUNCTION_STATIC: Final = 4
FUNCTION_CLASSMETHOD: Final = 8
FUNCTION_PROPERTY: Final = 16
FUNCTION_LAMBDA: Final = 32
FUNCTION_ABSTRACT: Final = 64
"""It has no body: a call goes to the methods that implement it."""
FUNCTION_EXTENSION: Final = 128
"""It is called on its first argument as if that had it as a method."""
FUNCTION_PRIVATE: Final = 256
"""Nothing outside of its class and what derives from it calls it."""


class Class(NamedTuple):
    """A class. `fields` are declared fields with their annotation (dataclasses, typed attributes)."""

    name: str
    qualname: str
    methods: tuple[tuple[str, int], ...]
    """(name, function index), in source order; of an overloaded name the last wins."""
    bases: tuple[str, ...]
    """Base classes as written (dotted); the CLASS instruction holds their registers."""
    body: int
    """Index of the `<class>` function that runs the class body; its named locals become class attributes."""
    fields: tuple[tuple[str, str], ...]
    span: int
    is_part: bool = False
    """One of several declarations of the class: it has the members of all."""


class Module(NamedTuple):
    """One file. `lines` are the byte offsets at which lines start, `lines[0] == 0`."""

    name: str
    """Dotted module name as other modules import it, `shop.views`; a template has its path."""
    path: str
    is_package: bool
    language: str
    functions: tuple[Function, ...]
    classes: tuple[Class, ...]
    lines: tuple[int, ...]
    uncovered: int
    """Syntax nodes that the front end skipped (ERROR nodes and unknown statements)."""
    errors: tuple[tuple[int, str], ...]
    """(line, what) of syntax errors, at most 10."""
    comments: tuple[tuple[int, str], ...]
    """(span, text) of the comments that contain the word `custodiet`, `nosec`, `noqa` or `error:`."""
    identifiers: frozenset[str]
    """Every identifier word in the file, for the prefilter."""


def span_of(start: int, end: int) -> int:
    """The span of the bytes `start` to `end` (exclusive); longer than 16 MiB is cut."""
    length = end - start
    return (start << 24) | (length if length < 0xFFFFFF else 0xFFFFFF)


def span_range(span: int) -> tuple[int, int]:
    """(start, end) in bytes: inverse of `span_of`."""
    start = span >> 24
    return start, start + (span & 0xFFFFFF)


WRITING: Final = frozenset(
    (MOVE, ATTR, INDEX, SLICE, CALL, CALLM, NEW, BIN, UN, CAT, MAKE, DICT, CAST, IMPORT, FUNC, CLASS, YIELD)
    + (YIELDALL, SHORT, ENTER, AWAIT, MARKUP)
)
"""The opcodes whose first field is the register that they write."""


def destination(ins: Ins) -> int:
    """The register that the instruction writes, or NOREG."""
    return int(ins[1]) if ins[0] in WRITING else NOREG


def operands(ins: Ins) -> tuple[int, ...]:
    """The registers that the instruction reads directly (not those of nested blocks), NOREG left out."""
    op = ins[0]
    regs: tuple[Any, ...]
    if op in (MOVE, ENTER, AWAIT, YIELD, YIELDALL, CAST):
        regs = (ins[2],)
    elif op in (ATTR, UN):
        regs = (ins[2],) if op == ATTR else (ins[3],)
    elif op == SETATTR:
        regs = (ins[1], ins[3])
    elif op == SETINDEX:
        regs = ins[1:4]
    elif op in (INDEX, SLICE):
        regs = ins[2:-1]
    elif op == CALL:
        regs = (ins[2], *ins[3], *(reg for _, reg in ins[4]))
    elif op == CALLM:
        regs = (ins[2], *ins[4], *(reg for _, reg in ins[5]))
    elif op == NEW:
        regs = (*ins[3], *(reg for _, reg in ins[4]))
    elif op == BIN:
        regs = (ins[3], ins[4])
    elif op == CAT:
        regs = ins[2]
    elif op == MAKE:
        regs = ins[3]
    elif op == DICT:
        regs = tuple(reg for pair in ins[2] for reg in pair)
    elif op in (RET, RAISE):
        regs = (ins[1],)
    elif op == FUNC:
        regs = (*ins[3], *(reg for _, reg in ins[4]))
    elif op == CLASS:
        regs = (*ins[3], *(reg for _, reg in ins[4]), *ins[5])
    elif op == WHILE:
        regs = (ins[2],)
    elif op == TRY:
        regs = tuple(reg for handler in ins[2] for reg in handler[1])
    elif op == DEL:
        regs = ins[1:3]
    elif op == SHORT:
        regs = (ins[3], ins[5])
    elif op in (LOOP, IF):
        regs = (ins[1],)
    elif op == ASSERT:
        regs = (ins[1], ins[2])
    elif op == MARKUP:
        regs = (*(reg for _, reg in ins[3]), *ins[4])
    else:
        regs = ()
    return tuple(reg for reg in regs if reg != NOREG)


def blocks(ins: Ins) -> tuple[Block, ...]:
    """The nested blocks of the instruction, in source order."""
    op = ins[0]
    if op == IF:
        return (ins[2], ins[3])
    if op == SHORT:
        return (ins[4],)
    if op == LOOP:
        return (ins[3], ins[4])
    if op == WHILE:
        return (ins[1], ins[3], ins[4])
    if op == TRY:
        return (ins[1], *(handler[2] for handler in ins[2]), ins[3], ins[4])
    return ()
