"""Renders the fold for many questions at once, and that of the standing questions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from rag.chat.html.markup import (
    data,
    note_html,
    origin_html,
    origin_link,
    plain_button,
    remarks_html,
)
from rag.chat.questions import Line
from rag.export.escaping import escape
from rag.export.evidence import Evidence
from rag.text.lines import on_one_line
from rag.types import Note
from rag.wording import ENGLISH, Wording

_PROBLEMS = 50
"""Lines of a file that are named of those that cannot be asked."""


def batch_html(say: Wording = ENGLISH) -> str:
    """Render what the fold is for, and the table to begin with."""
    example = (
        f'<button type="button" class="plain" data-save="example">{_text("batch_example", say)}'
    )
    return f'{note_html(say("batch_why"))}<p class="tools">{example}</button></p>'


def batch_running_html(done: int, total: int, say: Wording = ENGLISH) -> str:
    """Render how far a batch is, with a button that ends it."""
    told = escape(say("batch_running", i=done, n=total))
    stop = plain_button("stop", say, remove="")
    return (
        f'<p class="told" role="status">{told}</p>'
        f'<progress max="{total}" value="{done}" aria-label="{told}"></progress>'
        f'<p class="tools">{stop}</p>'
    )


def batch_done_html(
    asked: int, answered: int, total: int, remark: str, say: Wording = ENGLISH
) -> str:
    """Render what became of a batch, with buttons that save its sheet."""
    told = say("batch_done", n=asked, answered=answered)
    left = note_html(say("batch_left", n=total - asked)) if asked < total else ""
    tools = "".join(plain_button(f"batch_{kind}", say, save=kind) for kind in ("xlsx", "csv"))
    alert = f'<div role="alert">{note_html(remark)}</div>' if remark else ""
    status = f'<p class="told" role="status">{escape(told)}</p>'
    return f'{alert}{status}{left}<p class="tools">{tools}</p>' if asked else f"{alert}{left}"


def problems_html(problems: Sequence[Note | str], say: Wording = ENGLISH) -> str:
    """Render why a file was not asked: each bad line, with the remedy."""
    items = "".join(f"<li>{escape(say.note(one))}</li>" for one in problems[:_PROBLEMS])
    rest = len(problems) - _PROBLEMS
    more = note_html(say("left_more", n=rest)) if rest > 0 else ""
    return (
        f'<div role="alert">{note_html(say("batch_refused"))}'
        f'<ul class="left" dir="auto">{items}</ul>{more}</div>'
    )


def standing_html(
    lines: Sequence[Line],
    found: Sequence[Evidence],
    sources: Iterable[str],
    remark: str = "",
    say: Wording = ENGLISH,
) -> str:
    """Render the standing questions, a form for another one, and what was found, by day."""
    alert = f'<div role="alert">{note_html(remark)}</div>' if remark else ""
    kept = "".join(_line_html(line, say) for line in lines)
    shelf = f'<ul class="standing-questions">{kept}</ul>' if kept else ""
    told = "".join(_found_html(found, say)) if lines or found else ""
    return f"{note_html(say('standing_why'))}{alert}{_form_html(sources, say)}{shelf}{told}"


def _form_html(sources: Iterable[str], say: Wording) -> str:
    named = list(sources)
    options = "".join(f"<option>{escape(one)}</option>" for one in named)
    of = (
        f'<label class="field">{_text("standing_source", say)} <select name="source">'
        f'<option value="">{_text("standing_all", say)}</option>{options}</select></label>'
    )
    return (
        f'<form class="stand"><label class="field">{_text("question", say)} '
        '<input type="text" name="question" maxlength="1000" required autocomplete="off" '
        f'dir="auto"></label>{of if len(named) > 1 else ""}'
        f'<p class="tools"><button type="submit" class="primary">{_text("standing_add", say)}'
        "</button></p></form>"
    )


def _line_html(line: Line, say: Wording) -> str:
    source = f" · {escape(line.source)}" if line.source else ""
    name = escape(f"{say('standing_remove')}: {line.question}")
    return (
        f'<li><span><bdi dir="auto">{escape(line.question)}</bdi>{source}</span> '
        f'<button type="button" class="plain" aria-label="{name}"{data(remove=line.question)}>'
        f"{_text('standing_remove', say)}</button></li>"
    )


def _found_html(found: Sequence[Evidence], say: Wording) -> Iterator[str]:
    """What was found, newest day first, each quote with its source and the way to its article."""
    yield f"<h2>{_text('evidence_found', say)}</h2>"
    look = (
        f'<button type="button" class="plain" id="look" data-look="">{_text("standing_look", say)}'
    )
    yield f'<p class="tools">{look}</button></p>'
    if not found:
        yield note_html(say("evidence_none"))
    for day, items in groupby(found, lambda one: one.found.astimezone().date()):
        yield f"<h3>{escape(say('found_on', day=say.day(day)))}</h3>"
        by_question = sorted(items, key=lambda one: one.question)
        for question, quotes in groupby(by_question, lambda one: one.question):
            shown = "".join(_quote_html(one, say) for one in quotes)
            yield f'<p class="asked" dir="auto">{escape(question)}</p>'
            yield f'<ul class="found">{shown}</ul>'


def _quote_html(one: Evidence, say: Wording) -> str:
    span = one.citation.start, one.citation.end
    place = data(article=one.article.id, start=span[0], end=span[1], turn=0)
    weak = escape(say(f"match_{one.strength}"))
    return (
        f'<li><blockquote dir="auto" title="{weak}">{escape(on_one_line(one.citation.quote))}'
        f'</blockquote><p class="byline"><button type="button" class="titled"{place}>'
        f'<span class="title" dir="auto">{escape(one.article.headline)}</span></button> '
        f"{origin_html(one.article, say, span)} {origin_link(one.article, say, span)}</p>"
        f"{remarks_html(one.article, say)}</li>"
    )


def _text(key: str, say: Wording) -> str:
    return escape(say(key))
