"""Zips and bounds: what is read of them, and that nothing of them reaches the disk."""

from __future__ import annotations

import contextlib
import io
import itertools
import stat
import struct
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import replace
from email.message import EmailMessage
from pathlib import Path

import docx
import pytest
from growth import LINEAR, growth
from hypothesis import given
from hypothesis import strategies as st
from pages import RIVER
from reading import cut_or_altered, generated, holds

from rag.ingest import UPLOADS, ArticleReader, Budget, Failure, Limits, read_articles
from rag.ingest.failure import Unreadable
from rag.ingest.formats import read
from rag.ingest.metadata_csv import NAME
from rag.ingest.source import Source
from rag.types import Article

HTML = f"<!DOCTYPE html><html><body><article><p>{RIVER}</p></article></body></html>"


def zipped(files: Mapping[str | zipfile.ZipInfo, str | bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as bundle:
        for name, content in files.items():
            bundle.writestr(name, content, compresslevel=9)
    return packed.getvalue()


def read_zip(
    folder: Path, data: bytes, limits: Limits = UPLOADS
) -> tuple[list[Article], list[Failure]]:
    """What is read of a zip; after it, the folder holds nothing but the zip."""
    (folder / "all.zip").write_bytes(data)
    reader = read_articles(folder / "all.zip", limits)
    articles = list(reader)
    assert [path.name for path in folder.rglob("*")] == ["all.zip"]
    return articles, reader.failures


def test_a_zip_holds_files_of_every_format(tmp_path: Path) -> None:
    data = zipped(
        {
            "b.txt": f"River rises\n\n{RIVER}",
            "deep/er/page": HTML,
            "a.jsonl": '{"text": "One."}\n{"text": "Two."}\nbroken\n',
            "__MACOSX/._b.txt": b"\x00\x05",
            ".hidden": "x",
            "folder/": "",
            "deep/bad.txt": b"\xff",
        }
    )
    articles, failures = read_zip(tmp_path, data)
    assert [article.origin for article in articles] == [
        "all.zip/a.jsonl#1",
        "all.zip/a.jsonl#2",
        "all.zip/b.txt",
        "all.zip/deep/er/page",
    ]
    assert articles[3].text == RIVER
    assert [failure.file for failure in failures] == ["all.zip/a.jsonl", "all.zip/deep/bad.txt"]


def test_metadata_works_as_in_a_folder(tmp_path: Path) -> None:
    rows = "file,source,published\nb.txt,The Example,3 May 2024\ngone.txt,X,\n"
    data = zipped({"in/b.txt": f"River rises\n\n{RIVER}", "in/metadata.csv": rows, "c.txt": RIVER})
    (without, article), failures = read_zip(tmp_path, data)
    assert (article.source, article.day) == ("The Example", "3 May 2024")
    assert without.source == ""
    assert failures == [
        Failure("all.zip/in/metadata.csv", "line 3: no file gone.txt beside it"),
    ]


def test_a_zip_among_other_files(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "odd.name").write_bytes(zipped({"in.txt": RIVER}))
    (tmp_path / "z.txt").write_text(RIVER)
    reader = read_articles(tmp_path)
    assert [article.origin for article in reader] == ["sub/odd.name/in.txt", "z.txt"]
    assert reader.failures == []


def nested(deep: int, data: bytes) -> bytes:
    for _ in range(deep):
        data = zipped({"in.zip": data})
    return data


def test_zips_in_zips_are_read_to_a_depth(tmp_path: Path) -> None:
    rows = "file,source\na.txt,The Example\n"
    files = {"a.txt": RIVER, "in/b.txt": f"Bridge closed\n\n{RIVER}", "metadata.csv": rows}
    articles, failures = read_zip(tmp_path, nested(3, zipped(files)))
    assert [article.origin for article in articles] == [
        "all.zip/in.zip/in.zip/in.zip/a.txt",
        "all.zip/in.zip/in.zip/in.zip/in/b.txt",
    ]
    assert [article.source for article in articles] == ["The Example", ""]
    assert failures == []
    articles, failures = read_zip(tmp_path, nested(4, zipped({"a.txt": RIVER})))
    assert articles == []
    assert "files inside files more than 4 deep" in failures[0].reason


def test_a_document_in_a_message_in_a_mailbox_in_a_zip(tmp_path: Path) -> None:
    report = io.BytesIO()
    document = docx.Document()
    document.add_heading("River rises", 0)
    document.add_paragraph(RIVER)
    document.save(report)
    message = EmailMessage()
    message["From"] = "Ida Brun <ida@courier.example>"
    message["Subject"] = "The report"
    message.set_content("The report is attached.")
    message.add_attachment(report.getvalue(), "application", "msword", filename="report.docx")
    box = b"From - Tue May 09 18:02:11 2023\n" + bytes(message)
    rows = "file,ordinal,source\nmail.mbox,2,The Example\n"
    articles, failures = read_zip(tmp_path, zipped({"mail.mbox": box, "metadata.csv": rows}))
    assert failures == []
    assert [(one.origin, one.format, one.source) for one in articles] == [
        ("all.zip/mail.mbox/1", "mbox", ""),
        ("all.zip/mail.mbox/1/report.docx", "docx", "The Example"),
    ]
    assert (articles[1].title, articles[1].text) == ("River rises", RIVER)


def test_the_time_is_looked_at_between_the_parts_of_a_file() -> None:
    box = b"From - Tue May 09 18:02:11 2023\nFrom: a@b.example\nTo: c@d.example\n\nIt rose.\n\n" * 9
    looks = itertools.count()
    budget = Budget(replace(UPLOADS, seconds=3), clock=lambda: next(looks))
    found = []
    with pytest.raises(Unreadable, match="more than 3 seconds of reading"):
        found += read(Source("all.mbox", box, budget))
    assert next(looks) == 5


def test_a_zip_attached_to_a_message_is_read(tmp_path: Path) -> None:
    message = EmailMessage()
    message["From"] = "Ida Brun <ida@courier.example>"
    message["Subject"] = "River rises"
    message.set_content("The report is attached.")
    message.add_attachment(zipped({"a.txt": RIVER}), "application", "zip", filename="all.zip")
    (tmp_path / "a.eml").write_bytes(bytes(message))
    reader = read_articles(tmp_path)
    assert [article.origin for article in reader] == ["a.eml", "a.eml/all.zip/a.txt"]
    assert reader.failures == []


# --- tricks --------------------------------------------------------------------------------


def link() -> zipfile.ZipInfo:
    info = zipfile.ZipInfo("link.txt")
    info.create_system = 3
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    return info


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("../up.txt", "leads out of the zip"),
        ("a/../../up.txt", "leads out of the zip"),
        ("..\\up.txt", "leads out of the zip"),
        ("/etc/passwd", "leads out of the zip"),
        ("C:\\up.txt", "leads out of the zip"),
        (link(), "a link, not a file"),
    ],
    ids=str,
)
def test_tricks_are_failures_and_the_rest_is_read(
    tmp_path: Path, name: str | zipfile.ZipInfo, reason: str
) -> None:
    articles, failures = read_zip(tmp_path, zipped({name: RIVER, "good.txt": RIVER}))
    assert [article.origin for article in articles] == ["all.zip/good.txt"]
    assert len(failures) == 1
    assert reason in failures[0].reason


def test_a_second_file_of_one_name_is_a_failure(tmp_path: Path) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as bundle:
        bundle.writestr("a.txt", RIVER)
        with pytest.warns(UserWarning, match="Duplicate name"):
            bundle.writestr("a.txt", "Another text stands here.")
    articles, failures = read_zip(tmp_path, packed.getvalue())
    assert [article.text for article in articles] == [RIVER]
    assert "a second file of this name" in failures[0].reason


def test_encrypted_entries_are_failures(tmp_path: Path) -> None:
    data = bytearray(zipped({"a.txt": RIVER, "b.txt": RIVER}))
    data[6] |= 1  # The flags of the first file's own header and those of its place in the list.
    data[data.index(b"PK\x01\x02") + 8] |= 1
    articles, failures = read_zip(tmp_path, bytes(data))
    assert [article.origin for article in articles] == ["all.zip/b.txt"]
    assert "encrypted" in failures[0].reason


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_methods_that_unpack_without_bound_are_not_read(tmp_path: Path, method: int) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", method) as bundle:
        bundle.writestr("a.txt", RIVER)
    _, failures = read_zip(tmp_path, packed.getvalue())
    assert "an uncommon method" in failures[0].reason


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        ({}, "an empty zip"),
        ({".hidden": "x"}, "an empty zip"),
    ],
    ids=["empty", "hidden"],
)
def test_zips_that_hold_no_articles(tmp_path: Path, files: dict[str, str], reason: str) -> None:
    articles, failures = read_zip(tmp_path, zipped(files))
    assert articles == []
    assert reason in failures[0].reason


def test_a_broken_entry_does_not_stop_the_rest(tmp_path: Path) -> None:
    data = bytearray(zipped({"a.txt": RIVER * 9, "b.txt": RIVER}))
    data[60] ^= 0xFF
    articles, failures = read_zip(tmp_path, bytes(data))
    assert [article.origin for article in articles] == ["all.zip/b.txt"]
    assert "broken in the zip" in failures[0].reason


@pytest.mark.parametrize("cut", [4, 30, 80, -1])
def test_truncated_zips_are_failures(tmp_path: Path, cut: int) -> None:
    articles, failures = read_zip(tmp_path, zipped({"a.txt": RIVER})[:cut])
    assert articles == []
    assert "a broken zip" in failures[0].reason


# --- bounds --------------------------------------------------------------------------------


def test_a_bomb_is_counted_as_it_unpacks(tmp_path: Path) -> None:
    limits = replace(UPLOADS, file_bytes=1_000_000, unpacked_bytes=1_500_000)
    bomb = b"0" * 50_000_000
    data = zipped({"a.txt": RIVER, "b.txt": bomb, "c.txt": bomb, "d.txt": RIVER})
    # What a header claims is not believed: both bombs say that they hold 10 bytes.
    data = data.replace(struct.pack("<L", len(bomb)), struct.pack("<L", 10))
    (tmp_path / "all.zip").write_bytes(data)
    budget = Budget(limits)
    reader = ArticleReader(tmp_path / "all.zip", budget)
    assert [article.origin for article in reader][:1] == ["all.zip/a.txt"]
    assert {failure.file for failure in reader.failures} <= {"all.zip/b.txt", "all.zip/c.txt"}
    assert reader.failures
    assert budget.unpacked <= limits.unpacked_bytes  # Of 100 MB.


def test_bytes_of_a_file_and_of_all_are_bounded(tmp_path: Path) -> None:
    limits = replace(UPLOADS, file_bytes=300_000, unpacked_bytes=500_000)
    large, small = "word " * 100_000, f"{RIVER} " * 1000
    files = {"a": large, "b.txt": small, "c.txt": small, "d.txt": RIVER}
    articles, failures = read_zip(tmp_path, zipped(files), limits)
    assert [article.origin for article in articles] == ["all.zip/b.txt"]
    assert "more than 300 kB" in failures[0].reason
    assert ["unpacks to more than 500 kB" in failure.reason for failure in failures[1:]] == [
        True,
        True,
    ]


def test_the_number_of_files_is_bounded(tmp_path: Path) -> None:
    files = {f"{n:03}.txt": f"{n}. {RIVER}" for n in range(9)}
    articles, failures = read_zip(tmp_path, zipped(files), replace(UPLOADS, files=8))
    assert (articles, len(failures)) == ([], 1)
    assert "a zip of more than 8 files" in failures[0].reason
    (tmp_path / "all.zip").unlink()
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    reader = read_articles(tmp_path, replace(UPLOADS, files=7))
    assert len(list(reader)) == 7
    assert reader.failures == [
        Failure("007.txt", "more than 7 files, the bound: it and 1 more are not read"),
    ]


def test_the_time_of_reading_is_bounded(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(RIVER)
    (tmp_path / "b.zip").write_bytes(zipped({"c.txt": RIVER}))
    now = 7.0
    reader = ArticleReader(tmp_path, Budget(UPLOADS, clock=lambda: now))
    assert next(reader).origin == "a.txt"
    now += UPLOADS.seconds + 1
    assert list(reader) == []
    reason = "more than 120 seconds of reading, the bound: it and 0 more are not read"
    assert reader.failures == [Failure("b.zip", reason)]


@pytest.mark.parametrize(
    ("limits", "read", "reason"),
    [
        (replace(UPLOADS, file_bytes=20), 0, "more than 20 bytes, the bound of a file"),
        (replace(UPLOADS, articles=2), 2, "more than 2 articles"),
        (replace(UPLOADS, characters=9), 2, "more than 9 characters of text"),
        (replace(UPLOADS, failures=1), 3, "1 failures, the bound"),
    ],
    ids=["bytes", "articles", "characters", "failures"],
)
def test_bounds_name_themselves(tmp_path: Path, limits: Limits, read: int, reason: str) -> None:
    lines = ['{"text": "One."}', '{"text": "Two."}', '{"text": "Three."}', "broken", "broken"]
    (tmp_path / "a.jsonl").write_text("\n".join(lines))
    reader = read_articles(tmp_path / "a.jsonl", limits)
    assert len(list(reader)) == read
    assert reason in reader.failures[-1].reason


def test_what_is_too_much_does_not_stop_what_still_fits(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(RIVER * 9)
    (tmp_path / "b.txt").write_text(RIVER)
    reader = read_articles(tmp_path, replace(UPLOADS, characters=200))
    assert [article.origin for article in reader] == ["b.txt"]
    assert [failure.file for failure in reader.failures] == ["a.txt"]


def test_a_budget_goes_on_from_one_reading_to_the_next(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(RIVER)
    budget = Budget(replace(UPLOADS, articles=1))
    assert len(list(ArticleReader(tmp_path / "a.txt", budget))) == 1
    second = ArticleReader(tmp_path / "a.txt", budget)
    assert list(second) == []
    assert "more than 1 articles" in second.failures[0].reason
    assert (budget.files, budget.articles, budget.characters) == (2, 1, len(RIVER))


def test_a_long_metadata_file_is_bounded(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(RIVER)
    (tmp_path / NAME).write_text("file,source\n" + "a.txt,The Example\n" * 100)
    reader = read_articles(tmp_path, replace(UPLOADS, file_bytes=2000))
    assert [article.source for article in reader] == [""]
    assert reader.failures == [
        Failure(NAME, "more than 100 bytes, the bound of a metadata.csv: split it")
    ]


# --- anything ------------------------------------------------------------------------------

STARTS = st.sampled_from([b"", b"PK\x03\x04", b"PK\x05\x06", b"%PDF-1.7\n", b"<html>", b"{", b"["])


@generated
@given(STARTS, st.binary(max_size=200))
def test_random_bytes_are_articles_or_failures(start: bytes, rest: bytes) -> None:
    with contextlib.suppress(Unreadable):
        for found in read(Source("file", start + rest, Budget(UPLOADS))):
            assert isinstance(found, Article | Failure)


@generated
@given(
    cut_or_altered(zipped({"a.txt": RIVER, "b/c.html": HTML, "d.zip": zipped({"e.txt": RIVER})}))
)
def test_cut_and_altered_zips(data: bytes) -> None:
    holds(data)


@pytest.mark.parametrize(
    "make",
    [
        lambda n: zipped({f"{number}.txt": RIVER for number in range(n)}),
        lambda n: zipped({"all.txt": f"{RIVER}\n\n" * n}),
    ],
    ids=["files", "one file"],
)
def test_a_zip_is_read_in_linear_time(make: Callable[[int], bytes]) -> None:
    assert growth(holds, make, 100) < LINEAR
