"""Headings of lists: they belong to what stands under them, and the subheads of articles do not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.text.headings import opens_item
from rag.text.quote_context import with_neighbours
from rag.text.sentences import sentence_spans
from tests.growth import LINEAR, growth
from tests.reading import generated

INTRO = "Firms in Orlet have cut more than four thousand jobs this year."
ITEMS = {
    "Shopmore": "Announced on May 4 that it is laying off 2,000 people. More cuts could follow.",
    "Brandt & Lowe": "Said in March that 140 people would have to go.",
    "Spotwell": "Is cutting about 6% of its workforce, around 600 employees in all.",
}
PROSE = "The harbour board voted on Tuesday to close the pier. Nobody had asked it to."


def article(items: dict[str, str], between: str = "\n\n") -> str:
    return between.join([INTRO, *(part for item in items.items() for part in item)])


def sentences(text: str) -> list[str]:
    return [text[start:end] for start, end in sentence_spans(text)]


@pytest.mark.parametrize("between", ["\n\n", "\n", "\n\n\n"])
def test_the_heading_of_an_item_is_part_of_its_first_sentence(between):
    text = article(ITEMS, between)
    assert sentences(text) == [
        INTRO,
        f"Shopmore{between}Announced on May 4 that it is laying off 2,000 people.",
        "More cuts could follow.",
        f"Brandt & Lowe{between}Said in March that 140 people would have to go.",
        f"Spotwell{between}Is cutting about 6% of its workforce, around 600 employees in all.",
    ]


def test_a_month_above_several_firms_is_no_firm():
    text = article(ITEMS).replace("Shopmore", "December 2023\n\nShopmore")
    assert "December 2023" in sentences(text)
    assert sentences(text)[2].startswith("Shopmore\n\nAnnounced")


def test_a_heading_that_its_item_names_again_stands_by_itself():
    text = article(ITEMS | {"Spotwell": "Spotwell is cutting 600 jobs."})
    assert sentences(text)[-2:] == ["Spotwell", "Spotwell is cutting 600 jobs."]


@pytest.mark.parametrize(
    "items",
    [
        pytest.param(dict(list(ITEMS.items())[:2]), id="two"),
        pytest.param({name: "\n\n".join([PROSE] * 4) for name in ITEMS}, id="subheads"),
        pytest.param({f"{name}?": body for name, body in ITEMS.items()}, id="questions"),
        pytest.param({name.lower(): body for name, body in ITEMS.items()}, id="lower case"),
    ],
)
def test_other_headings_stand_by_themselves(items):
    text = article(items)
    assert not any(opens_item(text, span) for span in sentence_spans(text))


def test_a_later_sentence_of_an_item_is_quoted_with_its_heading():
    text = article(ITEMS)
    spans = sentence_spans(text)
    start, end = with_neighbours(text, spans, 2)
    assert text[start:end] == "\n\n".join(["Shopmore", ITEMS["Shopmore"]])


@given(st.lists(st.sampled_from([*ITEMS, *ITEMS.values(), PROSE, "a", "", " ", "X."]), max_size=24))
@generated
def test_joined_sentences_are_those_there_were(rows):
    text = "\n".join(rows)
    spans = sentence_spans(text)
    assert spans == sorted(spans)
    reached = 0
    for start, end in spans:
        assert not text[reached:start].strip()
        reached = end
    assert not text[reached:].strip()


@pytest.mark.parametrize("row", ["Shopmore", "Shopmore\n\nIs cutting jobs.\n", "Is cutting jobs."])
def test_headings_are_found_in_linear_time(row):
    assert growth(sentence_spans, lambda n: f"{row}\n" * n, 2_000) < LINEAR
