"""Texts to tokens, with `tokenizers`; a tokenizer is never changed, so threads may share it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
from tokenizers import Encoding, Tokenizer

from rag.models.runtime.network import rounded

Inputs = Mapping[str, npt.NDArray[np.int64]]
"""What a network takes in: "input_ids", "token_type_ids" and "attention_mask", each of shape
(rows, tokens)."""

STEP = 16
"""Rows are as long as a multiple of it."""


def load_tokenizer(folder: Path, split_special: bool = False) -> Tokenizer:
    """Load the tokenizer.json of a folder, made `bare`. Raises ValueError when there is none."""
    try:
        return bare(Tokenizer.from_file(str(folder / "tokenizer.json")), split_special)
    except Exception as error:  # It raises just that.
        raise ValueError(str(error)) from error


def bare(tokenizer: Tokenizer, split_special: bool = False) -> Tokenizer:
    """Make a tokenizer neither pad nor truncate, and take special tokens that are written in a
    text as text if `split_special`."""
    tokenizer.no_padding()
    tokenizer.no_truncation()
    tokenizer.encode_special_tokens = split_special
    return tokenizer


def padded(encodings: Sequence[Encoding], most: int, pad: int = 0) -> Inputs:
    """Rows of the token ids of `encodings`, filled up with `pad` to the longest, and on to a
    multiple of `STEP` where that is not beyond `most`."""
    longest = max((len(encoding) for encoding in encodings), default=0)
    shape = (len(encodings), max(longest, min(rounded(longest, STEP), most)))
    ids, kinds, mask = np.full(shape, pad), np.zeros(shape, np.int64), np.zeros(shape, np.int64)
    for row, encoding in enumerate(encodings):
        count = len(encoding)
        ids[row, :count], kinds[row, :count] = encoding.ids, encoding.type_ids
        mask[row, :count] = 1
    return {"input_ids": ids, "token_type_ids": kinds, "attention_mask": mask}
