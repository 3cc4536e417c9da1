"""Answers measured: words, confidence, one answer against the gold, and whole runs."""

from __future__ import annotations

import json
from dataclasses import asdict, replace

import made
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

from eval.__main__ import main
from eval.answers import abstention, goldset, judge, marked
from eval.answers import run as answers
from eval.answers import scores as answer_scores
from eval.datasets import Fact, Query
from eval.retrieval.run import Plan
from eval.runs import compare, report
from eval.runs.saved import Answered, Row, read_run
from rag import Answer, Article, AskSettings, Citation, Hit, Passage
from rag.errors import InputError
from rag.types import Claim

# Words


@pytest.mark.parametrize(
    ("said", "right", "exact", "f1"),
    [
        ("The 27 people.", "27 people", 1, 1),
        ("27 people in Pursat", "27 people", 0, 2 * 2 / (4 + 2)),
        ("27 27", "27 men", 0, 2 * 1 / (2 + 2)),
        ("", "27", 0, 0),
        ("the", "a", 1, 1),
        ("U.S.", "us", 1, 1),
    ],
    ids=["articles and case", "more", "twice", "nothing", "only articles", "punctuation"],
)
def test_words_are_scored_as_squads_script_does(said, right, exact, f1):
    assert marked.exact(said, [right]) == exact
    assert marked.f1(said, [right]) == pytest.approx(f1)


def test_the_best_of_several_answers_counts():
    assert marked.exact("two", ["one", "two"]) == 1
    assert marked.f1("two men", ["one", "two"]) == pytest.approx(2 / 3)
    assert marked.exact("", ["the", "two"]) == 0, "what is empty is no answer beside others"


# Confidence

judged = st.lists(
    st.tuples(st.booleans(), st.integers(0, 8).map(lambda n: n / 8)), min_size=1, max_size=40
)


def arrays(pairs):
    return np.array([a for a, _ in pairs], bool), np.array([b for _, b in pairs], float)


@given(judged)
def test_auroc_is_sklearns(pairs):
    true, confidence = arrays(pairs)
    found = abstention.auroc(true, confidence)
    if true.all() or not true.any():
        assert found is None
    else:
        assert found == pytest.approx(roc_auc_score(true, confidence))


def test_risk_and_coverage_by_hand():
    right = np.array([True, False, True, False])
    coverage, risk = abstention.risk_coverage(right, np.array([0.9, 0.6, 0.7, 0.1]))
    assert coverage.tolist() == [0.25, 0.5, 0.75, 1]
    assert risk == pytest.approx([0, 0, 1 / 3, 2 / 4])
    assert abstention.area(risk) == pytest.approx((1 / 3 + 1 / 2) / 4)
    _, tied = abstention.risk_coverage(right, np.array([0.5, 0.5, 0.5, 0.1]))
    assert tied == pytest.approx([1 / 3, 1 / 3, 1 / 3, 1 / 2])


@given(judged, st.randoms(use_true_random=False))
def test_risk_and_coverage_of_anything(pairs, random):
    right, confidence = arrays(pairs)
    coverage, risk = abstention.risk_coverage(right, confidence)
    assert (np.diff(coverage) > 0).all()
    assert coverage[-1] == 1
    assert risk[-1] == pytest.approx(np.mean(~right))
    assert ((risk >= 0) & (risk <= 1 + 1e-9)).all()
    random.shuffle(pairs)
    assert abstention.risk_coverage(*arrays(pairs))[1] == pytest.approx(risk), "order is chance"


def test_calibration_error_by_hand():
    true = np.array([True, False, True, True])
    # Bins .1 to .2 (one of two, sure .15) and the last (both, sure .95): half of .35 and of .05.
    found = abstention.calibration_error(true, np.array([0.1, 0.2 - 1e-9, 0.9, 1.0]))
    assert found == pytest.approx(0.5 * 0.35 + 0.5 * 0.05)


def test_what_is_declined_when_a_twentieth_is_lost():
    true = np.array([True] * 20 + [False] * 4)
    confidence = np.array([n / 20 for n in range(20)] + [0.0, 0.04, 0.05, 0.5])
    assert abstention.declined_at(true, confidence) == 0.5, "one of 20 lies below .05"
    assert abstention.declined_at(true[:5], confidence[:5]) is None


@given(judged)
def test_no_more_is_lost_than_allowed(pairs):
    true, confidence = arrays(pairs)
    found = abstention.declined_at(true, confidence, lost=0.25)
    if found is not None:
        allowed = [t for t in {*confidence, 2} if np.mean(confidence[true] < t) <= 0.25]
        assert found == np.mean(confidence[~true] < max(allowed))


# One answer

TEXT = "Police held 312 people in Kratie. Another 27 were held in Pursat."
FIRST, SECOND = (0, 33), (34, 65)
ARTICLES = {"raids": Article(TEXT, "Raids", "raids"), "copy": Article(TEXT, "Copy", "copy")}
ASKED = Query(
    "q", "How many in Pursat?", "", {"raids": 1},
    about="raids", topic="Raids", words=((42, 44),), answers=("27",),
)  # fmt: skip
FACTUAL = Query(
    "q", "How many?", "inference", {"raids": 1, "copy": 1},
    (Fact(TEXT[slice(*FIRST)], "raids"), Fact(TEXT[slice(*SECOND)], "copy")), answers=("KRATIE",),
)  # fmt: skip


def citation(span, article="raids", label=1):
    return Citation(label, article, *span, TEXT[slice(*span)])


def passage(span, article="raids"):
    return Hit(Passage(article, *span, TEXT[slice(*span)]), 1.0, 1.0, 1.0)


def answered(*citations, **changes):
    answer = Answer("", "", "", "answered", citations=citations, confidence=0.75)
    return replace(answer, **changes)


def row_of(answer, query=ASKED):
    return judge.judge(query, answer, ARTICLES, 1.5)


def test_a_right_sentence_holds_the_words_in_their_article():
    row = row_of(answered(citation(SECOND)))
    assert row.measures == {"first right": 1, "any right": 1, "EM": 0, "F1": 0}
    assert (row.kind, row.missed, row.answer.failure) == ("Raids", [], "")
    assert row.passages == [
        {"article": "raids", "start": 34, "end": 65, "label": 1, "right": True,
         "quote": "Another 27 were held in Pursat."}
    ]  # fmt: skip
    late = row_of(answered(citation(FIRST, label=1), citation(SECOND, label=2)))
    assert (late.measures["first right"], late.measures["any right"]) == (0, 1)
    for wrong in (citation(SECOND, "copy"), citation((34, 43)), citation(FIRST)):
        row = row_of(answered(wrong))
        assert row.measures["any right"] == 0
        assert row.missed == ["27"]


def test_the_words_that_the_best_sentence_marks():
    claims = (
        Claim("Police held 312 people.", (1,), marks=((12, 15),)),
        Claim("Another 27 were held in Pursat.", (2,), marks=((8, 10), (24, 30))),
    )
    row = row_of(answered(citation(SECOND, label=2), citation(FIRST, label=1), claims=claims))
    assert row.answer.marked == "27 Pursat"
    assert (row.measures["EM"], row.measures["F1"]) == (0, pytest.approx(2 / 3))


@pytest.mark.parametrize(
    ("answer", "failure"),
    [
        (answered(citation(FIRST), hits=(passage(FIRST),)), judge.NOT_FOUND),
        (answered(citation(FIRST), hits=(passage((0, 65)),)), judge.OTHER_SENTENCE),
        (
            answered(citation(FIRST), hits=(passage(FIRST), passage(SECOND))),
            judge.OTHER_PASSAGE,
        ),
        (answered(citation(FIRST, "copy"), hits=(passage((0, 65)),)), judge.OTHER_PASSAGE),
        (answered(hits=(passage(SECOND),), status="unanswered"), judge.NOTHING_SHOWN),
        (answered(citation(SECOND), hits=()), ""),
    ],
    ids=["not found", "same passage", "other passage", "other article", "nothing", "right"],
)
def test_where_it_went_wrong(answer, failure):
    assert row_of(answer).answer.failure == failure
    assert row_of(answer, replace(ASKED, relevant={}, words=(), answers=())).answer.failure == ""


def test_a_fact_is_shown_by_half_of_the_shorter():
    row = row_of(
        answered(citation((0, 16)), citation((0, 17)), citation((40, 65), "copy")), FACTUAL
    )
    # 16 and 17 characters lie inside the fact whole: the shorter is the sentence itself.
    assert [at["right"] for at in row.passages] == [True, True, True]
    assert (row.answer.found, row.answer.facts, row.missed) == (2, 2, [])
    row = row_of(answered(citation((20, 60)), citation((16, 60))), FACTUAL)
    assert [at["right"] for at in row.passages] == [False, True], "13 and 17 of 33 characters"
    assert row.missed == [TEXT[slice(*SECOND)]], "it stands in the other article"


def test_an_answer_string_is_shown_as_whole_words():
    assert row_of(answered(citation(FIRST)), FACTUAL).measures["answer string shown"] == 1
    assert row_of(answered(citation((0, 31))), FACTUAL).measures["answer string shown"] == 0


def test_broken_citations_are_counted():
    broken = replace(citation(FIRST), quote="Police held 313 people in Kratie.")
    lost = replace(citation(FIRST), article_id="lost")
    assert row_of(answered(broken, citation(SECOND), lost, dropped=1)).answer.broken == 3


# What rows come to


def row(number, answerable, confidence, first=0.0, right=(), facts=0, found=0, **changes):
    """A row whose sentences are right as `right` says."""
    answer = Answered(answerable, confidence, "answered", "27", facts, found, 0, "")
    made = Row(
        f"q{number}", "Who?", "", 10.0, {"first right": first} if answerable else {},
        [{"right": each} for each in right], [], [], answer,
    )  # fmt: skip
    return replace(made, **changes)


def test_precision_and_recall_count_all_together():
    rows = [
        row(0, True, 0.9, 1, (True, True, False), facts=2, found=2),
        row(1, True, 0.8, 0, (False,), facts=2, found=0),
        row(2, False, 0.7, 0, (False, False)),
    ]
    found = answer_scores.scores(rows, 0.75, rows)
    assert found["first right"] == 0.5
    assert found["citation precision"] == pytest.approx(2 / 4)
    assert found["fact recall"] == pytest.approx(2 / 4)
    assert (found["answerable declined"], found["unanswerable declined"]) == (0, 1)
    assert found["AUROC"] == 1
    alone = answer_scores.scores(rows[:1], 0.75, rows)
    assert alone["AUROC"] == 1, "a kind without unanswerable ones is set against all of those"
    assert "AUROC" not in answer_scores.scores(rows[2:], 0.75, rows)


def test_an_unanswerable_question_that_is_answered_is_wrong():
    rows = [row(0, True, 0.9, 1), row(1, False, 0.8), row(2, True, 0.2, 0), row(3, False, 0.1)]
    found = answer_scores.confidence_scores(rows, 0.5)
    assert (found["coverage at the threshold"], found["risk at the threshold"]) == (0.5, 0.5)
    assert found["AURC"] == pytest.approx((0 + 1 / 2 + 2 / 3 + 3 / 4) / 4)
    assert found["ECE, answerable"] == pytest.approx((0.1 + 0.8 + 0.8 + 0.1) / 4)
    assert found["ECE, first right"] == pytest.approx((0.1 + 0.8 + 0.2 + 0.1) / 4)
    wrong = [each.id for each in rows if answer_scores.is_wrong(each, 0.5)]
    assert wrong == ["q1", "q2"]
    assert "risk at the threshold" not in answer_scores.confidence_scores(rows, 0.95)


def test_squads_own_score_lets_a_question_be_declined():
    words = {"first right": 1.0, "EM": 1.0, "F1": 0.5}
    rows = [
        row(0, True, 0.9, measures=words), row(1, True, 0.2, measures=words),
        row(2, False, 0.2), row(3, False, 0.9),
    ]  # fmt: skip
    found = answer_scores.confidence_scores(rows, 0.5)
    assert (found["SQuAD 2.0 EM"], found["SQuAD 2.0 F1"]) == (0.5, 0.375)


def test_the_page_shows_what_was_marked(tmp_path):
    shown = [{"right": False, "quote": "<b>27</b> men & more"}]
    rows = [row(0, True, 0.9), row(1, False, 0.8, passages=shown), row(2, False, 0.1)]
    folder = made.run(tmp_path / "a", map(asdict, rows), settings={"threshold": 0.5})
    page = report.run(folder, None).read_text("utf-8")
    assert "&lt;b&gt;27&lt;/b&gt; men &amp; more" in page
    assert "q1 · confidence 0.80 · has no answer · marked: 27" in page
    assert page.index("q0 · confidence 0.90") < page.index("q1 · confidence 0.80")
    assert "2 of 2 whose first sentence is not right" in page


def test_intervals_hold_their_rate():
    rows = [row(n, True, 0.5, n % 4 == 0, (n % 4 == 0, False)) for n in range(40)]
    found = answer_scores.summarise(rows, 0.25)
    for name, rate in (("first right", 0.25), ("citation precision", 0.125)):
        low, high = found["intervals"][name]
        assert found["measures"][name] == rate
        assert 0 <= low < rate < high < 2.5 * rate
    assert "first right: " in answer_scores.table(found)


# Whole runs

SENTENCES = {
    "Timber": ("A lorry in Kratie carried timber.", "The driver of it ran away."),
    "Salt_trade": ("A ship in Kep carried salt.", "The captain of it stayed there."),
}


def squad_data():
    def question(key, text, context, answer):
        spans = [{"text": answer, "answer_start": context.index(answer)}] if answer else []
        return {"id": key, "question": text, "answers": spans, "is_impossible": not answer}

    topics = []
    for topic, (first, second) in SENTENCES.items():
        context, thing = f"{first} {second}", first.split()[1]
        qas = [
            question(f"{topic}-what", f"What did the {thing} carry?", context, first.split()[-1]),
            question(f"{topic}-where", f"Where was the {thing}?", context, first.split()[3]),
            question(f"{topic}-none", f"Who painted the {thing} red yesterday?", context, ""),
        ]
        topics.append({"title": topic, "paragraphs": [{"context": context, "qas": qas}]})
    return {"version": "v2.0", "data": topics}


@pytest.fixture
def squad(tmp_path):
    path = tmp_path / "squad.json"
    path.write_text(json.dumps(squad_data()))
    return Plan("answers", path, tmp_path / "out", index=tmp_path / "index")


def test_a_run_over_squad(squad, fake_encoder):
    summary = answers.run(squad, encoder=fake_encoder)
    run = read_run(squad.out)
    assert list(run.rows) == [
        "Timber-what", "Timber-where", "Timber-none",
        "Salt_trade-what", "Salt_trade-where", "Salt_trade-none",
    ]  # fmt: skip
    first = run.rows["Timber-what"]
    assert (first.kind, first.measures["first right"]) == ("Timber", 1)
    assert first.passages[0]["quote"] == SENTENCES["Timber"][0]
    assert run.rows["Timber-none"].measures == {}
    assert not run.rows["Timber-none"].answer.answerable
    assert (summary["questions"], summary["answerable"], summary["broken citations"]) == (6, 4, 0)
    assert summary["measures"]["first right"] == 1
    assert list(summary["kinds"]) == ["Salt trade", "Timber"]
    assert summary["threshold"] == run.manifest["settings"]["threshold"] == AskSettings().threshold
    assert (run.manifest["system"], run.manifest["data"]["queries"]) == ("answers", 6)
    assert run.manifest["complete"]
    assert json.loads((squad.out / "summary.json").read_text()) == json.loads(json.dumps(summary))


def test_no_threshold_hides_an_answer(squad, fake_encoder):
    sure = replace(squad, ask=AskSettings(threshold=1))
    summary = answers.run(sure, encoder=fake_encoder)
    assert summary["measures"]["answerable declined"] == 1
    assert summary["measures"]["first right"] == 1
    assert summary["threshold"] == 1


def test_the_paragraph_is_given(squad, fake_encoder):
    answers.run(squad, True, encoder=fake_encoder)
    run = read_run(squad.out)
    assert run.manifest["system"] == "answers, article given"
    for key, row in run.rows.items():
        assert {at["article"] for at in row.passages} <= {f"{key.partition('-')[0]}-0"}
    with pytest.raises(InputError, match=r"system \(there answers, article given, here answers\)"):
        answers.run(squad, encoder=fake_encoder)


def test_chosen_topics_are_asked_over_all_paragraphs(squad, fake_encoder):
    answers.run(squad, topics=["Salt_trade"], encoder=fake_encoder)
    run = read_run(squad.out)
    assert {row.kind for row in run.rows.values()} == {"Salt trade"}
    assert run.manifest["data"]["articles"] == 2
    assert run.manifest["data"]["topics"] == ["Salt_trade"]
    with pytest.raises(InputError, match=r"no questions on Gold\. Topics are: Salt trade, Timber"):
        answers.run(squad, topics=["Gold"], encoder=fake_encoder)
    with pytest.raises(InputError, match="holds rows of other questions"):
        answers.run(squad, encoder=fake_encoder)


def test_it_goes_on_where_it_stopped(squad, fake_encoder):
    answers.run(replace(squad, limit=2), encoder=fake_encoder)
    before = read_run(squad.out)
    assert answers.run(squad, encoder=fake_encoder)["questions"] == 6
    after = read_run(squad.out)
    assert list(after.rows.values())[:2] == list(before.rows.values())


def test_the_command_the_page_and_the_comparison(squad, fake_encoder, monkeypatch, capsys):
    monkeypatch.setattr("rag.archive._load_encoder", lambda *_: fake_encoder)
    told = ("--data", squad.data, "--out", squad.out, "--index", squad.index)
    assert main(["answers", *map(str, told), "--topics", "Timber"]) == 0
    said = capsys.readouterr().out
    assert said.splitlines()[0].split() == ["all", "Timber"]
    threshold = f"{AskSettings().threshold:g}"
    assert f"2 of 3 answerable; threshold {threshold}; broken citations: 0" in said
    other = squad.out.with_name("given")
    told = ("--data", squad.data, "--out", other, "--index", squad.index)
    options = ["--topics", "Timber", "--given", "--json", "--set", "threshold=0"]
    assert main(["answers", *map(str, told), *options]) == 0
    assert json.loads(capsys.readouterr().out)["threshold"] == 0
    page = report.run(squad.out, None).read_text("utf-8")
    assert "Share of the answers that are wrong" in page
    assert "AURC" in page
    both = report.run(squad.out.parent, squad.out / "both.html").read_text("utf-8")
    assert "Who painted the lorry red yesterday?" in both, "answered without a threshold"
    assert "has no answer" in both
    found = compare.compare(read_run(squad.out), read_run(other))
    assert (found["measure"], found["questions"]) == ("first right", 3)


NEWS = [
    {"title": "Raids", "source": "Daily", "url": "https://daily.example/1",
     "body": "Police held 312 people in Kratie.\nThe governor praised the officers."},
    {"title": "Floods", "source": "Post", "url": "https://post.example/2",
     "body": "Water covered the roads of Pursat. Boats brought rice to the villages."},
]  # fmt: skip


@pytest.fixture
def multihop(tmp_path):
    folder = tmp_path / "news"
    folder.mkdir()
    facts = [
        {"title": article["title"], "source": article["source"], "url": article["url"],
         "fact": article["body"].replace("\n", " ")[:33]}
        for article in NEWS
    ]  # fmt: skip
    questions = [
        {"query": "Who held 312 people in Kratie?", "question_type": "inference_query",
         "answer": "Police", "evidence_list": facts[:1]},
        {"query": "Did police hold people in Kratie and water cover the roads of Pursat?",
         "question_type": "comparison_query", "answer": "Yes", "evidence_list": facts},
        {"query": "Who won the chess cup in Iceland?", "question_type": "null_query",
         "answer": "Insufficient information.", "evidence_list": []},
    ]  # fmt: skip
    for name, records in (("corpus", NEWS), ("queries", questions)):
        lines = "".join(json.dumps(record) + "\n" for record in records)
        (folder / f"{name}.jsonl").write_text(lines)
    return Plan("answers", folder, tmp_path / "out", index=tmp_path / "index")


def test_a_run_over_multihop(multihop, fake_encoder):
    summary = answers.run(multihop, encoder=fake_encoder)
    inference, comparison, null = read_run(multihop.out).rows.values()
    assert inference.measures["first right"] == inference.measures["answer string shown"] == 1
    assert "answer string shown" not in comparison.measures
    assert (comparison.answer.facts, null.answer.facts, null.measures) == (2, 0, {})
    assert "AUROC" in summary["measures"]
    assert list(summary["kinds"]) == ["comparison", "inference", "null"]
    assert "unanswerable declined" in summary["kinds"]["null"]["measures"]
    assert "AUROC" in summary["kinds"]["inference"]["measures"]
    for wrong in (lambda: answers.run(multihop, True), lambda: answers.run(multihop, topics=["x"])):
        with pytest.raises(InputError, match=r"--given|no questions on x"):
            wrong()


def test_a_run_over_the_gold_questions(tmp_path, fake_encoder, articles):
    plan = Plan("answers", goldset.FOLDER, tmp_path / "out", index=tmp_path / "index", limit=30)
    summary = answers.run(plan, encoder=fake_encoder)
    assert summary["broken citations"] == 0
    assert {kind: of["questions"] for kind, of in summary["kinds"].items()} == {
        "conversation": 2, "question": 28,
    }  # fmt: skip
    assert summary["answerable"] == 24
    dataset = goldset.dataset(articles)
    assert len(dataset.queries) == 36
    assert all(bool(query.facts) == bool(query.answers) for query in dataset.queries)
    with pytest.raises(InputError, match="no topics"):
        answers.run(plan, topics=["x"], encoder=fake_encoder)


def test_data_without_places_is_refused(tmp_path, fake_encoder):
    (tmp_path / "qrels").mkdir()
    for name, text in {
        "corpus.jsonl": json.dumps({"_id": "a", "text": "Water."}),
        "queries.jsonl": json.dumps({"_id": "q", "text": "Water?"}),
        "qrels/test.tsv": "query-id\tcorpus-id\tscore\nq\ta\t1\n",
    }.items():
        (tmp_path / name).write_text(text)
    with pytest.raises(InputError, match="does not say where in its articles"):
        answers.run(Plan("answers", tmp_path, tmp_path / "out"), encoder=fake_encoder)
