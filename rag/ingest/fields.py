"""Check the fields of an article as any reader finds them written.

Owns what each field may hold, and what is said of one that is left empty. Knows no format.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from rag.ingest.encoding import unfit
from rag.text.dates import DateOrder, is_ambiguous_date, parse_date
from rag.types import Note
from rag.wording import note

_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")
_PLAIN = ("title", "id", "source", "author", "language", "section")


def read_fields(
    values: Mapping[str, str | None], dates: DateOrder = ""
) -> tuple[dict[str, object], list[Note]]:
    """Return the fields of `Article` in `values`, and what had to be left out and why.

    Reads every field but the text. An empty value gives no field. `dates` is the order of day and
    month in dates that could be read both ways.
    """
    fields: dict[str, object] = {}
    problems: list[Note] = []
    for name in _PLAIN:
        value = _plain(values.get(name))
        if problem := unfit(value):
            problems.append(note("field_unfit", field=name, problem=problem))
        elif value:
            fields[name] = value
    written = _plain(values.get("published"))
    if date := parse_date(written, dates):
        fields["published"] = date
    elif written:
        reason = "date_ambiguous" if is_ambiguous_date(written) else "date_incomplete"
        problems.append(note(reason, date=ascii(written[:40])))
    url = _plain(values.get("url"))
    if re.match(r"https?://[^\s/]", url, re.IGNORECASE) and not unfit(url):
        fields["url"] = url
    elif url:
        problems.append(note("url_unfit"))
    return fields, problems


def language_tag(written: str) -> str:
    """A language as a document declares it, as "en-GB"; "" for what is no such tag."""
    tag = written.strip()
    return tag if _LANGUAGE.fullmatch(tag) else ""


def _plain(value: str | None) -> str:
    """A field as one line of text."""
    return " ".join((value or "").split())
