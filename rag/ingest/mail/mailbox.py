"""Read a mailbox in one file (mbox): each message as a file of its own.

The messages are found as the standard library's `mailbox` does, which takes files on disk only; a
line of a text that starts with "From " is no start of a message unless a header follows.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from rag.ingest.failure import Failure, Found, Unreadable
from rag.ingest.mail.message import read_message
from rag.ingest.source import Source

_START = re.compile(
    rb"^From [^\n]{0,200}?\d\d:\d\d[^\n]{0,40}?\d{4}[^\n]{0,40}\n>?[!-9;-~]{1,80}:", re.MULTILINE
)
_ESCAPED = re.compile(rb"^>(>*From )", re.MULTILINE)


def is_mailbox(data: bytes) -> bool:
    return _START.match(data) is not None


def read_mailbox(source: Source) -> Iterator[Found]:
    """Yield what each message of a mailbox holds; one that cannot be read is a failure."""
    starts = [match.start() for match in _START.finditer(source.data)]
    for number, (start, end) in enumerate(zip(starts, [*starts[1:], None], strict=True), 1):
        source.budget.take_time()
        _, _, data = source.data[start:end].partition(b"\n")
        part = source.part(str(number), _ESCAPED.sub(rb"\1", data))
        try:
            yield from read_message(part)
        except Unreadable as error:
            yield Failure(part.name, error.reason)
