"""BM25 of passages and of their sentences: the scores of the formula, and what matches what."""

from __future__ import annotations

import json
import math
import shutil

import bm25s
import numpy as np
import pytest

from rag.errors import SnapshotError
from rag.index.bm25 import BM25Index, frequencies
from rag.index.words import Tokens, TokenWriter
from rag.text.sentences import sentence_spans
from rag.text.stems import stems

TEXTS = [
    "Sam Rainsy distributed text messages, and more messages.",
    "The mayor of Kratié proposed training for 1,000 officers.",
    "The U.S. Ambassador left.",
    "",
    "The of and",
]


def sentences_of(texts: list[str]) -> list[list[str]]:
    """The sentences of each text; a text without any is its own."""
    return [[text[a:b] for a, b in sentence_spans(text)] or [text] for text in texts]


def build(texts: list[str]) -> BM25Index:
    return BM25Index.build(Tokens.of(texts, sentences_of(texts)))


def written(texts: list[str], folder) -> BM25Index:
    """The index of texts, by way of its files."""
    with TokenWriter(folder) as words:
        for text, sentences in zip(texts, sentences_of(texts), strict=True):
            words.add([text], [sentences])
    BM25Index.write(folder)
    return BM25Index.load(folder)


def bm25(texts: list[str], question: str) -> list[float]:
    """Lucene's BM25 with k1 .9 and b .4, as in Kamphuis et al. 2020, without the factor k1 + 1."""
    documents = [stems(text) for text in texts]
    mean = sum(map(len, documents)) / len(documents)

    def score(document: list[str]) -> float:
        total = 0.0
        for word in stems(question):
            holding = sum(word in other for other in documents)
            idf = math.log(1 + (len(documents) - holding + 0.5) / (holding + 0.5))
            tf = document.count(word)
            total += idf * tf / (tf + 0.9 * (1 - 0.4 + 0.4 * len(document) / mean))
        return total

    return [score(document) for document in documents]


QUESTIONS = pytest.mark.parametrize(
    "question",
    [
        pytest.param("messages", id="word twice in a text"),
        pytest.param("messages messages", id="word twice in the question"),
        pytest.param("Who proposed training to Sam Rainsy?", id="words of two texts"),
        pytest.param("the ambassador and an unheard-of word", id="word in no text"),
        pytest.param("Kratie", id="name without its accent"),
        pytest.param("the US", id="acronym without points"),
        pytest.param("1,000", id="figure"),
    ],
)


@QUESTIONS
def test_scores_are_those_of_the_formula(question):
    scores = build(TEXTS).scores(question)
    assert scores.dtype == np.float32
    assert scores.max() > 0
    np.testing.assert_allclose(scores, bm25(TEXTS, question), rtol=1e-5)


@QUESTIONS
def test_sentence_scores_are_those_of_the_best_sentence(question):
    """Sentences are scored among sentences: by their lengths and in how many a word is."""
    texts = [f"{text} {other}" for text in TEXTS for other in ("It rained.", "Messages of 1,000.")]
    sentences = sentences_of([*TEXTS, *texts])
    scores = BM25Index.build(Tokens.of([*TEXTS, *texts], sentences)).sentence_scores(question)
    by_hand = iter(bm25([one for few in sentences for one in few], question))
    best = [max(next(by_hand) for _ in few) for few in sentences]
    assert scores.dtype == np.float32
    np.testing.assert_allclose(scores, best, rtol=1e-5)


@pytest.mark.parametrize(
    ("texts", "sentences"),
    [
        pytest.param(["One.", "Two."], [["One."]], id="too few"),
        pytest.param(["One."], [["One."], ["Two."]], id="too many"),
        pytest.param(["One.", "Two."], [["One."], []], id="none of a text"),
    ],
)
def test_every_text_has_its_sentences(texts, sentences):
    with pytest.raises(ValueError, match=f"{len(texts)} texts need a sentence each or more"):
        Tokens.of(texts, sentences)


@pytest.mark.parametrize("question", ["", "what of the", "?!", "zebra", "1000", "10"])
def test_a_question_without_a_known_word_scores_zero(question):
    index = build(TEXTS)
    assert index.scores(question).tolist() == [0] * len(TEXTS)
    assert index.sentence_scores(question).tolist() == [0] * len(TEXTS)


@pytest.mark.parametrize("texts", [[""], ["", ""], ["the of", "?!"]], ids=repr)
def test_texts_without_words_can_be_indexed_and_never_match(texts, tmp_path):
    index = written(texts, tmp_path / "lexical")
    for question in ("", "anything", "the"):
        assert index.scores(question).tolist() == [0] * len(texts)
        assert index.sentence_scores(question).tolist() == [0] * len(texts)


def test_one_text_can_be_indexed():
    np.testing.assert_allclose(
        build(["one text"]).scores("text"), bm25(["one text"], "text"), rtol=1e-5
    )


def test_a_saved_index_gives_the_same_scores(tmp_path, articles):
    texts = [article.text for article in articles]
    built = build(texts)
    loaded = written(texts, tmp_path / "lexical")
    for question in ("Who proposed the training?", "Sun Chanthol", "Kratié 1,000", ""):
        np.testing.assert_array_equal(built.scores(question), loaded.scores(question))
        np.testing.assert_array_equal(
            built.sentence_scores(question), loaded.sentence_scores(question)
        )
    assert loaded.idf("train") == built.idf("train")


def test_nothing_on_disk_is_pickled(tmp_path):
    written(TEXTS, tmp_path / "lexical")
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert {path.parent.name for path in files} == {"lexical", "words", "passages", "sentences"}
    for path in files:
        if path.suffix == ".npy":
            np.load(path, allow_pickle=False)
        else:
            json.loads(path.read_text("utf-8"))


@pytest.mark.parametrize(
    "starts",
    [
        pytest.param(None, id="missing"),
        pytest.param(b"nonsense", id="no array"),
        pytest.param([0, 1], id="of fewer texts"),
        pytest.param([0, 1, 2, 3, 4, 5], id="of more texts"),
        pytest.param([0, 1, 2, 3, 99], id="beyond the sentences"),
        pytest.param([0, 2, 1, 3, 4], id="out of order"),
        pytest.param([1, 2, 3, 4, 5], id="not from the first"),
        pytest.param([], id="empty"),
        pytest.param([[0, 1, 2, 3, 4]], id="two dimensions"),
    ],
)
def test_sentences_that_do_not_fit_the_passages_are_damage(tmp_path, starts):
    folder = tmp_path / "index" / "snapshots" / "one" / "lexical"
    written(TEXTS, folder)
    if starts is None:
        (folder / "starts.npy").unlink()
    elif isinstance(starts, bytes):
        (folder / "starts.npy").write_bytes(starts)
    else:
        np.save(folder / "starts.npy", np.array(starts))
    with pytest.raises(SnapshotError, match=f"damaged: lexical cannot .* {tmp_path / 'index'}$"):
        BM25Index.load(folder)


@pytest.mark.parametrize("name", ["passages", "sentences"])
def test_a_missing_index_is_damage(tmp_path, name):
    folder = tmp_path / "index" / "snapshots" / "one" / "lexical"
    written(TEXTS, folder)
    shutil.rmtree(folder / name)
    with pytest.raises(SnapshotError, match=f"damaged: lexical cannot .* {tmp_path / 'index'}$"):
        BM25Index.load(folder)


@pytest.mark.parametrize(
    ("word", "holding"), [("messag", 1), ("krati", 1), ("zebra", 0), ("the", 0)]
)
def test_rarity_is_the_inverse_document_frequency(word, holding):
    index = build(TEXTS)
    assert index.idf(word) == pytest.approx(math.log(1 + (5 - holding + 0.5) / (holding + 0.5)))


def test_the_more_texts_hold_a_word_the_less_rare_it_is():
    index = build(["vote", "vote law", "vote law mayor"])
    assert index.idf("mayor") > index.idf("law") > index.idf("vote") > 0


@pytest.mark.parametrize(
    ("text", "expected"),
    [("the raids", [0, 2]), ("rain raid", [2]), ("zebra raid", []), ("of the", []), ("", [])],
    ids=["one word", "both", "one unknown", "stop words", "nothing"],
)
def test_holding_gives_the_texts_with_every_word(text, expected):
    texts = ["A raid.", "Rain fell.", "Rain stopped the raid; raids went on."]
    index = BM25Index.build(Tokens.of(texts, [[text] for text in texts]))
    assert index.holding(text).tolist() == expected


ALTERED = {
    "a text that there is not": ("indices", 99),
    "a text before the first": ("indices", -1),
    "no number": ("data", np.nan),
    "a list of more than there is": ("indptr", 999),
    "a list that ends before it begins": ("indptr", -1),
}


@pytest.mark.parametrize("kind", ["passages", "sentences"])
@pytest.mark.parametrize(("name", "value"), ALTERED.values(), ids=ALTERED)
def test_an_altered_list_is_found_when_it_is_read(tmp_path, kind, name, value):
    """At the latest by a question: the lists are not read before one needs them."""
    folder = tmp_path / "index" / "snapshots" / "one" / "lexical"
    written(TEXTS, folder)
    path = folder / kind / f"{name}.csc.index.npy"
    array = np.load(path)
    array[1:-1] = value
    np.save(path, array)
    with pytest.raises(SnapshotError, match=f"damaged: lexical .* {tmp_path / 'index'}"):
        asked_of(BM25Index.load(folder))


def asked_of(index):
    index.scores("messages")
    index.sentence_scores("messages")


def test_the_scores_are_those_of_bm25s(articles):
    """The library's own, of the same variant and with the same parameters."""
    texts = [sentence for article in articles for sentence in article.text.split(". ")]
    library = bm25s.BM25(k1=0.9, b=0.4, method="lucene")
    library.index([stems(text) for text in texts], show_progress=False)
    index = BM25Index.build(Tokens.of(texts, [[text] for text in texts]))
    for question in ("Who proposed the training?", "Kratié mayor mayor", "police officers 2017"):
        known = [word for word in stems(question) if word in library.vocab_dict]
        np.testing.assert_allclose(
            index.scores(question), library.get_scores(known), rtol=1e-5, atol=1e-6
        )


def test_more_words_than_are_counted_at_a_time(articles, monkeypatch):
    texts = [article.text for article in articles]
    whole = build(texts)
    monkeypatch.setattr("rag.index.bm25._BLOCK", 100)
    parts = build(texts)
    for question in ("Who proposed the training?", "Kratié"):
        np.testing.assert_array_equal(whole.scores(question), parts.scores(question))
        np.testing.assert_array_equal(
            whole.sentence_scores(question), parts.sentence_scores(question)
        )


@pytest.mark.parametrize("looked_up", [True, False], ids=["looked up", "all scored"])
def test_the_scores_of_some_rows_are_those_of_all(articles, monkeypatch, looked_up):
    monkeypatch.setattr("rag.index.bm25._SPARSE", 1 if looked_up else 10**9)
    index = build([*TEXTS, *(article.text for article in articles)])
    for question in ("Who proposed the training?", "Kratié mayor mayor", "zebra"):
        for score in (index.scores, index.sentence_scores):
            every, idfs = score(question), dict.fromkeys(stems(question), 1.5)
            for rows in (np.arange(0, len(index), 2), np.array([1]), np.arange(len(index))):
                np.testing.assert_array_equal(score(question, rows=rows), every[rows])
                np.testing.assert_array_equal(
                    score(question, idfs, rows), score(question, idfs)[rows]
                )
            assert score(question, rows=np.empty(0, np.int64)).tolist() == []


def test_frequencies_times_idfs_are_the_scores(tmp_path):
    """What an engine is given of the passages, and of a question."""
    asked = []
    index = written(TEXTS, tmp_path / "one")
    index = BM25Index.load(tmp_path / "one", lambda *given: asked.append(given))
    of_passages = list(frequencies(tmp_path / "one"))
    for question in ("messages messages", "Who proposed training to Sam Rainsy?", "of the"):
        index.candidates([question, "zebra"], 3, np.array([1, 2]))
        questions, (weights, unknown), k, allowed = asked.pop()
        assert (questions, unknown, k, allowed.tolist()) == ([question, "zebra"], {}, 3, [1, 2])
        scores = [
            sum(value * weights.get(number, 0) for number, value in one.items())
            for one in of_passages
        ]
        np.testing.assert_allclose(scores, index.scores(question), rtol=1e-5)


def test_words_that_are_taken_over_give_the_same_index(tmp_path, articles):
    texts = [article.text for article in articles]
    written(texts, tmp_path / "one")
    tokens, order = Tokens.load(tmp_path / "one"), np.array([3, 0, 5])
    with TokenWriter(tmp_path / "two") as words:
        words.take(tokens, order[:1])
        words.add(["Rain fell on Kratié."], [["Rain fell on Kratié."]])
        words.take(tokens, order[1:])
    BM25Index.write(tmp_path / "two")
    taken = BM25Index.load(tmp_path / "two")
    fresh = build([texts[3], "Rain fell on Kratié.", texts[0], texts[5]])
    for question in ("Who proposed the training?", "rain in Kratié", "Sun Chanthol"):
        np.testing.assert_array_equal(taken.scores(question), fresh.scores(question))
        np.testing.assert_array_equal(
            taken.sentence_scores(question), fresh.sentence_scores(question)
        )
