"""Questions with judged evidence: for each, the words of the articles that answer it.

One question a line, with `id`, `question` and `evidence`, and perhaps `answerable`, `kind`,
`answers` (strings that count as right), `note`, and `group` or `story`, whose questions are not
independent.
A question without evidence must say that it is not `answerable`.
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
    "A question has id, question and evidence, a list of objects with document (the id of an "
    "article) or url, and quote or start and end; it may have kind, answers (a list of strings) "
    "and answerable, which is false where nothing answers."
)


def holds(path: Path) -> bool:
    """Whether the first record of a JSON Lines file is a judged question."""
    try:
        first = next(Files().records(path, _QUESTION), None)
    except InputError:  # What it should have been, the reader of another form may say.
        return False
    return first is not None and "question" in first.values


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
    pieces = record.objects("evidence", "evidence") if "evidence" in record.values else ()
    facts = tuple(_fact(piece, articles) for piece in pieces)
    if facts and not record.flag("answerable", True):
        raise record.error("it is said to be not answerable, and has evidence")
    if not facts and record.flag("answerable", True):
        raise record.error('it has no evidence, and does not say "answerable": false')
    return Query(
        record.text("id"),
        record.text("question"),
        record.text("kind", ""),
        {fact.article_id: 1 for fact in facts},
        facts,
        answers=record.texts("answers") if "answers" in record.values else (),
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
