"""ProQuest, PressReader and other exports with a label before each field, as text and HTML."""

from __future__ import annotations

from pathlib import Path

import pytest
from exported import hold, paragraphs, proquest, stories
from reading import articles_in, reasons_in, remarks_in

BOX = "Title: The Pier\nAuthor: Mara Dolin\nPublished: 9 May 2023\nPages: 300"
BUNDLED = Path(__file__).parents[3] / "index" / "articles"


@pytest.mark.parametrize("rule", ["_" * 60, "*" * 50, ""])
@pytest.mark.parametrize("titled", [True, False])
def test_proquest(rule: str, titled: bool) -> None:
    articles = hold(proquest(rule, titled).encode())
    assert {article.format for article in articles} == {"proquest"}
    assert articles[0].url == "https://search.example.com/docview/25143991?accountid=1"
    assert articles[0].language == "en"


@pytest.mark.parametrize("text", ["Full text: Not available", "Subject: Pier"])
def test_abstract_stands_in_for_a_text_that_is_not_given(text: str) -> None:
    articles = articles_in(proquest("_" * 60, True, text).encode())
    found = [(article.text, article.partial) for article in articles]
    assert found == [("The board met.", True)] * 3


@pytest.mark.parametrize("rule", ["<hr>", '<div style="border-bottom:2px solid #ccc">'])
def test_proquest_as_html(rule: str) -> None:
    page = "<html><head><title>ProQuest</title></head><body>"
    for n, title, source, author, day, section, text in stories():
        fields = {"Author": author, "Publication info": f"{source} ; {day.day} May 2023: A.3."}
        fields |= {"Full text": f'<text wordcount="9">{paragraphs(text)}</text>'}
        fields |= {"Subject": "Piers", "Publication title": f"{source}; Orlet"}
        fields |= {"Publication date": f"May {day.day}, 2023"}
        fields |= {"Section": section, "ProQuest document ID": f"{n}", "Database": "News"}
        rows = (f"<p><strong>{label}: </strong>{value}</p>" for label, value in fields.items())
        page += f"{rule}<p><b>{title}</b></p>{''.join(rows)}{'</div>' * ('div' in rule)}"
    hold(f"{page}</body></html>".encode())


def written(form: str) -> bytes:
    """The stories, each in one form."""
    parts = [
        form.format(
            title=title, source=source, author=author, section=section, text=text, n=n,
            iso=day.isoformat(), day=f"{day.day} May 2023", us=f"May {day.day}, 2023",
        )
        for n, title, source, author, day, section, text in stories()
    ]  # fmt: skip
    return "\n".join(parts).encode()


@pytest.mark.parametrize(
    "form",
    [
        "Article Name:{title}\nPublication:{source}\nSection:{section}\nAuthor:{author}\n"
        "Date:{day}\nStart Page:3\nEnd Page:3\n\n{text}\n\n",
        "Title: {title}\nAuthor: {author}\nSource: {source}\nDate: {us}\nSection: {section}\n\n"
        "{text}\n\n---\n",
        "Headline: {title}\nByline: {author}\nPublication: {source}\nDate: {iso}\n"
        "Section: {section}\nText: {text}\n\n",
        "Date: {iso}\n\nSource: {source}\n\nTitre: {title}\n\nAuteur: {author}\n\n"
        "Rubrique: {section}\n\nTexte:\n\n{text}\n\n",
    ],
    ids=["pressreader", "rule", "text-label", "french"],
)
def test_block_of_labels_starts_a_document(form: str) -> None:
    hold(written(form))


@pytest.mark.parametrize(
    "form",
    [
        "{title}\n{source} · {iso} · {section} · {author}\n\n{text}\n\n",
        "{title}\n{source} | {us} | {section} | By {author}\n\n{text}\n\n"
        "© PressReader. All rights reserved.\n\n",
        "{title}\n{source}\n{us}\n{section}\nBy {author}\n\n{text}\n\nPressReader.com\n\n",
        "{source}\n{day}\n{section}\nPage 3\n{title}\nBy {author}\n\n{text}\n\n"
        "PressReader.com +1 604 278 4604\n\n",
        "{title}\n\n{source}\n\n{iso} - {section} - {author}\n\n{text}\n\nNewspapers in English\n\n"
        "© PressReader. All rights reserved.\n\n",
    ],
    ids=["points", "bars", "lines", "source-first", "dashes"],
)
def test_pressreader(form: str) -> None:
    articles = hold(written(form))
    assert {article.format for article in articles} == {"pressreader"}


def test_list_of_labels_in_a_text_is_text() -> None:
    form = "Headline: {title}\nByline: {author}\nPublication: {source}\nDate: {iso}\n\n{text}\n\n"
    boxed = written(form).replace(b"\n\nThe pier carried", f"\n\n{BOX}\n\nThe pier".encode())
    assert [article.title for article in articles_in(boxed)] == [story[1] for story in stories()]
    assert BOX in articles_in(boxed)[0].text


def test_pressreader_as_html() -> None:
    page = "<html><head><title>PressReader.com - Your favourite newspapers</title></head><body>"
    for _, title, source, author, day, section, text in stories():
        page += f"<article><h1>{title}</h1><ul class='art-meta'><li>{source}</li><li>{day}</li>"
        page += f"<li>{section}</li><li class='art-author'>By {author}</li></ul>"
        page += f"<div>{paragraphs(text)}</div></article>"
    hold(f"{page}</body></html>".encode())


def test_documents_that_are_numbered_and_not_understood_are_counted() -> None:
    _, title, *_, text = stories()[0]
    data = "".join(f"Article {n} of 9\n\n{title}\n\n{text}\n\n" for n in range(1, 10)).encode()
    missing = 9 - len(articles_in(data))
    assert missing
    assert reasons_in(data)[0].endswith(f"{missing} more documents were seen and not understood")


def test_pages_that_are_read_nearly_whole_have_no_remark() -> None:
    pages = [path for path in BUNDLED.iterdir() if path.suffix == ".txt"]
    assert pages
    for page in pages:
        assert not remarks_in(page.read_bytes())
        assert not reasons_in(page.read_bytes())


def test_page_of_which_nearly_nothing_is_read_is_a_failure() -> None:
    _, title, *_, text = stories()[0]
    links = "\n".join(f"Read more: another story of the day, number {n}" for n in range(900))
    data = f"{title}\n\n{text}\n\nRelated articles\n\n{links}".encode()
    assert len(articles_in(data)) == 1
    assert "characters read" in reasons_in(data)[0]


@pytest.mark.parametrize(
    "text",
    [
        "The court published 2 of 3 documents on Monday. " * 9,
        "Old ferry pier to close\n\nBy Ida Brun\n\n" + "The board met on Monday in Orlet. " * 9,
        "Title: a word that a page may start with\n\n" + "The board met on Monday, it said. " * 9,
        "A book of the sea\n\n" + "The book was sold at once. " * 9 + "\n\n" + BOX,
        "Read it on PressReader\n\nPier to close\n9 May 2023\n\n" + "The board met in Orlet. " * 9,
        "Pier to close\n\n96 words\n\n" + "The board met on Monday in Orlet. " * 9,
    ],
)
def test_page_that_is_no_export_is_read_as_a_page(text: str) -> None:
    (article,) = articles_in(text.encode())
    assert article.format == "text"


def test_export_that_is_sent_as_a_message() -> None:
    page = proquest("_" * 60, True).replace("\n\n", "<p>").encode("ascii", "xmlcharrefreplace")
    head = "From: ProQuest <noreply@example.com>\nTo: desk@example.com\nSubject: Your research\n"
    head += "Date: Tue, 30 May 2023 10:12:00 +0000\nMIME-Version: 1.0\n"
    html = (
        f"{head}Content-Type: text/html; charset=utf-8\n\n<html><body>{page.decode()}</body></html>"
    )
    hold(html.encode())
    hold(f"{head}Content-Type: text/plain; charset=utf-8\n\n{proquest('_' * 60, True)}".encode())


def test_line_of_hyphens_and_a_source_in_the_text_of_proquest_are_text() -> None:
    lines = "\n\n----------\n\nSource: the harbour board\n\nThe pier carried"
    (first, *_) = articles_in(
        proquest("_" * 60, True).replace("\n\nThe pier carried", lines).encode()
    )
    assert lines in first.text
    assert first.source == "The Orlet Courier"
