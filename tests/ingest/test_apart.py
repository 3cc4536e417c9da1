"""Files that are read in a process of its own: what it finds, and what becomes of its end."""

from __future__ import annotations

import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
from pages import RIVER

from rag.ingest import UPLOADS, Budget, Failure, Remark
from rag.ingest.apart import read_apart
from rag.types import Article

pytestmark = pytest.mark.process


def found(paths: list[Path], **changes: object) -> list[Article | Failure | Remark]:
    limits = replace(UPLOADS, **changes)  # type: ignore[arg-type]
    return list(read_apart(paths, Budget(limits)))


@pytest.fixture
def river(tmp_path: Path) -> Path:
    (tmp_path / "river.txt").write_text(f"River rises\n\n{RIVER}")
    return tmp_path / "river.txt"


def test_articles_failures_and_remarks_come_as_from_the_reader(tmp_path: Path, river: Path) -> None:
    (tmp_path / "bad.txt").write_bytes(b"\0")
    (tmp_path / "table.csv").write_text(
        f'title,text,mood,published\nBank,"{RIVER}",calm,2024-05-03\n'
    )
    budget = Budget(UPLOADS)
    names = ["bad.txt", "river.txt", "gone.txt", "table.csv"]
    one, two, three, four, five = read_apart([tmp_path / name for name in names], budget)
    assert isinstance(one, Failure)
    assert (one.file, one.reason.key) == ("bad.txt", "binary")
    assert isinstance(two, Article)
    assert (two.text, two.title, two.origin, two.format) == (
        RIVER, "River rises", "river.txt", "text",
    )  # fmt: skip
    assert isinstance(three, Failure)
    assert (three.file, str(tmp_path) in three.reason) == ("gone.txt", False)
    assert isinstance(four, Article)
    assert str(four.published) == "2024-05-03"
    assert isinstance(five, Remark)
    assert "mood" in five.text
    assert (budget.files, budget.articles) == (3, 2)


def test_the_process_has_neither_models_nor_the_page() -> None:
    """It would take seconds to begin, and the memory of a model."""
    script = (
        "import sys, rag.ingest.worker, rag.ingest.formats\n"
        "print(*{'torch', 'faiss', 'gradio', 'openvino', 'transformers'} & set(sys.modules))"
    )
    told = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=120, check=True
    )
    assert told.stdout == "\n"


@pytest.mark.skipif(sys.platform != "linux", reason="macOS and Windows do not limit it")
def test_a_file_that_takes_too_much_memory_is_a_failure_and_the_next_is_read(
    tmp_path: Path, river: Path
) -> None:
    (tmp_path / "large.json").write_text("[" + "[[]]," * 3_000_000 + "[]]")
    paths = [tmp_path / "large.json", river]
    limits = Budget(replace(UPLOADS, nodes=10**9, lines=10**9))
    failure, article = read_apart(paths, limits, memory=200_000_000)
    assert isinstance(failure, Failure)
    assert (failure.file, failure.reason.key) == ("large.json", "reading_memory")
    assert isinstance(article, Article)


def test_the_time_of_all_files_is_bounded_and_what_was_read_is_kept(
    tmp_path: Path, river: Path
) -> None:
    """A page of lines that each may begin an article, without the bound that refuses it at once."""
    (tmp_path / "slow.txt").write_text("a\n" * 5_000_000)
    paths = [river, tmp_path / "slow.txt", river]
    limits = Budget(replace(UPLOADS, seconds=8, lines=10**9, nodes=10**9))
    article, slow, late = read_apart(paths, limits, memory=8_000_000_000)
    assert isinstance(article, Article)
    assert isinstance(slow, Failure)
    assert (slow.file, slow.reason.key) == ("slow.txt", "reading_time")
    assert isinstance(late, Failure)
    assert (late.file, late.reason.key) == ("river.txt", "over_seconds")


def test_whoever_waits_no_more_ends_the_process(tmp_path: Path, river: Path) -> None:
    (tmp_path / "slow.txt").write_text("a\n" * 5_000_000)
    limits = replace(UPLOADS, lines=10**9, nodes=10**9)
    began = time.monotonic()
    stopped = [False, False, False, True]
    asked = iter(stopped)
    assert [
        *read_apart([tmp_path / "slow.txt", river], Budget(limits), lambda: next(asked, True))
    ] == []
    assert time.monotonic() - began < 100
