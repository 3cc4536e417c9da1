from __future__ import annotations

from rag.text.memo import Memo


def test_a_memo_computes_once_for_each_function():
    asked = []
    memo, upper = Memo(), upper_of(asked)
    assert [memo(upper, "a"), memo(upper, "a"), memo(len, "a")] == ["A", "A", 1]
    assert asked == ["a"]


def test_a_memo_is_bounded_by_results_and_by_their_texts():
    for memo in (Memo(size=2), Memo(characters=8)):
        asked = []
        upper = upper_of(asked)
        for text in ("four", "also", "four", "more", "four"):
            memo(upper, text)
        assert asked == ["four", "also", "more", "four"]


def upper_of(asked):
    def upper(text):
        asked.append(text)
        return text.upper()

    return upper
