"""Paragraphs of news to make pages of, and short ways to read them."""

from __future__ import annotations

from pathlib import Path

from rag.ingest import Failure, read_articles
from rag.ingest.text_page.article import Found
from rag.ingest.text_page.split import read_page
from rag.types import Article

RIVER = (
    "Officials in the northern province said on Monday that the river had risen by two metres "
    "overnight and that three villages were cut off."
)
RELIEF = (
    "Relief workers reached the first of the villages by boat at dawn, carrying rice and drinking "
    "water for about four hundred families there."
)
BRIDGE = (
    "The provincial governor, Sok Vanna, told reporters that the bridge would be closed until "
    "engineers had checked each of its eleven piers."
)
BANK = (
    "Shares in the country's largest bank fell by eight percent on Tuesday after it reported a "
    "loss that was wider than analysts had expected."
)
LOANS = (
    "The bank said that it had set aside more money for loans that are unlikely to be paid back, "
    "most of them to builders in the capital city."
)
BRANCH = (
    "Its chief executive told investors on a call that he expected the second half of the year "
    "to be better, and that no branch would close."
)


def read_all(path: Path) -> tuple[list[Article], list[Failure]]:
    reader = read_articles(path)
    return list(reader), reader.failures


def read_bytes(
    folder: Path, data: bytes, name: str = "page.txt"
) -> tuple[list[Article], list[str]]:
    (folder / name).write_bytes(data)
    articles, failures = read_all(folder / name)
    return articles, [failure.reason for failure in failures]


def only(text: str) -> Found:
    found = read_page(text)
    assert len(found) == 1
    return found[0]
