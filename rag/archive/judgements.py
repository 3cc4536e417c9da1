"""Judgements of answers beside an index, without those that quote articles which are removed."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rag.export.whole_file import write_whole
from rag.text.lines import on_one_line
from rag.text.outside import json_value
from rag.text.sentences import sentence_spans
from rag.types import Article

_NAME = "feedback.jsonl"


def forget(home: Path, articles: Sequence[Article]) -> None:
    """Take out the judgements that hold words of `articles`. A line that is no judgement stays.

    Raises InputError when the file cannot be written.
    """
    path = home / _NAME
    if path.is_symlink() or not path.is_file():
        return
    lines = path.read_bytes().split(b"\n")
    said = [
        on_one_line(article.text[start:end])
        for article in articles
        for start, end in sentence_spans(article.text)
    ]
    titles = {article.title for article in articles if article.title}
    kept = [line for line in lines if not _quotes(line, said, titles)]
    if kept != lines:
        write_whole(path, b"\n".join(kept))


def _quotes(line: bytes, said: Sequence[str], titles: set[str]) -> bool:
    """Whether a judgement shows a sentence, or names a title."""
    try:
        record: dict[str, Any] = json_value(line)
        pieces = record["evidence"]
        shown = [str(record["shown"]), *(str(piece["quote"]) for piece in pieces)]
        named = {str(piece["title"]) for piece in pieces}
    except (ValueError, LookupError, TypeError):
        return False
    text = " ".join(on_one_line(one) for one in shown)
    return bool(named & titles) or any(sentence in text for sentence in said)
