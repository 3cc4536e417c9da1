"""The filters that a reader sees are those in force, and each choice leads to what it says."""

from __future__ import annotations

import datetime
import json
import re
from dataclasses import replace
from html import unescape

import pytest
from hypothesis import given
from markup import HOSTILE, any_text, elements, shown, values

from rag.chat.conversation import filters_of
from rag.chat.html import filters_html
from rag.types import Facets, Filters
from rag.wording import LANGUAGES, wording
from rag.wording.visible import visible

DAY = datetime.date.fromisoformat
FACETS = Facets(
    articles=4,
    sources={"The Post": 3, "AFP": 1, "Empty": 0},
    months={"2016-12": 2, "2017-01": 0, "2017-02": 1},
    undated=1,
)
ALL = Filters(("The Post", "AFP"), DAY("2017-02-01"), DAY("2017-02-28"), ("a1",))
BARE = Facets(0, {}, {}, 0)


def leads_to(html: str) -> list[Filters]:
    """The filters that the buttons put in force, in order, as the page reads them."""
    return [filters_of(json.loads(value)) for value in values(html, "data-filters")]


def buttons(html: str) -> dict[str, str]:
    """Each button of months by its id."""
    found = re.findall(r'<button[^>]* id="month-([^"]*)".*?</button>', html)
    whole = re.findall(r'<button[^>]* id="month-.*?</button>', html)
    return dict(zip(found, whole, strict=True))


def in_force(html: str) -> str:
    return html.partition("<details")[0]


# What is in force


@pytest.mark.parametrize(
    ("total", "said"),
    [
        (0, "Asks all 0 articles"),
        (1, "Asks the one article there is"),
        (1234, "all 1,234 articles"),
    ],
)
def test_without_filters_all_is_asked(total, said):
    html = filters_html(FACETS, Filters(), total)
    assert said in in_force(html)
    assert "<button" not in in_force(html)


def test_each_filter_is_taken_away_by_its_button():
    html = in_force(filters_html(FACETS, ALL, 9, "Raids in Kratie"))
    names = [unescape(n) for n in re.findall('class="chip".*?<span dir="auto">(.*?)</span>', html)]
    assert names == [
        "Only: Raids in Kratie", "The Post", "AFP", "Since 1 February 2017",
        "Until 28 February 2017",
    ]  # fmt: skip
    assert leads_to(html) == [
        replace(ALL, articles=None),
        replace(ALL, sources=("AFP",)),
        replace(ALL, sources=("The Post",)),
        replace(ALL, since=None),
        replace(ALL, until=None),
        Filters(),
    ]
    assert values(html, "aria-label")[1:] == [f"Remove the filter: {name}" for name in names]
    assert "Asks 4 of 9 articles" in html


@pytest.mark.parametrize(
    ("filters", "chips"),
    [
        (Filters(("AFP",)), 1),
        (Filters(since=DAY("2017-01-01")), 1),
        (Filters(until=DAY("2017-01-01")), 1),
        (Filters(articles=("a1",)), 1),
        (Filters(("AFP",), until=DAY("2017-01-01")), 2),
    ],
    ids=["source", "since", "until", "article", "two"],
)
def test_only_what_is_in_force_is_said_to_be(filters, chips):
    html = in_force(filters_html(FACETS, filters, 9, "T"))
    assert html.count('class="chip"') == chips
    assert leads_to(html)[-1] == Filters()


# The choices


def test_sources_are_ticked_and_counted():
    html = filters_html(FACETS, Filters(("AFP", "Gone")), 9)
    boxes = re.findall('<label><input type="checkbox".*?</label>', html)
    assert [shown(box).split() for box in boxes] == [
        ["The", "Post", "3"],
        ["AFP", "1"],
        ["Empty", "0"],
    ]
    assert values("".join(boxes), "value") == ["The Post", "AFP", "Empty"]
    assert [" checked>" in box for box in boxes] == [False, True, False]
    assert len(set(values("".join(boxes), "id"))) == 3


FIELDED = replace(
    FACETS,
    authors={f"Ann {n}": 60 - n for n in range(60)},
    sections={"World": 3, "Arts & Life": 1},
    languages={"km": 4},
    formats={"html": 2, "pdf": 2},
)


def test_fields_of_several_values_are_in_a_fold():
    html = filters_html(FIELDED, Filters(), 9)
    fold = html.partition('<details id="more-filters">')[2].partition("</details>")[0]
    assert [shown(one) for one in re.findall("<legend>.*?</legend>", fold)] == [
        "Author",
        "Section",
        "Format",
    ]
    boxes = re.findall('<label><input type="checkbox" name="section".*?</label>', fold)
    assert [shown(box).split() for box in boxes] == [["World", "3"], ["Arts", "&", "Life", "1"]]
    assert values("".join(boxes), "value") == ["World", "Arts & Life"]
    assert "More filters" not in filters_html(replace(FACETS, languages={"km": 4}), Filters(), 9)


def test_of_very_many_values_the_others_are_typed():
    html = filters_html(FIELDED, Filters(authors=("Ann 50",)), 9)
    boxes = re.findall('<input type="checkbox" name="author".*?>', html)
    assert values("".join(boxes), "value") == [f"Ann {n}" for n in (*range(20), 50)]
    assert [" checked>" in box for box in boxes] == [False] * 20 + [True]
    assert "One of 39 others" in html
    options = html.partition("<datalist")[2].partition("</datalist>")[0]
    assert values(options, "value") == [f"Ann {n}" for n in range(20, 60) if n != 50]


def test_each_value_of_a_field_is_taken_away_by_its_button():
    chosen = Filters(
        ("AFP",),
        authors=("Ann 1", "Ann 2"),
        sections=("World",),
        languages=("km",),
        formats=("pdf",),
    )
    html = in_force(filters_html(FIELDED, chosen, 9))
    named = [shown(chip).removesuffix(" ×") for chip in re.findall("<li>.*?</li>", html)]
    assert named == [
        "AFP", "Author: Ann 1", "Author: Ann 2", "Section: World", "Language: Khmer", "Format: PDF",
    ]  # fmt: skip
    assert leads_to(html)[1:] == [
        replace(chosen, authors=("Ann 2",)), replace(chosen, authors=("Ann 1",)),
        replace(chosen, sections=()), replace(chosen, languages=()), replace(chosen, formats=()),
        Filters(),
    ]  # fmt: skip


def test_days_stand_in_their_fields():
    html = filters_html(FACETS, Filters(since=DAY("2017-02-01")), 9)
    assert re.findall('<input type="date" name="(.*?)" id=".*?" value="(.*?)">', html) == [
        ("since", "2017-02-01"),
        ("until", ""),
    ]
    assert "1 article has no date: it is left out" in html
    assert "no date" not in filters_html(replace(FACETS, undated=0), Filters(), 9)


def test_the_form_keeps_the_article_that_is_asked():
    assert values(filters_html(FACETS, ALL, 9, "T"), "data-article") == ["a1"]
    assert values(filters_html(FACETS, Filters(), 9), "data-article") == [""]


def test_a_month_leads_to_its_first_and_last_day_and_keeps_the_rest():
    filters = replace(ALL, since=DAY("2016-01-05"), until=None)
    bars = buttons(filters_html(FACETS, filters, 9, "T"))
    assert {month: leads_to(bar) for month, bar in bars.items()} == {
        "2016-12": [replace(ALL, since=DAY("2016-12-01"), until=DAY("2016-12-31"))],
        "2017-02": [replace(ALL, since=DAY("2017-02-01"), until=DAY("2017-02-28"))],
    }
    assert [values(bar, "aria-pressed") for bar in bars.values()] == [["false"]] * 2
    assert values(bars["2016-12"], "aria-label") == ["December 2016: 2 articles"]
    assert values(bars["2017-02"], "aria-label") == ["February 2017: 1 article"]


def test_the_month_that_is_chosen_is_pressed_and_left_by_its_bar():
    bars = buttons(filters_html(FACETS, ALL, 9, "T"))
    assert values(bars["2017-02"], "aria-pressed") == ["true"]
    assert values(bars["2016-12"], "aria-pressed") == ["false"]
    assert leads_to(bars["2017-02"]) == [replace(ALL, since=None, until=None)]


@pytest.mark.parametrize(
    ("month", "last"),
    [("2016-02", 29), ("2017-02", 28), ("2017-04", 30), ("2017-12", 31), ("9999-12", 31)],
)
def test_months_end_on_their_last_day(month, last):
    html = filters_html(Facets(1, {}, {month: 1}, 0), Filters(), 1)
    since = DAY(f"{month}-01")
    assert leads_to(buttons(html)[month]) == [Filters((), since, since.replace(day=last))]


def test_bars_are_as_high_as_they_have_articles():
    months = {"2017-01": 8, "2017-02": 2, "2017-03": 0, "2017-04": 1}
    html = filters_html(Facets(11, {}, months, 0), Filters(), 11)
    assert re.findall(r"height:(\d+)%", html) == ["100", "25", "0", "12"]
    assert len(buttons(html)) == 3  # An empty month cannot be chosen.
    assert html.count('<li class="none">') == 1
    assert values(html.partition('<li class="none">')[2], "title")[0] == "March 2017: 0 articles"


@pytest.mark.parametrize(
    ("counts", "drawn"),
    [
        ([1, 0, 1], "bnb"),
        ([1, 0, 0, 1], "bnnb"),
        ([1, 0, 0, 0, 1], "bgb"),
        ([1, *[0] * 11, 1, 0, 1], "bgbnb"),
        ([1], "b"),
    ],
    ids=["one", "two", "three", "many", "no other"],
)
def test_a_long_time_without_articles_is_drawn_as_a_gap(counts, drawn):
    months = {f"{2017 + n // 12}-{n % 12 + 1:02}": count for n, count in enumerate(counts)}
    html = filters_html(Facets(sum(counts), {}, months, 0), Filters(), 9)
    bars = html.partition("<ol")[2]
    kinds = re.findall('<li(?: class="(none|gap)")?>', bars)
    assert "".join(kind[0] if kind else "b" for kind in kinds) == drawn


def test_without_sources_or_dates_there_is_nothing_to_choose_of_them():
    html = filters_html(BARE, Filters(), 0)
    assert "checkbox" not in html
    assert "<figure" not in html
    assert leads_to(html) == []
    assert "checkbox" in filters_html(replace(BARE, sources={"a": 0}), Filters(), 0)


def test_when_no_article_fits_no_month_can_be_chosen():
    months = {"2017-01": 0, "2017-02": 0}
    html = filters_html(Facets(0, {"Empty": 0}, months, 0), Filters(("Empty",)), 9)
    assert "Asks 0 of 9 articles" in html
    assert buttons(html) == {}


# Names are text


@pytest.mark.parametrize("hostile", HOSTILE.values(), ids=HOSTILE)
@given(text=any_text)
def test_no_name_or_title_is_markup(hostile, text):
    def page(name: str) -> str:
        facets = Facets(1, {name: 1, "b": 2}, {"2017-01": 1}, 0)
        return filters_html(facets, Filters((name,), articles=(name,)), 9, name)

    name = hostile + text
    html = page(name)
    assert elements(html) == elements(page("x"))
    assert shown(html).count(visible(name)) >= 3
    assert values(html, "value")[0] == name
    assert values(html, "data-article") == [name]
    assert leads_to(html)[:2] == [Filters((name,)), Filters(articles=(name,))]


@pytest.mark.parametrize("language", LANGUAGES)
def test_in_every_language_the_choices_are_the_same(language):
    say = wording(language)
    html = filters_html(FACETS, ALL, 9, "{title} {n}", say)
    assert leads_to(html) == leads_to(filters_html(FACETS, ALL, 9, "{title} {n}"))
    assert elements(html) == elements(filters_html(FACETS, ALL, 9, "{title} {n}"))
    assert "{title} {n}" in shown(html)
    assert say.month(DAY("2016-12-01")) in unescape(html)


def test_the_real_archive_is_narrowed_down_by_its_own_choices(archive):
    """Each choice leaves as many articles as it says."""
    html = filters_html(archive.facets(), Filters(), archive.overview().articles)
    for month, bar in buttons(html).items():
        (filters,) = leads_to(bar)
        left = archive.facets(since=filters.since, until=filters.until).articles
        noun = "article" if left == 1 else "articles"
        assert values(bar, "aria-label")[0].endswith(f": {left} {noun}"), month
    boxes = re.findall('<label><input type="checkbox".*?</label>', html)
    assert {values(box, "name")[0] for box in boxes} == {"source", "author"}
    for box in boxes:
        chosen = {f"{values(box, 'name')[0]}s": values(box, "value")}
        assert archive.facets(**chosen).articles == int(shown(box).split()[-1])
