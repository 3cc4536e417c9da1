"""Training examples of the reader: questions, each with passages as a search finds them.

The passages of the data make an archive. A question is asked of its own passage and of those that
BM25 finds beside it, the answer not in them; in some searches the right passage is missing, its
answer is cut out, or the question names another figure or name. So a reader learns to compare
passages, and to see when none of them answers. Every draw cuts the passages anew.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import random
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import bm25s

from rag.evaluation.datasets.squad import read_squad
from rag.text.sentences import sentence_spans
from rag.text.stems import stems
from rag.types import Span

FOUND = 3  # Passages of a search beside the right one.
ABSENT = 0.3  # Share of the searches whose right passage is missing.
HEADING = 0.7  # Share of the examples that carry their headings.
WITHOUT = 0.06  # Share of the answered passages that lose their answer,
ALTERED = 0.06  # or whose question names another figure or name of the passage.
_WORDS = (50, 130)  # A passage has so many words or, with its answer, a few more.
_ALIKE = 12  # Passages that BM25 finds for a question.
_UNORDERED = frozenset({"nqg-lists", "fool-me-twice-statements"})
# Read half as often: statements, which are no questions.
_HALF = frozenset({"wice-statements", "fool-me-twice-statements"})
# Read twice: what is nearest to news.
_TWICE = frozenset({"onestopqa", "qamr-wikinews", "squad2"})
_MARKS = 0.2  # Share of the questions in lower case or without their mark.


@dataclass(frozen=True, slots=True)
class Passage:
    """The heading and the sentences of a passage.

    `answers` has the sentences that answer, each with the spans of its words that do; `exact` when
    those spans are known, else they are the whole sentence. `ordered` when the sentences stand as
    they were written.
    """

    heading: str
    sentences: tuple[str, ...]
    answers: Mapping[int, tuple[Span, ...]]
    exact: bool = False
    ordered: bool = True

    def text(self) -> tuple[str, list[Span], list[Span]]:
        """The text, the spans of its sentences, and the spans that answer."""
        text, sentences, spans = "", [], []
        for number, sentence in enumerate(self.sentences):
            text += " " if text else ""
            spans += [(len(text) + a, len(text) + b) for a, b in self.answers.get(number, ())]
            sentences.append((len(text), len(text) + len(sentence)))
            text += sentence
        return text, sentences, spans


@dataclass(frozen=True, slots=True)
class Example:
    """A question of the data, and the passage on which it was asked. `topic` is its article's."""

    source: str
    topic: str
    question: str
    passage: Passage


@dataclass(frozen=True, slots=True)
class Search:
    """A question, and the passages in which it is read."""

    question: str
    passages: tuple[Passage, ...]


def read_questions(passages: Path, questions: Path) -> list[Example]:
    """Read JSON Lines, gzipped: passages with id, title, sentences; questions with question,
    passage, answers (indices of sentences), source and, where known, spans."""
    texts = {record["id"]: record for record in _lines(passages)}
    found = []
    for record in _lines(questions):
        text = texts[record["passage"]]
        sentences = tuple(text["sentences"])
        spans: dict[int, list[Span]] = {}
        for number, start, end in record.get("spans", ()):
            spans.setdefault(number, []).append((start, end))
        answers = {
            number: tuple(spans.get(number, [(0, len(sentences[number]))]))
            for number in record["answers"]
        }
        heading, source = text["title"].replace("_", " "), record["source"]
        passage = Passage(
            heading, sentences, answers, bool(spans), ordered=source not in _UNORDERED
        )
        if sentences:
            found.append(Example(source, heading, record["question"].strip(), passage))
    return found


def read_paragraphs(path: Path) -> list[Example]:
    """Read a SQuAD-format file; an answer that crosses a full stop counts up to it."""
    articles, questions = read_squad(path)
    texts = {article.id: article.text for article in articles}
    found = []
    for record in questions:
        text = texts[record["article"]]
        spans = sentence_spans(text)
        answers: dict[int, list[Span]] = {}
        for start, end in [] if record["impossible"] else record["spans"]:
            for number, (first, last) in enumerate(spans):
                if first <= start < last:
                    span = (start - first, min(end, last) - first)
                    answers.setdefault(number, []).append(span)
        passage = Passage(
            record["topic"],
            tuple(text[start:end] for start, end in spans),
            {number: tuple(sorted(set(given))) for number, given in answers.items()},
            exact=True,
        )
        found.append(Example("squad2", record["topic"], record["question"].strip(), passage))
    return found


def held_back(topics: Sequence[str]) -> list[str]:
    """The topics that no reader is trained on: every third one, in the order of the file."""
    return list(dict.fromkeys(topics))[1::3]


class Searches:
    """The examples as searches; a function of the seed and a number alone.

    `share` of them are searches, the others have one passage.
    """

    def __init__(self, examples: Sequence[Example], seed: int, share: float) -> None:
        self._examples, self._seed, self._searches = examples, seed, share
        self._weights = [
            0.5 if e.source in _HALF else 2.0 if e.source in _TWICE else 1.0 for e in examples
        ]
        self._said = _said(examples)
        written = {e.passage.sentences: e.passage for e in examples if _as_written(e)}
        self._archive = list(written.values())
        index = bm25s.BM25()
        index.index(
            [stems(f"{p.heading} {' '.join(p.sentences)}") for p in self._archive],
            show_progress=False,
        )
        queries = [stems(example.question) or ["?"] for example in examples]
        self._alike = index.retrieve(
            queries, k=min(_ALIKE, len(self._archive)), show_progress=False
        ).documents

    def draw(self, number: int, count: int) -> Iterator[Search]:
        """Yield draw `number`: `count` searches, questions drawn by the weight of their source."""
        rng = random.Random(f"{self._seed}/{number}")  # noqa: S311
        for i in rng.choices(range(len(self._examples)), self._weights, k=count):
            yield self._search(i, rng)

    def _search(self, i: int, rng: random.Random) -> Search:
        example = self._examples[i]
        question, passage = example.question, example.passage
        choice = rng.random()
        if passage.answers and choice < WITHOUT:
            rest = [n for n in range(len(passage.sentences)) if n not in passage.answers]
            passage = _chosen(passage, rest) if rest else passage
        elif passage.answers and choice < WITHOUT + ALTERED:
            altered = _altered(question, " ".join(passage.sentences), rng)
            if altered:
                question, passage = altered, replace(passage, answers={})
        words = rng.randint(*_WORDS)
        passages = [_cut(passage, words, rng)]
        if rng.random() < self._searches:
            others = self._others(i)
            absent = bool(others) and bool(example.passage.answers) and rng.random() < ABSENT
            # The first of a search are the hardest; the rest keep it honest.
            picked = sorted(rng.sample(range(len(others)), min(len(others), FOUND + absent)))
            found = [_cut(_centred(others[n], question), words, rng) for n in picked]
            passages = found if absent else [*passages, *found]
        if rng.random() >= HEADING:
            passages = [replace(p, heading="") for p in passages]
        rng.shuffle(passages)
        return Search(_as_typed(question, rng), tuple(passages))

    def _others(self, i: int) -> list[Passage]:
        """What BM25 finds for a question beside its own passage, the answer not in it; nothing
        where the answer is not known."""
        example = self._examples[i]
        said = self._said.get(example.question.lower(), frozenset())
        if not said:
            return []
        right = {example.passage.sentences[n] for n in example.passage.answers}
        return [
            replace(passage, answers={})
            for passage in (self._archive[n] for n in self._alike[i])
            if passage.sentences != example.passage.sentences
            and not right.intersection(passage.sentences)
            and not any(words in " ".join(passage.sentences).lower() for words in said)
        ]


def _as_written(example: Example) -> bool:
    """Whether the passage is a text as someone wrote it, and not longer than a few passages."""
    return example.passage.ordered and len(example.passage.sentences) < 60


def _said(examples: Sequence[Example]) -> dict[str, frozenset[str]]:
    """For each question, in lower case, what answers it anywhere in the data."""
    said: dict[str, set[str]] = {}
    for example in examples:
        answers = example.passage.answers.items()
        words = {
            example.passage.sentences[n][a:b].lower() for n, spans in answers for a, b in spans
        }
        said.setdefault(example.question.lower(), set()).update(words)
    return {question: frozenset(words) for question, words in said.items()}


def _centred(passage: Passage, question: str) -> Passage:
    """The passage from shortly before the sentence that is most like the question, which `_cut`
    then keeps; its answers are none."""
    asked = set(stems(question))
    shared = [len(asked.intersection(stems(s))) for s in passage.sentences]
    best = shared.index(max(shared))
    return replace(passage, sentences=passage.sentences[max(0, best - 2) : best + 6])


def _cut(passage: Passage, words: int, rng: random.Random) -> Passage:
    """A stretch of about `words` words, with the sentences that answer or around one of them."""
    count = len(passage.sentences)
    order = list(range(count))
    if not passage.ordered:  # The right one, then look-alikes: any order, any number of them.
        rng.shuffle(order)
        order.sort(key=lambda i: i not in passage.answers)
    else:
        centre = rng.choice(sorted(passage.answers) or order)
        after = rng.random() < 0.5
        order.sort(key=lambda i: (abs(i - centre), (i > centre) == after))
    kept: list[int] = []
    for i in order:
        if kept and words < len(passage.sentences[i].split()):
            break
        kept.append(i)
        words -= len(passage.sentences[i].split())
    if passage.ordered:
        kept.sort()
    else:
        rng.shuffle(kept)
    return _chosen(passage, kept)


def _chosen(passage: Passage, kept: Sequence[int]) -> Passage:
    return replace(
        passage,
        sentences=tuple(passage.sentences[i] for i in kept),
        answers={n: passage.answers[i] for n, i in enumerate(kept) if i in passage.answers},
    )


def _as_typed(question: str, rng: random.Random) -> str:
    choice = rng.random()
    if choice < _MARKS / 2:
        return question.rstrip("?").strip()
    return question.lower() if choice < _MARKS else question


_FIGURE = re.compile(r"\b\d[\d,.]*\b")
_NAME = re.compile(r"(?<=[a-z,;] )[A-Z][\w'’-]+(?: [A-Z][\w'’-]+)*")


def _altered(question: str, passage: str, rng: random.Random) -> str:
    """The question with another figure or name of the passage in it; empty if it has neither."""
    for pattern in (_FIGURE, _NAME):
        asked = [m for m in pattern.finditer(question) if m.group() in passage]
        others = sorted({n for n in pattern.findall(passage) if n not in question})
        if asked and others:
            match = rng.choice(asked)
            other: str = rng.choice(others)
            return question[: match.start()] + other + question[match.end() :]
    return ""


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


def sha256_of(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
