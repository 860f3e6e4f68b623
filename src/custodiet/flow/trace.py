"""The second, slow pass: the steps of one flow, rebuilt with a sentence each."""

from typing import Any

from custodiet.domain.finding import StepKind
from custodiet.domain.label import Label
from custodiet.flow.hit import HitStep
from custodiet.flow.solve import Solver
from custodiet.flow.summary import Origin, SinkUse


class Tracer:
    """Rebuilds the steps of flows of a solved program."""

    def __init__(self, solver: Solver) -> None:
        self.solver = solver

    def source_text(self, origin: Origin, root: Any) -> str:
        """The short name of a source."""
        if origin[0] == "S":
            return str(origin[4])
        function = self.solver.program.function((root[0], root[1]))
        return f"parameter `{function.params[origin[1]].name}`"

    def steps(self, use: SinkUse, origin: Origin, root: Any, label: Label) -> list[HitStep]:
        """The steps from the source to the sink."""
        modules = self.solver.program.modules
        if origin[0] == "S":
            first = HitStep(StepKind.SOURCE, modules[origin[1]].path, origin[2], f"`{origin[4]}` brings in {label} data")
        else:
            function = self.solver.program.function((root[0], root[1]))
            param = function.params[origin[1]]
            first = HitStep(StepKind.SOURCE, modules[root[0]].path, param.span, f"parameter `{param.name}`")
        last = HitStep(StepKind.SINK, modules[use.module].path, use.span, f"reaches `{use.text}`")
        return [first, last]
