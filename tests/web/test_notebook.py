"""The notebook of a reader, as the browser sends it, becomes a file; it is trusted in nothing."""

from __future__ import annotations

import base64
import io
import zipfile

import gradio as gr
import pytest
from handlers import QUESTION, ask, event, of
from markup import shown

from rag.web.notebook import MOST, Notebooks


@pytest.fixture
def pin(desk):
    """A quote of an answer, as the browser keeps it."""
    quote = ask(desk, QUESTION)[3].exchanges[0].answer.citations[0]
    return {
        "question": QUESTION, "article_id": quote.article_id, "start": quote.start,
        "end": quote.end, "quote": quote.quote, "note": "Check.",
    }  # fmt: skip


def take(desk, what, *pins, title="Notes"):
    notebook = {"title": title, "pins": list(pins)}
    return Notebooks(desk).take("en", event(what=what, notebook=notebook), of("visitor"))


@pytest.mark.parametrize("what", ["markdown", "docx", "evidence"])
def test_it_is_taken_away(desk, pin, what):
    courier, part = take(desk, what, pin)
    file = courier.props["file"]
    content = base64.b64decode(file["base64"])
    assert file["name"].startswith("byline-notebook-")
    assert part.props["gone"]["pins"] == []
    if what == "markdown":
        assert pin["quote"][:40] in content.decode()
        assert "Check." in content.decode()
    else:
        with zipfile.ZipFile(io.BytesIO(content)) as zipped:
            assert zipped.testzip() is None


def test_quotes_that_hold_no_more_are_named(desk, pin):
    courier, part = take(desk, "markdown", pin, pin | {"quote": "What nobody wrote"})
    assert part.props["gone"]["pins"] == [1]
    assert "1 quote was left out" in shown(part.value)
    assert b"What nobody wrote" not in base64.b64decode(courier.props["file"]["base64"])


@pytest.mark.parametrize(
    "sent",
    [
        {},
        {"what": "markdown"},
        {"what": "exe", "notebook": {"title": "", "pins": []}},
        {"what": "docx", "notebook": 7},
        {"what": "docx", "notebook": {"title": [], "pins": []}},
        {"what": "docx", "notebook": {"title": "", "pins": [{"question": "x"}]}},
        {"what": "docx", "notebook": {"title": "x" * 3_000_000, "pins": []}},
    ],
    ids=["nothing", "no notebook", "kind", "number", "title", "pin", "long"],
)
def test_what_is_no_notebook_is_refused_kindly(desk, sent):
    courier, part = Notebooks(desk).take("en", event(**sent), of("visitor"))
    assert courier == gr.skip()
    assert "The notebook cannot be read" in shown(part.value)


def test_a_notebook_has_an_end(desk, pin):
    courier, part = take(desk, "markdown", *[pin] * (MOST + 1))
    assert courier == gr.skip()
    assert f"at most {MOST} quotes" in shown(part.value)


def test_the_article_of_a_pinned_quote_is_shown_only_where_it_holds(desk, pin):
    show = Notebooks(desk).show
    assert '<mark class="active">' in show("en", event(pin=pin), of("visitor"))[0]
    for forged in ({"article_id": "../../etc/passwd"}, {"quote": "no"}, {"start": -1}):
        assert "<mark" not in show("en", event(pin=pin | forged), of("visitor"))[0]
    for nothing in (None, 7, {}, pin | {"start": "0"}):
        assert show("en", event(pin=nothing), of("visitor")) == (gr.skip(), gr.skip())
    assert show("", event(pin=pin), of("visitor"))[1].props["page"]["again"]
