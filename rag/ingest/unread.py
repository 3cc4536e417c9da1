"""Name files of a format that is not read, and say what to do with them.

Knows the first bytes of formats, and nothing else of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from rag.ingest.failure import Found, Unreadable
from rag.ingest.source import Source
from rag.ingest.zip_files import zip_holds
from rag.types import Note
from rag.wording import note


class _Format(NamedTuple):
    """A format by its first bytes (a pattern), and the note that says what to do with it."""

    note: str
    name: str
    start: bytes


_FORMATS = (
    _Format("unread_picture", "GIF", rb"GIF8[79]a"),
    _Format("unread_picture", "WebP", rb"RIFF....WEBP"),
    _Format("unread_picture", "BMP", rb"BM....\x00\x00\x00\x00"),
    _Format("unread_picture", "HEIC", rb"....ftyp(?:hei[cx]|mif1|msf1|avif)"),
    _Format("unread_picture", "Photoshop", rb"8BPS"),
    _Format("unread_picture", "DjVu", rb"AT&TFORM"),
    _Format("unread_recording", "WAV", rb"RIFF....WAVE"),
    _Format("unread_recording", "AVI", rb"RIFF....AVI "),
    _Format("unread_recording", "MP4", rb"....(?:ftyp|moov|mdat)"),
    _Format("unread_recording", "MP3", rb"ID3[\x02-\x04]|\xff[\xfb\xf3\xf2\xe3]"),
    _Format("unread_recording", "AAC", rb"\xff[\xf1\xf9]"),
    _Format("unread_recording", "Ogg", rb"OggS"),
    _Format("unread_recording", "FLAC", rb"fLaC"),
    _Format("unread_recording", "AIFF", rb"FORM....AIF[FC]"),
    _Format("unread_recording", "AMR", rb"#!AMR"),
    _Format("unread_recording", "Matroska", rb"\x1aE\xdf\xa3"),
    _Format("unread_recording", "Windows Media", rb"0&\xb2u\x8ef\xcf\x11"),
    _Format("unread_recording", "MPEG", rb"\x00\x00\x01[\xb3\xba]"),
    _Format("unread_recording", "Flash", rb"FLV\x01"),
    _Format("unread_archive", "RAR", rb"Rar!\x1a\x07"),
    _Format("unread_archive", "7z", rb"7z\xbc\xaf\x27\x1c"),
    _Format("unread_archive", "tar", rb".{257}ustar"),
    _Format("unread_archive", "xz", rb"\xfd7zXZ\x00"),
    _Format("unread_archive", "bzip2", rb"BZh[1-9]1AY&SY"),
    _Format("unread_archive", "zstd", rb"\x28\xb5\x2f\xfd"),
    _Format("unread_book", "Mobipocket", rb".{60}(?:BOOKMOBI|TEXtREAd)"),
    _Format("unread_document", "PostScript", rb"%!PS"),
    _Format("unread_document", "WordPerfect", rb"\xffWPC"),
    _Format("unread_slides", "OpenDocument", rb"PK.{28}mimetype.{0,40}opendocument\.presentation"),
    _Format("unread_table", "OpenDocument", rb"PK.{28}mimetype.{0,40}opendocument\.spreadsheet"),
)  # fmt: skip
_KNOWN = [(form, re.compile(form.start, re.DOTALL)) for form in _FORMATS]
# The files of these formats hold others: a name in the list of a zip tells them apart, or the name
# of a stream.
_ZIPPED = (
    _Format("unread_slides", "PowerPoint", b"ppt/presentation.xml"),
    _Format("unread_table", "Excel", b"xl/workbook.bin"),
    _Format("unread_document", "Pages", b"Index/Document.iwa"),
)
_COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_STREAMS = (
    _Format("unread_encrypted", "", b"EncryptedPackage"),
    _Format("unread_document", "Word 97", b"WordDocument"),
    _Format("unread_table", "Excel 97", b"Workbook"),
    _Format("unread_slides", "PowerPoint 97", b"PowerPoint Document"),
    _Format("unread_mail", "Outlook", b"__properties_version1.0"),
    _Format("unread_document", "Microsoft Office", b""),
)


def is_unread(data: bytes) -> bool:
    """Whether a file has a format that is known, and is not read."""
    return _reason(data) is not None


def refuse(source: Source) -> Iterator[Found]:
    """Raise Unreadable with the file's format and the remedy."""
    yield from ()
    if reason := _reason(source.data):
        raise Unreadable(reason)


def _reason(data: bytes) -> Note | None:
    for form, start in _KNOWN:
        if start.match(data):
            return note(form.note, format=form.name)
    for form in _ZIPPED:
        if zip_holds(data, form.start):
            return note(form.note, format=form.name)
    if data.startswith(_COMPOUND):
        form = next(one for one in _STREAMS if one.start.decode().encode("utf-16-le") in data)
        return note(form.note, format=form.name) if form.name else note(form.note)
    return None
