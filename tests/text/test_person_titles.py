"""Titles and offices are cut off the names of persons."""

from __future__ import annotations

import pytest

from rag.text.person_titles import split_titles


@pytest.mark.parametrize(
    ("run", "parts"),
    [
        ("Prime Minister Hun Sen", ["Hun Sen"]),
        ("Former Deputy Prime Minister Sok Puth", ["Sok Puth"]),
        ("Malaysian Prime Minister Datuk Seri Anwar Ibrahim", ["Malaysian", "Anwar Ibrahim"]),
        ("Secretary of State Marco Rubio", ["Marco Rubio"]),
        ("Minister of Information Khieu Kanharith", ["Khieu Kanharith"]),
        ("OpenAI CEO Sam Altman", ["OpenAI", "Sam Altman"]),
        ("Apple's Tim Cook", ["Apple", "Tim Cook"]),
        ("Cambodian People's Party", ["Cambodian People's Party"]),
        ("Prime Minister's Office", []),
        ("Prime Minister", []),
        ("Amazon Prime Video", ["Amazon Prime Video"]),
        ("Council of Ministers", ["Council of Ministers"]),
        ("Sen Rand Paul", ["Rand Paul"]),
        ("General Motors", ["General Motors"]),
    ],
)
def test_titles_are_no_part_of_a_name(run, parts):
    assert split_titles(run) == parts
