"""Knowledge and rules come out of one compiled file as they come out of their texts."""

import os
import shutil
import sys
from pathlib import Path

import msgspec
import pytest

from custodiet import knowledge, rules
from custodiet.compiled import NAME, Texts, for_distribution, records, stamps_of
from custodiet.errors import ConfigError
from custodiet.knowledge.tables import compile_tables

LANGUAGE = Path(knowledge.__file__).parent / "python"


@pytest.fixture
def texts(tmp_path, monkeypatch):
    """Two texts, their form, and a place beside the byte code."""
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    folder = tmp_path / "texts"
    folder.mkdir()
    (folder / "b.txt").write_text("second")
    (folder / "a.txt").write_text("first")
    (folder / "other.md").write_text("none of them")
    (tmp_path / "form.py").write_text("# what a record looks like")
    return Texts(str(folder), ".txt", (str(tmp_path / "form.py"),), str(tmp_path / "texts.msgpack"))


def read(texts, asked=None):
    """The records, decoded; the names that were encoded for it are added to `asked`."""

    def encode(name, text):
        if asked is not None:
            asked.append(name)
        return msgspec.msgpack.encode(text.upper())

    return [msgspec.msgpack.decode(record) for record in records(texts, encode)]


def test_records_are_sorted_by_name_and_made_once(texts):
    asked = []
    assert read(texts, asked) == ["FIRST", "SECOND"] == read(texts, asked)
    assert asked == ["texts/a.txt", "texts/b.txt"]


@pytest.mark.parametrize("change", ["text", "same size", "new", "gone", "form"])
def test_any_change_makes_them_anew(texts, change):
    read(texts)
    folder = Path(texts.folder)
    if change == "text":
        (folder / "a.txt").write_text("another first")
    elif change == "same size":
        (folder / "a.txt").write_text("FIRST")
        os.utime(folder / "a.txt", ns=(1, 1))
    elif change == "new":
        (folder / "c.txt").write_text("third")
    elif change == "gone":
        (folder / "b.txt").unlink()
    else:
        Path(texts.forms[0]).write_text("# another form of records")
    asked = []
    read(texts, asked)
    assert asked == [f"texts/{path.name}" for path in sorted(folder.glob("*.txt"))]


@pytest.mark.parametrize("content", [b"", b"\xc1", b"\x92", b"\x80", b"\x93\x90\x90\x90", b"\xd9\xff"])
def test_a_damaged_file_is_made_anew(texts, content):
    read(texts)
    stored = Path(texts.beside)
    whole = stored.read_bytes()
    for damaged in (content, whole[:-1], whole + b"\0"):
        stored.write_bytes(damaged)
        assert read(texts) == ["FIRST", "SECOND"]
        assert stored.read_bytes() == whole


def test_nothing_is_written_where_python_writes_no_byte_code(texts, monkeypatch):
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    assert read(texts) == ["FIRST", "SECOND"]
    assert not Path(texts.beside).exists()
    assert read(texts._replace(beside=None)) == ["FIRST", "SECOND"]


def test_a_place_that_cannot_be_written_is_no_error(texts, tmp_path):
    assert read(texts._replace(beside=str(tmp_path / "missing" / "x.msgpack"))) == ["FIRST", "SECOND"]
    (tmp_path / "taken.msgpack").mkdir()
    assert read(texts._replace(beside=str(tmp_path / "taken.msgpack"))) == ["FIRST", "SECOND"]
    assert not list(tmp_path.glob("taken.msgpack.*"))


def test_the_file_of_a_wheel_needs_no_times_and_no_writing(texts):
    def encode(_name, text):
        return msgspec.msgpack.encode(text + " from the wheel")

    shipped = Path(texts.folder) / NAME
    shipped.write_bytes(for_distribution(texts, encode))
    os.utime(Path(texts.folder) / "a.txt", ns=(1, 1))
    assert read(texts) == ["first from the wheel", "second from the wheel"]
    assert not Path(texts.beside).exists()
    (Path(texts.folder) / "a.txt").write_text("edited in place")
    assert read(texts) == ["EDITED IN PLACE", "SECOND"]


def test_an_error_in_a_text_is_told_and_nothing_is_kept(texts):
    def encode(name, text):
        raise ConfigError("no good", where=name)

    with pytest.raises(ConfigError, match=r"texts/a\.txt: no good"):
        records(texts, encode)
    assert not Path(texts.beside).exists()


def test_compiled_knowledge_is_what_the_texts_say():
    direct = [knowledge.parse(path.read_text("utf-8"), where=path.name) for path in sorted(LANGUAGE.glob("*.toml"))]
    assert list(knowledge.load("python")) == direct


@pytest.mark.parametrize("words", ["", "flask request args", "django os subprocess models objects", "openai json yaml"])
def test_knowledge_that_is_left_out_changes_no_table(words):
    identifiers = frozenset(words.split())
    assert compile_tables(knowledge.load("python", identifiers), identifiers) == compile_tables(
        knowledge.load("python"), identifiers
    )


def test_compiled_rules_are_what_the_texts_say():
    folder = Path(rules.FOLDER)
    direct = [rules.read_rule(path.read_text("utf-8"), path.name) for path in sorted(folder.glob("*.md"))]
    assert list(rules.load_rules()) == direct


def test_the_compiled_file_stands_with_the_byte_code_and_nowhere_else(tmp_path, monkeypatch):
    for texts in (knowledge.texts("python"), rules.texts()):
        assert Path(texts.beside).parent == Path(sys.modules[knowledge.__name__].__spec__.cached).parent or (
            Path(texts.beside).parent == Path(sys.modules[rules.__name__].__spec__.cached).parent
        )
    assert knowledge.texts("python").beside != rules.texts().beside


def test_a_hundred_files_load_in_no_time(tmp_path, monkeypatch):
    import time

    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    folder = tmp_path / "python"
    shutil.copytree(LANGUAGE, folder)
    texts = knowledge.texts("python")._replace(folder=str(folder), beside=str(tmp_path / "k.msgpack"))
    start = time.process_time()
    first = records(texts, knowledge.record_of)
    parsed = time.process_time() - start
    start = time.process_time()
    again = records(texts, knowledge.record_of)
    assert first == again
    assert (time.process_time() - start) * 5 < parsed, "measured 1/50"
    assert len(stamps_of(texts)) == len(again) + len(texts.forms)
