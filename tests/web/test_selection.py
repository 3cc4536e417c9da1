"""What is asked, chosen on the page: filters and the visitor's own documents."""

from __future__ import annotations

import datetime
import json
from pathlib import Path

import gradio as gr
import pytest
from handlers import OWN, add, ask, event, link_of, of, whole
from markup import shown

from rag.chat import conversation, service
from rag.errors import BylineError
from rag.types import Filters
from rag.web.selection import Selection
from rag.wording import ENGLISH

pytestmark = pytest.mark.process


def test_other_filters_are_put_in_force_and_kept_by_the_browser(desk):
    source = next(iter(desk.sessions.fixed.archive().sources))
    sent = event(filters={"sources": [source], "since": "2001-01-01", "until": "", "article": ""})
    page, filters, _, courier = Selection(desk).narrow(
        "en", Filters(), "archive", sent, of("visitor")
    )
    assert filters == Filters((source,), datetime.date(2001, 1, 1))
    assert f">{source}<" in page
    assert "Since 1 January 2001" in page
    assert conversation.filters_of(json.loads(courier.props["filters"])) == filters
    page, filters, _, courier = Selection(desk).narrow(
        "en", filters, "archive", event(filters={}), of("visitor")
    )
    assert filters == Filters()
    assert json.loads(courier.props["filters"]) == {}


def test_values_are_in_force_as_the_archive_spells_them(desk):
    sent = event(filters={"authors": ["bernama"], "formats": ["TEXT"]})
    page, filters, _, courier = Selection(desk).narrow(
        "en", Filters(), "archive", sent, of("visitor")
    )
    assert filters == Filters(authors=("Bernama",), formats=("text",))
    assert conversation.filters_of(json.loads(courier.props["filters"])) == filters
    assert "Author: Bernama" in page


@pytest.mark.parametrize(
    "sent",
    [
        {"sources": ["Nobody's"]}, {"authors": ["Nobody"]}, {"since": "soon"},
        {"article": "nowhere"}, None, [], "x",
    ],
    ids=["source", "author", "day", "article", "none", "list", "text"],
)  # fmt: skip
def test_filters_that_cannot_be_leave_those_there_were(desk, sent):
    before = Filters(since=datetime.date(2001, 1, 1))
    page, filters, _, courier = Selection(desk).narrow(
        "en", before, "archive", event(filters=sent), of("visitor")
    )
    assert (filters, courier) == (before, gr.skip())
    assert page.index('class="note"') < page.index("Since 1 January 2001")


def test_documents_are_added_asked_and_removed(desk, upload):
    file = upload()
    page, files, _, filters, scope = add(desk, file)
    assert "1 article of your own." in page
    assert (files.value, filters, scope) == (None, Filters(), "both")
    assert not Path(file).exists()
    asked = ask(desk, "How many people were on board the ferry?", scope="own")
    assert "21" in asked[0]
    assert 'class="rating"' not in asked[0]
    _, click = link_of(asked[3])
    assert OWN in shown(desk.show("en", asked[3], click, of("visitor"))[0])
    assert OWN not in shown(desk.show("en", asked[3], click, of("another"))[0])
    page, narrowed, filters, scope, _ = Selection(desk).remove("en", Filters(), of("visitor"))
    assert ENGLISH("documents_why") in shown(page)
    assert (filters, scope) == (Filters(), "archive")
    assert "Asks all" in narrowed
    assert ENGLISH("article_gone") in shown(desk.show("en", asked[3], click, of("visitor"))[0])
    assert "no longer here" in ask(desk, "How many?", scope="own")[0]


def test_what_is_asked_is_chosen_and_filters_that_fit_nothing_of_it_go(desk, upload):
    add(desk, upload())
    narrow = Filters(("Own",))
    for scope, kept in (("own", narrow), ("both", narrow), ("archive", Filters())):
        page, filters, chosen, _ = Selection(desk).choose(
            "en", narrow, event(scope=scope), of("visitor")
        )
        assert (filters, chosen) == (kept, scope)
        assert 'class="narrow"' in page
    with pytest.raises(BylineError):
        Selection(desk).choose("en", narrow, event(scope="everything"), of("visitor"))


def test_a_page_that_goes_on_asks_what_it_asked_and_a_new_one_the_archive(desk, upload):
    add(desk, upload())
    assert whole(desk, scope="own")["scope"] == "own"
    assert "the one article there is" in whole(desk, scope="own")["filters"]
    assert whole(desk, scope="everything")["scope"] == "archive"
    Selection(desk).remove("en", Filters(), of("visitor"))
    assert whole(desk, scope="own")["scope"] == "archive"


def test_a_second_upload_leaves_what_is_asked(desk, upload):
    assert add(desk, upload())[4] == "both"
    other = upload("more.jsonl", json.dumps({"text": "The river rose by two metres, it said."}))
    page, *_, scope = add(desk, other, scope="own")
    assert "2 articles of your own." in page
    assert scope == "own"


@pytest.mark.parametrize(
    "content", ["", '{"title": "x"}', "%PDF-1.7"], ids=["empty", "no text", "no PDF"]
)
def test_a_file_that_cannot_be_read_is_listed_and_deleted(desk, upload, content):
    file = upload("<b>.pdf" if content.startswith("%") else "<b>.jsonl", content or " ")
    page, _, _, _, scope = add(desk, file)
    assert scope == "archive"
    assert "&lt;b&gt;" in page
    assert "<b>." not in page
    assert not Path(file).exists()


def test_documents_for_which_there_is_no_room_are_deleted_too(desk, upload, monkeypatch):
    monkeypatch.setattr(service, "COLLECTIONS", 0)
    file = upload()
    page, *_, scope = add(desk, file)
    assert "Too many visitors" in shown(page)
    assert scope == "archive"
    assert not Path(file).exists()


def test_documents_go_with_the_visitor(desk, upload):
    add(desk, upload())
    desk.leave(of("another"))
    assert desk.sessions.fixed.collection("visitor")
    desk.leave(of("visitor"))
    assert desk.sessions.fixed.collection("visitor") is None
    file = upload()
    page, *_, scope = add(desk, file, here=False)
    assert "Reload the page" in page
    assert scope == "archive"
    assert desk.sessions.fixed.collection("visitor") is None
    assert not Path(file).exists()
