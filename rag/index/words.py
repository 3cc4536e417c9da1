"""The words of passages and of their sentences, as a BM25 index is made of them.

They are kept with the index: a build on it takes those of passages that did not change from there,
as finding the stems of a text takes longer than indexing them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, chain
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from rag.text.stems import stems
from rag.types import Rows

_FILE = "words.npz"
_Value = TypeVar("_Value", bound=np.generic)


@dataclass(frozen=True, slots=True)
class Words:
    """The stems of texts, in order, by their numbers in `vocabulary`.

    Those of text i are `numbers[starts[i]:starts[i + 1]]`.
    """

    vocabulary: tuple[str, ...]
    numbers: npt.NDArray[np.uint32]
    starts: Rows

    @classmethod
    def of(cls, texts: Sequence[str]) -> Words:
        known: dict[str, int] = {}
        found = [[known.setdefault(stem, len(known)) for stem in stems(text)] for text in texts]
        starts = np.fromiter(accumulate(map(len, found), initial=0), np.int64, len(found) + 1)
        return cls(tuple(known), np.fromiter(chain(*found), np.uint32, starts[-1]), starts)

    def __len__(self) -> int:
        return len(self.starts) - 1

    def followed_by(self, other: Words) -> Words:
        """Return the words of these texts and then of the others."""
        known = {word: number for number, word in enumerate(self.vocabulary)}
        theirs = np.array([known.setdefault(w, len(known)) for w in other.vocabulary], np.uint32)
        numbers = np.concatenate([self.numbers, theirs[other.numbers]])
        starts = np.concatenate([self.starts, other.starts[1:] + self.starts[-1]])
        return Words(tuple(known), numbers, starts)

    def of_rows(self, rows: Rows) -> Words:
        """Return the words of the texts `rows`, in that order; no other word is left."""
        found, starts = _gathered(self.numbers, self.starts, rows)
        kept, numbers = np.unique(found, return_inverse=True)
        vocabulary = tuple(self.vocabulary[number] for number in kept)
        return Words(vocabulary, numbers.astype(np.uint32), starts)


@dataclass(frozen=True, slots=True)
class Tokens:
    """The words of passages, and of their sentences; `starts` is the first sentence of each
    passage."""

    passages: Words
    sentences: Words
    starts: Rows

    @classmethod
    def of(cls, texts: Sequence[str], sentences: Sequence[Sequence[str]]) -> Tokens:
        """Take the words of `texts`, and of the `sentences` of each of them, one or more."""
        counts = [len(of_one) for of_one in sentences]
        if len(counts) != len(texts) or not all(counts):
            raise ValueError(f"{len(texts)} texts need a sentence each or more, not {counts}")
        starts = np.array([*accumulate(counts, initial=0)][:-1], np.int64)
        return cls(Words.of(texts), Words.of([*chain(*sentences)]), starts)

    @classmethod
    def load(cls, folder: Path) -> Tokens:
        """Read what `save` wrote to `folder`, of a snapshot."""
        with np.load(folder / _FILE, allow_pickle=False) as found:
            passages, sentences = (
                Words(
                    tuple(filter(None, found[f"{name}_vocabulary"].tobytes().decode().split("\n"))),
                    found[f"{name}_numbers"],
                    found[f"{name}_starts"],
                )
                for name in ("passages", "sentences")
            )
            return cls(passages, sentences, found["starts"])

    def save(self, folder: Path) -> None:
        arrays: dict[str, npt.NDArray[Any]] = {"starts": self.starts}
        for name, words in (("passages", self.passages), ("sentences", self.sentences)):
            vocabulary = "\n".join(words.vocabulary).encode()
            arrays[f"{name}_vocabulary"] = np.frombuffer(vocabulary, np.uint8)
            arrays[f"{name}_numbers"], arrays[f"{name}_starts"] = words.numbers, words.starts
        np.savez(folder / _FILE, allow_pickle=False, **arrays)

    def followed_by(self, other: Tokens) -> Tokens:
        """Return those of these passages and then of the others."""
        starts = np.concatenate([self.starts, other.starts + len(self.sentences)])
        sentences = self.sentences.followed_by(other.sentences)
        return Tokens(self.passages.followed_by(other.passages), sentences, starts)

    def of_rows(self, rows: Rows) -> Tokens:
        """Return those of the passages `rows`, in that order."""
        ends = np.append(self.starts, len(self.sentences))
        chosen, starts = _gathered(np.arange(len(self.sentences)), ends, rows)
        return Tokens(self.passages.of_rows(rows), self.sentences.of_rows(chosen), starts[:-1])


def _gathered(
    values: npt.NDArray[_Value], starts: Rows, rows: Rows
) -> tuple[npt.NDArray[_Value], Rows]:
    """The values of `rows`, where those of row i are `values[starts[i]:starts[i + 1]]`, one row
    after the other, and the starts of these."""
    lengths = (starts[1:] - starts[:-1])[rows]
    ends = np.cumsum(lengths)
    places = np.arange(lengths.sum()) + np.repeat(starts[:-1][rows] - (ends - lengths), lengths)
    return values[places], np.concatenate([[0], ends]).astype(np.int64)
