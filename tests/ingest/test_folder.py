"""Folders: which of their files are read."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from pages import RIVER, read_all


def test_folder_is_read_in_order_and_one_bad_file_does_not_stop_it(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / ".hidden").mkdir()
    (tmp_path / "b.txt").write_text(RIVER)
    (tmp_path / "a.txt").write_bytes(b"\xff")
    (tmp_path / "sub" / "c.jsonl").write_text('{"text": "c"}\nbroken\n')
    (tmp_path / ".hidden" / "d.txt").write_text(RIVER)
    (tmp_path / ".e.txt").write_text(RIVER)
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
