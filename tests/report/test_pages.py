"""The formats that people read in a browser: HTML and Markdown."""

import base64
import hashlib
import re
from html.parser import HTMLParser

import msgspec
import pytest

from custodiet.domain.finding import Incomplete, Step, StepKind
from custodiet.domain.place import Place
from custodiet.report import html, markdown, render
from report.samples import CLEAN, INJECTION, REPORT, SECRET, SOURCES, Texts, report_of

VOID = {"meta", "input", "rect", "br"}
HOSTILE = (
    "</script></style><script>alert(1)</script><img src=x onerror=alert(1)>\"'`|*_[x](http://evil.example) @someone"
)
HOSTILE_PLACE = Place("shop/<b>|`.py", 1, 1, 1, 30)
HOSTILE_FINDING = msgspec.structs.replace(
    INJECTION,
    message=HOSTILE,
    function=HOSTILE,
    place=HOSTILE_PLACE,
    steps=(Step(StepKind.SOURCE, HOSTILE_PLACE, HOSTILE), Step(StepKind.SINK, HOSTILE_PLACE, HOSTILE)),
    fingerprint='"><script>',
    fix=None,
)
HOSTILE_REPORT = report_of(HOSTILE_FINDING, incomplete=(Incomplete("<i>|`", "syntax", HOSTILE),))
HOSTILE_SOURCES = Texts({HOSTILE_PLACE.path: f"x = 1 # ``` ````` {HOSTILE}\n"})


class Page(HTMLParser):
    """What a browser would build: every tag with its attributes, the tree checked for balance."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.tags, self.stack, self.texts = [], [], []
        self.feed(text)
        self.close()
        assert self.stack == []

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.stack.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.stack.pop() == tag

    def handle_data(self, data):
        self.texts.append((self.stack[-1] if self.stack else "", data))

    def all(self, tag):
        return [attributes for name, attributes in self.tags if name == tag]


def page_of(report, sources=SOURCES):
    return Page(render(report, "html", sources=sources))


def sample(report):
    return (report, HOSTILE_SOURCES if report is HOSTILE_REPORT else SOURCES)


@pytest.mark.parametrize("report", [REPORT, CLEAN, HOSTILE_REPORT], ids=["full", "clean", "hostile"])
class TestEveryPage:
    def test_nothing_is_loaded_from_elsewhere(self, report):
        page = page_of(*sample(report))
        for tag, attributes in page.tags:
            assert tag not in {"link", "img", "iframe", "object", "embed", "base", "audio", "video", "source"}
            assert not set(attributes) & {"src", "srcset", "style", "action", "background"}
            assert not any(name.startswith("on") for name in attributes)
            if tag == "a":
                assert attributes["href"].startswith(("#", "https://cwe.mitre.org/", "https://owasp.org/"))
        assert "url(" not in html._resource("page.css")
        assert "@import" not in html._resource("page.css")

    def test_the_policy_allows_its_own_style_and_script_only(self, report):
        page = page_of(*sample(report))
        policy = next(one["content"] for one in page.all("meta") if "http-equiv" in one)
        (script,) = [data for tag, data in page.texts if tag == "script"]
        (style,) = [data for tag, data in page.texts if tag == "style"]
        digests = [base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in (style, script)]
        assert policy == (
            f"default-src 'none'; style-src 'sha256-{digests[0]}'; script-src 'sha256-{digests[1]}'; "
            "base-uri 'none'; form-action 'none'"
        )

    def test_it_has_a_language_a_title_one_heading_and_unique_ids(self, report):
        page = page_of(*sample(report))
        assert page.all("html") == [{"lang": "en"}]
        assert len(page.all("title")) == len(page.all("h1")) == len(page.all("main")) == 1
        ids = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
        assert len(ids) == len(set(ids))


def test_a_finding_unfolds_into_its_flow():
    page = page_of(REPORT)
    articles = page.all("article")
    assert [one["data-severity"] for one in articles] == ["critical", "high", "medium"]
    assert articles[0]["id"] == "finding-5f0c9e7d1a2b3c4d"
    assert [one["class"] for one in page.all("li") if "class" in one] == ["source", "call", "propagation", "sink"]
    marked = [data for tag, data in page.texts if tag == "mark"]
    assert marked[:4] == [
        "request.args",
        'find_user(sqlite3.connect("shop.db"), name)',
        "f\"SELECT * FROM users WHERE name = '{name}'\"",
        "cursor.execute(query)",
    ]


def test_bars_are_in_proportion():
    report = report_of(SECRET, SECRET, SECRET, SECRET, INJECTION)
    bars = [one for one in page_of(report).all("rect") if one.get("class") in {"critical", "high"}]
    assert [(one["class"], one["width"]) for one in bars] == [
        ("critical", "25"),
        ("high", "100"),
        ("high", "100"),
        ("critical", "25"),
    ]


def test_hostile_text_stays_text_on_the_page():
    page = page_of(HOSTILE_REPORT, HOSTILE_SOURCES)
    assert len(page.all("script")) == 1
    assert any(HOSTILE.split("`", maxsplit=1)[0] in data for _, data in page.texts)


def test_over_the_limit_the_page_says_what_is_left_out(monkeypatch):
    monkeypatch.setattr(html, "MOST_FINDINGS", 1)
    text = render(REPORT, "html", sources=SOURCES)
    assert text.count("<article") == 1
    assert "2 further findings of lower severity are left out." in text


def test_overlong_lines_are_cut_around_the_mark():
    sources = Texts({"a.py": "a" * 100_000 + "run(b)" + "c" * 100_000 + "\n"})
    where = Place("a.py", 1, 100_001, 1, 100_007)
    found = msgspec.structs.replace(INJECTION, place=where, steps=(Step(StepKind.SINK, where, ""),), fix=None)
    text = render(report_of(found), "html", sources=sources)
    assert len(text) < 40_000
    assert "…aaaa" in text
    assert "<mark>run(b)</mark>ccc" in text


def test_markdown_has_a_table_on_top_and_the_flow_folded():
    text = render(REPORT, "markdown", sources=SOURCES)
    assert text.startswith(
        """\
## Custodiet

**3 findings** in 5 files, 1 template, 1,240 lines: 🔴 1 critical · 🟠 1 high · 🟡 1 medium (1 hidden by comments).

| Severity | Rule | Place | What |
| --- | --- | --- | --- |
| 🔴 critical | `sql-injection` | `shop/store.py:5` | flask.request.args reaches the SQL text of sqlite3.Cursor.execute |
| 🟠 high | `hard-coded-credentials` | `shop/settings.py:3` | the credential `API_KEY` is a constant |
| 🟡 medium | `certificate-check-disabled` | `shop/settings.py:8` | requests.get does not check the certificate of the server |

<details><summary>🔴 <b>sql-injection</b> <code>shop/store.py:5</code></summary>

flask.request.args reaches the SQL text of sqlite3.Cursor.execute

1. **source** `shop/views.py:12:12` a query parameter of the request is read

   ```python
   12 |     name = request.args["name"]
      |            ^^^^^^^^^^^^
   ```

2. **call** `shop/views.py:13:12` handed to `find_user` as `name`
"""
    )
    assert text.count("<details>") == text.count("</details>") == 4


def test_a_clean_summary_is_one_sentence():
    assert render(CLEAN, "markdown", sources=SOURCES) == "## Custodiet\n\n✅ **No findings** in 5 files, 1,240 lines.\n"


def test_hostile_text_is_no_markup_in_markdown():
    text = render(HOSTILE_REPORT, "markdown", sources=HOSTILE_SOURCES)
    outside = re.sub(r"(?ms)^ *(`{3,})\w*$.*?^ *\1$|(`+)(?!`).*?(?<!`)\2(?!`)", "", text)
    assert "<script" not in outside
    assert "<img" not in outside
    assert "evil.example)" not in re.sub(r"\\.", "", outside)
    assert "@someone" not in outside
    rows = [line for line in text.splitlines() if line.startswith("| ")]
    assert [len(re.findall(r"(?<!\\)\|", row)) for row in rows] == [5, 5, 5]


def test_a_fence_is_longer_than_any_in_the_code():
    text = render(HOSTILE_REPORT, "markdown", sources=HOSTILE_SOURCES)
    assert "\n   ``````\n" in text


def test_a_comment_that_would_be_too_long_leaves_out_flows_and_says_so():
    many = [msgspec.structs.replace(INJECTION, fingerprint=str(number)) for number in range(500)]
    text = render(report_of(*many), "markdown", sources=SOURCES)
    assert len(text) < 65_536
    assert re.search(r"_The flows of \d+ further findings are left out for length\._", text)
    assert "_300 further findings of lower severity are left out._" in text


def test_code_spans_hold_backticks():
    assert markdown.code("a`b") == "``a`b``"
    assert markdown.code("`a") == "`` `a ``"
    assert markdown.code("a|b") == "`a|b`"


def test_a_bar_in_code_does_not_end_the_cell():
    found = msgspec.structs.replace(INJECTION, message="run `a | b` or c | d")
    text = render(report_of(found), "markdown", sources=SOURCES)
    assert r"| run `a \| b` or c \| d |" in text
    assert "\nrun `a | b` or c \\| d\n" in text
