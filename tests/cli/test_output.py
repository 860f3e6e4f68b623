"""Colour, width and encodings."""

import io
import re

import pytest

from custodiet.cli.output import wants_colour, width_of, write
from custodiet.cli.texts import Texts, decoded


@pytest.mark.parametrize(
    "choice, environment, is_terminal, expected",
    [
        ("auto", {}, True, True),
        ("auto", {}, False, False),
        ("auto", {"TERM": "dumb"}, True, False),
        ("auto", {"NO_COLOR": "1"}, True, False),
        ("auto", {"NO_COLOR": ""}, True, True),
        ("auto", {"FORCE_COLOR": "1"}, False, True),
        ("auto", {"FORCE_COLOR": "0"}, False, False),
        ("auto", {"CLICOLOR_FORCE": "1"}, False, True),
        ("auto", {"CLICOLOR": "0"}, True, False),
        ("auto", {"NO_COLOR": "1", "FORCE_COLOR": "1"}, True, False),
        ("always", {"NO_COLOR": "1"}, False, True),
        ("never", {"FORCE_COLOR": "1"}, True, False),
    ],
)
def test_when_to_colour(choice, environment, is_terminal, expected):
    assert wants_colour(choice, environment, is_terminal=is_terminal) is expected


@pytest.mark.parametrize("columns, width", [("80", 80), ("7", 40), ("wide", 100), ("", 100)])
def test_the_width_that_is_asked_for(columns, width):
    assert width_of(io.StringIO(), {"COLUMNS": columns}) == width


def test_what_an_encoding_cannot_say_is_escaped():
    stream = io.TextIOWrapper(io.BytesIO(), "ascii")
    write(stream, "caf\u00e9 \udce9\n", encoding=None)
    assert stream.buffer.getvalue() == b"caf\\xe9 \\udce9\n"
    text = io.StringIO()
    write(text, "caf\u00e9\n", encoding="utf-8")
    assert text.getvalue() == "caf\u00e9\n"


@pytest.mark.parametrize(
    "raw, text",
    [
        (b"x", "x"),
        (b"\xef\xbb\xbfx", "x"),
        ("é".encode(), "é"),
        (b"# -*- coding: latin-1 -*-\n\xe9", "# -*- coding: latin-1 -*-\né"),
        (b"#!/x\n# vim: set fileencoding=cp1252 :\n\x80", "#!/x\n# vim: set fileencoding=cp1252 :\n€"),
        (b"# coding: no-such\n\xe9", "# coding: no-such\n\ufffd"),
        (b"# coding: rot13\n\xe9", "# coding: rot13\n\ufffd"),
        (b"x\ny\n# coding: latin-1\n\xe9", "x\ny\n# coding: latin-1\n\ufffd"),
    ],
)
def test_the_encoding_of_a_source_file(raw, text):
    assert decoded(raw) == text


def test_texts_of_files_and_of_contents(tmp_path):
    (tmp_path / "a.py").write_text("on the disk")
    (tmp_path / "b.py").write_text("on the disk")
    texts = Texts(str(tmp_path), {"b.py": b"laid over", "c.py": None})
    assert [texts.text(path) for path in ("a.py", "b.py", "c.py", "d.py", "x\0y")] == [
        "on the disk",
        "laid over",
        None,
        None,
        None,
    ]


def test_every_output_is_written_and_standard_output_too(tmp_path, monkeypatch, capsys):
    from custodiet.cli.run import run

    (tmp_path / "a.py").write_text("import hashlib\n\nx = hashlib.md5(b'x').hexdigest()\n")
    monkeypatch.chdir(tmp_path)
    assert run(["scan", "--output", "sarif=out.sarif", "--output", "json=out.json", "--format", "concise"]) == 1
    assert (tmp_path / "out.sarif").read_text().startswith("{")
    assert "weak-hash" in (tmp_path / "out.json").read_text()
    assert re.match(r"a\.py:3:5: medium\[weak-hash\]", capsys.readouterr().out)
    assert run(["scan", "--output", "concise=-"]) == 1
    assert capsys.readouterr().out.startswith("a.py:3:5: ")
    assert run(["scan", "--output", "concise=-", "--output", "text=-"]) == 2
    assert not (tmp_path / "-").exists()
    assert run(["scan", "--output", "json=none/out.json"]) == 2
    assert "cannot write the report" in capsys.readouterr().err
