"""The bundled gold questions: that they are whole, and stand in their articles."""

from __future__ import annotations

from eval.datasets.gold import FILES, FOLDER, load


def test_the_bundled_files():
    golds = [gold for name in FILES for gold in load(FOLDER / name)]
    assert len({gold.id for gold in golds}) == len(golds) == 36
    assert all(gold.turns and gold.answerable == bool(gold.evidence) for gold in golds)


def test_every_evidence_quote_stands_in_its_article(archive):
    texts = {
        (a.origin.partition("#")[0], a.title): " ".join(a.text.split()) for a in archive.articles()
    }
    for name in FILES:
        for gold in load(FOLDER / name):
            for piece in gold.evidence:
                assert " ".join(piece["quote"].split()) in texts[piece["file"], piece["title"]]
