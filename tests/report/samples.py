"""Reports made by hand over small source texts, for the tests of every format."""

from custodiet.domain.finding import Edit, Finding, Fix, Incomplete, Step, StepKind, Suppression
from custodiet.domain.label import Label
from custodiet.domain.place import Place
from custodiet.domain.report import Report, Statistics
from custodiet.domain.rule import Rule
from custodiet.domain.severity import Confidence, Severity

VIEWS = """\
import sqlite3

from flask import Flask, request

from shop.store import find_user

app = Flask(__name__)


@app.get("/users")
def search():
    name = request.args["name"]
    user = find_user(sqlite3.connect("shop.db"), name)
    return {"user": user}
"""

STORE = '''\
def find_user(connection, name):
    """One row."""
    cursor = connection.cursor()
    query = f"SELECT * FROM users WHERE name = '{name}'"
    cursor.execute(query)
    return cursor.fetchone()


def old_user(connection, name):
    cursor = connection.cursor()
    cursor.execute("SELECT * FROM old WHERE name = '" + name + "'")  # custodiet: ignore[sql-injection] because gone soon
'''

SETTINGS = """\
import requests

API_KEY = "sk-live-51H8xT2eZ"
DEBUG = True


def balance():
    return requests.get(
        "https://api.example.com/balance",
        headers={"Authorization": API_KEY},
        verify=False,
    ).json()
"""


class Texts(dict):
    """Sources in memory."""

    def text(self, path):
        return self.get(path)


SOURCES = Texts({"shop/views.py": VIEWS, "shop/store.py": STORE, "shop/settings.py": SETTINGS})

SQL = Rule(
    id="sql-injection",
    title="SQL injection",
    severity=Severity.CRITICAL,
    confidence=Confidence.HIGH,
    cwe=(89, 564),
    owasp=("A03:2021",),
    owasp_llm=("LLM05",),
    sinks=("sql",),
    labels=(Label.REMOTE,),
    since="0.1.0",
    message="{source} reaches the SQL text of {sink}",
    summary="Untrusted data that becomes part of the text of an SQL statement.",
)
CREDENTIALS = Rule(
    id="hard-coded-credentials",
    title="Hard-coded credentials",
    severity=Severity.HIGH,
    confidence=Confidence.MEDIUM,
    cwe=(798,),
    owasp=("A07:2021",),
    check=True,
    since="0.1.0",
    summary="A password, key or token that stands in the program.",
)
CERTIFICATE = Rule(
    id="certificate-check-disabled",
    title="Certificate check disabled",
    severity=Severity.MEDIUM,
    confidence=Confidence.HIGH,
    cwe=(295,),
    owasp=("A07:2021",),
    check=True,
    since="0.1.0",
    summary="A TLS connection whose certificate nobody checks.",
)


def place(path, line, column, end_line, end_column):
    return Place(path, line, column, end_line, end_column)


def at(path, text, sources=SOURCES, after=0):
    """The place of the first `text` in a file, at or after a line."""
    lines = sources[path].split("\n")
    for number, line in enumerate(lines, 1):
        if number > after and text in line:
            column = line.index(text) + 1
            return Place(path, number, column, number, column + len(text))
    raise AssertionError(text)


INJECTION = Finding(
    rule="sql-injection",
    message="flask.request.args reaches the SQL text of sqlite3.Cursor.execute",
    place=at("shop/store.py", "cursor.execute(query)"),
    severity=Severity.CRITICAL,
    confidence=Confidence.HIGH,
    steps=(
        Step(StepKind.SOURCE, at("shop/views.py", "request.args"), "a query parameter of the request is read"),
        Step(
            StepKind.CALL,
            at("shop/views.py", 'find_user(sqlite3.connect("shop.db"), name)'),
            "handed to `find_user` as `name`",
        ),
        Step(
            StepKind.PROPAGATION,
            at("shop/store.py", "f\"SELECT * FROM users WHERE name = '{name}'\""),
            "built into a text",
        ),
        Step(StepKind.SINK, at("shop/store.py", "cursor.execute(query)"), "run as SQL"),
    ),
    function="find_user",
    label=Label.REMOTE,
    source_text="flask.request.args",
    sink_text="sqlite3.Cursor.execute",
    fingerprint="5f0c9e7d1a2b3c4d",
    fix=Fix(
        "bind the value as a parameter",
        (
            Edit(
                at("shop/store.py", "f\"SELECT * FROM users WHERE name = '{name}'\""),
                '"SELECT * FROM users WHERE name = ?"',
            ),
            Edit(at("shop/store.py", "(query)"), "(query, (name,))"),
        ),
        is_safe=True,
    ),
)
SECRET = Finding(
    rule="hard-coded-credentials",
    message="the credential `API_KEY` is a constant",
    place=at("shop/settings.py", 'API_KEY = "sk-live-51H8xT2eZ"'),
    severity=Severity.HIGH,
    confidence=Confidence.MEDIUM,
    steps=(Step(StepKind.SINK, at("shop/settings.py", 'API_KEY = "sk-live-51H8xT2eZ"'), "a constant"),),
    sink_text="API_KEY = 'sk-live-51H8xT2eZ'",
    fingerprint="00aa11bb22cc33dd",
)
UNCHECKED = Finding(
    rule="certificate-check-disabled",
    message="requests.get does not check the certificate of the server",
    place=Place("shop/settings.py", 8, 12, 12, 6),
    severity=Severity.MEDIUM,
    confidence=Confidence.HIGH,
    steps=(Step(StepKind.SINK, Place("shop/settings.py", 8, 12, 12, 6), "the check is switched off"),),
    function="balance",
    fingerprint="9988776655443322",
)
HIDDEN = Finding(
    rule="sql-injection",
    message="the parameter `name` reaches the SQL text of sqlite3.Cursor.execute",
    place=at("shop/store.py", "cursor.execute(", after=9),
    severity=Severity.CRITICAL,
    confidence=Confidence.MEDIUM,
    steps=(
        Step(StepKind.SOURCE, at("shop/store.py", "name", after=8), "a parameter that nothing visible passes"),
        Step(StepKind.SINK, at("shop/store.py", "cursor.execute(", after=9), "run as SQL"),
    ),
    function="old_user",
    label=Label.PARAMETER,
    fingerprint="1234123412341234",
    suppression=Suppression("inSource", "gone soon", at("shop/store.py", "# custodiet: ignore")),
)

REPORT = Report(
    findings=(SECRET, UNCHECKED, INJECTION),
    suppressed=(HIDDEN,),
    incomplete=(
        Incomplete("shop/big.py", "too-large", "12.0 MB is over the limit of 10.0 MB"),
        Incomplete("shop/broken.py", "syntax", "unexpected `)`", 7),
    ),
    statistics=Statistics(files=5, lines=1_240, functions=31, functions_analysed=30, templates=1, skipped=1),
    rules=(CERTIFICATE, CREDENTIALS, SQL),
)
CLEAN = Report((), (), (), Statistics(files=5, lines=1_240), (CERTIFICATE, CREDENTIALS, SQL))


def report_of(*findings, rules=(SQL,), incomplete=()):
    """A report that holds just these findings."""
    return Report(findings, (), incomplete, Statistics(files=1, lines=10), rules)
