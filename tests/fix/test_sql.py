"""The repair of SQL injection: values become parameters of the driver that the file imports."""

from textwrap import dedent

import pytest
from msgspec.structs import replace

from custodiet.fix import apply, fix_of
from fix.repairing import marked, repaired


def statement(driver, line):
    """What the repair makes of one line in a function of a file that imports the driver."""
    head = f"import {driver}\n\n\ndef find(cursor, name, age, row):\n    "
    result = repaired("sql-injection", head + line + "\n")
    return None if result is None else result.removeprefix(head).rstrip("\n")


@pytest.mark.parametrize(
    "before, after",
    [
        ("f\"SELECT * FROM u WHERE name = '{name}'\"", '"SELECT * FROM u WHERE name = ?", (name,)'),
        ('f"SELECT * FROM u WHERE age > {age}"', '"SELECT * FROM u WHERE age > ?", (age,)'),
        ("f\"SELECT * FROM u WHERE a = '{name}' AND b={age}\"", '"SELECT * FROM u WHERE a = ? AND b=?", (name, age)'),
        ('"SELECT * FROM u WHERE a = \'" + name + "\'"', '"SELECT * FROM u WHERE a = ?", (name,)'),
        ('"SELECT * FROM u WHERE a = \'" + name + "\' LIMIT 5"', '"SELECT * FROM u WHERE a = ? LIMIT 5", (name,)'),
        ('"SELECT * FROM u WHERE id = " + str(age)', '"SELECT * FROM u WHERE id = ?", (age,)'),
        (
            "\"SELECT * FROM u WHERE id = \" + str(age) + ' AND b = 1'",
            '"SELECT * FROM u WHERE id = ? AND b = 1", (age,)',
        ),
        ("\"SELECT * FROM u WHERE a = '%s'\" % name", '"SELECT * FROM u WHERE a = ?", (name,)'),
        (
            "\"SELECT * FROM u WHERE a = %d AND b='%s'\" % (age, name)",
            '"SELECT * FROM u WHERE a = ? AND b=?", (age, name)',
        ),
        ('"SELECT * FROM u WHERE a = %(n)s" % {"n": name}', '"SELECT * FROM u WHERE a = ?", (name,)'),
        ("\"SELECT * FROM u WHERE a = '{}'\".format(name)", '"SELECT * FROM u WHERE a = ?", (name,)'),
        (
            '"SELECT * FROM u WHERE a = {n} AND b = {0}".format(age, n=name)',
            '"SELECT * FROM u WHERE a = ? AND b = ?", (name, age)',
        ),
        ("f\"SELECT * FROM u WHERE a LIKE '%{name}%'\"", '"SELECT * FROM u WHERE a LIKE ?", (f"%{name}%",)'),
        ("\"SELECT * FROM u WHERE a LIKE '%%%s%%'\" % name", '"SELECT * FROM u WHERE a LIKE ?", (f"%{name}%",)'),
        ('"SELECT * FROM u WHERE a LIKE \'%" + name + "%\'"', '"SELECT * FROM u WHERE a LIKE ?", (f"%{name}%",)'),
        ("f\"INSERT INTO u (a, b) VALUES ('{name}', {age})\"", '"INSERT INTO u (a, b) VALUES (?, ?)", (name, age)'),
        ("f\"UPDATE u SET n = n + {age} WHERE a = '{name}'\"", '"UPDATE u SET n = n + ? WHERE a = ?", (age, name)'),
        ("f\"DELETE FROM u WHERE a IN ('{name}', 'x')\"", "\"DELETE FROM u WHERE a IN (?, 'x')\", (name,)"),
        ("f'DELETE FROM u WHERE a = \"{name}\"'", "'DELETE FROM u WHERE a = ?', (name,)"),
        ("f\"SELECT * FROM u WHERE a = '{row['a']}'\"", "\"SELECT * FROM u WHERE a = ?\", (row['a'],)"),
        ("f\"SELECT * FROM u WHERE a = lower('{name}')\"", '"SELECT * FROM u WHERE a = lower(?)", (name,)'),
        ("f\"SELECT '{{}}' FROM u WHERE é = '{name}'\"", "\"SELECT '{}' FROM u WHERE é = ?\", (name,)"),
        (
            'f"SELECT * FROM u WHERE a = {name} LIMIT {age} OFFSET {row.n}"',
            '"SELECT * FROM u WHERE a = ? LIMIT ? OFFSET ?", (name, age, row.n)',
        ),
    ],
)
def test_values_become_parameters(before, after):
    assert statement("sqlite3", f"«cursor.execute({before})»") == f"cursor.execute({after})"


@pytest.mark.parametrize(
    "before",
    [
        'f"SELECT * FROM {name} WHERE id = 1"',
        'f"SELECT {name} FROM u"',
        'f"SELECT * {name}"',
        'f"SELECT * FROM u ORDER BY {name}"',
        'f"SELECT * FROM u ORDER BY id {name}"',
        'f"SELECT * FROM u WHERE {name} = 1"',
        'f"SELECT * FROM u WHERE {name}"',
        'f"SELECT * FROM u WHERE id IN ({name})"',
        'f"SELECT * FROM u_{age} WHERE id = 1"',
        'f"SELECT * FROM u WHERE id = {age}_x"',
        'f"SELECT * FROM `{name}`"',
        'f"SELECT \\"{name}\\" FROM u"',
        'f"SELECT * FROM u WHERE a = {name!r}"',
        'f"SELECT * FROM u WHERE a = {age:>5}"',
        '"SELECT * FROM u WHERE a = %5d" % age',
        "\"SELECT * FROM u WHERE a = '{0.x}'\".format(name)",
        "f\"SELECT * FROM u WHERE a = ? AND b = '{name}'\"",
        'f"{name}"',
        'name + " WHERE a = 1"',
        '"SELECT 1" + name + age',
        '"SELECT * FROM u WHERE a = 1"',
        "f\"SELECT * FROM u WHERE a = '{name}'\", (age,)",
        "f\"SELECT * FROM u WHERE a = '{name}'\", *row",
        'f"PRAGMA table_info({name})"',
        'f"SELECT * FROM u WHERE a = {[x for x in name]}"',
    ],
)
def test_where_no_value_can_stand_there_is_no_repair(before):
    assert statement("sqlite3", f"«cursor.execute({before})»") is None


@pytest.mark.parametrize(
    "driver, after",
    [
        ("sqlite3", '"SELECT * FROM u WHERE a = ? AND b = ?", (name, age)'),
        ("psycopg2", '"SELECT * FROM u WHERE a = %s AND b = %s", (name, age)'),
        ("psycopg", '"SELECT * FROM u WHERE a = %s AND b = %s", (name, age)'),
        ("pymysql", '"SELECT * FROM u WHERE a = %s AND b = %s", (name, age)'),
        ("mysql.connector", '"SELECT * FROM u WHERE a = %s AND b = %s", (name, age)'),
        ("pyodbc", '"SELECT * FROM u WHERE a = ? AND b = ?", (name, age)'),
        ("asyncpg", '"SELECT * FROM u WHERE a = $1 AND b = $2", name, age'),
    ],
)
def test_each_driver_has_its_placeholders(driver, after):
    before = "«cursor.execute(f\"SELECT * FROM u WHERE a = '{name}' AND b = {age}\")»"
    assert statement(driver, before) == f"cursor.execute({after})"


def test_without_a_known_driver_or_with_two_of_different_style_there_is_no_repair():
    line = "«cursor.execute(f\"SELECT * FROM u WHERE a = '{name}'\")»"
    assert statement("os", line) is None
    assert statement("sqlite3, psycopg2", line) is None
    assert statement("psycopg2, pymysql", line) is not None


def test_a_percent_that_is_text_is_written_as_the_driver_wants_it():
    line = "«cursor.execute(f\"SELECT * FROM u WHERE a LIKE 'x%' AND b = {age}\")»"
    assert "LIKE 'x%%' AND b = %s" in statement("psycopg2", line)
    assert "LIKE 'x%' AND b = ?" in statement("sqlite3", line)
    assert statement("mysql.connector", line) is None
    line = "«cursor.execute(\"SELECT * FROM u WHERE a LIKE 'x%%' AND b = %s\" % age)»"
    assert "LIKE 'x%%' AND b = %s" in statement("psycopg2", line)
    assert "LIKE 'x%' AND b = ?" in statement("sqlite3", line)


def test_sqlalchemy_takes_named_parameters_of_a_text():
    before = """
    from sqlalchemy import text


    def find(session, form):
        return «session.execute(text(f"SELECT * FROM u WHERE a = '{form.name}' AND b = {int(form.age)}"))».all()
    """
    assert repaired("sql-injection", before) == dedent(
        """\
        from sqlalchemy import text


        def find(session, form):
            return session.execute(text("SELECT * FROM u WHERE a = :name AND b = :age"), {"name": form.name, "age": int(form.age)}).all()
        """
    )


def test_sqlalchemy_gets_a_text_where_there_was_a_string():
    before = """
    from sqlalchemy import create_engine


    def find(connection, name):
        query = f"SELECT * FROM u WHERE a = '{name}'"
        return «connection.execute(query)»
    """
    assert repaired("sql-injection", before) == dedent(
        """\
        from sqlalchemy import create_engine, text


        def find(connection, name):
            query = "SELECT * FROM u WHERE a = :name"
            return connection.execute(text(query), {"name": name})
        """
    )


def test_django_takes_parameters_of_raw_queries():
    before = """
    from django.db import connection
    from shop.models import User


    def find(name):
        return «User.objects.raw("SELECT * FROM u WHERE a = '%s'" % name)»
    """
    assert 'raw("SELECT * FROM u WHERE a = %s", (name,))' in repaired("sql-injection", before)


def test_a_statement_that_is_built_in_a_variable_just_above():
    before = """
    import sqlite3


    def find(name):
        connection = sqlite3.connect("shop.db")
        query = (
            "SELECT id, email "
            f"FROM users WHERE name = '{name}' "
            "ORDER BY id"
        )
        print(query)
        with connection:
            rows = «connection.execute(query)».fetchall()
        return rows
    """
    assert repaired("sql-injection", before) == dedent(
        """\
        import sqlite3


        def find(name):
            connection = sqlite3.connect("shop.db")
            query = (
                "SELECT id, email "
                "FROM users WHERE name = ? "
                "ORDER BY id"
            )
            print(query)
            with connection:
                rows = connection.execute(query, (name,)).fetchall()
            return rows
        """
    )


def test_a_statement_of_several_lines_keeps_them():
    before = '''
    import psycopg2


    def add(cursor, user):
        «cursor.execute(f"""
            INSERT INTO users (name, age)
            VALUES ('{user.name}', {user.age})
        """)»
    '''
    assert repaired("sql-injection", before) == dedent(
        '''\
        import psycopg2


        def add(cursor, user):
            cursor.execute("""
                INSERT INTO users (name, age)
                VALUES (%s, %s)
            """, (user.name, user.age))
        '''
    )


@pytest.mark.parametrize(
    "body",
    [
        # set twice
        "query = f\"SELECT * FROM u WHERE a = '{name}'\"\n    query += ' LIMIT 1'\n    «c.execute(query)»",
        # used for something else
        "query = f\"SELECT * FROM u WHERE a = '{name}'\"\n    «c.execute(query)»\n    c.execute(query)",
        # the value changes in between
        "query = f\"SELECT * FROM u WHERE a = '{name}'\"\n    name = 1\n    «c.execute(query)»",
        # runs in a loop
        "query = f\"SELECT * FROM u WHERE a = '{name}'\"\n    for x in y:\n        «c.execute(query)»",
        # built only sometimes
        "if name:\n        query = f\"SELECT * FROM u WHERE a = '{name}'\"\n    «c.execute(query)»",
        # a seam inside of the quotes
        '«c.execute("SELECT * FROM u WHERE a = \'%" f"{name}\'")»',
    ],
)
def test_where_the_text_is_used_otherwise_there_is_no_repair(body):
    assert repaired("sql-injection", f"import sqlite3\n\n\ndef find(c, name):\n    {body}\n") is None


def test_a_file_that_does_not_parse_is_left_alone():
    assert repaired("sql-injection", 'import sqlite3\ndef (:\n«c.execute(f"SELECT {a}")»\n') is None


def test_what_may_change_behaviour_is_no_safe_repair():
    head = "import asyncpg\n\n\nasync def find(c, name):\n    "
    source, finding = marked("sql-injection", head + "await «c.fetch(f\"SELECT * FROM u WHERE a = '{name}'\")»\n")
    assert fix_of(finding, source).is_safe
    source, finding = marked("sql-injection", head + 'await «c.fetch(f"SELECT * FROM u WHERE a = {name}")»\n')
    assert not fix_of(finding, source).is_safe


def test_pandas_takes_parameters_by_name():
    head = "import sqlite3\nimport pandas as pd\n\n\ndef find(connection, name):\n    return "
    before = "«pd.read_sql_query(f\"SELECT * FROM u WHERE a = '{name}'\", connection)»\n"
    after = 'pd.read_sql_query("SELECT * FROM u WHERE a = ?", connection, params=(name,))\n'
    assert repaired("sql-injection", head + before) == head + after


def test_the_sink_tells_the_driver_where_a_file_has_several():
    head = "import sqlite3, psycopg2\n\n\ndef find(c, name):\n    "
    source, finding = marked("sql-injection", head + "«c.execute(f\"SELECT * FROM u WHERE a = '{name}'\")»\n")
    assert fix_of(finding, source) is None
    fix = fix_of(replace(finding, sink_text="psycopg2.extensions.cursor.execute"), source)
    assert b"a = %s" in apply(source, [fix])


@pytest.mark.parametrize(
    "before, after",
    [
        (
            "statement = «text(f\"SELECT * FROM u WHERE a = '{name}'\")»",
            'statement = text("SELECT * FROM u WHERE a = :name").bindparams(name=name)',
        ),
        (
            'rows = query.filter(«text("name = \'" + name + "\'")»)',
            'rows = query.filter(text("name = :name").bindparams(name=name))',
        ),
        (
            "rows = session.execute(«text(f\"SELECT * FROM u WHERE a = '{name}'\")»)",
            'rows = session.execute(text("SELECT * FROM u WHERE a = :name"), {"name": name})',
        ),
        ('rows = query.order_by(«text(f"{name} DESC")»)', None),
    ],
)
def test_a_text_of_sqlalchemy_takes_its_parameters_along(before, after):
    head = "from sqlalchemy import text\n\n\ndef find(session, query, name):\n    "
    result = repaired("sql-injection", head + before + "\n")
    assert result == (after and head + after + "\n")


def test_a_condition_of_django_has_its_parameters_beside_it():
    before = "from shop.models import User\n\n«User.objects.extra(where=[f\"name = '{name}'\"])»\n"
    assert 'User.objects.extra(where=["name = %s"], params=[name])' in repaired("sql-injection", before)
