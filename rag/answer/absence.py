"""Finds what was looked through for a question that nothing answers, and what comes near it."""

from __future__ import annotations

import datetime
import re
from collections.abc import Sequence

import numpy as np

from rag.citation import RELATED, as_citation
from rag.index.opened import OpenedIndex
from rag.question.lexicon import WORD
from rag.text.stems import STOP_WORDS, stems
from rag.types import Absence, Filters, Hit, Question, Rows, Sought

# A passage comes near that has, with its title, this share of the question's words, rare ones
# counting more (by their inverse document frequency).
_NEAR = 0.6
_WORDS = 12  # Of a question.
_HOW = re.compile(r"\bhow (?:big|far|fast|long|many|much|often|old)\b", re.IGNORECASE)


def absence(
    question: Question,
    hits: Sequence[Hit],
    outside: Sequence[Hit],
    filters: Filters,
    rows: Rows | None,
    index: OpenedIndex,
) -> Absence:
    """Say what was looked through for `question`: the articles that `filters` leave, whose passages
    are `rows` (None: all), of which `hits` are the best; `outside` are the best of the others."""
    left, everything = index.store.facets(filters), index.store.facets(Filters())
    first, last = index.store.span(filters)
    dated = bool(filters.since or filters.until)
    held = {name: n for name, n in left.sources.items() if n}
    spelt = (dict(n.values) for n in question.notes if n.key in ("name_read_as", "name_near"))
    return Absence(
        left.articles,
        everything.articles,
        len(held.keys() & set(filters.sources or held)),
        datetime.date.fromisoformat(first) if first else None,
        datetime.date.fromisoformat(last) if last else None,
        0 if dated else left.undated,
        tuple(Sought(word, _holding(word, rows, index)) for word in _words(question)),
        tuple(str(one.get("read") or one["near"]) for one in spelt),
        tuple(as_citation(hit.passage) for hit in near(question, hits, index)[:RELATED]),
        len({hit.passage.article_id for hit in near(question, outside, index)}),
        filters,
    )


def near(question: Question, hits: Sequence[Hit], index: OpenedIndex) -> list[Hit]:
    """Return the hits that come near a question, in the order given."""
    weights = {stem: index.idf(stem) for stem in set(stems(_bare(question)))}
    least = _NEAR * sum(weights.values())
    found = []
    for hit in hits:
        title = index.article(hit.passage.article_id).title
        held = weights.keys() & set(stems(f"{title} {hit.passage.text}"))
        if held and sum(weights[stem] for stem in held) >= least:
            found.append(hit)
    return found


def _bare(question: Question) -> str:
    """A question without the words that ask for a number, which no answer need have."""
    return _HOW.sub(" ", str(question))


def _words(question: Question) -> list[str]:
    """The words of a question that are looked for, as they are spelt there, each once."""
    words = {word.casefold(): word for word in WORD.findall(_bare(question))}
    return [word for fold, word in words.items() if fold not in STOP_WORDS and stems(word)][:_WORDS]


def _holding(word: str, rows: Rows | None, index: OpenedIndex) -> int:
    """How many articles that are searched have a word."""
    found = index.bm25.holding(word)
    within = found if rows is None else np.intersect1d(found, rows)
    return len(index.store.articles_of(within))
