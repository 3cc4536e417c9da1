"""What an evidence pack holds: made of answers, and read back strictly.

A pack is JSON values, so that any program can read it. Nothing of the machine that made it goes
in: no folder, no password.
"""

from __future__ import annotations

import dataclasses
import datetime
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PureWindowsPath
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from rag.citation import RELATED, verified
from rag.export import serialize
from rag.settings import AskSettings
from rag.types import Answer, Article, Filters

FORMAT = "byline-evidence"
VERSION = 1
PAGE = 1
"""The layout of the page that goes with a pack. One more whenever the page changes, so that a
page that was tampered with is told from an older one."""
TOTAL = 20_000_000
"""Characters and entries that a pack may have in all."""
_ABOUT = (
    "Every citation quotes an article: its text from character `start` up to, not including, "
    "character `end` (Unicode code points, line ends as one \\n). `content_hash` is the SHA-256 "
    "of the article's text in UTF-8. Verify with: byline verify FILE --index DIR"
)
_MODELS = ("model", "reader", "reranker", "entailment", "evidence", "encoder", "name")

Facts = Mapping[str, Any]
"""Names and plain values; or, one level deep, more of them."""


@dataclass(frozen=True, slots=True)
class Source:
    """What is known of an article that a pack quotes, but for its text."""

    id: str
    title: str
    source: str
    author: str
    published: str
    url: str
    language: str
    origin: str
    content_hash: str

    def article(self, text: str = "") -> Article:
        """As an article; without its text, unless it is given. ValueError for a date that is
        none."""
        return Article(
            text, self.title, self.id, self.source, self.author, _day(self.published), self.url,
            self.language, self.origin,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Pack:
    """A pack as read. `answers`, `filters` and `related` (ids of articles) run in parallel;
    the answers are without hits."""

    made: datetime.datetime
    page: int
    settings: Facts
    index: Facts
    articles: Mapping[str, Source]
    answers: tuple[Answer, ...]
    filters: tuple[Filters, ...]
    related: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class _Narrowed:
    """Filters as JSON has them: days as "2024-05-31"."""

    sources: tuple[str, ...] = ()
    since: str = ""
    until: str = ""
    article: str = ""

    def filters(self) -> Filters:
        only = (self.article,) if self.article else None
        return Filters(self.sources, _day(self.since), _day(self.until), only)


@dataclass(frozen=True, slots=True)
class _Entry:
    """What a pack says of an answer beside the answer itself."""

    filters: _Narrowed
    related: tuple[str, ...]


def evidence(
    answers: Sequence[Answer],
    articles: Mapping[str, Article],
    settings: AskSettings,
    index: Facts,
    made: datetime.datetime,
    filters: Sequence[Filters] = (),
) -> dict[str, Any]:
    """The pack of these answers, as JSON values.

    `articles` are all that the answers cite or offer, by id; what they do not bear out is left
    out and counted. `index` is `Archive.info()`, `filters` are those of each answer, in
    order; none were in force without any. Raises ValueError when they are not as many.
    """
    each = filters or [Filters()] * len(answers)
    sound = [verified(answer, articles) for answer in answers]
    entries = [_entry(answer, one) for answer, one in zip(sound, each, strict=True)]
    ids = [
        *(citation.article_id for answer in sound for citation in answer.citations),
        *(article_id for entry in entries for article_id in entry["related"]),
    ]
    return {
        "format": FORMAT,
        "version": VERSION,
        "page": PAGE,
        "about": _ABOUT,
        "made": made.isoformat(timespec="seconds"),
        "answers": entries,
        "articles": [_source(articles[article_id]) for article_id in dict.fromkeys(ids)],
        "settings": _public(dataclasses.asdict(settings)),
        "index": _build(index),
    }


def parse(values: object) -> Pack:
    """The pack in these JSON values. Raises ValueError that says what is wrong with them."""
    if not isinstance(values, dict) or values.get("format") != FORMAT:
        raise ValueError(f"it does not name the format {FORMAT!r}")
    if values.get("version") != VERSION:
        raise ValueError(
            f"it has version {values.get('version')!r:.20} of the format, and this Byline reads "
            f"{VERSION}; a newer Byline may read it"
        )
    room = serialize.Room(TOTAL)
    articles = [
        serialize.read(Source, value, f"articles[{number}]", room)
        for number, value in enumerate(_list(values, "articles"))
    ]
    for source in articles:
        source.article()
    answers, entries = [], []
    for number, value in enumerate(_list(values, "answers")):
        bare = {**value, "hits": []} if isinstance(value, dict) else value
        answers.append(serialize.answer_of(bare, f"answers[{number}]", room))
        entries.append(serialize.read(_Entry, value, f"answers[{number}]", room))
    made, page = values.get("made"), values.get("page")
    if not isinstance(made, str) or not isinstance(page, int):
        raise ValueError("it does not say when it was made, or which page goes with it")
    return Pack(
        datetime.datetime.fromisoformat(made),
        page,
        _facts(values, "settings"),
        _facts(values, "index"),
        {source.id: source for source in articles},
        tuple(answers),
        tuple(entry.filters.filters() for entry in entries),
        tuple(entry.related for entry in entries),
    )


def _entry(answer: Answer, filters: Filters) -> dict[str, Any]:
    """A checked answer with its filters; of its hits, the articles it offers in place of one."""
    related = dict.fromkeys(hit.passage.article_id for hit in answer.hits)
    offered = list(related)[:RELATED] if answer.status == "unanswered" else []
    values = serialize.to_json(answer)
    del values["hits"]
    return {**values, "filters": filters.values(), "related": offered}


def _source(article: Article) -> dict[str, str]:
    published = article.published.isoformat() if article.published else ""
    return dataclasses.asdict(
        Source(
            article.id, article.title, article.source, article.author, published, article.url,
            article.language, article.origin, article.content_hash,
        )
    )  # fmt: skip


def _build(index: Facts) -> dict[str, Any]:
    """What an index was built from and with; not where it lies."""
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
    """The facts, and of a model only what may be told."""
    return {name: nameable(v) if name in _MODELS else v for name, v in facts.items()}


def nameable(name: str) -> str:
    """A model's name without what is nobody's business: the folder of a file, and what an address
    says of who asks."""
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
    if is_path or name.lower().endswith(".gguf") or Path(name).exists():
        return PureWindowsPath(name).name
    return name


def _day(text: str) -> datetime.date | None:
    return datetime.date.fromisoformat(text) if text else None


def _list(values: Mapping[str, Any], name: str) -> list[Any]:
    found = values.get(name)
    if not isinstance(found, list) or len(found) > serialize.ITEMS:
        raise ValueError(f"{name} must be a list of at most {serialize.ITEMS:,} entries")
    return found


def _facts(values: Mapping[str, Any], name: str, deep: bool = True) -> Facts:
    """An object of plain values and, one level deep, more of them."""
    found = values.get(name)
    if not isinstance(found, dict):
        raise ValueError(f"{name} must be an object")
    for key, value in found.items():
        if deep and isinstance(value, dict):
            _facts(found, key, deep=False)
        elif not isinstance(value, str | int | float | None):
            raise ValueError(f"{name}.{key:.40} must be a plain value")
    return found
