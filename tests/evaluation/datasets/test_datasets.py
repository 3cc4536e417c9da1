"""Data sets: each format as it is published, and what is said of every way to break it."""

from __future__ import annotations

import copy
import datetime
import gzip
import json
import shutil

import pytest

from rag.errors import InputError
from rag.evaluation.datasets import Fact, load, spans_of
from rag.evaluation.datasets.choice import Choice

CORPUS = [
    {"title": "Raids", "source": "The Post", "author": None, "category": "news",
     "published_at": "2023-11-27 08:45:59.000000000Z", "url": "https://post.example/raids",
     "body": "Police held 312\npeople in Kratie."},
    {"title": "Fire", "source": "Daily", "author": "A. Sok", "category": "news",
     "published_at": "soon", "url": "https://daily.example/fire", "body": "A market burned."},
]  # fmt: skip


def evidence(number, fact, **changes):
    article = {name: CORPUS[number][name] for name in ("title", "source", "url")}
    return {**article, "fact": fact, **changes}


QUESTIONS = [
    {"id": "q1", "query": "How many?", "question_type": "inference_query", "answer": "312",
     "evidence_list": [evidence(0, "held 312 people"), evidence(1, "A market burned.")]},
    {"id": "q2", "query": "Who won?", "question_type": "null_query", "answer": "",
     "evidence_list": []},
    {"id": "q3", "query": "What burned?", "question_type": "comparison_query", "answer": "",
     "evidence_list": [evidence(1, "market", url="https://moved.example")]},
]  # fmt: skip


def write_lines(path, records):
    data = "".join((r if isinstance(r, str) else json.dumps(r)) + "\n" for r in records).encode()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress(data, mtime=0) if path.suffix == ".gz" else data)
    return path


@pytest.fixture
def multihop(tmp_path):
    write_lines(tmp_path / "corpus.jsonl.gz", CORPUS)
    write_lines(tmp_path / "queries-dev.jsonl.gz", QUESTIONS)
    return tmp_path


def test_multihop(multihop):
    data = load(multihop)
    raids, fire = data.articles
    assert (raids.text, raids.title, raids.source, raids.author, raids.url) == (
        "Police held 312\npeople in Kratie.", "Raids", "The Post", "", "https://post.example/raids",
    )  # fmt: skip
    assert (raids.published, fire.published) == (datetime.date(2023, 11, 27), None)
    first, last = data.queries
    assert (first.id, first.text, first.kind) == ("q1", "How many?", "inference")
    assert first.relevant == {raids.id: 1, fire.id: 1}
    assert first.facts == (Fact("held 312 people", raids.id), Fact("A market burned.", fire.id))
    assert last.relevant == {fire.id: 1}, "its url is unknown: title and source say which it is"
    assert data.excluded == 1
    assert data.name == "MultiHop-RAG, queries-dev.jsonl.gz"


def test_multihop_as_it_is_published(tmp_path):
    unnamed = [{k: v for k, v in q.items() if k != "id"} for q in QUESTIONS]
    (tmp_path / "corpus.json").write_text(json.dumps(CORPUS))
    (tmp_path / "MultiHopRAG.json").write_text(json.dumps(unnamed))
    data = load(tmp_path)
    assert [query.id for query in data.queries] == ["mh-0001", "mh-0003"]
    assert load(tmp_path / "MultiHopRAG.json") == data


def test_one_of_several_question_files_is_named(multihop):
    held = write_lines(multihop / "queries-test.jsonl", QUESTIONS[2:])
    with pytest.raises(InputError, match=r"\(queries-dev\.jsonl\.gz, queries-test\.jsonl\)\. Name"):
        load(multihop)
    assert [query.id for query in load(held).queries] == ["q3"]


def test_the_limit_counts_questions_that_are_measured(multihop):
    queries = load(multihop).queries
    assert [query.id for query in Choice(limit=2).of(queries)] == ["q1", "q3"]
    assert [query.id for query in Choice(limit=1).of(queries)] == ["q1"]
    with pytest.raises(InputError, match="must be 1 question or more, not 0"):
        Choice(limit=0).of(queries)


def test_the_hash_is_of_the_bytes(multihop):
    before = load(multihop).sha256
    assert load(multihop).sha256 == before
    write_lines(multihop / "queries-dev.jsonl.gz", [*QUESTIONS, ""])
    assert load(multihop).sha256 != before


def test_blank_lines_are_skipped_and_counted(tmp_path):
    write_lines(tmp_path / "corpus.jsonl", CORPUS)
    write_lines(tmp_path / "queries.jsonl", ["", QUESTIONS[0], "  ", "{"])
    with pytest.raises(InputError, match=r"queries\.jsonl line 4: broken JSON"):
        load(tmp_path)


def altered(value, *path):
    """The questions with one field set, or removed for `...`."""
    questions = copy.deepcopy(QUESTIONS)
    place = questions
    for step in path[:-1]:
        place = place[step]
    if value is ...:
        del place[path[-1]]
    else:
        place[path[-1]] = value
    return questions


@pytest.mark.parametrize(
    ("questions", "message"),
    [
        (["{broken"], r"queries\.jsonl line 1: broken JSON .*A question has query"),
        (["[" * 100_000], r"line 1: broken JSON \(too deeply nested"),
        (["7"], r"line 1: not a JSON object"),
        (altered(..., 2, "query"), r"line 3: the field 'query' is missing"),
        (altered(7, 2, "query"), r"line 3: the field 'query' is not a string"),
        (altered(" ", 2, "query"), r"line 3: the field 'query' is empty"),
        (altered("\ud800", 2, "query"), r"line 3: the field 'query' holds half a surrogate"),
        (altered(..., 1, "question_type"), r"line 2: the field 'question_type' is missing"),
        (altered({}, 0, "evidence_list"), r"line 1: the field 'evidence_list' is not a list"),
        (altered("x", 0, "evidence_list", 1), r"line 1 evidence 2: not a JSON object"),
        (
            altered(..., 0, "evidence_list", 1, "fact"),
            r"line 1 evidence 2: the field 'fact' is missing",
        ),
        (
            altered("was burned", 0, "evidence_list", 1, "fact"),
            r"line 1 evidence 2: the fact 'was burned' does not stand in its article",
        ),
        (
            altered("Storm", 2, "evidence_list", 0, "title"),
            r"line 3 evidence 1: no article of the corpus has its url",
        ),
        (altered("q1", 2, "id"), r"line 3: the id 'q1' is given twice"),
        (QUESTIONS[1:2], "leaves no question to measure: of 1, none has"),
        ([], "leaves no question to measure: of 0"),
    ],
)
def test_broken_questions(tmp_path, questions, message):
    write_lines(tmp_path / "corpus.jsonl", CORPUS)
    write_lines(tmp_path / "queries.jsonl", questions)
    with pytest.raises(InputError, match=message):
        load(tmp_path)


@pytest.mark.parametrize(
    ("corpus", "message"),
    [
        ([CORPUS[0], {"title": "x"}], r"corpus\.jsonl line 2: the field 'body' is missing\. An"),
        ([{**CORPUS[0], "title": ["x"]}], r"line 1: the field 'title' is not a string"),
        ([*CORPUS, CORPUS[0]], r"line 3: the article is given twice"),
    ],
)
def test_a_broken_corpus(tmp_path, corpus, message):
    write_lines(tmp_path / "corpus.jsonl", corpus)
    write_lines(tmp_path / "queries.jsonl", QUESTIONS)
    with pytest.raises(InputError, match=message):
        load(tmp_path)


def test_an_array_names_the_item(tmp_path):
    (tmp_path / "corpus.json").write_text(json.dumps([CORPUS[0], 3]))
    (tmp_path / "MultiHopRAG.json").write_text(json.dumps(QUESTIONS))
    with pytest.raises(InputError, match=r"corpus\.json item 2: not a JSON object"):
        load(tmp_path)
    (tmp_path / "corpus.json").write_text('[{},\n{"a": }]')
    with pytest.raises(InputError, match=r"corpus\.json: broken JSON \(.* at line 2\)"):
        load(tmp_path)
    (tmp_path / "corpus.json").write_text("{}")
    with pytest.raises(InputError, match=r"corpus\.json: not a JSON array"):
        load(tmp_path)


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("queries.jsonl", b"\xff{}", r"queries\.jsonl is not UTF-8 \(at byte 0\)\. Save"),
        ("queries.jsonl.gz", b"plain", r"queries\.jsonl\.gz is no gzip file\. Take \.gz from"),
        ("queries.jsonl.gz", gzip.compress(b"{}" * 99)[:-9], r"is a damaged gzip file .*again"),
        ("queries.jsonl.gz", b"\x1f\x8b\x08\0\0\0\0\0\0\0junk", r"is a damaged gzip file"),
    ],
    ids=["latin", "not gzip", "cut off", "altered"],
)
def test_unreadable_bytes(tmp_path, name, data, message):
    write_lines(tmp_path / "corpus.jsonl", CORPUS)
    (tmp_path / name).write_bytes(data)
    with pytest.raises(InputError, match=message):
        load(tmp_path)


def test_nothing_that_is_known(tmp_path):
    with pytest.raises(InputError, match=r"There is nothing at .*lost\. Expected is one of"):
        load(tmp_path / "lost")
    with pytest.raises(InputError, match=r"holds no questions\. Expected is one of"):
        load(tmp_path)
    page = tmp_path / "page.txt"
    page.write_text("Police held 312 people.")
    with pytest.raises(InputError, match=r"page\.txt is no data set that is known here"):
        load(page)
    write_lines(tmp_path / "corpus.jsonl", CORPUS)
    with pytest.raises(InputError, match=r"holds no questions\. Expected is one of"):
        load(tmp_path)
    with pytest.raises(InputError, match="is no BEIR folder and has no splits"):
        load(tmp_path, split="dev")
    (tmp_path / "corpus.jsonl").unlink()
    write_lines(tmp_path / "queries.jsonl", QUESTIONS)
    with pytest.raises(InputError, match=r"holds no corpus\. Name the one .* with --articles"):
        load(tmp_path)


DOCUMENTS = [
    {"_id": "d1", "title": "Raids", "text": "Police held 312 people."},
    {"_id": "d2", "title": "A market burned", "text": "", "metadata": {"source": "Daily"}},
]
ASKED = [{"_id": name, "text": f"Question {name}?"} for name in ("1", "2", "3")]
HEADER = "query-id\tcorpus-id\tscore"
QRELS = [HEADER, "1\td1\t2", "1\td2\t1", "2\td1\t0", ""]


@pytest.fixture
def beir(tmp_path):
    folder = tmp_path / "tiny"
    write_lines(folder / "corpus.jsonl", DOCUMENTS)
    write_lines(folder / "queries.jsonl", ASKED)
    write_lines(folder / "qrels" / "test.tsv", QRELS)
    return folder


def test_beir(beir):
    data = load(beir)
    assert [(a.id, a.text, a.source) for a in data.articles] == [
        ("d1", "Police held 312 people.", ""), ("d2", "A market burned", "Daily"),
    ]  # fmt: skip
    (query,) = data.queries
    assert (query.id, query.text, query.kind, query.facts) == ("1", "Question 1?", "", ())
    assert query.relevant == {"d1": 2, "d2": 1}
    assert query.ignored == "1"
    assert (data.excluded, data.name) == (2, "tiny, test")


def test_beir_packed(beir):
    unpacked = load(beir)
    for path in (beir / "corpus.jsonl", beir / "queries.jsonl", beir / "qrels" / "test.tsv"):
        path.with_name(f"{path.name}.gz").write_bytes(gzip.compress(path.read_bytes()))
        path.unlink()
    assert load(beir).queries == unpacked.queries


def test_beir_splits(beir):
    write_lines(beir / "qrels" / "dev.tsv", [HEADER, "3\td1\t1"])
    assert [query.id for query in load(beir).queries] == ["1"]
    assert [query.id for query in load(beir, split="dev").queries] == ["3"]
    assert load(beir).sha256 != load(beir, split="dev").sha256
    with pytest.raises(InputError, match=r"no split 'train'\. Choose .* holds: dev, test\."):
        load(beir, split="train")
    (beir / "qrels" / "test.tsv").rename(beir / "qrels" / "train.tsv")
    with pytest.raises(InputError, match="several splits and none is called test"):
        load(beir)
    shutil.rmtree(beir / "qrels")
    (beir / "qrels").mkdir()
    with pytest.raises(InputError, match=r"qrels holds no \.tsv file"):
        load(beir)


@pytest.mark.parametrize(
    ("qrels", "message"),
    [
        (["1\td1\t1"], r"test\.tsv line 1: not the header query-id corpus-id score"),
        ([HEADER, "", "1\td1"], r"test\.tsv line 3: not a judgement"),
        ([HEADER, "1\td1\thigh"], r"test\.tsv line 2: not a judgement"),
        ([HEADER, "9\td1\t1"], r"test\.tsv line 2: the id '9' is not in queries\.jsonl"),
        ([HEADER, "1\td9\t1"], r"test\.tsv line 2: the id 'd9' is not in corpus\.jsonl"),
        ([HEADER, "1\td1\t1", "1\td1\t0"], r"test\.tsv line 3: the pair is judged twice"),
        ([HEADER], r"test\.tsv holds no judgement"),
        ([], r"test\.tsv line 1: not the header"),
        ([HEADER, "1\td1\t0"], "leaves no question to measure: of 3"),
    ],
)
def test_broken_judgements(beir, qrels, message):
    write_lines(beir / "qrels" / "test.tsv", qrels)
    with pytest.raises(InputError, match=message):
        load(beir)


@pytest.mark.parametrize(
    ("file", "records", "message"),
    [
        (
            "corpus.jsonl",
            [*DOCUMENTS, DOCUMENTS[0]],
            r"corpus\.jsonl line 3: the _id 'd1' is given",
        ),
        ("corpus.jsonl", [{"text": "x"}], r"corpus\.jsonl line 1: the field '_id' is missing"),
        ("corpus.jsonl", [{"_id": "x", "metadata": "y"}], r"line 1: the field 'metadata' is not"),
        ("queries.jsonl", [*ASKED, ASKED[1]], r"queries\.jsonl line 4: the _id '2' is given twice"),
        ("queries.jsonl", [{"_id": 3, "text": "x"}], r"line 1: the field '_id' is not a string"),
    ],
)
def test_broken_beir_records(beir, file, records, message):
    write_lines(beir / file, records)
    with pytest.raises(InputError, match=message):
        load(beir)


def test_a_beir_folder_without_a_corpus(beir):
    (beir / "corpus.jsonl").unlink()
    with pytest.raises(InputError, match=r"corpus\.jsonl cannot be read \(No such file"):
        load(beir)


def squad_question(name, **changes):
    answers = [{"text": "312", "answer_start": 12}]
    return {"id": name, "question": f"How many, {name}?", "answers": answers, **changes}


@pytest.fixture
def squad(tmp_path):
    def write(*questions, name="dev.json", title="Big_raids"):
        paragraphs = [
            {"context": "Police held 312 people.", "qas": list(questions)},
            {"context": "A market burned.", "qas": []},
        ]
        path = tmp_path / name
        write_lines(
            path, [{"version": "v2.0", "data": [{"title": title, "paragraphs": paragraphs}]}]
        )
        return path

    return write


@pytest.mark.parametrize("name", ["dev.json", "dev.json.gz"])
def test_squad(squad, name):
    data = load(squad(squad_question("a"), squad_question("b", is_impossible=True), name=name))
    assert [(a.id, a.title) for a in data.articles] == [
        ("Big_raids-0", "Big raids"), ("Big_raids-1", "Big raids"),
    ]  # fmt: skip
    (query,) = data.queries
    assert (query.id, query.text, query.kind, query.facts) == ("a", "How many, a?", "", ())
    assert query.relevant == {"Big_raids-0": 1}
    assert (data.excluded, data.name) == (1, name)


@pytest.mark.parametrize(
    ("question", "message"),
    [
        (squad_question("a"), r"topic 1 paragraph 1 question 2: the id 'a' is given twice"),
        ({"id": "b", "answers": []}, r"question 2: the field 'question' is missing\. SQuAD's"),
        (squad_question("b", answers=[{"text": "x"}]), "answer 1: the field 'answer_start' is mis"),
        (
            squad_question("b", answers=[{"text": "x", "answer_start": "1"}]),
            "question 2 answer 1: the field 'answer_start' is not a whole number",
        ),
    ],
)
def test_broken_squad(squad, question, message):
    with pytest.raises(InputError, match=message):
        load(squad(squad_question("a"), question))


def test_json_that_is_not_squad(tmp_path):
    path = tmp_path / "other.json"
    path.write_text('{"rows": []}')
    with pytest.raises(InputError, match=r"other\.json: the field 'data' is missing\. SQuAD's"):
        load(path)
    path.write_text('{"data": [')
    with pytest.raises(InputError, match=r"other\.json: broken JSON"):
        load(path)


@pytest.mark.parametrize(
    ("quote", "text", "spans"),
    [
        ("a b", "a b, a\n b", [(0, 3), (5, 9)]),
        (" a  b ", "xa b", [(1, 4)]),
        ("a.b", "acb", []),
        ("", "ab", []),
    ],
)
def test_where_a_quote_stands(quote, text, spans):
    assert spans_of(quote, text) == spans


def test_a_path_may_hold_odd_names(multihop):
    odd = multihop.parent / "news [1] é"
    shutil.copytree(multihop, odd)
    assert load(odd).sha256 == load(multihop).sha256
