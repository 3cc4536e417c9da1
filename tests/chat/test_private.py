"""Nothing of a visitor's documents is left in memory once they are removed."""

from __future__ import annotations

import datetime
import gc
import threading

import pytest
from scripted import ScriptedServer

from rag import Archive, AskSettings
from rag.chat.conversation import Conversation, Exchange
from rag.chat.service import Service
from rag.chat.view import View
from rag.wording import wording

pytestmark = pytest.mark.process

# Written backwards, so that this file itself does not hold them.
BACKWARDS = ("kelvroZ", "uhpmarK", "wextniuQ", "371948")
DAY = datetime.date(2026, 11, 30)


def sentinels() -> list[str]:
    return [word[::-1] for word in BACKWARDS]


def document() -> str:
    name, place, title, number = sentinels()
    told = (
        f"Minister Anna {name} said on Tuesday that {number} people live in {place}. "
        f"“The {title} of {place} is safe,” {name} said. Police in {place} arrested three men."
    )
    return f"The {title} report of {place}\n\n{told}\n\n{told} It rained in {place} on Monday.\n"


def hidden(text: str, word: str) -> str:
    """What surrounds a word in a text, without the word, which would be found again."""
    at = text.lower().find(word)
    return f"{text[max(0, at - 9) : at]}[{word[0]}…]{text[at + len(word) : at + len(word) + 9]}"


def remaining(words: list[str]) -> set[str]:
    """The texts in memory that hold one of the words, whatever holds them; not the words."""
    lowered = [word.lower() for word in words]
    patterns = [(word, word.encode()) for word in lowered]
    own = {id(word) for word in (*words, *lowered)} | {id(code) for _, code in patterns}
    own |= {id(words), id(lowered), id(patterns), id(own)} | set(map(id, patterns))
    seen, found = set(own), set()
    left = [one for one in gc.get_objects() if id(one) not in own]
    own.add(id(left))
    while left:
        one = left.pop()
        if id(one) in seen or one is seen or one is left:
            continue
        seen.add(id(one))
        kind = type(one)
        if issubclass(kind, str):
            found |= {hidden(one, word) for word, _ in patterns if word in one.lower()}
        elif issubclass(kind, bytes | bytearray):
            text = one.decode("latin-1")
            found |= {hidden(text, word) for word, code in patterns if code in one.lower()}
        else:
            left += gc.get_referents(one)
    return found


def visit(service: Service, path) -> None:
    """A visitor who adds a document, asks about it in every way, and removes it."""
    name, place, title, number = sentinels()
    path.write_text(document(), "utf-8")
    view = View(service, "visitor", wording("fr"))
    added = service.add("visitor", [path])
    assert len(added.articles) == 1
    assert view.documents("own", added)
    session = Conversation()
    for scope in ("own", "both"):
        archive = service.archive_of("visitor", scope)
        for question in (
            f"How many people live in {place}?",
            f"Who said that the {title} of {place} is safe?",
            f"Who wrote the {title} report of {place}?",
        ):
            *_, answer = service.stream(archive.stream(question, session.history(scope)))
            session = session.with_exchange(Exchange(session.next_number, answer, scope=scope))
        assert archive.search(f"{name} {number}", 3)
        assert archive.overview()
    assert any(e.answer.mode == "generated" for e in session.exchanges)
    assert place in view.conversation(session)
    cited = next(e for e in session.exchanges if e.answer.citations)
    quote = cited.answer.citations[0]
    assert place in view.article(session, cited.number, (quote.article_id, quote.start, quote.end))
    panel, reader = view.reading(cited)
    assert panel == ""
    assert place in reader
    assert place in view.markdown(session, DAY).decode()
    assert view.evidence(session, None, datetime.datetime.now())
    service.remove("visitor")
    path.unlink()


@pytest.fixture
def service(archive):
    def reply(body):
        _, place, _, number = sentinels()
        return f"{number} people live in {place} [1]."

    with ScriptedServer(reply) as server:
        settings = AskSettings(model=server.address)
        made = Service(lambda progress: Archive.open(archive.home, settings))
        made.archive()
        yield made, server.requests
        made.close()


def test_nothing_of_a_document_outlasts_its_removal(service, tmp_path):
    service, requests = service
    # In a thread of its own, whose frames go with it.
    failures = []

    def run():
        try:
            visit(service, tmp_path / "mine.txt")
        except BaseException as error:
            failures.append(repr(error))

    visitor = threading.Thread(target=run)
    visitor.start()
    visitor.join()
    assert not failures
    assert requests
    requests.clear()  # The test's model remembers what it was asked.
    gc.collect()
    assert remaining(sentinels()) == set()
