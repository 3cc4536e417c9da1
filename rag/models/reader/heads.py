"""The heads of Byline's own reader: sentence scores and answer spans from the states of tokens.

There are three, over an encoder that reads question, heading and passage together:

- sentences: a sentence is scored by the cosine of its mean token with the question's (Reimers and
  Gurevych 2019), by the mean over the question's tokens of the best cosine to one of its own
  (late interaction, Khattab and Zaharia 2020), and by a linear layer;
- nothing: what it would take to say that no sentence of this passage answers. It is subtracted,
  so that sentences of several passages can be compared;
- spans: start and end of the words that answer, the first token standing for "none" (Devlin et
  al. 2019).

`eval.train.network` trains them, in torch; the tests hold both to the same scores.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from openvino import Model, Node, Type
from openvino import opset13 as ops

from rag.models.reader.layout import FIRST, QUESTION
from rag.models.reader.sentence_tokens import SentenceTokens
from rag.models.runtime.bert import Weights, integers
from rag.models.runtime.network import Network, rounded
from rag.models.runtime.quantise import constant

Matrix = npt.NDArray[np.float32]

_LEAST = 1e-12  # Length below which a vector is not divided by it, as in torch.
_WHOLE, _COSINES, _SPANS = 0, 1, 2  # Outputs of the graph.


class Heads:
    """The heads, with their weights, in float32. Raises KeyError when one is missing."""

    def __init__(self, weights: Weights) -> None:
        self._network = Network(_graph(weights))
        self._tokens = float(weights["scale"][1])

    def read(
        self, states: Matrix, segments: npt.NDArray[np.int64], sentences: SentenceTokens
    ) -> tuple[Matrix, Matrix, Matrix]:
        """What is read of rows, from the states of their tokens and the segments of these: the
        log-odds of `sentences` against nothing, in their order, and of each token as a start, and
        as an end, shape (rows, tokens)."""
        asked = segments == QUESTION
        numbers = np.arange(FIRST, FIRST + rounded(int(segments.max(initial=FIRST))))
        places = np.flatnonzero(asked.any(0))
        filled = np.resize(places, rounded(len(places)))  # The first ones come again.
        whole, cosines, spans = self._network(
            {
                "states": states,
                "segments": segments,
                "sentences": numbers,
                "asked": filled,
            },
            _WHOLE, _COSINES, _SPANS,
        )  # fmt: skip
        rows = sentences.rows
        best = sentences.reduce(np.maximum, cosines[..., : len(places)]).sum(1)
        count = np.maximum(asked.sum(1), 1).astype(np.float32)
        scores: Matrix = whole[rows, sentences.segments - FIRST] + self._tokens * best / count[rows]
        return scores, spans[..., 0], spans[..., 1]


def _graph(weights: Weights) -> Model:
    """What the heads compute with matrices.

    Its inputs are the `states` of tokens, shape (rows, tokens, size), their `segments`, shape
    (rows, tokens), the numbers of the `sentences` that there are and the places of tokens that
    are `asked`. Its outputs are the score of each sentence without its single tokens, shape (rows,
    sentences); the cosine of each token with each that is asked, shape (rows, tokens, asked), 0
    with one that is not of that row's question; and the scores of each token as a start and as an
    end, shape (rows, tokens, 2).
    """
    size = weights["of_question.weight"].shape[0]
    states = _input("states", [-1, -1, size], Type.f32)
    segments, sentences = _input("segments", [-1, -1]), _input("sentences", [-1])
    asked = _input("asked", [-1])

    def linear(name: str, values: Node) -> Node:
        product = ops.matmul(values, constant(weights[f"{name}.weight"]), False, True)
        return ops.add(product, constant(weights[f"{name}.bias"]))

    question = _means(states, segments, integers(QUESTION))
    means = _means(states, segments, sentences)
    first = ops.gather(states, integers(0), constant(1, np.int64))
    alike = ops.multiply(
        _unit(linear("of_question", question)), _unit(linear("of_sentence", means))
    )
    whole = ops.add(
        ops.multiply(constant(weights["scale"][0]), ops.reduce_sum(alike, integers(-1))),
        ops.squeeze(ops.subtract(linear("linear", means), linear("nothing", first)), integers(-1)),
    )
    of_question = ops.unsqueeze(_equal(segments, integers(QUESTION)), integers(-1))
    words = ops.gather(ops.multiply(states, of_question), asked, constant(1, np.int64))
    cosines = ops.matmul(_unit(states), _unit(words), False, True)
    spans = linear("spans", states)
    none = ops.gather(spans, integers(0), constant(1, np.int64))
    outputs = [whole, cosines, ops.subtract(spans, none)]
    return Model(outputs, [states, segments, sentences, asked], "heads")


def _means(states: Node, segments: Node, numbers: Node) -> Node:
    """The mean of the states of the tokens of each segment, shape (rows, numbers, size)."""
    member = _equal(ops.unsqueeze(segments, integers(1)), ops.unsqueeze(numbers, integers(1)))
    count = ops.maximum(ops.reduce_sum(member, integers(-1), True), constant(1))
    return ops.divide(ops.matmul(member, states, False, False), count)


def _equal(one: Node, other: Node) -> Node:
    return ops.convert(ops.equal(one, other), Type.f32)


def _unit(rows: Node) -> Node:
    length = ops.reduce_l2(rows, integers(-1), True)
    return ops.divide(rows, ops.maximum(length, constant(_LEAST)))


def _input(name: str, shape: list[int], kind: Any = Type.i64) -> Node:
    node = ops.parameter(shape, kind, name=name)
    node.output(0).set_names({name})
    return node
