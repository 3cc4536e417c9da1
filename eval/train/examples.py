"""Training examples of a reader: questions, passages, and the words or sentences that answer.

Every epoch draws other forms of the same questions: fewer or other sentences around the one that
answers, that sentence left out, a passage that only looks right, another figure or name in the
question. So "the passage does not say" is learned from more than SQuAD's own unanswerable ones.
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

import bm25s

from eval.datasets.squad import read_squad
from rag.text.sentences import sentence_spans
from rag.text.stems import stems
from rag.types import Span

HEADING = 0.5  # Share of the examples that carry a heading.
WITHOUT = 0.12  # of those with an answer that lose it,
LOOK_ALIKE = 0.08  # that are asked of another passage,
ALTERED = 0.08  # or whose question names another figure or name of the passage.
_WORDS = (50, 160)  # A passage has so many words or, with its answer, a few more.
_ALIKE = 8


@dataclass(frozen=True, slots=True)
class Example:
    """A question and the sentences of a passage.

    `answers` has the sentences that answer, each with the spans of its words that do; `exact` when
    those spans are known, else they are the whole sentence. `ordered` when the sentences stand as
    they were written.
    """

    source: str
    topic: str
    question: str
    sentences: tuple[str, ...]
    answers: Mapping[int, tuple[Span, ...]]
    exact: bool = False
    ordered: bool = True

    def text(self) -> tuple[str, list[Span]]:
        """The passage, and the spans in it that answer."""
        text, spans = "", []
        for number, sentence in enumerate(self.sentences):
            text += " " if text else ""
            spans += [(len(text) + a, len(text) + b) for a, b in self.answers.get(number, ())]
            text += sentence
        return text, spans


def read_lists(path: Path) -> list[Example]:
    """Read lists of sentences, as JSON Lines with question, sentences, answers and source."""
    found = []
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            record = json.loads(line)
            clean = str.strip if record["source"] == "selqa" else _untokenised
            kept = [i for i, sentence in enumerate(record["sentences"]) if sentence.strip()]
            sentences = tuple(clean(record["sentences"][i]) for i in kept)
            answers = {
                kept.index(i): ((0, len(sentences[kept.index(i)])),)
                for i in record["answers"]
                if i in kept
            }
            if sentences and (answers or not record["answers"]):
                found.append(
                    Example(
                        record["source"], "", clean(record["question"]), sentences, answers,
                        ordered=record["source"] != "nqg",
                    )
                )  # fmt: skip
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
        found.append(
            Example(
                "squad", record["topic"], record["question"].strip(),
                tuple(text[start:end] for start, end in spans),
                {number: tuple(sorted(set(given))) for number, given in answers.items()},
                exact=True,
            )
        )  # fmt: skip
    return found


def held_back(topics: Sequence[str]) -> list[str]:
    """The topics that no reader is trained on: every third one, in the order of the file."""
    return list(dict.fromkeys(topics))[1::3]


class Epochs:
    """The examples of any epoch: a function of the seed and the number of the epoch alone."""

    def __init__(self, examples: Sequence[Example], seed: int) -> None:
        self._examples, self._seed = examples, seed
        self._passages = list(dict.fromkeys(e.sentences for e in examples if e.ordered))
        index = bm25s.BM25()
        index.index([stems(" ".join(p)) for p in self._passages], show_progress=False)
        queries = [stems(example.question) or ["?"] for example in examples]
        self._alike = index.retrieve(
            queries, k=min(_ALIKE, len(self._passages)), show_progress=False
        ).documents

    def draw(self, number: int) -> Iterator[tuple[Example, str]]:
        """Yield each example in this epoch's form, with its heading, in random order."""
        rng = random.Random(f"{self._seed}/{number}")  # noqa: S311
        order = list(range(len(self._examples)))
        rng.shuffle(order)
        for i in order:
            example = self._varied(self._examples[i], self._alike[i], rng)
            yield example, _heading(example, rng) if rng.random() < HEADING else ""

    def _varied(self, example: Example, alike: Sequence[int], rng: random.Random) -> Example:
        choice = rng.random()
        if not example.answers or choice >= WITHOUT + LOOK_ALIKE + ALTERED:
            return _cut(example, rng)
        if choice < WITHOUT:
            rest = [i for i in range(len(example.sentences)) if i not in example.answers]
            return _cut(_chosen(example, rest), rng) if rest else _cut(example, rng)
        if choice < WITHOUT + LOOK_ALIKE:
            return _cut(self._looks_right(example, alike, rng), rng)
        question = _altered(example.question, " ".join(example.sentences), rng)
        return _cut(replace(example, question=question, answers={}) if question else example, rng)

    def _looks_right(self, example: Example, alike: Sequence[int], rng: random.Random) -> Example:
        """The question with another passage that shares its words but not its answer."""
        right = {example.sentences[i] for i in example.answers}
        said = {example.sentences[i][a:b] for i, spans in example.answers.items() for a, b in spans}
        others = [
            passage
            for passage in (self._passages[i] for i in alike)
            if passage != example.sentences
            and not right.intersection(passage)
            and not (example.exact and any(s in " ".join(passage) for s in said))
        ]
        if not others:
            return example
        return replace(example, sentences=rng.choice(others), answers={}, ordered=True)


def _cut(example: Example, rng: random.Random) -> Example:
    """A stretch of the passage, with the sentences that answer or around one of them."""
    limit = rng.randint(*_WORDS)
    count = len(example.sentences)
    order = list(range(count))
    if not example.ordered:  # The right one, then look-alikes: any order, any number of them.
        rng.shuffle(order)
        order.sort(key=lambda i: i not in example.answers)
    elif example.answers:
        centre = rng.choice(sorted(example.answers))
        order.sort(key=lambda i: (abs(i - centre), rng.random()))
    else:
        centre = rng.randrange(count)
        order.sort(key=lambda i: (abs(i - centre), rng.random()))
    kept: list[int] = []
    for i in order:
        if kept and limit - len(example.sentences[i].split()) < 0:
            break
        kept.append(i)
        limit -= len(example.sentences[i].split())
    if example.ordered:
        kept.sort()
    else:
        rng.shuffle(kept)
    return _chosen(example, kept)


def _chosen(example: Example, kept: Sequence[int]) -> Example:
    return replace(
        example,
        sentences=tuple(example.sentences[i] for i in kept),
        answers={n: example.answers[i] for n, i in enumerate(kept) if i in example.answers},
    )


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


def _heading(example: Example, rng: random.Random) -> str:
    """The topic, or else some words of the passage, as a headline repeats them."""
    if example.topic:
        return example.topic
    said = rng.choice(example.sentences).split()
    start = rng.randrange(max(1, len(said) - 8))
    return " ".join(said[start : start + rng.randint(4, 9)]).strip(" ,.;:")


# Penn Treebank tokenisation, roughly undone.
_TOKENISED = (
    (r"-lrb- ?", "("), (r" ?-rrb-", ")"), (r"-lsb- ?", "["), (r" ?-rsb-", "]"),
    (r"`` ?", '"'), (r" ?''", '"'), (r" (n't|'s|'re|'ve|'ll|'d|'m|s')\b", r"\1"),
    (r" ([,.;:?!%)\]])", r"\1"), (r"([(\[$£€]) ", r"\1"), (r" - ", "-"), (r" ' ", "' "),
    (r" -- ", " – "), (r"\[(citation needed|clarification needed|who\?|when\?)\]", ""),
    (r"\s+", " "),
)  # fmt: skip


def _untokenised(text: str) -> str:
    for pattern, put in _TOKENISED:
        text = re.sub(pattern, put, text)
    return text.strip()


def sha256_of(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
