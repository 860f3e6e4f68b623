"""Laws of repairs: whatever the source and wherever the finding, nothing fails and what is written parses."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from custodiet.domain.finding import Finding
from custodiet.domain.severity import Confidence, Severity
from custodiet.fix import REPAIRS, apply, fix_of
from custodiet.fix.script import Script, place_of, range_of

SOURCE = """
import hashlib, html, jinja2, jwt, os, random, ssl, subprocess, tarfile, tempfile, yaml
import requests
from flask import Flask, make_response, request
from lxml import etree
import sqlite3

app = Flask(__name__)
app.config["DEBUG"] = True


@app.route("/x")
def x(name: str, age=1, *rest, **more):
    c = sqlite3.connect("é.db")
    query = f"SELECT * FROM u WHERE a LIKE '%{name}%' AND b = {age}"
    c.execute(query)
    c.execute("SELECT * FROM u WHERE a = '" + name + "' AND b = %s" % age)
    c.execute("SELECT * FROM u WHERE a = '{}'".format(name))
    os.system(f"ping -c {age} {name}")
    subprocess.run("ls -l " + name, shell=True, check=False)
    y = yaml.load(request.data, Loader=yaml.Loader)
    t = "".join(random.choice("abc") for _ in range(random.randint(1, 9)))
    h = hashlib.md5(name.encode()).hexdigest() + hashlib.new("sha1").hexdigest()
    requests.get(name, verify=False)
    r = make_response(f"<p>{name}</p>" f"{t}")
    r.set_cookie("a", h, secure=False)
    app.logger.info(f"x {name} 100% {y}")
    tarfile.open(name).extractall()
    with open(tempfile.mktemp(), "w") as f:
        f.write("<p>%s</p>" % name)
    jinja2.Environment(autoescape=False)
    etree.XMLParser(resolve_entities=True)
    jwt.decode(t, "k", algorithms=["HS256"], options={"verify_signature": False})
    return "<p>" + name + "</p>", 200


app.run(debug=True)
"""
TEMPLATE = """{% extends "a.html" %}{% autoescape off %}{{ a }}{% endautoescape %}
<a href="{{ b }}" title={{ c|safe }} onclick="go('{{ d }}')">{{ e|safe|upper }}</a>
<script>var x = "{{ f }}", y = {{ g }};</script>"""
STARTS = [match.start() for match in re.finditer(r"(?<![\w.])[\w.]+\(|^ *\S+ =|return|\{[{%]", SOURCE, re.MULTILINE)]


def finding(rule, source, start, end, path):
    return Finding(rule, "", place_of(source, path, start, end), Severity.HIGH, Confidence.HIGH, ())


def check(rule, source, start, end, path="shop.py"):
    found = finding(rule, source, start, end, path)
    fix = fix_of(found, source)
    if fix is None:
        return
    once = apply(source, [fix])
    assert once != source
    assert apply(source, [fix, fix]) == once
    assert not Script(once, path).root.has_error or path.endswith("html")
    again = fix_of(found, once)
    # What stands at the place afterwards may be another flaw (imports move lines), never the same one again.
    assert again is None or apply(once, [again]) != source


@pytest.mark.parametrize("rule", sorted(REPAIRS))
def test_a_finding_anywhere_does_no_harm(rule):
    source = SOURCE.encode()
    for offset in STARTS:
        start = len(SOURCE[:offset].encode())
        start += len(source[start:]) - len(source[start:].lstrip(b" "))
        for end in {start + 1, start + 40, source.find(b"\n", start)}:
            check(rule, source, start, end)


@settings(max_examples=300, deadline=None)
@given(
    rule=st.sampled_from(sorted(REPAIRS)),
    cut=st.tuples(st.integers(0, len(SOURCE)), st.integers(0, 40)),
    junk=st.text("()[]{}'\"\\%,=: \nfaé#", max_size=6),
    start=st.sampled_from(STARTS),
    length=st.integers(0, 80),
)
def test_a_damaged_source_does_no_harm(rule, cut, junk, start, length):
    text = SOURCE[: cut[0]] + junk + SOURCE[cut[0] + cut[1] :]
    source = text.encode()
    check(rule, source, min(start, len(source)), min(start + length, len(source)))


@settings(max_examples=150, deadline=None)
@given(
    rule=st.sampled_from(["cross-site-scripting", "autoescape-disabled"]),
    cut=st.tuples(st.integers(0, len(TEMPLATE)), st.integers(0, 9)),
    junk=st.text("{}%|'\"<>= \nae", max_size=4),
    at=st.integers(0, 12),
)
def test_a_damaged_template_does_no_harm(rule, cut, junk, at):
    text = TEMPLATE[: cut[0]] + junk + TEMPLATE[cut[0] + cut[1] :]
    marks = [match.start() for match in re.finditer(r"\{[{%]", text)]
    start = marks[at % len(marks)] if marks else 0
    end = text.find("}", start) + 2
    check(rule, text.encode(), start, max(start, end), "page.html")


@given(st.text(), st.integers(0, 50), st.integers(0, 50))
def test_places_and_ranges_are_inverse(text, start, length):
    source = text.encode("utf-8", "surrogatepass")
    boundaries = [len(text[:index].encode("utf-8", "surrogatepass")) for index in range(len(text) + 1)]
    first = boundaries[min(start, len(text))]
    last = boundaries[min(start + length, len(text))]
    assert range_of(source, place_of(source, "a.py", first, last)) == (first, last)
