"""Clean the names of authors, as pages declare them and as extraction finds them.

Knows nothing of pages. A word that stands where a name should, as a button's, is none.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from rag.ingest.text_page.line_kind import ends_sentence

_CREDIT = re.compile(
    r"^\W*(?:(?:written|reported|story|words|text|analysis|posted|published) )?"
    r"(?:by|von|par|por)\b[\s:]*"
    r"|^\W*(?:authors?|byline|reporters?|writers?)\s*:\s*",
    re.IGNORECASE,
)
# What follows a name in its line.
_REST = re.compile(
    r"[\s,|(–—-]*\b(?:(?:last )?updated|published|posted|modified|follow|share|view profile|\d).*$"
    r"|\s*[|•·].*$|\s+@.*$|\s+[-–—]\s.*$|\s*\([^)]*\)?$",
    re.IGNORECASE | re.DOTALL,
)
_ROLE = (
    r"(?:\w+ )?(?:staff|reporter|reporters|writer|writers|correspondent|correspondents|editor"
    r"|editors|contributor|columnist|journalist|photographer)(?: (?:reporter|writer|report)s?)?"
)
_NO_NAME = re.compile(
    rf"(?:the )?{_ROLE}|follow(?:ing)?(?: us)?|updated|published|posted|share|comments?"
    r"|admin|administrator|root"
    r"|guest(?: (?:author|post|blogger))?|anonymous|unknown|none|null|undefined|user|author|authors"
    r"|editorial|redaktion|la rédaction|rédaction|redacción|webmaster|newsroom"
    r"|subscribe|sign up|log ?in"
    r"|read more|more|contact|email|twitter|facebook|instagram|linkedin|about|bio|profile|by|and",
    re.IGNORECASE,
)
_BETWEEN = re.compile(r"\s*[;|•]\s*|\s*,\s+(?!(?:Jr|Sr|I{2,3}|MD|PhD)\b)|\s+(?:and|und|&)\s+")
_BETWEEN_TWO = re.compile(r"\s+(?:y|et|e)\s+")
_MOST = 1_000
"""Characters that are looked at."""
_MOST_WORDS = 6
_LONGEST = 60
_BYLINE = 100
"""Characters; a longer line is no byline."""


def clean_authors(written: Iterable[str]) -> str:
    """The names in what was written for authors, once each, joined by commas; "" for none."""
    names = {name: None for text in written for name in _names(" ".join(text.split())[:_MOST])}
    return ", ".join(names)


def authors_shown(line: str) -> str:
    """The names in a line that is a byline as a whole ("By Ida Brun, Courier staff"), or ""."""
    if len(line) > _BYLINE or ends_sentence(line) or not _CREDIT.match(line):
        return ""
    names = clean_authors([line])
    return names if all(name[:1].isupper() for name in names.split(", ")) else ""


def _names(text: str) -> list[str]:
    names = [
        _REST.sub("", _CREDIT.sub("", name)).strip(" ,.:-–—|/\"'“”")
        for part in _BETWEEN.split(_CREDIT.sub("", text))
        for name in _two(part)
    ]
    if any(len(name.split()) > _MOST_WORDS for name in names):
        return []  # A sentence.
    return [name for name in names if _is_name(name)]


def _two(part: str) -> list[str]:
    """Two names with "y" between: "Ana Ruiz y Luis Gil", but "José Ortega y Gasset" is one."""
    parts = _BETWEEN_TWO.split(part)
    return parts if all(" " in one.strip() for one in parts) else [part]


def _is_name(name: str) -> bool:
    if _NO_NAME.fullmatch(name) or len(name) > _LONGEST:
        return False
    # A nickname has digits, an address a colon or an at sign.
    return any(c.isalpha() for c in name) and not re.search(r"[\d@:/<>]", name)
