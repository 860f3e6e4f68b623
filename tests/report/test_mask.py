import json

import msgspec
import pytest

from custodiet.domain.finding import Edit, Finding, Fix, Incomplete, Step, StepKind
from custodiet.report import FORMATS, render
from custodiet.report.mask import masked
from report.samples import CREDENTIALS, REPORT, SECRET, SOURCES, Texts, at, report_of

SECRET_VALUE = "sk-live-51H8xT2eZ"


def credential(sources, path, text, **fields):
    where = at(path, text, sources)
    return msgspec.structs.replace(SECRET, place=where, steps=(Step(StepKind.SINK, where, "a constant"),), **fields)


def masked_text(source, text):
    sources = Texts({"a.py": source})
    return masked(report_of(credential(sources, "a.py", text)), sources)[1].text("a.py")


@pytest.mark.parametrize("form", sorted(FORMATS))
def test_no_format_shows_a_secret(form):
    elsewhere = Texts(
        SOURCES | {"shop/store.py": SOURCES["shop/store.py"].replace('"""One row."""', f'"""{SECRET_VALUE}"""')}
    )
    loud = msgspec.structs.replace(
        SECRET,
        message=f"the credential {SECRET_VALUE} is a constant",
        steps=(Step(StepKind.SINK, SECRET.place, f"it is {SECRET_VALUE}"),),
        fix=Fix("move it", (Edit(SECRET.place, f'API_KEY = environ.get("API_KEY", "{SECRET_VALUE}")'),), is_safe=False),
    )
    report = msgspec.structs.replace(
        REPORT,
        findings=(loud, *REPORT.findings[1:]),
        incomplete=(Incomplete("a.py", "syntax", f"near {SECRET_VALUE}"),),
    )
    assert SECRET_VALUE not in render(report, form, sources=elsewhere)


def test_columns_stay_true_behind_a_secret():
    source = 'password = "hunter2!"; run(name)\n'
    assert masked_text(source, 'password = "hunter2!"') == 'password = "********"; run(name)\n'


def test_keys_subscripts_and_open_names_are_no_secrets():
    source = 'config["SECRET_KEY"] = connect(host="db.example", user="app", password="s3cret-Value", x={"a": "b"})\n'
    expected = 'config["SECRET_KEY"] = connect(host="db.example", user="app", password="************", x={"a": "*"})\n'
    assert masked_text(source, source.strip()) == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ('if token == "hunter2!":', 'if token == "********":'),
        ('KEYS = ["hunter2!"]', 'KEYS = ["********"]'),
        ('{"password": "hunter2!"}', '{"password": "********"}'),
        ('os.environ["DB_KEY"] = "hunter2!"', 'os.environ["DB_KEY"] = "********"'),
        ("key = b'hunter2!'", "key = b'********'"),
        ('login("bob", "hunter2!")', 'login("***", "********")'),
        (r'key = "hun\"ter2"', 'key = "*********"'),
        ('url = f"postgres://app:hunter2@{host}/db"', 'url = f"********************************"'),
    ],
)
def test_values_are_masked_wherever_they_stand(source, expected):
    assert masked_text(f"{source}\n", source) == f"{expected}\n"


def test_triple_quoted_and_multi_line_secrets_keep_their_lines():
    source = 'KEY = """-----BEGIN\nabc\r\ndef"""\nrest\n'
    sources = Texts({"a.py": source})
    where = msgspec.structs.replace(at("a.py", "KEY", sources), end_line=3, end_column=7)
    report = report_of(msgspec.structs.replace(SECRET, place=where, steps=(Step(StepKind.SINK, where, ""),)))
    assert masked(report, sources)[1].text("a.py") == 'KEY = """**********\n***\r\n***"""\nrest\n'


def test_a_password_that_is_a_word_is_masked_where_it_stands_only():
    sources = Texts({"a.py": 'password = "admin"\n', "b.py": 'if admin and role == "admin":\n'})
    report = report_of(credential(sources, "a.py", 'password = "admin"', message="the password 'admin' of the admin"))
    hidden, safe = masked(report, sources)
    assert safe.text("a.py") == 'password = "*****"\n'
    assert safe.text("b.py") == sources["b.py"]
    assert hidden.findings[0].message == "the password '*****' of the admin"


def test_a_distinct_secret_is_masked_in_other_files_and_findings():
    sources = Texts({"a.py": 'token = "ghp_16C7e42F292c"\n', "b.py": "# ghp_16C7e42F292c\n"})
    other = Finding(
        **{name: getattr(SECRET, name) for name in SECRET.__struct_fields__}
        | {"rule": "log-injection", "message": "ghp_16C7e42F292c is logged", "source_text": "ghp_16C7e42F292c"}
    )
    hidden, safe = masked(report_of(credential(sources, "a.py", "token = "), other), sources)
    assert "ghp_" in str(safe.text("b.py"))  # the place holds no literal: nothing is known to be secret
    hidden, safe = masked(report_of(credential(sources, "a.py", 'token = "ghp_16C7e42F292c"'), other), sources)
    assert safe.text("b.py") == "# ****************\n"
    assert hidden.findings[1].message == "**************** is logged"
    assert hidden.findings[1].source_text == "*" * 16


def test_the_byte_order_mark_does_not_shift_the_mask():
    sources = Texts({"a.py": '\ufeffpassword = "hunter2!"\n'})
    where = at("a.py", 'password = "hunter2!"', {"a.py": sources["a.py"][1:]})
    report = report_of(msgspec.structs.replace(SECRET, place=where, steps=(Step(StepKind.SINK, where, ""),)))
    assert masked(report, sources)[1].text("a.py") == '\ufeffpassword = "********"\n'


def test_a_report_without_secrets_is_left_alone():
    report = report_of(REPORT.findings[2])
    assert masked(report, SOURCES) == (report, SOURCES)


def test_a_missing_file_masks_what_the_finding_itself_says():
    found = json.loads(render(report_of(SECRET, rules=(CREDENTIALS,)), "json", sources=Texts()))["findings"][0]
    assert SECRET_VALUE not in found["sink"]
