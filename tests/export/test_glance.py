"""An answer in one line: the words with what limits them, and whose they are."""

from __future__ import annotations

import datetime

import pytest

from rag.citation import cite
from rag.export.glance import glance, in_one_line
from rag.types import Answer, Article, Claim

DAY = datetime.date(2024, 5, 3)


def at_a_glance(text, short):
    """The line of an answer that quotes all of `text`, with `short` marked."""
    article = Article(text, id="a", source="River Times", published=DAY)
    start = text.index(short)
    claims = (Claim(text, (1,), marks=((start, start + len(short)),)),)
    answer = Answer(
        "Asked?", "Asked?", text, "answered", citations=(cite(article, (0, len(text)), 1),),
        claims=claims, confidence=0.9,
    )  # fmt: skip
    found = glance(answer, {"a": article})
    return in_one_line(found)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("The mill sold nearly 40 carts.", "nearly 40 — River Times, 3 May 2024"),
        (
            "It rained. The harbour master said nearly 40 carts sank.",
            "nearly 40 — The harbour master, River Times, 3 May 2024",
        ),
        (
            "“It rained,” Lena Moor said. The mill sold nearly 40 carts.",
            "nearly 40 — River Times, 3 May 2024",
        ),
    ],
)
def test_who_says_the_short_answer_is_named_in_its_line(text, line):
    assert at_a_glance(text, "nearly 40") == line
