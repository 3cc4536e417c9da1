"""Says an answer in one line, of verified words only, for whatever shows it. Pure.

Strong and fair answers have one, in the articles' own words. One that a model wrote, or that the
index states of the articles, is short already, and a weak one is not to be taken for the answer.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from rag.citation import cited_span
from rag.export.reference import one_line
from rag.text.attribution import clause_at, speaker
from rag.types import Answer, Article, Citation, Glance, Recency, Side, Span
from rag.wording import ENGLISH, Wording


def glance(answer: Answer, articles: Mapping[str, Article]) -> Glance | None:
    """Return a verified answer at a glance; None for one that has no such line.

    `articles` are those that it cites, by id; only their fields are read.
    """
    if answer.weak or answer.stated or answer.mode == "generated" or not answer.citations:
        return None
    cited = {citation.label: citation for citation in answer.citations}
    best = answer.citations[0]
    if best.label != 1:  # What the strength speaks of no longer holds.
        return None
    for difference in answer.differences:
        sides = (
            _side(cited[a.label], a.span, articles, a.speaker, a.recency)
            for a in difference.accounts
        )
        return Glance("differ", tuple(sides))
    marks = [mark for claim in answer.claims if claim.text == best.quote for mark in claim.marks]
    if len(marks) == 1:  # Of two answers in one quote, neither is the answer.
        at = marks[0][0]
        said_by = speaker(best.quote, clause_at(best.quote, at), at)
        return Glance("words", (_side(best, marks[0], articles, said_by),))
    return Glance("sentence", (_side(best, (0, len(best.quote)), articles),))


def _side(
    citation: Citation,
    span: Span,
    articles: Mapping[str, Article],
    speaker: str = "",
    recency: Recency = "",
) -> Side:
    """The words at `span` of a quote."""
    article = articles[citation.article_id]
    return Side(
        cited_span(citation, span), article.source or article.headline, article.published, speaker,
        recency,
    )  # fmt: skip


def strength_of(answer: Answer, say: Wording = ENGLISH) -> str:
    """Return how sure an answer is, in words, and how often such answers were right; "" where
    nothing is answered, or the index itself says it."""
    if answer.stated or not answer.strength:
        return ""
    measured = answer.measured
    often = f". {say('measured', n=measured.tenths)}" if measured else ""
    return say(f"match_{answer.strength}") + often


def in_one_line(found: Glance, say: Wording = ENGLISH) -> str:
    """Return an answer at a glance as text: "$299 — Engadget, 19 December 2023"."""
    sides = []
    for side in found.sides:
        day = say.day(side.published) if side.published else say("undated")
        who = ", ".join(one_line(part) for part in (side.speaker, side.source, day) if part)
        sides.append(f"{one_line(side.words.quote)} — {who}")
    line = " / ".join(sides)
    return f"{say('differ')}: {line}" if found.kind == "differ" else line


def remarks(
    answer: Answer, articles: Mapping[str, Article], say: Wording = ENGLISH
) -> Iterator[str]:
    """Yield as of when a verified answer is, and in how many independent reports it stands: not of
    a doubtful one, as what may be no answer has no support."""
    if answer.status == "unanswered" or not answer.claims or answer.listing:
        return
    cited = [articles[c.article_id] for c in answer.citations]
    days = sorted(article.published for article in cited if article.published)
    if not days:
        yield say("as_of_unknown")
    elif days[0] == days[-1]:
        yield say("as_of", day=say.day(days[0]))
    else:
        yield say("as_of_span", first=say.day(days[0]), last=say.day(days[-1]))
    if answer.independent and not answer.stated and not answer.weak:
        yield say("reports", n=answer.independent)
