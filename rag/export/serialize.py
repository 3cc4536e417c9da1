"""An answer as JSON values, and back from values that nobody vouches for.

Owns what of them is believed: every type, length and span is checked on the way in. Knows neither
articles nor index: that the quotes stand in their articles is for `rag.citation.verified` to say.
"""

from __future__ import annotations

import dataclasses
import functools
import math
from dataclasses import dataclass
from typing import Any, Literal, TypeVar, get_args, get_origin, get_type_hints

from rag.errors import InputError
from rag.export.schema import AboutJson
from rag.types import Answer, Article, Hit, Note
from rag.wording import note, note_of

TEXT = 100_000
"""Characters that one text may have."""
ITEMS = 1_000
"""Entries that one list may have; no answer has more passages (`AskSettings.read_passages`)."""
TOTAL = 2_000_000
"""Characters and entries that one answer may have in all."""
_LARGEST = 10**9
_DEPTH = 3  # Notes within notes.
_PLACES = 10  # Values of one note.

T = TypeVar("T")


@dataclass(slots=True)
class Room:
    """What may still be read: characters and entries of lists."""

    left: int = TOTAL

    def take(self, amount: int) -> None:
        """Use some of it. Raises ValueError when there is not so much left."""
        self.left -= amount
        if self.left < 0:
            raise ValueError("it is too large")


def to_json(found: Answer | Hit, keyed: bool = False) -> dict[str, Any]:
    """An answer or a hit as JSON values; if `keyed`, its notes in no language yet."""
    names = [field.name for field in dataclasses.fields(found)]
    return {name: _plain(getattr(found, name), keyed) for name in names}


def about(article: Article) -> AboutJson:
    """What is known of an article, but for its text, as JSON values."""
    return {
        "title": article.title,
        "source": article.source,
        "author": article.author,
        "published": article.published.isoformat() if article.published else None,
        "url": article.url,
        "language": article.language,
        "origin": article.origin,
        "content_hash": article.content_hash,
    }


def from_json(values: object) -> Answer:
    """The answer that `to_json` made these values of, exactly.

    Unknown keys are passed over; a key that is missing has the default of its field, if it has
    one. Raises InputError for anything that is no answer. Its quotes are not looked up:
    `rag.citation.verified` does.
    """
    try:
        return answer_of(values, "answer", Room())
    except ValueError as error:
        raise InputError(note("answer_unreadable", error=str(error))) from None


def answer_of(values: object, at: str, room: Room) -> Answer:
    """As `from_json`, but ValueError says what is wrong; `at` names the values in its message."""
    answer = read(Answer, values, at, room)
    if not 0 <= answer.confidence <= 1:
        raise ValueError(f"{at}.confidence must lie between 0 and 1, not {answer.confidence}")
    if answer.status == "unanswered" and (answer.text or answer.citations or answer.claims):
        raise ValueError(f"{at} is unanswered and may not have text, citations or claims")
    labels = [citation.label for citation in answer.citations]
    if 0 in labels or len(set(labels)) < len(labels):
        raise ValueError(f"{at}.citations must have labels from 1, each once, not {labels}")
    for number, citation in enumerate(answer.citations):
        start, end, quote = citation.start, citation.end, citation.quote
        if start >= end or end - start != len(quote):
            raise ValueError(
                f"{at}.citations[{number}]: a quote of {len(quote)} characters cannot span "
                f"{start}:{end}"
            )
    for number, claim in enumerate(answer.claims):
        if any(end > len(claim.text) for _, end in claim.marks):
            raise ValueError(f"{at}.claims[{number}].marks must lie within its text")
    return answer


def read(kind: type[T], values: object, at: str, room: Room) -> T:
    """A dataclass of texts, numbers, tuples and dataclasses from JSON values, types checked.

    Raises ValueError that says which value, under `at`, is not what it should be.
    """
    if not isinstance(values, dict):
        raise ValueError(f"{at} must be an object, not {_short(values)}")
    found = {}
    for name, hint, needed in _fields(kind):  # type: ignore[arg-type]
        if name in values:
            found[name] = _value(hint, values[name], f"{at}.{name}", room)
        elif needed:
            raise ValueError(f"{at}.{name} is missing")
    return kind(**found)


@functools.lru_cache
def _fields(kind: Any) -> list[tuple[str, Any, bool]]:
    """The name of each field, its type, and whether it has no default."""
    hints = get_type_hints(kind)
    return [
        (field.name, hints[field.name], field.default is dataclasses.MISSING)
        for field in dataclasses.fields(kind)
    ]


def _value(hint: Any, value: object, at: str, room: Room) -> object:
    if hint is Note:
        return _note(value, at, room)
    if hint is str:
        return _text(value, at, room)
    if hint is int:
        return _whole(value, at)
    if hint is float:
        return _number(value, at)
    if get_origin(hint) is Literal:
        if value not in get_args(hint) or not isinstance(value, str):
            raise ValueError(f"{at} must be one of {get_args(hint)}, not {_short(value)}")
        return value
    if get_origin(hint) is tuple:
        return _tuple(get_args(hint), value, at, room)
    if dataclasses.is_dataclass(hint):
        return read(hint, value, at, room)  # type: ignore[arg-type]
    raise TypeError(f"no value of type {hint} can be read: {at}")


def _tuple(hints: tuple[Any, ...], value: object, at: str, room: Room) -> tuple[object, ...]:
    """A list of any length, or a span."""
    if not isinstance(value, list | tuple) or len(value) > ITEMS:
        raise ValueError(f"{at} must be a list of at most {ITEMS:,} entries, not {_short(value)}")
    room.take(len(value))
    if hints[-1] is Ellipsis:
        return tuple(_value(hints[0], v, f"{at}[{i}]", room) for i, v in enumerate(value))
    ends = [_whole(end, at) for end in value]
    if len(ends) != 2 or ends[0] > ends[1]:
        raise ValueError(f"{at} must be a span of a start and an end, not {_short(value)}")
    return tuple(ends)


def _note(value: object, at: str, room: Room, depth: int = _DEPTH) -> Note:
    """A message: as a text, or as its key and values, of which nothing is kept that is unknown."""
    if not isinstance(value, dict):
        return Note(_text(value, at, room))
    key, values = value.get("key"), value.get("values")
    if not depth or not isinstance(values, dict) or len(values) > _PLACES:
        raise ValueError(f"{at} must be a text, or a key and its values")
    found: dict[str, str | int] = {
        _text(name, at, room): _whole(one, at)
        if isinstance(one, int)
        else _note(one, f"{at}.{name:.20}", room, depth - 1)
        for name, one in values.items()
    }
    return note_of(_text(key, at, room), found)


def _text(value: object, at: str, room: Room) -> str:
    if not isinstance(value, str) or len(value) > TEXT:
        raise ValueError(f"{at} must be a text of at most {TEXT:,} characters, not {_short(value)}")
    if any("\ud800" <= character <= "\udfff" for character in value):
        raise ValueError(f"{at} holds half a surrogate pair, which is no character")
    room.take(len(value))
    return value


def _whole(value: object, at: str) -> int:
    # JSON has one kind of number, and JSON's booleans are numbers to Python.
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= _LARGEST:
        raise ValueError(f"{at} must be a whole number from 0 to {_LARGEST:,}, not {_short(value)}")
    return value


def _number(value: object, at: str) -> float:
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) <= _LARGEST:
        return float(value)  # A browser writes 1.0 as 1.
    if not isinstance(value, float) or not math.isfinite(value):
        raise ValueError(f"{at} must be a finite number, not {_short(value)}")
    return value


def _plain(value: object, keyed: bool) -> object:
    if isinstance(value, tuple):
        return [_plain(entry, keyed) for entry in value]
    if isinstance(value, Note):
        return _keyed(value) if keyed else str(value)
    if dataclasses.is_dataclass(value):
        return {f.name: _plain(getattr(value, f.name), keyed) for f in dataclasses.fields(value)}
    return value


def _keyed(message: str) -> str | dict[str, Any]:
    """A message as its key and values; as its text where it has no key."""
    if not isinstance(message, Note) or not message.key:
        return str(message)
    values = {
        name: _keyed(value) if isinstance(value, str) else value for name, value in message.values
    }
    return {"key": message.key, "values": values}


def _short(value: object) -> str:
    """A value for a message: no message repeats a long one."""
    if isinstance(value, list | tuple | dict):
        return f"a {'list' if not isinstance(value, dict) else 'object'} of {len(value)}"
    if isinstance(value, str) and len(value) > 40:
        return f"a text of {len(value):,} characters"
    if isinstance(value, int) and abs(value) > 10**12:
        return "a number that large"
    return repr(value) if isinstance(value, str | int | float | None) else type(value).__name__
