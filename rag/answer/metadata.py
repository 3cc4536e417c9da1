"""Answers to metadata questions: a sentence that states a field of an article. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rag.citation import StatedField, field_statement, title_of
from rag.question.metadata import TITLE_WORDS, Field, speaks_of
from rag.text.sentences import sentence_spans
from rag.text.stems import stems
from rag.types import Article, Claim, Hit, Note, Span
from rag.wording import note

_TITLE = 0.8  # The share of a title's words that names it.
_COVERED = 3 / 4  # The share of a topic's words that an article must hold.
_CLOSE = 0.1  # Articles that fit almost as well as the best may be meant as well.
_OPENING_CHARACTERS = 1000
_FIRST_CHARACTERS = 300  # What an article is about stands in its title, or so early.
_MEANT = 3
_UNKNOWN: dict[StatedField, str] = {
    "author": "no_author",
    "published": "no_day",
    "source": "no_publisher",
    "title": "no_headline",
}
"""The note that the archive does not hold a field."""


@dataclass(frozen=True, slots=True)
class Stated:
    """What the archive says of a field of `article`, in a sentence.

    `marks` are the spans of `text` that are words of fields; there are none when the field that
    was asked for is empty, which `text` then says. `span` is the article's first sentence, to cite.
    """

    article: Article
    text: Note
    marks: tuple[Span, ...]
    span: Span

    @property
    def known(self) -> bool:
        """Whether the archive holds the field."""
        return bool(self.marks)

    def claim(self, label: int) -> Claim:
        """The sentence as a claim, with the citation of this label behind it."""
        return Claim(str(self.text), (label,), "field", self.marks)


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
    least = max(_COVERED / 2, best - _CLOSE)
    ranked = sorted((pair for pair in fits if pair[0] >= least), key=lambda pair: -pair[0])
    return [one for _, one in ranked if not _doubtful(field, one)]


def _is_title(topic: set[str], title: str, alone: bool) -> bool:
    """Whether nearly all words of `title` stand in `topic`; if `alone`, hardly any others."""
    said = set(stems(title))
    most = max(len(said), len(topic) if alone else TITLE_WORDS)
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
    sure = field.called == "article" or field.sources
    return not sure and speaks_of(field.called, article.text)


def _stated(name: StatedField, article: Article, several: bool) -> Stated:
    text, marks = field_statement(name, article, several)
    if not marks:
        text = note(_UNKNOWN[name], article=title_of(article))
    return Stated(article, text, marks, sentence_spans(article.text)[0])
