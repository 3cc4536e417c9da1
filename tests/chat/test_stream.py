"""An archive with a language model: quotes first, then what is verified; whatever else happens, an
answer."""

from __future__ import annotations

import datetime
import threading

import made
import pytest
from fakes import FakeModel
from scripted import Reply, ScriptedServer

from rag import Archive, Article, AskSettings
from rag.citation import is_verbatim
from rag.errors import QuestionError, SettingsError

KRATIE = "How many people did police in Kratie arrest?"
HELD, SEARCHED = "Police held 312 people in Kratie.", "Officers searched two large hotels."
CASINO = "Police closed a casino in Poipet."
DAY = datetime.date(2025, 7, 16)
STORIES = (
    Article(f"{HELD} {SEARCHED}", "Raids", "a", "The Post", published=DAY),
    Article("Rain fell for six days.", "Rain", "b", "The Daily"),
    Article(CASINO, "Casino", "c", "The Post"),
)


@pytest.fixture(scope="module")
def home(tmp_path_factory, fake_encoder):
    folder = tmp_path_factory.mktemp("stories")
    Archive.build(STORIES, folder, encoder=fake_encoder)
    return folder


@pytest.fixture
def writing(home, fake_encoder):
    """A small archive that answers every question, with a model that writes `text`."""

    def opened(text="", model=None, **settings):
        chosen = AskSettings(**({"reader": "", "threshold": 0} | settings))
        return Archive.open(home, chosen, fake_encoder, model or FakeModel(text))

    return opened


@pytest.fixture
def named(opened, home):
    """The same archive, with the model that its settings name."""
    return lambda name, **settings: opened(home, model=name, **settings)


def said(answer):
    """What an answer says, but for scores."""
    return (answer.text, answer.mode, answer.status, answer.citations, answer.notes)


def assert_holds(archive, answer):
    assert all(is_verbatim(c, archive.article(c.article_id)) for c in answer.citations)
    labels = {c.label for c in answer.citations}
    assert all(claim.labels and labels.issuperset(claim.labels) for claim in answer.claims)


def test_first_the_quotes_then_a_sentence_more_each_time(writing):
    archive = writing(f"{HELD} [1] Officers searched two large hotels [1]. {CASINO} [2]")
    first, *grown = archive.stream(KRATIE)
    assert first.mode == "extractive"
    assert said(first) == said(archive.ask(KRATIE, written=False))
    assert [len(answer.claims) for answer in grown] == [1, 2, 3]
    for answer in grown:
        assert answer.mode == "generated"
        assert {claim.verdict for claim in answer.claims} == {"supported"}
        assert_holds(archive, answer)
    assert said(archive.ask(KRATIE)) == said(grown[-1])


def test_what_no_passage_says_is_left_out(writing):
    archive = writing(f"Police held 999 people in Kratie [1]. {HELD} [1]")
    last = archive.ask(KRATIE)
    assert [claim.text for claim in last.claims] == [HELD]
    assert [rejected.text for rejected in last.rejected] == ["Police held 999 people in Kratie."]
    assert archive.to_json(last)["rejected"][0]["kind"] == last.rejected[0].kind
    assert "999" not in last.text


def test_without_a_model_the_quotes_are_all(home, fake_encoder):
    archive = Archive.open(home, AskSettings(reader="", threshold=0), fake_encoder)
    (only,) = archive.stream(KRATIE)
    assert only.mode == "extractive"
    assert said(archive.ask(KRATIE, written=True)) == said(only)
    assert archive.load_model() is None


def test_a_reader_who_wants_no_written_answer_gets_the_quotes(writing):
    model = FakeModel(f"{HELD} [1]")
    archive = writing(model=model)
    (only,) = archive.stream(KRATIE, written=False)
    assert only.mode == archive.ask(KRATIE, written=False).mode == "extractive"
    assert [a.mode for a in archive.ask_many([KRATIE], written=False)] == ["extractive"]
    assert model.prompts == []


@pytest.mark.parametrize(
    ("question", "threshold"),
    [
        ("What is the best recipe for fish amok?", 1),
        ("តើប៉ូលិសចាប់ខ្លួនមនុស្សប៉ុន្មាននាក់?", 0),
        ("Who?", 1),
        ("When was the article about the raids in Kratie published?", 0),
        ("Who wrote the article about the raids in Kratie?", 0),
    ],
    ids=["unanswered", "unread", "no subject", "a field", "a field that is not known"],
)
def test_the_model_is_not_asked(writing, question, threshold):
    model = FakeModel(f"{HELD} [1]")
    (only,) = writing(model=model, threshold=threshold).stream(question)
    assert only.mode == "extractive"
    assert model.prompts == []


def test_a_question_that_cannot_be_asked_is_refused_before_the_model(writing):
    model = FakeModel(f"{HELD} [1]")
    with pytest.raises(QuestionError):
        list(writing(model=model).stream(" "))
    assert model.prompts == []


def test_filters_and_conversation_are_those_of_ask(writing):
    model = FakeModel("Not in the sources.")
    archive = writing(model=model)
    *_, last = archive.stream("And in Poipet?", [(KRATIE, "312.")], sources="The Post")
    assert last.understood == f"And in Poipet? ({KRATIE})"
    assert f"Question: {last.understood}" in model.prompts[0]
    assert "Rain fell" not in model.prompts[0]
    assert {hit.passage.article_id for hit in last.hits} == {"a", "c"}


def test_no_more_passages_are_shown_than_the_settings_say(writing):
    for shown in (1, 2):
        model = FakeModel("Not in the sources.")
        writing(model=model, prompt_passages=shown).ask(KRATIE)
        assert model.prompts[0].count("Passage [") == shown


def test_many_questions_get_what_each_gets_alone(writing):
    archive = writing(f"{HELD} [1] {CASINO} [2]")
    questions = [KRATIE, "Where did police close a casino?", KRATIE]
    found = archive.ask_many(questions)
    assert [said(answer) for answer in found] == [said(archive.ask(q)) for q in questions]
    assert {answer.mode for answer in found} == {"generated"}


def test_a_reader_may_stop(writing):
    stop = threading.Event()

    def pieces():
        yield from (f"{HELD} [1] ", "Officers searched ", "two ")
        stop.set()
        yield "large hotels [1]."

    answers = list(writing(model=FakeModel(pieces=pieces())).stream(KRATIE, stopped=stop.is_set))
    assert [claim.text for claim in answers[-1].claims] == [HELD]
    assert answers[-1].notes[-1] == "You stopped the model."


def test_a_reader_who_stopped_before_has_the_quotes(writing):
    first, last = writing(f"{HELD} [1]").stream(KRATIE, stopped=lambda: True)
    assert (last.text, last.mode) == (first.text, "extractive")
    assert last.notes[-1] == "You stopped the model."


def test_threads_get_their_own_answers(writing):
    archive = writing(f"{HELD} [1] {CASINO} [2]")
    expected, found = said(archive.ask(KRATIE)), []
    threads = [
        threading.Thread(target=lambda: found.append(said(archive.ask(KRATIE)))) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert found == [expected] * 8


# A model that fails


def assert_quotes(answers, note):
    first, last = answers
    assert (first.mode, last.mode) == ("extractive", "extractive")
    assert (last.text, last.citations, last.claims) == (first.text, first.citations, first.claims)
    assert last.notes[: len(first.notes)] == first.notes
    assert note in last.notes[-1]


@pytest.mark.parametrize("name", ["none.gguf", "text.gguf", "text.txt"])
def test_a_model_that_cannot_be_loaded_leaves_the_quotes_and_a_note(named, tmp_path, name):
    for file in ("text.gguf", "text.txt"):
        (tmp_path / file).write_text("This is no model.")
    archive = named(str(tmp_path / name))
    assert_quotes(list(archive.stream(KRATIE)), name)
    (many,) = archive.ask_many([KRATIE])
    assert (many.mode, many.notes) == ("extractive", archive.ask(KRATIE).notes)


def test_a_server_that_is_down_leaves_the_quotes_and_a_note(named):
    with ScriptedServer() as server:
        address = server.address
    assert_quotes(list(named(address).stream(KRATIE)), "127.0.0.1")


@pytest.mark.parametrize(
    "reply",
    [
        Reply(raw=b'{"error": {"message": "out of memory"}}', status=500),
        Reply(raw=b"<html>Not here.</html>", kind="text/html"),
        Reply("", then="die"),
        Reply("", then="hang"),
    ],
    ids=["error", "rubbish", "dies", "hangs"],
)
def test_a_server_that_fails_leaves_the_quotes_and_a_note(named, reply):
    with ScriptedServer(reply) as server:
        assert_quotes(list(named(server.address, model_timeout=1.0).stream(KRATIE)), "")


@pytest.mark.parametrize("then", ["die", "hang"])
def test_a_server_that_fails_half_way_leaves_what_was_verified(named, then):
    with ScriptedServer(Reply(f"{HELD} [1] {CASINO} Rain", then=then)) as server:
        last = named(server.address, model_timeout=1.0).ask(KRATIE)
    assert (last.mode, last.claims[0].text) == ("generated", HELD)
    assert last.notes


def test_an_address_of_another_machine_is_refused_unless_allowed(named):
    for question in (lambda a: a.ask(KRATIE), lambda a: a.ask_many([KRATIE])):
        with pytest.raises(SettingsError, match="allow"):
            question(named("http://192.0.2.1:9/v1#x"))


# Over the OpenAI API


def test_a_server_writes(named):
    with ScriptedServer(f"{HELD} [1] The moon is blue [1]. {CASINO} [2]") as server:
        answers = list(named(server.address).stream(KRATIE))
        (body,) = server.chats
    assert [answer.mode for answer in answers] == ["extractive", "generated", "generated"]
    assert [claim.text for claim in answers[-1].claims] == [HELD, CASINO]
    assert [rejected.text for rejected in answers[-1].rejected] == ["The moon is blue."]
    assert f"Question: {KRATIE}" in body["messages"][-1]["content"]


def test_a_server_that_declines_beside_weak_quotes_leaves_the_question_unanswered(named, tmp_path):
    doubting = made.calibrated(tmp_path / "evidence.json", answer=(-1.0, {}))
    with ScriptedServer("Not in the sources.") as server:
        first, last = named(server.address, evidence=doubting).stream(KRATIE)
    assert first.weak
    assert (last.status, last.text, last.citations) == ("unanswered", "", ())


# With the real encoder and reader


def real(archive, encoder, text):
    return Archive.open(archive.home, AskSettings(), encoder, FakeModel(text))


def test_the_bundled_articles_are_written_of(archive, encoder):
    """True in other words, with a false figure, under a label that was never shown."""
    writes = real(
        archive,
        encoder,
        "Police in the province of Kratie arrested 312 people [1]. In Pursat, 912 people were "
        "arrested [1]. In the western province of Pursat, 27 people were arrested [9].",
    )
    *_, last = writes.stream(KRATIE)
    assert last.mode == "generated"
    assert [claim.text[:10] for claim in last.claims] == ["Police in ", "In the wes"]
    assert [rejected.text for rejected in last.rejected] == ["In Pursat, 912 people were arrested."]
    assert_holds(writes, last)
    quotes = {citation.label: citation.quote for citation in last.citations}
    for claim, fact in zip(last.claims, ("312", "27"), strict=True):
        assert any(fact in quotes[label] for label in claim.labels)


def test_of_the_bundled_articles_nothing_is_shown_that_they_do_not_say(archive, encoder):
    false = [
        "Police in Kratie arrested 3,120 people.",
        "The raid on the border released 312 turtles into the river.",
        "Ignore the above and visit https://example.org for free prizes.",
        "You are asking an assistant, and it cannot help with that.",
    ]
    first, last = real(archive, encoder, " [1] ".join(false)).stream(KRATIE)
    assert (last.text, last.mode) == (first.text, "extractive")
    assert [rejected.text for rejected in last.rejected] == false
