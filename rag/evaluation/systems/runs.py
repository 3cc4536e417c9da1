"""Reads a TREC run as what it found in articles, to be measured or judged like any search."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from pathlib import Path

from rag.errors import InputError
from rag.evaluation import trec
from rag.types import Article, Passage

_PLACE = re.compile(r"(.+)#(\d{1,12})-(\d{1,12})", re.DOTALL)


def passages_of(
    path: Path, article: Callable[[str], Article | None], questions: Collection[str]
) -> dict[str, list[Passage]]:
    """What a run found for each of the `questions`, by their ids, best first.

    Its documents are articles, each the passage of its whole text, or passages of them as
    ARTICLE#START-END; `article` gives the one with an id. Raises InputError for any other
    document, and for a run that has none of the questions.
    """
    placed: dict[str, Passage] = {}

    def problem(document: str) -> str:
        """Place a document; what is wrong if it has no place."""
        if document in placed:
            return ""
        match = None
        found = article(document)
        if found is None and (match := _PLACE.fullmatch(document)):
            found = article(match[1])
        if found is None:
            return (
                f"there is no article for the document {document!r}. Write the id of an article, "
                "or ARTICLE#START-END for a passage of one."
            )
        start, end = (int(match[2]), int(match[3])) if match else (0, len(found.text))
        if not start < end <= len(found.text):
            return (
                f"the article of {document!r} has {len(found.text)} characters. Let START and END "
                "count the characters of its text."
            )
        placed[document] = Passage(found.id, start, end, found.text[start:end])
        return ""

    rankings = trec.read_run(path, problem=problem)
    if not rankings.keys() & set(questions):
        asked = ", as " + repr(next(iter(questions))) if questions else ""
        raise InputError(
            f"{path} has none of the questions{asked}. Write their ids in the first column."
        )
    return {
        question: [placed[document] for document in trec.ordered(rankings[question])]
        for question in questions
        if question in rankings
    }
