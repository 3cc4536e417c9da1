"""Bytes to text: encodings, line ends, and what is no text."""

from __future__ import annotations

from pathlib import Path

import pytest
from pages import RIVER, read_bytes


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"], ids=["lf", "crlf", "cr"])
def test_encodings_and_line_ends(tmp_path: Path, encoding: str, end: str) -> None:
    text = f"Sân bay mới mở cửa – “hôm nay”\n\n{RIVER}"
    articles, reasons = read_bytes(tmp_path, text.replace("\n", end).encode(encoding))
    assert reasons == []
    assert (articles[0].title, articles[0].text) == ("Sân bay mới mở cửa – “hôm nay”", RIVER)


def test_nothing_is_normalised(tmp_path: Path) -> None:
    text = "“ﬁve” cafe\u0301 ½ \u00a0 ‘quoted’ " + RIVER
    articles, _ = read_bytes(tmp_path, text.encode())
    assert articles[0].text == text


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty"),
        (b" \r\n\t\n", "empty"),
        (b"\xef\xbb\xbf", "empty"),
        ("Caf\xe9 au lait".encode("latin-1"), "not UTF-8 (at byte 3): save it as UTF-8"),
        (b"abc\x00def", "binary"),
        ("Title".encode("utf-16-le"), "binary"),
        (b"\x89PNG\r\n\x1a\n", "a picture (PNG)"),
        (b"%PDF-1.7\n", "a broken PDF"),
        (b"PK\x03\x04", "a broken zip"),
        (b"\xff\xfea", "not UTF-16"),
        (b"\xed\xa0\x80", "not UTF-8"),
        (b"<!DOCTYPE html>\n<html><p>Hi</p></html>", "HTML"),
        (b"Menu\nHome\nRelated Articles\n", "no article text"),
        (b'[\n {"name": "x"}\n]', "JSON without articles"),
        (b'{\n "name": "x"\n}', "JSON without articles"),
        (b"title,text\n", "no records"),
    ],
    ids=lambda value: repr(value)[:20],
)
def test_unreadable_files_are_failures(tmp_path: Path, data: bytes, reason: str) -> None:
    articles, reasons = read_bytes(tmp_path, data)
    assert articles == []
    assert len(reasons) == 1
    assert reason in reasons[0]
