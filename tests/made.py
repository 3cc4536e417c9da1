"""Saved runs and data for tests, written as their files are described and not by the code that
writes."""

from __future__ import annotations

import gzip
import json

from rag.answer.calibration import OWN

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

PASSAGES = [
    {"id": "rain", "title": "Rain_in_Kep", "sentences": [
        "The rain fell.", "Sok Hour saw it from Kep.", "Others slept."]},
    {"id": "cost", "title": "Costs", "sentences": [
        "It cost $3.4 million in 2019.", "It didn't cost much in 2020.", "Who knows?"]},
    {"id": "town", "title": "Kampot", "sentences": ["Kampot is a town.", "It lies on a river."]},
    {"id": "empty", "title": "Empty", "sentences": []},
    *({"id": str(n), "title": f"Town {n}", "sentences": [
        f"Town {n} is a town on a river.", f"Mayor {n} saw the rain fall in 19{n}."]}
      for n in range(10, 20)),
]  # fmt: skip
QUESTIONS = [
    {"source": "selqa", "question": " Who saw the rain? ", "passage": "rain", "answers": [1]},
    {"source": "qed", "question": "What did it cost in 2019?", "passage": "cost", "answers": [0],
     "spans": [[0, 8, 20]]},
    {"source": "nqg-lists", "question": "Where does Kampot lie?", "passage": "town", "answers": [1],
     "spans": [[1, 11, 18], [1, 3, 18]]},
    {"source": "selqa", "question": "Where is Kep?", "passage": "town", "answers": []},
    {"source": "selqa", "question": "Of what?", "passage": "empty", "answers": []},
    *({"source": "qed", "question": f"Which town is town {n}?", "passage": str(n),
       "answers": [0], "spans": [[0, 0, 7]]} for n in range(10, 20)),
]  # fmt: skip


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


def calibrated(path, **regressions):
    """Write the calibration in use, but for these of its regressions: a bias, and the weights that
    are not 0."""
    stored = json.loads(OWN.read_text("utf-8"))
    for fit in stored["fits"]:
        for name, (bias, weights) in regressions.items():
            known = {measure for measure in weights if measure in fit[name]["weights"]}
            zeros = dict.fromkeys(fit[name]["weights"], 0.0)
            fit[name] = {"weights": zeros | {m: weights[m] for m in known}, "bias": bias}
    path.write_text(json.dumps(stored), "utf-8")
    return str(path)


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


def searches(folder):
    """Passages and questions to train a reader on, as two files."""
    found = []
    for name, records in (("passages", PASSAGES), ("questions", QUESTIONS)):
        found.append(folder / f"{name}.jsonl.gz")
        with gzip.open(found[-1], "wt", encoding="utf-8") as lines:
            lines.writelines(json.dumps(record) + "\n" for record in records)
    return found
