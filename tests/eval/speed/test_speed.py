"""Byline beside other libraries: the passages that are cut for them, and a run of the real ones."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.__main__ import main
from eval.speed import limit
from rag.evaluation.systems import environments
from rag.evaluation.systems.cutting import by_tokens, tokenizer_of
from rag.models.encoder import locate

ENCODER = str(locate("all-MiniLM-L6-v2"))


def this_python_as(peers: list[str], folder: Path) -> None:
    """Environments of libraries that are links to this one, which has LangChain and no other."""
    for peer in peers:
        python = folder / peer / "bin" / "python"
        python.parent.mkdir(parents=True)
        python.write_text(f'#!/bin/sh\nexec {sys.executable} "$@"\n')
        python.chmod(0o755)
        (folder / peer / "ready.txt").write_text("\n".join(environments.PINS[peer]))


@pytest.mark.models
@pytest.mark.process
def test_peers_build_and_search_in_turn_and_a_failure_is_said(data, tmp_path, capsys):
    this_python_as(["langchain", "txtai"], tmp_path / "peers")
    arguments = ["--peers", "langchain,txtai", "--environments", str(tmp_path / "peers")]
    run = ["speed", "--data", str(data), "--limit", "3", *arguments, "--out", str(tmp_path / "out")]
    assert main(run) == 1
    found = json.loads((tmp_path / "out" / "summary.json").read_text())
    assert [(row["peer"], row["way"]) for row in found["rows"]] == [
        ("byline", "alike"), ("langchain", "alike"), ("byline", "own"), ("langchain", "own"),
    ]  # fmt: skip
    assert all(row["passages"] and row["build"] > 0 < row["peak MB"] for row in found["rows"])
    assert all(0 < row["nDCG@10"] <= 1 for row in found["rows"])
    assert "No module named 'txtai'" in found["failed"]["txtai"]
    assert "txtai was not measured" in capsys.readouterr().out
    assert (tmp_path / "out" / "speed.svg").read_text().startswith("<?xml")


def test_an_unknown_peer_is_an_error(data, tmp_path, capsys):
    assert main(["speed", "--data", str(data), "--peers", "x", "--out", str(tmp_path)]) == 2
    assert "There is no peer x" in capsys.readouterr().err


@pytest.fixture(scope="module")
def tokenizer():
    return tokenizer_of(ENCODER)


@given(st.text("ab c.é\n", max_size=60), st.integers(1, 9))
def test_pieces_hold_every_word_within_the_tokens(tokenizer, text, tokens):
    pieces = by_tokens(text, tokenizer, tokens)
    assert "".join("".join(pieces).split()) == "".join(text.split())
    assert all(len(tokenizer.tokenize(piece)) <= tokens for piece in pieces)


def test_the_limit_falls_with_the_length_of_passages():
    assert limit.passages_a_second(ENCODER, 16) > limit.passages_a_second(ENCODER, 256) > 0
