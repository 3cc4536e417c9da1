"""Dates: in full, as records and pages write them, and in questions, with what they leave open."""

from __future__ import annotations

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.text.dates import dates_in, is_ambiguous_date, looks_like_date, parse_date

YEARS = (2023, 2024)


@pytest.mark.parametrize(
    ("written", "date"),
    [
        ("2023-11-27 08:45:59.000000000Z", (2023, 11, 27)),
        ("2023-10-31T02:30:32+00:00", (2023, 10, 31)),
        ("2023-10-31T23:30:32-11:00", (2023, 10, 31)),
        ("2023-10-31", (2023, 10, 31)),
        ("2 March 2017", (2017, 3, 2)),
        ("2nd of March, 2017", (2017, 3, 2)),
        ("March 2, 2017", (2017, 3, 2)),
        ("Thursday, March 2, 2017", (2017, 3, 2)),
        ("Mar. 2, 2017", (2017, 3, 2)),
        ("Sept. 2 2017 at 5pm", (2017, 9, 2)),
        ("Mon, 27 Nov 2023 08:45:59 GMT", (2023, 11, 27)),
        ("29/07/2025", (2025, 7, 29)),
        ("03/03/2017", (2017, 3, 3)),
        ("03/04/2017", None),
        ("2023-10", None),
        ("July 16", None),
        ("March 2017", None),
        ("2017", None),
        ("31 February 2017", None),
        ("2023-13-01", None),
        ("yesterday", None),
        ("", None),
        ("2 March 2017 and more", None),
    ],
)
def test_dates(written: str, date: tuple[int, int, int] | None) -> None:
    assert parse_date(written) == (datetime.date(*date) if date else None)
    assert date is None or looks_like_date(written)


@pytest.mark.parametrize(
    ("written", "date"),
    [
        ("20180619", (2018, 6, 19)),
        ("20180619T055000+0900", (2018, 6, 19)),
        ("20181319", None),
        ("1683648131", (2023, 5, 9)),
        ("1683648131000", (2023, 5, 9)),
        ("1683648131.25", (2023, 5, 9)),
        ("4999999999", None),
        ("168364813", None),
        ("Tue Jan 28 15:28:56 CET 2020", (2020, 1, 28)),
        ("Wed May 09 2018 10:00:00 GMT+0200 (Central European Summer Time)", (2018, 5, 9)),
        ("Tue, 9 May 2023 18:02:11 +0200", (2023, 5, 9)),
        ("May 9, 2023 Tuesday", (2023, 5, 9)),
        ("May 9, 2023 Tuesday 6:02 PM GMT", (2023, 5, 9)),
        ("9. Mai 2023", (2023, 5, 9)),
        ("Dienstag, 9. Mai 2023, 18:02 Uhr", (2023, 5, 9)),
        ("9. Mai 2023 um 18.02 Uhr", (2023, 5, 9)),
        ("9 mai 2023 à 18h02", (2023, 5, 9)),
        ("mardi 1er août 2023", (2023, 8, 1)),
        ("9 de mayo de 2023", (2023, 5, 9)),
        ("martes, 9 de mayo de 2023 18:02", (2023, 5, 9)),
        ("terça-feira, 9 de maio de 2023", (2023, 5, 9)),
        ("9 мая 2023 г.", (2023, 5, 9)),
        ("2023. május 9.", (2023, 5, 9)),
        ("ថ្ងៃទី៩ ខែឧសភា ឆ្នាំ២០២៣", (2023, 5, 9)),
        ("ថ្ងៃអង្គារ ទី៩ ខែឧសភា ឆ្នាំ២០២៣", (2023, 5, 9)),
        ("9 مئی 2023ء", (2023, 5, 9)),
        ("۹ مئی ۲۰۲۳", (2023, 5, 9)),
        ("9 مايو 2023", (2023, 5, 9)),
        ("2023年5月9日", (2023, 5, 9)),
        ("2023년 5월 9일 화요일", (2023, 5, 9)),
        ("9 listopada 2023", None),  # November in Polish, October in Croatian.
        ("9 พฤษภาคม 2566", None),  # A year of another calendar.
        ("31 avril 2023", None),
        ("mai 2023", None),
        ("9 mai", None),
        ("9 mai 2023 et 10 mai 2023", None),
        ("9 personnes en mai 2023", None),
        ("Updated 3 hours ago", None),
    ],
)
def test_dates_of_machines_and_of_other_languages(
    written: str, date: tuple[int, int, int] | None
) -> None:
    assert parse_date(written) == (datetime.date(*date) if date else None)


@pytest.mark.parametrize("written", ["03/04/2017", "3.4.2017 10:30"])
def test_the_order_of_an_export_settles_what_is_ambiguous(written: str) -> None:
    assert parse_date(written) is None
    assert is_ambiguous_date(written)
    assert parse_date(written, "dmy") == datetime.date(2017, 4, 3)
    assert parse_date(written, "mdy") == datetime.date(2017, 3, 4)
    # What is clear stays so.
    assert parse_date("29/07/2025", "mdy") == datetime.date(2025, 7, 29)
    assert not is_ambiguous_date("29/07/2025")


def day(text: str) -> datetime.date:
    return datetime.date.fromisoformat(text)


def found(question: str) -> list[tuple[str, list[str]]]:
    """Each date in a question as written, and the days it may mean: "first/last"."""
    return [
        (question[start:end], [f"{first}/{last}" for first, last in times])
        for (start, end), times in dates_in(question, YEARS)
    ]


@pytest.mark.parametrize(
    "written",
    [
        "3 May 2024",
        "03 May 2024",
        "3rd of May, 2024",
        "May 3, 2024",
        "May 3rd 2024",
        "MAY 3, 2024",
        "3 may 2024",
        "2024-05-03",
    ],
)
@pytest.mark.parametrize("question", ["Who won on {}?", "{}: who won?", "Who (on {}) won?", "{}"])
def test_a_full_date_is_one_day(question, written):
    assert found(question.format(written)) == [(written, ["2024-05-03/2024-05-03"])]


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        pytest.param(
            "in May 2024?", [("May 2024", ["2024-05-01/2024-05-31"])], id="month and year"
        ),
        pytest.param(
            "in Feb. 2024?", [("Feb. 2024", ["2024-02-01/2024-02-29"])], id="month of a leap year"
        ),
        pytest.param(
            "on 28 July?",
            [("28 July", ["2023-07-28/2023-07-28", "2024-07-28/2024-07-28"])],
            id="day in each year of the archive",
        ),
        pytest.param(
            "on February 29?",
            [("February 29", ["2024-02-29/2024-02-29"])],
            id="day that one of the years has",
        ),
        pytest.param(
            "on 3 May 2024 or on 4 May 2019?",
            [
                ("3 May 2024", ["2024-05-03/2024-05-03"]),
                ("4 May 2019", ["2019-05-04/2019-05-04"]),
            ],
            id="two days, one beyond the archive",
        ),
        pytest.param(
            "at 2024-05-03T22:10+07:00?",
            [("2024-05-03T22:10", ["2024-05-03/2024-05-03"])],
            id="day with a time",
        ),
        pytest.param("on 31 February 2024?", [], id="no such day"),
        pytest.param("on 2024-13-01?", [], id="no such month"),
        pytest.param("in the year 0, or 3 May 0000?", [], id="no such year"),
        pytest.param("Who won the 2018 election?", [], id="year alone"),
        pytest.param("What happened in July?", [], id="month alone"),
        pytest.param("on 3/4/2024?", [], id="ambiguous"),
        pytest.param("Who may 20 people have seen?", [], id="may, the verb"),
        pytest.param("at May 3:30?", [], id="May and a time"),
        pytest.param("the 12 Mayors, 5 Marches", [], id="words that begin as months do"),
        pytest.param("", [], id="nothing"),
    ],
)
def test_dates_of_a_question(question, expected):
    assert found(question) == expected


@pytest.mark.parametrize(
    ("question", "last", "expected"),
    [
        pytest.param(
            "between 3 May 2024 and 5 May 2024",
            "5 May 2024",
            ["2024-05-03/2024-05-05"],
            id="between",
        ),
        pytest.param(
            "from May 3 to May 5, 2024", "May 5, 2024", ["2024-05-03/2024-05-05"], id="from to"
        ),
        pytest.param(
            "from 3 May until 5 June",
            "5 June",
            ["2023-05-03/2023-06-05", "2024-05-03/2024-06-05"],
            id="in each year",
        ),
        pytest.param(
            "from 2023-12-30 – 2024-01-02",
            "2024-01-02",
            ["2023-12-30/2024-01-02"],
            id="dash, over new year",
        ),
        pytest.param(
            "from May 2023 through June 2024", "June 2024", ["2023-05-01/2024-06-30"], id="months"
        ),
        pytest.param(
            "between 3 and 5 May 2024", "5 May 2024", ["2024-05-03/2024-05-05"], id="days only"
        ),
        pytest.param(
            "between 9 and 5 May 2024", "5 May 2024", ["2024-05-05/2024-05-05"], id="days backwards"
        ),
        pytest.param(
            "3 May 2024 and 5 May 2024", "5 May 2024", ["2024-05-05/2024-05-05"], id="no range"
        ),
        pytest.param(
            "between 3 May 2024, when it rained, and 5 May 2024",
            "5 May 2024",
            ["2024-05-05/2024-05-05"],
            id="more than a range",
        ),
    ],
)
def test_a_range_is_what_lies_between(question, last, expected):
    assert found(f"Who won {question}?")[-1] == (last, expected)


def test_a_range_backwards_is_no_range():
    assert found("between 5 May 2024 and 3 May 2024") == [
        ("5 May 2024", ["2024-05-05/2024-05-05"]),
        ("3 May 2024", ["2024-05-03/2024-05-03"]),
    ]


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("before 5 May 2024", "0001-01-01/2024-05-05"),
        ("until May 2024", "0001-01-01/2024-05-31"),
        ("after 5 May 2024", "2024-05-05/9999-12-31"),
        ("since May 2024", "2024-05-01/9999-12-31"),
        ("before the report of 5 May 2024", "2024-05-05/2024-05-05"),
        ("between 30 December 2023 and 2 January", "2023-12-30/2024-01-02"),
    ],
)
def test_times_without_an_end_and_over_new_year(question, expected):
    assert expected in found(f"Who won {question}?")[-1][1]


@given(st.dates(day("1000-01-01")), st.sampled_from(["{0:%B} {0.day}, {0.year}", "{0}"]))
def test_any_day_is_read_as_it_was_written(date, form):
    written = form.format(date)
    assert found(written) == [(written, [f"{date}/{date}"])]
    assert parse_date(written) == date


@given(
    st.text(max_size=80) | st.text(st.sampled_from("129 -,:/TZofmaiyMAYJune年月日០ខែ"), max_size=80)
)
def test_any_text_is_a_date_or_none(text):
    for order in ("", "dmy", "mdy"):
        found = parse_date(text, order)
        assert found is None or found.year >= 1


@given(st.text() | st.text(st.sampled_from("129 -,:ofmayMAYJune")), st.sets(st.integers(1, 9999)))
def test_any_text_gives_ordered_spans_with_days_in_order(text, years):
    reached = 0
    for (start, end), times in dates_in(text, years):
        assert reached <= start < end <= len(text)
        assert times
        assert all(first <= last for first, last in times)
        reached = end
