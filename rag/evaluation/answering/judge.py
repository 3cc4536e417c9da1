"""Judges one answer against gold: right sentences, marked words, and where it went wrong.

Gold is words of a paragraph (SQuAD) or facts of articles. A sentence is right if it holds all of
those words, or shares half of the shorter of the two with a fact: facts are sentences, which may
be cut differently. (That a sentence of the same article holds an answer string is not enough: most
of those that judges have not listed speak of something else.) A sentence that a model wrote is
right if one of the quotes it cites is; what an article's fields or a list of articles say if it
says an answer, which of a list may be the whole title or source of one of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol

from rag import Answer, Article
from rag.citation import is_verbatim
from rag.evaluation.answering import marked
from rag.evaluation.answering.said import said_at
from rag.evaluation.datasets import Query
from rag.evaluation.runs.saved import Answered, Row
from rag.types import Citation, Claim, Listing, Span

NOT_READ = "evidence not among the passages read"
LATER = "right sentence second or later"
OTHER_SENTENCE = "right article, other sentence"
OTHER_ARTICLE = "other article"
NOTHING_SHOWN = "evidence read, nothing shown"
FAILURES = (NOT_READ, LATER, OTHER_SENTENCE, OTHER_ARTICLE, NOTHING_SHOWN)


class _Place(Protocol):
    """A passage or a citation."""

    @property
    def article_id(self) -> str: ...
    @property
    def start(self) -> int: ...
    @property
    def end(self) -> int: ...


class Gold:
    """The gold spans of a question: for each fact, every place where it occurs."""

    def __init__(self, query: Query, articles: Mapping[str, Article]) -> None:
        self._whole = bool(query.words)
        self._answers = query.answers
        self.facts: list[list[tuple[str, Span]]] = [
            [(fact.article_id, span) for span in fact.places(articles[fact.article_id].text)]
            for fact in query.facts
        ]
        if query.words:  # Any of them will do.
            self.facts = [[(query.about, span) for span in query.words]]

    def shown(self, places: Sequence[_Place]) -> list[bool]:
        """For each fact, whether one of the places shows it."""
        return [any(self._shows(at, fact) for at in places) for fact in self.facts]

    def right(self, place: _Place) -> bool:
        """Whether a place shows a fact."""
        return any(self.shown([place]))

    def said(self, text: str) -> list[Span]:
        """Where a text says one of the answers."""
        return [span for answer in self._answers for span in said_at(answer, text)]

    def names(self, text: str) -> bool:
        """Whether a whole text is one of the answers."""
        return (0, len(text)) in self.said(text)

    def marked(self, mark: Span, quote: Citation) -> bool:
        """Whether a mark of a quote overlaps words that answer."""
        if self._whole:
            place = (quote.start + mark[0], quote.start + mark[1])
            words = [s for a, s in self.facts[0] if a == quote.article_id]
            return any(_meet(place, span) for span in words)
        return self.right(quote) and any(_meet(mark, span) for span in self.said(quote.quote))

    def _shows(self, place: _Place, fact: Iterable[tuple[str, Span]]) -> bool:
        return any(
            place.article_id == article_id
            and (_contains if self._whole else _overlaps)((place.start, place.end), span)
            for article_id, span in fact
        )


def judge(
    query: Query,
    answer: Answer,
    articles: Mapping[str, Article],
    milliseconds: float,
    said: str | None = None,
) -> Row:
    """Judge the answer to a question and return its row.

    Its sentences are in the order of their rank if they are quotes, of reading if written. `said`
    is the text of another system's answer, whose words count; which passages it read, nobody knows.
    """
    gold, best = Gold(query, articles), _best_claim(answer)
    shown = gold.shown(answer.citations)
    sentences = _sentences(answer, gold, articles)
    right = [bool(at["right"]) for at in sentences]
    words = " ".join(best.text[start:end] for start, end in best.marks) if best else said or ""
    return Row(
        id=query.id,
        query=query.text,
        kind=query.kind or query.topic,
        milliseconds=round(milliseconds, 3),
        measures=_measures(query, answer, gold, right, words, said) if query.relevant else {},
        passages=sentences,
        articles=list(dict.fromkeys(c.article_id for c in answer.citations)),
        missed=_missed(query, shown),
        answer=Answered(
            answerable=bool(query.relevant),
            confidence=answer.confidence,
            status=answer.status,
            marked=words,
            mark_right=_mark_right(answer, best, gold),
            facts=len(query.facts),
            found=sum(shown) if query.facts else 0,
            broken=_broken(answer, articles),
            failure=_failure(query, gold, answer, right, said is None) if query.relevant else "",
            expected=list(query.answers) if query.relevant else [query.note] * bool(query.note),
        ),
        unit=query.unit,
    )


def _sentences(answer: Answer, gold: Gold, articles: Mapping[str, Article]) -> list[dict[str, Any]]:
    """The sentences shown: quotes, or what was written or stated, each with its first right quote,
    or its first. What a count or a list says is one sentence."""
    if answer.listing and answer.claims:
        return [_list(answer, answer.listing, gold, articles)]
    if all(claim.verdict == "verbatim" for claim in answer.claims):
        return [_quote(citation, gold) for citation in answer.citations]
    found = []
    for claim in answer.claims:
        quotes = [_quote(c, gold) for c in answer.citations if c.label in claim.labels]
        best = next((quote for quote in quotes if quote["right"]), quotes[0] if quotes else None)
        shown = {**(best or {"right": False, "quote": ""}), "sentence": claim.text}
        if claim.verdict == "field":
            shown["right"] = shown["right"] or bool(gold.said(claim.text))
        found.append(shown)
    return found


def _list(
    answer: Answer, listing: Listing, gold: Gold, articles: Mapping[str, Article]
) -> dict[str, Any]:
    """A list of articles: what is said of it, which of them there are, and of which sources."""
    said = " ".join(claim.text for claim in answer.claims)
    titles = [articles[key].title for key in listing.articles if key in articles]
    named = [*titles, *(tally.source for tally in listing.sources)]
    listed = listing.wanted != "mentions" and any(map(gold.names, named))
    return {"right": bool(gold.said(said)) or listed, "quote": "", "sentence": said}


def _quote(citation: Citation, gold: Gold) -> dict[str, Any]:
    return {
        "article": citation.article_id, "start": citation.start, "end": citation.end,
        "label": citation.label, "right": gold.right(citation), "quote": citation.quote,
    }  # fmt: skip


def _broken(answer: Answer, articles: Mapping[str, Article]) -> int:
    """Citations that were dropped or do not hold, and labels that cite nothing."""
    known = {citation.label for citation in answer.citations}
    return (
        answer.dropped
        + sum(not _holds(citation, articles) for citation in answer.citations)
        + sum(label not in known for claim in answer.claims for label in claim.labels)
    )


def _measures(
    query: Query,
    answer: Answer,
    gold: Gold,
    right: Sequence[bool],
    words: str,
    said: str | None,
) -> dict[str, float]:
    values = {"first right": float(any(right[:1])), "any right": float(any(right))}
    if said is None:
        hits = [hit.passage for hit in answer.hits]
        values["evidence read"] = float(any(map(gold.right, hits)))
        first = any(hit.article_id in query.relevant for hit in hits[:1])
        values["right article first"] = float(first)
    if query.words:
        values["EM"] = marked.exact(words, query.answers)
        values["F1"] = marked.f1(words, query.answers)
    elif query.answers:
        written = answer.mode == "generated"
        shown = [claim.text for claim in answer.claims if written]
        shown = shown or [said or "", *(citation.quote for citation in answer.citations)]
        values["answer string shown"] = float(any(map(gold.said, shown)))
    return values


def _missed(query: Query, shown: Sequence[bool]) -> list[str]:
    if query.words:
        return [] if all(shown) else [" / ".join(query.answers)]
    return [fact.text for fact, found in zip(query.facts, shown, strict=True) if not found]


def _failure(
    query: Query, gold: Gold, answer: Answer, right: Sequence[bool], known_hits: bool
) -> str:
    """Classify why the first sentence of an answerable question is not right; "" if it is."""
    if any(right):
        return "" if right[0] else LATER
    if known_hits and not any(gold.right(hit.passage) for hit in answer.hits):
        return NOT_READ
    if not right:
        return NOTHING_SHOWN
    known = bool(answer.citations) and answer.citations[0].article_id in query.relevant
    return OTHER_SENTENCE if known else OTHER_ARTICLE


def _holds(citation: Citation, articles: Mapping[str, Article]) -> bool:
    article = articles.get(citation.article_id)
    return article is not None and is_verbatim(citation, article)


def _best_claim(answer: Answer) -> Claim | None:
    """The first claim with marked words that cites the best quote, if any."""
    label = answer.citations[0].label if answer.citations else None
    found = (claim for claim in answer.claims if label in claim.labels and claim.marks)
    return next(found, None)


def _mark_right(answer: Answer, best: Claim | None, gold: Gold) -> bool | None:
    """Whether the first words that the best quote marks answer; None where none are marked."""
    if best is None:
        return None
    if best.verdict == "verbatim":
        return gold.marked(best.marks[0], answer.citations[0])
    return any(_meet(best.marks[0], span) for span in gold.said(best.text))


def _contains(outer: Span, inner: Span) -> bool:
    return outer[0] <= inner[0] and inner[1] <= outer[1]


def _overlaps(a: Span, b: Span) -> bool:
    """Whether they share at least half of the shorter."""
    return 2 * (min(a[1], b[1]) - max(a[0], b[0])) >= min(a[1] - a[0], b[1] - b[0])


def _meet(a: Span, b: Span) -> bool:
    return a[0] < b[1] and b[0] < a[1]
