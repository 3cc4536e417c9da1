"""A question set of one's own: questions, and the words that people marked as their answers.

A folder holds it all, each file JSON Lines:

    questions.jsonl     the questions, with id and question
    labels-NAME.jsonl   what NAME marked, a line each time; the last holds
    corpus.jsonl        the articles, and
    dev.jsonl, test.jsonl   the questions that all who labelled them agree on, split by story
    disagreed.jsonl     those of which one says that they are answered, and another that not

Knows neither what is found for a question nor the page in which people mark.
"""

from __future__ import annotations

import datetime
import hashlib
import json
import re
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from rag import Archive
from rag.errors import InputError
from rag.evaluation.datasets.choice import half_of
from rag.evaluation.datasets.records import Files, Record
from rag.types import Article, Span

SCHEMA = "byline-label/1"
LONGEST = 2000
"""Characters of a question, a story and a note."""
_LABEL = "A line has id, answerable, evidence (document, start and end) and story. Remove it."
_QUESTION = "A line has id and question. Remove it."
_ANSWER = 80  # Characters up to which marked words are an answer string, too.


@dataclass(frozen=True)
class Mark:
    """Words of an article that answer."""

    document: str
    start: int
    end: int
    quote: str


@dataclass(frozen=True)
class Label:
    """What a person said of a question: the words that answer it, or that nothing found does."""

    id: str
    answerable: bool
    evidence: tuple[Mark, ...]
    story: str = ""
    note: str = ""


class Labels:
    """The questions of a folder, and what one person says of them. Safe to share between threads.

    Raises InputError for a folder or a name that cannot be used.
    """

    def __init__(self, folder: Path, name: str, archive: Archive) -> None:
        if not re.fullmatch(r"[\w-]{1,40}", name):
            raise InputError(f"The name {name!r} is none for a file. Use letters and digits.")
        self._folder, self.archive = folder, archive
        self._path = folder / f"labels-{name}.jsonl"
        self._lock = threading.Lock()
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise InputError(
                f"{folder} is no folder that can be written to ({error.strerror}). Name another."
            ) from None
        self.questions = read_questions(folder)
        self.labels = _read_labels(self._path)

    def add(self, questions: Iterable[tuple[str, str]]) -> None:
        """Take in questions that are not there yet, each an id and a text; "" for an id of its own.

        Raises InputError for one that is too long, or contradicts what is there.
        """
        with self._lock:
            known = {text: key for key, text in self.questions.items()}
            for named, given in questions:
                text = " ".join(given.split())
                if len(text) > LONGEST:
                    raise InputError(
                        f"The question {text[:60]!r} … has {len(text)} characters. Ask it in "
                        f"{LONGEST} or less."
                    )
                key = known.get(text) or named or hashlib.sha256(text.encode()).hexdigest()[:12]
                if (named and key != named) or self.questions.get(key, text) != text:
                    there = f"{key!r}, {self.questions[key][:60]!r}"
                    raise InputError(
                        f"The question {named!r}, {text[:60]!r}, is not the one that is here as "
                        f"{there}. Give it another id, or name another folder with --out."
                    )
                if text and text not in known:
                    _append(self._folder / "questions.jsonl", {"id": key, "question": text})
                    self.questions[key] = text
                    known[text] = key

    def next(self) -> str | None:
        """The first question without a label; None where all have one."""
        return next((key for key in self.questions if key not in self.labels), None)

    def label(
        self, question: str, spans: Sequence[tuple[str, Span]], story: str, note: str
    ) -> None:
        """Keep the words that answer a question; without any it is not answered.

        Raises InputError for a question or a place that is not there.
        """
        if question not in self.questions:
            raise InputError(f"There is no question {question!r}. Reload the page.")
        marks = tuple(_mark(self.archive.intact(name), span) for name, span in spans)
        label = Label(question, bool(marks), marks, story[:LONGEST].strip(), note[:LONGEST].strip())
        now = datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds")
        with self._lock:
            _append(self._path, {"schema": SCHEMA, "at": now, **asdict(label)})
            self.labels[question] = label

    def write(self) -> dict[str, Any]:
        """Write the question set of all who labelled in this folder; see `write_set`."""
        with self._lock:
            return write_set(self._folder, self.archive)


def write_set(folder: Path, archive: Archive) -> dict[str, Any]:
    """Write corpus, dev and test of a folder, and return how many there are and who agrees."""
    questions = read_questions(folder)
    people = {
        path.stem.removeprefix("labels-"): _read_labels(path)
        for path in sorted(folder.glob("labels-*.jsonl"))
    }
    merged, disagreed = _merged(questions, people.values())
    stories = _stories(merged)
    sides: dict[str, list[dict[str, Any]]] = {"dev": [], "test": []}
    for label in merged:
        story = stories[label.id]
        sides["test" if half_of(story) else "dev"].append(
            _question(label, questions[label.id], story)
        )
    for side, records in sides.items():
        _write(folder / f"{side}.jsonl", records)
    _write(
        folder / "disagreed.jsonl", [{"id": key, "question": questions[key]} for key in disagreed]
    )
    _write(folder / "corpus.jsonl", (_article(article) for article in archive.articles()))
    return {
        "schema": "byline-labels/1",
        "questions": len(questions),
        "labelled": {name: len(labels) for name, labels in people.items()},
        **{side: len(records) for side, records in sides.items()},
        "disagreed": len(disagreed),
        "agreement": [
            {"people": [a, b], **agreement(people[a], people[b])}
            for at, a in enumerate(people)
            for b in list(people)[at + 1 :]
        ],
    }


def agreement(a: Mapping[str, Label], b: Mapping[str, Label]) -> dict[str, Any]:
    """How far two people agree on the questions that both labelled.

    Cohen's kappa of whether a question is answered, and of those that both say are, the mean F1 of
    the characters they marked. Either is None where it cannot be told.
    """
    both = [key for key in a if key in b]
    same = sum(a[key].answerable == b[key].answerable for key in both)
    yes = [sum(side[key].answerable for key in both) for side in (a, b)]
    kappa = None
    if both:
        n = len(both)
        chance = (yes[0] * yes[1] + (n - yes[0]) * (n - yes[1])) / n**2
        kappa = (same / n - chance) / (1 - chance) if chance < 1 else None
    marked = [key for key in both if a[key].answerable and b[key].answerable]
    overlap = [_overlap(a[key].evidence, b[key].evidence) for key in marked]
    return {
        "questions": len(both),
        "same": same,
        "kappa": kappa,
        "marked by both": len(marked),
        "F1 of marked characters": sum(overlap) / len(overlap) if overlap else None,
    }


def read_questions(folder: Path) -> dict[str, str]:
    """The questions of a folder by their id."""
    path = folder / "questions.jsonl"
    if not path.exists():
        return {}
    records = Files().records(path, _QUESTION)
    return {record.text("id"): record.text("question") for record in records}


def _read_labels(path: Path) -> dict[str, Label]:
    found: dict[str, Label] = {}
    if path.exists():
        for record in Files().records(path, _LABEL):
            marks = tuple(map(_read_mark, record.objects("evidence", "evidence")))
            label = Label(
                record.text("id"), bool(marks), marks, record.text("story", ""),
                record.text("note", ""),
            )  # fmt: skip
            found.pop(label.id, None)
            found[label.id] = label
    return found


def _read_mark(record: Record) -> Mark:
    start, end = record.number("start"), record.number("end")
    return Mark(record.text("document"), start, end, record.text("quote"))


def _mark(article: Article | None, span: Span) -> Mark:
    start, end = span
    words = article.text[start:end] if article and start >= 0 else ""
    if article is None or len(words) != end - start or not words.strip():
        raise InputError("These words do not stand in the article. Reload the page.")
    return Mark(article.id, start, end, words)


def _merged(
    questions: Mapping[str, str], people: Iterable[Mapping[str, Label]]
) -> tuple[list[Label], list[str]]:
    """The labels of all people, put together, and the questions that they disagree on."""
    everybody = list(people)
    merged, disagreed = [], []
    for key in questions:
        labels = [one[key] for one in everybody if key in one]
        if len({label.answerable for label in labels}) > 1:
            disagreed.append(key)
        elif labels:
            marks = tuple(dict.fromkeys(mark for label in labels for mark in label.evidence))
            story = next((label.story for label in labels if label.story), "")
            note = next((label.note for label in labels if label.note), "")
            merged.append(Label(key, bool(marks), marks, story, note))
    return merged, disagreed


def _stories(labels: Sequence[Label]) -> dict[str, str]:
    """The story of each question: one that shares a named story or an article with another is of
    the same, which has the least of their ids."""
    parent = {label.id: label.id for label in labels}

    def root(key: str) -> str:
        while parent[key] != key:
            key = parent[key]
        return key

    first: dict[str, str] = {}
    for label in labels:
        named = [f"story {label.story.casefold()}"] * bool(label.story)
        for shared in (*named, *(f"article {mark.document}" for mark in label.evidence)):
            a, b = root(first.setdefault(shared, label.id)), root(label.id)
            parent[max(a, b)] = min(a, b)
    return {label.id: root(label.id) for label in labels}


def _overlap(a: Sequence[Mark], b: Sequence[Mark]) -> float:
    """The F1 of the characters of two people's marks."""
    both = [
        {(mark.document, at) for mark in marks for at in range(mark.start, mark.end)}
        for marks in (a, b)
    ]
    return 2 * len(both[0] & both[1]) / (len(both[0]) + len(both[1]))


def _question(label: Label, text: str, story: str) -> dict[str, Any]:
    answers = (mark.quote for mark in label.evidence if len(mark.quote) <= _ANSWER)
    return {
        "id": label.id,
        "question": text,
        "kind": "answered" if label.answerable else "not answered",
        "answerable": label.answerable,
        "answers": list(dict.fromkeys(answers)),
        "evidence": [asdict(mark) for mark in label.evidence],
        "group": story,
        "note": label.note,
    }


def _article(article: Article) -> dict[str, str]:
    published = article.published.isoformat() if article.published else ""
    fields = {
        "id": article.id, "title": article.title, "source": article.source,
        "author": article.author, "published_at": published, "url": article.url,
        "body": article.text,
    }  # fmt: skip
    return {name: value for name, value in fields.items() if value}


def _lines(records: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    return (json.dumps(record, ensure_ascii=False) + "\n" for record in records)


def _append(path: Path, record: Mapping[str, Any]) -> None:
    try:
        with path.open("a", encoding="utf-8", newline="\n") as file:
            file.writelines(_lines([record]))
    except OSError as error:
        raise InputError(
            f"{path} cannot be written ({error.strerror}). Make room, and try again."
        ) from None


def _write(path: Path, records: Iterable[Mapping[str, Any]]) -> None:
    draft = path.with_suffix(".new")
    try:
        draft.write_text("".join(_lines(records)), "utf-8", newline="\n")
        draft.replace(path)
    except OSError as error:
        raise InputError(f"{path} cannot be written ({error.strerror}). Make room.") from None
