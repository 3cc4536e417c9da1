"""Decode bytes to text.

Owns the encodings that are read, and the normalisation of line ends. Knows nothing of formats or
articles. A file has to be UTF-8, unless it says otherwise (a byte-order mark; HTML may declare its
charset), or `guess_encoding` is sure: a wrong guess would misquote without anyone noticing.
"""

from __future__ import annotations

import codecs
import re
from typing import NamedTuple

from rag.ingest.failure import Remark, Unreadable
from rag.ingest.guess_encoding import guess_encoding
from rag.types import Note
from rag.wording import note

# UTF-32 first: its little-endian mark begins with that of UTF-16.
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_NO_TEXT = (b"%PDF-", b"PK\x03\x04", b"\x1f\x8b", b"\x89PNG", b"\xff\xd8\xff", b"GIF8")
_DECLARED = re.compile(
    rb"<meta\b[^>]{0,200}?\bcharset\s*=\s*[\"']?\s*([\w.:-]{2,40})"
    rb"|<\?xml\b[^>]{0,200}?\bencoding\s*=\s*[\"']([\w.:-]{2,40})",
    re.IGNORECASE,
)
_DECLARED_WITHIN = 8192
"""Bytes in which a page's declaration is looked for; browsers look at the first 1024."""
_CHARSETS = re.compile(
    r"utf-8|ascii|cp(?:125\d|866|874|932|949|950)|iso8859-\d+|koi8-[ru]|mac-roman|tis-620"
    r"|gb2312|gbk|gb18030|big5|big5hkscs|shift_jis|euc_jp|euc_kr|iso2022_jp"
)
# What a declaration means, as https://encoding.spec.whatwg.org/#names-and-labels has it.
_MEANT = {
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
    "tis-620": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "big5": "big5hkscs",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
    "utf-16": "utf-8",
    "utf-16-le": "utf-8",
    "utf-16-be": "utf-8",
}
LINE_ENDS = "\n\x0b\x0c\x85\u2028\u2029"
"""What ends a line of a decoded text."""
BROKEN = "\ufdd0"
"""A code point that no text has, by Unicode's own rule."""
_UNSHOWN = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_CONTROL = re.compile("[\x00-\x08\x0e-\x1f\x7f\ufffe\uffff]")
_LABELS = {"windows-874": "cp874", "x-sjis": "cp932", "x-gbk": "gbk", "macintosh": "mac-roman"}


class Decoded(NamedTuple):
    """The text of a file, and the encoding where that was guessed: to be said to the reader."""

    text: str
    guessed: str = ""

    def remarks(self, file: str) -> list[Remark]:
        """What to say of a file that was read so."""
        said = note("encoding_guessed", encoding=self.guessed.upper())
        return [Remark(file, said)] if self.guessed else []


def decode(data: bytes) -> Decoded:
    """The text of a file: UTF-8, or UTF-16 or UTF-32 with a byte-order mark, else as is sure.

    Raises Unreadable for binary data, an encoding that is not sure, and a file without text.
    """
    return _decode(data, marked(data))


def decode_html(data: bytes) -> Decoded:
    """The source of an HTML page: by its byte-order mark, else as it declares, else as `decode`.

    Raises Unreadable as `decode`, and for a charset that is not known.
    """
    return _decode(data, _html_encoding(data))


def decode_html_in_part(data: bytes) -> str:
    """As `decode_html`, with `BROKEN` in place of each byte that is no text in the encoding.

    For a page of which only other parts than the article are broken. Raises Unreadable.
    """
    encoding = _html_encoding(data) or "utf-8"
    if data.startswith(_NO_TEXT) or encoding.startswith(("utf-16", "utf-32")):
        raise Unreadable(note("binary"))
    text = data.decode(encoding, "surrogateescape")
    return unify_line_ends(re.sub("[\x00\udc80-\udcff]", BROKEN, text))


def _html_encoding(data: bytes) -> str:
    """The encoding that a page tells, "" for none. Raises Unreadable for one that is not known."""
    encoding = marked(data)
    match = _DECLARED.search(data[:_DECLARED_WITHIN])
    if encoding or not match:
        return encoding
    label = (match[1] or match[2]).decode("ascii", "replace")
    name = charset(label)
    if not name:
        raise Unreadable(note("unknown_charset", charset=ascii(label.lower())))
    return name


def charset(label: str) -> str:
    """The encoding that a declared charset means, "" for one that is not known."""
    label = label.strip().lower()
    try:
        name = codecs.lookup(_LABELS.get(label, label)).name
    except (LookupError, ValueError):
        return ""
    name = _MEANT.get(name, name)
    return name if _CHARSETS.fullmatch(name) else ""


def marked(data: bytes) -> str:
    """The encoding that a byte-order mark names; "" without one."""
    return next((name for mark, name in _MARKS if data.startswith(mark)), "")


def _decode(data: bytes, told: str) -> Decoded:
    """The text in the encoding that a file tells, "" for none."""
    encoding, guessed = told or "utf-8", ""
    if data.startswith(_NO_TEXT) or (
        not encoding.startswith(("utf-16", "utf-32")) and b"\x00" in data
    ):
        raise Unreadable(note("binary"))
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        guessed = "" if told else guess_encoding(data)
        if not guessed:
            wanted = "UTF-8" if encoding.startswith("utf-8") else encoding.upper()
            reason = note("wrong_encoding", encoding=wanted, byte=str(error.start))
            raise Unreadable(reason) from None
        text = data.decode(guessed)
    if "\x00" in text:
        raise Unreadable(note("binary"))
    if not text or text.isspace():  # Not `strip`, which would hold a large text twice.
        raise Unreadable(note("empty"))
    return Decoded(unify_line_ends(text), guessed)


def unify_line_ends(text: str) -> str:
    r"""`text` with \r\n and \r as \n, and nothing else changed."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def fit(text: str) -> str:
    """`text` in characters that an article may hold: line ends unified, halves of a surrogate pair
    joined or replaced, control characters left out."""
    whole = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return _CONTROL.sub("", unify_line_ends(whole))


def fit_name(name: str) -> str:
    r"""A file's name in characters that can be stored and shown: every byte that is not UTF-8, and
    every control character, as its escape ("caf\xe9.txt")."""
    return _UNSHOWN.sub(_escaped, name)


def _escaped(found: re.Match[str]) -> str:
    code = ord(found.group())
    byte = code - 0xDC00 if 0xDC80 <= code <= 0xDCFF else code
    return f"\\x{byte:02x}" if byte < 0x100 else f"\\u{code:04x}"


def unfit(text: str) -> Note | None:
    r"""Why a decoded string cannot be an article's text or field; None when it can.

    JSON escapes can spell what no UTF-8 file holds: NUL, and half of a surrogate pair.
    """
    if "\x00" in text:
        return note("nul")
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return note("half_surrogate")
    return None
