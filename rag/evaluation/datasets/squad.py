"""SQuAD's format: questions on paragraphs, each paragraph an article (Rajpurkar et al. 2018)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from rag.evaluation.datasets.records import Files, Record
from rag.evaluation.datasets.types import Dataset, Query
from rag.types import Article

_SHAPE = (
    "SQuAD's format is an object whose data lists topics with title and paragraphs; a paragraph "
    "has context and qas, each with id, question and answers."
)


def load(path: Path, files: Files) -> Dataset:
    """Read a file; the relevant article is the paragraph, none where it does not answer."""
    articles, questions = read_squad(path, files)
    texts = {article.id: article.text for article in articles}
    queries = tuple(_query(question, texts[question["article"]]) for question in questions)
    return Dataset(path.name, tuple(articles), queries, 0, files.sha256)


def read_squad(
    path: Path, files: Files | None = None
) -> tuple[list[Article], list[dict[str, Any]]]:
    """Articles, one a paragraph, and questions of a SQuAD-format file, gzipped or not."""
    articles: dict[str, Article] = {}
    questions: dict[str, dict[str, Any]] = {}
    for topic in (files or Files()).whole(path, _SHAPE).objects("data", "topic"):
        title = topic.text("title")
        for number, paragraph in enumerate(topic.objects("paragraphs", "paragraph")):
            article_id = f"{title}-{number}"
            if article_id in articles:
                raise topic.error(f"the title {title!r} is given twice")
            spoken = title.replace("_", " ")
            articles[article_id] = Article(paragraph.text("context"), spoken, article_id)
            for record in paragraph.objects("qas", "question"):
                question = _question(record)
                if question["id"] in questions:
                    raise record.error(f"the id {question['id']!r} is given twice")
                questions[question["id"]] = {"topic": spoken, "article": article_id, **question}
    return list(articles.values()), list(questions.values())


def _query(question: dict[str, Any], text: str) -> Query:
    # Unanswerable questions may come with answers that only seem right.
    spans = [] if question["impossible"] else question["spans"]
    return Query(
        question["id"],
        question["question"],
        "",
        {} if question["impossible"] else {question["article"]: 1},
        about=question["article"],
        topic=question["topic"],
        words=tuple(dict.fromkeys(spans)),
        answers=tuple(dict.fromkeys(text[start:end] for start, end in spans)),
    )


def _question(record: Record) -> dict[str, Any]:
    spans = []
    for answer in record.objects("answers", "answer"):
        start = answer.number("answer_start")
        spans.append((start, start + len(answer.text("text"))))
    return {
        "id": record.text("id"),
        "question": record.text("question"),
        "impossible": bool(record.values.get("is_impossible", False)),
        "spans": spans,
    }
