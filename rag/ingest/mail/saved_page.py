"""Read a web page that a browser saved as one message (MHTML).

Owns which part of it is the page; the pictures, styles and frames that came with it are left out.
The message's date is the day on which the page was saved, not that of its publication.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from email.message import Message

from rag.ingest.failure import Found, Unreadable
from rag.ingest.html.page import read_html
from rag.ingest.mail.headers import field, field_names
from rag.ingest.mail.message import html_of, is_message, parameter, parsed
from rag.ingest.source import Source
from rag.types import Article
from rag.wording import note

_HEAD = 20_000
_RELATED = re.compile(rb"^content-type:\s*multipart/related\b", re.IGNORECASE | re.MULTILINE)
_SAVED = re.compile(rb"^from:\s*\"?<?saved by ", re.IGNORECASE | re.MULTILINE)
_ADDRESS = re.compile(r"https?://\S+", re.IGNORECASE)


def is_saved_page(data: bytes) -> bool:
    """Whether a file is a message that was never sent: a page and what belongs to it."""
    names = field_names(data)
    if not is_message(data):
        return False
    if b"snapshot-content-location" in names or _SAVED.search(data, 0, _HEAD):
        return True
    return b"from" not in names and _RELATED.search(data, 0, _HEAD) is not None


def read_saved_page(source: Source) -> Iterator[Found]:
    """Yield what the page holds. Raises Unreadable."""
    message = parsed(source.data)
    page = _main_page(message)
    if page is None:
        raise Unreadable(note("mhtml_no_page"))
    places = (field(message, "snapshot-content-location"), field(page, "content-location"))
    url = next(filter(_ADDRESS.fullmatch, places), "")
    for found in read_html(replace(source, data=html_of(page))):
        if isinstance(found, Article):
            title = found.title or field(message, "subject")
            found = replace(found, title=title, url=found.url or url)
        yield found


def _main_page(message: Message) -> Message | None:
    """The part that the message names as its start, else the first page in it."""
    pages = [part for part in message.walk() if part.get_content_type() == "text/html"]
    start = parameter(message, "start")
    named = (part for part in pages if start and field(part, "content-id") == start)
    return next(named, next(iter(pages), None))
