"""Places of what is trained: Byline's own reader, and the calibration without each topic."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import rag

READER = Path(rag.__file__).parent / "models" / "reader"
"""Byline's own reader."""
FOLDS = Path(__file__).parent / "folds"
"""The calibrations that were fitted without one topic each, to score that topic with."""


def training() -> dict[str, Any]:
    """How Byline's own reader was trained; `trained_on` and `held_back` are topics."""
    facts: dict[str, Any] = json.loads((READER / "training.json").read_text("utf-8"))
    return facts
