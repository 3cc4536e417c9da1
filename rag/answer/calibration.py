"""Calibrated probabilities: logistic regressions over what was measured, stored as JSON.

They are fitted by `python -m eval calibrate`, which writes the file. Knows nothing of how the
measures are taken.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from rag.errors import SettingsError
from rag.text.outside import json_value
from rag.types import Measured, Strength

OWN = Path(__file__).parent / "calibration.json"


def sigmoid(logits: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """Return log-odds as probabilities, of the same shape."""
    found: npt.NDArray[np.float64] = 1 / (1 + np.exp(-np.asarray(logits, np.float64)))
    return found


@dataclass(frozen=True, slots=True)
class Logistic:
    """Weights by the name of the measure, and a bias."""

    weights: Mapping[str, float]
    bias: float

    def logits(self, names: Sequence[str], rows: npt.ArrayLike) -> npt.NDArray[np.float64]:
        """Return the log-odds of each row, shape (n,); its columns have these names."""
        missing = [name for name in names if name not in self.weights]
        if missing:
            raise SettingsError(
                f"The calibration has no weight for {', '.join(missing)}. Fit it again with: "
                "python -m eval calibrate"
            )
        weights = np.array([self.weights[name] for name in names])
        logits: npt.NDArray[np.float64] = np.asarray(rows, np.float64) @ weights + self.bias
        return logits

    def probabilities(self, names: Sequence[str], rows: npt.ArrayLike) -> npt.NDArray[np.float64]:
        """Return the probability of each row, shape (n,)."""
        return sigmoid(self.logits(names, rows))


@dataclass(frozen=True, slots=True)
class Calibration:
    """The regressions that were fitted with one encoder and one reader ("" for none).

    `sentence` scores the sentences of a search against each other, `answer` gives the probability
    that the best one answers, `quote` that a sentence does, whichever is best, and `mark` that the
    words marked in it are right. `measured` says how many answers of each strength were right,
    scored by what other questions taught; nothing of a strength that was not measured.
    """

    encoder: str
    reader: str
    sentence: Logistic
    answer: Logistic
    quote: Logistic
    mark: Logistic
    measured: Mapping[Strength, Measured] = field(default_factory=dict)


@functools.cache
def load(path: Path, reader: str) -> Calibration:
    """Read the regressions of a file that were fitted with `reader`, or else with any.

    Raises SettingsError when the file holds none.
    """
    try:
        stored = json_value(path.read_text("utf-8"))
        fits = {fit["reader"]: fit for fit in stored["fits"]}
        fit = fits.get(reader) or fits[next(name for name in fits if bool(name) == bool(reader))]
        models = {name: _model(fit[name]) for name in ("sentence", "answer", "quote", "mark")}
        measured = {name: Measured(**counts) for name, counts in fit.get("measured", {}).items()}
        return Calibration(stored["encoder"], fit["reader"], **models, measured=measured)
    except (OSError, ValueError, LookupError, TypeError, AttributeError, StopIteration) as error:
        raise SettingsError(
            f"{path} holds no calibration ({type(error).__name__}: {error}). Make it with: "
            "python -m eval calibrate --out FILE"
        ) from None


def _model(stored: dict[str, Any]) -> Logistic:
    weights = {name: float(weight) for name, weight in stored["weights"].items()}
    return Logistic(weights, float(stored["bias"]))
