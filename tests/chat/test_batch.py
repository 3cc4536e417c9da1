"""A batch: its sheet is whole however it ends."""

from __future__ import annotations

import csv

import pytest
from openpyxl import load_workbook

from rag import Archive, Article
from rag.chat.batch import Sheet, ask_batch
from rag.chat.questions import Line
from rag.errors import InputError
from rag.export import sheet as sheets

STORIES = (
    Article("Police held 312 people in Kratie.", "Raids", "a", "The Post"),
    Article("Rain fell on the rice for six days.", "Rain", "b", "The Daily"),
)
LINES = [
    Line(2, ("Who held 312 people in Kratie?",)),
    Line(3, ("How long did rain fall on the rice?", "Where?"), "The Daily"),
]


@pytest.fixture
def archive(tmp_path, fake_encoder, opened):
    Archive.build(STORIES, tmp_path / "index", encoder=fake_encoder)
    return opened(tmp_path / "index")


def rows(path):
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def asking(archive):
    def ask(question, history, filters):
        asked.append((question, len(history), filters.sources))
        return [*archive.pipeline.stream(question, history, filters)][-1]

    asked: list[tuple[str, int, tuple[str, ...]]] = []
    return ask, asked


@pytest.mark.parametrize("name", ["sheet.csv", "Sheet.XLSX"])
def test_each_question_is_asked_under_its_filters(archive, tmp_path, name):
    path = tmp_path / name
    path.write_text("an older sheet")
    ask, asked = asking(archive)
    told = []
    ask_batch(archive, LINES, Sheet(path), ask, progress=lambda *one: told.append(one))
    assert asked == [
        (LINES[0].question, 0, ()),
        (LINES[1].turns[0], 0, ("The Daily",)),
        ("Where?", 1, ("The Daily",)),
    ]
    assert told == [("asking", n, 3) for n in (1, 2, 3)]
    if name.endswith(".csv"):
        first, second, *_ = rows(path)
        assert (first["quote"], first["source"], first["line"]) == (
            STORIES[0].text, "The Post", "2",
        )  # fmt: skip
        assert (second["quote"], second["line"]) == (STORIES[1].text, "3")
    else:
        assert load_workbook(path).active["C2"].value == STORIES[0].text
    assert sorted(one.name for one in tmp_path.iterdir()) == sorted([name, "index"])


def test_what_was_answered_is_kept_when_it_is_interrupted(archive, tmp_path):
    path = tmp_path / "sheet.csv"
    ask, _ = asking(archive)

    def interrupted(question, history, filters):
        if history:
            raise KeyboardInterrupt
        return ask(question, history, filters)

    with pytest.raises(KeyboardInterrupt):
        ask_batch(archive, LINES, Sheet(path), interrupted)
    assert [row["line"] for row in rows(path)] == ["2", "3"]


def test_an_older_sheet_stays_where_nothing_was_answered(archive, tmp_path):
    path = tmp_path / "sheet.csv"
    path.write_text("an older sheet")

    def interrupted(*_):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        ask_batch(archive, LINES, Sheet(path), interrupted)
    assert path.read_text() == "an older sheet"


def test_the_sheet_is_saved_meanwhile(archive, tmp_path, monkeypatch):
    path = tmp_path / "sheet.csv"
    ask, _ = asking(archive)
    seen = []

    def watched(question, history, filters):
        seen.append(len(rows(path)) if path.exists() else 0)
        return ask(question, history, filters)

    monkeypatch.setattr("rag.chat.batch._SAVED_EVERY", -1)
    ask_batch(archive, LINES, Sheet(path), watched)
    assert seen[:2] == [0, 1]
    assert seen[2] > 1


def test_a_write_that_fails_leaves_the_older_sheet(archive, tmp_path, monkeypatch):
    path = tmp_path / "sheet.csv"
    path.write_text("an older sheet")
    sheet = Sheet(path)
    ask, _ = asking(archive)

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("rag.export.whole_file.os.fsync", full)
    with pytest.raises(InputError, match=r"No space left on device.*on a disk with room"):
        ask_batch(archive, LINES, sheet, ask)
    assert path.read_text() == "an older sheet"
    assert len(list(tmp_path.iterdir())) == 2


@pytest.mark.parametrize(
    ("name", "remedy"),
    [("sheet.ods", ".csv or .xlsx"), ("sheet", ".csv"), ("no/folder/sheet.csv", "another file")],
)
def test_a_sheet_that_cannot_be_written_is_refused_at_once(tmp_path, name, remedy):
    with pytest.raises(InputError, match=remedy):
        Sheet(tmp_path / name)
    assert list(tmp_path.iterdir()) == []


def test_every_ending_has_its_writer():
    assert set(sheets.SHEETS) == {".csv", ".xlsx"}
