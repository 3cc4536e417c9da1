"""Factiva in plain lines and in codes, in the languages of its pages, as text and HTML."""

from __future__ import annotations

import re

import pytest
from exported import STORIES, hold, paragraphs, stories, wrapped
from reading import articles_in, remarks_in

DAYS = {
    "en": ["9 May 2023", "12 May 2023", "20 May 2023 16:30"],
    "de": ["9 Mai 2023", "12 Mai 2023", "20 Mai 2023"],
    "fr": ["9 mai 2023", "12 mai 2023", "20 mai 2023"],
    "es": ["9 mayo 2023", "12 mayo 2023", "20 mayo 2023"],
    "zh": ["2023 年 5 月 9 日", "2023 年 5 月 12 日 17:04", "2023 年 5 月 20 日"],
}
WORDS = {
    "en": "By |words|English|Document",
    "de": "Von |Wörter|Englisch|Dokument",
    "fr": "Par |mots|Anglais|Document",
    "es": "Por |palabras|Inglés|Documento",
    "zh": "By |字|英语|文件",
}
SUMMARY = (
    "Search Summary\nText\torlet\nDate\tAll Dates\n\n© 2023 Factiva, Inc. All rights reserved."
)


def plain(language: str = "en", section: bool = True, publisher: str = "") -> str:
    by, words, spoken, end = WORDS[language].split("|")
    written = ""
    for n, title, source, author, _, part, text in stories():
        written += f"{part}\n" if section else ""
        written += f"{title}\n{by}{author}\n{90 + n} {words}\n{DAYS[language][n - 1]}\n{source}\n"
        written += f"ORLC\n{spoken}\n(c) 2023 {source}\n\n{text}\n\n{publisher}"
        written += f"{end} ORLC000020230509ej590001{n}\n\n"
    return written + SUMMARY


@pytest.mark.parametrize("language", list(DAYS))
@pytest.mark.parametrize("section", [True, False])
@pytest.mark.parametrize("publisher", ["", "Orlet Press Ltd.\n"])
def test_plain_lines_in_any_language(language: str, section: bool, publisher: str) -> None:
    articles = hold(plain(language, section, publisher).encode(), sections=section)
    assert {article.language for article in articles} == {"en"}


def test_time_edition_and_page_below_the_day() -> None:
    paper = r"\n(The Orlet Courier|Orlet Daily News \(Orlet\))\nORLC\n"
    lines = "\n16:30 GMT\n\\1\nORLC\nLate Edition - Final\n3\n"
    hold(re.sub(paper, lines, plain()).encode())


def test_document_without_its_number_of_words_is_counted() -> None:
    data = plain().replace("92 words\n", "").encode()
    assert [article.title for article in articles_in(data)] == [STORIES[0][0], STORIES[2][0]]
    assert remarks_in(data)[0].endswith("read: 1 more document was seen and not understood")


def test_byline_without_a_word_before_it() -> None:
    hold(re.sub(r"(?m)^By ", "", plain()).encode())
    hold(re.sub(r"(?m)^By ", "", plain(section=False)).encode(), sections=False)


def test_document_without_its_last_line_stays_apart() -> None:
    hold(plain().replace("Document ORLC000020230509ej5900011", "").encode())


def test_every_line_a_paragraph() -> None:
    titles = [article.title for article in articles_in(plain().replace("\n", "\n\n").encode())]
    assert titles == [title for _, title, *_ in stories()]


def test_foot_of_a_page_is_none_of_the_text() -> None:
    foot = "\nPage 1 of 4 © 2023 Factiva, Inc. All rights reserved.\nTwo companies"
    hold(plain().replace(" Two companies", foot).encode())


def coded(joint: str = "  ", section: bool = True) -> str:
    written = ""
    for n, title, source, author, _, part, text in stories():
        first, second = wrapped(text).split("\n\n")
        rows = [("SE", part)] if section else []
        rows += [("HD", title), ("BY", f"By {author}"), ("WC", "96 words")]
        rows += [("PD", DAYS["en"][n - 1]), ("ET", "16:30"), ("SN", source), ("SC", "ORLC")]
        rows += [("LA", "English"), ("CY", f"(c) 2023 {source}\n"), ("LP", f"{first}\n")]
        rows += [("TD", f"{second}\n"), ("CO", "orlhb : Orlet Harbour Board\n")]
        rows += [("NS", "gcat : Political\n    c13 : Regulation\n"), ("PUB", "Orlet Press Ltd\n")]
        rows += [("AN", f"Document ORLC000020230509ej590001{n}\n\n")]
        written += "\n".join(f"{code}{joint}{value}" for code, value in rows)
    return written + SUMMARY


@pytest.mark.parametrize("joint", ["  ", "\t", "\n"])
@pytest.mark.parametrize("section", [True, False])
def test_codes_before_each_field(joint: str, section: bool) -> None:
    hold(coded(joint, section).encode(), sections=section)


def test_coded_document_without_its_last_code_stays_apart() -> None:
    hold(re.sub(r"AN  .*590001[12]\n", "", coded()).encode())


def page(rows: str) -> bytes:
    logo = '<table><tr><td class="factivalogo">Factiva</td><td>Dow Jones</td></tr></table>'
    return f"<html><body>{logo}{rows}<p>{SUMMARY}</p></body></html>".encode()


def test_html_of_plain_lines() -> None:
    rows = ""
    for n, title, source, author, _, part, text in stories():
        rows += f'<div class="article enArticle"><p>\n<div>{part}</div>\n<div id="hd">'
        rows += f'<span class="enHeadline">{title}</span>\n</div>'
        rows += f'<div class="author">By {author}</div>'
        lines = ("96 words", DAYS["en"][n - 1], source, "ORLC", "English", f"(c) 2023 {source}")
        rows += "".join(f"<div>{line}</div>" for line in lines)
        rows += f"</p>{paragraphs(text)}<p><div>Orlet Press</div>"
        rows += f"<div>Document ORLC000020230509ej590001{n}</div></p></div><span></span>"
    hold(page(rows))


def test_html_of_codes() -> None:
    rows = ""
    for n, title, source, author, _, part, text in stories():
        first, second = text.split("\n\n")
        cells = {"SE": part, "HD": f"<span class='enHeadline'>{title}</span>", "BY": f"By {author}"}
        cells |= {"WC": "96 words", "PD": DAYS["en"][n - 1], "SN": source, "LA": "English"}
        cells |= {"LP": f"<p>{first}</p>", "TD": f"<p>{second}</p>", "NS": "gcat : Political"}
        cells |= {"PUB": "Orlet Press", "AN": f"Document ORLC000020230509ej590001{n}"}
        table = (
            f"<tr><td><b>{code}</b>&nbsp;</td><td>{cell}</td></tr>" for code, cell in cells.items()
        )
        rows += f'<div class="article"><p><table>{"".join(table)}</table></div>'
    hold(page(rows))
