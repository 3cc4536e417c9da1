"""Load judged pages in the format of trafilatura's own evaluation.

A folder holds `evaldata.json`, an object of objects by address with `file`, `with` (strings of the
article's text) and `without` (strings of anything else), and the files in `cache` or `eval`.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rag.errors import InputError
from rag.evaluation.datasets.choice import half_of

_FOLDERS = ("cache", "eval")


@dataclass(frozen=True, slots=True)
class Page:
    """A judged page; white space in its strings is single spaces."""

    url: str
    file: Path
    wanted: Sequence[str]
    foreign: Sequence[str]

    @property
    def half(self) -> int:
        """The half, 0 or 1, that the page is in: lines are learned from those of half 0."""
        return half_of(self.url)


def load(folder: Path) -> list[Page]:
    """The pages of a folder, by address. Raises InputError where it has none."""
    path = folder / "evaldata.json"
    try:
        read = json.loads(path.read_text("utf-8"))
        pages = [_page(folder, url, read[url]) for url in sorted(read)]
        if not pages:
            raise ValueError("no pages")
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputError(
            f"No judged pages can be read from {folder} ({error}). Name the folder `tests` of a "
            "checkout of trafilatura."
        ) from error
    return pages


def spaced(text: str) -> str:
    """A text with single spaces between its words."""
    return " ".join(text.split())


def _page(folder: Path, url: str, given: dict[str, object]) -> Page:
    named = [folder / one / str(given["file"]) for one in _FOLDERS]
    file = next((path for path in named if path.is_file()), None)
    if file is None:
        raise ValueError(f"no file {given['file']}")
    wanted, foreign = (given[name] for name in ("with", "without"))
    assert isinstance(wanted, list)
    assert isinstance(foreign, list)
    return Page(url, file, [*map(spaced, wanted)], [*map(spaced, foreign)])
