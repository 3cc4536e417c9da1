"""Three invented articles, and exports of them as several databases write them."""

from __future__ import annotations

import datetime
import textwrap

from reading import articles_in, reasons_in, remarks_in

from rag.types import Article

PIER = (
    "The harbour board of Orlet voted on Tuesday to close the old ferry pier after engineers found "
    "cracks in eleven of its forty piles. The chair of the board, Mara Dolin, said that the pier "
    "would not open again before the winter.\n\nThe pier carried 412 passengers a day last year, "
    "according to the board. Two companies that run boats from it will move to the fish quay, "
    "which is half a mile to the east of the old town."
)
STRIKE = (
    "Teachers in Orlet will strike for two days from Monday, the union leader Piet Ansel said. He "
    "said that 96 schools would close and that talks with the city had ended without an offer.\n\n"
    "The city council said that it had offered a rise of four per cent. Parents have been asked to "
    "keep their children at home, and the libraries will be open to pupils from eight in the "
    "morning."
)
BREAD = (
    "The price of bread in Orlet has risen by a fifth since January, a survey by the consumer "
    "office showed on Friday. The head of the office, Lena Quist, said that energy costs were to "
    "blame and that bakers had little room.\n\nThree bakeries closed in March. The guild of bakers "
    "said that another nine might follow before the summer if the city did not lower the charge "
    "for waste."
)
MAY = [datetime.date(2023, 5, day) for day in (9, 12, 20)]
STORIES = [
    ("Old ferry pier to close", "The Orlet Courier", "Ida Brun", MAY[0], PIER),
    (
        "Teachers to strike for two days; Talks end without an offer",
        *("Orlet Daily News (Orlet)", "JON VEY", MAY[1], STRIKE),
    ),
    (
        "Bread is dearer by a fifth in 2000 of 4,500 shops",
        *("The Orlet Courier", "Ida Brun and Tom Hesk", MAY[2], BREAD),
    ),
]


def fields(article: Article) -> tuple[object, ...]:
    """All that the stories above have, with the lines of each paragraph joined."""
    paragraphs = (" ".join(one.split()) for one in article.text.split("\n\n"))
    text = "\n\n".join(paragraphs)
    return article.title, article.source, article.author, article.published, text


def hold(data: bytes, sections: bool = True) -> list[Article]:
    """The articles of an export, held to be those three, with nothing to remark."""
    articles = articles_in(data, "export")
    assert [fields(article) for article in articles] == STORIES
    if sections:
        assert [one.section.upper() for one in articles] == ["NEWS", "NEWS", "BUSINESS"]
    assert not reasons_in(data)
    assert not remarks_in(data)
    return articles


def wrapped(text: str, width: int = 78) -> str:
    """A text with lines of one width, as exports have them."""
    return "\n\n".join(textwrap.fill(one, width) for one in text.split("\n\n"))


def paragraphs(text: str) -> str:
    """A text as HTML."""
    return "".join(f"<p>{one}</p>\n" for one in text.split("\n\n"))


def stories() -> list[tuple[int, str, str, str, datetime.date, str, str]]:
    """The number, title, source, author, day, section and text of each article."""
    sections = ("NEWS", "NEWS", "BUSINESS")
    return [
        (n, title, source, author, day, sections[n - 1], text)
        for n, (title, source, author, day, text) in enumerate(STORIES, 1)
    ]


def proquest(rule: str, titled: bool, text: str = "Full text: {}") -> str:
    """An export of ProQuest; `titled`: the title has a label, at the top."""
    contents = "".join(f"{n}. {title}\n\n" for n, title, *_ in stories())
    written = (
        f"Report Information from ProQuest\nMay 30 2023 10:12\n\nTable of contents\n\n{contents}"
    )
    for n, title, source, author, day, section, body in stories():
        when = f"{day:%B} {day.day}, {day.year}"
        label = f"Title: {title}" if titled else f"{title}"
        fields = [rule, f"Document {n} of 3", label, f"Author: {author}", "ProQuest document link"]
        fields += ["Abstract: The board met.", "Links: Check for text", text.format(body)]
        fields += ["Subject: Harbours; Ferries", f"Title: {title}", f"Publication title: {source}"]
        fields += ["Pages: A.3", "Publication year: 2023", f"Publication date: {when}"]
        fields += [f"Section: {section}", "Publisher: Orlet Press Ltd", "Source type: Newspapers"]
        fields += ["Language of publication: English", f"ProQuest document ID: 2514399{n}"]
        fields += [f"Document URL: https://search.example.com/docview/2514399{n}?accountid=1"]
        fields += ["Copyright: (Copyright (c) 2023)", "Last updated: 2023-11-07", "Database: News"]
        written += "\n\n".join(fields) + "\n\n"
    return f"{written}{rule}\n\nContact us at: help\n\nCopyright © 2023 ProQuest LLC."
