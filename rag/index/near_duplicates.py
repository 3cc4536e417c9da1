"""Group near-duplicate articles: agency texts that several papers print. Pure.

Texts are compared as sets of word shingles (A. Broder, "On the resemblance and containment of
documents", 1997): runs of 3 folded words. MinHash finds the pairs that may be copies, and the
shingles themselves decide: a copy shares half of the shorter text's shingles, as papers cut agency
texts, reword them and add paragraphs of their own.

Measured on the 609 articles of MultiHop-RAG. Of 100 copies, cut to 30 to 60%, with 2 or 3 words of
each sentence replaced and a foreign paragraph put in, half the shingles find 96 (.6: 55; runs of 5
words: 38), and all 100 where 1 or 2 words are replaced. Of the originals they join 2 pairs, both
one publisher's page brought up to date (.86 and .64); the next are at .46 and .43, one publisher's
story told anew. By 256 hashes in pairs, all of 300 made copies were candidates (by 128: 293; by
datasketch's LSH Ensemble, made for containment: 299, in 4 times the time). The sketch of an article
takes 7 ms and a kilobyte; kept with the index, it is made once.

Errs on the side of too few reports: a digest that holds two of them joins them, and a publisher's
boilerplate joins the texts of which it is half. A copy much shorter than an eighth of the longer
text is often missed.
"""

from __future__ import annotations

import datetime
import functools
import re
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import combinations
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from rag.text.stems import fold
from rag.types import Article

Sketch: TypeAlias = "npt.NDArray[np.uint32]"
"""The MinHash of a text, of 256 hashes; of none, for one too short to be a report."""
_Shingles = npt.NDArray[np.uint32]

_WORDS = 3
_SHARED = 0.5
# Shorter texts may agree by chance, and stubs ("Subscribe to read on") are no reports.
_FEWEST = 30
# Compared in pairs: a text of a quarter of the longer one's shingles is a candidate with p > .999,
# one of an eighth with p = .87; unrelated articles (.001) with p = .0001.
_HASHES = 256
# Of candidates with fewer equal hashes the shingles are not looked at: such a pair has them by
# chance, an eighth of the longer text 5 or more with p > .998.
_EQUAL = 5
_WORD = re.compile(r"\w+")
_KEPT = 2_000


def sketch(text: str) -> Sketch:
    """Return the sketch of a text, by which copies of it are found."""
    # Only builds pay for the import, which brings SciPy.
    from datasketch import MinHash

    shingles = _shingles(text)
    if len(shingles) < _FEWEST:
        return np.empty(0, np.uint32)
    made = MinHash(_HASHES, seed=1, hashfunc=int)
    made.update_batch(shingles.tolist())
    return np.asarray(made.hashvalues, np.uint32)


def reports(
    articles: Iterable[Article],
    text_of: Callable[[str], str],
    sketches: Mapping[str, Sketch],
    before: Mapping[str, str],
    between: Callable[[], object] = lambda: None,
) -> dict[str, str]:
    """Return for the id of each article the id of the report that it is a copy of.

    That is the first of its group by date (one without a date comes last) and id, whatever the
    order of `articles`; an article without copies is its own. The ids must be distinct, and each
    has its sketch; `text_of` gives the text of one. `before` holds what this returned for articles
    that were compared with each other before. `between` is called now and then, and may raise to
    end the work.
    """
    dated = sorted((one.published or datetime.date.max, one.id) for one in articles)
    ordered = [id for _, id in dated]
    firsts = list(range(len(ordered)))

    @functools.lru_cache(_KEPT)
    def shingles(number: int) -> _Shingles:
        return _shingles(text_of(ordered[number]))

    @functools.cache
    def are_alike(one: int, other: int) -> bool:
        known = before.get(ordered[one]), before.get(ordered[other])
        if None not in known and known[0] != known[1]:
            return False  # Two that are alike had one report.
        equal = sketches[ordered[one]] == sketches[ordered[other]]
        if np.count_nonzero(equal) < _EQUAL:
            return False
        return _alike(shingles(one), shingles(other))

    for likely in _candidates([sketches[id] for id in ordered]):
        between()
        if len({_first(firsts, number) for number in likely}) > 1:
            for one, other in combinations(likely, 2):
                mine, others = _first(firsts, one), _first(firsts, other)
                if mine != others and are_alike(one, other):
                    firsts[max(mine, others)] = min(mine, others)
    return {id: ordered[_first(firsts, number)] for number, id in enumerate(ordered)}


def are_copies(one: str, other: str) -> bool:
    """Whether two texts share half of the shorter one's runs of words, or more."""
    first, second = _shingles(one), _shingles(other)
    return bool(len(first) and len(second)) and _alike(first, second)


def _candidates(sketches: Sequence[Sketch]) -> Iterator[list[int]]:
    """Yield the numbers of sketches, two or more, that have a pair of hashes in common.

    Locality-sensitive hashing, with a sort in place of a hash table.
    """
    numbers = np.array([n for n, one in enumerate(sketches) if len(one)], np.int64)
    if not len(numbers):
        return
    hashes = np.ascontiguousarray([sketches[number] for number in numbers], np.uint32)
    for pair in hashes.view(np.uint64).T:
        order = np.argsort(pair, kind="stable")
        ends = np.flatnonzero(np.diff(pair[order])) + 1
        for group in np.split(numbers[order], ends):
            if len(group) > 1:
                yield group.tolist()


def _shingles(text: str) -> _Shingles:
    """The checksums of every run of words, each once, in order."""
    words = _WORD.findall(fold(text))
    runs = (" ".join(words[i : i + _WORDS]) for i in range(len(words) - _WORDS + 1))
    return np.unique(np.fromiter((zlib.crc32(run.encode()) for run in runs), np.uint32))


def _alike(one: _Shingles, other: _Shingles) -> bool:
    """Whether the texts share half of the shorter one's shingles, or more."""
    shared = np.intersect1d(one, other, assume_unique=True)
    return len(shared) >= _SHARED * min(len(one), len(other))


def _first(firsts: Sequence[int], number: int) -> int:
    """The first article of the group that article `number` has been joined to."""
    while firsts[number] != number:
        number = firsts[number]
    return number
