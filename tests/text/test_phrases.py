"""Where a phrase stands in a text: whole words, whatever their case."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.text.phrases import occurrences
from rag.text.stems import lasting_stems, stems


@pytest.mark.parametrize(
    ("text", "phrase", "found"),
    [
        ("Mara Dolin spoke. MARA DOLIN left; Mara  Dolin’s\nhat.", "mara dolin", 3),
        ("Mara\nDolin and Mara\u00a0Dolin", "Mara Dolin", 2),
        ("Maradolin, Mara Dolins, Tamara Dolin", "Mara Dolin", 0),
        ("Sam Bankman-Fried, Bankman‑Fried", "Bankman-Fried", 2),
        ("McDonald’s and McDonald's", "McDonald’s", 2),
        ("the US told us to join us", "US", 1),
        ("the US told us to join us", "us", 3),
        ("NASA, or Nasa", "NASA", 2),
        ("1,000 or 10.1 or 1:30 or 1. One", "1", 1),
        ("It cost $100, then $1000.", "$100", 1),
        ("ha ha ha", "ha ha", 1),
        ("İstanbul and Mara Dolin", "mara dolin", 1),
        ("ក\u0301a", "ក", 0),
        ("anything", "", 0),
        ("anything", "  ", 0),
        ("", "anything", 0),
    ],
)
def test_whole_words_are_found(text, phrase, found):
    assert len(occurrences(text, phrase)) == found


@given(st.text(max_size=40), st.text(max_size=5))
def test_spans_are_in_order_and_within(text, phrase):
    ends = [0, *(end for span in occurrences(text, phrase) for end in span), len(text)]
    assert ends == sorted(ends)


@given(st.sampled_from(["The United States", "to", "of America", "an american, British", "U.S. UN",
                        "the European", "Union", "kingdom", "12,000 people", "Café", "united"]),
       st.sampled_from(["", " ", " nations of ", "states", " United", " 's"]),
       st.sampled_from(["", " States", " of America", " union", " Kingdom."]))  # fmt: skip
def test_every_text_with_a_phrase_has_its_lasting_stems(phrase, before, behind):
    text = f"{before} {phrase}{behind}"
    if occurrences(text, phrase):
        assert lasting_stems(phrase) <= set(stems(text))
