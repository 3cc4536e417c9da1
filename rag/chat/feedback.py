"""What visitors say of answers, kept as JSON Lines that `python -m eval gold` reads as questions.

Owns the file and its records. A judgement that the answer is right makes a gold question of it,
with its quotes as the evidence; one that it is wrong waits for somebody to write the right answer.
"""

from __future__ import annotations

import datetime
import json
import threading
import uuid
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from rag.chat.conversation import Conversation, Exchange
from rag.citation import is_verbatim
from rag.errors import InputError
from rag.types import Answer, Article
from rag.wording import note

_LARGEST = 20_000_000
"""Bytes of the file from which nothing more is added."""
_TURN = 2000
"""Characters of a question that are kept."""
_COMMENT = 1000
"""Characters of a comment that are kept."""


class Feedback:
    """Judgements of answers, one a line of the file at `path`. Safe to share between threads."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.Lock()

    def add(
        self,
        session: Conversation,
        exchange: Exchange,
        articles: Mapping[str, Article],
        right: bool,
        comment: str = "",
    ) -> None:
        """Keep what a visitor says of an exchange of the conversation.

        Raises InputError when it cannot be written or the file is full, and for an answer that is
        called right while none of its quotes stands in its article.
        """
        record = _record(session, exchange, articles, right, comment)
        line = (json.dumps(record, ensure_ascii=False) + "\n").encode("utf-8", "replace")
        try:
            with self._lock:
                self.path.parent.mkdir(parents=True, exist_ok=True)
                if self.path.exists() and self.path.stat().st_size > _LARGEST:
                    raise InputError(note("feedback_full", file=self.path.name))
                with self.path.open("ab") as file:
                    file.write(line)
        except OSError as error:
            raise InputError(
                note("feedback_unwritable", file=self.path.name, error=str(error.strerror))
            ) from error


def _record(
    session: Conversation,
    exchange: Exchange,
    articles: Mapping[str, Article],
    right: bool,
    comment: str,
) -> dict[str, Any]:
    """`answerable` is None, and evidence is missing, where the visitor says that it is wrong."""
    answer = exchange.answer
    earlier = Conversation(tuple(e for e in session.exchanges if e.number < exchange.number))
    # What was asked of documents of the visitor's own is not kept.
    before = () if exchange.fresh else earlier.history("archive")
    evidence = list(_evidence(answer, articles))
    if right and answer.status == "answered" and not evidence:
        raise InputError(note("no_quote_holds"))
    return {
        "id": f"feedback-{uuid.uuid4().hex[:12]}",
        "turns": [question[:_TURN] for question in (*(q for q, _ in before), answer.question)],
        "answerable": answer.status == "answered" if right else None,
        "answers": [],  # The words in bold are a guess that nobody has judged.
        "evidence": evidence if right else [],
        "right": right,
        "note": comment[:_COMMENT],
        "filters": exchange.filters.values(),
        "shown": answer.text,
        "kept": datetime.datetime.now().astimezone().isoformat(timespec="seconds"),
    }


def _evidence(answer: Answer, articles: Mapping[str, Article]) -> Iterator[dict[str, str]]:
    """The quotes that stand in their articles: the conversation comes from a browser."""
    for citation in answer.citations:
        article = articles.get(citation.article_id)
        if article is not None and is_verbatim(citation, article):
            file = article.origin.partition("#")[0]
            yield {"file": file, "title": article.title, "quote": citation.quote}
