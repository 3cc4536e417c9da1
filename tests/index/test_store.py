"""FAISS against brute force, filters as rows, and text that is what was stored or an error."""

from __future__ import annotations

import contextlib
import datetime
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.errors import SnapshotError
from rag.index.record import Compared
from rag.index.store import SnapshotStore, write
from rag.index.vectors import InMemory
from rag.text.fields import is_within
from rag.types import FIELDS, Article, Filters, Passage

COUNT, DIMENSION = 300, 16
DAYS = [None, *(datetime.date(2017, 3, day) for day in (1, 2, 3))]
ARTICLES = [
    Article(
        f"Article {i}. It has\x00 a 2nd sentence, “{'é' * i}”.",
        title=f"Title {i}",
        id=f"a{i:02}",
        source=["", "The Post", "AP"][i % 3],
        author=["Sok Vanna", "Sok Vanna and Ann Lee", "", "ANN LEE"][i % 4],
        published=DAYS[i % 4],
        url="https://example.org/?a=1",
        language=["en", "en-GB", "km", ""][i % 4],
        section=["Sport", "sport", "SPORT ", "World"][i // 3 % 4],
        format=["html", "pdf"][i // 5 % 2],
        origin=f"page.txt#{i}",
    )
    for i in range(30)
]
REPORTS = {"a03": "a01", "a20": "a01", "a00": "a29"}
PASSAGES = [
    Passage(article.id, start, start + 8, article.text[start : start + 8])
    for article in ARTICLES
    for start in range(10)
]


def unit_rows(count: int, seed: int) -> np.ndarray:
    rows = np.random.default_rng(seed).standard_normal((count, DIMENSION)).astype(np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


VECTORS = unit_rows(COUNT, seed=1)
VECTORS[200:220] = VECTORS[100:120]  # Ties.
QUERIES = [*unit_rows(5, seed=2), VECTORS[105], -VECTORS[7]]


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """The home of an index whose snapshot holds only what the store writes, its name a trap."""
    home = tmp_path_factory.mktemp("store") / "my index?#%20 é"
    (home / "snapshots" / "one").mkdir(parents=True)
    write(home / "snapshots" / "one", ARTICLES, PASSAGES, InMemory(VECTORS), Compared(REPORTS))
    return home


@pytest.fixture(scope="module")
def store(home):
    return SnapshotStore(home / "snapshots" / "one")


def assert_nearest(store, query, k, allowed):
    """What was found has its true cosines, and no allowed row left out has a higher one."""
    rows, cosines = store.search(query, k, allowed)
    candidates = np.arange(COUNT) if allowed is None else np.unique(allowed)
    true = VECTORS @ query
    assert len(rows) == len(set(rows.tolist())) == min(k, len(candidates))
    assert set(rows.tolist()) <= set(candidates.tolist())
    np.testing.assert_allclose(cosines, true[rows], atol=1e-5)
    np.testing.assert_allclose(cosines, np.sort(true[candidates])[::-1][:k], atol=1e-5)


@pytest.mark.parametrize("k", [1, 10, COUNT, COUNT + 1, 10 * COUNT])
def test_search_finds_what_brute_force_finds(store, k):
    for query in QUERIES:
        assert_nearest(store, query, k, None)


@given(
    allowed=st.sets(st.integers(0, COUNT - 1)).map(sorted),
    k=st.integers(1, 2 * COUNT),
    query=st.sampled_from(range(len(QUERIES))),
)
def test_search_among_allowed_rows_finds_what_brute_force_finds(store, allowed, k, query):
    assert_nearest(store, QUERIES[query], k, np.array(allowed, np.int64))


def test_the_padding_of_faiss_is_never_a_row(store):
    twice = np.array([5, 5, 9, 9], np.int64)  # FAISS finds 2, and fills up to 4 with row -1.
    rows, cosines = store.search(QUERIES[0], 4, twice)
    assert sorted(rows.tolist()) == [5, 9]
    assert len(cosines) == 2


def test_nothing_allowed_gives_nothing(store):
    rows, cosines = store.search(QUERIES[0], 5, np.empty(0, np.int64))
    assert (rows.tolist(), cosines.tolist()) == ([], [])
    assert store.cosines(np.array(QUERIES), rows).shape == (len(QUERIES), 0)
    assert store.passages(rows) == []


def test_cosines_of_rows(store):
    rows = np.array([299, 0, 105, 105], np.int64)
    queries = np.array(QUERIES)
    found = store.cosines(queries, rows)
    assert (found.dtype, found.shape) == (np.float32, (len(QUERIES), 4))
    np.testing.assert_allclose(found, [VECTORS[rows] @ query for query in queries], atol=1e-6)


def test_passages_come_back_as_stored_and_in_the_order_asked(store):
    assert len(store) == COUNT
    assert store.passages(np.arange(COUNT)) == PASSAGES
    assert store.passages([7, 3, 7]) == [PASSAGES[7], PASSAGES[3], PASSAGES[7]]


def test_articles_come_back_as_stored(store):
    assert list(store.articles()) == ARTICLES
    assert store.article("a07") == ARTICLES[7]


@pytest.mark.parametrize("article_id", ["a99", "", "a07' OR '1'='1"])
def test_an_unknown_article_is_a_key_error(store, article_id):
    with pytest.raises(KeyError):
        store.article(article_id)
    with pytest.raises(KeyError):
        store.report(article_id)


def test_an_article_comes_back_with_its_report(store):
    found = {article.id: store.report(article.id) for article in ARTICLES}
    assert found == {article.id: REPORTS.get(article.id, article.id) for article in ARTICLES}


def test_without_reports_every_article_is_its_own(tmp_path):
    write(tmp_path, ARTICLES[:2], [], InMemory(VECTORS[:0]))
    assert [SnapshotStore(tmp_path).report(article.id) for article in ARTICLES[:2]] == [
        "a00",
        "a01",
    ]


def test_sources_are_counted_and_the_unknown_one_is_left_out(store):
    assert store.sources() == {"AP": 10, "The Post": 10}


def test_years_are_those_of_the_articles(store):
    assert store.years() == [2017]


def test_years_of_an_archive_come_once_and_in_order(tmp_path):
    dates = [None, datetime.date(2024, 1, 1), datetime.date(1999, 12, 31), datetime.date(987, 1, 1)]
    articles = [Article("Text.", id=str(i), published=dates[i % 4]) for i in range(8)]
    write(tmp_path, articles, [], InMemory(VECTORS[:0]))
    assert SnapshotStore(tmp_path).years() == [987, 1999, 2024]


@pytest.mark.parametrize("sources", [[], ["AP"], ["AP", "The Post"], ["ap"], [""]], ids=repr)
@pytest.mark.parametrize(
    "times",
    [
        pytest.param([], id="no time"),
        pytest.param([(DAYS[1], DAYS[1])], id="a day"),
        pytest.param([(DAYS[1], DAYS[2])], id="two days"),
        pytest.param([(DAYS[1], DAYS[1]), (DAYS[3], DAYS[3])], id="two times"),
        pytest.param([(DAYS[2], DAYS[3]), (DAYS[1], DAYS[3])], id="times that overlap"),
        pytest.param([(datetime.date.min, datetime.date.max)], id="all days, but not undated"),
        pytest.param([(DAYS[2], DAYS[1])], id="backwards"),
    ],
)
def test_a_passage_has_one_for_its_source_and_one_for_its_time(store, sources, times):
    expected = {
        a.id: (a.source in sources)
        + any(a.published is not None and first <= a.published <= last for first, last in times)
        for a in ARTICLES
    }
    found = store.named(sources, times)
    assert found.dtype == np.float32
    assert found.tolist() == [expected[passage.article_id] for passage in PASSAGES]


@pytest.mark.parametrize("sources", [None, ["AP"], ["AP", "The Post"], ["No such"]], ids=repr)
@pytest.mark.parametrize("since", [None, *DAYS[1:]], ids=str)
@pytest.mark.parametrize("until", [None, DAYS[1], DAYS[2]], ids=str)
def test_filters_select_the_rows_of_the_articles_that_fit(store, sources, since, until):
    from_them = [a for a in ARTICLES if sources is None or a.source in sources]
    fitting = {
        a.id
        for a in from_them
        if not (since or until)
        or (a.published and (since or a.published) <= a.published <= (until or a.published))
    }
    rows, undated = store.matching(Filters(tuple(sources or ()), since, until))
    assert rows.dtype == np.int64
    assert rows.tolist() == [i for i, p in enumerate(PASSAGES) if p.article_id in fitting]
    assert undated == (sum(not a.published for a in from_them) if since or until else 0)


NARROWED = [
    Filters(),
    Filters(authors=("ann lee",)),
    Filters(authors=("Ann Lee", "Sok Vanna"), sections=("Sport",)),
    Filters(("AP",), DAYS[1], None, authors=("Sok Vanna",)),
    Filters(languages=("en",), formats=("pdf",), until=DAYS[2]),
    Filters(sections=("World",), articles=("a09", "a10", "a11")),
    Filters(sections=("No such",)),
]


@pytest.mark.parametrize("filters", NARROWED, ids=repr)
def test_fields_select_the_rows_of_the_articles_that_have_them(store, filters):
    fitting = {article.id for article in ARTICLES if is_within(filters, article)}
    rows, _ = store.matching(filters)
    assert rows.tolist() == [i for i, p in enumerate(PASSAGES) if p.article_id in fitting]


def test_values_are_counted_case_aside_and_those_of_most_articles_come_first(store):
    assert store.values("authors") == {"Sok Vanna": 16, "Ann Lee": 15}
    assert store.values("sections") == {"Sport": 24, "World": 6}
    assert store.values("languages") == {"en": 16, "km": 7}
    assert store.values("formats") == {"html": 15, "pdf": 15}


def test_threads_may_share_a_store(home):
    shared = SnapshotStore(home / "snapshots" / "one")

    def read(i: int) -> object:
        rows, _ = shared.search(QUERIES[i % 5], 20, np.arange(i % 7, COUNT))
        found = shared.passages(rows)
        ids = [article.id for article in shared.articles()]
        return found, ids, shared.matching(Filters(("AP",)))[0].tolist(), shared.sources()

    expected = [read(i) for i in range(35)]
    shared._articles.clear()
    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(read, [*range(35)] * 4)) == expected * 4


def test_as_many_vectors_as_passages(tmp_path):
    with pytest.raises(ValueError, match="300 passages cannot have 299 vectors"):
        write(tmp_path, ARTICLES, PASSAGES, InMemory(VECTORS[1:]))


@pytest.fixture
def altered(tmp_path):
    """A function that alters the database of a new index and opens what came of it."""
    folder = tmp_path / "index" / "snapshots" / "one"
    folder.mkdir(parents=True)
    write(folder, ARTICLES, PASSAGES, InMemory(VECTORS))

    def alter(sql: str) -> SnapshotStore:
        with contextlib.closing(sqlite3.connect(folder / "archive.sqlite")) as database:
            database.execute(sql)
            database.commit()
        return SnapshotStore(folder)

    return alter


@pytest.mark.parametrize(
    "change",
    [
        pytest.param("text = replace(text, '2nd', '3rd')", id="other text"),
        pytest.param("text = text || ' '", id="longer text"),
        pytest.param("content_hash = ''", id="other hash"),
        pytest.param("text = CAST(X'ff' AS TEXT)", id="text that is no UTF-8"),
    ],
)
def test_an_altered_article_is_an_error_that_names_the_remedy(altered, tmp_path, change):
    store = altered(f"UPDATE articles SET {change} WHERE id = 'a07'")
    remedy = f"byline build ARTICLES --index {tmp_path / 'index'}$"
    for read in (
        lambda: store.article("a07"),
        lambda: store.passages([75]),
        lambda: list(store.articles()),
    ):
        with pytest.raises(SnapshotError, match=remedy):
            read()
    assert store.article("a08") == ARTICLES[8]


@pytest.mark.parametrize("name", ["vectors.faiss", "archive.sqlite"])
@pytest.mark.parametrize("damage", ["missing", "empty", "nonsense"])
def test_files_that_cannot_be_read_are_an_error_that_names_the_remedy(tmp_path, name, damage):
    folder = tmp_path / "index" / "snapshots" / "one"
    folder.mkdir(parents=True)
    write(folder, ARTICLES, PASSAGES, InMemory(VECTORS))
    (folder / name).unlink()
    if damage != "missing":
        (folder / name).write_bytes(b"nonsense" * 1000 if damage == "nonsense" else b"")
    with pytest.raises(SnapshotError, match=f"--index {tmp_path / 'index'}$"):
        SnapshotStore(folder)


def test_a_table_that_is_gone_is_an_error_that_names_the_remedy(altered):
    with pytest.raises(SnapshotError, match="byline build"):
        altered("DROP TABLE passages")


def some_of(*values):
    return st.sets(st.sampled_from(values)).map(sorted).map(tuple)


@given(
    st.builds(
        Filters,
        some_of("The Post", "AP"),
        st.sampled_from([*DAYS, datetime.date(2017, 1, 1)]),
        st.sampled_from([*DAYS, datetime.date(2016, 1, 1)]),
        st.none() | some_of(*(a.id for a in ARTICLES)),
        authors=st.just(()) | some_of("Sok Vanna", "ANN LEE"),
        sections=st.just(()) | some_of("sport", "World", "No such"),
        languages=st.just(()) | some_of("en", "km"),
        formats=st.just(()) | some_of("html", "pdf"),
    )
)
def test_facets_count_what_each_choice_would_leave(store, filters):
    def left(**others):
        return sum(is_within(replace(filters, **others), article) for article in ARTICLES)

    facets = store.facets(filters)
    assert facets.articles == left()
    assert facets.sources == {name: left(sources=(name,)) for name in ("AP", "The Post")}
    for field in FIELDS:
        known = store.values(field)
        assert list(facets.of(field)) == list(known)
        assert facets.of(field) == {value: left(**{field: (value,)}) for value in known}
    dated = left(since=datetime.date.min, until=datetime.date.max)
    assert facets.months == {"2017-03": dated}
    assert facets.undated == left(since=None, until=None) - dated


def test_facets_list_every_month_in_order_and_every_source_by_name(tmp_path):
    days = [datetime.date(2017, 11, 30), datetime.date(2018, 2, 1), None]
    stories = [Article(f"Text {i}.", source="BAC"[i], published=d) for i, d in enumerate(days)]
    write(tmp_path, stories, [], InMemory(VECTORS[:0]))
    facets = SnapshotStore(tmp_path).facets(Filters(("B",), datetime.date(2017, 1, 1)))
    assert list(facets.months.items()) == [
        ("2017-11", 1),
        ("2017-12", 0),
        ("2018-01", 0),
        ("2018-02", 0),
    ]
    assert list(facets.sources.items()) == [("A", 1), ("B", 1), ("C", 0)]
    assert (facets.articles, facets.undated) == (1, 0)


def test_facets_without_dates_have_no_months(tmp_path):
    write(tmp_path, [Article("Text.")], [], InMemory(VECTORS[:0]))
    facets = SnapshotStore(tmp_path).facets(Filters())
    assert (facets.articles, facets.sources, facets.months, facets.undated) == (1, {}, {}, 1)
