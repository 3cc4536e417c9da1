"""Answers of any system, judged: what is right, what stands nowhere, what is declined."""

from __future__ import annotations

import json

import pytest

from rag.__main__ import main
from rag.evaluation.reports import compare
from rag.evaluation.runs.saved import read_run

BODIES = {
    "a1": "Police in Kratie held a lorry. It carried timber, they said.",
    "a2": "A ship in Kep carried salt. Its captain stayed in Kep.",
}
QUESTIONS = (
    {"id": "q1", "question": "What did the lorry carry?", "answers": ["timber"],
     "evidence": [{"document": "a1", "quote": "It carried timber, they said."}]},
    {"id": "q2", "question": "What did the ship carry?", "answers": ["salt"],
     "evidence": [{"document": "a2", "start": 0, "end": 27}]},
    {"id": "q3", "question": "Who painted the ship?", "answers": [], "evidence": []},
    {"id": "q4", "question": "Who stayed?", "answers": ["captain"],
     "evidence": [{"document": "a2", "quote": "Its captain stayed"}]},
)  # fmt: skip
ANSWERS = (
    {"id": "q1", "text": "It carried timber.", "confidence": 0.9,
     "quotes": [{"document": "a1", "text": "It carried\n timber, they said."}]},
    {"id": "q2", "text": "Salt, I think.", "confidence": 0.6, "quotes": [
        {"document": "a2", "text": "The ship carried gold."},
        {"document": "a2", "start": 0, "end": 27},
    ]},
    {"id": "q3", "text": "", "declined": True, "confidence": 0.1},
    {"id": "q4", "declined": True, "confidence": 0.2},
)  # fmt: skip


def write(path, records):
    path.write_text("".join(json.dumps(record) + "\n" for record in records))
    return path


@pytest.fixture
def data(tmp_path):
    folder = tmp_path / "own"
    folder.mkdir()
    write(folder / "corpus.jsonl", [{"id": key, "body": body} for key, body in BODIES.items()])
    kinds = [{"kind": "what", "answerable": bool(one["evidence"]), **one} for one in QUESTIONS]
    return write(folder / "questions.jsonl", kinds)


@pytest.fixture
def judged(data, tmp_path):
    def judged(records, name="out"):
        made = write(tmp_path / f"{name}.jsonl", records)
        code = main(["eval", "answers", "--data", str(data), "--answers", str(made), "--json",
                     "--out", str(tmp_path / name)])  # fmt: skip
        return code, tmp_path / name

    return judged


def test_what_is_counted(judged, capsys):
    code, out = judged(ANSWERS)
    assert code == 0
    found = json.loads(capsys.readouterr().out)
    measures = found["measures"]
    assert measures["first right"] == pytest.approx(1 / 3)
    assert measures["any right"] == pytest.approx(2 / 3)
    assert measures["citation precision"] == pytest.approx(2 / 3)
    assert measures["answer string shown"] == pytest.approx(2 / 3)
    assert (measures["answerable declined"], measures["unanswerable declined"]) == (1 / 3, 1)
    assert (found["broken citations"], found["threshold"]) == (1, 0)
    assert measures["AUROC, first right"] == 1
    assert measures["Brier score"] == pytest.approx((0.1**2 + 0.6**2 + 0.1**2 + 0.2**2) / 4)
    assert measures["coverage at 90% precision"] == pytest.approx(1 / 3)
    assert "Brier score" in found["intervals"]
    row = read_run(out).rows["q2"]
    assert [shown["right"] for shown in row.passages] == [False, True]
    assert "evidence read" not in row.measures
    assert row.answer.failure == "right sentence second or later"


def test_two_systems_are_compared_and_reported(judged, tmp_path, capsys):
    _, a = judged(ANSWERS, "runs-a")
    _, b = judged([{**one, "quotes": []} for one in ANSWERS], "runs-b")
    found = compare.compare(read_run(a), read_run(b))
    assert found["measures"]["first right"]["worse"] == 1
    for folder in (a, b):
        (tmp_path / "both").mkdir(exist_ok=True)
        folder.rename(tmp_path / "both" / folder.name)
    assert main(["eval", "report", str(tmp_path / "both")]) == 0
    page = (tmp_path / "both" / "report.html").read_text()
    assert "What did the ship carry?" in page


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"confidence": 7}, "line 1: the confidence 7 does not lie between 0 and 1"),
        ({"confidence": "high"}, "line 1: the field 'confidence' is not a number"),
        ({"declined": "no"}, "line 1: the field 'declined' is neither true nor false"),
        ({"quotes": [{"document": "a1", "start": 50, "end": 99}]},
         "line 1 quote 1: 50 to 99 are no characters of 'a1', whose text has 60 characters"),
        ({"quotes": [{"document": "a1"}]}, "line 1 quote 1: a quote has neither text nor start"),
        ({"id": "q2"}, "line 2: the id 'q2' is given twice"),
        ({"id": "q9"}, "has no answer to 1 of the questions, q1 among them"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told(judged, capsys, changed, message):
    code, _ = judged([{**ANSWERS[0], **changed}, *ANSWERS[1:]])
    assert code == 2
    assert message in capsys.readouterr().err


@pytest.mark.parametrize(
    ("evidence", "message"),
    [
        ({"document": "a9", "quote": "x"}, "no article of the corpus has the id 'a9'"),
        ({"document": "a1", "start": 3, "end": 999}, "3 to 999 are no characters of its article"),
        ({"document": "a1", "start": 0, "end": 6, "quote": "Army"}, "stands 'Police', not the"),
    ],
)
def test_evidence_that_stands_nowhere_is_refused(data, judged, capsys, evidence, message):
    first = {**QUESTIONS[0], "kind": "what", "answerable": True, "evidence": [evidence]}
    write(data, [first])
    assert judged(ANSWERS)[0] == 2
    said = capsys.readouterr().err
    assert message in said
    assert "questions.jsonl line 1 evidence 1" in said
