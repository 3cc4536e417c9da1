"""Five articles about lorries in MultiHop-RAG's format, a question on each, and one on none."""

from __future__ import annotations

import json

PLACES = ("Kratie", "Pursat", "Kampot", "Takeo", "Kep")
GOODS = ("timber", "rice", "gold", "sand", "salt")


def articles():
    for place, good in zip(PLACES, GOODS, strict=True):
        yield {
            "title": f"News of {place}", "source": "Daily", "url": f"https://daily.example/{place}",
            "body": f"Police in {place} held a lorry.\nIt carried {good}, they said. "
            "The driver ran.",
        }  # fmt: skip


def questions():
    for number, (record, good) in enumerate(zip(articles(), GOODS, strict=True)):
        fact = {"title": record["title"], "source": "Daily", "url": record["url"]}
        kind = "temporal_query" if number % 2 else "inference_query"
        yield {
            "id": f"q{number}", "query": f"Who carried {good}?", "question_type": kind,
            "evidence_list": [{**fact, "fact": f"It carried {good}, they said."}],
        }  # fmt: skip
    yield {"id": "n", "query": "Who?", "question_type": "null_query", "evidence_list": []}


def write(folder):
    """Write the data set's two files."""
    folder.mkdir()
    for name, records in (("corpus", articles()), ("queries", questions())):
        lines = "".join(json.dumps(record) + "\n" for record in records)
        (folder / f"{name}.jsonl").write_text(lines)
    return folder


def saved(plan):
    """The rows and the manifest of a run."""
    rows = [json.loads(line) for line in (plan.out / "rows.jsonl").read_text().splitlines()]
    manifest = json.loads((plan.out / "manifest.json").read_text())
    return rows, manifest


def without_times(rows):
    return [{**row, "milliseconds": 0} for row in rows]
