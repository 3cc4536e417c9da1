"""Fit the regressions that choose a page's lines, on the pages of half 0.

A line is an article's if it holds a wanted string, and is none if it holds a foreign one. The
others, most of a page, are taken to be what trafilatura takes them for, with little weight: so the
regressions stay with it where nothing speaks against it.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from eval.pages.data import Page, load, spaced
from rag.evaluation.extra import require
from rag.ingest.encoding import decode_html
from rag.ingest.failure import Unreadable
from rag.ingest.html import selection
from rag.ingest.html.extract import extract
from rag.ingest.html.features import TAKEN, measures
from rag.ingest.html.furniture import take_out
from rag.ingest.html.linked import Linked
from rag.ingest.html.parse import parse
from rag.ingest.html.text import lines_in

_PAGES = 15
"""Pages that a measure has to be seen on."""
_WEAK = 0.03
"""The weight of a line that no string tells of."""
_LEFT = 0.3
"""The share of those that trafilatura leaves which is used."""
_FOREIGN = 6.0
"""The most that one page's foreign lines weigh: a word as "Home" stands in many."""
_CERTAIN = 25
"""Characters from which a line within a wanted string is wanted."""
_PENALTY = 0.3
"""The inverse of the strength of the penalty on the squares of the weights."""
_LEAST = 0.02
"""Weights that are smaller are left out."""
_SEED = 0


class Example(NamedTuple):
    """A line: its measures, whether it is an article's, and how much it weighs."""

    measures: Mapping[str, float]
    wanted: bool
    weight: float


def fit(folder: Path, out: Path) -> dict[str, Any]:
    """Fit on the pages of a folder and write the weights; what they were fitted on."""
    examples = [list(_examples(page)) for page in load(folder) if page.half == 0]
    seen = Counter(name for page in examples for name in {n for one in page for n in one.measures})
    known = {name for name, pages in seen.items() if pages >= _PAGES}
    everything = [one for page in examples for one in page]
    weights = {
        group: _fit([one for one in everything if selection.group_of(one.measures) == group], known)
        for group in ("left", "taken")
    }
    out.write_text(json.dumps(weights, indent=0, ensure_ascii=False) + "\n", "utf-8")
    return {
        "pages": len(examples),
        "lines": len(everything),
        "weights": {group: len(one) for group, one in weights.items()},
    }


def _examples(page: Page) -> Iterator[Example]:
    try:
        tree = parse(decode_html(page.file.read_bytes()).text)
    except Unreadable:
        return
    take_out(tree)
    extracted = extract(tree)
    lines = lines_in(tree)
    measured = measures(lines, extracted.text, Linked(tree, extracted.title).body, extracted.title)
    texts = [spaced(line.text) for line in lines]
    wanted = [_is_wanted(text, page.wanted) for text in texts]
    foreign = [any(one in text for one in page.foreign) for text in texts]
    weight = min(1.0, _FOREIGN / max(1, sum(foreign)))
    random = np.random.default_rng(_SEED)
    for own, right, wrong in zip(measured, wanted, foreign, strict=True):
        taken = own[TAKEN] > 0.5
        if right or wrong:
            yield Example(own, right, 1.0 if right else weight)
        elif random.random() < _LEFT or taken:
            yield Example(own, taken, _WEAK)


def _is_wanted(text: str, wanted: Sequence[str]) -> bool:
    return any(one in text or (len(text) > _CERTAIN and text in one) for one in wanted)


def _fit(examples: Sequence[Example], known: set[str]) -> dict[str, float]:
    from sklearn.feature_extraction import DictVectorizer
    from sklearn.linear_model import LogisticRegression

    require("sklearn")
    names = DictVectorizer()
    rows = names.fit_transform(
        [{name: one.measures[name] for name in one.measures.keys() & known} for one in examples]
    )
    model = LogisticRegression(C=_PENALTY, max_iter=1000)
    model.fit(rows, [one.wanted for one in examples], [one.weight for one in examples])
    weights = zip(names.get_feature_names_out(), model.coef_[0], strict=True)
    found = {name: round(float(weight), 2) for name, weight in weights if abs(weight) >= _LEAST}
    return {selection.BIAS: round(float(model.intercept_[0]), 2), **found}
