"""Where sentences end, and that their spans account for every character."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.text.sentences import sentence_spans

any_text = st.text() | st.text(st.sampled_from(" \n\t\r\u00a0\u2028.!?…។۔。\"'”’)]aA5US\u0301"))


def sentences(text: str) -> list[str]:
    return [text[start:end] for start, end in sentence_spans(text)]


@given(any_text)
def test_spans_are_ordered_trimmed_and_cover_all_but_white_space(text):
    reached = 0
    for start, end in sentence_spans(text):
        assert not text[reached:start].strip()
        assert text[start:end] == text[start:end].strip() != ""
        reached = end
    assert not text[reached:].strip()


@pytest.mark.parametrize(
    "expected",
    [
        pytest.param(["The U.S. Ambassador spoke.", "He left."], id="acronym before a name"),
        pytest.param(["He lives in the U.S.", "The law changed."], id="acronym at the end"),
        pytest.param(["Was he in the U.S.?", "Officials denied it."], id="question after acronym"),
        pytest.param(["The P.M. Office denied it.", "Gen. Khieu agreed."], id="P.M. and Gen."),
        pytest.param(["At 5 p.m. Monday it rained.", "It stopped at 6 p.m."], id="p.m."),
        pytest.param(["It was No. 5 on the list.", "It won."], id="No. 5"),
        pytest.param(["He said no.", "Five others agreed."], id="no"),
        pytest.param(["It rained on Oct. 7.", "It had not in Oct.", "Farmers hoped."], id="Oct."),
        pytest.param(["Mr. X left.", "He ran."], id="Mr. X"),
        pytest.param(["J. Smith and John F. Kennedy met.", "They spoke."], id="initials"),
        pytest.param(["Acme Inc. Chairman Lee rose.", "He owns Acme Inc.", "It fell."], id="Inc."),
        pytest.param(["It cost $3.4 million.", "See www.a.org/b?c=d first."], id="points inside"),
        pytest.param(["“Are these leaks?” she asked.", "“Yes.”"], id="quote carries on"),
        pytest.param(["He said “Go.”", "Then he left."], id="quote ends the sentence"),
        pytest.param(["Is it?", "(Yes.)", "[No.]", "It is."], id="brackets"),
        pytest.param(["Wait...", "What?!", "No…", "Yes!"], id="several marks"),
        pytest.param(["យើង។", "គាត់៕"], id="Khmer"),
        pytest.param(["یہ ہے۔", "وہ گیا۔"], id="Urdu"),
        pytest.param(["यह है।", "वह गया॥"], id="Devanagari"),
    ],
)
def test_a_sentence_ends_where_a_reader_would_end_it(expected):
    assert sentences(" ".join(expected)) == expected


@pytest.mark.parametrize("mark", "។៕।॥۔؟。！？")
def test_marks_of_other_scripts_need_no_space_after_them(mark):
    assert sentences(f"我来了{mark}他走了{mark}") == [f"我来了{mark}", f"他走了{mark}"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("The river\nrose.", ["The river\nrose."], id="wrapped line"),
        pytest.param("Leaks\nPrime Minister", ["Leaks", "Prime Minister"], id="heading"),
        pytest.param("the river\n\nrose", ["the river", "rose"], id="blank line"),
        pytest.param("the river\n \t\nrose", ["the river", "rose"], id="line of white space"),
        pytest.param(" \n\t\u00a0", [], id="only white space"),
        pytest.param("", [], id="empty"),
    ],
)
def test_lines(text, expected):
    assert sentences(text) == expected


@pytest.mark.parametrize(
    ("text", "count"),
    [
        pytest.param("x" * 1_000_000, 1, id="1 MB without spaces"),
        pytest.param("word and another " * 60_000, 1, id="1 MB of one sentence"),
        pytest.param("\n" * 300_000, 0, id="300k newlines"),
        pytest.param('"' * 500_000, 1, id="500k quotes"),
        pytest.param("." * 500_000, 1, id="500k full stops"),
        pytest.param("U." * 250_000, 1, id="500 kB of one acronym"),
        pytest.param("។" * 300_000, 1, id="300k Khmer full stops"),
        pytest.param("! " * 30_000, 30_000, id="30k sentences of one mark"),
    ],
)
def test_huge_texts_are_cut_in_bounded_work(text, count):
    assert len(sentence_spans(text)) == count


@pytest.mark.parametrize(
    "text",
    [
        "He met Hun Sen.| The talks failed.",
        "Sen. Smith met Lt. Gen. Khieu.",
        "It took 5 ms.| The end.",
    ],
)
def test_a_title_ends_a_sentence_only_behind_a_name_or_a_figure(text):
    whole = text.replace("|", "")
    found = [whole[start:end] for start, end in sentence_spans(whole)]
    assert found == [part.strip() for part in text.split("|")]
