"""What an encoder asks of the model under it. Two are there: one on our own runtime, for BERTs,
and one of sentence-transformers, for all others."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from rag.types import Vectors


@dataclass(frozen=True, slots=True)
class Tokenised:
    """Texts behind a prompt, `read` as a model takes them, and the tokens of each with the
    prompt's, special tokens not counted."""

    read: Sequence[Any]
    lengths: list[int]
    prompt: str


@dataclass(frozen=True, slots=True)
class TokenVectors:
    """The row of a text, those of its tokens, and where each token stands in prompt and text,
    (0, 0) for a special one."""

    whole: Vectors
    tokens: Vectors
    places: npt.NDArray[np.int64]


class SentenceModel(Protocol):
    """Texts to unit vectors, each behind a prompt. Safe to share between threads."""

    precision: str
    """That of passages."""
    dimension: int
    max_tokens: int
    """Tokens that one text may have, special tokens included."""
    special_tokens: int
    """Of each text."""
    vocabulary: int
    """Tokens that there are."""
    unknown: str | None
    """The token of what the vocabulary lacks."""
    prompts: Mapping[str, str]
    pools_by_mean: bool
    """Whether a text's row is the mean of its tokens' rows; else `encode_tokens` is no use."""

    def tokens(self, text: str) -> list[str]:
        """The tokens of a text, as the vocabulary writes them."""
        ...

    def tokenise(self, texts: Sequence[str], prompt: str = "") -> Tokenised:
        """Cut texts into tokens."""
        ...

    def encode(self, texts: Tokenised, exact: bool = True) -> Vectors:
        """Unit rows, float32; what is too long is cut. `exact`: in float32, else in the
        precision of passages."""
        ...

    def encode_tokens(self, texts: Tokenised) -> Iterable[TokenVectors]:
        """The rows of the texts and of their tokens, which need not be unit rows."""
        ...
