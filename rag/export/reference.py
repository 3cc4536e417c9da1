"""Format an article as a one-line reference in plain text, alone or behind a quote.

Owns which URLs may become links, for the chat, the exports and packs alike. Knows no markup.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from rag.citation import is_verbatim, place_of
from rag.text.corrections import correction
from rag.text.fields import values_of
from rag.text.lines import on_one_line
from rag.text.nearest import nearest
from rag.types import Answer, Article, Citation, FieldName, Span, Version
from rag.wording import ENGLISH, Wording, in_percent
from rag.wording.visible import isolated, visible

# Without white space and what could end a link: a URL that holds such is not shown as one.
_WEB = re.compile(r"https?://[^\s<>\"\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]+", re.IGNORECASE)
_WORDS = ("text", "image", "feed", "export")
"""Formats that are called by a word, not by the ending of their files."""


def reference(article: Article, say: Wording = ENGLISH, span: Span | None = None) -> str:
    """Return the known ones of author, title, source, date, page of a `span`, and URL, on one
    line."""
    parts = (
        article.author, f"“{article.headline}”", article.source, day_of(article, say),
        page_of(article, span, say),
    )  # fmt: skip
    told = [isolated(one_line(part), say.direction) for part in parts if part]
    return ", ".join(filter(None, (*told, web_address(article, span))))


def page_of(article: Article, span: Span | None, say: Wording = ENGLISH) -> str:
    """Return in words the page on which a span stands; "" in an article without pages."""
    return page_in_words(*place_of(article, span), say) if span else ""


def page_in_words(page: str, certainty: float | None, say: Wording = ENGLISH) -> str:
    """Return "page 3", and how sure the recognition of its text was; "" without a page."""
    words = [say("pages" if "–" in page else "page", page=page)] if page else []
    if certainty is not None:
        words.append(say("recognised", percent=in_percent(certainty)))
    return ", ".join(words)


def value_of(field: FieldName, value: str, say: Wording = ENGLISH) -> str:
    """Return a value of a field of an article as it is shown: a language by its name, a format in
    capitals unless it is a word."""
    if field == "languages":
        return say.language_name(value)
    if field == "formats":
        return say(f"format_{value}") if value in _WORDS else value.upper()
    return value


def filter_of(field: FieldName, value: str, say: Wording = ENGLISH) -> str:
    """Return the name and value of a field, as "Section: Sport"."""
    return say("filter_of", field=say(field), value=value_of(field, value, say))


def described(article: Article, say: Wording = ENGLISH) -> list[str]:
    """Return what a reference leaves out: section, language and format, those that are known."""
    fields: tuple[FieldName, ...] = ("sections", "languages", "formats")
    found = ((field, value) for field in fields for value in values_of(article, field))
    return [filter_of(field, one_line(value), say) for field, value in found]


def remarks_on(article: Article, say: Wording = ENGLISH) -> list[str]:
    """Return what to know of an article besides: that only its opening is there, and that it was
    corrected, in its own words."""
    notice = one_line(correction(article.text))
    opening = [say("partial")] if article.partial else []
    return opening + [say("corrected", notice=notice)] * bool(notice)


def changed_since(
    cited: Citation, version: Version, article: Article, say: Wording = ENGLISH
) -> str:
    """Return that an article has changed since it was quoted: the quote, and what it says now."""
    span = nearest(article.text, cited.quote)
    now = one_line(article.text[slice(*span)]) if span else ""
    day, quote = say.day(version.replaced), one_line(cited.quote)
    key = "changed_since" if now else "changed_away"
    return say(key, day=day, quote=quote, now=now) if now else say(key, day=day, quote=quote)


def day_of(article: Article, say: Wording = ENGLISH) -> str:
    """Return the day of publication in words, or that it is not known."""
    return say.day(article.published) if article.published else say("undated")


def quote_with_reference(citation: Citation, article: Article, say: Wording = ENGLISH) -> str:
    """Return the quote, on one line and otherwise every character as in the article, and its
    reference.

    Raises ValueError when `article` does not hold the quote at its position.
    """
    if not is_verbatim(citation, article):
        raise ValueError(f"quote [{citation.label}] does not stand in article {article.id}")
    place = reference(article, say, (citation.start, citation.end))
    return f"“{on_one_line(citation.quote)}” — {place}"


def answer_with_references(
    answer: Answer, articles: Mapping[str, Article], say: Wording = ENGLISH
) -> str:
    """Return the question, the sentences of an answer that are none of the articles', and its
    quotes with their references, in plain text; "" where nothing is quoted.

    Raises ValueError as `quote_with_reference` does.
    """
    if not answer.citations:
        return ""
    told = [
        f"{one_line(claim.text)} {''.join(f'[{label}]' for label in claim.labels)}"
        for claim in answer.claims
        if claim.verdict != "verbatim"
    ]
    quotes = [
        f"[{one.label}] {quote_with_reference(one, articles[one.article_id], say)}"
        for one in answer.citations
    ]
    return "\n\n".join((one_line(answer.question), *told, *quotes))


def web_address(article: Article, span: Span | None = None) -> str:
    """Return the article's URL where it may become a link, else "": http and https only, without
    white space, quotation marks, angle brackets, control characters and those that turn text. That
    of a PDF opens at the page of `span`."""
    if not _WEB.fullmatch(article.url):
        return ""
    pages = article.pages_at(*span) if span and article.format == "pdf" else ()
    opened = f"#page={pages[0].number}" if pages and "#" not in article.url else ""
    return article.url + opened


def one_line(text: str) -> str:
    """Return the text on one line, with symbols for the characters that no line may obey."""
    return visible(" ".join(text.split()), keep="")
