"""Words that need the day of writing, and capitals that only look like them."""

from __future__ import annotations

import itertools
import re

import pytest
from growth import LINEAR, growth
from hypothesis import given
from hypothesis import strategies as st

from rag.text.relative_dates import relative_days

# The words in square brackets are what is to be found.
FOUND = {
    "yesterday": "Sam Rainsy [yesterday] distributed a trove.",
    "opening-yesterday": "[Yesterday] he left.",
    "opening-before-a-name": "[Today] Hun Manet spoke.",
    "in-a-quotation": 'He said "[today] is the day".',
    "opening-a-quotation": "“[Tomorrow] we vote,” she said.",
    "behind-a-quotation": "“Go.” [Tonight] they did.",
    "part-of-a-day": "They met [yesterday afternoon].",
    "possessive": "After [yesterday]'s raid and [last week]’s arrests.",
    "last-week": "At viewings in Taipei [last week], attendees clapped.",
    "last-month": "Amnesty [last month] published the findings.",
    "last-night": "Police came [last night] and again [this morning].",
    "last-year": "It began [last year].",
    "opening-last-year": "[Last year] it began.",
    "new-line": "Raids\n[This week] 300 were held.",
    "next-weekday": "The trial opens [next Monday].",
    "last-weekday": "The conflict erupted [last Thursday].",
    "last-month-by-name": "He won [last August].",
    "earlier-this-month": "The clips circulated [earlier this month].",
    "late-last-year": "It was sold [late last year].",
    "on-weekday": "It was announced [on Monday].",
    "opening-on-weekday": "[On Monday] Rubio urged peace.",
    "bare-weekday": "At least 270 were arrested [Wednesday] in Poipet.",
    "late-on": "a statement released [late Monday]",
    "on-late": "released late [on Monday].",
    "between-weekdays": "held between [Monday] and [Wednesday], police said",
    "weekday-part": "He died [on Friday night].",
    "weekday-possessive": "ahead of [Sunday]'s vote",
    "weekday-then-time": "It opens [Friday] at 3pm.",
    "weekday-then-count": "Police said [Monday] 12 people were held.",
    "by-weekday-opening": "By [Friday] the town was empty.",
    "days-ago": "It happened [two days ago] in Kratie.",
    "a-year-ago": "[A year ago] it was a village; [10 years ago], a field.",
    "a-few-weeks-ago": "They met [a few weeks ago].",
    "before-yesterday": "They left [the day before yesterday].",
}
LEFT = {
    "date": "It was sent on Monday, 2 March 2017.",
    "date-without-comma": "on Monday 2 March",
    "american-date": "on Monday, March 2, 2017",
    "bracketed-date": "Cambodia on Wednesday (July 16) said that an order came.",
    "date-before": "on 16 July 2025 (Wednesday)",
    "date-before-american": "On July 16, Wednesday",
    "ordinal": "on Monday the 2nd",
    "last-weekday-dated": "It happened last Thursday (July 24).",
    "black-friday": "The best Black Friday deals",
    "cyber-monday": "Cyber Monday is here.",
    "good-friday": "the Good Friday Agreement",
    "usa-today": "USA Today reported it.",
    "today-show": "He went on the Today Show.",
    "opening-today-show": "Today Show hosts laughed.",
    "quoted-title": "on “Today”, a programme",
    "last-week-tonight": "the Last Week Tonight show",
    "tonight-show": "on The Tonight Show with him",
    "saturday-night-live": "on Saturday Night Live",
    "sunday-times": "The Sunday Times said",
    "sheffield": "a fan of Sheffield Wednesday",
    "wednesday-addams": "as Wednesday Addams in the series",
    "film": "The Day After Tomorrow was a film.",
    "plural": "It opens on Mondays.",
    "every": "every Friday they prayed",
    "first-of-month": "the first Monday in October",
    "last-of-month": "the last Monday of May",
    "the-last-week": "in the last week of the war",
    "the-next-year": "The next year he resigned.",
    "recently": "It recently happened, and now it is over.",
    "large-count": "1,000 years ago they built it.",
    "compound": "a yesterday-like feeling",
    "bare-date": "On 2 March 2017 and in July.",
    "nothing": "",
}


def bracketed(text):
    for start, end in reversed(relative_days(text)):
        text = f"{text[:start]}[{text[start:end]}]{text[end:]}"
    return text


@pytest.mark.parametrize("marked", FOUND.values(), ids=FOUND)
def test_found(marked):
    assert bracketed(re.sub(r"[][]", "", marked)) == marked


@pytest.mark.parametrize("text", LEFT.values(), ids=LEFT)
def test_left_alone(text):
    assert bracketed(text) == text


@given(
    st.lists(st.sampled_from([*'aT .,"“”\n(2', "last ", "on ", "Monday", "today", "March "])).map(
        "".join
    )
)
def test_spans_are_in_order_and_apart(text):
    spans = relative_days(text)
    assert all(0 <= start < end <= len(text) for start, end in spans)
    assert all(a[1] <= b[0] for a, b in itertools.pairwise(spans))


@pytest.mark.parametrize("piece", ["last ", "on Monday ", "Monday\n", "a few ", '"', "1"])
def test_time_grows_with_length_only(piece):
    assert growth(relative_days, lambda n: piece * (n // len(piece)), 50_000) < LINEAR
