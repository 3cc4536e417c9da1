"""Saved runs and data for tests, written as their files are described and not by the code that
writes."""

from __future__ import annotations

import json

TOPICS = {
    "Kratie": "Police held 312 people in Kratie on Monday. They came from China, said Sok Hour."
    " The raid took three hours in all.",
    "Poipet": "A casino in Poipet closed in 2023. It had employed 400 people, said Hun Manet."
    " Nobody was held there.",
    "Kampot": "Rain fell in Kampot for six days. The river rose by 2 metres, said Ny Chan."
    " Sok Hour saw it from Kep.",
}
ASKED = {
    "Kratie": [("How many people did police hold in Kratie?", "312 people"),
               ("Who said that they came from China?", "Sok Hour"),
               ("How long did the raid take?", "three hours")],
    "Poipet": [("When did the casino close?", "in 2023"),
               ("How many people had it employed?", "400 people")],
    "Kampot": [("How long did rain fall in Kampot?", "six days"),
               ("By how much did the river rise?", "2 metres"),
               ("Who sank in the river?", "")],
}  # fmt: skip


def row(number, measures, **fields):
    """One row of a run as JSON; `fields` replace its other fields."""
    made = {
        "id": f"q{number}", "query": f"Who is number {number}?", "kind": "", "milliseconds": 12.5,
        "measures": measures, "passages": [], "articles": [], "missed": [],
    }  # fmt: skip
    return {**made, **fields}


def run(folder, rows, **manifest):
    """Write the folder of a run over "news"; `manifest` replaces or adds to its facts."""
    folder.mkdir(parents=True)
    lines = (json.dumps(row) + "\n" for row in rows)
    (folder / "rows.jsonl").write_text("".join(lines), "utf-8")
    whole = {
        "system": "dense", "settings": {"read_passages": 10},
        "data": {"name": "news", "sha256": "ab12"}, "started": "2026-11-22", "complete": True,
    }  # fmt: skip
    (folder / "manifest.json").write_text(json.dumps({**whole, **manifest}), "utf-8")
    return folder


def squad(path, topics=TOPICS, asked=ASKED):
    """A SQuAD file of one paragraph a topic; a question without an answer is impossible."""
    data = [
        {
            "title": topic,
            "paragraphs": [
                {
                    "context": text,
                    "qas": [
                        {
                            "id": f"{topic}{n}",
                            "question": question,
                            "is_impossible": not answer,
                            "answers": [{"text": answer, "answer_start": text.index(answer)}]
                            if answer
                            else [],
                        }
                        for n, (question, answer) in enumerate(asked[topic])
                    ],
                }
            ],
        }
        for topic, text in topics.items()
    ]
    path.write_text(json.dumps({"version": "v2.0", "data": data}), "utf-8")
    return path
