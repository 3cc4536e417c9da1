"""Parse source, author and date from one line of a page.

Owns bylines, "Source | date" lines, ages ("3 hours ago") and an agency's sign-off. Knows nothing
of pages: every function takes one line. A field that the line does not give stays empty.
"""

from __future__ import annotations

import datetime
import re
from typing import NamedTuple

from rag.ingest.text_page.line_kind import Kind, ends_sentence, kind_of
from rag.text.dates import looks_like_date, parse_date
from rag.text.vocabulary import SHORT_MONTHS, SHORT_WEEKDAYS, either

_AGENCY = (
    r"(?:AP|AFP|Reuters|REUTERS|Bernama|BERNAMA|Xinhua|XINHUA|[Dd]pa|DPA|Kyodo(?: News)?|ANI|PTI"
    r"|IANS|TASS|UPI|EFE|ANSA|Yonhap|Antara|ANTARA|Anadolu(?: Agency)?|VNA|VNS|AKP|PA|CNA|RFA|VOA"
    r"|BBC|Jiji|(?:The )?Associated Press|Agence France[- ]Presse|Press Trust of India"
    r"|Bloomberg|NNN)"
)
_AGENCIES = rf"{_AGENCY}(?:\s?[/,&-]\s?{_AGENCY})*"
_PAPER = (
    # "Live TV" and "Latest Post" are links, not names.
    r"(?!(?:Live|Watch|Listen|Our|Print|Latest|About|Digital|Guest|Blog|Newer|Older|Local)\b)"
    r"(?:[A-Z][\w’'.-]*[ -]){1,4}(?:Post|Times|Daily|Star|Herald|Tribune|Journal|Guardian|Telegraph"
    r"|Gazette|Chronicle|Observer|Press|Agency|Today|Mail|Express|Standard|Independent|Courier|Globe"
    r"|Radio|Television|TV|Broadcasting|Examiner|Bulletin|Weekly|Monitor|Dispatch|Inquirer|Diplomat)"
    r"|[A-Z]{2,5} (?:News|Khmer|World)"
)
_OUTLET = re.compile(rf"{_AGENCIES}|{_PAPER}")
_NAMED_THE = re.compile(r"The(?: [A-Z][\w’'-]+){1,3}")
_SIGN_OFF = re.compile(
    rf"(?P<lead>^|[.!?][\"'”’)]*)\s*"
    rf"(?:[-–—]{{1,3}}\s*(?P<dash>{_AGENCIES}|[A-Z]{{2,6}}|{_PAPER})|[(\[](?P<bracket>{_AGENCIES})[)\]])"
    r"\.?\s*$"
)
_DATELINE = re.compile(rf"[^.!?()]{{2,60}}\((?P<agency>{_AGENCIES})\)\s*(?:[-–—:]|$)")
_AGE = re.compile(
    r"(?:about |over |an? )?(?:\d+ ?)?"
    r"(?:s|secs?|seconds?|m|mins?|minutes?|h|hrs?|hours?|d|days?|w|weeks?|months?|y|years?)"
    r" ago|just now|yesterday|today|\d{1,2}[:.]\d\d ?(?:[ap]\.?m\.?)?",
    re.IGNORECASE,
)
_SPLIT = re.compile(
    r"\s*[|•·]\s*|\s+[-–—/]\s+|\s{3,}|\t|[\s,(]+(?=(?:last )?updated\b)", re.IGNORECASE
)
_PUBLISHED = re.compile(
    r"posted by .{1,60}? on\s+|"
    r"(?:(?:first )?published|publication date|posted|issued|date)(?: on| at)?\s*:?\s+",
    re.I,
)
_UPDATED = re.compile(r"(?:last )?(?:updated|modified)\b(?: on| at)?\s*:?\s*", re.IGNORECASE)
_BYLINE = re.compile(
    r"(?:(?:(?:written|reported|story|words|text|analysis) )?by:?|(?:authors?|byline)\s*:)"
    r"\s+(.+)",
    re.IGNORECASE,
)
_SOURCE = re.compile(r"(?:source|via)\s*:\s*([^:]{2,60})", re.IGNORECASE)
_WHEN = re.compile(r"[\s,]+(?:on|at|published|posted|last updated|updated)\b[\s:]*", re.IGNORECASE)
_DATE_START = re.compile(
    rf"[\s,]+(?=\d|{either(*SHORT_WEEKDAYS, 'May', *SHORT_MONTHS)})",
    re.IGNORECASE,
)
_ROLE = re.compile(
    r",\s*(?:[\w-]+\s){0,2}(?:writer|reporter|correspondent|editor|columnist)$", re.I
)
_SMALL = re.compile(r"and|de|da|del|bin|binti|van|von|der|den|al|el|ibn|la|le|of|in|for|&|y|di|e")
_LONGEST = 160
_HINT = re.compile(
    r"\d|\bago\b|\bby\b|^(?:just now|yesterday|today|source|via|author|byline)", re.I
)


class Stamp(NamedTuple):
    """The fields that one line gives. `dated` is true for an age and a partial date, too."""

    source: str = ""
    author: str = ""
    published: datetime.date | None = None
    dated: bool = False


def read_stamp(bare: str) -> Stamp | None:
    """Parse a byline, a date, an age or "Source | date"; return None for any other line."""
    if len(bare) > _LONGEST or not _HINT.search(bare):
        return None
    if match := _SOURCE.fullmatch(bare):
        return Stamp(source=match[1].strip())
    stamp, others = Stamp(), []
    for piece in filter(None, (piece.strip(" ()") for piece in _SPLIT.split(bare))):
        read = _read_piece(piece)
        if read is None:
            others.append(piece)
            continue
        stamp = Stamp(
            stamp.source or read.source,
            stamp.author or read.author,
            stamp.published or read.published,
            stamp.dated or read.dated,
        )
    if not (stamp.dated or stamp.author):
        return None
    # "Jane Doe | Published 2 May 2024" names a writer as often as a publisher.
    return _with_source(stamp, others, "|" in bare and not says_when(bare))


def says_when(bare: str) -> bool:
    """Whether a line labels its date or age: "Published", "Updated"."""
    return any(_PUBLISHED.match(piece) or _UPDATED.match(piece) for piece in _SPLIT.split(bare))


def is_outlet(bare: str) -> bool:
    """Whether a label has the form of a publisher's or an agency's name."""
    return len(bare) <= 60 and _OUTLET.fullmatch(bare) is not None


def is_outlet_above_date(bare: str) -> bool:
    """Whether a label above a date names a publisher: "The Gulf Ledger"."""
    return is_outlet(bare) or _NAMED_THE.fullmatch(bare) is not None


def sign_off(line: str) -> tuple[int, str]:
    """Return where an agency's closing sign-off starts, and the agency, or (-1, "").

    A quotation before a dash is left alone: the name after it is a speaker's.
    """
    if re.fullmatch(_AGENCIES, line.strip()):
        return 0, line.strip()
    start = max(0, len(line) - 80)
    # "^" holds at the line's own start only, not at that of the tail searched.
    match = _SIGN_OFF.search(line, start)
    if match is None:
        return -1, ""
    return match.end("lead"), match["dash"] or match["bracket"]


def dateline_agency(line: str) -> str:
    """Return the agency in a dateline, "PHNOM PENH, July 16 (Reuters) -", or ""."""
    match = _DATELINE.match(line)
    return match["agency"] if match else ""


def _read_piece(piece: str) -> Stamp | None:
    if _AGE.fullmatch(piece):
        return Stamp(dated=True)
    if match := _UPDATED.match(piece):
        # The day of a later change is not the day of publication.
        rest = piece[match.end() :]
        return Stamp(dated=True) if _AGE.fullmatch(rest) or looks_like_date(rest) else None
    match = _PUBLISHED.match(piece)
    rest = piece[match.end() :] if match else piece
    if looks_like_date(rest) or (match and _AGE.fullmatch(rest)):
        return Stamp(published=parse_date(rest), dated=True)
    if match := _BYLINE.fullmatch(piece):
        return _read_byline(match[1])
    name, date = _cut_date(piece)
    if date and len(name.split()) <= 5 and (is_outlet(name) or parse_date(date)):
        # "Phnom Penh, 3 May 2024" names a place, and could as well name a writer: neither is read.
        return Stamp(name if is_outlet(name) else "", "", parse_date(date), True)
    return Stamp() if kind_of(piece) in (Kind.FURNITURE, Kind.SECTION, Kind.COMMENTS) else None


def _read_byline(written: str) -> Stamp | None:
    name, date = _cut_date(written)
    if match := _WHEN.search(name):
        name, date = name[: match.start()], date or name[match.end() :]
    name = _ROLE.sub("", name.strip(" ,"))
    person, _, outlet = name.rpartition(",")
    source = ""
    if person and is_outlet(outlet.strip()):
        name, source = person.strip(), outlet.strip()
    if not _is_name(name):
        return None
    return Stamp(source, name, parse_date(date), looks_like_date(date))


def _cut_date(written: str) -> tuple[str, str]:
    for match in _DATE_START.finditer(written, max(0, len(written) - 50)):
        if looks_like_date(written[match.end() :]):
            return written[: match.start()], written[match.end() :]
    return written, ""


def _is_name(name: str) -> bool:
    words = name.replace(",", " ").split()
    if not 0 < len(words) <= 12 or (len(words) > 3 and ends_sentence(name)):
        return False
    if words[0][0].islower() or any(c.isdigit() for c in name):
        return False
    return not any(word[0].islower() and not _SMALL.fullmatch(word) for word in words)


def _with_source(stamp: Stamp, others: list[str], barred: bool) -> Stamp | None:
    """Return `stamp` with the publisher among the pieces that are neither date nor byline.

    After a bar any label is the publisher; "Jane Doe - 2 May 2024" may name a writer, so that a
    dash needs a publisher's form. A line with a longer piece is a sentence or a title: None.
    """
    if any(len(piece) > 60 or len(piece.split()) > 6 for piece in others):
        return None
    for piece in others:
        if is_outlet(piece) or (barred and not stamp.author and not stamp.source):
            return stamp._replace(source=stamp.source or piece)
    return stamp if stamp.author or not others or len(others[0].split()) <= 3 else None
