"""The real encoder: unit rows, in order, of the published weights, and never of half a text."""

from __future__ import annotations

import hashlib
import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sentence_transformers import SentenceTransformer

from rag.errors import EncoderError
from rag.models import encoder as embed
from rag.models.bert_model import BertModel
from rag.models.encoder import Encoder, locate
from rag.models.runtime import network, precision
from rag.models.sentence_transformer import SentenceTransformerModel, _native_precision
from rag.settings import PRECISIONS

pytestmark = pytest.mark.models

BUNDLED = Path(__file__).parents[2] / "index" / "articles"
TEXTS = ["The mayor resigned.", "", "word " * 200, "Hun Manith", "ក" * 50] * 9


def test_rows_are_unit_float32_in_the_order_of_the_texts(encoder):
    rows = encoder.encode_passages(TEXTS)
    assert rows.shape == (len(TEXTS), encoder.dimension) == (45, 384)
    assert rows.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-5)
    np.testing.assert_allclose(rows[:5], rows[40:], atol=1e-5)


def test_a_text_has_the_same_row_in_any_batch(encoder):
    together = encoder.encode_passages(TEXTS[:5])
    alone = np.concatenate([encoder.encode_passages([text]) for text in TEXTS[:5]])
    np.testing.assert_allclose(together, alone, atol=1e-5)
    np.testing.assert_allclose(encoder.encode_passages(TEXTS[:5][::-1])[::-1], alone, atol=1e-5)


def test_a_model_without_prompts_embeds_queries_and_passages_alike(encoder):
    np.testing.assert_allclose(
        encoder.encode_queries(TEXTS[:2]), encoder.encode_passages(TEXTS[:2]), atol=1e-5
    )


def test_no_texts_give_no_rows(encoder):
    assert encoder.encode_passages([]).shape == (0, 384)
    assert encoder.encode_queries([]).shape == (0, 384)
    assert encoder.count_tokens([]) == []


def test_nearness_of_meaning_is_seen(encoder):
    question, fitting, other = encoder.encode_queries(
        ["Who leads the country?", "The prime minister heads the government.", "It rained."]
    )
    assert question @ fitting > question @ other + 0.2


def test_progress_ends_at_the_number_of_texts(encoder):
    seen = []
    encoder.encode_passages(TEXTS[:1] * 40, lambda *step: seen.append(step))
    assert seen == [("embedding", 32, 40), ("embedding", 40, 40)]


def test_a_passage_too_long_for_the_network_is_refused_not_cut(encoder):
    assert (encoder.max_tokens, encoder.overhead) == (256, 2)
    encoder.encode_passages(["word " * 254])
    with pytest.raises(EncoderError, match=r"257 tokens exceeds the 256.*passage_tokens"):
        encoder.encode_passages(["short", "word " * 255])


def test_a_query_too_long_for_the_network_is_cut(encoder):
    np.testing.assert_allclose(
        encoder.encode_queries(["word " * 10_000]), encoder.encode_queries(["word " * 254])
    )


@settings(max_examples=40)
@given(st.lists(st.text(), min_size=1, max_size=4), st.sampled_from([" ", "\n", "\n\n"]))
def test_tokens_of_texts_between_spaces_add_up(encoder, texts, space):
    assert encoder.count_tokens([space.join(texts)]) == [sum(encoder.count_tokens(texts))]


@pytest.mark.parametrize(
    ("text", "known"),
    [
        pytest.param("Who proposed the training?", True, id="English"),
        pytest.param("Qui a proposé la formation à Kratié ?", True, id="French"),
        pytest.param("Ai đã đề xuất khóa đào tạo?", True, id="Vietnamese"),
        pytest.param("តើនរណាបានស្នើការបណ្តុះបណ្តាល?", False, id="Khmer"),
        pytest.param("تربیت کی تجویز کس نے دی؟", False, id="Urdu"),
        pytest.param("Кто предложил обучение?", False, id="Cyrillic"),
        pytest.param("谁提出了培训?", False, id="Chinese"),
        pytest.param("What does “អរគុណ” mean in the article?", True, id="a foreign word quoted"),
        pytest.param("1,000 + 5?", True, id="figures"),
        pytest.param("", True, id="empty"),
    ],
)
def test_reads(encoder, text, known):
    assert encoder.reads(text) is known


def test_auto_precision_is_resolved_to_one_that_is_recorded(encoder):
    assert encoder.precision == "float32"
    assert Encoder("all-MiniLM-L6-v2").precision in PRECISIONS[1:]
    assert _native_precision("cpu") in ("float32", "bfloat16")
    assert _native_precision("mps") == "float32"


@pytest.fixture
def package(tmp_path, monkeypatch):
    """A package with a model's weights, known to the encoder as "packaged"."""
    weights = tmp_path / "packaged_model" / "model" / "model.safetensors"
    weights.parent.mkdir(parents=True)
    (tmp_path / "packaged_model" / "__init__.py").touch()
    weights.write_bytes(b"weights")
    published = hashlib.sha256(b"weights").hexdigest()
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setitem(
        embed._PACKAGED, "packaged", ("packaged_model", "packaged-model", published)
    )
    return weights


def test_packaged_weights_are_taken_when_they_are_the_published_ones(package):
    assert embed.locate("packaged") == package.parent


def test_packaged_weights_that_were_altered_are_refused(package):
    package.write_bytes(b"weightz")
    with pytest.raises(EncoderError, match="--force-reinstall packaged-model"):
        Encoder("packaged")


def test_packaged_weights_that_are_missing_are_refused(package):
    package.unlink()
    with pytest.raises(EncoderError, match="--force-reinstall packaged-model"):
        Encoder("packaged")


def test_a_package_that_is_not_installed_is_named(monkeypatch):
    monkeypatch.setitem(embed._PACKAGED, "absent", ("absent_model", "absent-model", ""))
    with pytest.raises(EncoderError, match="pip install absent-model"):
        Encoder("absent")


@pytest.mark.parametrize("name", ["missing", "."], ids=["no folder", "folder without a model"])
def test_a_model_that_cannot_be_loaded_is_an_error_with_a_remedy(tmp_path, name):
    with pytest.raises(EncoderError, match=r"could not be loaded .* Give the folder"):
        Encoder(str(tmp_path / name))


# Parts

QUESTION = "Who leads the party, and why did the Phnom Penh Post call Sok a 2nd founder?"


def spans_of(*pieces):
    return [(QUESTION.index(piece), QUESTION.index(piece) + len(piece)) for piece in pieces]


PARTS = spans_of("Who leads the party", "why did the Phnom Penh Post call Sok a 2nd founder")


@pytest.mark.parametrize("parts", [[], PARTS], ids=["whole", "parts"])
def test_the_first_row_is_the_whole_query(encoder, parts):
    (rows,) = encoder.encode_parts([QUESTION], [parts])
    assert (rows.shape, rows.dtype) == ((1 + len(parts), 384), np.float32)
    np.testing.assert_allclose(rows[:1], encoder.encode_queries([QUESTION]), atol=1e-5)
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-5)


def test_no_queries_have_no_parts(encoder):
    assert encoder.encode_parts([], []) == []


def test_a_part_is_nearest_to_itself_alone_and_keeps_its_context(encoder):
    ((whole, *parts),) = encoder.encode_parts([QUESTION], [PARTS])
    alone = encoder.encode_queries([QUESTION[start:end] for start, end in PARTS])
    similar = np.array(parts) @ alone.T
    assert (similar.argmax(axis=1) == [0, 1]).all()
    assert (similar.diagonal() < 0.99).all()
    assert (parts @ whole > alone @ whole).all()


def test_a_part_that_is_all_of_the_query_is_nearly_the_query(encoder):
    ((whole, part),) = encoder.encode_parts([QUESTION], [[(0, len(QUESTION))]])
    assert whole @ part > 0.98


def test_a_part_is_the_mean_of_its_tokens(encoder, original):
    (read,) = original.encode(["Who ran home?"], output_value=None)
    tokens = read["token_embeddings"].numpy()  # [CLS] who ran home ? [SEP]
    assert len(tokens) == 6
    expected = np.array([tokens[1], tokens[1:3].mean(axis=0), tokens[3:5].mean(axis=0)])
    expected /= np.linalg.norm(expected, axis=1, keepdims=True)
    ((_, *parts),) = encoder.encode_parts(["Who ran home?"], [[(0, 3), (0, 7), (7, 13)]])
    np.testing.assert_allclose(parts, expected, atol=1e-6)


def test_queries_have_the_same_rows_in_any_batch(encoder):
    texts = [QUESTION, "Who?", "word " * 300, QUESTION[:40]]
    parts = [PARTS, [], [(0, 9), (1490, 1499)], [(4, 9)]]
    together = encoder.encode_parts(texts, parts)
    for rows, text, spans in zip(together, texts, parts, strict=True):
        np.testing.assert_allclose(rows, encoder.encode_parts([text], [spans])[0], atol=1e-5)
    for rows, text in zip(encoder.encode_parts(texts, [[]] * 4), texts, strict=True):
        np.testing.assert_allclose(rows, encoder.encode_queries([text]), atol=1e-5)


@pytest.mark.parametrize(
    ("text", "span"),
    [
        pytest.param("word " * 300, (1490, 1499), id="beyond the limit"),
        pytest.param("Who ran?   ", (8, 11), id="blank"),
        pytest.param("Who ran?", (4, 4), id="empty"),
        pytest.param("Whoever ran?", (1, 3), id="inside a token"),
    ],
)
def test_a_part_without_tokens_is_the_whole(encoder, text, span):
    ((whole, part),) = encoder.encode_parts([text], [[span]])
    np.testing.assert_array_equal(whole, part)


@pytest.fixture(scope="module")
def small_model(tmp_path_factory):
    """The folder of a tiny random model with a prompt for queries and another for passages."""
    return save_small_model(tmp_path_factory.mktemp("small"), "mean")


def save_small_model(folder, pooling, more=()):
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Pooling, Transformer
    from transformers import BertConfig, BertModel, BertTokenizerFast

    vocabulary = "[PAD] [UNK] [CLS] [SEP] [MASK] query passage : the mayor left".split()
    vocabulary += more
    (folder / "vocab.txt").write_text("\n".join(vocabulary))
    BertTokenizerFast(str(folder / "vocab.txt")).save_pretrained(folder / "bert")
    config = BertConfig(
        vocab_size=len(vocabulary),
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=16,
        max_position_embeddings=24,
    )
    BertModel(config).save_pretrained(folder / "bert")
    bert = Transformer(str(folder / "bert"), max_seq_length=24)
    prompts = {"query": "query: ", "passage": "passage: "}
    model = SentenceTransformer(modules=[bert, Pooling(16, pooling_mode=pooling)], prompts=prompts)
    model.save(str(folder / "model"))
    return folder / "model"


def test_a_vocabulary_for_many_languages_is_larger(encoder, tmp_path):
    assert not encoder.multilingual
    many = [f"word{n}" for n in range(119_536)]  # With the others those of mBERT.
    assert Encoder(str(save_small_model(tmp_path, "mean", many)), "float32").multilingual


def test_a_model_is_loaded_by_its_folder_with_its_prompts(small_model):
    encoder = Encoder(str(small_model), "float32")
    assert (encoder.name, encoder.dimension) == (str(small_model), 16)
    assert (encoder.max_tokens, encoder.overhead) == (24, 4)  # [CLS] passage : ... [SEP]
    plain = SentenceTransformer(str(small_model)).encode(
        ["query: the mayor", "passage: the mayor"], prompt="", normalize_embeddings=True
    )
    np.testing.assert_allclose(encoder.encode_queries(["the mayor"]), plain[:1], atol=1e-6)
    np.testing.assert_allclose(encoder.encode_passages(["the mayor"]), plain[1:], atol=1e-6)


def test_the_prompt_counts_towards_what_the_network_reads(small_model):
    encoder = Encoder(str(small_model), "float32")
    encoder.encode_passages(["mayor " * 20])
    with pytest.raises(EncoderError, match="25 tokens exceeds the 24"):
        encoder.encode_passages(["mayor " * 21])


def test_offsets_of_parts_do_not_count_the_prompt(small_model):
    encoder = Encoder(str(small_model), "float32")
    text, spans = "the mayor: left", [(4, 9), (9, 15), (0, 15)]
    ((whole, *parts),) = encoder.encode_parts([text], [spans])
    np.testing.assert_allclose(whole, encoder.encode_queries([text])[0], atol=1e-6)
    original = SentenceTransformer(str(small_model))
    (read,) = original.encode([f"query: {text}"], prompt="", output_value=None)
    tokens = read["token_embeddings"].numpy()  # [CLS] query : the mayor : left [SEP]
    assert len(tokens) == 8
    expected = np.array([tokens[4], tokens[5:7].mean(axis=0), tokens[3:7].mean(axis=0)])
    expected /= np.linalg.norm(expected, axis=1, keepdims=True)
    np.testing.assert_allclose(parts, expected, atol=1e-6)


# What runs the model


@pytest.fixture(scope="module")
def original(models):
    """The default encoder as sentence-transformers runs it."""
    return SentenceTransformer(str(locate("all-MiniLM-L6-v2")), device="cpu")


def test_our_runtime_computes_what_sentence_transformers_does(encoder, original):
    assert isinstance(encoder._model, BertModel)
    texts = [*TEXTS[:5], QUESTION, "word " * 300, "one [SEP] two [MASK]", "Über\x00 cafe\u0301"]
    expected = original.encode(texts, normalize_embeddings=True)
    np.testing.assert_allclose(encoder.encode_queries(texts), expected, atol=2e-6)


@pytest.mark.parametrize("pooling", ["mean", "cls"])
def test_a_plain_bert_in_a_folder_runs_on_our_runtime(tmp_path, pooling):
    folder = save_small_model(tmp_path, pooling)
    encoder = Encoder(str(folder), "float32")
    assert isinstance(encoder._model, BertModel)
    texts = ["the mayor left", "", "mayor " * 50, "The Mayor: unseen"]
    expected = SentenceTransformer(str(folder)).encode(texts, prompt_name="query")
    expected /= np.linalg.norm(expected, axis=1, keepdims=True)
    np.testing.assert_allclose(encoder.encode_queries(texts), expected, atol=2e-6)


def changed(folder, name, **values):
    """Change a model's file of settings."""
    path = folder / name
    path.write_text(json.dumps(json.loads(path.read_text("utf-8")) | values), "utf-8")


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("config.json", {"hidden_act": "relu"}),
        ("1_Pooling/config.json", {"pooling_mode": "max"}),
        ("1_Pooling/config.json", {"include_prompt": False}),
        ("sentence_bert_config.json", {"do_lower_case": True}),
    ],
    ids=["activation", "pooling", "prompt", "lower case"],
)
def test_what_our_runtime_does_not_compute_runs_with_sentence_transformers(
    tmp_path, caplog, name, values
):
    folder = save_small_model(tmp_path, "mean")
    changed(folder, name, **values)
    with caplog.at_level("INFO"):
        encoder = Encoder(str(folder), "float32")
    assert isinstance(encoder._model, SentenceTransformerModel)
    assert [r.levelname for r in caplog.records if r.name == embed.__name__] == ["INFO"]
    texts = ["the mayor left", "", "mayor " * 50]
    original = SentenceTransformer(str(folder))
    expected = original.encode(texts, prompt_name="query", normalize_embeddings=True)
    np.testing.assert_allclose(encoder.encode_queries(texts), expected, atol=2e-6)


@pytest.mark.parametrize("harm", ["cut", "empty", "gone"])
def test_a_damaged_model_in_a_folder_is_an_error_with_a_remedy(tmp_path, harm):
    weights = save_small_model(tmp_path, "mean") / "model.safetensors"
    whole = weights.read_bytes()
    weights.unlink()
    if harm != "gone":
        weights.write_bytes(whole[: len(whole) // 2] if harm == "cut" else b"")
    with pytest.raises(EncoderError, match=r"could not be loaded .* Give the folder"):
        Encoder(str(weights.parent))


@pytest.mark.parametrize("pooling", ["cls", "max"])
def test_a_model_that_does_not_pool_by_the_mean_reads_parts_alone(tmp_path, pooling):
    encoder = Encoder(str(save_small_model(tmp_path, pooling)), "float32")
    texts, parts = ["the mayor left", "mayor", "the mayor"], [[(0, 3), (4, 9)], [], [(4, 9)]]
    rows = encoder.encode_parts(texts, parts)
    alone = [["the mayor left", "the", "mayor"], ["mayor"], ["the mayor", "mayor"]]
    for found, cut in zip(rows, alone, strict=True):
        np.testing.assert_allclose(found, encoder.encode_queries(cut), atol=1e-6)


def test_threads_do_not_disturb_each_other(encoder):
    """The tokenizer keeps how it pads and truncates, so its users must come one by one."""
    long, spans = "1 2 3 4 5 " * 90, [(0, 40), (500, 600)]
    padded = ["Who won?", QUESTION, "Who?"]
    alone, short = encoder.encode_parts([long], [spans])[0], encoder.encode_queries(padded)

    def disturb(number):
        if number % 3 == 0:
            np.testing.assert_allclose(encoder.encode_parts([long], [spans])[0], alone, atol=1e-5)
        elif number % 3 == 1:
            np.testing.assert_allclose(encoder.encode_queries(padded), short, atol=1e-5)
        else:
            assert encoder.count_tokens([long, "Who won?"]) == [450, 3]
        return True

    with ThreadPoolExecutor(6) as pool:
        assert all(pool.map(disturb, range(60)))


# Precisions


@pytest.fixture
def able(monkeypatch):
    """Makes the processor one that has instructions for some precisions only."""
    return lambda *names: monkeypatch.setattr(precision, "native", lambda: (*names, "float32"))


@pytest.mark.parametrize(
    ("names", "asked", "quantisable", "found"),
    [
        (("int8", "bfloat16"), "auto", True, "int8"),
        (("int8", "bfloat16"), "auto", False, "bfloat16"),
        (("int8",), "auto", False, "float32"),
        ((), "auto", True, "float32"),
        (("int8", "bfloat16"), "float32", True, "float32"),
        (("int8", "bfloat16"), "bfloat16", True, "bfloat16"),
        (("bfloat16",), "int8", True, "float32"),
        (("int8",), "int8", False, "float32"),
        (("int8",), "bfloat16", True, "float32"),
    ],
)
def test_a_precision_is_one_that_the_processor_has(able, caplog, names, asked, quantisable, found):
    able(*names)
    with caplog.at_level("INFO"):
        assert precision.resolve(asked, quantisable) == found
    assert len(caplog.records) == (asked not in ("auto", found))


def test_processors_are_told_by_their_instructions(tmp_path, monkeypatch):
    told = tmp_path / "cpuinfo"
    monkeypatch.setattr(precision, "_CPUINFO", told)
    monkeypatch.setattr(precision, "has_bfloat16", lambda: False)
    assert precision.native.__wrapped__() == ("float32",)
    for flags, found in [("fpu sse2 avx2", ()), ("avx2 avx512_vnni amx", ("int8",))]:
        told.write_text(f"processor : 0\nflags\t\t: {flags}\nbogomips : 1\n")
        assert precision.native.__wrapped__() == (*found, "float32")


@pytest.mark.parametrize(("name", "least"), [("bfloat16", 0.9995), ("int8", 0.985)])
def test_passages_in_other_precisions_are_close_to_float32_and_queries_the_same(
    encoder, articles, able, name, least
):
    able("int8", "bfloat16")  # Without its instructions it takes longer.
    fast = Encoder("all-MiniLM-L6-v2", name)
    assert fast.precision == name
    texts = [*TEXTS[:5], *(article.text[:900] for article in articles)]
    rows, expected = fast.encode_passages(texts), encoder.encode_passages(texts)
    assert rows.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-5)
    cosines = np.sum(rows * expected, axis=1)
    assert least < cosines.min()
    np.testing.assert_array_equal(fast.encode_queries(texts), encoder.encode_queries(texts))


@pytest.mark.parametrize(("told", "threads"), [("3", 3), ("0", None), ("", None), ("x", None)])
def test_threads_are_as_told_or_one_a_core(monkeypatch, told, threads):
    monkeypatch.setenv("OMP_NUM_THREADS", told)
    assert network.threads() == threads or (threads is None and network.threads() >= 1)


@pytest.mark.parametrize("harm", ["gone", "empty", "cut", "altered", "another"])
def test_without_its_largest_inputs_an_encoder_is_not_put_in_int8(
    able, tmp_path, monkeypatch, caplog, harm
):
    able("int8", "bfloat16")
    file = tmp_path / "largest.npz"
    whole = embed._LARGEST.read_bytes()
    half = len(whole) // 2
    altered = whole[:half] + bytes([whole[half] ^ 1]) + whole[half + 1 :]
    held = {"empty": b"", "cut": whole[:half], "altered": altered, "another": b"{}"}
    if harm in held:
        file.write_bytes(held[harm])
    monkeypatch.setattr(embed, "_LARGEST", file)
    with caplog.at_level("INFO"):
        encoder = Encoder("all-MiniLM-L6-v2")
    assert encoder.precision == "bfloat16"
    assert [record.message for record in caplog.records if "no int8" in record.message]
