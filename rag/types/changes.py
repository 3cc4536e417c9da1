"""What one snapshot of an archive has that another has not. Owns no way to find that out."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from rag.types.article import Article


@dataclass(frozen=True, slots=True)
class Changes:
    """What a build changed, or would change, of the articles that were there, by their ids."""

    came: tuple[str, ...] = ()
    went: tuple[str, ...] = ()
    changed: tuple[tuple[str, str], ...] = ()
    """The id before and the id after: the same where the articles carry ids of their own."""
    embedded: int = 0
    """Passages that were embedded."""
    reused: int = 0
    """Passages whose vectors were taken from the snapshot before."""


@dataclass(frozen=True, slots=True)
class Version:
    """An earlier text of an article."""

    article: Article
    """As it was read then."""
    replaced: datetime.date
    """The day on which a build found another text in its place."""
    current: str
    """The id of the article that is there now."""


@dataclass(frozen=True, slots=True)
class Copies:
    """Articles that are copies of one text, or nearly; or one that was read more than once."""

    articles: tuple[str, ...]
    """Their ids, that of the first report first."""
    origins: tuple[tuple[str, ...], ...]
    """Of each, every place where it was read."""
