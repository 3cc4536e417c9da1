"""Linear layers in int8, inputs and weights: eight bits, with one scale for all inputs of a layer
and one for each of its outputs.

A few channels of a transformer's states are far larger than the others, and would leave these few
of the 255 steps. So each channel is divided by a factor before, and the weights that it meets are
multiplied by it (SmoothQuant, Xiao et al. 2023, arXiv 2211.10438).
"""

from __future__ import annotations

import logging
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from openvino import Node
from openvino import opset13 as ops

Array = npt.NDArray[np.float32]

_log = logging.getLogger(__name__)

_SHARE = 0.9  # Of the inputs' range that the weights take over; measured, .5 to 1.
_STEPS = 127


def load_largest(file: Path) -> Mapping[str, Array] | None:
    """The largest inputs of linear layers, by the name of the layer, as a file has them; None, and
    so no int8, for a file that is missing or damaged."""
    try:
        with np.load(file) as kept:
            return dict(kept)
    except (OSError, ValueError, EOFError, zipfile.BadZipFile, zlib.error) as error:
        _log.info("no int8: %s", error)
        return None


def quantised(
    states: Node, largest: Array, weights: Sequence[npt.NDArray[Any]]
) -> tuple[Node, list[Node]]:
    """The inputs of linear layers and their weights, as products in int8 take them.

    `largest`: the largest absolute input of each channel, as measured on texts.
    """
    weights = [matrix.astype(np.float32) for matrix in weights]
    met = np.abs(np.concatenate(weights)).max(0)
    least = np.finfo(np.float32).tiny
    factor = np.maximum(largest, least) ** _SHARE / np.maximum(met, least) ** (1 - _SHARE)
    factor = np.where((largest > 0) & (met > 0), factor, 1).astype(np.float32)
    limit = (largest / factor).max()
    low, high = constant(-limit * (_STEPS + 1) / _STEPS), constant(limit)
    even = ops.multiply(states, constant(1 / factor))
    rounded = ops.fake_quantize(even, low, high, low, high, 2 * _STEPS + 2)
    return rounded, [_in_int8(matrix * factor) for matrix in weights]


def _in_int8(matrix: Array) -> Node:
    """A matrix as whole numbers, with a scale for each row."""
    scale = np.abs(matrix).max(1, keepdims=True) / _STEPS
    scale[scale == 0] = 1
    numbers = np.round(matrix / scale).astype(np.int8)
    return ops.multiply(ops.convert(ops.constant(numbers), "f32"), constant(scale))


def constant(value: Any, kind: Any = np.float32) -> Node:
    """A constant of a graph."""
    if getattr(value, "dtype", None) == np.float16:  # Kept as it is, which takes half the memory.
        return ops.convert(ops.constant(np.ascontiguousarray(value)), "f32")
    return ops.constant(np.ascontiguousarray(value, kind).reshape(np.shape(value)))
