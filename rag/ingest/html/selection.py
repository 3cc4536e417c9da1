"""Choose the lines of a page that are its article's, by what was learned of them.

Two logistic regressions, fitted by `eval.pages.fit` on half of the pages that trafilatura is
evaluated on: one for lines that trafilatura takes, of which the site's furniture is left out, one
for those that it leaves, of which parts of the article are taken back. What follows a heading over
readers' comments is never taken.
"""

from __future__ import annotations

import functools
import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TypeAlias

from rag.ingest.html.features import TAKEN, block_of, is_heading, measures
from rag.ingest.html.text import Line
from rag.ingest.text_page.line_kind import Kind, ends_sentence, kind_of

Weights: TypeAlias = Mapping[str, float]

BIAS = "1"
"""The name of a regression's constant."""
OWN = Path(__file__).with_name("selection.json")
"""The weights, by name of a measure; those that are 0 are left out."""
_HEADLINE = 4
"""Words from which a link is a headline; of fewer, it may be a name or an address."""
_LABEL = 40
"""Characters before a link that may be a label."""
_PARAGRAPHS = ("p", "div", "aside", "section", "strong")
_THRESHOLDS = {"left": 0.35, "taken": 0.5}
"""Probabilities, by folds within half 0: there, both kinds of mistakes are fewer than
trafilatura's."""


def choose(lines: Sequence[Line], text: str, body: str, title: str) -> list[bool]:
    """Whether each line of a page is its article's.

    `text` is what trafilatura took, `body` what the page declares as its article's text.
    """
    chosen = [is_chosen(one) for one in measures(lines, text, body, title)]
    end = _comments(lines, chosen)
    return [one and at < end for at, one in enumerate(chosen)]


def is_pointer(line: Line) -> bool:
    """Whether a line only points to another article: its headline as a link, or a label before
    one ("More on this story: …")."""
    label = len(line.text) - line.linked
    headline = line.text[max(0, label) :]
    if len(headline.split()) < _HEADLINE or ends_sentence(line.text):
        return False
    return label <= _LABEL and block_of(line.element).tag in _PARAGRAPHS


def is_chosen(measured: Mapping[str, float]) -> bool:
    """Whether a line of these measures is an article's."""
    group = group_of(measured)
    weights = _weights()[group]
    logit = weights[BIAS] + sum(weights.get(name, 0.0) * value for name, value in measured.items())
    return 1 / (1 + math.exp(-max(-30.0, logit))) > _THRESHOLDS[group]


def group_of(measured: Mapping[str, float]) -> str:
    """Which regression a line is judged by: whether trafilatura takes it."""
    return "taken" if measured[TAKEN] > 0.5 else "left"


@functools.cache
def _weights() -> dict[str, Weights]:
    read: dict[str, Weights] = json.loads(OWN.read_text("utf-8"))
    return read


def _comments(lines: Sequence[Line], chosen: Sequence[bool]) -> int:
    """Where the readers' comments start: at a heading that names them, below some of the text."""
    prose = False
    for at, line in enumerate(lines):
        kind = kind_of(line.text)
        if prose and kind is Kind.COMMENTS and is_heading(line.element):
            return at
        prose = prose or (chosen[at] and kind is Kind.PROSE)
    return len(lines)
