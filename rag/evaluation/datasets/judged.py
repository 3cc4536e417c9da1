"""Questions with judged evidence: for each, the words of the articles that answer it.

One question a line, with `id`, `question`, `answerable`, `kind`, `answers` (strings that count as
right), `evidence`, and perhaps `note` and `group` or `story`, whose questions are not independent.
A piece of evidence names an article, by `document`, its id, or by its `url`, and words of it: by a
`quote` that stands in it, white space aside, or by `start` and `end`, characters of its text.
"""

from __future__ import annotations

from pathlib import Path

from rag.errors import InputError
from rag.evaluation.datasets.corpus import Articles
from rag.evaluation.datasets.records import Files, Record
from rag.evaluation.datasets.types import Dataset, Fact, Query, spans_of

_QUESTION = (
    "A question has id, question, kind, answerable, answers (a list of strings) and evidence, a "
    "list of objects with document (the id of an article) or url, and quote or start and end."
)


def holds(path: Path) -> bool:
    """Whether the first record of a JSON Lines file is a judged question."""
    try:
        first = next(Files().records(path, _QUESTION), None)
    except InputError:  # What it should have been, the reader of another form may say.
        return False
    return first is not None and {"question", "evidence"} <= first.values.keys()


def load(corpus: Path, questions: Path, files: Files) -> Dataset:
    """Read both files; nothing is relevant to a question that is not answerable."""
    articles = Articles(corpus, files)
    found: dict[str, Query] = {}
    for record in files.records(questions, _QUESTION):
        query = _query(record, articles)
        if query.id in found:
            raise record.error(f"the id {query.id!r} is given twice")
        found[query.id] = query
    name = f"judged questions, {questions.name}"
    return Dataset(name, tuple(articles.all), tuple(found.values()), 0, files.sha256)


def _query(record: Record, articles: Articles) -> Query:
    facts = tuple(_fact(piece, articles) for piece in record.objects("evidence", "evidence"))
    if bool(facts) != (record.values.get("answerable") is True):
        raise record.error("an answerable question has evidence, another has none")
    return Query(
        record.text("id"),
        record.text("question"),
        record.text("kind"),
        {fact.article_id: 1 for fact in facts},
        facts,
        answers=record.texts("answers"),
        group=record.text("group", "") or record.text("story", ""),
        note=record.text("note", ""),
    )


def _fact(evidence: Record, articles: Articles) -> Fact:
    article, quote = articles.of(evidence), evidence.text("quote", "")
    if "start" in evidence.values or "end" in evidence.values:
        start, end = evidence.number("start"), evidence.number("end")
        if not 0 <= start < end <= len(article.text):
            raise evidence.error(
                f"{start} to {end} are no characters of its article, whose text has "
                f"{len(article.text)}"
            )
        words = article.text[start:end]
        if quote and quote.split() != words.split():
            raise evidence.error(f"from {start} to {end} stands {words[:60]!r}, not the quote")
        return Fact(words, article.id, (start, end))
    quote = evidence.text("quote")
    if not spans_of(quote, article.text):
        raise evidence.error(f"the quote {quote[:60]!r} does not stand in its article")
    return Fact(quote, article.id)
