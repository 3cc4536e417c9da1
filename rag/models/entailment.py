"""Whether a quote entails a sentence, by a natural-language-inference CrossEncoder.

Owns the model. Knows neither where quotes come from nor who wrote the sentence.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence

import numpy as np

from rag.errors import EncoderError
from rag.models.cross_encoder import cross_encoder


class Entailment:
    """A CrossEncoder with a label "entailment", by name or path.

    Raises EncoderError when it cannot be loaded or has no such label.
    """

    def __init__(self, name: str) -> None:
        self._lock = threading.Lock()  # As a reranker's.
        self._model = cross_encoder(name, "entailment model")
        labels = {label.lower(): at for at, label in self._model.config.id2label.items()}
        if "entailment" not in labels:
            raise EncoderError(
                f"The model {name!r} has no label 'entailment', but {', '.join(labels)}. Choose a "
                "CrossEncoder trained for natural-language inference."
            )
        self._column = int(labels["entailment"])

    def probabilities(self, pairs: Sequence[tuple[str, str]]) -> list[float]:
        """Return how probably each pair's first text entails the second."""
        with self._lock:
            rows = self._model.predict(
                list(pairs), apply_softmax=True, show_progress_bar=False, convert_to_numpy=True
            )
        return [float(p) for p in np.asarray(rows)[:, self._column]]
