"""Git is asked the right things, and a hostile repository runs nothing of its own."""

import os
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custodiet.errors import GitError
from custodiet.git import Repository, _unquoted


def git(folder, *arguments, **environment):
    subprocess.run(
        ["git", "-c", "user.email=a@example.org", "-c", "user.name=A", *arguments],
        cwd=folder,
        check=True,
        capture_output=True,
        env={**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", **environment},
    )


@pytest.fixture(autouse=True)
def no_personal_configuration(monkeypatch):
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)


@pytest.fixture
def repository(tmp_path):
    folder = tmp_path / "shop"
    folder.mkdir()
    git(folder, "init", "-q", "-b", "main")
    (folder / "a.py").write_text("one\ntwo\nthree\n")
    (folder / "b.py").write_text("".join(f"line {number}\n" for number in range(20)))
    git(folder, "add", ".")
    git(folder, "commit", "-q", "-m", "first")
    return folder


def summary(changes):
    return {change.path: (change.old_path, change.is_removed, change.lines) for change in changes}


def test_a_clean_tree_has_no_changes(repository):
    assert Repository(str(repository)).changed_since("HEAD") == ()
    assert Repository(str(repository)).staged() == ()


def test_changed_lines_are_those_of_the_new_side(repository):
    (repository / "a.py").write_text("zero\none\nthree\nfour\n")
    assert summary(Repository(str(repository)).changed_since("HEAD")) == {
        "a.py": ("a.py", False, ((1, 1), (2, 2), (4, 4)))
    }


def test_new_removed_renamed_and_untracked_files(repository):
    git(repository, "mv", "b.py", "c.py")
    git(repository, "rm", "-q", "a.py")
    (repository / "new.py").write_text("x\ny\n")
    git(repository, "add", "new.py")
    (repository / "free.py").write_text("x\n")
    found = summary(Repository(str(repository)).changed_since("HEAD"))
    assert found == {
        "a.py": ("a.py", True, ()),
        "c.py": ("b.py", False, ()),
        "free.py": (None, False, ((1, 2**31),)),
        "new.py": (None, False, ((1, 2),)),
    }
    assert "free.py" not in summary(Repository(str(repository)).staged())


def test_a_change_touches_the_lines_it_covers(repository):
    (repository / "a.py").write_text("one\n2\nthree\n")
    (change,) = Repository(str(repository)).changed_since("HEAD")
    assert [change.touches(line, line) for line in (1, 2, 3)] == [False, True, False]
    assert change.touches(1, 3)


def test_staged_contents_are_those_of_the_index(repository):
    (repository / "a.py").write_text("staged\n")
    git(repository, "add", "a.py")
    (repository / "a.py").write_text("not staged\n")
    git_repository = Repository(str(repository))
    assert [change.path for change in git_repository.staged()] == ["a.py"]
    assert git_repository.contents("", ["a.py", "none.py"]) == {"a.py": b"staged\n"}
    assert git_repository.contents("HEAD", ["a.py"]) == {"a.py": b"one\ntwo\nthree\n"}


def test_a_repository_without_a_commit_stages_against_nothing(tmp_path):
    git(tmp_path, "init", "-q")
    (tmp_path / "a.py").write_text("x\n")
    git(tmp_path, "add", "a.py")
    assert summary(Repository(str(tmp_path)).staged()) == {"a.py": (None, False, ((1, 1),))}


@pytest.mark.parametrize(
    "name", ["2:b.py", "new\nline.py", 'quo"te.py', "tab\there.py", "ümlaut.py", " b.py ", "-x.py"]
)
def test_strange_names(repository, name):
    (repository / name).write_text("x\n")
    git(repository, "add", "--", name)
    git_repository = Repository(str(repository))
    assert summary(git_repository.staged()) == {name: (None, False, ((1, 1),))}
    assert git_repository.contents("", [name, "a.py"]) == {name: b"x\n", "a.py": b"one\ntwo\nthree\n"}
    git(repository, "commit", "-q", "-m", "second")
    assert git_repository.contents("HEAD", [name]) == {name: b"x\n"}


def test_a_name_that_is_not_unicode_is_told_with_escapes(repository):
    (repository / os.fsdecode(b"caf\xe9.py")).write_text("x\n")
    git(repository, "add", ".")
    assert summary(Repository(str(repository)).staged()) == {"caf\\xe9.py": (None, False, ((1, 1),))}


def test_a_patch_inside_a_file_is_not_read_as_a_patch(repository):
    (repository / "a.py").write_text("--- a/x\n+++ b/b.py\n@@ -1 +1 @@\n")
    assert summary(Repository(str(repository)).changed_since("HEAD")) == {"a.py": ("a.py", False, ((1, 3),))}


def test_the_fork_point_of_a_branch(repository):
    git_repository = Repository(str(repository))
    first = git_repository.commit_of("HEAD")
    git(repository, "checkout", "-q", "-b", "work")
    git(repository, "checkout", "-q", "main")
    (repository / "a.py").write_text("main\n")
    git(repository, "commit", "-qam", "on main")
    git(repository, "checkout", "-q", "work")
    assert git_repository.fork_point("main") == first
    assert git_repository.fork_point("main") != git_repository.commit_of("main")


@pytest.mark.parametrize("ref", ["none", "", "--output=x", "HEAD\0", "HEAD:a.py"])
def test_what_names_no_commit_is_an_error(repository, ref):
    with pytest.raises(GitError, match="names no commit") as refused:
        Repository(str(repository)).commit_of(ref)
    assert refused.value.hint


def test_ignored_paths_and_tracked_ones(repository):
    (repository / ".gitignore").write_text("*.log\nout/\n")
    (repository / "x.log").write_text("")
    (repository / "out").mkdir()
    (repository / "out" / "y.py").write_text("")
    git_repository = Repository(str(repository))
    assert git_repository.ignored(["x.log", "out", "out/y.py", "a.py"]) == {"x.log", "out", "out/y.py"}
    assert git_repository.tracked() == ("a.py", "b.py")


@pytest.mark.parametrize("name", [":(glob)x.log", "a[b].log", "new\nline.log", "-x.log"])
def test_strange_names_can_be_ignored(repository, name):
    (repository / ".gitignore").write_text("*.log\n")
    assert Repository(str(repository)).ignored([name]) == {name}


def test_links_and_submodules_are_no_files(repository):
    (repository / "link.py").symlink_to("a.py")
    git(repository, "add", ".")
    assert Repository(str(repository)).staged() == ()


def test_where_there_is_no_repository(tmp_path):
    with pytest.raises(GitError, match="no git repository"):
        Repository(str(tmp_path)).tracked()


def test_a_repository_above_is_not_meant(repository):
    inner = repository / "inner"
    inner.mkdir()
    with pytest.raises(GitError, match="no git repository"):
        Repository(str(inner)).tracked()


def test_without_git_the_error_says_so(repository):
    with pytest.raises(GitError, match="git is not installed"):
        Repository(str(repository), environment={"PATH": "."})


def test_a_git_in_the_scanned_folder_is_not_run(repository, tmp_path, monkeypatch):
    planted = repository / "git"
    planted.write_text(f"#!/bin/sh\ntouch {tmp_path}/ran\n")
    planted.chmod(0o755)
    monkeypatch.chdir(repository)
    Repository(".", environment={"PATH": f".{os.pathsep}{os.environ['PATH']}"}).tracked()
    assert not (tmp_path / "ran").exists()


def test_the_index_that_a_commit_hook_is_given_counts(repository, monkeypatch):
    (repository / "a.py").write_text("partial\n")
    index = repository / ".git" / "next-index"
    index.write_bytes((repository / ".git" / "index").read_bytes())
    git(repository, "add", "a.py", GIT_INDEX_FILE=str(index))
    assert Repository(str(repository)).staged() == ()
    monkeypatch.chdir(repository)
    with_index = Repository(str(repository), environment={**os.environ, "GIT_INDEX_FILE": ".git/next-index"})
    assert [change.path for change in with_index.staged()] == ["a.py"]


def test_the_index_of_a_linked_work_tree_counts(repository, tmp_path, monkeypatch):
    linked = tmp_path / "linked"
    git(repository, "worktree", "add", "-q", str(linked))
    folder = repository / ".git" / "worktrees" / "linked"
    index = folder / "next-index"
    index.write_bytes((folder / "index").read_bytes())
    (linked / "a.py").write_text("partial\n")
    git(linked, "add", "a.py", GIT_INDEX_FILE=str(index))
    with_index = Repository(str(linked), environment={**os.environ, "GIT_INDEX_FILE": str(index)})
    assert [change.path for change in with_index.staged()] == ["a.py"]
    assert Repository(str(linked)).staged() == ()


def test_an_index_of_another_repository_does_not_count(repository, tmp_path):
    environment = {**os.environ, "GIT_INDEX_FILE": str(tmp_path / "index")}
    assert Repository(str(repository), environment=environment).staged() == ()


def test_inherited_git_variables_do_not_lead_elsewhere(repository, tmp_path):
    other = tmp_path / "other"
    other.mkdir()
    git(other, "init", "-q")
    environment = {**os.environ, "GIT_DIR": str(other / ".git"), "GIT_WORK_TREE": str(other)}
    assert Repository(str(repository), environment=environment).tracked() == ("a.py", "b.py")


def test_a_git_that_hangs_is_ended(repository, tmp_path):
    slow = tmp_path / "bin"
    slow.mkdir()
    (slow / "git").write_text("#!/bin/sh\nexec sleep 30\n")
    (slow / "git").chmod(0o755)
    with pytest.raises(GitError, match="took longer"):
        Repository(str(repository), environment={"PATH": f"{slow}:/bin:/usr/bin"}, timeout_s=0.2).tracked()


class TestHostileRepository:
    """Every program that the configuration of a repository can name would leave a file behind."""

    @pytest.fixture
    def trap(self, tmp_path):
        script = tmp_path / "trap.sh"
        script.write_text(f"#!/bin/sh\necho ran >> {tmp_path}/ran\ncat\n")
        script.chmod(0o755)
        return script

    @pytest.fixture
    def hostile(self, repository, trap):
        hooks = repository / "hooks"
        hooks.mkdir()
        for hook in ("post-index-change", "post-checkout", "pre-commit", "fsmonitor-watchman", "reference-transaction"):
            (hooks / hook).symlink_to(trap)
        (repository / ".gitattributes").write_text("*.py filter=evil diff=evil\n* filter=e=v\n")
        (repository / ".git" / "config").write_text(
            f"""[core]
    repositoryformatversion = 1
    fsmonitor = {trap}
    hooksPath = {hooks}
    pager = {trap}
    editor = {trap}
    askPass = {trap}
    sshCommand = {trap}
    gitProxy = {trap}
    alternateRefsCommand = {trap}
[pager]
    config = {trap}
    ls-files = {trap}
    diff-index = {trap}
    rev-parse = {trap}
[alias]
    diff-index = !{trap}
    cat-file = !{trap}
[diff]
    external = {trap}
[diff "evil"]
    command = {trap}
    textconv = {trap}
[filter "evil"]
    clean = {trap}
    smudge = {trap}
    process = {trap}
    required = true
[filter "e=v"]
    clean = {trap}
[credential]
    helper = !{trap}
[gpg]
    program = {trap}
[log]
    showSignature = true
[interactive]
    diffFilter = {trap}
[protocol]
    allow = always
[protocol "ext"]
    allow = always
[remote "origin"]
    url = ext::{trap}
    uploadpack = {trap}
    promisor = true
    partialclonefilter = blob:none
[extensions]
    partialClone = origin
"""
        )
        return repository

    @staticmethod
    def ask_everything(folder):
        git_repository = Repository(str(folder))
        head = git_repository.commit_of("HEAD")
        git_repository.fork_point("HEAD")
        changes = git_repository.changed_since(head)
        git_repository.staged()
        git_repository.contents(head, ["a.py", "b.py", "gone.py"])
        git_repository.contents("", ["a.py"])
        git_repository.tracked()
        git_repository.ignored(["x.log"])
        return changes

    def test_nothing_of_it_runs(self, hostile, tmp_path):
        (hostile / "a.py").write_text("changed\n")
        os.utime(hostile / "b.py", (1, 1))
        changes = self.ask_everything(hostile)
        assert "a.py" in {change.path for change in changes}
        assert not (tmp_path / "ran").exists()

    def test_a_missing_object_is_not_fetched(self, hostile, tmp_path):
        for folder in (hostile / ".git" / "objects").iterdir():
            if len(folder.name) == 2:
                for item in folder.iterdir():
                    content = subprocess.run(
                        ["git", "cat-file", "-t", folder.name + item.name],
                        cwd=hostile,
                        capture_output=True,
                        text=True,
                        check=False,
                        env={**os.environ, "GIT_ALLOW_PROTOCOL": "none", "GIT_NO_LAZY_FETCH": "1"},
                    )
                    if content.stdout.strip() == "blob":
                        item.chmod(0o644)
                        item.unlink()
        (tmp_path / "ran").unlink(missing_ok=True)
        assert Repository(str(hostile)).contents("HEAD", ["a.py"]) == {}
        assert not (tmp_path / "ran").exists()

    def test_the_trap_itself_works(self, hostile, tmp_path):
        (hostile / "a.py").write_text("changed\n")
        subprocess.run(
            ["git", "diff"], cwd=hostile, capture_output=True, check=False, env={**os.environ, "GIT_PAGER": "cat"}
        )
        assert (tmp_path / "ran").exists()


def test_a_repository_of_another_user_is_refused_with_the_way_out(repository, tmp_path):
    refusing = tmp_path / "bin"
    refusing.mkdir()
    (refusing / "git").write_text(
        "#!/bin/sh\necho \"fatal: detected dubious ownership in repository at '/x'\" >&2\nexit 128\n"
    )
    (refusing / "git").chmod(0o755)
    with pytest.raises(GitError, match="belongs to another user") as refused:
        Repository(str(repository), environment={"PATH": f"{refusing}:/bin:/usr/bin"}).tracked()
    assert f"safe.directory {repository}" in refused.value.hint


names = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=12)


@given(names)
def test_unquoting_is_the_inverse_of_quoting(name):
    escapes = {7: "a", 8: "b", 9: "t", 10: "n", 11: "v", 12: "f", 13: "r", 34: '"', 92: "\\"}
    quoted = "".join(
        f"\\{escapes[byte]}" if byte in escapes else chr(byte) if 32 <= byte < 127 else f"\\{byte:03o}"
        for byte in name.encode()
    )
    assert _unquoted(f'"{quoted}"'.encode()) == name.encode()
