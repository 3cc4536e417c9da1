"""Which archive each visitor has open, of a server's one or of a library's several."""

from __future__ import annotations

import pytest
from fakes import FakeEncoder

from rag import Archive, Article
from rag.chat import sessions as module
from rag.chat.library import Libraries, Maker
from rag.chat.service import Service
from rag.chat.sessions import Sessions, Visitor
from rag.errors import InputError, QuestionError

ANN, BOB = Visitor("one", "ann"), Visitor("two", "bob")
TEXTS = {"Kampot": "The Mekong rose in Kampot.", "Kep": "Crabs are sold in Kep."}


@pytest.fixture
def libraries(tmp_path):
    libraries = Libraries(tmp_path / "library", Maker())
    yield libraries
    libraries.close()


@pytest.fixture
def sessions(libraries, opened):
    """Ann has two archives, Bob has none."""
    ann = libraries.of("ann")
    for name, text in TEXTS.items():
        index = ann.entry(ann.create(name)).index
        Archive.build([Article(text)], index, encoder=FakeEncoder())
    made = Sessions(
        libraries=libraries,
        opened=lambda entry: Service(
            lambda progress: opened(entry.index), propose=False, key=entry.id, name=entry.name
        ),
    )
    yield made
    made.close()


def keys(sessions):
    return {entry.name: entry.id for entry in sessions.library("ann").entries()}


def text_of(service):
    (article,) = service.archive().articles()
    return article.text


def test_a_server_of_one_archive_has_it_open_for_everybody(opened, tmp_path):
    service = Service(lambda progress: opened(tmp_path))
    sessions = Sessions(service)
    assert sessions.library() is None
    assert sessions.service(ANN) is sessions.begin(BOB) is sessions.named("") is service
    with pytest.raises(InputError, match="no longer here"):
        sessions.begin(ANN, "0123456789ab")


def test_two_pages_on_two_archives_do_not_mix(sessions):
    known, other = keys(sessions), Visitor("another tab", "ann")
    assert sessions.begin(ANN) is None
    first, second = sessions.begin(ANN, known["Kampot"]), sessions.begin(other, known["Kep"])
    assert text_of(sessions.service(ANN)) == TEXTS["Kampot"]
    assert text_of(sessions.service(other)) == TEXTS["Kep"]
    assert sessions.begin(other, known["Kampot"]) is first
    assert sessions.service(other) is first
    assert second is not first
    sessions.leave(ANN)
    assert sessions.service(ANN) is first  # Its connection was only lost.


def test_nobody_opens_what_is_anothers(sessions):
    key = keys(sessions)["Kampot"]
    sessions.begin(ANN, key)
    for visitor in (BOB, Visitor("one"), Visitor("one", "bob")):
        with pytest.raises(InputError, match="no longer here"):
            sessions.begin(visitor, key)
        with pytest.raises(QuestionError, match="Reload"):
            sessions.service(visitor)
    with pytest.raises(InputError):
        sessions.delete("bob", key)
    assert key in keys(sessions).values()


def test_whoever_has_an_archive_open_that_is_deleted_is_told(sessions):
    key = keys(sessions)["Kampot"]
    sessions.begin(ANN, key)
    assert text_of(sessions.service(ANN))
    assert sessions.delete("ann", key)
    with pytest.raises(InputError, match="no longer here"):
        sessions.service(ANN).archive()
    with pytest.raises(InputError, match="no longer here"):
        sessions.begin(ANN, key)


def test_an_archive_that_was_not_made_cannot_be_opened(sessions):
    key = sessions.library("ann").create("Unfinished")
    with pytest.raises(InputError):
        sessions.begin(ANN, key)


def test_of_many_archives_few_are_open(sessions, monkeypatch):
    monkeypatch.setattr(module, "OPEN", 1)
    known, other = keys(sessions), Visitor("another tab", "ann")
    sessions.begin(ANN, known["Kampot"])
    sessions.begin(other, known["Kep"])
    with pytest.raises(QuestionError, match="Reload"):
        sessions.service(ANN).archive()
    sessions.begin(ANN, known["Kampot"])
    assert text_of(sessions.service(ANN)) == TEXTS["Kampot"]


def test_of_many_visitors_those_seen_last_are_known(sessions, monkeypatch):
    monkeypatch.setattr(module, "KNOWN", 2)
    for number in range(3):
        sessions.begin(Visitor(str(number), "ann"), keys(sessions)["Kep"])
    with pytest.raises(QuestionError, match="Reload"):
        sessions.service(Visitor("0", "ann"))
    assert sessions.service(Visitor("2", "ann"))


def test_programs_name_an_archive_or_get_the_one_opened_last(sessions):
    known = keys(sessions)
    sessions.library("ann").use(known["Kep"])
    assert text_of(sessions.named("ann")) in TEXTS.values()
    assert text_of(sessions.named("ann", "Kampot")) == TEXTS["Kampot"]
    assert text_of(sessions.named("ann", known["Kep"])) == TEXTS["Kep"]
    for account, name in (("ann", "None such"), ("bob", "Kampot"), ("bob", "")):
        with pytest.raises(InputError, match="no longer here"):
            sessions.named(account, name)
