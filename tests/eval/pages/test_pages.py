"""Judged pages: loaded, read beside trafilatura, and learned from."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from pages import BANK, BRIDGE, LOANS, RELIEF, RIVER

from eval.pages import data, fit, run
from rag.errors import InputError

BODY = f"<article><h1>The river rises</h1><p>{RIVER}</p><p>{RELIEF}</p><p>{BRIDGE}</p></article>"
COMMENT = f'<div class="comment"><b>Rat</b><p>{BANK}</p></div>'


def write(folder: Path, bodies: list[str]) -> Path:
    """Judged pages in the format of trafilatura's evaluation."""
    (folder / "eval").mkdir(parents=True)
    judged = {}
    for number, body in enumerate(bodies):
        (folder / "eval" / f"{number}.html").write_text(f"<html><body>{body}</body></html>")
        judged[f"https://example.org/{number}"] = {
            "file": f"{number}.html",
            "with": [RIVER[:30], BRIDGE[:40].replace(" ", "\n  ")],
            "without": [BANK[:30]],
        }
    (folder / "evaldata.json").write_text(json.dumps(judged))
    return folder


def test_strings_missing_and_leaked_are_counted(tmp_path: Path) -> None:
    found = run.run(write(tmp_path / "tests", [BODY + COMMENT, f"<p>{BANK}</p><p>{LOANS}</p>", ""]))
    assert found["pages"] == 3
    mine = found["counts"]["all"]["byline"]
    assert (mine["missing"]["count"], mine["missing"]["of"]) == (4, 6)
    assert (mine["leaked"]["count"], mine["leaked"]["of"]) == (1, 3)
    assert [*found["refused"].values()] == [["2.html"]]
    halves = [found["counts"][f"half {half}"]["byline"]["missing"]["of"] for half in (0, 1)]
    assert sum(halves) == 6
    assert "4 of 6" in run.table(found)


@pytest.mark.parametrize("judged", ["", "[]", "{}", '{"a": {"file": "none.html"}}', '{"a": 3}'])
def test_what_is_no_folder_of_pages_is_told_so(tmp_path: Path, judged: str) -> None:
    if judged:
        (tmp_path / "evaldata.json").write_text(judged)
    with pytest.raises(InputError, match="Name the folder"):
        data.load(tmp_path)


def test_weights_are_learned_from_half_of_the_pages(tmp_path: Path) -> None:
    article = f"<article><p>{RIVER}</p><p>{RELIEF}</p><p class=deal>{BANK}</p></article>"
    aside = f"<div class=sidebar><p>{BRIDGE}</p><p>{LOANS}</p></div>"
    folder = write(tmp_path / "tests", [article + aside] * 80)
    out = tmp_path / "selection.json"
    facts = fit.fit(folder, out)
    assert facts["pages"] == sum(page.half == 0 for page in data.load(folder))
    weights = json.loads(out.read_text())
    assert set(weights) == {"left", "taken"}
    assert weights["taken"]["deal"] < 0
