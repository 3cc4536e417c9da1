"""One article as a line of plain text that says where it was published, and a quote with it.

Knows no markup.
"""

from __future__ import annotations

import re

from rag.citation import holds
from rag.types import Article, Citation
from rag.wording import ENGLISH, Wording

# Without white space and what could end a link: a URL that holds such is not shown as one.
_WEB = re.compile(r"https?://[^\s<>\"\x00-\x1f\x7f-\x9f]+", re.IGNORECASE)
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def reference(article: Article, say: Wording = ENGLISH) -> str:
    """Author, title, source, date and URL on one line: what is known of them."""
    parts = (article.author, f"“{article.headline}”", article.source, day_of(article, say))
    return ", ".join(one_line(part) for part in (*parts, web_address(article)) if part)


def day_of(article: Article, say: Wording = ENGLISH) -> str:
    """The day of publication in words, or that it is not known."""
    return say.day(article.published) if article.published else say("undated")


def quote_with_reference(citation: Citation, article: Article, say: Wording = ENGLISH) -> str:
    """The quote, every character as in the article, and where it is from.

    Raises ValueError when the quote does not stand in `article`.
    """
    if not holds(citation, article):
        raise ValueError(f"quote [{citation.label}] does not stand in article {article.id}")
    return f"“{citation.quote}” — {reference(article, say)}"


def web_address(article: Article) -> str:
    """The URL where it is one of http or https, else empty: nothing else may become a link."""
    return article.url if _WEB.fullmatch(article.url) else ""


def one_line(text: str) -> str:
    """The text on one line, without characters that a terminal obeys or that turn text round."""
    return _CONTROLS.sub("", " ".join(text.split()))
