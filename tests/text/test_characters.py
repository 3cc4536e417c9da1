"""Characters that are not seen hide no word: from search, phrases, spelling and marks."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.index.bm25 import BM25Index
from rag.index.words import Tokens
from rag.question.answer_type import answer_spans
from rag.question.lexicon import Lexicon
from rag.question.rewrite import understand
from rag.question.spelling import respelt
from rag.text.characters import normalized, plain, spans_of_plain
from rag.text.phrases import occurrences
from rag.text.stems import lasting_stems, stems
from tests.growth import LINEAR, growth
from tests.reading import generated

WORDS = ["incinerator", "office", "harbour", "Kratié", "Orlet", "million", "12"]
HIDDEN = {
    "soft hyphen": "The in\u00adcin\u00ader\u00ada\u00adtor of Or\u00adlet cost 31 mil\u00adlion.",
    "zero-width space": "The incin\u200berator of Or\u200blet cost 31 million.",
    "joiner": "The incin\u2060erator of \ufeffOrlet cost 31\u00a0million.",
    "hyphenated": "The inciner-\nator of Orlet cost 31\nmillion.",
}


@pytest.mark.parametrize("text", HIDDEN.values(), ids=HIDDEN)
def test_a_word_is_found_whatever_stands_in_it(text):
    index = BM25Index.build(Tokens.of([text, "It rained."], [[text], ["It rained."]]))
    for question in ("the incinerator", "Orlet", "31 million"):
        assert index.scores(question).argmax() == 0
        assert index.sentence_scores(question)[0] > 0
        assert index.holding(question).tolist() == [0]


@pytest.mark.parametrize(
    ("text", "phrase", "found"),
    [
        ("an in\u00adcin\u00aderator", "incinerator", "in\u00adcin\u00aderator"),
        ("an incinerator", "in\u00adcin\u00aderator", "incinerator"),
        ("the ﬁre oﬃce.", "fire office", "ﬁre oﬃce"),
        ("4\u00a0million\u202fcrowns", "4 million crowns", "4\u00a0million\u202fcrowns"),
        ("Or\u200blet’s port", "Orlet's", "Or\u200blet’s"),
        ("a well-\nknown man", "well-known", "well-\nknown"),
        ("in Kratie\u0301 today", "Kratié", "Kratie\u0301"),
        ("in Kratié today", "Kratie\u0301", "Kratié"),
    ],
)
def test_a_phrase_is_found_at_its_place(text, phrase, found):
    ((start, end),) = occurrences(text, phrase)
    assert text[start:end] == found
    assert lasting_stems(phrase) <= set(stems(text))


def test_a_zero_width_space_parts_words_of_a_script_without_spaces():
    assert plain("ក\u200bខ") == "ក\u200bខ"
    assert stems("ក\u200bខ") == stems("ក ខ")


def test_a_word_that_is_hyphenated_at_the_end_of_a_line_is_one_and_its_parts_are_too():
    assert stems("an inter-\nnational firm") == stems("an inter national firm international")


def test_a_question_is_asked_in_plain_characters():
    question = understand("How much is “the in\u00adcin\u00aderator” of Or\u00adlet?")
    assert question.text == "How much is “the incinerator” of Orlet?"


def test_figures_are_told_at_their_places():
    text = "It will cost 31\u00a0mil\u00adlion crowns."
    question = understand("How much money will it cost?")
    found = [text[start:end] for start, end in answer_spans(question, text)]
    assert any("31" in one for one in found)


def test_a_name_is_spelt_as_in_an_article_with_soft_hyphens():
    texts = ["Car\u00ado\u00adline El\u00adli\u00adson spoke."] * 3
    held = {stem for text in texts for stem in stems(text)}
    lexicon = Lexicon(
        lambda word: bool(stems(word)) and held.issuperset(stems(word)),
        lambda text: texts if held.issuperset(stems(text)) else [],
        lambda word: False,
    )
    assert (
        respelt(understand("Who is Caroline Elison?"), lexicon).text == "Who is Caroline Ellison?"
    )


letters = st.text("ab\u00ad\u200b\u2060ﬁﬃe\u0301 é-\nក", max_size=30)


@given(letters, letters)
@generated
def test_places_are_those_of_the_plain_characters(text, phrase):
    everything = spans_of_plain(lambda seen: [(n, n + 1) for n in range(len(seen))], text)
    seen = plain(text)
    assert len(everything) == len(seen)
    for character, (start, end) in zip(seen, everything, strict=True):
        assert 0 <= start < end <= len(text)
        assert character in plain(text[start:end]) or character in text[start:end]
    for start, end in occurrences(text, phrase):
        assert plain(text[start:end]).lower().split() or text[start:end]
        assert lasting_stems(phrase) <= set(stems(text))


@pytest.mark.parametrize(
    "piece", ["a\u00ad", "ﬁ", "\u200b", "e\u0301", "x", "a-\n", "\u00ad", "\u0300\u0316"]
)
def test_plain_characters_are_made_in_linear_time(piece):
    assert growth(stems, lambda n: piece * n, 20_000) < LINEAR
    assert growth(lambda text: occurrences(text, "b"), lambda n: piece * n, 20_000) < LINEAR


@given(st.text())
@generated
def test_normal_forms_are_those_of_unicode(text):
    for form in ("NFC", "NFKC", "NFKD"):
        assert normalized(form, text) == unicodedata.normalize(form, text)


def test_a_run_of_marks_as_in_no_language_is_ordered_in_linear_time():
    marks = "a" + "\u0300\u0316" * 400
    assert normalized("NFC", marks).count("\u0316") == 400
    assert (
        growth(lambda text: normalized("NFC", text), lambda n: "\u0300\u0316" * n, 20_000) < LINEAR
    )
