"""The JSON of an evidence pack: made of answers, and read with every value checked.

It holds nothing of the machine that made it: no folder, no password.
"""

from __future__ import annotations

import dataclasses
import datetime
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PureWindowsPath
from typing import Any, TypeAlias
from urllib.parse import urlsplit, urlunsplit

from rag.citation import shown, verified
from rag.errors import QuestionError
from rag.export import serialize
from rag.settings import AskSettings
from rag.text.corrections import correction
from rag.text.outside import is_there
from rag.types import Answer, Article, Filters

FORMAT = "byline-evidence"
VERSION = 1
PAGE = 5
"""The version of the page that goes with a pack. Raise it whenever the page changes, so that an
older page is not taken for one that was tampered with."""
TOTAL = 20_000_000
"""Characters and entries that a pack may have in all."""
ABOUT = (
    "Every citation quotes an article: its text from character `start` up to, not including, "
    "character `end` (Unicode code points, line ends as one \\n). `content_hash` is the SHA-256 "
    "of the article's text in UTF-8. Verify with: byline verify FILE --index DIR"
)
_MODELS = ("model", "reader", "reranker", "entailment", "evidence", "encoder", "name")

Facts: TypeAlias = Mapping[str, Any]
"""Names with plain values, or, one level deep, mappings of such."""
_Plain: TypeAlias = str | int | float | bool | None
_Facts: TypeAlias = Mapping[str, _Plain | Mapping[str, _Plain]]


@dataclass(frozen=True, slots=True)
class Source:
    """The fields of an article that a pack quotes, without its text. `corrected` is its notice of a
    correction, in its own words. None is said by packs of earlier versions, which lack the field.
    """

    id: str
    title: str
    source: str
    author: str
    published: str
    url: str
    language: str
    origin: str
    content_hash: str
    section: str | None = None
    format: str | None = None
    partial: bool | None = None
    corrected: str | None = None

    def article(self, text: str = "") -> Article:
        """Return an `Article` with these fields. Raises ValueError for an invalid date."""
        return Article(
            text, self.title, self.id, self.source, self.author, _day(self.published), self.url,
            self.language, self.origin, self.section or "", self.format or "",
            partial=bool(self.partial),
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Pack:
    """A pack as read. `answers`, `filters` and `related` (ids of articles) run in parallel."""

    made: datetime.datetime
    page: int
    settings: Facts
    index: Facts
    articles: Mapping[str, Source]
    answers: tuple[Answer, ...]
    filters: tuple[Filters, ...]
    related: tuple[tuple[str, ...], ...]
    unread: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Entry(Answer):
    """An answer as a pack holds it."""

    filters: Filters
    related: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _PackJson:
    """What `evidence` makes, without what is the same in every pack."""

    made: str
    page: int
    settings: _Facts
    index: _Facts
    articles: tuple[Source, ...]
    answers: tuple[_Entry, ...]
    unread: Mapping[str, str] = field(default_factory=dict)


def evidence(
    answers: Sequence[Answer],
    articles: Mapping[str, Article],
    settings: AskSettings,
    index: Facts,
    made: datetime.datetime,
    filters: Sequence[Filters] = (),
    unread: Mapping[str, str] = {},
) -> dict[str, Any]:
    """Return the pack of these answers, as JSON values.

    `articles` are all that the answers cite, list or offer, by id; citations that fail verification
    are left out and counted. `index` is `Archive.info()`, `filters` are those of each answer, in
    order; empty if there were none. `unread` are the files that could not be read, each with the
    reason: they go with an answer that there is none. Raises ValueError when the filters are not as
    many as the answers.
    """
    each = filters or [Filters()] * len(answers)
    sound = [verified(answer, articles) for answer in answers]
    entries = [_entry(answer, one) for answer, one in zip(sound, each, strict=True)]
    ids = [
        *(one for answer in sound if answer.listing for one in answer.listing.articles),
        *(citation.article_id for answer in sound for citation in answer.citations),
        *(article_id for entry in entries for article_id in entry["related"]),
    ]
    return {
        "format": FORMAT,
        "version": VERSION,
        "page": PAGE,
        "about": ABOUT,
        "made": made.isoformat(timespec="seconds"),
        "answers": entries,
        "articles": [_source(articles[one]) for one in dict.fromkeys(ids) if one in articles],
        "unread": dict(unread) if any(answer.absence for answer in sound) else {},
        "settings": _public(dataclasses.asdict(settings)),
        "index": index_facts(index),
    }


def nothing_said(source: Source) -> list[str]:
    """Return the fields of which a pack says nothing."""
    return [
        field.name for field in dataclasses.fields(source) if getattr(source, field.name) is None
    ]


def parse(values: object) -> Pack:
    """Read a pack from JSON values. Raises ValueError that says what is wrong with them."""
    if not isinstance(values, dict) or values.get("format") != FORMAT:
        raise ValueError(f"it does not name the format {FORMAT!r}")
    if values.get("version") != VERSION:
        raise ValueError(
            f"it has version {values.get('version')!r:.20} of the format, and this Byline reads "
            f"{VERSION}; a newer Byline may read it"
        )
    try:
        read = serialize.read(_PackJson, values, "pack", TOTAL)
    except QuestionError as error:  # A day of a filter.
        raise ValueError(str(error)) from None
    for source in read.articles:
        source.article()
    articles = {source.id: source for source in read.articles}
    if len(articles) < len(read.articles):
        raise ValueError("two of its articles have the same id")
    return Pack(
        datetime.datetime.fromisoformat(read.made),
        read.page,
        read.settings,
        read.index,
        articles,
        read.answers,
        tuple(entry.filters for entry in read.answers),
        tuple(entry.related for entry in read.answers),
        read.unread,
    )


def _entry(answer: Answer, filters: Filters) -> dict[str, Any]:
    """A verified answer with its filters; of its hits, only the ids of related articles."""
    near = shown(answer) if answer.status == "unanswered" else ()
    offered = list(dict.fromkeys(one.article_id for one in near))
    values = serialize.to_json(answer)
    del values["hits"]
    return {**values, "filters": filters.values(), "related": offered}


def _source(article: Article) -> dict[str, Any]:
    published = article.published.isoformat() if article.published else ""
    return dataclasses.asdict(
        Source(
            article.id, article.title, article.source, article.author, published, article.url,
            article.language, article.origin, article.content_hash, article.section,
            article.format, article.partial, correction(article.text),
        )
    )  # fmt: skip


def index_facts(index: Facts) -> dict[str, Any]:
    """Return what a pack says of an index: of `Archive.info()`, all but its folder and sources."""
    encoder = {name: index["encoder"][name] for name in ("name", "dimension", "precision")}
    kept = ("snapshot", "format_version", "articles", "passages", "articles_sha256")
    beside = ", ".join(other["snapshot"] for other in index.get("beside", ()))
    return {
        **{name: index[name] for name in kept},
        **({"beside": beside} if beside else {}),
        "encoder": _public(encoder),
        "settings": _public(index["settings"]),
    }


def _public(facts: Facts) -> dict[str, Any]:
    """The facts, with models named by `nameable`."""
    return {name: nameable(v) if name in _MODELS else v for name, v in facts.items()}


def nameable(name: str) -> str:
    """Return a model's name without private parts: the folder of a file, and the credentials and
    query of a URL."""
    if re.match(r"https?:", name, re.IGNORECASE):
        try:
            url = urlsplit(name)
        except ValueError:
            return "(an address)"
        host = url.netloc.rpartition("@")[2]
        return urlunsplit((url.scheme, host, url.path, "", nameable(url.fragment)))
    if name.startswith("hf://"):
        return name
    # A name on a hub, "owner/model", looks like a path too, so a look at the disk decides.
    is_path = name.startswith(("/", "~", ".")) or "\\" in name or name.count("/") > 1
    if is_path or name.lower().endswith(".gguf") or is_there(name):
        return PureWindowsPath(name).name
    return name


def _day(text: str) -> datetime.date | None:
    return datetime.date.fromisoformat(text) if text else None
