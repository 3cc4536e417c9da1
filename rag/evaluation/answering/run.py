"""Runs the questions of a data set through `Archive.ask` and saves a row for each.

What is right is decided in `rag.evaluation.answering.judge`, averages are computed in
`rag.evaluation.answering.scores`.
"""

from __future__ import annotations

import functools
import time
from collections.abc import Callable, Collection
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeAlias

from rag import Answer, Archive, AskSettings
from rag.errors import InputError, QuestionError
from rag.evaluation.answering.judge import judge
from rag.evaluation.answering.made import Made, read_made
from rag.evaluation.answering.scores import summarise
from rag.evaluation.answering.strengths import Strengths
from rag.evaluation.answering.trained import training
from rag.evaluation.datasets import Dataset, Query
from rag.evaluation.runs.harness import WARMING, Measuring, measure_questions
from rag.evaluation.runs.index import open_archive
from rag.evaluation.runs.plan import Plan, manifest_of
from rag.evaluation.runs.saved import Row
from rag.protocols import TextEncoder
from rag.types import Turn

Calibration: TypeAlias = Callable[[str, str], Path | None]
"""Given a data set's name and a topic, the calibration for its questions; None for Byline's."""
SYSTEM, GIVEN, MADE = "answers", "answers, article given", "answers from a file"


def run(
    plan: Plan,
    given: bool = False,
    topics: Collection[str] | None = None,
    encoder: TextEncoder | None = None,
    made: Path | None = None,
    strengths: Strengths | None = None,
    dataset: Dataset | None = None,
    calibration: Calibration = lambda data, topic: None,
) -> dict[str, Any]:
    """Ask the questions that have no row yet, and return the summary of all.

    `given` asks each question of the article that it was written on alone; `topics` asks only
    those on these topics, over all articles. `made` is a file of answers that another build made:
    these are judged instead, and `strengths` are what it holds for weak, fair and strong; without
    them another system's answers are not told apart by strength.
    `dataset` replaces reading the plan's. Otherwise as `rag.evaluation.ranking.run.run`.
    """
    plan = replace(plan, system=MADE if made else GIVEN if given else SYSTEM)
    answers = read_made(made) if made else None
    strengths = _strengths(plan.ask.threshold, strengths, answers)
    dataset = dataset or dataset_of(plan, given, topics)
    manifest = manifest_of(plan, dataset)
    manifest["data"]["topics"] = None if topics is None else sorted(topics)
    manifest["strengths"] = strengths.saved()
    if answers:
        del manifest["build_settings"], manifest["encoder"]  # What made them, nobody here knows.
        manifest |= {"settings": {"threshold": strengths.threshold}, "answers": answers.facts}

    def opened() -> Measuring:
        if answers:
            return _judging(answers, dataset)
        asking = _Asking(plan, dataset, given, encoder, calibration)
        return Measuring(asking.row, asking.warm, asking.facts)

    return measure_questions(
        plan.out, dataset, manifest, opened, lambda rows: summarise(rows, strengths)
    )


def _strengths(threshold: float, given: Strengths | None, answers: Made | None) -> Strengths:
    """Those given, or Byline's own; another system says itself what it declines, and tells no
    strengths apart."""
    if answers is None or answers.bylines:
        return replace(given or Strengths(), threshold=threshold)
    if threshold == AskSettings().threshold:
        threshold = 0.0
    return replace(given or Strengths(fair=None, strong=None), threshold=threshold)


def _judging(answers: Made, dataset: Dataset) -> Measuring:
    """Judges the answers of a file. Raises InputError before the first where one is missing."""
    articles = {article.id: article for article in dataset.articles}
    answers.refuse_missing(query.id for query in dataset.queries)

    def row(query: Query) -> Row:
        answer = answers.answer(query.id, articles)
        return judge(
            query, answer, articles, answers.milliseconds(query.id), answers.said(query.id)
        )

    return Measuring(row, lambda: None, {})


class _Asking:
    """Asks the questions of a data set.

    A question that stands alone is asked with no threshold: its row has the answer as it would be.
    In a conversation what was answered before decides what is understood, so the threshold stays.
    """

    def __init__(
        self,
        plan: Plan,
        dataset: Dataset,
        given: bool,
        encoder: TextEncoder | None,
        calibration: Calibration,
    ) -> None:
        self._talking = open_archive(plan, dataset.articles, encoder)
        self._bold = replace(self._talking.settings, threshold=0.0)
        self._encoder = encoder
        self._alone = functools.cache(self._open)
        self._data = dataset.name
        self._articles = {article.id: article for article in dataset.articles}
        self._given = given
        self._calibration = calibration

    @property
    def facts(self) -> dict[str, Any]:
        info = self._talking.info()
        return {"precision": info["encoder"]["precision"], "passages": info["passages"]}

    def warm(self) -> None:
        self._talking.ask(WARMING)

    def _open(self, evidence: Path | None) -> Archive:
        """The archive with no threshold, and with this calibration."""
        settings = self._bold
        if evidence and not settings.evidence:
            settings = replace(settings, evidence=str(evidence))
        return Archive.open(self._talking.home, settings, self._encoder)

    def row(self, query: Query) -> Row:
        history: list[Turn] = []
        for turn in query.turns:
            history.append((turn, self._talking.ask(turn, history).text))
        archive = (
            self._talking if history else self._alone(self._calibration(self._data, query.topic))
        )
        articles = [query.about] if self._given else None
        began = time.perf_counter()
        try:
            answer = archive.ask(query.text, history, articles=articles)
        except QuestionError:  # What Byline refuses is not answered, and scores so.
            answer = Answer(query.text, query.text, "", "unanswered")
        return judge(query, answer, self._articles, 1000 * (time.perf_counter() - began))


def dataset_of(plan: Plan, given: bool, topics: Collection[str] | None) -> Dataset:
    """The questions of a plan and their articles. Raises InputError where they cannot be judged.

    Without `topics`, those that Byline's own reader was trained on are left out where it answers.
    """
    own = topics is None and plan.ask.reader == AskSettings().reader
    dataset = plan.dataset(True, topics, training()["trained_on"] if own else ())
    answerable = [query for query in dataset.queries if query.relevant]
    if not all(query.words or query.facts for query in answerable):
        raise InputError(
            f"{dataset.name} does not say where in its articles the answers stand. Choose "
            "MultiHop-RAG, judged questions, or a file in SQuAD's format."
        )
    if given and not all(query.about for query in dataset.queries):
        raise InputError(
            f"The questions of {dataset.name} are not written on one article each. Leave out "
            "--given."
        )
    return dataset
