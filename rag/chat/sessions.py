"""`Sessions`: which archive each visitor has open, of those that a server has.

A server has one archive for all (`fixed`), or a `Library` for each account, or both. An archive
that somebody opened is a `Service`, which all share who have it open. Knows nothing of Gradio.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import NamedTuple

from rag.chat.library import Entry, Libraries, Library
from rag.chat.service import Capacity, Service
from rag.errors import InputError, QuestionError
from rag.wording import note

KNOWN = 10_000
"""Visitors of whom it is known which archive they have open; a page that is forgotten begins anew,
and brings the archive's name along."""
OPEN = 8
"""Archives that are open at the same time; of more, the one asked longest ago is closed."""


class Visitor(NamedTuple):
    """A page that is open: its session, and the account that it belongs to ("" for none)."""

    session: str
    account: str = ""


class Sessions:
    """The archives of a server, and who has which of them open. Safe to share between threads.

    `opened` makes the service of an archive in one of the `libraries`; `capacity` is what all
    services share.
    """

    def __init__(
        self,
        fixed: Service | None = None,
        libraries: Libraries | None = None,
        opened: Callable[[Entry], Service] | None = None,
        capacity: Capacity | None = None,
    ) -> None:
        self.fixed = fixed
        self.libraries = libraries
        self.capacity = capacity or (fixed.capacity if fixed else Capacity())
        self._opened = opened
        self._changing = threading.Lock()
        self._services: OrderedDict[tuple[str, str], Service] = OrderedDict()
        self._visits: OrderedDict[Visitor, Service] = OrderedDict()

    def library(self, account: str = "") -> Library | None:
        """The archives of an account, where the server keeps any."""
        return self.libraries.of(account) if self.libraries else None

    def begin(self, visitor: Visitor, key: str = "") -> Service | None:
        """The archive that a visitor's address names, which is theirs from now on.

        None where it names none and the server has several. Raises InputError for one that is not
        there.
        """
        service = self.find(visitor.account, key)
        library = self.library(visitor.account)
        if library and key and self._visits.get(visitor) is not service:
            library.use(key)
        with self._changing:
            self._visits.pop(visitor, None)
            if service:
                self._visits[visitor] = service
            while len(self._visits) > KNOWN:
                self._visits.popitem(last=False)
        return service

    def service(self, visitor: Visitor) -> Service:
        """The archive that a visitor has open. Raises QuestionError for one who is not known."""
        service = self._visits.get(visitor)
        if service is None:
            if self.fixed is None or self.libraries:
                raise QuestionError(note("page_unknown"))
            return self.fixed
        return service

    def find(self, account: str, key: str) -> Service | None:
        """The archive with a key, opened; `fixed`, if there is one, for "". Raises InputError."""
        library = self.library(account)
        if not key or library is None or self._opened is None:
            if key:
                raise InputError(note("archive_gone"))
            return self.fixed
        entry = library.entry(key)
        if not entry.can_be_asked:
            raise InputError(entry.problem or note("archive_gone"))
        with self._changing:
            service = self._services.get((account, key))
            if service is None or service.failed:  # It may have been made again since.
                service = self._services[account, key] = self._opened(entry)
            self._services.move_to_end((account, key))
            surplus = list(self._services)[:-OPEN]
            closed = [self._services.pop(one) for one in surplus]
        for one in closed:  # Who has it open still finds it by a reload.
            one.close(QuestionError(note("page_unknown")))
        return service

    def named(self, account: str, name: str = "") -> Service:
        """The archive that a program names, by its name or its key; without one, `fixed` or else
        the one that was opened last. Raises InputError where there is none."""
        library = self.library(account)
        if library is None or (self.fixed and not name):
            found = self.find(account, name)
        else:
            entries = [one for one in library.entries() if name in ("", one.name, one.id)]
            found = self.find(account, next((one.id for one in entries if one.can_be_asked), "-"))
        if found is None:
            raise InputError(note("archive_gone"))
        return found

    def delete(self, account: str, key: str) -> bool:
        """Delete an archive; whoever has it open is told. As `Library.delete`."""
        library = self.library(account)
        if library is None:
            raise InputError(note("archive_gone"))
        with self._changing:
            service = self._services.pop((account, key), None)
        if service:
            service.close(InputError(note("archive_gone")))
        return library.delete(key)

    def leave(self, visitor: Visitor) -> None:
        """A visitor's page is closed: their documents go. Should it be seen again, it is known."""
        if service := self._visits.get(visitor, self.fixed):
            service.remove(visitor.session)

    def admit(self, address: str) -> None:
        """Count what an address asks for, as `Capacity.admit`."""
        self.capacity.admit(address)

    def close(self) -> None:
        """Close every archive."""
        if self.libraries:
            self.libraries.close()
        for service in [*self._services.values(), *filter(None, [self.fixed])]:
            service.close()
