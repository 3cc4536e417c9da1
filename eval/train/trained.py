"""The calibrations that were fitted without a half of the topics each, to score that half with."""

from __future__ import annotations

import json
from pathlib import Path

from rag.answer import calibration
from rag.evaluation.datasets.choice import half_of

FOLDS = Path(__file__).parent / "folds"
"""The calibrations that were fitted without a half of the topics each, to score that with."""


def fold(data: str, topic: str) -> Path | None:
    """The calibration that was fitted without the half that a topic is in; None for data, by the
    name of its file, that Byline's own was not fitted on."""
    stored = json.loads(calibration.OWN.read_text("utf-8"))
    if data not in stored["data"]:
        return None
    return FOLDS / f"half-{half_of(topic)}.json"
