"""The index of a data set: when it is built, and by which code it is known."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace

import pytest

from rag import Archive, Article, BuildSettings
from rag.errors import InputError, SnapshotError
from rag.evaluation.ranking.run import run
from rag.evaluation.runs import machine
from rag.evaluation.runs.index import builders


def test_the_index_is_reused(plan, fake_encoder, tmp_path, monkeypatch):
    run(plan, fake_encoder)
    built = Archive.open(plan.index).info()["snapshot"]
    run(replace(plan, system="bm25", out=tmp_path / "second"), fake_encoder)
    assert Archive.open(plan.index).info()["snapshot"] == built
    monkeypatch.setattr("rag.evaluation.runs.index.INDEXES", tmp_path / "indexes")
    for number, build in enumerate(
        [BuildSettings(), BuildSettings(), BuildSettings(passage_tokens=99)]
    ):
        own = replace(plan, index=None, out=tmp_path / f"own-{number}", build=build)
        run(own, fake_encoder)
    homes = list((tmp_path / "indexes").iterdir())
    assert [len(home.name) for home in homes] == [16, 16]


def test_a_damaged_index_of_ours_is_built_again(plan, fake_encoder, tmp_path, monkeypatch):
    monkeypatch.setattr("rag.evaluation.runs.index.INDEXES", tmp_path / "indexes")
    own = replace(plan, index=None)
    run(own, fake_encoder)
    (home,) = (tmp_path / "indexes").iterdir()
    (home / "CURRENT").write_text("{}")
    assert run(replace(own, out=tmp_path / "again"), fake_encoder)["questions"] == 5


def test_an_index_of_the_users_is_never_replaced(plan, fake_encoder):
    Archive.build([Article("Something else.")], plan.index, encoder=fake_encoder)
    before = (plan.index / "CURRENT").read_bytes()
    with pytest.raises(InputError, match="is of other articles or build settings"):
        run(plan, fake_encoder)
    assert (plan.index / "CURRENT").read_bytes() == before
    (plan.index / "CURRENT").write_text("{}")
    with pytest.raises(SnapshotError, match="is damaged"):
        run(plan, fake_encoder)


# Builds an index with the real encoder and prints the files of `rag` whose code ran meanwhile.
_TRACED = """
import json, sys, tempfile, threading
from pathlib import Path
import rag
import sentence_transformers  # Here, for watching makes its import slow.
from rag import Article, BuildSettings
from rag.models.encoder import Encoder

ran = set()
def note(frame, event, argument):
    if event == "call":
        ran.add(frame.f_code.co_filename)
folder = Path(rag.__file__).parent
threading.setprofile(note)
sys.setprofile(note)
from rag.index.build import build
settings = BuildSettings(precision="float32")
text = "Police held a lorry in Kratie on Monday. It carried timber, they said."
articles = [Article(text, "Raids", f"a{n}", source="Daily") for n in range(2)]
build(articles, Path(tempfile.mkdtemp()), Encoder(settings.encoder, settings.precision), settings)
sys.setprofile(None)
inside = [Path(name) for name in ran if name.startswith(str(folder))]
print(json.dumps(sorted(f"rag/{path.relative_to(folder).as_posix()}" for path in inside)))
"""


@pytest.mark.process
def test_every_file_that_takes_part_in_building_tells_indexes_apart():
    done = subprocess.run(
        [sys.executable, "-c", _TRACED],
        cwd=machine.ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    ran = set(json.loads(done.stdout)) - {"rag/__init__.py"}
    assert {"rag/index/build.py", "rag/index/store.py", "rag/models/encoder.py"} <= ran
    assert ran <= set(builders())


def test_what_only_answers_is_no_builder():
    assert not {name for name in builders() if name.startswith(("rag/answer", "rag/chat"))}


def test_other_code_makes_another_index(plan, fake_encoder, tmp_path, monkeypatch):
    monkeypatch.setattr("rag.evaluation.runs.index.INDEXES", tmp_path / "indexes")
    asked = []
    monkeypatch.setattr(machine, "code", lambda *files: asked.append(files) or str(len(asked)))
    for number in range(2):
        run(replace(plan, index=None, out=tmp_path / f"{number}"), fake_encoder)
    assert len(list((tmp_path / "indexes").iterdir())) == 2
    assert builders() in asked
