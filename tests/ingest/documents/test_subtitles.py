"""Subtitles: running text without times, with its speakers, nothing of it lost."""

from __future__ import annotations

import pytest
from growth import LINEAR, growth
from hypothesis import given
from hypothesis import strategies as st
from reading import articles_in, cut_or_altered, generated, holds, reasons_in

from rag.types import Article

INTERVIEW = """1
00:00:01,000 --> 00:00:04,000
We had no choice, said Mara Dolin,

2
00:00:04,500 --> 00:00:08,000
the pier will not open
before the winter.

3
00:00:14,000 --> 00:00:17,000
<i>The fish quay</i> will take
{\\an8}the boats.
"""


def vtt(*cues: str, head: str = "WEBVTT") -> str:
    times = [f"00:{n:02}.000 --> 00:{n + 1:02}.000" for n in range(len(cues))]
    return "\n\n".join((head, *(f"{time}\n{cue}" for time, cue in zip(times, cues, strict=True))))


def test_cues_are_joined_to_sentences() -> None:
    for data in (INTERVIEW.encode(), INTERVIEW.replace("\n", "\r\n").encode("utf-8-sig")):
        assert articles_in(data, "interview.srt") == [
            Article(
                "We had no choice, said Mara Dolin, the pier will not open before the winter.\n\n"
                "The fish quay will take the boats.",
                origin="interview.srt",
                format="srt",
            )
        ]


def test_speakers_stand_before_what_they_say() -> None:
    text = vtt(
        "<v Mara Dolin>We had no <b>choice</b>.</v>",
        "<v.loud Mara Dolin>None at all.",
        "<v Ida Brun>Why &amp; how?",
        head="WEBVTT - The old pier\nKind: captions\n\nNOTE by hand\n\nSTYLE\n::cue { color: red }",
    )
    assert articles_in(text.encode(), "a.vtt") == [
        Article(
            "Mara Dolin: We had no choice. None at all.\n\nIda Brun: Why & how?",
            title="The old pier",
            origin="a.vtt",
            format="vtt",
        )
    ]


@pytest.mark.parametrize(
    ("cues", "text"),
    [
        (["- Will it open?\n- No."], "Will it open?\n\nNo."),
        ([">> It will close.", ">> MARA DOLIN: Why?"], "It will close.\n\nMARA DOLIN: Why?"),
        (["The board", "– so it said –", "voted."], "The board – so it said – voted."),
        (
            ["The pier", "The pier\nwill close", "will close\nin May."],
            "The pier will close in May.",
        ),
        (["It<00:00:01.000><c> rose</c>"], "It rose"),
        (["Fewer than 3 < 5 & more"], "Fewer than 3 < 5 & more"),
        (["In\n2019\nit rose."], "In 2019 it rose."),
    ],
)
def test_lines_of_cues(cues: list[str], text: str) -> None:
    assert articles_in(vtt(*cues).encode())[0].text == text


@pytest.mark.parametrize(
    ("data", "form"),
    [
        (b"00:01,000 --> 00:04,000\nIt rose by 1,000\n\n00:04,500 --> 00:05,000\nmetres.", "srt"),
        (b"0:00:01.000,0:00:04.000\nIt rose by 1,000\n\n0:00:04.500,0:00:05.000\nmetres.\n", "sbv"),
    ],
)  # fmt: skip
def test_subtitles_without_numbers(data: bytes, form: str) -> None:
    (article,) = articles_in(data)
    assert (article.format, article.text) == (form, "It rose by 1,000 metres.")
    assert reasons_in(data) == []


def test_a_cue_with_broken_times_is_said_to_be_left_out() -> None:
    damaged = INTERVIEW.replace("00:00:04,500 --> ", "00:xx --> ").encode()
    (article,) = articles_in(damaged)
    assert article.text.startswith("We had no choice")
    assert "pier" not in article.text
    assert reasons_in(damaged) == ["1 cue with broken times was left out: save the subtitles again"]


@pytest.mark.parametrize("data", [b"WEBVTT\n", b"1\n00:00:01,000 --> 00:00:04,000\n"])
def test_subtitles_without_words(data: bytes) -> None:
    (reason,) = reasons_in(data)
    assert "no words between the times" in reason


def test_a_text_that_counts_is_none() -> None:
    (article,) = articles_in(b"1\nThe river rose at 00:00:01 --> and fell.\n")
    assert article.format == "text"


@generated
@given(
    st.one_of(
        cut_or_altered(INTERVIEW.encode()),
        cut_or_altered(vtt("<v Ida>Why?", "- No.", ">> Yes &lt; so.").encode()),
    )
)
def test_cut_and_altered_subtitles(data: bytes) -> None:
    holds(data)


@pytest.mark.parametrize(
    ("make", "size"),
    [
        (lambda n: INTERVIEW * n, 1000),
        (lambda n: vtt("<v " * n), 50_000),
        (lambda n: vtt("<" * n), 50_000),
        (lambda n: vtt("a\n" * n), 50_000),
        (lambda n: vtt() + "\n1:-->" * n, 20_000),
    ],
    ids=["cues", "voices", "tags", "lines", "arrows"],
)
def test_linear_time(make, size: int) -> None:
    def read(text: str) -> None:
        holds(text.encode())

    assert growth(read, make, size) < LINEAR
