"""Readers made here: every sentence gets its reading, whatever the text and its neighbours."""

from __future__ import annotations

import shutil
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import tiny
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.errors import EncoderError
from rag.models import reader
from rag.models.cross_encoder import Reranker
from rag.models.reader import PairReader, SpanReader, load
from rag.models.reader.span_reader import layout
from rag.text.sentences import sentence_spans

pytestmark = pytest.mark.models

QUESTION = "How many people did police hold in Kratie?"
TEXTS = (
    "Police held 312 people in Kratie. They came from China. Gen. Khieu praised the raid.",
    "Rain fell for six days.",
    "A bridge opened in Siem Reap. It cost $3.4 million, the minister said.",
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tiny.reader(tmp_path_factory.mktemp("reader"))


@pytest.fixture(scope="module")
def spans(folder):
    return load(folder, "float32")


@pytest.fixture(scope="module")
def pairs(tmp_path_factory):
    return load(tiny.cross_encoder(tmp_path_factory.mktemp("pairs")), "float32")


def read(by, *texts, question=QUESTION, headings=None):
    sentences = [sentence_spans(text) for text in texts]
    return by.read(question, headings or [""] * len(texts), texts, sentences)


def logits(readings):
    return [reading.logit for of_text in readings for reading in of_text]


def marks(readings):
    return [reading.mark for of_text in readings for reading in of_text]


@pytest.fixture(params=["spans", "pairs"])
def any_reader(request):
    return request.getfixturevalue(request.param)


# Which reader


def test_a_folder_is_read_by_what_it_holds(folder, spans, pairs):
    assert isinstance(spans, SpanReader)
    assert spans.name == folder
    assert isinstance(pairs, PairReader)


def test_the_precision_is_as_asked_for(folder, spans):
    half = read(load(folder, "bfloat16"), *TEXTS)
    assert logits(half) != logits(read(spans, *TEXTS))
    np.testing.assert_allclose(logits(half), logits(read(spans, *TEXTS)), atol=0.3)


@pytest.mark.parametrize("kind", ["empty", "missing", "another model", "no JSON"])
def test_a_folder_that_holds_no_reader_is_refused_with_a_remedy(tmp_path, kind):
    path = tmp_path / "model"
    if kind != "missing":
        path.mkdir()
    if kind == "another model":
        tiny.cross_encoder(path, labels=3)
    elif kind == "no JSON":
        (path / "config.json").write_text("{")
    with pytest.raises(EncoderError, match=r"Give the folder|Choose a CrossEncoder"):
        load(str(path), "float32")


@pytest.mark.parametrize(
    ("name", "harm"),
    [("model.safetensors", "cut"), ("model.safetensors", "gone"), ("tokenizer.json", "cut")],
)
def test_a_broken_reader_is_refused_with_a_remedy(folder, tmp_path, name, harm):
    path = shutil.copytree(folder, tmp_path / "broken") / name
    whole = path.read_bytes()
    path.unlink()
    if harm == "cut":
        path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(EncoderError, match=r"could not be loaded .* Give the folder of a question"):
        load(str(path.parent), "float32")


@pytest.mark.parametrize("harm", ["altered", "gone"])
def test_weights_that_are_not_the_published_ones_are_refused(folder, tmp_path, monkeypatch, harm):
    own = shutil.copytree(folder, tmp_path / "own")
    if harm == "gone":
        (own / "model.safetensors").unlink()
    monkeypatch.setattr(reader, "_FOLDER", own)
    with pytest.raises(EncoderError, match=r"not the published ones .* Install Byline again"):
        load("byline", "float32")


# What it reads


def test_every_sentence_has_its_reading(any_reader):
    readings = read(any_reader, *TEXTS, "")
    assert [len(of_text) for of_text in readings] == [3, 1, 2, 0]
    assert np.isfinite(logits(readings)).all()
    assert len(set(logits(readings))) == 6


def test_no_texts_no_readings(any_reader):
    assert read(any_reader) == []
    assert read(any_reader, "") == [[]]


def test_readings_do_not_depend_on_the_batch(any_reader):
    long = "The raid went on in Kratie. " * 30
    # More rows than the network takes at once, of different lengths.
    many = [*TEXTS, long, *(f"{text} Number {n}." for n in range(6) for text in TEXTS)]
    together = read(any_reader, *many)
    one_by_one = [read(any_reader, text)[0] for text in many]
    np.testing.assert_allclose(logits(together), logits(one_by_one), atol=1e-4)
    assert marks(together) == marks(one_by_one)


def test_marks_are_words_of_their_sentence(spans):
    for text, of_text in zip(TEXTS, read(spans, *TEXTS), strict=True):
        for (start, end), reading in zip(sentence_spans(text), of_text, strict=True):
            first, last = reading.mark
            assert 0 <= first < last <= end - start
            marked = text[start:end][first:last]
            assert marked == marked.strip()


def test_pairs_are_a_sentence_behind_the_one_before(pairs, tmp_path):
    text = TEXTS[0]
    expected = Reranker(tiny.cross_encoder(tmp_path)).scores(
        QUESTION,
        [
            "Police held 312 people in Kratie.",
            "Police held 312 people in Kratie. They came from China.",
            "They came from China. Gen. Khieu praised the raid.",
        ],
        torch.nn.Identity(),
    )
    np.testing.assert_allclose(logits(read(pairs, text)), expected, atol=1e-5)
    assert marks(read(pairs, text)) == [None, None, None]


def test_the_log_odds_are_against_no_answer(spans):
    """Worked out from the network itself, for a text of one sentence."""
    text = TEXTS[1]
    rows = layout(spans._tokenizer, [QUESTION], [""], [text])
    starts, ends = spans._logits(rows.inputs)
    inside = rows.places[0, :, 1] > 0
    odds = [
        np.log(np.exp(scores[0][inside].astype(float)).sum()) - scores[0][0]
        for scores in (starts, ends)
    ]
    assert logits(read(spans, text)) == pytest.approx([np.mean(odds)], abs=1e-4)
    first, last = read(spans, text)[0][0].mark
    pairs = {
        (rows.places[0, i, 0], rows.places[0, j, 1]): starts[0][i] + ends[0][j]
        for i in np.flatnonzero(inside)
        for j in np.flatnonzero(inside)
        if i <= j
    }
    assert (first, last) == max(pairs, key=pairs.get)


def test_a_heading_is_read_but_is_none_of_the_sentences(spans):
    plain, headed = read(spans, TEXTS[0]), read(spans, TEXTS[0], headings=["Raid in Kratie"])
    assert logits(plain) != logits(headed)
    first, last = headed[0][0].mark
    assert 0 <= first < last <= len("Police held 312 people in Kratie.")


# Long and odd texts


def test_a_text_longer_than_a_row_is_read_in_several(spans):
    text = " ".join(f"Story {n} tells of raids in Kratie and of rain." for n in range(150))
    rows = layout(spans._tokenizer, [QUESTION], ["A heading"], [text])
    assert len(rows.text_of) > 2
    assert set(rows.text_of) == {0}
    covered = {c for row in rows.places for a, b in row if b > 0 for c in range(a, b)}
    assert covered == {c for c, letter in enumerate(text) if not letter.isspace()}
    (readings,) = read(spans, text, headings=["A heading"])
    assert len(readings) == 150
    assert np.isfinite([reading.logit for reading in readings]).all()


def test_a_sentence_longer_than_a_row(spans):
    (readings,) = read(spans, "and then, " * 700 + "it ended.")
    assert np.isfinite(readings[0].logit)
    assert readings[0].mark[1] <= 7009


@pytest.mark.parametrize("written", ["[SEP]", "[CLS]", "[PAD]", "[MASK]", "[UNK]"])
def test_special_tokens_that_are_written_are_text(spans, written):
    text = f"Police held {written} people."
    rows = layout(spans._tokenizer, [f"What is {written}?"], [written], [text])
    ids = rows.inputs["input_ids"][0].tolist()
    special = spans._tokenizer.all_special_ids
    # Its own, and a word that the vocabulary lacks is none of them.
    assert [i for i in ids if i in special] == [101, 102, 102]
    # The same with brackets apart, which are never special.
    apart = text.replace("[", "[ ").replace("]", " ]")
    apart_rows = layout(
        spans._tokenizer,
        [f"What is {written}?".replace("[", "[ ").replace("]", " ]")],
        [written],
        [apart],
    )
    assert apart_rows.inputs["input_ids"][0].tolist() == ids
    assert np.isfinite(logits(read(spans, text, question=f"What is {written}?"))).all()


@pytest.mark.parametrize(
    "question",
    ["", " ", "?!" * 500, "🙂" * 30, "who " * 2000, "\x00", "ប៉ូលិស", "[SEP]"],
    ids=["empty", "blank", "punctuation", "emoji", "long", "NUL", "Khmer", "special"],
)
def test_any_question_can_be_read(spans, question):
    readings = read(spans, *TEXTS, question=question)
    assert np.isfinite(logits(readings)).all()


def test_a_question_is_read_as_far_as_there_is_room(spans):
    long = "raid " * 128
    assert read(spans, TEXTS[0], question=long) == read(spans, TEXTS[0], question=long + "rain")


_ODD = st.text(st.sampled_from("aB .!?\n\u0301é🙂\u202e\u200bក។[SEP]“”1"), min_size=1, max_size=80)


@settings(max_examples=25)
@given(st.lists(_ODD, min_size=1, max_size=3))
def test_any_text_can_be_read(spans, texts):
    for text, of_text in zip(texts, read(spans, *texts), strict=True):
        sentences = sentence_spans(text)
        assert len(of_text) == len(sentences)
        for (start, end), reading in zip(sentences, of_text, strict=True):
            assert not np.isnan(reading.logit)
            if reading.mark is None:
                assert reading.logit == -np.inf
            else:
                assert 0 <= reading.mark[0] < reading.mark[1] <= end - start


def test_threads_read_the_same_as_one_after_the_other(any_reader):
    texts = [*TEXTS, " ".join(TEXTS * 3)]
    questions = [QUESTION, "Who?", "What opened in Siem Reap, and when?", "rain " * 60] * 2
    alone = [read(any_reader, *texts, question=question) for question in questions]
    with ThreadPoolExecutor(4) as threads:
        found = list(threads.map(lambda q: read(any_reader, *texts, question=q), questions))
    assert found == alone
