"""HTML fragments that the other modules share, and escaping.

Every text of an article, a question or a model goes through `rag.export.escaping.escape`.
"""

from __future__ import annotations

from collections.abc import Iterable

from rag.export.escaping import escape, escape_value, fields
from rag.export.reference import day_of, page_of, remarks_on, web_address
from rag.types import Article, Citation, Span
from rag.wording import Wording
from rag.wording.visible import isolated


def page(body: str, say: Wording) -> str:
    """Wrap a part of the page in its language and direction; Gradio's blocks are left to right."""
    tag = f'<div class="part" lang="{say.language}" dir="{say.direction}">'
    return f"{tag}{body}</div>" if body else ""


def note_html(text: str) -> str:
    """Render a remark of Byline's."""
    return f'<p class="note" dir="auto">{escape(text)}</p>'


def origin_of(article: Article, say: Wording, span: Span | None = None) -> str:
    """Return the source and date of an article, and the page of a span, as text."""
    return ", ".join(isolated(one, say.direction) for one in _origin(article, say, span))


def origin_html(article: Article, say: Wording, span: Span | None = None) -> str:
    """Render the same."""
    return fields(_origin(article, say, span), ", ")


def _origin(article: Article, say: Wording, span: Span | None) -> list[str]:
    published = say.day(article.published) if article.published else ""
    known = article.source or article.headline, published, page_of(article, span, say)
    return [one for one in known if one]


def byline(article: Article, say: Wording, span: Span | None = None) -> str:
    """Render source, author, date and the page of a span in one line."""
    place = page_of(article, span, say)
    parts = (article.source or say("no_source"), article.author, day_of(article, say), place)
    return f'<p class="byline">{fields(parts)}</p>'


def remarks_html(article: Article, say: Wording) -> str:
    """Render what to know of an article besides; "" where there is nothing."""
    return "".join(map(note_html, remarks_on(article, say)))


def origin_link(article: Article, say: Wording, span: Span | None = None) -> str:
    """Render the link to the original article, to the page of a span where it is a PDF; "" unless
    its URL is a web address."""
    url = web_address(article, span)
    if not url:
        return ""
    return (
        f'<a href="{escape_value(url)}" target="_blank" rel="noopener noreferrer">'
        f"{escape(say('read_original'))}</a>"
    )


def data(**values: object) -> str:
    """Return data attributes, `data-name="value"`, for the script."""
    return "".join(
        f' data-{k.replace("_", "-")}="{escape_value(str(v))}"' for k, v in values.items()
    )


def plain_button(key: str, say: Wording, **sent: str) -> str:
    """Render a button with the text under `key`; the script sends `sent` of it."""
    return f'<button type="button" class="plain"{data(**sent)}>{escape(say(key))}</button>'


def place(citation: Citation, turn: int) -> str:
    """Return the data attributes that identify a citation of a turn."""
    return data(article=citation.article_id, start=citation.start, end=citation.end, turn=turn)


def button(citation: Citation, article: Article, turn: int, say: Wording, titled: bool) -> str:
    """Render the button that opens the article: its label or, if `titled`, label and title."""
    label = f"[{citation.label}]" if citation.label else ""
    title = escape(article.headline)
    name = "" if titled else f' aria-label="{escape(say("open_at", label=label))} {title}"'
    face = (
        f'<b class="label">{label}</b> ' * bool(label)
        + f'<span class="title" dir="auto">{title}</span>'
    )
    return (
        f'<button type="button" class="{"titled" if titled else "label"}"{name}'
        f"{place(citation, turn)}>{face if titled else label}</button>"
    )


def marked(text: str, spans: Iterable[Span], active: Span | None = None) -> str:
    """Escape a text and put its spans in <mark>, `active` with a class of its own.

    Spans may overlap: the active one is kept whole, the others are cut to what is left.
    """
    if active:
        first, last = active
        around = [((a, min(b, first)), (max(a, last), b)) for a, b in spans]
        spans = [active, *(span for pair in around for span in pair if span[0] < span[1])]
    parts, done = list[str](), 0
    for start, end in sorted(spans):
        start, end = max(start, done), min(end, len(text))
        if start < end:
            kind = ' class="active"' * ((start, end) == active)
            parts += [escape(text[done:start]), f"<mark{kind}>{escape(text[start:end])}</mark>"]
            done = end
    return "".join(parts) + escape(text[done:])
