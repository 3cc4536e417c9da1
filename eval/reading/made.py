"""Make an archive of mixed formats: articles of the bundled ones' sentences, written as files.

Each article is another one, so that all of them have to come back.
"""

from __future__ import annotations

import csv
import datetime
import json
import mailbox
import random
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from email.message import EmailMessage
from html import escape
from pathlib import Path
from typing import TypeAlias

from eval.datasets.gold import ARTICLES
from rag.evaluation.extra import require
from rag.ingest import read_articles
from rag.text.sentences import sentence_spans

_SENTENCES = 14
_SOURCES = ("The Post", "The Daily Example", "Radio Mekong", "AFP")
_FIRST = datetime.date(2020, 1, 1)


@dataclass(frozen=True, slots=True)
class Story:
    """What an article says, before it is written in some format."""

    title: str
    paragraphs: tuple[str, ...]
    source: str
    published: datetime.date

    @property
    def text(self) -> str:
        return "\n\n".join(self.paragraphs)


Write: TypeAlias = Callable[[Sequence[Story], Path], None]
"""Writes the articles of one file; the path has no suffix."""


def make(folder: Path, articles: int, seed: int = 7, sentences: int = _SENTENCES) -> dict[str, int]:
    """Write so many articles to files in `folder`; returns how many there are of each format."""
    stories = _stories(articles, sentences, random.Random(seed))  # noqa: S311
    made: dict[str, int] = {}
    for form, (share, together, write) in _FORMATS.items():
        wanted = articles * share // 100
        made[form] = wanted
        for start in range(0, wanted, together):
            several = [next(stories) for _ in range(min(together, wanted - start))]
            place = folder / form / f"{start // 1000:03}"
            place.mkdir(parents=True, exist_ok=True)
            write(several, place / f"{start:06}")
    return made


def _stories(n: int, length: int, chance: random.Random) -> Iterator[Story]:
    sentences = [
        article.text[start:end].replace("\n", " ")
        for article in read_articles(ARTICLES)
        for start, end in sentence_spans(article.text)
        if 40 < end - start < 300
    ]
    for number in range(n):
        chosen = chance.sample(sentences, length)
        paragraphs = [" ".join(chosen[at : at + 2]) for at in range(0, length, 2)]
        paragraphs[0] = f"This is report number {number} of the archive. {paragraphs[0]}"
        yield Story(
            f"Report {number}: {chosen[0].split(',')[0][:60]}",
            tuple(paragraphs),
            chance.choice(_SOURCES),
            _FIRST + datetime.timedelta(days=chance.randrange(1500)),
        )


def _text(stories: Sequence[Story], path: Path) -> None:
    (one,) = stories
    lines = [one.title, f"{one.source}, {one.published:%d %B %Y}", one.text]
    path.with_suffix(".txt").write_text("\n\n".join(lines), "utf-8")


def _html_of(one: Story) -> str:
    body = "".join(f"<p>{escape(paragraph)}</p>" for paragraph in one.paragraphs)
    return (
        f'<!DOCTYPE html><html lang="en"><head><title>{escape(one.title)}</title>'
        f'<meta property="og:site_name" content="{one.source}">'
        f'<meta property="article:published_time" content="{one.published}T08:00:00Z"></head>'
        '<body><nav><a href="/">Home</a> <a href="/news">News</a></nav>'
        f"<article><h1>{escape(one.title)}</h1>{body}</article><footer>All rights</footer></body>"
        "</html>"
    )


def _html(stories: Sequence[Story], path: Path) -> None:
    path.with_suffix(".html").write_text(_html_of(stories[0]), "utf-8")


def _record(one: Story) -> dict[str, str]:
    return {
        "title": one.title,
        "source": one.source,
        "published": str(one.published),
        "text": one.text,
    }


def _json_lines(stories: Sequence[Story], path: Path) -> None:
    lines = "\n".join(json.dumps(_record(one)) for one in stories)
    path.with_suffix(".jsonl").write_text(lines, "utf-8")


def _json_list(stories: Sequence[Story], path: Path) -> None:
    found = {"status": "ok", "articles": [_record(one) for one in stories]}
    path.with_suffix(".json").write_text(json.dumps(found), "utf-8")


def _csv(stories: Sequence[Story], path: Path) -> None:
    with path.with_suffix(".csv").open("w", encoding="utf-8", newline="") as file:
        rows = csv.DictWriter(file, list(_record(stories[0])))
        rows.writeheader()
        rows.writerows(map(_record, stories))


def _message(one: Story) -> EmailMessage:
    message = EmailMessage()
    message["Subject"], message["From"] = one.title, f"{one.source} <news@example.org>"
    message["Date"] = datetime.datetime.combine(one.published, datetime.time(8))
    message.set_content(one.text)
    return message


def _eml(stories: Sequence[Story], path: Path) -> None:
    path.with_suffix(".eml").write_bytes(bytes(_message(stories[0])))


def _mbox(stories: Sequence[Story], path: Path) -> None:
    box = mailbox.mbox(path.with_suffix(".mbox"))
    for one in stories:
        box.add(_message(one))
    box.close()


def _pdf(stories: Sequence[Story], path: Path) -> None:
    require("fpdf")
    from fpdf import FPDF

    (one,) = stories
    pdf = FPDF()
    pdf.add_page()
    pdf.set_title(one.title)
    pdf.set_font("Helvetica", size=12)
    for paragraph in one.paragraphs:
        pdf.multi_cell(0, 6, paragraph.encode("latin-1", "replace").decode("latin-1"))
        pdf.ln(4)
    pdf.output(str(path.with_suffix(".pdf")))


def _docx(stories: Sequence[Story], path: Path) -> None:
    (one,) = stories
    body = "".join(
        f'<w:p><w:r><w:t xml:space="preserve">{escape(paragraph)}</w:t></w:r></w:p>'
        for paragraph in (one.title, *one.paragraphs)
    )
    word = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    office = "http://schemas.openxmlformats.org"
    main = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{office}/package/2006/content-types">'
        '<Default Extension="rels" '
        'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/word/document.xml" ContentType="{main}"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{office}/package/2006/relationships">'
        f'<Relationship Id="rId1" Type="{office}/officeDocument/2006/relationships/officeDocument" '
        'Target="word/document.xml"/></Relationships>',
        "word/document.xml": f'<w:document xmlns:w="{word}"><w:body>{body}</w:body></w:document>',
    }
    with zipfile.ZipFile(path.with_suffix(".docx"), "w", zipfile.ZIP_DEFLATED) as packed:
        for name, xml in parts.items():
            packed.writestr(name, f'<?xml version="1.0" encoding="UTF-8"?>{xml}')


def _rss(stories: Sequence[Story], path: Path) -> None:
    items = "".join(
        f"<item><title>{escape(one.title)}</title><link>https://example.org/{path.name}/{n}</link>"
        f"<pubDate>{one.published:%a, %d %b %Y} 08:00:00 GMT</pubDate><content:encoded><![CDATA["
        f"{''.join(f'<p>{escape(p)}</p>' for p in one.paragraphs)}]]></content:encoded></item>"
        for n, one in enumerate(stories)
    )
    feed = (
        '<?xml version="1.0" encoding="UTF-8"?><rss version="2.0" '
        'xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel>'
        f"<title>The Post</title><link>https://example.org/</link>{items}</channel></rss>"
    )
    path.with_suffix(".xml").write_text(feed, "utf-8")


def _zip(stories: Sequence[Story], path: Path) -> None:
    with zipfile.ZipFile(path.with_suffix(".zip"), "w", zipfile.ZIP_DEFLATED) as packed:
        for number, one in enumerate(stories):
            packed.writestr(f"pages/{number}.html", _html_of(one))


_FORMATS: dict[str, tuple[int, int, Write]] = {
    "html": (20, 1, _html),
    "text": (10, 1, _text),
    "jsonl": (20, 500, _json_lines),
    "csv": (15, 500, _csv),
    "json": (5, 100, _json_list),
    "pdf": (5, 1, _pdf),
    "docx": (5, 1, _docx),
    "eml": (5, 1, _eml),
    "mbox": (5, 100, _mbox),
    "feed": (5, 20, _rss),
    "zip": (5, 50, _zip),
}
"""Each format with its share of the articles in percent, and how many are in a file."""
