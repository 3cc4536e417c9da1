"""The plan of a run (system, data, settings) and its manifest."""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rag import AskSettings, BuildSettings
from rag.evaluation import datasets
from rag.evaluation.datasets import Dataset
from rag.evaluation.datasets.choice import Choice
from rag.evaluation.runs import machine
from rag.evaluation.runs.machine import INDEXES
from rag.evaluation.runs.saved import SCHEMA


@dataclass(frozen=True)
class Plan:
    """What to run. `index` is where the index is or will be; None for one that is kept for all.

    `articles` is the corpus that the questions of `data` are of, where that is elsewhere.
    `environments` is where other libraries are installed; `command` is what a system outside runs.
    """

    system: str
    data: Path
    out: Path
    build: BuildSettings = field(default_factory=BuildSettings)
    ask: AskSettings = field(default_factory=AskSettings)
    split: str = ""
    choice: Choice = field(default_factory=Choice)
    index: Path | None = None
    articles: Path | None = None
    environments: Path = INDEXES / "peers"
    command: str = ""

    def dataset(
        self,
        unanswerable: bool = False,
        topics: Collection[str] | None = None,
        without: Collection[str] = (),
    ) -> Dataset:
        """The articles of the data and the questions chosen of it; otherwise as `datasets.load`."""
        whole = datasets.load(self.data, self.split, unanswerable, topics, without, self.articles)
        return dataclasses.replace(whole, queries=self.choice.of(whole.queries))


def manifest_of(plan: Plan, dataset: Dataset) -> dict[str, Any]:
    """Describe a run before it begins. No path but the data's own name is in it."""
    encoder = plan.build.encoder
    if Path(encoder).is_dir():
        encoder = Path(encoder).resolve().name
    return {
        "schema": SCHEMA,
        "system": plan.system,
        "settings": dataclasses.asdict(plan.ask),
        "build_settings": {**dataclasses.asdict(plan.build), "encoder": encoder},
        "data": {
            "path": plan.data.resolve().name,
            "name": dataset.name,
            "sha256": dataset.sha256,
            "articles": len(dataset.articles),
            "queries": len(dataset.queries),
            "excluded": dataset.excluded,
            **dataclasses.asdict(plan.choice),
        },
        "encoder": encoder,
        "commit": machine.commit(),
        "machine": machine.machine(),
        "packages": machine.packages(),
        "started": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
    }
