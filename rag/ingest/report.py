"""The report of a reading: the articles by format and source, and what is to be said of each file.

Knows no format. `ArticleReader` collects it, an index keeps it, `byline info --failed` shows it.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from rag.errors import InputError
from rag.ingest.failure import Failure, Remark
from rag.types import Article, Note
from rag.wording import note, note_of_json, note_to_json


@dataclass(frozen=True, slots=True)
class Count:
    """The articles of one format and source."""

    format: str
    source: str
    articles: int
    characters: int


@dataclass(frozen=True, slots=True)
class FileReport:
    """What is to be said of one file: why something of it, or all of it, was left out
    (`failures`), and what to know of what was read (`remarks`)."""

    file: str
    failures: tuple[Note, ...] = ()
    remarks: tuple[Note, ...] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """What became of the files of a reading.

    `read` files gave an article, `unread` ones gave none; the files within a zip count, the zip
    does not. `counts` are in order, most articles first. `files` are those of which there is
    something to say, those first of which something was left out. `repeated` counts the articles
    that came again, with the same text, title, source and day, and are kept once.
    """

    read: int = 0
    unread: int = 0
    repeated: int = 0
    counts: tuple[Count, ...] = ()
    files: tuple[FileReport, ...] = ()

    @property
    def articles(self) -> int:
        return sum(count.articles for count in self.counts)

    @property
    def characters(self) -> int:
        return sum(count.characters for count in self.counts)

    @property
    def formats(self) -> Mapping[str, int]:
        """The articles of each format, most first."""
        return self._articles_by("format")

    @property
    def sources(self) -> Mapping[str, int]:
        """The articles of each source, most first; "" for those that name none."""
        return self._articles_by("source")

    @property
    def failed(self) -> tuple[FileReport, ...]:
        """The files of which something, or all, was left out."""
        return tuple(one for one in self.files if one.failures)

    @property
    def remarked(self) -> tuple[FileReport, ...]:
        """The files that were read with a remark."""
        return tuple(one for one in self.files if one.remarks)

    def to_json(self) -> dict[str, Any]:
        """Return the report as JSON values, with the totals."""
        return self._values(str)

    def _values(self, told: Callable[[Note], Any]) -> dict[str, Any]:
        """The report as JSON values, what is to be said as `told` writes it."""
        counts = [
            {
                "format": count.format,
                "source": count.source,
                "articles": count.articles,
                "characters": count.characters,
            }
            for count in self.counts
        ]
        return {
            "articles": self.articles,
            "characters": self.characters,
            "repeated": self.repeated,
            "files_read": self.read,
            "files_unread": self.unread,
            "formats": dict(self.formats),
            "sources": dict(self.sources),
            "counts": counts,
            "files": [
                {
                    "file": one.file,
                    "failures": list(map(told, one.failures)),
                    "remarks": list(map(told, one.remarks)),
                }
                for one in self.files
            ],
        }

    def to_bytes(self) -> bytes:
        """Return the report as an index keeps it, to be said in any language; `parse` reads it."""
        return _to_bytes(self._values(note_to_json))

    def save(self, file: Path) -> None:
        """Write the report as JSON. Raises InputError."""
        try:
            file.write_bytes(_to_bytes(self.to_json()))
        except OSError as error:
            raise InputError(
                f"The report cannot be written to {file} ({error.strerror}). Name another file."
            ) from None

    def and_of(self, other: Report) -> Report:
        """Return the report of both readings."""
        counted: dict[tuple[str, str], Count] = {}
        for one in (*self.counts, *other.counts):
            before = counted.get((one.format, one.source), Count(one.format, one.source, 0, 0))
            counted[one.format, one.source] = replace(
                before,
                articles=before.articles + one.articles,
                characters=before.characters + one.characters,
            )
        files = sorted((*self.files, *other.files), key=lambda one: not one.failures)
        return Report(
            self.read + other.read,
            self.unread + other.unread,
            self.repeated + other.repeated,
            tuple(sorted(counted.values(), key=lambda one: -one.articles)),
            tuple(files),
        )

    def without(self, gone: Iterable[Article], left: Iterable[Article]) -> Report:
        """Return the report without the articles `gone`, and without the files of which nothing
        is among the articles that are `left`."""
        fewer: dict[tuple[str, str], Count] = {(c.format, c.source): c for c in self.counts}
        files = set[str]()
        for article in gone:
            files.add(_file_of(article))
            if known := fewer.get((article.format, article.source)):
                fewer[article.format, article.source] = replace(
                    known,
                    articles=known.articles - 1,
                    characters=known.characters - len(article.text),
                )
        files -= {_file_of(article) for article in left}
        return replace(
            self,
            counts=tuple(count for count in fewer.values() if count.articles > 0),
            files=tuple(one for one in self.files if one.file not in files),
        )

    @classmethod
    def parse(cls, values: Mapping[str, Any]) -> Report:
        """Read the JSON values that `to_bytes` makes. Raises ValueError for others."""
        try:
            counts = tuple(Count(**count) for count in values["counts"])
            files = tuple(
                FileReport(
                    one["file"],
                    tuple(map(note_of_json, one["failures"])),
                    tuple(map(note_of_json, one["remarks"])),
                )
                for one in values["files"]
            )
            read, unread, repeated = (
                int(values[name]) for name in ("files_read", "files_unread", "repeated")
            )
            return cls(read, unread, repeated, counts, files)
        except (KeyError, TypeError, ValueError) as error:
            raise ValueError(f"no report of a reading ({error})") from None

    def _articles_by(self, name: str) -> Mapping[str, int]:
        found: Counter[str] = Counter()
        for count in self.counts:
            found[getattr(count, name)] += count.articles
        return dict(found.most_common())


@dataclass(slots=True)
class Counting:
    """What is counted while a reading goes on; `report` makes the report of it."""

    read: int = 0
    unread: int = 0
    total: int = 0
    articles: Counter[tuple[str, str]] = field(default_factory=Counter)
    characters: Counter[tuple[str, str]] = field(default_factory=Counter)
    repeated: Counter[str] = field(default_factory=Counter)
    renamed: Counter[str] = field(default_factory=Counter)
    seen: dict[int, int] = field(default_factory=dict)
    """Hashes of ids and texts: of millions of articles, too, they have room."""
    is_repeated: bool = False
    """Whether the article that was added last had come before."""

    def add(self, article: Article) -> Article:
        """Count an article, and return it; one whose id another text has gets an id of its own."""
        kind = article.format, article.source
        self.total += 1
        self.articles[kind] += 1
        self.characters[kind] += len(article.text)
        file, text = _file_of(article), hash(article.text)
        if self.seen.get(hash(article.id), text) != text:
            self.renamed[file] += 1
            article = replace(article, id="")
        self.is_repeated = hash(article.id) in self.seen
        if self.is_repeated:
            self.repeated[file] += 1
        self.seen[hash(article.id)] = text
        return article

    def report(self, failures: Iterable[Failure], remarks: Iterable[Remark]) -> Report:
        """Return the report of what was counted, with the failures and remarks grouped by file."""
        counts = tuple(
            Count(*kind, articles, self.characters[kind])
            for kind, articles in self.articles.most_common()
        )
        left_out: dict[str, list[Note]] = {}
        said: dict[str, list[Note]] = {}
        for failure in failures:
            left_out.setdefault(failure.file, []).append(failure.reason)
        for remark in remarks:
            said.setdefault(remark.file, []).append(remark.text)
        for file, n in self.repeated.items():
            said.setdefault(file, []).append(note("read_before", n=n))
        for file, n in self.renamed.items():
            said.setdefault(file, []).append(note("ids_taken", n=n))
        files = tuple(
            FileReport(file, tuple(left_out.get(file, ())), tuple(said.get(file, ())))
            for file in dict.fromkeys([*left_out, *said])
        )
        return Report(self.read, self.unread, self.repeated.total(), counts, files)


def _to_bytes(values: Mapping[str, Any]) -> bytes:
    return (json.dumps(values, indent=1, ensure_ascii=False) + "\n").encode()


def _file_of(article: Article) -> str:
    """The file that an article was read from."""
    return article.origin.rpartition("#")[0] or article.origin
