"""What a manifest says of the files that hold a snapshot's vectors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from pydantic import NonNegativeInt

FLAT: Literal["flat"] = "flat"
IVF: Literal["ivf"] = "ivf"


@dataclass(frozen=True, slots=True)
class VectorFacts:
    """How the vectors of a snapshot lie: `kind` is "flat" (exact, in memory) or "ivf" (inverted
    lists that are memory-mapped).

    Of "ivf", the number of lists; how many rows a search looks at; and, measured when it was built,
    the share that it finds of the 10 passages nearest to each of `queries` held-out queries.
    """

    kind: Literal["flat", "ivf"] = "flat"
    lists: NonNegativeInt = 0
    looked_at: NonNegativeInt = 0
    recall: float = 1.0
    queries: int = 0
