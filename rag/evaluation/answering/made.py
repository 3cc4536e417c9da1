"""Answers that another system, or another build of Byline, made beforehand, as JSON Lines.

Each line has the `id` of a question, perhaps the `milliseconds` that it took, and one of two forms:

    any system   `text`, `quotes` (best first, each of a `document`, by its id, with `text` or with
                 `start` and `end`, characters of that document's text), `confidence` from 0 to 1,
                 `declined`. All may be left out.
    Byline       `answer`, as `byline ask --json` prints one
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from rag import Answer, Article
from rag.errors import InputError
from rag.evaluation.datasets.records import Files, Record
from rag.evaluation.datasets.types import spans_of
from rag.export.serialize import from_json
from rag.types import Citation, Claim

_SHAPE = (
    "A line has the id of a question with text, quotes (objects with document and text, or start "
    "and end), confidence (0 to 1) and declined; or with answer, as `byline ask --json` prints one."
)
_NOWHERE = (-1, -1)
"""The place of a quote that does not stand in its document."""


@dataclass(frozen=True)
class Made:
    """The answers of a file by the id of their question; `facts` say which file it is."""

    facts: dict[str, str]
    _records: dict[str, Record]

    @property
    def bylines(self) -> bool:
        """Whether the answers have Byline's own form."""
        return any("answer" in record.values for record in self._records.values())

    def answer(self, query_id: str, articles: Mapping[str, Article]) -> Answer:
        """The answer to a question. Raises InputError for a line that cannot be read."""
        record = self._records[query_id]
        if "answer" not in record.values:
            return _plain(record, articles)
        try:
            return from_json(record.values["answer"])
        except InputError as error:
            raise record.error(str(error)) from None

    def said(self, query_id: str) -> str | None:
        """The text of an answer of any system; None of one in Byline's form."""
        record = self._records[query_id]
        return None if "answer" in record.values else record.text("text", "")

    def milliseconds(self, query_id: str) -> float:
        return self._records[query_id].real("milliseconds", 0.0)

    def refuse_missing(self, ids: Iterable[str]) -> None:
        """Raise InputError unless every question has its answer."""
        missing = [query_id for query_id in ids if query_id not in self._records]
        if missing:
            raise InputError(
                f"{self.facts['file']} has no answer to {len(missing)} of the questions, "
                f"{missing[0]} among them. Answer these too (what is declined as declined), or "
                "choose others with --sample, --half or --limit."
            )


def read_made(path: Path) -> Made:
    """Read a file of answers; each is read in full when it is asked for."""
    files = Files()
    records: dict[str, Record] = {}
    for record in files.records(path, _SHAPE):
        if record.text("id") in records:
            raise record.error(f"the id {record.text('id')!r} is given twice")
        records[record.text("id")] = record
    return Made({"file": path.name, "sha256": files.sha256}, records)


def _plain(record: Record, articles: Mapping[str, Article]) -> Answer:
    declined = record.values.get("declined", False)
    if not isinstance(declined, bool):
        raise record.error("the field 'declined' is neither true nor false")
    confidence = record.real("confidence", 0.0 if declined else 1.0)
    if not 0 <= confidence <= 1:
        raise record.error(f"the confidence {confidence:g} does not lie between 0 and 1")
    quotes = record.objects("quotes", "quote") if "quotes" in record.values else []
    citations = tuple(_citation(one, label, articles) for label, one in enumerate(quotes, 1))
    text = record.text("text", "")
    return Answer(
        "", "", text, "unanswered" if declined else "answered",
        citations=citations,
        claims=tuple(Claim(one.quote, (one.label,)) for one in citations), confidence=confidence,
    )  # fmt: skip


def _citation(quote: Record, label: int, articles: Mapping[str, Article]) -> Citation:
    """A quote with its place; one that stands nowhere in its document is kept as such."""
    document, text = quote.text("document"), quote.text("text", "")
    article = articles.get(document)
    if "start" in quote.values or "end" in quote.values:
        start, end = quote.number("start"), quote.number("end")
        if not 0 <= start < end or (article and end > len(article.text)):
            length = f", whose text has {len(article.text)} characters" if article else ""
            raise quote.error(f"{start} to {end} are no characters of {document!r}{length}")
        return Citation(label, document, start, end, text or _slice(article, start, end))
    if not text:
        raise quote.error("a quote has neither text nor start and end")
    places = spans_of(text, article.text) if article else []
    start, end = places[0] if places else _NOWHERE
    return Citation(label, document, start, end, _slice(article, start, end) if places else text)


def _slice(article: Article | None, start: int, end: int) -> str:
    return article.text[start:end] if article else ""
