"""Rows of a collection as expressions of Milvus: by what they have in common, or by numbers."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from rag.index.common import InCommon
from rag.index.milvus.collection import ID, SOURCE
from rag.types import Rows

_LISTED, _RANGES, _SHORT = 5000, 200, 50


def filters(rows: Rows | None, in_common: InCommon) -> list[str]:
    """Return expressions that together fit `rows` (None: all): one by the fields of the collection
    where these say it, or else as `expressions`."""
    if rows is None:
        return [""]
    rows = np.unique(rows)
    common = in_common(rows)
    if common is None or not all(map(_plain, (*common.sources, *common.articles))):
        return expressions(rows)
    found = [
        _any_of(field, names)
        for field, names in (("source", common.sources), ("article_id", common.articles))
        if names
    ]
    if common.first is not None:
        found.append(f"day >= {common.first} and day <= {common.last}")
    return [" and ".join(found)]


def _any_of(field: str, names: Sequence[str]) -> str:
    listed = ", ".join(f'"{name}"' for name in names)
    return f"{field} in [{listed}]"


def _plain(name: str) -> bool:
    """Whether a name stands in the collection whole, and in an expression as it is: how quotes and
    other signs are written there differs between versions of Milvus."""
    short = len(name.encode()) <= min(ID, SOURCE)
    return short and name.isprintable() and not {*name} & {"\\", '"', "'"}


def expressions(rows: Rows) -> list[str]:
    """Return expressions that together fit `rows`: as ranges where they follow each other, and by
    their numbers elsewhere, each of a length that Milvus reads quickly."""
    if not len(rows):
        return []
    wanted = np.unique(rows)
    parts = np.split(wanted, np.flatnonzero(np.diff(wanted) != 1) + 1)
    ranges = [f"(row >= {one[0]} and row <= {one[-1]})" for one in parts if len(one) >= _SHORT]
    alone = [row for one in parts if len(one) < _SHORT for row in one.tolist()]
    found = [" or ".join(ranges[i : i + _RANGES]) for i in range(0, len(ranges), _RANGES)]
    return found + [
        f"row in {alone[first : first + _LISTED]}" for first in range(0, len(alone), _LISTED)
    ]
