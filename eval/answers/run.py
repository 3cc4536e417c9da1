"""Answers as the project measures its own: the gold questions too, each by the other half's fit."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection
from pathlib import Path
from typing import Any

from eval.datasets import gold
from eval.train.trained import fold
from rag import read_articles
from rag.errors import InputError
from rag.evaluation.answering import run as answers
from rag.evaluation.answering.strengths import Strengths
from rag.evaluation.datasets import Dataset
from rag.evaluation.runs.plan import Plan
from rag.protocols import TextEncoder


def run(
    plan: Plan,
    given: bool = False,
    topics: Collection[str] | None = None,
    encoder: TextEncoder | None = None,
    made: Path | None = None,
    strengths: Strengths | None = None,
) -> dict[str, Any]:
    """As `answering.run.run`, with the calibration that each topic had no part in."""
    dataset = dataset_of(plan, given, topics)
    return answers.run(plan, given, topics, encoder, made, strengths, dataset, fold)


def dataset_of(plan: Plan, given: bool, topics: Collection[str] | None) -> Dataset:
    """The questions of a plan and their articles; its data may be the gold questions."""
    if plan.data != gold.FOLDER:
        return answers.dataset_of(plan, given, topics)
    if topics is not None:
        raise InputError("The gold questions have no topics. Leave out --topics.")
    dataset = gold.dataset(list(read_articles(gold.ARTICLES)))
    if given:
        raise InputError(
            f"The questions of {dataset.name} are not written on one article each. Leave out "
            "--given."
        )
    return dataclasses.replace(dataset, queries=plan.choice.of(dataset.queries))
