"""Rows of a collection as expressions of Milvus."""

from __future__ import annotations

import numpy as np

from rag.types import Rows

_LISTED, _RANGES, _SHORT = 5000, 200, 50


def expressions(rows: Rows | None) -> list[str]:
    """Return expressions that together fit `rows` (None: all): as ranges where they follow each
    other, and by their numbers elsewhere, each of a length that Milvus reads quickly."""
    if rows is None:
        return [""]
    wanted = np.unique(rows)
    if not len(wanted):
        return []
    parts = np.split(wanted, np.flatnonzero(np.diff(wanted) != 1) + 1)
    ranges = [f"(row >= {one[0]} and row <= {one[-1]})" for one in parts if len(one) >= _SHORT]
    alone = [row for one in parts if len(one) < _SHORT for row in one.tolist()]
    found = [" or ".join(ranges[i : i + _RANGES]) for i in range(0, len(ranges), _RANGES)]
    return found + [
        f"row in {alone[first : first + _LISTED]}" for first in range(0, len(alone), _LISTED)
    ]
