"""What the tests of runs share: a small data set, and the plan of a run over it."""

from __future__ import annotations

import lorries
import pytest

from eval.runs.plan import Plan


@pytest.fixture
def data(tmp_path):
    return lorries.write(tmp_path / "data")


@pytest.fixture
def plan(data, tmp_path):
    return Plan("byline", data, tmp_path / "out", index=tmp_path / "index")
