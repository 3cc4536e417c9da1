"""The named calls for programs."""

from __future__ import annotations

import json

import gradio as gr
import pytest
from gradio.utils import get_function_description
from handlers import FALSE, QUESTION, events, of, over

from rag import Archive, Article
from rag.chat.sessions import Sessions
from rag.web.api import MOST_TURNS, Programs
from rag.web.layout import layout


def test_api_answers_in_json(shared):
    api, request = events(shared), of("program")
    answer = api["ask"](QUESTION, request)
    citation = answer["citations"][0]
    article = api["article"](citation["article_id"], request)
    assert article["text"][citation["start"] : citation["end"]] == citation["quote"]
    hits = api["search"](QUESTION, request, k=3)
    assert len(hits["hits"]) == 3
    assert json.dumps([answer, article, hits])
    again = api["ask"]("And in Pursat?", request, [[QUESTION, answer["text"]]])
    assert again["understood"] == f"And in Pursat? ({QUESTION})"
    for wrong in (
        lambda: api["ask"]("", request),
        lambda: api["ask"](7, request),
        lambda: api["ask"](QUESTION, request, [["only one"]]),
        lambda: api["ask"](QUESTION, request, [[1, 2]]),
        lambda: api["ask"](QUESTION, request, ["ab"]),
        lambda: api["ask"](QUESTION, request, [1]),
        lambda: api["ask"](QUESTION, request, since=5),
        lambda: api["ask"](QUESTION, request, sources=[1]),
        lambda: api["search"](7, request),
        lambda: api["ask"](QUESTION, request, sources=["Nobody's"]),
        lambda: api["ask"](QUESTION, request, since="soon"),
        lambda: api["ask"](QUESTION, request, authors=["Nobody"]),
        lambda: api["search"](QUESTION, request, formats="pdf"),
        lambda: api["search"]("why " * 2500, request),
        lambda: api["search"](QUESTION, request, k=0),
        lambda: api["search"](QUESTION, request, articles=["nowhere"]),
        lambda: api["search"](QUESTION, request, articles=[{}]),
        lambda: api["search"](QUESTION, request, articles=["\ud800"]),
        lambda: api["search"](QUESTION, request, k="many"),
        lambda: api["search"](QUESTION, request, k="9" * 5000),
        lambda: api["search"](QUESTION, request, k=None),
        lambda: api["ask"](QUESTION, request, [["a", "b"]] * (MOST_TURNS + 1)),
        lambda: api["ask"](QUESTION, request, written="perhaps"),
        lambda: api["ask"](QUESTION, request, {}),
        lambda: api["ask"](QUESTION, request, since=0),
        lambda: api["ask"](QUESTION, request, archive=False),
        lambda: api["ask"](QUESTION, request, archive=[1]),
        lambda: api["article"]("none", request),
        lambda: api["article"]({}, request),
        lambda: api["article"](["none"], request),
        lambda: api["article"]("\ud800", request),
    ):
        with pytest.raises(gr.Error) as told:
            wrong()
        assert str(shared.archive().home) not in str(told.value)


def test_a_program_finds_articles_and_what_somebody_said(shared):
    api, request = events(shared), of("program")
    found = api["find"]("the", request, sort="oldest", k=2)
    same = shared.archive().find("the", "oldest", per_page=2)
    assert found["total"] == same.total > 2
    assert [one["article_id"] for one in found["matches"]] == [m.article_id for m in same.matches]
    assert found["articles"].keys() == {one.article_id for one in same.matches}
    newer = api["find"]("", request, since="2017-01-01", sources=[same_source(shared)])
    assert 0 < newer["total"] < found["searched"]
    assert json.dumps([found, newer])
    for wrong in (
        lambda: api["find"]("(", request),
        lambda: api["find"](7, request),
        lambda: api["find"]([], request),
        lambda: api["find"]("police", request, sort="best"),
        lambda: api["find"]("police", request, page=0),
        lambda: api["find"]("police", request, k="many"),
        lambda: api["find"]("police", request, formats=["none"]),
        lambda: api["said"]("", request),
        lambda: api["said"]({}, request),
        lambda: api["said"]("the " * 25_000, request),
        lambda: api["said"]("Amnesty", request, until="soon"),
    ):
        with pytest.raises(gr.Error):
            wrong()


def test_a_program_is_told_what_somebody_said(tmp_path, fake_encoder):
    text = "“The Lantern Bridge was worth its price,” the mayor Sok Hour said. He left."
    archive = Archive.build([Article(text, id="a")], tmp_path / "index", encoder=fake_encoder)
    service = over(archive)
    told = events(service)["said"]("Sok Hour", of("program"))
    assert (told["total"], told["read"], list(told["articles"])) == (1, 1, ["a"])
    (one,) = told["said"]
    citation = one["citation"]
    assert text[citation["start"] : citation["end"]] == citation["quote"]
    assert citation["quote"][slice(*one["span"])] == "“The Lantern Bridge was worth its price,”"
    service.close()


def same_source(shared):
    newest = shared.archive().find("", since="2017-01-01").matches[0]
    return shared.archive().article(newest.article_id).source


def test_a_program_may_send_fields_empty(shared):
    request = of("program")
    answer = events(shared)["ask"](QUESTION, request, [], [], "", " ", [])
    assert answer == events(shared)["ask"](QUESTION, request)


def test_a_program_may_filter_by_the_fields_of_articles(shared):
    api, request = events(shared), of("program")
    article = next(iter(shared.archive().articles()))
    fields = {"formats": [article.format.upper()], "sources": [article.source]}
    for call in (api["ask"], api["search"]):
        about = call(QUESTION, request, **fields)["articles"].values()
        assert {(one["format"], one["source"]) for one in about} == {("text", article.source)}
        assert {one["partial"] for one in about} == {False}


def test_programs_are_counted_like_visitors(shared):
    counting = over(shared.archive(), per_minute=2)
    api = events(counting)
    api["search"](QUESTION, of("program"))
    api["ask"](QUESTION, of("another program"))
    with pytest.raises(gr.Error, match="More than 2 questions"):
        api["search"](QUESTION, of("program"))
    api["search"](QUESTION, of("program", "192.0.2.1"))
    counting.close()


def test_programs_may_choose_too(writing, server):
    api, request = events(writing.sessions.fixed), of("program")
    assert api["ask"](QUESTION, request, written=False)["mode"] == "extractive"
    assert server.chats == []
    answer = api["ask"](QUESTION, request)
    assert answer["mode"] == "generated"
    assert [claim["verdict"] for claim in answer["claims"]] == ["supported"]
    assert [sentence["text"] for sentence in answer["rejected"]] == [FALSE]


@pytest.mark.parametrize("name", ["ask", "search", "find", "said", "article"])
def test_every_argument_is_described_to_its_end(name):
    """Programs are shown the first line of each description."""
    _, arguments, _ = get_function_description(getattr(Programs, name))
    described = {key: said for key, said in arguments.items() if key not in ("self", "request")}
    assert described
    assert all(said.endswith(".") for said in described.values()), described


def test_the_schema_says_what_an_answer_holds(shared):
    (returned,) = layout(Sessions(shared)).get_api_info()["named_endpoints"]["/ask"]["returns"]
    answer = events(shared)["ask"](QUESTION, of("program"))
    schema = returned["type"]["properties"]
    assert list(schema) == returned["type"]["required"] == list(answer)
    assert schema["notes"] == {"type": "array", "items": {"type": "string"}}
    claims = schema["claims"]["items"]
    assert claims["required"] == list(answer["claims"][0])
    spans = {"type": "array", "items": {"type": "array", "items": {"type": "integer"}}}
    assert claims["properties"]["marks"] == spans
    published = schema["articles"]["additionalProperties"]["properties"]["published"]
    assert published == {"oneOf": [{"type": "null"}, {"type": "string"}]}
