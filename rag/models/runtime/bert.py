"""A BERT (Devlin et al. 2019) as an OpenVINO graph, built from its configuration and weights.

The graph computes what `transformers.BertModel` computes without dropout: the tests hold it to
that. Batch and length are free.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from openvino import Model, Node, Type
from openvino import opset13 as ops

from rag.models.runtime.network import Network
from rag.models.runtime.quantise import constant, quantised
from rag.models.runtime.tokens import Inputs
from rag.models.runtime.weights import WeightsFile
from rag.text.outside import json_value

Weights = Mapping[str, npt.NDArray[Any]]

_MASKED = -1e9  # Added to the score of a token that is only there to fill up the row.
_TOKENS = 1024
"""Tokens that the network takes at once: more are not faster, and each holds 20 kB meanwhile."""


class UnsupportedModelError(ValueError):
    """A model is another one than can be built here."""


@dataclass(frozen=True, slots=True)
class BertConfig:
    """What config.json says of a BERT, as far as its weights do not."""

    size: int
    layers: int
    heads: int
    positions: int
    epsilon: float

    @classmethod
    def read(cls, folder: Path) -> BertConfig:
        """Read a folder's config.json. Raises UnsupportedModelError when it is no plain BERT."""
        values = json_value((folder / "config.json").read_text("utf-8"))
        plain = {
            "model_type": "bert",
            "hidden_act": "gelu",
            "position_embedding_type": "absolute",
            "is_decoder": False,
        }
        for name, expected in plain.items():
            if values.get(name, expected) != expected:
                raise UnsupportedModelError(f"its {name} is {values[name]!r}")
        return cls(
            size=int(values["hidden_size"]),
            layers=int(values["num_hidden_layers"]),
            heads=int(values["num_attention_heads"]),
            positions=int(values["max_position_embeddings"]),
            epsilon=float(values["layer_norm_eps"]),
        )


class Bert:
    """A BERT, compiled for this machine's processor."""

    def __init__(
        self, graph: BertGraph, outputs: Sequence[Node], precision: str = "float32"
    ) -> None:
        self._weights, self._words = graph.weights, graph.words
        self._network = Network(graph.model(*outputs), precision)
        self._weights.release()
        self._settled = False

    def __call__(self, inputs: Inputs, *outputs: int) -> list[npt.NDArray[np.float32]]:
        """Those of the outputs that are asked for by their number."""
        rows, length = inputs["input_ids"].shape
        step = max(1, _TOKENS // max(1, length))
        parts = [
            self._some({name: of[first : first + step] for name, of in inputs.items()}, outputs)
            for first in range(0, max(1, rows), step)
        ]
        if not self._settled:  # The first texts have the weights put in the processor's order.
            self._weights.release()
            self._settled = True
        return [np.concatenate(of) for of in zip(*parts, strict=True)]

    def _some(self, inputs: Inputs, outputs: Sequence[int]) -> list[npt.NDArray[np.float32]]:
        words = self._words[inputs["input_ids"]].astype(np.float32, copy=False)
        others = {name: inputs[name] for name in ("token_type_ids", "attention_mask")}
        return self._network({"words": words, **others}, *outputs)


class BertGraph:
    """The graph of a BERT, up to the states of its tokens.

    Its constants are the `weights` where they stand in their file. `words`, the vectors of the
    vocabulary, are no part of it: half of the weights, of which a text needs a few rows. Its
    inputs are the "words" of the tokens, and others as in `rag.models.runtime.tokens.Inputs`.
    `states` has the shape (rows, tokens, size), `mask` the same without the last, 1 for a token
    and 0 for padding. `of_linear` are the inputs of the linear layers, by the name of the first
    that has them. The layers whose largest absolute inputs are in `largest`, by the same names,
    are put in int8. Raises KeyError when a weight is missing.
    """

    def __init__(
        self, config: BertConfig, weights: WeightsFile, largest: Weights | None = None
    ) -> None:
        self._config, self.weights, self._largest = config, weights, largest
        self.words = weights["embeddings.word_embeddings.weight"]
        self.of_linear: dict[str, Node] = {}
        self._inputs = {
            "words": ops.parameter([-1, -1, config.size], Type.f32),
            "token_type_ids": ops.parameter([-1, -1], Type.i64),
            "attention_mask": ops.parameter([-1, -1], Type.i64),
        }
        for name, node in self._inputs.items():
            node.output(0).set_names({name})
        self.mask = ops.convert(self._inputs["attention_mask"], Type.f32)
        self.states = self._embeddings()
        hidden = ops.multiply(ops.subtract(constant(1), self.mask), constant(_MASKED))
        hidden = ops.unsqueeze(hidden, integers(1, 2))
        for number in range(config.layers):
            self.states = self._layer(f"encoder.layer.{number}.", self.states, hidden)

    def model(self, *outputs: Node) -> Model:
        """The graph from its inputs to `outputs`."""
        return Model(list(outputs), list(self._inputs.values()), "bert")

    def mean_state(self) -> Node:
        """The mean of the states of each row's tokens, shape (rows, size)."""
        kept = ops.unsqueeze(self.mask, integers(2))
        total = ops.reduce_sum(ops.multiply(self.states, kept), integers(1))
        return ops.divide(total, ops.reduce_sum(kept, integers(1)))

    def first_state(self) -> Node:
        """The state of each row's first token, shape (rows, size)."""
        return ops.gather(self.states, constant(0, np.int64), constant(1, np.int64))

    def _embeddings(self) -> Node:
        words, kinds, _ = self._inputs.values()
        axis = constant(0, np.int64)
        length = ops.gather(ops.shape_of(words), integers(1), axis)
        kinds_of, places = (
            self._weight(f"embeddings.{kind}_embeddings.weight")
            for kind in ("token_type", "position")
        )
        positions = ops.slice(places, integers(0), length, integers(1), integers(0))
        found = ops.add(words, ops.gather(kinds_of, kinds, axis))
        return self._norm("embeddings.LayerNorm", ops.add(found, positions))

    def _layer(self, name: str, states: Node, hidden: Node) -> Node:
        attended = self._attention(f"{name}attention.self.", states, hidden)
        (attended,) = self._linear([f"{name}attention.output.dense"], attended)
        states = self._norm(f"{name}attention.output.LayerNorm", ops.add(attended, states))
        (wide,) = self._linear([f"{name}intermediate.dense"], states)
        (narrow,) = self._linear([f"{name}output.dense"], ops.gelu(wide, "erf"))
        return self._norm(f"{name}output.LayerNorm", ops.add(narrow, states))

    def _attention(self, name: str, states: Node, hidden: Node) -> Node:
        """Every token's states of all heads, beside each other."""
        parts = []
        for rows in self._linear([name + part for part in ("query", "key", "value")], states):
            apart = ops.reshape(rows, integers(0, 0, self._config.heads, -1), True)
            parts.append(ops.transpose(apart, integers(0, 2, 1, 3)))
        heads = ops.scaled_dot_product_attention(*parts, hidden)
        return ops.reshape(ops.transpose(heads, integers(0, 2, 1, 3)), integers(0, 0, -1), True)

    def _linear(self, names: Sequence[str], states: Node) -> list[Node]:
        """The outputs of linear layers that have the same inputs."""
        self.of_linear[names[0]] = states
        weights = [self.weights[f"{name}.weight"] for name in names]
        if self._largest is not None and names[0] in self._largest:
            states, matrices = quantised(states, self._largest[names[0]], weights)
        else:
            matrices = [_stored(matrix) for matrix in weights]
        return [
            ops.add(ops.matmul(states, matrix, False, True), self._weight(f"{name}.bias"))
            for name, matrix in zip(names, matrices, strict=True)
        ]

    def _norm(self, name: str, states: Node) -> Node:
        unit = ops.mvn(states, integers(-1), True, self._config.epsilon, "inside_sqrt")
        scaled = ops.multiply(unit, self._weight(f"{name}.weight"))
        return ops.add(scaled, self._weight(f"{name}.bias"))

    def _weight(self, name: str) -> Node:
        return _stored(self.weights[name])


def _stored(matrix: npt.NDArray[Any]) -> Node:
    """A weight as a constant that is not copied: its file outlives the graph."""
    kept = matrix.dtype in (np.float32, np.float16) and matrix.flags.aligned
    if not kept:
        return constant(matrix)
    found = ops.constant(matrix, shared_memory=True)
    return found if matrix.dtype == np.float32 else ops.convert(found, "f32")


def integers(*values: int) -> Node:
    """A constant of a graph, of one dimension."""
    return ops.constant(np.array(values, np.int64))
