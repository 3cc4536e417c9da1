"""The models that a reader may let write, and what the page says of them."""

from __future__ import annotations

import pytest
import tiny_gguf
from markup import HOSTILE, elements, shown
from scripted import ScriptedServer

from rag.chat.html import writer_html
from rag.chat.writers import GIVEN, Writers
from rag.errors import ModelError
from rag.models.chat import measured as measures
from rag.models.chat.discover import Found
from rag.models.chat.measured import Measured, measured
from rag.settings import AskSettings
from rag.wording import LANGUAGES, wording


def served(server):
    return Found("scripted", "Ollama", server.address)


def test_only_what_was_found_here_can_be_chosen(tmp_path):
    with ScriptedServer() as server, ScriptedServer() as other:
        writers = Writers(folder=tmp_path, look=lambda folder: (served(server),))
        assert list(writers.look()) == ["Ollama/scripted"]
        assert writers.load("Ollama/scripted").name == "scripted"
        for key in (
            other.address,
            "/etc/passwd",
            "hf://a/b/c.gguf",
            "http://192.0.2.1/v1",
            "",
            "look",
        ):
            with pytest.raises(ModelError, match="not there any more"):
                writers.load(key)
        assert other.requests == []


def test_where_none_is_looked_for_none_is_found():
    def look(folder):
        raise AssertionError("nobody may look")

    writers = Writers(look=look)
    assert not writers.offered
    assert writers.look() == {}
    with pytest.raises(ModelError):
        writers.load("Ollama/scripted")


def test_a_model_that_is_looked_for_again(tmp_path):
    with ScriptedServer() as server:
        found = []
        writers = Writers(folder=tmp_path, look=lambda folder: tuple(found))
        assert writers.look() == {}
        found.append(served(server))
        assert writers.load("Ollama/scripted")


def test_the_model_of_the_settings_is_left_to_them():
    writers = Writers(AskSettings(model="a.gguf"))
    assert (writers.given, writers.offered) == (True, True)
    assert writers.load(GIVEN) is None


def test_a_file_that_is_no_model_is_told_without_its_folder(tmp_path):
    (tmp_path / "broken.gguf").write_text("GGUF, it says")
    writers = Writers(folder=tmp_path)
    with pytest.raises(ModelError) as error:
        writers.load("/broken.gguf")
    assert "broken.gguf" in str(error.value)
    assert str(tmp_path) not in str(error.value)


@pytest.mark.models
def test_a_file_of_the_folder_writes(tmp_path):
    tiny_gguf.make(tmp_path / "tiny.gguf")
    model = Writers(folder=tmp_path).load("/tiny.gguf")
    assert "".join(model.write([{"role": "user", "content": "Hello"}], 5))


# What the page says


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", HOSTILE.values(), ids=HOSTILE)
def test_a_name_is_text(language, name):
    plain = writer_html("/m", {"/m": Found("m", "m", "x")}, "m", wording(language))
    html = writer_html(f"/{name}", {f"/{name}": Found(name, name, "x")}, name, wording(language))
    assert elements(html) == elements(plain)


def test_what_is_not_measured_is_experimental():
    html = writer_html("o/m", {"o/m": Found("m", "o", "x")})
    assert "Experimental: how often it is right was not measured." in shown(html)


@pytest.mark.parametrize(
    ("right", "experimental"), [(22, True), (26, True), (27, False), (29, False)]
)
def test_a_share_that_is_measured_decides(monkeypatch, right, experimental):
    monkeypatch.setitem(measures._MEASURED, "m-1", Measured(right, 29 if right > 27 else 30))
    said = shown(writer_html("o/m", {"o/m": Found("M_1-Q4.gguf", "", "x")}))
    assert ("Experimental." in said) == experimental
    assert f"Measured: {right} of " in said


@pytest.mark.parametrize(
    "name", ["qwen2.5-coder-0.5b-instruct-q4_k_m.gguf", "Qwen2.5-Coder-0.5B-Instruct"]
)
def test_the_model_that_was_measured_is_known_by_its_name(name):
    assert measured(name)
    assert measured("qwen2.5-coder-7b-instruct") is None


def test_off_it_says_nothing_of_models():
    html = writer_html("", {"o/m": Found("m", "o", "x")})
    assert "checked" not in html
    assert shown(html).strip() == "Write the answer"
