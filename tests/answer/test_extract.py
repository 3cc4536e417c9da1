"""Sentences are weighed by what a reader says and the rank of their passage, and words marked."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace

import numpy as np
import pytest
from fakes import FakeReader

from rag import Article, Hit, Passage
from rag.answer import extract
from rag.answer.calibration import Calibration, Logistic
from rag.answer.candidates import Sentence, candidates_of
from rag.answer.extract import ByReader, ByVectors, in_order, measure_answer, ranks, read
from rag.question.rewrite import understand
from rag.types import Part

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


def weights(*measures, bias=0.0, **values):
    return Logistic(dict.fromkeys(measures, 0.0) | values, bias)


# Weights made here: the reader alone scores, and each probability can be worked out by hand.
FITTED = Calibration(
    "fake",
    "fake",
    sentence=weights("span", "rank", reader=1.0),
    answer=weights("odds", "lead", score=0.5, bias=1.0),
    quote=weights(score=1.0, behind=-0.5, bias=-2.0),
    mark=weights("confidence", span=1.0, typed=2.0),
)
BY_COSINE = replace(FITTED, reader="", sentence=weights("covered", "rank", cosine=5.0))


def hit(article, start=0, end=None):
    end = len(article.text) if end is None else end
    return Hit(Passage(article.id, start, end, article.text[start:end]), 1.0, 0.5, 2.0)


def weigh(encoder, hits, articles=(ARTICLE,), question=QUESTION):
    """The sentences of `hits` weighed by vectors, and the confidence."""
    asked = understand(question)
    (vector,) = encoder.encode_queries([str(asked)])
    meaning = ByVectors(vector, encoder.encode_queries, lambda word: 1.0)
    return read(asked, hits, {a.id: a for a in articles}.__getitem__, meaning, BY_COSINE)


def read_by(question, *articles, reader=None, fitted=FITTED):
    """The sentences of whole articles weighed by a reader, and the confidence."""
    meaning = ByReader(reader or FakeReader(), BY_ID.__getitem__)
    return read(question, list(map(hit, articles)), BY_ID.__getitem__, meaning, fitted)


def sigmoid(logit):
    return pytest.approx(1 / (1 + math.exp(-logit)))


def words_of(sentence):
    return [sentence.text[start:end] for start, end in sentence.marks]


# By vectors


def test_the_most_probable_comes_first(fake_encoder):
    found, confidence = weigh(fake_encoder, [hit(ARTICLE)])
    probabilities = [s.probability for s in found]
    assert probabilities == sorted(probabilities, reverse=True)
    assert len(set(probabilities)) > 1
    assert all(0 <= p <= 1 and np.isfinite(p) for p in [*probabilities, confidence])


def test_the_sentence_that_answers_comes_first(encoder):
    found, _ = weigh(encoder, [hit(ARTICLE)])
    assert found[0].text == "Police held 312 people in Kratie."


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


def test_words_are_covered_by_sentence_neighbour_and_heading(fake_encoder):
    rare = {"krati": 3.0}  # Its stem.
    candidates = candidates_of([hit(ARTICLE)], BY_ID.__getitem__)
    meaning = ByVectors(
        fake_encoder.encode_queries(["x"])[0],
        fake_encoder.encode_queries,
        lambda word: rare.get(word, 1.0),
    )
    (cosines, covered) = meaning.measure("police Kratie Raid", [hit(ARTICLE)], candidates)[0].T
    assert cosines == pytest.approx([0, 0, 0], abs=1e-6)
    # All; the sentence before and the heading; the heading alone.
    assert covered == pytest.approx([1, 1, 1 / 5])


def test_vectors_mark_no_words(fake_encoder):
    found, _ = weigh(fake_encoder, [hit(ARTICLE)])
    assert {s.marks for s in found} == {()}


# By a reader


def test_probability_and_confidence_are_those_of_the_regressions():
    found, confidence = read_by(understand(QUESTION), ARTICLE)
    # It shares "police", "people", "in" and "Kratie"; the others share nothing.
    assert [s.probability for s in found] == [sigmoid(4 - 2), sigmoid(-2 - 2), sigmoid(-2 - 2)]
    assert confidence == sigmoid(0.5 * 4 + 1)


def test_sentences_of_several_hits_get_their_own_readings():
    found, _ = read_by(understand("What opened in Siem Reap?"), ARTICLE, OTHER)
    assert found[0].text == "A bridge opened in Siem Reap."
    assert found[0].probability == sigmoid(4 - 2)


def test_of_sentences_read_alike_the_one_of_the_passage_found_first_is_better():
    ranked = replace(FITTED, sentence=weights("span", reader=1.0, rank=1.0))
    found, confidence = read_by(understand("Who?"), OTHER, ARTICLE, fitted=ranked)
    assert [s.article_id for s in found] == ["bridge"] * 2 + ["raid"] * 3
    assert [s.probability for s in found[1:3]] == [sigmoid(-2), sigmoid(-1.5 * math.log(2) - 2)]
    assert confidence == sigmoid(1)


@dataclass(frozen=True)
class Saying(FakeReader):
    """Says the same of every sentence; keeps with which headings it was asked."""

    logit: float = 0.0
    mark_logit: float = 0.0
    headings: list[str] = field(default_factory=list)

    def read(self, question, headings, texts, sentences):
        self.headings.extend(headings)
        return [
            [replace(r, logit=self.logit, mark_logit=self.mark_logit) for r in readings]
            for readings in super().read(question, headings, texts, sentences)
        ]


@pytest.mark.parametrize(
    ("logit", "measured"), [(3.5, 3.5), (99, 12), (-99, -12), (float("-inf"), -12)]
)
def test_log_odds_beyond_a_limit_say_no_more(logit, measured):
    hits = [hit(ARTICLE)]
    candidates = candidates_of(hits, BY_ID.__getitem__)
    for saying in (Saying(logit=logit, mark_logit=1), Saying(logit=1, mark_logit=logit)):
        rows, marks = ByReader(saying, BY_ID.__getitem__).measure(QUESTION, hits, candidates)
        assert rows.shape == (3, 2)
        assert sorted(rows[0]) == sorted((1, measured))
        assert marks == [(7, 11), (0, 4), (0, 3)], "held, They, Gen"


def test_a_passage_is_read_under_the_title_of_its_article():
    saying = Saying()
    read_by(understand(QUESTION), OTHER, ARTICLE, reader=saying)
    assert saying.headings == ["Bridge", "Raid"]


# What is measured


@pytest.mark.parametrize(
    ("scores", "articles", "measured"),
    [
        ([3, 1, 2], "aab", (3, -math.log(math.exp(-2) + math.exp(-1) + math.exp(-3)), 1)),
        ([3, 1, 2], "abb", (3, -math.log(math.exp(-2) + math.exp(-1) + math.exp(-3)), 1)),
        ([3, 1, 2], "aaa", (3, -math.log(math.exp(-2) + math.exp(-1) + math.exp(-3)), 3)),
        ([2, 2], "ab", (2, -math.log(1 + math.exp(-2)), 0)),
        ([-5], "a", (-5, -5, -5)),
        ([40, 0], "ab", (40, 12, 6)),
    ],
    ids=["another article", "two of another", "one article", "alike", "alone", "far ahead"],
)
def test_what_is_measured_of_a_question(scores, articles, measured):
    """None of them competes with a score of 0."""
    assert measure_answer(np.array(scores, float), list(articles)) == pytest.approx(measured)


def test_the_rank_is_that_of_the_passage():
    candidates = candidates_of([hit(OTHER), hit(ARTICLE)], BY_ID.__getitem__)
    assert ranks(candidates) == pytest.approx([0, 0, *[-math.log(2)] * 3])


# Marks


class Marking(FakeReader):
    """Marks the figure 3.4, and says with what log-odds."""

    def read(self, question, headings, texts, sentences):
        found = super().read(question, headings, texts, sentences)
        for readings, text, spans in zip(found, texts, sentences, strict=True):
            for n, (start, end) in enumerate(spans):
                at = text[start:end].find("3.4")
                mark = (at, at + 3) if at >= 0 else None
                readings[n] = replace(readings[n], mark=mark, mark_logit=1.5)
        return found


@pytest.mark.parametrize(
    ("question", "words", "logit"),
    [
        ("How much did it cost?", "$3.4 million", 1.5 + 2),
        ("What did it do?", "3.4", 1.5),
        ("When did it open?", "3.4", 1.5 - 2),
    ],
    ids=["of the kind asked for", "no kind asked for", "of another kind"],
)
def test_marks_and_how_probably_they_are_right(question, words, logit):
    found, _ = read_by(understand(question), OTHER, reader=Marking())
    one, other = sorted(found, key=lambda s: s.start, reverse=True)
    assert (one.text, words_of(one)) == ("It cost $3.4 million.", [words])
    assert one.mark_probability == sigmoid(logit)
    assert other.marks == ()


@pytest.mark.parametrize(
    ("question", "text", "mark", "words", "typed"),
    [
        ("What opened?", "A bridge opened.", "idg", "bridge", 0),
        ("What opened?", "A bridge opened.", "bridge opened", "bridge opened", 0),
        ("Why did it rise?", "It rose for rain.", "for r", "for rain", 0),
        ("How much did it cost?", "It cost $3.4 million.", "3.4", "$3.4 million", 1),
        ("How much did it cost?", "It cost $3.4 million.", "cost $3.4", "$3.4 million", 1),
        ("How much did it cost?", "It cost $3.4 million.", "It", "It", -1),
        ("When did it close?", "It closed on 4 May 2023.", "May", "4 May 2023", 1),
        ("Who came?", "Khieu Sopheak of Kep came.", "Sopheak of Kep", "Khieu Sopheak of Kep", 1),
        ("Who came?", "they came.", "they", "they", -1),
        ("What did it do?", "It came (twice).", "(", "(", 0),
    ],
)
def test_marked_words_are_made_whole(question, text, mark, words, typed):
    start = text.index(mark)
    spans, found = extract.marked(understand(question), text, (start, start + len(mark)))
    assert [text[a:b] for a, b in spans] == [words]
    assert found == typed


# Parts


BOTH = "How many people did police hold in Kratie, and what opened in Siem Reap?"
KRATIE = Part((0, 42), "How many people did police hold in Kratie")
REAP = Part((44, 72), "what opened in Siem Reap")


def read_parts(*parts):
    """By its first word, each sentence read for these parts; and the confidence."""
    found, confidence = read_by(replace(understand(BOTH), parts=parts), ARTICLE, OTHER)
    return {s.text.split()[0]: s for s in found}, confidence


def test_each_part_is_read_for_by_itself():
    found, confidence = read_parts(KRATIE, REAP)
    # "in" is a word of both.
    assert {name: s.parts for name, s in found.items()} == {
        "Police": (4, 1), "A": (1, 4), "They": (0, 0), "Gen.": (0, 0), "It": (0, 0),
    }  # fmt: skip
    assert [*found][:2] == ["Police", "A"]
    assert found["Police"].probability == found["A"].probability == sigmoid(4 - 2)
    assert confidence == sigmoid(0.5 * 4 + 1)


def test_words_are_marked_as_the_part_that_a_sentence_serves_best_has_them():
    found, _ = read_parts(KRATIE, REAP)
    # The fake reader marks the first word that is not of the question.
    assert words_of(found["Police"]) == ["held"]
    alone, _ = read_parts(REAP, REAP)
    assert words_of(alone["Police"]) == ["Police"]


def test_a_part_that_names_a_source_prefers_it():
    found, confidence = read_parts(KRATIE, replace(REAP, sources=frozenset({"The Post"})))
    assert found["A"].parts == (1, 4 + 2)
    assert found["It"].parts == (0, 2)
    assert found["Police"].parts == (4, 1)
    assert confidence == sigmoid(0.5 * (4 + 2) + 1)


@pytest.mark.parametrize("parts", [(), (KRATIE,)], ids=["none", "one"])
def test_a_question_of_one_part_has_none_to_serve(parts):
    assert {s.parts for s in read_parts(*parts)[0].values()} == {()}


# The order of passages


def test_passages_come_in_the_order_of_what_was_read_in_them():
    first, second, third = hit(ARTICLE, 0, 33), hit(ARTICLE, 34, 85), hit(OTHER)
    silent = hit(OTHER, 0, 1)
    read_in = [
        Sentence("bridge", 30, 51, OTHER.text[30:51]),
        Sentence("raid", 34, 55, ARTICLE.text[34:55]),
        Sentence("raid", 0, 33, ARTICLE.text[0:33]),
    ]
    assert in_order([silent, first, second, third], read_in) == [third, second, first, silent]
    assert in_order([first, silent, second], []) == [first, silent, second]
