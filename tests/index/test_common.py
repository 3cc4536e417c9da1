"""What rows have in common is said only where no other rows have it."""

from __future__ import annotations

import datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.index import store
from rag.index.common import Common, by_origin
from rag.index.milvus.rows import filters
from rag.index.vectors import InMemory
from rag.types import Article, Filters, Passage

SOURCES = ["AP", "AFP", "Kratié Post"]
PASSAGE = st.tuples(st.sampled_from(range(3)), st.sampled_from([0, 738_000, 738_001, 738_009]))


def fitting(common: Common, passages: list[tuple[int, int]]) -> list[int]:
    return [
        row
        for row, (source, day) in enumerate(passages)
        if (not common.sources or SOURCES[source] in common.sources)
        and (common.first is None or common.first <= day <= common.last)
    ]


@given(st.lists(PASSAGE, min_size=1, max_size=12), st.data())
def test_it_fits_the_rows_and_no_others(passages, data):
    places = st.sampled_from(range(len(passages)))
    rows = sorted(data.draw(st.sets(places, min_size=1)))
    source_of, day_of = np.array(passages, np.int32).T
    found = by_origin(np.array(rows), SOURCES, source_of, day_of)
    if found:
        assert fitting(found, passages) == rows


@given(
    st.lists(PASSAGE, min_size=1, max_size=12),
    st.sets(st.sampled_from(range(3)), min_size=1),
    st.sampled_from([(0, 738_009), (738_000, 738_001), (738_001, 738_009)]),
)
def test_what_sources_and_days_leave_is_always_said(passages, sources, days):
    source_of, day_of = np.array(passages, np.int32).T
    rows = np.flatnonzero(
        np.isin(source_of, [*sources]) & (days[0] <= day_of) & (day_of <= days[1])
    )
    if len(rows):
        assert by_origin(rows, SOURCES, source_of, day_of) is not None


@pytest.fixture
def shelf(tmp_path):
    """Two passages of each article, the last but one with a source that cannot be written."""
    sources = ["AP", "AP", "AFP", 'The "Post"', ""]
    articles = [
        Article("Rain. Wind.", id=str(n), source=source, author="Ann" if n % 2 else "Bo",
                published=datetime.date(2024, 1, 1 + n) if source else None)
        for n, source in enumerate(sources)
    ]  # fmt: skip
    passages = [
        Passage(one.id, a, b, one.text[a:b]) for one in articles for a, b in ((0, 5), (6, 11))
    ]
    rows = InMemory(np.eye(10, 16, dtype=np.float32))
    store.write(tmp_path, articles, passages, rows)
    return store.SnapshotStore(tmp_path)


def day(number: int) -> int:
    return datetime.date(2024, 1, number).toordinal()


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (Filters(("AP",)), [f'source in ["AP"] and day >= {day(1)} and day <= {day(2)}']),
        (Filters(("AFP",)), [f'source in ["AFP"] and day >= {day(3)} and day <= {day(3)}']),
        (Filters(), [""]),
        (
            Filters(until=datetime.date(2024, 1, 3)),
            [f'source in ["AP", "AFP"] and day >= {day(1)} and day <= {day(3)}'],
        ),
        (Filters(articles=("0", "2")), ['article_id in ["0", "2"]']),
        (Filters(authors=("Ann",)), ["row in [2, 3, 6, 7]"]),
        (Filters(('The "Post"',)), ["row in [6, 7]"]),
        (Filters(("",)), ['source in [""] and day >= 0 and day <= 0']),
    ],
    ids=str,
)
def test_filters_as_expressions(shelf, wanted, expected):
    rows, _ = shelf.matching(wanted)
    found = filters(rows, shelf.common)
    assert found == expected
    assert filters(None, shelf.common) == [""]
    assert filters(rows[:0], shelf.common) == []
    assert filters(rows[:1], shelf.common) == [f"row in [{rows[0]}]"]
