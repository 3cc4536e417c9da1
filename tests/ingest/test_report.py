"""The report of a reading: what is counted, what is grouped, and how it is kept."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from pages import BRIDGE, RELIEF, RIVER

from rag.errors import InputError
from rag.ingest import UPLOADS, Report, read_articles
from rag.ingest.failure import Found
from rag.ingest.formats import Binary
from rag.ingest.report import Count, FileReport
from rag.ingest.source import Source
from rag.types import Article
from rag.wording import wording


@pytest.fixture
def mixed(tmp_path: Path) -> Path:
    """Two formats, two sources, a zip, a copy, and files that cannot be read."""
    folder = tmp_path / "mixed"
    folder.mkdir()
    lines = [
        {"text": RIVER, "source": "The Post"},
        {"text": BRIDGE, "source": "The Post"},
        {"text": RELIEF, "source": "AFP"},
    ]
    (folder / "a.jsonl").write_text("\n".join(map(json.dumps, lines)) + '\n{"text": 7}\nno\n')
    (folder / "b.txt").write_text(RIVER)
    (folder / "photo.png").write_bytes(b"\x89PNG\x00\x01")
    with zipfile.ZipFile(folder / "c.zip", "w") as packed:
        packed.writestr("again.txt", RIVER)
        packed.writestr("empty.txt", "")
        packed.writestr("../out.txt", RIVER)
    return folder


def test_articles_and_files_are_counted(mixed: Path) -> None:
    reader = read_articles(mixed)
    assert reader.report == Report()
    articles = list(reader)
    report = reader.report
    assert report.counts == (
        Count("json", "The Post", 2, len(RIVER) + len(BRIDGE)),
        Count("text", "", 2, 2 * len(RIVER)),
        Count("json", "AFP", 1, len(RELIEF)),
    )
    assert (report.articles, report.characters) == (5, sum(len(one.text) for one in articles))
    assert report.formats == {"json": 3, "text": 2}
    assert report.sources == {"The Post": 2, "": 2, "AFP": 1}
    assert (report.read, report.unread) == (3, 3)  # The zip's files count, the zip does not.
    assert report.repeated == 1


def test_two_files_that_count_from_one_are_both_kept(tmp_path: Path) -> None:
    for name, text in (("a", RIVER), ("b", BRIDGE), ("c", RIVER)):
        (tmp_path / f"{name}.jsonl").write_text(json.dumps({"id": "story-1", "text": text}))
    reader = read_articles(tmp_path)
    first, second, copy = reader
    assert (first.id, first.text, second.text) == ("story-1", RIVER, BRIDGE)
    assert second.id not in ("", "story-1")
    assert copy == replace(first, origin="c.jsonl#1")
    told = {one.file: list(map(str, one.remarks)) for one in reader.report.files}
    assert told == {
        "b.jsonl": ["1 article has the id of another text: it got one of its own"],
        "c.jsonl": ["1 article was read before: kept once"],
    }


def test_what_is_said_of_a_file_stands_together(mixed: Path) -> None:
    reader = read_articles(mixed)
    list(reader)
    said = {one.file: one for one in reader.report.files}
    assert list(said) == ["a.jsonl", "c.zip/../out.txt", "c.zip/empty.txt", "photo.png",
                          "c.zip/again.txt"]  # fmt: skip
    assert [str(why)[:7] for why in said["a.jsonl"].failures] == ["line 4:", "line 5:"]
    assert said["c.zip/again.txt"] == FileReport(
        "c.zip/again.txt", (), said["c.zip/again.txt"].remarks
    )
    assert said["c.zip/again.txt"].remarks == ("1 article was read before: kept once",)
    assert [one.file for one in reader.report.failed] == list(said)[:4]
    assert [one.file for one in reader.report.remarked] == ["c.zip/again.txt"]


def test_several_paths_are_one_reading(mixed: Path, tmp_path: Path) -> None:
    (tmp_path / "more.txt").write_text(BRIDGE)
    reader = read_articles([mixed / "b.txt", str(tmp_path / "more.txt")])
    assert [article.origin for article in reader] == ["b.txt", "more.txt"]
    assert (reader.report.read, reader.report.articles) == (2, 2)
    with pytest.raises(InputError, match="check the path"):
        read_articles([mixed, tmp_path / "missing"])


def test_the_progress_of_a_reading(mixed: Path) -> None:
    told: list[tuple[str, int, int]] = []
    list(read_articles(mixed, progress=lambda *step: told.append(step)))
    files = [step[1:] for step in told if step[0] == "reading files"]
    assert files == [(1, 4), (2, 4), (3, 6), (4, 6), (5, 6), (6, 6)]
    assert [step[1:] for step in told if step[0] == "reading articles"][-1] == (5, 0)


def test_a_report_is_what_was_written(mixed: Path, tmp_path: Path) -> None:
    reader = read_articles(mixed)
    list(reader)
    reader.report.save(tmp_path / "report.json")
    values = json.loads((tmp_path / "report.json").read_text("utf-8"))
    assert values["articles"] == 5
    assert values["formats"] == {"json": 3, "text": 2}
    assert values["files"][3] == {
        "file": "photo.png",
        "failures": [str(reader.report.failed[3].failures[0])],
        "remarks": [],
    }
    assert Report.parse(values) == reader.report
    assert Report.parse(values).to_json() == values
    kept = Report.parse(json.loads(reader.report.to_bytes()))
    assert kept == reader.report
    french = wording("fr")
    reason = kept.failed[3].failures[0]
    assert french.note(reason) == french.note(reader.report.failed[3].failures[0]) != str(reason)
    with pytest.raises(InputError, match="cannot be written"):
        reader.report.save(tmp_path / "missing" / "report.json")


@pytest.mark.parametrize("values", [{}, {"counts": [{}]}, {"counts": 1}])
def test_other_json_is_no_report(values: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="no report"):
        Report.parse(values)


def test_a_bound_leaves_the_rest_unread(mixed: Path) -> None:
    reader = read_articles(mixed, replace(UPLOADS, files=1))
    assert len(list(reader)) == 3
    assert (reader.report.read, reader.report.unread) == (1, 3)
    assert "it and 2 more are not read" in reader.failures[-1].reason


def test_a_fault_of_a_reader_stops_no_other(mixed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(source: Source) -> Iterator[Found]:
        yield Article(RIVER, origin=source.name)
        raise KeyError("x")

    monkeypatch.setattr("rag.ingest.formats._BINARY", (Binary("x", is_png, failing),))
    reader = read_articles(mixed)
    assert "photo.png" in [article.origin for article in reader]
    reasons = {failure.file: str(failure.reason) for failure in reader.failures}
    assert reasons["photo.png"].startswith("the reader failed on it (KeyError)")
    assert reader.report.read == 3


def is_png(data: bytes) -> bool:
    return data.startswith(b"\x89PNG")
