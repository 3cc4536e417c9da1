"""The command line: settings, and a run that is interrupted."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path

import lorries
import pytest
from fakes import FakeEncoder

from eval.__main__ import main
from eval.train.reader import Recipe
from eval.train.trained import FOLDS
from rag import AskSettings, BuildSettings
from rag.answer.calibration import OWN
from rag.errors import BylineError, SettingsError
from rag.evaluation.extra import require
from rag.evaluation.face import settings_of


def test_settings_go_where_they_belong():
    given = [("passage_tokens", "99"), ("dense_weight", "1"), ("dense_weight", ".5")]
    build = BuildSettings(passage_tokens=99, precision="float32")
    assert settings_of(given) == (build, AskSettings(dense_weight=0.5))
    for wrong, meant in (("pasage_tokens", "passage_tokens"), ("dense_wieght", "dense_weight")):
        with pytest.raises(SettingsError, match=f"Did you mean '{meant}'"):
            settings_of([(wrong, "1")])
    with pytest.raises(SettingsError, match="no setting 'x'"):
        settings_of([("x", "1")])


@dataclass(frozen=True)
class Interrupted(FakeEncoder):
    """Is interrupted at one of its questions, as by Ctrl-C."""

    at: int = 0
    asked: list[str] = field(default_factory=list)

    def encode_queries(self, texts):
        self.asked.extend(texts)
        if self.asked.count("Who carried gold?") == self.at:
            raise KeyboardInterrupt
        return super().encode_queries(texts)


@pytest.mark.parametrize("at", [1, 2], ids=["the timed search", "the deep one"])
def test_interrupted_it_leaves_a_run_to_go_on_with(plan, fake_encoder, monkeypatch, capsys, at):
    def call(encoder, *more):
        monkeypatch.setattr("rag.models.loaded.load_encoder", lambda *_: encoder)
        places = ("--data", plan.data, "--out", plan.out, "--index", plan.index)
        code = main(["retrieval", *map(str, places), *more])
        return code, capsys.readouterr()

    code, said = call(Interrupted(at=at))
    assert (code, said.out) == (130, "")
    assert said.err.count("\n") == 1
    assert "interrupted" in said.err
    rows, manifest = lorries.saved(plan)
    assert [row["id"] for row in rows] == ["q0", "q1"]
    assert manifest["complete"] is False
    code, said = call(fake_encoder)
    assert code == 0
    assert said.out.splitlines()[0].split() == ["all", "inference", "temporal"]
    assert said.out.splitlines()[1].split() == ["questions", "5", "3", "2"]
    assert lorries.saved(plan)[0][:2] == rows
    assert lorries.saved(plan)[1]["complete"] is True
    code, said = call(fake_encoder, "--json")
    assert json.loads(said.out) == json.loads((plan.out / "summary.json").read_text())
    code, said = call(fake_encoder, "--settings", "dense_weight=.5", "candidates=5")
    assert code == 2
    assert f"settings.dense_weight (there {AskSettings().dense_weight}, here 0.5)" in said.err
    assert "settings.candidates (there 100, here 5)" in said.err


def test_a_package_that_is_missing_is_named_with_its_remedy():
    with pytest.raises(BylineError, match=r"'no_such_package'.* Run: pip install 'byline\[eval\]'"):
        require("no_such_package")


def test_the_checks_get_their_settings(monkeypatch, capsys):
    given = []
    for name in ("planted", "adversarial"):
        monkeypatch.setattr(
            f"eval.generation.{name}.run", lambda *some: given.append(some) or {"rows": 0}
        )
    planted = ["planted", "--data", "news", "--split", "dev", "--sweep", "--seed", "3", "--json"]
    assert main([*planted, "--set", "support=0.6"]) == 0
    model = ["--model", "http://llm.example/v1", "--allow-remote"]
    assert main(["adversarial", *model, "--json", "--set", "model_timeout=5"]) == 0
    assert main(["adversarial", "--json", "--set", "model=tiny.gguf"]) == 0
    assert given == [
        (AskSettings(support=0.6), Path("news"), 3, "dev", True),
        (AskSettings(model="http://llm.example/v1", allow_remote=True, model_timeout=5),),
        (AskSettings(model="tiny.gguf"),),
    ]
    assert json.loads(capsys.readouterr().out.partition("\n}")[0] + "}") == {"rows": 0}


def test_what_is_fitted_and_trained_is_as_the_options_say(monkeypatch, capsys):
    given = []
    monkeypatch.setattr("eval.train.calibrate.run", lambda *some: given.append(some) or {})
    monkeypatch.setattr("eval.train.reader.train", lambda *some: given.append(some) or {"steps": 9})
    files = ["--data", "squad.json", "news.json"]
    assert main(["calibrate", *files, "--reader", "", "--sample", "9", "--out", "new.json"]) == 0
    assert main(["calibrate", "--data", "squad.json"]) == 0
    train = ["train-reader", "--passages", "p.gz", "--questions", "q.gz", "--squad", "squad.json"]
    assert main([*train, "--out", "new", "--set", "steps=9", "rate=1e-5"]) == 0
    assert json.loads(capsys.readouterr().out) == {"steps": 9}
    assert main([*train, "--out", "new", "--start", "old.safetensors"]) == 0
    (both, own, fresh, started) = given
    encoder = BuildSettings().encoder
    assert both[0] == [Path("squad.json"), Path("news.json")]
    assert (*both[1:3], *both[4:]) == (encoder, "", Path("new.json"), None, 9)
    assert (*own[1:3], *own[4:]) == (encoder, AskSettings().reader, OWN, FOLDS, None)
    read = (Path("p.gz"), Path("q.gz"), Path("squad.json"), encoder, Path("new"))
    assert fresh == (*read, Recipe(steps=9, rate=1e-5), None)
    assert started == (*read, Recipe(), Path("old.safetensors"))
