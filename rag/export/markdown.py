"""Exports a conversation as a Markdown document.

Text of an article, a question or a model is escaped: it is shown literally and cannot become
markup, link, image or HTML. Every answer is verified against its articles first.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator, Mapping, Sequence

from rag.citation import LISTED, shown, verified
from rag.export.glance import glance, in_one_line, remarks, strength_of
from rag.export.reference import day_of, described, one_line, reference, remarks_on, web_address
from rag.export.searched import searched
from rag.text.lines import on_one_line
from rag.types import Answer, Article, Citation, Claim, Difference, Listing, Span
from rag.wording import ENGLISH, Wording
from rag.wording.visible import isolated, visible

# Some of them are markup only in one place, but every renderer has additions of its own.
_ACTIVE = re.compile(r"[\\`*_{}\[\]()#+!|~>$=^@:]")
# What begins a list, a rule, an underlined heading or a table at the start of a line, and the
# beginning of an address that some renderers make a link of without being asked.
_FIRST = re.compile(r"(?m)^(\d{0,9})([-.])")
_WWW = re.compile(r"(?i)(www)\.")
# A renderer takes white space at the ends of a line away, and a
# carriage return ends one.
_SPACE = re.compile(r"(?m)^[^\S\n]+|[^\S\n]+$|\r")
_NAMELESS = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f-\x9f]")

Articles = Mapping[str, Article]


def conversation_markdown(
    answers: Sequence[Answer], articles: Articles, made: datetime.date, say: Wording = ENGLISH
) -> str:
    """Render questions and answers as Markdown, each quote with its source and offsets.

    `articles` are all that the answers cite or offer, by id; claims that fail verification are
    left out, as on the page. `made` is the date of the document.
    """
    parts = [f"# {escaped(say('record'))}", escaped(say("record_made", day=say.day(made)))]
    for answer in answers:
        parts += _turn(verified(answer, articles), articles, say)
    return "\n\n".join(parts) + "\n"


def escaped(text: str) -> str:
    """Escape a text for a paragraph of Markdown that shows it character for character.

    Lines stay lines. Control characters and those that turn text are symbols, and half surrogates,
    which Markdown cannot hold, become U+FFFD.
    """
    text = re.sub(r"[\ud800-\udfff]", "\ufffd", visible(text))
    text = text.replace("&", "&amp;").replace("<", "&lt;")
    text = _ACTIVE.sub(r"\\\g<0>", text)
    text = _WWW.sub(r"\1\\.", _FIRST.sub(r"\1\\\2", text))
    text = _SPACE.sub(lambda found: "".join(map(_reference_of, found[0])), text)
    # A backslash at the end of a line breaks it, on an empty line too, but not at either end.
    lines = text.strip("\n")
    before, after = len(text) - len(text.lstrip("\n")), len(text) - len(text.rstrip("\n"))
    return "&#10;" * before + lines.replace("\n", "\\\n") + "&#10;" * after * bool(lines)


def _reference_of(space: str) -> str:
    """A white space character as a numeric reference, if Markdown allows one for it."""
    return space if _NAMELESS.match(space) else f"&#{ord(space)};"


def _turn(answer: Answer, articles: Articles, say: Wording) -> Iterator[str]:
    """One question with its verified answer."""
    yield f"## {escaped(one_line(answer.question))}"
    if answer.understood != answer.question:
        yield escaped(say("understood", question=one_line(answer.understood)))
    if answer.status == "unanswered":
        yield escaped(say("no_answer", question=one_line(answer.understood)))
        if answer.absence:
            yield from (escaped(one_line(line)) for line in searched(answer.absence, say))
        yield from _related(answer, articles, say)
    elif not answer.claims:
        yield escaped(say("no_quote"))
    else:
        if answer.mode == "generated":
            yield f"*{escaped(say('written_by_model'))}*"
        yield from _at_a_glance(answer, articles, say)
        yield from (_claim(claim) for claim in answer.claims)
        if answer.listing:
            yield from _listed(answer.listing, articles, say)
        yield f"### {escaped(say('sources'))}"
        for citation in sorted(answer.citations, key=lambda citation: citation.label):
            yield from _source(citation, articles[citation.article_id], answer, say)
    if said := " ".join(remarks(answer, articles, say)):
        yield escaped(said)
    yield from (escaped(say("remark", note=note)) for note in _notes(answer, say))
    yield from _left_out(answer, say)


def _at_a_glance(answer: Answer, articles: Articles, say: Wording) -> Iterator[str]:
    """How sure an answer is, the short answer, and the accounts that do not agree."""
    if said := strength_of(answer, say):
        yield f"**{escaped(said)}**"
    found = glance(answer, articles)
    if found and found.kind == "words":
        yield escaped(in_one_line(found, say))
    cited = {citation.label: citation for citation in answer.citations}
    for difference in answer.differences:
        yield _difference(difference, cited, articles, say)


def _claim(claim: Claim) -> str:
    """A claim with its labels: a quote as a block quote, else a paragraph."""
    labels = "".join(_label(label) for label in claim.labels)
    if claim.verdict == "verbatim":
        return quoted(claim.text, f" {labels}")
    return f"{escaped(claim.text)} {labels}".rstrip()


def quoted(quote: str, after: str = "") -> str:
    return f"> “{escaped(on_one_line(quote))}”{after}"


def _listed(listing: Listing, articles: Articles, say: Wording) -> Iterator[str]:
    """The articles of a list, the first `LISTED` of them."""
    n = len(listing.articles)
    yield f"### {escaped(say('listed', n=n))}"
    yield "\n".join(f"1. {linked(articles[one], say)}" for one in listing.articles[:LISTED])
    if n > LISTED:
        yield escaped(say("listed_rest", n=n - LISTED))


def _source(citation: Citation, article: Article, answer: Answer, say: Wording) -> Iterator[str]:
    """The source and offsets of a citation; its quote, if no claim shows it."""
    key = "place" if article.published else "place_undated"
    start, end = str(citation.start), str(citation.end)  # As programs count, not as one reads.
    span = citation.start, citation.end
    where = say(key, start=start, end=end, day=day_of(article, say))
    known = " · ".join(described(article, say))
    said = " ".join(filter(None, (where, known and f"{known}.", *remarks_on(article, say))))
    yield f"{_label(citation.label)} {linked(article, say, span)}. {escaped(said)}"
    if all(claim.text != citation.quote for claim in answer.claims):
        yield quoted(citation.quote)


def _difference(
    difference: Difference, cited: Mapping[int, Citation], articles: Articles, say: Wording
) -> str:
    """Conflicting accounts, as a list."""
    lines = [f"**{escaped(say('differ'))}**\n"]
    for account in difference.accounts:
        citation = cited[account.label]
        article = articles[citation.article_id]
        words = one_line(citation.quote[slice(*account.span)])
        age = {"newest": say("newest"), "earlier": say("earlier")}.get(account.recency, "")
        known = account.speaker, article.source, day_of(article, say), age
        says = ", ".join(isolated(one_line(one), say.direction) for one in known if one)
        lines.append(f"- “{escaped(words)}” — {escaped(says)} {_label(account.label)}")
    return "\n".join(lines)


def _related(answer: Answer, articles: Articles, say: Wording) -> Iterator[str]:
    ids = list(dict.fromkeys(near.article_id for near in shown(answer)))
    if ids:
        yield f"### {escaped(say('related'))}"
        yield escaped(say("related_why"))
        yield "\n".join(f"- {linked(articles[article_id], say)}" for article_id in ids)


def linked(article: Article, say: Wording, span: Span | None = None) -> str:
    """The reference of an article, its URL a link; `span` names the page."""
    url = web_address(article, span)
    words = escaped(reference(article, say, span).removesuffix(f", {url}"))
    return f"{words}, <{url}>" if url else words


def _notes(answer: Answer, say: Wording) -> Iterator[str]:
    """Remarks on an answer as a whole."""
    yield from map(say.note, answer.notes)
    if answer.dropped:
        yield say("dropped", n=answer.dropped)


def _left_out(answer: Answer, say: Wording) -> Iterator[str]:
    """The number of rejected sentences, and the reasons; not the sentences."""
    if answer.rejected:
        yield escaped(say("remark", note=say("left_out", n=len(answer.rejected))))
        yield "\n".join(f"- {escaped(say.note(one.reason))}" for one in answer.rejected)


def _label(label: int) -> str:
    return rf"\[{label}\]"
