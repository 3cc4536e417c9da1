"""`byline watch`: the index follows its folder, and standing questions report what is new."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import feedparser
import pytest
from asking import until

from rag import Archive
from rag.__main__ import main

ROOT = Path(__file__).parent.parent.parent
KILLS = int(os.environ.get("BYLINE_KILLS", "4"))
"""How often a watch is killed; the default is for a suite that is run often."""
KRATIE = "How many people did police in Kratie arrest?"
RAIN = {"text": "Rain fell on the rice fields for six days.", "title": "Rain", "source": "AP"}
RAIDS = {"text": "Police arrested 312 people in Kratie.", "title": "Raids", "source": "The Post"}
MORE = {"text": "Police in Kratie arrested 27 people more on Friday.", "title": "More raids"}


def write(folder, name, record):
    (folder / name).write_text(json.dumps(record))


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "news"
    made.mkdir()
    write(made, "rain.jsonl", RAIN)
    return made


@pytest.fixture
def once(folder, tmp_path, models, capsys):
    """Watches once, and returns the exit code and what was printed."""
    questions = tmp_path / "questions.csv"
    questions.write_text(f"question,source\n{KRATIE},\nWho won the football cup?,The Times\n")

    def once(*arguments):
        index = str(tmp_path / "index")
        watched = ["watch", str(folder), "--index", index, "--questions", str(questions)]
        code = main([*watched, "--once", *arguments])
        printed = capsys.readouterr()
        return code, printed.out, printed.err

    return once


def test_new_evidence_is_reported_once(once, folder, tmp_path):
    feed = tmp_path / "feed.rss"
    code, out, _ = once("--out", str(feed))
    assert (code, KRATIE in out) == (0, False)
    assert feedparser.parse(feed.read_bytes()).entries == []
    write(folder, "raids.jsonl", RAIDS)
    code, out, _ = once("--out", str(feed))
    assert code == 0
    assert f"\n{KRATIE}\n  “{RAIDS['text']}” — “Raids”, The Post, undated\n" in out
    (item,) = feedparser.parse(feed.read_bytes()).entries
    code, out, _ = once("--out", str(feed))
    assert KRATIE not in out
    assert feedparser.parse(feed.read_bytes()).entries == [item]
    write(folder, "more.jsonl", MORE)
    report = tmp_path / "report.json"
    _, out, _ = once("--out", str(report))
    assert MORE["text"] in out
    assert RAIDS["text"] not in out
    quotes = {one["quote"] for one in json.loads(report.read_text())["evidence"]}
    assert quotes == {RAIDS["text"], MORE["text"]}


def test_an_index_that_is_there_is_known(once, folder, tmp_path):
    write(folder, "raids.jsonl", RAIDS)
    assert main(["build", str(folder), "--index", str(tmp_path / "index")]) == 0
    _, out, _ = once()
    assert KRATIE not in out
    write(folder, "more.jsonl", MORE)
    _, out, _ = once()
    assert MORE["text"] in out


def test_a_build_that_fails_is_told_and_the_index_stays(once, folder, tmp_path):
    once()
    before = (tmp_path / "index" / "CURRENT").read_bytes()
    (folder / "rain.jsonl").rename(tmp_path / "rain.jsonl")  # As when a share is not mounted.
    code, _, err = once()
    assert code == 2
    assert err.startswith("byline: ")
    assert (tmp_path / "index" / "CURRENT").read_bytes() == before


@pytest.mark.parametrize(
    ("arguments", "remedy"),
    [
        (["no/such/folder"], "no/such/folder. Name one that there is"),
        (["{news}", "--index", "{news}/index"], "Name a place outside"),
        (["{news}", "--out", "{news}/feed.rss"], "Name a place outside"),
        (["{news}", "--out", "{tmp}/feed.html"], ".json, .md, .rss"),
        (["{news}", "--out", "{tmp}/no/feed.rss"], "another file"),
        (["{news}", "--questions", "{tmp}/none.csv"], "cannot be read"),
        (["{news}", "--set", "pasage_tokens=9"], "Did you mean"),
    ],
)
def test_errors_name_the_remedy(folder, tmp_path, capsys, arguments, remedy):
    named = [one.format(news=folder, tmp=tmp_path) for one in arguments]
    index = [] if "--index" in named else ["--index", str(tmp_path / "index")]
    assert main(["watch", "--once", *named, *index]) == 2
    assert remedy in capsys.readouterr().err
    assert not (tmp_path / "index").exists()


def test_a_link_that_leads_to_itself_is_told(folder, tmp_path, capsys):
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    out = str(tmp_path / "loop" / "feed.rss")
    code = main(["watch", "--once", str(folder), "--out", out, "--index", str(tmp_path / "index")])
    assert code == 2
    assert capsys.readouterr().err.startswith("byline: ")


def test_seconds_are_one_or_more(capsys):
    with pytest.raises(SystemExit):
        main(["watch", ".", "--every", "0"])
    assert "argument --every: write 1 or more\n" in capsys.readouterr().err


class Watching:
    """`byline watch` in a process of its own, and the lines that it has printed."""

    def __init__(self, *arguments):
        command = [sys.executable, "-m", "rag", "watch", *map(str, arguments)]
        self.process = subprocess.Popen(
            command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
        )  # fmt: skip
        self.text = ""
        self._reading = threading.Thread(target=self._read, daemon=True)
        self._reading.start()

    def _read(self):
        for line in self.process.stdout or ():
            self.text += line

    def says(self, text):
        until(lambda: text in self.text)
        self.text = self.text.partition(text)[2]

    def end(self):
        self.process.send_signal(signal.SIGINT)
        code = self.process.wait(30)
        self._reading.join(5)
        return code


@pytest.mark.process
@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGINT for one process")
def test_a_folder_is_followed_until_control_c(folder, tmp_path, models):
    index, feed = tmp_path / "index", tmp_path / "feed.md"
    questions = tmp_path / "questions.csv"
    questions.write_text(f"question\n{KRATIE}\n")
    watching = Watching(
        folder, "--index", index, "--questions", questions, "--out", feed, "--every", 2
    )
    try:
        watching.says("Watching")
        write(folder, "raids.jsonl", RAIDS)
        watching.says(RAIDS["text"])
        assert "312" in feed.read_text()
        watching.says("Watching")
        shutil.move(folder, tmp_path / "away")
        watching.says("is not there. The index stays as it is")
        assert len(list(Archive.open(index).articles())) == 2
        shutil.move(tmp_path / "away", folder)
        watching.says("Indexed 2 articles")
        write(folder, "more.jsonl", MORE)
        watching.says(MORE["text"])
        watching.says("Watching")
    finally:
        code = watching.end()
    assert code == 0
    assert "no longer watching" in watching.text
    assert len(list(Archive.open(index).articles())) == 3


@pytest.mark.process
@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGKILL")
def test_a_watch_killed_at_random_moments_loses_nothing(once, folder, tmp_path, models):
    index, report = tmp_path / "index", tmp_path / "report.json"
    questions, chance = tmp_path / "questions.csv", random.Random(KILLS)
    start = time.monotonic()
    once()
    took = time.monotonic() - start
    there = {article.text for article in Archive.open(index).articles()}
    told = [RAIDS, MORE, *({"text": f"Rice was sold at {n} markets."} for n in range(KILLS))]
    for n, record in enumerate(told[: KILLS + 1]):
        write(folder, f"{n}.jsonl", record)
        watching = Watching(folder, "--index", index, "--questions", questions, "--out", report)
        time.sleep(chance.uniform(0, 3 + took))
        watching.process.kill()
        watching.process.wait()
        archive = Archive.open(index)
        assert archive.check() == []
        now = {article.text for article in archive.articles()}
        assert there <= now <= {RAIN["text"], *(one["text"] for one in told[: n + 1])}
        if report.exists():
            json.loads(report.read_text())
        there = now
    once("--out", str(report))
    assert len(list(Archive.open(index).articles())) == KILLS + 2
    quotes = [one["quote"] for one in json.loads(report.read_text())["evidence"]]
    assert sorted(quotes) == sorted(one["text"] for one in (RAIDS, MORE))
