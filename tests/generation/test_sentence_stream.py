"""The text of a model is cut into sentences with their labels, however it comes in pieces."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.generation.sentence_stream import SentenceStream

NONE = "Not in the sources."


def drafted(*pieces):
    stream = SentenceStream()
    return [one for piece in pieces for one in stream.add(piece)] + stream.rest()


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        pytest.param("Trains run [1].", [("Trains run.", (1,))], id="label before the stop"),
        pytest.param("Trains run. [1]", [("Trains run.", (1,))], id="label behind it"),
        pytest.param("Trains run [1]", [("Trains run", (1,))], id="no stop"),
        pytest.param("Trains run. [1].", [("Trains run.", (1,))], id="two stops"),
        pytest.param("Trains run.[1] Rain fell.[2]", [("Trains run.", (1,)), ("Rain fell.", (2,))],
                     id="no space"),
        pytest.param("Trains run [1]. Rain fell. [2]",
                     [("Trains run.", (1,)), ("Rain fell.", (2,))], id="both ways"),
        pytest.param("Trains run [1][2].", [("Trains run.", (1, 2))], id="two labels"),
        pytest.param("Trains run [1,2].", [("Trains run.", (1, 2))], id="comma"),
        pytest.param("Trains run. [1, 2]", [("Trains run.", (1, 2))], id="white space in a label"),
        pytest.param("Trains run. [2;1]", [("Trains run.", (2, 1))], id="semicolon"),
        pytest.param("Trains run [1] in Kent [2,1].", [("Trains run in Kent.", (1, 2))],
                     id="within"),
        pytest.param("Trains run.", [("Trains run.", ())], id="no label"),
        pytest.param("Trains run. Rain fell [2].", [("Trains run.", ()), ("Rain fell.", (2,))],
                     id="one without"),
        pytest.param("“Trains run.” [1] Rain fell [2].",
                     [("“Trains run.”", (1,)), ("Rain fell.", (2,))], id="quotation"),
        pytest.param("The U.S. Ambassador came [1]. He left the U.S. [2] The rain fell [1].",
                     [("The U.S. Ambassador came.", (1,)), ("He left the U.S.", (2,)),
                      ("The rain fell.", (1,))], id="acronym"),
        pytest.param("He left the U.S. [2] Rain fell [1].",
                     [("He left the U.S.", (2,)), ("Rain fell.", (1,))], id="acronym and label"),
        pytest.param("Gen. Khieu left at 5.30 [1]. It cost $3.4 million [2].",
                     [("Gen. Khieu left at 5.30.", (1,)), ("It cost $3.4 million.", (2,))],
                     id="title and figures"),
        pytest.param("- Trains run [1].\n- Rain fell [2].",
                     [("Trains run.", (1,)), ("Rain fell.", (2,))], id="bullets"),
        pytest.param("**Trains run** [1].", [("Trains run**.", (1,))], id="bold"),
        pytest.param("Trains run [1].\n\nRain\nfell [2].",
                     [("Trains run.", (1,)), ("Rain fell.", (2,))], id="lines"),
        pytest.param("Trains run [1]. Rain fell on the", [("Trains run.", (1,))], id="cut off"),
        pytest.param("Trains run [1]. Rain fell on the [2]",
                     [("Trains run.", (1,)), ("Rain fell on the", (2,))], id="cut behind a label"),
        pytest.param("Rain fell on the", [], id="cut off alone"),
        pytest.param("Trains run [12].", [("Trains run.", (12,))], id="two digits"),
        pytest.param("Trains run [sic] [1].", [("Trains run [sic].", (1,))], id="no label"),
        pytest.param("", [], id="nothing"),
        pytest.param(" [1]. … [2]", [], id="labels only"),
    ],
)  # fmt: skip
def test_sentences_and_their_labels(text, sentences):
    assert drafted(text) == sentences
    assert drafted(*text) == sentences


def test_a_sentence_is_given_as_soon_as_another_one_has_begun():
    stream = SentenceStream()
    assert stream.add("Trains run ") == []
    assert stream.add("[1]. ") == []
    assert stream.add("Rain fell. ") == [("Trains run.", (1,))]
    assert stream.add("[2] It was ") == [("Rain fell.", (2,))]
    assert stream.rest() == []


SENTENCES = st.sampled_from(
    [
        "Trains run again in Kent [1].", "Rain fell. [2]", "The U.S. Ambassador came [1][2].",
        "He left the U.S. [3]", "Mr. Sok paid $3.4 million on 4.5.2023. [1]", "It fell.",
        "“No,” he said. “Never!” [2]", "Did it rain? [1]", "Yes! [2]", "- It cost No. 5 [1,2].",
        "Not in the sources.", "Trains\nrun [1].", "J. Smith met Hun Sen. [4]", "🙂 [1].",
    ]
)  # fmt: skip


@given(st.lists(SENTENCES, max_size=5), st.sampled_from([" ", "\n", "\n\n"]), st.data())
def test_whatever_the_pieces_the_sentences_are_those_of_the_whole(sentences, between, data):
    text = between.join(sentences)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=12)))
    pieces = [text[a:b] for a, b in zip([0, *cuts], [*cuts, len(text)], strict=True)]
    assert drafted(*pieces) == drafted(text)


@given(st.text(max_size=80), st.integers(0, 80))
def test_no_sentence_is_empty_or_has_a_label_in_it(text, cut):
    for sentence, labels in drafted(text[:cut], text[cut:]):
        assert sentence == sentence.strip() != ""
        assert len(set(labels)) == len(labels)
