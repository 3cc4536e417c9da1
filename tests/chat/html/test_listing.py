"""A list of articles on the page: how many, each with its title, and none that is not there."""

from __future__ import annotations

import re

import pytest
from lists import listed
from markup import shown, values

from rag.chat import html as render
from rag.citation import LISTED, verified
from rag.wording import LANGUAGES, wording


def rendered(n: int, language: str = "en") -> str:
    answer, articles = listed(n)
    return render.answer_html(verified(answer, articles), articles, 3, wording(language))


def test_it_is_said_how_many_and_each_can_be_opened():
    html = rendered(12)
    assert "12 articles of 30,000 contain “Mara Dolin” in title or text." in shown(html)
    assert "The 12 articles, newest first" in shown(html)
    assert values(html, "data-article") == [f"a{i}" for i in range(12)]
    assert values(html, "data-end")[:3] == ["52", "52", "0"]
    assert set(values(html, "data-turn")) == {"3"}
    assert "Day &lt;11&gt;" in html
    assert "Courier, 2 May 2023" in shown(html)


def test_all_but_ten_are_folded():
    folded = rendered(12).partition("<details>")[2].partition("</details>")[0]
    assert values(folded, "data-article") == ["a10", "a11"]
    assert "2 more" in shown(folded)
    assert '<ol start="11">' in folded
    assert "<details>" not in rendered(10)


def test_of_very_many_it_says_how_many_are_not_shown():
    html = rendered(LISTED + 7)
    assert len(values(html, "data-article")) == LISTED
    assert "7 further articles are not shown here." in shown(html)


def test_neither_confidence_nor_dates_are_remarked_on():
    html = rendered(12)
    assert not re.search("match|As of|independent|timeline", html)


def test_a_list_that_no_longer_holds_is_not_shown():
    answer, articles = listed(12)
    del articles["a7"]
    html = render.answer_html(verified(answer, articles), articles)
    assert "listed" not in html
    assert "12 articles" not in html


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_is_said_in_every_language(language):
    assert "Mara Dolin" in shown(rendered(3, language))
