"""Error injection: true sentences with one error each, and how many the verifier catches.

Imports run in one direction: the changes of `numbers`, `names` and `negations`; the true
`sentences`; the `errors` planted in them; the `measure`. All is drawn from a seed: the same errors
every time.
"""

from __future__ import annotations

from eval.generation.planted.errors import cut, planted
from eval.generation.planted.measure import run, summary, table, verified
from eval.generation.planted.sentences import VERBATIM, from_data, verbatim, written

__all__ = [
    "VERBATIM", "cut", "from_data", "planted", "run", "summary", "table", "verbatim", "verified",
    "written",
]  # fmt: skip
