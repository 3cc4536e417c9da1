"""A visitor's conversation, stored as JSON in the browser, and its questions as links.

Knows nothing of pages or archives: `rag.citation.verified` compares restored quotes with their
articles.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal, TypeAlias, cast, get_args
from urllib.parse import parse_qs, urlencode

from rag.errors import InputError
from rag.export import serialize
from rag.text.outside import json_value
from rag.types import FIELDS, Answer, Filters, Turn
from rag.wording import note

Scope: TypeAlias = Literal["archive", "own", "both"]
"""What is asked: the archive, the visitor's own documents, or both as one."""
KEPT = 30
"""Exchanges kept in a conversation; the oldest are dropped first."""
_VERSION = 2
_READ = (1, 2)  # In 1, notes were English texts.
HELD = 600_000
"""Characters of a conversation as JSON; of more, the oldest exchanges are dropped. For
each page that is open the server has about seven times as many bytes in memory."""
_KEPT_TEXT = 2_500_000
"""Characters that a browser may bring back: the last exchange is kept, however long it is."""
_LONGEST = 500
"""Characters of a name or an article id in a filter; and names in one."""
_PARAMETERS = {name: name.removesuffix("s") for name in ("sources", *FIELDS)}
"""What filters that take several names are called in a link, once for each name."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """One question with its answer, filters and scope, numbered within the conversation.

    `fresh`: the question was corrected and is complete: earlier exchanges are not its context, nor
    that of later questions.
    """

    number: int
    answer: Answer
    filters: Filters = Filters()  # noqa: RUF009 (it is frozen)
    scope: Scope = "archive"
    fresh: bool = False
    rated: bool = False


@dataclass(frozen=True, slots=True)
class Conversation:
    """The exchanges, oldest first; `pending` is one whose answer is still being written."""

    exchanges: tuple[Exchange, ...] = ()
    pending: Exchange | None = None

    @property
    def context(self) -> tuple[Exchange, ...]:
        """The exchanges that are context of the next question."""
        starts = [i for i, exchange in enumerate(self.exchanges) if exchange.fresh]
        return self.exchanges[starts[-1] if starts else 0 :]

    def history(self, scope: Scope, filters: Filters = Filters()) -> tuple[Turn, ...]:  # noqa: B008
        """The context of a question with this scope and these filters, as questions with their
        answers.

        One to the archive alone has none of the visitor's own documents, as their words would get
        into its link; and whoever has changed the filters has left the old subject.
        """
        context = [e for e in self.context if scope != "archive" or e.scope == "archive"]
        changed = [i for i, exchange in enumerate(context, start=1) if exchange.filters != filters]
        kept = context[changed[-1] if changed else 0 :]
        return tuple((e.answer.question, e.answer.text) for e in kept)

    @property
    def next_number(self) -> int:
        return self.exchanges[-1].number + 1 if self.exchanges else 1

    def exchange(self, number: object) -> Exchange | None:
        every = (*self.exchanges, self.pending)
        return next((e for e in every if e and e.number == number), None)

    def with_exchange(self, exchange: Exchange) -> Conversation:
        exchanges = (*self.exchanges, exchange)[-KEPT:]
        left = HELD - _size(exchange)
        for first in range(len(exchanges) - 1, 0, -1):
            left -= _size(exchanges[first - 1])
            if left < 0:
                return Conversation(exchanges[first:])
        return Conversation(exchanges)

    def rated(self, number: int) -> Conversation:
        """Return the conversation with that exchange marked as rated."""
        exchanges = (replace(e, rated=True) if e.number == number else e for e in self.exchanges)
        return replace(self, exchanges=tuple(exchanges))


def _size(exchange: Exchange) -> int:
    """The characters of an exchange as the browser keeps it."""
    return len(json.dumps(serialize.to_json(exchange, keyed=True)))


def to_json(conversation: Conversation) -> dict[str, Any]:
    """Return a conversation as JSON values, for the browser to keep."""
    exchanges = serialize.to_json(conversation.exchanges, keyed=True)
    return {"version": _VERSION, "exchanges": exchanges}


def from_json(values: object) -> Conversation:
    """Read the conversation that `to_json` made these values of; they are untrusted.

    Raises InputError for anything that is no conversation, and QuestionError for a date that is
    none.
    """
    if not isinstance(values, Mapping) or values.get("version") not in _READ:
        raise _unreadable()
    exchanges = values.get("exchanges")
    if not isinstance(exchanges, list) or len(exchanges) > KEPT:
        raise _unreadable()
    read = tuple(map(_exchange, exchanges))
    if any(one >= other for one, other in itertools.pairwise((0, *(e.number for e in read)))):
        raise _unreadable()
    return Conversation(read[:-1]).with_exchange(read[-1]) if read else Conversation()


def parsed(text: str) -> object:
    """Parse the JSON text that a browser kept. Raises InputError for anything else."""
    if len(text) > _KEPT_TEXT:
        raise _unreadable()
    try:
        return json_value(text)
    except ValueError:
        raise _unreadable() from None


def filters_of(values: object) -> Filters:
    """Read filters from what `Filters.values` returns.

    Raises InputError for anything else, and QuestionError for a date that is none.
    """
    try:
        filters = _bounded(serialize.read(Filters, values, "filters"))
    except ValueError:
        raise _unreadable() from None
    once = {name: tuple(dict.fromkeys(names)) for name, names in _named(filters).items()}
    sources = once.pop("sources")
    return Filters(sources, filters.since, filters.until, filters.articles, **once)


def scope_of(text: str) -> Scope:
    """Return the scope of this name. Raises InputError for another name."""
    if text not in get_args(Scope):
        raise _unreadable()
    return cast(Scope, text)


def link(question: str, filters: Filters, archive: str = "") -> str:
    """Return the URL query that asks a question again with its filters, of the archive with this
    key where there are several."""
    values = {_PARAMETERS.get(name, name): value for name, value in filters.values().items()}
    where = {"archive": archive} if archive else {}
    return "?" + urlencode({"q": question, **values, **where}, doseq=True)


def of_link(query: str) -> tuple[str, Filters]:
    """Parse a URL query: the question ("" for none) and the filters.

    Raises InputError for a query that cannot be read and for filters that are none, and
    QuestionError for a date that is none.
    """
    try:
        given = parse_qs(query.removeprefix("?"), max_num_fields=1000)
    except ValueError:
        raise InputError(note("link_unreadable")) from None
    first = {name: values[0] for name, values in given.items()}
    if first.get("view"):
        return "", Filters()  # It leads beside the conversation.
    one = {name: first.get(name, "") for name in ("since", "until", "article")}
    several = {name: given.get(called, []) for name, called in _PARAMETERS.items()}
    return first.get("q", ""), filters_of(several | one)


def _exchange(values: object) -> Exchange:
    try:
        exchange = serialize.read(Exchange, values, "exchange")
    except ValueError as error:
        wrong = str(error).removeprefix("exchange.")
        if wrong.startswith("answer"):
            raise InputError(note("answer_unreadable", error=wrong)) from None
        raise _unreadable() from None
    _bounded(exchange.filters)
    return exchange


def _bounded(filters: Filters) -> Filters:
    """Raise InputError for filters that are too many or too long for a link."""
    named = [*_named(filters).values(), (filters.article,)]
    if any(len(names) > _LONGEST or max(map(len, names), default=0) > _LONGEST for names in named):
        raise _unreadable()
    return filters


def _named(filters: Filters) -> dict[str, tuple[str, ...]]:
    """The filters that take several names."""
    return {"sources": filters.sources} | {field: filters.of(field) for field in FIELDS}


def _unreadable() -> InputError:
    return InputError(note("conversation_unreadable"))
