"""Scores of written answers beside quoted ones: rates of what is right, tokens and times.

Scores that both kinds of answers have are computed in `rag.evaluation.answering.scores`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rag.evaluation.answering.columns import answer_of, columns_of
from rag.evaluation.answering.scores import rates
from rag.evaluation.answering.strengths import Strengths
from rag.evaluation.runs.saved import Row, Written
from rag.evaluation.runs.tables import by_kind, times_of
from rag.evaluation.statistics.averages import spread
from rag.evaluation.text import aligned, plain

EXTRACTIVE, WRITTEN = "extractive", "written"
MEASURES = (
    "first right", "any right", "answer string shown", "citation precision", "fact recall",
    "answerable declined", "unanswerable declined",
)  # fmt: skip
"""Of the scores of answers, those that can differ between a written answer and its quotes."""
_SECONDS = ("quotes", "first word", "first sentence", "whole answer")
"""The times that are counted from the question."""


def summarise(rows: Sequence[Row], threshold: float) -> dict[str, Any]:
    """Summarise one of the two runs: its scores, also by kind, its times, and its writing."""
    writing = {"writing": writing_of(rows)} if _texts(rows) else {}
    return {
        **_scores(rows, threshold),
        "milliseconds": times_of(rows),
        "kinds": {kind: _scores(some, threshold) for kind, some in by_kind(rows).items()},
        **writing,
    }


def side_by_side(
    extractive: Sequence[Row], written: Sequence[Row], threshold: float
) -> dict[str, Any]:
    """Compare both runs over all questions, and over those whose final answer is written."""
    kept = {row.id for row in written if any(text.verified for text in _texts([row]))}
    both = {EXTRACTIVE: extractive, WRITTEN: written}
    return {
        "threshold": threshold,
        "all": {name: _scores(rows, threshold) for name, rows in both.items()},
        "answered in writing": {
            name: _scores([row for row in rows if row.id in kept], threshold)
            for name, rows in both.items()
        },
        "writing": writing_of(written),
    }


def writing_of(rows: Sequence[Row]) -> dict[str, Any]:
    """Summarise what the model wrote over all questions, and how fast.

    "verified" is the share of written sentences that entered an answer; the others are counted by
    what is wrong with them. "instead" counts the questions asked of the model whose answer is not
    its own, by what the reader was told, and how many of them have no answer; "broken off" those
    whose answer is the model's, but not to its end.
    """
    texts = _texts(rows)
    asked = [text for text in texts if text.prompt_tokens]
    verified = sum(text.verified for text in texts)
    written = verified + sum(len(text.rejected) for text in texts)
    left_out = Counter(
        said.get("kind") or said["reason"] for text in texts for said in text.rejected
    )
    unanswerable = [row for row in rows if not answer_of(row).answerable]
    broken_off = Counter(text.note for text in texts if text.note and not text.instead)
    instead, without_answer = (
        Counter(text.note for text in _texts(some) if text.instead) for some in (rows, unanswerable)
    )
    return {
        "questions asked of the model": len(asked),
        "sentences": written,
        "verified": verified / written if written else None,
        "left out": dict(left_out.most_common()),
        "instead": {
            note: {"questions": count, "unanswerable": without_answer[note]}
            for note, count in instead.most_common()
        },
        "broken off": dict(broken_off.most_common()),
        **_speed(asked),
        "memory in MiB": {
            name: max((text.memory[name] for text in texts if name in text.memory), default=None)
            for name in ("without", "with")
        },
    }


def _speed(asked: Sequence[Written]) -> dict[str, Any]:
    """How many tokens a model wrote and read, how fast, and how long its answers took.

    Tokens a second are those after the first word, over the time from the first word to the last,
    so that checking the sentences between them counts; those read are the prompts', over the time
    to the first word.
    """
    timed = [text for text in asked if "writing" in text.seconds]
    return {
        "tokens": sum(text.tokens for text in asked),
        "tokens a second": _rate(
            sum(text.tokens - 1 for text in timed), sum(text.seconds["writing"] for text in timed)
        ),
        "prompt tokens": _spread([text.prompt_tokens for text in asked]),
        "prompt tokens a second": _rate(
            sum(text.prompt_tokens for text in timed),
            sum(text.seconds["reading"] for text in timed),
        ),
        "seconds": {
            name: _spread([text.seconds[name] for text in asked if name in text.seconds])
            for name in _SECONDS
        },
    }


def table(found: Mapping[str, Any]) -> str:
    """What `run` found, as aligned text."""
    everything, kept = found["all"], found["answered in writing"]
    columns = {
        EXTRACTIVE: everything[EXTRACTIVE], WRITTEN: everything[WRITTEN],
        f"{EXTRACTIVE}*": kept[EXTRACTIVE], f"{WRITTEN}*": kept[WRITTEN],
    }  # fmt: skip
    lines = [["", *columns], ["questions", *(str(each["questions"]) for each in columns.values())]]
    for name in MEASURES:
        values = [each["measures"].get(name) for each in columns.values()]
        if any(value is not None for value in values):
            lines.append([name, *("-" if x is None else f"{x:.4f}" for x in values)])
    lines.append(
        ["broken citations", *(str(each["broken citations"]) for each in columns.values())]
    )
    notes = [
        "* only the questions whose answer is a written one in the end",
        f"threshold {found['threshold']:g}",
    ]
    return "\n".join([*aligned(lines), *notes, "", *_told(found["writing"])])


def _told(writing: Mapping[str, Any]) -> Iterator[str]:
    """What the model wrote, line by line."""
    verified = writing["verified"]
    share = "" if verified is None else f", {verified:.1%} of them verified"
    yield f"asked of the model: {writing['questions asked of the model']} questions"
    yield f"sentences written: {writing['sentences']}{share}"
    yield "left out, and why:"
    yield from _counted(writing["left out"])
    yield "not answered in writing, and why:"
    yield from _counted(
        {
            f"{note} ({counts['unanswerable']} without an answer)": counts["questions"]
            for note, counts in writing["instead"].items()
        }
    )
    yield "broken off, and why:"
    yield from _counted(writing["broken off"])
    yield (
        f"tokens written: {writing['tokens']}, {_number(writing['tokens a second'])} a second; "
        f"read: {_number(writing['prompt tokens a second'])} a second"
    )
    yield "median and 95th percentile:"
    yield f"  {'tokens of a prompt':24} {_both(writing['prompt tokens'], 0)}"
    for name, times in writing["seconds"].items():
        yield f"  {f'seconds to {name}':24} {_both(times, 2)}"
    memory = writing["memory in MiB"]
    yield (
        f"peak memory of this process, in MiB: {_number(memory['without'], 0)} without the model, "
        f"{_number(memory['with'], 0)} with it"
    )


def _counted(counts: Mapping[str, int]) -> Iterator[str]:
    for text, count in counts.items():
        yield f"  {count:4} {plain(text)}"
    if not counts:
        yield "  none"


def _both(values: Mapping[str, float] | None, digits: int) -> str:
    return "-" if values is None else ", ".join(_number(x, digits) for x in values.values())


def _number(value: float | None, digits: int = 1) -> str:
    return "-" if value is None else f"{value:.{digits}f}"


def _scores(rows: Sequence[Row], threshold: float) -> dict[str, Any]:
    found = rates(columns_of(rows, threshold), Strengths(threshold)) if rows else {}
    return {
        "questions": len(rows),
        "measures": {name: found[name] for name in MEASURES if name in found},
        "broken citations": sum(answer_of(row).broken for row in rows),
    }


def _texts(rows: Sequence[Row]) -> list[Written]:
    return [text for row in rows if (text := answer_of(row).written)]


def _spread(values: Sequence[float]) -> dict[str, float] | None:
    """The median and the 95th percentile; None of nothing."""
    return spread(values, 4) if values else None


def _rate(count: float, seconds: float) -> float | None:
    return round(count / seconds, 2) if seconds > 0 else None
