r"""A conversation as a Markdown document.

Owns escaping for Markdown: whatever an article, a question or a model says is shown as it stands
and can become no markup, link, image or HTML. Every quote is checked against its article first.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator, Mapping, Sequence

from rag.reference import one_line, reference, web_address
from rag.render import RELATED, checked
from rag.types import Answer, Article, Citation, Claim, Difference
from rag.wording import ENGLISH

WRITTEN = "Written by a language model; every sentence was checked against the quotes below."
WEAK = ENGLISH("match_weak")
NO_ANSWER = "The archive does not hold an answer to this question."
UNVERIFIED = ENGLISH("no_quote")

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
    answers: Sequence[Answer], articles: Articles, made: datetime.date
) -> str:
    """The questions and answers of a conversation, each quote with its source and place.

    `articles` are all that the answers cite or offer, by id; what they do not bear out is left
    out, as on the page. `made` is the day on which the document is made.
    """
    day = f"{made.day} {made:%B %Y}"
    parts = [
        "# Questions to a news archive",
        f"Made with Byline on {day}. Quotes are the articles' own words, as of the day of "
        "publication; places count characters of the article's text.",
    ]
    for answer in answers:
        parts += _turn(checked(answer, articles), articles)
    return "\n\n".join(parts) + "\n"


def escaped(text: str) -> str:
    """The text for a paragraph of Markdown that shows it, character for character.

    Lines stay lines. NUL and half surrogates, which Markdown cannot hold, become U+FFFD.
    """
    text = re.sub(r"[\x00\ud800-\udfff]", "\ufffd", text)
    text = text.replace("&", "&amp;").replace("<", "&lt;")
    text = _ACTIVE.sub(r"\\\g<0>", text)
    text = _WWW.sub(r"\1\\.", _FIRST.sub(r"\1\\\2", text))
    text = _SPACE.sub(lambda found: "".join(map(_reference_of, found[0])), text)
    # A backslash at the end of a line breaks it, on an empty line too, but not at either end.
    lines = text.strip("\n")
    before, after = len(text) - len(text.lstrip("\n")), len(text) - len(text.rstrip("\n"))
    return "&#10;" * before + lines.replace("\n", "\\\n") + "&#10;" * after * bool(lines)


def _reference_of(space: str) -> str:
    """The character as a numeric reference, but for those that Markdown has none for."""
    return space if _NAMELESS.match(space) else f"&#{ord(space)};"


def _turn(answer: Answer, articles: Articles) -> Iterator[str]:
    """One question with its checked answer."""
    yield f"## {escaped(one_line(answer.question))}"
    if answer.understood != answer.question:
        yield f"*Understood as:* {escaped(one_line(answer.understood))}"
    if answer.status == "unanswered":
        yield NO_ANSWER
        yield from _related(answer, articles)
    elif not answer.claims:
        yield UNVERIFIED
    else:
        if answer.mode == "generated":
            yield f"*{WRITTEN}*"
        yield from (_claim(claim) for claim in answer.claims)
        cited = {citation.label: citation for citation in answer.citations}
        for difference in answer.differences:
            yield _difference(difference, cited, articles)
        yield "### Sources"
        for citation in sorted(answer.citations, key=lambda citation: citation.label):
            yield from _source(citation, articles[citation.article_id], answer)
    yield from (f"*Note:* {escaped(note)}" for note in _notes(answer))


def _claim(claim: Claim) -> str:
    """A quote as a block quote, another sentence as a paragraph, with the labels behind it."""
    labels = "".join(_label(label) for label in claim.labels)
    if claim.verdict == "verbatim":
        return _quoted(claim.text, f" {labels}")
    return f"{escaped(claim.text)} {labels}"


def _quoted(quote: str, after: str = "") -> str:
    return "\n".join(f"> {line}" for line in f"“{escaped(quote)}”{after}".split("\n"))


def _source(citation: Citation, article: Article, answer: Answer) -> Iterator[str]:
    """Where a quote is from and stands; and the quote, where the answer does not show it."""
    of = f"as of {article.day}" if article.published else "undated"
    label, places = _label(citation.label), f"Characters {citation.start} to {citation.end}"
    yield f"{label} {_linked(article)}. {places}, {of}."
    if all(claim.text != citation.quote for claim in answer.claims):
        yield _quoted(citation.quote)


def _difference(difference: Difference, cited: Mapping[int, Citation], articles: Articles) -> str:
    """Accounts that do not agree, as a list."""
    lines = ["**Accounts differ:**\n"]
    for account in difference.accounts:
        citation = cited[account.label]
        article = articles[citation.article_id]
        words = one_line(citation.quote[slice(*account.span)])
        says = ", ".join(filter(None, (account.speaker, article.source, article.day or "undated")))
        lines.append(f"- “{escaped(words)}” — {escaped(one_line(says))} {_label(account.label)}")
    return "\n".join(lines)


def _related(answer: Answer, articles: Articles) -> Iterator[str]:
    ids = list(dict.fromkeys(hit.passage.article_id for hit in answer.hits))[:RELATED]
    if ids:
        yield "Related reading, which does not answer it:"
        yield "\n".join(f"- {_linked(articles[article_id])}" for article_id in ids)


def _linked(article: Article) -> str:
    """The reference of an article, its URL a link."""
    url = web_address(article)
    words = escaped(reference(article).removesuffix(f", {url}"))
    return f"{words}, <{url}>" if url else words


def _notes(answer: Answer) -> Iterator[str]:
    """What there is to say of an answer as a whole."""
    if answer.weak:
        yield WEAK
    yield from answer.notes
    if answer.dropped:
        quotes = "quote was" if answer.dropped == 1 else "quotes were"
        yield f"{answer.dropped} {quotes} left out: not found, word for word, in the article."
    if answer.rejected:
        said = "sentence" if len(answer.rejected) == 1 else "sentences"
        yield f"{len(answer.rejected)} {said} of the model left out: the sources do not say it."


def _label(label: int) -> str:
    return rf"\[{label}\]"
