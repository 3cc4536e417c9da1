"""Misspelt names are read as the articles' own; what may be meant otherwise is left alone."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.question.lexicon import WORD, Lexicon
from rag.question.spelling import respelt
from rag.text.stems import stems
from rag.types import Question

TEXTS = (
    "Caroline Ellison testified. Ellison ran Alameda, and she accused Sam Bankman-Fried.",
    "Sam Bankman-Fried was convicted. Bankman-Fried did not testify, Ellison did.",
    "Gogoro sells scooters. Gogoro goes to India. “India is next,” Gogoro said.",
    "Carlos Alcaraz met Carles Puigdemont. Jan Marsh spoke. Ben Marsh and Jan Marth answered.",
    "The house of the former minister was sold. The House voted, and the house was empty.",
)


def lexicon(texts=TEXTS, whole=()) -> Lexicon:
    """What texts hold, with nothing known to the encoder but `whole`."""
    words = [set(stems(text)) for text in texts]

    def holding(text):
        return [one for one, known in zip(texts, words, strict=True) if known >= set(stems(text))]

    def occurs(word):
        return bool(stems(word)) and bool(holding(word))

    return Lexicon(occurs, holding, lambda word: word in whole)


def said(question: str, known: Lexicon | None = None) -> tuple[str, list[tuple[str, ...]]]:
    """The question as it is read, and key, written and other form of each note."""
    read = respelt(Question(question), known or lexicon())
    return read.text, [(note.key, *(str(v) for _, v in note.values)) for note in read.notes]


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        pytest.param("Elison", "Ellison", id="a letter dropped"),
        pytest.param("Ellisson", "Ellison", id="a letter doubled"),
        pytest.param("Ellisom", "Ellison", id="a letter replaced"),
        pytest.param("Elilson", "Ellison", id="letters swapped"),
        pytest.param("Élison", "Ellison", id="accents do not count"),
        pytest.param("Bankman-Freid", "Bankman-Fried", id="a part of a name with a hyphen"),
        pytest.param("Gogorro's", "Gogoro's", id="possessive"),
    ],
)
def test_a_misspelt_name_is_read_as_the_only_near_one(typed, read):
    text, notes = said(f"What did {typed} say?")
    assert text == f"What did {read} say?"
    ((key, written, form),) = notes
    assert (key, written, form) == (
        "name_read_as", typed.removesuffix("'s"), read.removesuffix("'s"),
    )  # fmt: skip


def test_the_note_says_how_it_is_written_and_how_it_was_read():
    (note,) = respelt(Question("What did Elison say?"), lexicon()).notes
    assert "“Elison” does not occur" in note
    assert "read as “Ellison”" in note
    assert "quotation marks" in note


@pytest.mark.parametrize(
    "question",
    [
        pytest.param("What did Ellison say?", id="as the articles have it"),
        pytest.param("What did “Elison” say?", id="quoted"),
        pytest.param('What did "Caroline Elison" say?', id="quoted with its neighbour"),
        pytest.param("What did elison say to Caroline?", id="lower case beside capitals"),
        pytest.param("What did Elisson say?", id="two edits"),
        pytest.param("What did Allison say?", id="another first letter, too"),
        pytest.param("Who lives in the Hause?", id="near a word that is no name"),
        pytest.param("What happened in 20233?", id="a figure"),
        pytest.param("Who is Bne?", id="three letters"),
        pytest.param("Which one wont?", id="a word that is no name"),
        pytest.param("", id="empty"),
    ],
)
def test_everything_else_stays(question):
    assert said(question) == (question, [])


def test_a_question_without_capitals_is_read_too():
    assert said("what did sam bankman-freid say")[0] == "what did sam bankman-Fried say"
    assert said("where does gogorro go")[0] == "where does Gogoro go"


def test_a_word_that_the_encoder_knows_is_another_name():
    """Unless it stands beside the same name as the near one."""
    known = lexicon(whole={"Elison"})
    assert said("What did Elison say?", known) == ("What did Elison say?", [])
    assert said("What did Caroline Elison say?", known)[0] == "What did Caroline Ellison say?"


def test_of_two_near_names_the_neighbour_decides():
    assert said("What did Carlso Alcaraz say?")[0] == "What did Carlos Alcaraz say?"
    assert said("What did Ben Marh say?")[0] == "What did Ben Marsh say?"


def test_where_it_is_not_sure_names_are_suggested():
    question = "What did Marsth say?"
    assert said(question) == (
        question, [("name_near", "Marsth", "Marsh"), ("name_near", "Marsth", "Marth")],
    )  # fmt: skip
    other = "What did Laura Elison say?"
    assert said(other) == (other, [("name_near", "Elison", "Ellison")])


def test_a_name_that_is_hardly_mentioned_is_only_suggested():
    question = "What did Alcarraz say?"
    assert said(question) == (question, [("name_near", "Alcarraz", "Alcaraz")])


def test_all_names_and_the_context_are_read():
    question = Question("What did Elison say of Gogorro?", context="Who is Sam Bankman-Freid?")
    read = respelt(question, lexicon())
    assert str(read) == "What did Ellison say of Gogoro? (Who is Sam Bankman-Fried?)"
    written = [dict(note.values)["written"] for note in read.notes]
    assert written == ["Elison", "Gogorro", "Bankman-Freid"]


@given(st.text(max_size=60))
def test_any_text_can_be_read(text):
    respelt(Question(text), lexicon())


NAMES = sorted({word for word in WORD.findall(" ".join(TEXTS)) if word[0].isupper()})


@given(st.sampled_from(NAMES), st.data())
def test_whatever_is_read_is_in_the_articles(name, data):
    """Of any edits of a name: it stays, or becomes a word of the articles."""
    place = data.draw(st.integers(1, len(name)))
    typed = name[:place] + data.draw(st.sampled_from("aeln")) + name[place:]
    text, _ = said(f"Who is {typed}?")
    found = text.removeprefix("Who is ").removesuffix("?")
    assert found == typed or found in NAMES
