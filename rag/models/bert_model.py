"""A sentence-transformers model that is a plain BERT, on our own runtime."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from tokenizers import Tokenizer
from tokenizers.models import WordPiece
from tokenizers.normalizers import BertNormalizer

from rag.models.runtime.bert import Bert, BertConfig, BertGraph, UnsupportedModelError
from rag.models.runtime.precision import resolve
from rag.models.runtime.quantise import load_largest
from rag.models.runtime.tokens import Inputs, load_tokenizer, padded
from rag.models.runtime.weights import WeightsFile
from rag.models.sentence_model import Tokenised, TokenVectors
from rag.text.outside import json_value
from rag.types import Vectors

_POOLED, _STATES = 0, 1  # Outputs of the graph.
_MODULES = (["Transformer", "Pooling"], ["Transformer", "Pooling", "Normalize"])
_POOLINGS = ("mean", "cls")


class BertModel:
    """The BERT in a folder of sentence-transformers, pooled by the mean or the first token;
    implements `SentenceModel`.

    `largest`: a file with the largest inputs of its linear layers, without which they cannot be
    put in int8. Raises UnsupportedModelError for a model that is more than that, and ValueError,
    KeyError, OSError or SafetensorError for files that cannot be read.
    """

    def __init__(self, folder: Path, precision: str, largest: Path | None = None) -> None:
        modules = _modules(folder)
        body = modules["Transformer"]
        self._folder, self._config = body, BertConfig.read(body)
        self._pooling = _pooling(modules["Pooling"])
        self._tokenizer = _tokenizer(body)
        self.max_tokens = _max_tokens(body, self._config)
        own = _read(folder / "config_sentence_transformers.json")
        self.prompts: Mapping[str, str] = own.get("prompts") or {}
        self._largest = load_largest(largest) if largest else None
        self.precision = resolve(precision, quantisable=self._largest is not None)
        self.pools_by_mean = self._pooling == "mean"
        self.special_tokens: int = self._tokenizer.num_special_tokens_to_add(False)
        self.vocabulary: int = self._tokenizer.get_vocab_size()
        self.unknown: str | None = self._tokenizer.model.unk_token
        self._exact = self._network("float32")
        self._lock = threading.Lock()
        self._compiled: Bert | None = self._exact if self.precision == "float32" else None
        self.dimension = self._config.size

    def tokens(self, text: str) -> list[str]:
        """The tokens of a text, as the vocabulary writes them."""
        found: list[str] = self._tokenizer.encode(text, add_special_tokens=False).tokens
        return found

    def tokenise(self, texts: Sequence[str], prompt: str = "") -> Tokenised:
        """Cut texts into tokens."""
        whole = [prompt + text for text in texts]
        read = self._tokenizer.encode_batch(whole, add_special_tokens=False)
        return Tokenised(read, list(map(len, read)), prompt)

    def encode(self, texts: Tokenised, exact: bool = True) -> Vectors:
        """Unit rows, float32; what is too long is cut."""
        network = self._exact if exact else self._of_passages()
        (rows,) = network(self._padded(self._whole(texts)), _POOLED)
        unit: Vectors = rows / np.linalg.norm(rows, axis=1, keepdims=True)
        return unit

    def encode_tokens(self, texts: Tokenised) -> Iterator[TokenVectors]:
        """The rows of the texts and of their tokens."""
        read = self._whole(texts)
        for whole, states, encoding in zip(
            *self._exact(self._padded(read), _POOLED, _STATES), read, strict=True
        ):
            yield TokenVectors(whole, states[: len(encoding)], np.array(encoding.offsets))

    def _whole(self, texts: Tokenised) -> list[Any]:
        """The encodings of texts with special tokens, none longer than the model reads."""
        for encoding in texts.read:
            encoding.truncate(self.max_tokens - self.special_tokens)
        return [self._tokenizer.post_process(encoding) for encoding in texts.read]

    def _padded(self, read: Sequence[Any]) -> Inputs:
        return padded(read, self._config.positions)

    def _of_passages(self) -> Bert:
        """The network that encodes passages, compiled when the first ones come."""
        with self._lock:
            if self._compiled is None:
                self._compiled = self._network(self.precision)
            return self._compiled

    def _network(self, precision: str) -> Bert:
        largest = self._largest if precision == "int8" else None
        graph = BertGraph(self._config, WeightsFile(self._folder), largest)
        pooled = graph.mean_state() if self._pooling == "mean" else graph.first_state()
        return Bert(graph, (pooled, graph.states), precision)


def _modules(folder: Path) -> dict[str, Path]:
    """The folder of each module of a sentence-transformers model, by the name of its kind."""
    listed = json_value((folder / "modules.json").read_text("utf-8"))
    kinds = [str(module["type"]).rpartition(".")[2] for module in listed]
    if kinds not in _MODULES:
        raise UnsupportedModelError(f"its modules are {', '.join(kinds)}")
    return {kind: folder / module["path"] for kind, module in zip(kinds, listed, strict=True)}


def _pooling(folder: Path) -> str:
    """How a model pools; the ways that are on are named one by one in older files."""
    values = _read(folder / "config.json")
    if not values.get("include_prompt", True):
        raise UnsupportedModelError("it does not pool its prompt")
    named = values.get("pooling_mode") or [
        name.removeprefix("pooling_mode_").partition("_")[0]
        for name, on in values.items()
        if name.startswith("pooling_mode_") and on
    ]
    ways = [named] if isinstance(named, str) else list(named)
    if len(ways) != 1 or ways[0] not in _POOLINGS:
        raise UnsupportedModelError(f"it pools by {' and '.join(map(str, ways))}")
    return str(ways[0])


def _tokenizer(folder: Path) -> Tokenizer:
    """The tokenizer of a BERT: word pieces, lower-cased if its configuration says so."""
    tokenizer = load_tokenizer(folder)
    normalizer, told = tokenizer.normalizer, _read(folder / "tokenizer_config.json")
    if not isinstance(tokenizer.model, WordPiece) or not isinstance(normalizer, BertNormalizer):
        raise UnsupportedModelError("its tokenizer is no BERT's")
    if told.get("do_lower_case", normalizer.lowercase) != normalizer.lowercase:
        raise UnsupportedModelError("its tokenizer.json and tokenizer_config.json differ")
    return tokenizer


def _max_tokens(folder: Path, config: BertConfig) -> int:
    """Tokens that a text may have, by what the model says of itself, or its network allows."""
    own = _read(folder / "sentence_bert_config.json")
    if own.get("do_lower_case"):
        raise UnsupportedModelError("it lower-cases texts itself")
    limit = own.get("max_seq_length") or _read(folder / "tokenizer_config.json").get(
        "model_max_length"
    )
    return min(int(limit or config.positions), config.positions)


def _read(path: Path) -> dict[str, Any]:
    values = json_value(path.read_text("utf-8")) if path.is_file() else {}
    if not isinstance(values, dict):
        raise UnsupportedModelError(f"{path.name} is no object")
    return values
