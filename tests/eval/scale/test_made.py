"""What the measure of growth makes: the same each time, and like what was measured."""

from __future__ import annotations

import numpy as np
import pytest

from eval.__main__ import main
from eval.scale.made import Mixtures, articles, neighbours
from eval.scale.report import plot, table

SENTENCES = ["Rain fell on Kratié.", "The mayor left.", "Police arrested 12 people."]
TEXTS = [f"Heading {n // 12}\nText {n}" for n in range(600)]


@pytest.fixture(scope="module")
def mixtures():
    rows = np.random.default_rng(1).standard_normal((300, 32))
    rows = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    return Mixtures(rows.astype(np.float32))


def test_a_text_has_the_same_vector_each_time(mixtures):
    drawn = mixtures.draw(TEXTS)
    np.testing.assert_allclose(np.linalg.norm(drawn, axis=1), 1, atol=1e-5)
    np.testing.assert_array_equal(mixtures.draw(TEXTS[::-1]), drawn[::-1])
    assert len(np.unique(drawn, axis=0)) == len(TEXTS)


def test_passages_of_one_heading_are_nearer_to_each_other(mixtures):
    drawn = mixtures.draw(TEXTS)
    cosines = drawn @ drawn.T
    headings = np.arange(len(TEXTS)) // 12
    together = headings[:, np.newaxis] == headings
    np.fill_diagonal(together, False)
    assert cosines[together].mean() > 3 * cosines[~together].mean()


def test_articles_are_the_same_each_time():
    made = list(articles(20, SENTENCES, 5))
    assert made == list(articles(20, SENTENCES, 5))
    assert len({article.id for article in made}) == 20
    assert made != list(articles(20, SENTENCES, 5, seed=1))


def test_the_cosines_of_neighbours_fall(mixtures):
    found = neighbours(mixtures.draw(TEXTS))
    assert found["1"] > found["10"] > found["100"]


def row(passages):
    return {
        "size": [passages, 64, False], "passages": passages, "build, s": 1.5,
        "stages, s": {"cutting": 1.0}, "build, MB": {"before": 5, "most": 20},
        "disk, MB": {"lexical": 2.0}, "opening, s": 0.1, "opening, MB": 3, "serving, MB": 9,
        "search, ms": [20.0, 30.0], "of it vectors, ms": [1.0, 2.0],
        "recall@10 of questions": 0.99, "vectors": {"kind": "ivf"},
    }  # fmt: skip


def test_the_table_and_the_plot_show_every_size(tmp_path):
    found = {"rows": [row(1000), row(1_000_000)]}
    assert "| 1,000,000 | 1.5 | 20 | 2 |" in table(found)
    plot(found, tmp_path / "growth.svg")
    assert (tmp_path / "growth.svg").stat().st_size > 5_000


def test_a_size_of_which_nothing_can_be_said_is_refused(tmp_path, capsys):
    command = ["scale", "--data", ".", "--index", ".", "--out", str(tmp_path), "--sizes", "999"]
    assert main(command) == 2
    assert "1000 passages or more" in capsys.readouterr().err
