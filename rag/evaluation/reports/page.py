"""Renders one run, or several side by side, as a self-contained HTML page without scripts.

`page.html` is its template. All text in it is hostile: the template
escapes whatever it is given but the plots, and its policy lets nothing be loaded or run besides.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np

from rag.errors import InputError
from rag.evaluation.answering import scores
from rag.evaluation.answering.columns import answer_of, columns_of
from rag.evaluation.answering.strengths import strengths_of
from rag.evaluation.extra import require
from rag.evaluation.reports import compare, plots, several
from rag.evaluation.reports.compare import main_of
from rag.evaluation.runs.saved import Row, Run, read_runs
from rag.evaluation.statistics.averages import mean
from rag.evaluation.text import plain

FRAME = Path(__file__).with_name("page.html")
HEADLINE = (
    "paper MRR@10", "paper Hits@10", "paper Hits@4", "evidence recall@10",
    "nDCG@10", "R@10", "R@100",
    "first right", "any right", "EM", "F1", "citation precision", "fact recall",
    "answer string shown", "precision, not weak", "answerable declined", "unanswerable declined",
    "AUROC, answerable", "AUROC, first right", "coverage at 85% precision", "AURC", "Brier score",
    "ECE",
)  # fmt: skip
TIMES = {"median ms": 0.5, "95th percentile ms": 0.95}
DEPTHS = {"Recall of articles": "R@", "Recall of evidence": "evidence recall@"}
FEW = 12
KINDS = 12
WORST = 20
WORST_BY = ("evidence recall@10", "paper MRR@10")
LESS_IS_BETTER = (*TIMES, *scores.LOWER)
_SINGLE: dict[str, Any] = {"standing": None, "corrected": "", "changes": []}
Numbers: TypeAlias = dict[str, list[float | None]]
"""By its name, a number for each run; None where it has none."""


def write_page(folder: Path, out: Path | None) -> Path:
    """Write the page of the run, or of the runs, in `folder` and return its path."""
    runs = read_runs(folder)
    jinja2 = require("jinja2")
    environment = jinja2.Environment(
        autoescape=True, finalize=_finalize, undefined=jinja2.StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    page = environment.from_string(FRAME.read_text("utf-8")).render(_page(runs))
    target = out or folder / "report.html"
    try:
        target.write_text(page, "utf-8", newline="\n")
    except OSError as error:
        raise InputError(
            f"{target} cannot be written ({error.strerror}). Name another file with --out."
        ) from None
    return target


def _finalize(value: object) -> object:
    """What the template writes: markup as it is, all else without control characters."""
    return value if hasattr(value, "__html__") else plain(value)


def _page(runs: Sequence[Run]) -> dict[str, Any]:
    """What the template needs; its names are those of `page.html`."""
    numbers = _averages(runs) | _slowness(runs)
    # Of few measures, which may be others than these, all are shown.
    chosen = numbers if len(numbers) <= FEW else (*HEADLINE, *TIMES)
    headline = {name: numbers[name] for name in chosen if name in numbers}
    counts: Numbers = {"questions": [len(run.rows) for run in runs]}
    comparable = len({(run.data, *sorted(run.rows)) for run in runs}) == 1
    names = [run.name for run in runs]
    data = {run.data: run.manifest["data"] for run in runs}.values()
    over = ", ".join(str(each.get("name", "")) for each in data)
    return {
        "title": f"{names[0] if len(runs) == 1 else f'{len(runs)} runs'} on {over}",
        "data": data,
        "headline": _across(names, counts | headline, bold=comparable and len(runs) > 1),
        "all": _across(names, numbers, bold=False),
        "notes": list(_notes(runs, comparable)),
        # What JSON escapes by itself: no control or broken character reaches the page.
        "manifests": [(run.name, json.dumps(run.manifest, indent=1)) for run in runs],
        "figures": list(_figures(runs, numbers)),
        "worst": [_worst(run) for run in runs],
        **(_changed(runs, list(headline)) if comparable and len(runs) > 1 else _SINGLE),
    }


def _changed(runs: Sequence[Run], names: Sequence[str]) -> dict[str, Any]:
    """How the runs stand beside the first, and the questions of each that changed most."""
    found = several.compared(runs, names)
    rows = [
        (f"{name}: {one['system']}", [(cell, False) for cell in several.cells(one)])
        for name, of_measure in found.items()
        for one in of_measure
    ]
    changes = []
    for run in runs[1:]:
        both = compare.compare(runs[0], run)
        questions = [
            (f"{one['a']:.2f} to {one['b']:.2f}", one["query"], one["id"])
            for one in (*both["gained"], *both["lost"])
        ]
        changes.append({"name": run.name, "measure": both["measure"], "questions": questions})
    table = {"columns": several.HEADING, "rows": rows}
    return {"standing": table, "corrected": several.CORRECTED, "changes": changes}


def _notes(runs: Sequence[Run], comparable: bool) -> Iterator[str]:
    for run in runs:
        if not run.manifest.get("complete"):
            yield f"{run.name} is incomplete: it was stopped early."
    if not comparable:
        yield "Not all of these runs have the same questions, so their averages do not compare."
    elif len(runs) > 1:
        yield (
            "The best of each measure is in bold, by however little: whether it is sure is told "
            "below."
        )


def _averages(runs: Sequence[Run], kind: str | None = None) -> Numbers:
    """The mean of each measure over a run's questions, or those of one kind, that have it."""
    means = [_means(run, kind) for run in runs]
    return {
        name: [each.get(name) for each in means]
        for name in dict.fromkeys(name for each in means for name in each)
    }


def _means(run: Run, kind: str | None) -> dict[str, float]:
    rows = list(run.rows.values())
    some = [row for row in rows if kind in (None, row.kind)]
    if not _of_answers(run):
        return mean(row.measures for row in some)
    if not some:
        return {}
    strengths = strengths_of(run.manifest)
    columns, everything = (columns_of(x, strengths.threshold) for x in (some, rows))
    found = scores.rates(columns, strengths, everything)
    return found if kind is not None else found | scores.confidence_scores(columns)


def _of_answers(run: Run) -> bool:
    return all(row.answer is not None for row in run.rows.values())


def _threshold(run: Run) -> float:
    return strengths_of(run.manifest).threshold


def _times(run: Run) -> list[float]:
    """The times of a run's questions; none where nobody measured them."""
    return [row.milliseconds for row in run.rows.values() if row.milliseconds]


def _slowness(runs: Sequence[Run]) -> Numbers:
    times = [_times(run) for run in runs]
    if not any(times):
        return {}
    return {
        name: [float(np.quantile(each, share)) if each else None for each in times]
        for name, share in TIMES.items()
    }


def _table(names: Sequence[str], columns: Numbers, bold: bool = False) -> dict[str, Any]:
    """A row a run, of texts and whether each is the best of its column, if `bold` asks for it."""
    cells = []
    for column, values in columns.items():
        texts = [_number(column, value) for value in values]
        known = [text for text, value in zip(texts, values, strict=True) if value is not None]
        best = (min if column in LESS_IS_BETTER else max)(known, key=float, default="")
        marks = bold and column != "questions"
        cells.append([(text, marks and text == best) for text in texts])
    return {"columns": columns, "rows": list(zip(names, zip(*cells, strict=True), strict=True))}


def _across(names: Sequence[str], measures: Numbers, bold: bool) -> dict[str, Any]:
    """The same with a row a measure and a column a run: measures are more than runs."""
    rows = _table(names, measures, bold)["rows"]
    cells = zip(*(cells for _, cells in rows), strict=True)
    return {"columns": names, "rows": list(zip(measures, cells, strict=True))}


def _number(column: str, value: float | None) -> str:
    if value is None:
        return "–"
    if column in TIMES:
        return f"{value:.0f}" if value >= 10 else f"{value:.2g}"
    return f"{value:.0f}" if column == "questions" else f"{value:.4f}"


def _figures(runs: Sequence[Run], numbers: Numbers) -> Iterator[dict[str, Any]]:
    """The figures that the runs have numbers for."""
    names = [run.name for run in runs]
    for title, prefix in DEPTHS.items():
        found = (re.fullmatch(prefix + r"(\d+)", name) for name in numbers)
        depths = sorted(int(match[1]) for match in found if match)
        if depths:
            lines = {depth: numbers[f"{prefix}{depth}"] for depth in depths}
            caption = f"{title} by how many are read, average of the questions"
            drawn = plots.by_depth(caption, lines)
            columns = {f"{prefix}{depth}": values for depth, values in lines.items()}
            yield _figure(caption, drawn, names, _table(names, columns))
    kinds = Counter(row.kind for run in runs for row in run.rows.values())
    if set(kinds) != {""}:
        measure = main_of(numbers)
        caption = f"{measure} by type of question"
        none: list[float | None] = [None] * len(runs)
        bars = {
            kind or "no type": _averages(runs, kind).get(measure, none)
            for kind in sorted(kind for kind, _ in kinds.most_common(KINDS))
        }
        drawn = plots.by_kind(caption, bars)
        yield _figure(caption, drawn, names, _table(names, bars))
    if any(map(_of_answers, runs)):
        yield _risk(runs, names, numbers)
    slow = {name: numbers[name] for name in TIMES if name in numbers}
    if slow:
        yield _slow(runs, names, slow)


def _slow(runs: Sequence[Run], names: Sequence[str], slow: Numbers) -> dict[str, Any]:
    """The curves of the runs' times."""
    said = []
    for at, name in enumerate(names):
        each = (f"{x.removesuffix(' ms')} {_number(x, slow[x][at])} ms" for x in slow)
        said.append(f"{name}: {', '.join(each) if _times(runs[at]) else 'not measured'}")
    caption = "Share of the questions searched in so many milliseconds; median and 95% marked"
    drawn = plots.by_time(caption, [_times(run) for run in runs])
    return _figure(caption, drawn, said, _table(names, slow))


def _risk(runs: Sequence[Run], names: Sequence[str], numbers: Numbers) -> dict[str, Any]:
    """The risk-coverage curves of the runs of answers."""
    caption = "Share of the answers that are wrong, the surest first; the threshold marked"
    curves: list[plots.Curve] = []
    for run in runs:
        rows = list(run.rows.values()) if _of_answers(run) else []
        curves.append(scores.curve(columns_of(rows, _threshold(run))) if rows else None)
    drawn = plots.by_coverage(caption, curves)
    told = ("AURC", "coverage at the threshold", "risk at the threshold")
    columns = {name: numbers[name] for name in told if name in numbers}
    return _figure(caption, drawn, names, _table(names, columns))


def _figure(
    caption: str, drawn: str, legend: Sequence[str], table: dict[str, Any]
) -> dict[str, Any]:
    """A plot with its caption, a legend a run a line, and its numbers as a table."""
    lines = [(at % plots.COLOURS, plots.letter(at), text) for at, text in enumerate(legend)]
    return {"caption": caption, "svg": drawn, "legend": lines, "table": table}


def _worst(run: Run) -> dict[str, Any]:
    """The questions that score least, by evidence if the data has it, with what was missed."""
    if _of_answers(run):
        return _wrong(run)
    known = [name for row in run.rows.values() for name in row.measures]
    keys = [key for key in WORST_BY if key in known] or [main_of(known)]

    def values(row: Row) -> list[float]:
        return [row.measures.get(key, 0.0) for key in keys]

    imperfect = [row for row in run.rows.values() if values(row) < [1.0] * len(keys)]
    questions = []
    for row in sorted(imperfect, key=values)[:WORST]:
        told = (f"{key} {score:.2f}" for key, score in zip(keys, values(row), strict=True))
        byline = " · ".join([row.id, *[row.kind] * bool(row.kind), *told])
        questions.append({"query": row.query, "byline": byline, "missed": row.missed, "shown": []})
    shown = f"{len(questions)} of {len(imperfect)} that are not perfect"
    note = f"By {' and '.join(keys)}: {shown}."
    return {"name": run.name, "note": note, "questions": questions}


def _wrong(run: Run) -> dict[str, Any]:
    """The questions answered wrongly, the surest first, with what was shown."""
    threshold = _threshold(run)
    wrong = [row for row in run.rows.values() if scores.failure(row, threshold)]
    questions = []
    for row in sorted(wrong, key=lambda row: -answer_of(row).confidence)[:WORST]:
        answer = answer_of(row)
        told = [f"confidence {answer.confidence:.2f}", scores.failure(row, threshold)]
        told += [f"marked: {answer.marked}"] * bool(answer.marked)
        questions.append(
            {
                "query": row.query,
                "byline": " · ".join([row.id, *[row.kind] * bool(row.kind), *told]),
                "missed": row.missed,
                "shown": [
                    ("right" if at["right"] else "wrong", at.get("sentence", at["quote"]))
                    for at in row.passages
                ],
            }
        )
    note = (
        f"{len(questions)} of {len(wrong)} whose first sentence is not right, that were declined "
        "although there is an answer, or answered although there is none; the surest first."
    )
    return {"name": run.name, "note": note, "questions": questions}
