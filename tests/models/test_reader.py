"""Readers made here: every sentence gets its reading, whatever the text and its neighbours."""

from __future__ import annotations

import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import tiny
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from eval.train.network import load_network
from rag.errors import EncoderError
from rag.models import reader
from rag.models.cross_encoder import Reranker
from rag.models.reader import JointReader, PairReader, SpanReader, load
from rag.models.reader.layout import TokenRows, layout
from rag.models.reader.sentence_tokens import SentenceTokens, best_spans
from rag.models.runtime import precision
from rag.models.weights import checksum
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


@pytest.fixture(scope="module")
def own(tmp_path_factory):
    """A folder as that of Byline's own reader."""
    return tiny.joint_reader(tmp_path_factory.mktemp("own"))


@pytest.fixture(scope="module")
def joint(own):
    return JointReader("byline", own, "float32")


def read(by, *texts, question=QUESTION, headings=None):
    sentences = [sentence_spans(text) for text in texts]
    return by.read(question, headings or [""] * len(texts), texts, sentences)


def logits(readings):
    return [reading.logit for of_text in readings for reading in of_text]


def marks(readings):
    return [reading.mark for of_text in readings for reading in of_text]


@pytest.fixture(params=["joint", "spans", "pairs"])
def any_reader(request):
    return request.getfixturevalue(request.param)


@pytest.fixture(params=["joint", "spans"], scope="module")
def marking(request):
    """A reader that marks words."""
    return request.getfixturevalue(request.param)


# Which reader


def test_a_folder_is_read_by_what_it_holds(folder, spans, pairs):
    assert isinstance(spans, SpanReader)
    assert spans.name == folder
    assert isinstance(pairs, PairReader)


def test_the_precision_is_as_asked_for(own, folder, spans, joint):
    halves = (load(folder, "bfloat16"), JointReader("byline", own, "bfloat16"))
    for half, whole in zip(halves, (spans, joint), strict=True):
        one, other = logits(read(half, *TEXTS)), logits(read(whole, *TEXTS))
        assert one != other
        np.testing.assert_allclose(one, other, atol=0.3)


@pytest.mark.parametrize(
    ("names", "asked", "found"),
    [
        (("int8", "bfloat16"), "auto", "bfloat16"),
        (("int8",), "auto", "int8"),
        (("bfloat16",), "auto", "bfloat16"),
        ((), "auto", "float32"),
        (("int8", "bfloat16"), "float32", "float32"),
        (("bfloat16",), "int8", "float32"),
    ],
)
def test_bylines_own_reader_is_in_the_precision_that_the_processor_has(
    monkeypatch, names, asked, found
):
    monkeypatch.setattr(precision, "native", lambda: (*names, "float32"))
    assert load("byline", asked).precision == found


def test_in_int8_bylines_own_reader_reads_nearly_as_in_float32(monkeypatch):
    """Whatever the question and the text: neither need be like what was measured."""
    monkeypatch.setattr(precision, "native", lambda: ("int8", "float32"))
    odd = ("ABC " * 200, "ប៉ូលិស " * 40, "!?" * 100 + " 312.", "x" * 900, "1 2 3 4 5 " * 60)
    texts = [*TEXTS, *odd]
    for question in (QUESTION, "Where did a bridge open?", "?", "who " * 300):
        small, whole = (
            np.array(logits(read(load("byline", kind), *texts, question=question)))
            for kind in ("int8", "float32")
        )
        assert 0 < np.abs(small - whole).max() < 1.5
        if question == QUESTION:
            assert small.argmax() == whole.argmax() == 0
            np.testing.assert_allclose(small[:6], whole[:6], atol=0.5)


def test_bylines_own_reader_is_read_by_its_name(own, joint, monkeypatch):
    monkeypatch.setattr(reader, "FOLDER", own)
    monkeypatch.setattr(reader, "_SHA256", checksum(own / "model.safetensors"))
    found = load("byline", "float32")
    assert isinstance(found, JointReader)
    assert found.name == "byline"
    assert read(found, *TEXTS) == read(joint, *TEXTS)


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
def test_weights_that_are_not_the_published_ones_are_refused(own, tmp_path, monkeypatch, harm):
    weights = shutil.copytree(own, tmp_path / "own") / "model.safetensors"
    monkeypatch.setattr(reader, "_SHA256", checksum(weights))
    if harm == "gone":
        weights.unlink()
    else:  # Their last byte.
        whole = weights.read_bytes()
        weights.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    monkeypatch.setattr(reader, "FOLDER", weights.parent)
    with pytest.raises(EncoderError, match=r"not the published ones .* Install Byline again"):
        load("byline", "float32")


def test_weights_of_another_network_are_refused(folder):
    with pytest.raises(KeyError, match="of_question"):
        JointReader("other", Path(folder), "float32")


@pytest.mark.parametrize("name", ["config.json", "tokenizer.json"])
def test_a_broken_file_beside_the_weights_is_an_error_with_a_remedy(
    own, tmp_path, monkeypatch, name
):
    path = shutil.copytree(own, tmp_path / "own") / name
    path.write_text(path.read_text("utf-8")[:-40])
    monkeypatch.setattr(reader, "_SHA256", checksum(path.parent / "model.safetensors"))
    monkeypatch.setattr(reader, "FOLDER", path.parent)
    with pytest.raises(EncoderError, match=r"could not be loaded .* Install Byline again"):
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


def test_marks_are_words_of_their_sentence(marking):
    for text, of_text in zip(TEXTS, read(marking, *TEXTS), strict=True):
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
    ((reading,),) = read(spans, text)
    pairs = {
        (rows.places[0, i, 0], rows.places[0, j, 1]): starts[0][i] + ends[0][j]
        for i in np.flatnonzero(inside)
        for j in np.flatnonzero(inside)
        if i <= j
    }
    assert reading.mark == max(pairs, key=pairs.get)
    none = (starts[0][0] + ends[0][0]) / 2
    assert reading.mark_logit == pytest.approx(pairs[reading.mark] / 2 - none, abs=1e-4)


def tensors(rows):
    return {name: torch.from_numpy(values) for name, values in rows.inputs.items()}


def test_the_score_of_a_sentence_is_that_of_the_heads_docstring(joint, own):
    """Worked out token by token from the states of the encoder that is trained."""
    network = load_network(own, "float32").double()
    rows = layout(joint._tokenizer, [QUESTION], ["Raid"], [TEXTS[0]])
    with torch.inference_mode():
        states = network.encoder(**tensors(rows)).last_hidden_state[0]

        def unit(vector):
            return vector / vector.norm()

        asked = states[torch.from_numpy(rows.asked[0])]
        expected = []
        for start, end in sentence_spans(TEXTS[0]):
            own = states[[start <= a and b <= end for a, b in rows.places[0].tolist()]]
            question, sentence = asked.mean(0), own.mean(0)
            whole = unit(network.of_question(question)) @ unit(network.of_sentence(sentence))
            tokens = [max(unit(one) @ unit(other) for other in own) for one in asked]
            expected.append(
                network.scale[0] * whole
                + network.scale[1] * sum(tokens) / len(tokens)
                + network.linear(sentence)
                - network.nothing(states[0])
            )
    found = logits(read(joint, TEXTS[0], headings=["Raid"]))
    assert found == pytest.approx([float(score) for score in expected], abs=1e-3)


@pytest.mark.parametrize("real", [False, True], ids=["by chance", "trained"])
def test_a_reader_gives_the_scores_of_the_network_that_is_trained(own, real):
    """With other texts beside them, padded, and of more rows than one."""
    folder = reader.FOLDER if real else own
    joint, network = JointReader("byline", folder, "float32"), load_network(folder, "float32")
    texts = [*TEXTS, " ".join(f"{text} Number {n}." for n in range(9) for text in TEXTS), "No."]
    spans = [sentence_spans(text) for text in texts]
    rows = layout(joint._tokenizer, [QUESTION] * 5, ["", "Rain", "", "", "Raid"], texts)
    marked = rows.segments(spans)
    with torch.inference_mode():
        scores, words = network(tensors(rows), torch.from_numpy(marked))
    found = joint.read(QUESTION, ["", "Rain", "", "", "Raid"], texts, spans)
    for row, text in enumerate(rows.text_of):
        if rows.text_of.count(text) > 1:
            continue
        expected = scores[row, : len(spans[text])].tolist()
        assert [r.logit for r in found[text]] == pytest.approx(expected, abs=1e-3)
        starts, ends = words[row].T.tolist()
        for number, (reading, (begin, _)) in enumerate(zip(found[text], spans[text], strict=True)):
            inside = np.flatnonzero(marked[row] == number + 1)
            pairs = [(i, j) for i in inside for j in inside if i <= j < i + 24]
            first, last = max(pairs, key=lambda pair: starts[pair[0]] + ends[pair[1]])
            mark = rows.places[row, first, 0] - begin, rows.places[row, last, 1] - begin
            assert reading.mark == mark
            score = (starts[first] + ends[last]) / 2
            assert reading.mark_logit == pytest.approx(score, abs=1e-3)
    assert len(rows.text_of) > len(texts)


def test_the_words_are_the_likeliest_of_their_sentence(joint, own):
    network = load_network(own, "float32")
    rows = layout(joint._tokenizer, [QUESTION], [""], [TEXTS[1]])
    places = rows.places[0].tolist()
    with torch.inference_mode():
        states = network.encoder(**tensors(rows)).last_hidden_state[0]
        scores = network.spans(states)
    starts, ends = (scores - scores[0]).T.tolist()
    inside = [n for n, (_, end) in enumerate(places) if end > 0]
    pairs = {
        (places[i][0], places[j][1]): (starts[i] + ends[j]) / 2
        for i in inside
        for j in inside
        if i <= j
    }
    ((reading,),) = read(joint, TEXTS[1])
    assert reading.mark == max(pairs, key=pairs.get)
    assert reading.mark_logit == pytest.approx(pairs[reading.mark], abs=1e-4)


def test_an_untrained_network_scores_by_what_sentence_and_question_share(tmp_path):
    """So that training starts from what its encoder knows."""
    reader = JointReader("new", tiny.untrained_reader(tmp_path)[1], "float32")
    same, *others = logits(read(reader, f"{QUESTION} They came from China. Rain fell for days."))
    assert same > max(others)


def test_a_heading_is_read_but_is_none_of_the_sentences(marking):
    plain, headed = read(marking, TEXTS[0]), read(marking, TEXTS[0], headings=["Raid in Kratie"])
    assert logits(plain) != logits(headed)
    first, last = headed[0][0].mark
    assert 0 <= first < last <= len("Police held 312 people in Kratie.")


# The layout

PLACES = np.array([(-1, -1), (-1, -1), (-1, -1), (-1, -1), (0, 4), (5, 9), (9, 10), (11, 14)])
ASKED = np.arange(8) == 1


@pytest.mark.parametrize(
    ("sentences", "segments"),
    [
        ([(0, 10), (11, 14)], [1, 1, 1, 2]),
        ([(0, 9)], [1, 1, -1, -1]),
        ([(11, 14), (0, 10)], [2, 2, 2, 1]),
        ([(6, 14)], [-1, -1, 1, 1]),
        ([], [-1, -1, -1, -1]),
    ],
    ids=["two", "one", "any order", "from inside a token", "none"],
)
def test_tokens_belong_to_the_question_to_a_sentence_or_to_nothing(sentences, segments):
    rows = TokenRows({}, [0], PLACES[np.newaxis], ASKED[np.newaxis])
    assert rows.segments([sentences]).tolist() == [[-1, 0, -1, -1, *segments]]


def scored(count, **at):
    """Scores of tokens: 0 but where they are given."""
    scores = np.zeros(count, np.float32)
    for place, score in at.items():
        scores[int(place.removeprefix("t"))] = score
    return scores


def test_the_tokens_of_sentences_follow_each_other():
    segments = np.array(
        [[-1, 0, 2, 2, 1, 1, -1], [-1, 0, 0, -1, 3, 3, 3], [-1, 0, -1, -1, -1, -1, -1]]
    )
    sentences = SentenceTokens.of(segments)
    assert sentences.tokens.tolist() == [4, 5, 2, 3, 11, 12, 13]
    assert sentences.firsts.tolist() == [0, 2, 4]
    assert sentences.counts.tolist() == [2, 2, 3]
    assert sentences.rows.tolist() == [0, 0, 1]
    assert sentences.segments.tolist() == [1, 2, 3]
    values = np.arange(42, dtype=np.float32).reshape(3, 7, 2)
    assert sentences.reduce(np.maximum, values).tolist() == [[10, 11], [6, 7], [26, 27]]
    assert not len(SentenceTokens.of(segments[2:]).tokens)


@pytest.mark.parametrize(
    ("starts", "ends", "span", "score"),
    [
        ({"t2": 3}, {"t4": 5}, (2, 4), 4),
        ({"t4": 3, "t1": 1}, {"t2": 5}, (1, 2), 3),
        ({"t0": 9, "t3": 2}, {"t3": 2, "t40": 9}, (3, 3), 2),
        ({"t2": 3}, {"t25": 3}, (2, 25), 3),
        ({"t2": 3}, {"t26": 3}, (2, 2), 1.5),
        ({"t5": 1, "t9": 1}, {"t7": 1, "t9": 1}, (5, 7), 1),
    ],
    ids=["best", "no end before its start", "inside only", "24 tokens", "no more", "the first"],
)
def test_the_best_span(starts, ends, span, score):
    """In a sentence of tokens 1 to 39, with another behind it in its row, and a second row."""
    segments = np.array([[-1, *[1] * 39, 2, 2], [2] * 42])
    rows = np.zeros((2, 2, 42), np.float32)
    rows[0, 0, :41], rows[1, 0, :41] = scored(41, **starts), scored(41, **ends)
    first, last, scores = best_spans(*rows, SentenceTokens.of(segments))
    assert (first[0], last[0]) == span
    assert scores[0] == pytest.approx(score)
    assert first.tolist()[1:] == [40, 42]


# Long and odd texts


def test_a_text_longer_than_a_row_is_read_in_several(marking):
    text = " ".join(f"Story {n} tells of raids in Kratie and of rain." for n in range(150))
    rows = layout(marking._tokenizer, [QUESTION], ["A heading"], [text])
    assert len(rows.text_of) > 2
    assert set(rows.text_of) == {0}
    covered = {c for row in rows.places for a, b in row if b > 0 for c in range(a, b)}
    assert covered == {c for c, letter in enumerate(text) if not letter.isspace()}
    (readings,) = read(marking, text, headings=["A heading"])
    assert len(readings) == 150
    assert np.isfinite([reading.logit for reading in readings]).all()


def test_a_sentence_in_two_rows_has_the_better_reading(joint):
    text = " ".join(f"Story {n} tells of raids in Kratie and of rain." for n in range(60))
    spans = sentence_spans(text)
    rows = layout(joint._tokenizer, [QUESTION], [""], [text])
    assert rows.text_of == [0, 0]
    alone = []
    for row in (0, 1):
        part = rows.part([row])
        segments = part.segments([spans])
        of = SentenceTokens.of(segments)
        (states,) = joint._bert(part.inputs, 0)
        logits, *_ = joint._heads.read(states, segments, of)
        alone.append(dict(zip((of.segments - 1).tolist(), logits, strict=True)))
    (found,) = read(joint, text)
    better = [max(one.get(n, -np.inf) for one in alone) for n in range(60)]
    assert [r.logit for r in found] == pytest.approx(better, abs=1e-4)
    twice = alone[0].keys() & alone[1].keys()
    assert any(alone[1][n] > alone[0][n] for n in twice)
    assert 59 not in alone[0]
    assert 0 not in alone[1]


def test_a_sentence_longer_than_a_row(marking):
    (readings,) = read(marking, "and then, " * 700 + "it ended.")
    assert np.isfinite(readings[0].logit)
    assert readings[0].mark[1] <= 7009


SPECIAL = ["SEP", "CLS", "PAD", "MASK", "UNK"]


@pytest.mark.parametrize("written", [f"[{name}]" for name in SPECIAL])
def test_special_tokens_that_are_written_are_text(marking, written):
    text = f"Police held {written} people."
    rows = layout(marking._tokenizer, [f"What is {written}?"], [written], [text])
    ids = rows.inputs["input_ids"][0, : rows.lengths[0]].tolist()
    special = [marking._tokenizer.token_to_id(f"[{name}]") for name in SPECIAL]
    # Its own, and a word that the vocabulary lacks is none of them.
    assert [i for i in ids if i in special] == [101, 102, 102]
    # The same with brackets apart, which are never special.
    apart = text.replace("[", "[ ").replace("]", " ]")
    apart_rows = layout(
        marking._tokenizer,
        [f"What is {written}?".replace("[", "[ ").replace("]", " ]")],
        [written],
        [apart],
    )
    assert apart_rows.inputs["input_ids"][0, : apart_rows.lengths[0]].tolist() == ids
    assert np.isfinite(logits(read(marking, text, question=f"What is {written}?"))).all()


@pytest.mark.parametrize(
    "question",
    ["", " ", "?!" * 500, "🙂" * 30, "who " * 2000, "\x00", "ប៉ូលិស", "[SEP]"],
    ids=["empty", "blank", "punctuation", "emoji", "long", "NUL", "Khmer", "special"],
)
def test_any_question_can_be_read(marking, question):
    readings = read(marking, *TEXTS, question=question)
    assert np.isfinite(logits(readings)).all()


def test_a_question_is_read_as_far_as_there_is_room(marking):
    long = "raid " * 128
    found = [read(marking, TEXTS[0], question=long + more) for more in ("", "rain")]
    assert found[0] == found[1] != read(marking, TEXTS[0], question="rain " + long)
    assert layout(marking._tokenizer, [long + "rain " * 99], [""], TEXTS[:1]).text_of == [0]


_ODD = st.text(st.sampled_from("aB .!?\n\u0301é🙂\u202e\u200bក។[SEP]“”1"), min_size=1, max_size=80)


@settings(max_examples=25)
@given(st.lists(_ODD, min_size=1, max_size=3))
def test_any_text_can_be_read(marking, texts):
    for text, of_text in zip(texts, read(marking, *texts), strict=True):
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
