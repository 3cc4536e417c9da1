"""The named calls for programs, and the tools of an MCP server; they answer in JSON.

Annotations are values here (no `from __future__ import annotations`): Gradio makes the schema of a
call from them, and takes no names for types.
"""

import contextlib
import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Annotated, TypeAlias, TypeVar

import gradio as gr
from gradio.events import api
from pydantic import AfterValidator, Field, TypeAdapter, ValidationError

from rag.archive.profile import READ
from rag.chat.service import Service
from rag.chat.sessions import Sessions
from rag.errors import BylineError, QuestionError, SnapshotError
from rag.export import serialize
from rag.export.serialize import AnswerJson, ArticleJson, FoundJson, HitsJson, ProfileJson
from rag.retrieval.filters import Fields
from rag.text.outside import unicode_text
from rag.types import SORTS, Sort, Turn
from rag.web.updates import address, visitor

FOR_PROGRAMS = 4
"""Answers under way to programs, which have no part in the places of those who chat."""
_log = logging.getLogger(__name__)
_DAMAGED = "The archive cannot be read. Whoever runs the server finds out why with: byline check"
T = TypeVar("T")
Call = TypeVar("Call", bound=Callable[..., object])
MOST_TURNS = 100
"""Earlier turns that a program may send; of these, the last are read."""
_Text: TypeAlias = Annotated[str, Field(max_length=100_000), AfterValidator(unicode_text)]
_Turns: TypeAlias = Annotated[list[tuple[_Text, _Text]], Field(max_length=MOST_TURNS)]
_Names: TypeAlias = Annotated[list[_Text], Field(max_length=10_000)]
_TEXT: TypeAdapter[str] = TypeAdapter(_Text)
_LIST: TypeAdapter[list[str] | None] = TypeAdapter(_Names | None)
_TURNS: TypeAdapter[list[Turn]] = TypeAdapter(_Turns)
_COUNT: TypeAdapter[int] = TypeAdapter(Annotated[int, Field(ge=1)])
_SORT: TypeAdapter[Sort] = TypeAdapter(Sort)
_CHOICE: TypeAdapter[bool | None] = TypeAdapter(bool | None)
_SHARED = {
    "filters": """sources: only articles of these publishers.
            since: only articles published on this day or later, as 2024-05-31.
            until: only articles published on this day or earlier.
            authors: only articles by one of these, or by one among others.
            sections: only articles of these sections of a paper.
            languages: only articles in these languages, as en or English.
            formats: only articles that were read from these formats, as pdf.""",
    "archive": "archive: the archive's name, where there are several; else the one opened last.",
}
"""What is said of the arguments that several calls take. Gradio shows the first line of each."""


def _described(call: Call) -> Call:
    """Put what is said of shared arguments into the docstring of a call."""
    call.__doc__ = (call.__doc__ or "").format_map(_SHARED)
    return call


@dataclass(frozen=True)
class Programs:
    """The calls. Their names, parameters and docstrings are what programs are shown."""

    sessions: Sessions

    @_described
    def ask(
        self,
        question: str,
        request: gr.Request,
        history: list[list[str]] | None = None,
        sources: list[str] | None = None,
        since: str | None = None,
        until: str | None = None,
        articles: list[str] | None = None,
        written: bool | None = None,
        authors: list[str] | None = None,
        sections: list[str] | None = None,
        languages: list[str] | None = None,
        formats: list[str] | None = None,
        archive: str | None = None,
    ) -> AnswerJson:
        """Answer a question from the news archive, in verbatim quotes with their sources.

        Args:
            question: the question, in English for the default encoder.
            history: earlier turns of the conversation, as [question, answer] pairs.
            articles: only articles with these ids.
            written: false for quotes where a language model writes the answers.
            {filters}
            {archive}
        """
        with _as_gradio_error():
            service = self._admitted(archive, request)
            turns = _turns(question, history)
            asked = service.archive()
            growing = asked.stream(
                question, turns, articles=_names(articles),
                written=_sent(_CHOICE, written, "Send written as true, false or null."),
                **_filters(sources, since, until, authors, sections, languages, formats),
            )  # fmt: skip
            *_, answer = service.stream(growing)
            return asked.to_json(answer)

    @_described
    def search(
        self,
        question: str,
        request: gr.Request,
        k: int = 10,
        sources: list[str] | None = None,
        since: str | None = None,
        until: str | None = None,
        articles: list[str] | None = None,
        authors: list[str] | None = None,
        sections: list[str] | None = None,
        languages: list[str] | None = None,
        formats: list[str] | None = None,
        archive: str | None = None,
    ) -> HitsJson:
        """Find the passages of the news archive that fit a question best, best first.

        Args:
            question: the question, or words to look for.
            k: how many passages, at most 100.
            articles: only articles with these ids.
            {filters}
            {archive}
        """
        with _as_gradio_error():
            service = self._admitted(archive, request)
            asked = service.archive()
            hits = service.read(
                asked.search, _sent(_TEXT, question, "Send the question as text."),
                min(_sent(_COUNT, k, "Send k as a whole number from 1."), 100),
                articles=_names(articles),
                **_filters(sources, since, until, authors, sections, languages, formats),
            )  # fmt: skip
            return asked.to_json(hits)

    @_described
    def find(
        self,
        words: str,
        request: gr.Request,
        sort: str = "newest",
        page: int = 1,
        k: int = 20,
        sources: list[str] | None = None,
        since: str | None = None,
        until: str | None = None,
        authors: list[str] | None = None,
        sections: list[str] | None = None,
        languages: list[str] | None = None,
        formats: list[str] | None = None,
        archive: str | None = None,
    ) -> FoundJson:
        """List all articles of the news archive that have words in title or text, and count them.

        Args:
            words: words, "exact phrases", spring*, AND, OR, NOT, brackets; empty for all.
            sort: newest, oldest, source or title.
            page: which page, from 1.
            k: how many articles a page has, at most 200.
            {filters}
            {archive}
        """
        with _as_gradio_error():
            service = self._admitted(archive, request)
            asked = service.archive()
            found = service.read(
                asked.find, _sent(_TEXT, _given(words, ""), "Send the words as text."),
                _sent(_SORT, sort, f"Send sort as one of: {', '.join(SORTS)}."),
                _sent(_COUNT, page, "Send page as a whole number from 1."),
                _sent(_COUNT, k, "Send k as a whole number from 1."),
                **_filters(sources, since, until, authors, sections, languages, formats),
            )  # fmt: skip
            return asked.to_json(found)

    @_described
    def said(
        self,
        name: str,
        request: gr.Request,
        sources: list[str] | None = None,
        since: str | None = None,
        until: str | None = None,
        authors: list[str] | None = None,
        sections: list[str] | None = None,
        languages: list[str] | None = None,
        formats: list[str] | None = None,
        archive: str | None = None,
    ) -> ProfileJson:
        """List what somebody is quoted with in the news archive, newest first, what others are
        quoted with of them, and in how many articles the name stands.

        Args:
            name: the name in full, as articles write it.
            {filters}
            {archive}
        """
        with _as_gradio_error():
            service = self._admitted(archive, request)
            asked = service.archive()
            found = service.read(
                asked.profile, _sent(_TEXT, name, "Send the name as text."), READ,
                **_filters(sources, since, until, authors, sections, languages, formats),
            )  # fmt: skip
            return asked.to_json(found)

    @_described
    def article(
        self, article_id: str, request: gr.Request, archive: str | None = None
    ) -> ArticleJson:
        """Read one article of the news archive, whole.

        Args:
            article_id: the id, as it stands in a citation or a passage.
            {archive}
        """
        with _as_gradio_error():
            wanted = _sent(_TEXT, article_id, "Send the article's id as text.")
            try:
                found = self._service(archive, request).archive().article(wanted)
            except KeyError:
                raise QuestionError(f"There is no article {article_id!r}.") from None
            return {**serialize.about(found), "id": found.id, "text": found.text}

    def _admitted(self, name: object, request: gr.Request) -> Service:
        """The archive that is named, with this question counted. Raises BylineError where there is
        none, or the caller has asked too much."""
        service = self._service(name, request)
        service.admit(address(request))
        return service

    def _service(self, name: object, request: gr.Request) -> Service:
        """The archive that is named. Raises BylineError where there is none."""
        asked = _sent(_TEXT, _given(name, ""), "Send the archive's name as text.")
        return self.sessions.named(visitor(request).account, asked.strip())


def offer_api(sessions: Sessions, under_way: int) -> None:
    """Add the calls to the page that is being made; `under_way`: calls at the same time."""
    programs = Programs(sessions)
    api(
        programs.ask, api_name="ask", concurrency_limit=FOR_PROGRAMS, concurrency_id="programs"
    )  # fmt: skip
    api(
        programs.search, api_name="search", concurrency_limit=under_way, concurrency_id="archive"
    )  # fmt: skip
    for call in (programs.find, programs.said):
        api(
            call, api_name=call.__name__, concurrency_limit=under_way, concurrency_id="archive"
        )  # fmt: skip
    api(programs.article, api_name="article", concurrency_limit=under_way)


@contextlib.contextmanager
def _as_gradio_error() -> Iterator[None]:
    """Raise errors that are for the user as errors that Gradio shows to the caller; one of the
    index, which names a folder of this machine, goes to the log."""
    try:
        yield
    except SnapshotError as error:
        _log.error("%s", error)
        raise gr.Error(_DAMAGED, print_exception=False) from None
    except BylineError as error:
        raise gr.Error(error.message, print_exception=False) from None


def _turns(question: object, history: object) -> list[Turn]:
    """The earlier turns. Raises QuestionError unless all that was sent is text, in pairs."""
    _sent(_TEXT, question, "Send the question as text.")
    remedy = f"Send history as [question, answer] pairs of text, at most {MOST_TURNS}."
    return _sent(_TURNS, _given(history, []), remedy)


def _names(values: object) -> list[str] | None:
    """What to filter by; a form may send an empty list. Raises QuestionError for anything else."""
    return _sent(_LIST, values, "Send what to filter by as lists of text.") or None


class _Filters(Fields):
    """The arguments of `Archive` that restrict what is read, but for ids."""

    sources: list[str] | None
    since: str | None
    until: str | None


def _filters(
    sources: object, since: object, until: object,
    authors: object, sections: object, languages: object, formats: object,
) -> _Filters:  # fmt: skip
    """What to filter by, as `_names` and `_day` read it."""
    return {
        "sources": _names(sources),
        "since": _day(since),
        "until": _day(until),
        "authors": _names(authors),
        "sections": _names(sections),
        "languages": _names(languages),
        "formats": _names(formats),
    }


def _day(text: object) -> str | None:
    """A day as text, which a form may send empty. Raises QuestionError for anything else."""
    return (_sent(_TEXT, _given(text, ""), "Send days as text, as 2024-05-31.")).strip() or None


def _given(value: object, otherwise: object) -> object:
    """A value, or another for None. What is empty and of a wrong type stays: it is refused."""
    return otherwise if value is None else value


def _sent(kind: TypeAdapter[T], value: object, remedy: str) -> T:
    try:
        return kind.validate_python(value)
    except ValidationError:
        raise QuestionError(remedy) from None
