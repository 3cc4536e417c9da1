"""The measure of updates counts what is embedded, by the encoder that is given the texts."""

from __future__ import annotations

import gzip
import json

import pytest

from eval.__main__ import main
from eval.update.measure import run


@pytest.fixture
def data(tmp_path, articles):
    """A corpus as MultiHop-RAG has it, of the bundled articles."""
    lines = [
        json.dumps({"title": one.title, "body": one.text, "url": f"http://x/{n}"})
        for n, one in enumerate(articles)
    ]
    (tmp_path / "corpus.jsonl.gz").write_bytes(gzip.compress("\n".join(lines).encode()))
    return tmp_path


@pytest.mark.models
def test_one_percent_and_nothing(data):
    found = run(data, 100)
    first, changed, nothing = found["rows"]
    assert first["articles"] == changed["articles"] == nothing["articles"] == 100
    assert first["embedded"] == first["passages"] > 100
    assert (changed["changed"], nothing["changed"], nothing["embedded"]) == (1, 0, 0)
    assert 0 < changed["embedded"] < 10
    assert found["of the first build's time"].keys() == {"1% changed", "nothing changed"}


def test_too_few_articles_are_refused(data, capsys):
    assert main(["update", "--data", str(data), "--articles", "99"]) == 2
    assert "Name 100 or more" in capsys.readouterr().err
