"""Bytes to text.

Owns the encodings that are read, and the unifying of line ends. Knows nothing of formats or
articles. Encodings are never guessed: a wrong guess would misquote without anyone noticing.
"""

from __future__ import annotations

import codecs

from rag.ingest.failure import Unreadable

# UTF-32 first: its little-endian mark begins with that of UTF-16.
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_NO_TEXT = (b"%PDF-", b"PK\x03\x04", b"\x1f\x8b", b"\x89PNG", b"\xff\xd8\xff", b"GIF8")


def decode(data: bytes) -> str:
    """The text of a file: UTF-8, or UTF-16 or UTF-32 with a byte-order mark.

    Raises Unreadable for binary data, another encoding, and a file without text.
    """
    encoding = next((name for mark, name in _MARKS if data.startswith(mark)), "utf-8")
    if data.startswith(_NO_TEXT) or (encoding.startswith("utf-8") and b"\x00" in data):
        raise Unreadable("binary, not text: save it as UTF-8 text, or move it out of the folder")
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        wanted = "UTF-8" if encoding.startswith("utf-8") else encoding.upper()
        raise Unreadable(f"not {wanted} (at byte {error.start}): save it as UTF-8") from None
    if "\x00" in text:
        raise Unreadable("binary, not text: save it as UTF-8 text, or move it out of the folder")
    if not text.strip():
        raise Unreadable("empty: it holds no text")
    return unify_line_ends(text)


def unify_line_ends(text: str) -> str:
    r"""`text` with \r\n and \r as \n, and nothing else changed."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def unfit(text: str) -> str:
    r"""Why a decoded string cannot be an article's text or field, or "" when it can.

    JSON escapes can spell what no UTF-8 file holds: NUL, and half of a surrogate pair.
    """
    if "\x00" in text:
        return "holds a NUL character"
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return "holds half a surrogate pair, which is no character"
    return ""
