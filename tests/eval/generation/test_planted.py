"""Planted errors: what the makers change, what they leave, and how what is caught is counted."""

from __future__ import annotations

import random
from collections import Counter

import pytest

from eval.generation import planted as measure
from eval.generation.planted.errors import KINDS, SHOWN, Planted
from eval.generation.planted.measure import Row
from eval.generation.planted.names import NameBook
from eval.generation.planted.negations import negation_changes
from eval.generation.planted.numbers import number_changes
from eval.generation.planted.sentences import Sentence
from rag import Article, Passage
from rag.text.stems import stems

CHANCE = 100


def changed(text, changes):
    return [text[:start] + new + text[end:] for (start, end), new in changes]


def numbers(text, article=""):
    """All that the maker of wrong numbers makes of a text, whatever the seed."""
    return {
        new
        for seed in range(CHANCE)
        for new in changed(text, number_changes(text, article, random.Random(seed)))
    }


def negations(text):
    return set(changed(text, negation_changes(text, random.Random(0))))


@pytest.fixture(scope="module")
def sentences(articles):
    return [
        *measure.written(articles),
        *measure.verbatim(articles, measure.VERBATIM, "verbatim", 0),
    ]


@pytest.fixture(scope="module")
def passages(articles, fake_encoder):
    return measure.cut(articles, fake_encoder)


@pytest.fixture(scope="module")
def items(sentences, articles, passages):
    return measure.planted(sentences, articles, passages, 0)


def test_the_bundled_sentences(articles):
    found = measure.written(articles)
    assert len({s.id for s in found}) == len({s.text for s in found}) == 120
    assert {id for s in found for id, _, _ in s.evidence} == {a.id for a in articles}
    halves = [measure.written(articles, half) for half in ("dev", "test")]
    assert [len(half) for half in halves] == [60, 60]
    assert {*halves[0], *halves[1]} == set(found)


def test_no_written_sentence_is_copied(articles):
    texts = " ".join(" ".join(article.text.split()) for article in articles)
    assert not [s.id for s in measure.written(articles) if s.text.rstrip(".") in texts]


def test_verbatim_sentences_stand_in_their_article(articles, sentences):
    texts = {article.id: article.text for article in articles}
    found = [s for s in sentences if s.origin == "verbatim"]
    assert len(found) == measure.VERBATIM
    for sentence in found:
        ((id, start, end),) = sentence.evidence
        assert " ".join(texts[id][start:end].split()) == sentence.text


def test_the_same_errors_every_time(sentences, articles, passages, items):
    assert measure.planted(sentences, articles, passages, 0) == items
    assert measure.planted(sentences, articles, passages, 1) != items


def test_every_sentence_untouched_and_as_many_errors_as_asked(sentences, items):
    assert Counter(item.kind for item in items) == {"": len(sentences)} | dict.fromkeys(KINDS, 50)
    assert len({item.id for item in items}) == len(items)


def test_each_error_is_one_change_of_its_original(items):
    for item in items:
        assert (item.text == item.original) == (item.kind in ("", "label")), item.id
        assert item.text[0] == item.text[0].upper() or not item.text[0].isalpha()


def test_passages_shown_hold_the_evidence(sentences, items):
    evidence = {s.text: s.evidence for s in sentences}
    for item in items:
        cited = [item.shown[label - 1] for label in item.labels]
        assert len(item.shown) == len(set(item.shown)) == SHOWN
        for id, start, end in evidence[item.original]:
            held = any(p.article_id == id and p.start < end and start < p.end for p in cited)
            assert held == (item.kind != "label"), item.id


def test_a_wrong_label_names_a_passage_that_says_something_else():
    rain = "The rain fell on Monday in Kent. It fell on the hills."
    again = "On Monday in Kent the rain fell. Nobody was surprised by that."
    other = "The council met in the evening. It spoke of the new school."
    kept = [Article(text, id=str(n)) for n, text in enumerate((rain, again, other))]
    passages = [Passage(a.id, 0, len(a.text), a.text) for a in kept]
    sentence = Sentence("s", "Rain fell in Kent on Monday.", (("0", 0, 32),), "written")
    found = measure.planted([sentence], kept, passages, 0)
    wrong = [item for item in found if item.kind == "label"]
    assert [[item.shown[n - 1].article_id for n in item.labels] for item in wrong] == [["2"]]


@pytest.mark.parametrize(
    ("text", "never"),
    [
        ("At least 270 people came.", range(271)),
        ("More than one thousand came.", ("More than one hundred came.",)),
        ("Three of his sons came.", ("Two of his sons came.",)),
        ("Up to 40 people came.", range(40, 500)),
        ("About 100 people came.", range(71, 130)),
    ],
    ids=["at least", "more than", "of his", "up to", "about"],
)
def test_a_number_with_a_bound_moves_to_where_it_is_false(text, never):
    known = [n if isinstance(n, str) else None for n in never]
    found = numbers(text, "2 came, 28, 250, 300 and 120 went.")
    assert found
    for new in found:
        assert new not in known
        figures = [int(word) for word in new.replace(",", "").split() if word.isdigit()]
        assert not set(figures) & {n for n in never if isinstance(n, int)}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("They met on 24 July.", "They met on 28 July."),
        ("Two men left.", "Nine men left."),
        ("It cost $1,200.", "It cost $3,400."),
        ("The vote was in 2018.", "The vote was in 2012."),
        ("It ended on Monday.", "It ended on Friday."),
        ("Some 80 men left.", "Some 3,400 men left."),
    ],
)
def test_numbers_of_the_same_article_take_the_format_of_the_one_they_replace(text, expected):
    article = "On 28 May, nine of 3,400 people met in 2012 on Friday."
    assert expected in numbers(text, article)


@pytest.mark.parametrize(
    "text", ["The MI-24 flew.", "In the 1950s it rained.", "An 80-day war.", "At 12:30 it did."]
)
def test_figures_that_count_nothing_are_left(text):
    assert numbers(text, "It had 7 legs in 1911.") == set()


def test_a_number_never_moves_to_its_own_value():
    found = numbers("He paid 20 crowns.", "It took twenty days, 20 nights and twenty-one hours.")
    assert "He paid 21 crowns." in found
    assert "He paid 20 crowns." not in found


STORY = (
    "Mr Otto Brack spoke in Calder. Minister Ida Storm said so in Torvik. President Karl Menn"
    " died in France. Then Storm left."
)
ELSEWHERE = "General Lea Brandt stayed in Multan. Nothing happened in Spain."


def names(text, said=""):
    book = NameBook([Article(STORY, id="a"), Article(ELSEWHERE, id="b")])
    return {
        new
        for seed in range(CHANCE)
        for new in changed(text, book.changes(text, said, ["a"], random.Random(seed)))
    }


def test_a_name_gives_way_to_one_of_the_same_kind():
    assert names("There Otto Brack sang.") == {
        f"There {name} sang."
        for name in (
            "Ida Storm", "Karl Menn", "Lea Brandt", "Otto Storm", "Otto Menn", "Otto Brandt",
        )
    }  # fmt: skip
    assert names("It rained in Calder.") == {"It rained in Torvik.", "It rained in Multan."}
    assert names("It rained in France.") == {"It rained in Spain."}
    assert names("The singer was Storm.") == {
        "The singer was Brack.", "The singer was Menn.", "The singer was Brandt.",
    }  # fmt: skip


def test_a_name_that_the_evidence_has_is_no_error():
    said = "Otto Brack sang with Ida Storm and Karl Menn."
    assert names("Otto Brack sang.", said) == {"Lea Brandt sang.", "Otto Brandt sang."}


@pytest.mark.parametrize("text", ["Otto sang with Storms.", "Otto Brack, Otto Brack sang."])
def test_an_unknown_or_repeated_name_is_left(text):
    assert names(text) == set()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Rainsy did not confirm it.", "Rainsy did confirm it."),
        ("Cambodia does not make cars.", "Cambodia does make cars."),
        ("They do not want it.", "They do want it."),
        ("It wasn't serious.", "It was serious."),
        ("He could not be reached.", "He could be reached."),
        ("He declined to comment.", "He agreed to comment."),
        ("He denied the report.", "He confirmed the report."),
        ("No official came.", "Some official came."),
        ("Nothing illegal happened.", "Something illegal happened."),
        ("They agreed without conditions.", "They agreed with conditions."),
        ("He had never seen it.", "He had seen it."),
    ],
)
def test_a_negation_taken_out(text, expected):
    assert expected in {new[0].upper() + new[1:] for new in negations(text)}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The men were arrested.", "The men were not arrested."),
        ("The men have been arrested.", "The men have not been arrested."),
        ("Police told the men.", "Police did not tell the men."),
        ("The minister said that it rained.", "The minister did not say that it rained."),
        ("They agreed to stop.", "They refused to stop."),
    ],
)
def test_a_negation_put_in(text, expected):
    assert expected in negations(text)


@pytest.mark.parametrize(
    "text",
    [
        "Some men settled in Kent.",
        "It was hot, the minister said.",
        "They have freedom of speech.",
        "The messages leaked by him caused a stir.",
    ],
    ids=["as true as before", "behind its sentence", "no auxiliary", "a participle"],
)
def test_no_negation_where_it_would_be_true_or_no_english(text):
    assert not {new for new in negations(text) if "did not" in new or "have not" in new}


def row(kind, reason, origin="written", stated="number"):
    item = Planted("i", kind, origin, "It was 2.", "It was 3.", (1,), ())
    return Row(item, reason, stated if reason else "")


def test_the_counts():
    rows = [row("number", "no"), row("number", ""), row("", ""), row("", "no", "verbatim", "name")]
    told = measure.summary(rows)
    assert told["all"]["planted"]["number"] == {
        "planted": 2, "caught": 1, "rate": 0.5, "interval": (0.0945, 0.9055),
        "stated": {"number": 1},
    }  # fmt: skip
    assert told["all"]["planted"]["name"]["interval"] == (0.0, 1.0)
    assert told["all"]["untouched"]["struck"] == 1
    assert told["origins"]["written"]["untouched"] == {
        "sentences": 1, "struck": 0, "rate": 0.0, "interval": (0.0, 0.7935), "stated": {},
    }  # fmt: skip
    assert [missed["kind"] for missed in told["missed"]] == ["number"]
    assert [struck["reason"] for struck in told["struck"]] == ["no"]


def test_the_table_lists_what_went_wrong():
    told = measure.table(measure.summary([row("number", ""), row("", "Why not.")]))
    assert "missed i: It was 2." in told
    assert "was: It was 3." in told
    assert "Why not." in told


def test_names_of_the_bundled_articles_are_told_apart(articles):
    kinds = NameBook(articles).kinds
    assert {kinds[name] for name in ("Hun Manet", "Sam Rainsy", "Rubio")} == {"person"}
    assert {kinds[name] for name in ("Pursat", "Multan", "Taipei")} == {"place"}
    assert {kinds[name] for name in ("Cambodia", "Thailand")} == {"country"}
    assert all(stems(name) for name in kinds)
