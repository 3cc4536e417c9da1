"""The folder of a run: taken up again, and kept from other runs."""

from __future__ import annotations

import json
from dataclasses import replace

import filelock
import lorries
import pytest

from rag import AskSettings, BuildSettings
from rag.errors import InputError
from rag.evaluation.datasets.choice import Choice
from rag.evaluation.ranking.run import run


@pytest.mark.parametrize("cut", [0, 1, 40])
def test_a_run_goes_on_after_a_line_that_was_cut_off(plan, fake_encoder, cut):
    run(plan, fake_encoder)
    whole, manifest = lorries.saved(plan)
    path = plan.out / "rows.jsonl"
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[:2]) + lines[2][:cut])
    (plan.out / "manifest.json").write_text(json.dumps({**manifest, "complete": False}))
    run(plan, fake_encoder)
    rows, again = lorries.saved(plan)
    assert lorries.without_times(rows) == lorries.without_times(whole)
    assert rows[:2] == whole[:2], "what was measured is not measured again"
    assert again == manifest


def test_a_larger_limit_goes_on_and_a_smaller_one_is_refused(plan, fake_encoder):
    assert run(replace(plan, choice=Choice(limit=2)), fake_encoder)["questions"] == 2
    first, manifest = lorries.saved(plan)
    assert (manifest["data"]["limit"], manifest["data"]["queries"]) == (2, 2)
    assert run(replace(plan, choice=Choice(limit=4)), fake_encoder)["questions"] == 4
    rows, manifest = lorries.saved(plan)
    assert rows[:2] == first
    assert (manifest["data"]["limit"], manifest["complete"]) == (4, True)
    with pytest.raises(InputError, match=r"holds 4 questions already, more than the 3 asked for"):
        run(replace(plan, choice=Choice(limit=3)), fake_encoder)
    assert lorries.saved(plan) == (rows, manifest)


def test_another_run_is_refused_and_told_apart(plan, fake_encoder, data):
    run(plan, fake_encoder)
    before = lorries.saved(plan)
    others = [
        (replace(plan, system="bm25"), r"system \(there byline, here bm25\)"),
        (
            replace(plan, ask=AskSettings(dense_weight=0.5)),
            r"What differs: settings\.dense_weight \(there 0\.\d+, here 0\.5\)\. Choose .* --out",
        ),
        (
            replace(plan, build=BuildSettings(passage_tokens=99)),
            r"passage_tokens \(there 256, here 99\)",
        ),
    ]
    for other, message in others:
        with pytest.raises(InputError, match=message):
            run(other, fake_encoder)
    with (data / "queries.jsonl").open("a") as file:
        file.write("\n")
    message = (
        r"over MultiHop-RAG, queries\.jsonl\. .*: data\.sha256 \(there \w{64}, here \w{64}\)\. "
    )
    with pytest.raises(InputError, match=message):
        run(plan, fake_encoder)
    assert lorries.saved(plan) == before


def test_rows_of_other_code_or_precision_do_not_mix(plan, fake_encoder):
    run(plan, fake_encoder)
    path = plan.out / "manifest.json"
    manifest = lorries.saved(plan)[1]
    for name in ("commit", "precision"):
        path.write_text(json.dumps({**manifest, name: "other"}))
        with pytest.raises(InputError, match=rf"{name} \(there other, here"):
            run(plan, fake_encoder)


def test_a_folder_that_is_no_run(plan, fake_encoder):
    run(plan, fake_encoder)
    rows, manifest = plan.out / "rows.jsonl", plan.out / "manifest.json"
    lines = rows.read_text().splitlines(keepends=True)
    rows.write_text(lines[0] + "{}\n" + lines[2])
    with pytest.raises(
        InputError, match=r"Line 2 of .*rows\.jsonl is broken .*another folder with --out"
    ):
        run(plan, fake_encoder)
    rows.write_text(lines[1])
    with pytest.raises(InputError, match="holds rows of other questions: q1 where the data has q0"):
        run(plan, fake_encoder)
    manifest.write_text("{")
    with pytest.raises(InputError, match=r"manifest\.json is not JSON"):
        run(plan, fake_encoder)
    manifest.unlink()
    with pytest.raises(InputError, match="holds rows without a manifest"):
        run(plan, fake_encoder)
    with pytest.raises(InputError, match="is no folder that can be written to"):
        run(replace(plan, out=rows), fake_encoder)


def test_a_folder_that_another_run_is_writing_to(plan, fake_encoder):
    plan.out.mkdir()
    with filelock.FileLock(plan.out / ".lock"):
        with pytest.raises(InputError, match=r"Another run is writing to .*out\. .* --out"):
            run(plan, fake_encoder)
        assert [path.name for path in plan.out.iterdir()] == [".lock"]
    assert run(plan, fake_encoder)["questions"] == 5
