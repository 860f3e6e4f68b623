"""The driver: summaries by demand, over recursion to a fixpoint, from the functions that matter to the findings.

`Solver.run` goes through the functions that mention a source, a sink or an entry point in (module, function) order;
what they call is summarised on demand; whoever calls a function whose parameter reaches a sink is looked at as well.
A recursive group is iterated until its summaries stand still, so the result does not depend on the order of visits.
"""

from typing import Any, Final

from custodiet.flow import native
from custodiet.flow.entries import Entry
from custodiet.flow.frame import Frame
from custodiet.flow.interpret import NORMAL, Interpreter
from custodiet.flow.program import FunctionKey, Program
from custodiet.flow.site import Site, holds
from custodiet.flow.summary import (
    BOTTOM,
    CLEAN,
    REBOUND,
    Effect,
    Exit,
    Origin,
    ParameterKey,
    Portable,
    Summary,
    join_portable,
)
from custodiet.flow.values import (
    ALL,
    ARGUMENT,
    CONDITION,
    CONST,
    FUNCTION,
    INSTANCE,
    NONE,
    NOTHING,
    OBJECT,
    SYMBOL,
    UNKNOWN,
    Value,
)
from custodiet.source.ir import FUNCTION_GENERATOR, FUNCTION_LAMBDA, FUNCTION_STATIC

Context = tuple[Any, ...]
SummaryKey = tuple[FunctionKey, Context]

DEPTH_CAP: Final = 40
ROUNDS: Final = 4
CONTEXTS_CAP: Final = 6
_SHOWN: Final = frozenset(("error", "html"))
"""Kinds that caught exceptions reach, which no anchor tells."""
_COMMON: Final = 30
"""Callers from which on a name is too common to follow by itself."""
_OPAQUE: Final = Summary(complete=False)


class Solver(Interpreter):
    """Everything about one program."""

    def __init__(self, program: Program, accepted: frozenset[tuple[str, str]], guessed: frozenset[str]) -> None:
        super().__init__(program, accepted)
        self.guessed = guessed
        """Sink kinds that are reported for parameters of unknown callers."""
        self.prepare()
        self._telling = {}
        self._unchanged_by = {}
        self.defaults = {}
        self.star_imports = {}
        self.field_taint_next: dict[Any, dict[Any, int]] = {}
        self.done: dict[SummaryKey, Summary] = {}
        self.tentative: dict[SummaryKey, tuple[Summary, int]] = {}
        self.active: dict[SummaryKey, int] = {}
        self.current: dict[SummaryKey, Summary] = {}
        self.lows: list[int] = []
        self.contexts: dict[FunctionKey, int] = {}
        self.callers_seen: dict[FunctionKey, list[tuple[FunctionKey, int]]] = {}
        self.incomplete: dict[FunctionKey, str] = {}
        self.analysed: set[FunctionKey] = set()

    # -- modules ----------------------------------------------------------------------------------------------------

    def environment(self, module: int) -> dict[str, Portable]:
        """The names of a module after its body ran; what is there so far while it runs."""
        program = self.program
        found = program.environments.get(module)
        if found is not None:
            return found
        running = program.running.get(module)
        if running is not None:
            return self._names(running)
        frame = self._frame((module, 0))
        program.running[module] = frame
        try:
            self._fill(frame, ())
            self.block(frame, frame.function.body)
        finally:
            del program.running[module]
        environment = self._names(frame)
        for imported in self.star_imports.get(module, ()):
            for name, value in self.environment(imported).items():
                if not name.startswith("_"):
                    environment.setdefault(name, value)
        program.environments[module] = environment
        self._note_module_sinks(frame)
        return environment

    def _note_module_sinks(self, frame: Frame) -> None:
        self.analysed.add((frame.module, 0))

    def _names(self, frame: Frame) -> dict[str, Portable]:
        names = frame.function.names
        found: dict[str, Portable] = {}
        for register in range(len(names)):
            name = names[register]
            if name is not None and frame.function.inits[register][0] == "l":
                value = frame.registers[register]
                if value is not NOTHING:
                    found[name] = frame.export(value)
                else:
                    found.setdefault(name, CLEAN)
        return found

    def run_class_body(self, frame: Frame, key: Any, declared: Any) -> None:
        """Run the body of a class; its names are the class attributes."""
        body = self._frame((key[0], declared.body))
        if frame.index:
            for name, value in self.capture(frame, body.function):
                body.captured[name] = self.bring(body, frame.export(value))
        self._fill(body, ())
        self.block(body, body.function.body)
        self.program.class_members[key] = self._names(body)

    def class_defined(self, frame: Frame, key: Any) -> None:
        """Methods of a framework's base classes are entry points."""
        self.entries.add_class(key)

    def decorated(self, frame: Frame, decorator: Value, key: FunctionKey, span: int) -> None:
        """A decorator of a framework makes an entry point, or is wrong by itself."""
        if decorator[1] == SYMBOL and isinstance(decorator[2], str) and not decorator[2].endswith("()"):
            spec = self.tables.calls.get(decorator[2])
            if spec is not None and spec.checks:
                site = Site(frame, self.tables, decorator[2], [(0, FUNCTION, (*key, None, ()))], (), span)
                for check in spec.checks:
                    if holds(site, check.when, check.unless):
                        self.wrong.setdefault(
                            (check.rule, frame.module, span), (frame.index, check.message, check.confidence, decorator[2])
                        )
        self.entries.add_decorated(self, frame, decorator, key, span)

    # -- activations ------------------------------------------------------------------------------------------------

    def _frame(self, key: FunctionKey) -> Frame:
        function = self.program.function(key)
        size = len(function.inits) + function.temporaries + len(function.params)
        frame = Frame(key[0], key[1], function, [NOTHING] * size)
        frame.slots = len(function.inits)
        return frame

    def _fill(self, frame: Frame, shapes: Any) -> None:
        """Give constants and free names their values."""
        registers = frame.registers
        resolve = self.free_name
        for register, (kind, content) in enumerate(frame.function.inits):
            if kind == "c":
                registers[register] = (0, CONST, content)
            elif kind == "n":
                registers[register] = resolve(frame, content)
        del shapes

    def free_name(self, frame: Frame, name: str) -> Value:
        """A free name: captured from an enclosing function, else the module's, else a builtin."""
        value = frame.captured.get(name)
        if value is not None:
            return value
        if frame.index == 0:
            for module in self.star_imports.get(frame.module, ()):
                found = self.environment(module).get(name)
                if found is not None:
                    return self.bring(frame, found)
            return self.unbound(frame.module, name)
        return self.global_value(frame, frame.module, name)

    def analyse(self, key: FunctionKey, context: Context, shapes: Any) -> Summary:
        """Run a function once for these shapes of its arguments."""
        self.analysed.add(key)
        frame = self._frame(key)
        frame.context = (context, shapes)
        function = frame.function
        for name in shapes:
            if isinstance(name, str):
                frame.captured[name[1:]] = self.entry_value(frame, shapes[name], name, ())
        if not frame.captured:
            for name, kept in self.program.captured.get(key, ()):
                frame.captured[name] = self.bring(frame, kept)
        self._fill(frame, shapes)
        for index, default in self.defaults.get(key, ()):
            if shapes.get(index) is None:
                frame.defaults[index] = self.bring(frame, default)
        for index, param in enumerate(function.params):
            value = self.parameter_value(frame, key, index, param, shapes)
            frame.registers[param.reg] = value
            frame.arguments[index] = value
            frame.registers[frame.slots + index] = value
        status = self.block(frame, function.body)
        if status == NORMAL:
            self.leave(frame, NONE, function.span)
        if not frame.is_complete:
            self.incomplete[key] = f"`{function.qualname}` is too large to be analysed as a whole"
            if not frame.exits:
                self.leave(frame, NOTHING, function.span)
        return self._summary_of(frame)

    def parameter_value(self, frame: Frame, key: FunctionKey, index: int, param: Any, shapes: Any) -> Value:
        """What a parameter starts with: what its annotation or the caller tells of it."""
        shape = shapes.get(index) if shapes else None
        if shape is not None:
            return self.entry_value(frame, shape, index, ())
        injected = self.injected(frame, key, index)
        if injected is not None:
            return injected
        value: Value = (frame.taint(("P", index, ())), ARGUMENT, (index, (), None))
        if param.flag == 2:
            return (value[0], ARGUMENT, (index, (), None))
        entry = self.entries.found.get(key)
        if entry is not None:
            kind = entry.type_of(index, param.name)
            if kind:
                return (0, INSTANCE, kind)
        if param.annotation is not None:
            declared = self.annotated(frame, key[0], param.annotation)
            if declared is not None:
                if declared[1] == CONST:
                    return NOTHING
                if isinstance(declared[2], str):
                    return (value[0] if self._carries(declared[2]) else 0, INSTANCE, declared[2])
                return (value[0], ARGUMENT, (index, (), declared[2]))
        function = frame.function
        if index == 0 and function.class_index >= 0 and not function.flags & FUNCTION_STATIC and function.name != "<class>":
            return (value[0], ARGUMENT, (index, (), (key[0], function.class_index)))
        if (
            param.annotation is None
            and param.name in ("request", "req")
            and not shapes
            and "custodiet.web.Request" in self.tables.classes
            and entry is None
        ):
            return (0, INSTANCE, "custodiet.web.Request")
        return value

    def injected(self, frame: Frame, key: FunctionKey, index: int) -> Value | None:
        """What a framework gives for a parameter whose default is `Depends(f)`: what `f` returns for a request."""
        for position, default in self.defaults.get(key, ()):
            if position != index or default[1] != OBJECT or default[2][0] != native.DEPENDENCY:
                continue
            function = dict(default[2][1]).get("dependency")
            if function is None or function[1] != FUNCTION:
                return None
            target = self.bring(frame, function)
            module, number = target[2][0], target[2][1]
            args: list[tuple[str, Value]] = []
            for param in self.program.modules[module].functions[number].params:
                source = ("S", module, param.span, "remote", f"parameter `{param.name}`", number)
                if param.flag in (0, 1) and param.name not in ("request", "self", "db", "session", "settings"):
                    args.append((param.name, (frame.taint(source), UNKNOWN, None)))
            return self.call(frame, target, [], args, 0)
        return None

    def _carries(self, name: str) -> bool:
        """Whether an object of this library class is data itself (a path, a text) rather than a service."""
        return name.rpartition(".")[2] in ("Path", "PurePath", "PosixPath", "Markup", "UploadFile", "Element", "DataFrame", "SecretStr", "EmailStr", "HttpUrl", "AnyUrl", "Any", "Dict", "List", "Text", "AnyStr", "Mapping", "Sequence", "Iterable")

    # -- leaving ----------------------------------------------------------------------------------------------------

    def leave(self, frame: Frame, value: Value, span: int) -> None:
        """Record one way out: the value, the writes to what was handed in, the tests that were passed."""
        passed: dict[ParameterKey, int] = {}
        slots = frame.slots
        for index in range(len(frame.function.params)):
            key = ("P", index, ())
            original = frame.registers[slots + index]
            if frame.arguments.get(index, NOTHING)[0]:
                gone = ALL & ~frame.bits(original[0], key)
                if gone:
                    passed[index] = gone
        if_true: dict[ParameterKey, int] = {}
        if_false: dict[ParameterKey, int] = {}
        if value[1] == CONDITION:
            for clears, into in ((value[2][0], if_true), (value[2][1], if_false)):
                for tested, mask in clears:
                    while True:
                        for index in range(len(frame.function.params)):
                            if frame.registers[slots + index] is tested:
                                into[index] = into.get(index, 0) | mask
                        if tested[1] != 9:
                            break
                        tested = tested[2][1]  # noqa: PLW2901 - walks to what the value was derived from
        truth = bool(value[2]) if value[1] == CONST and not value[0] else None
        frame.exits.append(
            (span, frame.export(value), self._effects(frame), passed, truth, if_true, if_false)
        )
        for name in frame.function.globals:
            self._keep_global(frame, name)

    def _keep_global(self, frame: Frame, name: str) -> None:
        names = frame.function.names
        for register in range(len(names)):
            if names[register] == name:
                taint = frame.deep(frame.registers[register])
                if taint:
                    for origin, bits in frame.export((taint, 0, None))[0]:
                        if origin[0] == "S":
                            kept = self.global_taint_next.setdefault((frame.module, name), {})
                            kept[origin] = kept.get(origin, 0) | bits

    def _effects(self, frame: Frame) -> dict[tuple[Any, ...], Portable]:
        found: dict[tuple[Any, ...], Portable] = {}
        if frame.function.nonlocals:
            names = frame.function.names
            for register in range(len(names)):
                if names[register] in frame.function.nonlocals:
                    found[(f"~{names[register]}", (), False, REBOUND)] = frame.export(frame.registers[register], 2)
        for key, record in frame.heap.items():
            if not (isinstance(key, tuple) and key[0] == "P"):
                continue
            _, parameter, path = key
            for name, value in record[1].items():
                if not _unchanged(value, parameter, (*path, name)):
                    found[(parameter, path, False, name)] = frame.export(value, 2)
            for name, value in record[2].items():
                if not _unchanged(value, parameter, (*path, ("k", name))) and not _unchanged(value, parameter, (*path, name)):
                    found[(parameter, path, True, name)] = frame.export(value, 2)
            if record[3] is not None:
                found[(parameter, path, True, None)] = frame.export(record[3], 2)
        return found

    def _summary_of(self, frame: Frame) -> Summary:
        exits = frame.exits
        summary = Summary(sinks=dict(sorted(frame.sinks.items(), key=_sink_order)), complete=frame.is_complete)
        if frame.function.flags & FUNCTION_GENERATOR:
            element = frame.export(frame.yielded) if frame.yielded is not None else CLEAN
            result: Portable = ((), OBJECT, ("builtins.list", (), (), element, -1))
            exits = exits or [(frame.function.span, CLEAN, {}, {}, None, {}, {})]
        elif exits:
            result = exits[0][1]
            for other in exits[1:]:
                result = join_portable(result, other[1])
        else:
            summary.returns = False
            return summary
        summary.result = result
        summary.exits = [Exit(item[0], item[1]) for item in exits]
        keys: dict[tuple[Any, ...], None] = {}
        for item in exits:
            keys.update(dict.fromkeys(item[2]))
        for key in keys:
            values = [item[2][key] for item in exits if key in item[2]]
            value = values[0]
            for other_value in values[1:]:
                value = join_portable(value, other_value)
            summary.effects.append(Effect(key[0], key[1], key[2], key[3], value, len(values) == len(exits)))
        for index in range(len(frame.function.params)):
            every = ALL
            true = false = ALL
            for _, _, _, passed, truth, if_true, if_false in exits:
                gone = passed.get(index, 0)
                every &= gone
                if truth is not False:
                    true &= gone | if_true.get(index, 0)
                if truth is not True:
                    false &= gone | if_false.get(index, 0)
            if every:
                summary.clears[index] = every
            if all(item[4] is False for item in exits):
                true = 0
            if all(item[4] is True for item in exits):
                false = 0
            if true & ~every:
                summary.clears_if_true[index] = true
            if false & ~every:
                summary.clears_if_false[index] = false
        return summary

    global_taint_next: dict[Any, dict[Any, int]]

    # -- summaries --------------------------------------------------------------------------------------------------

    def general_summary(self, key: FunctionKey) -> Summary | None:
        """The summary for unknown arguments; None while it is being computed."""
        if (key, ()) in self.active:
            return None
        return self.summary(key, (), {})

    def summary(self, key: FunctionKey, context: Context, shapes: Any) -> Summary:
        """The summary of a function in a context, computed at most once; see the module's text on recursion."""
        full = (key, context)
        found = self.done.get(full)
        if found is not None:
            return found
        if full in self.active:
            depth = self.active[full]
            for level in range(len(self.lows) - 1, -1, -1):
                if self.lows[level] > depth:
                    self.lows[level] = depth
                else:
                    break
            return self.current[full]
        kept = self.tentative.get(full)
        if kept is not None:
            for level in range(len(self.lows) - 1, -1, -1):
                if self.lows[level] > kept[1]:
                    self.lows[level] = kept[1]
                else:
                    break
            return kept[0]
        if len(self.active) >= DEPTH_CAP:
            return _opaque(self.program.function(key))
        if context:
            if self.contexts.get(key, 0) >= CONTEXTS_CAP:
                general = {name: shape for name, shape in shapes.items() if isinstance(name, str) or _is_essential(shape)}
                reduced = tuple(sorted((str(name), shape) for name, shape in general.items() if shape is not None))
                if reduced != context and self.contexts.get(key, 0) < 4 * CONTEXTS_CAP:
                    return self.summary(key, reduced, {**dict.fromkeys(shapes), **general})
                if reduced != context:
                    return self.summary(key, (), {})
            self.contexts[key] = self.contexts.get(key, 0) + 1
        return self._compute(full, shapes)

    def _compute(self, full: SummaryKey, shapes: Any) -> Summary:
        key, context = full
        depth = len(self.active)
        self.active[full] = depth
        self.current[full] = BOTTOM
        low = depth
        try:
            for _ in range(ROUNDS):
                self.lows.append(depth + 1)
                summary = self.analyse(key, context, shapes)
                low = self.lows.pop()
                if low > depth or summary.same_as(self.current[full]):
                    break
                self.current[full] = summary
                self.tentative = {name: item for name, item in self.tentative.items() if item[1] < depth}
                if low < depth:
                    break
        finally:
            del self.active[full]
            del self.current[full]
        if low < depth:
            self.tentative[full] = (summary, low)
            for level in range(len(self.lows) - 1, -1, -1):
                if self.lows[level] > low:
                    self.lows[level] = low
                else:
                    break
        else:
            self.done[full] = summary
            for name, item in list(self.tentative.items()):
                if item[1] >= depth:
                    self.done[name] = item[0]
                    del self.tentative[name]
        return summary

    def called(self, frame: Frame, key: FunctionKey, span: int) -> None:
        """Remember who calls whom: a function with a visible caller is not judged by guesses."""
        self.callers_seen.setdefault(key, []).append(((frame.module, frame.index), span))

    # -- the run ----------------------------------------------------------------------------------------------------

    def run(self, tick: Any = None) -> None:
        """Analyse everything that matters; `flows`, `wrong`, `entries` and the summaries hold the result."""
        self.global_taint_next = {}
        seeds = self._seeds()
        self._modules(seeds)
        for round_number in range(2):
            self._functions(seeds, tick)
            grown = _merge(self.field_taint, self.field_taint_next) | _merge(self.global_taint, self.global_taint_next)
            if not grown or round_number:
                break
            seeds = self._forget_readers()

    def _forget_readers(self) -> list[FunctionKey]:
        """Drop the summaries of functions that read a field or global that turned out to hold a source, and of their
        callers; those functions, to be analysed again.
        """
        stale: set[FunctionKey] = set()
        for owner, name in self.field_taint:
            for reader, key in self.field_readers.get(name, ()):
                if owner == reader or (isinstance(reader, tuple) and owner in self.program.lineage(reader)[0]):
                    stale.add(key)
        for place in self.global_taint:
            stale |= self.global_readers.get(place, set())
        waiting = sorted(stale)
        while waiting:
            for caller, _ in self.callers_seen.get(waiting.pop(), ()):
                if caller not in stale:
                    stale.add(caller)
                    waiting.append(caller)
        self.done = {key: summary for key, summary in self.done.items() if key[0] not in stale}
        self.tentative.clear()
        self._field_shapes.clear()
        return sorted(key for key in stale if key[1])

    def _seeds(self) -> list[FunctionKey]:
        tables = self.tables
        anchors = set(tables.telling_anchors | tables.entry_anchors)
        for kind in self.guessed | _SHOWN:
            anchors |= tables.sink_anchors.get(kind, set())
        found: list[FunctionKey] = []
        for number, module in enumerate(self.program.modules):
            if module.language != "python" and module.language in ("jinja", "django", "mako"):
                continue
            if module.identifiers and module.identifiers.isdisjoint(anchors):
                continue
            for index, function in enumerate(module.functions):
                if index == 0 or function.name == "<class>":
                    continue
                if not anchors.isdisjoint(function.called) or function.flags & FUNCTION_LAMBDA:
                    found.append((number, index))
        return found

    def _modules(self, seeds: list[FunctionKey]) -> None:
        """Run the module bodies that hold seeds or entry points."""
        with_seeds = {key[0] for key in seeds}
        entry_anchors = self.tables.entry_anchors | self.tables.anchors
        for number, module in enumerate(self.program.modules):
            if number in with_seeds or not module.identifiers.isdisjoint(entry_anchors):
                try:
                    self.environment(number)
                except Exception as error:  # noqa: BLE001 - one bad module never stops a scan
                    self._give_up((number, 0), error)
                    self.program.environments.setdefault(number, {})

    def _functions(self, seeds: list[FunctionKey], tick: Any) -> None:
        queue = list(seeds)
        queue.extend(key for key in sorted(self.entries.found) if key not in set(queue))
        seen = set(queue)
        position = 0
        while position < len(queue):
            key = queue[position]
            position += 1
            if tick is not None:
                tick(position, len(queue))
            try:
                summary = self._analyse_root(key)
            except Exception as error:  # noqa: BLE001 - one bad function never stops a scan
                self._give_up(key, error)
                continue
            function = self.program.function(key)
            if any(use.kind in self.guessed for use, _ in summary.sinks) or _returns_source(summary):
                name = function.name
                if name == "__init__" and function.class_index >= 0:
                    name = self.program.modules[key[0]].classes[function.class_index].name
                for caller in self.possible_callers(key, name):
                    if caller not in seen and caller[1]:
                        seen.add(caller)
                        queue.append(caller)
            for entry in self.entries.take_new():
                if entry in self.analysed:
                    # it was looked at before it was known to be an entry point
                    self.done = {done: kept for done, kept in self.done.items() if done[0] != entry}
                if entry not in seen or entry in self.analysed:
                    seen.add(entry)
                    queue.append(entry)

    def possible_callers(self, key: FunctionKey, name: str, *, common: int = _COMMON) -> list[FunctionKey]:
        """Functions that may call this one: they mention its name, and where more than `common` do, also its module or
        class.
        """
        found = self.program.callers(name)
        if len(found) <= common:
            return found
        module = self.program.modules[key[0]]
        function = self.program.function(key)
        words = {module.name.rpartition(".")[2]}
        if function.class_index >= 0:
            if not common:
                return found  # an object travels without its class being named
            words = {module.classes[function.class_index].name}
        if common:
            modules = self.program.modules
            return [
                caller for caller in found if caller[0] == key[0] or not words.isdisjoint(modules[caller[0]].identifiers)
            ]
        words.add(function.name)
        imports = self.program.imports
        return [caller for caller in found if caller[0] == key[0] or not words.isdisjoint(imports(caller[0]))]

    def _give_up(self, key: FunctionKey, error: Exception) -> None:
        """Report a function that the analysis failed on, and forget what was half done."""
        self.incomplete[key] = f"`{self.program.function(key).qualname}` was not analysed: {type(error).__name__}: {error}"
        self.failed = error
        for half_done in (self.active, self.current, self.tentative, self.program.running):
            half_done.clear()
        self.lows.clear()

    failed: Exception | None = None
    """The last failure, for tests: there should be none."""

    def _analyse_root(self, key: FunctionKey) -> Summary:
        """The general summary of a function; an enclosing function first, since it says what is captured."""
        function = self.program.function(key)
        parent = function.parent
        if parent > 0:
            enclosing = self.program.function((key[0], parent))
            if enclosing.name != "<class>" and (key[0], parent) not in self.analysed:
                self._analyse_root((key[0], parent))
        self.environment(key[0])
        return self.summary(key, (), {})

    def entry_of(self, key: FunctionKey) -> Entry | None:
        """How a framework calls this function, if one does."""
        return self.entries.found.get(key)


def _unchanged(value: Value, parameter: ParameterKey, path: tuple[Any, ...]) -> bool:
    return value[1] in (ARGUMENT, FUNCTION) and value[1] == ARGUMENT and value[2][0] == parameter and value[2][1] == path


def _merge(into: dict[Any, dict[Any, int]], more: dict[Any, dict[Any, int]]) -> bool:
    grown = False
    for key, origins in more.items():
        kept = into.setdefault(key, {})
        for origin, bits in origins.items():
            if kept.get(origin, 0) | bits != kept.get(origin, 0):
                kept[origin] = kept.get(origin, 0) | bits
                grown = True
    return grown


def _sink_order(item: Any) -> Any:
    (use, origin), _ = item
    return (use.module, use.span, use.kind, str(origin))


def _returns_source(summary: Summary) -> bool:
    return any(origin[0] == "S" for origin, _ in _all_origins(summary.result))


def _all_origins(value: Portable) -> list[tuple[Origin, int]]:
    from custodiet.flow.summary import deep_origins

    return deep_origins(value)


def _is_essential(shape: Any) -> bool:
    return shape is not None and shape[0] in (FUNCTION, INSTANCE)


def _opaque(function: Any) -> Summary:
    """A call too deep to follow: what goes in may come out."""
    origins = tuple((("P", index, ()), ALL) for index in range(len(function.params)))
    return Summary(result=(origins, 0, None), complete=False)
