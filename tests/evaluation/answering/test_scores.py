"""What the rows of a run of answers come to."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rag import Answer, Article
from rag.chat.html.answer import answer_html
from rag.citation import cite
from rag.evaluation.answering import scores, tables
from rag.evaluation.answering.columns import columns_of
from rag.evaluation.answering.judge import LATER
from rag.evaluation.answering.strengths import Strengths, strengths_of
from rag.evaluation.runs.saved import Answered, Row
from rag.types import FAIR, STRONG, Claim
from rag.wording import ENGLISH

SO = Article("It is so.")


def row(number, answerable, confidence, first=0.0, right=(), facts=0, found=0, **changes):
    """A row whose sentences are right as `right` says."""
    answer = Answered(answerable, confidence, "answered", "27", facts, found, 0, "")
    mark = changes.pop("mark", None)
    made = Row(
        f"q{number}", "Who?", "", 10.0, {"first right": first} if answerable else {},
        [{"right": each, "quote": "It is so."} for each in right], [], [],
        replace(answer, mark_right=mark, failure=changes.pop("failure", "")),
    )  # fmt: skip
    return replace(made, **changes)


def rates(rows, threshold=0.25, everything=None):
    strengths = Strengths(threshold)
    columns = [some and columns_of(some, threshold) for some in (rows, everything)]
    return scores.rates(columns[0], strengths, columns[1])


def confidence_scores(rows, threshold):
    return scores.confidence_scores(columns_of(rows, threshold))


def test_precision_and_recall_count_all_together():
    rows = [
        row(0, True, 0.9, 1, (True, True, False), facts=2, found=2),
        row(1, True, 0.8, 0, (False,), facts=2, found=0),
        row(2, False, 0.7, 0, (False, False)),
        row(3, True, 0.7, 1, (True,)),
    ]
    found = rates(rows, 0.75, rows)
    assert found["first right"] == pytest.approx(2 / 3)
    assert found["citation precision"] == pytest.approx(2 / 4), "what is declined is not shown"
    assert found["fact recall"] == pytest.approx(2 / 4)
    assert found["answerable declined"] == pytest.approx(1 / 3)
    assert found["unanswerable declined"] == 1
    assert found["AUROC, answerable"] == pytest.approx(2.5 / 3)
    alone = rates(rows[:1], 0.75, rows)
    assert alone["AUROC, answerable"] == 1, "set against the unanswerable ones of all"
    assert "AUROC, answerable" not in rates(rows[2:3], 0.75, rows)


def test_precision_by_strength():
    rows = [
        row(0, True, STRONG, 1), row(1, True, 0.9, 0), row(2, True, FAIR, 1), row(3, False, 0.7),
        row(4, False, FAIR - 0.01), row(5, True, 0.3, 1), row(6, True, 0.2, 1), row(7, False, 0.1),
    ]  # fmt: skip
    found = rates(rows)
    shares = {name: found[f"share {name}"] for name in ("strong", "fair", "weak", "not weak")}
    assert shares == {"strong": 0.25, "fair": 0.25, "weak": 0.25, "not weak": 0.5}
    right = {name: found[f"precision, {name}"] for name in shares}
    assert right == {"strong": 0.5, "fair": 0.5, "weak": 0.5, "not weak": 0.5}
    assert found["unanswerable declined"] == pytest.approx(1 / 3)
    assert found["unanswerable declined or weak"] == pytest.approx(2 / 3)


def test_the_strengths_are_those_that_readers_are_told():
    """The page calls a match strong, fair or weak at the confidences that are measured."""

    def told(confidence):
        answer = Answer(
            "q", "q", SO.text, "answered", citations=(cite(SO, (0, len(SO.text)), 1),),
            claims=(Claim(SO.text, (1,)),), confidence=confidence,
        )  # fmt: skip
        page = answer_html(answer, {SO.id: SO})
        keys = ("match_strong", "match_fair")
        return [key for key in keys if ENGLISH(key) in page], answer.weak

    known = Strengths()
    assert told(known.strong) == (["match_strong"], False)
    assert told(known.strong - 1e-9) == told(known.fair) == (["match_fair"], False)
    assert told(known.fair - 1e-9) == ([], True)


def test_a_run_keeps_its_strengths():
    own = Strengths(0.4, 0.6, 0.8)
    assert strengths_of({"settings": {"threshold": 0.4}, "strengths": own.saved()}) == own
    assert strengths_of({"settings": {}}) == Strengths(), "made before they were saved"


def test_marked_words():
    rows = [
        row(0, True, 0.9, 1, mark=True), row(1, True, 0.9, 0, mark=False), row(2, True, 0.9, 1),
        row(3, False, 0.9, mark=False), row(4, False, 0.1, mark=False),
        row(5, True, 0.9, 1, mark=True, query="Why?"),
    ]  # fmt: skip
    found = rates(rows)
    assert found["marked right"] == 2 / 4, "words marked where there is no answer are wrong"
    assert found["marked, of right who, when, how many"] == 1 / 2
    assert "marked right" not in rates(rows[2:3])


def test_an_unanswerable_question_that_is_answered_is_wrong():
    rows = [row(0, True, 0.9, 1), row(1, False, 0.8), row(2, True, 0.2, 0), row(3, False, 0.1)]
    found = confidence_scores(rows, 0.5)
    assert (found["coverage at the threshold"], found["risk at the threshold"]) == (0.5, 0.5)
    assert found["AURC"] == pytest.approx((0 + 1 / 2 + 2 / 3 + 3 / 4) / 4)
    assert found["ECE"] == pytest.approx((0.1 + 0.8 + 0.2 + 0.1) / 4)
    assert found["Brier score"] == pytest.approx((0.1**2 + 0.8**2 + 0.2**2 + 0.1**2) / 4)
    assert found["AUROC, first right"] == 1
    assert found["coverage at 85% precision"] == 1 / 2, "of the answerable ones"
    assert "risk at the threshold" not in confidence_scores(rows, 0.95)


def test_how_an_answer_is_wrong():
    rows = [
        row(0, True, 0.9, 1), row(1, True, 0.9, 0, (False, True), failure=LATER),
        row(2, True, 0.2, 0, failure=LATER), row(3, True, 0.2, 1), row(4, False, 0.9),
        row(5, False, 0.2),
    ]  # fmt: skip
    assert [scores.failure(each, 0.25) for each in rows] == [
        "", LATER, scores.DECLINED, scores.DECLINED, scores.ANSWERED, "",
    ]  # fmt: skip
    counts = scores.failures(rows, 0.25)
    assert list(counts) == list(scores.WRONG)
    assert (counts[LATER], counts[scores.DECLINED], counts[scores.ANSWERED]) == (1, 2, 1)


def test_examples_of_what_is_wrong():
    surer, other = (row(n, True, n / 10, 0, (False, True), failure=LATER) for n in (9, 8))
    surer = replace(surer, answer=replace(surer.answer, expected=["so"]), missed=["So it is."])
    told = tables.examples([other, surer], 0.25, 1)
    first = told.index("q9")
    assert "q8" not in told
    assert f"{LATER} (2)" in told[:first]
    assert told[first:].index("expected  so") < told[first:].index("evidence  So it is.")
    assert "wrong     It is so.\n    right     It is so.\n    marked    27" in told
    assert f"{scores.ANSWERED} (0)" in told


def test_squads_own_score_lets_a_question_be_declined():
    words = {"first right": 1.0, "EM": 1.0, "F1": 0.5}
    rows = [
        row(0, True, 0.9, measures=words, mark=True), row(1, True, 0.2, measures=words, mark=True),
        row(2, False, 0.2, mark=False), row(3, False, 0.9, mark=False),
    ]  # fmt: skip
    found = confidence_scores(rows, 0.5)
    assert (found["SQuAD 2.0 EM"], found["SQuAD 2.0 F1"]) == (0.5, 0.375)


def test_intervals_hold_their_rate():
    rows = [row(n, n % 5 > 0, n / 40, n % 4 == 0, (n % 4 == 0, False)) for n in range(40)]
    found = scores.summarise(rows, Strengths(threshold=0.25, fair=0.5))
    assert found["units"] == 40
    for name, (low, high) in found["intervals"].items():
        assert low <= found["measures"][name] <= high, name
        assert low < high, name
    assert {"first right", "Brier score", "AUROC, first right"} <= found["intervals"].keys()
    assert "first right: " in tables.table(found)


def test_questions_of_one_unit_are_drawn_together():
    rows = [row(n, True, 0.5, n < 20) for n in range(40)]
    alone = scores.summarise(rows, Strengths())["intervals"]["first right"]
    groups = [replace(each, unit=str(n // 10)) for n, each in enumerate(rows)]
    wide = scores.summarise(groups, Strengths())
    assert wide["units"] == 4
    assert wide["intervals"]["first right"] == (0, 1), "of four units all or none may be right"
    assert 0.3 < alone[0] < 0.4 < 0.6 < alone[1] < 0.7


def test_many_kinds_have_a_line_each():
    rows = [row(n, n % 2 > 0, 0.5, 1, kind=f"kind {n:02}") for n in range(10)]
    told = tables.table(scores.summarise(rows, Strengths())).splitlines()
    line = next(line for line in told if line.startswith("kind 01"))
    assert line.split() == ["kind", "01", "1", "1.00", "-", "0.00", "-"]
