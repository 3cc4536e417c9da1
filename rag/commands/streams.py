"""What a command prints: texts on which no terminal acts, and JSON.

Articles, file names and messages of the system may hold control characters, by which a terminal
would move its cursor, change its title or write over what stands. Both streams show them instead.
"""

from __future__ import annotations

import contextlib
import io
import json
import re
import sys
from collections.abc import Iterator
from typing import Any, TextIO

from rag.wording.visible import HIDDEN, visible

_DRAWN = re.compile(r"\r|[\n\x1b]*\x1b\[A")
"""How tqdm begins to draw a bar on standard error: at the beginning of the line, or a line up."""


class Shown(io.TextIOBase):
    """A text stream on `under` on which control characters, and those that turn text, are symbols.

    `bars`: whether progress bars are drawn on it, which go back to the beginning of their line.
    """

    def __init__(self, under: TextIO, bars: bool = False) -> None:
        self.under = under
        self._bars = bars

    def write(self, text: str, /) -> int:
        drawn = _DRAWN.match(text) if self._bars else None
        start = drawn.end() if drawn else 0
        self.under.write(text[:start] + visible(text[start:], keep="\n\t"))
        return len(text)

    def flush(self) -> None:
        self.under.flush()

    def isatty(self) -> bool:
        return self.under.isatty()

    def fileno(self) -> int:
        return self.under.fileno()

    def writable(self) -> bool:
        return True

    @property
    def encoding(self) -> str:  # type: ignore[override]
        return self.under.encoding


@contextlib.contextmanager
def shown() -> Iterator[None]:
    """Print, while a command runs, nothing that a terminal would act on."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # Articles hold every script; a console that cannot show one must not end the answer.
            stream.reconfigure(errors="backslashreplace")
    with (
        contextlib.redirect_stdout(Shown(sys.stdout)),
        contextlib.redirect_stderr(Shown(sys.stderr, bars=True)),
    ):
        yield


def print_json(values: Any) -> None:
    """Print values as JSON on one line, every character as it is for who reads them."""
    text = json.dumps(values, ensure_ascii=False)
    print(HIDDEN.sub(lambda found: f"\\u{ord(found[0]):04x}", text), flush=True)
