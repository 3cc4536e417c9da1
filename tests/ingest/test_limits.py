"""What is counted of a file before anything is made of it."""

from __future__ import annotations

import gzip
import io
import zipfile
from pathlib import Path

import pytest
from pages import RIVER

from rag.ingest import UPLOADS, ArticleReader, Budget


def packed(name: str, data: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as bundle:
        bundle.writestr(name, data)
        bundle.writestr("river.txt", f"River rises\n\n{RIVER}")
    return file.getvalue()


@pytest.mark.parametrize(
    ("name", "data", "key"),
    [
        ("lines.txt", b"a\n" * 400_000, "over_lines"),
        ("lines.jsonl", b"1\n" * 400_000, "over_lines"),
        ("returns.txt", b"a\r" * 400_000, "over_lines"),
        ("separators.txt", "a\u2028".encode() * 400_000, "over_lines"),
        ("values.json", b"[" + b"{}," * 400_000 + b"{}]", "over_nodes"),
        ("names.json", b"{" + b'"":1,' * 400_000 + b'"":1}', "over_nodes"),
        ("page.html", b"<html><body>" + b"<p>a" * 400_000, "over_nodes"),
        ("feed.xml", b"<rss><channel>" + b"<item/>" * 400_000 + b"</channel></rss>", "over_nodes"),
        ("lines.mbox", b"From a Mon Jan  1 00:00:00 2024\nA: b\n" + b"\n" * 400_000, "over_lines"),
    ],
)
def test_lines_and_elements_have_a_bound(tmp_path: Path, name: str, data: bytes, key: str) -> None:
    (tmp_path / name).write_bytes(data)
    (tmp_path / "a.gz").write_bytes(gzip.compress(data))
    (tmp_path / "all.zip").write_bytes(packed(name, data))
    reader = ArticleReader(tmp_path, Budget(UPLOADS))
    (article,) = reader
    assert article.origin == "all.zip/river.txt"
    assert {failure.file: failure.reason.key for failure in reader.failures} == {
        name: key, "a.gz": key, f"all.zip/{name}": key,
    }  # fmt: skip


def test_what_is_said_of_an_article_counts_where_it_is_long(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(f'title,text\n{"long " * 700_000},"{RIVER}"\n')
    reader = ArticleReader(tmp_path, Budget(UPLOADS))
    assert [*reader] == []
    assert reader.failures[0].reason.key == "over_characters"
