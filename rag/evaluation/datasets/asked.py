"""Questions alone, without what answers them.

A line each; or JSON Lines with `id` and `question`, or with `_id` and `text` as BEIR has them.
"""

from __future__ import annotations

from pathlib import Path

from rag.evaluation.datasets.records import Files

_SHAPE = "A line has id and question, or _id and text."


def read_asked(path: Path) -> list[tuple[str, str]]:
    """The questions of a file, each its id and its text; "" as id where a line is no JSON.

    Raises InputError for a file that cannot be read.
    """
    if ".jsonl" not in path.suffixes:
        return [("", line) for line in Files().text(path).splitlines() if line.strip()]
    found: dict[str, str] = {}
    for record in Files().records(path, _SHAPE):
        names = ("_id", "text") if "_id" in record.values else ("id", "question")
        key, text = map(record.text, names)
        if key in found:
            raise record.error(f"the id {key!r} is given twice")
        found[key] = text
    return list(found.items())
