"""One document of an export: its lines, in paragraphs, and the article that it becomes.

Owns what the databases share: notices of copyright, lines that are a date, how a field that is
written for a catalogue becomes one of an article.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from rag.ingest.exports.labels import (
    ABSTRACT,
    AUTHOR,
    CAPTION,
    IN_HEAD,
    LANGUAGE,
    PUBLISHED,
    SECTION,
    SOURCE,
    STANDFIRST,
    TAIL,
    TEXT,
    TITLE,
    URL,
    Labels,
)
from rag.text.dates import DateOrder, parse_date
from rag.text.languages import language_code
from rag.types import Article

NOTICE = re.compile(
    r"\s*(?:copyright\s*(?:[©(]|\d{4})|©|\(c\)\s|all rights reserved|alle rechte vorbehalten"
    r"|tous droits r[ée]serv[ée]s|(?:todos los )?derechos reservados|alle rechten voorbehouden"
    r"|tutti i diritti riservati|todos os direitos reservados)",
    re.IGNORECASE,
)
"""How a line of a copyright notice starts."""
WORDS = re.compile(
    r"[ \t]*\d[\d., ]{0,8}[ \xa0]?(?i:words?|wörter|worte|mots|palabras|parole|palavras|woorden|ord"
    r"|слов\w*|字|語|词|단어)[ \t]*"
)
"""The length of a document, in a line of its own."""
_WEEKDAY = r"(?:[^\W\d_]{2,12}\.?,?\s+)?"
_DAY = re.compile(
    rf"\s*{_WEEKDAY}(?:\d{{1,2}}(?:st|nd|rd|th|er|º)?\.?\s+(?:de\s+)?[^\W\d_]{{3,12}}\.?,?\s+"
    rf"(?:de(?:l)?\s+)?[12]\d{{3}}|[^\W\d_]{{3,12}}\.?\s+\d{{1,2}}(?:st|nd|rd|th)?,?\s+[12]\d{{3}}"
    r"|[12]\d{3}-\d\d-\d\d|\d{1,2}[./-]\d{1,2}[./-][12]\d{3}"
    r"|[12]\d{3}\s*[年년]\s*\d{1,2}\s*[月월]\s*\d{1,2}\s*[日일])(?!\d)"
)
_ISSUE = re.compile(r"\s*(?:[^\W\d_]+[\s,./-]+){0,3}[12]\d{3}\s*")
_BY = re.compile(
    r"^(?:(?:words|text|story|report(?:ed)?|written)\s+)?(?:by|von|par|por|di|door|av|af)\b:?\s+",
    re.IGNORECASE,
)
# What stands after a writer's name: "KURT SCHORK, --(Reuter)", "Ana Lopez, Gazette Staff Writer".
_AFTER_NAME = re.compile(
    r"(?:\s*,\s*|\s+)(?:--?\s*\(.{2,30}\)|(?:[\w-]+\.){1,3}[a-z]{2,5})$"
    r"|\s*,\s*(?:[\w.’'&-]+\s){0,4}(?:writer|reporter|correspondent|editor|columnist|staff)$",
    re.IGNORECASE,
)
# Of a section: "NEWS; Pg. 3", "Guardian Home Pages, Pg. 7", "POLITICS; Version:28".
_PAGE = re.compile(
    r"(?:^|[,\s]\s*)(?:pgs?|pp?|pages?|seite|s|blz|pagina|pág|pag|página|column|col|version|ausg)\b"
    r"[.:]?\s*[\w-]{0,8}\d.*$",
    re.IGNORECASE,
)
_LONGEST_DATE = 120
_LONGEST_FIELD = 200
"""Characters of a field that belongs above the text, so that a paragraph of the text is none."""
_PARAGRAPHS = 6
"""Of a caption, at most."""


class Block(NamedTuple):
    """A paragraph: the lines from `start` up to `end`, none of them blank."""

    start: int
    end: int


@dataclass(slots=True)
class Document:
    """What a layout reads from one document; `text` is exact, `values` are as they are written."""

    values: dict[str, str] = field(default_factory=dict)
    text: str = ""

    def add(self, found: Mapping[str, str]) -> None:
        """Take the values of fields that have none yet."""
        for name, value in found.items():
            self.values.setdefault(name, value)


def blocks_of(lines: Sequence[str]) -> list[Block]:
    """The paragraphs of some lines."""
    blocks, start = list[Block](), -1
    for at, line in enumerate((*lines, "")):
        if line.strip() and start < 0:
            start = at
        elif not line.strip() and start >= 0:
            blocks.append(Block(start, at))
            start = -1
    return blocks


def tail_of(lines: Sequence[str], blocks: Sequence[Block], labels: Labels) -> int:
    """The line from which there are but labelled fields and notices, after the text."""
    tail = blocks[-1].end if blocks else 0
    loose = 0
    for at in range(len(blocks) - 1, -1, -1):
        label = labels.read(lines[blocks[at].start])
        known = label.field if label else ""
        size = sum(map(len, lines[blocks[at].start : blocks[at].end]))
        if known == TEXT or (known in IN_HEAD and known != STANDFIRST and size > _LONGEST_FIELD):
            break
        if known or NOTICE.match(lines[blocks[at].start]):
            # What stands between belongs to a caption of several paragraphs, and to nothing else.
            if loose and known not in (CAPTION, STANDFIRST):
                break
            tail, loose = blocks[at].start, 0
        elif not label and (loose := loose + 1) > _PARAGRAPHS:
            break
    return tail


def read_labelled(lines: Sequence[str], labels: Labels) -> Document:
    """Read a document whose text has a label, too."""
    start = next((i for i, line in enumerate(lines) if labels.field(line) == TEXT), len(lines))
    # The labels below may stand right under the text, and under a caption.
    rest = _without_last_labels(lines[start:], labels)
    rest = _without_last_labels(rest[: tail_of(rest, blocks_of(rest), labels)], labels)
    stop = start + len(rest)
    document = Document(text=text_of(rest, labels))
    document.add(labels.values(lines[:start]))
    document.add(labels.values(lines[stop:]))
    return document


def _without_last_labels(lines: Sequence[str], labels: Labels) -> Sequence[str]:
    stop = len(lines)
    while stop and (
        not lines[stop - 1].strip() or labels.field(lines[stop - 1]) in (LANGUAGE, TAIL)
    ):
        stop -= 1
    return lines[:stop]


def text_of(lines: Sequence[str], labels: Labels) -> str:
    """The text of some lines as it stands, without the labels that say that it is the text."""
    rows, start = list[str](), 0
    for block in blocks_of(lines):
        label = labels.read(lines[block.start])
        if label and label.field == TEXT:
            rows += lines[start : block.start]
            rest = lines[block.start][label.at :]
            rows += [rest] if rest.strip() else []
            start = block.start + 1
            while start < len(lines) and not rest.strip() and not lines[start].strip():
                start += 1
    return trimmed([*rows, *lines[start:]])


def joined(lines: Sequence[str]) -> str:
    """Lines as one, for a field."""
    return " ".join(" ".join(lines).split())


def trimmed(lines: Sequence[str]) -> str:
    """Lines as they stand, without the blank ones around them."""
    at, end = 0, len(lines)
    while at < end and not lines[at].strip():
        at += 1
    while end > at and not lines[end - 1].strip():
        end -= 1
    return "\n".join(lines[at:end])


def is_day(line: str) -> bool:
    """Whether a line is the day of an issue: it starts with one, and an edition may follow."""
    return len(line.strip()) <= _LONGEST_DATE and _DAY.match(line) is not None


def is_issue(line: str) -> bool:
    """Whether a line names an issue without its day: "January 2009", "Summer, 2008"."""
    return _ISSUE.fullmatch(line[:_LONGEST_DATE]) is not None


def article_of(document: Document, order: DateOrder, origin: str, form: str) -> Article | None:
    """The article of a document, None without any text."""
    value = document.values.get
    text = "\n\n".join(filter(None, (value(STANDFIRST, ""), document.text)))
    text = text or value(ABSTRACT, "")
    if not text.strip():
        return None
    return Article(
        text,
        title=joined([value(TITLE, "")]),
        source=value(SOURCE, "").split(";")[0].strip(" ."),
        author=_author(value(AUTHOR, "")),
        published=_day(value(PUBLISHED, ""), order),
        url=value(URL, "") if value(URL, "").startswith(("http://", "https://")) else "",
        language=language_code(value(LANGUAGE, "")),
        section=_section(value(SECTION, "")),
        origin=origin,
        format=form,
        partial=not document.text,
    )


def _day(written: str, order: DateOrder) -> datetime.date | None:
    # An edition may follow: "June 17, 1995, CITY EDITION".
    match = _DAY.match(written[:_LONGEST_DATE])
    return parse_date(match[0], order) if match else parse_date(written, order)


def _section(written: str) -> str:
    """The section without its page, and no part of it twice."""
    parts = (_PAGE.sub("", part.strip()).strip(" ,") for part in written.split(";"))
    return "; ".join(dict.fromkeys(filter(None, parts)))


def is_byline(line: str) -> bool:
    """Whether a line starts as a byline does, in one of the databases' languages."""
    return len(line) < _LONGEST_DATE and _BY.match(line.strip()) is not None


def _author(written: str) -> str:
    name = _BY.sub("", written.strip(), count=1)
    return _AFTER_NAME.sub("", name).strip(" ,;")
