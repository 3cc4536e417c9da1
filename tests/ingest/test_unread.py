"""Files of formats that are not read: the reason names the format and the remedy."""

from __future__ import annotations

import io
import tarfile
import zipfile

import pytest
from pages import RIVER
from reading import articles_in, reasons_in


def compound(stream: str) -> bytes:
    """A file of Microsoft's compound format, as far as its directory of streams."""
    return (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(1000) + stream.encode("utf-16-le") + bytes(99)
    )


def zipped(**files: str) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as bundle:
        for name, content in files.items():
            bundle.writestr(name, content)
    return packed.getvalue()


def tarred() -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as bundle:
        info = tarfile.TarInfo("a.txt")
        info.size = len(RIVER)
        bundle.addfile(info, io.BytesIO(RIVER.encode()))
    return packed.getvalue()


@pytest.mark.parametrize(
    ("data", "format_", "remedy"),
    [
        (b"GIF89a\x00\x00", "a picture (GIF)", "recognise its text first"),
        (b"RIFF\x00\x10\x00\x00WEBPVP8 ", "a picture (WebP)", "recognise its text first"),
        (b"RIFF\x00\x10\x00\x00WAVEfmt ", "sound or video (WAV)", "its transcript"),
        (b"\x00\x00\x00\x18ftypmp42", "sound or video (MP4)", "its transcript"),
        (b"ID3\x04\x00\x00", "sound or video (MP3)", "its transcript"),
        (b"Rar!\x1a\x07\x01\x00", "a packed file (RAR)", "pack it as zip"),
        (tarred(), "a packed file (tar)", "pack it as zip"),
        (b"x" * 60 + b"BOOKMOBI", "an e-book (Mobipocket)", "save it as EPUB or PDF"),
        (compound("WordDocument"), "a document (Word 97)", "save it as DOCX or PDF"),
        (compound("Workbook"), "a table (Excel 97)", "save it as XLSX or CSV"),
        (compound("PowerPoint Document"), "a presentation (PowerPoint 97)", "save it as PDF"),
        (compound("__properties_version1.0"), "a message (Outlook)", "save it as EML"),
        (compound("Else"), "a document (Microsoft Office)", "save it as DOCX or PDF"),
        (compound("EncryptedPackage"), "encrypted", "save it without a password"),
        (
            zipped(**{"[Content_Types].xml": "", "ppt/presentation.xml": ""}),
            "a presentation (PowerPoint)",
            "save it as PDF",
        ),
        (
            zipped(mimetype="application/vnd.oasis.opendocument.presentation"),
            "a presentation (OpenDocument)",
            "save it as PDF",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_the_format_and_the_remedy_are_named(data: bytes, format_: str, remedy: str) -> None:
    (reason,) = reasons_in(data)
    assert reason.startswith(format_)
    assert remedy in reason


def test_a_zip_that_holds_a_document_is_no_document() -> None:
    inner = zipped(**{"[Content_Types].xml": "", "ppt/presentation.xml": ""})
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as bundle:
        bundle.writestr("slides.pptx", inner)
        bundle.writestr("a.txt", RIVER)
    assert [article.text for article in articles_in(packed.getvalue())] == [RIVER]
    (reason,) = reasons_in(packed.getvalue())
    assert "PowerPoint" in reason


@pytest.mark.parametrize("start", ["BM is a company.", "ID3 is a tag.", "RIFF is a format.", "PK"])
def test_a_text_is_none_of_them(start: str) -> None:
    assert articles_in(f"{start} {RIVER}".encode())[0].format == "text"
