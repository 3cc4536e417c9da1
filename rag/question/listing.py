"""Questions that count or list articles: "How many articles mention …?", "Which sources …?".

Recognises them, and what an article must have to be counted: words, source, author, day.
`rag.answer.listing` answers them from the index. In doubt a question is none: "How many articles
does the treaty have?" asks of a thing in the articles. Pure.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Literal

from rag.question.metadata import OPENING
from rag.question.parse import QuestionParser
from rag.text.dates import dates_in
from rag.text.stems import STOP_WORDS, names
from rag.text.vocabulary import ANAPHOR, MONTH, QUESTION_WORD, either
from rag.types import Days, Filters, Question

_ARTICLES = r"(?:news )?(?:articles?|stories|reports|pieces)"
_SOURCES = (
    r"(?:news )?(?:sources?|outlets?|newspapers|papers|publications|publishers|magazines)"
    r"|(?:media|news) (?:outlets|organi[sz]ations|sites)"
)
_NOUN = rf"(?P<noun>{_ARTICLES}|{_SOURCES})"
_ALL = r"(?: all| every| any| some| an?)?(?: of)?(?: the| your| these)?"
_COUNTED = either(
    r"(?:in )?how many(?: of the| different)?",
    r"what is the (?:total )?number of",
    r"(?:in )?(?:which|what)(?: are the| of the)?",
    rf"(?:list|show|count|find|give|name)(?: me)?{_ALL}",
    rf"(?:is|are) there{_ALL}",
    rf"(?:do you|does the archive) have{_ALL}",
)
_OPENING = re.compile(
    rf"\A{_COUNTED} (?:(?P<of>[^,]{{2,40}}?) )??{_NOUN}(?!['’\w-])(?P<rest>.*)", re.I
)
_AUXILIARY = r"(?:are|is|was|were|has|have|had|been|do|does|did|get|got)"
_BE = rf"(?:and )?(?:(?:that|which) )?(?:{_AUXILIARY} )*"
_WROTE = r"(?:wrote|talk(?:s|ed)?|speaks?|spoke|writ(?:es?|ten|ing)|report(?:s|ed|ing)?)"
_MENTION = either(
    r"(?:mention|contain|discuss|cover|concern)(?:s|es|ed|ing)?(?! (?:in|by|with|under)\b)",
    r"(?:nam|describ|quot|featur|referenc)(?:es?|ed|ing)(?! (?:in|by|with|under)\b)",
    r"refer(?:s|red|ring)? to",
    r"deal(?:s|t)? with",
    rf"{_WROTE} of",
    rf"(?:(?:{_WROTE}|have|publish(?:ed)?)(?: anything| articles| stories)? )?"
    "(?:about|on|regarding)",
)
_MENTIONED = either("mentioned", "named", "discussed", "described", "covered", "quoted", "featured")
_APPEAR = either("appear", "occur", "come up")
_PUBLISH = either(
    "publish(?:ed)?", "print(?:ed)?", "run", "write", "written", "carr(?:y|ied)", "have"
)
_HERE = r"(?:the|this|your|our) (?:archive|collection|index|corpus|database)"
# What leaves nothing out of the count.
_FILLER = either(
    r"(?:(?:that|which) )?(?:are|were|is) there",
    r"(?:that )?(?:do )?you have",
    "available",
    rf"(?:are |is )?(?:in|from) {_HERE}",
    rf"does {_HERE} (?:have|hold|contain)",
    r"(?:in|across|by) (?:all |any of )?(?:the|these|your) articles",
    r"in (?:all|total)",
    "altogether",
)
_DAY = "\x00"  # Stands for a date.
_WHEN = (
    rf"{_BE}(?:(?:published|written|dated|printed|from|posted) )?(?:(?:between|from)(?: the)?"
    rf" (?:\d{{1,2}}(?:st|nd|rd|th)?|{_DAY}),? (?:and|to|until) {_DAY}"
    rf"|(?:in|on|since|from|before|after|until|by|during|of)(?: the)? {_DAY})"
)
_FROM = rf"{_BE}(?:(?:published|written|printed|run) )?(?:from|by|in|of|on)"
_YEAR = re.compile(r"(?<=\b(?:in|of) )(?:19|20)\d\d\b|(?<=\bduring )(?:19|20)\d\d\b")
_MONTH_ALONE = re.compile(rf"(?<=\bin ){MONTH}(?! \d)")
_TIMES = re.compile(
    rf"\Ahow (?:many times|often) {_AUXILIARY} (?P<topic>.+?) (?:been )?(?:{_MENTIONED}"
    rf"|(?P<seen>{_APPEAR}))\b(?P<rest>.*)",
    re.I,
)
_MENTIONS = re.compile(
    r"\A(?:(?:how many|what is the (?:total )?number of) mentions (?:are there )?of"
    r"|how (?:many times|often) do (?:the |your )?articles mention) (?P<topic>.+)",
    re.I,
)
_SAME = re.compile(
    rf"(?:which|what)(?: are)? (?:ones|they|{_ARTICLES}|(?P<sources>{_SOURCES}))"
    r"(?: are (?:they|those))?"
    r"|(?:list|show)(?: me)?(?: all(?: of)?)? (?:them|these|those)",
    re.I,
)
_CALLED = re.compile(
    r"\A(?:both |the (?:words?|names?|terms?|phrase|topic|subject)(?: of)? |the |an? )+", re.I
)
_QUOTED = re.compile(r"[\"“](.+)[\"”]")
# Words are looked for that are all there: what says more than words cannot be looked up.
_UNSEARCHABLE = re.compile(
    rf"\b(?:or|not|without|but|neither|except|that|if|{QUESTION_WORD}|{_AUXILIARY})\b"
)
_TOPIC_WORDS = 6
# What asks, orders, greets or says something.
_NO_TOPIC = re.compile(
    rf"[?!:;]|\b(?:{QUESTION_WORD}|{_AUXILIARY}|can|could|will|would|should|might|must|says?|said"
    r"|an?|i|me|my|we|you|your|he|him|she|her|they|them|it|this|that|these|those)\b"
    r"|\A(?:list|show|tell|give|find|name|explain|describe|define|summari[sz]e|compare|count|get"
    r"|search|look|ask|translate|write|say|hello|hi|hey|thanks?|thank|and|but|or|so|also|then"
    r"|yes|no|not|ok|okay|please|more|else|because|if)\b|(?-i:\b[a-z]+(?<!e)ed\b)",
    re.I,
)
_ANAPHOR = re.compile(either(ANAPHOR, "him", "them", "hers?", "theirs"), re.I)


@dataclass(slots=True)
class Request:
    """A question that counts or lists articles, and what an article must have to be counted.

    `phrases` are alternatives: of the first of which any article holds all phrases, those count.
    `sure` says that articles of the archive are meant, even if none fits; `unclear`, that they are
    to have what the index cannot look up.
    """

    wanted: Literal["articles", "sources", "mentions", "topic"] = "articles"
    phrases: tuple[tuple[str, ...], ...] = ()
    author: str = ""
    sources: set[str] = field(default_factory=set)
    times: list[Days] = field(default_factory=list)
    sure: bool = True
    unclear: bool = False

    @property
    def narrowed(self) -> bool:
        """Whether an article must have anything to be counted."""
        return bool(self.phrases or self.author or self.sources or self.times)

    @property
    def filters(self) -> Filters:
        """The sources that were named, and the first and last day that are in each time."""
        first = max((first for first, _ in self.times), default=None)
        last = min((last for _, last in self.times), default=None)
        since = None if first == datetime.date.min else first
        until = None if last == datetime.date.max else last
        return Filters(tuple(sorted(self.sources)), since, until)


def list_asked(question: Question, parser: QuestionParser) -> Request | None:
    """Return what articles `question` counts or lists; None if it does neither, or in doubt.

    `parser` tells the archive's sources from other names. "Which ones?" lists what the question
    before counted.
    """
    text = OPENING.sub("", " ".join(question.text.split())).rstrip("?!. ")
    if same := _SAME.fullmatch(text):
        earlier = list_asked(Question(question.context), parser)
        return earlier and replace(earlier, wanted="sources" if same["sources"] else "articles")
    times = _TIMES.match(text) or _MENTIONS.match(text)
    reading = _Reading(parser)
    if times:
        found = reading.mentions(times.groupdict())
    elif opening := _OPENING.match(text):
        found = reading.articles(opening["of"], opening["noun"].lower(), opening["rest"])
    else:
        return None
    reading.request.unclear = not found
    return reading.request if found or reading.unclear else None


def topic_asked(question: Question, parser: QuestionParser) -> Request | None:
    """Return what a text names that asks nothing: a name, a few words ("AI in music"), a date.

    None for a question, for what leans on an earlier one, and in doubt: for whatever has a verb.
    """
    text = " ".join(question.text.split())
    if question.context or len(text.split()) > _TOPIC_WORDS or _NO_TOPIC.search(text):
        return None
    reading = _Reading(parser)
    rest = reading.dated(text).strip(" ,.")
    reading.request.wanted, reading.request.sure = "topic", False
    if rest == _DAY:
        reading.request.times = [*reading.days]
        return reading.request
    return reading.request if reading.topic(rest) else None


class _Reading:
    """Reads what stands behind "how many articles", condition by condition, into `request`."""

    def __init__(self, parser: QuestionParser) -> None:
        self._parser = parser
        self.days: list[Days] = []
        self.request = Request()
        self.unclear = False
        """Whether articles are surely asked for, but not by what the index can look up."""

    def articles(self, of: str | None, noun: str, rest: str) -> bool:
        """Read a question for articles or their sources; whether all of it was understood."""
        request = self.request
        request.wanted = "articles" if re.fullmatch(_ARTICLES, noun) else "sources"
        request.sure = "article" in noun or noun.startswith("news ")
        if of:
            named = self._parser.only_sources(of) or self._parser.only_sources(f"the {of}")
            if not named:
                return False
            request.sources |= named
        rest = self.dated(rest)
        if passive := re.fullmatch(
            rf" {_AUXILIARY} (?P<topic>.+?) (?:been )?(?:{_MENTIONED}(?: in)?|{_APPEAR}(?: in)?)",
            rest,
            re.I,
        ):
            return self.topic(passive["topic"])
        return self._conditions(rest) and (request.sure or request.narrowed)

    def mentions(self, said: dict[str, str]) -> bool:
        """Read a question for how often something is mentioned."""
        self.request.wanted = "mentions"
        rest = said.get("rest")
        if said.get("seen") and not rest:
            return False  # "How often does the comet appear?"
        self.request.sure = rest != ""
        return self._conditions(self.dated(rest or ""), topics=False) and self.topic(said["topic"])

    def _conditions(self, rest: str, topics: bool = True) -> bool:
        """Note the conditions that `rest` is made of; whether it is made of nothing else."""
        left: str | None = rest.strip(" ,")
        while left:
            left = self._front(left, topics)
            left = left.strip(" ,") if left else left
        return left is not None

    def dated(self, rest: str) -> str:
        """`rest` with each date replaced by `_DAY`. A day or month without its year is of the
        archive's year, if that has only one."""
        years = self._parser.years
        if len(years) == 1:
            rest = _MONTH_ALONE.sub(rf"\g<0> {min(years)}", rest)
        found = [(span, times) for span, times in dates_in(rest, years) if len(times) == 1]
        for match in _YEAR.finditer(rest):
            year, span = int(match.group()), match.span()
            if not any(start <= span[0] < end for (start, end), _ in found):
                days = datetime.date(year, 1, 1), datetime.date(year, 12, 31)
                found.append((span, [days]))
        self.days = [times[0] for _, times in sorted(found)]
        for (start, end), _ in sorted(found, reverse=True):
            rest = rest[:start] + _DAY + rest[end:]
        return rest

    def _front(self, rest: str, topics: bool = True) -> str | None:
        """`rest` without the condition that it begins with, which is noted; None if with none."""
        if match := re.match(rf"{_FILLER}(?!\w)", rest, re.I):
            self.request.sure = True
            return rest[match.end() :]
        if match := re.match(_WHEN, rest, re.I):
            self._date(match.group().count(_DAY))
            return rest[match.end() :]
        match = re.match(rf"(?:did|does|do|has|have) (?P<who>.+?) {_PUBLISH}(?!\w)", rest, re.I)
        if match and self._by(match["who"]):
            self.request.sure = not self.request.author  # Who writes may be nobody here.
            return rest[match.end() :]
        if match := re.match(rf"{_FROM} (?P<who>.+)", rest, re.I):
            sources, behind = self._parser.leading_source(match["who"])
            if sources:
                self.request.sources |= sources
                return behind
            named = names(match["who"])
            if named and rest[: match.start("who")].lower().endswith("by "):
                end = match.start("who") + named[0][1]
                return rest[end:] if self._by(rest[match.start("who") : end]) else None
        match = re.match(rf"{_BE}{_MENTION} (?P<topic>.+)", rest, re.I) if topics else None
        if match and self.topic(match["topic"]):
            return ""
        self.unclear = bool(match) and self.request.sure
        return None

    def _date(self, n: int) -> None:
        """Note the days of the next `n` dates of the question: of a range, the last has them."""
        taken, self.days = self.days[:n], self.days[n:]
        self.request.times.append(taken[-1])

    def _by(self, who: str) -> bool:
        """Note who published: a source of the archive, or someone who may be an author."""
        who = who.strip()
        if named := self._parser.only_sources(who):
            self.request.sources |= named
            return True
        if names(who)[:1] != [(0, len(who))]:
            return False
        self.request.author = who
        return True

    def topic(self, topic: str) -> bool:
        """Note the phrases to look for; what stands behind the topic is a condition too."""
        topic = self._without_conditions(topic.strip(" ,"))
        both = topic.lower().startswith("both ")
        topic = _CALLED.sub("", topic).strip(" ,'‘’")
        if quoted := _QUOTED.fullmatch(topic):
            self.request.phrases = ((quoted[1],),)
            return _DAY not in topic
        if not topic or _DAY in topic or _UNSEARCHABLE.search(topic) or _ANAPHOR.fullmatch(topic):
            return False
        words = tuple(_terms(topic))
        others = set(words) - {topic[start:end] for start, end in names(topic)}
        together = both or (" and " in topic and len(words) > 1 and not others)
        alternatives = dict.fromkeys((*([] if together else [(topic,)]), words))
        self.request.phrases = tuple(phrases for phrases in alternatives if phrases)
        return bool(self.request.phrases)

    def _without_conditions(self, topic: str) -> str:
        """The topic without the conditions at its end, which are noted."""
        ending = rf" (?={_FILLER}|{_WHEN}|(?:in|from|by|did|has|have|published) )"
        for match in re.finditer(ending, topic, re.I):
            sources, times = {*self.request.sources}, [*self.request.times]
            before = replace(self.request, sources=sources, times=times), self.days
            if self._conditions(topic[match.end() :], topics=False) and not self.request.author:
                return topic[: match.start()]
            self.request, self.days = before
        return topic


def _terms(topic: str) -> Iterator[str]:
    """The names in a topic, and its other words that say something."""
    spans = names(topic)
    yield from (topic[start:end] for start, end in spans)
    for match in re.finditer(r"[\w'’-]+", topic):
        inside = any(start <= match.start() < end for start, end in spans)
        if not inside and match.group().lower() not in STOP_WORDS:
            yield match.group()
