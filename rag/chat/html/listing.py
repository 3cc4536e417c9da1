"""Renders the articles that a question counts or lists: how many, then each with its title."""

from __future__ import annotations

from dataclasses import replace

from rag.chat.html.browse import months_html
from rag.chat.html.markup import button, marked, note_html, origin_html
from rag.chat.place import Place, ViewName
from rag.citation import LISTED, Articles, statements
from rag.export.escaping import escape, escape_value
from rag.text.lines import marked_on_one_line
from rag.text.stems import names
from rag.types import Account, Answer, Citation
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
    topic = _topic_html(answer, articles, turn, say) if listing.wanted == "topic" else ""
    return (
        f'<p class="claim" dir="auto"><span class="words">{said}</span></p>{topic}'
        f'<section class="listed">{heading}<ol>{"".join(items[:_OPEN])}</ol>'
        f"{folded * bool(more)}</section>"
    )


def _topic_html(answer: Answer, articles: Articles, turn: int, say: Wording) -> str:
    """Render who speaks of a topic, its months, and the way to all that is there."""
    listing = answer.listing
    if listing is None:
        return ""
    cited = {c.label: c for c in answer.citations}
    heard = [one for one in listing.voices if one.label in cited]
    items = "".join(_voice_html(one, cited[one.label], articles, turn, say) for one in heard)
    voices = (
        f'<section class="sayings"><h3>{escape(say("topic_voices"))}</h3><ol>{items}</ol></section>'
    )
    filters = listing.filters
    find = " ".join(f'"{phrase}"' for phrase in listing.phrases)
    view: ViewName = "search" if find else "articles"
    there = Place(view, find=find, source=filters.sources, since=filters.since, until=filters.until)
    months = {one.source: one.articles for one in listing.months}
    chart = months_html(months, there, there.link, say) if len(months) > 1 else ""
    every = f'<a href="{escape_value(there.link())}" data-view>{escape(say("topic_search"))}</a>'
    named = "".join(
        f' <a href="{escape_value(Place("name", name=phrase).link())}" data-view>'
        f"{escape(phrase)}</a>"
        for phrase in listing.phrases
        if names(phrase) == [(0, len(phrase))]
    )
    return f'{voices * bool(heard)}{chart}<p class="more-of">{every}{named}</p>'


def _voice_html(
    voice: Account, cited: Citation, articles: Articles, turn: int, say: Wording
) -> str:
    """What a speaker says of a topic, as the article tells it, and where it stands."""
    article = articles[cited.article_id]
    opens = button(cited, article, turn, say, titled=False)
    text, marks = marked_on_one_line(cited.quote, [voice.span])
    return (
        f'<li><blockquote><span dir="auto">{marked(text, marks)}</span> {opens}</blockquote>'
        f'<p class="origin">{origin_html(article, say)}</p></li>'
    )


def _item_html(citation: Citation, articles: Articles, turn: int, say: Wording) -> str:
    article = articles[citation.article_id]
    opens = button(citation, article, turn, say, titled=True)
    return f'<li>{opens} <span class="origin" dir="auto">{origin_html(article, say)}</span></li>'
