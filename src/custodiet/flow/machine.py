"""The machine: what every layer of the analysis may ask of the layers above it.

The analysis is one object, put together from layers; each is a file and a class that derives from the one before:

    Names, Attributes, Items                          reading values
    Sinks, Rendering, Library                         what the knowledge says
    Binding, Functions, Calls, TextMethods, Core, Methods   calling
    Instructions, Operators, Definitions, Interpreter running instructions
    Exits, Activations, Summaries, Solver             functions as a whole, and the program

A layer uses those below it freely. What it needs from above (reading a property calls a function, calling a function
asks for its summary) is declared here.
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any

from custodiet.flow.frame import Frame
from custodiet.flow.program import FunctionKey, Program
from custodiet.flow.summary import Portable, Summary
from custodiet.flow.values import ClassKey, Value
from custodiet.knowledge.tables import Spec


class Machine(ABC):
    """The program under analysis, and the promises of the layers to each other."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.tables = program.tables
        language = program.tables.language
        self.joins_numbers = language.plus_joins_numbers
        """Whether `text + 1` is a text."""
        self.members_are_items = language.members_are_items
        """Whether `o.name` and `o["name"]` are the same."""
        self.has_aliases = bool(program.tables.means or program.tables.wild_means)
        """Whether the language calls operations of the core by other names."""
        self.harmless_options: set[tuple[int, str]] = set()
        """Options of a command line that are numbers, flags or choices."""

    # -- reading ----------------------------------------------------------------------------------------------------

    @abstractmethod
    def attribute(self, frame: Frame, target: Value, name: str, span: int) -> Value:
        """`target.name`."""

    @abstractmethod
    def symbol_attribute(self, frame: Frame, taint: int, name: str, span: int) -> Value:
        """The library name `name`, read from something with this taint."""

    @abstractmethod
    def read_at(self, frame: Frame, spec: Spec, target: Value, index: Value, span: int) -> None:
        """Note the sinks of reading an item: argument 0 is the key."""

    @abstractmethod
    def class_of_value(self, frame: Frame, value: Value) -> ClassKey | None:
        """The project's class that the value is an instance of."""

    # -- writing ----------------------------------------------------------------------------------------------------

    @abstractmethod
    def store(self, frame: Frame, target: Value, name: str, value: Value, span: int) -> None:
        """`target.name = value`, with the sinks and checks of library attributes."""

    @abstractmethod
    def pollute(self, frame: Frame, target: Value, taint: int) -> None:
        """Untrusted data goes into `target` in an unknown place."""

    @abstractmethod
    def put_item(self, frame: Frame, target: Value, index: Value, value: Value, span: int) -> None:
        """`target[index] = value`."""

    @abstractmethod
    def as_text(self, frame: Frame, value: Value, span: int) -> Value:
        """A value as it stands in a text."""

    # -- calling ----------------------------------------------------------------------------------------------------

    @abstractmethod
    def call(
        self, frame: Frame, target: Value, args: Sequence[Value], kw: Sequence[tuple[str, Value]], span: int
    ) -> Value:
        """The result of `target(*args, **kw)`, NEVER if it does not return."""

    @abstractmethod
    def own_method(
        self,
        frame: Frame,
        receiver: Value,
        name: str,
        args: Sequence[Value],
        kw: Sequence[tuple[str, Value]],
        span: int,
        text: str,
    ) -> Value:
        """The result of `receiver.name(*args, **kw)` by the name that the core itself knows."""

    @abstractmethod
    def caught(self, frame: Frame, types: list[Value], taken: list[Value], span: int) -> Value:
        """The exception that a handler names."""

    @abstractmethod
    def called(self, frame: Frame, key: FunctionKey, span: int) -> None:
        """Note that a call of a project's function was resolved."""

    # -- functions as a whole ---------------------------------------------------------------------------------------

    @abstractmethod
    def environment(self, module: int) -> dict[str, Portable]:
        """The names of a module after its body ran; what is there so far while it runs."""

    @abstractmethod
    def summary(self, key: FunctionKey, context: tuple[Any, ...], shapes: Any) -> Summary:
        """The summary of a function for these shapes of its arguments; `context` is the shapes as a key."""

    @abstractmethod
    def general_summary(self, key: FunctionKey) -> Summary | None:
        """The summary of a function for unknown arguments; None while it is being computed."""

    @abstractmethod
    def run_class_body(self, frame: Frame, key: ClassKey) -> None:
        """Run the body of a class; its names are the class attributes."""

    @abstractmethod
    def leave(self, frame: Frame, value: Value, span: int) -> None:
        """Record one way out of the function."""
