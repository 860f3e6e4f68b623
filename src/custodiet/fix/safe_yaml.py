"""Reads YAML with the loader that builds plain data only."""

from typing import Final

from custodiet.domain.finding import Finding
from custodiet.fix.call import keyword, positional, removed, replaced
from custodiet.fix.imports import name_import
from custodiet.fix.script import Change, Draft, Script

_SAFE: Final = {
    "load": "safe_load",
    "load_all": "safe_load_all",
    "unsafe_load": "safe_load",
    "unsafe_load_all": "safe_load_all",
    "full_load": "safe_load",
    "full_load_all": "safe_load_all",
}
_LOADERS: Final = frozenset(
    "yaml.Loader yaml.UnsafeLoader yaml.FullLoader yaml.CLoader yaml.CUnsafeLoader yaml.CFullLoader "
    "yaml.loader.Loader yaml.loader.UnsafeLoader yaml.loader.FullLoader".split()
)


def repair(script: Script, finding: Finding) -> Draft | None:
    """`yaml.safe_load(text)` for `yaml.load(text, Loader=yaml.Loader)`; none for a loader of the project's own."""
    for call in script.calls(finding):
        module, _, name = script.callee(call).rpartition(".")
        function = call.child_by_field_name("function")
        if module != "yaml" or name not in _SAFE or function is None:
            continue
        loader = keyword(script, call, "Loader")
        listed = positional(call)
        if loader is None and len(listed) > 1:
            loader = listed[1]
        if loader is not None and script.dotted(loader) not in _LOADERS:
            return None
        changes: list[Change] = []
        if function.type == "attribute":
            attribute = function.child_by_field_name("attribute")
            if attribute is None:
                return None
            changes.append(replaced(attribute, _SAFE[name]))
        else:
            needed = name_import(script, "yaml", _SAFE[name])
            if needed is None:
                return None
            changes += [replaced(function, needed.name), *needed.changes]
        if loader is not None:
            changes.append(removed(script, call, loader))
        return Draft("Load plain data only", tuple(changes))
    return None
