"""Parse the header of a message: whether there is one, and what its fields say.

Knows nothing of bodies. A message comes from anyone, so no field is believed to be well formed.
"""

from __future__ import annotations

import contextlib
import datetime
import email.utils
import re
from email.header import decode_header, make_header
from email.message import Message

from rag.ingest.encoding import fit
from rag.ingest.text_page.bylines import is_outlet
from rag.text.dates import DateOrder, parse_date

_LOOKED_AT = 20_000
"""Bytes in which a header's field names are looked for."""
_LONGEST = 2_000
"""Characters of a field that are parsed; the standard library's parsers are slow on long ones."""
_FIELD = re.compile(rb"([!-9;-~]+):(?:[^\n]*\n?)(?:[ \t][^\n]*\n?)*")
_ENVELOPE = re.compile(rb"\AFrom [^\n:]*\n(?=[!-9;-~]+:)")
"""A line that mailboxes put before a message, and some programs before a single one."""
_OTHERS = frozenset(
    b"bcc cc date delivered-to message-id mime-version received reply-to return-path sent subject"
    b" to".split()
)
_DESK = re.compile(
    r"(?:alerts?|briefing|contact|daily|digest|editors?|hello|info|mail|media|news\w*|no-?reply"
    r"|do-?not-?reply|office|press\w*|redaktion|service|support|team|updates?|weekly)\b",
    re.IGNORECASE,
)
_AT_OUTLET = re.compile(r"(?P<author>.+?)(?:,? (?:at|from|via) | \| )(?P<source>.+)")


def field_names(data: bytes) -> set[bytes]:
    """The names of the fields that a file starts with, in lower case; none where its first lines
    are no fields of a header."""
    data = data[:_LOOKED_AT].removeprefix(b"\xef\xbb\xbf").replace(b"\r\n", b"\n").lstrip(b"\n")
    data = _ENVELOPE.sub(b"", data)
    names: set[bytes] = set()
    at = 0
    while match := _FIELD.match(data, at):
        names.add(match[1].lower())
        at = match.end()
    # Behind the fields there is a blank line, or nothing.
    return names if data[at : at + 1] in (b"\n", b"") else set()


def is_header(names: set[bytes]) -> bool:
    """Whether fields of these names are those of a message."""
    return (b"from" in names and not _OTHERS.isdisjoint(names)) or {
        b"mime-version",
        b"content-type",
    } <= names


def field(message: Message, name: str) -> str:
    """A field of a header in one line, decoded; "" where there is none."""
    return decoded(_raw(message, name))


def sender(message: Message) -> tuple[str, str]:
    """The author and the source that the field From names; "" for what it does not.

    A person is an author. An outlet's name, or that of a desk, is a source.
    """
    written, address = email.utils.parseaddr(_raw(message, "from"))
    name = decoded(written)
    if not name or "@" in name or name.startswith("<"):
        return "", ""
    if match := _AT_OUTLET.fullmatch(name):
        return match["author"].strip("\"' "), match["source"]
    name = name.strip("\"' ")
    if is_outlet(name) or name.lower().startswith("the ") or _DESK.match(address):
        return "", name
    return name, ""


def day(message: Message, order: DateOrder) -> datetime.date | None:
    """The day on which a message was sent, as written in its own time zone."""
    written = field(message, "date") or field(message, "sent")
    if found := parse_date(written, order):
        return found
    with contextlib.suppress(Exception):  # Of several kinds, for what is no date.
        return email.utils.parsedate_to_datetime(written).date()
    return None


def _raw(message: Message, name: str) -> str:
    """A field as it stands in the header, in the bytes' UTF-8."""
    # What the standard library makes of bytes without a declared charset would lose them.
    raw = next((str(value) for key, value in message.raw_items() if key.lower() == name), "")
    return raw[:_LONGEST].encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def decoded(raw: str) -> str:
    """A field, or a part of one, with its encoded words decoded, in one line."""
    # A charset that does not exist, or words that are no such encoding: as they stand.
    with contextlib.suppress(Exception):
        raw = str(make_header(decode_header(raw)))
    return " ".join(fit(raw).split())
