"""Renders the masthead, the overview of the archive, and uploads."""

from __future__ import annotations

from collections.abc import Sequence

from rag.chat.html.markup import data, note_html
from rag.chat.place import Place
from rag.export.escaping import escape, escape_value
from rag.types import Overview
from rag.wording import ENGLISH, LANGUAGES, Wording


def all_archives(say: Wording) -> str:
    """The address of the page of all archives."""
    return f"?archives&lang={say.language}"


def masthead_html(
    say: Wording = ENGLISH, archive: str = "", others: bool = False, views: str = ""
) -> str:
    """Render the title, the choice of language, and the tagline or, of several archives, the name
    of the one that is asked, with the way to the `others`. `views`: the way to
    its views, as HTML."""
    current = ' aria-current="true"'
    links = "".join(
        f'<li><a id="language-{tag}" href="?lang={tag}" lang="{tag}" hreflang="{tag}"'
        f"{data(language=tag)}"
        f"{current * (tag == say.language)}>{name}</a></li>"
        for tag, name in LANGUAGES.items()
    )
    place = escape(say("tagline"))
    if others:
        back = f'<a href="{escape(all_archives(say))}">{escape(say("archives_all"))}</a>'
        place = f"<bdi>{escape(say.note(archive))}</bdi> · {back}" if archive else back
    return (
        f'<a class="skip" href="#question" data-skip>{escape(say("skip"))}</a>'
        f'<div class="names"><h1>Byline</h1><p>{place}</p></div>'
        f'<nav aria-label="{escape(say("language"))}"><ul>{links}</ul></nav>'
        f'{views}<p id="told" class="unseen" role="status"></p>'
    )


def introduction_html(say: Wording = ENGLISH) -> str:
    """Render the introduction, shown before the first question."""
    return f'<p class="introduction">{escape(say("introduction"))}</p>'


def welcome_html(
    overview: Overview | None,
    examples: Sequence[str],
    encoder: str,
    say: Wording = ENGLISH,
    key: str = "",
) -> str:
    """Render example questions, the size of the archive, and its most frequent names. `key`: of the
    archive, where there are several."""
    facts = _facts_html(overview, encoder, key, say) if overview else ""
    return _examples_html(examples, say) + facts


def waiting_html(stage: str, done: int, total: int, say: Wording = ENGLISH) -> str:
    """Render the progress of opening or building the index."""
    text = (
        say("indexing", stage=say(f"stage_{stage}"), i=done, n=total) if stage else say("opening")
    )
    bar = f'<progress max="{total}" value="{done}" aria-label="{escape(text)}"></progress>'
    return f'<div class="waiting" role="status"><p>{escape(text)}</p>{bar * bool(stage)}</div>'


def documents_html(
    articles: int,
    scope: str,
    failures: Sequence[tuple[str, str]] = (),
    duplicates: Sequence[tuple[str, str]] = (),
    remarks: Sequence[tuple[str, str]] = (),
    say: Wording = ENGLISH,
) -> str:
    """Render the visitor's documents: their number, the scope, and a report of the last upload.

    `failures`, `duplicates` and `remarks` are pairs of a file or title and a reason or remark; the
    remarks, which ask for nothing, are in a closed <details>.
    """
    report = _named_html((*failures, *duplicates), say)
    if remarks:
        summary = escape(say("documents_remarks", n=len(remarks)))
        report += f"<details><summary>{summary}</summary>{_named_html(remarks, say)}</details>"
    if not articles:
        return f"{note_html(say('documents_why'))}{report}"
    choices = "".join(
        f'<label><input type="radio" name="scope" id="scope-{value}" value="{value}"'
        f"{' checked' * (value == scope)}> {escape(say(f'scope_{value}'))}</label>"
        for value in ("both", "own", "archive")
    )
    return (
        f'<p role="status">{escape(say("documents_held", n=articles))} '
        f'<button type="button" class="plain" data-remove>{escape(say("documents_remove"))}'
        f'</button></p><form class="scope"><fieldset><legend>{escape(say("scope"))}</legend>'
        f"{choices}</fieldset></form>{report}"
    )


def _named_html(said: Sequence[tuple[str, str]], say: Wording) -> str:
    """What is said of each file or title, as a list; "" for nothing."""
    pairs = ((escape(name), escape(say.note(why))) for name, why in said)
    items = "".join(
        f'<li><b dir="auto">{name}</b>: <span dir="auto">{why}</span></li>' for name, why in pairs
    )
    return f'<ul class="left">{items}</ul>' if said else ""


def kept_html(feedback: str, say: Wording = ENGLISH) -> str:
    """Render the privacy notice. `feedback`: the file that stores ratings, or ""."""
    lines = [say("kept"), say("kept_feedback") if feedback else ""]
    return f'<footer class="kept">{"".join(note_html(line) for line in lines if line)}</footer>'


def _examples_html(examples: Sequence[str], say: Wording) -> str:
    if not examples:
        return ""
    buttons = "".join(
        f'<li><button type="button" class="example" dir="auto"{data(ask=question)}>'
        f"{escape(question)}</button></li>"
        for question in examples
    )
    heading = f"<h2>{escape(say('examples'))}</h2>"
    return f'<section class="examples">{heading}<ul>{buttons}</ul></section>'


def _facts_html(overview: Overview, encoder: str, key: str, say: Wording) -> str:
    """The size of the archive, its dates, and its most frequent names."""
    facts = [say("articles", n=overview.articles), say("from_sources", n=len(overview.sources))]
    if overview.first and overview.last:
        first, last = say.day(overview.first), say.day(overview.last)
        facts.append(first if first == last else say("span", first=first, last=last))
    facts += [say("undated_articles", n=overview.undated)] * bool(overview.undated)
    names = "".join(
        f'<li><a class="name" dir="auto" data-view '
        f'href="{escape_value(Place("name", name=name).link(key))}" '
        f'aria-label="{escape(say("name_articles", name=name, n=count))}">{escape(name)} '
        f'<span class="count">{say.number(count)}</span></a></li>'
        for name, count in overview.names.items()
    )
    listed = f"<h3>{escape(say('names'))}</h3><ul>{names}</ul>" if names else ""
    known = "reads_english" if encoder == "all-MiniLM-L6-v2" else "reads_other"
    return (
        f'<section class="holdings"><h2>{escape(say("holdings"))}</h2>'
        f"<p>{escape(' · '.join(facts))}</p>{listed}"
        f"{note_html(say(known))}</section>"
    )
