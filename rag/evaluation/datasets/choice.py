"""Fixed choices of questions: a half of a data set, or a random sample, the same in every run."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from rag.errors import InputError
from rag.evaluation.datasets.types import Query


@dataclass(frozen=True)
class Choice:
    """Which questions are asked: of one `half`, so many in a `sample`, the first up to a `limit`.

    Each is None for all. Applied in this order.
    """

    half: int | None = None
    sample: int | None = None
    limit: int | None = None

    def of(self, queries: Sequence[Query]) -> tuple[Query, ...]:
        """The questions chosen. Raises InputError where none is left."""
        for name, number in (("sample", self.sample), ("limit", self.limit)):
            if number is not None and number < 1:
                raise InputError(f"The {name} must be 1 question or more, not {number}.")
        mine = [query for query in queries if self.half in (None, half(query))]
        if not mine:
            raise InputError(f"No question is in half {self.half}. Choose the other, or all.")
        return sample(mine, self.sample or len(mine))[: self.limit]


T = TypeVar("T")


def half(query: Query) -> int:
    """The half, 0 or 1, that a question is in: all questions of a topic, or group, are in one.

    So what is fitted on one half has seen no article of the other where each topic is an article.
    """
    return half_of(query.topic or query.group or query.id)


def half_of(topic: str) -> int:
    """The half, 0 or 1, that everything on a topic is in."""
    return _hashed(topic) & 1


def sample(queries: Sequence[Query], size: int) -> tuple[Query, ...]:
    """`size` questions drawn at random, or all, in the order given."""
    return tuple(sampled(queries, size, lambda query: query.id))


def sampled(questions: Sequence[T], size: int, id_of: Callable[[T], str]) -> list[T]:
    """`size` of the questions drawn at random, or all, in the order given.

    They are those whose ids have the least hashes: a larger sample holds the smaller one.
    """
    drawn = {id_of(one) for one in sorted(questions, key=lambda q: _hashed(id_of(q)))[:size]}
    return [one for one in questions if id_of(one) in drawn]


def _hashed(text: str) -> int:
    return int(hashlib.sha256(text.encode("utf-8")).hexdigest(), 16)
