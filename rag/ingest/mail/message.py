"""Read a message of a mail program (EML): its body as an article, and its attachments.

Owns which part of a message is its body. The plain text is preferred, the HTML is read where there
is none or the plain text is only a hint at it ("View this message in your browser").
"""

from __future__ import annotations

import codecs
import email
import re
from collections.abc import Iterable, Iterator
from email.message import Message

from rag.ingest.encoding import charset, decode, decode_html, fit
from rag.ingest.exports.read import html_export, is_export, read_export
from rag.ingest.failure import Failure, Found, Unreadable
from rag.ingest.html.text import html_to_text
from rag.ingest.mail.flowed import unflowed
from rag.ingest.mail.headers import day, decoded, field, field_names, is_header, sender
from rag.ingest.source import Source
from rag.ingest.text_page.lines import same
from rag.types import Article
from rag.wording import note

_SIGNATURES = re.compile(r"application/(?:pgp-|(?:x-)?pkcs7-)\w+|text/(?:calendar|x?-?vcard)")
_FURNITURE = re.compile(
    r"(?:view|read|open|see)\b.{0,40}\b(?:browser|online)\W*"
    r"|(?:click here to )?unsubscribe\b.{0,60}"
    r"|(?:manage|update) (?:your )?(?:e-?mail )?preferences\W*",
    re.IGNORECASE,
)
_HINT = 200
"""Characters of plain text that may be a mere hint at the HTML."""
_LONG_CONTENT_TYPE = re.compile(rb"^content-type:(?:[^\n]|\n[ \t]){10000}", re.I | re.M)


def is_message(data: bytes) -> bool:
    """Whether a file starts as a message does."""
    return is_header(field_names(data))


def read_message(source: Source) -> Iterator[Found]:
    """Yield the article of a message, and what its attachments hold. Raises Unreadable."""
    message = parsed(source.data)
    bodies, attached = _parts(message)
    title = field(message, "subject")
    text, export, failed = "", "", False
    try:
        text = _body(bodies, title)
        export = _export(bodies, text)
    except Unreadable as error:
        yield Failure(source.name, error.reason)
        failed = True
    if export:
        yield from read_export(source, export)
    elif text:
        author, outlet = sender(message)
        yield Article(
            text,
            title=title,
            author=author,
            source=outlet,
            published=day(message, source.options.dates),
            origin=source.name,
        )
    elif not attached and not failed:
        raise Unreadable(note("mail_empty"))
    for number, part in enumerate(attached, 1):
        yield from _read_attached(source, part, number)


def parsed(data: bytes) -> Message:
    """A message with its parts. Raises Unreadable for one that cannot be parsed."""
    # The standard library compares each parameter of a content type with all others.
    if _LONG_CONTENT_TYPE.search(data):
        raise Unreadable(note("mail_broken"))
    try:
        return email.message_from_bytes(data.lstrip(b"\r\n"))
    except Exception:  # Of several kinds, a recursion without end among them.
        raise Unreadable(note("mail_broken")) from None


def payload(part: Message) -> bytes:
    """The bytes of a part, without its transfer encoding. Raises Unreadable."""
    try:
        data = part.get_payload(decode=True)
    except Exception:  # The standard library lets some faults of base64 through.
        raise Unreadable(note("mail_broken")) from None
    return data if isinstance(data, bytes) else b""


def html_of(part: Message) -> bytes:
    """The source of an HTML part, in the charset that the part declares before that of the page."""
    data = payload(part)
    declared = charset(parameter(part, "charset"))
    if not declared or _is_utf8(data):
        return data
    return codecs.BOM_UTF8 + data.decode(declared, "replace").encode()


def parameter(part: Message, name: str) -> str:
    """A parameter of a part's content type, "" without it."""
    value = part.get_param(name, "")
    return value[2] if isinstance(value, tuple) else str(value or "")


def _parts(message: Message) -> tuple[list[Message], list[Message]]:
    """The texts of a message's body, and what is attached to it, in order."""
    bodies: list[Message] = []
    attached: list[Message] = []
    waiting = [message]
    while waiting:
        part = waiting.pop()
        kind = part.get_content_type()
        if kind == "message/rfc822" and part.is_multipart():
            attached.append(part)
        elif part.is_multipart():
            waiting += reversed(_inside(part))
        elif part.get_content_disposition() == "attachment" or part.get_filename():
            inline = part.get("content-id") is not None and part.get_content_maintype() == "image"
            if not inline and not _SIGNATURES.fullmatch(kind):
                attached.append(part)
        elif kind in ("text/plain", "text/html"):
            bodies.append(part)
    return bodies, attached


def _inside(part: Message) -> list[Message]:
    """The parts of a part, none for one that holds a text or a file."""
    inside = part.get_payload() if part.is_multipart() else []
    return [one for one in inside if isinstance(one, Message)]


def _body(bodies: list[Message], title: str) -> str:
    """The text of a message's body, "" without one. Raises Unreadable where none can be read."""
    kinds = [(one.get_content_type(), one) for one in bodies]
    plain = _joined(_plain(one) for kind, one in kinds if kind == "text/plain")
    pages = [one for kind, one in kinds if kind == "text/html"]
    if not pages or len(plain) > _HINT:
        return plain
    try:
        page = _joined(_page_text(one, title) for one in pages)
    except Unreadable:
        if plain:
            return plain
        raise
    return page if len(page) > 2 * len(plain) else plain


def _export(bodies: list[Message], text: str) -> str:
    """The text of an export that a database sent as a message, "" for any other message."""
    pages = (html_of(one) for one in bodies if one.get_content_type() == "text/html")
    return next(filter(None, map(html_export, pages)), text if is_export(text) else "")


def _joined(texts: Iterable[str]) -> str:
    return "\n\n".join(filter(None, texts))


def _plain(part: Message) -> str:
    data = payload(part)
    if not data.strip():
        return ""
    declared = charset(parameter(part, "charset"))
    own = not declared or _is_utf8(data)
    text = fit(decode(data).text if own else data.decode(declared, "replace"))
    if parameter(part, "format").lower() == "flowed":
        text = unflowed(text, parameter(part, "delsp").lower() == "yes")
    return text.strip()


def _page_text(part: Message, title: str) -> str:
    """What an HTML part shows, but for its title and for what only mail programs need."""
    lines = html_to_text(decode_html(html_of(part)).text).split("\n")
    lines = [line for line in lines if not _FURNITURE.fullmatch(line)]
    if len(lines) > 1 and same(lines[0], title):
        del lines[0]
    return fit("\n".join(lines)).strip()


def _read_attached(source: Source, part: Message, number: int) -> Iterator[Found]:
    from rag.ingest.formats import read_part

    name = re.sub(r"[/\\]", "_", decoded(_file_name(part))) or str(number)
    try:
        # A message that was forwarded as an attachment is parsed already.
        forwarded = _inside(part)
        data = forwarded[0].as_bytes() if forwarded else payload(part)
    except Exception:
        yield Failure(f"{source.name}/{name}", note("mail_broken"))
        return
    yield from read_part(source, name, data)


def _file_name(part: Message) -> str:
    try:
        return part.get_filename() or ""
    except Exception:
        return ""


def _is_utf8(data: bytes) -> bool:
    """Whether bytes beyond ASCII are UTF-8, whatever a declaration says."""
    if data.isascii():
        return False
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True
