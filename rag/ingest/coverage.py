"""Say how much of a file became articles, where that is too little to be silent about.

Owns the bounds. Knows no format: a reader says how many documents it saw, or has them counted here.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence

from rag.ingest.failure import Failure, Remark
from rag.types import Article
from rag.wording import note

# Of 398 saved pages from all over the web, 1 is below the first pair of bounds, none below the
# second; the pages among the bundled articles are read to 87% and more.
_LITTLE, _LEFT_OUT = 1 / 3, 2_000
"""Below this share of a file's characters, with so many left out: a remark."""
_SCARCELY, _NEARLY_ALL = 1 / 10, 10_000
"""Below this share, with so many left out: a failure."""
_THING = (
    r"(?:documents?|dokumente?n?|documentos?|articles?|artikel[ns]?|artículos?|records?|stor(?:y|ies)"
    r"|items?|results?|treffer|résultats?)"
)
_NUMBERED = re.compile(
    rf"^[^\w\n]*(?:{_THING}\W{{1,3}}(\d{{1,6}})\s+[^\W\d_]{{1,3}}\s+(\d{{1,6}})"
    rf"|(\d{{1,6}})\s+[^\W\d_]{{1,3}}\s+(\d{{1,6}})[ \t]+{_THING})[^\w\n]*$",
    re.IGNORECASE | re.MULTILINE,
)


def left_out(
    name: str, text: str, articles: Sequence[Article], seen: int = 0
) -> Iterator[Failure | Remark]:
    """Yield what a person should know of the parts of a file that became no article.

    `seen`: how many documents the file shows; one that is not among the articles is always told.
    Half of them, or nearly all of the text, is a failure.
    """
    read = min(len(text), sum(len(article.text) + len(article.title) for article in articles))
    rest = len(text) - read
    missing = max(0, seen - len(articles))
    counts = {"read": read, "all": len(text)}
    if missing:
        said = note("documents_unread", n=missing, **counts)
    elif read < _LITTLE * len(text) and rest > _LEFT_OUT:
        said = note("partly_read", **counts)
    else:
        return
    if missing * 2 >= seen > 0 or (read < _SCARCELY * len(text) and rest > _NEARLY_ALL):
        yield Failure(name, said)
    else:
        yield Remark(name, said)


def documents_in(text: str) -> int:
    """How many documents a text numbers: as many as there are lines like "3 of 25 documents"."""
    numbers: dict[str, set[str]] = defaultdict(set)
    for first, of_first, second, of_second in _NUMBERED.findall(text):
        numbers[of_first or of_second].add(first or second)
    return max(map(len, numbers.values()), default=0)
