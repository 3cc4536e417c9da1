"""Renders the articles that a question counts or lists: how many, then each with its title."""

from __future__ import annotations

from dataclasses import replace

from rag.chat.html.markup import button, note_html, origin_html
from rag.citation import LISTED, Articles, statements
from rag.export.escaping import escape
from rag.types import Answer, Citation
from rag.wording import ENGLISH, Wording

_OPEN = 10
"""Articles shown at once; the others are in a closed <details>."""


def listing_html(answer: Answer, articles: Articles, turn: int = 0, say: Wording = ENGLISH) -> str:
    """Render the list of a verified answer, the first `LISTED` articles of it; "" without one.

    Each article can be opened: at its quote if it has one, else where the phrase first stands.
    """
    listing = answer.listing
    if listing is None:
        return ""
    places = {c.article_id: replace(c, label=0) for c in reversed(answer.citations)}
    items = [
        _item_html(places.get(one, Citation(0, one, 0, 0, "")), articles, turn, say)
        for one in listing.articles[:LISTED]
    ]
    said = escape(" ".join(map(say.note, statements(listing))))
    n = len(listing.articles)
    heading = f"<h3>{escape(say('listed', n=n))}</h3>"
    more = items[_OPEN:]
    folded = (
        f"<details><summary>{escape(say('listed_more', n=n - _OPEN))}</summary>"
        f'<ol start="{_OPEN + 1}">{"".join(more)}</ol>'
        f"{note_html(say('listed_rest', n=n - LISTED)) * (n > LISTED)}</details>"
    )
    return (
        f'<p class="claim" dir="auto"><span class="words">{said}</span></p>'
        f'<section class="listed">{heading}<ol>{"".join(items[:_OPEN])}</ol>'
        f"{folded * bool(more)}</section>"
    )


def _item_html(citation: Citation, articles: Articles, turn: int, say: Wording) -> str:
    article = articles[citation.article_id]
    opens = button(citation, article, turn, say, titled=True)
    return f'<li>{opens} <span class="origin" dir="auto">{origin_html(article, say)}</span></li>'
