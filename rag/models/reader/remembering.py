"""What a reader read before: the same question to the same passages is not read again."""

from __future__ import annotations

import hashlib
import json
import threading
from collections import OrderedDict
from collections.abc import Sequence

from rag.protocols import Reading, SentenceReader
from rag.types import Span

_KEPT = 256  # Calls: with ten passages of ten sentences each, some six megabytes.


class RememberingReader:
    """A reader that keeps its last readings, of which the examples of a page are asked by many.

    Kept are the scores and places of words, under a hash of what was read: no text. A call counts
    as a whole, so that what is read does not hang on what others asked before. Implements
    `rag.protocols.SentenceReader`. Safe to share between threads.
    """

    def __init__(self, reader: SentenceReader) -> None:
        self._reader = reader
        self._known: OrderedDict[bytes, list[list[Reading]]] = OrderedDict()
        self._lock = threading.Lock()

    @property
    def name(self) -> str:
        return self._reader.name

    def read(
        self,
        question: str,
        headings: Sequence[str],
        texts: Sequence[str],
        sentences: Sequence[Sequence[Span]],
    ) -> list[list[Reading]]:
        """A reading of each sentence (spans of its text) of each text with its heading."""
        given = json.dumps([question, list(headings), list(texts), [*map(list, sentences)]])
        key = hashlib.sha256(given.encode()).digest()
        with self._lock:
            known = self._known.pop(key, None)
        if known is None:
            known = self._reader.read(question, headings, texts, sentences)
        with self._lock:
            self._known[key] = known
            if len(self._known) > _KEPT:
                self._known.popitem(last=False)
        return known
