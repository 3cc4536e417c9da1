"""Web archives: the pages that were fetched, by their addresses; the rest is counted."""

from __future__ import annotations

import gzip
import io
import re

import pytest
from growth import LINEAR, growth
from hypothesis import given
from pages import RELIEF, RIVER
from reading import articles_in, cut_or_altered, generated, holds, reasons_in, remarks_in
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from rag.types import Article

PAGE = (
    '<!DOCTYPE html><html lang="en"><head><title>River rises</title></head><body><article>'
    f"<h1>River rises</h1><p>{RIVER}</p><p>{RELIEF}</p></article></body></html>"
)


def warc(*answers: tuple[str, bytes, str, str], packed: bool = False, coding: str = "") -> bytes:
    """An archive of answers: address, content, type and status."""
    out = io.BytesIO()
    writer = WARCWriter(out, gzip=packed)
    writer.write_record(writer.create_warcinfo_record("a.warc", {"software": "test"}))
    for address, content, kind, status in answers:
        fields = [("Content-Type", kind), *([("Content-Encoding", coding)] if coding else [])]
        headers = StatusAndHeaders(status, fields, protocol="HTTP/1.1")
        writer.write_record(
            writer.create_warc_record(
                address, "response", payload=io.BytesIO(content), http_headers=headers
            )
        )
        writer.write_record(
            writer.create_warc_record(address, "metadata", payload=io.BytesIO(b"x"))
        )
    return out.getvalue()


RISES = ("https://example.org/river?id=1", PAGE.encode(), "text/html; charset=utf-8", "200 OK")
OTHERS = (
    ("https://example.org/a.png", b"\x89PNG\r\n\x1a\n", "image/png", "200 OK"),
    ("https://example.org/gone", b"<html><p>Not found</p></html>", "text/html", "404 Not Found"),
)


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gzip"])
def test_pages_are_read_by_their_addresses(packed: bool) -> None:
    data = warc(RISES, *OTHERS, packed=packed)
    (found,) = articles_in(data, "a.warc")
    assert found == Article(
        f"{RIVER}\n{RELIEF}",
        title="River rises",
        published=None,  # The day on which it was fetched is in the archive.
        url="https://example.org/river?id=1",
        language="en",
        origin="a.warc/https://example.org/river?id=1",
        format="html",
    )
    assert reasons_in(data) == []
    assert remarks_in(data) == [
        "2 records are no pages (pictures, scripts, errors) and were left out"
    ]


def test_a_page_that_was_sent_packed() -> None:
    address, page, kind, status = RISES
    (found,) = articles_in(warc((address, gzip.compress(page), kind, status), coding="gzip"))
    assert found.title == "River rises"


def test_a_page_without_an_article_is_a_failure_and_stops_no_other() -> None:
    menu = ("https://example.org/", b"<html><body><a>Home</a></body></html>", "text/html", "200 OK")
    assert [found.title for found in articles_in(warc(menu, RISES))] == ["River rises"]
    (reason,) = reasons_in(warc(menu, RISES))
    assert "no article text in this HTML page" in reason


def test_an_archive_that_was_packed_as_a_whole() -> None:
    log = ("metadata://wget/wget.log", b"wget said", "text/plain", "200 OK")
    data = gzip.compress(warc(RISES, log, OTHERS[0]))
    assert [found.title for found in articles_in(data)] == ["River rises"]
    assert "2 records are no pages" in remarks_in(data)[0]


def test_damaged_archives() -> None:
    second = ("https://example.org/2", PAGE.replace("rises", "falls").encode(), *RISES[2:])
    data = warc(RISES, second, packed=True)
    cut = data[: len(data) * 3 // 4]
    assert [found.title for found in articles_in(cut)][:1] == ["River rises"]
    broken = data.replace(b"\x1f\x8b\x08", b"\x1f\x8b\x07").replace(
        b"\x1f\x8b\x07", b"\x1f\x8b\x08", 3
    )
    assert len(articles_in(broken)) <= 1
    assert reasons_in(broken)
    (reason,) = reasons_in(b"WARC/1.0\r\nno record")
    assert "web archive" in reason
    assert reasons_in(warc()) == ["a web archive without pages: nothing to read"]


def test_nothing_of_what_is_skipped_is_printed(capfd) -> None:
    """The library warns of a record that is longer than it says, with what follows it."""
    text = ("https://example.org/", RIVER.encode(), "text/plain", "200 OK")
    data = warc(text, text)
    length = re.search(rb"type=response\r\nContent-Length: (\d+)", data)
    assert length
    shorter = str(int(length[1]) - 5).encode()
    holds(data[: length.start(1)] + shorter + data[length.end(1) :])
    assert capfd.readouterr() == ("", "")


@generated
@given(cut_or_altered(warc(("https://example.org/", RIVER.encode(), "text/plain", "200 OK"))))
def test_cut_and_altered_archives(data: bytes) -> None:
    holds(data)


def test_linear_time() -> None:
    text = ("https://example.org/", RIVER.encode(), "text/plain", "200 OK")
    assert growth(holds, lambda n: warc(*[text] * n), 100) < LINEAR


# --- one file, packed --------------------------------------------------------------------------


def test_a_packed_file_is_read_as_what_it_holds() -> None:
    (found,) = articles_in(gzip.compress(PAGE.encode()), "in/page.html.gz")
    assert (found.title, found.format) == ("River rises", "html")
    assert found.origin == "in/page.html.gz/page.html"
    lines = gzip.compress(b'{"text": "One."}\n') + gzip.compress(b'{"text": "Two."}\n')
    assert [found.text for found in articles_in(lines)] == ["One.", "Two."]


def test_damaged_and_large_packed_files() -> None:
    data = gzip.compress(PAGE.encode())
    for broken in (data[:-20], data[:40] + b"\x00\x00" + data[42:]):
        (reason,) = reasons_in(broken)
        assert "a broken gzip file" in reason
    (reason,) = reasons_in(gzip.compress(bytes(50_000_000)))
    assert "more than 20 MB" in reason
