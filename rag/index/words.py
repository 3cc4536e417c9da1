"""The words of passages and of their sentences, as a BM25 index is made of them.

They are kept with the index: a build on it takes those of passages that did not change from there,
as finding the stems of a text takes longer than indexing them. They are written as they come and
read memory-mapped: in memory is the vocabulary alone.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate, chain
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
import numpy.typing as npt

from rag.index.mapped import Appended, mapped, spread
from rag.text.outside import json_value, unicode_text
from rag.text.stems import stems
from rag.types import Rows

VOCABULARY, STARTS = "vocabulary.json", "starts.npy"
FOLDER = "words"
FILES = tuple(
    f"{of}-{what}.npy" for of in ("passages", "sentences") for what in ("words", "starts")
)
_OF_FORMAT_6 = "words.npz"
Numbers = npt.NDArray[np.uint32]


@dataclass(frozen=True, slots=True)
class Words:
    """The stems of texts, in order, by their numbers in `vocabulary`.

    Those of text i are `numbers[starts[i]:starts[i + 1]]`.
    """

    vocabulary: Sequence[str]
    numbers: Numbers
    starts: Rows

    def __len__(self) -> int:
        return len(self.starts) - 1

    def of_rows(self, rows: Rows) -> tuple[Numbers, Rows]:
        """Return the numbers of the words of the texts `rows`, and how many each text has."""
        first = self.starts[rows]
        lengths = self.starts[rows + 1] - first
        return self.numbers[spread(first, lengths)], lengths


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
        counts, known = _counts(texts, sentences), dict[str, int]()
        both = [_numbered(known, some) for some in (texts, [*chain(*sentences)])]
        passages, of_sentences = (
            Words(tuple(known), numbers, _starts(lengths)) for numbers, lengths in both
        )
        return cls(passages, of_sentences, _starts(counts)[:-1])

    @classmethod
    def load(cls, folder: Path) -> Tokens:
        """Read what `TokenWriter` wrote to `folder`, of a snapshot that is as it was written."""
        if (folder / _OF_FORMAT_6).exists():
            return _of_format_6(folder / _OF_FORMAT_6)
        vocabulary = tuple(json_value((folder / VOCABULARY).read_bytes()))
        words, starts, of_sentences, first = (
            mapped(folder / FOLDER / name, kind, 1)
            for name, kind in zip(FILES, (np.uint32, np.int64) * 2, strict=True)
        )
        passages = Words(vocabulary, words, starts)
        sentences = Words(vocabulary, of_sentences, first)
        return cls(passages, sentences, mapped(folder / STARTS, np.int64, 1))

    def check(self, passages: int) -> None:
        """Raise ValueError unless these can be the words of so many passages: of an index that
        somebody else made, the files may say anything."""
        for word in self.passages.vocabulary:
            if not isinstance(word, str):
                raise ValueError("a word is none")
            unicode_text(word)
        for of in (self.passages, self.sentences):
            lengths = np.diff(of.starts)
            ends = of.starts[[0, -1]].tolist() if len(of.starts) else []
            if ends != [0, len(of.numbers)] or np.any(lengths < 0):
                raise ValueError("the words have not the places that they should")
            if len(of.numbers) and of.numbers.max() >= len(of.vocabulary):
                raise ValueError("there are words that the vocabulary lacks")
        ends = np.append(self.starts[1:], len(self.sentences))
        known = len(self.starts) == len(self.passages) == passages > 0 and self.starts[0] == 0
        if not known or not np.all(self.starts < ends):
            raise ValueError("the sentences do not belong to the passages")

    def sentences_of(self, rows: Rows) -> tuple[Rows, Rows]:
        """Return the sentences of the passages `rows`, and how many each passage has."""
        ends = np.append(self.starts[1:], len(self.sentences))
        lengths = ends[rows] - self.starts[rows]
        return spread(self.starts[rows], lengths), lengths


class TokenWriter:
    """Writes the words of passages to a new folder, passage after passage, as they come: of new
    texts, or of those that an earlier index has. Use in a `with` statement."""

    def __init__(self, folder: Path) -> None:
        (folder / FOLDER).mkdir(parents=True)
        self._folder = folder
        self._known: dict[str, int] = {}
        # Of each vocabulary that words were taken over from, the numbers that they have here.
        self._numbers: dict[int, npt.NDArray[np.int64]] = {}
        words, starts, of_sentences, first = (
            Appended(folder / FOLDER / name, kind)
            for name, kind in zip(FILES, (np.uint32, np.int64) * 2, strict=True)
        )
        self._passages, self._sentences = (words, starts), (of_sentences, first)
        self._starts = Appended(folder / STARTS, np.int64)
        for _, ends in (self._passages, self._sentences):
            ends.add([0])

    def __enter__(self) -> TokenWriter:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for file in (*self._passages, *self._sentences, self._starts):
            file.close()
        if error is None:
            vocabulary = json.dumps(list(self._known), ensure_ascii=False)
            (self._folder / VOCABULARY).write_text(vocabulary, "utf-8")

    def add(self, texts: Sequence[str], sentences: Sequence[Sequence[str]]) -> None:
        """Write the words of `texts`, and of the `sentences` of each of them, one or more."""
        counts = _counts(texts, sentences)
        self._write(self._passages, *_numbered(self._known, texts))
        self._write_starts(counts)
        self._write(self._sentences, *_numbered(self._known, chain(*sentences)))

    def take(self, tokens: Tokens, rows: Rows) -> None:
        """Write the words of the passages `rows` of others, and of their sentences."""
        self._write(self._passages, *self._here(tokens.passages, rows))
        sentences, counts = tokens.sentences_of(rows)
        self._write_starts(counts)
        self._write(self._sentences, *self._here(tokens.sentences, sentences))

    def _here(self, words: Words, rows: Rows) -> tuple[Numbers, Rows]:
        """As `Words.of_rows`, with the numbers that the words have here."""
        numbers, lengths = words.of_rows(rows)
        here = self._numbers.get(id(words.vocabulary))
        if here is None:  # Made once, not with every article: it is as long as the vocabulary.
            here = self._numbers[id(words.vocabulary)] = np.full(
                len(words.vocabulary), -1, np.int64
            )
        for number in np.unique(numbers[here[numbers] < 0]).tolist():
            here[number] = self._known.setdefault(words.vocabulary[number], len(self._known))
        return here[numbers].astype(np.uint32), lengths

    def _write(self, files: tuple[Appended, Appended], numbers: Numbers, lengths: Rows) -> None:
        words, starts = files
        starts.add(len(words) + np.cumsum(lengths))
        words.add(numbers)

    def _write_starts(self, counts: Iterable[int] | Rows) -> None:
        """Write the first sentences of passages that have so many."""
        first = len(self._sentences[1]) - 1
        self._starts.add(first + _starts(counts)[:-1])


def sentences_of(folder: Path) -> int:
    """Return how many sentences there are words of in what `TokenWriter` wrote to `folder`."""
    if (folder / _OF_FORMAT_6).exists():
        with np.load(folder / _OF_FORMAT_6, allow_pickle=False) as found:
            return len(found["sentences_starts"]) - 1
    return len(mapped(folder / FOLDER / FILES[-1], np.int64, 1)) - 1


def _numbered(known: dict[str, int], texts: Iterable[str]) -> tuple[Numbers, Rows]:
    """The numbers of the words of texts, new words known from here on, and how many each has."""
    found = [[known.setdefault(stem, len(known)) for stem in stems(text)] for text in texts]
    lengths = np.array([len(of_one) for of_one in found], np.int64)
    return np.fromiter(chain(*found), np.uint32, int(lengths.sum())), lengths


def _starts(lengths: Iterable[int] | Rows) -> Rows:
    return np.array([*accumulate(lengths, initial=0)], np.int64)


def _counts(texts: Sequence[str], sentences: Sequence[Sequence[str]]) -> list[int]:
    counts = [len(of_one) for of_one in sentences]
    if len(counts) != len(texts) or not all(counts):
        raise ValueError(f"{len(texts)} texts need a sentence each or more, not {counts}")
    return counts


def _of_format_6(path: Path) -> Tokens:
    """The words of an earlier format, in one file with a vocabulary each."""
    with np.load(path, allow_pickle=False) as found:

        def words(name: str) -> Words:
            vocabulary = found[f"{name}_vocabulary"].tobytes().decode().split("\n")
            values: list[npt.NDArray[Any]] = [found[f"{name}_{of}"] for of in ("numbers", "starts")]
            return Words(tuple(filter(None, vocabulary)), *values)

        return Tokens(words("passages"), words("sentences"), found["starts"])
