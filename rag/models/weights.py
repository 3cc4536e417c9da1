"""Weights of models: their checksum, and loading them without a progress bar."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Iterator
from pathlib import Path

_BLOCK = 1 << 20


def checksum(weights: Path) -> str:
    """SHA-256 of a file in hexadecimal; that of no bytes for a file that is missing."""
    found = hashlib.sha256()
    if weights.is_file():
        with weights.open("rb") as file:
            while block := file.read(_BLOCK):
                found.update(block)
    return found.hexdigest()


@contextlib.contextmanager
def no_progress_bar() -> Iterator[None]:
    """Load models of transformers without a bar.

    Loading takes a second; its bar would come between the user's question and the answer.
    """
    from transformers.utils import logging

    logging.disable_progress_bar()
    try:
        yield
    finally:
        logging.enable_progress_bar()
