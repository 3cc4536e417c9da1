"""Renders the filters: those in force, the choices with their counts, a chart of the months."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from rag.chat.html.markup import data
from rag.export.escaping import escape, escape_value
from rag.export.reference import filter_of, value_of
from rag.text.dates import month_days
from rag.types import FIELDS, Facets, FieldName, Filters
from rag.wording import ENGLISH, Wording

_GAP = 3
"""Consecutive empty months that are drawn as one gap."""
_OFFERED = 20
"""Values of a field that have a checkbox."""
_COMPLETED = 500
"""Other values that the browser completes."""


def filters_html(
    facets: Facets, filters: Filters, total: int, title: str = "", say: Wording = ENGLISH
) -> str:
    """Render the filters in force and, in a closed <details>, the choices.

    `total`: articles without any filter. `title`: that of the only article, if there is one.
    """
    choices = (
        f'<form class="narrow"{data(article=filters.article)}>'
        f"{_sources_html(facets, filters, say)}{_dates_html(facets, filters, say)}"
        f"{_more_html(facets, filters, say)}</form>"
        f"{_months_html(facets, filters, say)}"
    )
    return (
        f"{_in_force_html(facets, filters, total, title, say)}"
        f'<details id="narrow-down"><summary>{escape(say("narrow"))}</summary>{choices}</details>'
    )


def _in_force_html(facets: Facets, filters: Filters, total: int, title: str, say: Wording) -> str:
    """One button for each filter, which removes it, and the number of articles left."""
    if filters == Filters():
        return f'<p class="in-force">{escape(say("asks_all", n=total))}</p>'
    chips = [
        (say("only", title=title), replace(filters, articles=None)) if filters.article else None,
        *(
            (source, replace(filters, sources=tuple(s for s in filters.sources if s != source)))
            for source in filters.sources
        ),
        *(
            (filter_of(field, value, say), _without(filters, field, value))
            for field in FIELDS
            for value in filters.of(field)
        ),
        (say("since", day=say.day(filters.since)), replace(filters, since=None))
        if filters.since
        else None,
        (say("until", day=say.day(filters.until)), replace(filters, until=None))
        if filters.until
        else None,
    ]
    items = "".join(
        f'<li><button type="button" class="chip"{_applies(then)} '
        f'aria-label="{escape(say("without", filter=text))}">'
        f'<span dir="auto">{escape(text)}</span> <span aria-hidden="true">×</span></button></li>'
        for text, then in filter(None, chips)
    )
    left = escape(say("left", n=facets.articles, total=say.number(total)))
    every = (
        f'<button type="button" class="plain"{_applies(Filters())}>{escape(say("all"))}</button>'
    )
    return (
        f'<div class="in-force"><ul aria-label="{escape(say("in_force"))}">{items}</ul>'
        f"<p>{left} {every}</p></div>"
    )


def _without(filters: Filters, field: FieldName, value: str) -> Filters:
    kept = {field: tuple(other for other in filters.of(field) if other != value)}
    return replace(filters, **kept)  # type: ignore[arg-type]


def _sources_html(facets: Facets, filters: Filters, say: Wording) -> str:
    """A checkbox for each source, with the number of articles that it would leave."""
    if not facets.sources:
        return ""
    boxes = (
        _box_html("source", number, source, source, count, source in filters.sources, say)
        for number, (source, count) in enumerate(facets.sources.items())
    )
    return f"<fieldset><legend>{escape(say('sources'))}</legend>{''.join(boxes)}</fieldset>"


def _more_html(facets: Facets, filters: Filters, say: Wording) -> str:
    """The choices of fields that have several values, in a closed <details>; "" without any."""
    sets = "".join(_field_html(field, facets.of(field), filters.of(field), say) for field in FIELDS)
    summary = f"<summary>{escape(say('more_filters'))}</summary>"
    return f'<details id="more-filters">{summary}<div>{sets}</div></details>' if sets else ""


def _field_html(
    field: FieldName, counts: Mapping[str, int], chosen: Sequence[str], say: Wording
) -> str:
    """A checkbox for each value of a field; of very many only for those of most articles and those
    chosen, and a box to type another in."""
    if len(counts) < 2 and not chosen:
        return ""
    name = field.removesuffix("s")
    boxes, others = [], []
    for number, (value, count) in enumerate(counts.items()):
        if number < _OFFERED or value in chosen:
            face = value_of(field, value, say)
            boxes.append(_box_html(name, number, value, face, count, value in chosen, say))
        else:
            others.append(value)
    legend = f"<legend>{escape(say(field))}</legend>"
    return f"<fieldset>{legend}{''.join(boxes)}{_others_html(name, others, say)}</fieldset>"


def _box_html(
    name: str, number: int, value: str, face: str, count: int, chosen: bool, say: Wording
) -> str:
    return (
        f'<label><input type="checkbox" name="{name}" id="{name}-{number}" '
        f'value="{escape_value(value)}"{" checked" * chosen}> '
        f'<span dir="auto">{escape(face)}</span> <span class="count">{say.number(count)}</span>'
        "</label>"
    )


def _others_html(name: str, others: Sequence[str], say: Wording) -> str:
    """A box to type a value in that has no checkbox; the browser completes it."""
    if not others:
        return ""
    options = "".join(
        f'<option value="{escape_value(value)}"></option>' for value in others[:_COMPLETED]
    )
    return (
        f"<label>{escape(say('one_of_others', n=len(others)))} "
        f'<input type="text" name="{name}" id="{name}-other" list="{name}-others" dir="auto" '
        f'autocomplete="off"></label><datalist id="{name}-others">{options}</datalist>'
    )


def _dates_html(facets: Facets, filters: Filters, say: Wording) -> str:
    """The fields for the first and last date, with a remark on undated articles."""
    fields = "".join(
        f"<label>{escape(say(key))} "
        f'<input type="date" name="{name}" id="{name}" value="{day or ""}"></label>'
        for key, name, day in (("from", "since", filters.since), ("to", "until", filters.until))
    )
    undated = f'<p class="note">{escape(say("undated_count", n=facets.undated))}</p>'
    return (
        f"<fieldset><legend>{escape(say('published'))}</legend>{fields}"
        f"{undated * bool(facets.undated)}</fieldset>"
    )


def _months_html(facets: Facets, filters: Filters, say: Wording) -> str:
    """A bar chart of the articles per month; each bar is a button that sets or clears the month."""
    if not facets.months:
        return ""
    most = max(facets.months.values())
    bars = "".join(
        _bar_html(month, facets.months[month], most, filters, say)
        if month
        else '<li class="gap">…</li>'
        for month in drawn(facets.months)
    )
    return (
        f'<figure class="months"><figcaption>{escape(say("by_month"))}</figcaption>'
        f'<ol tabindex="0" aria-label="{escape(say("by_month"))}">{bars}</ol></figure>'
    )


def _bar_html(month: str, count: int, most: int, filters: Filters, say: Wording) -> str:
    first, last = month_days(month)
    chosen = (filters.since, filters.until) == (first, last)
    days = (None, None) if chosen else (first, last)
    then = replace(filters, since=days[0], until=days[1])
    named = escape(f"{say.month(first)}: {say('articles', n=count)}")
    face = (
        f'<span class="bar" style="height:{count / most:.0%}"></span>'
        f'<span class="when">{escape(say.month_in_short(first))}</span>'
    )
    if not count:
        return f'<li class="none"><span class="month" title="{named}">{face}</span></li>'
    return (
        f'<li><button type="button" class="month" id="month-{month}" title="{named}" '
        f'aria-label="{named}" aria-pressed="{str(chosen).lower()}"{_applies(then)}>{face}'
        "</button></li>"
    )


def drawn(months: Mapping[str, int]) -> Iterator[str]:
    """The months in order; "" for `_GAP` or more without articles."""
    empty: list[str] = []
    for month, count in months.items():
        if not count:
            empty.append(month)
            continue
        yield from empty if len(empty) < _GAP else [""]
        empty = []
        yield month


def _applies(filters: Filters) -> str:
    """The attribute with the filters that a button applies."""
    return data(filters=json.dumps(filters.values(), ensure_ascii=False))
