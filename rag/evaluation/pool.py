"""Pools what several systems found for a question, for a person who is not told which found what.

Systems are searched over an index, or come as runs that they made beforehand. Passages of one
article that share characters are shown as one, so that not even their cutting tells them apart.
"""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from rag import Archive
from rag.evaluation.systems import indexed
from rag.evaluation.systems.runs import passages_of
from rag.types import Passage

SYSTEMS = ("byline", "bm25", "dense")
"""The systems whose results are pooled where none are named."""
DEPTH = 5
"""Passages of each system that are pooled."""


class Pool:
    """The results of systems over one archive, and of runs that were made of its articles.

    Raises InputError for a system that is not known, and for a run that does not fit.
    """

    def __init__(
        self,
        archive: Archive,
        systems: Sequence[str] = SYSTEMS,
        runs: Sequence[Path] = (),
        questions: Mapping[str, str] | None = None,
    ) -> None:
        self._archive = archive
        self._systems = [indexed.open_system(system, archive) for system in dict.fromkeys(systems)]
        self._runs = [passages_of(path, archive.intact, questions or {}) for path in runs]

    def of(self, question: str, text: str) -> list[Passage]:
        """What was found for a question, by its id and its text, in an order that tells nothing."""
        found = [
            *(hit[0] for system in self._systems for hit in system.search(text, DEPTH)),
            *(passage for run in self._runs for passage in run.get(question, [])[:DEPTH]),
        ]

        def place(passage: Passage) -> str:
            named = f"{question} {passage.article_id} {passage.start}"
            return hashlib.sha256(named.encode()).hexdigest()

        return sorted(self._joined(found), key=place)

    def _joined(self, found: Sequence[Passage]) -> Iterator[Passage]:
        """The passages, those of one article that share characters put together."""
        inside = sorted(found, key=lambda passage: (passage.article_id, passage.start))
        for article_id, passages in itertools.groupby(inside, lambda passage: passage.article_id):
            spans: list[tuple[int, int]] = []
            for passage in passages:
                if spans and passage.start < spans[-1][1]:
                    spans[-1] = spans[-1][0], max(spans[-1][1], passage.end)
                else:
                    spans.append((passage.start, passage.end))
            text = self._archive.article(article_id).text
            yield from (Passage(article_id, start, end, text[start:end]) for start, end in spans)
