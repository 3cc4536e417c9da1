"""What can go wrong that a user can mend. Every message names the remedy."""

from __future__ import annotations

import re
import traceback

from rag.types import Note

_NUMBER = re.compile(r"\[(?:Errno|WinError) -?\d+\] ")


class BylineError(Exception):
    """Base of every error that Byline raises on purpose; the message is for the user."""

    @property
    def message(self) -> Note:
        """What `str` gives, and where it is known, what it takes to say it in another language."""
        given = self.args[0] if self.args else ""
        return given if isinstance(given, Note) else Note(str(self))


class InputError(BylineError):
    """Articles that cannot be read: a missing folder, or one that holds nothing readable."""


class SettingsError(BylineError):
    """A setting with an unknown name or a value out of range."""


class QuestionError(BylineError):
    """A question that cannot be asked: empty, too long, or with a filter that fits nothing."""


class SnapshotError(BylineError):
    """An index that is missing, incomplete, altered, or of another format."""


class EncoderError(BylineError):
    """A model that cannot be loaded, or does not fit: an encoder other than the index was built
    with, a text longer than it reads, a reranker that does not rank."""


class ModelError(BylineError):
    """A language model that cannot be loaded or reached, or that does not answer in time."""


LOST = frozenset({"gone", "damaged"})
"""The kinds of a StoreError that do not pass: what was there has to be built again."""


class StoreError(BylineError):
    """An engine that holds an archive and does not answer, refuses, or lacks what it should have.

    The text is for who runs the server; `shown` is what readers of a page are told. `kind` is
    "gone" where something is missing there, "damaged" where it is not as it was written, "loading"
    where it is not ready yet, "" otherwise.
    """

    def __init__(self, text: str, shown: Note, kind: str = "") -> None:
        super().__init__(text)
        self._shown, self.kind = shown, kind

    @property
    def message(self) -> Note:
        return self._shown


class ClusterError(BylineError):
    """A Ray cluster that cannot be reached or used, or on which a build failed."""


def frames(error: BaseException) -> str:
    """Return where an error was raised, and its kind, without its message: that may hold what was
    asked, or what a visitor's file says."""
    trace = "".join(traceback.format_tb(error.__traceback__))
    told = "its message is left out, as it may hold what was asked or read"
    return f"Traceback (most recent call last):\n{trace}{type(error).__name__} ({told})"


def first_line(error: Exception) -> str:
    """What a library's or the system's error says, short enough to stand in a message of ours, and
    without the number that the system gives it."""
    said = (str(error).strip().splitlines() or [type(error).__name__])[0]
    return _NUMBER.sub("", said)[:200]
