"""Whole runs of answers."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from eval.__main__ import main
from eval.answers.run import dataset_of, run
from eval.datasets import gold
from rag import Archive, AskSettings
from rag.errors import InputError
from rag.evaluation.answering.run import MADE
from rag.evaluation.answering.strengths import Strengths, strengths_of
from rag.evaluation.datasets.choice import Choice, half
from rag.evaluation.reports import compare
from rag.evaluation.reports.page import write_page
from rag.evaluation.runs.plan import Plan
from rag.evaluation.runs.saved import read_run
from rag.types import FAIR

pytestmark = pytest.mark.models

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
    summary = run(squad, encoder=fake_encoder)
    saved = read_run(squad.out)
    assert list(saved.rows) == [
        "Timber-what", "Timber-where", "Timber-none",
        "Salt_trade-what", "Salt_trade-where", "Salt_trade-none",
    ]  # fmt: skip
    first = saved.rows["Timber-what"]
    assert (first.kind, first.measures["first right"]) == ("Timber", 1)
    assert first.passages[0]["quote"] == SENTENCES["Timber"][0]
    assert saved.rows["Timber-none"].measures == {}
    assert not saved.rows["Timber-none"].answer.answerable
    assert (summary["questions"], summary["answerable"], summary["broken citations"]) == (6, 4, 0)
    assert summary["measures"]["first right"] == 1
    assert list(summary["kinds"]) == ["Salt trade", "Timber"]
    assert (
        summary["threshold"] == saved.manifest["settings"]["threshold"] == AskSettings().threshold
    )
    assert (saved.manifest["system"], saved.manifest["data"]["queries"]) == ("answers", 6)
    assert saved.manifest["complete"]
    assert json.loads((squad.out / "summary.json").read_text()) == json.loads(json.dumps(summary))


def test_no_threshold_hides_an_answer(squad, fake_encoder):
    sure = replace(squad, ask=AskSettings(threshold=1))
    summary = run(sure, encoder=fake_encoder)
    assert summary["measures"]["answerable declined"] == 1
    assert summary["measures"]["first right"] == 1
    assert summary["threshold"] == 1


def test_the_paragraph_is_given(squad, fake_encoder):
    run(squad, True, encoder=fake_encoder)
    saved = read_run(squad.out)
    assert saved.manifest["system"] == "answers, article given"
    for key, row in saved.rows.items():
        assert {at["article"] for at in row.passages} <= {f"{key.partition('-')[0]}-0"}
    with pytest.raises(InputError, match=r"system \(there answers, article given, here answers\)"):
        run(squad, encoder=fake_encoder)


def test_chosen_topics_are_asked_over_all_paragraphs(squad, fake_encoder):
    run(squad, topics=["Salt_trade"], encoder=fake_encoder)
    saved = read_run(squad.out)
    assert {row.kind for row in saved.rows.values()} == {"Salt trade"}
    assert saved.manifest["data"]["articles"] == 2
    assert saved.manifest["data"]["topics"] == ["Salt_trade"]
    with pytest.raises(InputError, match=r"no questions on Gold\. Topics are: Salt trade, Timber"):
        run(squad, topics=["Gold"], encoder=fake_encoder)
    with pytest.raises(InputError, match="holds rows of other questions"):
        run(squad, encoder=fake_encoder)


def test_it_goes_on_where_it_stopped(squad, fake_encoder):
    run(replace(squad, choice=Choice(limit=2)), encoder=fake_encoder)
    before = read_run(squad.out)
    assert run(squad, encoder=fake_encoder)["questions"] == 6
    after = read_run(squad.out)
    assert list(after.rows.values())[:2] == list(before.rows.values())


def test_the_command_the_page_and_the_comparison(squad, fake_encoder, monkeypatch, capsys):
    monkeypatch.setattr("rag.models.loaded.load_encoder", lambda *_: fake_encoder)
    told = ("--data", squad.data, "--out", squad.out, "--index", squad.index)
    assert main(["answers", *map(str, told), "--topics", "Timber"]) == 0
    said = capsys.readouterr().out
    assert said.splitlines()[0].split() == ["all", "Timber"]
    threshold = f"{AskSettings().threshold:g}"
    assert f"2 of 3 answerable; threshold {threshold}, fair from {FAIR}" in said
    assert "broken citations: 0" in said
    other = squad.out.with_name("given")
    told = ("--data", squad.data, "--out", other, "--index", squad.index)
    options = ["--topics", "Timber", "--given", "--json", "--set", "threshold=0"]
    assert main(["answers", *map(str, told), *options]) == 0
    assert json.loads(capsys.readouterr().out)["threshold"] == 0
    written = write_page(squad.out, None).read_text("utf-8")
    assert "Share of the answers that are wrong" in written
    assert "AURC" in written
    both = write_page(squad.out.parent, squad.out / "both.html").read_text("utf-8")
    assert "Who painted the lorry red yesterday?" in both, "answered without a threshold"
    assert "unanswerable, answered" in both
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
    summary = run(multihop, encoder=fake_encoder)
    inference, comparison, null = read_run(multihop.out).rows.values()
    assert inference.measures["first right"] == inference.measures["answer string shown"] == 1
    assert "answer string shown" not in comparison.measures
    assert (comparison.answer.facts, null.answer.facts, null.measures) == (2, 0, {})
    assert "AUROC, answerable" in summary["measures"]
    assert list(summary["kinds"]) == ["comparison", "inference", "null"]
    assert "unanswerable declined" in summary["kinds"]["null"]["measures"]
    assert "AUROC, answerable" in summary["kinds"]["inference"]["measures"]
    for wrong in (lambda: run(multihop, True), lambda: run(multihop, topics=["x"])):
        with pytest.raises(InputError, match=r"--given|no questions on x"):
            wrong()


def test_answers_that_another_build_made_are_judged_alike(squad, fake_encoder, monkeypatch, capsys):
    """What is asked and what is read from a file have the same scores, but for their time."""
    summary = run(squad, encoder=fake_encoder)
    archive = Archive.open(squad.index, AskSettings(threshold=0), fake_encoder)
    asked = [qa for topic in squad_data()["data"] for qa in topic["paragraphs"][0]["qas"]]
    made = squad.out.with_name("made.jsonl")
    lines = [
        {"id": qa["id"], "milliseconds": 7, "answer": archive.to_json(archive.ask(qa["question"]))}
        for qa in reversed(asked)
    ]
    made.write_text("".join(json.dumps(line) + "\n" for line in lines))
    judged = replace(squad, out=squad.out.with_name("judged"), index=None)
    strengths = Strengths(judged.ask.threshold, 0.6, 0.9)
    again = run(judged, made=made, strengths=strengths)
    same = ("first right", "any right", "Brier score", "AUROC, first right", "marked right")
    assert {name: again["measures"].get(name) for name in same} == {
        name: summary["measures"].get(name) for name in same
    }
    assert again["milliseconds"]["median"] == 7
    assert again["strengths"] == {"fair": 0.6, "strong": 0.9}
    manifest = read_run(judged.out).manifest
    assert (manifest["system"], manifest["answers"]["file"]) == (MADE, "made.jsonl")
    assert strengths_of(manifest) == strengths
    made.write_text(json.dumps(lines[0]))
    with pytest.raises(InputError, match=r"made\.jsonl has no answer to 5 of the questions"):
        run(replace(judged, out=squad.out.with_name("few")), made=made)
    made.write_text("".join(json.dumps({"id": qa["id"], "answer": {}}) + "\n" for qa in asked))
    with pytest.raises(InputError, match=r"line 1: .*answer\.question"):
        run(replace(judged, out=squad.out.with_name("broken")), made=made)


def test_halves_and_samples(squad, fake_encoder):
    whole = dataset_of(squad, False, None).queries
    for side in (0, 1):
        mine = tuple(query for query in whole if half(query) == side)
        plan = replace(squad, choice=Choice(half=side))
        if mine:
            assert dataset_of(plan, False, None).queries == mine
        else:
            with pytest.raises(InputError, match=f"No question is in half {side}"):
                dataset_of(plan, False, None)
    drawn = replace(squad, choice=Choice(sample=2), out=squad.out.with_name("drawn"))
    assert run(drawn, encoder=fake_encoder)["questions"] == 2
    assert read_run(drawn.out).manifest["data"]["sample"] == 2


def test_runs_are_summarised_together(squad, fake_encoder, monkeypatch, capsys):
    one = run(squad, topics=["Timber"], encoder=fake_encoder)
    other = replace(squad, out=squad.out.with_name("other"))
    run(other, topics=["Salt_trade"], encoder=fake_encoder)
    folders = list(map(str, (squad.out, other.out)))
    assert main(["summary", folders[0], "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == json.loads(json.dumps(one))
    assert main(["summary", *folders, "--examples", "1"]) == 0
    said = capsys.readouterr().out
    assert said.splitlines()[1].split() == ["questions", "6", "3", "3"]
    assert "unanswerable, answered" in said
    bold = replace(squad, out=squad.out.with_name("bold"), ask=AskSettings(threshold=0))
    run(bold, topics=["Timber"], encoder=fake_encoder)
    assert main(["summary", folders[0], str(bold.out)]) == 2
    assert "differ in threshold or strengths" in capsys.readouterr().err


def test_a_run_over_judged_questions(multihop, tmp_path, fake_encoder, monkeypatch, capsys):
    """Their articles stand elsewhere; rows tell what was expected, and whose story it is."""
    monkeypatch.setattr("rag.models.loaded.load_encoder", lambda *_: fake_encoder)
    held = {"url": NEWS[0]["url"], "quote": "Police held 312 people in Kratie."}
    questions = [
        {"id": "j1", "question": "Who held 312 people in Kratie?", "answerable": True,
         "kind": "who", "answers": ["Police"], "evidence": [held], "story": "raids"},
        {"id": "j2", "question": "Who won the chess cup in Iceland?", "answerable": False,
         "kind": "no-topic", "answers": [], "evidence": [], "note": "Nobody plays."},
    ]  # fmt: skip
    judged = tmp_path / "judged.jsonl"
    judged.write_text("".join(json.dumps(question) + "\n" for question in questions))
    told = ("--data", judged, "--articles", multihop.data, "--out", multihop.out)
    assert main(["answers", *map(str, told), "--index", str(multihop.index), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["questions"] == 2
    held, none = read_run(multihop.out).rows.values()
    assert (held.unit, held.kind, held.measures["first right"]) == ("raids", "who", 1)
    assert (none.unit, none.answer.expected) == ("j2", ["Nobody plays."])


def test_a_run_over_the_gold_questions(tmp_path, fake_encoder, articles):
    # Without the reader, which takes part in the real run of test_gold.
    settings = AskSettings(reader="")
    plan = Plan(
        "answers",
        gold.FOLDER,
        tmp_path / "out",
        index=tmp_path / "index",
        choice=Choice(limit=30),
        ask=settings,
    )
    summary = run(plan, encoder=fake_encoder)
    assert summary["broken citations"] == 0
    assert {kind: of["questions"] for kind, of in summary["kinds"].items()} == {
        "conversation": 2, "question": 28,
    }  # fmt: skip
    assert summary["answerable"] == 24
    dataset = gold.dataset(articles)
    assert len(dataset.queries) == 36
    assert all(bool(query.facts) == bool(query.answers) for query in dataset.queries)
    with pytest.raises(InputError, match="no topics"):
        run(plan, topics=["x"], encoder=fake_encoder)


def test_data_without_places_is_refused(tmp_path, fake_encoder):
    (tmp_path / "qrels").mkdir()
    for name, text in {
        "corpus.jsonl": json.dumps({"_id": "a", "text": "Water."}),
        "queries.jsonl": json.dumps({"_id": "q", "text": "Water?"}),
        "qrels/test.tsv": "query-id\tcorpus-id\tscore\nq\ta\t1\n",
    }.items():
        (tmp_path / name).write_text(text)
    with pytest.raises(InputError, match="does not say where in its articles"):
        run(Plan("answers", tmp_path, tmp_path / "out"), encoder=fake_encoder)
