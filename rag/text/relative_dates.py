"""Find relative dates: "yesterday", "on Monday", whose day depends on that of writing. Pure.

English. A weekday with its date ("Monday, 2 March") is absolute and left out, and so is every name:
capitals inside a sentence ("USA Today", "Black Friday") are no dates.
"""

from __future__ import annotations

import re

from rag.text.vocabulary import MONTH, MONTH_OR_SHORT, TWO_TO_TWELVE, WEEKDAY, either
from rag.types import Span

_MONTH = rf"{MONTH_OR_SHORT}\b\.?"
_DAY_NAME = re.compile(WEEKDAY)
_PART = r"(?:morning|afternoon|evening|night)"
_UNIT = r"(?:week(?:end)?|month|quarter|year|decade|century|spring|summer|autumn|fall|winter)"
_COUNT = (
    rf"(?:\d{{1,3}}|an?|one|{either(*TWO_TO_TWELVE)}|several"
    r"|(?:a )?few|(?:a )?couple(?: of)?)"
)
_AGO = r"(?:minute|hour|day|night|week|weekend|month|year|decade)s?"
_EARLY = r"(?:(?:[Ee]arly|[Ee]arlier|[Ll]ate|[Ll]ater) )?"
# A capital is a sentence's: "Yesterday", "Last week". Elsewhere it is a name's: "USA Today".
_DAY = re.compile(
    r"(?<![\w,.-])(?:[Tt]he day (?:before yesterday|after tomorrow)"
    rf"|(?:[Yy]esterday|[Tt]omorrow)(?: {_PART}\b)?|[Tt]oday|[Tt]onight"
    rf"|{_EARLY}(?:[Ll]ast|[Tt]his|[Nn]ext) (?:{_UNIT}|{_PART}|(?:{MONTH}|{WEEKDAY}))"
    rf"|(?i:{_COUNT}) {_AGO} ago)(?![\w-])"
)
_ON = re.compile(rf"(?<![\w-])(?:[Oo]n )?{_EARLY}{WEEKDAY}(?: {_PART}\b)?(?![\w-])")
_DATE = (
    rf"(?:\d{{1,2}}(?:st|nd|rd|th)?,? (?:of )?{_MONTH}|{_MONTH} \d|\d{{1,2}}(?:st|nd|rd|th)\b"
    r"|\d{1,4}[-/.]\d)"
)
_DATED = re.compile(rf",? ?[(\[]?(?:the )?{_DATE}")
_BEHIND_DATE = re.compile(
    rf"(?:{_MONTH} \d{{1,2}}(?:st|nd|rd|th)?|\d{{1,2}}(?:st|nd|rd|th)? {_MONTH})(?:,? \d{{4}})?"
    r",? ?[(\[]?$"
)
_OPENS = re.compile(r"(?:^|[.!?…:\n])[\"'“‘”’)\]*–—• -]*$")
_QUOTES = re.compile("[\"'“‘]")
_WORD_BEFORE = re.compile(r"([\w.'’&-]+) $")
_CAPITAL = re.compile(r" ['‘“]?[A-Z]")
# Behind these a weekday is none of a name, though a name follows it; they open sentences too.
_SMALL = frozenset("on by since until till from before after and but late early".split())
_REPEATED = frozenset(
    "every each any a per most some all first second third fourth last final".split()
)
# "Monday Night Football", "Sunday Times", "Today Show".
_TITLE = re.compile(
    r" (?:Night|Morning|Evening|Afternoon|Times|Telegraph|Mirror|Mail|Express|Post|Herald|Star"
    r"|Show|Sport|Football|Live|People|World|FM)\b"
)
_BEFORE, _BEHIND = 40, 40  # Characters in which a date or a word beside it is looked for.


def relative_days(text: str) -> list[Span]:
    """Return the spans of relative dates, in order, none overlapping.

    "Yesterday", "last week", "two days ago", "on Monday"; not "recently", and no name.
    """
    found = [m.span() for m in _DAY.finditer(text) if _is_time(text, *m.span())]
    taken = {at for start, end in found for at in range(start, end)}
    found += [
        match.span()
        for match in _ON.finditer(text)
        if match.start() not in taken
        and match.end() - 1 not in taken
        and _is_day(text, *match.span())
    ]
    return sorted(found)


def _is_time(text: str, start: int, end: int) -> bool:
    """Whether words such as "last week" are neither part of a name nor counted from elsewhere."""
    before = _word_before(text, start)
    if before.lower() in ("the", "very") or _TITLE.match(text, end):
        return False  # "The last week" of something.
    if _DAY_NAME.search(text, start, end) and _dated(text, start, end):
        return False
    return text[start].islower() or text[start].isdigit() or _opens(text, start, end)


def _is_day(text: str, start: int, end: int) -> bool:
    """Whether a weekday is one of the days about the writing."""
    before = _word_before(text, start)
    if before.lower() in _REPEATED or _TITLE.match(text, end) or _dated(text, start, end):
        return False
    if text[start].islower():  # "on Monday".
        return True
    if _opens(text, start, end):
        return text.startswith(("On ", "Early ", "Late "), start) or not _CAPITAL.match(text, end)
    small = before.islower() or before.lower() in _SMALL or not before
    return small and (before.lower() in _SMALL or not _CAPITAL.match(text, end))


def _dated(text: str, start: int, end: int) -> bool:
    """Whether the date of a weekday is given beside it."""
    return bool(
        _DATED.match(text, end, end + _BEHIND)
        or _BEHIND_DATE.search(text[max(0, start - _BEFORE) : start])
    )


def _opens(text: str, start: int, end: int) -> bool:
    """Whether a sentence begins here, or a quotation that is no title in quotation marks."""
    if _QUOTES.search(text, max(0, start - 1), start):
        return text[end : end + 1] not in ("”", "’", '"', "'")
    return start == 0 or bool(_OPENS.search(text[max(0, start - 8) : start]))


def _word_before(text: str, start: int) -> str:
    match = _WORD_BEFORE.search(text[max(0, start - _BEFORE) : start])
    return match[1] if match else ""
