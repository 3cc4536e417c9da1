"""Asks questions for quotes and for written answers, and times them: a row each.

What is right is decided in `rag.evaluation.answering.judge`.
"""

from __future__ import annotations

import dataclasses
import statistics
import sys
import time
from collections.abc import Mapping
from typing import Any

from eval.generation.timed import Timed
from rag import Answer, Archive, Article
from rag.errors import QuestionError
from rag.evaluation.answering.columns import answer_of
from rag.evaluation.answering.judge import judge
from rag.evaluation.datasets import Dataset, Query
from rag.evaluation.runs.harness import WARMING
from rag.evaluation.runs.saved import Row, Written
from rag.protocols import ChatModel
from rag.types import Message, Turn

_WARMING: tuple[Message, ...] = ({"role": "user", "content": "Say yes."},)


class Quoting:
    """Asks for quotes, which is how the question is answered where no model is named."""

    def __init__(self, archive: Archive, dataset: Dataset) -> None:
        self._archive = archive
        self._articles = {article.id: article for article in dataset.articles}

    def warm(self) -> None:
        self._archive.ask(WARMING, written=False)

    def row(self, query: Query) -> Row:
        history = _history(self._archive, query)
        began = time.perf_counter()
        try:
            answer = self._archive.ask(query.text, history, written=False)
        except QuestionError:  # What Byline refuses is not answered, and scores so.
            answer = _refused(query)
        return judged(query, answer, self._articles, time.perf_counter() - began)


class Asking:
    """Asks for written answers, one question at a time, and times them.

    What the process needs without the model is measured before that is loaded.
    """

    def __init__(self, archive: Archive, dataset: Dataset, model: ChatModel | None) -> None:
        archive.ask(WARMING, written=False)
        self._without = _peak()
        loaded = model or archive.load_model()
        assert loaded is not None, "the settings name a model"
        self.model = Timed(loaded)
        self._archive = Archive.open(
            archive.home, archive.settings, archive.load_encoder(), model=self.model
        )
        self._articles = {article.id: article for article in dataset.articles}

    def warm(self) -> None:
        for _ in self.model.write(_WARMING, max_tokens=2):
            pass

    def row(self, query: Query) -> Row:
        history = _history(self._archive, query)
        self.model.writing = None
        began = time.perf_counter()
        seconds: dict[str, float] = {}
        found: list[Answer] = []
        try:
            for answer in self._archive.stream(query.text, history):
                passed = time.perf_counter() - began
                seconds.setdefault("quotes", passed)
                if answer.mode == "generated":
                    seconds.setdefault("first sentence", passed)
                found.append(answer)
        except QuestionError:
            found = [_refused(query)]
        seconds["whole answer"] = time.perf_counter() - began
        row = judged(query, found[-1], self._articles, seconds["whole answer"])
        written = self._written(found[0], found[-1], seconds, began)
        return dataclasses.replace(row, answer=dataclasses.replace(answer_of(row), written=written))

    def _written(
        self, quoted: Answer, answer: Answer, seconds: dict[str, float], began: float
    ) -> Written:
        """Record what the model wrote between the first answer, in quotes, and the last."""
        writing = self.model.writing
        raw = "".join(writing.pieces) if writing else ""
        if writing and writing.first and writing.last:
            seconds["first word"] = writing.first - began
            seconds["reading"] = writing.first - writing.began
            seconds["writing"] = writing.last - writing.first
        asked = [message["content"] for message in writing.messages] if writing else []
        note = " ".join(answer.notes[len(quoted.notes) :])
        memory = {"without": self._without, "with": _peak()}
        return Written(
            verified=sum(claim.verdict == "supported" for claim in answer.claims),
            rejected=[dataclasses.asdict(rejected) for rejected in answer.rejected],
            instead=bool(writing or note) and answer.mode == "extractive",
            note=note,
            raw=raw,
            tokens=self.model.count_tokens(raw) if raw else 0,
            prompt_tokens=sum(map(self.model.count_tokens, asked)),
            seconds={name: round(value, 4) for name, value in seconds.items()},
            memory={name: round(peak, 1) for name, peak in memory.items() if peak is not None},
        )


def judged(query: Query, answer: Answer, articles: Mapping[str, Article], seconds: float) -> Row:
    """Judge an answer by the rules of quotes, and add two rates for an answerable question.

    "sentences right" is of the sentences shown, if any; "facts cited" is of the gold facts.
    """
    row = judge(query, answer, articles, 1000 * seconds)
    if not query.relevant:
        return row
    shares = {}
    if row.passages:
        shares["sentences right"] = statistics.fmean(at["right"] for at in row.passages)
    if query.facts:
        shares["facts cited"] = answer_of(row).found / answer_of(row).facts
    return dataclasses.replace(row, measures={**row.measures, **shares})


def _history(archive: Archive, query: Query) -> list[Turn]:
    """The earlier turns of a conversation, answered in quotes."""
    history: list[Turn] = []
    for turn in query.turns:
        history.append((turn, archive.ask(turn, history, written=False).text))
    return history


def _refused(query: Query) -> Answer:
    return Answer(query.text, query.text, "", "unanswered")


def index_facts(archive: Archive) -> dict[str, Any]:
    info = archive.info()
    return {"precision": info["encoder"]["precision"], "passages": info["passages"]}


def _peak() -> float | None:
    """The peak memory of this process in MiB; None where the system does not report it."""
    try:
        import resource  # Not on Windows.
    except ImportError:
        return None
    # macOS counts bytes, Linux KiB.
    unit = 2**20 if sys.platform == "darwin" else 2**10
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit
