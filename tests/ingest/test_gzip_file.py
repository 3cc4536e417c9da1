"""Files packed with gzip: read as the file that they hold, and damaged ones."""

from __future__ import annotations

import gzip

import pytest
from growth import LINEAR, growth
from hypothesis import given
from pages import RIVER
from reading import articles_in, cut_or_altered, generated, holds, reasons_in

HTML = f"<html><head><title>River rises</title></head><body><p>{RIVER}</p></body></html>".encode()


@pytest.mark.parametrize("name", ["page.html.gz", "page.GZ", "page"])
def test_a_packed_page_is_read_as_the_page(name: str) -> None:
    (article,) = articles_in(gzip.compress(HTML), name)
    (plain,) = articles_in(HTML, name)
    assert (article.title, article.text, article.format) == (plain.title, plain.text, "html")
    assert article.origin == f"{name}/{name.removesuffix('.gz').removesuffix('.GZ')}"


def test_a_cut_file_is_refused() -> None:
    assert reasons_in(gzip.compress(HTML)[:-9]) == [
        "a broken gzip file: pack it again, or give the file unpacked"
    ]


@generated
@given(cut_or_altered(gzip.compress(HTML)))
def test_cut_and_altered_files(data: bytes) -> None:
    holds(data)


def test_a_file_is_unpacked_in_linear_time() -> None:
    assert growth(holds, lambda n: gzip.compress(f"{RIVER}\n\n".encode() * n), 500) < LINEAR
