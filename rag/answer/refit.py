"""The confidence refitted on an archive's own judgements: a scaling, in a file beside its index.

The file outlives every build of the index, and is used with the models and the calibration that
it was fitted with. `rag.answer.platt` fits it; knows nothing of judgements.
"""

from __future__ import annotations

import hashlib
import json
import logging
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from rag.answer.calibration import Calibration, Logistic
from rag.answer.platt import Scaling
from rag.answer.reliability import Scores
from rag.errors import SettingsError
from rag.export.whole_file import write_whole
from rag.index import ownership
from rag.text.outside import json_value

FILE = "calibration.json"

_log = logging.getLogger(__name__)
_OUTDATED = (
    "%s was fitted with other models or another calibration and is not used. Fit it again with: "
    "byline calibrate --index %s"
)


@dataclass(frozen=True, slots=True)
class Refit:
    """A refit: from how many judgements, and what it is worth on those it was not fitted to.

    `left_out` counts judgements that tell nothing, by the reason. `before` is the packaged
    calibration. `proposed`: the highest threshold that declines a tenth of the answerable
    questions, None where the one in force declines no more.
    """

    judgements: int
    left_out: Mapping[str, int]
    scaling: Scaling
    threshold: float
    before: Scores
    after: Scores
    proposed: float | None

    @property
    def better(self) -> bool:
        """Whether it is nearer the truth than the packaged calibration (by Brier's score)."""
        return self.after.brier < self.before.brier


def scaled(calibration: Calibration, scaling: Scaling) -> Calibration:
    """Return the calibration with scaled log-odds: of the best quote, and alike of any other."""
    measured = calibration.measured if scaling == Scaling() else {}  # Of other confidences.
    return replace(
        calibration,
        measured=measured,
        answer=_scaled(calibration.answer, scaling),
        quote=_scaled(calibration.quote, scaling),
    )


def fitted_with(calibration: Calibration, encoder: str, reader: str) -> str:
    """Return the SHA-256 of all that the confidence to be scaled depends on."""
    values = {**asdict(calibration), "built_with": encoder, "read_with": reader}
    del values["measured"]
    return hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()


def read(home: Path, expected: str) -> Scaling:
    """Read the scaling beside the index in `home`; one that changes nothing where there is none.

    One that was not `fitted_with` what is expected is left aside, with a warning. Raises
    SettingsError for a file that holds none.
    """
    path = home / FILE
    try:
        stored = json_value(path.read_bytes())
        scaling = Scaling(float(stored["scale"]), float(stored["shift"]))
        if not (scaling.scale > 0 and math.isfinite(scaling.scale + scaling.shift)):
            raise ValueError(scaling)
        if stored["fitted_with"] == expected:
            return scaling
    except FileNotFoundError:
        return Scaling()
    except (OSError, ValueError, LookupError, TypeError, OverflowError) as error:
        raise SettingsError(
            f"{path} holds no calibration ({type(error).__name__}: {error}). Remove it with: "
            f"byline calibrate --undo --index {home}"
        ) from None
    _log.warning(_OUTDATED, path, home)
    return Scaling()


def write(home: Path, scaling: Scaling, expected: str, facts: Mapping[str, Any]) -> None:
    """Put a scaling in force from the next opening of `home` on, in one step.

    `facts` are stored for whoever reads it. Raises InputError where it cannot be written.
    """
    values = {**asdict(scaling), "fitted_with": expected, **facts}
    write_whole(home / FILE, (json.dumps(values, indent=1) + "\n").encode())


def remove(home: Path) -> bool:
    """Remove the scaling beside the index in `home`; return whether there was one.

    Raises SettingsError where it cannot be removed.
    """
    path = home / FILE
    if ownership.is_link(path):
        return False
    try:
        path.unlink()
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError as error:
        raise _unwritable(path, error) from None
    return True


def _scaled(model: Logistic, scaling: Scaling) -> Logistic:
    weights = {name: scaling.scale * weight for name, weight in model.weights.items()}
    return Logistic(weights, scaling.scale * model.bias + scaling.shift)


def _unwritable(path: Path, error: OSError) -> SettingsError:
    return SettingsError(
        f"{path} cannot be changed ({error.strerror or error}). Make its folder one that you may "
        "write to, on a disk with room."
    )
