"""Files that other processes read give the same articles, report and memory as files read here."""

from __future__ import annotations

import json
import pickle
import random
from pathlib import Path

import pytest

import rag.ingest.formats
from rag import read_articles
from rag.errors import InputError
from rag.ingest import ArticleReader, Known, Limits
from rag.ingest.portions import Portion, Replayed, in_order, read_portion

PAGE = "{}\n\nBy Ann Lee\n\nPolice held {} people in Kratie on Sunday. They were freed on Monday."


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Files of several kinds, with failures and remarks, metadata, and an article that is twice."""
    folder = tmp_path / "files"
    (folder / "more").mkdir(parents=True)
    (folder / "a.txt").write_text(PAGE.format("Held in Kratie", 312))
    (folder / "more" / "b.txt").write_text(PAGE.format("Held in Pursat", 12))
    (folder / "more" / "copy.txt").write_text(PAGE.format("Held in Pursat", 12))
    lines = [{"text": f"Rain fell {n} days.", "title": "Rain", "mood": "wet"} for n in range(3)]
    (folder / "c.jsonl").write_text("\n".join([*map(json.dumps, lines), "broken"]))
    long = [{"text": f"{n} " + "It rained on Monday. " * 6000} for n in range(5)]
    (folder / "long.jsonl").write_text("\n".join(map(json.dumps, long)))
    same = [{"id": "x", "text": "One."}, {"id": "x", "text": "Two."}]
    (folder / "same.jsonl").write_text("\n".join(map(json.dumps, same)))
    (folder / "d.txt").write_text("")
    rows = "file,title,author,mood\na.txt,Held,Bo Ray,\ngone.txt,Gone,,\n"
    (folder / "metadata.csv").write_text(rows)
    return folder


def elsewhere(reader: ArticleReader, size: int, known=frozenset(), hidden=""):
    """A reading whose files are read by what only has their pickled portions, and does not see
    the file that is hidden."""

    def carried(portion: Portion):
        files = portion.files._files
        files.update({name: Path("gone") for name in files if name == hidden})
        for part in read_portion(pickle.loads(pickle.dumps(portion)), known):
            yield pickle.loads(pickle.dumps(part))

    def absent(name: str) -> None:
        raise InputError(f"{name} is not there")

    parts = [part for portion in reader.portions(size) for part in carried(portion)]
    random.Random(0).shuffle(parts)
    reader.elsewhere = Replayed(in_order(iter(parts)), absent)
    return reader


@pytest.mark.parametrize("size", [1, 3, 100])
def test_the_same_comes_of_files_read_elsewhere(folder, size):
    here = read_articles(folder)
    articles = list(here)
    there = elsewhere(read_articles([folder]), size)
    assert list(there) == articles
    assert there.report == here.report
    assert there.report.failed
    assert there.files == here.files
    assert len(there.files) == 3


def test_a_long_file_comes_in_parts(folder):
    reader = read_articles(folder / "long.jsonl")
    (portion,) = reader.portions(8)
    parts = list(read_portion(portion))
    assert [part.part for part in parts] == [0, 1, 2]
    assert [part.last for part in parts] == [False, False, True]
    assert sum(len(part.articles) for part in parts) == 5


def test_known_files_are_not_read_again(folder, monkeypatch):
    first = read_articles(folder)
    articles = {article.id: article for article in first}
    again = read_articles(folder, known=Known(first.files, articles.__getitem__))
    read: list[str] = []
    real = rag.ingest.formats.read

    def watched(source):
        read.append(source.name)
        return real(source)

    monkeypatch.setattr("rag.ingest.formats.read", watched)
    elsewhere(again, 2, known=set(first.files))
    assert {one.id for one in again} == articles.keys()
    assert sorted(read) == ["c.jsonl", "d.txt", "more/copy.txt", "same.jsonl"]
    assert again.report == first.report


def test_what_is_known_there_and_not_here_is_read_here(folder):
    first = read_articles(folder)
    articles = list(first)
    again = elsewhere(read_articles(folder), 2, known=set(first.files))
    assert list(again) == articles


def test_a_file_that_is_here_and_not_there_is_told(folder):
    reader = elsewhere(read_articles(folder), 2, hidden="more/b.txt")
    with pytest.raises(InputError, match=r"more/b\.txt is not there"):
        list(reader)


def test_a_file_that_went_is_a_failure(folder):
    reader = read_articles(folder)
    (folder / "more" / "b.txt").unlink()
    assert len(list(elsewhere(reader, 2))) == 12
    assert "more/b.txt" in {one.file for one in reader.report.failed}


def test_bounds_of_the_whole_reading_hold(folder):
    limits = Limits(articles=4)
    here = read_articles(folder, limits)
    articles = list(here)
    there = elsewhere(read_articles(folder, limits), 2)
    assert list(there) == articles
    assert len(articles) == 4
    assert there.report == here.report
