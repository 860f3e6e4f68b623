"""Instructions that bind names: imports, functions with what they capture, decorators and classes."""

from custodiet.flow.frame import Frame
from custodiet.flow.operators import Operators
from custodiet.flow.program import FunctionKey
from custodiet.flow.site import Site, holds
from custodiet.flow.values import CLASS, FUNCTION, PARTIAL, SYMBOL, Value
from custodiet.source import ir


class Definitions(Operators):
    """One method for each instruction that defines something."""

    def op_import(self, frame: Frame, ins: ir.Ins) -> None:
        """IMPORT: a module, or a name of it."""
        frame.registers[ins[1]] = self.known_constant(self.imported(frame, ins[2], ins[3], ins[4]))

    def op_importall(self, frame: Frame, ins: ir.Ins) -> None:
        """IMPORTALL: every name of a module."""
        if self.tables.language.shares_namespaces:
            self.star_namespaces.setdefault(frame.module, []).append(ins[1])
            self.star_libraries.setdefault(frame.module, []).append(ins[1])
            for register, (kind, name) in enumerate(frame.function.inits):
                if kind == "n" and frame.registers[register] in (
                    (0, SYMBOL, name),
                    (0, SYMBOL, self.tables.usual.get(name)),
                ):
                    frame.registers[register] = self.elsewhere(frame.module, name)
            return
        found = self.program.find_module(frame.module, ins[1])
        if found is None:
            self.star_libraries.setdefault(frame.module, []).append(ins[1])
            names = frame.function.names
            for register, (kind, name) in enumerate(frame.function.inits):
                if kind == "n" and frame.registers[register] == (0, SYMBOL, name):
                    frame.registers[register] = self.unbound(frame.module, name)
            return
        if found == frame.module:
            return
        environment = self.environment(found)
        names = frame.function.names
        for register in range(len(names)):
            name = names[register]
            if name is not None and name in environment and frame.function.inits[register][0] == "n":
                frame.registers[register] = self.bring(frame, environment[name])
        self.star_imports.setdefault(frame.module, []).append(found)

    # -- functions ----------------------------------------------------------------------------------------------------

    def op_func(self, frame: Frame, ins: ir.Ins) -> None:
        """FUNC: a function with its defaults, what it captures and its decorators."""
        registers = frame.registers
        index = ins[2]
        key = (frame.module, index)
        function = self.program.modules[frame.module].functions[index]
        if ins[4]:
            self.defaults[key] = tuple((position, frame.export(registers[reg])) for position, reg in ins[4])
        captured = self.capture(frame, index)
        value: Value = (0, FUNCTION, (frame.module, index, None, captured))
        if captured:
            frame.has_closures = True
            self.program.captured[key] = tuple((name, frame.export(kept)) for name, kept in captured)
        if frame.index == 0 or (frame.function.name == "<class>" and function.flags & ir.FUNCTION_STATIC):
            self.entries.add_named(key)
        if ins[3]:
            self.entries.note_decorators(key, [registers[reg] for reg in ins[3]])
        for reg in reversed(ins[3]):
            decorator = registers[reg]
            self.decorated(frame, decorator, key, ins[-1])
            value = self.decorate(frame, decorator, value, ins[-1])
        registers[ins[1]] = value

    def capture(self, frame: Frame, index: int) -> tuple[tuple[str, Value], ...]:
        """The variables of this activation that a nested function (or one nested in it) reads."""
        if frame.index == 0 or frame.function.name == "<class>":
            return tuple(frame.captured.items())
        names = frame.function.names
        inits = frame.function.inits
        wanted = self.program.free_names(frame.module, index)
        found = {name: value for name, value in frame.captured.items() if name in wanted}
        for register in range(len(names)):
            name = names[register]
            if name is not None and name in wanted and inits[register][0] in ("p", "l"):
                found[name] = frame.registers[register]
        return tuple(found.items())

    def decorate(self, frame: Frame, decorator: Value, value: Value, span: int) -> Value:
        """What a decorated function is: what a decorator of the project returns, else the function itself."""
        kind = decorator[1]
        if kind in (FUNCTION, PARTIAL) or kind == CLASS:
            result = self.call(frame, decorator, [value], [], span)
            if result[1] in (FUNCTION, PARTIAL, CLASS):
                return result
            owner = self.class_of_value(frame, result)
            return result if owner is not None and self.program.method(owner, "__call__") is not None else value
        return value

    def decorated(self, frame: Frame, decorator: Value, key: FunctionKey, span: int) -> None:
        """A decorator of a framework makes an entry point, or is wrong by itself."""
        if decorator[1] == SYMBOL and isinstance(decorator[2], str) and not decorator[2].endswith("()"):
            spec = self.tables.calls.get(decorator[2])
            if spec is not None and spec.checks:
                site = Site(frame, self.tables, decorator[2], [(0, FUNCTION, (*key, None, ()))], (), span)
                for check in spec.checks:
                    if holds(site, check.when, check.unless):
                        self.wrong.setdefault(
                            (check.rule, frame.module, span),
                            (frame.index, check.message, check.confidence, decorator[2]),
                        )
        self.entries.add_decorated(decorator, key)

    # -- classes ------------------------------------------------------------------------------------------------------

    def op_class(self, frame: Frame, ins: ir.Ins) -> None:
        """CLASS: a class, once its body was run."""
        registers = frame.registers
        index = ins[2]
        key = (frame.module, index)
        self.program.class_bases[key] = tuple(registers[reg] for reg in ins[3])
        self.program.forget_lineage(key)
        if ins[5]:
            self.entries.note_decorators_of_class(key, [registers[reg] for reg in ins[5]])
        self.run_class_body(frame, key)
        value: Value = (0, CLASS, key)
        for reg in reversed(ins[5]):
            result = self.decorate(frame, registers[reg], value, ins[-1]) if registers[reg][1] == FUNCTION else value
            value = result if result[1] == CLASS else value
        registers[ins[1]] = value
        self.entries.add_class(key)
