"""Join the lines of pages to paragraphs.

A page that was printed knows lines and no paragraphs, so:

- A line goes on in the next one, with a space between, if that starts in lower case; and if the
  line is full and no blank line follows. A full line has three quarters of the length that three
  quarters of its page's lines keep to. Any other line ends a paragraph; an item of a list begins
  one.
- This holds across pages too, once the lines at top and foot that most pages share, but for their
  numbers, are left out.
- A hyphen at the end of a line stays and is followed by no space ("well-known", "infor-mation"):
  which of them the printer put there cannot be known. A soft hyphen is the printer's and goes.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

_FULL = 0.75
_ITEM = re.compile(r"[•▪◦‣·*–—-]\s")


def paragraphs(pages: Sequence[str]) -> tuple[str, list[int]]:
    """Join the lines of pages by the rules above, with a blank line between paragraphs.

    Also returns where in the text each page starts: one without lines where the next one does.
    """
    pieces: list[str] = []
    starts: list[int] = []
    size = 0
    goes_on = False
    for number, (rows, width) in enumerate(_without_frames([_rows(page) for page in pages]), 1):
        for row in rows:
            if not row:
                goes_on = False
                continue
            if pieces and (goes_on or row[0].islower()) and not _ITEM.match(row):
                kept, between = _joint(pieces[-1], row)
                size -= len(pieces[-1]) - len(kept)
                pieces[-1] = kept
            else:
                between = "\n\n" if pieces else ""
            size += len(between)
            starts += [size] * (number - len(starts))
            pieces += (between, row)
            size += len(row)
            goes_on = len(row) >= _FULL * width
    return "".join(pieces), starts + [size] * (len(pages) - len(starts))


def _rows(page: str) -> list[str]:
    return [" ".join(row.split()) for row in page.split("\n")]


def _without_frames(pages: Sequence[list[str]]) -> list[tuple[list[str], int]]:
    """The rows of each page without running heads and feet, and how long a full row is."""
    filled = [[row for row in rows if row] for rows in pages]
    heads = Counter(_numberless(rows[0]) for rows in filled if rows)
    feet = Counter(_numberless(rows[-1]) for rows in filled if rows)
    most = len(pages) // 2 + 1
    framed = []
    for rows in pages:
        kept = _trimmed(rows)
        if len(pages) > 1 and kept and heads[_numberless(kept[0])] >= most:
            kept = _trimmed(kept[1:])
        if len(pages) > 1 and kept and feet[_numberless(kept[-1])] >= most:
            kept = _trimmed(kept[:-1])
        lengths = sorted(len(row) for row in kept if row)
        framed.append((kept, lengths[len(lengths) * 3 // 4] if lengths else 0))
    return framed


def _trimmed(rows: Sequence[str]) -> list[str]:
    """Rows without the blank ones at both ends."""
    filled = [number for number, row in enumerate(rows) if row]
    return list(rows[filled[0] : filled[-1] + 1]) if filled else []


def _numberless(row: str) -> str:
    return re.sub(r"\d+", "#", row)


def _joint(row: str, after: str) -> tuple[str, str]:
    """A row as it stands before the row `after` of its paragraph, and what comes between."""
    if row.endswith("\u00ad"):
        return row[:-1], ""
    hyphened = row.endswith(("-", "\u2010")) and row[-2:-1].isalpha() and after[0].islower()
    return row, "" if hyphened else " "
