"""Stems for matching, and the names in a text."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.text.stems import STOP_WORDS, fold, has_word, names, stems


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("Kratié", ["krati"], id="accent"),
        pytest.param("Kratie\u0301", ["krati"], id="combining accent"),
        pytest.param("Việt Nam", ["viet", "nam"], id="two accents on a letter"),
        pytest.param(
            "the U.S., the US told us", ["usa", "usa", "told"], id="acronym with and without points"
        ),
        pytest.param("1,000 and 3.4", ["1,000", "3.4"], id="figures stay whole"),
        pytest.param("10:30, 2017.", ["10:30", "2017"], id="time and year"),
        pytest.param("Hun Sen’s the police's", ["hun", "sen", "polic"], id="possessives"),
        pytest.param("running runs", ["run", "run"], id="stems"),
        pytest.param("a b 5 x", ["5"], id="single letters go, single figures stay"),
        pytest.param("ｆｕｌｌ ﬁne", ["full", "fine"], id="full-width letters and ligatures"),
        pytest.param("谁 提出", ["谁", "提出"], id="Chinese"),
        pytest.param("", [], id="empty"),
        pytest.param(" ".join(STOP_WORDS), [], id="only stop words"),
        pytest.param("!?… “”\n", [], id="no words"),
    ],
)
def test_words(text, expected):
    assert stems(text) == expected


@given(st.text())
def test_any_text_gives_words_that_are_not_blank(text):
    assert all(word.strip() for word in stems(text))


@given(st.text())
def test_letter_case_of_ascii_does_not_matter(text):
    ascii_text = text.encode("ascii", "ignore").decode()
    assert stems(ascii_text.upper()) == stems(ascii_text.lower())


def test_fold_keeps_what_is_no_accent():
    assert fold("Straße, ÅNGSTRÖM & U.N. 50%") == "straße, angstrom & un 50%"


def test_threads_do_not_share_a_stemmer():
    texts = [f"proposing {i} proposals of the ministries" for i in range(200)]
    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(stems, texts)) == [stems(text) for text in texts]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("Who is John F. Kennedy?", ["John F. Kennedy"], id="initial"),
        pytest.param("the U.S. Ambassador", ["U.S. Ambassador"], id="acronym"),
        pytest.param("Ministry of the Interior said", ["Ministry of the Interior"], id="particles"),
        pytest.param("Mohammed bin Salman", ["Mohammed bin Salman"], id="bin"),
        pytest.param("Bank of course", ["Bank"], id="particle without a name after it"),
        pytest.param("Hun Sen’s son Hun Manith", ["Hun Sen", "Hun Manith"], id="possessive"),
        pytest.param("It fell. Acme, Bell", ["Acme", "Bell"], id="sentence and comma"),
        pytest.param("What did WHO say? The", ["WHO"], id="question words, but not an acronym"),
        pytest.param("Jean-Luc O’Neill", ["Jean-Luc O’Neill"], id="hyphen and apostrophe"),
        pytest.param("WHAT IS KOPI, THE DRINK?", ["KOPI", "DRINK"], id="a text in capitals"),
        pytest.param("nobody", [], id="none"),
        pytest.param("", [], id="empty"),
    ],
)
def test_names(text, expected):
    assert [text[start:end] for start, end in names(text)] == expected


@given(st.text() | st.text(st.sampled_from("AaBb.'’s- \nof")))
def test_names_are_ordered_spans_that_begin_with_a_capital(text):
    reached = 0
    for start, end in names(text):
        assert reached <= start < end <= len(text)
        assert text[start].isupper()
        reached = end


FEW = "aÉ_1 -.’"


@given(st.text(FEW), st.text(FEW, min_size=1, max_size=3))
def test_a_word_is_found_as_a_regular_expression_finds_it(text, word):
    assert has_word(text, word) == bool(re.search(rf"\b{re.escape(word)}\b", text))
