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
# Beside news, what a page may hold as well: inputs beyond the largest are cut off.
_ODD = (
    "", "a", "?", "The", "Yes.", "A. B. C.", "ក" * 50, "word " * 200, "1 2 3 4 5 " * 40, "!?" * 60,
    "🙂 " * 50, "the " * 60, "ABC " * 80, "中文 " * 60, "x" * 300, "\n- \n- ",
    "http://www.example.com/a/b?c=d " * 8,
)  # fmt: skip


def largest_inputs(folder: Path, texts: Sequence[str]) -> dict[str, npt.NDArray[np.float32]]:
    """Run a BERT over texts, and return the largest absolute input of each channel of the linear
    layers that are put in int8, by the name of the first layer that has it.

    The second layer of each feed-forward block is left out: its inputs differ most from text to
    text, and in int8 it alone made most of the error (least cosine .994 with it, .999 without).
    """
    graph = BertGraph(BertConfig.read(folder), WeightsFile(folder))
    kept = {
        name: node
        for name, node in graph.of_linear.items()
        if "attention" in name or "intermediate" in name
    }
    network = Network(graph.model(*kept.values()))
    tokenizer = load_tokenizer(folder)
    tokenizer.enable_truncation(_TOKENS)
    found = {name: np.zeros(1, np.float32) for name in kept}
    every = [*_ODD, *texts]
    for first in range(0, len(every), _BATCH):
        inputs = padded(tokenizer.encode_batch(every[first : first + _BATCH]))
        tokens = inputs["attention_mask"].astype(bool)
        values = network(inputs, *range(len(found)))
        for name, value in zip(found, values, strict=True):
            found[name] = np.maximum(found[name], np.abs(value[tokens]).max(0))
    return found
