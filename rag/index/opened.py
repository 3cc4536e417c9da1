"""An index opened for reading: folder, manifest, store and BM25 index as one value.

Two indexes read as one are such a value too. What is computed of their texts is remembered here,
and released with the index.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from rag.errors import EncoderError, SnapshotError
from rag.index import snapshot
from rag.index.bm25 import BM25Index
from rag.index.from_elsewhere import check_beside
from rag.index.joint import JointLexicalIndex, JointStore
from rag.index.manifest import CHANGES, LEXICAL, READING, EncoderFacts, Manifest
from rag.index.place import Home, Place, at, option
from rag.index.protocols import LexicalIndex, Store
from rag.index.store import SnapshotStore
from rag.protocols import TextEncoder
from rag.text.memo import Memo
from rag.text.outside import json_value
from rag.text.stems import stems
from rag.types import FIELDS, Article, Changes, Copies, Filters, Vectors

_log = logging.getLogger(__name__)
T = TypeVar("T")

# About 30 MB at 384 dimensions.
_SENTENCE_VECTORS = 20_000
_EXAMPLES = 8  # Passages that show how a word is used.
_CLASHING = (
    "Articles of %s are left out, as %s has others with their ids: %s. Give them ids of their own, "
    "or none."
)


@dataclass(frozen=True, eq=False)
class OpenedIndex:
    """The snapshot that was in force when the index in folder `home` was opened.

    `beside` are the other indexes that `store` and `bm25` read as one with it. `memo` remembers
    what was computed of texts. Safe to share between threads.
    """

    home: Path
    folder: Path
    manifest: Manifest
    store: Store
    bm25: LexicalIndex
    beside: tuple[OpenedIndex, ...] = ()
    kept: Place | None = None
    memo: Memo = field(default_factory=Memo, repr=False)
    _vectors: dict[str, Vectors] = field(default_factory=dict, repr=False)

    @classmethod
    def open(cls, home: Home) -> OpenedIndex:
        """Open the snapshot in force; if a build replaces it meanwhile, the one that did.

        Raises SnapshotError when there is none, or it is incomplete, altered or of another format.
        """
        place = at(home)
        home = place.home
        check_beside(home)
        place.fetch()
        while True:
            folder, values = snapshot.current(home)
            try:
                manifest = _manifest(folder, values)
                store = SnapshotStore(folder, place, manifest)
                bm25 = BM25Index.load(
                    folder / LEXICAL, place.finder(manifest.vectors, store.common)
                )
                return cls(home, folder, manifest, store, bm25, kept=place)
            except SnapshotError:
                if snapshot.current(home)[0] == folder:
                    raise

    @property
    def place(self) -> Place:
        """Where the index is kept."""
        return self.kept or Place(self.home)

    @property
    def option(self) -> str:
        """The option that names the index on the command line."""
        return option(self.home)

    def is_replaced(self) -> bool:
        """Whether another snapshot is in force by now. Raises SnapshotError where none is."""
        self.place.fetch()
        return snapshot.in_force(self.home) != self.manifest.snapshot

    def join(self, other: OpenedIndex) -> OpenedIndex:
        """Return both indexes read as one. Of an article that both hold, by its id or its text,
        only the copy here is searched.

        Raises EncoderError when `other` was built with another encoder.
        """
        mine, theirs = self.manifest.encoder, other.manifest.encoder
        if not mine.is_same_model(theirs):
            raise EncoderError(
                f"The index in {other.place} was built with another encoder ({theirs.name}, "
                f"{theirs.dimension} dimensions) than the one in {self.place} ({mine.name}, "
                f"{mine.dimension}). Build it again with: byline build ARTICLES "
                f"{other.option} --set encoder={mine.name}"
            )
        store = JointStore(self.store, other.store)
        if store.clashing:
            _log.warning(_CLASHING, other.home, self.home, ", ".join(store.clashing))
        bm25 = JointLexicalIndex(self.bm25, other.bm25, store.kept)
        # Nothing that is remembered of `other` may outlast it here, so both start empty.
        return OpenedIndex(
            self.home, self.folder, self.manifest, store, bm25, (*self.beside, other), self.kept
        )

    def require(self, encoder: TextEncoder) -> None:
        """Raise EncoderError when `encoder` is not the one that built the index."""
        built = self.manifest.encoder
        if not built.is_same_model(EncoderFacts.of(encoder)):
            raise EncoderError(
                f"The index in {self.place} was built with another encoder ({built.name}, "
                f"{built.dimension} dimensions) than {encoder.name} ({encoder.dimension}). "
                f"Build it again with: byline build ARTICLES {self.option}"
            )

    def article(self, article_id: str) -> Article:
        """Return an article, its text verified against its content hash. KeyError if unknown."""
        return self.store.article(article_id)

    def report(self, article_id: str) -> str:
        """Return the id of the report that an article is a copy of: its own, if of none."""
        return self.store.report(article_id)

    def idf(self, word: str) -> float:
        """Return the inverse document frequency in passages of a stem of `rag.text.stems`."""
        return self.bm25.idf(word)

    def occurs(self, word: str) -> bool:
        """Whether the passages hold a word, in whatever inflection; False for stop words."""
        found = stems(word)
        return bool(found) and all(self.bm25.frequency(stem).holding for stem in found)

    def texts_holding(self, text: str) -> list[str]:
        """Return the text of a few passages that hold every word of `text`."""
        rows = self.bm25.holding(text)[:_EXAMPLES]
        return [passage.text for passage in self.store.passages(rows.tolist())]

    def sentence_vectors(
        self, texts: Sequence[str], encode: Callable[[Sequence[str]], Vectors]
    ) -> Vectors:
        """Return unit rows, shape (n, dimension), by `encode` where they are not remembered."""
        known = {text: self._vectors.get(text) for text in texts}
        new = [text for text, row in known.items() if row is None]
        if new:
            rows = dict(zip(new, encode(new), strict=True))
            known |= rows
            if len(self._vectors) > _SENTENCE_VECTORS:
                self._vectors.clear()
            self._vectors.update(rows)
        return np.array([known[text] for text in texts], np.float32)

    def info(self) -> dict[str, Any]:
        """Return the manifest as JSON values, with the folder, the sources, and the values of each
        of `FIELDS`, each with the number of its articles.

        Of a joint index, these, `articles` and `passages` are those of all together, `beside` is
        the same of each other one, and `clashing` are ids of articles that are left out because
        another text here has them.
        """
        facts = {"index": str(self.place), **self.manifest.to_json()}
        facts |= {"sources": self.store.sources()}
        facts |= {field: self.store.values(field) for field in FIELDS}
        if isinstance(self.store, JointStore):
            facts["articles"] = self.store.facets(Filters()).articles
            facts["passages"] = len(self.store)
            facts["beside"] = [other.info() for other in self.beside]
            facts["clashing"] = list(self.store.clashing)
        return facts

    def reading(self, parse: Callable[[Any], T]) -> T | None:
        """Return what `parse` makes of the JSON values that tell how the articles were read; None
        where none were kept.

        Raises SnapshotError for other values.
        """
        if READING not in self.manifest.files:
            return None
        with snapshot.reading(self.folder, READING):
            return parse(json_value((self.folder / READING).read_bytes()))

    def changes(self) -> Changes:
        """Return what the build of this snapshot changed of the one before.

        Raises SnapshotError for a file that does not say so.
        """
        with snapshot.reading(self.folder, CHANGES):
            told = json_value((self.folder / CHANGES).read_bytes())
            came, went, changed = (tuple(told[name]) for name in ("came", "went", "changed"))
            pairs = tuple((before, after) for before, after in changed)
            return Changes(came, went, pairs, told["embedded"], told["reused"])

    def copies(self) -> list[Copies]:
        """Return the articles that are copies of one text, or nearly, and those that were read more
        than once; the newest first."""
        further = self.store.origins()
        of_report: dict[str, list[str]] = defaultdict(list)
        for entry in self.store.entries():
            of_report[entry.report].append(entry.id)
        found = []
        for report, ids in of_report.items():
            if len(ids) > 1 or ids[0] in further:
                ids.sort(key=lambda one: (one != report, one))
                places = ((self.article(one).origin, *further.get(one, ())) for one in ids)
                found.append(Copies(tuple(ids), tuple(places)))
        return found

    def check(self) -> list[str]:
        """Read every byte of the snapshot, and of the one before it, and return what is wrong:
        nothing, if all is well.

        Of the indexes beside it too, each problem with its folder.
        """
        found = snapshot.check(self.folder, self.manifest.to_json())
        found += self.place.check(self.manifest.vectors)
        try:
            self.place.fetch(earlier=True)
            kept = snapshot.earlier(self.home)
            found += (
                [f"the earlier snapshot: {one}" for one in snapshot.check(*kept)] if kept else []
            )
        except SnapshotError as error:
            found.append(f"the earlier snapshot: {error}")
        return found + [f"{one.place}: {problem}" for one in self.beside for problem in one.check()]


def _manifest(folder: Path, values: dict[str, Any]) -> Manifest:
    try:
        return Manifest.parse(values)
    except ValueError as error:
        raise snapshot.damaged(folder, f"its manifest cannot be read ({error})") from None
