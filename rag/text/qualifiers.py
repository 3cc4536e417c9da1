"""Find the words that limit a short answer: "at least", "or more", "former", "denied". Pure.

Out of its sentence, "270" claims more than "at least 270" does. Words directly beside the answer
are shown with it (`qualified`); where others say that it is not so, may be so, or is somebody's
word (`is_reserved`), no part of the sentence can stand for all of it.
"""

from __future__ import annotations

import re

from rag.text.attribution import SAYS, clause_at, speaker
from rag.text.lines import spaced
from rag.text.person_titles import OFFICE
from rag.text.vocabulary import MONTH_OR_SHORT, POWERS, SPELT_NUMBER, either
from rag.types import Span

_REACH = 60  # Characters beside an answer in which its qualifiers are looked for.
_NUMBER = rf"[$€£¥]?(?:\d(?:[\d,.]*\d)?|{SPELT_NUMBER})(?: ?(?:{either(*POWERS)}|%))?"
_EACH = "(?:second|minute|hour|day|night|week|month|quarter|year|season|person|head|share|unit)"
_COMPARED = (
    "(?:more|less|fewer|greater|higher|lower|larger|smaller|longer|shorter|older|younger|later"
    "|earlier|sooner) than"
)
_BEFORE_FIGURE = either(
    # Bounds.
    rf"(?:(?:no|not|much|many|far|slightly|little|well|just) )?{_COMPARED}",
    r"at (?:the (?:very )?)?(?:least|most)", "(?:minimum|maximum)(?: of)?", "upwards? of",
    "in excess of", "(?:(?:just|well|slightly) )?(?:over|under|above|below|short of)", "up to",
    "as (?:many|much|few|little|high|low|early|late|long|old) as",
    # Roundings.
    "about", "around", "roughly", "approximately", "nearly", "almost", "circa", "some",
    "(?:close|near) to", "(?:an )?estimated", "(?:an )?average of", "perhaps", "possibly", "maybe",
    "probably", "reportedly", "allegedly",
    # Parts and steps.
    "only", "just", "barely", "another", "(?:an )?additional", "(?:a )?further", "minus",
    "(?:one|two|three|\\d+) (?:in|out of)", "half", "(?:a )?(?:half|third|quarter) of",
    "(?:tens|dozens|hundreds|thousands|millions) of",
)  # fmt: skip
_RANGE = (
    rf"(?<![\w.,-])(?:(?:between|from) )?{_NUMBER}(?: to |\s?[-–—]\s?)|\bbetween {_NUMBER} and "
)
_TIME = either(
    "(?:not )?(?:by|before|after|until|till|since)", "(?:in )?(?:early|late|mid)",
    "(?:the )?(?:beginning|start|middle|end) of",
)  # fmt: skip
_OPENS = re.compile(
    rf"(?<!\w)(?:{_BEFORE_FIGURE} (?:(?:an?|the) )?|{_RANGE}|[~≈<>≤≥±] ?)$", re.IGNORECASE
)
_OPENS_TIME = re.compile(rf"(?<!\w){_TIME}[ -](?:the )?$", re.IGNORECASE)
_CLOSES = re.compile(
    r"\+| ?%| per ?cent\b|,? or (?:so|more|less|fewer|over|under|older|younger|later|earlier)\b"
    r"|[- ]plus\b(?! \w)"
    rf"|(?: (?:per|an?|each|every) |/){_EACH}\b"
    r"|,? (?:each|apiece|annually|yearly|monthly|weekly|daily|hourly|on average"
    r"|at (?:the )?(?:least|most|earliest|latest))\b"
    rf"|(?: to |\s?[-–—]\s?){_NUMBER}(?!\w)",
    re.IGNORECASE,
)
_IS_FIGURE = re.compile(
    rf"\d|\b{either(SPELT_NUMBER, *POWERS, 'dozen', 'half', 'one')}s?\b", re.IGNORECASE
)
_IS_TIME = re.compile(rf"\b{MONTH_OR_SHORT}\b|\b(?:1\d|20)\d\d\b|(?:day|night|noon)\b")
_STATUS = (
    "(?:former|ex|then|acting|interim|caretaker|deputy|vice|assistant|outgoing|incoming|future"
    "|alleged|accused|suspected|would-be|self-proclaimed|suspended|ousted|provisional|late)"
)
# "former Google chief executive" before a name: the office, and at most two names before it.
_ROLE = rf"(?i:{OFFICE}|head|chief|executive|officer|owner|star|boss|prime|vice)"
_OPENS_NAME = re.compile(
    rf"(?<!\w)(?i:{_STATUS})[ -](?:(?:[A-Z][\w.’'-]* ){{0,2}}{_ROLE}(?: {_ROLE})*,? )?$"
)

_DENIES = re.compile(
    r"\b(?:den(?:y|ies|ied|ying)|refut\w+|reject\w*|dismiss\w*|disput\w+|debunk\w*|false\w*|untrue"
    r"|hoax|rumou?r\w*|alleg\w+|purport\w+|reportedly|supposed(?:ly)?|unconfirmed|mistaken\w*"
    r"|wrongly|incorrect\w*|fake|myth|speculat\w+|no (?:evidence|proof|sign|truth))\b",
    re.IGNORECASE,
)
"""Reaches over the clauses behind it."""
_OPEN = re.compile(
    r"\b(?:not|never|no(?!\. ?\d)|nobody|none|neither|nor|without|cannot|(?-i:may)|might|could"
    r"|would|should|if|unless|whether|possibl[ey]|perhaps|likely|unlikely|probabl[ey]"
    r"|plan(?:s|ned|ning)|propos\w+|expect(?:s|ed|ing)|project(?:s|ed)|forecast\w*|predict\w*"
    r"|hop(?:es|ed|ing)|fear(?:s|ed)|fail(?:s|ed) to|refus\w+|suggest\w*|want(?:s|ed)|intend\w*"
    r"|aim(?:s|ed) (?:to|for)|demand(?:s|ed)|ask(?:s|ed|ing) for)\b|n['’]t\b",
    re.IGNORECASE,
)
_PHRASE_END = re.compile(r"[,;:()–—]")


def qualified(text: str, span: Span) -> Span:
    """Return the span of a figure, a date or a name in `text` with the words right beside it that
    limit it."""
    text = spaced(text)
    start, end = span
    answer = text[start:end]
    if not _IS_FIGURE.search(answer) and not _IS_TIME.search(answer):
        return _opening(text, start, _OPENS_NAME), end
    patterns = (_OPENS, _OPENS_TIME) if _IS_TIME.search(answer) else (_OPENS,)
    for pattern in patterns * 2:  # "at least another", "not until late".
        start = _opening(text, start, pattern)
    while closes := _CLOSES.match(text, end):
        end = closes.end()
    return start, end


def is_reserved(text: str, span: Span, asked: str = "") -> bool:
    """Return whether the sentence `text` denies what it says at `span`, leaves it open, or has it
    from somebody whom it does not name. What the question `asked` says too is no reservation."""
    start, end = clause_at(text, span[0])
    before, behind = text[start : span[0]], text[span[1] : end]
    who = speaker(text, (start, end), span[0])
    if not who and SAYS.search(f"{before}…{behind}"):
        return True
    # What leaves it open stands in front of it, or behind it in the same phrase.
    around = f"{before}…{_PHRASE_END.split(behind)[0]}"
    told = around.replace(who, " ", 1) if who else around
    found = [*_OPEN.finditer(told), *_DENIES.finditer(f"{text[: span[0]]}…{behind}")]
    known = asked.lower()
    return any(match.group().lower() not in known for match in found)


def _opening(text: str, start: int, pattern: re.Pattern[str]) -> int:
    """Where the words begin that fit `pattern` right before `start`."""
    found = pattern.search(text, max(0, start - _REACH), start)
    return found.start() if found else start
