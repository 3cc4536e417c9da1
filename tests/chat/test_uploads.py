"""A visitor's own documents: what is added, what repeats, and that nothing stays behind."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import threading
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from fpdf import FPDF

from rag import Archive, Article
from rag.chat.uploads import Added, Collection, Duplicate
from rag.errors import InputError
from rag.ingest import UPLOADS
from rag.protocols import TextEncoder

pytestmark = pytest.mark.process

RAID = (
    "Police held 312 people in Kratie on Monday, said Sok Hour, who leads the province's police. "
    "They had come from three countries and lived in a hotel that had no licence. The raid took "
    "three hours, and nobody was hurt in it, he told reporters in front of the building."
)
RIVER = (
    "The Mekong rose by two metres in Kampot overnight and cut off three villages, officials said. "
    "Relief workers reached the first of them by boat at dawn and brought rice and water for four "
    "hundred families, who had spent the night in a school on the hill."
)
BANK = "Shares in the largest bank fell by eight percent after a loss that nobody had expected."


@pytest.fixture
def known(tmp_path: Path, fake_encoder: TextEncoder, opened: Callable[..., Archive]) -> Archive:
    """An archive of two articles, read with settings of its own."""
    articles = [
        Article(RAID, title="Raid in Kratie", id="raid", source="The Example"),
        Article(BANK, title="Bank falls", id="1"),
    ]
    Archive.build(articles, tmp_path / "known", encoder=fake_encoder)
    return opened(tmp_path / "known", max_sentences=2)


@pytest.fixture
def collection(known: Archive, temporary: Path) -> Iterator[Collection]:
    collection = Collection(known)
    yield collection
    collection.close()
    assert list(temporary.iterdir()) == []


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str, str], Path]:
    """Write an upload; each has a folder of its own, as web servers keep them."""

    def write(name: str, text: str) -> Path:
        folder = Path(tempfile.mkdtemp(dir=tmp_path))
        (folder / name).write_text(text)
        return folder / name

    return write


Write = Callable[[str, str], Path]


def texts(collection: Collection) -> set[str]:
    return {article.text for article in collection.archive.articles()}


def test_an_empty_collection_has_neither_archive_nor_folder(
    collection: Collection, temporary: Path
) -> None:
    assert collection.archive is None
    assert collection.add([]) == Added()
    assert collection.archive is None
    assert list(temporary.iterdir()) == []


def test_remarks_on_what_was_read_come_with_it(collection: Collection, write: Write) -> None:
    table = f"title,text,mood\nRiver rises,{RIVER.replace(',', '')},calm\n"
    added = collection.add([write("river.csv", table)])
    assert len(added.articles) == 1
    assert added.failures == ()
    (remark,) = added.remarks
    assert remark.file == "river.csv"
    assert "mood" in remark.text


def test_documents_are_asked_with_the_settings_of_the_archive(
    collection: Collection, known: Archive, write: Write
) -> None:
    stages: list[str] = []
    added = collection.add(
        [write("river.txt", f"River rises\n\n{RIVER}"), write("bad.txt", "\x00")],
        lambda stage, done, total: stages.append(stage),
    )
    (article,) = added.articles
    assert (article.title, article.text, article.origin) == ("River rises", RIVER, "river.txt")
    assert [failure.file for failure in added.failures] == ["bad.txt"]
    assert added.duplicates == ()
    assert set(stages) == {"cutting", "embedding"}
    archive = collection.archive
    assert archive.settings is known.settings
    assert archive.load_encoder() is known.load_encoder()
    answer = archive.ask("By how much did the Mekong rise in Kampot?")
    assert answer.citations[0].quote in RIVER
    assert archive.article(answer.citations[0].article_id) == article


def test_what_is_added_later_joins_what_is_there(collection: Collection, write: Write) -> None:
    collection.add([write("river.txt", RIVER)])
    first = collection.archive
    added = collection.add([write("more.jsonl", f'{{"text": "{BANK} More."}}')])
    assert [article.text for article in added.articles] == [f"{BANK} More."]
    assert texts(collection) == {RIVER, f"{BANK} More."}
    assert [hit.passage.text for hit in first.search("Mekong")] == [RIVER]  # It answers on.


def test_a_zip_of_pages(collection: Collection, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as bundle:
        bundle.writestr("in/river.txt", f"River rises\n\n{RIVER}")
        bundle.writestr("in/metadata.csv", "file,source\nriver.txt,The Example\n")
    (article,) = collection.add([tmp_path / "all.zip"]).articles
    assert (article.origin, article.source) == ("all.zip/in/river.txt", "The Example")


# --- repetitions ---------------------------------------------------------------------------


def test_the_same_text_is_not_added_twice(collection: Collection, write: Write) -> None:
    added = collection.add([write("a.txt", RIVER), write("b.txt", RIVER)])
    assert [article.origin for article in added.articles] == ["a.txt"]
    same = "the same text as “a.txt”: kept once"
    assert added.duplicates == (Duplicate("b.txt", same),)
    added = collection.add([write("c.jsonl", f'{{"text": "{RIVER}", "title": "Another"}}')])
    assert added == Added(duplicates=(Duplicate("Another", same),))
    assert texts(collection) == {RIVER}


def test_what_the_archive_has_is_added_and_reported(collection: Collection, write: Write) -> None:
    added = collection.add([write("raid.txt", RAID)])
    assert len(added.articles) == 1
    reason = "the archive has this text too, as “Raid in Kratie”"
    assert added.duplicates == (Duplicate("raid.txt", reason),)


def test_near_copies_are_kept_and_reported(collection: Collection, write: Write) -> None:
    near = f"{RIVER} The school will stay open for them, the governor said."
    collection.add([write("a.txt", RIVER)])
    added = collection.add([write("b.txt", near), write("c.txt", BANK + " More.")])
    assert len(added.articles) == 2
    reason = "nearly the same text as “a.txt”: both are kept, and count as one report"
    assert added.duplicates == (Duplicate("b.txt", reason),)


def test_ids_of_a_file_stand_for_no_other_article(
    collection: Collection, known: Archive, write: Write
) -> None:
    """The archive has another article "1", and two files have one each."""
    files = [write(f"{n}.jsonl", f'{{"text": "{n}. {RIVER}", "id": "1"}}') for n in range(2)]
    added = collection.add(files)
    assert len({article.id for article in added.articles} | {"1"}) == 3
    assert known.beside(collection.archive).info()["articles"] == 4


# --- what cannot be added ------------------------------------------------------------------


def test_files_that_cannot_be_read_change_nothing(
    collection: Collection, write: Write, tmp_path: Path
) -> None:
    collection.add([write("a.txt", RIVER)])
    before = collection.archive
    (tmp_path / "empty").mkdir()
    added = collection.add(
        [tmp_path / "gone.txt", tmp_path / "empty", write("metadata.csv", "file,title\n")]
    )
    assert added.articles == ()
    assert [failure.file for failure in added.failures] == ["gone.txt", "empty", "metadata.csv"]
    assert not any(str(tmp_path) in failure.reason for failure in added.failures)
    assert "inside a zip" in added.failures[2].reason
    assert collection.archive is before


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt])
def test_an_add_that_fails_leaves_the_collection_as_it_was(
    collection: Collection, write: Write, error: type[BaseException]
) -> None:
    collection.add([write("a.txt", RIVER)])
    before = collection.archive

    def fail(stage: str, done: int, total: int) -> None:
        if stage == "embedding":
            raise error

    with pytest.raises(error):
        collection.add([write("b.txt", BANK)], fail)
    assert collection.archive is before
    assert texts(collection) == {RIVER}
    assert len(collection.add([write("b.txt", BANK)]).articles) == 1


def test_bounds_hold_for_the_visit(known: Archive, temporary: Path, write: Write) -> None:
    bounds = replace(UPLOADS, articles=2, characters=len(RIVER) + len(BANK) + 20, files=5)
    collection = Collection(known, bounds)
    collection.add([write("a.txt", RIVER)])
    collection.add([write("a.txt", RIVER)])  # What is not kept takes no room.
    added = collection.add([write("b.txt", RAID), write("c.txt", BANK)])
    assert [article.origin for article in added.articles] == ["c.txt"]
    assert "characters of text in all" in added.failures[0].reason
    added = collection.add([write("d.txt", "Short."), write("e.txt", "Short, too.")])
    assert added.failures[0].reason.startswith("more than 2 articles in all")
    assert added.failures[1].reason.startswith("more than 5 files")
    assert texts(collection) == {RIVER, BANK}
    collection.close()


# --- the end -------------------------------------------------------------------------------


def test_nothing_stays_after_close(known: Archive, temporary: Path, write: Write) -> None:
    collection = Collection(known)
    collection.add([write("a.txt", RIVER)])
    (folder,) = temporary.iterdir()
    if os.name != "nt":
        assert folder.stat().st_mode & 0o077 == 0  # Nobody else may look into it.
    collection.close()
    assert list(temporary.iterdir()) == []
    assert collection.archive is None
    collection.close()
    with pytest.raises(InputError, match="Add them again"):
        collection.add([write("a.txt", RIVER)])
    assert list(temporary.iterdir()) == []


def test_close_ends_an_add_at_work(known: Archive, temporary: Path, write: Write) -> None:
    collection = Collection(known)
    begun, go_on = threading.Event(), threading.Event()
    raised: list[BaseException] = []

    def progress(stage: str, done: int, total: int) -> None:
        begun.set()
        go_on.wait(30)

    def add() -> None:
        try:
            collection.add([write("a.txt", RIVER), write("b.txt", BANK)], progress)
        except InputError as error:
            raised.append(error)

    adding = threading.Thread(target=add)
    adding.start()
    assert begun.wait(30)
    closing = threading.Thread(target=collection.close)
    closing.start()
    while not collection._closed.is_set():
        pass
    go_on.set()
    adding.join(30)
    closing.join(30)
    assert len(raised) == 1
    assert collection.archive is None
    assert list(temporary.iterdir()) == []


@pytest.mark.process
def test_nothing_stays_when_the_process_ends(known: Archive, tmp_path: Path, write: Write) -> None:
    script = (
        "import sys, tempfile; from pathlib import Path; from fakes import FakeEncoder\n"
        "from rag import Archive; from rag.chat.uploads import Collection\n"
        "tempfile.tempdir = sys.argv[3]\n"
        "kept = Collection(Archive.open(sys.argv[1], encoder=FakeEncoder()))\n"
        "kept.add([Path(sys.argv[2])])\n"
        "print(len(list(Path(sys.argv[3]).iterdir())))\n"
        "sys.exit('an error')\n"
    )
    folder = tmp_path / "its"
    folder.mkdir()
    arguments = [str(known.home), str(write("a.txt", RIVER)), str(folder)]
    ended = subprocess.run(
        [sys.executable, "-c", script, *arguments],
        capture_output=True, text=True, timeout=120,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])},
    )  # fmt: skip
    assert (ended.stdout, ended.returncode) == ("1\n", 1), ended.stderr
    assert list(folder.iterdir()) == []


def test_adds_from_several_threads(collection: Collection, write: Write) -> None:
    files = [write(f"{n}.txt", f"{BANK} It was day {n} of the year.") for n in range(6)]
    threads = [threading.Thread(target=collection.add, args=([file],)) for file in files]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert collection.archive.info()["articles"] == 6


def test_a_pdf_is_asked_about(archive: Archive, temporary: Path, tmp_path: Path) -> None:
    """With the real encoder and reader, beside the bundled articles."""
    pdf = FPDF()
    pdf.add_page()
    pdf.set_font("Helvetica", size=12)
    pdf.multi_cell(0, 6, RIVER)
    pdf.output(str(tmp_path / "river.pdf"))
    collection = Collection(archive)
    assert collection.add([tmp_path / "river.pdf"]).failures == ()
    for asked in (collection.archive, archive.beside(collection.archive)):
        answer = asked.ask("How many villages did the Mekong cut off in Kampot?")
        best = answer.citations[0]
        assert (answer.status, asked.article(best.article_id).origin) == ("answered", "river.pdf")
        assert "three villages" in best.quote
        assert best.quote == RIVER[best.start : best.end]
    collection.close()
    assert list(temporary.iterdir()) == []
