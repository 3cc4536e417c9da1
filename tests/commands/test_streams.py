"""No command prints what a terminal would act on, wherever it comes from."""

from __future__ import annotations

import io
import json
import os
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.__main__ import main
from rag.commands import streams
from rag.commands.streams import Shown
from rag.wording.visible import HIDDEN, isolated, visible

HOSTILE = "\x1b]0;owned\x07\x1b[2J\x9b31m\u202e\u2067\r\x7f"
any_text = st.text(
    st.characters(exclude_categories=["Cs"]) | st.sampled_from(HOSTILE + "\u2068a\u2069")
)
ACTED_ON = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066\u2067]")


@given(any_text)
def test_what_is_visible_has_no_control_and_turns_nothing_outside(text):
    shown = visible(text, keep="")
    left = re.sub("\u2068[^\u2066-\u2069]*\u2069", "", shown)
    assert not HIDDEN.search(left)
    assert visible(shown, keep="") == shown


@given(any_text)
def test_a_field_that_is_isolated_is_one_isolate_at_most(text):
    for around in ("ltr", "rtl"):
        shown = isolated(text, around)
        assert shown.count("\u2068") == shown.count("\u2069") <= 1
        assert "\u2068" not in shown or (shown[0], shown[-1]) == ("\u2068", "\u2069")
        assert not ACTED_ON.search(shown.replace("\n", "").replace("\r", ""))


def test_text_in_its_own_direction_stays_as_it_is():
    assert isolated("Le Monde, 2 March") == "Le Monde, 2 March"
    assert isolated("שלום") == "\u2068שלום\u2069"
    assert visible("a\tb\nc\r\n") == "a\tb\nc\r\n"


def test_bars_are_drawn_and_nothing_else_goes_back():
    under = io.StringIO()
    stream = Shown(under, bars=True)
    for text in ("\rembedding: 10%", "\n\x1b[A", "byline: \rfake\x1b[A", "\x1b[2J"):
        stream.write(text)
    assert under.getvalue() == "\rembedding: 10%\n\x1b[Abyline: ␍fake␛[A␛[2J"


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("a\x1b[31m\u202eb" if os.name == "posix" else "a")
    text = f"Police arrested 312 people in Kratie{HOSTILE}. The mayor said so on Friday."
    fields = dict.fromkeys(("title", "source", "author", "section"), f"Kratie {HOSTILE}")
    lines = [{"text": text, **fields}, {"text": f"{text} Rain fell.", **fields, "title": "Rain"}]
    (folder / "articles.jsonl").write_text("\n".join(map(json.dumps, lines)), "utf-8")
    name = "bad\x1b[2J\u202e.pdf" if os.name == "posix" else "bad.pdf"
    (folder / name).write_bytes(b"%PDF-1.4 nothing")
    return folder


@pytest.fixture(scope="module")
def index(files, tmp_path_factory, models):
    index = tmp_path_factory.mktemp("index") / "index\x1b[2J" if os.name == "posix" else "index"
    assert main(["build", str(files), "--index", str(index)]) == 0
    return index


def commands(files):
    question = f"How many people did police arrest in Kratie?{HOSTILE}"
    yield ["build", str(files)]
    yield ["ask", question]
    yield ["search", question]
    yield ["info"]
    yield ["info", "--failed"]
    yield ["info", "--changes"]
    yield ["info", "--duplicates"]
    yield ["check"]
    yield ["add", str(files)]
    yield ["watch", str(files), "--once"]
    yield ["add", f"{files}/none{HOSTILE}"]
    yield ["remove", f"id{HOSTILE}"]
    yield ["verify", f"pack{HOSTILE}.zip"]
    yield ["ask", question, "--source", HOSTILE]
    yield ["build", str(files), "--set", f"x{HOSTILE}=1"]
    yield ["ask", "--batch", f"b{HOSTILE}.csv"]


def test_no_command_prints_a_control_character(files, index, capsys):
    said = 0
    for arguments in commands(files):
        code = main([*arguments, "--index", str(index)])
        printed = "".join(capsys.readouterr())
        assert code in (0, 2), arguments
        assert not ACTED_ON.search(printed), arguments
        said += "␛" in printed
    assert said >= 10


@pytest.mark.parametrize("command", ["ask", "search", "info"])
def test_json_holds_every_character_and_prints_none(index, capsys, command):
    question = ["How many people did police arrest in Kratie?"] * (command != "info")
    assert main([command, *question, "--json", "--index", str(index)]) == 0
    printed = capsys.readouterr().out
    assert not ACTED_ON.search(printed)
    assert "\x9b31m\u202e\u2067" in json.dumps(json.loads(printed), ensure_ascii=False)


@pytest.mark.parametrize(
    "arguments", [["\x1b[2J"], ["ask", "--\x1b[2J"], ["serve", "--port", "\x1b[2J"]]
)
def test_a_wrong_argument_is_told_without_it(arguments, capsys):
    with pytest.raises(SystemExit):
        main(arguments)
    assert not ACTED_ON.search("".join(capsys.readouterr()))


def test_commands_print_json_in_one_way():
    folder = Path(streams.__file__).parent
    others = [path for path in folder.glob("*.py") if path != Path(streams.__file__)]
    assert [path.name for path in others if "json.dumps" in path.read_text("utf-8")] == []
