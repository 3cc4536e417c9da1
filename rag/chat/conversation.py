"""A visitor's conversation: its exchanges, as JSON for the browser and as links.

Owns what survives a reload and what a shared link says. Knows nothing of pages or of archives:
whether a restored quote still stands in its article is for `rag.citation.verified` to say.
"""

from __future__ import annotations

import datetime
import itertools
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal, TypeAlias, cast, get_args
from urllib.parse import parse_qs, urlencode

from rag.errors import InputError, QuestionError
from rag.export import serialize
from rag.types import Answer, Filters, Turn
from rag.wording import note

Scope: TypeAlias = Literal["archive", "own", "both"]
"""What is asked: the archive, the visitor's own documents, or both as one."""
KEPT = 30
"""Exchanges that stay in a conversation; the oldest go first."""
_VERSION = 2
_READ = (1, 2)  # In 1, notes were English texts.
_KEPT_TEXT = 6_000_000
"""Characters that a browser's tab may keep; most keep fewer."""
_LONGEST = 500
"""Characters of a source or an article id in a filter; and sources in one."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """An answer and what was asked for it: its number in the conversation, the filters in force.

    `fresh`: the question was corrected and stands by itself; what came before it is not its
    context, nor that of the questions after it.
    """

    number: int
    answer: Answer
    filters: Filters = field(default_factory=Filters)
    scope: Scope = "archive"
    fresh: bool = False
    rated: bool = False


@dataclass(frozen=True, slots=True)
class Conversation:
    """Exchanges, oldest first; `pending` is one whose answer is still being written."""

    exchanges: tuple[Exchange, ...] = ()
    pending: Exchange | None = None

    @property
    def leant_on(self) -> tuple[Exchange, ...]:
        """The exchanges that a next question may lean on."""
        starts = [i for i, exchange in enumerate(self.exchanges) if exchange.fresh]
        return self.exchanges[starts[-1] if starts else 0 :]

    @property
    def turns(self) -> tuple[Turn, ...]:
        """The same as questions with their answers."""
        return self.history("both")

    def history(self, scope: Scope) -> tuple[Turn, ...]:
        """The turns that a next question may lean on: one to the archive alone on none about
        documents of the visitor's own, whose words would stand in its link."""
        leant_on = (e for e in self.leant_on if scope != "archive" or e.scope == "archive")
        return tuple((e.answer.question, e.answer.text) for e in leant_on)

    @property
    def next_number(self) -> int:
        return self.exchanges[-1].number + 1 if self.exchanges else 1

    def exchange(self, number: object) -> Exchange | None:
        every = (*self.exchanges, self.pending)
        return next((e for e in every if e and e.number == number), None)

    def with_exchange(self, exchange: Exchange) -> Conversation:
        return Conversation((*self.exchanges, exchange)[-KEPT:])

    def rated(self, number: int) -> Conversation:
        """The conversation in which that exchange was judged."""
        exchanges = (replace(e, rated=True) if e.number == number else e for e in self.exchanges)
        return replace(self, exchanges=tuple(exchanges))


def to_json(conversation: Conversation) -> dict[str, Any]:
    """A conversation as JSON values, for the browser to keep."""
    exchanges = [
        {
            "number": e.number,
            "answer": serialize.to_json(e.answer, keyed=True),
            "filters": e.filters.values(),
            "scope": e.scope,
            "fresh": e.fresh,
            "rated": e.rated,
        }
        for e in conversation.exchanges
    ]
    return {"version": _VERSION, "exchanges": exchanges}


def from_json(values: object) -> Conversation:
    """The conversation that `to_json` made these values of; nobody vouches for them.

    Raises InputError for anything that is no conversation, and QuestionError for a date that is
    none.
    """
    if not isinstance(values, Mapping) or values.get("version") not in _READ:
        raise _unreadable()
    exchanges = values.get("exchanges")
    if not isinstance(exchanges, list) or len(exchanges) > KEPT:
        raise _unreadable()
    read = tuple(map(_exchange, exchanges))
    if any(one.number >= other.number for one, other in itertools.pairwise(read)):
        raise _unreadable()
    return Conversation(read)


def parsed(text: str) -> object:
    """The JSON values of what a browser kept. Raises InputError for anything else."""
    if len(text) > _KEPT_TEXT:
        raise _unreadable()
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise _unreadable() from None


def filters_of(values: object) -> Filters:
    """Filters as `Filters.values` gives them.

    Raises InputError for anything else, and QuestionError for a date that is none.
    """
    if not isinstance(values, Mapping):
        raise _unreadable()
    sources, article = values.get("sources", []), values.get("article", "")
    if not isinstance(sources, list) or len(sources) > _LONGEST:
        raise _unreadable()
    if not all(map(_is_name, (*sources, article))):
        raise _unreadable()
    since, until = (_day(values.get(name)) for name in ("since", "until"))
    return Filters(tuple(dict.fromkeys(sources)), since, until, (article,) if article else None)


def scope_of(text: str) -> Scope:
    """What is asked, by its name. Raises InputError for another name."""
    if text not in get_args(Scope):
        raise _unreadable()
    return cast(Scope, text)


def arguments(
    filters: Filters,
) -> tuple[list[str] | None, datetime.date | None, datetime.date | None, str | None]:
    """The filters as `Archive.search` and its kin take them: sources, since, until, articles."""
    return list(filters.sources) or None, filters.since, filters.until, filters.article or None


def link(question: str, filters: Filters) -> str:
    """The query of an address that asks a question again under its filters."""
    values = filters.values()
    sources = values.pop("sources", [])
    return "?" + urlencode({"q": question, "source": sources, **values}, doseq=True)


def of_link(query: str) -> tuple[str, Filters]:
    """The question ("" for none) and the filters that a query of an address holds.

    Raises InputError for a query that cannot be read and for filters that are none, and
    QuestionError for a date that is none.
    """
    try:
        given = parse_qs(query.removeprefix("?"), max_num_fields=1000)
    except ValueError:
        raise InputError(note("link_unreadable")) from None
    first = {name: values[0] for name, values in given.items()}
    named = {name: first.get(name, "") for name in ("since", "until", "article")}
    return first.get("q", ""), filters_of({"sources": given.get("source", []), **named})


def _exchange(values: object) -> Exchange:
    if not isinstance(values, Mapping):
        raise _unreadable()
    number, scope = values.get("number"), values.get("scope", "archive")
    # bool is an int, but no number of an exchange.
    if type(number) is not int or not 0 < number < 10**9 or scope not in get_args(Scope):
        raise _unreadable()
    return Exchange(
        number,
        serialize.from_json(values.get("answer")),
        filters_of(values.get("filters", {})),
        cast(Scope, scope),
        values.get("fresh") is True,
        values.get("rated") is True,
    )


def _is_name(value: object) -> bool:
    """Whether it can be a source or an id; half a surrogate pair fits into no link."""
    if not isinstance(value, str) or len(value) > _LONGEST:
        return False
    return not any("\ud800" <= character <= "\udfff" for character in value)


def _day(text: object) -> datetime.date | None:
    if not text:
        return None
    if not isinstance(text, str):
        raise _unreadable()
    try:
        return datetime.date.fromisoformat(text)
    except ValueError:
        raise QuestionError(note("no_date", text=repr(text[:40]))) from None


def _unreadable() -> InputError:
    return InputError(note("conversation_unreadable"))
