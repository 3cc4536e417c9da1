"""The chat's handlers over the bundled articles, with a model that writes or without."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

import pytest
from handlers import BOTH, OWN, over
from scripted import ScriptedServer

from rag import Archive, AskSettings
from rag.chat.feedback import Feedback
from rag.chat.sessions import Sessions
from rag.web.desk import Desk


@pytest.fixture(scope="session")
def index(tmp_path_factory, articles, models):
    folder = tmp_path_factory.mktemp("index")
    Archive.build(articles, folder)
    return folder


@pytest.fixture(scope="session")
def shared(index):
    shared = over(Archive.open(index))
    yield shared
    shared.close()


@pytest.fixture
def desk(shared, tmp_path, monkeypatch):
    """The handlers, with judgements asked for; nobody has documents before or after."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(shared, "feedback", Feedback(tmp_path / "feedback.jsonl"))
    desk = Desk(Sessions(shared))
    desk.here.add("visitor")
    yield desk
    for visitor in ("visitor", "another"):
        shared.remove(visitor)


@pytest.fixture
def upload(tmp_path):
    """What Gradio hands over: a copy of a file, which is ours to delete."""

    def upload(name="own.jsonl", content=None):
        path = Path(tempfile.mkdtemp(dir=tmp_path)) / name
        path.write_text(content or json.dumps({"text": OWN, "title": "Ferry", "source": "Own"}))
        return str(path)

    return upload


@pytest.fixture
def server(request):
    """A model that writes BOTH, or what the test's parameter says."""
    with ScriptedServer(getattr(request, "param", BOTH)) as server:
        yield server


@pytest.fixture
def writing(index, server):
    """A desk whose archive has that model."""
    desk = Desk(Sessions(over(Archive.open(index, AskSettings(model=server.address)))))
    yield desk
    desk.sessions.fixed.close()
