"""Stores ratings of answers as JSON Lines, and reads them again.

`byline calibrate` refits the confidence on them, and `python -m eval gold` turns them into gold
questions: an answer rated right becomes one with its quotes as evidence; for one rated wrong,
somebody has to write the right answer first.
"""

from __future__ import annotations

import datetime
import json
import threading
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rag.chat.conversation import Conversation, Exchange, filters_of
from rag.citation import is_verbatim
from rag.errors import BylineError, InputError, first_line
from rag.text.outside import json_value
from rag.types import Answer, Article, Filters
from rag.wording import note

_LARGEST = 20_000_000
"""Size of the file, in bytes, above which nothing is added."""
_TURN = 2000
"""Characters stored of a question."""
_COMMENT = 1000
"""Characters stored of a comment."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """A stored rating: the question with those before it, and whether its answer was right.

    `answerable`: whether the archive answers it, None where nobody said so. `evidence`: quotes that
    answer it, with the file and title of their article. `shown`: the answer that was rated.
    """

    turns: tuple[str, ...]
    filters: Filters
    right: bool
    answerable: bool | None
    evidence: tuple[Mapping[str, str], ...]
    shown: str


def read_judgements(path: Path) -> list[Judgement]:
    """Read the ratings of a file; of several of one question, under the same filters, the last.

    Raises InputError for a file that cannot be read, and for a line that is no rating.
    """
    try:
        # Not splitlines: JSON text may hold line separators that end no line of the file.
        lines = path.read_text("utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(
            f"{path} cannot be read ({first_line(error)}). Name a file of judgements with "
            "--feedback FILE; the chat of `byline serve` writes one when answers are judged."
        ) from None
    found: dict[object, Judgement] = {}
    for number, line in enumerate(lines, start=1):
        if line.strip():
            try:
                one = _judgement(json_value(line))
            except (ValueError, LookupError, TypeError, AttributeError, BylineError):
                raise InputError(
                    f"{path} line {number} is no judgement. Correct it, or remove the line."
                ) from None
            found[one.turns, one.filters] = one
    return list(found.values())


class Feedback:
    """Appends ratings to the file at `path`, one a line. Safe to share between threads."""

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
        """Append the rating of an exchange.

        Raises InputError when the file is full or cannot be written, and for an answer rated right
        of which no quote is verbatim in its article.
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
    """The record of a rating; rated wrong, `answerable` is None and `evidence` empty."""
    answer = exchange.answer
    earlier = Conversation(tuple(e for e in session.exchanges if e.number < exchange.number))
    # Questions about the visitor's own documents are not stored.
    before = () if exchange.fresh else earlier.history("archive", exchange.filters)
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


def _judgement(record: Mapping[str, Any]) -> Judgement:
    turns, right, answerable = record["turns"], record["right"], record["answerable"]
    evidence = tuple(
        {name: str(piece[name]) for name in ("file", "title", "quote")}
        for piece in record["evidence"]
    )
    if not (turns and isinstance(turns, list) and all(isinstance(turn, str) for turn in turns)):
        raise ValueError(turns)
    if not isinstance(right, bool) or answerable not in (True, False, None):
        raise ValueError(right, answerable)
    filters = filters_of(record["filters"])
    return Judgement(tuple(turns), filters, right, answerable, evidence, str(record["shown"]))


def _evidence(answer: Answer, articles: Mapping[str, Article]) -> Iterator[dict[str, str]]:
    """The quotes that are verbatim in their articles: the conversation comes from a browser."""
    for citation in answer.citations:
        article = articles.get(citation.article_id)
        if article is not None and is_verbatim(citation, article):
            file = article.origin.partition("#")[0]
            yield {"file": file, "title": article.title, "quote": citation.quote}
