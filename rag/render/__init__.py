"""Answers, sources and articles as HTML, and the last check before a quote is shown.

Owns escaping, and drops a quote that is not, character for character, what its article holds at
its place, a field that is not its article's, and a written sentence that has lost a quote behind
it. Knows nothing of the page around it, of sessions, or of how answers are found.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from html import escape

from rag.cite import holds, says
from rag.types import (
    Account,
    Answer,
    Article,
    Citation,
    Claim,
    Difference,
    Passage,
    Rejected,
    Span,
)

CONTEXT = 240
"""Characters of its passage shown on either side of a quote."""
WEAK = "A weak match: it may not answer the question."
RELATED = 4
"""Related passages offered when there is no answer."""
WRITTEN = "Written by a language model; every sentence was checked against the quotes it links to."
WRITING = "The model is writing …"

Articles = Mapping[str, Article]
Cited = Mapping[int, Citation]
"""Verified citations by their labels."""


def checked(answer: Answer, articles: Articles) -> Answer:
    """The answer without what its articles do not bear out; `text` says what the claims do."""
    cited = {c.label: c for c in answer.citations if _borne_out(c, articles)}
    found = [hit for hit in answer.hits if _borne_out(whole(hit.passage), articles)]
    judged = [_supported(claim, cited, articles) for claim in answer.claims]
    claims = [claim for claim in judged if claim is not None]
    compared = [
        Difference(tuple(a for a in difference.accounts if _is_account(a, cited, articles)))
        for difference in answer.differences
    ]
    lost = len(answer.citations) - len(cited)
    return replace(
        answer,
        text=" ".join(f"{c.text} {''.join(f'[{label}]' for label in c.labels)}" for c in claims),
        citations=tuple(cited.values()),
        hits=tuple(found),
        claims=tuple(claims),
        dropped=answer.dropped + lost,
        differences=tuple(d for d in compared if len(d.accounts) > 1),
        independent=0 if lost else answer.independent,  # What was counted is no longer known.
    )


def shown(answer: Answer) -> tuple[Citation, ...]:
    """What the panel of a checked answer lists: its citations, or else related passages."""
    if answer.status == "answered":
        return tuple(sorted(answer.citations, key=lambda c: c.label))
    return tuple(whole(hit.passage) for hit in answer.hits[:RELATED])


def whole(passage: Passage) -> Citation:
    """A passage as a citation of itself, without a label."""
    return Citation(0, passage.article_id, passage.start, passage.end, passage.text)


def turn_html(question: str, body: str) -> str:
    """One exchange of the conversation; `body` is HTML."""
    return f'<section class="turn"><h2>{escape(question)}</h2>{body}</section>'


def note_html(text: str) -> str:
    """A remark in Byline's own voice."""
    return f'<p class="note">{escape(text)}</p>'


def answer_html(answer: Answer, articles: Articles) -> str:
    """A checked answer: each claim with the labels of its sources, then the remarks."""
    cited = {c.label: c for c in answer.citations}
    parts = []
    if answer.status == "unanswered":
        looked_for = f"<q>{escape(answer.understood)}</q>{_correct(answer)}"
        parts.append(f'<p class="verdict">The archive does not hold an answer to: {looked_for}</p>')
        parts += [note_html("What comes nearest is listed as related reading.")] * bool(answer.hits)
    else:
        parts += [_understood_html(answer)] * (answer.understood != answer.question)
        unit = "sentence" if answer.mode == "generated" else "quote"
        parts.append(
            _claims_html(answer, cited, articles)
            or f'<p class="verdict">No {unit} could be verified, so none is shown.</p>'
        )
        parts += [_difference_html(d, cited, articles) for d in answer.differences]
        parts += [note_html(remark) for remark in _remarks(answer)]
    parts += [note_html(note) for note in answer.notes]
    if answer.dropped:
        quotes = "quote was" if answer.dropped == 1 else "quotes were"
        parts.append(
            note_html(
                f"{answer.dropped} {quotes} left out: not found, word for word, in the article."
            )
        )
    parts += [_left_out_html(answer.rejected)] * bool(answer.rejected)
    return "".join(parts)


def writing_html(answer: Answer, articles: Articles) -> str:
    """What stands so far of a checked answer that a model is writing: quotes are not shown yet."""
    parts = [_understood_html(answer)] * (answer.understood != answer.question)
    if answer.mode == "generated":
        parts.append(_claims_html(answer, {c.label: c for c in answer.citations}, articles))
    return "".join(parts) + f'<p class="note writing">{WRITING}</p>'


def _claims_html(answer: Answer, cited: Cited, articles: Articles) -> str:
    """The claims of an answer; written ones in a frame of their own that says who wrote them."""
    dated = len(answer.claims) > 1
    claims = "".join(_claim_html(claim, cited, articles, dated) for claim in answer.claims)
    if not claims or answer.mode == "extractive":
        return claims
    return f'<section class="written"><p class="by">{WRITTEN}</p>{claims}</section>'


def _left_out_html(rejected: Sequence[Rejected]) -> str:
    """The written sentences that are no part of the answer, and why, behind a closed line."""
    one = len(rejected) == 1
    items = (
        f'<li><span class="words" dir="auto">{escape(sentence.text)}</span>'
        f'<span class="reason" dir="auto">{escape(sentence.reason)}</span></li>'
        for sentence in rejected
    )
    what = "1 sentence was" if one else f"{len(rejected)} sentences were"
    them, they, reason = ("it", "it was", "reason") if one else ("them", "they were", "reasons")
    return (
        f'<details class="left-out"><summary>{what} left out</summary>'
        f"<p>The model wrote {them} too, and {they} left out for the {reason} given.</p>"
        f"<ul>{''.join(items)}</ul></details>"
    )


def _understood_html(answer: Answer) -> str:
    understood = escape(answer.understood)
    return f'<p class="note">Understood as: {understood}{_correct(answer)}</p>'


def _correct(answer: Answer) -> str:
    """What puts the question as understood into the question box, if it is not as it was typed."""
    if answer.understood == answer.question:
        return ""
    return (
        f' <button type="button" class="correct" data-question="{escape(answer.understood)}"'
        ' aria-label="Correct the question as understood">Correct</button>'
    )


def _remarks(answer: Answer) -> Iterator[str]:
    """What is to say of an answer as a whole."""
    reported = any(claim.verdict != "field" for claim in answer.claims)
    if reported and answer.independent == 1:
        yield "Stands in one report."
    elif reported and answer.independent:
        yield f"Stands in {answer.independent} independent reports; copies of one text count once."
    if answer.weak:
        yield WEAK


def sources_html(answer: Answer, articles: Articles) -> str:
    """The panel beside a checked answer: title, source, date, and each quote in its passage."""
    answered = answer.status == "answered"
    items = [
        f'<li><div class="source">{_button(c, articles[c.article_id], titled=True)}'
        f"{_byline(articles[c.article_id])}</div>"
        f"{_passage_html(c, articles[c.article_id], answer)}</li>"
        for c in shown(answer)
    ]
    if not items:
        return ""
    heading = "Sources" if answered else "Related reading"
    remark = "" if answered else note_html("Near the question, but not an answer to it.")
    return f"<h2>{heading}</h2>{remark}<ol>{''.join(items)}</ol>"


def article_html(article: Article, highlights: Iterable[Span] = ()) -> str:
    """The whole article in a dialog, its highlights marked; closed until a script opens it."""
    title = f'<h2 id="article-title">{escape(title_of(article))}</h2>'
    return _dialog(
        title + _byline(article) + _link(article),
        f'<div class="article-text" dir="auto" lang="{escape(article.language)}">'
        f"{_marked(article.text, highlights)}</div>",
    )


def missing_html(reason: str) -> str:
    """The dialog in place of an article that cannot be shown."""
    return _dialog('<h2 id="article-title">Not shown</h2>', note_html(reason))


def title_of(article: Article) -> str:
    return article.title or article.origin or "Untitled"


def _borne_out(citation: Citation, articles: Articles) -> bool:
    article = articles.get(citation.article_id)
    return article is not None and holds(citation, article)


def _dialog(head: str, body: str) -> str:
    return (
        '<dialog aria-labelledby="article-title"><header><form method="dialog">'
        '<button class="close" aria-label="Close the article">Close</button></form>'
        f"{head}</header>{body}</dialog>"
    )


def _supported(claim: Claim, cited: Cited, articles: Articles) -> Claim | None:
    """The claim with its verified labels; None without any, or if it misquotes what they cite.

    A written sentence was checked against all its quotes together, so it falls with any of them.
    """
    labels = tuple(label for label in claim.labels if label in cited)
    if claim.verdict == "verbatim":
        fits = any(claim.text in cited[label].quote for label in labels)
    elif claim.verdict == "supported":
        fits = labels == claim.labels
    else:
        fits = says(claim, [articles[cited[label].article_id] for label in labels])
    return replace(claim, labels=labels) if labels and fits else None


def _is_account(account: Account, cited: Cited, articles: Articles) -> bool:
    """Whether its words stand in a verified quote, and its speaker in the article."""
    citation = cited.get(account.label)
    if citation is None:
        return False
    start, end = account.span
    named = account.speaker in articles[citation.article_id].text
    return named and 0 <= start < end <= len(citation.quote)


def _claim_html(claim: Claim, cited: Cited, articles: Articles, dated: bool) -> str:
    """A quote, or a plain sentence; `dated`: each label with its source and date."""
    tag = "blockquote" if claim.verdict == "verbatim" else "p"
    buttons = []
    for label in claim.labels:
        article = articles[cited[label].article_id]
        origin = f' <small class="origin">{escape(_origin(article))}</small>'
        buttons.append(_button(cited[label], article) + origin * (dated and tag == "blockquote"))
    words = _marked(claim.text, claim.marks)
    return (
        f'<{tag} class="claim"><span class="words" dir="auto">{words}</span> '
        f"{' '.join(buttons)}</{tag}>"
    )


def _difference_html(difference: Difference, cited: Cited, articles: Articles) -> str:
    """A box of accounts that do not agree: the words, who says so, and where."""
    items = []
    for account in difference.accounts:
        citation = cited[account.label]
        article = articles[citation.article_id]
        words = escape(citation.quote[slice(*account.span)])
        says = " in ".join(filter(None, (account.speaker, _origin(article))))
        items.append(
            f'<li><b class="words" dir="auto">{words}</b> <span class="origin">{escape(says)}'
            f"</span> {_button(citation, article)}</li>"
        )
    return f'<section class="differ"><h3>Accounts differ</h3><ul>{"".join(items)}</ul></section>'


def _origin(article: Article) -> str:
    """The source and date of an article, in short."""
    return ", ".join(filter(None, (article.source or title_of(article), article.day)))


def _button(citation: Citation, article: Article, titled: bool = False) -> str:
    """What opens the article: the label in the answer, the label and the title in the panel."""
    label = f"[{citation.label}]" if citation.label else ""
    title = escape(title_of(article))
    name = "" if titled else f' aria-label="{label} {title}: open the article at this quote"'
    face = f'<b class="label">{label}</b>' * bool(label) + f'<span class="title">{title}</span>'
    return (
        f'<button type="button" class="{"titled" if titled else "label"}"{name}'
        f' data-article="{escape(citation.article_id)}" data-start="{citation.start}"'
        f' data-end="{citation.end}">{face if titled else label}</button>'
    )


def _byline(article: Article) -> str:
    parts = (article.source or "source not given", article.author, article.day or "undated")
    return f'<p class="byline">{escape(" · ".join(part for part in parts if part))}</p>'


def _link(article: Article) -> str:
    if not re.match(r"https?://", article.url, re.IGNORECASE):
        return ""
    return (
        f'<a href="{escape(article.url)}" target="_blank" rel="noopener noreferrer">'
        "Read it where it was published</a>"
    )


def _passage_html(citation: Citation, article: Article, answer: Answer) -> str:
    """The quote marked in its passage; a related passage, which has no quote, only begun."""
    text, start, end = article.text, citation.start, citation.end
    if answer.status == "unanswered":
        first, last, end = start, end, start
    else:
        passages = (h.passage for h in answer.hits if h.passage.article_id == article.id)
        around = ((p.start, p.end) for p in passages if p.start <= start and end <= p.end)
        first, last = next(around, (start, end))
    low, high = max(first, start - CONTEXT), min(last, end + CONTEXT * (1 + (start == end)))
    # Cut between words, where there is a space to cut at.
    low = max(low, text.find(" ", low, start) + 1) if low > first else low
    space = text.rfind(" ", end + 1, high) if high < last else -1
    high = space if space > 0 else high
    cut = " cut-before" * (low > first) + " cut-after" * (high < last)
    words = _marked(text[low:high], [(start - low, end - low)])
    return f'<blockquote class="passage{cut}" dir="auto">{words}</blockquote>'


def _marked(text: str, spans: Iterable[Span]) -> str:
    """The text escaped, its spans (which may overlap) in <mark>."""
    parts, done = [], 0
    for start, end in sorted(spans):
        start, end = max(start, done), min(end, len(text))
        if start < end:
            parts += [escape(text[done:start]), f"<mark>{escape(text[start:end])}</mark>"]
            done = end
    return "".join(parts) + escape(text[done:])
