"""Tiny BERTs with weights by chance, the same ones every time, saved as folders."""

from __future__ import annotations

from pathlib import Path

import torch
from safetensors.torch import save_file
from transformers import (
    BertConfig,
    BertForQuestionAnswering,
    BertForSequenceClassification,
    BertModel,
    BertTokenizerFast,
)

from eval.train.network import ReaderNetwork, new_network
from rag.models.encoder import locate


def encoder(folder: Path) -> str:
    """A network without a head, to train from."""
    return _saved(BertModel, folder)


def reader(folder: Path, seed: int = 0) -> str:
    """An extractive question-answering model."""
    return _saved(BertForQuestionAnswering, folder, seed)


def untrained_reader(folder: Path) -> tuple[ReaderNetwork, Path]:
    """A new network like that of Byline's own reader, and the folder it is saved in."""
    network = new_network(encoder(folder)).eval()
    save_file(network.state_dict(), folder / "model.safetensors")
    return network, folder


def joint_reader(folder: Path, seed: int = 0) -> Path:
    """A reader like Byline's own; unlike in a new one, what each of its heads says depends on
    chance too."""
    network, _ = untrained_reader(folder)
    torch.manual_seed(seed)
    for name, weights in network.state_dict().items():
        if not name.startswith("encoder."):
            weights += 0.2 * torch.randn_like(weights)
    save_file(network.state_dict(), folder / "model.safetensors")
    return folder


def cross_encoder(folder: Path, labels: int = 1, length: int = 512) -> str:
    """A model that scores pairs, and reads so many tokens of one."""
    return _saved(BertForSequenceClassification, folder, length=length, num_labels=labels)


def entailment(folder: Path) -> str:
    """A model that tells whether one text entails another."""
    names = {0: "contradiction", 1: "Entailment", 2: "neutral"}
    return _saved(BertForSequenceClassification, folder, num_labels=3, id2label=names)


def _saved(kind: type, folder: Path, seed: int = 0, length: int = 512, **config: object) -> str:
    torch.manual_seed(seed)
    tokenizer = BertTokenizerFast.from_pretrained(locate("all-MiniLM-L6-v2"))
    tokenizer.model_max_length = length
    tiny = BertConfig(
        vocab_size=len(tokenizer), hidden_size=32, num_hidden_layers=2, num_attention_heads=2,
        intermediate_size=32, initializer_range=0.5, **config,
    )  # fmt: skip
    kind(tiny).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return str(folder)
