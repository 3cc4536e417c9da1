"""Vectors in the journal are those that were written, whatever became of the file."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from rag.errors import SnapshotError
from rag.index import journal, snapshot
from rag.index.journal import Journal
from rag.index.manifest import EncoderFacts
from rag.index.ownership import JOURNAL

TEXTS = [f"Rain fell {n} days." for n in range(300)]


@pytest.fixture
def counting(fake_encoder):
    class Counting(type(fake_encoder)):
        given = 0

        def encode_passages(self, texts, progress=None):
            type(self).given += len(texts)
            return super().encode_passages(texts, progress)

    return Counting(dimension=64)


def embed(home, texts, encoder):
    """The vectors of texts, all of them taken."""
    rows = journal.embed(home, iter(texts), len(texts), encoder)
    assert len(rows) == len(texts)
    return rows.take(np.arange(len(texts)))


def facts(encoder) -> EncoderFacts:
    return EncoderFacts.of(encoder)


def test_every_text_is_embedded_once(tmp_path, counting):
    expected = counting.encode_queries([*TEXTS, *TEXTS])
    np.testing.assert_array_equal(embed(tmp_path, [*TEXTS, *TEXTS], counting), expected)
    assert counting.given == len(TEXTS)
    np.testing.assert_array_equal(embed(tmp_path, TEXTS[::-1], counting), expected[299::-1])
    assert counting.given == len(TEXTS)
    journal.remove(tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("texts", [[], TEXTS[:1]], ids=["none", "one"])
def test_few_texts(tmp_path, counting, texts):
    assert embed(tmp_path, texts, counting).shape == (len(texts), 64)


@pytest.mark.parametrize("left", [0, 1, 40, 300, 5_000, -1, -200])
def test_a_journal_that_ends_early_keeps_what_is_whole(tmp_path, counting, left):
    expected = embed(tmp_path, TEXTS, counting)
    path = tmp_path / JOURNAL
    first = path.read_bytes().index(b"\n") + 1
    path.write_bytes(path.read_bytes()[:left])
    snapshot.check_home(tmp_path)
    size = path.stat().st_size
    with Journal(tmp_path, facts(counting)) as opened:
        whole = len(opened)
    assert whole == max(0, (size - first) // (32 + 4 * 64 + 4))
    counting.__class__.given = 0
    np.testing.assert_array_equal(embed(tmp_path, TEXTS, counting), expected)
    assert counting.given == len(TEXTS) - whole


@pytest.mark.parametrize("place", [700, 5_000, -1])
def test_an_altered_vector_is_not_used(tmp_path, counting, place):
    expected = embed(tmp_path, TEXTS, counting)
    path = tmp_path / JOURNAL
    data = bytearray(path.read_bytes())
    data[place] ^= 1
    path.write_bytes(data)
    np.testing.assert_array_equal(embed(tmp_path, TEXTS, counting), expected)
    assert counting.given > len(TEXTS)


def test_another_encoder_starts_anew(tmp_path, counting):
    embed(tmp_path, TEXTS, counting)
    other = dataclasses.replace(counting, salt="4")
    np.testing.assert_array_equal(embed(tmp_path, TEXTS, other), other.encode_queries(TEXTS))
    assert counting.given == 2 * len(TEXTS)


def test_a_foreign_file_of_its_name_stays(tmp_path):
    (tmp_path / JOURNAL).write_text("Dear all")
    with pytest.raises(SnapshotError, match=r"no file of Byline.* Move it"):
        snapshot.check_home(tmp_path)
    assert (tmp_path / JOURNAL).read_text() == "Dear all"


def test_digests_that_begin_alike_are_told_apart(tmp_path, counting):
    one, other, absent = (b"12345678" + bytes([n]) * 24 for n in (1, 2, 3))
    with Journal(tmp_path, facts(counting)) as opened:
        opened.add([one, other], counting.encode_queries(TEXTS[:2]))
        assert opened.find([other, absent, one, other]).tolist() == [1, -1, 0, 1]


def test_more_texts_than_are_looked_up_together(tmp_path, counting, monkeypatch):
    monkeypatch.setattr(journal, "_WINDOW", 70)
    texts = [*TEXTS, *TEXTS[::3]]
    np.testing.assert_array_equal(embed(tmp_path, texts, counting), counting.encode_queries(texts))
    assert counting.given == len(TEXTS)
