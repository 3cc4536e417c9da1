"""The confidences from which an answer is shown, and is called a fair or a strong match."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from rag import AskSettings
from rag.errors import InputError
from rag.types import FAIR, STRONG


@dataclass(frozen=True)
class Strengths:
    """Least confidences: to be shown at all (`threshold`), as a fair match, as a strong one.

    The last two are None of a system that tells no fair from strong answers.
    """

    threshold: float = AskSettings().threshold
    fair: float | None = FAIR
    strong: float | None = STRONG

    def saved(self) -> dict[str, float | None]:
        """For a manifest: what its settings do not say already."""
        return {name: value for name, value in asdict(self).items() if name != "threshold"}


def strengths_of(manifest: Mapping[str, Any]) -> Strengths:
    """The strengths that a run was made with; today's where its manifest does not say.

    Raises InputError for a manifest in which they are no numbers.
    """
    known = dict(manifest.get("strengths") or {})
    if (threshold := manifest.get("settings", {}).get("threshold")) is not None:
        known["threshold"] = threshold
    try:
        values = {name: None if value is None else float(value) for name, value in known.items()}
        return Strengths(**values)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        raise InputError(
            f"A manifest has {known!r} as threshold and strengths, which are numbers. Make the run "
            "again in another folder."
        ) from None
