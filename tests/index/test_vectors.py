"""The kinds of vector index: what each finds, and what an altered file can do."""

from __future__ import annotations

import shutil

import numpy as np
import pytest

from rag.index import vectors
from rag.index.vectors import InMemory, inverted
from rag.index.vectors.facts import VectorFacts

DIMENSION, COUNT = 24, 6_000


def unit(rows):
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


@pytest.fixture(scope="module")
def rows():
    """Vectors around 60 topics, as those of articles lie."""
    chance = np.random.default_rng(1)
    topics = chance.standard_normal((60, DIMENSION))[chance.integers(60, size=COUNT)]
    return unit(topics + 0.7 * chance.standard_normal((COUNT, DIMENSION)))


@pytest.fixture(scope="module")
def queries(rows):
    """Between the topics, as questions are, and none of them a row."""
    few = rows[np.random.default_rng(2).integers(COUNT, size=(3, 50))]
    return unit(few.sum(axis=0))


@pytest.fixture(scope="module")
def made(rows, tmp_path_factory):
    """A folder with inverted lists, and what was measured of them."""
    folder = tmp_path_factory.mktemp("ivf")
    return folder, vectors.write(folder, InMemory(rows), "ivf")


@pytest.fixture(scope="module")
def index(made):
    return vectors.read(*made)


@pytest.mark.parametrize(
    ("asked", "passages", "kind"),
    [
        ("auto", 0, "flat"), ("auto", 100_000, "flat"), ("auto", 100_001, "ivf"),
        ("flat", 10**7, "flat"), ("ivf", 3, "ivf"),
    ],
)  # fmt: skip
def test_the_kind_follows_the_number_of_passages(asked, passages, kind):
    assert vectors.kind_of(asked, passages) == kind


def test_it_finds_what_exact_search_finds(made, index, rows, queries):
    facts = made[1]
    assert facts.recall >= 0.99
    assert 10 <= facts.looked_at < COUNT
    found = [set(index.search(query, 10)[0].tolist()) for query in queries]
    exact = np.argsort(-(queries @ rows.T), axis=1)[:, :10]
    shared = sum(len(one & set(best)) for one, best in zip(found, exact.tolist(), strict=True))
    assert shared >= 0.98 * 10 * len(queries)


def test_cosines_are_those_of_the_vectors(index, rows, queries):
    some = np.array([5, 4_000, 17, 5])
    np.testing.assert_allclose(index.cosines(queries, some), queries @ rows[some].T, atol=5e-4)
    np.testing.assert_allclose(index.take(some), rows[some], atol=3e-4)
    found, cosines = index.search(queries[0], 7)
    np.testing.assert_allclose(cosines, index.cosines(queries[:1], found)[0], rtol=1e-5)
    assert cosines.tolist() == sorted(cosines, reverse=True)


@pytest.mark.parametrize("count", [0, 1, 3, 40, 700, 4_000, COUNT])
def test_a_filter_gives_all_that_it_allows(index, rows, queries, count):
    allowed = np.sort(np.random.default_rng(count).permutation(COUNT)[:count])
    shared = 0
    for query in queries:
        found, _ = index.search(query, 20, allowed)
        assert len(set(found.tolist())) == min(20, count)
        assert np.isin(found, allowed).all()
        exact = allowed[np.argsort(-(rows[allowed] @ query))[:20]]
        shared += len(np.intersect1d(found, exact))
    assert shared >= 0.97 * min(20, count) * len(queries)


def test_a_filter_on_what_is_far_away(index, rows, queries):
    """Rows that lie together, in few lists, and in none of the nearest."""
    for query in queries[:10]:
        allowed = np.sort(np.argsort(rows @ query)[:2_000])
        found, _ = index.search(query, 50, allowed)
        assert len(found) == 50
        assert np.isin(found, allowed).all()


@pytest.mark.parametrize("count", [1, 2, 9, 30])
def test_of_few_vectors_all_are_found(tmp_path, rows, count):
    facts = vectors.write(tmp_path, InMemory(rows[:count]), "ivf")
    index = vectors.read(tmp_path, facts)
    for k in (1, 10, 100):
        found, _ = index.search(rows[0], k)
        assert len(found) == min(k, count)
        assert found[0] == 0


def test_the_same_vectors_give_the_same_files(made, rows, tmp_path):
    folder, facts = made
    assert vectors.write(tmp_path, InMemory(rows), "ivf") == facts
    for name in inverted.FILES:
        ours, theirs = (one / inverted.FOLDER / name for one in (folder, tmp_path))
        assert ours.read_bytes() == theirs.read_bytes()


def test_rows_of_several_parts(rows):
    parts = [InMemory(rows[:100]), InMemory(rows[100:100]), InMemory(rows[100:150])]
    order = np.array([149, 0, 99, 100, 100])
    chosen = vectors.Chosen(parts, order)
    assert len(chosen) == 5
    np.testing.assert_array_equal(chosen.take(np.array([4, 0, 2])), rows[[100, 149, 99]])
    assert chosen.take(np.arange(0)).shape == (0, DIMENSION)


WRONG = {
    "no array": lambda array: b"nonsense",
    "empty": lambda array: b"",
    "cut short": lambda array: None,
    "of another type": lambda array: array.astype(np.float64),
    "of objects": lambda array: np.array([{"a": 1}], object),
    "of fewer": lambda array: array[:-1],
    "of no": lambda array: array[:0],
    "of more dimensions": lambda array: array[np.newaxis],
}


@pytest.mark.parametrize("name", inverted.FILES)
@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
def test_a_file_of_another_kind_is_refused(made, tmp_path, name, wrong):
    folder, facts = made
    shutil.copytree(folder, tmp_path / "index")
    path = tmp_path / "index" / inverted.FOLDER / name
    data = wrong(np.load(path))
    if data is None:
        path.write_bytes(path.read_bytes()[:-7])
    elif isinstance(data, bytes):
        path.write_bytes(data)
    else:
        np.save(path, data, allow_pickle=True)
    with pytest.raises((ValueError, OSError)):
        vectors.read(tmp_path / "index", facts)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        (inverted.ROWS, -1), (inverted.ROWS, COUNT), (inverted.STARTS, -1),
        (inverted.STARTS, COUNT + 1), (inverted.CENTROIDS, np.nan), (inverted.SCALE, np.inf),
    ],
)  # fmt: skip
def test_numbers_that_lead_elsewhere_are_refused(made, tmp_path, name, value):
    folder, facts = made
    shutil.copytree(folder, tmp_path / "index")
    path = tmp_path / "index" / inverted.FOLDER / name
    array = np.load(path)
    array.flat[len(array) // 2] = value
    np.save(path, array)
    with pytest.raises(ValueError, match="its"):
        vectors.read(tmp_path / "index", facts)


def test_a_vector_that_is_no_number_spoils_no_other(made, tmp_path, queries):
    folder, facts = made
    shutil.copytree(folder, tmp_path / "index")
    path = tmp_path / "index" / inverted.FOLDER / inverted.VECTORS
    array = np.load(path)
    array[3] = np.nan
    np.save(path, array)
    altered = vectors.read(tmp_path / "index", VectorFacts("ivf", facts.lists, COUNT))
    for query in queries:
        assert np.isfinite(altered.search(query, COUNT)[1]).all()
