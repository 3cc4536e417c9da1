"""The fields of an article that can be filtered by, besides its source and day.

Owns which names an author line holds, and which values count as the same. Knows nothing of indexes.
Pure.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

import babel

from rag.text.characters import normalized
from rag.text.languages import language_code
from rag.text.phrases import occurrences
from rag.types import FIELDS, Article, FieldName, Filters

_BY = re.compile(r"(?:by|par|von|por)\b[\s:]+", re.IGNORECASE)
_ASIDE = re.compile(r"\([^()]*\)|\S+@\S+|https?://\S+")
_BREAK = re.compile(r"\s*(?:[;|•·/\n،、]|\s(?:and|with|&|اور)\s|និង|,\s*and\s)\s*", re.IGNORECASE)
# In other languages a name may hold the word: "José Ortega y Gasset".
_JOINED = re.compile(r"\s(?:et|und|y|e)\s", re.IGNORECASE)
_SUFFIX = re.compile(r"(?:jr|sr|ii|iii|iv|ph\.?\s?d|m\.?d|esq|[mo]be)\.?", re.IGNORECASE)
_ROLE = re.compile(
    r"(?:.*\b)?(?:writer|reporter|correspondent|editor|columnist|contributor|journalist|analyst"
    r"|producer|photographer|bureau chief|staff)s?",
    re.IGNORECASE,
)
# One word, as a family name is.
_AGENCY = re.compile(
    r"a?ap|afp|ani|ansa|antara|anadolu|bbc|bernama|bloomberg|cnn|dpa|efe|ians|jiji|kyodo|pti|reuters"
    r"|rfa|tass|upi|voa|xinhua|yonhap",
    re.IGNORECASE,
)
_PLACE = re.compile(r"\s+in\s+[A-Z].*")
_REGION = re.compile(r"\S+|(?:New|North|South|West|East) \S+")
_SECTIONS = re.compile(r"[;|]")
_TAG = re.compile(r"([A-Za-z]{2,3})(?:[-_][A-Za-z0-9-]+)*")


def authors(line: str) -> tuple[str, ...]:
    """Return the names in an author line: "By A and B, Staff Writers" holds "A" and "B"."""
    bare = _BY.sub("", _ASIDE.sub(" ", line).strip(), count=1)
    names = [name for part in _BREAK.split(bare) for name in _names(part)]
    named = [name for name in names if not _ROLE.fullmatch(name)] or [" ".join(line.split())]
    return _once(named)


def is_by(line: str, name: str) -> bool:
    """Whether an author line holds `name`, which may be a part of one: "Smith"."""
    return any(occurrences(one, name) for one in (line, *authors(line)))


def language_of(text: str) -> str:
    """Return the code of a language ("en") for its tag ("en-GB") or its name; else `text`."""
    written = " ".join(text.split())
    tag = _TAG.fullmatch(written)
    if tag and tag[1].lower() in babel.Locale("en").languages:
        return tag[1].lower()
    return language_code(written) or written


def values_of(article: Article, field: FieldName) -> tuple[str, ...]:
    """Return the values by which an article is found in a field: each author, each of several
    sections ("World; Asia"), a language, a format."""
    if field == "authors":
        return authors(article.author)
    values = {
        "sections": _SECTIONS.split(article.section),
        "languages": [language_of(article.language)],
        "formats": [article.format],
    }[field]
    return _once(" ".join(value.split()) for value in values)


def key_of(value: str) -> str:
    """Return what values have in common that count as the same: case and white space aside."""
    return " ".join(normalized("NFC", value).casefold().split())


def is_within(filters: Filters, article: Article) -> bool:
    """Whether an article is one of those that `filters` leave."""
    day = article.published
    if (filters.since or filters.until) and not (
        day is not None and (filters.since or day) <= day <= (filters.until or day)
    ):
        return False
    if filters.sources and article.source not in filters.sources:
        return False
    if filters.articles is not None and article.id not in filters.articles:
        return False
    return all(
        not wanted or set(map(key_of, wanted)) & set(map(key_of, values_of(article, field)))
        for field in FIELDS
        for wanted in (filters.of(field),)
    )


def _once(values: Iterable[str]) -> tuple[str, ...]:
    """The values that are not empty, each once as it is spelt first."""
    found: dict[str, str] = {}
    for value in filter(None, values):
        found.setdefault(key_of(value), value)
    return tuple(found.values())


def _names(part: str) -> Iterator[str]:
    """The names of a part of an author line that commas, or words of other languages, divide."""
    pieces = [piece.strip(" .,:-–—") for piece in part.split(",")]
    pieces = [piece for piece in pieces if piece]
    agencies = [piece for piece in pieces if _AGENCY.fullmatch(piece)]
    people = [piece for piece in pieces if piece not in agencies]
    if people and len(people) % 2 == 0 and not any(" " in piece for piece in people):
        pairs = zip(people[::2], people[1::2], strict=True)  # "Doe, Jane".
        yield from (*(f"{given} {family}" for family, given in pairs), *agencies)
        return
    found: list[str] = []
    placed = False
    for piece in pieces:
        if found and _SUFFIX.fullmatch(piece):
            found[-1] += f", {piece}"
            continue
        if placed and _REGION.fullmatch(piece):  # "in Oakland, California".
            continue
        placed = bool(_PLACE.search(piece))
        several = _JOINED.split(piece)
        whole = all(len(one.split()) > 1 for one in several)
        found += (" ".join(_PLACE.sub("", one).split()) for one in (several if whole else [piece]))
    yield from found
