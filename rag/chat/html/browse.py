"""Renders what is found without a question: the form, articles page by page, and their counts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from rag.chat.html.archives import report_html
from rag.chat.html.filters import drawn
from rag.chat.html.markup import data, marked, note_html
from rag.chat.place import Place
from rag.citation import Articles
from rag.export.escaping import escape, escape_value, fields
from rag.export.reference import day_of
from rag.ingest import Report
from rag.text.dates import month_days
from rag.text.lines import marked_on_one_line
from rag.types import SORTS, Article, Citation, Found, Match, Span
from rag.wording import ENGLISH, Wording

Link = Callable[..., str]
"""The address of the place that is shown, with changes: `link(page=2)`."""
_CLIP = 280
"""Characters of an excerpt that are shown, about what was looked for."""
_FEW = 8
"""Sources from which on they can be searched."""


def views_html(place: Place, key: str, say: Wording = ENGLISH) -> str:
    """Render the links to the conversation and to what stands in its place."""
    views = (("", "view_ask"), ("search", "view_search"), ("articles", "view_articles"),
             ("names", "view_names"))  # fmt: skip
    current, shown = ' aria-current="page"', "names" if place.view == "name" else place.view
    links = "".join(
        f'<li><a href="{escape(Place(view).link(key))}"{data(view=view)}'  # type: ignore[arg-type]
        f"{current * (view == shown)}>{escape(say(word))}</a></li>"
        for view, word in views
    )
    return f'<nav class="views" aria-label="{escape(say("views"))}"><ul>{links}</ul></nav>'


def found_html(
    place: Place,
    found: Found | None,
    articles: Articles,
    link: Link,
    say: Wording = ENGLISH,
    problem: str = "",
    unread: Report | None = None,
) -> str:
    """Render a search, or the list of all articles. `found` is None where nothing is looked for
    yet, or cannot be: then `problem` says why. `unread`: of the files that were not read."""
    title = f'<h2 tabindex="-1">{escape(say(f"view_{place.view}"))}</h2>'
    form = _form_html(place, say)
    told = f'<div role="alert">{note_html(problem)}</div>' if problem else ""
    if found is None:
        hint = "" if problem else note_html(say("search_how"))
        return f"{title}{form}{told}{hint}"
    start = (found.page - 1) * max(1, len(found.matches)) + 1
    items = "".join(_item_html(one, articles, link, say) for one in found.matches)
    counts = (
        f"{months_html(found.months, place, link, say)}"
        f"{sources_html(found.sources, place, link, say)}"
        f"{report_html(unread, 'read', say) if unread else ''}"
    )
    return (
        f'{title}{form}<div class="found-articles"><div>'
        f'<p class="total" role="status">{escape(_total(found, say))}</p>'
        f'<ol class="results" start="{start}">{items}</ol>{_pager_html(found, link, say)}</div>'
        f'<aside aria-label="{escape(say("counts"))}">{counts}</aside></div>'
    )


def months_html(months: Mapping[str, int], place: Place, link: Link, say: Wording = ENGLISH) -> str:
    """Render the articles of each month as a chart with numbers; each bar chooses its month."""
    if not months:
        return ""
    most = max(months.values())
    bars = "".join(
        _bar_html(month, months[month], most, place, link, say)
        if month
        else '<li class="gap">…</li>'
        for month in drawn(months)
    )
    caption = escape(say("by_month_counts"))
    return (
        f'<figure class="months numbered"><figcaption>{caption}</figcaption>'
        f'<ol tabindex="0" aria-label="{caption}">{bars}</ol></figure>'
    )


def sources_html(
    sources: Mapping[str, int], place: Place, link: Link, say: Wording = ENGLISH
) -> str:
    """Render the sources with their articles, most first; many with a field to search them."""
    named = [(source, n) for source, n in sources.items() if source]
    if not named:
        return ""
    items = "".join(_source_html(source, n, place, link, say) for source, n in named)
    sift = (
        f'<label class="sift"><span class="unseen">{escape(say("sources_search"))}</span>'
        f'<input type="search" placeholder="{escape(say("sources_search"))}" autocomplete="off" '
        'dir="auto"></label>'
    )
    without = sources.get("", 0)
    rest = note_html(say("without_source", n=without)) if without else ""
    return (
        f'<section class="tallies"><h3>{escape(say("sources"))}</h3>{sift * (len(named) > _FEW)}'
        f"<ul>{items}</ul>{rest}</section>"
    )


def _form_html(place: Place, say: Wording) -> str:
    """The form of a search: words, days, order, and the sources that are chosen."""
    orders = "".join(
        f'<option value="{sort * (sort != SORTS[0])}"{" selected" * (sort == place.sort)}>'
        f"{escape(say(f'sort_{sort}'))}</option>"
        for sort in SORTS
    )
    hidden = "".join(
        f'<input type="hidden" name="source" value="{escape_value(source)}">'
        for source in place.source
    )
    days = "".join(
        f'<label>{escape(say(key))} <input type="date" name="{name}" id="find-{name}" '
        f'value="{day or ""}"></label>'
        for key, name, day in (("from", "since", place.since), ("to", "until", place.until))
    )
    label = escape(say("search_words" if place.view == "search" else "search_filter"))
    return (
        f'<form class="finding" role="search" method="get"><input type="hidden" name="view" '
        f'value="{place.view}">{hidden}<p class="finding-words"><label for="find-words">{label}'
        f'</label><span><input type="search" name="find" id="find-words" maxlength="1000" '
        f'value="{escape_value(place.find)}" autocomplete="off" dir="auto"><button type="submit" '
        f'class="primary">{escape(say("search"))}</button></span></p>'
        f'<p class="finding-more">{days}<label>{escape(say("sort"))} <select name="sort" '
        f'id="find-sort">{orders}</select></label></p></form>'
    )


def _total(found: Found, say: Wording) -> str:
    if found.total == found.searched:
        return say("articles", n=found.total)
    return say("found", n=found.total, total=found.searched)


def _item_html(match: Match, articles: Articles, link: Link, say: Wording) -> str:
    """An article that fits: its title, which opens it, where it is from, and excerpts."""
    article = articles.get(match.article_id)
    if article is None:
        return f"<li>{note_html(say('article_gone'))}</li>"
    at = match.in_text[0][0] if match.in_text else -1
    title = marked(article.headline, match.in_title if article.title else ())
    n = len(match.in_text) + len(match.in_title)
    times = f' <span class="times">{escape(say("times", n=n))}</span>' if n > 1 else ""
    excerpts = "".join(_excerpt_html(one, match.in_text, link) for one in match.excerpts)
    return (
        f'<li><a class="titled" dir="auto" href="{escape(link(article=article.id, at=at))}" '
        f'data-view>{title}</a><p class="origin"><span>{where_html(article, say)}</span>{times}</p>'
        f"{excerpts}</li>"
    )


def _excerpt_html(excerpt: Citation, spans: Iterable[Span], link: Link) -> str:
    """A sentence with what was looked for marked; of a long one, what is about the first mark."""
    start, end = excerpt.start, excerpt.end
    here = [(a - start, b - start) for a, b in spans if start <= a and b <= end]
    text, here = marked_on_one_line(excerpt.quote, here)
    first = here[0][0] if here else 0
    cut = 0
    if len(text) > _CLIP and first > _CLIP // 2:
        cut = text.find(" ", first - _CLIP // 2) + 1
    last = len(text)
    if last - cut > _CLIP:
        last = max(text.rfind(" ", 0, cut + _CLIP), here[0][1] if here else cut + _CLIP)
    clipped = [(a - cut, b - cut) for a, b in here if cut <= a and b <= last]
    before, behind = "… " * (cut > 0), " …" * (last < len(text))
    return f'<p class="excerpt" dir="auto">{before}{marked(text[cut:last], clipped)}{behind}</p>'


def where_html(article: Article, say: Wording) -> str:
    """Render the source and day of an article, or that they are not known."""
    return fields((article.source or say("no_source"), day_of(article, say)))


def _pager_html(found: Found, link: Link, say: Wording) -> str:
    if found.pages == 1:
        return ""
    steps = []
    for key, page in (("page_before", found.page - 1), ("page_after", found.page + 1)):
        if 1 <= page <= found.pages:
            steps.append(f'<a href="{escape(link(page=page))}" data-view>{escape(say(key))}</a>')
    where = f"<span>{escape(say('page_of', page=found.page, n=found.pages))}</span>"
    steps.insert(1 if found.page > 1 else 0, where)
    return f'<nav class="pager" aria-label="{escape(say("pages_named"))}">{" ".join(steps)}</nav>'


def _bar_html(month: str, count: int, most: int, place: Place, link: Link, say: Wording) -> str:
    first, _ = month_days(month)
    named = escape(f"{say.month(first)}: {say('articles', n=count)}")
    face = (
        f'<span class="count">{say.number(count)}</span>'
        f'<span class="bar" style="height:{0.6 * count / most:.0%}"></span>'
        f'<span class="when">{escape(say.month_in_short(first))}</span>'
    )
    if not count:
        return f'<li class="none"><span class="month" title="{named}">{face}</span></li>'
    days = place.days(month)
    current = ' aria-current="true"' * (days["since"] is None)
    return (
        f'<li><a class="month" href="{escape(link(**days))}" data-view title="{named}" '
        f'aria-label="{named}"{current}>{face}</a></li>'
    )


def _source_html(source: str, n: int, place: Place, link: Link, say: Wording) -> str:
    chosen = source in place.source
    others = tuple(one for one in place.source if one != source)
    then = escape(link(source=others if chosen else (*place.source, source)))
    label = f' aria-label="{escape(say("without", filter=source))}"' * chosen
    sign = '<span aria-hidden="true"> ×</span>' * chosen
    label += ' aria-current="true"' * chosen
    return (
        f'<li><a href="{then}" data-view{label}>'
        f'<span dir="auto">{escape(source)}</span>{sign}</a> '
        f'<span class="count">{say.number(n)}</span></li>'
    )
