"""Questions about the articles themselves: who wrote one, when and where it was published. Pure.

Owns the wordings that ask for a field of an article, the choice of the article that is meant, and
the sentence that says the field. Knows nothing of the index: hits and sources are passed in.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from typing import Literal, TypeAlias

from rag.question.parse import Mentions
from rag.text.sentences import sentence_spans
from rag.text.stems import stems
from rag.text.vocabulary import DEMONSTRATIVES, either
from rag.types import Article, Claim, Hit, Question, Span

Name: TypeAlias = Literal["author", "published", "source", "title"]

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
_SHAPES: tuple[tuple[Name, str], ...] = (
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
    (
        "title",
        rf"(?:which|what) (?:news )?(?P<list>article|stories|report)s? (?:{_BE} {_ON}"
        rf"|(?:talk|report|write)s? (?:{_ON}|of)|deals? with"
        r"|(?:cover|mention|discuss|describe)(?:s|es)?) (?P<topic>.+)",
    ),
)
_OPENING = re.compile(
    r"\A(?:and |so |please |tell me |(?:can|could|do) you (?:tell me |know |say ))*", re.I
)
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
# What may be said of a source or an article without saying which: "the news agency AP".
_PLAIN = frozenset(
    stems("news newspaper paper agency magazine website outlet article story report piece")
    + stems("latest recent original first according")
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
_SOURCE_WORDS = 8
_TITLE_WORDS = 3  # With fewer, words that begin with a capital are hardly a title.
_TITLE = 0.8  # The share of a title's words that names it.
_COVERED = 3 / 4  # The share of a topic's words that an article must hold.
_CLOSE = 0.1  # Articles that fit almost as well as the best may be meant as well.
_OPENING_CHARACTERS = 1000
_FIRST_CHARACTERS = 300  # What an article is about stands in its title, or so early.
_MEANT = 3


@dataclass(frozen=True, slots=True)
class Field:
    """A question that asks for a field of an article.

    `topic` are the words that say which article, "" when nothing does. `called` is what the
    question calls it: "article", "articles" when all are wanted, something that may be another
    thing as well ("report"), or "" when only a title says that an article is meant. It is from one
    of `sources`, if there are any.
    """

    name: Name
    topic: str
    called: str = "article"
    sources: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Stated:
    """What the archive says of a field of `article`, in a sentence.

    `marks` are the spans of `text` that are words of fields; there are none when the field that
    was asked for is empty, which `text` then says. `span` is the article's first sentence, to cite.
    """

    article: Article
    text: str
    marks: tuple[Span, ...]
    span: Span

    @property
    def known(self) -> bool:
        """Whether the archive holds the field."""
        return bool(self.marks)

    def claim(self, label: int) -> Claim:
        """The sentence as a claim, with the citation of this label behind it."""
        return Claim(self.text, (label,), "field", self.marks)


def field_asked(question: Question, mentions: Mentions) -> Field | None:
    """Return the field of an article that `question` asks for; None if it asks for none, or in
    doubt.

    `mentions` tells the archive's sources from others. A question that does not say which article
    has the topic of the question before.
    """
    asking = _OPENING.sub("", question.text).rstrip("?!. ")
    for name, shape in _SHAPES:
        match = re.fullmatch(shape, asking, re.IGNORECASE)
        field = _field(name, match.groupdict(), mentions) if match else None
        if field:
            return field if stems(field.topic) else _in_context(field, question.context, mentions)
    return None


def field_answer(
    field: Field, hits: Sequence[Hit], article: Callable[[str], Article]
) -> tuple[Stated, ...]:
    """State the field of each article that is meant, the likeliest first; () in doubt.

    `hits` are those of the question, best first; only their articles are considered.
    """
    best: dict[str, Hit] = {}
    for hit in hits:
        best.setdefault(hit.passage.article_id, hit)
    found = [(article(article_id), hit.passage.text) for article_id, hit in best.items()]
    if field.sources:
        found = [(one, passage) for one, passage in found if one.source in field.sources]
    meant = _meant(field, found)[:_MEANT]
    return tuple(_stated(field.name, one, several=len(meant) > 1) for one in meant)


def source_asked(question: Question, mentions: Mentions) -> frozenset[str]:
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
            behind, _ = _leading_source(said.get("behind", ""), mentions)
            sources = behind or _sources(said.get("by", ""), mentions)
            if sources:
                return sources
    return frozenset()


# What is asked


def _field(name: Name, said: dict[str, str | None], mentions: Mentions) -> Field | None:
    """The field, if what the groups of a shape matched is an article of the archive."""
    by = said.get("by")
    sources = (_sources(by, mentions) if by else None) or frozenset()
    if by and not sources:
        return None
    topic = said.get("topic")
    if topic:
        listed = (said.get("list") or "").lower()
        called = "report" if name == "source" or listed == "report" else "article"
        called = "articles" if listed in ("article", "stories") else called
        return Field(name, topic, (said.get("paper") or called).lower(), sources)
    field = _article(name, said.get("what") or "it", mentions, owned=bool(by))
    return replace(field, sources=field.sources | sources) if field else None


def _article(name: Name, what: str, mentions: Mentions, owned: bool) -> Field | None:
    """The field of the article that `what` is: "the story on the leaks", a title, or "it"."""
    quoted = _QUOTED.fullmatch(what)
    if quoted:
        return Field(name, quoted[1], called="")
    if _POINTING.fullmatch(what):
        return Field(name, "")
    match = _ARTICLE.fullmatch(what)
    before = _sources(match["before"], mentions) if match else None
    plain = match and not re.search("[A-Z'’]", match["before"])
    if match and before is None and plain and match["called"] == "article" and not match["rest"]:
        return Field(name, match["before"].strip())
    if match is None or before is None:
        capital = what[0].isupper() or what[0] == "#"
        return Field(name, what, "") if capital and len(stems(what)) >= _TITLE_WORDS else None
    if match["own"] and not owned:
        return None
    topic, sources = _topic(match["rest"], mentions)
    called = match["called"].lower().replace("stories", "story")
    return None if topic is None else Field(name, topic, called, before | sources)


def _topic(rest: str, mentions: Mentions) -> tuple[str | None, frozenset[str]]:
    """The words behind "the article" that say which, and the source that it is from.

    They are None when the article is of somebody who is no source, or of a law: "article 5".
    """
    sources: frozenset[str] = frozenset()
    rest = rest.strip(" ,:")
    of_source = _OF_SOURCE.match(rest)
    if of_source:
        sources, rest = _leading_source(of_source[1], mentions)
        rest = rest.strip(" ,:") if sources else of_source[0]
    if not rest:
        return "", sources
    quoted = _QUOTED.match(rest)
    introduced = quoted or _INTRODUCED.match(rest)
    return (introduced[1].strip(" \"“”'‘’") if introduced else None), sources


def _in_context(field: Field, context: str, mentions: Mentions) -> Field | None:
    """The field of the article that the question before was about."""
    earlier = field_asked(Question(context), mentions) if context else field
    if earlier:
        sources = field.sources | earlier.sources
        return Field(field.name, earlier.topic, earlier.called, sources)
    return None if _speaks_of(_WORKS, context) else replace(field, topic=context)


def _leading_source(text: str, mentions: Mentions) -> tuple[frozenset[str], str]:
    """The source that `text` begins with, and the text behind it."""
    ends = [match.end() for match in re.finditer(r"\S+", text) if stems(match.group())]
    for end in reversed(ends[:_SOURCE_WORDS]):
        sources = _sources(text[:end], mentions)
        if sources:
            return sources, text[end:]
    return frozenset(), text


def _sources(text: str, mentions: Mentions) -> frozenset[str] | None:
    """The sources that `text` names; None if it names anything else."""
    # Only where a source is sure to stand is "wired" one, in lower case.
    parts = mentions.parts(f"according to {text}")
    if _PLAIN.issuperset(word for part in parts for word in stems(part.text)):
        return frozenset(source for part in parts for source in part.sources)
    return None


# Which article is meant


def _meant(field: Field, found: Sequence[tuple[Article, str]]) -> list[Article]:
    """Of the articles, each with its best passage, those that the field's topic fits best."""
    topic = set(stems(field.topic))
    if not topic:
        return [one for one, _ in found] if len(found) == 1 else []
    titled = [one for one, _ in found if _is_title(topic, one.title, alone=not field.called)]
    if titled or not field.called:
        return titled
    fits = [(_fit(topic, one, passage), one) for one, passage in found]
    best = max((fit for fit, _ in fits), default=0.0)
    least = max(_COVERED / 2, best - (1 if field.called == "articles" else _CLOSE))
    ranked = sorted((pair for pair in fits if pair[0] >= least), key=lambda pair: -pair[0])
    return [one for _, one in ranked if not _doubtful(field, one)]


def _is_title(topic: set[str], title: str, alone: bool) -> bool:
    """Whether nearly all words of `title` stand in `topic`; if `alone`, hardly any others."""
    said = set(stems(title))
    most = max(len(said), len(topic) if alone else _TITLE_WORDS)
    return len(topic & said) >= _TITLE * most


def _fit(topic: set[str], article: Article, passage: str) -> float:
    """How well an article fits a topic, 0 to 1: half for all it holds, half for its title."""
    title = set(stems(article.title))
    fields = f"{article.source} {article.author} {article.day}"
    text = f"{fields} {article.text[:_OPENING_CHARACTERS]} {passage}"
    held = len(topic & (title | set(stems(text)))) / len(topic)
    if held < _COVERED or not topic & (title | set(stems(text[:_FIRST_CHARACTERS]))):
        return 0.0
    return (held + len(topic & title) / len(topic)) / 2


def _doubtful(field: Field, article: Article) -> bool:
    """Whether the question may mean a thing of which the article itself tells, like a report."""
    sure = field.called.startswith("article") or field.sources
    return not sure and _speaks_of(field.called, article.text)


def _speaks_of(things: str, text: str) -> bool:
    """Whether `text` speaks of one of `things`: "its annual report", but not "police report"."""
    owner = r"(?i:an?|the|its|his|her|their|[\w-]+['’]s)"
    return bool(re.search(rf"\b{owner} (?:[\w-]+ ){{0,2}}(?:news)?(?:{things})\b", text))


# What is said


def _stated(name: Name, article: Article, several: bool) -> Stated:
    title = article.title or article.origin
    called = f"“{title}”" if title else "The article"
    source, author, day = article.source, article.author, article.day
    unknown = "The archive does not say "
    if name == "author" and author:
        said = [f"{called} was written by ", author, "."]
    elif name == "author":
        said = [f"{unknown}who wrote {called}."]
    elif name == "published" and day and source:
        said = [f"{called} was published on ", day, " by ", source, "."]
    elif name == "published" and day:
        said = [f"{called} was published on ", day, "."]
    elif name == "published":
        said = [f"{unknown}when {called} was published."]
    elif name == "source" and source:
        said = [f"{called} was published by ", source, "."]
    elif name == "source":
        said = [f"{unknown}who published {called}."]
    elif article.title:
        said = [f"{'One' if several else 'The'} headline is “", article.title, "”."]
    else:
        said = [f"{unknown}what the headline of {called} is."]
    return Stated(article, *_marked(said), sentence_spans(article.text)[0])


def _marked(pieces: Sequence[str]) -> tuple[str, tuple[Span, ...]]:
    """The pieces joined, and the spans of every second one: those that are a field's words."""
    ends = list(accumulate(map(len, pieces)))
    return "".join(pieces), tuple(zip(ends[:-1:2], ends[1::2], strict=True))
