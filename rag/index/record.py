"""What an index keeps of an article, for lists and for the builds that go on from it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from rag.index.near_duplicates import Sketch
from rag.types import Article, Passage, Version


class Embedded(NamedTuple):
    """All that the passages of an article, with their headings, are made of."""

    content_hash: str
    title: str
    source: str
    published: str

    @classmethod
    def of(cls, article: Article) -> Embedded:
        day = article.published.isoformat() if article.published else ""
        return cls(article.content_hash, article.title, article.source, day)


@dataclass(frozen=True, slots=True)
class Entry:
    """An article of an index, without its text. `published` is as "2024-05-31", "" if unknown;
    `report` is the id of the report that it is a copy of: its own, if of none."""

    id: str
    title: str
    source: str
    author: str
    published: str
    report: str


@dataclass(frozen=True, slots=True)
class Record:
    """What an index has of an article that a build on it takes over; `passages` are row, start and
    end of each. `added`: where it was read, if it was added to the index and is no part of what
    that was built from."""

    embedded: Embedded
    report: str
    added: str | None
    sketch: Sketch
    passages: list[tuple[int, int, int]] = field(default_factory=list)

    @property
    def rows(self) -> list[int]:
        """The rows of the passages."""
        return [row for row, _, _ in self.passages]

    def fits(self, article: Article) -> bool:
        """Whether the passages can be those of an article."""
        return all(end <= len(article.text) for _, _, end in self.passages)

    def passages_of(self, article: Article) -> list[Passage]:
        """Return the passages, of an article with this text."""
        text = article.text
        return [Passage(article.id, start, end, text[start:end]) for _, start, end in self.passages]


@dataclass(frozen=True, slots=True)
class Compared:
    """What a build found of the articles, by their ids: the report that each is a copy of, its own
    where that is left out; its sketch; where those were read that were added to the index; and the
    further origins of those that were read more than once. `versions` are their earlier texts."""

    reports: Mapping[str, str] = field(default_factory=dict)
    sketches: Mapping[str, Sketch] = field(default_factory=dict)
    added: Mapping[str, str] = field(default_factory=dict)
    origins: Mapping[str, Sequence[str]] = field(default_factory=dict)
    versions: Sequence[Version] = ()

    def with_places(
        self,
        added: Mapping[str, str],
        origins: Mapping[str, Sequence[str]],
        versions: Sequence[Version],
    ) -> Compared:
        """Return the same with these marks, further origins and earlier texts."""
        return replace(self, added=added, origins=origins, versions=versions)
