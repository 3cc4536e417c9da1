r"""Documents in Rich Text Format: their words in every encoding, and none of the format's own."""

from __future__ import annotations

import datetime
from collections.abc import Callable

import pytest
from growth import LINEAR, growth
from hypothesis import given
from hypothesis import strategies as st
from pages import RELIEF, RIVER
from reading import articles_in, cut_or_altered, generated, holds, reasons_in

from rag.types import Article

PIER = (
    rb"{\rtf1\ansi{\fonttbl{\f0 Arial;}}\f0\fs20 \b Old ferry pier to close\b0\par The harbour "
    rb"board of Orlet voted on Tuesday to close the old ferry pier after engineers found cracks in "
    rb"eleven of its forty piles.\par \ldblquote We had no choice,\rdblquote  said Mara Dolin, the "
    rb"chair of the board.\par}"
)


def rtf(body: str, info: str = "", head: str = r"\ansi\ansicpg1252") -> bytes:
    return rf"{{\rtf1{head}{{\fonttbl{{\f0 Arial;}}}}{info}\f0 {body}}}".encode("latin-1")


def test_a_document_without_fields() -> None:
    assert articles_in(PIER, "a.rtf") == [
        Article(
            "The harbour board of Orlet voted on Tuesday to close the old ferry pier after "
            "engineers found cracks in eleven of its forty piles.\n“We had no choice,” said Mara "
            "Dolin, the chair of the board.",
            title="Old ferry pier to close",
            origin="a.rtf",
            format="rtf",
        )
    ]


def test_fields_and_notes() -> None:
    info = r"{\info{\title River ris\'e9s}{\author Sok Chan}{\creatim\yr2020\mo1\dy1}}"
    body = (
        rf"{RIVER}{{\super\chftn {{\footnote \pard {{\chftn }}By Monday noon.}}}} {RELIEF}\par "
        r"{\*\comment not shown}{\header not shown}{\pict\bin 0102}"
    )
    assert articles_in(rtf(body, info), "a.rtf") == [
        Article(
            f"{RIVER} {RELIEF}\n\nBy Monday noon.",
            title="River risés",
            author="Sok Chan",
            origin="a.rtf",
            format="rtf",
        )
    ]


def test_a_byline_and_a_date_in_the_text() -> None:
    body = rf"River rises\par By Ida Brun\par 9 May 2023\par {RIVER}\par {RELIEF}"
    (found,) = articles_in(rtf(body))
    assert (found.title, found.author) == ("River rises", "Ida Brun")
    assert found.published == datetime.date(2023, 5, 9)
    assert found.text == f"{RIVER}\n{RELIEF}"


@pytest.mark.parametrize(
    ("head", "body", "text"),
    [
        (r"\ansi\ansicpg1252", r"Zo\'eb paid 5 \'80.", "Zoë paid 5 €."),
        (r"\ansi\ansicpg1251", r"\'c4\'e0, \'f1\'ea\'e0\'e7\'e0\'eb.", "Да, сказал."),
        (r"\ansi\ansicpg1251", "\xc4\xe0, and so on.", "Да, and so on."),
        (r"\ansi\uc1", r"\u8220?Yes,\u8221? she said.", "“Yes,” she said."),
        (r"\ansi\uc1", r"A boat: \u-10180?\u-8422?.", "A boat: 🌚."),
        (r"\ansi\uc1", r"Half of one: \u-10179?.", "Half of one: \ufffd."),
        (r"\ansi", r"1 \{a\} \\ 2\~3 and well\_known.", "1 {a} \\ 2\xa03 and well\u2011known."),
        (r"\ansi", r"Kratie\cell 400 families\cell\row It rose.", "Kratie\t400 families\nIt rose."),
        (r"\ansi", r"It {\v }{\b rose\line by two}.", "It rose\nby two."),
    ],
)
def test_characters(head: str, body: str, text: str) -> None:
    (found,) = articles_in(rtf(rf"{RIVER}\par {body}", head=head))
    assert found.text == f"{RIVER}\n{text}"


def test_the_words_of_a_link_stay_without_its_address() -> None:
    link = (
        r'{\field{\*\fldinst{HYPERLINK "https://example.org/7"}}{\fldrslt {\ul the report}}} says.'
    )
    (found,) = articles_in(rtf(rf"{RIVER} So {link}"))
    assert found.text == f"{RIVER} So the report says."


def test_an_export_of_several_articles() -> None:
    def document(number: int, title: str, text: str) -> str:
        return "\\par ".join(
            (
                title, "The Orlet Courier", "May 9, 2023 Tuesday", "",
                "Copyright 2023 The Orlet Courier All Rights Reserved", "", "Section: NEWS; Pg. 3",
                "Length: 22 words", "Byline: Ida Brun", "", "Body", "", text, "",
                "Load-Date: May 9, 2023", "", "End of Document", "",
            )
        )  # fmt: skip

    data = rtf(document(1, "River rises", RIVER) + document(2, "Relief comes", RELIEF))
    found = articles_in(data, "a.rtf")
    assert [(one.origin, one.title, one.source, one.author, one.text) for one in found] == [
        ("a.rtf#1", "River rises", "The Orlet Courier", "Ida Brun", RIVER),
        ("a.rtf#2", "Relief comes", "The Orlet Courier", "Ida Brun", RELIEF),
    ]


def test_letters_that_are_utf8_and_not_escaped() -> None:
    (found,) = articles_in(rf"{{\rtf1\ansi {RIVER}\par Zoë fährt.}}".encode())
    assert found.text == f"{RIVER}\nZoë fährt."


def test_an_export_of_apa() -> None:
    body = (
        r'"Der Kurier" vom 3.4.2017 Seite: 2\par Ressort: Politik\par\par Morgen\par\par '
        rf"River rises in Orlet\par\par {RIVER}\par\par {RELIEF}\par\par ____________\par "
        rf'"Kurier.at" gefunden am 28.12.2017 10:36 Uhr\par\par Relief comes to it\par\par {RELIEF}'
    )
    first, second = articles_in(rtf(body), "a.rtf")
    assert first == Article(
        f"{RIVER}\n\n{RELIEF}",
        title="River rises in Orlet",
        source="Der Kurier",
        published=datetime.date(2017, 4, 3),
        section="Politik",
        origin="a.rtf#1",
        format="apa",
    )
    assert (second.title, second.source, second.text) == ("Relief comes to it", "Kurier.at", RELIEF)
    assert second.published is None  # The day on which it was found.


def test_a_damaged_document() -> None:
    (found,) = articles_in(PIER[: PIER.index(b"We had")])
    assert found.title == "Old ferry pier to close"
    assert found.text.startswith("The harbour board of Orlet")
    for data in (rb"{\rtf1\ansi }", rb"{\rtf1\ansi{\pict 0102}}"):
        (reason,) = reasons_in(data)
        assert "a document without text" in reason
    (reason,) = reasons_in(rb"{\rtf1\ansi The river\u9999999999 rose.}")
    assert "a broken document" in reason


@generated
@given(
    st.one_of(
        cut_or_altered(PIER),
        st.text(alphabet="\\{}*'u0a9 \n", max_size=60).map(lambda body: rtf(RIVER + body)),
    )
)
def test_cut_and_altered_documents(data: bytes) -> None:
    holds(data)


@pytest.mark.parametrize(
    ("make", "size"),
    [
        (lambda n: rtf(r"It rose.\par " * n), 5000),
        (lambda n: rtf("{" * n), 20_000),
        (lambda n: rtf(r"{\footnote a" * n), 5000),
        (lambda n: rtf(r"{\footnote a}" * n), 5000),
        (lambda n: rtf(r"{\field{\*\fldinst{" * n), 3000),
        (lambda n: rtf("x", info=r"{\info" + r"{\title " * n), 10_000),
        (lambda n: rtf("x", info=r"{\fonttbl" + r"{\f0 " * n), 10_000),
        (lambda n: rtf(r"\'e9" * n), 10_000),
    ],
    ids=["paragraphs", "groups", "open notes", "notes", "fields", "titles", "fonts", "letters"],
)
def test_linear_time(make: Callable[[int], bytes], size: int) -> None:
    assert growth(holds, make, size) < LINEAR
