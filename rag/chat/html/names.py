"""Renders names: the list of those that articles speak of, and the page of one."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from rag.chat.html.browse import Link, months_html, sources_html, where_html
from rag.chat.html.markup import data, marked, note_html
from rag.chat.place import Place
from rag.citation import Articles, is_verbatim
from rag.export.escaping import escape, escape_value
from rag.export.reference import quote_with_reference
from rag.text.lines import marked_on_one_line
from rag.types import Article, Name, NameKind, Profile, Saying
from rag.wording import ENGLISH, Wording

_KINDS: tuple[NameKind, ...] = ("person", "place", "other")
LISTED = 300
"""Names of a kind that are listed."""
_OPEN = 20
"""Quotations that are shown at once; the others are in a closed <details>."""


def names_html(
    names: Sequence[Name] | None, place: Place, link: Link, say: Wording = ENGLISH
) -> str:
    """Render the names that articles speak of, by kind, most first; None while they are not known.
    Any name can be typed, too."""
    form = (
        '<form class="finding" role="search" method="get"><input type="hidden" name="view" '
        'value="name"><p class="finding-words"><label for="find-words">'
        f"{escape(say('names_find'))}</label><span>"
        '<input type="search" name="name" id="find-words" maxlength="200" autocomplete="off" '
        f'value="{escape_value(place.name)}" dir="auto"><button type="submit" class="primary">'
        f"{escape(say('names_open'))}</button></span></p></form>"
    )
    title = f'<h2 tabindex="-1">{escape(say("view_names"))}</h2>{form}'
    if names is None:
        return f"{title}{note_html(say('names_coming'))}"
    kinds = "".join(_kind_html(kind, names, link, say) for kind in _KINDS)
    return f'{title}{note_html(say("names_how"))}<div class="kinds">{kinds}</div>'


def profile_html(
    profile: Profile, articles: Articles, place: Place, link: Link, say: Wording = ENGLISH
) -> str:
    """Render the page of a name: how many articles, the words of the one who is called so, by day
    and paper, what others say of them, and counts."""
    name, n = profile.name, profile.total
    title = f'<h2 tabindex="-1" dir="auto">{escape(say("name_articles", name=name, n=n))}</h2>'
    quoted = ""
    for key, sayings in (("said_by", profile.said), ("said_about", profile.about)):
        quoted += _sayings_html(key, name, sayings, articles, link, say) if sayings else ""
    if not profile.said:
        quoted = note_html(say("said_nothing", name=name)) + quoted
    every = link(view="search", find=f'"{name}"', name="")
    look = (
        f'<p class="more-of"><a href="{escape_value(every)}" data-view>'
        f"{escape(say('name_all_articles', name=name, n=n))}</a></p>"
    )
    limit = note_html(say("read_newest", n=profile.read)) if profile.read < n else ""
    counts = (
        f"{months_html(profile.months, place, link, say)}"
        f"{sources_html(profile.sources, place, link, say)}"
    )
    return (
        f'{title}<div class="found-articles"><div>{look * bool(n)}{quoted}'
        f"{note_html(say('name_sure'))}{limit}</div>"
        f'<aside aria-label="{escape(say("counts"))}">{counts}</aside></div>'
    )


def _kind_html(kind: NameKind, names: Sequence[Name], link: Link, say: Wording) -> str:
    held = [one for one in names if one.kind == kind][:LISTED]
    if not held:
        return ""
    items = "".join(
        f'<li><a href="{escape_value(link(view="name", name=one.name, find=""))}" data-view '
        f'dir="auto">{escape(one.name)}</a> <span class="count">{say.number(one.articles)}</span>'
        "</li>"
        for one in held
    )
    heading = say(f"names_{kind}")
    label = escape(f"{heading}: {say('names_search')}")
    return (
        f'<section class="tallies"><h3>{escape(heading)}</h3><label class="sift"><span '
        f'class="unseen">{label}</span><input type="search" autocomplete="off" dir="auto" '
        f'placeholder="{escape(say("names_search"))}"></label><ul>{items}</ul></section>'
    )


def _sayings_html(
    key: str, name: str, sayings: Sequence[Saying], articles: Articles, link: Link, say: Wording
) -> str:
    """Quotations by the day and source of their articles; the first ones open."""
    items = []
    shown = [one for one in sayings if one.citation.article_id in articles]
    for article_id, alike in groupby(shown, lambda one: one.citation.article_id):
        article = articles[article_id]
        quotes = [_saying_html(one, article, link, say) for one in alike
                  if is_verbatim(one.citation, article)]  # fmt: skip
        if quotes:
            items.append(
                f'<li><p class="origin">{where_html(article, say)} · <span dir="auto">'
                f"{escape(article.headline)}</span></p>{''.join(quotes)}</li>"
            )
    n = len(sayings)
    more = items[_OPEN:]
    folded = (
        f'<details class="report" id="{key}"><summary>{escape(say("listed_more", n=len(more)))}'
        f"</summary><ol>{''.join(more)}</ol></details>"
    )
    heading = escape(say(key, name=name, n=n))
    return (
        f'<section class="sayings"><h3>{heading}</h3><ol>{"".join(items[:_OPEN])}</ol>'
        f"{folded * bool(more)}</section>"
    )


def _saying_html(one: Saying, article: Article, link: Link, say: Wording) -> str:
    """A quotation within the sentences that hold it: a link that opens the article there."""
    cited = one.citation
    text, marks = marked_on_one_line(cited.quote, [one.span])
    there = link(view="name", article=cited.article_id, at=cited.start)
    copied = data(copy=quote_with_reference(cited, article, say), copied=say("copied"))
    return (
        f'<blockquote dir="auto"><a href="{escape_value(there)}" data-view>{marked(text, marks)}'
        f'</a> <button type="button" class="plain"{copied}>{escape(say("copy"))}</button>'
        "</blockquote>"
    )
