"""Names of authors, cleaned of what stands around them."""

from __future__ import annotations

import pytest

from rag.ingest.html.authors import authors_shown, clean_authors


@pytest.mark.parametrize(
    ("written", "authors"),
    [
        (["Ida Brun"], "Ida Brun"),
        (["By Ida Brun and Tom Hesk"], "Ida Brun, Tom Hesk"),
        (["By Ida Brun and Tom Hesk Updated 3 hours ago"], "Ida Brun, Tom Hesk"),
        (["Ida Brun; Tom Hesk Updated"], "Ida Brun, Tom Hesk"),
        (["Ida Brun", "Ida Brun"], "Ida Brun"),
        (["By IDA BRUN, Courier staff"], "IDA BRUN"),
        (["Ida Brun | 9 May 2023"], "Ida Brun"),
        (["Ida Brun (Orlet)"], "Ida Brun"),
        (["Ida Brun @idabrun"], "Ida Brun"),
        (["von Karl Hast und Ida Brun"], "Karl Hast, Ida Brun"),
        (["Par Anne-Marie L’Hôte"], "Anne-Marie L’Hôte"),
        (["Martin Luther King, Jr."], "Martin Luther King, Jr"),
        (["Ana Ruiz y Luis Gil"], "Ana Ruiz, Luis Gil"),
        (["José Ortega y Gasset"], "José Ortega y Gasset"),
        (["سارہ خان"], "سارہ خان"),
        (["សុខ ដារ៉ា"], "សុខ ដារ៉ា"),
        (["The Associated Press"], "The Associated Press"),
        (["Follow"], ""),
        (["Follow Us", "Share", "Updated"], ""),
        (["Staff"], ""),
        (["Staff Reporter", "Ida Brun"], "Ida Brun"),
        (["Courier staff writer"], ""),
        (["admin"], ""),
        (["https://www.facebook.com/courier"], ""),
        (["pier_pressure77"], ""),
        (["ida@courier.example"], ""),
        (["A sentence that stands where a name should stand, as some pages have it."], ""),
        (["", " "], ""),
        ([], ""),
    ],
)
def test_a_name_is_a_name(written: list[str], authors: str) -> None:
    assert clean_authors(written) == authors


@pytest.mark.parametrize(
    ("line", "authors"),
    [
        ("By Ida Brun, Courier staff", "Ida Brun"),
        ("By Ida Brun", "Ida Brun"),
        ("By noon the pier was closed", ""),
        ("By the pier, Ida Brun waited for hours.", ""),
        ("Ida Brun", ""),
    ],
)
def test_a_line_is_a_byline_as_a_whole(line: str, authors: str) -> None:
    assert authors_shown(line) == authors
