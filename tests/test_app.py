"""The chat without a browser: its command line, its handlers, and what they refuse."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import sys
import time
from html import unescape
from pathlib import Path
from types import SimpleNamespace

import gradio as gr
import pytest
from scripted import Reply, ScriptedServer

import app
from rag import Archive, AskSettings, render
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


def reply(desk, question, session=None, alone=False, visitor="visitor", **choices):
    """The updates of question box, conversation, panel, session and `alone`, as they come."""
    chosen = {"sources": [], "since": None, "until": None, "kind": app.WRITTEN} | choices
    session = session or app.Session()
    return desk.reply(
        question=question, session=session, alone=alone, request=of(visitor), **chosen
    )


def ask(desk, question, session=None, **choices):
    """The last update."""
    first, *_, last = reply(desk, question, session, **choices)
    assert app.READING in first[1]
    return last


def of(visitor):
    """A request of theirs."""
    return SimpleNamespace(session_hash=visitor)


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
    box, conversation, panel, session, _ = ask(desk, QUESTION)
    assert (box.value, box.submit_btn, box.stop_btn) == ("", "Ask", False)
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
    box, alone = desk.correct(SimpleNamespace(question=QUESTION))
    assert (box.value, box.label, alone) == (QUESTION, app.CORRECTING, True)
    refused = ask(desk, "", session, alone=True)
    assert "Understood" not in refused[1]
    assert refused[3:] == (gr.skip(), gr.skip())
    box, conversation, _, session, alone = ask(desk, "And in Kratie?", session, alone=True)
    assert "Understood as: " not in conversation
    assert (box.label, alone) == (app.ASKING, False)
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

    updates = reply(app.Desk(broken), QUESTION)
    assert app.READING in next(updates)[1]
    assert app.FAULT in next(updates)[1]
    with pytest.raises(RuntimeError, match="a fault"):
        next(updates)


def test_a_citation_altered_on_disk_is_dropped_and_counted(desk):
    answer = desk.archive().ask(QUESTION)

    class Altered:
        settings = AskSettings()

        writes = False

        def stream(self, *arguments, **filters):
            return iter([answer])

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


# Answers that a model writes

TRUE = "Police in Kratie arrested 312 people, including nationals of Thailand."
FALSE = "Police in Kratie arrested 313 people, including nationals of Thailand."
BOTH = f"{TRUE[:-1]} [1]. {FALSE[:-1]} [1]."
HANGS = Reply(f"{TRUE[:-1]} [1]. And so", then="hang")


@pytest.fixture
def server(request):
    """A model that writes BOTH, or what the test's parameter says."""
    with ScriptedServer(getattr(request, "param", BOTH)) as server:
        yield server


@pytest.fixture
def writing(index, server):
    """A desk whose archive has that model."""
    archive = Archive.open(index, AskSettings(model=server.address))
    return app.Desk(lambda: archive)


def until(seen, updates):
    """Take updates until the conversation shows that."""
    while seen not in next(updates)[1]:
        pass


def has_gone(server):
    """Whether the desk hangs up on the model before long."""
    end = time.monotonic() + 5
    while not server.gone and time.monotonic() < end:
        time.sleep(0.02)
    return server.gone == 1


def test_what_a_model_writes_is_shown_as_it_comes(writing):
    waits, begins, *grows, last = reply(writing, QUESTION)
    assert app.READING in waits[1]
    box, conversation, panel, session, _ = begins
    assert (box.value, box.submit_btn, box.stop_btn) == ("", False, "Stop")
    assert render.WRITING in conversation
    assert 'class="claim"' not in conversation
    assert "<mark>" in panel
    assert (session.turns, session.pages) == ((), ())
    assert TRUE in grows[0][1]
    assert render.WRITING in grows[0][1]
    box, conversation, panel, session, _ = last
    assert (box.submit_btn, box.stop_btn) == ("Ask", False)
    assert box.value is None  # What was typed meanwhile stays.
    assert render.WRITING not in conversation
    assert conversation.count("<details") == 1
    assert session.turns == ((QUESTION, f"{TRUE} [1]"),)
    for update in (begins, *grows, last):
        link = update[3].links[-1]
        assert link.quote in unescape(update[2])
        assert "<mark>" in writing.show(update[3], click(link))


def test_quotes_are_chosen_and_the_model_is_not_asked(writing, server):
    conversation = ask(writing, QUESTION, kind=app.QUOTES)[1]
    assert "<blockquote" in conversation
    assert server.chats == []


@pytest.mark.parametrize("server", [HANGS], indirect=True, ids=["hangs"])
@pytest.mark.parametrize("event", ["stop", "leave", "clear"])
def test_the_model_is_stopped(writing, server, event):
    updates = reply(writing, QUESTION)
    until(TRUE, updates)
    getattr(writing, event)(of("another"))
    assert writing.writing
    getattr(writing, event)(of("visitor"))
    rest = list(updates)
    assert has_gone(server)
    assert writing.writing == {}
    if event == "stop":
        assert TRUE in rest[-1][1]
        assert "You stopped the model." in rest[-1][1]
    else:
        assert [update[1] for update in rest] == [app.INTRODUCTION]


@pytest.mark.parametrize("server", [HANGS], indirect=True, ids=["hangs"])
def test_a_second_question_stops_the_first(writing, server):
    first = reply(writing, QUESTION)
    until(TRUE, first)
    second = reply(writing, QUESTION, kind=app.QUOTES)
    next(second)
    assert list(first) == []
    assert has_gone(server)
    assert "<blockquote" in list(second)[-1][1]
    assert writing.writing == {}


@pytest.mark.parametrize("server", [HANGS], indirect=True, ids=["hangs"])
def test_nobody_waits_any_more(writing, server):
    """Gradio closes what it asked when the browser has gone."""
    updates = reply(writing, QUESTION)
    until(TRUE, updates)
    updates.close()
    assert writing.writing == {}
    assert has_gone(server)


@pytest.mark.parametrize("server", [HANGS], indirect=True, ids=["hangs"])
def test_answers_that_are_written_keep_no_place_from_quotes(writing, server):
    under_way = [reply(writing, QUESTION, visitor=name) for name in "abc"]
    for updates in under_way:
        until(render.WRITING, updates)
    assert len(under_way) > app.AT_ONCE
    assert "<blockquote" in ask(writing, QUESTION, kind=app.QUOTES)[1]
    for updates in under_way:
        updates.close()


def test_a_model_that_cannot_be_reached_leaves_quotes_and_a_note(index):
    with ScriptedServer() as gone:
        pass
    archive = Archive.open(index, AskSettings(model=gone.address))
    conversation = ask(app.Desk(lambda: archive), QUESTION)[1]
    assert "<blockquote" in conversation
    assert conversation.index('class="note"') > conversation.index("</blockquote>")


@pytest.mark.parametrize("kind", ["model", "none"])
def test_the_kind_of_answer_is_chosen_only_where_a_model_writes(desk, writing, kind):
    _, choice = (writing if kind == "model" else desk).greet()
    assert choice.visible is (kind == "model")


def test_programs_may_choose_too(writing, server):
    api = {event.api_name: event.fn for event in app.layout(writing.archive).fns.values()}
    assert api["ask"](QUESTION, written=False)["mode"] == "extractive"
    assert server.chats == []
    answer = api["ask"](QUESTION)
    assert answer["mode"] == "generated"
    assert [claim["verdict"] for claim in answer["claims"]] == ["supported"]
    assert [sentence["text"] for sentence in answer["rejected"]] == [FALSE]


def test_programs_take_no_places_of_the_chat(desk):
    events = app.layout(desk.archive).fns.values()
    asked = next(event for event in events if event.api_name == "ask")
    chats = [event for event in events if event.concurrency_id == "archive"]
    assert asked.concurrency_limit == app.FOR_PROGRAMS
    assert asked not in chats
    assert chats


@pytest.fixture
def settings(desk, monkeypatch):
    """The settings of the archive that a command line serves."""

    def of(*arguments):
        served = []
        monkeypatch.setattr(app, "_serve", lambda page, *at: None)
        monkeypatch.setattr(app, "layout", lambda archive, examples: served.append(archive()))
        monkeypatch.setattr(app, "bundled", desk.archive)
        assert app.main(["--port", "0", *arguments]) == 0
        return served[0].settings

    return of


@pytest.mark.parametrize("home", ["bundled", "index"])
def test_settings_are_chosen(index, settings, home):
    at = ["--index", str(index)] if home == "index" else []
    chosen = ["--set", "model_timeout=7", "--set", "prompt_passages=2"]
    assert settings(*at, *chosen) == AskSettings(model_timeout=7, prompt_passages=2)


def test_a_setting_that_there_is_not():
    refused("--set", "model_timout=7", remedy="Did you mean 'model_timeout'?")


def test_a_chat_is_served_although_its_model_is_missing(index, tmp_path, monkeypatch, capsys):
    served = []
    monkeypatch.setattr(app, "_serve", lambda *arguments: served.append(arguments))
    model = str(tmp_path / "none.gguf")
    assert app.main(["--port", "0", "--index", str(index), "--model", model]) == 0
    assert "app.py: There is no model file" in capsys.readouterr().err
    assert len(served) == 1


def test_a_model_elsewhere_is_refused(index):
    model = "http://192.0.2.1/v1#m"
    refused("--port", "0", "--index", str(index), "--model", model, remedy="allow")
