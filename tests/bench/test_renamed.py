import ast

import renamed

HELPER = '''"""Helps."""
import flask

BASE = "./files"


class Wrapper:
    request: flask.Request

    def __init__(self, request):
        self.request = request

    def parameter(self, name):
        return self.request.args.get(name)
'''
CASE = """from flask import request
import helpers.tools


def init(app):
    @app.route("/suite/Case00001", methods=["GET"])
    def case_view():
        possible = "ABC"
        guess = possible[1]
        wrapped = helpers.tools.Wrapper(request)
        value = wrapped.parameter("Case00001")
        if guess == 'B':
            value = value.lower()
        with open(f"{helpers.tools.BASE}/{value}.txt", "r", encoding="utf-8") as stream:
            text = stream.read()
        print("SELECT * FROM users WHERE name = '%s' AND x = \\n" % value, max(text), sep="-")
        return text
"""


def copy_of(tmp_path):
    suite, target = tmp_path / "suite", tmp_path / "copy"
    (suite / "helpers").mkdir(parents=True)
    (suite / "cases").mkdir()
    (suite / "helpers" / "tools.py").write_text(HELPER)
    (suite / "cases" / "Case00001.py").write_text(CASE)
    names = renamed.renamed_copy(suite, target)
    case = next(path for path in target.rglob("*.py") if names[path.stem] == "Case00001")
    helper = next(path for path in target.rglob("*.py") if names[path.stem] == "tools")
    return case, helper


def test_a_copy_parses_and_keeps_no_name(tmp_path):
    case, helper = copy_of(tmp_path)
    for path in (case, helper):
        ast.parse(path.read_text())
    text = case.read_text() + helper.read_text()
    for own in (
        "Case00001",
        "Wrapper",
        "case_view",
        "possible",
        "wrapped",
        "helpers",
        "tools",
        "BASE",
        "suite",
        "users",
    ):
        assert own not in text


def test_a_copy_keeps_what_libraries_and_databases_read(tmp_path):
    case, helper = copy_of(tmp_path)
    text = case.read_text()
    for foreign in ("from flask import request", "methods=", '"GET"', '"r"', "encoding=", '"utf-8"', "SELECT * FROM "):
        assert foreign in text
    assert ".lower()" in text
    assert ".read()" in text
    assert "flask.Request" in helper.read_text()
    assert ".args.get(" in helper.read_text()


def test_names_agree_across_files_and_between_names_and_texts(tmp_path):
    case, helper = copy_of(tmp_path)
    (wrapper,) = [node.name for node in ast.walk(ast.parse(helper.read_text())) if isinstance(node, ast.ClassDef)]
    assert f".{wrapper}(request)" in case.read_text()
    assert f"/{case.stem}" in case.read_text()


def test_texts_keep_their_computation(tmp_path):
    case, _ = copy_of(tmp_path)
    constants = [node.value for node in ast.walk(ast.parse(case.read_text())) if isinstance(node, ast.Constant)]
    (possible,) = [
        text for text in constants if isinstance(text, str) and len(text) == 3 and text.isupper() and text != "GET"
    ]
    assert possible[1] in constants
    assert possible != "ABC"


def test_a_copy_is_the_same_each_time(tmp_path):
    first, _ = copy_of(tmp_path / "one")
    second, _ = copy_of(tmp_path / "two")
    assert first.read_text() == second.read_text()
