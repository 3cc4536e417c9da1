"""Whole runs of written answers beside quotes, and their command."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import pytest
from scripted import Reply, ScriptedServer

from eval.__main__ import main
from eval.datasets import gold
from eval.generation.run import default_out, model_facts, run
from rag import AskSettings
from rag.errors import InputError, ModelError
from rag.evaluation.datasets.choice import Choice
from rag.evaluation.reports import compare
from rag.evaluation.reports.page import write_page
from rag.evaluation.runs.plan import Plan
from rag.evaluation.runs.saved import read_run

NEWS = [
    {"title": "Raids", "source": "Daily", "url": "https://daily.example/1",
     "body": "Police held 312 people in Kratie.\nThe governor praised the officers."},
    {"title": "Floods", "source": "Post", "url": "https://post.example/2",
     "body": "Water covered the roads of Pursat. Boats brought rice to the villages."},
]  # fmt: skip
HELD, WATER, RICE = (
    "Police held 312 people in Kratie.",
    "Water covered the roads of Pursat.",
    "Boats brought rice to the villages.",
)
REPLIES = {
    "Who held 312 people in Kratie?": f"{HELD[:-1]} [1]. Police held 999 people in Kratie [1].",
    "What covered the roads of Pursat?": "Not in the sources.",
    "What did boats bring to the villages?": ModelError("The model does not answer."),
}
GOLD = [(NEWS[0], HELD, "Police"), (NEWS[1], WATER, "water"), (NEWS[1], RICE, "rice")]


@dataclass
class Model:
    """Writes what REPLIES has for the question that it is asked; a token is a word."""

    name: str = "tiny"
    context: int = 4096
    asked: list[str] = field(default_factory=list)
    prompts: list[str] = field(default_factory=list)

    def count_tokens(self, text: str) -> int:
        return len(text.split())

    def write(self, messages, max_tokens, grammar="", stopped=lambda: False) -> Iterator[str]:
        text = messages[-1]["content"]
        question = next((q for q in REPLIES if q in text), "")
        if question:
            self.asked.append(question)
            self.prompts.append(" ".join(message["content"] for message in messages))
        reply = REPLIES.get(question, "Yes.")
        if isinstance(reply, ModelError):
            raise reply
        yield from re.findall(r"\S+\s*", reply)


def queries():
    for number, (question, (article, fact, answer)) in enumerate(zip(REPLIES, GOLD, strict=True)):
        about = {key: article[key] for key in ("title", "source", "url")}
        yield {
            "id": f"q{number}", "query": question, "question_type": "inference_query",
            "answer": answer, "evidence_list": [{**about, "fact": fact}],
        }  # fmt: skip
    yield {
        "id": "q3", "query": "Who won the chess cup in Iceland?", "question_type": "null_query",
        "answer": "Insufficient information.", "evidence_list": [],
    }  # fmt: skip


@pytest.fixture
def data(tmp_path):
    folder = tmp_path / "news"
    folder.mkdir()
    for name, records in (("corpus", NEWS), ("queries", queries())):
        lines = "".join(json.dumps(record) + "\n" for record in records)
        (folder / f"{name}.jsonl").write_text(lines)
    return folder


@pytest.fixture
def plan(data, tmp_path):
    gguf = tmp_path / "secret" / "tiny.gguf"
    gguf.parent.mkdir()
    gguf.write_bytes(b"GGUF")
    ask = AskSettings(reader="", threshold=0.3, model=str(gguf))
    return Plan("written", data, tmp_path / "out", ask=ask, index=tmp_path / "index")


def test_a_run(plan, fake_encoder):
    model = Model()
    found = run(plan, fake_encoder, model)
    assert model.asked == list(REPLIES), "what nothing answers is not asked"
    quotes, written = (read_run(plan.out / name) for name in ("extractive", "written"))
    assert list(quotes.rows) == list(written.rows) == ["q0", "q1", "q2", "q3"]
    assert all(row.answer.written is None for row in quotes.rows.values())
    held, water, rice, chess = written.rows.values()
    assert [at["sentence"] for at in held.passages] == [HELD]
    assert all("sentence" not in at for row in (water, rice) for at in row.passages)
    texts = [row.answer.written for row in written.rows.values()]
    assert [text.verified for text in texts] == [1, 0, 0, 0]
    assert [text.instead for text in texts] == [False, True, True, False]
    assert [said["text"] for said in texts[0].rejected] == ["Police held 999 people in Kratie."]
    assert (texts[1].raw, texts[1].tokens) == ("Not in the sources.", 4)
    assert (texts[2].note, texts[2].tokens) == ("The model does not answer.", 0)
    assert [text.prompt_tokens for text in texts[:3]] == [len(p.split()) for p in model.prompts]
    assert (chess.answer.status, texts[3].prompt_tokens, texts[3].raw) == ("unanswered", 0, "")

    writing = found["writing"]
    assert (writing["questions asked of the model"], writing["sentences"]) == (3, 2)
    assert writing["verified"] == 0.5
    assert sum(writing["left out"].values()) == 1
    assert [counts["questions"] for counts in writing["instead"].values()] == [1, 1]
    assert writing["tokens"] == len(REPLIES[held.query].split()) + 4
    for of in (*found["all"].values(), *found["answered in writing"].values()):
        assert of["measures"]["first right"] == of["measures"]["fact recall"] == 1
        assert of["broken citations"] == 0
    assert found["all"]["written"]["measures"]["unanswerable declined"] == 1
    assert found["answered in writing"]["written"]["questions"] == 1


def test_times_are_counted_from_the_question(plan, fake_encoder):
    run(plan, fake_encoder, Model())
    held, water, rice, chess = (
        row.answer.written.seconds for row in read_run(plan.out / "written").rows.values()
    )
    order = ("quotes", "first word", "first sentence", "whole answer")
    assert [held[name] for name in order] == sorted(held[name] for name in order)
    assert held["writing"] <= held["whole answer"] - held["first word"] + 0.001
    assert "first sentence" not in water
    assert set(rice) == set(chess) == {"quotes", "whole answer"}
    rows = read_run(plan.out / "written").rows.values()
    assert [row.milliseconds for row in rows] == pytest.approx(
        [1000 * row.answer.written.seconds["whole answer"] for row in rows], abs=0.1
    )


def test_quotes_are_those_that_a_reader_without_a_model_sees(plan, fake_encoder):
    run(plan, fake_encoder, Model())
    quotes, written = (read_run(plan.out / name) for name in ("extractive", "written"))
    for key in ("q1", "q2", "q3"):
        assert written.rows[key].passages == quotes.rows[key].passages
        assert written.rows[key].measures == quotes.rows[key].measures
    assert quotes.manifest["settings"]["model"] == ""


def test_the_manifest_names_the_model_and_no_folder(plan, fake_encoder):
    run(plan, fake_encoder, Model())
    manifest = read_run(plan.out / "written").manifest
    digest = hashlib.sha256(b"GGUF").hexdigest()
    assert manifest["settings"]["model"] == {"file": "tiny.gguf", "bytes": 4, "sha256": digest}
    assert (manifest["model"], manifest["context"]) == ("tiny", 4096)
    assert manifest["complete"]
    assert {"machine", "commit", "encoder", "precision"} <= set(manifest)
    assert "xllamacpp" in manifest["packages"]
    assert "secret" not in json.dumps(manifest)


def test_it_goes_on_where_it_stopped(plan, fake_encoder):
    class Stopping(Model):
        def write(self, messages, *rest, **named):
            if len(self.asked) == 1:
                raise KeyboardInterrupt
            return super().write(messages, *rest, **named)

    first, second = Stopping(), Model()
    with pytest.raises(KeyboardInterrupt):
        run(plan, fake_encoder, first)
    before = read_run(plan.out / "written")
    assert (list(before.rows), before.manifest["complete"]) == (["q0"], False)
    found = run(plan, fake_encoder, second)
    assert second.asked == list(REPLIES)[1:]
    assert found["all"]["written"]["questions"] == 4
    assert read_run(plan.out / "written").rows["q0"] == before.rows["q0"]


def test_another_model_is_another_run(plan, fake_encoder):
    run(replace(plan, choice=Choice(limit=1)), fake_encoder, Model())
    other = plan.out.with_name("other") / "tiny.gguf"
    other.parent.mkdir()
    other.write_bytes(b"GGUF2")
    with pytest.raises(InputError, match=r"settings\.model\.sha256 \(there b8.*Choose another"):
        run(replace(plan, ask=replace(plan.ask, model=str(other))), fake_encoder)


def test_the_two_runs_are_compared_and_reported(plan, fake_encoder):
    run(plan, fake_encoder, Model())
    quotes, written = (read_run(plan.out / name) for name in ("extractive", "written"))
    found = compare.compare(quotes, written)
    assert found["questions"] == 4
    assert {"first right", "answer string shown", "sentences right"} <= set(found["measures"])
    assert found["differs"]["settings.model"][0] == ""
    html = write_page(plan.out, None).read_text("utf-8")
    assert "2 runs on MultiHop-RAG" in html


def test_a_conversation_is_understood_the_same(tmp_path, fake_encoder):
    gguf = tmp_path / "tiny.gguf"
    gguf.write_bytes(b"GGUF")
    ask = AskSettings(reader="", threshold=0, model=str(gguf))
    plan = Plan("written", gold.FOLDER, tmp_path / "out", ask=ask, index=tmp_path / "index")
    found = run(replace(plan, choice=Choice(limit=29)), fake_encoder, Model())
    quotes, written = (read_run(plan.out / name) for name in ("extractive", "written"))
    (talk,) = (key for key in written.rows if key.startswith("talk"))
    assert written.rows[talk].answer.confidence == quotes.rows[talk].answer.confidence
    assert found["all"]["extractive"]["questions"] == 29
    assert found["all"]["written"]["broken citations"] == 0


@pytest.mark.parametrize(
    ("model", "facts"),
    [
        ("http://127.0.0.1:11434/v1#qwen", {"server": "http://127.0.0.1:11434/v1", "name": "qwen"}),
        (
            "https://me:key@llm.example/v1?token=key#qwen",
            {"server": "https://llm.example/v1", "name": "qwen"},
        ),
        ("hf://owner/name/file.gguf", {"file": "hf://owner/name/file.gguf"}),
    ],
    ids=["loopback", "with secrets", "hub"],
)
def test_what_a_run_says_of_a_model(model, facts):
    assert model_facts(model) == facts


@pytest.mark.parametrize(
    ("model", "name"),
    [
        ("http://127.0.0.1:11434/v1#Qwen 2.5:0.5b", "generation-Qwen-2.5-0.5b-gold"),
        ("http://127.0.0.1:8080/v1", "generation-server-gold"),
        ("hf://owner/name/file.gguf", "generation-file-gold"),
    ],
)
def test_where_a_run_is_kept(model, name):
    plan = Plan("written", gold.FOLDER, gold.FOLDER, ask=AskSettings(model=model))
    assert default_out(plan).name == name


def test_the_command(plan, fake_encoder, monkeypatch, capsys):
    monkeypatch.setattr("rag.models.loaded.load_encoder", lambda *_: fake_encoder)
    monkeypatch.setattr("rag.models.chat.load.load", lambda *_: Model())
    told = (
        "generation", "--model", plan.ask.model, "--data", plan.data, "--out", plan.out,
        "--index", plan.index, "--set", "reader=", "threshold=0.3",
    )  # fmt: skip
    assert main([*map(str, told), "--limit", "2"]) == 0
    said = capsys.readouterr().out
    assert said.splitlines()[0].split() == ["extractive", "written", "extractive*", "written*"]
    assert "sentences written: 2, 50.0% of them verified" in said
    assert "(0 without an answer)" in said
    assert main([*map(str, told), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["writing"]["questions asked of the model"] == 3
    assert main([*map(str, told), "--limit", "2"]) == 2
    assert "holds 4 questions already" in capsys.readouterr().err


def test_a_server_is_timed(plan, fake_encoder, monkeypatch, capsys):
    def reply(body):
        question = next((q for q in REPLIES if q in body["messages"][-1]["content"]), "")
        said = REPLIES.get(question, "Yes.")
        if isinstance(said, ModelError):
            return Reply(raw=b'{"error": {"message": "out of memory"}}', status=500)
        return Reply(said, delay=0.3, pause=0.1)

    monkeypatch.setattr("rag.models.loaded.load_encoder", lambda *_: fake_encoder)
    told = ("generation", "--data", plan.data, "--out", plan.out, "--index", plan.index, "--json")
    with ScriptedServer(reply, llama=4096) as server:
        options = ["--model", server.address, "--set", "reader=", "threshold=0.1"]
        assert main([*map(str, told), *options]) == 0
    writing = json.loads(capsys.readouterr().out)["writing"]
    manifest = read_run(plan.out / "written").manifest
    assert manifest["settings"]["model"] == {"server": server.base, "name": "scripted"}
    held = read_run(plan.out / "written").rows["q0"].answer.written
    assert held.tokens == len(held.raw.split()) == 14
    assert held.seconds["reading"] >= 0.3
    assert held.seconds["writing"] >= 13 * 0.1
    assert 0 < writing["tokens a second"] <= 10
    (failed,) = (note for note in writing["instead"] if "out of memory" in note)
    assert writing["instead"][failed] == {"questions": 1, "unanswerable": 0}


@pytest.mark.parametrize(
    ("told", "message"),
    [
        (["--model", "missing.gguf"], "There is no file missing.gguf. Name a GGUF file"),
        (["--model", ""], "No model is named"),
        (["--model", "http://llm.example/v1"], "Allow it with --allow-remote"),
        (["--model", "http://127.0.0.1:9/v1"], "could not be reached"),
        (["--model", "pyproject.toml", "--data", "missing"], "There is nothing at missing"),
        (["--model", "pyproject.toml", "--limit", "0"], "limit must be 1"),
        (["--model", "pyproject.toml", "--set", "modle=x"], "no setting 'modle'"),
    ],
    ids=[
        "no file",
        "no model",
        "remote",
        "no server",
        "no data",
        "no questions",
        "no such setting",
    ],
)
def test_what_is_refused(told, message, tmp_path, capsys):
    assert main(["generation", "--out", str(tmp_path / "out"), *told]) == 2
    assert message in capsys.readouterr().err
    assert not list(tmp_path.rglob("*.jsonl")), "before anything is asked"
