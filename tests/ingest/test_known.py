"""Files that are the same as at the last build are not parsed again; nothing else comes of it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import rag.ingest.formats
from rag import Archive, read_articles
from rag.ingest import ArticleReader, Options
from rag.ingest.known import parse, to_bytes

PAGE = "{}\n\nBy Ann Lee\n\nPolice held {} people in Kratie on Sunday. They were freed on Monday."


@pytest.fixture
def folder(tmp_path) -> Path:
    """Files of several kinds: pages, lines of JSON, a file with remarks, one that is no article."""
    folder = tmp_path / "files"
    (folder / "more").mkdir(parents=True)
    (folder / "a.txt").write_text(PAGE.format("Held in Kratie", 312))
    (folder / "more" / "b.txt").write_text(PAGE.format("Held in Pursat", 12))
    lines = [{"text": f"Rain fell {n} days.", "title": "Rain", "mood": "wet"} for n in range(3)]
    (folder / "c.jsonl").write_text("\n".join(map(json.dumps, lines)))
    (folder / "d.txt").write_text("")
    rows = "file,title,author\na.txt,Held,Bo Ray\n"
    (folder / "metadata.csv").write_text(rows)
    return folder


@pytest.fixture
def parsed(monkeypatch) -> list[str]:
    """The names of files that are parsed."""
    names: list[str] = []
    read = rag.ingest.formats.read

    def watched(source):
        names.append(source.name)
        return read(source)

    monkeypatch.setattr("rag.ingest.formats.read", watched)
    return names


def build(folder: Path, home: Path, encoder, options: Options | None = None) -> ArticleReader:
    reader = read_articles(folder, options=options)
    Archive.build(reader, home, encoder=encoder, remove_missing=True)
    return reader


def as_read(folder: Path, options: Options | None = None):
    """What a reading that knows nothing makes of a folder: its articles and its report."""
    reader = read_articles(folder, options=options)
    return list(reader), reader.report


def test_only_what_failed_is_parsed_again(folder, tmp_path, fake_encoder, parsed):
    first = build(folder, tmp_path / "index", fake_encoder)
    assert parsed == ["a.txt", "c.jsonl", "d.txt", "more/b.txt"]
    parsed.clear()
    second = build(folder, tmp_path / "index", fake_encoder)
    assert parsed == ["d.txt"]
    assert second.report == first.report
    assert second.report.remarked  # The column that was not used is told of again.


def grown(folder: Path) -> None:
    (folder / "e.txt").write_text(PAGE.format("Held in Takeo", 2))


def renamed(folder: Path) -> None:
    (folder / "a.txt").rename(folder / "z.txt")


def corrected(folder: Path) -> None:
    (folder / "metadata.csv").write_text("file,title\na.txt,Held\n")


def rewritten(folder: Path) -> None:
    (folder / "c.jsonl").write_text('{"text": "Sun."}')


def doubled(folder: Path) -> None:
    (folder / "A.txt").write_bytes((folder / "more" / "b.txt").read_bytes())


def undone(folder: Path) -> None:
    (folder / "a.txt").unlink()


@pytest.mark.parametrize("change", [grown, renamed, corrected, rewritten, doubled, undone])
def test_a_folder_that_changed_gives_what_it_gives_to_one_who_knows_nothing(
    folder, tmp_path, fake_encoder, parsed, change
):
    home = tmp_path / "index"
    build(folder, home, fake_encoder)
    for step in (change, lambda folder: None):
        step(folder)
        parsed.clear()
        told = build(folder, home, fake_encoder).report
        assert "more/b.txt" not in parsed or change is doubled
        articles, report = as_read(folder)
        assert told == report
        built = {article.id: article for article in Archive.open(home).articles()}
        first = {article.id: article for article in reversed(articles)}
        assert built == first


def test_other_options_read_files_again(folder, tmp_path, fake_encoder, parsed):
    build(folder, tmp_path / "index", fake_encoder)
    parsed.clear()
    build(folder, tmp_path / "index", fake_encoder, Options(columns={"section": "mood"}))
    assert len(parsed) == 4
    assert "wet" in Archive.open(tmp_path / "index").facets().sections


def test_what_is_kept_of_files_is_read_as_it_was(folder):
    reader = read_articles(folder)
    list(reader)
    assert any(file.remarks for file in reader.files.values())
    found = parse(to_bytes(reader.files))
    assert found == reader.files
    (remark,) = next(file.remarks for file in found.values() if file.remarks)
    assert remark.text.key
