"""An author line gives its names, and values count as the same whatever their case."""

from __future__ import annotations

import datetime
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.text.fields import authors, is_by, is_within, key_of, language_of, values_of
from rag.types import Article, Filters

DAY = datetime.date(2024, 5, 2)
ARTICLE = Article(
    "Rain fell.", id="a", source="The Post", author="Ann Lee and Bo Ek", published=DAY,
    language="en-GB", section="World  News", format="html",
)  # fmt: skip


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("Ann Lee", ["Ann Lee"]),
        ("Ann Lee, Bo Ek and Cy Orr", ["Ann Lee", "Bo Ek", "Cy Orr"]),
        ("Ann Lee, Bo Ek, and Cy Orr", ["Ann Lee", "Bo Ek", "Cy Orr"]),
        ("By ANN LEE & Bo Ek", ["ANN LEE", "Bo Ek"]),
        ("by: Ann Lee", ["Ann Lee"]),
        ("Ann Lee; Bo Ek | Cy Orr", ["Ann Lee", "Bo Ek", "Cy Orr"]),
        ("Ann Lee / Bo Ek with Cy Orr", ["Ann Lee", "Bo Ek", "Cy Orr"]),
        ("Ann Lee, Staff Writer", ["Ann Lee"]),
        ("Ann Lee, Senior Health Correspondent, and Bo Ek, Editor", ["Ann Lee", "Bo Ek"]),
        ("Staff Reporter", ["Staff Reporter"]),
        ("Ann Lee (Reuters), Bo Ek <bo@example.org>", ["Ann Lee", "Bo Ek"]),
        ("https://example.org/ann-lee, Bo Ek", ["Bo Ek"]),
        ("Ann Lee in Phnom Penh and Bo Ek in Hanoi", ["Ann Lee", "Bo Ek"]),
        ("Ann Lee in Oakland, California, Bo Ek in Hanoi, Vietnam", ["Ann Lee", "Bo Ek"]),
        ("Ann Lee, Texas A&M University", ["Ann Lee", "Texas A&M University"]),
        ("Lee, Ann", ["Ann Lee"]),
        ("Lee, Ann; Ek, Bo", ["Ann Lee", "Bo Ek"]),
        ("Lee, Ann, Ek, Bo", ["Ann Lee", "Bo Ek"]),
        ("Lee, Ann, and Bo Ek", ["Ann Lee", "Bo Ek"]),
        ("Ann Lee, Jr., Bo Ek, Ph.D.", ["Ann Lee, Jr", "Bo Ek, Ph.D"]),
        ("LEE, ANN", ["ANN LEE"]),
        ("Lee, Ann, Reuters", ["Ann Lee", "Reuters"]),
        ("AFP, Reuters", ["AFP", "Reuters"]),
        ("Bernama, Reuters", ["Bernama", "Reuters"]),
        ("Anne Lé et Guy Roux", ["Anne Lé", "Guy Roux"]),
        ("Von Eva Maier und Max Pohl", ["Eva Maier", "Max Pohl"]),
        ("José Ortega y Gasset", ["José Ortega y Gasset"]),
        ("Ana Ruiz y José Gil", ["Ana Ruiz", "José Gil"]),
        ("Sandy Anderson", ["Sandy Anderson"]),
        ("Byron Vonn", ["Byron Vonn"]),
        ("علی خان اور سارہ احمد", ["علی خان", "سارہ احمد"]),
        ("សុខ វណ្ណា និង ចាន់ ដារា", ["សុខ វណ្ណា", "ចាន់ ដារា"]),
        ("Ann Lee, ann  lee", ["Ann Lee"]),
        ("", []),
        (" , ;", [", ;"]),
    ],
)
def test_an_author_line_is_split_into_its_names(line, names):
    assert list(authors(line)) == names


@given(st.text())
def test_any_author_line_has_names_without_space_around_them_each_once(line):
    names = authors(line)
    assert bool(names) == bool(line.strip())
    assert all(name == name.strip() and name for name in names)
    assert len(set(map(key_of, names))) == len(names)


@pytest.mark.parametrize(
    ("line", "name", "found"),
    [
        ("Ann Lee and Bo Ek", "bo ek", True),
        ("Ann Lee and Bo Ek", "Lee", True),
        ("Lee, Ann", "Ann Lee", True),
        ("Ann Leeds", "Ann Lee", False),
        ("Ann Lee, Bo Ek", "Lee Bo", False),
        ("", "Lee", False),
    ],
)
def test_an_article_is_by_each_of_its_authors(line, name, found):
    assert is_by(line, name) == found


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("en", "en"), ("EN-gb", "en"), ("km_KH", "km"), ("zh-Hant-TW", "zh"), ("fil", "fil"),
        ("English", "en"), ("KHMER", "km"), (" urdu ", "ur"), ("Klingonese", "Klingonese"),
        ("xx-YY", "xx-YY"), ("", ""),
    ],
)  # fmt: skip
def test_a_language_is_known_by_tag_and_by_name(written, code):
    assert language_of(written) == code


def test_the_values_of_an_article():
    assert values_of(ARTICLE, "authors") == ("Ann Lee", "Bo Ek")
    assert values_of(ARTICLE, "sections") == ("World News",)
    assert values_of(ARTICLE, "languages") == ("en",)
    assert values_of(ARTICLE, "formats") == ("html",)
    assert values_of(Article("Rain fell."), "sections") == ()
    several = Article("Rain fell.", section="World; Arts, Culture & Life | WORLD ;")
    assert values_of(several, "sections") == ("World", "Arts, Culture & Life")


@pytest.mark.parametrize(
    ("filters", "within"),
    [
        (Filters(), True),
        (Filters(("The Post",), DAY, DAY, ("a",)), True),
        (Filters(("The Daily",)), False),
        (Filters(since=DAY.replace(day=3)), False),
        (Filters(until=DAY.replace(day=1)), False),
        (Filters(articles=()), False),
        (Filters(authors=("Cy Orr", "BO EK")), True),
        (Filters(authors=("Lee",)), False),
        (Filters(sections=("world news",), languages=("en",), formats=("html",)), True),
        (Filters(sections=("world news",), languages=("en",), formats=("pdf",)), False),
    ],
)
def test_filters_leave_the_articles_that_have_what_they_ask_for(filters, within):
    assert is_within(filters, ARTICLE) == within


def test_an_undated_article_is_left_out_by_any_day():
    undated = replace(ARTICLE, published=None)
    assert is_within(Filters(), undated)
    assert not is_within(Filters(until=DAY), undated)
