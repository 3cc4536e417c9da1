"""What written answers come to beside those in quotes."""

from __future__ import annotations

from dataclasses import replace

from eval.generation import scores
from rag.evaluation.runs.saved import Answered, Row, Written


def row(number, verified=0, reasons=(), answerable=True, **changes):
    text = Written(
        verified=verified,
        rejected=[{"text": "x", "reason": reason} for reason in reasons],
        instead=not verified,
        note="" if verified else "Nothing held.",
        raw="a b", tokens=11, prompt_tokens=100 * number,
        seconds={"quotes": 1.0, "reading": 2.0, "writing": 4.0, "first word": 3.0 * number,
                 "whole answer": 8.0},
        memory={"without": 100.0 + number, "with": 200.0 + number},
    )  # fmt: skip
    made = Answered(answerable, 0.9, "answered", "", 2, 1, 0, "", replace(text, **changes))
    shown = [{"right": True}, {"right": False}]
    measures = {"first right": 1.0} if answerable else {}
    return Row(f"q{number}", "Who?", "", 10.0, measures, shown, [], [], made)


def test_what_a_model_wrote_is_counted():
    rows = [
        row(1, 2, ["number", "name"], note="It was too slow."),
        row(2, 0, ["number"]),
        row(3, 0, answerable=False, note="It failed."),
        row(4, 0, seconds={"quotes": 1.0}, prompt_tokens=0, tokens=0, instead=False, note=""),
    ]
    found = scores.writing_of(rows)
    assert found == {
        "questions asked of the model": 3,
        "sentences": 5,
        "verified": 2 / 5,
        "left out": {"number": 2, "name": 1},
        "instead": {
            "Nothing held.": {"questions": 1, "unanswerable": 0},
            "It failed.": {"questions": 1, "unanswerable": 1},
        },
        "broken off": {"It was too slow.": 1},
        "tokens": 33,
        "tokens a second": 30 / 12,
        "prompt tokens": {"median": 200, "95th percentile": 300},
        "prompt tokens a second": 600 / 6,
        "seconds": {
            "quotes": {"median": 1, "95th percentile": 1},
            "first word": {"median": 6, "95th percentile": 9},
            "first sentence": None,
            "whole answer": {"median": 8, "95th percentile": 8},
        },
        "memory in MiB": {"without": 104, "with": 204},
    }


def test_nothing_written_has_no_share():
    found = scores.writing_of([row(0, prompt_tokens=0, tokens=0, seconds={}, memory={})])
    assert (found["sentences"], found["verified"], found["tokens a second"]) == (0, None, None)
    assert found["memory in MiB"] == {"without": None, "with": None}


def test_both_are_scored_over_all_and_over_what_remains_written():
    quotes = [replace(row(n), measures={"first right": float(n == 1)}) for n in (1, 2)]
    found = scores.side_by_side(quotes, [row(1, 1), row(2)], 0.25)
    everything, kept = found["all"], found["answered in writing"]
    assert everything["extractive"]["measures"]["first right"] == 0.5
    assert everything["written"]["measures"]["first right"] == 1
    assert (kept["extractive"]["questions"], kept["written"]["questions"]) == (1, 1)
    assert kept["extractive"]["measures"]["first right"] == 1
    assert everything["written"]["measures"]["citation precision"] == 0.5
    assert everything["written"]["measures"]["fact recall"] == 0.5
    told = scores.table(scores.side_by_side(quotes, [row(2), row(1)], 0.25))
    assert "extractive*" in told, "also where no answer remains written"
