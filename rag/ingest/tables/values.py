"""Read the values of a record: HTML to text, objects and lists to names.

Knows no names of columns, but for those of the value in an object that stands for one.
"""

from __future__ import annotations

import datetime
import html
import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from html.entities import html5

import babel
from babel.core import get_global

from rag.ingest.html.text import html_to_text
from rag.ingest.tables.columns import is_value

_DEEPEST = 5
_BLOCK = "p|br|div|li|ul|ol|h[1-6]|table|tr|td|blockquote|section|article|pre|hr"
_INLINE = (
    "a|abbr|b|cite|code|em|figure|figcaption|font|i|iframe|img|mark|q|s|script|small|span|strong"
    "|style|sub|sup|time|u|video"
)
_TAG = re.compile(rf"</?(?:{_BLOCK}|{_INLINE})(?:\s[^<>]*)?/?>", re.IGNORECASE)
_BLOCK_TAG = re.compile(rf"</?(?:{_BLOCK})(?:\s[^<>]*)?/?>", re.IGNORECASE)
_ESCAPED_TAG = re.compile(rf"\s*&lt;(?:{_BLOCK}|{_INLINE})(?:\s|/?&gt;)", re.IGNORECASE)
_ENTITY = re.compile(r"&(?:[a-z][a-z0-9]{1,31}|#\d{1,7}|#x[0-9a-f]{1,6});", re.IGNORECASE)
_QUOTED = re.compile(r"'([^']*)'|\"([^\"]*)\"")
_NOTHING = frozenset(("", "none", "null", "nan", "nat", "n/a", "[]", "{}", "undefined"))
"""How programs write that there is no value."""
_LONGEST_NOTHING = 40
_LANGUAGES = {name.casefold(): tag for tag, name in babel.Locale("en").languages.items()}
"""The tags of languages by their English names."""
_TAG_OF_LANGUAGE = re.compile(r"([A-Za-z]{2,3})((?:[-_][A-Za-z0-9]{2,8})*)")


def flat(record: Mapping[str, object]) -> dict[str, object]:
    """A record without objects inside it: {"source": {"name": …}} gives "source.name"."""
    return dict(_leaves(record, "", 1))


def prose(value: object) -> str | None:
    """A text of paragraphs: HTML written out, a list as its paragraphs, else as it stands.

    None for what is no text. Raises Unreadable for HTML that cannot be parsed.
    """
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        return "\n".join(filter(None, map(prose, value)))
    if not isinstance(value, str):
        return None
    if len(value) < _LONGEST_NOTHING and value.strip().lower() in _NOTHING:
        return ""
    if _ESCAPED_TAG.match(value):
        value = html.unescape(value)
    if "<" not in value or not _TAG.search(value):  # The first test is by far the faster one.
        return _ENTITY.sub(_character, value) if "&" in value else value
    if not _BLOCK_TAG.search(value):  # As WordPress keeps it: the lines are the paragraphs.
        value = value.replace("\n", "<br>")
    return html_to_text(value)


def one_line(value: object) -> str:
    """A value as one line of text: a list is joined, a number or a date written out."""
    if isinstance(value, str):
        return " ".join((prose(value) or "").split())
    if isinstance(value, list):
        return ", ".join(dict.fromkeys(filter(None, map(one_line, value))))
    if isinstance(value, Mapping):
        return _name_of(value)
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else one_line(str(value))
    if isinstance(value, (datetime.date, datetime.time)):
        return value.isoformat()
    return "" if isinstance(value, bool) or not isinstance(value, (int, Decimal)) else str(value)


def sections_in(value: object) -> str:
    """The sections in a value: a section's name may have a comma."""
    return names_in(value, "; ")


def names_in(value: object, between: str = ", ") -> str:
    """The names in a value; a number is none. A list may be written as Python writes it."""
    if isinstance(value, str) and re.fullmatch(r"\s*\[.*\]\s*", value, re.DOTALL):
        value = [one or other for one, other in _QUOTED.findall(value)]
    if isinstance(value, list):
        return between.join(dict.fromkeys(filter(None, map(names_in, value))))
    said = one_line(value)
    return said if any(c.isalpha() for c in said) else ""


def language_tag(value: object) -> str:
    """A language as its tag: "en" for "eng" and "English", "en-US" for "en_US"."""
    said = one_line(value)
    if match := _TAG_OF_LANGUAGE.fullmatch(said):
        code = match[1].lower()
        return f"{get_global('language_aliases').get(code, code)}{match[2].replace('_', '-')}"
    return str(_LANGUAGES.get(said.casefold(), said))


def _leaves(value: Mapping[str, object], path: str, depth: int) -> Iterator[tuple[str, object]]:
    for key, inner in value.items():
        name = f"{path}{key}"
        if isinstance(inner, Mapping) and inner and depth < _DEEPEST:
            yield from _leaves(inner, f"{name}.", depth + 1)
        else:
            yield name, inner


def _character(entity: re.Match[str]) -> str:
    known = entity[0][1] == "#" or entity[0][1:] in html5
    return html.unescape(entity[0]) if known else entity[0]


def _name_of(value: Mapping[str, object]) -> str:
    """What an object that stands for one value is called, as an author with a picture."""
    for key, inner in value.items():
        if is_value(key) and (said := one_line(inner)):
            return said
    parts = {re.sub(r"\W|_", "", key).lower(): one_line(inner) for key, inner in value.items()}
    return f"{parts.get('firstname', '')} {parts.get('lastname', '')}".strip()
