"""Saved runs for tests, written as their files are described and not by the code that writes."""

from __future__ import annotations

import json


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
