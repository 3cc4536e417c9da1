"""A list of articles in a conversation: each opens where the phrase stands, and no other does."""

from __future__ import annotations

import datetime
import io
import json
import re
import zipfile

import pytest
from lists import listed
from markup import shown, values

from rag import Archive, pack
from rag.chat import conversation
from rag.chat.conversation import Conversation, Exchange
from rag.chat.service import Service
from rag.chat.view import View
from rag.types import Filters
from rag.wording import ENGLISH


@pytest.fixture(scope="module")
def home(tmp_path_factory, fake_encoder):
    _, articles = listed(12)
    folder = tmp_path_factory.mktemp("listed")
    Archive.build(articles.values(), folder, encoder=fake_encoder)
    return folder


@pytest.fixture
def view(home, opened):
    archive = opened(home)
    service = Service(lambda progress: archive, propose=False)
    yield View(service, "visitor", ENGLISH)
    service.close()


@pytest.fixture
def talk(view):
    answer = view.service.archive().ask("Which articles mention Mara Dolin?")
    assert len(answer.listing.articles) == 12
    return Conversation((Exchange(1, answer),))


def marks(html):
    return re.findall(r"<mark[^>]*>(.*?)</mark>", html)


def test_the_page_lists_what_was_counted_and_opens_the_best_quote(view, talk):
    page = view.conversation(talk)
    assert "12 articles of 12 contain" in shown(page)
    _, _, listed = page.partition('<section class="listed">')
    at_once, _, folded = listed.partition("<details>")
    assert (at_once.count("<li>"), folded.partition("</details>")[0].count("<li>")) == (10, 2)
    panel, reader = view.reading(talk.exchanges[0])
    assert panel == ""  # The articles stand in the list, not beside it again.
    assert "Mara Dolin spoke" in shown(reader)


def test_an_article_of_the_list_opens_at_the_phrase(view, talk):
    html = view.article(talk, 1, ("a11", 0, 0))
    assert marks(html) == ["Mara Dolin", "Mara Dolin"]
    assert html.index("active") < html.index("<mark>")
    assert "Quote 1 of 2" in shown(html)
    (start,), (end,) = values(html, "data-start"), values(html, "data-end")
    assert "Quote 2 of 2" in shown(view.article(talk, 1, ("a11", int(start), int(end))))


@pytest.mark.parametrize(
    "place", [("a99", 0, 0), ("a11", 0, 5), ("a11", None, None), (None, 0, 0), (["a11"], 0, 0)]
)
def test_no_other_place_opens(view, talk, place):
    assert ENGLISH("other_conversation") in shown(view.article(talk, 1, place))


def test_a_list_survives_the_browser(talk):
    kept = json.loads(json.dumps(conversation.to_json(talk)))
    assert conversation.from_json(kept) == talk


def test_its_pack_holds_and_its_document_names_the_articles(view, talk):
    made = datetime.datetime(2026, 11, 28, 10, 30, tzinfo=datetime.timezone.utc)
    with zipfile.ZipFile(io.BytesIO(view.evidence(talk, 1, made))) as packed:
        values = json.loads(packed.read("evidence.json"))
    archive = view.service.archive()
    proof = pack.verify(values, archive.article, archive.by_hash)
    assert proof.holds
    assert "lists (1): each article in them" in proof.verified
    document = view.markdown(talk, made.date()).decode()
    assert document.count("\n1. ") == 12


def test_filters_are_those_of_the_exchange(view):
    archive = view.service.archive()
    answer = archive.ask("How many articles are there?", articles=["a1"])
    talk = Conversation((Exchange(1, answer, Filters(articles=("a1",))),))
    assert "There is 1 article." in shown(view.conversation(talk))
