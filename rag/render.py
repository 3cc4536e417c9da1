"""Answers, sources and articles as HTML, and the last check before a quote is shown.

Owns escaping, and drops a quote that is not, character for character, what its article holds at
its place. Knows nothing of the page around it, of sessions, or of how answers are found.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from html import escape

from rag.cite import holds
from rag.types import Answer, Article, Citation, Claim, Passage, Span

CONTEXT = 240
"""Characters of its passage shown on either side of a quote."""
WEAK = "A weak match: it may not answer the question."
RELATED = 4
"""Related passages offered when there is no answer."""

Articles = Mapping[str, Article]


def checked(answer: Answer, articles: Articles) -> Answer:
    """The answer without the citations, claims and hits that its articles do not bear out."""
    cited = [c for c in answer.citations if _borne_out(c, articles)]
    found = [hit for hit in answer.hits if _borne_out(whole(hit.passage), articles)]
    claims = [_supported(claim, {c.label: c.quote for c in cited}) for claim in answer.claims]
    return replace(
        answer,
        citations=tuple(cited),
        hits=tuple(found),
        claims=tuple(claim for claim in claims if claim is not None),
        dropped=answer.dropped + len(answer.citations) - len(cited),
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
    if answer.understood != answer.question:
        parts.append(note_html(f"Understood as: {answer.understood}"))
    parts += [_claim_html(claim, cited, articles) for claim in answer.claims]
    if answer.status == "unanswered":
        parts.append('<p class="verdict">The archive does not hold an answer to this question.</p>')
        parts += [note_html("What comes nearest is listed as related reading.")] * bool(answer.hits)
    elif not answer.claims:
        parts.append('<p class="verdict">No quote could be verified, so none is shown.</p>')
    elif answer.mode == "generated":
        parts.append(note_html("Written by a language model and checked against the sources."))
    if answer.weak:
        parts.append(note_html(WEAK))
    parts += [note_html(note) for note in answer.notes]
    if answer.dropped:
        quotes = "quote was" if answer.dropped == 1 else "quotes were"
        parts.append(
            note_html(
                f"{answer.dropped} {quotes} left out: not found, word for word, in the article."
            )
        )
    return "".join(parts)


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


def _supported(claim: Claim, quotes: Mapping[int, str]) -> Claim | None:
    """The claim with its verified labels; None without any, or if it misquotes them."""
    labels = tuple(label for label in claim.labels if label in quotes)
    if claim.verdict == "verbatim" and not any(claim.text in quotes[label] for label in labels):
        return None
    return replace(claim, labels=labels) if labels else None


def _claim_html(claim: Claim, cited: Mapping[int, Citation], articles: Articles) -> str:
    tag = "blockquote" if claim.verdict == "verbatim" else "p"
    labels = " ".join(
        _button(cited[label], articles[cited[label].article_id]) for label in claim.labels
    )
    words = _marked(claim.text, claim.marks)
    return f'<{tag} class="claim"><span class="words" dir="auto">{words}</span> {labels}</{tag}>'


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
