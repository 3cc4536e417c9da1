"""The snapshot in force, for a build that goes on from it.

Owns what may be taken over: of articles whose heading and text are the same, cut with the same
settings and embedded by the same model.
"""

from __future__ import annotations

import dataclasses
import functools
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from rag.errors import SnapshotError
from rag.index import snapshot
from rag.index.manifest import FILES, KEPT, LEXICAL, EncoderFacts, Manifest
from rag.index.record import Embedded, Record
from rag.index.store import Store
from rag.index.words import Tokens
from rag.settings import BuildSettings
from rag.types import Article


@dataclass(frozen=True)
class Earlier:
    """A snapshot of which every byte was read and is as it was written: what a damaged one holds
    would be damaged in the next one too."""

    folder: Path
    manifest: Manifest
    store: Store

    @classmethod
    def open(cls, home: Path) -> Earlier | None:
        """Open the snapshot in force; None where there is none to go on from."""
        try:
            folder, values = snapshot.current(home)
            if snapshot.check(folder, values):
                return None
            return cls(folder, Manifest.parse(values), Store(folder))
        except (SnapshotError, ValueError, OSError):
            return None

    @functools.cached_property
    def records(self) -> Mapping[str, Record]:
        """What there is of each article, by its id."""
        return self.store.records()

    def files(self) -> bytes | None:
        """What each file that was read gave, as it was kept."""
        there = FILES in self.manifest.files
        return (self.folder / FILES).read_bytes() if there else None

    def tokens(self) -> Tokens:
        """The words of the passages."""
        return Tokens.load(self.folder / LEXICAL)

    def fits(self, settings: BuildSettings, encoder: EncoderFacts) -> bool:
        """Whether passages are cut and embedded as they were here."""
        mine = self.manifest
        return mine.settings == dataclasses.asdict(settings) and mine.encoder.embeds_as(encoder)

    def is_made_of(
        self, articles_sha256: str, kept: Mapping[str, bytes], added: Mapping[str, str]
    ) -> bool:
        """Whether there are just these articles, with these files kept and these marks."""
        hashes = {name: hashlib.sha256(data).hexdigest() for name, data in kept.items()}
        files = {
            name: self.manifest.files[name].sha256 for name in KEPT & self.manifest.files.keys()
        }
        marks = {id: one.added for id, one in self.records.items() if one.added is not None}
        return (articles_sha256, hashes, marks) == (self.manifest.articles_sha256, files, added)

    def unchanged(self, articles: Iterable[Article]) -> dict[str, Record]:
        """Return, by the ids of `articles`, the records of those that have heading and text of one
        that is here."""
        known = {record.embedded: record for record in self.records.values()}
        found = {article.id: known.get(Embedded.of(article)) for article in articles}
        return {id: record for id, record in found.items() if record}
