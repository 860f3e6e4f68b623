"""Which of the names that a template is given it prints unescaped: what a caller needs that has only its text.

The template's registers are followed in order, without regard to branches: a name is exposed if its value may reach an
unescaped place through attributes, loops, variables, filters and the macros of the template itself. A filter that makes
a number, or escapes, ends it.
"""

from typing import Final

from custodiet.source import ir
from custodiet.source.template import lower_template
from custodiet.source.template_lowering import MARKUP_MODULE

_ENDS: Final = frozenset(
    "e escape forceescape force_escape int float length count wordcount round abs tojson urlencode slugify "
    "filesizeformat floatformat escapejs json_script".split()
)
_FILTERS: Final = frozenset(("jinja2.filters", "django.template.defaultfilters", "mako.filters"))
_ROUNDS: Final = 4
"""Macros that call macros: each round carries a name one call further."""

Names = frozenset[str]
NOTHING: Final[Names] = frozenset()


def exposed_names(text: str, *, engine: str = "jinja", autoescape: bool | None = None) -> tuple[tuple[str, str], ...]:
    """`(name, place)` for every name of the context that reaches an unescaped place, sorted.

    The places are those of `template_places`. The text counts as HTML.
    """
    source = text.encode("utf-8", "surrogatepass")
    module = lower_template(source, path="inline.html", engine=engine, autoescape=autoescape)
    following = _Following(module)
    for _ in range(_ROUNDS):
        following.follow(1, {})
    return tuple(sorted(following.found))


class _Following:
    """Follows names through the functions of one template."""

    def __init__(self, module: ir.Module) -> None:
        self.functions = module.functions
        self.found: set[tuple[str, str]] = set()
        self.macros: dict[str, int] = {}
        self.arguments: dict[int, dict[int, Names]] = {}
        """What goes into the parameters of each macro, by function and register."""

    def follow(self, index: int, around: dict[str, Names]) -> None:
        """Runs over one function; `around` are the names of the functions around it."""
        function = self.functions[index]
        values: dict[int, Names] = dict(self.arguments.get(index, {}))
        for register, (kind, name) in enumerate(function.inits):
            if kind == "p" and index == 1:
                values[register] = frozenset((name,))
            elif kind == "n":
                values[register] = around.get(name, NOTHING)
        symbols = {ins[1]: (ins[2], ins[3]) for ins in function.body if ins[0] == ir.IMPORT}
        self._block(function.body, function, values, symbols)

    def _block(
        self, block: ir.Block, function: ir.Function, values: dict[int, Names], symbols: dict[int, tuple[str, str]]
    ) -> None:
        for ins in block:
            op = ins[0]
            if op == ir.FUNC:
                self.macros[function.names[ins[1]] or ""] = ins[2]
                here = {name: values.get(index, NOTHING) for index, name in enumerate(function.names) if name}
                self.follow(ins[2], here)
            elif op == ir.LOOP:
                values[ins[2]] = values.get(ins[1], NOTHING)
            for inner in ir.blocks(ins):
                self._block(inner, function, values, symbols)
            target = ir.destination(ins)
            if target == ir.NOREG or op in (ir.IMPORT, ir.FUNC):
                continue
            reached = NOTHING.union(*(values.get(register, NOTHING) for register in ir.operands(ins)))
            if op == ir.CALL:
                self._enter(ins, function, values)
                reached = self._called(reached, symbols.get(ins[2], ("", "")))
            # A variable keeps what other branches gave it; a temporary does not outlive its statement.
            values[target] = reached if target < 0 else reached | values.get(target, NOTHING)

    def _called(self, reached: Names, symbol: tuple[str, str]) -> Names:
        """What the result of a call of a library function carries."""
        module, name = symbol
        if module == MARKUP_MODULE:
            if name not in ("escaped", "autoescape_off"):
                self.found.update((each, name) for each in reached if not each.startswith("*"))
            return NOTHING
        return NOTHING if module in _FILTERS and name in _ENDS else reached

    def _enter(self, ins: ir.Ins, function: ir.Function, values: dict[int, Names]) -> None:
        """Hands the arguments of a call over to the macro that is called."""
        name = function.names[ins[2]] if ins[2] >= 0 else None
        index = self.macros.get(name or "")
        if index is None:
            return
        params = self.functions[index].params
        given = [(param.reg, register) for param, register in zip(params, ins[3], strict=False)]
        by_name = {param.name: param.reg for param in params}
        given += [(by_name[word], register) for word, register in ins[4] if word in by_name]
        known = self.arguments.setdefault(index, {})
        for slot, register in given:
            known[slot] = known.get(slot, NOTHING) | values.get(register, NOTHING)
