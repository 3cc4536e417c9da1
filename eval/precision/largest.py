"""The largest inputs of the encoder's linear layers, which it takes to put them in int8."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from rag.models.runtime.bert import BertConfig, BertGraph
from rag.models.runtime.network import Network
from rag.models.runtime.tokens import load_tokenizer, padded
from rag.models.runtime.weights import WeightsFile

_TOKENS = 256
_BATCH = 8


def largest_inputs(folder: Path, texts: Sequence[str]) -> dict[str, npt.NDArray[np.float32]]:
    """Run a BERT over texts, and return the largest absolute input of each channel of its linear
    layers, by the name of the first layer that has it."""
    graph = BertGraph(BertConfig.read(folder), WeightsFile(folder))
    network = Network(graph.model(*graph.of_linear.values()))
    tokenizer = load_tokenizer(folder)
    tokenizer.enable_truncation(_TOKENS)
    found = {name: np.zeros(1, np.float32) for name in graph.of_linear}
    for first in range(0, len(texts), _BATCH):
        inputs = padded(tokenizer.encode_batch(list(texts[first : first + _BATCH])))
        tokens = inputs["attention_mask"].astype(bool)
        values = network(inputs, *range(len(found)))
        for name, value in zip(found, values, strict=True):
            found[name] = np.maximum(found[name], np.abs(value[tokens]).max(0))
    return found
