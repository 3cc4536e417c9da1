"""LexisNexis in its two forms, in the languages of its pages, as text and HTML."""

from __future__ import annotations

import re
import textwrap

import pytest
from exported import STORIES, fields, hold, paragraphs, stories, wrapped
from fpdf import FPDF
from reading import articles_in, reasons_in, remarks_in

COVER = """


Download Request: Selected Items: 1-3
Time Of Request: Friday, June 16, 2023  16:51:31

Send To:
ORLET UNIVERSITY LIBRARY

Terms: (orlet)

Source: All English Language News
Project ID: None

"""
DAYS = {
    "en": ["May 9, 2023 Tuesday", "May 12, 2023, Friday Final Edition", "May 20, 2023"],
    "de": ["9. Mai 2023 Dienstag 9:50 PM GMT+1", "Freitag 12. Mai 2023", "20. Mai 2023"],
    "fr": ["9 mai 2023 mardi", "12 mai 2023", "20 mai 2023 samedi"],
    "nl": ["9 mei 2023 dinsdag", "12 mei 2023", "20 mei 2023 zaterdag"],
    "es": ["9 de mayo de 2023 martes", "12 mayo 2023", "20 de mayo de 2023 sábado"],
    "it": ["9 maggio 2023", "12 maggio 2023", "20 maggio 2023"],
}
# Byline, section, page, length, words, load date, language, kind of publication, rights reserved.
LABELS = {
    "en": "BYLINE|SECTION|Pg.|LENGTH|words|LOAD-DATE|LANGUAGE|PUBLICATION-TYPE|All Rights Reserved",
    "de": "AUTOR|RUBRIK|S.|LÄNGE|Wörter|UPDATE|SPRACHE|PUBLICATION-TYPE|Alle Rechte vorbehalten",
    "fr": "AUTEUR|RUBRIQUE|Pg.|LONGUEUR|mots|DATE-CHARGEMENT|LANGUE|TYPE-PUBLICATION"
    "|Tous Droits Réservés",
    "nl": "AUTEUR|RUBRIEK|Blz.|LENGTE|woorden|LAADDATUM|TAAL|PUB-TYPE|Alle Rechten Voorbehouden",
    "es": "AUTOR|SECCIÓN|Pág.|LONGITUD|palabras|FECHA-CARGA|IDIOMA|TIPO-PUBLICACIÓN"
    "|Todos los Derechos Reservados",
    "it": "AUTORE|SEZIONE|pag.|LUNGHEZZA|parole|DATA-CARICAMENTO|LINGUA|TIPO-PUBBLICAZIONE"
    "|Tutti i diritti riservati",
}


def classic(
    mark: str, language: str = "en", title: str = "", body: str = "", centred: bool = True
) -> str:
    """An export in the classic form; `title` and `body` are labels, where it has them."""
    by, section, page, length, words, loaded, spoken, kind, rights = LABELS[language].split("|")

    def mast(line: str) -> str:
        return line.center(78).rstrip() if centred else line

    written = COVER
    for n, headline, source, author, _, part, text in stories():
        written += f"\n\n{mast(mark.format(n))}\n\n\n{mast(source)}\n\n"
        written += f"{mast(DAYS[language][n - 1])}\n\n"
        if not title:
            written += f"{textwrap.fill(headline, 40)}\n\n"
        written += f"{by}: {author}\n\n{section}: {part}; {page} 3\n\n{length}: 96 {words}\n\n"
        written += f"{title}: {headline}\n\n" if title else ""
        written += f"{body}:\n\n" if body else ""
        written += f"\n{wrapped(text)}\n\n{loaded}: June 15, 2023\n\n{spoken}: ENGLISH\n\n"
        written += f"GRAPHIC: Mara Dolin, the chair\n\nAt the pier\n\n{kind}: Newspaper\n\n\n"
        written += f"{mast(f'Copyright 2023 {source} Ltd')}\n{mast(rights)}\n"
    return written


@pytest.mark.parametrize(
    ("mark", "language", "title", "body"),
    [
        ("{} of 3 DOCUMENTS", "en", "", ""),
        ("{} of 3 DOCUMENTS", "en", "HEADLINE", "BODY"),
        ("FOCUS - {} of 3 DOCUMENTS", "en", "", ""),
        ("Document {} of 3", "en", "", ""),
        ("Dokument {} von 3", "de", "", ""),
        ("{} of 3 DOCUMENTS", "de", "", "TEXT"),
        ("Document {} de 3", "fr", "", ""),
        ("Document {} van 3", "nl", "KOP", "TEKST"),
        ("{} de 3 DOCUMENTOS", "es", "TITULAR", ""),
        ("Documento {} di 3", "it", "", ""),
    ],
)
@pytest.mark.parametrize("centred", [True, False])
def test_classic_form_in_any_language(
    mark: str, language: str, title: str, body: str, centred: bool
) -> None:
    articles = hold(classic(mark, language, title, body, centred).encode())
    assert {article.language for article in articles} == {"en"}


def test_classic_form_as_html() -> None:
    page = "<HTML><HEAD><TITLE>&nbsp;</TITLE></HEAD><BODY>"
    page += "<DIV><P>Download Request: 1-3<BR>Time Of Request: October 21, 2023</P></DIV>"
    for n, title, source, author, _, section, text in stories():
        lines = [f"{n} of 3 DOCUMENTS", source, DAYS["en"][n - 1], title]
        lines += [f"BYLINE: </SPAN><SPAN>{author}", f"SECTION: </SPAN><SPAN>{section}; Pg. 3"]
        page += "".join(f"<BR><DIV><P><SPAN>{line}</SPAN></P>\n</DIV>" for line in lines)
        page += f"<BR><DIV><P>LENGTH: 96 words</P></DIV><BR><DIV>{paragraphs(text)}</DIV>"
        page += (
            "<BR><DIV><P>LOAD-DATE: June 15, 2023</P></DIV><BR><DIV><P>LANGUAGE: ENGLISH</P></DIV>"
        )
        page += "<BR><DIV><P>Copyright 2023 Courier<BR>All Rights Reserved</P></DIV>"
    hold(f"{page}</BODY></HTML>".encode())


def test_title_above_the_day_and_labels_below_the_text() -> None:
    text = classic("{} of 3 DOCUMENTS").replace("SECTION: NEWS; Pg. 3\n\n", "")
    day, title = "May 9, 2023 Tuesday".center(78).rstrip(), "Old ferry pier to close"
    above = text.replace(f"{day}\n\n{title}\n\nBYLINE: Ida Brun\n\n", f"{title}\n\n{day}\n\n")
    above = above.replace("LENGTH: 96 words\n\n\nThe harbour", "\nThe harbour")
    above = above.replace("LOAD-DATE", "SECTION: Local\n\nLENGTH: 96 words\n\nLOAD-DATE", 1)
    first = articles_in(above.encode())[0]
    assert (first.title, first.section) == (title, "Local")
    assert str(first.published) == "2023-05-09"
    assert first.text.startswith("The harbour board")
    assert first.text.endswith("the old town.")


def test_one_document_without_its_number() -> None:
    one = classic("{} of 3 DOCUMENTS").split("1 of 3 DOCUMENTS")[1].split("2 of 3 DOCUMENTS")[0]
    (article,) = articles_in(one.encode())
    assert fields(article)[:4] == STORIES[0][:4]
    assert article.format == "lexisnexis"


def test_classic_form_without_blank_lines() -> None:
    for article, story in zip(
        articles_in(re.sub(r"\n\n+", "\n", classic("{} of 3 DOCUMENTS")).encode()),
        STORIES,
        strict=True,
    ):
        assert fields(article)[1:4] == story[1:4]
        assert " ".join(article.text.split()) == " ".join(story[4].split())


def test_pdf_of_an_export() -> None:
    pdf = FPDF()
    pdf.set_font("Helvetica", size=10)
    pdf.add_page()
    for line in uni().replace("\n\n", "\n").split("\n"):
        pdf.multi_cell(0, 5, line or " ", new_x="LMARGIN", new_y="NEXT")
    for article, story in zip(articles_in(bytes(pdf.output())), STORIES, strict=True):
        assert fields(article)[:4] == story[:4]
        assert " ".join(article.text.split()) == " ".join(story[4].split())


def test_label_inside_the_text_is_text() -> None:
    text = classic("{} of 3 DOCUMENTS").replace(
        "The pier carried", "LENGTH: 300 metres. The pier carried"
    )
    first = articles_in(text.encode())[0]
    assert "LENGTH: 300 metres. The pier" in first.text
    assert first.text.endswith("the old town.")


def test_document_without_text_is_counted() -> None:
    text = classic("{} of 3 DOCUMENTS")
    start, end = text.index("\nTeachers in Orlet"), text.index("LOAD-DATE", text.index("schools"))
    data = (text[:start] + text[end:]).encode()
    assert [article.source for article in articles_in(data)] == ["The Orlet Courier"] * 2
    assert remarks_in(data)[0].endswith("read: 1 more document was seen and not understood")
    assert not reasons_in(data)


def test_export_of_documents_without_text_is_a_failure() -> None:
    data = b"\n".join(b"%d of 3 DOCUMENTS\n\nSECTION: NEWS\n\n" % n for n in (1, 2, 3))
    assert not articles_in(data)
    assert reasons_in(data)[0].endswith("read: 3 more documents were seen and not understood")


# The labels above the text, the text's heading, the label below it, the last line, the page's.
UNI = {
    "en": "Section|Length|Byline|Body|Load-Date|End of Document|Page 1 of 2",
    "de": "Rubrik|Länge|Autor|Haupttext|Update|Ende des Dokuments|Seite 1 von 2",
    "fr": "Rubrique|Longueur|Auteur|Corps|Date de chargement|Fin du document|Page 1 de 2",
    "es": "Sección|Longitud|Autor|Cuerpo|Fecha de carga|Fin del documento|Página 1 de 2",
    "nl": "Sectie|Lengte|Auteur|Body|Laaddatum|Einde van document|Pagina 1 van 2",
}


def uni(language: str = "en", twice: bool = True) -> str:
    """An export of Nexis Uni; `twice`: with a page's head, and the title in it."""
    section, length, by, heading, loaded, end, page = UNI[language].split("|")
    written = ""
    for n, title, source, author, _, part, text in stories():
        written += f"{page}\n{title}\n\n" if twice else ""
        written += (
            f"{title}\n{source}\n{DAYS[language][n - 1]}\n\nCopyright 2023 {source} All Rights"
        )
        written += f" Reserved\n{section}: {part}; Pg. 3\n{length}: 96 words\n"
        written += f"{by}:\xa0{author}\n"
        written += f"{heading}\n\n{text}\n\n{loaded}: June 15, 2023\n\n{end}\n\n"
    return written


@pytest.mark.parametrize("language", list(UNI))
@pytest.mark.parametrize("twice", [True, False])
def test_uni_in_any_language(language: str, twice: bool) -> None:
    hold(uni(language, twice).encode())


def test_uni_with_every_line_a_paragraph() -> None:
    for article, story in zip(
        articles_in(uni().replace("\n", "\n\n").encode()), STORIES, strict=True
    ):
        assert fields(article)[:4] == story[:4]
        assert article.text.replace("\n\n\n\n", "\n\n") == story[4]


def test_cover_page_of_uni_is_left_out() -> None:
    listed = "".join(
        f"{n}. {title}\nClient/Matter: -None-\nSearch Terms: orlet\nSearch Type: Natural Language\n"
        "Narrowed by:\n\nContent Type\nNarrowed by\nNews\nSources: The Orlet Courier\n\n"
        for n, title, *_ in stories()
    )
    cover = "User Name: A LIBRARY\nDate and Time: Friday, July 5, 2019 09:31:00 CEST\n"
    hold(f"{cover}Job Number: 1\nDocuments (3)\n{listed}{uni(twice=False)}".encode())


def test_heads_of_later_pages_are_none_of_the_text() -> None:
    cut = "boats from it will move"
    page = f"\nPage 2 of 2\nOld ferry pier to close\n{cut}"
    hold(uni().replace(f" {cut}", page).encode())


def test_documents_of_uni_without_their_last_line_stay_apart() -> None:
    hold(uni().replace("End of Document\n\n", "").encode())


def test_labels_and_captions_right_under_the_text_of_uni_are_none_of_it() -> None:
    below = "\nGraphic\n\n\nPHOTO: the pier\nClassification\n\nLanguage: ENGLISH\n\nLoad-Date"
    hold(re.sub(r"\n\nLoad-Date", below, uni()).encode())


def test_address_below_the_text_of_uni_is_the_articles() -> None:
    text = uni().replace("\n\nLoad-Date", "\n\nhttps://courier.example.com/pier\n\nLoad-Date")
    assert [one.url for one in hold(text.encode())] == ["https://courier.example.com/pier"] * 3


def test_uni_without_a_day_has_title_and_source() -> None:
    for article in articles_in(uni(twice=False).replace(DAYS["en"][0], "").encode())[:1]:
        assert (article.title, article.source) == (STORIES[0][0], STORIES[0][1])
        assert article.published is None
