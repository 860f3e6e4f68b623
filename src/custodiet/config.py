"""What a scan is asked to do: `custodiet.toml` or `[tool.custodiet]`, the environment and the command line as `Config`.

Later sources win, key by key: defaults, the file, `CUSTODIET_<KEY>` variables, `--config key=value`, options. The file
is the nearest one from the scanned folder upwards, no further than the root of the repository. Example:

    exclude = ["docs/", "*_pb2.py"]
    fail_on = "medium"

    [rules.log-injection]
    severity = "low"

    [[knowledge.sanitiser]]
    name = "shop.text.clean"
    clears = ["html"]

Entries of `[[knowledge.*]]` have the form of `custodiet.knowledge.schema`. Patterns in `include` and `exclude` are
those of `.gitignore`, relative to the folder of the file.
"""

import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import msgspec

from custodiet.domain.severity import Confidence, Persona, Severity
from custodiet.errors import ConfigError

if TYPE_CHECKING:
    from custodiet.knowledge.schema import Knowledge

FILE_NAME = "custodiet.toml"
SCHEMA_ADDRESS = "https://json-schema.org/draft/2020-12/schema"
DEFAULT_MAX_FILE_SIZE = 1_000_000

Table = dict[str, Any]
"""A table as the TOML reader gives it."""


def _described(description: str) -> msgspec.Meta:
    """The annotation that puts `description` into the published schema."""
    return msgspec.Meta(description=description)


class RuleOptions(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the project says about one rule: `[rules.<id>]`."""

    severity: Annotated[Severity | None, _described("Severity of every finding of this rule.")] = None
    confidence: Annotated[Confidence | None, _described("Confidence of every finding of this rule.")] = None
    enabled: Annotated[bool, _described("false switches the rule off.")] = True
    exclude: Annotated[tuple[str, ...], _described("Patterns of files in which the rule is not reported.")] = ()


class Config(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Everything that a scan can be told; the field names are the keys of the file."""

    include: Annotated[
        tuple[str, ...], _described("Scan only files that match one of these patterns; empty means every file.")
    ] = ()
    exclude: Annotated[
        tuple[str, ...], _described("Patterns of files and folders to leave out, beside the usual ones.")
    ] = ()
    select: Annotated[
        tuple[str, ...], _described("Rules or tags (`cwe:89`, `owasp-llm:LLM05`) to apply; empty means every rule.")
    ] = ()
    ignore: Annotated[tuple[str, ...], _described("Rules or tags to leave out.")] = ()
    severity: Annotated[Severity, _described("Report findings of at least this severity.")] = Severity.LOW
    confidence: Annotated[Confidence, _described("Report findings of at least this confidence.")] = Confidence.LOW
    fail_on: Annotated[Severity, _described("Exit with 1 if a finding has at least this severity.")] = Severity.LOW
    persona: Annotated[Persona, _described("`strict` reports guesses too.")] = Persona.DEFAULT
    jobs: Annotated[int, msgspec.Meta(ge=0, le=256, description="Processes to use; 0 means one for each core.")] = 0
    max_file_size: Annotated[
        int, msgspec.Meta(ge=1, description="Files with more bytes are not analysed but reported as incomplete.")
    ] = DEFAULT_MAX_FILE_SIZE
    baseline: Annotated[str, _described("Baseline file whose findings do not count, relative to this file.")] = ""
    respect_gitignore: Annotated[bool, _described("Leave out what git ignores.")] = True
    foreign_suppressions: Annotated[
        bool, _described("Understand `# nosec` and `# noqa: S608` comments of other tools.")
    ] = False
    strict: Annotated[bool, _described("Exit with 4 if anything could not be analysed.")] = False
    rules: Annotated[dict[str, RuleOptions], _described("Options of single rules, by rule id.")] = {}
    knowledge: Annotated[
        dict[str, list[dict[str, Any]]],
        _described("What the project's own functions do, as tables of the knowledge form."),
    ] = {}


class LoadedConfig(msgspec.Struct, frozen=True):
    """A configuration, and where each of its values comes from."""

    config: Config
    root: str
    """Absolute folder to which every path of a report is relative: the repository, else the folder of the file."""
    file: str
    """Absolute path of the configuration file, empty if there is none."""
    origins: dict[str, str]
    """Key to origin, for people: `default`, the file, `CUSTODIET_JOBS`, `--config`, `command line`."""


SETTINGS = tuple(name for name in Config.__struct_fields__ if name not in {"rules", "knowledge"})
"""Keys that an environment variable can set."""
LISTS = frozenset({"include", "exclude", "select", "ignore"})
"""Keys whose text form is a list separated by commas."""
_TEXTS = frozenset({"baseline"})
_LARGEST = 1_000_000
"""Characters of a configuration file; the scanned tree may bring one that is no configuration."""
_PATTERNS = frozenset({"include", "exclude"})


def load_config(
    start: str,
    *,
    file: str = "",
    overrides: Sequence[str] = (),
    options: Mapping[str, Any] | None = None,
    additions: Mapping[str, Sequence[str]] | None = None,
    environment: Mapping[str, str] | None = None,
    isolated: bool = False,
) -> LoadedConfig:
    """The configuration for scanning at and below `start`.

    `file` names a configuration file instead of searching; `overrides` are `key=value` texts; `options` are values
    of the command line, already typed; `additions` extend lists instead of replacing them. `isolated` leaves out the file and the environment, so that a scanned
    repository has no say in how it is judged.

    Raises:
        ConfigError: for anything unreadable, unknown or of the wrong type, with file and line where there are any.
    """
    folder = os.path.abspath(start if os.path.isdir(start) else os.path.dirname(start) or os.curdir)
    repository = repository_root(folder)
    layers: list[tuple[str, Table]] = []
    found, text, table = ("", "", {}) if isolated else _file_layer(folder, repository, file)
    root = repository or (os.path.dirname(found) if found and _is_inside(folder, os.path.dirname(found)) else folder)
    if found:
        _checked(table, where=found, text=text)
        layers.append((found, _anchored(table, os.path.dirname(found), root)))
    if not isolated:
        layers.extend(_environment_layers(environment or {}))
    for override in overrides:
        layers.append(("--config", _override(override)))
    if options:
        layers.append(("command line", dict(options)))
    merged: Table = {}
    origins = dict.fromkeys(Config.__struct_fields__, "default")
    for origin, layer in layers:
        if origin != found:
            _checked(layer, where="" if origin == "command line" else origin, text="")
        merged = _merged(merged, layer)
        origins.update(dict.fromkeys(layer, origin))
    for key, values in (additions or {}).items():
        merged[key] = [*merged.get(key, ()), *values]
        origins[key] = "command line" if origins[key] == "default" else f"{origins[key]}, command line"
    return LoadedConfig(config=msgspec.convert(merged, Config), root=root, file=found, origins=origins)


def declared_knowledge(config: Config) -> "Knowledge":
    """The `[[knowledge.*]]` tables of the project as a knowledge file that applies always.

    Raises:
        ConfigError: if a table has not the form of `custodiet.knowledge.schema`.
    """
    # Late: defining its structs costs 3 ms, which a scan without such tables should not pay.
    from custodiet.knowledge.schema import Knowledge

    library = {"name": "project", "packages": ["*"], "reference": FILE_NAME}
    try:
        return msgspec.convert({**config.knowledge, "library": library}, Knowledge)
    except msgspec.ValidationError as error:
        what, _, at = str(error).partition(" - at `$")
        raise ConfigError(f"{what} - at `$.knowledge{at or '`'}") from error


def json_schema() -> Table:
    """The JSON schema of `custodiet.toml` (and of `[tool.custodiet]`), which editors complete from."""
    # Late: only this command and the generator of the documentation need it.
    from custodiet.knowledge.schema import Knowledge

    (config_reference, knowledge_reference), components = msgspec.json.schema_components(
        (Config, Knowledge), ref_template="#/$defs/{name}"
    )
    config_name, knowledge_name = (
        str(reference["$ref"]).rpartition("/")[2] for reference in (config_reference, knowledge_reference)
    )
    schema = components.pop(config_name)
    knowledge = components[knowledge_name]
    knowledge["properties"].pop("library")
    knowledge["required"] = [name for name in knowledge.get("required", []) if name != "library"]
    components.pop("Library", None)
    description = schema["properties"]["knowledge"].get("description", "")
    schema["properties"]["knowledge"] = {"$ref": f"#/$defs/{knowledge_name}", "description": description}
    return {"$schema": SCHEMA_ADDRESS, **schema, "title": FILE_NAME, "$defs": components}


def environment_name(key: str) -> str:
    """The environment variable that sets `key`."""
    return f"CUSTODIET_{key.upper()}"


def repository_root(folder: str) -> str:
    """The nearest folder from `folder` upwards that holds `.git`, or an empty text. Runs no git."""
    for candidate in _upwards(folder):
        if os.path.lexists(os.path.join(candidate, ".git")):
            return candidate
    return ""


def did_you_mean(word: str, words: Sequence[str]) -> str:
    """A hint with the known word that `word` resembles, or an empty text."""
    import difflib  # late: only an error needs it

    close = difflib.get_close_matches(word.replace("-", "_"), [known.replace("-", "_") for known in words], n=1)
    if not close:
        return ""
    meant = next(known for known in words if known.replace("-", "_") == close[0])
    return f"did you mean `{meant}`?"


def _upwards(folder: str) -> list[str]:
    """`folder` and every folder above it, nearest first."""
    folders = [folder]
    while (parent := os.path.dirname(folders[-1])) != folders[-1]:
        folders.append(parent)
    return folders


def _is_inside(path: str, folder: str) -> bool:
    """Whether `path` is `folder` or stands below it."""
    return path == folder or path.startswith(folder.rstrip(os.sep) + os.sep)


def _file_layer(folder: str, repository: str, named: str) -> tuple[str, str, Table]:
    """(path, text, table) of the configuration file, empty if there is none."""
    if named:
        path = os.path.abspath(named)
        text = _read(path)
        return path, text, _table(path, text)
    for candidate in _upwards(folder):
        path = os.path.join(candidate, FILE_NAME)
        if os.path.isfile(path):
            text = _read(path)
            return path, text, _table(path, text)
        path = os.path.join(candidate, "pyproject.toml")
        if os.path.isfile(path) and "custodiet" in (text := _read(path)):
            table = _table(path, text)
            if table:
                return path, text, table
        if candidate == repository:
            break
    return "", "", {}


def _read(path: str) -> str:
    """The text of a configuration file."""
    try:
        with open(path, encoding="utf-8") as file:
            text = file.read(_LARGEST + 1)
        if len(text) > _LARGEST:
            raise ConfigError(f"the configuration has more than {_LARGEST:,} characters", where=path)
        return text
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise ConfigError(f"cannot read the configuration: {reason}", where=path) from error


def _table(path: str, text: str) -> Table:
    """The table of a configuration file: all of `custodiet.toml`, `[tool.custodiet]` of `pyproject.toml`."""
    import tomllib  # late: 18 ms that a scan without a configuration file should not pay

    try:
        table = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise ConfigError(f"not valid TOML: {str(error) or 'too deep'}", where=path) from error
    if os.path.basename(path) != "pyproject.toml":
        return table
    own = table.get("tool", {})
    own = own.get("custodiet", {}) if isinstance(own, dict) else {}
    if not isinstance(own, dict):
        raise ConfigError("`tool.custodiet` is not a table", where=path)
    return own


def _environment_layers(environment: Mapping[str, str]) -> list[tuple[str, Table]]:
    """One layer for each `CUSTODIET_<KEY>` variable that is set and not empty."""
    layers = []
    for key in SETTINGS:
        name = environment_name(key)
        if text := environment.get(name, ""):
            layers.append((name, {key: _value(key, text)}))
    return layers


def _override(text: str) -> Table:
    """The table that a `key=value` text stands for; dots in the key descend."""
    key, equals, value = text.partition("=")
    names = [name.strip() for name in key.strip().split(".")]
    if not equals or not all(names):
        raise ConfigError(f"`{text}` is no `key=value`", where="--config", hint="write for instance `jobs=2`")
    table: Table = {names[-1]: _value(names[-1] if len(names) == 1 else "", value.strip())}
    for name in reversed(names[:-1]):
        table = {name: table}
    return table


def _value(key: str, text: str) -> Any:
    """`text` as a TOML value where it is one, else as the text itself (or a list of texts for a list)."""
    import tomllib  # late: only an override needs it

    if key in LISTS and not text.startswith("["):
        return [item.strip() for item in text.split(",") if item.strip()]
    if key in _TEXTS:
        return text
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text


def _merged(low: Table, high: Table) -> Table:
    """`low` with the values of `high` over it; tables are merged, everything else is replaced."""
    merged = dict(low)
    for key, value in high.items():
        old = merged.get(key)
        merged[key] = _merged(old, value) if isinstance(old, dict) and isinstance(value, dict) else value
    return merged


def _anchored(table: Table, folder: str, root: str) -> Table:
    """`table` with its paths made independent of where its file stands."""
    anchored = dict(table)
    if table.get("baseline"):
        anchored["baseline"] = os.path.join(folder, table["baseline"])
    prefix = os.path.relpath(folder, root).replace(os.sep, "/") if folder != root and _is_inside(folder, root) else ""
    if prefix:
        for key in _PATTERNS & table.keys():
            anchored[key] = [_prefixed(pattern, prefix) for pattern in table[key]]
    return anchored


def _prefixed(pattern: str, prefix: str) -> str:
    """The pattern that means below the root what `pattern` means below `prefix`."""
    if "/" in pattern.rstrip("/"):
        return f"/{prefix}/{pattern.lstrip('/')}"
    return f"/{prefix}/**/{pattern}"


def _checked(table: Table, *, where: str, text: str) -> None:
    """Nothing, if `table` alone is a valid configuration.

    Raises:
        ConfigError: naming the key and, where `text` is the file, its line.
    """
    try:
        config = msgspec.convert(table, Config)
    except msgspec.ValidationError as error:
        raise _explained(str(error), where=where, text=text) from error
    if config.knowledge:
        try:
            declared_knowledge(config)
        except ConfigError as error:
            raise _explained(error.what, where=where, text=text) from error


def _explained(message: str, *, where: str, text: str) -> ConfigError:
    """The error that says in our words what msgspec's `message` says, with a suggestion."""
    what, _, at = message.partition(" - at `$")
    at = at.strip("`.")
    quoted = what.split("`")[1] if what.count("`") > 1 else ""
    hint = ""
    key = at.rpartition(".")[2].partition("[")[0]
    if "unknown field" in what:
        key = quoted
        what = f"unknown key `{quoted}`" + (f" in `{at}`" if at else "")
        hint = did_you_mean(quoted, _known_keys(at))
    elif "Invalid enum value" in what:
        value = what.partition("Invalid enum value ")[2].strip("'\"")
        words = _enum_words(key)
        what = f"`{key}` cannot be `{value}`"
        hint = did_you_mean(value, words) or (f"use one of {', '.join(f'`{word}`' for word in words)}" if words else "")
    else:
        what = f"`{at or key}`: {what[:1].lower()}{what[1:]}" if at or key else f"{what[:1].lower()}{what[1:]}"
    line = line_of_key(text, key) if text and key else 0
    return ConfigError(what, where=f"{where}:{line}" if line else where, hint=hint)


def _known_keys(at: str) -> tuple[str, ...]:
    """The keys that may stand at the place that msgspec calls `at`."""
    if at.startswith("rules"):
        return RuleOptions.__struct_fields__
    if not at:
        return Config.__struct_fields__
    from custodiet.knowledge import schema  # late: only an error needs it

    names: set[str] = set()
    for value in vars(schema).values():
        if isinstance(value, type) and issubclass(value, msgspec.Struct):
            names.update(value.__struct_encode_fields__)
    return tuple(sorted(names))


def _enum_words(key: str) -> tuple[str, ...]:
    """The words that an enumeration key accepts."""
    enumerations = {"severity": Severity, "fail_on": Severity, "confidence": Confidence, "persona": Persona}
    return tuple(member.value for member in enumerations[key]) if key in enumerations else ()


def line_of_key(text: str, key: str) -> int:
    """The first line of the TOML `text` that sets `key` or opens a table of that name, 1-based; 0 if there is none."""
    import re  # late: only an error needs it

    name = rf"(?:{re.escape(key)}|\"{re.escape(key)}\"|'{re.escape(key)}')"
    pattern = re.compile(
        rf"^\s*(?:\[\[?(?:[^\]\n]*\.)?{name}\s*[\].]|(?:[\w\"'-]+\s*\.\s*)*{name}\s*[=.]|.*[{{,]\s*{name}\s*=)"
    )
    for number, line in enumerate(text.splitlines(), 1):
        if pattern.match(line[:1000]):
            return number
    return 0
