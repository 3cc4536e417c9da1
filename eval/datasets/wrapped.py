"""A corpus hard-wrapped, as mail and exports are: what becomes of its sentences, and a copy of it.

The copy is measured like the corpus itself; its questions and their evidence are the same.
"""

from __future__ import annotations

import json
import shutil
import textwrap
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from rag.errors import InputError
from rag.evaluation.datasets.corpus import ARTICLE, NAMES
from rag.evaluation.datasets.records import Files
from rag.text.sentences import sentence_spans


@dataclass(frozen=True)
class Kept:
    """How many `sentences` of texts wrapped to a width are those of the texts before: all but
    `changed`."""

    width: int
    sentences: int
    changed: int

    @property
    def share(self) -> float:
        """The share of the sentences that changed."""
        return self.changed / self.sentences if self.sentences else 0.0


def bodies(folder: Path) -> list[str]:
    """The texts of the corpus in a folder. Raises InputError where there is none."""
    return [record.text("body") for record in Files().records(_corpus(folder), ARTICLE)]


def kept(texts: Iterable[str], width: int) -> Kept:
    """Compare the sentences of texts with those of the texts wrapped to a width, white space
    aside."""
    sentences = changed = 0
    for text in texts:
        before = _sentences(text)
        sentences += before.total()
        changed += (before - _sentences(wrap(text, width))).total()
    return Kept(width, sentences, changed)


def wrap(text: str, width: int) -> str:
    """Wrap each line of a text to a width; every word stays whole."""
    return "\n".join(
        textwrap.fill(line, width, break_on_hyphens=False, break_long_words=False)
        for line in text.split("\n")
    )


def write(folder: Path, width: int, out: Path) -> None:
    """Write a copy of the MultiHop-RAG data in `folder`, its articles wrapped to a width."""
    corpus = _corpus(folder)
    out.mkdir(parents=True, exist_ok=True)
    with (out / "corpus.jsonl").open("w", encoding="utf-8") as file:
        for record in Files().records(corpus, ARTICLE):
            wrapped = {**record.values, "body": wrap(record.text("body"), width)}
            file.write(json.dumps(wrapped, ensure_ascii=False) + "\n")
    for path in folder.iterdir():
        if path.is_file() and path != corpus:
            shutil.copy(path, out)


def _corpus(folder: Path) -> Path:
    for name in NAMES:
        if (folder / name).is_file():
            return folder / name
    raise InputError(f"{folder} has no corpus. Give a MultiHop-RAG folder, with {NAMES[0]}.")


def _sentences(text: str) -> Counter[str]:
    return Counter("".join(text[start:end].split()) for start, end in sentence_spans(text))
