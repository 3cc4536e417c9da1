"""Draws the report's plots as SVG that takes the page's own colours and fonts.

Knows nothing of runs. Every row of numbers is by run, None where a run has none.
"""

from __future__ import annotations

import io
import math
import re
import warnings
import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np

from rag.evaluation.extra import require
from rag.evaluation.statistics.abstention import Values
from rag.evaluation.text import plain
from rag.export.escaping import escape

LOOKS = tuple(zip("os^DvPX*", "●■▲◆▼✚✖★", ("-", "--", "-.", ":") * 2, strict=True))
"""Marker, the same as a letter, and line of a run, so that its colour is never all there is."""
COLOURS = len(LOOKS)
INKS = {"#000001": "var(--ink)", "#000002": "var(--faint)", "#000003": "var(--rule)"}
"""Placeholders for the page's own colours in the plots, light and dark."""
Curve: TypeAlias = tuple[Values, Values, tuple[float, float | None]] | None
"""Coverages, their risks, and one coverage with its risk that is marked; None for a run without."""
STYLE: dict[str, Any] = {
    "svg.fonttype": "none",
    "svg.hashsalt": "byline",
    "text.parse_math": False,
    "font.size": 10,
    "figure.constrained_layout.use": True,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": "#000002",
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": "#000003",
    "text.color": "#000001",
    "axes.labelcolor": "#000002",
    "xtick.color": "#000002",
    "ytick.color": "#000002",
}


def letter(run: int) -> str:
    """The run's marker in the plots, as a letter."""
    return _look(run)[1]


def by_depth(caption: str, lines: Mapping[int, Sequence[float | None]]) -> str:
    """A line a run over depths, whose values lie between 0 and 1."""

    def draw(axes: Any) -> None:
        for at, values in enumerate(zip(*lines.values(), strict=True)):
            marker, _, line = _look(at)
            axes.plot(
                list(lines), _drawable(values), color=_colour(at), marker=marker, linestyle=line
            )
        axes.set_xscale("log")
        axes.set_xticks(list(lines), map(str, lines))
        axes.minorticks_off()
        axes.set_ylim(0, 1.03)

    return _svg(caption, draw)


def by_kind(caption: str, bars: Mapping[str, Sequence[float | None]]) -> str:
    """A bar a run for each name; they lie, so that long names and small screens go together."""
    count = len(next(iter(bars.values())))
    thick = 0.8 / count

    def draw(axes: Any) -> None:
        for at, values in enumerate(zip(*bars.values(), strict=True)):
            places = [row + (at - (count - 1) / 2) * thick for row in range(len(bars))]
            drawn = axes.barh(places, _drawable(values), 0.9 * thick, color=_colour(at))
            said = ["" if value is None else f"{letter(at)} {value:.2f}" for value in values]
            axes.bar_label(drawn, said, padding=3, fontsize=9)
        names = [name if len(name) < 20 else name[:18] + "…" for name in map(plain, bars)]
        axes.set_yticks(range(len(bars)), names)
        axes.set_ylim(len(bars) - 0.5, -0.5)
        axes.grid(visible=False, axis="y")
        axes.margins(x=0.2)
        axes.locator_params(axis="x", nbins=5)

    return _svg(caption, draw, 0.8 + len(bars) * max(0.55, 0.2 * count))


def by_time(caption: str, times: Sequence[Sequence[float]]) -> str:
    """A curve a run that has times, of its share below each; cut off at the slowest 1%."""
    # Lines of 201 points, whatever the number of questions.
    shares = np.linspace(0, 1, 201)
    curves = {at: np.quantile(each, shares) for at, each in enumerate(times) if each}
    slowest = max(curve[198] for curve in curves.values())

    def draw(axes: Any) -> None:
        for at, curve in curves.items():
            marker, _, line = _look(at)
            axes.plot(
                curve, 100 * shares, color=_colour(at), linestyle=line, marker=marker,
                markevery=[100, 190],
            )  # fmt: skip
        if slowest > 10 * min(curve[100] for curve in curves.values()) > 0:
            axes.set_xscale("log")
            axes.xaxis.set_major_formatter("{x:g}")
            axes.set_xlim(right=1.3 * slowest)
        else:
            axes.set_xlim(0, 1.05 * slowest or 1)
        axes.set_xlabel("milliseconds")
        axes.set_ylabel("% of questions")
        axes.set_ylim(0, 103)

    return _svg(caption, draw)


def by_coverage(
    caption: str,
    curves: Sequence[Curve],
) -> str:
    """A curve a run, of risk (the share of answers that are wrong) by coverage, and its point."""
    # Lines of 201 points, whatever the number of questions.
    shares = np.linspace(0, 1, 201)

    def draw(axes: Any) -> None:
        for at, curve in enumerate(curves):
            if curve is None:
                continue
            marker, _, line = _look(at)
            coverage, risk, (share, wrong) = curve
            seen = shares[shares >= coverage[0]]
            drawn = 100 * np.interp(seen, coverage, risk)
            axes.plot(100 * seen, drawn, color=_colour(at), linestyle=line)
            if wrong is not None:
                axes.plot(100 * share, 100 * wrong, color=_colour(at), marker=marker)
        axes.set_xlim(0, 103)
        axes.set_ylim(bottom=0)
        axes.set_xlabel("% of questions answered")
        axes.set_ylabel("% of answers wrong")

    return _svg(caption, draw)


def _svg(caption: str, draw: Callable[[Any], None], height: float = 3) -> str:
    """Draw, and fit matplotlib's file into a page: no ids twice, no addresses, the page's inks."""
    style, figures = require("matplotlib.style"), require("matplotlib.figure")
    file = io.StringIO()
    with style.context(["default", STYLE]), warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph")  # The page's fonts draw it, not matplotlib's.
        figure = figures.Figure(figsize=(4.4, height))
        draw(figure.subplots())
        nothing = dict.fromkeys(("Creator", "Date", "Format", "Type"))
        figure.savefig(file, format="svg", transparent=True, metadata=nothing)
    root, inside = re.split(r"(?<=>)", file.getvalue().partition("<svg")[2], maxsplit=1)
    inside = re.sub(r"<style.*?</style>", "", inside, flags=re.DOTALL)
    prefix = f"p{zlib.crc32(caption.encode()):08x}-"
    inside = re.sub(r'(\bid="|\bhref="#|\burl\(#)', rf"\g<1>{prefix}", inside)
    inside = re.sub(r"#0001(\d\d)", lambda m: f"var(--run-{int(m[1])})", inside)
    for ink, own in INKS.items():
        inside = inside.replace(ink, own)
    box = re.search(r'viewBox="[^"]*"', root)
    label = escape(plain(caption))
    head = f'<svg {box[0] if box else ""} role="img" aria-label="{label}"><title>{label}</title>'
    return head + inside


def _look(run: int) -> tuple[str, str, str]:
    """The marker, letter and line of a run; beyond eight, another pairing with its colour."""
    return LOOKS[(run + run // COLOURS) % COLOURS]


def _colour(run: int) -> str:
    return f"#0001{run % COLOURS:02}"


def _drawable(values: Iterable[float | None]) -> list[float]:
    return [math.nan if value is None else value for value in values]
