"""What the commands and the chat import: with the default models, nothing that takes seconds."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import datetime, timezone
from pathlib import Path

import pytest

from rag import Archive
from rag.pack import evidence

pytestmark = [pytest.mark.models, pytest.mark.process]

ROOT = Path(__file__).parent.parent
QUESTION = "How many people did police in Kratie arrest?"
HEAVY = {
    "torch", "transformers", "sentence_transformers", "sklearn", "spacy", "nltk", "onnxruntime",
    "ray",
}  # fmt: skip

COMMAND = """
import sys
from rag.__main__ import main
assert main(sys.argv[1:]) == 0
print()
print(*sys.modules)
"""
CHAT = """
import sys
import app
from rag import Archive
from rag.chat.service import Service
from rag.chat.sessions import Sessions
from rag.web.layout import layout
archive = Archive.open(sys.argv[1])
archive.load_encoder()
service = Service(lambda progress: archive)
named = lambda **fields: type("Named", (), fields)
visitor = named(session_hash="visitor", username=None, client=named(host="127.0.0.1"), headers={})
events = {event.api_name: event.fn for event in layout(Sessions(service)).fns.values()}
assert "312" in events["ask"](sys.argv[2], visitor)["text"]
service.close()
print()
print(*sys.modules)
"""


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """Runs a script in a Python of its own, with an empty cache, and returns the packages that it
    imported."""
    home = tmp_path_factory.mktemp("home")
    places = dict.fromkeys(("HOME", "XDG_CACHE_HOME", "HF_HOME", "LOCALAPPDATA"), str(home))

    def run(script, *arguments):
        done = subprocess.run(
            [sys.executable, "-c", script, *map(str, arguments)],
            cwd=ROOT, env=os.environ | places, capture_output=True, text=True, timeout=300,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return {name.partition(".")[0] for name in done.stdout.splitlines()[-1].split()}

    return run


@pytest.fixture(scope="module")
def built(run, tmp_path_factory):
    """The folder of an index that a command built, and what that imported."""
    folder = tmp_path_factory.mktemp("imports")
    # One sentence is too long for a passage, and so cut within.
    texts = ["Police arrested 312 people in Kratie.", "Rain fell, and then " * 200 + "it stopped."]
    stories = folder / "stories.jsonl"
    stories.write_text("\n".join(json.dumps({"text": text}) for text in texts), "utf-8")
    imported = run(COMMAND, "build", stories, "--index", folder / "index")
    return folder, imported


def test_building_imports_no_torch(built):
    _, imported = built
    assert {"openvino", "faiss"} <= imported
    assert imported & HEAVY == set()


@pytest.mark.parametrize("command", ["ask", "search", "info", "check", "verify"])
def test_a_command_imports_no_torch(built, run, command):
    folder, _ = built
    given = [QUESTION] if command in ("ask", "search") else []
    if command == "verify":
        archive = Archive.open(folder / "index")
        known = {article.id: article for article in archive.articles()}
        made = datetime(2026, 1, 2, tzinfo=timezone.utc)
        facts = archive.info()
        packed = evidence([archive.ask(QUESTION)], known, archive.settings, facts, made)
        (folder / "evidence.json").write_text(json.dumps(packed), "utf-8")
        given = [folder / "evidence.json"]
    imported = run(COMMAND, command, *given, "--index", folder / "index")
    assert imported & HEAVY == set()
    assert ("openvino" in imported) == (command in ("ask", "search"))


def test_the_chat_imports_no_torch_up_to_an_answer(built, run):
    folder, _ = built
    imported = run(CHAT, folder / "index", QUESTION)
    assert {"openvino", "gradio"} <= imported
    assert imported & HEAVY == set()
