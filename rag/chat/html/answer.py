"""Renders an answer: its claims with their quotes, its confidence, and the dates of its sources."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Sequence

from rag.chat.html.asking import otherwise_html, understood_html
from rag.chat.html.listing import listing_html
from rag.chat.html.markup import button, data, marked, note_html, origin_html, origin_of
from rag.citation import Articles, Cited
from rag.export.escaping import escape, escape_value
from rag.export.reference import day_of, quote_with_reference, remarks_on
from rag.text.lines import marked_on_one_line, on_one_line
from rag.text.relative_dates import relative_days
from rag.types import Account, Answer, Article, Citation, Claim, Difference, Note, Rejected
from rag.wording import ENGLISH, Wording


def turn_html(turn: int, question: str, body: str) -> str:
    """Render one exchange of the conversation; `body` is HTML."""
    return (
        f'<section class="turn" id="turn-{turn}" aria-labelledby="asked-{turn}">'
        f'<h2 id="asked-{turn}" dir="auto">{escape(question)}</h2>{body}</section>'
    )


def answer_html(answer: Answer, articles: Articles, turn: int = 0, say: Wording = ENGLISH) -> str:
    """Render a verified answer: each claim with the labels of its citations, then the remarks."""
    cited = {c.label: c for c in answer.citations}
    if answer.unasked:
        return "".join(f'<p class="verdict">{escape(say.note(n))}</p>' for n in answer.notes)
    parts = []
    if answer.status == "unanswered":
        looked_for = escape(say("no_answer", question=answer.understood))
        parts.append(f'<p class="verdict" dir="auto">{looked_for}</p>')
        parts.append(otherwise_html(answer, turn, say))
        parts += [note_html(say("nearest"))] * bool(answer.hits)
    else:
        parts.append(understood_html(answer, turn, say))
        parts += [_weak_html(say)] * (answer.weak and bool(answer.claims) and not answer.stated)
        unit = "no_sentence" if answer.mode == "generated" else "no_quote"
        parts.append(
            listing_html(answer, articles, turn, say)
            or _claims_html(answer, articles, turn, say)
            or f'<p class="verdict">{escape(say(unit))}</p>'
        )
        parts += [_difference_html(d, cited, articles, turn, say) for d in answer.differences]
        parts += [_timeline_html(answer, articles, turn, say)] * (not answer.listing)
        if remarks := " ".join(_remarks(answer, articles, say)):
            parts.append(note_html(remarks))
    parts += [_note_html(note, answer, say) for note in answer.notes]
    parts += [note_html(say("dropped", n=answer.dropped))] * bool(answer.dropped)
    parts += [_left_out_html(answer.rejected, say)] * bool(answer.rejected)
    return "".join(parts)


def writing_html(answer: Answer, articles: Articles, turn: int = 0, say: Wording = ENGLISH) -> str:
    """Render the verified part of an answer that a model is still writing, without quotes."""
    parts = [understood_html(answer, turn, say)]
    if answer.mode == "generated":
        parts.append(_claims_html(answer, articles, turn, say))
    stop = f'<button type="button" class="plain" data-stop>{escape(say("stop"))}</button>'
    return "".join(parts) + f'<p class="note writing">{escape(say("writing"))} {stop}</p>'


def _weak_html(say: Wording) -> str:
    return f'<p class="note weak" dir="auto">{escape(say("match_weak"))}</p>'


def _claims_html(answer: Answer, articles: Articles, turn: int, say: Wording) -> str:
    """The claims of an answer; those that a model wrote in a section that says so."""
    cited = {c.label: c for c in answer.citations}
    claims = "".join(_claim_html(claim, cited, articles, turn, say) for claim in answer.claims)
    if not claims or answer.mode == "extractive":
        return claims
    by = f'<p class="by">{escape(say("written_by_model"))}</p>'
    return f'<section class="written">{by}{claims}</section>'


def _claim_html(claim: Claim, cited: Cited, articles: Articles, turn: int, say: Wording) -> str:
    """A claim with its labels: a quote with source, date and copy button, or a sentence."""
    verbatim = claim.verdict == "verbatim"
    tag = "blockquote" if verbatim else "p"
    links, below = [], []
    for label in claim.labels:
        citation, article = cited[label], articles[cited[label].article_id]
        links.append(button(citation, article, turn, say, titled=False))
        if verbatim:
            below.append(_source_html(citation, article, say))
    shown = marked(*marked_on_one_line(claim.text, claim.marks))
    words = f'<span class="words" dir="auto">{shown}</span>'
    return f'<{tag} class="claim" dir="auto">{words} {" ".join(links)}{"".join(below)}</{tag}>'


def _source_html(citation: Citation, article: Article, say: Wording) -> str:
    """The source and page of a quote, the date that its relative dates refer to, and the button
    that copies it."""
    quote = on_one_line(citation.quote)
    days = list(dict.fromkeys(quote[start:end] for start, end in relative_days(quote)))
    origin = origin_html(article, say, (citation.start, citation.end))
    parts = [f"<span>{origin}</span>"]
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
    return f'<footer class="origin" dir="{say.direction}">{" ".join(parts)}</footer>'


def _difference_html(
    difference: Difference, cited: Cited, articles: Articles, turn: int, say: Wording
) -> str:
    """Conflicting accounts: the words of each, the speaker and the source."""
    items = []
    for account in difference.accounts:
        citation = cited[account.label]
        article = articles[citation.article_id]
        words = escape(on_one_line(citation.quote[slice(*account.span)]))
        origin = origin_of(article, say)
        says = say("says_in", speaker=account.speaker, origin=origin) if account.speaker else origin
        told = f'<span class="origin" dir="auto">{escape(says)}</span>{_recency_html(account, say)}'
        link = button(citation, article, turn, say, titled=False)
        items.append(f'<li><b class="words" dir="auto">{words}</b> {told} {link}</li>')
    heading = f"<h3>{escape(say('differ'))}</h3>"
    return f'<section class="differ">{heading}<ul>{"".join(items)}</ul></section>'


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
            button(c, articles[c.article_id], turn, say, titled=True) for c in citations
        )
        items.append(f'<li><time datetime="{day}">{escape(say.day(day))}</time> {links}</li>')
    heading = f"<h3>{escape(say('timeline'))}</h3>"
    return f'<section class="timeline">{heading}<ol>{"".join(items)}</ol></section>'


def _remarks(answer: Answer, articles: Articles, say: Wording) -> Iterator[str]:
    """Remarks on an answer as a whole: dates, number of independent reports, confidence."""
    if not answer.citations or answer.listing:
        return
    cited = [articles[c.article_id] for c in answer.citations]
    days = sorted(article.published for article in cited if article.published)
    if not days:
        yield say("as_of_unknown")
    elif days[0] == days[-1]:
        yield say("as_of", day=say.day(days[0]))
    else:
        yield say("as_of_span", first=say.day(days[0]), last=say.day(days[-1]))
    if answer.stated:
        return
    if answer.independent:
        yield say("reports", n=answer.independent)
    if not answer.weak:  # That is said above the answer.
        yield say(f"match_{answer.strength}")


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


def _note_html(note: Note, answer: Answer, say: Wording) -> str:
    """A note; one on how a name is spelt with a button that asks with the other spelling."""
    spelt = {name: str(value) for name, value in note.values}
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
