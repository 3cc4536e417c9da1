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
from typing import Any

from rag.errors import LOST, SettingsError, SnapshotError, StoreError
from rag.index import snapshot, vectors
from rag.index.manifest import FILES, LEXICAL, EncoderFacts, Manifest
from rag.index.place import Home, Place, at
from rag.index.record import Embedded, Record
from rag.index.store import SnapshotStore
from rag.index.words import Tokens
from rag.settings import BuildSettings
from rag.types import Article


@dataclass(frozen=True, eq=False)
class Earlier:
    """A snapshot of which every byte was read and is as it was written: what a damaged one holds
    would be damaged in the next one too."""

    folder: Path
    manifest: Manifest
    store: SnapshotStore

    @classmethod
    def open(cls, home: Home) -> Earlier | None:
        """Open the snapshot in force; None where there is none to go on from."""
        try:
            return cls.in_force(home)
        except SnapshotError:
            return None

    @classmethod
    def in_force(cls, home: Home) -> Earlier:
        """Open the snapshot in force. Raises SnapshotError as `checked` does."""
        place = at(home)
        return cls.checked(place, *snapshot.current(place.home))

    @classmethod
    def checked(cls, place: Place, folder: Path, values: dict[str, Any]) -> Earlier:
        """Open a snapshot by its folder and manifest. Raises SnapshotError for a damaged one."""
        try:
            if problems := snapshot.check(folder, values):
                raise snapshot.damaged(folder, "; ".join(problems))
            manifest = Manifest.parse(values)
            found = cls(folder, manifest, SnapshotStore(folder, place, manifest))
            # Its hashes may be anybody's: what is not taken over whole is not taken over.
            with snapshot.reading(folder, LEXICAL):
                found.tokens.check(len(found.store))
            return found
        except StoreError as error:
            if error.kind not in LOST:
                raise
            raise snapshot.damaged(folder, str(error)) from None
        except (ValueError, OSError) as error:
            raise snapshot.damaged(folder, str(error)) from None

    @functools.cached_property
    def records(self) -> Mapping[str, Record]:
        """What there is of each article, by its id."""
        return self.store.records()

    def files(self) -> bytes | None:
        """What each file that was read gave, as it was kept."""
        there = FILES in self.manifest.files
        return (self.folder / FILES).read_bytes() if there else None

    @functools.cached_property
    def tokens(self) -> Tokens:
        """The words of the passages."""
        return Tokens.load(self.folder / LEXICAL)

    def fits(self, settings: BuildSettings, encoder: EncoderFacts) -> bool:
        """Whether passages are cut and embedded as they were here, however the vectors lie."""
        try:
            mine = dataclasses.replace(self.manifest.build_settings, vectors=settings.vectors)
        except SettingsError:
            return False
        return mine == settings and self.manifest.encoder.embeds_as(encoder)

    def is_made_of(
        self,
        facts: Mapping[str, Any],
        kept: Mapping[str, bytes],
        added: Mapping[str, str],
        origins: Mapping[str, tuple[str, ...]],
    ) -> bool:
        """Whether there are just the articles of these facts of a manifest, in such an index, with
        these files kept, marks and origins."""
        hashes = {name: hashlib.sha256(data).hexdigest() for name, data in kept.items()}
        there = self.manifest.files
        files = {name: there[name].sha256 for name in kept if name in there}
        marks = {id: one.added for id, one in self.records.items() if one.added is not None}
        mine = (self.manifest.articles_sha256, files, marks, self.store.origins())
        kind = vectors.kind_of(facts["settings"]["vectors"], self.manifest.passages)
        lie = self.manifest.vectors is not None or kind == self.manifest.vector_index.kind
        return lie and (facts["articles_sha256"], hashes, added, origins) == mine

    def unchanged(self, articles: Iterable[Article]) -> dict[str, Record]:
        """Return, by the ids of `articles`, the records of those that have heading and text of one
        that is here."""
        known = {record.embedded: record for record in self.records.values()}
        found = ((article, known.get(Embedded.of(article))) for article in articles)
        return {one.id: record for one, record in found if record and record.fits(one)}
