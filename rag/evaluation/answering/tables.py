"""Prints what a run of answers comes to, and examples of what is wrong."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rag.evaluation.answering.columns import answer_of
from rag.evaluation.answering.scores import WRONG, failure
from rag.evaluation.runs.saved import Row
from rag.evaluation.runs.tables import columns, told
from rag.evaluation.text import aligned, plain

COLUMNS, LINES = 6, 40
"""Kinds up to the first number have a column each, up to the second a line each; more are saved but
not printed."""
_OF_KINDS = ("first right", "any right", "answerable declined", "unanswerable declined")


def table(summary: Mapping[str, Any]) -> str:
    """A summary as aligned text."""
    few = len(summary["kinds"]) <= COLUMNS
    lines = columns({**summary, "kinds": summary["kinds"] if few else {}})
    if not few and len(summary["kinds"]) <= LINES:
        lines += ["", *_kinds(summary["kinds"])]
    lines += ["", f"95% intervals, by bootstrap over {summary['units']} groups of questions:"]
    lines += [f"  {name}: {a:.4f} to {b:.4f}" for name, (a, b) in summary["intervals"].items()]
    lines += ["", f"wrong ({sum(summary['failures'].values())}):"]
    lines += [f"  {kind}: {count}" for kind, count in summary["failures"].items()]
    bounds = [f"threshold {summary['threshold']:g}"]
    bounds += [f"{name} from {x:g}" for name, x in summary["strengths"].items() if x is not None]
    lines += [
        "",
        f"{summary['answerable']} of {summary['questions']} answerable; "
        f"{', '.join(bounds)}; "
        f"broken citations: {summary['broken citations']}",
        told(summary["milliseconds"], "an answer"),
    ]
    return "\n".join(lines)


def examples(rows: Sequence[Row], threshold: float, count: int) -> str:
    """Up to `count` wrong answers of each kind of failure, the surest first, as text to read."""
    lines: list[str] = []
    for kind in WRONG:
        some = [row for row in rows if failure(row, threshold) == kind]
        some.sort(key=lambda row: -answer_of(row).confidence)
        lines += ["", f"{kind} ({len(some)})"]
        for row in some[:count]:
            lines += ["", *_example(row)]
    return "\n".join(lines[1:])


def _example(row: Row) -> Iterator[str]:
    answer = answer_of(row)
    kind = [plain(row.kind)] * bool(row.kind)
    yield f"  {plain(row.query)}"
    yield f"    {' · '.join([plain(row.id), *kind, f'confidence {answer.confidence:.2f}'])}"
    if answer.expected:
        yield f"    expected  {plain(' / '.join(answer.expected))}"
    for text in row.missed:
        if text != " / ".join(answer.expected):
            yield f"    evidence  {plain(text)}"
    for at in row.passages:
        shown = plain(at.get("sentence", at["quote"]))
        yield f"    {'right' if at['right'] else 'wrong'}     {shown}"
    if answer.marked:
        yield f"    marked    {plain(answer.marked)}"


def _kinds(kinds: Mapping[str, Any]) -> list[str]:
    lines = [["", "questions", *_OF_KINDS]]
    for kind, found in kinds.items():
        values = (found["measures"].get(name) for name in _OF_KINDS)
        scores = ("-" if value is None else f"{value:.2f}" for value in values)
        lines.append([plain(kind), str(found["questions"]), *scores])
    return aligned(lines)
