"""What is known of a word: by the articles, and by the encoder. Knows neither of them."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

WORD = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True, slots=True)
class Lexicon:
    """What articles and encoder know of words.

    `occurs`: whether the articles hold a word in any of its inflections; False for stop words.
    `texts`: a few passages that hold all words of a text. `whole`: whether the encoder's vocabulary
    has a word whole, as it has the common ones of its language.
    """

    occurs: Callable[[str], bool]
    texts: Callable[[str], Sequence[str]]
    whole: Callable[[str], bool]
