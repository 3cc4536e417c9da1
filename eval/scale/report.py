"""What the measure of growth found, as a table and as a plot."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from rag.evaluation.extra import require

_COLUMNS = (
    "passages", "build, s", "build, MB", "disk, MB", "opening, s", "opening, MB", "search, ms",
    "of it vectors, ms", "recall@10 of questions",
)  # fmt: skip


def table(found: dict[str, Any]) -> str:
    """The rows, for reading."""
    lines = [f"{name}: {value}" for name, value in found.items() if name != "rows"]
    lines += ["", "| " + " | ".join(_COLUMNS) + " | kind |", "|" + "---:|" * (len(_COLUMNS) + 1)]
    for row in found["rows"]:
        values = [_shown(row[name]) for name in _COLUMNS]
        lines.append("| " + " | ".join([*values, row["vectors"]["kind"]]) + " |")
    lines.append("")
    for row in found["rows"]:
        drawn = "encoded" if row["size"][2] else "drawn vectors"
        lines.append(
            f"{row['passages']:,} passages of {row['size'][1]} tokens, {drawn}: "
            + ", ".join(f"{name} {value} s" for name, value in row["stages, s"].items())
        )
    return "\n".join(lines)


def _shown(value: Any) -> str:
    """A number; the sum or the most of several; the median and the 95th percentile."""
    if isinstance(value, dict):
        value = value["most"] if "most" in value else round(sum(value.values()))
    if isinstance(value, list):
        return " / ".join(f"{one:,}" for one in value)
    return f"{value:,}"


def plot(found: dict[str, Any], path: Path) -> None:
    """Draw the growth: build, memory, disk and search by the number of passages."""
    figures = require("matplotlib.figure")
    figure: Any = figures.Figure(figsize=(9, 6), layout="constrained")
    rows = found["rows"]
    sizes = [row["passages"] for row in rows]
    drawn = {
        "build, seconds": {
            name: [row["stages, s"].get(name, 0) for row in rows] for name in rows[0]["stages, s"]
        },
        "memory, MB": {
            "build": [row["build, MB"]["most"] for row in rows],
            "opening": [row["opening, MB"] for row in rows],
            "serving": [row["serving, MB"] for row in rows],
        },
        "disk, MB": {
            name: [row["disk, MB"].get(name, 0) for row in rows]
            for name in sorted({name for row in rows for name in row["disk, MB"]})
        },
        "search, milliseconds": {
            "median": [row["search, ms"][0] for row in rows],
            "95th percentile": [row["search, ms"][1] for row in rows],
            "vectors, median": [row["of it vectors, ms"][0] for row in rows],
        },
    }
    for axes, (title, lines) in zip(figure.subplots(2, 2).flat, drawn.items(), strict=True):
        for name, values in lines.items():
            axes.plot(sizes, values, marker="o", label=name)
        axes.set(xscale="log", yscale="symlog", xlabel="passages", title=title)
        axes.legend(fontsize=7)
        axes.grid(alpha=0.3)
    figure.savefig(path)
