"""The small pieces that every part of the page is made of; owns escaping.

No text of an article, a question or a model gets into a page but through `html.escape`.
"""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from rag.export.reference import day_of, web_address
from rag.types import Article, Citation, Span
from rag.wording import Wording


def page(body: str, say: Wording) -> str:
    """A part of the page in a language and its direction; Gradio's own blocks run left to right."""
    tag = f'<div class="part" lang="{say.language}" dir="{say.direction}">'
    return f"{tag}{body}</div>" if body else ""


def note_html(text: str) -> str:
    """A remark in Byline's own voice."""
    return f'<p class="note" dir="auto">{escape(text)}</p>'


def origin_of(article: Article, say: Wording) -> str:
    """The source and date of an article, in short."""
    published = say.day(article.published) if article.published else ""
    return ", ".join(filter(None, (article.source or article.headline, published)))


def byline(article: Article, say: Wording) -> str:
    """Source, author and date in one line."""
    parts = (article.source or say("no_source"), article.author, day_of(article, say))
    return f'<p class="byline" dir="auto">{escape(" · ".join(part for part in parts if part))}</p>'


def origin_link(article: Article, say: Wording) -> str:
    """The link to where an article was published, "" where its URL may not become one."""
    url = web_address(article)
    if not url:
        return ""
    return (
        f'<a href="{escape(url)}" target="_blank" rel="noopener noreferrer">'
        f"{escape(say('read_original'))}</a>"
    )


def data(**values: object) -> str:
    """Attributes that a script reads, as `data-name="value"`."""
    return "".join(f' data-{k.replace("_", "-")}="{escape(str(v))}"' for k, v in values.items())


def place(citation: Citation, turn: int) -> str:
    """The attributes that name a quote of a turn, for the script that opens its article."""
    return data(article=citation.article_id, start=citation.start, end=citation.end, turn=turn)


def button(citation: Citation, article: Article, turn: int, say: Wording, titled: bool) -> str:
    """What opens the article: the label in the answer, the label and the title in the panel."""
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
    """The text escaped, its spans (which may overlap) in <mark>, the active one set apart.

    Where spans overlap, the active one is whole, and the others have what is left.
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
