"""Metadata questions: who wrote an article, when and where was it published, what is its headline.

Recognises questions that ask for a field of an article, and those that ask for one source's
account. `rag.answer.metadata` answers the former. Pure.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from rag.citation import StatedField
from rag.question.parse import QuestionParser
from rag.text.stems import stems
from rag.text.vocabulary import DEMONSTRATIVES, either
from rag.types import Question

_WHEN = r"(?:when|(?:[io]n )?(?:what|which) (?:date|day|month|year))"
_BE = r"(?:is|are|was|were)"
_WRITER = r"(?:author|writer|reporter|journalist)s?"
_PAPER = (
    r"(?:which|what) (?:news ?)?(?P<paper>paper|outlet|publication|publisher|agency|magazine"
    r"|site|website)s?"
)
_PUBLISHED = r"(?:first |originally )?(?:published|written|printed|posted)(?: online)?"
_ON = r"(?:about|on)"
# `what` is the article, `topic` says which article, and `by` must be a source of the archive.
_SHAPES: tuple[tuple[StatedField, str], ...] = (
    ("author", r"who (?:wrote|authored|penned) (?P<what>.+)"),
    ("author", rf"who {_BE} the {_WRITER}(?: (?:of|behind) (?P<what>.+))?"),
    ("author", rf"(?:who|by whom) {_BE} (?P<what>.+?) written(?: by)?"),
    ("author", rf"(?:which|what) {_WRITER} wrote (?P<what>.+)"),
    ("published", rf"{_WHEN} {_BE} (?P<what>.+?) {_PUBLISHED}(?: (?:in|by|on) (?P<by>.+))?"),
    ("published", rf"{_WHEN} did (?P<what>.+?) appear(?: in (?P<by>.+))?"),
    ("published", rf"{_WHEN} did (?P<by>.+?) (?:publish|run|print|write) (?P<what>.+)"),
    ("published", rf"{_WHEN} did (?P<by>.+?) (?:report|write) {_ON} (?P<topic>.+)"),
    ("published", rf"what {_BE} the (?:publication )?date of (?P<what>.+)"),
    ("source", rf"who (?:has )?reported {_ON} (?P<topic>.+)"),
    ("source", rf"{_PAPER} (?:(?:reported|wrote) {_ON}|reported(?! that)|covered) (?P<topic>.+)"),
    ("source", rf"(?:who|{_PAPER}) (?:published|ran|printed) (?P<what>.+)"),
    ("source", rf"(?:where|in {_PAPER}) {_BE} (?P<what>.+?) {_PUBLISHED}"),
    ("source", rf"(?:where|in {_PAPER}) did (?P<what>.+?) appear"),
    ("source", rf"{_PAPER} {_BE} (?P<what>.+?) from"),
    ("source", rf"(?:who|what) {_BE} the (?:source|publisher) of (?P<what>.+)"),
    ("title", rf"what {_BE} the (?:headline|title)s? of (?P<what>.+)"),
    ("title", rf"what {_BE} the headlines? (?:about|on|for) (?P<topic>.+)"),
)
OPENING = re.compile(
    r"\A(?:and |so |please |tell me |(?:can|could|do) you (?:please )?"
    r"(?:tell me |know |say |(?=list)))*",
    re.I,
)
"""What may stand before a question and asks for nothing."""
_POINTING = re.compile(either("it", "they", "them", *DEMONSTRATIVES), re.IGNORECASE)
_ARTICLE = re.compile(
    r"(?:(?:(?P<own>its|their)|the|this|that|these|those|an?)\b)?(?P<before>.*?)"
    r"\b(?P<called>article|story|stories|report|piece)s?(?!\w)(?P<rest>.*)",
    re.IGNORECASE,
)
# What may stand between "the article" and the words that say which.
_INTRODUCED = re.compile(
    r"(?:about|on|regarding|concerning|covering|describing|(?:en)?titled|called|headlined|saying"
    r"|mentioning|(?:in )?which|that|where|with the (?:title|headline))\b(?P<topic>.*)",
    re.IGNORECASE,
)
_QUOTED = re.compile(r"[\"“'‘](.+)[\"”'’]")
_OF_SOURCE = re.compile(r"(?:from|by|in|of)\s+(.+)", re.IGNORECASE)
# Things that are written and published too: "it" may be one of which the question before spoke.
_WORKS = (
    "letter|bill|law|book|song|film|video|statement|post|message|report|speech|poem|study|paper"
    "|document|script|novel|play|tweet"
)
# What a source does when a question asks for its account, not for its deeds.
_REPORTS = (
    r"(?:say|said|saying|report|reported|reporting|write|written|writing|publish|published"
    r"|state|stated|describe|described|suggest|suggested|cover|covered|quote|quoted|mention"
    r"|mentioned|claim|claimed|tell|told|explain|explained)"
)
_DO = rf"(?:do|does|did|has|have|had|{_BE})"
_COVERAGE = r"(?:article|story|stories|report|piece|coverage)s?\b"
# Of `by`, a source of the archive is the whole, of `behind` the beginning.
_BY_SOURCE = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"\b{_DO} (?P<by>[^,]+?) {_REPORTS}\b",
        rf"\b(?:{_DO}|in|from|by) (?P<by>[^,]+?) {_COVERAGE}",
        rf"\b(?:according to|(?:reported|described|noted) by|{_COVERAGE} (?:from|by|in|of))"
        r" (?P<behind>.+)",
    )
)
TITLE_WORDS = 3  # With fewer, words that begin with a capital are hardly a title.


@dataclass(frozen=True, slots=True)
class Field:
    """A question that asks for a field of an article.

    `topic` are the words that say which article, "" when nothing does. `called` is what the
    question calls it: "article", something that may be another thing as well ("report"), or ""
    when only a title says that an article is meant. It is from one of `sources`, if there are any.
    """

    name: StatedField
    topic: str
    called: str = "article"
    sources: frozenset[str] = frozenset()


def field_asked(question: Question, parser: QuestionParser) -> Field | None:
    """Return the field of an article that `question` asks for; None if it asks for none, or in
    doubt.

    `parser` tells the archive's sources from others. A question that does not say which article
    has the topic of the question before.
    """
    asking = OPENING.sub("", question.text).rstrip("?!. ")
    for name, shape in _SHAPES:
        match = re.fullmatch(shape, asking, re.IGNORECASE)
        field = _field(name, match.groupdict(), parser) if match else None
        if field:
            return field if stems(field.topic) else _in_context(field, question.context, parser)
    return None


def source_asked(question: Question, parser: QuestionParser) -> frozenset[str]:
    """Return the source whose account alone `question` asks for: its sections, if it has several.

    Empty when `question.parts` name no source or more than one, or one that acts ("Who sued The
    Guardian?").
    """
    named = {part.sources for part in question.parts if part.sources}
    if len(named) != 1:
        return frozenset()
    for pattern in _BY_SOURCE:
        for match in pattern.finditer(question.text):
            said = match.groupdict()
            behind, _ = parser.leading_source(said.get("behind", ""))
            sources = behind or parser.only_sources(said.get("by", ""))
            if sources:
                return sources
    return frozenset()


def _field(name: StatedField, said: dict[str, str | None], parser: QuestionParser) -> Field | None:
    """The field, if what the groups of a shape matched is an article of the archive."""
    by = said.get("by")
    sources = (parser.only_sources(by) if by else None) or frozenset()
    if by and not sources:
        return None
    topic = said.get("topic")
    if topic:
        called = "report" if name == "source" else "article"
        return Field(name, topic, (said.get("paper") or called).lower(), sources)
    field = _article(name, said.get("what") or "it", parser, owned=bool(by))
    return replace(field, sources=field.sources | sources) if field else None


def _article(name: StatedField, what: str, parser: QuestionParser, owned: bool) -> Field | None:
    """The field of the article that `what` is: "the story on the leaks", a title, or "it"."""
    quoted = _QUOTED.fullmatch(what)
    if quoted:
        return Field(name, quoted[1], called="")
    if _POINTING.fullmatch(what):
        return Field(name, "")
    match = _ARTICLE.fullmatch(what)
    before = parser.only_sources(match["before"]) if match else None
    plain = match and not re.search("[A-Z'’]", match["before"])
    if match and before is None and plain and match["called"] == "article" and not match["rest"]:
        return Field(name, match["before"].strip())
    if match is None or before is None:
        capital = what[0].isupper() or what[0] == "#"
        return Field(name, what, "") if capital and len(stems(what)) >= TITLE_WORDS else None
    if match["own"] and not owned:
        return None
    topic, sources = _topic(match["rest"], parser)
    called = match["called"].lower().replace("stories", "story")
    return None if topic is None else Field(name, topic, called, before | sources)


def _topic(rest: str, parser: QuestionParser) -> tuple[str | None, frozenset[str]]:
    """The words behind "the article" that say which, and the source that it is from.

    They are None when the article is of somebody who is no source, or of a law: "article 5".
    """
    sources: frozenset[str] = frozenset()
    rest = rest.strip(" ,:")
    of_source = _OF_SOURCE.match(rest)
    if of_source:
        sources, rest = parser.leading_source(of_source[1])
        rest = rest.strip(" ,:") if sources else of_source[0]
    if not rest:
        return "", sources
    quoted = _QUOTED.match(rest)
    introduced = quoted or _INTRODUCED.match(rest)
    return (introduced[1].strip(" \"“”'‘’") if introduced else None), sources


def _in_context(field: Field, context: str, parser: QuestionParser) -> Field | None:
    """The field of the article that the question before was about."""
    earlier = field_asked(Question(context), parser) if context else field
    if earlier:
        sources = field.sources | earlier.sources
        return Field(field.name, earlier.topic, earlier.called, sources)
    return None if speaks_of(_WORKS, context) else replace(field, topic=context)


def speaks_of(things: str, text: str) -> bool:
    """Whether `text` speaks of one of `things`: "its annual report", but not "police report"."""
    owner = r"(?i:an?|the|its|his|her|their|[\w-]+['’]s)"
    return bool(re.search(rf"\b{owner} (?:[\w-]+ ){{0,2}}(?:news)?(?:{things})\b", text))
