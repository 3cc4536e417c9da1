from __future__ import annotations

import pytest

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
