"""Hands the values of an SQL statement over as parameters, in the way of the driver that the file imports."""

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from custodiet.domain.finding import Finding
from custodiet.fix.built import Built, built_of
from custodiet.fix.call import added, is_spread, keyword, positional
from custodiet.fix.imports import name_import
from custodiet.fix.script import Change, Draft, Script, bare, function_around, walk
from custodiet.fix.sql_text import STYLES, Parameterised, parameterised
from custodiet.fix.variable import assigned, precedes

if TYPE_CHECKING:
    from tree_sitter import Node

TITLE: Final = "Pass the values as parameters of the statement"

_DRIVERS: Final = (
    ("sqlalchemy", "name"),
    ("asyncpg", "dollar"),
    ("sqlite3", "question"),
    ("aiosqlite", "question"),
    ("pyodbc", "question"),
    ("duckdb", "question"),
    ("psycopg2", "percent"),
    ("psycopg", "percent"),
    ("aiopg", "percent"),
    ("pymysql", "percent"),
    ("MySQLdb", "percent"),
    ("flask_mysqldb", "percent"),
    ("flaskext.mysql", "percent"),
    ("aiomysql", "percent"),
    ("mysql.connector", "mysql"),
    ("django.db", "percent"),
    ("peewee.SqliteDatabase", "question"),
    ("peewee.PostgresqlDatabase", "percent"),
    ("peewee.MySQLDatabase", "percent"),
    ("mariadb", "question"),
    ("snowflake.connector", "percent"),
    ("pymssql", "percent"),
    ("cassandra", "percent"),
)
_METHODS: Final = frozenset(
    ("execute", "fetch", "fetchrow", "fetchval", "fetch_all", "fetch_one", "raw", "execute_sql")
)
_PANDAS: Final = frozenset(("pandas.read_sql", "pandas.read_sql_query"))
_FETCHES: Final = frozenset(("execute", "fetch", "fetchrow", "fetchval"))
_EXECUTES: Final = frozenset(("execute", "scalar", "scalars"))
_SILENT: Final = re.compile(r"(?:print|log(?:ger|ging)?(?:\.\w+)?|self\.(?:_?log|logger)(?:\.\w+)?)\Z")


class Statement(NamedTuple):
    """Where the text of a statement is built and where it is used."""

    expression: "Node"
    argument: "Node"
    call: "Node"


def repair(script: Script, finding: Finding) -> Draft | None:
    """A constant statement and a tuple of parameters, where every value stands where a value may stand."""
    for call in script.calls(finding):
        method = script.method(call)
        if method == "text" and len(positional(call)) == 1 and not is_spread(call):
            return _text(script, call)
        if method == "extra" and (draft := _extra(script, call)):
            return draft
        is_pandas = script.callee(call) in _PANDAS and keyword(script, call, "params") is None
        if is_spread(call) or not (is_pandas or (method in _METHODS and len(positional(call)) == 1)):
            continue
        style = _style(script, method, finding.sink_text)
        if is_pandas and (style in ("name", "dollar") or not positional(call)):
            return None
        if style and (draft := _parameters(script, call, style)):
            return draft
    return None


def _text(script: Script, call: "Node") -> Draft | None:
    """`text()` of SQLAlchemy: parameters for the call that executes it, or bound to the text itself."""
    listed = call.parent
    outer = listed.parent if listed is not None and listed.type == "argument_list" else None
    if outer is not None and script.method(outer) in _EXECUTES and len(positional(outer)) == 1 and not is_spread(outer):
        return _parameters(script, outer, "name")
    built = built_of(script, positional(call)[0])
    found = parameterised(script, built, STYLES["name"], whole=False) if built is not None and built.holes else None
    if built is None or found is None:
        return None
    bound = ", ".join(f"{name}={value}" for name, value in found.values)
    end = Change(call.end_byte, call.end_byte, f".bindparams({bound})")
    return Draft(TITLE, (*built.changes, *found.changes, end))


def _extra(script: Script, call: "Node") -> Draft | None:
    """`extra(where=["..."])` of Django with its `params`."""
    where = keyword(script, call, "where")
    if where is None or where.type != "list" or len(where.named_children) != 1 or is_spread(call):
        return None
    built = built_of(script, where.named_children[0])
    if built is None or not built.holes or keyword(script, call, "params") is not None:
        return None
    found = parameterised(script, built, STYLES["percent"], whole=False)
    if found is None:
        return None
    values = ", ".join(value for _, value in found.values)
    return Draft(TITLE, (*built.changes, *found.changes, added(call, f"params=[{values}]")))


def _style(script: Script, method: str, sink: str) -> str:
    """How the driver writes a parameter: that of the sink, else the file's; empty where none or several are imported."""
    for package, style in _DRIVERS:
        if sink.startswith(f"{package}."):
            return style
    if method == "raw":
        return "percent" if any(name.startswith("django") for name in script.packages) else ""
    styles = {style for package, style in _DRIVERS if package in script.packages}
    if "flask_sqlalchemy" in script.packages:
        styles.add("name")
    if "mysql" in styles:
        styles.discard("percent")
    if styles == {"dollar"} and method not in _FETCHES:
        return ""
    return styles.pop() if len(styles) == 1 else ""


def _parameters(script: Script, call: "Node", style: str) -> Draft | None:
    argument = positional(call)[0]
    wrapper: Node | None = None
    if style == "name" and argument.type == "call" and script.method(argument) == "text":
        wrapper = argument
        if len(positional(wrapper)) != 1 or is_spread(wrapper):
            return None
        argument = positional(wrapper)[0]
    statement = _statement(script, argument, call)
    if statement is None:
        return None
    expression, wrapped = statement.expression, wrapper is not None
    if style == "name" and expression.type == "call" and script.method(expression) == "text":
        inner = positional(expression)  # query = text(f"...")
        if len(inner) != 1:
            return None
        expression, wrapped = inner[0], True
    built = built_of(script, expression)
    found = parameterised(script, built, STYLES[style]) if built is not None and built.holes else None
    if built is None or found is None or not _stays(script, statement, built):
        return None
    values = _handed_over(found, style)
    if script.callee(call) in _PANDAS:
        values = f"params={values}"
    changes = [*built.changes, *found.changes, added(call, values)]
    if style == "name" and not wrapped:
        needed = name_import(script, "sqlalchemy", "text")
        if needed is None:
            return None
        argument = statement.argument
        changes += [
            Change(argument.start_byte, argument.start_byte, f"{needed.name}("),
            Change(argument.end_byte, argument.end_byte, ")"),
            *needed.changes,
        ]
        changes = _joined(changes)
    return Draft(TITLE, tuple(changes), is_safe=found.is_safe)


def _joined(changes: list[Change]) -> list[Change]:
    """Insertions at one place made one, in the order in which they stand in the list."""
    merged: dict[tuple[int, int], str] = {}
    closing = [change for change in changes if change.text == ")"]
    for change in (*closing, *(each for each in changes if each.text != ")")):
        key = change.start, change.end
        merged[key] = merged.get(key, "") + change.text
    return [Change(*key, text) for key, text in merged.items()]


def _handed_over(found: Parameterised, style: str) -> str:
    """The arguments that stand behind the statement."""
    if style == "dollar":
        return ", ".join(value for _, value in found.values)
    if style == "name":
        return "{" + ", ".join(f'"{name}": {value}' for name, value in found.values) + "}"
    values = ", ".join(value for _, value in found.values)
    return f"({values},)" if len(found.values) == 1 else f"({values})"


def _statement(script: Script, argument: "Node", call: "Node") -> Statement | None:
    """Where the text is built: in the call, or in a variable that is set once, just above, for this call."""
    argument = bare(argument)
    if argument.type != "identifier":
        return Statement(argument, argument, call)
    name = script.text(argument)
    used = script.occurrences(name, function_around(call))
    targets = [node for node in used if assigned(node) is not None]
    if len(targets) != 1 or not all(
        node in targets or node == argument or _is_only_told(script, node) for node in used
    ):
        return None
    assignment = assigned(targets[0])
    value = assignment.child_by_field_name("right") if assignment is not None else None
    if assignment is None or value is None or not precedes(assignment, call):
        return None
    return Statement(value, argument, call)


def _is_only_told(script: Script, identifier: "Node") -> bool:
    """The text is only printed or logged here."""
    listed = identifier.parent
    call = listed.parent if listed is not None and listed.type == "argument_list" else None
    function = call.child_by_field_name("function") if call is not None and call.type == "call" else None
    return function is not None and _SILENT.match(script.text(function)) is not None


def _stays(script: Script, statement: Statement, built: Built) -> bool:
    """The values are at the call what they were where the text was built."""
    start, end = statement.expression.end_byte, statement.call.start_byte
    if start > end:
        return True
    names = {script.text(node) for hole in built.holes for node in walk(hole.node) if node.type == "identifier"}
    for node in walk(function_around(statement.call)):
        if not start <= node.start_byte < end or node.end_byte > end:
            continue
        if node.type in ("assignment", "augmented_assignment", "named_expression", "for_statement", "as_pattern"):
            target = node.child_by_field_name("left") or node.child_by_field_name("name")
            target = target or node.child_by_field_name("alias")
            if target is not None and names & {script.text(one) for one in walk(target) if one.type == "identifier"}:
                return False
    return True
