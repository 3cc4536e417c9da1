from __future__ import annotations

import pytest
from babel import localedata

from rag.text import languages
from rag.text.languages import language_code


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("ENGLISH", "en"),
        ("GERMAN; DEUTSCH", "de"),
        ("FRENCH; FRANÇAIS", "fr"),
        ("Dutch / Nederlands", "nl"),
        ("Englisch", "en"),
        ("ខ្មែរ", "km"),
        ("Klingon", ""),
        ("", ""),
    ],
)
def test_name_gives_code(name: str, code: str) -> None:
    assert language_code(name) == code


def test_babel_keeps_nothing_of_the_languages_that_were_looked_through():
    languages._spoken.cache_clear()
    languages._own_names.cache_clear()
    assert language_code("") == ""
    assert languages._spoken.cache_info().misses == 0, "no name needs no languages"
    assert language_code("Klingon") == ""
    assert languages._own_names.cache_info().misses == 1
    assert not localedata._cache
