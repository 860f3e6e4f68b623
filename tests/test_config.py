"""Where each value of the configuration comes from, and how wrong ones are refused."""

import msgspec
import pytest

from custodiet.config import SETTINGS, Config, declared_knowledge, environment_name, json_schema, load_config
from custodiet.domain.severity import Severity
from custodiet.errors import ConfigError


def write(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return str(path)


def refused(tmp_path, text, **options):
    file = write(tmp_path / "custodiet.toml", text)
    with pytest.raises(ConfigError) as error:
        load_config(str(tmp_path), **options)
    return error.value, file


def test_without_a_file_the_defaults_hold(tmp_path):
    loaded = load_config(str(tmp_path))
    assert loaded.config == Config()
    assert (loaded.file, loaded.root) == ("", str(tmp_path))
    assert set(loaded.origins.values()) == {"default"}


def test_the_nearest_file_wins_and_the_search_ends_at_the_repository(tmp_path):
    write(tmp_path / "custodiet.toml", "jobs = 1\n")
    (tmp_path / "shop" / ".git").mkdir(parents=True)
    (tmp_path / "shop" / "a" / "b").mkdir(parents=True)
    assert load_config(str(tmp_path / "shop" / "a")).config.jobs == 0
    write(tmp_path / "shop" / "pyproject.toml", "[tool.custodiet]\njobs = 2\n")
    assert load_config(str(tmp_path / "shop" / "a" / "b")).config.jobs == 2
    near = write(tmp_path / "shop" / "a" / "custodiet.toml", "jobs = 3\n")
    loaded = load_config(str(tmp_path / "shop" / "a" / "b"))
    assert (loaded.config.jobs, loaded.file, loaded.origins["jobs"]) == (3, near, near)
    assert loaded.root == str(tmp_path / "shop")


def test_a_pyproject_without_our_table_is_passed_over(tmp_path):
    write(tmp_path / "custodiet.toml", "jobs = 1\n")
    write(tmp_path / "shop" / "pyproject.toml", '[project]\ndependencies = ["custodiet"]\n')
    assert load_config(str(tmp_path / "shop")).config.jobs == 1


def test_the_folder_of_the_file_is_the_root_where_there_is_no_repository(tmp_path):
    write(tmp_path / "custodiet.toml", "")
    (tmp_path / "shop").mkdir()
    assert load_config(str(tmp_path / "shop")).root == str(tmp_path)


def test_later_origins_win(tmp_path):
    file = write(tmp_path / "custodiet.toml", 'jobs = 1\nseverity = "low"\nfail_on = "low"\npersona = "strict"\n')
    loaded = load_config(
        str(tmp_path),
        environment={"CUSTODIET_JOBS": "2", "CUSTODIET_SEVERITY": "medium", "CUSTODIET_FAIL_ON": "medium"},
        overrides=["severity=high", "fail_on=high"],
        options={"fail_on": "critical"},
    )
    config = loaded.config
    assert (config.jobs, config.severity, config.fail_on, config.persona) == (2, "high", "critical", "strict")
    assert {key: loaded.origins[key] for key in ("jobs", "severity", "fail_on", "persona", "strict")} == {
        "jobs": "CUSTODIET_JOBS",
        "severity": "--config",
        "fail_on": "command line",
        "persona": file,
        "strict": "default",
    }


def test_isolated_leaves_out_file_and_environment(tmp_path):
    write(tmp_path / "custodiet.toml", "jobs = 1\n")
    loaded = load_config(str(tmp_path), isolated=True, environment={"CUSTODIET_JOBS": "2"}, overrides=["strict=true"])
    assert (loaded.config.jobs, loaded.config.strict) == (0, True)


def test_a_named_file_replaces_the_search(tmp_path):
    write(tmp_path / "custodiet.toml", "jobs = 1\n")
    named = write(tmp_path / "other" / "ci.toml", "jobs = 7\n")
    assert load_config(str(tmp_path), file=named).config.jobs == 7


def test_lists_can_be_extended(tmp_path):
    write(tmp_path / "custodiet.toml", 'exclude = ["a"]\n')
    loaded = load_config(str(tmp_path), additions={"exclude": ("b",)})
    assert loaded.config.exclude == ("a", "b")


def test_lists_in_the_environment_and_in_overrides_are_separated_by_commas(tmp_path):
    loaded = load_config(
        str(tmp_path), environment={"CUSTODIET_SELECT": "weak-hash, cwe:89"}, overrides=['exclude=["a,b", "c"]']
    )
    assert loaded.config.select == ("weak-hash", "cwe:89")
    assert loaded.config.exclude == ("a,b", "c")


def test_an_override_can_reach_into_a_table(tmp_path):
    write(tmp_path / "custodiet.toml", "[rules.weak-hash]\nenabled = false\n")
    config = load_config(str(tmp_path), overrides=["rules.weak-hash.severity=low"]).config
    assert (config.rules["weak-hash"].enabled, config.rules["weak-hash"].severity) == (False, Severity.LOW)


def test_every_setting_has_an_environment_variable(tmp_path):
    values = {"jobs": "3", "max_file_size": "9", "severity": "high", "confidence": "high", "fail_on": "high"}
    for key in SETTINGS:
        text = values.get(key, "strict" if key == "persona" else "false" if key == "respect_gitignore" else "true")
        loaded = load_config(str(tmp_path), environment={environment_name(key): text})
        assert loaded.origins[key] == f"CUSTODIET_{key.upper()}"
        assert getattr(loaded.config, key) != getattr(Config(), key)


def test_paths_are_relative_to_the_folder_of_the_file(tmp_path):
    (tmp_path / ".git").mkdir()
    write(tmp_path / "shop" / "custodiet.toml", 'baseline = "b.json"\nexclude = ["*.log", "/docs", "a/b"]\n')
    config = load_config(str(tmp_path / "shop")).config
    assert config.baseline == str(tmp_path / "shop" / "b.json")
    assert config.exclude == ("/shop/**/*.log", "/shop/docs", "/shop/a/b")


def test_an_unknown_key_is_refused_with_line_and_suggestion(tmp_path):
    error, file = refused(tmp_path, '# our rules\njobs = 1\nfail-on = "high"\n')
    assert str(error) == f"{file}:3: unknown key `fail-on`"
    assert error.hint == "did you mean `fail_on`?"


def test_an_unknown_key_of_a_rule(tmp_path):
    error, file = refused(tmp_path, '[rules.weak-hash]\n\nsevertiy = "low"\n')
    assert str(error).startswith(f"{file}:3: unknown key `severtiy` in `rules")
    assert error.hint == "did you mean `severity`?"


def test_a_wrong_word_is_refused_with_a_suggestion(tmp_path):
    error, file = refused(tmp_path, '\nfail_on = "hihg"\n')
    assert (str(error), error.hint) == (f"{file}:2: `fail_on` cannot be `hihg`", "did you mean `high`?")
    error, _ = refused(tmp_path, 'fail_on = "xyz"\n')
    assert error.hint == "use one of `critical`, `high`, `medium`, `low`"


def test_a_wrong_type_is_refused(tmp_path):
    error, file = refused(tmp_path, 'jobs = "many"\n')
    assert str(error) == f"{file}:1: `jobs`: expected `int`, got `str`"
    assert refused(tmp_path, "jobs = -1\n")[0].what == "`jobs`: expected `int` >= 0"


def test_the_environment_is_named_where_it_is_wrong(tmp_path):
    error, _ = refused(tmp_path, "", environment={"CUSTODIET_JOBS": "many"})
    assert str(error) == "CUSTODIET_JOBS: `jobs`: expected `int`, got `str`"


@pytest.mark.parametrize("text", ["jobs", "=1", "a..b=1"])
def test_an_override_without_key_or_value(tmp_path, text):
    error, _ = refused(tmp_path, "", overrides=[text])
    assert "is no `key=value`" in error.what


def test_what_is_no_toml_is_refused(tmp_path):
    error, file = refused(tmp_path, "jobs = \n")
    assert error.where == file
    assert "not valid TOML" in error.what
    assert refused(tmp_path, "a = " + "[" * 5000)[0].where == file


def test_an_unreadable_file_is_refused(tmp_path):
    (tmp_path / "custodiet.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigError, match="it is not UTF-8"):
        load_config(str(tmp_path))
    with pytest.raises(ConfigError, match="No such file"):
        load_config(str(tmp_path), file=str(tmp_path / "none.toml"))


def test_a_file_that_is_far_too_large_is_refused(tmp_path):
    (tmp_path / "custodiet.toml").write_text("#" * 1_000_001)
    with pytest.raises(ConfigError, match="more than 1,000,000 characters"):
        load_config(str(tmp_path))


KNOWLEDGE = """
[[knowledge.sanitiser]]
name = "shop.text.clean"
clears = ["html"]

[[knowledge.source]]
name = "shop.queue.receive()"
label = "remote"
"""


def test_the_project_declares_what_its_functions_do(tmp_path):
    write(tmp_path / "custodiet.toml", KNOWLEDGE)
    knowledge = declared_knowledge(load_config(str(tmp_path)).config)
    assert [(entry.name, entry.clears) for entry in knowledge.sanitiser] == [("shop.text.clean", ["html"])]
    assert knowledge.source[0].label == "remote"
    assert knowledge.library.packages == ["*"]


def test_without_declarations_the_knowledge_is_empty():
    assert declared_knowledge(Config()).sanitiser == []


def test_a_wrong_declaration_is_refused(tmp_path):
    error, file = refused(tmp_path, '[[knowledge.sanitiser]]\nname = "shop.text.clean"\nclaers = ["html"]\n')
    assert str(error).startswith(f"{file}:3: unknown key `claers`")
    assert error.hint == "did you mean `clears`?"
    error, file = refused(tmp_path, '[[knowledge.sanitizer]]\nname = "x"\n')
    assert error.hint == "did you mean `sanitiser`?"
    assert str(error).startswith(f"{file}:1:")


def test_the_schema_knows_every_key_and_accepts_what_we_accept():
    import jsonschema

    schema = json_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    assert set(schema["properties"]) == set(Config.__struct_fields__)
    assert all(entry.get("description") for entry in schema["properties"].values())
    validator = jsonschema.Draft202012Validator(schema)
    assert validator.is_valid({"fail_on": "high", "knowledge": {"sanitiser": [{"name": "a.b", "clears": ["html"]}]}})
    assert not validator.is_valid({"fial_on": "high"})
    assert not validator.is_valid({"knowledge": {"sanitiser": [{"name": "a.b", "claers": ["html"]}]}})
    assert not validator.is_valid({"fail_on": "hihg"})
    msgspec.json.encode(schema)


def test_a_file_of_another_folder_does_not_move_the_root(tmp_path):
    named = write(tmp_path / "elsewhere" / "ci.toml", "jobs = 1\n")
    (tmp_path / "shop").mkdir()
    assert load_config(str(tmp_path / "shop"), file=named).root == str(tmp_path / "shop")
