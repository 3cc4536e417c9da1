"""Questions in a language that neither articles nor encoder know, and English ones that are not."""

from __future__ import annotations

import pytest

from rag.question.language import is_foreign
from rag.question.lexicon import Lexicon

KNOWN = set("users people rugby final country police report pebble million".split())
LEXICON = Lexicon(KNOWN.__contains__, lambda text: [], lambda word: word in {"trial", "date"})


@pytest.mark.parametrize(
    "question",
    [
        "¿Cuántos usuarios tenía Pebble?",
        "Combien de personnes sont mortes dans le séisme ?",
        "Wie viele Nutzer hatte Pebble?",
        "Quanti utenti aveva Pebble?",
        "Hoeveel gebruikers had Pebble?",
        "Berapa banyak pengguna Pebble?",
        "rugby dünya kupası finalini kim kazandı",
    ],
)
def test_another_language_is_foreign(question):
    assert is_foreign(question, LEXICON)


@pytest.mark.parametrize(
    "question",
    [
        pytest.param("How many users did Pebble have?", id="English"),
        pytest.param("Who are Emmanuel Macron and Annalena Baerbock?", id="foreign names"),
        pytest.param("What does “¿Cuántos usuarios tenía?” mean?", id="a quotation"),
        pytest.param("Who scored in the halfpipe?", id="a word that nobody knows"),
        pytest.param("gogorro", id="a name without capitals"),
        pytest.param("users people trial date", id="words without a sentence"),
        pytest.param("Pebble", id="a name alone"),
        pytest.param("1,000 + 5?", id="figures"),
        pytest.param("", id="empty"),
    ],
)
def test_english_is_not(question):
    assert not is_foreign(question, LEXICON)
