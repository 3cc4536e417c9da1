"""What the two command lines of the chat refuse, and what they serve."""

from __future__ import annotations

import contextlib
import http.client
import importlib.util
import json
import os
import re
import select
import shutil
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from handlers import QUESTION

import app
from eval.runs.serving import served
from rag import AskSettings
from rag.__main__ import main as byline
from rag.arguments import PER_MINUTE, app_parser, parser
from rag.errors import QuestionError
from rag.web.opening import MadeHere
from rag.web.serve import prepared

ELSEWHERE = "http://192.0.2.1/v1#m"
ROOT = Path(__file__).parents[2]
PROGRAMS = {"app.py": app.main, "byline": lambda arguments: byline(["serve", *arguments])}


@pytest.fixture
def refused(capsys):
    """Runs a command that must be refused before anything is served, and returns what it says."""

    def refused(*arguments, remedy, program="app.py"):
        try:
            code = PROGRAMS[program](arguments)
        except SystemExit as ended:
            code = ended.code
        told = capsys.readouterr()
        assert code == 2
        assert told.out == ""
        assert remedy in told.err
        return told.err

    return refused


@pytest.mark.process
def test_a_process_ends_when_its_archive_cannot_be_opened(index):
    """The page is there by then; what it was asked to write with is looked at later."""
    result = subprocess.run(
        [sys.executable, "app.py", "--port", "0", "--index", str(index), "--model", ELSEWHERE],
        cwd=ROOT, capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert result.returncode == 2
    assert result.stderr.startswith("app.py: ")
    assert "allow" in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize("arguments", [("--port", "many"), ("--wat",)])
def test_a_wrong_argument(refused, arguments):
    refused(*arguments, remedy="usage: app.py")


@pytest.mark.parametrize("program", PROGRAMS)
@pytest.mark.parametrize("port", ["-1", "70000"])
def test_a_port_that_does_not_exist(refused, port, program):
    refused(f"--port={port}", remedy="--port", program=program)


def test_a_port_in_use(refused):
    with socket.create_server(("127.0.0.1", 0)) as server:
        refused("--port", str(server.getsockname()[1]), remedy="--port")


def test_a_host_that_is_not_here(refused):
    refused("--host", "192.0.2.1", "--port", "0", remedy="--host")


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_missing_index(refused, tmp_path, program):
    at = ["--port", "0", "--index", str(tmp_path / "none")]
    told = refused(*at, remedy="byline build", program=program)
    assert told.startswith(f"{program}: ")


@pytest.mark.parametrize("arguments", [["--no-archives"], ["--host", "0.0.0.0"]])
def test_byline_serves_no_index_but_one_that_is_there(refused, tmp_path, monkeypatch, arguments):
    """`app.py` builds that of the bundled articles; the command knows none."""
    monkeypatch.chdir(tmp_path)
    remedy = "byline build ARTICLES --index index/archive"
    refused("--port", "0", *arguments, remedy=remedy, program="byline")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("harm", ["half-written", "altered"])
def test_a_broken_index(refused, index, tmp_path, harm):
    broken = shutil.copytree(index, tmp_path / "broken")
    largest = max((p for p in broken.rglob("*") if p.is_file()), key=lambda p: p.stat().st_size)
    content = largest.read_bytes()
    if harm == "half-written":
        largest.write_bytes(content[: len(content) // 2])
    else:
        largest.unlink()
    refused("--port", "0", "--index", str(broken), remedy="byline build")


@pytest.mark.parametrize(
    ("content", "mode", "remedy"),
    [
        (None, 0, "cannot be read"),
        (b"ann:secret", 0o644, "chmod 600"),
        (b"ann:secret", 0o640, "chmod 600"),
        (b"\xff\xfe", 0o600, "cannot be read"),
        (b"", 0o600, "NAME:PASSWORD"),
        (b"\n \n", 0o600, "NAME:PASSWORD"),
        (b"ann", 0o600, "NAME:PASSWORD"),
        (b"ann:\nbob:secret", 0o600, "NAME:PASSWORD"),
        (b":secret", 0o600, "NAME:PASSWORD"),
    ],
    ids=["missing", "read by all", "read by a group", "no text", "empty", "blank", "no password",
         "one without", "no name"],
)  # fmt: skip
def test_a_file_of_accounts_that_lets_nobody_in(refused, tmp_path, content, mode, remedy):
    file = tmp_path / "accounts"
    if content is not None:
        file.touch(mode)
        file.write_bytes(content)
    assert "secret" not in refused("--port", "0", "--auth-file", str(file), remedy=remedy)


@pytest.mark.parametrize("number", ["-1", "many", "1.5", ""])
def test_a_limit_that_is_none(refused, number):
    refused(f"--per-minute={number}", remedy="--per-minute")


def test_mcp_without_its_package(refused, monkeypatch):
    find = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda n: None if n == "mcp" else find(n))
    refused("--port", "0", "--mcp", remedy="pip install 'gradio[mcp]'")


def test_a_setting_that_there_is_not(refused):
    refused("--set", "model_timout=7", remedy="Did you mean 'model_timeout'?")


@pytest.mark.parametrize("program", PROGRAMS)
def test_archives_that_everybody_could_change(refused, program):
    at = ["--port", "0", "--host", "0.0.0.0", "--archives"]
    refused(*at, remedy="--auth-file", program=program)


# What is served


@pytest.fixture
def serve(index):
    """The server that some arguments ask for; it does not listen."""
    begun = []

    def serve(*arguments, made=None):
        at = ["--port", "0", "--index", str(index), "--no-examples"]
        server = prepared(app_parser().parse_args([*at, *arguments]), "app.py", made)
        begun.append(server.sessions)
        return server

    yield serve
    for service in begun:
        service.close()


@pytest.mark.process
def test_the_page_comes_with_its_style_and_its_script(index, tmp_path):
    """`byline serve` in a folder of its own: nothing is read from the checkout but the package."""
    arguments = ["serve", "--index", str(index), "--port", "0", "--no-examples"]
    process = subprocess.Popen(
        [sys.executable, "-u", "-m", "rag", *arguments],
        cwd=tmp_path, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    try:
        said = process.stdout.readline()
        (address,) = re.findall(r"^Byline is at (\S+)", said)
        with urllib.request.urlopen(f"{address}config") as response:
            config = json.load(response)
    finally:
        process.terminate()
        _, told = process.communicate(timeout=120)
    assert (ROOT / "rag/web/app.css").read_text("utf-8") in config["css"]
    scripts = {part["props"].get("js_on_load") for part in config["components"]}
    parts = ("rag/web/article.js", "rag/web/app.js")
    assert "".join((ROOT / part).read_text("utf-8") for part in parts) in scripts
    assert process.returncode in (0, 130)  # Interrupted while it opens the archive, it is 130.
    assert "Traceback" not in told


def test_example_questions_are_proposed_unless_they_are_switched_off():
    parse = app_parser().parse_args
    assert parse([]).examples
    assert not parse(["--no-examples"]).examples


def test_settings_are_chosen(serve):
    service = serve("--set", "model_timeout=7", "--set", "prompt_passages=2").sessions.fixed
    assert service.archive().settings == AskSettings(model_timeout=7, prompt_passages=2)
    service.close()
    assert service.examples == ()  # Which the fixture has switched off.


def test_an_index_that_may_have_to_be_built_is_built_before_it_is_opened(index, tmp_path, serve):
    def build(progress):
        progress("embedding", 1, 2)
        shutil.copytree(index, tmp_path / "built")

    server = serve("--index", str(tmp_path / "built"), made=MadeHere(build, "made"))
    assert not (tmp_path / "built").exists()  # It is built while the page is served.
    assert server.sessions.fixed.archive().ask(QUESTION).status == "answered"
    assert server.sessions.fixed.progress == ("embedding", 1, 2)


def served_by(command, *arguments):
    """The archives that a command would serve."""
    options = command.parse_args(arguments)
    bundled = command.prog == "app.py" and not options.index
    options.index = str(app.INDEX) if bundled else options.index
    served = prepared(options, command.prog, app.BUNDLED if bundled else None)
    served.sessions.close()
    return served


def serving(*arguments):
    return served_by(parser(), "serve", "--port", "0", *arguments)


@pytest.mark.parametrize(
    ("arguments", "made"),
    [
        ([], True),
        (["--archives"], True),
        (["--archives", "DIR"], True),
        (["--index", "INDEX"], False),
        (["--index", "INDEX", "--archives", "DIR"], True),
    ],
)
def test_archives_are_made_in_the_page_unless_one_index_is_named(
    index, tmp_path, monkeypatch, arguments, made
):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    named = {"INDEX": str(index), "DIR": str(tmp_path / "library")}
    server = serving(*(named.get(one, one) for one in arguments))
    assert (server.sessions.libraries is not None) is made
    assert (server.sessions.fixed is not None) is ("--index" in arguments)
    assert server.browser is ("--index" not in arguments)
    if made:
        library = server.sessions.library()
        assert library.by_path
        assert library.home.is_relative_to(tmp_path)
        assert [entry.index for entry in library.entries()] == [index] * ("--index" in arguments)
        assert not any(entry.own for entry in library.entries())
    assert not (tmp_path / "data").exists()


def test_the_page_is_opened_in_a_browser_unless_that_is_switched_off(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert not serving("--no-open").browser
    assert not served_by(app_parser(), "--port", "0").browser


def test_beyond_this_machine_each_account_has_archives_of_its_own(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "accounts"
    file.touch(0o600)
    file.write_text("ann:secret\nbob:secret\n", "utf-8")
    at = ["--archives", str(tmp_path / "library"), "--auth-file", str(file)]
    for host in ("0.0.0.0", "127.0.0.1"):
        server = serving("--host", host, *at)
        ann, bob = (server.sessions.library(name) for name in ("ann", "bob"))
        assert ann.home != bob.home
        assert not ann.by_path


def test_an_index_of_this_folder_is_offered(index, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "index").mkdir()
    (tmp_path / "index" / "archive").symlink_to(index)
    (entry,) = serving("--archives", str(tmp_path / "library")).sessions.library().entries()
    assert (entry.own, entry.can_be_asked) == (False, True)


def test_what_may_be_uploaded_is_bounded_by_options(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    library = serving("--upload-bytes", "7", "--upload-files", "3").sessions.library()
    assert (library.room.bytes, library.room.files) == (7, 3)


def test_app_serves_the_bundled_articles_or_the_index_that_is_named(index, monkeypatch):
    asked = []

    def note(options, program, made=None):
        asked.append((options.index, program, made))
        raise KeyboardInterrupt

    monkeypatch.setattr(app, "prepared", note)
    assert app.main([]) == 130
    assert app.main(["--index", str(index)]) == 130
    home = str(ROOT / "index" / "archive")
    assert asked == [(home, "app.py", app.BUNDLED), (str(index), "app.py", None)]


def test_a_chat_is_served_although_its_model_is_missing(tmp_path, serve, capsys):
    assert serve("--model", str(tmp_path / "none.gguf")).sessions.fixed.archive()
    assert "app.py: There is no model file" in capsys.readouterr().err


def test_only_those_in_the_file_are_let_in(tmp_path, serve, capsys):
    file = tmp_path / "accounts"
    file.touch(0o600)
    file.write_text("ann:se:cret\n\n bob : with spaces \n", "utf-8")
    served = serve("--auth-file", str(file), "--host", "0.0.0.0")
    assert served.accounts == [("ann", "se:cret"), ("bob", " with spaces ")]
    assert capsys.readouterr().err == ""
    assert serve().accounts is None


def test_whoever_serves_beyond_this_machine_is_warned(serve, capsys):
    served = serve("--host", "0.0.0.0")
    told = capsys.readouterr().err
    assert "app.py: 0.0.0.0 can be reached from other machines" in told
    assert "--auth-file" in told
    assert served.sessions.fixed.feedback is None  # Judgements are not asked for there.


def test_on_this_machine_alone_nothing_is_warned_of(index, serve, capsys):
    served = serve()
    assert capsys.readouterr().err == ""
    assert (served.host, served.mcp) == ("127.0.0.1", False)
    assert served.sessions.fixed.feedback.path == index / "feedback.jsonl"


def test_judgements_go_where_they_are_wanted(tmp_path, serve):
    file = tmp_path / "said.jsonl"
    for host in ("127.0.0.1", "0.0.0.0"):
        assert serve("--feedback", str(file), "--host", host).sessions.fixed.feedback.path == file


def most(service):
    """Questions that an address may ask in a minute, if that is less than 100."""
    for asked in range(100):
        try:
            service.admit("192.0.2.1")
        except QuestionError:
            return asked
    return None


@pytest.mark.parametrize(
    ("arguments", "limit"),
    [
        ([], None),
        (["--host", "0.0.0.0"], PER_MINUTE),
        (["--per-minute", "7"], 7),
        (["--host", "0.0.0.0", "--per-minute", "7"], 7),
        (["--host", "0.0.0.0", "--per-minute", "0"], None),
    ],
    ids=["here", "beyond", "chosen here", "chosen beyond", "none beyond"],
)
def test_how_often_one_address_may_ask(serve, arguments, limit):
    assert most(serve(*arguments).sessions.fixed) == limit


@pytest.mark.models
@pytest.mark.process
def test_a_connection_outlasts_the_pause_after_which_clients_end_theirs(index):
    """Where the server ends it first, what a client sends just then is lost."""
    with served(["--index", str(index), "--no-examples"]) as server:
        connection = http.client.HTTPConnection(urlsplit(server.address).netloc, timeout=60)
        with contextlib.closing(connection):
            connection.request("GET", "/robots.txt")
            connection.getresponse().read()
            waited = select.select([connection.sock], [], [], 7)  # It says nothing, and stays.
            assert waited[0] == []
            connection.request("GET", "/robots.txt")
            assert connection.getresponse().status == 200
