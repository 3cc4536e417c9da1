"""JSON of answers, and validated reading of untrusted JSON.

`json_type` derives the JSON type of each of our dataclasses: pydantic reads it, with every type,
length and span checked, and Gradio makes the schema of the API from it. Knows neither articles nor
index: `rag.citation.verified` compares quotes with their articles.
"""

from __future__ import annotations

import dataclasses
import datetime
import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import UnionType
from typing import (
    TYPE_CHECKING,
    Annotated,
    Any,
    TypeAlias,
    TypeVar,
    get_args,
    get_origin,
    get_type_hints,
)

from pydantic import (
    AfterValidator,
    Field,
    GetPydanticSchema,
    PlainValidator,
    Strict,
    TypeAdapter,
    ValidationError,
    ValidationInfo,
    WrapValidator,
)
from typing_extensions import TypedDict  # Before Python 3.12 pydantic takes no other.

from rag.errors import InputError, QuestionError
from rag.text.corrections import correction
from rag.text.outside import unicode_text
from rag.types import FIELDS, Answer, Article, Filters, Found, Glance, Hit, Note, Profile
from rag.wording import note, note_of_json, note_to_json

TEXT = 100_000
"""Characters that one text may have."""
ITEMS = 100_000
"""Entries that one list may have: as many articles may be counted (`Listing.articles`)."""
TOTAL = 2_000_000
"""Characters and entries that one answer may have in all."""

T = TypeVar("T")


class AboutJson(TypedDict):
    """The fields of an article, without its text. `corrected` is its notice of a correction, in its
    own words; "" without one."""

    title: str
    source: str
    author: str
    published: str | None
    url: str
    language: str
    section: str
    format: str
    partial: bool
    corrected: str
    origin: str
    content_hash: str


class ArticleJson(AboutJson):
    """A whole article."""

    id: str
    text: str


def to_json(value: object, keyed: bool = False) -> Any:
    """Return a dataclass as JSON values; with `keyed`, notes as key and values, not as text."""
    if isinstance(value, Filters):
        return value.values()
    if dataclasses.is_dataclass(value):
        fields = dataclasses.fields(value)
        return {field.name: to_json(getattr(value, field.name), keyed) for field in fields}
    if isinstance(value, tuple):
        return [to_json(entry, keyed) for entry in value]
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, Note):
        return note_to_json(value) if keyed else str(value)
    return value


def about(article: Article) -> AboutJson:
    """Return the fields of an article, without its text, as JSON values."""
    known = {"corrected": correction(article.text)}
    names = AboutJson.__annotations__
    values = {n: known[n] if n in known else to_json(getattr(article, n)) for n in names}
    return values  # type: ignore[return-value]


def from_json(values: object) -> Answer:
    """Return the answer that `to_json` made these values of, exactly.

    Unknown keys are ignored; a missing key has the default of its field, if it has one. Raises
    InputError for anything that is no answer. Its quotes are not compared with their articles.
    """
    try:
        return read(Answer, values, "answer")
    except ValueError as error:
        raise InputError(note("answer_unreadable", error=str(error))) from None


def read(kind: type[T], values: object, at: str, total: int = TOTAL) -> T:
    """Return a dataclass of ours, read from JSON values.

    `total`: characters and entries that they may have. Raises ValueError that names the wrong
    value, under `at`.
    """
    try:
        adapter: TypeAdapter[T] = _adapter(kind)  # type: ignore[arg-type]
        return adapter.validate_python(values, context={"left": total})
    except ValidationError as failed:
        error = failed.errors(include_url=False, include_input=False)[0]
        # Besides places there are the names of pydantic's checks, and keys of any length.
        places = [p for p in error["loc"] if isinstance(p, int) or p.isidentifier()]
        path = "".join(f"[{p}]" if isinstance(p, int) else f".{p:.20}" for p in places)
        message = error["msg"].removeprefix("Value error, ")
        raise ValueError(f"{at}{path:.100}: {message}") from None


@functools.cache
def _adapter(kind: Any) -> TypeAdapter[Any]:
    return TypeAdapter(json_type(kind))


@functools.cache
def json_type(hint: Any) -> Any:
    """Return the type that values of type `hint` have in JSON; pydantic reads it as `hint`."""
    if hint in _TYPES:
        return _TYPES[hint]
    if dataclasses.is_dataclass(hint):
        made = TypedDict(f"{hint.__name__}Json", _fields(hint))  # type: ignore[misc]
        return Annotated[made, WrapValidator(functools.partial(_made, hint))]
    if get_origin(hint) is UnionType:
        return json_type(get_args(hint)[0]) | None
    if get_origin(hint) is tuple:
        item, *more = get_args(hint)
        bounds, check = (Field(max_length=ITEMS), tuple) if more == [...] else (_PAIR, _span)
        checks = AfterValidator(_counted), AfterValidator(check)
        return Annotated[list[json_type(item)], bounds, checks[0], checks[1]]  # type: ignore[misc]
    return hint


def _fields(kind: Any) -> dict[str, Any]:
    hints = get_type_hints(kind)
    return {field.name: json_type(hints[field.name]) for field in dataclasses.fields(kind)}


def _made(kind: Any, values: Any, inner: Callable[[Any], dict[str, Any]]) -> Any:
    """A dataclass from its JSON object, with defaults for what is missing."""
    if isinstance(values, dict):
        defaults = {
            field.name: to_json(field.default)
            for field in dataclasses.fields(kind)
            if field.default is not dataclasses.MISSING
        }
        made_anew = {
            field.name: field.default_factory()
            for field in dataclasses.fields(kind)
            if field.default_factory is not dataclasses.MISSING
        }
        values = {**defaults, **made_anew, **values}
    made = kind(**inner(values))
    if isinstance(made, Answer):
        _check(made)
    return made


def _check(answer: Answer) -> None:
    """Raise ValueError for an answer whose parts do not fit each other."""
    if not 0 <= answer.confidence <= 1:
        raise ValueError(f"confidence must lie between 0 and 1, not {answer.confidence}")
    if answer.status == "unanswered" and (answer.text or answer.citations or answer.claims):
        raise ValueError("what is unanswered may not have text, citations or claims")
    labels = [citation.label for citation in answer.citations]
    if 0 in labels or len(set(labels)) < len(labels):
        raise ValueError("citations must have labels from 1, each once")
    for citation in answer.citations:
        start, end, length = citation.start, citation.end, len(citation.quote)
        if start >= end or end - start != length:
            raise ValueError(f"a quote of {length} characters cannot span {start}:{end}")
    if any(end > len(claim.text) for claim in answer.claims for _, end in claim.marks):
        raise ValueError("the marks of a claim must lie within its text")


def _counted(value: Any, info: ValidationInfo[Any]) -> Any:
    """Subtract the length of a text or list from what may still be read."""
    info.context["left"] -= len(value)
    if info.context["left"] < 0:
        raise ValueError("it is too large")
    return value


def _span(ends: list[int]) -> tuple[int, int]:
    start, end = ends
    if start > end:
        raise ValueError("a span may not end before it starts")
    return start, end


def _day(value: object) -> datetime.date | None:
    if value is None or value == "":
        return None
    if not isinstance(value, str):
        raise ValueError("a day must be a text")
    try:
        return datetime.date.fromisoformat(value)
    except ValueError:
        raise QuestionError(note("no_date", text=repr(value[:40]))) from None


@dataclass(frozen=True, slots=True)
class _FiltersJson:
    """What `Filters.values` makes."""

    sources: tuple[str, ...] = ()
    since: datetime.date | None = None
    until: datetime.date | None = None
    article: str = ""
    authors: tuple[str, ...] = ()
    sections: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    formats: tuple[str, ...] = ()

    def filters(self) -> Filters:
        articles = (self.article,) if self.article else None
        fields = {field: getattr(self, field) for field in FIELDS}
        return Filters(self.sources, self.since, self.until, articles, **fields)


_Text: TypeAlias = Annotated[
    str, Strict(), Field(max_length=TEXT), AfterValidator(_counted), AfterValidator(unicode_text)
]
_Whole: TypeAlias = Annotated[int, Strict(), Field(ge=0, lt=10**9)]


class _NoteJson(TypedDict):
    """A note as its key and values."""

    key: _Text
    values: Annotated[dict[_Text, _Whole | _Text | _NoteJson], Field(max_length=10)]


_Note: TypeAlias = Annotated[_Text | _NoteJson, AfterValidator(note_of_json)]
_PAIR = Field(min_length=2, max_length=2)
_TYPES: dict[Any, Any] = {
    str: _Text,
    int: _Whole,
    bool: Annotated[bool, Strict()],
    float: Annotated[float, Strict(), Field(allow_inf_nan=False)],
    datetime.date | None: Annotated[str, PlainValidator(_day)],
    Mapping[str, int]: dict[str, _Whole],
    # To Gradio, which ignores what pydantic is told, a note is its text.
    Note: Annotated[str, GetPydanticSchema(lambda _, handler: handler(_Note))],
}
_TYPES[Filters] = Annotated[json_type(_FiltersJson), AfterValidator(_FiltersJson.filters)]

if TYPE_CHECKING:
    HitsJson: TypeAlias = dict[str, Any]
    AnswerJson: TypeAlias = dict[str, Any]
    FoundJson: TypeAlias = dict[str, Any]
    ProfileJson: TypeAlias = dict[str, Any]
else:
    _ARTICLES = {"articles": dict[str, AboutJson]}
    HitsJson = TypedDict("HitsJson", {"hits": list[json_type(Hit)]} | _ARTICLES)
    _GLANCE = {"glance": json_type(Glance) | None}
    AnswerJson = TypedDict("AnswerJson", _fields(Answer) | _GLANCE | _ARTICLES)
    FoundJson = TypedDict("FoundJson", _fields(Found) | _ARTICLES)
    ProfileJson = TypedDict("ProfileJson", _fields(Profile) | _ARTICLES)
