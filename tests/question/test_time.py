"""However long or odd what was said before is, a question is understood in little time."""

from __future__ import annotations

import pytest

from rag.errors import QuestionError
from rag.question.answer_type import answer_type
from rag.question.courtesy import is_gibberish, is_small_talk
from rag.question.parse import unquoted
from rag.question.rewrite import MAX_CHARACTERS, understand
from rag.text.dates import dates_in, parse_date
from tests.growth import LINEAR, growth

PIECES = [
    "a", "A ", "Aa ", "Hun Sen and ", "of the ", " ", "\n", '"', "“", "‘", "'a", "(", ", ", "- ",
    "1,", "May ", "3 May ", "in 2020 ", "last week ", "it ", "what ", "who said ", "else ",
    "\u0300\u0316", "e\u0301", "\u00ad", "ﬁ", "អ", "😀",
]  # fmt: skip
"""What makes a pattern that searches for a beginning begin everywhere."""


@pytest.mark.parametrize("piece", PIECES)
def test_what_was_said_before_is_read_in_linear_time(piece: str) -> None:
    def ask(said: str) -> object:
        return understand("And what else did he say about it?", [("Who is Hun Sen?", said)] * 30)

    assert growth(ask, lambda n: piece * (n // len(piece)), 20_000) < LINEAR


@pytest.mark.parametrize("piece", PIECES)
def test_a_text_that_may_be_a_question_is_read_in_linear_time(piece: str) -> None:
    def read(text: str) -> None:
        answer_type(text)
        is_small_talk(text)
        is_gibberish(text)
        unquoted(text)
        list(dates_in(text, [2020, 2021]))
        parse_date(text)

    assert growth(read, lambda n: piece * (n // len(piece)), 8_000) < LINEAR


def test_what_was_said_before_is_cut_before_it_is_read() -> None:
    question = "What else did he say?"
    said = "He said it. " * 1_000_000
    assert len(understand(question, [("Who is Hun Sen?", said)]).told) < 20_000
    assert understand(question, [("a\u0300" * 1_000_000, "")]) == understand(question)


@pytest.mark.parametrize("filler", [" ", "\u00ad", "\u0300\u0316"])
def test_a_question_of_any_length_is_refused_at_once(filler: str) -> None:
    assert understand("Who is Hun Sen" + " " * 5_000 + "?").text == "Who is Hun Sen ?"
    with pytest.raises(QuestionError, match=f"{MAX_CHARACTERS:,}"):
        understand("Who is Hun Sen?" + filler * 5_000_000)
