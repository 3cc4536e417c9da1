"""A notebook of quotes that a reader pinned, as Markdown and as a Word document.

Each quote is verified against its article first; text of an article, a question or a note is
escaped, or stands in a document as a text.
"""

from __future__ import annotations

import datetime
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from docx import Document
from docx.oxml.parser import OxmlElement

from rag.citation import is_verbatim
from rag.export.markdown import escaped, linked, quoted
from rag.export.reference import one_line, reference, remarks_on
from rag.text.characters import fit_for_xml
from rag.text.lines import on_one_line
from rag.types import Answer, Article, Citation, Claim
from rag.wording import ENGLISH, Wording


@dataclass(frozen=True, slots=True)
class Pin:
    """A quote that a reader pinned, the question that it answered, and the reader's note."""

    question: str
    article_id: str
    start: int
    end: int
    quote: str
    note: str = ""

    @property
    def citation(self) -> Citation:
        return Citation(0, self.article_id, self.start, self.end, self.quote)


@dataclass(frozen=True, slots=True)
class Notebook:
    """Pinned quotes in the reader's order, under a title."""

    title: str
    pins: tuple[Pin, ...]


def sound(pin: Pin, articles: Mapping[str, Article]) -> bool:
    """Verify a quote: whether its article still holds it, word for word."""
    article = articles.get(pin.article_id)
    return article is not None and is_verbatim(pin.citation, article)


def to_markdown(
    notebook: Notebook,
    articles: Mapping[str, Article],
    made: datetime.date,
    say: Wording = ENGLISH,
) -> bytes:
    """Return a Markdown document: under each question its quotes, with their sources and notes."""
    parts = [f"# {escaped(_title(notebook, say))}"]
    parts.append(escaped(say("notebook_made", day=say.day(made))))
    for question, pins in _by_question(notebook, articles):
        parts.append(f"## {escaped(one_line(question))}")
        for pin in pins:
            article = articles[pin.article_id]
            parts += [quoted(pin.quote), linked(article, say, (pin.start, pin.end))]
            parts += map(escaped, remarks_on(article, say))
            parts += [escaped(pin.note)] * bool(pin.note.strip())
    parts += map(escaped, _left_out(notebook, articles, say))
    return ("\n\n".join(parts) + "\n").encode("utf-8", "replace")


def to_docx(
    notebook: Notebook,
    articles: Mapping[str, Article],
    made: datetime.date,
    say: Wording = ENGLISH,
) -> bytes:
    """Return the same as a Word document, in the styles that every template has."""
    document = Document()
    title = _title(notebook, say)
    about = document.core_properties
    about.title, about.author, about.comments = fit_for_xml(title), "", ""
    about.language = say.language
    about.created = about.modified = datetime.datetime.combine(made, datetime.time())
    _add(document, title, "Title", say)
    _add(document, say("notebook_made", day=say.day(made)), "Normal", say)
    for question, pins in _by_question(notebook, articles):
        _add(document, one_line(question), "Heading 2")
        for pin in pins:
            article = articles[pin.article_id]
            _add(document, f"“{on_one_line(pin.quote)}”", "Quote")
            place = reference(article, say, (pin.start, pin.end))
            for line in (place, *remarks_on(article, say)):
                _add(document, line, "Normal", say)
            for line in pin.note.strip().splitlines():
                _add(document, line, "List Bullet")
    for line in _left_out(notebook, articles, say):
        _add(document, line, "Normal", say)
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def as_answers(notebook: Notebook, articles: Mapping[str, Article]) -> list[Answer]:
    """Return an answer for each question of the notebook, made of its quotes, as evidence packs
    hold them."""
    found = []
    for question, pins in _by_question(notebook, articles):
        cited = [
            Citation(label, pin.article_id, pin.start, pin.end, pin.quote)
            for label, pin in enumerate(pins, start=1)
        ]
        claims = tuple(Claim(one.quote, (one.label,)) for one in cited)
        text = " ".join(f"{one.quote} [{one.label}]" for one in cited)
        found.append(
            Answer(question, question, text, "answered", citations=tuple(cited), claims=claims)
        )
    return found


def _by_question(
    notebook: Notebook, articles: Mapping[str, Article]
) -> list[tuple[str, Sequence[Pin]]]:
    """The pins that hold, in order; those of one question that follow each other together."""
    held = [pin for pin in notebook.pins if sound(pin, articles)]
    return [(question, list(pins)) for question, pins in groupby(held, lambda pin: pin.question)]


def _left_out(notebook: Notebook, articles: Mapping[str, Article], say: Wording) -> Sequence[str]:
    """That quotes were left out, where some no longer hold."""
    gone = sum(not sound(pin, articles) for pin in notebook.pins)
    return [say("dropped", n=gone)] if gone else []


def _title(notebook: Notebook, say: Wording) -> str:
    return one_line(notebook.title) or say("notebook")


def _add(document: Any, text: str, style: str, say: Wording = ENGLISH) -> None:
    """Add a paragraph; one of Byline's own words runs as their language does."""
    paragraph = document.add_paragraph(fit_for_xml(text), style=style)
    if say.direction == "rtl":
        paragraph.paragraph_format.element.get_or_add_pPr().append(OxmlElement("w:bidi"))
        for run in paragraph.runs:
            run._r.get_or_add_rPr().append(OxmlElement("w:rtl"))
