"""The chat without a browser: its command line, its handlers, and what they refuse."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import sys
from html import unescape
from pathlib import Path
from types import SimpleNamespace

import gradio as gr
import pytest

import app
from rag import Archive
from rag.errors import SnapshotError

ROOT = Path(__file__).parents[1]
QUESTION = "How many people did police in Kratie arrest?"


@pytest.fixture(scope="module")
def index(tmp_path_factory, articles):
    folder = tmp_path_factory.mktemp("index")
    Archive.build(articles, folder)
    return folder


@pytest.fixture(scope="module")
def desk(index):
    archive = Archive.open(index)
    return app.Desk(lambda: archive)


def ask(desk, question, session=None, **filters):
    """The last update of question box, conversation, panel and session."""
    chosen = {"sources": [], "since": None, "until": None} | filters
    first, *_, last = desk.reply(question=question, session=session or app.Session(), **chosen)
    assert "Reading the archive" in first[1]
    return last


def click(link):
    return SimpleNamespace(article=link.article_id, start=link.start, end=link.end)


def run(*arguments):
    return subprocess.run(
        [sys.executable, "app.py", *arguments],
        cwd=ROOT, capture_output=True, text=True, timeout=120,
    )  # fmt: skip


def refused(*arguments, remedy):
    result = run(*arguments)
    assert result.returncode == 2
    assert remedy in result.stderr
    assert "Traceback" not in result.stderr
    return result


@pytest.mark.parametrize("arguments", [("--port", "many"), ("--wat",)])
def test_a_wrong_argument(arguments):
    refused(*arguments, remedy="usage: app.py")


@pytest.mark.parametrize("port", ["-1", "70000"])
def test_a_port_that_does_not_exist(port):
    refused(f"--port={port}", remedy="--port")


def test_a_port_in_use():
    with socket.create_server(("127.0.0.1", 0)) as server:
        refused("--port", str(server.getsockname()[1]), remedy="--port")


def test_a_host_that_is_not_here():
    refused("--host", "192.0.2.1", "--port", "0", remedy="--host")


def test_a_missing_index(tmp_path):
    refused("--port", "0", "--index", str(tmp_path / "none"), remedy="byline build")


@pytest.mark.parametrize("harm", ["half-written", "altered"])
def test_a_broken_index(index, tmp_path, harm):
    broken = shutil.copytree(index, tmp_path / "broken")
    largest = max((p for p in broken.rglob("*") if p.is_file()), key=lambda p: p.stat().st_size)
    content = largest.read_bytes()
    if harm == "half-written":
        largest.write_bytes(content[: len(content) // 2])
    else:
        largest.unlink()
    refused("--port", "0", "--index", str(broken), remedy="byline build")


def test_an_answer_and_its_links(desk):
    box, conversation, panel, session = ask(desk, QUESTION)
    assert box.value == ""
    assert "312" in conversation
    assert "Sources" in panel
    assert session.turns[0][0] == QUESTION
    html = desk.show(session, click(session.links[0]))
    assert "<mark>" in html
    assert session.links[0].quote in desk.archive().article(session.links[0].article_id).text


def test_a_link_is_opened_only_for_whom_it_was_shown_to(desk):
    session = ask(desk, QUESTION)[3]
    link = session.links[0]
    assert "<mark>" not in desk.show(app.Session(), click(link))
    for forged in (
        SimpleNamespace(article=link.article_id, start=0, end=10**9),
        SimpleNamespace(article="../../etc/passwd", start=0, end=1),
        SimpleNamespace(article=[], start={}, end=None),
    ):
        assert "<mark>" not in desk.show(session, forged)


def test_a_follow_up_knows_the_conversation(desk):
    session = ask(desk, QUESTION)[3]
    conversation, session = ask(desk, "And in Pursat?", session)[1::2]
    assert "Understood as: " in conversation
    assert 'class="correct"' in conversation
    assert conversation.count('class="turn"') == 2
    assert len(session.turns) == 2


def test_a_corrected_question_stands_by_itself_and_the_conversation_goes_on_from_it(desk):
    session = ask(desk, "Who is Hun Sen?")[3]
    box, session = desk.correct(session, SimpleNamespace(question=QUESTION))
    assert (box.value, box.label) == (QUESTION, app.CORRECTING)
    refused = ask(desk, "", session)
    assert "Understood" not in refused[1]
    box, conversation, _, session = ask(desk, "And in Kratie?", session)
    assert "Understood as: " not in conversation
    assert box.label == app.ASKING
    assert conversation.count('class="turn"') == 2
    assert [question for question, _ in session.turns] == ["And in Kratie?"]
    session = ask(desk, QUESTION, session)[3]
    assert "in Pursat arrest?" in ask(desk, "And in Pursat?", session)[1]


@pytest.mark.parametrize(
    "filters",
    [{"question": ""}, {"question": "why " * 2500}, {"since": "yesterday"}],
    ids=["empty", "long", "date"],
)
def test_a_question_that_cannot_be_asked_is_answered_kindly(desk, filters):
    conversation = ask(desk, **{"question": QUESTION} | filters)[1]
    assert 'class="note"' in conversation
    assert "Traceback" not in conversation
    assert len(conversation) < 1000


def test_only_named_events_are_public():
    named = {
        dependency.api_name
        for dependency in app.demo.fns.values()
        if dependency.api_visibility == "public"
    }
    assert named == {"ask", "search", "article"}


def test_a_fault_does_not_leave_the_page_waiting():
    def broken():
        raise RuntimeError("a fault")

    updates = app.Desk(broken).reply(QUESTION, [], None, None, app.Session())
    assert "Reading the archive" in next(updates)[1]
    assert app.FAULT in next(updates)[1]
    with pytest.raises(RuntimeError, match="a fault"):
        next(updates)


def test_a_citation_altered_on_disk_is_dropped_and_counted(desk):
    answer = desk.archive().ask(QUESTION)

    class Altered:
        def ask(self, *arguments, **filters):
            return answer

        def article(self, article_id):
            raise SnapshotError(f"Article {article_id} was altered.")

    conversation = ask(app.Desk(Altered), QUESTION)[1]
    assert "1 quote was left out" in conversation
    assert answer.citations[0].quote not in unescape(conversation)


def test_api_answers_in_json(desk):
    api = {event.api_name: event.fn for event in app.layout(desk.archive).fns.values()}
    answer = api["ask"](QUESTION)
    citation = answer["citations"][0]
    article = api["article"](citation["article_id"])
    assert article["text"][citation["start"] : citation["end"]] == citation["quote"]
    assert json.dumps([answer, article, api["search"](QUESTION, k=3)])
    for event, wrong in (("ask", ""), ("search", "why " * 2500), ("article", "none")):
        with pytest.raises(gr.Error):
            api[event](wrong)
