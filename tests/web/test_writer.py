"""The handlers of the switch that lets a model write."""

from __future__ import annotations

import gradio as gr
import pytest
from handlers import BOTH, QUESTION, ask, event, of, over
from scripted import ScriptedServer

from rag import Archive
from rag.chat.sessions import Sessions
from rag.chat.writers import GIVEN, Writers
from rag.models.chat.discover import Found
from rag.web.desk import Desk
from rag.web.writer import LOOK, Writer


@pytest.fixture
def model():
    with ScriptedServer(BOTH) as server:
        yield server


@pytest.fixture
def finding(index, model, tmp_path):
    """A desk that finds that model on this machine."""
    service = over(Archive.open(index))
    found = Found("scripted", "Ollama", model.address)
    service.writers = Writers(folder=tmp_path, look=lambda folder: (found,))
    desk = Desk(Sessions(service))
    yield desk
    service.close()


def choose(desk, wanted, chosen="", language="en"):
    """What the switch shows and what writes, step by step."""
    steps = Writer(desk).choose(language, chosen, event(model=wanted), of("visitor"))
    return [(html, key) for html, key, _ in steps]


def test_it_looks_loads_and_then_writes(finding, model):
    looking, loading, ready = choose(finding, LOOK)
    assert "Looking for language models" in looking[0]
    assert "being loaded" in loading[0]
    assert [key for _, key in (looking, loading, ready)] == ["", "", "Ollama/scripted"]
    assert "scripted writes from the next question on." in ready[0]
    assert "Experimental" in ready[0]
    assert model.chats == []
    talk = ask(finding, QUESTION, model=ready[1])
    assert any('class="written"' in str(part) for part in talk)
    assert len(model.chats) == 1


def test_switched_off_it_writes_in_quotes(finding, model):
    ((html, key),) = choose(finding, "", "Ollama/scripted")
    assert "checked" not in html
    assert key == ""
    talk = ask(finding, QUESTION, model=key)
    assert not any('class="written"' in str(part) for part in talk)
    assert model.chats == []


def test_nothing_found_leaves_it_off_and_says_how_to_get_one(finding, tmp_path):
    finding.sessions.fixed.writers = Writers(folder=tmp_path, look=lambda folder: ())
    *_, (html, key) = choose(finding, LOOK)
    assert key == ""
    assert "checked" not in html
    assert "ollama pull" in html
    assert str(tmp_path) in html


def test_a_model_that_cannot_be_loaded_leaves_it_off(finding, tmp_path):
    gone = Found("gone.gguf", "", str(tmp_path / "gone.gguf"))
    finding.sessions.fixed.writers = Writers(folder=tmp_path, look=lambda folder: (gone,))
    *_, (html, key) = choose(finding, LOOK)
    assert key == ""
    assert "gone.gguf" in html
    assert "checked" not in html


def test_what_the_browser_invents_is_not_reached(finding):
    with ScriptedServer(BOTH) as other:
        *_, (html, key) = choose(finding, other.address)
        assert key == ""
        assert "not there any more" in html
        assert other.requests == []


def test_where_no_model_may_be_looked_for_nothing_is_switched_on(desk):
    assert choose(desk, LOOK) == [(choose(desk, "")[0][0], "")]


def test_the_model_that_was_given_is_switched_on_again(writing):
    ((html, key),) = choose(writing, LOOK)
    assert key == GIVEN
    assert "checked" in html


def test_a_page_that_is_forgotten_begins_again(finding):
    ((html, key, courier),) = Writer(finding).choose("", "", event(model=LOOK), of("visitor"))
    assert (html, key) == (gr.skip(), gr.skip())
    assert courier
