"""The network of Byline's own reader, to be trained: an encoder with the heads of
`rag.models.reader.heads`, in torch.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from rag.models.reader.layout import QUESTION

_NOTHING = 8.0  # About what a sentence that answers scores before any training.


class ReaderNetwork(nn.Module):
    """A BERT with heads for sentences, for none of them, and for spans."""

    def __init__(self, encoder: Any) -> None:
        super().__init__()
        size: int = encoder.config.hidden_size
        self.encoder = encoder
        self.of_question, self.of_sentence = nn.Linear(size, size), nn.Linear(size, size)
        self.linear, self.nothing = nn.Linear(size, 1), nn.Linear(size, 1)
        self.scale = nn.Parameter(torch.tensor([10.0, 8.0]))
        self.spans = nn.Linear(size, 2)
        # So the first scores are the encoder's own similarities.
        for layer in (self.of_question, self.of_sentence):
            nn.init.eye_(layer.weight)
            nn.init.zeros_(layer.bias)
        for layer in (self.linear, self.nothing):
            nn.init.zeros_(layer.weight)
            nn.init.zeros_(layer.bias)
        nn.init.constant_(self.nothing.bias, _NOTHING)
        nn.init.normal_(self.spans.weight, std=0.02)
        nn.init.zeros_(self.spans.bias)

    def forward(self, inputs: dict[str, Tensor], segments: Tensor) -> tuple[Tensor, Tensor]:
        """Return the log-odds of each sentence against nothing, shape (rows, sentences), -inf for
        one that a row does not have; and of each token as a start and an end against the first,
        shape (rows, tokens, 2).

        `segments` says of each token where it belongs, shape (rows, tokens).
        """
        states = self.encoder(**inputs).last_hidden_state.float()
        scores = self._sentences(states, segments) - self.nothing(states[:, 0])
        spans = self.spans(states)
        return scores, spans - spans[:, :1]

    def _sentences(self, states: Tensor, segments: Tensor) -> Tensor:
        count = max(1, int(segments.max()))
        # One column for each segment, the question's first.
        member = functional.one_hot(segments + 1, count + 2)[..., 1:].to(states.dtype)
        tokens = member.sum(1)
        means = torch.bmm(member.transpose(1, 2), states) / tokens.clamp(min=1).unsqueeze(-1)
        question = functional.normalize(self.of_question(means[:, :1]), dim=-1)
        sentences = functional.normalize(self.of_sentence(means[:, 1:]), dim=-1)
        alike = (question * sentences).sum(-1)
        scores = (
            self.scale[0] * alike
            + self.scale[1] * _late_interaction(states, segments, count)
            + self.linear(means[:, 1:]).squeeze(-1)
        )
        masked: Tensor = scores.masked_fill(tokens[:, 1:] == 0, float("-inf"))
        return masked


def _late_interaction(states: Tensor, segments: Tensor, count: int) -> Tensor:
    """The mean over the question's tokens of the best cosine to a token of each sentence, shape
    (rows, count)."""
    unit = functional.normalize(states, dim=-1)
    # The question's tokens follow the first.
    asked = segments == QUESTION
    longest = max(1, int(asked.sum(1).max()))
    asked = asked[:, 1 : 1 + longest]
    cosines = torch.bmm(unit[:, 1 : 1 + longest], unit.transpose(1, 2))
    place = segments.clamp(min=0).unsqueeze(1).expand_as(cosines)
    best = cosines.new_full((*cosines.shape[:2], count + 1), -1.0)
    best = best.scatter_reduce(2, place, cosines, "amax")[..., 1:]
    total = (best * asked.unsqueeze(-1)).sum(1)
    return total / asked.sum(1, keepdim=True).clamp(min=1)


def new_network(encoder: str | Path) -> ReaderNetwork:
    """An untrained network, without dropout, over the encoder in a folder or of a name."""
    from transformers import AutoModel

    body: Any = AutoModel.from_pretrained(
        encoder,
        add_pooling_layer=False,
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
    )
    return ReaderNetwork(body)


def load_network(folder: Path, precision: str) -> ReaderNetwork:
    """The network whose config.json and model.safetensors are in `folder`, to read with.

    The encoder computes in `precision`, the heads in float32. Raises RuntimeError when the weights
    are not of this network.
    """
    from safetensors.torch import load_file
    from transformers import AutoConfig, AutoModel

    config = AutoConfig.from_pretrained(folder, local_files_only=True)
    network = ReaderNetwork(AutoModel.from_config(config, add_pooling_layer=False))
    network.load_state_dict(
        {name: w.float() for name, w in load_file(folder / "model.safetensors").items()}
    )
    network.encoder.to(getattr(torch, precision))
    return network.eval()
