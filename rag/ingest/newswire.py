"""Read the XML in which news agencies and archives send articles: NITF and NewsML-G2.

lxml parses it. Both formats have a field of their own for the title, the byline, the day of
publication, the section and the language; the text is the content's paragraphs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from rag.ingest.encoding import fit
from rag.ingest.failure import Failure, Found, Unreadable
from rag.ingest.fields import read_fields
from rag.ingest.html.text import html_to_text
from rag.ingest.source import Source
from rag.ingest.xml import PROLOGUE, head_of, parse_xml
from rag.types import Article
from rag.wording import note

if TYPE_CHECKING:
    from lxml.etree import _Element

_NITF = re.compile(rf"{PROLOGUE}<(?:\w+:)?nitf[\s>]", re.DOTALL)
_NEWSML = re.compile(rf"{PROLOGUE}<(?:\w+:)?(?:newsItem|newsMessage)[\s>]", re.DOTALL)
_BY = re.compile(r"(?:by|von|par|por)\s+(?=\S)", re.IGNORECASE)


def is_nitf(data: bytes) -> bool:
    return _NITF.match(head_of(data)) is not None


def is_newsml(data: bytes) -> bool:
    return _NEWSML.match(head_of(data)) is not None


def read_nitf(source: Source) -> Iterator[Found]:
    """Yield the article of an NITF document. Raises Unreadable."""
    yield from _articles(source, [(_parsed(source.data), {})])


def read_newsml(source: Source) -> Iterator[Found]:
    """Yield the articles of a NewsML-G2 item or message. Raises Unreadable."""
    root = _parsed(source.data)
    items = [root] if _name(root) == "newsItem" else list(root.iter("{*}newsItem"))
    found = [(item, _newsml_fields(item)) for item in items]
    yield from _articles(source, found)


def _articles(source: Source, items: list[tuple[_Element, dict[str, str]]]) -> Iterator[Found]:
    """The articles of items, with the fields that are known of them beside those of NITF."""
    any_text = False
    for ordinal, (item, known) in enumerate(items, 1):
        text = _text(item)
        if not any(c.isalnum() for c in text):
            continue
        any_text = True
        nitf = _nitf_fields(item)
        given = {name: known.get(name) or nitf.get(name, "") for name in {**known, **nitf}}
        fields, problems = read_fields(given, source.options.dates)
        for problem in problems:
            yield Failure(source.name, problem)
        origin = f"{source.name}#{ordinal}" if len(items) > 1 else source.name
        yield Article(text, origin=origin, **fields)  # type: ignore[arg-type]
    if not any_text:
        raise Unreadable(note("document_empty"))


def _nitf_fields(item: _Element) -> dict[str, str]:
    published = item.find(".//{*}pubdata")
    issued = item.find(".//{*}date.issue")
    days = [
        published.get("date.publication", "") if published is not None else "",
        issued.get("norm", "") if issued is not None else "",
    ]
    section = item.find(".//{*}meta[@name='online_sections']")
    byline = _line(item.find(".//{*}byline"))
    return {
        "title": _line(item.find(".//{*}hl1")) or _line(item.find(".//{*}title")),
        "author": _BY.sub("", byline, count=1) if byline else "",
        "source": published.get("name", "") if published is not None else "",
        "section": section.get("content", "") if section is not None else "",
        "published": _day(next(filter(None, days), "")),
        "language": item.get("{http://www.w3.org/XML/1998/namespace}lang", ""),
    }


def _newsml_fields(item: _Element) -> dict[str, str]:
    meta = item.find("{*}contentMeta")
    about = item.find("{*}itemMeta")
    language = item.find("{*}contentMeta/{*}language")
    provider = item.find("{*}itemMeta/{*}provider")
    days = (
        (meta, "contentCreated"), (about, "firstCreated"), (about, "versionCreated"),
    )  # fmt: skip
    written = [_line(one.find(f"{{*}}{name}")) for one, name in days if one is not None]
    names = [_line(one) for one in item.iterfind("{*}contentMeta/{*}creator/{*}name")]
    by = _line(item.find("{*}contentMeta/{*}by"))
    outlet = item.find("{*}contentMeta/{*}infoSource/{*}name")
    return {
        "title": _line(item.find("{*}contentMeta/{*}headline")),
        "author": _BY.sub("", by, count=1) or ", ".join(dict.fromkeys(filter(None, names))),
        "source": _line(provider.find("{*}name") if provider is not None else None)
        or _line(outlet),
        "section": _line(item.find("{*}contentMeta/{*}genre/{*}name")),
        "published": _day(next(filter(None, written), "")),
        "language": language.get("tag", "") if language is not None else "",
    }


def _text(item: _Element) -> str:
    """The paragraphs of an item's content, a line each."""
    from lxml import etree

    # The lead of an archived article is repeated in its full text.
    content = item.find(".//{*}body.content/{*}block[@class='full_text']")
    for path in (".//{*}body.content", "{*}contentSet", ".//{*}body"):
        content = item.find(path) if content is None else content
    if content is None:
        return ""
    for media in list(content.iter("{*}media", "{*}inlineData", "{*}remoteContent")):
        if media is not content and media.getparent() is not None and _name(media) != "inlineData":
            media.getparent().remove(media)
    for element in content.iter():
        if isinstance(element.tag, str):  # Whatever the namespace, the names are those of HTML.
            element.tag = _name(element)
    etree.cleanup_namespaces(content)
    return fit(html_to_text(etree.tostring(content, encoding="unicode", method="html"))).strip()


def _day(written: str) -> str:
    """A compact date and time as a date: "20230509T180211Z"."""
    match = re.match(r"(\d{4})-?(\d\d)-?(\d\d)(?!\d)", written)
    return "-".join(match.groups()) if match else written


def _line(element: _Element | None) -> str:
    """The text of an element in one line; the title of a person is left out."""
    if element is None:
        return ""
    for title in element.iter("{*}byttl"):
        title.text = None
    return " ".join(fit("".join(element.itertext())).split())


def _name(element: _Element) -> str:
    return str(element.tag).rpartition("}")[2]


def _parsed(data: bytes) -> _Element:
    try:
        return parse_xml(data)
    except Exception:  # lxml: for what is no XML.
        raise Unreadable(note("document_broken")) from None
