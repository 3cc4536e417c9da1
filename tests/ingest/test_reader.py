"""The iterator of articles: its errors at the call, and the failures that grow with it."""

from __future__ import annotations

from pathlib import Path

import pytest
from pages import RIVER

from rag.errors import InputError
from rag.ingest import ArticleReader, Failure, read_articles


def test_file_that_vanishes_is_a_failure(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(RIVER)
    reader = read_articles(tmp_path)
    (tmp_path / "a.txt").unlink()
    assert list(reader) == []
    assert reader.failures[0].file == "a.txt"
    assert "cannot be read" in reader.failures[0].reason


def test_missing_path_and_empty_folder_are_errors_at_the_call(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="check the path"):
        read_articles(tmp_path / "missing")
    (tmp_path / "metadata.csv").write_text("file,title\n")
    with pytest.raises(InputError, match="no article files"):
        read_articles(tmp_path)


def test_failures_grow_while_the_reader_is_iterated(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"text": "one"}\nbroken\n{"text": "three"}\n')
    reader = read_articles(str(tmp_path / "a.jsonl"))
    assert isinstance(reader, ArticleReader)
    assert iter(reader) is reader
    assert next(reader).text == "one"
    assert reader.failures == []
    assert next(reader).text == "three"
    assert len(reader.failures) == 1
    assert reader.failures[0] == Failure("a.jsonl", reader.failures[0].reason)
