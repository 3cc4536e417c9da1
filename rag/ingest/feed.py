"""Read feeds (RSS, Atom, RDF): one article for each entry.

feedparser parses them, with faults and all. The longest content of an entry is read, or else its
description; one with only a teaser is marked as partial. The channel is the source unless the entry
names another.
"""

from __future__ import annotations

import codecs
import html
import io
import re
from collections.abc import Iterator
from typing import Any

from rag.ingest.encoding import fit, marked
from rag.ingest.failure import Failure, Found, Remark, Unreadable
from rag.ingest.fields import read_fields
from rag.ingest.html.text import html_to_text
from rag.ingest.source import Source
from rag.ingest.xml import PROLOGUE, head_of
from rag.text.dates import parse_date
from rag.types import Article
from rag.wording import note

_START = re.compile(
    rf"{PROLOGUE}<(?:rss\b|(?:\w+:)?feed\b[^>]*Atom|rdf:RDF\b[^>]*/rss/)",
    re.IGNORECASE | re.DOTALL,
)
_DOCTYPE = re.compile(rb"<!DOCTYPE\b[^>\[]{0,2000}(?:\[[^\]]{0,99999}\]\s{0,99})?>", re.IGNORECASE)
_ENTRY = re.compile(rb"<(?:\w+:)?(?:item|entry)[\s>]")
_SHORT = 600
"""Characters; a description that is shorter is a teaser, a whole article is hardly ever."""
_MORE = re.compile(
    r"(?:continue reading|read (?:more|on\b|the (?:full|rest))|weiterlesen|lire la suite|leer más)",
    re.IGNORECASE,
)
_CUT_OFF = ("…", "...", "[…]", "[...]")
_ADDRESS = re.compile(r"\S*@\S*")
_POSTED = re.compile(r"\n?The post .{1,300} (?:appeared first|first appeared) on .{1,200}$")


def is_feed(data: bytes) -> bool:
    """Whether a file starts as a feed does, with an XML declaration or without one."""
    return _START.match(head_of(data)) is not None


def read_feed(source: Source) -> Iterator[Found]:
    """Yield the articles of a feed, and how many entries are none. Raises Unreadable."""
    import feedparser

    try:
        # As a stream: what looks like an address or a file's name would be opened.
        feed = feedparser.parse(
            io.BytesIO(_without_entities(source.data)),
            sanitize_html=False,
            resolve_relative_uris=False,
        )
    except Exception:  # feedparser: of several kinds, for what no feed has.
        raise Unreadable(note("feed_broken")) from None
    if not feed.entries:
        raise Unreadable(note("feed_empty"))
    empty = 0
    for ordinal, entry in enumerate(feed.entries, 1):
        source.budget.take_time()
        text, partial = _text(entry)
        if not any(c.isalnum() for c in text):
            empty += 1
            continue
        origin = f"{source.name}#{ordinal}"
        fields, problems = read_fields(_fields(entry, feed.feed, source), source.options.dates)
        for problem in problems:
            yield Failure(source.name, note("at_entry", n=str(ordinal), problem=problem))
        yield Article(text, origin=origin, partial=partial, **fields)  # type: ignore[arg-type]
    if empty:
        yield Failure(source.name, note("entries_without_text", n=empty))
    missing = len(_ENTRY.findall(source.data)) - len(feed.entries)
    if missing > 0:
        yield Failure(source.name, note("entries_lost", n=missing))
    elif feed.bozo and "SAX" in type(feed.bozo_exception).__name__:
        yield Remark(source.name, note("feed_faulty"))


def _without_entities(data: bytes) -> bytes:
    """A feed without its document type, whose entities may stand for a text without end."""
    if encoding := marked(data):
        data = codecs.BOM_UTF8 + data.decode(encoding, "replace").encode()
    return _DOCTYPE.sub(b"", data, count=1)


def _text(entry: Any) -> tuple[str, bool]:
    """The text of an entry, and whether it is only the opening of the article."""
    whole = [_plain(one.get("value")) for one in entry.get("content", ())]
    teaser = _plain(entry.get("summary"))
    text = _POSTED.sub("", max(whole, key=len, default="") or teaser).strip()
    above, _, last = text.rpartition("\n")
    more = _MORE.search(last, max(0, len(last) - 80)) is not None
    if more and above and _MORE.match(last):
        text = above
    short = not any(whole) and len(text) < _SHORT
    return text, more or short or text.endswith(_CUT_OFF)


def _fields(entry: Any, channel: Any, source: Source) -> dict[str, str]:
    authors = [one.get("name") for one in entry.get("authors", ())]
    if len(authors) < 2:  # In RSS it is one string, which the library takes apart badly.
        authors = [_ADDRESS.sub("", (entry.get("author") or "")[:300]).strip(" ()<>")]
    authors = [_line(name) for name in authors]
    outlet = _line(entry.get("source", {}).get("title")) or _line(channel.get("title"))
    people = [name for name in authors if name and name != outlet]
    sections = (_line(tag.get("label") or tag.get("term")) for tag in entry.get("tags", ()))
    link = entry.get("link") or ""
    # An Atom entry, or one of RSS 1.0, may only have the day of its last change.
    written = (entry.get("published") or entry.get("updated") or "").strip()
    if written and not parse_date(written, source.options.dates):
        parsed = entry.get("published_parsed") or entry.get("updated_parsed")
        written = "{:04}-{:02}-{:02}".format(*parsed[:3]) if parsed else written
    return {
        "title": _line(entry.get("title")),
        "author": ", ".join(dict.fromkeys(people)),
        "source": outlet,
        "section": next((name for name in sections if name and "://" not in name), ""),
        "url": link if re.match(r"https?://[^\s/]", link, re.IGNORECASE) else "",
        "language": _line(channel.get("language")),
        "published": written,
    }


def _plain(markup: str | None) -> str:
    """The text of markup; a text that has none stays as it is."""
    markup = fit(markup or "")
    if not re.search(r"<[/\w]|&[#\w]", markup):
        return "\n".join(line.strip() for line in markup.split("\n")).strip()
    return html_to_text(markup)


def _line(markup: str | None) -> str:
    """A field as one line; titles hold tags and entities, too."""
    plain = html.unescape(re.sub(r"</?[A-Za-z][^<>]*>", "", fit(markup or "")))
    return " ".join(fit(plain).split())
