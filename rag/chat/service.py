"""What the visitors of an archive share: the archive, opened meanwhile, and what each of them has.

Owns the opening in the background and how far it is, the newer snapshot that a build puts in force,
and the private collections of those who are here; what archives share (`Capacity`): how many
questions are read at a time, and how often each address may ask. Knows nothing of Gradio.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from pathlib import Path
from typing import Any, TypeVar

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from rag.archive import Archive
from rag.chat.conversation import Scope
from rag.chat.feedback import Feedback
from rag.chat.guided import Guided
from rag.chat.standing import Standing
from rag.chat.uploads import Added, Collection
from rag.chat.writers import Writers
from rag.citation import LISTED, articles_of
from rag.errors import BylineError, QuestionError, SnapshotError
from rag.types import Answer, Article, Citation, Overview, Progress, Version
from rag.wording import note

_log = logging.getLogger(__name__)
T = TypeVar("T")

AT_ONCE = 2
"""Questions for which the archive is read at the same time; each keeps a processor core busy."""
COLLECTIONS = 40
"""Visitors who may keep documents of their own here at the same time."""
OF_ONE_ADDRESS = 10
"""Of these, those who come from one address."""
CHARACTERS = 12_000_000
"""Characters of documents that may be kept for one address, before another file is added."""
ADDING = 2
"""Uploads of one address that may wait to be read."""
LOOK_EVERY = 2.0
"""Seconds after which it is looked again whether a build has put another snapshot in force."""
_LEAVE = 30
"""Seconds that the end waits for what is still being read."""


class Capacity:
    """What a server can do at a time, whatever the number of its archives.

    `per_minute`: questions that one address may ask in a minute; 0 for any number.
    """

    def __init__(self, per_minute: int = 0) -> None:
        # Torch keeps memory for every thread that it ever computed on, so few search and read.
        self.readers = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="reader")
        # Documents are indexed one after the other; it may take minutes, and keeps nobody waiting.
        self.adder = ThreadPoolExecutor(1, thread_name_prefix="adder")
        self._limit = RateLimitItemPerMinute(per_minute) if per_minute else None
        self._limiter = MovingWindowRateLimiter(MemoryStorage())
        self.connected: Counter[str] = Counter()
        """Pages that are open, by their session, with the connections that say so."""

    def admit(self, address: str) -> None:
        """Count a question from an address. Raises QuestionError for one too many."""
        if self._limit and not self._limiter.hit(self._limit, address):
            raise QuestionError(note("too_many_questions", n=str(self._limit.amount)))


class Service:
    """An archive for many visitors. `opening` opens or builds it, telling its progress.

    `capacity`: what it shares with other archives of the server. `propose`: whether to ask the
    archive for example questions once it is open, which takes a while. `feedback`: where judgements
    of answers go, if they are asked for. `key` and `name`: of the archive, where there are several.
    `standing`: the questions that are asked of what a build brings, if any may be kept. `guided`:
    questions chosen by hand, in place of examples. `writers`: the models that may write answers.
    """

    def __init__(
        self,
        opening: Callable[[Progress], Archive],
        capacity: Capacity | None = None,
        propose: bool = True,
        feedback: Feedback | None = None,
        key: str = "",
        name: str = "",
        standing: Standing | None = None,
        guided: Sequence[Guided] = (),
        writers: Writers | None = None,
    ) -> None:
        self._opening = opening
        self._propose = propose and not guided
        self.guided = tuple(guided)
        self.writers = writers or Writers()
        self.capacity = capacity or Capacity()
        self.feedback = feedback
        self.key = key
        self.name = name
        self.standing = standing
        self._opened = threading.Event()
        self._starting = threading.Lock()
        self._thread: threading.Thread | None = None
        self._archive: Archive | None = None
        self._failure: BaseException | None = None
        self._collections: dict[str, Collection] = {}
        self._addresses: dict[str, str] = {}
        self._adding: Counter[str] = Counter()
        self._entering = threading.Lock()
        self._closing = threading.Event()
        self._looking = threading.Lock()
        self._looks_at = 0.0
        self.progress: tuple[str, int, int] = ("", 0, 0)
        """The stage of the opening, what is done of it and how much there is to do."""
        self.overview: Overview | None = None
        """What the archive holds; None until all of it was read."""
        self.examples: tuple[str, ...] | None = None
        """Questions that the archive answers; None until it has been asked them, if it is to be."""

    def start(self) -> None:
        """Begin to open the archive, if that was not begun."""
        with self._starting:
            if self._thread is None:
                self._thread = threading.Thread(target=self._open, daemon=True)
                self._thread.start()

    @property
    def ready(self) -> bool:
        """Whether the archive is open, or cannot be opened."""
        return self._opened.is_set()

    @property
    def failed(self) -> bool:
        """Whether the archive could not be opened, or was closed."""
        return self._failure is not None

    @property
    def closed(self) -> bool:
        """Whether the archive was closed for those who have it open."""
        return self.failed and self._closing.is_set()

    def archive(self) -> Archive:
        """The archive, as soon as it is open, and as it is now: a build may have put another
        snapshot in force. Raises what kept it from being opened, or has closed it."""
        self.start()
        self._opened.wait()
        archive = self._archive
        if archive is None:
            raise self._failure or RuntimeError("the archive was not opened")
        # One looks, and waits for what is new; the others go on with what there was.
        if time.monotonic() >= self._looks_at and self._looking.acquire(blocking=False):
            try:
                archive = self._newest(archive)
            finally:
                self._looks_at = time.monotonic() + LOOK_EVERY
                self._looking.release()
        return archive

    def archive_of(self, visitor: str | None, scope: Scope) -> Archive:
        """What a visitor asks. Raises QuestionError for documents that are gone."""
        if scope == "archive":
            return self.archive()
        collection = self._collections.get(visitor or "")
        found = None
        if collection:
            found = collection.archive if scope == "own" else collection.joint
        if found is None:
            raise QuestionError(note("documents_gone"))
        return found

    def articles_of(
        self, visitor: str | None, answer: Answer, listed: int = LISTED
    ) -> dict[str, Article]:
        """The articles that an answer speaks of, of its list the first `listed`; one that is gone
        or fails its check is left out."""
        wanted = articles_of(answer, listed)
        found = ((article_id, self.article_of(visitor, article_id)) for article_id in wanted)
        return {article_id: article for article_id, article in found if article}

    def article_of(self, visitor: str | None, article_id: str) -> Article | None:
        """An article of the archive or of the visitor's own; None if neither holds it intact."""
        scopes: tuple[Scope, ...] = ("archive", "own")
        for scope in scopes:
            try:
                archive = self.archive_of(visitor, scope)
            except BylineError:
                continue
            if article := archive.intact(article_id):
                return article
        return None

    def changed(self, cited: Citation) -> tuple[Version, Article] | None:
        """As `Archive.changed`: the earlier text of a quote, and the article as it is now."""
        try:
            return self.archive().changed(cited)
        except BylineError:
            return None

    def stream(self, growing: Iterator[Answer]) -> Iterator[Answer]:
        """The answers that `Archive.stream` yields; few read an archive at the same time, which is
        what the first answer takes, and a model's answers queue before the model alone."""
        yield self.read(next, growing)
        yield from growing

    def read(self, work: Callable[..., T], *arguments: Any, **named: Any) -> T:
        """The result of work that reads an archive, which few may do at the same time."""
        return self.capacity.readers.submit(work, *arguments, **named).result()

    def admit(self, address: str) -> None:
        """Count a question from an address. Raises QuestionError for one too many."""
        self.capacity.admit(address)

    def collection(self, visitor: str | None) -> Collection | None:
        """The documents of a visitor, if there are any."""
        return self._collections.get(visitor or "")

    def add(
        self,
        visitor: str | None,
        paths: Sequence[Path],
        progress: Progress | None = None,
        address: str = "",
    ) -> Added:
        """Put files among the documents of a visitor from an address. Raises QuestionError where
        there is no room, and for a visitor without a name, whose documents would be everybody's
        without one."""
        if not visitor:
            raise QuestionError(note("documents_one_visit"))
        archive = self.archive()
        with self._entering:
            self._check_room(address)
            if visitor not in self._collections:
                self._make_room(address)
                self._collections[visitor] = Collection(archive)
                self._addresses[visitor] = address
            collection = self._collections[visitor]
            self._adding[address] += 1
        try:
            # What it tells of its progress belongs to whoever waits for it here.
            return self.capacity.adder.submit(
                copy_context().run, collection.add, paths, progress
            ).result()
        finally:
            with self._entering:
                self._adding -= Counter([address])  # Without those that are 0.

    def remove(self, visitor: str | None) -> None:
        """Delete a visitor's documents."""
        with self._entering:
            collection = self._collections.pop(visitor or "", None)
            self._addresses.pop(visitor or "", None)
        if collection:
            collection.close()

    def _make_room(self, address: str) -> None:
        """Delete the documents of a page that is not open any more, where another visitor could
        keep none. Raises QuestionError where all are."""
        alike = [one for one, its in self._addresses.items() if its == address]
        full = alike if len(alike) >= OF_ONE_ADDRESS else list(self._collections)
        if full is not alike and len(full) < COLLECTIONS:
            return
        gone = next((one for one in full if not self.capacity.connected[one]), None)
        if gone is None:
            raise QuestionError(note("documents_full" if full is alike else "too_many_visitors"))
        self._addresses.pop(gone, None)
        # It may be at work, which ends soon; nobody waits for that here.
        threading.Thread(target=self._collections.pop(gone).close, daemon=True).start()

    def _check_room(self, address: str) -> None:
        """Raise QuestionError where as much is kept for an address, or waits to be read, as may."""
        alike = [self._collections[one] for one, its in self._addresses.items() if its == address]
        held = sum(one.characters for one in alike)
        if held >= CHARACTERS or self._adding[address] >= ADDING:
            raise QuestionError(note("documents_full"))

    def close(self, why: BylineError | None = None) -> None:
        """Delete the documents of all visitors, and end the opening if it is under way. From then
        on, those who ask are told `why`, if that is given."""
        self._closing.set()
        for visitor in list(self._collections):
            self.remove(visitor)
        # The interpreter aborts if it ends while another thread is inside a model.
        if self._thread is not None:
            self._thread.join(_LEAVE)
        if why:
            self._archive, self._failure = None, why
            self._opened.set()

    def _newest(self, archive: Archive) -> Archive:
        """The snapshot in force, if that can be opened; the archive as it was otherwise."""
        try:
            newer = archive.newer()
        except BylineError as error:
            _log.warning("The archive stays as it was opened: %s", error)
            return archive
        if newer is None or self._closing.is_set():
            return archive
        self._archive = newer
        with self._entering:
            for collection in self._collections.values():
                collection.follow(newer)
        threading.Thread(target=self._describe, args=[newer], daemon=True).start()
        return newer

    def _open(self) -> None:
        def tell(stage: str, done: int, total: int) -> None:
            if self._closing.is_set():
                raise SnapshotError(note("server_ends"))
            self.progress = (stage, done, total)

        try:
            self._archive = self._opening(tell)
        except BaseException as error:  # Whoever waits for the archive is told.
            self._failure = error
        finally:
            self._opened.set()
        if self._archive:
            self._describe(self._archive)
        self.examples = self.examples or ()

    def _describe(self, archive: Archive) -> None:
        """Say what the archive holds, and then what can be asked of it."""
        try:
            if not self._closing.is_set():
                self.overview = archive.overview()
                if self._propose and not self._closing.is_set():
                    self.examples = tuple(archive.examples())
        except BylineError as error:  # The page does without.
            _log.warning("No question can be proposed: %s", error)
        try:
            if self.standing and not self._closing.is_set():
                self.read(self.standing.ask, archive, self.standing.questions())
        except BylineError as error:
            _log.warning("The standing questions were not asked: %s", error)
