"""Lists of articles: their order, their pages and their counts."""

from __future__ import annotations

import datetime
import random
import string

import numpy as np
import pytest

from rag.index import store
from rag.index.boolean import parse
from rag.index.listed import in_order
from rag.index.vectors import InMemory
from rag.types import SORTS, Article, Filters, Passage

DAYS = [None, datetime.date(2023, 2, 1), datetime.date(2023, 2, 28), datetime.date(2024, 1, 5)]
ODD = ["", "“An end”", "¿Qué?", "école", "École", "zebra", "Zebra", "…", "ខ្មែរ", " a"]


@pytest.fixture(scope="module")
def catalogue(tmp_path_factory):
    chosen = random.Random(5)
    titles = ODD + ["".join(chosen.choices(string.printable, k=3)).strip() for _ in range(90)]
    articles = [
        Article(f"Rain {n % 3}", title, str(n), chosen.choice(ODD), published=chosen.choice(DAYS))
        for n, title in enumerate(titles)
    ]
    folder = tmp_path_factory.mktemp("listed")
    passages = [Passage(one.id, 0, 4, "Rain") for one in articles]
    vectors = InMemory(np.ones((len(articles), 1), np.float32))
    store.write(folder, articles, passages, vectors)
    return store.SnapshotStore(folder)


@pytest.mark.parametrize("sort", SORTS)
@pytest.mark.parametrize("typed", ["", "rain", '"rain 1"'])
def test_pages_make_up_the_list_and_several_lists_have_one_order(catalogue, sort, typed):
    search = parse(typed)
    listed = catalogue.find(search, sort=sort)
    pages = [catalogue.find(search, Filters(), sort, n, n + 7) for n in range(0, 105, 7)]
    assert [one for page in pages for one in page] == listed
    mixed = random.Random(1).sample(listed, len(listed))
    assert in_order(mixed, sort) == listed
    assert len(listed) == catalogue.tally(search).articles == (33 if "1" in typed else 100)


def test_a_list_begins_with_what_is_asked_for(catalogue):
    days = [one.published for one in catalogue.find(None, sort="oldest")]
    dated = [day for day in days if day]
    assert days == [*sorted(dated), *[""] * (len(days) - len(dated))]
    titles = [one.title for one in catalogue.find(None, sort="title")]
    assert titles.index("“An end”") < titles.index("zebra")
    assert titles[-1] == "" != titles[0]


def test_articles_are_counted_by_source_and_month(catalogue):
    counted = catalogue.tally(None, Filters(since=DAYS[1], until=DAYS[2]))
    assert set(counted.months) == {"2023-02"}
    assert sum(counted.sources.values()) == counted.months["2023-02"] == counted.articles
    assert "" in catalogue.tally(None).months
