"""The processor's own limit: the matrix products of an encoder alone, as NumPy does them."""

from __future__ import annotations

import json
import time
from pathlib import Path

import numpy as np

_BATCH = 32
_ROUNDS = 5


def passages_a_second(encoder: str, tokens: int) -> float:
    """How many passages of `tokens` tokens a second a BERT of the shape in the folder `encoder`
    could take, if it were nothing but its products of matrices, in float32; the best of five
    rounds."""
    shape = json.loads((Path(encoder) / "config.json").read_text("utf-8"))
    size, inner = shape["hidden_size"], shape["intermediate_size"]
    heads = shape["num_attention_heads"]
    random = np.random.default_rng(0)

    def matrix(*shape: int) -> np.ndarray:
        return random.standard_normal(shape).astype(np.float32)

    states, wide = matrix(_BATCH * tokens, size), matrix(_BATCH * tokens, inner)
    square, up, down = matrix(size, size), matrix(size, inner), matrix(inner, size)
    part = matrix(_BATCH * heads, tokens, size // heads)
    weights = matrix(_BATCH * heads, tokens, tokens)
    best = np.inf
    for _ in range(_ROUNDS):
        began = time.perf_counter()
        for _ in range(4):  # Query, key, value and output.
            states @ square
        states @ up
        wide @ down
        part @ part.transpose(0, 2, 1)
        weights @ part
        best = min(best, time.perf_counter() - began)
    return float(_BATCH / (best * shape["num_hidden_layers"]))
