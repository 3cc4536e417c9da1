"""Which topics Byline's own reader was trained on, so that nothing is scored on them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import rag

READER = Path(rag.__file__).parent / "models" / "reader"
"""Byline's own reader."""


def training() -> dict[str, Any]:
    """How Byline's own reader was trained; `trained_on` and `held_back` are topics."""
    facts: dict[str, Any] = json.loads((READER / "training.json").read_text("utf-8"))
    return facts
