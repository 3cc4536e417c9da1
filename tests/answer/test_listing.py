"""Questions that count or list articles, asked of a small archive: all that fit, and no others."""

from __future__ import annotations

import datetime
import json
from dataclasses import replace

import pytest

from rag import Archive, Article
from rag.citation import fits, is_verbatim, statements, verified
from rag.export import serialize
from rag.types import Filters, Listing

DAY = datetime.date(2023, 5, 1)
BUDGET = (
    "The board met in Orlet. Mara Dolin chaired the meeting, and Dolin said that the budget would "
    "be cut by a tenth. The harbour, the pier and the lighthouse are to be sold before the summer."
)
ARTICLES = (
    Article("The fish market opened. Mara Dolin cut the ribbon in Orlet.", "Fish market opens",
            "a", "Courier", "Ann Lee", DAY),
    Article(BUDGET, "Budget cut", "b", "Daily News", published=DAY.replace(day=3)),
    Article(BUDGET + " It rained.", "Budget is cut", "c", "Orlet Wire",
            published=DAY.replace(day=3)),
    Article("He did not name her.", "Mayor silent on Mara Dolin", "d", "Courier", "Ann Lee",
            published=DAY.replace(month=6)),
    Article("Piet Ansel, a union leader, said that 96 schools would close.", "Schools", "e",
            "Daily News"),
)  # fmt: skip


@pytest.fixture(scope="module")
def home(tmp_path_factory, fake_encoder):
    folder = tmp_path_factory.mktemp("orlet")
    Archive.build(ARTICLES, folder, encoder=fake_encoder)
    return folder


@pytest.fixture
def town(home, opened):
    return opened(home)


HOLD = "4 articles of 5 contain “Mara Dolin” in title or text."
COPIES = "Copies of one text counted once, they are 3 reports."


@pytest.mark.parametrize(
    ("question", "ids", "text"),
    [
        ("How many articles mention Mara Dolin?", "dbca", f"{HOLD} {COPIES}"),
        ("Which articles mention mara dolin?", "dbca", f"{HOLD.replace('Mara Dolin', 'mara dolin')}"
         f" {COPIES}"),
        ("How many times is Mara Dolin mentioned?", "dbca",
         f"“Mara Dolin” stands 3 times in the texts; in titles: 1. {HOLD} {COPIES}"),
        ("Which sources mention Mara Dolin?", "dbca",
         f"{HOLD} They are from 3 sources: Courier (2), Daily News (1), Orlet Wire (1). {COPIES}"),
        ("How many articles does Courier have?", "da", "2 articles of 5 fit: Courier."),
        ("How many articles were published in May 2023?", "bca",
         "3 articles of 5 fit: 2023-05-01 – 2023-05-31. "
         + COPIES.replace("3", "2")),
        ("Which articles from Courier mention Orlet?", "a",
         "1 article of 5 contains “Orlet” in its title or text. Counted were only: Courier."),
        ("List the articles by Ann Lee", "da", "2 articles of 5 fit: Ann Lee."),
        ("Which articles mention the pier and the summer?", "bc",
         "2 articles of 5 contain all of “pier”, “summer” in title or text. "
         "Copies of one text counted once, they are 1 report."),
        ("How many articles are there?", "dbcae",
         "There are 5 articles. Copies of one text counted once, they are 4 reports."),
    ],
)  # fmt: skip
def test_all_articles_that_fit_are_counted(town, question, ids, text):
    answer = town.ask(question)
    assert (answer.status, answer.text, answer.confidence) == ("answered", text, 1.0)
    assert answer.listing.articles == tuple(ids)
    assert [claim.verdict for claim in answer.claims] == ["count"] * len(answer.claims)
    assert answer.stated
    assert [c.article_id for c in answer.citations] == list(ids)
    assert all(is_verbatim(c, town.article(c.article_id)) for c in answer.citations)
    assert verified(answer, {a.id: a for a in ARTICLES}) == answer


def test_a_quote_is_the_sentence_in_which_the_phrase_stands(town):
    quotes = {
        c.article_id: c.quote for c in town.ask("Which articles mention Mara Dolin?").citations
    }
    assert quotes["a"] == "Mara Dolin cut the ribbon in Orlet."
    assert quotes["d"] == "He did not name her."


@pytest.mark.parametrize(
    ("filters", "ids"),
    [
        ({"sources": ["Courier"]}, "da"),
        ({"since": "2023-05-02"}, "dbc"),
        ({"articles": ["a", "e"]}, "a"),
    ],
)
def test_filters_in_force_are_kept(town, filters, ids):
    answer = town.ask("How many articles mention Mara Dolin?", **filters)
    assert answer.listing.articles == tuple(ids)
    assert answer.listing.searched == town.facets(**filters).articles


def test_a_source_that_is_named_does_not_change_of_how_many(town):
    answer = town.ask("How many articles from Courier mention Mara Dolin?")
    assert (answer.listing.articles, answer.listing.searched) == (("d", "a"), 5)


def test_many_questions_are_answered_as_one_by_one(town):
    questions = ["How many articles mention Orlet?", "Which sources mention Orlet?"]
    assert [a.listing for a in town.ask_many(questions)] == [town.ask(q).listing for q in questions]


def test_nothing_that_fits_is_said_and_no_sentence_answers(town):
    answer = town.ask("How many articles mention Karl Hast?")
    assert (answer.status, answer.text, answer.claims) == ("unanswered", "", ())
    assert answer.notes == ("All 5 articles were looked through, and none fits: “Karl Hast”.",)
    assert answer.listing.articles == ()
    told = town.ask("Which articles mention the closing of the opera?").notes
    assert told == ("All 5 articles were looked through, and none fits: “closing of the opera”.",)


def test_what_was_counted_can_be_listed(town):
    counted = town.ask("How many articles mention Mara Dolin?")
    answer = town.ask("Which ones?", [(counted.question, counted.text)])
    assert answer.listing == counted.listing


def test_what_cannot_be_looked_up_is_declined_with_the_way_to_ask(town):
    answer = town.ask("Which articles mention Mara Dolin or Piet Ansel?")
    assert answer.status == "unanswered"
    assert "Which articles mention" in answer.notes[0]


def test_where_other_things_may_be_meant_the_articles_are_read(town):
    answer = town.ask("How many reports mention ribbons?")
    assert answer.listing is None
    assert all(claim.verdict == "verbatim" for claim in answer.claims)


def test_its_json_describes_every_article(town):
    answer = town.ask("How many articles mention Mara Dolin?")
    values = json.loads(json.dumps(town.to_json(answer)))
    assert values["listing"]["articles"] == ["d", "b", "c", "a"]
    assert values["articles"]["d"]["title"] == "Mayor silent on Mara Dolin"
    assert serialize.from_json(values) == answer


def test_no_model_writes_a_count(town):
    quoted = town.ask("How many articles mention Mara Dolin?")
    assert list(town.pipeline.write(quoted)) == []


# Verified again


LIST = Listing("articles", ("a", "d"), 5, 2, ("Mara Dolin",), "Ann Lee", Filters(("Courier",), DAY))


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, True),
        ({"text": "MARA  DOLIN came."}, True),
        ({"text": "Nobody came.", "title": "By Mara Dolin"}, True),
        ({"text": "Mara Dolins came."}, False),
        ({"source": "Daily"}, False),
        ({"author": "Ann Leeds"}, False),
        ({"author": "Bo Ek and Ann Lee"}, True),
        ({"published": DAY - datetime.timedelta(1)}, False),
        ({"published": None}, False),
    ],
)
def test_whether_an_article_belongs_to_a_list(changes, expected):
    assert fits(LIST, replace(ARTICLES[0], **changes)) is expected


@pytest.mark.parametrize("changes", [{"text": "Nobody came."}, {"source": "Daily"}])
def test_a_list_falls_with_any_of_its_articles(town, changes):
    answer = town.ask("How many articles from Courier mention Mara Dolin?")
    found = {a.id: a for a in ARTICLES} | {"a": replace(ARTICLES[0], **changes)}
    for articles in (found, {"d": ARTICLES[3]}):
        left = verified(answer, articles)
        assert (left.listing, left.claims, left.text) == (None, (), "")


def test_a_count_that_its_list_does_not_say_is_dropped(town):
    answer = town.ask("How many articles mention Mara Dolin?")
    forged = replace(answer.claims[0], text=answer.claims[0].text.replace("4", "40", 1))
    left = verified(replace(answer, claims=(forged,)), {a.id: a for a in ARTICLES})
    assert left.claims == ()


def test_a_large_list_is_said_with_its_number():
    listing = Listing("articles", tuple(map(str, range(12_000))), 30_000, 12_000)
    assert statements(listing) == ("There are 12,000 articles.",)


@pytest.mark.parametrize("wanted", ["articles", "sources", "mentions"])
@pytest.mark.parametrize("phrases", [(), ("",), ("a", "b")])
def test_any_list_that_a_browser_may_send_says_something(wanted, phrases):
    for articles in ((), ("a", "a")):
        listing = Listing(wanted, articles, 1, 9, phrases)
        assert all(statements(listing))
        assert not any(fits(listing, article) for article in ARTICLES if "" in phrases)
