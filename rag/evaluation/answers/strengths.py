"""The confidences from which an answer is shown, and is called a fair or a strong match."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from rag import AskSettings
from rag.types import FAIR, STRONG


@dataclass(frozen=True)
class Strengths:
    """Least confidences: to be shown at all (`threshold`), as a fair match, as a strong one."""

    threshold: float = AskSettings().threshold
    fair: float = FAIR
    strong: float = STRONG

    def saved(self) -> dict[str, float]:
        """For a manifest: what its settings do not say already."""
        return {name: value for name, value in asdict(self).items() if name != "threshold"}


def strengths_of(manifest: Mapping[str, Any]) -> Strengths:
    """The strengths that a run was made with; today's where its manifest does not say."""
    settings = {"threshold": manifest.get("settings", {}).get("threshold")}
    known = {**settings, **manifest.get("strengths", {})}
    return Strengths(**{name: float(value) for name, value in known.items() if value is not None})
