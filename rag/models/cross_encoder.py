"""Cross-encoders of sentence-transformers: relevance of passages, and entailment of sentences.

Owns the models. Knows neither where their texts come from nor what is made of the scores.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from rag.errors import EncoderError, first_line


def cross_encoder(name: str, what: str) -> Any:
    """Load a CrossEncoder by name or path. Raises EncoderError that calls it `what`."""
    from sentence_transformers import CrossEncoder

    try:
        # A folder is read as it is; only a name that is no folder may ask a model hub.
        return CrossEncoder(name, local_files_only=Path(name).is_dir())
    except Exception as error:
        raise EncoderError(
            f"The {what} {name!r} could not be loaded ({first_line(error)}). Give the folder "
            "of a sentence-transformers CrossEncoder, or a model's name and a connection."
        ) from error


class Reranker:
    """A CrossEncoder by name or path. Raises EncoderError when it cannot be loaded."""

    def __init__(self, name: str) -> None:
        self.name = name
        # A tokenizer keeps how it pads and truncates between calls, of whichever thread.
        self._lock = threading.Lock()
        self._model = cross_encoder(name, "reranker")
        if self._model.num_labels != 1:
            raise EncoderError(
                f"The model {name!r} gives {self._model.num_labels} scores a pair, a reranker "
                "gives one. Choose a CrossEncoder trained to rank passages."
            )

    def scores(
        self, question: str, texts: Sequence[str], activation: Any = None
    ) -> npt.NDArray[np.float32]:
        """Return how relevant each text is to `question`, higher for more, shape (n,).

        `activation`, a torch module, takes the place of the model's own.
        Raises EncoderError for a pair that the model would truncate.
        """
        if not texts:
            return np.empty(0, np.float32)
        pairs = [(question, text) for text in texts]
        with self._lock:
            encoded = self._model.tokenizer([question] * len(texts), list(texts), verbose=False)
        longest, limit = max(map(len, encoded["input_ids"])), self._model.max_seq_length
        if limit and longest > limit:
            raise EncoderError(
                f"A question with its passage has {longest} tokens, the reranker {self.name!r} "
                f"reads {limit}. Ask a shorter question, or build with a smaller passage_tokens."
            )
        with self._lock:
            return np.asarray(
                self._model.predict(pairs, activation_fn=activation, show_progress_bar=False),
                np.float32,
            )


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
