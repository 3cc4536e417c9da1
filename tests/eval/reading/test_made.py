"""An archive of mixed formats: all that is written comes back, with its fields."""

from __future__ import annotations

from collections import Counter

import pytest

from eval.reading import run
from eval.reading.made import make
from rag.ingest import read_articles


def test_every_article_comes_back(tmp_path):
    made = make(tmp_path, 100)
    assert sum(made.values()) == 100
    reader = read_articles(tmp_path)
    articles = list(reader)
    assert reader.failures == []
    assert reader.report.repeated == 0
    found = Counter(article.origin.partition("/")[0] for article in articles)
    assert found == made
    for article in articles:
        assert "This is report number" in article.text, article.origin
        assert article.title.startswith("Report ") or "Report " in article.text, article.origin


@pytest.mark.process
def test_a_reading_is_measured_in_a_process_of_its_own():
    found = run.run(100)
    assert [row["kept"] for row in found["rows"]] == [False, True] * 2
    assert all(row["articles"] == 100 for row in found["rows"])
    assert all(row["MiB at the peak"] >= row["MiB before"] > 0 for row in found["rows"])
    assert run.lost(found) == {}
    assert "one by one" in run.table(found)
    found["rows"][0]["read"]["pdf"] -= 1
    assert run.lost(found) == {"pdf": 1}
    assert "pdf: 1 articles did not come back" in run.table(found)
