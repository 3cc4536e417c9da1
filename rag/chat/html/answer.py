"""Renders an answer: how sure it is, the best quote large, the others folded, and remarks.

`rag.export.glance` finds what a strong or fair answer says at a glance, and
`rag.chat.html.declined` renders that there is none.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import replace

from rag.chat.html.asking import otherwise_html, understood_html
from rag.chat.html.declined import declined_html
from rag.chat.html.listing import listing_html
from rag.chat.html.markup import button, data, marked, note_html
from rag.chat.html.notebook import pin_html
from rag.citation import Articles, Cited
from rag.export.escaping import escape, escape_value, fields
from rag.export.glance import glance, remarks
from rag.export.reference import day_of, page_of, quote_with_reference, remarks_on
from rag.question.language import asked_in
from rag.text.lines import marked_on_one_line, on_one_line
from rag.text.relative_dates import relative_days
from rag.types import (
    Account,
    Answer,
    Article,
    Citation,
    Claim,
    Difference,
    Note,
    Rejected,
    Side,
)
from rag.wording import ENGLISH, Wording, wording


def turn_html(turn: int, question: str, body: str) -> str:
    """Render one exchange of the conversation; `body` is HTML."""
    return (
        f'<section class="turn" id="turn-{turn}" aria-labelledby="asked-{turn}">'
        f'<h2 id="asked-{turn}" dir="auto">{escape(question)}</h2>{body}</section>'
    )


def answer_html(answer: Answer, articles: Articles, turn: int = 0, say: Wording = ENGLISH) -> str:
    """Render a verified answer: how sure it is, the best quote, the others folded, the remarks."""
    if answer.unasked:
        return "".join(f'<p class="verdict">{escape(say.note(n))}</p>' for n in answer.notes)
    if answer.status == "unanswered":
        said = declined_html(answer, say) + otherwise_html(answer, turn, say)
        return said + _below_html(answer, articles, say)
    parts = [understood_html(answer, turn, say)]
    if answer.listing:
        parts.append(listing_html(answer, articles, turn, say))
    elif not answer.claims:
        unit = "no_sentence" if answer.mode == "generated" else "no_quote"
        parts.append(f'<p class="verdict">{escape(say(unit))}</p>')
    elif answer.mode == "generated":
        parts += [
            _written_html(answer, articles, turn, say),
            _differ_html(answer, articles, turn, say),
        ]
        parts.append(_more_html(answer, articles, answer.citations, turn, say))
    elif answer.stated:
        parts += [_claim_html(claim, answer, articles, turn, say) for claim in answer.claims]
    else:
        parts.append(_quoted_html(answer, articles, turn, say))
    return "".join(parts) + _below_html(answer, articles, say)


def writing_html(answer: Answer, articles: Articles, turn: int = 0, say: Wording = ENGLISH) -> str:
    """Render the verified part of an answer that a model is still writing, without quotes."""
    parts = [understood_html(answer, turn, say)]
    if answer.mode == "generated":
        parts.append(_written_html(answer, articles, turn, say))
    stop = f'<button type="button" class="plain" data-stop>{escape(say("stop"))}</button>'
    return "".join(parts) + f'<p class="note writing">{escape(say("writing"))} {stop}</p>'


def _quoted_html(answer: Answer, articles: Articles, turn: int, say: Wording) -> str:
    """An answer in quotes: a card with the answer at a glance and the best quote, or the quote
    without a card where it is doubtful; the other quotes folded."""
    best, *others = answer.citations
    quote = _quote_html(best, answer, articles, turn, say)
    state = _state_html(answer, say)
    more = _more_html(answer, articles, others, turn, say)
    found = glance(answer, articles)
    if found is None:
        return f"{state}{_differ_html(answer, articles, turn, say)}{quote}{more}"
    short = _short_html(found.sides[0], say) if found.kind == "words" else ""
    short += _differ_html(answer, articles, turn, say)
    return f'<section class="glance">{state}{short}{quote}</section>{more}'


def _state_html(answer: Answer, say: Wording) -> str:
    """How sure an answer is, in words, and how often such answers were right."""
    said = f"<b>{escape(say(f'match_{answer.strength}'))}</b>"
    if answer.measured:
        counted = escape(say("measured", n=answer.measured.tenths))
        said += f' <span class="measured">{counted}</span>'
    return f'<p class="state {answer.strength}" dir="auto">{said}</p>'


def _short_html(side: Side, say: Wording) -> str:
    """The short answer: the words, and whose they are."""
    words = f'<b class="words" dir="auto">{escape(on_one_line(side.words.quote))}</b>'
    day = say.day(side.published) if side.published else say("undated")
    origin = fields((side.speaker, side.source, day), ", ")
    return f'<p class="short">{words} <span class="origin">{origin}</span></p>'


def _more_html(
    answer: Answer, articles: Articles, others: Sequence[Citation], turn: int, say: Wording
) -> str:
    """Further quotes, closed unless a note speaks of one, and the days of all; "" for none."""
    if not others:
        return ""
    sources = say("articles", n=len({one.article_id for one in others}))
    key = "rests_on" if answer.mode == "generated" else "more_quotes"
    summary = escape(say(key, n=len(others), articles=sources))
    quotes = "".join(_quote_html(one, answer, articles, turn, say) for one in others)
    opened = " open" * any(note.key == "newer_figure" for note in answer.notes)
    return (
        f'<details class="more" id="more-{turn}"{opened}><summary>{summary}</summary>{quotes}'
        f"{_timeline_html(answer, articles, turn, say)}</details>"
    )


def _quote_html(
    citation: Citation, answer: Answer, articles: Articles, turn: int, say: Wording
) -> str:
    """A quote under its label, with headline, source and date."""
    claims = (claim for claim in answer.claims if claim.text == citation.quote)
    marks = next((claim.marks for claim in claims), ())
    article = articles[citation.article_id]
    shown = marked(*marked_on_one_line(citation.quote, marks))
    link = button(citation, article, turn, say, titled=False)
    return (
        f'<blockquote class="claim" dir="auto"><span class="words" dir="auto">{shown}</span> {link}'
        f"{_source_html(citation, article, turn, say)}</blockquote>"
    )


def _written_html(answer: Answer, articles: Articles, turn: int, say: Wording) -> str:
    """The sentences that a model wrote, in a section that says so."""
    claims = "".join(_claim_html(claim, answer, articles, turn, say) for claim in answer.claims)
    by = f'<p class="by">{escape(say("written_by_model"))}</p>'
    return f'<section class="written">{by}{claims}</section>' if claims else ""


def _claim_html(claim: Claim, answer: Answer, articles: Articles, turn: int, say: Wording) -> str:
    """A sentence that is no quote, with the labels of its quotes."""
    cited = {c.label: c for c in answer.citations}
    links = (
        button(cited[label], articles[cited[label].article_id], turn, say, titled=False)
        for label in claim.labels
    )
    shown = marked(*marked_on_one_line(claim.text, claim.marks))
    words = f'<span class="words" dir="auto">{shown}</span>'
    return f'<p class="claim" dir="auto">{words} {" ".join(links)}</p>'


def _source_html(citation: Citation, article: Article, turn: int, say: Wording) -> str:
    """The headline, source, date and page of a quote, the date that its relative dates refer to,
    and the button that copies it."""
    quote = on_one_line(citation.quote)
    days = list(dict.fromkeys(quote[start:end] for start, end in relative_days(quote)))
    place = page_of(article, (citation.start, citation.end), say)
    origin = fields((article.source, day_of(article, say), place), ", ")
    opens = button(replace(citation, label=0), article, turn, say, titled=True)
    parts = [opens, f"<span>{origin}</span>"]
    if days:
        words = ", ".join(say("quoted", words=day) for day in days)
        key = "as_written" if article.published else "as_written_undated"
        said = say(key, words=words, day=day_of(article, say))
        parts.append(f'<span class="as-written" dir="auto">{escape(said)}</span>')
    for remark in remarks_on(article, say):
        parts.append(f'<span class="as-written" dir="auto">{escape(remark)}</span>')
    copied = data(copy=quote_with_reference(citation, article, say), copied=say("copied"))
    named = escape_value(say("copy_quote", label=f"[{citation.label}]"))
    parts.append(
        f'<button type="button" class="plain" aria-label="{named}"{copied}>{escape(say("copy"))}'
        "</button>"
    )
    parts.append(pin_html(citation, article, say))
    return f'<footer class="origin" dir="{say.direction}">{" ".join(parts)}</footer>'


def _differ_html(answer: Answer, articles: Articles, turn: int, say: Wording) -> str:
    """The accounts that do not agree; "" where all do."""
    cited = {c.label: c for c in answer.citations}
    return "".join(_difference_html(one, cited, articles, turn, say) for one in answer.differences)


def _difference_html(
    difference: Difference, cited: Cited, articles: Articles, turn: int, say: Wording
) -> str:
    """Conflicting accounts: the words of each, the speaker and the source."""
    items = []
    for account in difference.accounts:
        citation = cited[account.label]
        article = articles[citation.article_id]
        words = escape(on_one_line(citation.quote[slice(*account.span)]))
        origin = f"{_source_of(article)}, {day_of(article, say)}"
        says = say("says_in", speaker=account.speaker, origin=origin) if account.speaker else origin
        told = f'<span class="origin" dir="auto">{escape(says)}</span>{_recency_html(account, say)}'
        link = button(citation, article, turn, say, titled=False)
        items.append(f'<li><b class="words" dir="auto">{words}</b> {told} {link}</li>')
    heading = f"<h3>{escape(say('differ'))}</h3>"
    return f'<section class="differ">{heading}<ul>{"".join(items)}</ul></section>'


def _source_of(article: Article) -> str:
    return article.source or article.headline


def _recency_html(account: Account, say: Wording) -> str:
    if not account.recency:
        return ""
    age = say("newest") if account.recency == "newest" else say("earlier")
    return f' <span class="recency">{escape(age)}</span>'


def _timeline_html(answer: Answer, articles: Articles, turn: int, say: Wording) -> str:
    """The citations by date of publication; "" unless there are two dates or more."""
    by_day: dict[datetime.date, list[Citation]] = {}
    for citation in sorted(answer.citations, key=lambda c: c.label):
        published = articles[citation.article_id].published
        if published:
            by_day.setdefault(published, []).append(citation)
    if len(by_day) < 2:
        return ""
    items = []
    for day, citations in sorted(by_day.items()):
        links = " ".join(
            fields([_source_of(articles[c.article_id])])
            + " "
            + button(c, articles[c.article_id], turn, say, titled=False)
            for c in citations
        )
        items.append(f'<li><time datetime="{day}">{escape(say.day(day))}</time> {links}</li>')
    heading = f"<h3>{escape(say('timeline'))}</h3>"
    return f'<section class="timeline">{heading}<ol>{"".join(items)}</ol></section>'


def _below_html(answer: Answer, articles: Articles, say: Wording) -> str:
    """What there is to say of an answer besides."""
    said = " ".join(remarks(answer, articles, say))
    parts = [note_html(said)] * bool(said)
    parts += [_note_html(note, answer, say) for note in answer.notes]
    parts += [note_html(say("dropped", n=answer.dropped))] * bool(answer.dropped)
    parts += [_left_out_html(answer.rejected, say)] * bool(answer.rejected)
    return "".join(parts)


def _left_out_html(rejected: Sequence[Rejected], say: Wording) -> str:
    """The rejected sentences with their reasons, in a closed <details>."""
    items = (
        f'<li><span class="words" dir="auto">{escape(sentence.text)}</span>'
        f'<span class="reason" dir="auto">{escape(say.note(sentence.reason))}</span></li>'
        for sentence in rejected
    )
    n = len(rejected)
    return (
        f'<details class="left-out"><summary>{escape(say("left_out", n=n))}</summary>'
        f"<p>{escape(say('left_out_why', n=n))}</p><ul>{''.join(items)}</ul></details>"
    )


def _in_its_language(note: Note, answer: Answer, say: Wording) -> str:
    """A note in the language of the question, where the chat speaks that and the page another."""
    asked = wording(asked_in(answer.question))
    if asked.language in ("en", say.language):
        return ""
    tags = f'lang="{asked.language}" dir="{asked.direction}"'
    return f'<p class="note" {tags}>{escape(asked.note(note))}</p>'


def _note_html(note: Note, answer: Answer, say: Wording) -> str:
    """A note; one on how a name is spelt with a button that asks with the other spelling."""
    spelt = {name: str(value) for name, value in note.values}
    if note.key in ("encoder_unknown_script", "encoder_unknown_language"):
        return note_html(say.note(note)) + _in_its_language(note, answer, say)
    if note.key == "name_read_as":
        literal = f"“{spelt['written']}”"
        question = answer.understood.replace(spelt["read"], literal, 1)
        label = say("ask_literally", name=spelt["written"])
    elif note.key == "name_near":
        question = answer.understood.replace(spelt["written"], spelt["near"], 1)
        label = say("ask_near", name=spelt["near"])
    else:
        return note_html(say.note(note))
    ask = f'<button type="button" class="correct"{data(ask=question)}>{escape(label)}</button>'
    return f'<p class="note" dir="auto">{escape(say.note(note))} {ask}</p>'
