"""What passages have in common and no others have: said of rows, in place of these.

An engine that has sources and days of passages is told these, where a filter leaves many rows.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

from rag.types import Rows

_Numbers = npt.NDArray[np.int32]


class Common(NamedTuple):
    """Passages of any of `sources` (none: of whichever), of days from `first` to `last` (as
    ordinals, 0 for none; both None: of whichever), or all passages of `articles`."""

    sources: tuple[str, ...] = ()
    first: int | None = None
    last: int | None = None
    articles: tuple[str, ...] = ()


InCommon: TypeAlias = "Callable[[Rows], Common | None]"
"""Says what rows have in common, as `rag.index.catalogue.Catalogue.common`."""


def by_origin(
    rows: Rows, sources: Sequence[str], source_of: _Numbers, day_of: _Numbers
) -> Common | None:
    """Return the sources and days of passages that are just `rows`, one or more; None where others
    have them too. `source_of` and `day_of` are of every passage."""
    of_these = np.zeros(len(sources), bool)
    of_these[source_of[rows]] = True
    first, last = int(day_of[rows].min()), int(day_of[rows].max())
    fit = of_these[source_of] & (first <= day_of) & (day_of <= last)
    if np.count_nonzero(fit) != len(rows):
        return None
    named = () if of_these.all() else tuple(sources[i] for i in np.flatnonzero(of_these).tolist())
    if (first, last) == (day_of.min(), day_of.max()):
        return Common(named)
    return Common(named, first, last)
