"""Source, author and date: in the lines below a title, a sign-off and a dateline."""

from __future__ import annotations

import datetime

import pytest
from pages import RELIEF, RIVER, only

from rag.ingest.text_page.article import Found


@pytest.mark.parametrize(
    ("line", "source", "author", "published"),
    [
        ("By JANE DOE, Associated Press", "Associated Press", "JANE DOE", None),
        ("By Jane Doe, Staff Writer", "", "Jane Doe", None),
        ("By Jane Doe on March 2, 2017", "", "Jane Doe", datetime.date(2017, 3, 2)),
        ("Written by Jean-Luc de la Tour", "", "Jean-Luc de la Tour", None),
        ("Cambodia Daily | 3 March 2017", "Cambodia Daily", "", datetime.date(2017, 3, 3)),
        ("3 March 2017 | Some Site", "Some Site", "", datetime.date(2017, 3, 3)),
        ("Jane Doe - March 2, 2017", "", "", datetime.date(2017, 3, 2)),
        ("Source: The Straw", "The Straw", "", None),
        ("Sok Dara | Publication date 03 May 2024 | 10:22 ICT", "", "", datetime.date(2024, 5, 3)),
        ("Issued on: 03/04/2024 - 10:22", "", "", None),
        ("Politics | 3 May 2024", "", "", datetime.date(2024, 5, 3)),
        ("Updated 3 May 2024", "", "", None),
        ("Last updated: May 3, 2024 10:30 AM", "", "", None),
        ("May 3, 2024 10:30 AM ET", "", "", datetime.date(2024, 5, 3)),
        ("03/04/2017", "", "", None),
        ("July 16", "", "", None),
        ("3 hours ago", "", "", None),
        ("Posted by admin on May 3, 2024", "", "", datetime.date(2024, 5, 3)),
    ],
)
def test_lines_below_the_title(
    line: str, source: str, author: str, published: datetime.date | None
) -> None:
    found = only(f"River rises, three villages cut off\n{line}\n{RIVER}\n{RELIEF}")
    assert found == Found(
        "River rises, three villages cut off", source, author, published, f"{RIVER}\n{RELIEF}"
    )


@pytest.mark.parametrize(
    ("end", "agency"),
    [
        (" - AP", "AP"),
        (" – Bernama", "Bernama"),
        (" (Reuters)", "Reuters"),
        ("\n(AFP)", "AFP"),
        ("\nREUTERS", "REUTERS"),
        ("\n\n— AP/AFP", "AP/AFP"),
        (" -- BERNAMA", "BERNAMA"),
    ],
)
def test_sign_off_is_the_source_where_none_is_named(end: str, agency: str) -> None:
    found = only(f"River rises, three villages cut off\n{RIVER}\n{RELIEF}{end}\n")
    assert (found.source, found.author) == (agency, "")
    assert found.text == f"{RIVER}\n{RELIEF}"


@pytest.mark.parametrize(
    "end", [' "I came." – Julius Caesar', " - or so it seemed", " (Sok Vanna)"]
)
def test_what_is_no_sign_off_stays(end: str) -> None:
    found = only(f"River rises, three villages cut off\n{RIVER}{end}\n")
    assert found.text == RIVER + end
    assert (found.source, found.author) == ("", "")


def test_agency_of_the_dateline_is_the_source() -> None:
    text = f"PHNOM PENH, July 16 (Reuters) - {RIVER}"
    found = only(f"River rises, three villages cut off\n\n{text}")
    assert (found.source, found.text) == ("Reuters", text)
