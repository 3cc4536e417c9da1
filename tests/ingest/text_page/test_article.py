"""The text of an article: which lines of its page belong to it."""

from __future__ import annotations

import pytest
from pages import BRIDGE, RELIEF, RIVER, only

from rag.ingest.text_page.article import Found


@pytest.mark.parametrize(
    "line",
    [
        "By the time the water fell, it was too late",
        "Subscribers to the newsletter had been warned",
        "Terms of the deal were not disclosed.",
        "Privacy policy changes alarm users",
        "Contact US troops, governor says",
        "Comments made in anger",
        "Share prices fell, too",
        "Home",
        "Opinion",
    ],
)
def test_subheads_in_the_body(line: str) -> None:
    found = only(f"River rises, three villages cut off\n{RIVER}\n{RELIEF}\n{line}\n{BRIDGE}")
    kept = line != "Home"
    assert (line in found.text.split("\n")) is kept
    assert found.text.endswith(BRIDGE)


@pytest.mark.parametrize(
    "text",
    [
        f"{RIVER}\n\n{RELIEF}\n\nA subhead\n\n{BRIDGE}",
        "The government said on Tuesday that it would\nclose the bridge until engineers had come.",
        "Hello",
        "ភ្នំពេញ៖ រដ្ឋាភិបាលកម្ពុជាបាននិយាយថា បានចាប់ខ្លួនមនុស្ស។\n\nប៉ូលិសបានរឹបអូសឧបករណ៍។",
        "柬埔寨政府星期三表示,本周已逮捕一千多名嫌疑人。\n警方还缴获了设备。",
        "پاکستان میں گفتگو کی ریکارڈنگ لیک ہونا کوئی نئی بات نہیں۔\n\nوزیر نے کہا۔",
    ],
    ids=["paragraphs", "wrapped", "one-word", "khmer", "chinese", "urdu"],
)
def test_page_without_a_title_keeps_all_its_text(text: str) -> None:
    assert only(text) == Found(text=text)


def test_blank_lines_stay_between_paragraphs_and_go_with_what_is_left_out() -> None:
    found = only(f"\n\nRiver rises\n\n\n{RIVER}\n\n\nAdvertisement\n\n{RELIEF}\n\n")
    assert found.text == f"{RIVER}\n\n\n{RELIEF}"


def test_short_repeated_lines_are_no_repeated_caption() -> None:
    text = f"{RIVER}\nWhy?\n{RELIEF}\nWhy?\n{BRIDGE}"
    assert only(f"Talk with the governor\n{text}").text == text
