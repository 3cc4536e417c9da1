"""New evidence for standing questions as JSON, Markdown and an RSS 2.0 feed.

The text of articles and questions is escaped: it becomes neither markup nor a link, which only an
address of `rag.export.reference` does.
"""

from __future__ import annotations

import datetime
import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from email.utils import format_datetime
from itertools import groupby
from xml.etree import ElementTree

from rag.export.escaping import escape
from rag.export.markdown import escaped, linked, quoted
from rag.export.reference import one_line, reference, remarks_on, web_address
from rag.export.serialize import about
from rag.text.characters import fit_for_xml
from rag.text.lines import on_one_line
from rag.types import Article, Citation
from rag.wording import ENGLISH, Wording

FEED_ITEMS = 200
"""The newest items that a feed has: readers of feeds keep what they have seen."""
_HOME = "http://127.0.0.1:7860/"
"""What a feed has to name as its site: where Byline's page is, unless it is told otherwise."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """A quote that answers a standing question, verified in its article.

    `found` is when it was first reported; `strength` is that of its answer.
    """

    question: str
    citation: Citation
    article: Article
    found: datetime.datetime
    strength: str

    @property
    def digest(self) -> str:
        """What identifies it: the question and the words that are quoted."""
        return digest(self.question, self.citation.quote)


def digest(question: str, quote: str) -> str:
    """Return what identifies the words of a quote as evidence for a question."""
    return hashlib.sha256(f"{question}\x00{on_one_line(quote)}".encode()).hexdigest()[:32]


def to_json(found: Sequence[Evidence], say: Wording = ENGLISH) -> bytes:
    """Return one JSON document: the evidence, newest first, each with what is known of its article.

    The page and its certainty are those of the citation, as in the JSON of an answer.
    """
    items = [
        {
            "id": one.digest,
            "question": one.question,
            "found": one.found.isoformat(timespec="seconds"),
            "strength": one.strength,
            "quote": one.citation.quote,
            "start": one.citation.start,
            "end": one.citation.end,
            "page": one.citation.page,
            "certainty": one.citation.certainty,
            "link": _link(one),
            "article": {"id": one.article.id, **about(one.article)},
        }
        for one in _newest_first(found)
    ]
    text = json.dumps({"evidence": items}, ensure_ascii=False, indent=1)
    return f"{text}\n".encode("utf-8", "replace")


def to_markdown(found: Sequence[Evidence], say: Wording = ENGLISH) -> bytes:
    """Return a Markdown document: a section for each day on which evidence was found, newest first,
    and in it each question with its quotes."""
    parts = [f"# {escaped(say('evidence_found'))}"]
    parts += [escaped(say("evidence_none"))] * (not found)
    for day, items in groupby(_newest_first(found), lambda one: one.found.astimezone().date()):
        parts.append(f"## {escaped(say.day(day))}")
        by_question = sorted(items, key=lambda one: one.question)
        for question, quotes in groupby(by_question, lambda one: one.question):
            parts.append(f"### {escaped(one_line(question))}")
            for one in quotes:
                span = one.citation.start, one.citation.end
                parts += [quoted(one.citation.quote), linked(one.article, say, span)]
                parts += map(escaped, remarks_on(one.article, say))
    return ("\n\n".join(parts) + "\n").encode("utf-8", "replace")


def to_rss(found: Sequence[Evidence], say: Wording = ENGLISH) -> bytes:
    """Return an RSS 2.0 feed of the newest evidence, an item for each quote."""
    feed = ElementTree.Element("rss", version="2.0")
    channel = ElementTree.SubElement(feed, "channel")
    _add(channel, "title", say("evidence_found"))
    _add(channel, "link", _HOME)
    _add(channel, "description", say("evidence_why"))
    _add(channel, "language", say.language)
    _add(channel, "generator", "Byline")
    newest = _newest_first(found)[:FEED_ITEMS]
    for one in newest[:1]:
        _add(channel, "lastBuildDate", format_datetime(one.found))
    for one in newest:
        item = ElementTree.SubElement(channel, "item")
        for name, text in _item(one, say):
            _add(item, name, text)
        guid = ElementTree.SubElement(item, "guid", isPermaLink="false")
        guid.text = f"urn:byline:{one.digest}"
    ElementTree.indent(feed)
    data: bytes = ElementTree.tostring(feed, "utf-8", xml_declaration=True)
    return data + b"\n"


def _item(one: Evidence, say: Wording) -> Iterator[tuple[str, str]]:
    """The elements of an item of a feed but its id; its description is HTML."""
    asked = one_line(one.question)
    # Some readers of feeds take a title for HTML, too.
    title = f"{asked} — {one_line(one.article.source or one.article.headline)}"
    yield "title", title.replace("<", "‹").replace(">", "›")
    if link := _link(one):
        yield "link", link
    place = reference(one.article, say, (one.citation.start, one.citation.end))
    lines = f"“{on_one_line(one.citation.quote)}”", place, *remarks_on(one.article, say)
    yield "description", "".join(f"<p>{escape(line)}</p>" for line in lines)
    yield "category", asked
    yield "pubDate", format_datetime(one.found)


def _add(parent: ElementTree.Element, name: str, text: str) -> None:
    ElementTree.SubElement(parent, name).text = fit_for_xml(text)


def _link(one: Evidence) -> str:
    return web_address(one.article, (one.citation.start, one.citation.end))


def _newest_first(found: Sequence[Evidence]) -> list[Evidence]:
    return sorted(found, key=lambda one: one.found, reverse=True)


REPORTS: Mapping[str, Callable[[Sequence[Evidence], Wording], bytes]] = {
    ".json": to_json,
    ".md": to_markdown,
    ".rss": to_rss,
    ".xml": to_rss,
}
"""What writes a report of evidence, by the ending of its file."""
