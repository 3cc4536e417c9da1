"""Each measure of trust in a short form, and that it sees what is wrong."""

from __future__ import annotations

import json
import os
import re
import shutil
import sys

import pytest
import tiny_gguf

from eval.__main__ import main
from eval.load import measure
from eval.trust import flips, inputs, routes, visitors
from eval.trust.arguments import SIZES
from eval.trust.run import MEASURES
from eval.trust.seeds import seeds
from eval.trust.trials import Found, Plan
from rag import Archive, read_articles
from rag.ingest.formats import _BINARY, _TEXT

UNIX = pytest.mark.skipif(sys.platform == "win32", reason="needs signals of Unix")


def trust(capsys, *arguments: str) -> dict:
    """What the measures found; nothing went wrong."""
    code = main(["trust", *arguments, "--json"])
    found = json.loads(capsys.readouterr().out)
    assert (code, found["faults"]) == (0, 0), found
    return found


def test_every_measure_has_a_size():
    assert list(MEASURES) == list(SIZES)


@UNIX
@pytest.mark.models
@pytest.mark.process
def test_kills(capsys):
    kills = trust(capsys, "--only", "kills", "--kills", "3")["kills"]
    assert kills["tried"] == 3
    assert kills["counts"]["questions asked meanwhile"] > 0


@pytest.mark.models
def test_flips_are_all_seen_and_a_run_goes_on(capsys, tmp_path):
    at = ["--only", "flips", "--out", str(tmp_path)]
    assert trust(capsys, *at, "--flips", "20")["flips"]["tried"] == 20
    flips = trust(capsys, *at, "--flips", "40")["flips"]
    assert flips["tried"] == 40
    counts = flips["counts"]
    assert counts.get("refused when opened", 0) + counts.get("found by check", 0) == 40


@pytest.mark.models
def test_a_flip_that_nothing_sees_is_a_fault(monkeypatch):
    monkeypatch.setattr(Archive, "check", lambda self: [])
    found = Found()
    flips.measure(Plan("flips", 30), found)
    assert found.faults + found.counts.get("refused when opened", 0) == 30
    assert "check finds nothing" in found.named[0]


@UNIX
def test_inputs(capsys):
    found = trust(capsys, "--only", "inputs", "--inputs", "200")["inputs"]
    assert found["tried"] == 200
    counts = found["counts"]
    assert counts["files read"]
    assert counts["files refused, with a reason"]


@UNIX
def test_an_input_that_prints_or_raises_is_a_fault(monkeypatch):
    def read(path, found):
        print("printed")
        raise ValueError("raised")

    monkeypatch.setattr(inputs, "_read", read)
    found = Found()
    inputs.measure(Plan("inputs", 8), found)
    assert found.faults == 2 * 6
    assert "raised" in found.named[0]
    assert "prints" in found.named[1]


def test_inputs_are_made_of_files_of_every_format(tmp_path):
    """What is packed is named by what it holds, and an export by its database."""
    formats = set()
    for number, (suffix, content) in enumerate(seeds()):
        (tmp_path / f"{number}{suffix}").write_bytes(content)
    for article in read_articles(tmp_path):
        formats |= {article.format, *re.findall(r"\.(gz|warc|zip|export)\b", article.origin)}
    known = {"gz" if one.name == "gzip" else one.name for one in (*_BINARY, *_TEXT)}
    assert known - formats == {"unread"}


@pytest.mark.models
@pytest.mark.process
def test_visitors(capsys, monkeypatch):
    """Two rounds at once, and two visitors in a row."""
    monkeypatch.setattr(visitors, "_EACH", 2)
    monkeypatch.setattr(visitors, "_CONVERSATION", 3)
    monkeypatch.setattr(measure, "SETTLE_SECONDS", 0)
    at = ["--only", "visitors", "row", "--visitors", "3", "--row", "6"]
    found = trust(capsys, *at)
    assert (found["visitors"]["tried"], found["row"]["tried"]) == (12, 6)
    assert "MiB after round 2" in found["visitors"]["counts"]


@pytest.mark.models
@pytest.mark.process
def test_routes(capsys):
    found = trust(capsys, "--only", "routes")["routes"]
    assert found["tried"] == 7 * len(routes.OFFERED.split()) / 2
    assert {one.removesuffix(", no login") for one in found["counts"]} == routes.OPEN


@pytest.mark.models
@pytest.mark.process
@pytest.mark.skipif(not shutil.which("unshare"), reason="needs network namespaces")
def test_without_a_network(capsys, tmp_path):
    model = tiny_gguf.make(tmp_path / "tiny.gguf")
    found = trust(capsys, "--only", "offline", "--model", str(model))["offline"]
    if os.environ.get("CI") == "true" or found["tried"]:
        assert found["counts"] == dict.fromkeys(
            ("there is no network", "build", "ask", "chat, own documents", "pack and verify",
             "written answer"), 1,
        )  # fmt: skip
