"""Composes an Answer of what was read: threshold, choice of sentences, citations, verification."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from rag.answer.agreement import repeats, supporting_reports
from rag.answer.candidates import Sentence
from rag.answer.conflicts import Said, differing, newer_figure
from rag.answer.extract import MARKED, in_order
from rag.answer.listing import Listed, listed_answer
from rag.answer.metadata import Stated
from rag.answer.statements import Meanings
from rag.citation import cite, is_verbatim, text_of
from rag.index.opened import OpenedIndex
from rag.question.answer_type import answer_spans, asks_about_name
from rag.settings import AskSettings
from rag.text.qualifiers import is_reserved, qualified
from rag.text.quote_context import with_neighbours
from rag.text.sentences import sentence_spans
from rag.text.stems import stems
from rag.types import Account, Answer, Citation, Claim, Difference, Hit, Note, Question, Span
from rag.wording import note

# Another sentence joins the best one when it answers with this probability. (On NewsQA one of those
# shown is right for 52% of questions so, and for 49% at .35; of all shown 42% are, and 47% at .35.)
_ALSO = 0.2
# The best sentence for a part of the question is none when it is less probable than this beside it.
_FLOOR = 0.1
# The most that the confidence is where the best sentence speaks of another year than the question,
# or a newer article gives another figure.
_DOUBTFUL = 0.5
_YEAR = re.compile(r"(?<![\w$€£.,])(?:1[5-9]|20)\d\d(?![\w%]|[.,]\d)")


@dataclass(frozen=True, slots=True)
class Evidence:
    """What was read for a question: `sentences`, most probable first, stated `fields`, or a list.

    `confidence` is the probability that the best sentence answers; `notes` are for the reader.
    """

    sentences: tuple[Sentence, ...] = ()
    confidence: float = 0.0
    fields: tuple[Stated, ...] = ()
    notes: tuple[Note, ...] = ()
    listed: Listed | None = None


@dataclass(frozen=True, slots=True)
class _Quote:
    """A span of an article to quote, and the spans of the article that carry the answer."""

    article_id: str
    start: int
    end: int
    marks: tuple[Span, ...]


def compose(
    asked: str,
    question: Question,
    hits: Sequence[Hit],
    evidence: Evidence,
    index: OpenedIndex,
    settings: AskSettings,
    meanings: Meanings,
) -> Answer:
    """Make the answer of `hits`: in the articles' words, of what the index knows of them, or none.

    Each quoted sentence is verified against its article; one that fails is dropped and counted.
    """
    if evidence.listed:
        return listed_answer(asked, question, hits, evidence.listed, evidence.notes)
    if evidence.fields:
        return _stated(asked, question, hits, evidence, index)
    named = _naming(question, evidence.sentences, index)
    new = [s for s in named if not question.told or s.text not in question.told]
    confidence = _confidence(question, evidence, new)
    chosen = _choose(new, settings) if confidence >= settings.threshold else []
    accounts = differing(question, new, index.article, meanings) if chosen else []
    sure = bool(chosen) and confidence > _DOUBTFUL and not accounts
    newer = newer_figure(question, new, index.article) if sure else []
    confidence = _DOUBTFUL if newer else confidence
    chosen = list(dict.fromkeys([*chosen, *(said.sentence for said in accounts), *newer]))
    quotes = _quotes(chosen, question, index)
    sound = _verbatim(quotes, index)
    citations, claims = _labelled(sound)
    agreed = [] if accounts else citations
    return Answer(
        question=" ".join(asked.split()),
        understood=str(question),
        text=text_of(claims),
        status="answered" if citations else "unanswered",
        citations=tuple(citations),
        hits=tuple(in_order(hits, evidence.sentences)),
        claims=tuple(claims),
        confidence=confidence,
        notes=(*evidence.notes, *[note("newer_figure")] * len(newer)),
        dropped=len(quotes) - len(citations),
        differences=_differences(accounts, citations),
        independent=len(supporting_reports(question, agreed, chosen, new, index, meanings)),
    )


def _confidence(question: Question, evidence: Evidence, new: Sequence[Sentence]) -> float:
    """How probably the first of the sentences that are left answers."""
    confidence = evidence.confidence
    if question.told or list(new[:1]) != [*evidence.sentences[:1]]:  # It answers by itself.
        confidence = min(confidence, new[0].probability if new else 0.0)
    if new and _tells_another_year(question, new[0]):
        confidence = min(confidence, _DOUBTFUL)
    return confidence


def _labelled(
    sound: Sequence[tuple[Citation, tuple[Span, ...]]],
) -> tuple[list[Citation], list[Claim]]:
    """The citations, numbered from 1 in the order given, and a claim of each with its marks."""
    citations = [replace(one, label=n) for n, (one, _) in enumerate(sound, start=1)]
    marks = [found for _, found in sound]
    claims = [Claim(c.quote, (c.label,), marks=m) for c, m in zip(citations, marks, strict=True)]
    return citations, claims


def _stated(
    asked: str, question: Question, hits: Sequence[Hit], evidence: Evidence, index: OpenedIndex
) -> Answer:
    """Answer with what the articles' fields say; each sentence cites its article's opening."""
    known = [field for field in evidence.fields if field.known]
    cited = [cite(field.article, field.span, n) for n, field in enumerate(known, start=1)]
    claims = [field.claim(n) for n, field in enumerate(known, start=1)]
    return Answer(
        question=" ".join(asked.split()),
        understood=str(question),
        text=text_of(claims),
        status="answered" if known else "unanswered",
        citations=tuple(cited),
        hits=tuple(hits),
        claims=tuple(claims),
        confidence=1.0 if known else 0.0,
        notes=(*evidence.notes, *(f.text for f in evidence.fields if not f.known)),
        independent=len({index.report(citation.article_id) for citation in cited}),
    )


def _naming(
    question: Question, sentences: Sequence[Sentence], index: OpenedIndex
) -> list[Sentence]:
    """Of a question who somebody is, the sentences whose quote has the last word of the name: to a
    reader who sees no more, another is about somebody else."""
    if not asks_about_name(question.text):
        return list(sentences)
    last = stems(question.text)[-1:]
    return [
        s
        for s in sentences
        if set(last) <= set(stems(index.article(s.article_id).text[slice(*_grown(s, index))]))
    ]


def _tells_another_year(question: Question, sentence: Sentence) -> bool:
    """Whether a sentence names years, and none of those that the question names."""
    asked, told = (set(_YEAR.findall(text)) for text in (str(question), sentence.text))
    return bool(asked and told) and not asked & told


def _choose(sentences: Sequence[Sentence], settings: AskSettings) -> list[Sentence]:
    """The sentences to show, best first: the best for each part of the question, or those that
    are about as probable as the best; none that only repeats another."""
    if sentences and sentences[0].parts:
        wanted = []
        for part in range(len(sentences[0].parts)):
            best = max(sentences, key=lambda s: s.parts[part])
            if best.probability >= _FLOOR * sentences[0].probability:
                wanted.append(best)
        wanted.sort(key=lambda s: -s.probability)
    else:
        wanted = [*sentences[:1], *(s for s in sentences[1:] if s.probability >= _ALSO)]
    chosen: list[Sentence] = []
    for sentence in wanted:
        if len(chosen) < settings.max_sentences and not any(repeats(sentence, s) for s in chosen):
            chosen.append(sentence)
    return chosen


def _quotes(chosen: Sequence[Sentence], question: Question, index: OpenedIndex) -> list[_Quote]:
    """The chosen sentences with the neighbours that they need; those that then meet are one."""
    quotes: list[_Quote] = []
    for sentence in chosen:
        start, end = _grown(sentence, index)
        sure = _sure(question, sentence)
        marks = tuple((sentence.start + a, sentence.start + b) for a, b in sure)
        quote = _Quote(sentence.article_id, start, end, marks)
        meeting = [other for other in quotes if _meet(quote, other)]
        for other in meeting:
            quote = _Quote(
                quote.article_id,
                min(quote.start, other.start),
                max(quote.end, other.end),
                (*quote.marks, *other.marks),
            )
        # One that joins better ones takes the place of the best.
        place = quotes.index(meeting[0]) if meeting else len(quotes)
        quotes = [other for other in quotes if other not in meeting]
        quotes.insert(place, quote)
    return quotes


def _sure(question: Question, sentence: Sentence) -> tuple[Span, ...]:
    """The words of a sentence that are probably right and of the kind that is asked for, with those
    that limit them; none where the question does not say of which, or the sentence takes them back.
    """
    if sentence.mark_probability < MARKED:
        return ()
    asked = answer_spans(question, sentence.text)
    return tuple(
        qualified(sentence.text, mark)
        for mark in sentence.marks
        if any(a < mark[1] and mark[0] < b for a, b in asked)
        and not is_reserved(sentence.text, mark, str(question))
    )


def _verbatim(
    quotes: Sequence[_Quote], index: OpenedIndex
) -> list[tuple[Citation, tuple[Span, ...]]]:
    """The quotes that are their article's text, as citations, and the spans of each to mark."""
    cited = [cite(index.article(q.article_id), (q.start, q.end), label=0) for q in quotes]
    return [
        (citation, tuple(sorted({(a - quote.start, b - quote.start) for a, b in quote.marks})))
        for citation, quote in zip(cited, quotes, strict=True)
        if is_verbatim(citation, index.article(citation.article_id))
    ]


def _meet(one: _Quote, other: _Quote) -> bool:
    same = one.article_id == other.article_id
    return same and one.start < other.end and other.start < one.end


def _grown(sentence: Sentence, index: OpenedIndex) -> Span:
    text = index.article(sentence.article_id).text
    spans = index.memo(sentence_spans, text)
    own = (sentence.start, sentence.end)
    return with_neighbours(text, spans, spans.index(own)) if own in spans else own


def _differences(accounts: Sequence[Said], citations: Sequence[Citation]) -> tuple[Difference, ...]:
    found = []
    for said in accounts:
        first, last = qualified(said.sentence.text, said.span)
        start, end = said.sentence.start + first, said.sentence.start + last
        for c in citations:
            if c.article_id == said.sentence.article_id and c.start <= start and end <= c.end:
                span = start - c.start, end - c.start
                found.append(Account(c.label, span, said.speaker, said.recency))
                break
    return (Difference(tuple(found)),) if len(found) > 1 else ()
