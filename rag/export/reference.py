"""Format an article as a one-line reference in plain text, alone or behind a quote.

Owns which URLs may become links, for the chat, the exports and packs alike. Knows no markup.
"""

from __future__ import annotations

import re

from rag.citation import is_verbatim
from rag.text.lines import on_one_line
from rag.types import Article, Citation
from rag.wording import ENGLISH, Wording

# Without white space and what could end a link: a URL that holds such is not shown as one.
_WEB = re.compile(r"https?://[^\s<>\"\x00-\x1f\x7f-\x9f]+", re.IGNORECASE)
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def reference(article: Article, say: Wording = ENGLISH) -> str:
    """Return the known ones of author, title, source, date and URL, on one line."""
    parts = (article.author, f"“{article.headline}”", article.source, day_of(article, say))
    return ", ".join(one_line(part) for part in (*parts, web_address(article)) if part)


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
    return f"“{on_one_line(citation.quote)}” — {reference(article, say)}"


def web_address(article: Article) -> str:
    """Return the article's URL where it may become a link, else "": http and https only, without
    white space, quotation marks, angle brackets and control characters."""
    return article.url if _WEB.fullmatch(article.url) else ""


def one_line(text: str) -> str:
    """Return the text on one line, without control characters and those that reverse text."""
    return _CONTROLS.sub("", " ".join(text.split()))
