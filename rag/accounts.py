"""Accounts that differ: sentences that give another figure, date or name for the same thing. Pure.

When in doubt nothing differs: a false alarm costs more trust than a miss. So the two must have
different voices (articles, or speakers in one article), hold the same words of the question, and
name the same people, places and times. A figure within the other's rounding or bound ("about",
"more than") does not differ, and a part ("another 20", "20 of them") is no account of the whole.
An update is not told from a contradiction: where the text dates the two figures they are two
things, otherwise both are shown, and their articles' dates tell the reader which is newer.
"""

from __future__ import annotations

import datetime
import functools
import itertools
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from rag.dates import dates_in
from rag.kinds import FIGURES, signs
from rag.types import Article, Question, Span
from rag.words import names, words

# One of the first sentences, about as probable as the best, has to answer; others may be anywhere.
_FIRST, _CLOSE = 3, 0.5
_SHOWN = 3  # Accounts.
_NAMED = frozenset({"person", "name", "place"})
# Sentences that differ in a name only share so many words, and that share of all.
_LEAST, _ALIKE = 3, 0.8

_ASKING = frozenset(
    words("many much long old big large number total people person minute hour day week month year")
)
_SAME_WORDS = {
    "kill": "die", "dead": "die", "death": "die", "wound": "injur", "hurt": "injur",
    "detain": "arrest",
}  # fmt: skip
# What makes two figures those of two things: a year, a period, a forecast, a denial.
_QUALIFIED = re.compile(
    r"\b(?:1\d|20)\d\d\b|\b(?:dai|week|month|year|quarter|hour)ly\b|\bannual|\baverag\w+"
    r"|\b(?:this|last|past|next|per|each|every|an?|first|second|third|fourth|final|opening)"
    r" (?:hour|day|week|month|quarter|season|year|half|night|game|match)\b"
    r"|\b(?:expect|project|predict|forecast|target|plann|discount|original)(?:s|ed|ly|)\b"
    r"|\b(?:record (?:low|high)|start(?:s|ing) at|will|would|could|may|might|should|if|not|never)\b"
    r"|n['’]t\b",
    re.IGNORECASE,
)
# What "how many" counts stands close behind the figure, in the same phrase.
_COUNTED = re.compile(r"how many((?: \w[\w'’-]*){1,3})", re.IGNORECASE)
_REACH = 40
_PHRASE_END = re.compile(r"[,;:.()] | (?:in|of|for|at|on|to|from|with|and|or|by) ")
_CLAUSE = re.compile(r";|,? (?:while|whereas|although|though|but) ", re.IGNORECASE)

_YEAR = re.compile(r"\b(?:1\d|20)\d\d\b")
_SMALL = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen"
    " sixteen seventeen eighteen nineteen"
).split()
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
_NUMERALS = {"a": 1, "an": 1} | {word: number for number, word in enumerate(_SMALL)}
for _number, _ten in enumerate(_TENS, 2):
    _NUMERALS[_ten] = 10 * _number
    _NUMERALS |= {f"{_ten}-{_SMALL[one]}": 10 * _number + one for one in range(1, 10)}
_POWERS = {
    "dozen": 12, "hundred": 100, "thousand": 1e3, "k": 1e3, "lakh": 1e5, "million": 1e6, "m": 1e6,
    "crore": 1e7, "billion": 1e9, "bn": 1e9, "b": 1e9, "trillion": 1e12,
}  # fmt: skip
_FIGURE = re.compile(
    r"(?<![\d.,])(?:(?P<digits>\d+(?:,\d{3})*(?:\.\d+)?)|\b(?P<word>"
    + "|".join(sorted(_NUMERALS, key=len, reverse=True))
    + r")\b)(?P<half> and a half)?"
    r"(?:[\s-]?(?P<power>dozen|hundred|thousand|lakh|million|crore|billion|trillion)s?\b"
    r"|(?P<letter>k|m|bn|b)\b)?",
    re.IGNORECASE,
)
_SECONDS = {
    "second": 1, "minute": 60, "hour": 3600, "day": 86_400, "night": 86_400, "week": 604_800,
    "month": 2_629_800, "year": 31_557_600, "decade": 315_576_000, "century": 3_155_760_000,
    "centurie": 3_155_760_000,
}  # fmt: skip
_UNITS = {
    "dollar": "$", "usd": "$", "us$": "$", "euro": "€", "pound": "£", "yen": "¥", "rs": "₹",
    "rupee": "₹", "%": "percent", "per": "percent",
}  # fmt: skip
_UNIT_BEFORE = re.compile(r"(?:[a-z]{0,2}[$€£¥₹฿៛]|\brs\.?)\s?$", re.IGNORECASE)
_UNIT_BEHIND = re.compile(r"[\s-]?([^\W\d_]+|%)")
_ABOUT = re.compile(
    r"\b(?:about|around|roughly|nearly|almost|approximately|some|estimated|close to)(?: \w+)? ?$",
    re.IGNORECASE,
)
_AT_LEAST = re.compile(
    r"\b(?:more than|over|at least|above|upwards? of|no (?:fewer|less) than|minimum\b.{0,12}) ?$",
    re.IGNORECASE,
)
_AT_MOST = re.compile(
    r"\b(?:up to|at most|as (?:many|much) as|(?:fewer|less) than|under|below) ?$", re.IGNORECASE
)
# A figure beside these is a part, a step, or an end of a range.
_PART_BEFORE = re.compile(
    r"\b(?:another|other|includ\w+|additional|extra|further|remaining|first|last|past|next|every"
    r"|each|per|by|between|from|to|and|of the|down|off|save)(?: (?:the|an?))? ?$|\d ?[-–—] ?$",
    re.IGNORECASE,
)
_PART_BEHIND = re.compile(
    r"\s?(?:(?:more|others?|additional|off)\b|of (?:the|its|his|her|their|them|those|which)\b"
    r"|(?:to|and|[-–—]) ?[$€£]?\d)",
    re.IGNORECASE,
)
_CONVERTED = re.compile(r"(?:or|about|around|roughly|nearly|approximately|some|\W)*", re.IGNORECASE)

_QUOTATION = re.compile(r"“[^”]*(?:”|$)|\"[^\"]*(?:\"|$)")
_VERB = (
    r"(?:said|says|told|wrote|writes|tweeted|claim(?:s|ed)|alleg(?:es|ed)|estimat(?:es|ed)"
    r"|report(?:s|ed)|stat(?:es|ed)|add(?:s|ed)|not(?:es|ed)|confirm(?:s|ed)|figured"
    r"|puts?(?= (?:the|its|their|that|this|it)\b))"
)
_SAYS = re.compile(
    rf"(?<!\bis )(?<!\bare )(?<!\bwas )(?<!\bwere )(?<!\bbe )(?<!\bbeen )\b{_VERB}\b(?! to\b)"
)
_PARTY = r"((?:[^\s,;:“”\"()]+ ){0,7}?[^\s,;:“”\"()]+?)"
_STOP = r"[,;:“”\"()]|(?<![A-Z])\.?(?:\s*$|[”\"]|\.\s)| (?:that|which|who|where)\b"
_ACCORDING = re.compile(
    rf"\b(?:[Aa]ccording to|[Cc]iting|[Qq]uoting|[Rr]eferring to) {_PARTY}(?={_STOP})"
)
_INVERTED = re.compile(rf"\W*{_VERB} {_PARTY}(?={_STOP}| (?:on|in|at|as)\b)")
_SUBJECT = re.compile(r"([^,;:.!?“”\"()—–]+)(?:, [^;:.!?“”\"—–]+,)? $")
_LINK = re.compile(
    r".*\b(?:that|which|who|after|when|as|because|where|if|than)\s"
    r"|(?:and|but|while|whereas|although|though)\s",
    re.IGNORECASE,
)
_ADVERB = re.compile(r"(?: (?:also|later|then|has|have|had|earlier|\w+ly))+$")
_PRONOUN = re.compile(r"(?:he|she|they|it|who|which|i|we)\b", re.IGNORECASE)
_POINTING = frozenset("that this these those there".split())
_SAID_ON = re.compile(rf"\b{_VERB}(?: (?:on|to|in|at|by|the|of)){{0,3}} $")
_BEHIND_QUOTATION = re.compile(r"”\s?(?:[^\s,.]+ ){0,6}$")
_WINDOW = 400  # Characters before a verb in which its subject is looked for.
_BEHIND = 60  # Characters behind a quotation in which its speaker is named.
_NAME_WORDS, _PLAIN_WORDS = 8, 4  # The longest subject with a name, and without.


class Read(Protocol):
    """A sentence that was read, as `rag.extract.Sentence`."""

    @property
    def article_id(self) -> str: ...
    @property
    def start(self) -> int: ...
    @property
    def end(self) -> int: ...
    @property
    def text(self) -> str: ...
    @property
    def probability(self) -> float: ...
    @property
    def marks(self) -> tuple[Span, ...]: ...


@dataclass(frozen=True, slots=True)
class Said:
    """What a sentence says to the question: the words at `span` of its text, and who says so.

    `speaker` is as the article names it, "" where the article speaks itself.
    """

    sentence: Read
    span: Span
    speaker: str


@dataclass(frozen=True, slots=True)
class _Value:
    """The words at `span`: somewhere from `low` to `high`, in `unit`. A name has no size."""

    span: Span
    unit: str = ""
    low: float = 0.0
    high: float = 0.0


@dataclass(frozen=True)
class _Clause:
    """A clause of a sentence that gives one value; `values` are its readings and conversions."""

    sentence: Read
    within: Span
    values: tuple[_Value, ...]
    article: Article

    @property
    def text(self) -> str:
        return self.sentence.text[slice(*self.within)]

    @property
    def span(self) -> Span:
        """Where the value stands in the sentence."""
        start, end = self.values[0].span[0], self.values[-1].span[1]
        closes = "(" in self.sentence.text[start:end] and self.sentence.text.startswith(")", end)
        return start, end + closes

    @property
    def value(self) -> str:
        return self.sentence.text[slice(*self.span)]

    @functools.cached_property
    def speaker(self) -> str:
        start = self.sentence.start
        clause = start + self.within[0], start + self.within[1]
        return _speaker(self.article.text, clause, start + self.span[0])


def differing(
    question: Question, sentences: Sequence[Read], article: Callable[[str], Article]
) -> list[Said]:
    """Return the best account and those that differ from it, at most three; [] if none does.

    `sentences` come most probable first. No two of the accounts returned agree.
    """
    if question.expects not in FIGURES | _NAMED:
        return []
    clauses = list(_clauses(question, sentences, article))
    close = [s for s in sentences[:_FIRST] if s.probability >= _CLOSE * sentences[0].probability]
    best = next((clause for clause in clauses if clause.sentence in close), None)
    if best is None:
        return []
    told = [best]
    for clause in clauses:
        new = all(_differ(clause, one, question.expects) for one in told)
        if new and _same_thing(question, best, clause):
            told.append(clause)
    found = [Said(clause.sentence, clause.span, clause.speaker) for clause in told[:_SHOWN]]
    return found if len(found) > 1 else []


def _clauses(
    question: Question, sentences: Sequence[Read], article: Callable[[str], Article]
) -> Iterator[_Clause]:
    """The clauses that answer with one value, in the order of the sentences."""
    years = _years(sentences, article)
    for sentence in sentences:
        cuts = [0, *(m.end() for m in _CLAUSE.finditer(sentence.text)), len(sentence.text)]
        for start, end in itertools.pairwise(cuts):
            found = _values(question, sentence.text[start:end], years)
            values = [replace(v, span=(v.span[0] + start, v.span[1] + start)) for v in found]
            marked = [v for v in values if any(_meet(v.span, mark) for mark in sentence.marks)]
            values = marked or values
            if values and _are_one(values, sentence.text):
                about = article(sentence.article_id)
                yield _Clause(sentence, (start, end), tuple(values), about)


def _years(sentences: Sequence[Read], article: Callable[[str], Article]) -> frozenset[int]:
    """The years that a date without one may be of: any will do where none is known."""
    published = [article(sentence.article_id).published for sentence in sentences]
    written = {int(year) for sentence in sentences for year in _YEAR.findall(sentence.text)}
    return frozenset(written | {day.year for day in published if day}) or frozenset({2000})


# What a clause says.


def _values(question: Question, text: str, years: frozenset[int]) -> list[_Value]:
    if question.expects == "date":
        return _dates(text, years)
    if question.expects in FIGURES:
        return _figures(question, text)
    asked = set(words(question.text))
    found = [span for span in names(text) if not asked & set(words(text[slice(*span)]))]
    dates = _date_signs(text)
    return [_Value(span) for span in found if not any(_meet(span, date) for date in dates)]


def _dates(text: str, years: frozenset[int]) -> list[_Value]:
    """The dates of a clause, each with all the days that it may mean."""
    dated = list(dates_in(text, years))
    for match in _YEAR.finditer(text):
        if not any(_meet(match.span(), span) for span, _ in dated):
            year = int(match.group())
            days = datetime.date(year, 1, 1), datetime.date(year, 12, 31)
            dated.append((match.span(), [days]))
    return [
        _Value(span, "day", first.toordinal(), last.toordinal())
        for span, times in dated
        for first, last in times
    ]


def _figures(question: Question, text: str) -> list[_Value]:
    """The figures of the kind asked for in a clause, but for parts and dates."""
    shown = [span for span in signs(question, text) if _counts(question, text[span[1] :])]
    if not shown:
        return []
    dates = [span for span, _ in dates_in(text, {2000})]
    found = []
    for match in _FIGURE.finditer(text):
        sign = next((span for span in shown if _meet(span, match.span())), None)
        dated = _YEAR.fullmatch(match.group()) or any(_meet(match.span(), d) for d in dates)
        if sign is None or dated:
            continue
        span = min(sign[0], match.start()), max(sign[1], match.end())
        if not (_PART_BEFORE.search(text[: span[0]]) or _PART_BEHIND.match(text, span[1])):
            found.append(_figure(question, text, span, match))
    return found


def _counts(question: Question, behind: str) -> bool:
    """Whether a figure with the words `behind` it counts what the question counts, if it does."""
    counted = _COUNTED.search(question.text)
    if not counted or question.expects != "number":
        return True
    phrase = _PHRASE_END.split(behind[:_REACH], maxsplit=1)[0]
    return bool(set(words(counted[1])) & set(words(phrase)))


def _figure(question: Question, text: str, span: Span, match: re.Match[str]) -> _Value:
    """The figure that matched, as far as rounding, "about" and "more than" let it reach."""
    digits, letter = match["digits"] or "", (match["letter"] or "").lower()
    number = float(digits.replace(",", "")) if digits else float(_NUMERALS[match["word"].lower()])
    number += 0.5 if match["half"] else 0.0
    unit = _unit(question, text, match)
    power = (match["power"] or "").lower() or (letter if question.expects != "size" else "")
    places = len(digits.partition(".")[2])
    rounded = 0.5 * 10**-places if places or power else 0.0
    slack = max(rounded, 0.05 * number if number >= 100 else 0.0)
    before = text[: span[0]]
    if _ABOUT.search(before):
        slack = max(slack, 0.1 * number)
    low, high = number - slack, number + slack
    if _AT_MOST.search(before):
        low = 0.0
    if _AT_LEAST.search(before) or text.startswith("+", span[1]):
        high = float("inf")
    scale = _POWERS.get(power, 1.0)
    if question.expects == "duration":
        scale, unit = scale * _SECONDS.get(unit, 1), ""
    return _Value(span, unit, low * scale, high * scale)


def _unit(question: Question, text: str, match: re.Match[str]) -> str:
    """What a figure is in; "" where the question already says what is counted."""
    kind = question.expects
    if kind == "age" or (kind == "number" and _COUNTED.search(question.text)):
        return ""
    if kind == "size" and match["letter"]:
        return match["letter"].lower()
    before = _UNIT_BEFORE.search(text[: match.start()]) if kind == "money" else None
    behind = _UNIT_BEHIND.match(text, match.end())
    unit = before.group() if before else behind[1] if behind else ""
    unit = unit.strip(" .").lower().removesuffix("s")
    return _UNITS.get(unit, unit)


def _are_one(values: Sequence[_Value], text: str) -> bool:
    """Whether all are one value: readings of the same words, or conversions side by side."""
    return all(
        a.span == b.span or (a.unit != b.unit and _CONVERTED.fullmatch(text, a.span[1], b.span[0]))
        for a, b in itertools.pairwise(values)
    )


def _differ(a: _Clause, b: _Clause, kind: str) -> bool:
    """Whether the values can be compared, and none fits one of the other."""
    if kind in _NAMED:
        return not set(words(a.value)) & set(words(b.value))
    like = [(v, w) for v in a.values for w in b.values if v.unit == w.unit]
    return bool(like) and all(v.high < w.low or w.high < v.low for v, w in like)


# What a clause speaks of.


def _same_thing(question: Question, a: _Clause, b: _Clause) -> bool:
    """Whether two voices answer the question for the same people, places and times."""
    apart = a.sentence.article_id != b.sentence.article_id
    if not apart and a.speaker == b.speaker:
        return False
    if question.expects in _NAMED:
        return _differ_in_name_only(a, b)
    asked = _content(question.text) - _ASKING
    if _circumstances(a, asked) != _circumstances(b, asked):
        return False
    told_a, told_b = (_content(clause.text) for clause in (a, b))
    if not apart and _side_by_side(a.sentence, b.sentence):
        return bool(asked & told_a and told_a & told_b)
    named = {w for start, end in names(question.text) for w in words(question.text[start:end])}
    known_a, known_b = (
        named & (told | set(words(clause.article.title)))
        for clause, told in ((a, told_a), (b, told_b))
    )
    same = asked & told_a - named == asked & told_b - named and known_a == known_b
    said = asked & told_a & told_b
    return bool(same and said and (said - named or question.expects == "age"))


def _differ_in_name_only(a: _Clause, b: _Clause) -> bool:
    rest_a, rest_b = (set(words(c.text)) - set(words(c.value)) for c in (a, b))
    both = len(rest_a & rest_b)
    return both >= max(_LEAST, _ALIKE * len(rest_a | rest_b))


def _side_by_side(a: Read, b: Read) -> bool:
    """Whether one follows the other in a paragraph: they need not repeat what they speak of."""
    return a != b and max(a.start, b.start) - min(a.end, b.end) <= 1


def _content(text: str) -> set[str]:
    return {_SAME_WORDS.get(word, word) for word in words(text)}


def _circumstances(clause: _Clause, asked: set[str]) -> set[str]:
    """What tells a clause's thing from others: names, but for the question's, and _QUALIFIED."""
    text, first = clause.text, clause.within[0]
    found = {match.group().lower() for match in _QUALIFIED.finditer(text)}
    dates = {word for date in _date_signs(text) for word in words(text[slice(*date)])}
    for start, end in names(text):
        name = text[start:end]
        known = _meet((start + first, end + first), clause.span) or _SAID_ON.search(text[:start])
        # A word that opens the sentence is no name if the article has it in lower case.
        opens = start == 0 and re.search(rf"\b{re.escape(name.lower())}\b", clause.article.text)
        if not (known or opens):
            found.update(set(words(name)) - dates)
    return found - asked - set(words(clause.speaker))


def _date_signs(text: str) -> list[Span]:
    return signs(Question("", expects="date"), text)


def _meet(a: Span, b: Span) -> bool:
    return a[0] < b[1] and b[0] < a[1]


# Who says so.


def _speaker(text: str, clause: Span, at: int) -> str:
    """Who says the words that stand `at` in a clause of `text`."""
    first = text.rfind("\n", 0, at) + 1
    last = text.find("\n", at)
    paragraph = text[first : last if last >= 0 else len(text)]
    quotations = _QUOTATION.finditer(paragraph)
    quotation = next((q for q in quotations if q.start() <= at - first < q.end()), None)
    if quotation:
        return _quoted_speaker(paragraph[: quotation.start()], paragraph[quotation.end() :])
    bare = _QUOTATION.sub(lambda match: "”" * len(match.group()), paragraph)
    start, end = max(0, clause[0] - first), clause[1] - first
    if according := _ACCORDING.search(bare, start, end):
        return according[1]
    for verb in _SAYS.finditer(bare, start, end):
        # "…”, he wrote" belongs to the quotation.
        if not _BEHIND_QUOTATION.search(bare[max(0, verb.start() - _BEHIND) : verb.start()]):
            return _subject(bare[: verb.start()]) or _inverted(bare[verb.start() : end])
    return ""


def _quoted_speaker(before: str, behind: str) -> str:
    """Who speaks between the words `before` a quotation and those `behind`."""
    if inverted := _inverted(behind):
        return inverted
    verb = _SAYS.search(behind, 0, _BEHIND)
    named = behind[: verb.start()] if verb else ""
    if not named or _PRONOUN.match(named.strip()):
        return _last_speaker(before)
    return _subject(named)


def _last_speaker(before: str) -> str:
    verbs = list(_SAYS.finditer(before[-_WINDOW:]))
    return _subject(before[-_WINDOW:][: verbs[-1].start()]) if verbs else ""


def _inverted(text: str) -> str:
    """The subject that follows the verb at the beginning of `text`: "said Hun Manet"."""
    match = _INVERTED.match(text)
    return match[1] if match else ""


def _subject(before: str) -> str:
    """The words before a verb that name its subject."""
    before = before[-_WINDOW:]
    match = _SUBJECT.search(before)
    phrase = _ADVERB.sub("", _LINK.sub("", match[1].strip(), count=1)) if match else ""
    if not match or phrase.lower() in _POINTING:
        return ""
    if not phrase or _PRONOUN.match(phrase):
        return _last_speaker(before[: match.start()])
    found = names(phrase)
    if len(phrase.split()) <= (_NAME_WORDS if found else _PLAIN_WORDS):
        return phrase
    return phrase[slice(*found[-1])] if found else ""
