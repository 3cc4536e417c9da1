"""Turns what comes from outside into values: JSON, whole numbers and names of files.

The standard library answers some texts with other errors than a ValueError, or with digits that it
does not read at all. Here whatever is wrong is a ValueError, so that whoever reads has one thing to
tell. Which values fit where they are wanted is for the caller to say.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

_DIGITS = 18
"""Of a whole number: nothing that is counted has more."""


class NestedTooDeep(ValueError):
    """JSON with more levels than can be read."""


def json_value(data: str | bytes, **options: Any) -> Any:
    """Return the value of a JSON text; `options` are those of `json.loads`.

    Raises ValueError for any other text: for bytes that are no Unicode, and NestedTooDeep for one
    with too many levels.
    """
    try:
        return json.loads(data, **options)
    except RecursionError:
        raise NestedTooDeep("it is nested too deep") from None


def is_there(name: str | Path) -> bool:
    """Whether there is a file or folder of this name: none of one that no file can have, as of
    5,000 letters."""
    try:
        return Path(name).exists()
    except (OSError, ValueError):
        return False


def unicode_text(text: str) -> str:
    """Return a text as it is. Raises ValueError for one with halves of characters (surrogates),
    which JSON can write and nothing can store or show."""
    if not text.isascii():
        text.encode()  # A UnicodeEncodeError is a ValueError.
    return text


def whole_number(text: str) -> int | None:
    """Return the number that the digits 0 to 9 of a text write; None for any other text, as one of
    other digits ("²"), or of more than a number can have."""
    digits = text.lstrip("0")
    if not (text.isascii() and text.isdigit()) or len(digits) > _DIGITS:
        return None
    return int(digits or "0")
