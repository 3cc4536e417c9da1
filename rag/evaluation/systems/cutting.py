"""Cut a text into passages of a number of tokens, for libraries that cannot do so themselves."""

from __future__ import annotations

import sys
from typing import Any


def by_tokens(text: str, tokenizer: Any, tokens: int) -> list[str]:
    """Pieces of a text of at most `tokens` tokens each, cut between words where there are any."""
    places = tokenizer(text, add_special_tokens=False, return_offsets_mapping=True)[
        "offset_mapping"
    ]
    pieces: list[str] = []
    first = 0
    while first < len(places):
        last = min(first + tokens, len(places))
        # Not within a word, unless it fills the passage.
        cut = last
        while first < cut < len(places) and places[cut][0] == places[cut - 1][1]:
            cut -= 1
        last = cut if cut > first else last
        start, end = places[first][0], places[last - 1][1]
        pieces.append(text[start:end])
        first = last
    return pieces


def tokenizer_of(encoder: str) -> Any:
    """The tokenizer of an encoder, which cuts nothing itself."""
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(encoder)
    # Its warning of texts longer than the model reads is about what is to be cut.
    tokenizer.model_max_length = sys.maxsize
    return tokenizer
