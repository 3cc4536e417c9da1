"""Verifies a pack: each quote against its article, all else that it says against quotes and
articles, and lists what no article can bear out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from rag.citation import names_its_page, place_of
from rag.errors import InputError
from rag.export.reference import changed_since, page_in_words
from rag.pack.absence import Ask, repeat
from rag.pack.contents import Facts, Pack, Source, index_facts, parse
from rag.pack.problems import FIELDS, Found, problems
from rag.pack.unverified import Unverified, unverified
from rag.types import Article, Citation, Filters, Listing, Version

Find: TypeAlias = Callable[[str], Article | None]
"""Looks an article up, by its id or by its content hash; None if unknown."""
Changed: TypeAlias = Callable[[Citation], tuple[Version, Article] | None]
"""Looks up the earlier text in which a quote stood, and the article as it is now."""
Recount: TypeAlias = Callable[[Listing, Filters], Listing]
"""Counts again what a list counts, within the filters that were in force."""
Status: TypeAlias = Literal["holds", "changed", "misquoted", "altered", "missing"]


_CLAIMS = {
    "verbatim": "each is the quote that it cites",
    "field": "each says what a field of its article says",
    "count": "each says what its list counts",
}
"""What is verified of a sentence, by its verdict; of one that a model wrote, nothing."""


@dataclass(frozen=True, slots=True)
class Checked:
    """The verdict on one quote: `answer` counts from 1, `remark` explains the status.

    `status` is "holds", "changed" (the quote stood in an earlier text of the article, which is
    kept), "misquoted" (the article is the one quoted, and says something else there), "altered"
    (the article has another text now) or "missing" (there is none).
    """

    answer: int
    label: int
    article_id: str
    title: str
    status: Status
    remark: str = ""


@dataclass(frozen=True, slots=True)
class Proof:
    """The result of verifying a pack. `problems` are faults of the pack besides its quotes.

    `verified` says in words what was compared and holds; `not_verified` is all else that the pack
    shows, which no article says: whether the quotes answer the question, how sure Byline was, what
    it was made with.
    """

    quotes: tuple[Checked, ...]
    problems: tuple[str, ...]
    verified: tuple[str, ...]
    not_verified: tuple[Unverified, ...]

    @property
    def holds(self) -> bool:
        """Whether every quote holds and nothing else that was compared is wrong."""
        return not self.problems and all(quote.status == "holds" for quote in self.quotes)


def verify(
    pack: Mapping[str, Any],
    by_id: Find,
    by_hash: Find,
    changed: Changed = lambda cited: None,
    recount: Recount | None = None,
    index: Facts | None = None,
    ask: Ask | None = None,
) -> Proof:
    """Verify every quote of a pack, and all else in it that its articles can bear out.

    An article is found by the hash of its text, whatever its id. With an index at hand, `index` is
    its `Archive.info()`, `recount` repeats the lists, and `ask` the questions that the archive is
    said not to answer. Raises InputError for what is no pack.
    """
    try:
        read = parse(pack)
    except ValueError as error:
        raise InputError(
            f"This is no evidence pack: {error}. Get it again from whoever made it."
        ) from None
    found = {source.id: _find(source, by_id, by_hash) for source in read.articles.values()}
    facts = index_facts(index) if index else None
    quotes = tuple(_quotes(read, found, changed))
    recounted = _recounted(read, recount) if recount else {}
    repeated = repeat(read, ask) if ask else {}
    wrong = (
        *problems(read, found, asked=bool(repeated)),
        *(f"answer {n}: {one}" for n, differs in repeated.items() for one in differs),
    )
    return Proof(
        quotes,
        wrong,
        tuple(_verified(read, quotes, recounted, repeated, whole=not wrong)),
        tuple(unverified(pack, read, found, facts, recounted, repeated)),
    )


def _recounted(pack: Pack, recount: Recount) -> dict[int, Listing]:
    """The lists as the index gives them now, by the numbers of their answers."""
    return {
        number: recount(answer.listing, pack.filters[number - 1])
        for number, answer in enumerate(pack.answers, start=1)
        if answer.listing
    }


def _verified(
    pack: Pack,
    quotes: tuple[Checked, ...],
    recounted: Mapping[int, Listing],
    repeated: Collection[int],
    whole: bool,
) -> Iterator[str]:
    """What was compared and holds, in words; only the quotes where something else is wrong."""
    if held := sum(quote.status == "holds" for quote in quotes):
        yield f"quotes ({held}): every character, the place and page in the article"
    if not whole:
        return
    if pack.articles:
        yield f"articles ({len(pack.articles)}): {', '.join(FIELDS)}"
    said_of = [claim.verdict for answer in pack.answers for claim in answer.claims]
    claims: Counter[str] = Counter(said_of)
    for verdict, said in _CLAIMS.items():
        if claims[verdict]:
            yield f"sentences of answers ({claims[verdict]}): {said}"
    lists = {n: one.listing for n, one in enumerate(pack.answers, start=1) if one.listing}
    if lists:
        complete = "; that no other belongs there" * (lists == recounted)
        yield f"lists ({len(lists)}): each article in them{complete}"
    again = [pack.answers[number - 1] for number in repeated]
    if typed := sum(answer.understood == answer.question for answer in again):
        yield f"questions not answered ({typed}): asked again, with what was looked through"
    for answer in again:
        if answer.understood != answer.question:  # As a follow-up. Nobody can verify that.
            yield (
                f"“{answer.understood}” is not answered: asked again, in place of "
                f"“{answer.question}”, which the pack says to mean that"
            )


def _find(source: Source, by_id: Find, by_hash: Find) -> Found:
    named = by_id(source.id)
    for article in (named, by_hash(source.content_hash)):
        if article and article.content_hash == source.content_hash:
            return Found(source, article, None)
    return Found(source, None, named)


def _quotes(pack: Pack, found: Mapping[str, Found], changed: Changed) -> Iterator[Checked]:
    for number, answer in enumerate(pack.answers, start=1):
        for citation in sorted(answer.citations, key=lambda citation: citation.label):
            known = found.get(citation.article_id)
            title = (known.source.title or known.source.origin) if known else ""
            status: Status
            earlier = changed(citation) if known and not known.same else None
            if earlier and known and earlier[0].article.content_hash == known.source.content_hash:
                status, remark = "changed", changed_since(citation, *earlier)
            else:
                status, remark = _status(citation, known)
            yield Checked(number, citation.label, citation.article_id, title, status, remark)


def _status(citation: Citation, known: Found | None) -> tuple[Status, str]:
    """The status of a quote, and a remark on it."""
    if known is None:
        return "missing", "the pack does not say what article this is"
    article = known.same or known.other
    if article is None:
        return "missing", "there is no article with this text or this id"
    in_place = article.text[citation.start : citation.end] == citation.quote
    if known.same and in_place and not names_its_page(citation, article):
        place = page_in_words(*place_of(article, (citation.start, citation.end)))
        return "misquoted", f"the quote stands there, but on {place or 'no page'}"
    if known.same:
        if in_place:
            under = f"the article now has the id {article.id}"
            return "holds", under if article.id != citation.article_id else ""
        return "misquoted", f"the article says something else there; {_place(citation, article)}"
    place = "the quote still stands at its place" if in_place else _place(citation, article)
    return "altered", f"the article has another text than the one quoted; {place}"


def _place(citation: Citation, article: Article) -> str:
    """A remark on where else in the article the quote occurs."""
    start = article.text.find(citation.quote)
    if start < 0:
        return "the quote stands nowhere in it"
    return f"the quote stands at characters {start} to {start + len(citation.quote)}"
