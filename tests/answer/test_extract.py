"""Passages to sentences: verbatim, each once, weighed between 0 and 1, whatever the model."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from fakes import FakeIndex, FakeReader

from rag import Article, Hit, Passage
from rag.answer.calibration import OWN, Calibration, Logistic, load
from rag.answer.extract import ANSWER, LEXICAL, ByReader, ByVectors, candidates_of, measure, read
from rag.question.rewrite import understand
from rag.types import Part, Reading

ARTICLE = Article(
    "Police held 312 people in Kratie. They came from China.\n\nGen. Khieu praised the raid.",
    title="Raid",
    id="raid",
)
OTHER = Article(
    "A bridge opened in Siem Reap. It cost $3.4 million.",
    title="Bridge",
    id="bridge",
    source="The Post",
)
BY_ID = {article.id: article for article in (ARTICLE, OTHER)}
QUESTION = "How many people did police hold in Kratie?"

# Of all that is measured, only what the reader says counts.
READER_ONLY = Calibration(
    "fake",
    "fake",
    Logistic(dict.fromkeys(LEXICAL, 0.0) | {"reader": 1.0}, -2.0),
    Logistic(dict.fromkeys(ANSWER, 0.0) | {"sentence": 0.5}, 1.0),
)


def hit(article, start=0, end=None):
    end = len(article.text) if end is None else end
    return Hit(Passage(article.id, start, end, article.text[start:end]), 1.0, 0.5, 2.0)


def weigh(encoder, hits, articles=(ARTICLE,), question=QUESTION):
    """The sentences of `hits` weighed by vectors, and the confidence."""
    asked = understand(question)
    (vector,) = encoder.encode_queries([str(asked)])
    meaning = ByVectors(vector, encoder.encode_queries)
    return read(asked, hits, FakeIndex(articles), meaning, load(OWN, ""))


def read_by(question, *articles, reader=None):
    """The sentences of whole articles weighed by a reader alone, and the confidence."""
    meaning = ByReader(reader or FakeReader(), BY_ID.__getitem__)
    hits = [hit(article) for article in articles]
    return read(question, hits, FakeIndex(BY_ID.values()), meaning, READER_ONLY)


def sigmoid(logit):
    return pytest.approx(1 / (1 + np.exp(-logit)))


def marked(sentence):
    return [sentence.text[start:end] for start, end in sentence.marks]


def test_every_sentence_is_a_slice_of_its_article(fake_encoder):
    found, _ = weigh(fake_encoder, [hit(ARTICLE)])
    assert {s.text for s in found} == {
        "Police held 312 people in Kratie.",
        "They came from China.",
        "Gen. Khieu praised the raid.",
    }
    assert all(ARTICLE.text[s.start : s.end] == s.text for s in found)
    assert {s.article_id for s in found} == {"raid"}


def test_the_most_probable_comes_first(fake_encoder):
    found, confidence = weigh(fake_encoder, [hit(ARTICLE)])
    probabilities = [s.probability for s in found]
    assert probabilities == sorted(probabilities, reverse=True)
    assert all(0 <= p <= 1 and np.isfinite(p) for p in [*probabilities, confidence])


def test_the_sentence_that_answers_comes_first(encoder):
    found, _ = weigh(encoder, [hit(ARTICLE)])
    assert found[0].text == "Police held 312 people in Kratie."


def test_a_sentence_in_two_overlapping_passages_is_read_once(fake_encoder):
    overlapping = [hit(ARTICLE, end=55), hit(ARTICLE, start=34)]
    found, _ = weigh(fake_encoder, overlapping)
    assert sorted((s.start, s.end) for s in found) == [(0, 33), (34, 55), (57, 85)]


def test_the_same_hits_always_give_the_same_sentences(fake_encoder):
    hits = [hit(ARTICLE)]
    assert weigh(fake_encoder, hits) == weigh(fake_encoder, hits)


def test_without_hits_there_is_nothing_to_read(fake_encoder):
    assert weigh(fake_encoder, []) == ([], 0.0)
    assert read_by(understand(QUESTION)) == ([], 0.0)


@pytest.mark.parametrize("question", ["?", "the of", "🙂", "x" * 1000, "ប៉ូលិស"])
@pytest.mark.parametrize(
    "text", ["A.", "🙂 yes.", "…", "no end", "\u202eRTL\u202c.", "e\u0301" * 900]
)
def test_odd_texts_and_questions(fake_encoder, question, text):
    article = Article(text, id="odd")
    found, confidence = weigh(fake_encoder, [hit(article)], [article], question)
    assert all(article.text[s.start : s.end] == s.text for s in found)
    assert all(0 <= p <= 1 for p in [confidence, *(s.probability for s in found)])


def test_a_subheading_is_no_candidate_but_stands_before_one():
    article = Article("The raid\n\nPolice came. They left.", id="raid")
    found = candidates_of([hit(article)], {"raid": article}.__getitem__)
    assert [(c.sentence.text, c.before, c.number) for c in found] == [
        ("Police came.", "The raid", 1),
        ("They left.", "Police came.", 2),
    ]


# What a reader says


def test_probability_and_confidence_are_those_of_the_evidence():
    found, confidence = read_by(understand(QUESTION), ARTICLE)
    # It shares "police", "people", "in" and "Kratie"; the others share nothing.
    assert [s.probability for s in found] == [sigmoid(4 - 2), sigmoid(-2), sigmoid(-2)]
    assert confidence == sigmoid(0.5 * (4 - 2) + 1)


def test_sentences_of_several_hits_get_their_own_readings():
    found, _ = read_by(understand("What opened in Siem Reap?"), ARTICLE, OTHER)
    assert found[0].text == "A bridge opened in Siem Reap."
    assert found[0].probability == sigmoid(4 - 2)


@pytest.mark.parametrize(
    ("logit", "measured"), [(3.5, 3.5), (99, 12), (-99, -12), (float("-inf"), -12)]
)
def test_log_odds_beyond_a_limit_say_no_more(logit, measured):
    candidates = candidates_of([hit(ARTICLE)], BY_ID.__getitem__)[:1]
    rows = measure(understand(QUESTION), candidates, [Reading(logit)], FakeIndex([]))
    assert rows.shape == (1, 1 + len(LEXICAL))
    assert rows[0, 0] == measured


@pytest.mark.parametrize(
    ("question", "sentence", "column", "value"),
    [
        ("How many people?", "Police held 312 people.", "figure", 1),
        ("How many people?", "Police held some.", "figure", -1),
        ("Who came?", "Police held 312 people.", "figure", 0),
        ("Who came?", "Gen. Khieu came.", "name", 1),
        ("Who came?", "they came.", "name", -1),
        ("What happened to the raided people?", "The people were raided.", "covered", 2 / 3),
        ("What happened in Poipet?", "They came to Poipet.", "names_known", 1),
        ("What happened in Poipet?", "They came.", "names_known", 0),
    ],
)
def test_what_is_measured(question, sentence, column, value):
    article = Article(sentence, id="one")
    asked = understand(question)
    candidates = candidates_of([hit(article)], {"one": article}.__getitem__)
    (row,) = measure(asked, candidates, [Reading(0.0)], FakeIndex([]))
    assert row[1 + LEXICAL.index(column)] == pytest.approx(value)


# Marks


class Marking(FakeReader):
    """Marks the first three characters of every sentence that are a figure."""

    def read(self, question, headings, texts, sentences):
        found = super().read(question, headings, texts, sentences)
        for readings, text, spans in zip(found, texts, sentences, strict=True):
            for n, (start, end) in enumerate(spans):
                at = text[start:end].find("3.4")
                mark = (at, at + 3) if at >= 0 else None
                readings[n] = replace(readings[n], mark=mark)
        return found


def test_a_marked_figure_is_made_whole():
    found, _ = read_by(understand("How much did it cost?"), OTHER, reader=Marking())
    assert found[0].text == "It cost $3.4 million."
    assert marked(found[0]) == ["$3.4 million"]


def test_what_is_no_figure_stays_as_it_was_marked():
    found, _ = read_by(understand("What did it do?"), OTHER, reader=Marking())
    assert {tuple(marked(s)) for s in found} == {(), ("3.4",)}


def test_without_a_reader_all_words_of_the_kind_are_marked(fake_encoder):
    question = "How many people came?"
    article = Article("Police held 312 people, of them 27 in Pursat.", id="raid")
    found, _ = weigh(fake_encoder, [hit(article)], [article], question)
    assert marked(found[0]) == ["312", "27"]


# Parts


BOTH = "How many people did police hold in Kratie, and what opened in Siem Reap?"
KRATIE = Part((0, 42), "How many people did police hold in Kratie")
REAP = Part((44, 72), "what opened in Siem Reap")


def log_odds(*parts):
    """By the beginning of each sentence, the log-odds that it serves each of the parts."""
    question = replace(understand(BOTH), parts=parts)
    found, _ = read_by(question, ARTICLE, OTHER)
    return {s.text.split()[0] + " " + s.text.split()[1]: s.parts for s in found}


def test_a_sentence_serves_the_parts_that_it_speaks_of():
    parts = log_odds(KRATIE, REAP)
    assert np.isfinite(parts["Police held"][0])
    assert parts["Police held"][1] == float("-inf")
    assert parts["A bridge"][0] == float("-inf")
    assert np.isfinite(parts["A bridge"][1])


def test_a_part_that_names_a_source_prefers_it():
    plain = log_odds(KRATIE, REAP)["A bridge"]
    named = log_odds(KRATIE, replace(REAP, sources=frozenset({"The Post"})))["A bridge"]
    assert named[1] == pytest.approx(plain[1] + 2.0)
    assert named[0] == plain[0]


@pytest.mark.parametrize("parts", [(), (KRATIE,)], ids=["none", "one"])
def test_a_question_of_one_part_has_none_to_serve(parts):
    assert set(log_odds(*parts).values()) == {()}


@pytest.mark.parametrize(("place", "figure"), [("Kratie", "312"), ("Pursat", "27")])
def test_the_figure_of_the_clause_that_speaks_of_the_matter_is_marked(encoder, place, figure):
    text = "Police arrested 312 people in Kratie, while 27 people were arrested in Pursat."
    both = Article(text, id="both")
    question = f"How many people were arrested in {place}?"
    found, _ = weigh(encoder, [hit(both)], [both], question)
    assert marked(found[0]) == [figure]
