"""The word lists agree with the calendar, and cannot be spelt out a second time."""

from __future__ import annotations

import calendar
import re
from pathlib import Path

import pytest

from rag.text import vocabulary
from rag.text.vocabulary import (
    MONTH_OR_SHORT,
    MONTHS,
    SHORT_MONTHS,
    WEEKDAYS,
    month_number,
    weekday_number,
)

ROOT = Path(__file__).parents[2]


def test_months_and_weekdays_are_the_calendars() -> None:
    assert list(MONTHS) == list(calendar.month_name)[1:]
    assert list(WEEKDAYS) == list(calendar.day_name)


@pytest.mark.parametrize("name", [*MONTHS, *SHORT_MONTHS, "may", "SEPT", "december"])
def test_a_month_in_any_form_is_found_and_has_its_number(name: str) -> None:
    assert re.fullmatch(MONTH_OR_SHORT, name, re.IGNORECASE)
    assert calendar.month_abbr[month_number(name)].lower() == name[:3].lower()


@pytest.mark.parametrize("day", [*WEEKDAYS, "mon", "THURS"])
def test_a_weekday_has_the_number_that_datetime_gives_it(day: str) -> None:
    assert calendar.day_abbr[weekday_number(day)].lower() == day[:3].lower()


def test_no_other_module_lists_the_months_or_weekdays() -> None:
    listed = re.compile(
        r"\bfeb\w*\W+(?:\w+\W+)?mar|\btue\w*\W+(?:\w+\W+)?wed|\bsix\W+seven\W+eight", re.IGNORECASE
    )
    sources = [*(ROOT / "rag").rglob("*.py"), *(ROOT / "eval").rglob("*.py")]
    found = {file.name for file in sources if listed.search(file.read_text(encoding="utf-8"))}
    assert found == {Path(vocabulary.__file__).name}
