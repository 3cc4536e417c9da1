"""Folders: which of their files are read."""

from __future__ import annotations

import json
import os
import tracemalloc
from pathlib import Path

import pytest
from pages import RIVER, read_all

from rag.__main__ import main
from rag.errors import InputError


def test_folder_is_read_in_order_and_one_bad_file_does_not_stop_it(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / ".hidden").mkdir()
    (tmp_path / "b.txt").write_text(RIVER)
    (tmp_path / "a.txt").write_bytes(b"\xff")
    (tmp_path / "sub" / "c.jsonl").write_text('{"text": "c"}\nbroken\n')
    (tmp_path / ".hidden" / "d.txt").write_text(RIVER)
    for name in (".e.txt", "Thumbs.db", "desktop.ini", "~$b.docx"):
        (tmp_path / name).write_bytes(b"\xff")
    articles, failures = read_all(tmp_path)
    assert [article.origin for article in articles] == ["b.txt", "sub/c.jsonl#1"]
    assert [failure.file for failure in failures] == ["a.txt", "sub/c.jsonl"]


def test_links_out_of_the_folder_are_not_followed(tmp_path: Path) -> None:
    outside, folder = tmp_path / "outside", tmp_path / "folder"
    outside.mkdir()
    folder.mkdir()
    (outside / "secret.txt").write_text(RIVER)
    (folder / "a.txt").write_text(RIVER)
    (folder / "link.txt").symlink_to(outside / "secret.txt")
    (folder / "linked").symlink_to(outside)
    (folder / "loop").symlink_to(folder)
    articles, failures = read_all(folder)
    assert [article.origin for article in articles] == ["a.txt"]
    assert [failure.file for failure in failures] == ["link.txt"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_named_pipe_is_passed_over(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.txt")
    (tmp_path / "a.txt").write_text(RIVER)
    articles, _ = read_all(tmp_path)
    assert [article.origin for article in articles] == ["a.txt"]


def named(folder: Path, name: bytes) -> Path:
    """A file or folder of a name of any bytes; skipped where the system allows none."""
    path = folder / os.fsdecode(name)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(RIVER)
    except (OSError, ValueError):
        pytest.skip("no such names here")
    return path


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        (b"caf\xe9.txt", "caf\\xe9.txt"),
        ("café.txt".encode(), "café.txt"),
        (b"\xff\xfe", "\\xff\\xfe"),
        (b"a\nb\x1b[2J.txt", "a\\x0ab\\x1b[2J.txt"),
        (b"\xed\xa0\x80.txt", "\\xed\\xa0\\x80.txt"),
        (b"d\xe9p/\xe9t\xe9.txt", "d\\xe9p/\\xe9t\\xe9.txt"),
    ],
)
def test_a_name_of_any_bytes_is_read_and_shown(tmp_path: Path, name: bytes, shown: str) -> None:
    path = named(tmp_path, name)
    articles, failures = read_all(tmp_path)
    assert failures == []
    assert [article.origin for article in articles] == [shown]
    assert read_all(path)[0][0].origin == shown.rpartition("/")[2]
    path.write_bytes(b"\x00\x01")
    assert [failure.file for failure in read_all(tmp_path)[1]] == [shown]


def test_files_whose_names_are_shown_alike_are_both_read(tmp_path: Path) -> None:
    named(tmp_path, b"caf\xe9.txt")
    named(tmp_path, rb"caf\xe9.txt")
    articles, _ = read_all(tmp_path)
    assert sorted(article.origin for article in articles) == ["caf\\xe9.txt", "caf\\xe9.txt~2"]


def test_metadata_beside_a_file_of_any_bytes_says_its_name_as_it_is_shown(tmp_path: Path) -> None:
    named(tmp_path, b"d\xe9p/\xe9t\xe9.txt")
    folder = tmp_path / os.fsdecode(b"d\xe9p")
    (folder / "metadata.csv").write_text("file,title\n\\xe9t\\xe9.txt,Summer\n")
    articles, failures = read_all(tmp_path)
    assert failures == []
    assert [article.title for article in articles] == ["Summer"]


@pytest.mark.models
def test_an_archive_in_a_folder_of_any_bytes_is_built_asked_and_reported(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = named(tmp_path, b"d\xe9p/\xe9t\xe9.txt")
    (path.parent / "bad.txt").write_bytes(b"\x00")
    index = tmp_path / os.fsdecode(b"\xecndex")
    report = tmp_path / os.fsdecode(b"r\xe9port.json")
    given = ["build", str(path.parent), "--index", str(index), "--report", str(report)]
    assert main(given) == 0
    assert main(["ask", "What did the river do?", "--index", str(index), "--json"]) == 0
    assert main(["ask", "What did the river do?", "--index", str(index)]) == 0
    assert main(["info", "--index", str(index), "--failed"]) == 0
    capsys.readouterr()
    assert main(["info", "--index", str(index), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["articles"] == 1
    assert json.loads(report.read_text("utf-8"))


@pytest.mark.skipif(os.name == "nt", reason="Windows writes the zeros")
def test_what_is_over_the_bound_takes_no_memory(tmp_path: Path) -> None:
    with (tmp_path / "a.txt").open("wb") as file:
        file.truncate(3_000_000_000)
    (tmp_path / "b.txt").write_text(RIVER)
    tracemalloc.start()
    articles, failures = read_all(tmp_path)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert [article.origin for article in articles] == ["b.txt"]
    assert ["2 GB" in str(one.reason) for one in failures] == [True]
    assert most < 50_000_000


@pytest.mark.parametrize("name", ["a" * 5000, "a\0b", "nowhere"])
def test_a_name_that_no_file_can_have_is_of_no_file(name: str) -> None:
    with pytest.raises(InputError, match="no file or folder"):
        read_all(name)
