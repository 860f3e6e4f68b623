"""Which files a scan reads."""

import os
import subprocess

import pytest

from custodiet.collect import collect, is_minified, language_of, overlaid, read
from custodiet.config import Config
from custodiet.domain.finding import Incomplete
from custodiet.errors import NoInputError, SourceError


def tree(root, *paths, content=b"x = 1\n"):
    for path in paths:
        file = root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
    return root


def found(root, *paths, **config):
    collection = collect([root / path for path in paths] or [root], Config(**config), root)
    return [file.path for file in (*collection.files, *collection.templates)]


def test_python_files_and_templates_apart_and_in_order(tmp_path):
    tree(tmp_path, "b.py", "a/z.py", "a.py", "page.html", "t/x.jinja2", "templates/feed.xml", "feed.xml", "note.txt")
    collection = collect([tmp_path], Config(), tmp_path)
    assert [file.path for file in collection.files] == ["a.py", "a/z.py", "b.py"]
    assert [file.path for file in collection.templates] == ["page.html", "t/x.jinja2", "templates/feed.xml"]
    assert [(file.name, file.language) for file in collection.files] == [
        ("a", "python"),
        ("a.z", "python"),
        ("b", "python"),
    ]
    assert collection.templates[0].name == "page.html"


def test_the_order_and_repetition_of_paths_change_nothing(tmp_path):
    tree(tmp_path, "a.py", "b/c.py")
    assert found(tmp_path, "b", "a.py", "b/c.py", "") == found(tmp_path)


@pytest.mark.parametrize(
    "folder", [".git", ".venv", "venv", "node_modules", "site-packages", "__pycache__", "build", "x.egg-info"]
)
def test_folders_without_code_of_the_project_are_not_entered(tmp_path, folder):
    tree(tmp_path, f"{folder}/x.py", f"inner/{folder}/x.py", "a.py")
    assert found(tmp_path) == ["a.py"]


def test_a_virtual_environment_is_known_by_its_marker(tmp_path):
    tree(tmp_path, "python311/pyvenv.cfg", "python311/lib/x.py", "a.py")
    assert found(tmp_path) == ["a.py"]


def test_what_is_named_is_scanned_whatever_the_patterns_say(tmp_path):
    tree(tmp_path, "build/x.py", "docs/y.py", ".gitignore", content=b"docs/\n")
    assert found(tmp_path, "build", "docs/y.py", exclude=("docs/",)) == ["build/x.py", "docs/y.py"]


def test_exclude_and_include_are_patterns_like_those_of_git(tmp_path):
    tree(tmp_path, "a.py", "a_pb2.py", "docs/x.py", "src/docs/y.py", "src/z.py")
    assert found(tmp_path, exclude=("*_pb2.py", "/docs/")) == ["a.py", "src/docs/y.py", "src/z.py"]
    assert found(tmp_path, include=("src/",)) == ["src/docs/y.py", "src/z.py"]


@pytest.mark.parametrize("is_repository", [True, False])
def test_gitignore_is_respected(tmp_path, is_repository):
    if is_repository:
        subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    tree(tmp_path, "a.py", "out/x.py", "inner/secret.py", "inner/b.py", "inner/deep/secret.py")
    (tmp_path / ".gitignore").write_text("out/\n")
    (tmp_path / "inner" / ".gitignore").write_text("/secret.py\n")
    assert found(tmp_path) == ["a.py", "inner/b.py", "inner/deep/secret.py"]
    assert "out/x.py" in found(tmp_path, respect_gitignore=False)


def test_a_folder_that_is_named_although_it_is_ignored(tmp_path):
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    tree(tmp_path, "out/x.py", "out/y.py", ".gitignore", content=b"out/\n")
    assert found(tmp_path, "out") == ["out/x.py", "out/y.py"]


def test_a_package_may_be_called_build(tmp_path):
    tree(tmp_path, "shop/build/__init__.py", "shop/build/x.py", "build/lib/x.py")
    assert found(tmp_path) == ["shop/build/__init__.py", "shop/build/x.py"]


def test_what_is_tracked_is_not_ignored(tmp_path):
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    tree(tmp_path, "a.py", "out/x.py")
    subprocess.run(["git", "add", "-f", "out/x.py"], cwd=tmp_path, check=True)
    (tmp_path / ".gitignore").write_text("out/\n")
    assert found(tmp_path) == ["a.py", "out/x.py"]


def test_a_repository_inside_has_its_own_rules(tmp_path):
    for folder in (tmp_path, tmp_path / "vendor"):
        folder.mkdir(exist_ok=True)
        subprocess.run(["git", "init", "-q"], cwd=folder, check=True)
    tree(tmp_path, "vendor/a.py", "vendor/b.py")
    (tmp_path / "vendor" / ".gitignore").write_text("b.py\n")
    assert found(tmp_path) == ["vendor/a.py"]


def test_a_repository_that_git_refuses_is_still_scanned(tmp_path):
    tree(tmp_path, "a.py", "b.py")
    (tmp_path / ".git").write_text("gitdir: /nowhere\n")
    (tmp_path / ".gitignore").write_text("b.py\n")
    assert found(tmp_path) == ["a.py"]


def test_links_to_folders_are_not_followed_and_those_to_files_stay_inside(tmp_path):
    root, outside = tmp_path / "root", tmp_path / "outside"
    tree(root, "a/x.py")
    tree(outside, "secret.py")
    (root / "a" / "loop").symlink_to(root)
    (root / "away.py").symlink_to(outside / "secret.py")
    (root / "again.py").symlink_to(root / "a" / "x.py")
    (root / "broken.py").symlink_to(root / "none.py")
    assert found(root) == ["a/x.py", "again.py"]


def test_a_script_is_known_by_its_first_line(tmp_path):
    tree(tmp_path, "run", content=b"#!/usr/bin/env python3\n")
    tree(tmp_path, "shell", content=b"#!/bin/sh\n")
    tree(tmp_path, "LICENSE", content=b"Python\n")
    assert found(tmp_path) == ["run"]
    assert found(tmp_path, "run") == ["run"]


def test_a_large_file_is_incomplete(tmp_path):
    tree(tmp_path, "a.py")
    tree(tmp_path, "large.py", content=b"x" * 101)
    collection = collect([tmp_path], Config(max_file_size=100), tmp_path)
    assert [file.path for file in collection.files] == ["a.py"]
    assert collection.incomplete == (
        Incomplete("large.py", "too-large", "the file has more than 100 bytes (`max_file_size`)"),
    )


def test_a_file_that_grows_after_it_was_found_is_incomplete(tmp_path):
    tree(tmp_path, "a.py")
    (file,) = collect([tmp_path], Config(), tmp_path).files
    tree(tmp_path, "a.py", content=b"x" * 1000)
    assert read(file, max_file_size=100).reason == "too-large"


def test_what_cannot_be_read_is_incomplete(tmp_path):
    tree(tmp_path, "a.py", "b.py")
    collection = collect([tmp_path], Config(), tmp_path)
    (tmp_path / "a.py").unlink()
    (tmp_path / "b.py").write_bytes(b"x\0y")
    first, second = (read(file, max_file_size=100) for file in collection.files)
    assert (first.path, first.reason, first.detail) == ("a.py", "unreadable", "no such file or directory")
    assert (second.path, second.reason) == ("b.py", "not-text")


def test_a_folder_that_cannot_be_listed_is_incomplete(tmp_path, monkeypatch):
    tree(tmp_path, "a.py", "closed/b.py")
    real = os.scandir

    def scandir(path):
        if os.fspath(path).endswith("closed"):
            raise PermissionError(13, "Permission denied")
        return real(path)

    monkeypatch.setattr(os, "scandir", scandir)
    collection = collect([tmp_path], Config(), tmp_path)
    assert [file.path for file in collection.files] == ["a.py"]
    assert collection.incomplete == (Incomplete("closed", "unreadable", "permission denied"),)
    with pytest.raises(SourceError, match="cannot list"):
        collect([tmp_path / "closed"], Config(), tmp_path)


@pytest.mark.parametrize("name", ["new\nline.py", "quo\"te'.py", "ümlaut.py", " .py", "-x.py", "a\tb.py", "\u202e.py"])
def test_strange_names(tmp_path, name):
    tree(tmp_path, name)
    (file,) = collect([tmp_path], Config(), tmp_path).files
    assert file.path == name
    assert read(file, max_file_size=100) == b"x = 1\n"


def test_a_name_that_is_not_unicode_is_escaped_and_can_be_read(tmp_path):
    tree(tmp_path, os.fsdecode(b"caf\xe9.py"))
    (file,) = collect([tmp_path], Config(), tmp_path).files
    assert file.path == "caf\\xe9.py"
    assert read(file, max_file_size=100) == b"x = 1\n"


def test_a_very_deep_tree(tmp_path):
    folder = tmp_path
    for _ in range(400):
        folder /= "d"
    tree(folder, "a.py")
    (file,) = collect([tmp_path], Config(), tmp_path).files
    assert file.path.count("/") == 400


def test_a_wide_tree_is_quick(tmp_path):
    import time

    for number in range(3000):
        (tmp_path / f"m{number}.py").touch()
    started = time.perf_counter()
    assert len(collect([tmp_path], Config(), tmp_path)) == 3000
    assert time.perf_counter() - started < 2


def test_special_files_are_left_alone(tmp_path):
    tree(tmp_path, "a.py")
    os.mkfifo(tmp_path / "pipe.py")
    assert found(tmp_path) == ["a.py"]
    with pytest.raises(SourceError, match="neither a file nor a folder"):
        found(tmp_path, "pipe.py")


def test_wrong_paths_are_errors(tmp_path):
    tree(tmp_path, "notes.txt")
    with pytest.raises(SourceError, match="no such file"):
        found(tmp_path, "none")
    with pytest.raises(SourceError, match="neither Python nor a template"):
        found(tmp_path, "notes.txt")
    with pytest.raises(NoInputError) as refused:
        found(tmp_path)
    assert refused.value.exit_code == 3


def test_contents_lie_over_the_files(tmp_path):
    tree(tmp_path, "a.py", "b.py", "pkg/c.py")
    collection = collect([tmp_path], Config(), tmp_path)
    laid = overlaid(collection, {"a.py": b"new", "b.py": None, "pkg/__init__.py": b"", "x.txt": b""}, tmp_path)
    assert [(file.path, file.content) for file in laid.files] == [
        ("a.py", b"new"),
        ("pkg/__init__.py", b""),
        ("pkg/c.py", None),
    ]
    assert read(laid.files[0], max_file_size=100) == b"new"
    assert laid.files[1].is_package


def test_only_contents(tmp_path):
    collection = collect([], Config(), tmp_path, {"shop/a.py": b"x"})
    assert [(file.path, file.name) for file in collection.files] == [("shop/a.py", "shop.a")]
    with pytest.raises(NoInputError):
        collect([], Config(), tmp_path)


def test_contents_have_the_names_that_their_place_gives_them(tmp_path):
    tree(tmp_path, "backend/pyproject.toml", "backend/shop/__init__.py", "backend/shop/views.py")
    for paths in ([tmp_path], []):
        laid = collect(paths, Config(), tmp_path, {"backend/shop/views.py": b"x", "backend/shop/new.py": b"y"})
        names = {file.path: file.name for file in laid.files}
        assert names["backend/shop/views.py"] == "shop.views"
        assert names["backend/shop/new.py"] == "shop.new"


def test_packages_above_a_named_file_count_for_its_name(tmp_path):
    tree(tmp_path, "backend/manage.py", "backend/shop/__init__.py", "backend/shop/views.py")
    (file,) = collect([tmp_path / "backend" / "shop" / "views.py"], Config(), tmp_path).files
    assert file.name == "shop.views"


def test_a_file_outside_the_root_keeps_its_whole_path(tmp_path):
    tree(tmp_path, "out/a.py", "root/b.py")
    (file,) = collect([tmp_path / "out"], Config(), tmp_path / "root").files
    assert file.path == f"{tmp_path}/out/a.py"


@pytest.mark.parametrize(
    "path, language",
    [
        ("a.py", "python"),
        ("A.PY", "python"),
        ("a.pyi", ""),
        ("a.html", "template"),
        ("a.html.j2", "template"),
        ("a.mako", "template"),
        ("x/templates/a.xml", "template"),
        ("x/a.xml", ""),
        ("a.js", "javascript"),
        ("a.d.ts", ""),
    ],
)
def test_the_language_of_a_file(path, language):
    assert language_of(path) == language


def test_minified_texts():
    assert is_minified(b"var a=1;" * 2000)
    assert not is_minified(b"# @generated\n# Generated by the protocol buffer compiler.  DO NOT EDIT!\n")
    assert not is_minified(b"x = 1\n" * 2000)
    assert is_minified(b"var a = 1;\n", "static/jquery.min.js")
    assert not is_minified(b"var a = 1;\n", "static/admin.js")
