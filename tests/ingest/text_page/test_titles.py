"""Titles: which line is one, and the name of the site that is cut off."""

from __future__ import annotations

import pytest
from pages import RELIEF, RIVER, only


@pytest.mark.parametrize(
    ("head", "title", "source"),
    [
        ("Home Latest News Banks fall by eight percent\nBanks fall by eight percent", "", ""),
        ("Banks fall by eight percent - The Site\nBanks fall by eight percent", "", "The Site"),
        ("Banks fall by eight percent | World | My Site", "", "My Site"),
        ("Phnom Penh Post\nBanks fall by eight percent", "", "Phnom Penh Post"),
        ("Live TV\nRadio\nToday\nBanks fall by eight percent", "", ""),
        (
            "We use cookies. By staying you agree.\nBanks fall by eight percent",
            "",
            "",
        ),
        ("Who ordered the audits?", "Who ordered the audits?", ""),
        ("Audio leak at the P.M.", "Audio leak at the P.M.", ""),
        ("កម្ពុជាចាប់ខ្លួនមនុស្ស១០០០នាក់", "កម្ពុជាចាប់ខ្លួនមនុស្ស១០០០នាក់", ""),
        ("首页\n柬埔寨打击网络犯罪逮捕千余人", "柬埔寨打击网络犯罪逮捕千余人", ""),
        ("آڈیو لیکس سے سوالات", "آڈیو لیکس سے سوالات", ""),
    ],
    ids=lambda value: str(value)[:24],
)
def test_title_and_site(head: str, title: str, source: str) -> None:
    found = only(f"{head}\n\n{RIVER}\n\n{RELIEF}")
    assert found.title == (title or "Banks fall by eight percent")
    assert found.source == source
    assert found.text == f"{RIVER}\n\n{RELIEF}"
