"""Places of what is trained: Byline's own reader, and the calibration without each topic."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import rag
from eval.datasets.choice import half_of
from rag.answer import calibration

READER = Path(rag.__file__).parent / "models" / "reader"
"""Byline's own reader."""
FOLDS = Path(__file__).parent / "folds"
"""The calibrations that were fitted without a half of the topics each, to score that with."""


def training() -> dict[str, Any]:
    """How Byline's own reader was trained; `trained_on` and `held_back` are topics."""
    facts: dict[str, Any] = json.loads((READER / "training.json").read_text("utf-8"))
    return facts


def fold(data: str, topic: str) -> Path | None:
    """The calibration that was fitted without the half that a topic is in; None for data, by the
    name of its file, that Byline's own was not fitted on."""
    stored = json.loads(calibration.OWN.read_text("utf-8"))
    if data not in stored["data"]:
        return None
    return FOLDS / f"half-{half_of(topic)}.json"
