"""Measures of a ranking, one question at a time.

Standard measures are ir_measures' and count articles, each at the rank of its first passage.
Evidence recall counts gold facts by their spans, so that it does not depend on how articles
are cut. The paper's own are those of MultiHop-RAG's script, on the passages' texts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from rag.errors import InputError, first_line
from rag.evaluation.datasets import Query
from rag.evaluation.extra import require
from rag.types import Article, Passage

STANDARD = ("nDCG@10", "AP", "RR@10", "R@5", "R@10", "R@20", "R@50", "R@100", "Success@1",
            "Success@4", "Success@10")  # fmt: skip
DEPTHS = (5, 10, 20, 50, 100)
_DEEPEST = 1_000_000
ARTICLES = 100  # The ranking ends here, for AP as for the others.


def measure(
    query: Query, passages: Sequence[Passage], articles: Mapping[str, Article]
) -> dict[str, float]:
    """Every measure that applies to `query`, of its passages, best first.

    `articles` are the data set's, by id. A question without gold facts has no evidence recall and
    none of the paper's measures. Of no passages, every measure is 0.
    """
    values = standard(query, articles_of(passages))
    if query.facts:
        ranks = fact_ranks(query, passages, articles)
        for depth in DEPTHS:
            found = sum(rank is not None and rank <= depth for rank in ranks)
            values[f"evidence recall@{depth}"] = found / len(ranks)
        values |= paper([fact.text for fact in query.facts], [p.text for p in passages])
    return values


def articles_of(passages: Iterable[Passage]) -> list[str]:
    """The articles of ranked passages, each at its first passage's rank; at most ARTICLES."""
    return list(dict.fromkeys(passage.article_id for passage in passages))[:ARTICLES]


def standard(query: Query, ranked: Sequence[str]) -> dict[str, float]:
    """The STANDARD measures of articles, best first."""
    return calculated({query.id: dict(query.relevant)}, {query.id: ranked})[query.id]


def calculated(
    qrels: Mapping[str, Mapping[str, int]],
    rankings: Mapping[str, Sequence[str]],
    names: Sequence[str] = STANDARD,
) -> dict[str, dict[str, float]]:
    """Measures of documents, best first, for each question of the qrels; of no ranking, 0.

    `names` are those of ir_measures. Raises InputError for one that it does not know.
    """
    library = require("ir_measures")
    measures = {name: _parsed(library, name) for name in names}
    queries = list(qrels)
    judged, run = {}, {}
    for number, query in enumerate(queries):
        # Numbers for ids, of which trec_eval's end at a zero byte.
        ids = {document: str(at) for at, document in enumerate(qrels[query])}
        judged[str(number)] = {ids[document]: grade for document, grade in qrels[query].items()}
        # A negated rank as score leaves no ties, which some of its providers break otherwise.
        run[str(number)] = {
            ids.setdefault(document, str(len(ids))): -float(rank)
            for rank, document in enumerate(rankings.get(query, ()))
        }
    found: dict[str, dict[str, float]] = {query: {} for query in queries}
    try:
        for one in library.iter_calc(list(measures.values()), judged, run):
            found[queries[int(one.query_id)]][str(one.measure)] = float(one.value)
    except (ValueError, TypeError, KeyError) as error:
        # One that needs another package, or a parameter of which its provider makes nothing.
        raise InputError(f"{first_line(error)} Choose other measures.") from None
    return {
        query: {name: values.get(str(parsed), 0.0) for name, parsed in measures.items()}
        for query, values in found.items()
    }


def _parsed(library: Any, name: str) -> Any:
    """A measure of ir_measures by its name. Raises InputError for one that it cannot compute."""
    try:
        measure = library.parse_measure(name)
        measure.validate_params()
    except Exception as error:  # It says by errors of many kinds that a name is none.
        said = first_line(error).partition("=<object")[0]  # The value of what is not given.
        raise InputError(
            f"There is no measure {name[:60]!r} ({said[:100]}). Name some of ir_measures, as "
            "nDCG@10, R@100, P@5, AP, RR@10 or Success@1."
        ) from None
    cutoff = measure.params.get("cutoff", 1)
    if not (isinstance(cutoff, int) and 1 <= cutoff <= _DEEPEST):  # trec_eval ends the process.
        raise InputError(f"The measure {name!r} has no depth from 1 to {_DEEPEST}. Give it one.")
    return measure


def fact_ranks(
    query: Query, passages: Sequence[Passage], articles: Mapping[str, Article]
) -> list[int | None]:
    """For each gold fact, the rank of the first passage that holds all of it, or None.

    A passage holds a fact when the fact occurs in its article within the passage's offsets.
    """
    ranks: list[int | None] = []
    for fact in query.facts:
        spans = fact.places(articles[fact.article_id].text)
        holding = (
            rank
            for rank, passage in enumerate(passages, start=1)
            if passage.article_id == fact.article_id
            and any(passage.start <= start and end <= passage.end for start, end in spans)
        )
        ranks.append(next(holding, None))
    return ranks


def paper(facts: Sequence[str], texts: Sequence[str]) -> dict[str, float]:
    """The measures of MultiHop-RAG's retrieval_evaluate.py, of one question.

    A text is a hit when it contains any gold fact, whatever article it is of, once spaces and
    newlines are gone. Average precision counts the facts that are new at a rank, divided by that
    rank alone, not by what was found before: it is not the standard one. The script walks eleven
    texts, but counts nothing at the eleventh.
    """
    gold = [_squeezed(fact) for fact in facts]
    ranks: list[int] = []
    known: set[str] = set()
    precision = 0.0
    for rank, text in enumerate(map(_squeezed, texts[:10]), start=1):
        held = {fact for fact in gold if fact in text}
        if held:
            ranks.append(rank)
            precision += len(held - known) / rank
            known |= held
    first = ranks[0] if ranks else None
    return {
        "paper MRR@10": 1 / first if first else 0.0,
        "paper Hits@10": float(first is not None),
        "paper Hits@4": float(first is not None and first <= 4),
        "paper MAP@10": precision / min(len(gold), 10),
    }


def _squeezed(text: str) -> str:
    return text.replace(" ", "").replace("\n", "")
