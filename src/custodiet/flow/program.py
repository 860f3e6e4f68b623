"""The linked program: modules by name, classes with their bases and members, callers by name."""

from collections.abc import Sequence
from typing import Any

from custodiet.flow.summary import Portable
from custodiet.flow.values import CLASS, INSTANCE, SYMBOL, ClassKey, Value
from custodiet.knowledge.tables import Tables
from custodiet.source import ir
from custodiet.source.ir import FUNCTION_ABSTRACT, FUNCTION_EXTENSION, Class, Function, Module
from custodiet.source.languages import TEMPLATE_ENGINES

FunctionKey = tuple[int, int]

POSITIONAL, KEYWORD_ONLY, REST, REST_BY_NAME, POSITIONAL_ONLY = range(5)
"""`Param.flag`; REST is `*args`, REST_BY_NAME is `**kwargs`."""


class Program:
    """Everything that stays the same while functions are analysed, and what module bodies said about the program.

    `environments[m]` are the module's names as portable values once its body was run; `class_members` and
    `class_bases` are filled when a CLASS instruction runs.
    """

    def __init__(self, modules: Sequence[Module], tables: Tables) -> None:
        self.modules = sorted(modules, key=lambda module: (module.path, module.name))
        self.tables = tables
        self.by_name: dict[str, int] = {}
        self.by_path: dict[str, int] = {}
        for index, module in enumerate(self.modules):
            self.by_name.setdefault(module.name, index)
            self.by_path[module.path] = index
        self.environments: dict[int, dict[str, Portable]] = {}
        self.running: dict[int, Any] = {}
        """Frames of module bodies that are being run, by module."""
        self.class_members: dict[ClassKey, dict[str, Portable]] = {}
        self.class_bases: dict[ClassKey, tuple[Value, ...]] = {}
        self._lineages: dict[ClassKey, tuple[tuple[ClassKey, ...], tuple[str, ...]]] = {}
        self._resolved: dict[tuple[int, str], int | None] = {}
        self._callers: dict[str, list[FunctionKey]] | None = None
        self._own_methods: dict[ClassKey, dict[str, FunctionKey]] = {}
        self._imports: dict[int, frozenset[str]] = {}
        self._templates: dict[str, list[tuple[str, int]]] | None = None
        """Path and module of the templates by their file name."""
        self._free_names: dict[int, list[frozenset[str]]] = {}
        self._methods: dict[str, list[FunctionKey]] | None = None
        self.global_names: dict[int, frozenset[str]] = {}
        self.captured: dict[FunctionKey, tuple[tuple[str, Portable], ...]] = {}
        """What nested functions captured when they were created."""
        self._declared: dict[tuple[str, str], ClassKey] | None = None
        self.overloads = self._overloads() if tables.language.has_overloads else {}
        """Methods of a class that share a name, by each of them."""
        self._parts: dict[tuple[str, str], list[ClassKey]] | None = None
        self._extensions: dict[str, tuple[FunctionKey, ...]] | None = None
        self._implementations: dict[FunctionKey, tuple[FunctionKey, ...]] = {}

    # -- modules ----------------------------------------------------------------------------------------------------

    def find_module(self, importer: int, name: str) -> int | None:
        """The project's module of this dotted name as seen from `importer`: exact, else relative to one of the
        importer's folders (scripts import their neighbours).
        """
        key = (importer, name)
        if key in self._resolved:
            return self._resolved[key]
        found = self.by_name.get(name)
        if found is None and name:
            parts = self.modules[importer].name.split(".")
            for count in range(len(parts) - 1, 0, -1):
                found = self.by_name.get(".".join((*parts[:count], name)))
                if found is not None:
                    break
        self._resolved[key] = found
        return found

    def find_template(self, name: str, renderer: int) -> int | None:
        """The template file of this name that stands nearest to the module that renders it: in a folder `templates`
        if there is one, else anywhere.
        """
        if self._templates is None:
            self._templates = {}
            for path, index in self.by_path.items():
                if self.modules[index].language in TEMPLATE_ENGINES:
                    self._templates.setdefault(path.rpartition("/")[2], []).append((path, index))
        wanted = "/" + name.lstrip("/")
        near = self.modules[renderer].path.split("/")[:-1]
        best: tuple[bool, int, int, int] | None = None
        for path, index in self._templates.get(wanted.rpartition("/")[2], ()):
            if not ("/" + path).endswith(wanted):
                continue
            shared = 0
            for own, other in zip(near, path.split("/"), strict=False):
                if own != other:
                    break
                shared += 1
            rank = (("/" + path).endswith("templates" + wanted), shared, -path.count("/"), -index)
            if best is None or rank > best:
                best = rank
        return None if best is None else -best[3]

    def function(self, key: FunctionKey) -> Function:
        """The function of a key."""
        return self.modules[key[0]].functions[key[1]]

    def class_of(self, key: ClassKey) -> Class:
        """The class of a key."""
        return self.modules[key[0]].classes[key[1]]

    def free_names(self, module: int, index: int) -> frozenset[str]:
        """The names that a function, or one nested in it, reads from around it, and those that it calls."""
        found = self._free_names.get(module)
        if found is None:
            functions = self.modules[module].functions
            names = [{init[1] for init in function.inits if init[0] == "n"} for function in functions]
            for position in range(len(functions) - 1, 0, -1):  # a function stands behind the one around it
                parent = functions[position].parent
                if parent > 0:
                    names[parent] |= names[position]
            found = self._free_names[module] = [
                frozenset(own.union(function.called)) for own, function in zip(names, functions, strict=True)
            ]
        return found[index]

    def declared_global(self, module: int) -> frozenset[str]:
        """Names that some function of the module rebinds with `global`."""
        found = self.global_names.get(module)
        if found is None:
            found = frozenset(name for function in self.modules[module].functions for name in function.globals)
            self.global_names[module] = found
        return found

    # -- classes ----------------------------------------------------------------------------------------------------

    def lineage(self, key: ClassKey) -> tuple[tuple[ClassKey, ...], tuple[str, ...]]:
        """The project's classes from `key` upwards, nearest first, and the names of the library classes above."""
        found = self._lineages.get(key)
        if found is not None:
            return found
        own: list[ClassKey] = [key]
        library: list[str] = []
        for current in own:
            own.extend(part for part in self.parts(current) if part not in own)
            for base in self.class_bases.get(current, ()):
                if base[1] == CLASS:
                    if base[2] not in own:
                        own.append(base[2])
                elif base[1] in (SYMBOL, INSTANCE):
                    for name in self.tables.lineage(base[2]):
                        if name not in library:
                            library.append(name)
        result = (tuple(own), tuple(library))
        if key in self.class_bases:
            self._lineages[key] = result
        return result

    def forget_lineage(self, key: ClassKey) -> None:
        """Drop what was computed from the bases of a class (it was defined anew)."""
        self._lineages.pop(key, None)

    def method(self, key: ClassKey, name: str) -> FunctionKey | None:
        """The function that `name` is in this class or the nearest base, undecorated view."""
        for owner in self.lineage(key)[0]:
            own = self._own_methods.get(owner)
            if own is None:
                declared = reversed(self.class_of(owner).methods)  # of several with one name it is the first
                own = self._own_methods[owner] = {method: (owner[0], function) for method, function in declared}
            if name in own:
                return own[name]
        return None

    def member(self, key: ClassKey, name: str) -> Portable | None:
        """The class attribute `name` as the class body left it, through the bases."""
        for owner in self.lineage(key)[0]:
            members = self.class_members.get(owner)
            if members is not None and name in members:
                return members[name]
        return None

    def annotation(self, key: ClassKey, name: str) -> tuple[int, str] | None:
        """(module, annotation) of a declared field, through the bases."""
        for module, index in self.lineage(key)[0]:
            for field, annotation in self.modules[module].classes[index].fields:
                if field == name:
                    return (module, annotation)
        return None

    def fields(self, key: ClassKey) -> list[str]:
        """The declared fields in constructor order: those of the bases first."""
        names: list[str] = []
        for module, index in reversed(self.lineage(key)[0]):
            for field, _ in self.modules[module].classes[index].fields:
                if field not in names:
                    names.append(field)
        return names

    def parts(self, key: ClassKey) -> tuple[ClassKey, ...]:
        """The other declarations of a class that is declared in parts."""
        declared = self.class_of(key)
        if not declared.is_part:
            return ()
        if self._parts is None:
            self._parts = {}
            for number, module in enumerate(self.modules):
                for index, each in enumerate(module.classes):
                    if each.is_part:
                        self._parts.setdefault((module.name, each.qualname), []).append((number, index))
        same = self._parts.get((self.modules[key[0]].name, declared.qualname), [])
        return tuple(part for part in same if part != key)

    def extensions(self, name: str) -> tuple[FunctionKey, ...]:
        """The functions of this name that are called on their first argument."""
        if self._extensions is None:
            self._extensions = {}
            for number, module in enumerate(self.modules):
                for index, function in enumerate(module.functions):
                    if function.flags & FUNCTION_EXTENSION:
                        self._extensions[function.name] = (*self._extensions.get(function.name, ()), (number, index))
        return self._extensions.get(name, ())

    def declared_class(self, namespace: str, name: str) -> ClassKey | None:
        """The class `name` of a namespace, whichever of its files declares it."""
        if self._declared is None:
            self._declared = {}
            for number, module in enumerate(self.modules):
                for index, declared in enumerate(module.classes):
                    self._declared.setdefault((module.name, declared.name), (number, index))
        return self._declared.get((namespace, name))

    def _overloads(self) -> dict[FunctionKey, tuple[FunctionKey, ...]]:
        found: dict[FunctionKey, tuple[FunctionKey, ...]] = {}
        for number, module in enumerate(self.modules):
            for declared in module.classes:
                by_name: dict[str, list[FunctionKey]] = {}
                for name, index in declared.methods:
                    by_name.setdefault(name, []).append((number, index))
                for keys in by_name.values():
                    if len(keys) > 1:
                        found.update(dict.fromkeys(keys, tuple(keys)))
        return found

    def fitting(self, key: FunctionKey, count: int) -> tuple[FunctionKey, ...]:
        """The overloads of a method that a call with so many arguments can mean, the receiver counted if there is one."""
        overloads = self.overloads.get(key)
        if overloads is None:
            return (key,)
        found = []
        for each in overloads:
            params = self.function(each).params
            plain = sum(param.flag in (POSITIONAL, POSITIONAL_ONLY) for param in params)
            if plain == count or (plain <= count + 1 and any(param.flag == REST for param in params)):
                found.append(each)
        return tuple(found) or (key,)

    def implementations(self, key: FunctionKey) -> tuple[FunctionKey, ...]:
        """The methods with a body that a call of a method without one can run: those of derived classes."""
        found = self._implementations.get(key)
        if found is None:
            function = self.function(key)
            owner = (key[0], function.class_index)
            keys = []
            for method in self.methods(function.name):
                other = self.function(method)
                same = sum(param.flag == POSITIONAL for param in other.params) == sum(
                    param.flag == POSITIONAL for param in function.params
                )
                if same and not other.flags & FUNCTION_ABSTRACT:
                    if owner in self.lineage((method[0], other.class_index))[0]:
                        keys.append(method)
            found = self._implementations[key] = tuple(keys)
        return found

    # -- callers ----------------------------------------------------------------------------------------------------

    def callers(self, name: str) -> list[FunctionKey]:
        """Functions that mention `name` as something they call or read, in (module, function) order."""
        if self._callers is None:
            index: dict[str, list[FunctionKey]] = {}
            for number, module in enumerate(self.modules):
                for position, function in enumerate(module.functions):
                    for called in function.called:
                        index.setdefault(called, []).append((number, position))
            self._callers = index
        return self._callers.get(name, [])

    def imports(self, module: int) -> frozenset[str]:
        """The last words of the modules and names that a module imports anywhere."""
        found = self._imports.get(module)
        if found is None:
            words: set[str] = set()
            for function in self.modules[module].functions:
                _imported_words(function.body, words)
            found = self._imports[module] = frozenset(words)
        return found

    def methods(self, name: str) -> list[FunctionKey]:
        """Every method of the project with this name."""
        if self._methods is None:
            index: dict[str, list[FunctionKey]] = {}
            for number, module in enumerate(self.modules):
                for declared in module.classes:
                    for method, function in declared.methods:
                        index.setdefault(method, []).append((number, function))
            self._methods = index
        return self._methods.get(name, [])


def _imported_words(block: ir.Block, words: set[str]) -> None:
    for ins in block:
        if ins[0] == ir.IMPORT:
            words.add(ins[2].rpartition(".")[2])
            if ins[3] is not None:
                words.add(ins[3])
        elif ins[0] == ir.IMPORTALL:
            words.add(ins[1].rpartition(".")[2])
        for inner in ir.blocks(ins):
            _imported_words(inner, words)
