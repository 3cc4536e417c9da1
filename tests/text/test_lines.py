"""Hard-wrapped text: its sentences are those of the text before it was wrapped, and what only
looks like it stays as it is."""

from __future__ import annotations

import textwrap

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.text.lines import marked_on_one_line, on_one_line, spaced
from rag.text.sentences import sentence_spans, spans_within, wrapped_at
from tests.growth import LINEAR, growth
from tests.reading import generated

PARAGRAPHS = (
    "The chair of the harbour board denied on Friday that the mayor of the town Karl Hast had"
    " taken money from a boat firm. She said that no witness had seen Hast with the owner of the"
    " firm, and that it was simply not true that Brandt & Lowe had paid for his house. A court"
    " found nothing to support it.",
    "Prof. Nils Fehr of the University of Orlet had warned of the cracks – eleven in all – in"
    " March, but Gen. Anton Greve, a well-known man, did not read it until June. “We did not"
    " know,” he said. Mara Dolin, who led the board from 2016 to 2021, said that the U.S. Embassy"
    " in Orlet had asked for No. 12 of the forty reports.",
    "The pier carried 412 passengers a day. Two firms will move to the fish quay in June.",
)


def sentences(text: str) -> list[str]:
    return [text[start:end] for start, end in sentence_spans(text)]


def shown(text: str) -> list[str]:
    return [on_one_line(sentence) for sentence in sentences(text)]


def wrapped(text: str, width: int, between: str = "\n\n") -> str:
    filled = (textwrap.fill(part, width, break_on_hyphens=False) for part in text.split("\n\n"))
    return between.join(filled)


@pytest.mark.parametrize("width", [40, 60, 66, 72, 78, 100, 132])
@pytest.mark.parametrize("between", ["\n\n", "\n"], ids=["blank line", "no blank line"])
def test_wrapped_text_has_the_sentences_of_the_text_that_was_wrapped(width, between):
    text = "\n\n".join(PARAGRAPHS)
    assert shown(wrapped(text, width, between)) == sentences(text)


def test_lines_filled_by_hand_are_wrapped_too():
    text = (
        "The harbour board of Orlet voted on Tuesday to close the old ferry pier after\n"
        "Brandt & Lowe had found cracks in eleven of its forty piles. The chair, Mara\n"
        "Dolin, said that the pier would not open again before the winter. A report by\n"
        "Professor Nils Fehr of the University of Orlet had warned of the cracks in\n"
        "March, but the board did not read it until the week in which the director,\n"
        "Anton Greve, was dismissed. Two firms will move to the fish quay in\n"
        "June, and the town will pay them 40,000 crowns each."
    )
    assert sentences(text) == [one.strip(".") + "." for one in text.split(". ")]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(
            "Der Vorsitzende des Hafenrats bestritt am Freitag, dass der Bürgermeister der\n"
            "Stadt Geld von einer Firma genommen habe. Niemand habe gesehen, dass er den\n"
            "Eigentümer traf.",
            id="German",
        ),
        pytest.param(
            "بورڈ کی سربراہ نے جمعے کو کہا کہ شہر کے میئر نے کسی کشتی کمپنی سے کوئی\n"
            "رقم نہیں لی۔ عدالت کو کوئی ثبوت نہیں ملا اور کمپنی نے کہا کہ اس نے میئر\n"
            "کے گھر کے پیسے نہیں دیے۔",
            id="Urdu",
        ),
    ],
)
def test_a_sentence_of_another_language_spans_its_lines(text):
    assert len(sentences(text)) == 2


def test_a_chinese_line_is_filled_to_the_character_and_joined_without_a_space():
    text = (
        "港务局主席星期五否认该市市长收受了一家船运公司的钱款。她表示没有任何证人见\n"
        "过市长与该公司老板在一起，而且该公司为市长的房子付款的说法完全不属实。法院\n"
        "没有发现任何证据。"
    )
    assert shown(text) == [one + "。" for one in text.replace("\n", "").split("。")[:-1]]


@pytest.mark.parametrize(
    "lines",
    [
        pytest.param(
            ["Harbour closes", "The board of Orlet voted to close the pier."], id="heading"
        ),
        pytest.param(
            ["Karl Hast", "12 Harbour Street", "4012 Orlet", "Telephone 555 0101"], id="address"
        ),
        pytest.param(
            [
                "Council votes to close the old ferry pier in Orlet",
                "Mayor rejects charge over the money of a boat firm",
                "New library opens with forty thousand books inside",
                "Rubbish is burnt in the open near Sand Hill again",
            ],
            id="headlines as long as each other",
        ),
        pytest.param(
            [
                "Shall I compare thee to a summer's day?",
                "Thou art more lovely and more temperate",
                "Rough winds do shake the darling buds of May",
                "And summer's lease hath all too short a date",
            ],
            id="verse",
        ),
        pytest.param(
            [
                "Firm            Jobs cut by the end of the year        Share of all jobs",
                "Shopmore        2,000 by the end of May, it said.  No  20% of its workers",
                "Spotwell        600 by the end of the winter, it said  6% of its workers",
            ],
            id="table",
        ),
        pytest.param(
            [
                "• Brandt & Lowe found cracks in eleven of the piles. It said so on Friday",
                "• Mara Dolin said that the pier would not open again. She gave no reason",
                "• Karl Hast denied that he had taken money at all. A court believed him",
            ],
            id="bullets",
        ),
        pytest.param(
            [
                "1. Brandt & Lowe found cracks in eleven of the piles. It said so on Friday",
                "2. Mara Dolin said that the pier would not open again. She gave no reason",
            ],
            id="numbers",
        ),
        pytest.param(
            [
                "– Who saw the mayor with the owner of the firm, and where? Mara Dolin asked",
                "– Nobody saw him there, and nobody could have. Karl Hast was not in the town",
            ],
            id="dialogue",
        ),
        pytest.param(["បុរស​ម្នាក់​បាន​និយាយ​ថា​ទឹក​ឡើង", "គាត់​បាន​ចាកចេញ​ពី​ផ្ទះ"], id="Khmer lines"),
        pytest.param([PARAGRAPHS[0][:88], PARAGRAPHS[1][:70]], id="two lines of which none ends"),
        pytest.param(["Prime Minister speaks. Photo supplied"] * 2, id="a line that comes twice"),
    ],
)
def test_what_is_no_wrapped_paragraph_keeps_its_lines(lines):
    text = "\n".join(lines)
    breaks = {sum(map(len, lines[: n + 1])) + n for n in range(len(lines) - 1)}
    assert not breaks & wrapped_at(text)


def test_one_paragraph_a_line_stays_as_it_is():
    text = "\n".join([*PARAGRAPHS, "Harbour closes", *PARAGRAPHS[::-1]])
    assert wrapped_at(text) == set()


def test_a_list_within_wrapped_text_keeps_its_items_and_they_are_joined_inside():
    prose = wrapped("\n\n".join(PARAGRAPHS), 72)
    items = (
        "- Brandt & Lowe, which found cracks in eleven of the piles of the pier\n"
        "  Orlet used for its ferries\n"
        "- Mara Dolin"
    )
    assert shown(f"{prose}\n\nWho spoke\n\n{items}")[-3:] == [
        "Who spoke",
        "- Brandt & Lowe, which found cracks in eleven of the piles of the pier Orlet used for its"
        " ferries",
        "- Mara Dolin",
    ]


def test_an_indented_line_opens_a_paragraph():
    text = wrapped(PARAGRAPHS[0], 75)
    assert "town\nKarl" in text
    assert len(shown(text.replace("\nKarl", "\n   Karl"))) == len(shown(text)) + 1


@given(st.text("aB .,\n-–•1)“”\t |។字។", max_size=400), st.integers(0, 400), st.integers(0, 400))
@generated
def test_breaks_stand_at_line_breaks_and_passages_have_their_articles_sentences(text, one, other):
    assert all(text[at] == "\n" for at in wrapped_at(text))
    spans = sentence_spans(text)
    for start, end in spans:
        assert text[start:end] == text[start:end].strip()
    start, end = sorted((min(one, len(text)), min(other, len(text))))
    assert spans_within(spans, 0, len(text)) == spans
    for a, b in spans_within(spans, start, end) if start < end else []:
        assert 0 <= a < b <= end - start


@pytest.mark.parametrize(
    ("quote", "line"),
    [
        ("the town\nKarl Hast", "the town Karl Hast"),
        ("the town \n   Karl Hast", "the town Karl Hast"),
        ("a well-\nknown man", "a well-known man"),
        ("and –\nsaid", "and – said"),
        ("one.\n\nTwo.", "one. Two."),
        ("没有\n任何", "没有任何"),
        ("a  b", "a  b"),
    ],
)
def test_a_quote_is_shown_on_one_line(quote, line):
    assert on_one_line(quote) == line == on_one_line(line)


@given(st.text("ab-\n 字"), st.integers(0, 9), st.integers(1, 9))
def test_marks_keep_their_words_on_one_line(text, start, length):
    line, [(a, b)] = marked_on_one_line(text, [(start, start + length)])
    marked = text[start : start + length]
    if marked == marked.strip() and "\n" not in marked:
        assert line[a:b] == marked


def test_a_space_for_each_break_keeps_the_places():
    assert spaced("4\u00a0million\ncrowns\ta\u202fday") == "4 million crowns a day"


@pytest.mark.parametrize(
    "line",
    [
        "the board said that Karl Hast had not taken the money of the firm. The",
        "- the board said",
        " " * 70 + "x",
        "word",
        "我" * 40,
    ],
)
def test_wrapped_text_is_read_in_linear_time(line):
    assert growth(sentence_spans, lambda n: "\n".join([line] * n), 4_000) < LINEAR


@pytest.mark.parametrize("piece", [" ", "\n", " \n", "-\n", "x\n "])
def test_a_quote_is_put_on_one_line_in_linear_time(piece):
    assert growth(on_one_line, lambda n: "a" + piece * n + "b", 50_000) < LINEAR
