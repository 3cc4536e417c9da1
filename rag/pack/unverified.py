"""What a pack shows and verifying it does not vouch for: no article says it.

Whatever is not named here as compared is listed, so that what a later version adds to a pack is
never taken for verified.
"""

from __future__ import annotations

import bisect
import dataclasses
import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rag.citation import place_of
from rag.export import serialize
from rag.pack.contents import ABOUT, PAGE, Facts, Pack, nothing_said
from rag.pack.problems import Found
from rag.text.sentences import sentence_spans
from rag.types import Answer, Listing, Span

_COMPARED = frozenset({"text", "citations", "claims", "listing"})
"""The fields of an answer that are compared with articles; the rest was chosen or measured."""


@dataclass(frozen=True, slots=True)
class Unverified:
    """Something that is not vouched for: of which answer, from 1, or 0 for the pack; what it is,
    and what the pack says there."""

    answer: int
    what: str
    said: str


def unverified(
    values: Mapping[str, Any],
    pack: Pack,
    found: Mapping[str, Found],
    index: Facts | None,
    recounted: Mapping[int, Listing],
    repeated: Collection[int] = (),
) -> Iterator[Unverified]:
    """Yield what is not vouched for in a pack with these JSON values.

    `index` are the facts of the index at hand, None without one; `recounted` are the lists as it
    gives them now, by the numbers of their answers; `repeated` are the numbers of those that were
    asked again in vain.
    """
    yield Unverified(0, "made", values["made"])
    yield Unverified(0, "settings", _said(pack.settings))
    if index is None or pack.index != index:
        yield Unverified(0, "index", _said(pack.index))
    if pack.page != PAGE:
        said = f"it is of version {pack.page}, and this Byline makes version {PAGE}"
        yield Unverified(0, "page", said)
    if values.get("about") != ABOUT:
        yield Unverified(0, "about", _said(values.get("about")))
    if pack.unread:
        yield Unverified(0, "unread", _said(dict(pack.unread)))
    for path, value in _unread(values, _read(pack), ""):
        yield Unverified(0, path.removeprefix("."), _said(value))
    yield from _of_articles(found)
    yield from _of_quotes(pack, found)
    for number, answer in enumerate(pack.answers, start=1):
        entry = values["answers"][number - 1]
        for what, said in _of_answer(answer, entry, recounted.get(number)):
            if what == "absence" and number in repeated:
                continue
            yield Unverified(number, what, said)


def _of_articles(found: Mapping[str, Found]) -> Iterator[Unverified]:
    """What is not known of articles that are there: names under which they stand here, and fields
    of which the pack says nothing."""
    for one, known in found.items():
        if known.same is None:
            continue
        if known.same.id != one:
            yield Unverified(0, "id of an article", one)
        if known.same.origin != known.source.origin:
            yield Unverified(0, f"file of article {one}", known.source.origin)
        if missing := nothing_said(known.source):
            yield Unverified(0, f"not said of article {one}", ", ".join(missing))


def _of_quotes(pack: Pack, found: Mapping[str, Found]) -> Iterator[Unverified]:
    """Quotes that are a part of a sentence, which may say something else as a whole, and pages of
    which the pack says nothing."""
    sentences: dict[str, list[Span]] = {}
    for number, answer in enumerate(pack.answers, start=1):
        for citation in answer.citations:
            known = found.get(citation.article_id)
            if known is None or known.same is None:
                continue
            text, span = known.same.text, (citation.start, citation.end)
            if known.same.id not in sentences:
                sentences[known.same.id] = sentence_spans(text)
            whole = _whole(text, sentences[known.same.id], span)
            if whole and whole != citation.quote:
                yield Unverified(number, f"quote {citation.label}, a part of", whole)
            if (citation.page, citation.certainty) != place_of(known.same, span):
                yield Unverified(number, f"quote {citation.label}", "nothing is said of its page")


def _whole(text: str, sentences: Sequence[Span], span: Span) -> str:
    """The sentences of a text that a span touches."""
    first = bisect.bisect_right(sentences, span[0], key=lambda sentence: sentence[1])
    last = bisect.bisect_left(sentences, span[1], key=lambda sentence: sentence[0])
    touched = sentences[first:last]
    return text[touched[0][0] : touched[-1][1]] if touched else ""


def _of_answer(
    answer: Answer, entry: Mapping[str, Any], recounted: Listing | None
) -> Iterator[tuple[str, str]]:
    """What nobody but the reader can judge of an answer, or only Byline measured."""
    for what, value in entry.items():
        if what in _COMPARED or not value or (what == "understood" and value == answer.question):
            continue
        yield what, _accounts(answer) if what == "differences" else _said(value)
    for claim in answer.claims:
        if claim.verdict == "supported":
            yield "sentence of a model", claim.text
    marked = [
        claim.text[slice(*span)]
        for claim in answer.claims
        if claim.verdict != "field"
        for span in claim.marks
    ]
    if marked:
        yield "words marked", _said(marked)
    if answer.listing and answer.listing != recounted:
        now = f"; the index counts {_counted(recounted)}" if recounted else ""
        yield "that no other article belongs to the list", f"{_counted(answer.listing)}{now}"


def _counted(listing: Listing) -> str:
    return f"{len(listing.articles)} of {listing.searched}, in {listing.reports} reports"


def _accounts(answer: Answer) -> str:
    """The words that are said to differ, and who is said to say them."""
    quotes = {citation.label: citation.quote for citation in answer.citations}
    return _said(
        [
            [(quotes.get(a.label, "")[slice(*a.span)], a.speaker) for a in one.accounts]
            for one in answer.differences
        ]
    )


def _read(pack: Pack) -> dict[str, Any]:
    """The JSON values that were read of a pack, by their names."""
    entries = [
        {**serialize.to_json(answer), "filters": filters.values(), "related": list(related)}
        for answer, filters, related in zip(pack.answers, pack.filters, pack.related, strict=True)
    ]
    articles = [dataclasses.asdict(source) for source in pack.articles.values()]
    named = dict.fromkeys(
        ("format", "version", "page", "about", "made", "settings", "index", "unread")
    )
    return {**named, "answers": entries, "articles": articles}


def _unread(values: Any, read: Any, at: str) -> Iterator[tuple[str, Any]]:
    """The entries of JSON values that Byline does not read, each with its path."""
    if isinstance(values, dict) and isinstance(read, dict):
        for name, value in values.items():
            if name in read:
                yield from _unread(value, read[name], f"{at}.{name}")
            else:
                yield f"{at}.{name}", value
    elif isinstance(values, list) and isinstance(read, list):
        for number, (value, one) in enumerate(zip(values, read, strict=True)):
            yield from _unread(value, one, f"{at}[{number}]")


def _said(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
