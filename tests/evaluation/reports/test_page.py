"""The page of saved runs: what it says, that it needs nothing else, and that nothing in it runs."""

from __future__ import annotations

import re
import sys
from dataclasses import asdict
from html.parser import HTMLParser

import made
import pytest

from rag.errors import BylineError, InputError
from rag.evaluation.answering import judge
from rag.evaluation.reports.page import write_page
from rag.evaluation.runs.saved import Answered

HOSTILE = "<script>alert('1')</script> & \"$x_{2}$\" ]]> <!-- \u202e\ud800\x1b"
VOID = {"meta", "link", "br"}


class Page(HTMLParser):
    """What a page is made of; fails on tags that do not close each other."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.attributes, self.headings, self.text, self._open = [], [], [], "", []
        self.feed(text)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        self.attributes += [(tag, name, value or "") for name, value in attributes]
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(int(tag[1]))
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.handle_starttag(tag, attributes)
        if tag not in VOID:
            self._open.pop()

    def handle_endtag(self, tag):
        assert self._open.pop() == tag

    def handle_data(self, data):
        self.text += data

    def values(self, name):
        return [value for _, each, value in self.attributes if each == name]


def scored(folder, scores, *, kinds=("",), gold=True, query="Who?", **manifest):
    """A run whose questions score `scores` in every measure and take 10, 20, 30 ... ms."""
    depths = (5, 10, 20, 50, 100)
    names = ["nDCG@10", *(f"R@{depth}" for depth in depths)]
    if gold:
        names += ["paper MRR@10", *(f"evidence recall@{depth}" for depth in depths)]
    rows = [
        made.row(
            at,
            dict.fromkeys(names, score),
            query=f"{query} {at}",
            kind=kinds[at % len(kinds)],
            milliseconds=10 * (at + 1),
            missed=[f"Fact of {query} {at}"] if gold and score < 1 else [],
        )
        for at, score in enumerate(scores)
    ]
    data = {"name": "news", "sha256": "ab12", "articles": 7, "queries": 3, "limit": None}
    return made.run(folder, rows, **{"data": data, **manifest})


def page_of(folder):
    return write_page(folder, None).read_text("utf-8")


@pytest.fixture
def two(tmp_path):
    scored(tmp_path / "one", [0.0, 0.5, 1.0], kinds=("inference", "comparison"))
    scored(tmp_path / "two", [0.5, 0.75, 1.0], kinds=("inference", "comparison"))
    (tmp_path / "notes").mkdir()
    return tmp_path


def test_one_run(tmp_path):
    page = Page(page_of(scored(tmp_path / "a", [0.0, 0.5, 1.0])))
    assert "a on news" in page.text
    assert "articles7" in page.text
    assert "limit" not in page.text.partition("Runs")[0]
    assert page.tags.count("svg") == 3  # No types of question, so no plot of them.
    assert "strong" not in page.tags


def test_several_runs(two):
    text = page_of(two)
    page = Page(text)
    assert "2 runs on news" in page.text
    assert page.tags.count("svg") == 4
    assert "<td>0.5000</td>" in text
    assert "<td><strong>0.7500</strong></td>" in text
    assert "one: median 20 ms, 95th percentile 29 ms" in page.text
    assert "<summary>Manifest of two</summary>" in text


def test_without_gold_facts_there_is_no_plot_of_evidence(tmp_path):
    page = Page(page_of(scored(tmp_path / "a", [0.0, 1.0], gold=False)))
    assert page.tags.count("svg") == 2
    assert "evidence" not in page.text
    assert "By nDCG@10: 1 of 1 that are not perfect." in page.text


def test_the_worst_come_first_and_perfect_ones_not_at_all(tmp_path):
    scores = [1.0, *(at / 50 for at in range(30, 0, -1)), 0.0]
    page = Page(page_of(scored(tmp_path / "a", scores)))
    shown = re.findall(r"Who\? (\d+)q\1 · evidence recall@10 (\d\.\d\d)", page.text)
    assert shown[:2] == [("31", "0.00"), ("30", "0.02")]
    assert len(shown) == 20
    assert "20 of 31 that are not perfect" in page.text
    assert "Fact of Who? 31" in page.text


@pytest.mark.parametrize(
    "changes",
    [{"scores": [0.0]}, {"data": {"name": "other", "sha256": "cd34"}}],
    ids=["fewer questions", "other data"],
)
def test_nothing_is_best_among_runs_that_do_not_compare(tmp_path, changes):
    scored(tmp_path / "a", [0.0, 1.0])
    scored(tmp_path / "b", **{"scores": [0.0, 1.0], **changes}, complete=False)
    page = Page(page_of(tmp_path))
    assert "strong" not in page.tags
    assert "averages do not compare" in page.text
    assert "b is incomplete" in page.text


def test_hostile_text_is_only_text(tmp_path):
    run = scored(
        tmp_path / "$y$ & b", [0.0, 0.5], kinds=(HOSTILE, "_x"), query=HOSTILE,
        data={"name": HOSTILE, "sha256": HOSTILE, HOSTILE: HOSTILE}, **{HOSTILE: HOSTILE},
    )  # fmt: skip
    page = Page(page_of(run))
    assert not {"script", "b", "img", "iframe", "object"} & set(page.tags)
    assert "\x1b" not in page.text
    assert "Fact of <script>alert('1')</script> & \"$x_{2}$\" ]]> <!--" in page.text
    assert "$y$ & b on <script>" in page.text
    assert not any(name.startswith("on") for _, name, _ in page.attributes)


def test_the_page_needs_nothing_else(two):
    text = page_of(two)
    page = Page(text)
    assert not {"script", "link", "img", "iframe", "base", "form"} & set(page.tags)
    for name in ("src", "href", "xlink:href", "srcset", "action", "data"):
        assert all(value.startswith("#") for value in page.values(name))
    assert "default-src 'none'; style-src 'unsafe-inline'" in page.values("content")
    assert not re.search(r"https?:|@import|url\((?!#)", text)


def test_the_page_can_be_read_aloud(two):
    page = Page(page_of(two))
    assert ("html", "lang", "en") in page.attributes
    assert page.headings[:4] == [1, 2, 2, 2]
    steps = zip(page.headings[1:], page.headings, strict=False)
    assert all(after - before <= 1 for after, before in steps)
    assert len(page.values("scope")) == page.tags.count("th")
    drawn = [value for tag, name, value in page.attributes if (tag, name) == ("svg", "aria-label")]
    assert len(drawn) == page.tags.count("svg") == page.tags.count("title") - 1
    assert all(drawn)


def test_no_id_twice_and_none_missing(two):
    page = Page(page_of(two))
    ids = page.values("id")
    assert len(ids) == len(set(ids))
    named = [value[1:] for name in ("href", "xlink:href") for value in page.values(name)]
    named += [value[5:-1] for value in page.values("clip-path")]
    assert named
    assert set(named) <= set(ids)


def test_plots_have_the_pages_own_colours(two):
    text = page_of(two)
    drawn = "".join(re.findall(r"<svg.*?</svg>", text, re.DOTALL))
    assert "var(--run-1)" in drawn
    assert set(re.findall(r"#[0-9a-f]{6}\b", drawn)) == set()


def test_the_same_runs_give_the_same_bytes(two, tmp_path):
    first = write_page(two, tmp_path / "1.html").read_bytes()
    assert write_page(two, tmp_path / "2.html").read_bytes() == first


def test_a_type_that_only_one_run_has_and_more_runs_than_colours(tmp_path):
    for at in range(10):
        scored(tmp_path / f"_{at}", [0.1 * at, 1.0], kinds=("新闻", "" if at else "only here"))
    page = Page(page_of(tmp_path))
    assert "no type" in page.text
    assert "nan" not in page.text


def test_times_that_nobody_measured_are_not_told(tmp_path):
    run = scored(tmp_path / "a", [1.0])
    rows = (
        (run / "rows.jsonl").read_text("utf-8").replace('"milliseconds": 10', '"milliseconds": 0')
    )
    (run / "rows.jsonl").write_text(rows, "utf-8")
    page = Page(page_of(run))
    assert "ms" not in re.findall(r"\w+", page.text)
    assert page.tags.count("svg") == 2
    assert "0 of 0 that are not perfect" in page.text


def test_times_that_one_of_the_runs_has(tmp_path):
    scored(tmp_path / "a", [1.0, 0.5])
    made.run(tmp_path / "b", [made.row(at, {"nDCG@10": 1.0}, milliseconds=0) for at in range(2)],
             data={"name": "news", "sha256": "ab12"})  # fmt: skip
    page = Page(page_of(tmp_path))
    assert "a: median 15 ms" in page.text
    assert "b: not measured" in page.text


def test_a_page_that_cannot_be_written(two):
    with pytest.raises(InputError, match=r"cannot be written .* --out"):
        write_page(two, two / "no" / "such.html")


@pytest.mark.parametrize("package", ["matplotlib.figure", "jinja2"])
def test_without_a_package(two, monkeypatch, package):
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(BylineError, match=re.escape("pip install 'byline[eval]'")):
        write_page(two, None)


def answered(number, answerable, confidence, shown=()):
    """A row of a run of answers, whose first sentence is not right."""
    failure = judge.OTHER_ARTICLE if answerable else ""
    answer = Answered(answerable, confidence, "answered", "27", 0, 0, 0, failure)
    measures = {"first right": 0.0} if answerable else {}
    return made.row(number, measures, passages=list(shown), answer=asdict(answer))


def test_the_page_shows_what_was_marked(tmp_path):
    shown = [{"right": False, "quote": "<b>27</b> men & more"}]
    rows = [answered(0, True, 0.9), answered(1, False, 0.8, shown), answered(2, False, 0.1)]
    html = page_of(made.run(tmp_path / "a", rows, settings={"threshold": 0.5}))
    assert "&lt;b&gt;27&lt;/b&gt; men &amp; more" in html
    assert "q1 · confidence 0.80 · unanswerable, answered · marked: 27" in html
    assert html.index("q0 · confidence 0.90") < html.index("q1 · confidence 0.80")
    assert "2 of 2 whose first sentence is not right" in html
