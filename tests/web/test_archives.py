"""The page of all archives without a browser: what its handlers do, and the files that it takes."""

from __future__ import annotations

import asyncio
from dataclasses import fields
from types import SimpleNamespace

import gradio as gr
import pytest
from handlers import event, of
from markup import shown
from threads import apart

from rag import Archive
from rag.chat.html import Doing
from rag.chat.library import Expected, Libraries, Maker
from rag.chat.service import Service
from rag.chat.sessions import Sessions
from rag.web.archives import Archives
from rag.web.components import Components
from rag.web.desk import Desk
from rag.web.receiving import ReceivedFiles

HOSTILE = "<img src=x onerror=window.hit=1> ${window.hit=1}"


@pytest.fixture
def libraries(tmp_path):
    libraries = Libraries(tmp_path / "library", Maker(), by_path=True)
    yield libraries
    libraries.close()


@pytest.fixture
def archives(libraries):
    opened = lambda entry: Service(  # noqa: E731
        lambda progress: Archive.open(entry.index), propose=False, key=entry.id, name=entry.name
    )
    return Archives(Desk(Sessions(libraries=libraries, opened=opened)))


def begin(archives, visitor="visitor", **sent):
    """The parts of the page, by name."""
    parts = archives.begin(event(**{"language": "en"} | sent), of(visitor))
    return dict(zip((field.name for field in fields(Components)), parts, strict=True))


def act(archives, do, archive="", doing=Doing(), language="en", **sent):  # noqa: B008
    return archives.act(language, doing, event(do=do, archive=archive, **sent), of("visitor"))


def create(archives, doing=Doing(), **sent):  # noqa: B008
    return archives.create("en", doing, event(**sent), of("visitor"))


def the_only(libraries):
    (entry,) = libraries.of("").entries()
    return entry


def done(archives, libraries):
    """The cards once nothing is going on any more."""
    library = libraries.of("")
    library._maker.wait(the_only(libraries).index)
    cards, ticker = archives.tick("en", Doing(), of("visitor"))
    assert not ticker.active
    return shown(cards)


def test_the_first_page_offers_to_make_an_archive(archives):
    page = begin(archives, language="ur")
    assert page["courier"].props["page"]["direction"] == "rtl"
    assert page["language"] == "ur"
    assert 'dir="rtl"' in page["archives"]
    assert '<section id="new-archive"' in page["making"]  # The form stands open.
    assert page["talk"] == gr.skip()
    assert not page["ticker"].active


@pytest.mark.models
def test_an_archive_is_made_of_a_folder_and_asked(archives, libraries, tmp_path):
    (tmp_path / "ferry.txt").write_text("Ferry\n\nThe ferry sank with 21 people on board.")
    (tmp_path / "broken.pdf").write_bytes(b"%PDF-1.4")
    cards, form, doing, ticker, courier = create(archives, name=HOSTILE, place=str(tmp_path))
    assert ticker.active
    assert "<progress" in cards
    assert "<img" not in cards
    assert (doing, courier) == (Doing(), gr.skip())
    assert "<details" in form.value
    cards = done(archives, libraries)
    assert "1 article is ready to be asked." in cards
    assert "broken.pdf" in cards
    assert HOSTILE in cards
    page = begin(archives, archive=the_only(libraries).id)
    archives.desk.service(of("visitor")).archive()
    page = begin(archives, archive=the_only(libraries).id)
    assert (page["archives"], page["making"]) == ("", "")
    assert "Asks the one article" in shown(page["filters"])
    assert "?archives" in page["masthead"]
    assert HOSTILE in shown(page["masthead"])


def test_files_are_uploaded_with_a_ticket(archives, libraries):
    *_, ticker, _ = create(archives, name="Kampot", files=2, bytes=10)
    assert ticker.active
    (_, form, *_) = create(archives, archive=the_only(libraries).id, files=1, bytes=1)
    assert isinstance(form, type(gr.skip()))  # Files are coming already.
    incoming = the_only(libraries).incoming
    assert libraries.incoming(incoming.ticket) is incoming
    cards, *_ = act(archives, "cancel", the_only(libraries).id)
    assert libraries.of("").entries() == []
    assert "<li" not in cards


def test_the_browser_is_told_the_ticket(archives, libraries):
    _, form, *_ = create(archives, files=1, bytes=1, folder="Towns")
    told = form.props["upload"]
    assert told == {
        "ticket": the_only(libraries).incoming.ticket,
        "archive": the_only(libraries).id,
    }
    assert the_only(libraries).name == "Towns"


def test_what_did_not_arrive_is_said(archives, libraries):
    create(archives, files=2, bytes=10)
    sent = event(archive=the_only(libraries).id)
    cards, *_ = archives.received("en", Doing(), sent, of("visitor"))
    assert "2 files did not arrive" in shown(cards)
    assert libraries.of("").entries() == []


@pytest.mark.parametrize(
    "sent",
    [
        {}, {"files": 0, "place": " "}, {"files": "9"}, {"files": -1}, {"files": True},
        {"place": ["/"]}, {"place": "/nowhere"}, {"place": "relative"}, {"name": ["x"]},
        {"files": 10**9, "bytes": 1}, {"files": 1, "bytes": 10**12},
        {"archive": "../..", "files": 1, "bytes": 1},
    ],
)  # fmt: skip
def test_what_cannot_be_made_is_said_and_leaves_nothing(archives, libraries, sent):
    cards, form, *_ = create(archives, **sent)
    assert 'role="alert"' in cards
    assert form == gr.skip()  # What was chosen stays chosen.
    assert libraries.of("").entries() == []


def test_an_archive_is_renamed_and_deleted_after_a_question(archives, libraries, tmp_path):
    key = libraries.of("").create("Kampot", [str(tmp_path)])
    cards, form, doing, *_ = act(archives, "rename", key)
    assert 'class="renaming"' in cards
    assert form == gr.skip()
    cards, *_ = act(archives, "renamed", key, doing, name="Kep")
    assert the_only(libraries).name == "Kep"
    cards, _, doing, *_ = act(archives, "renamed", key, doing, name=" ")
    assert "Give the archive a name" in shown(cards)
    cards, _, doing, *_ = act(archives, "delete", key)
    assert "Delete “Kep”?" in shown(cards)
    assert str(tmp_path) in shown(cards)
    cards, *_ = act(archives, "", "", doing)
    assert "Delete “Kep”?" not in shown(cards)
    act(archives, "deleted", key, doing)
    assert libraries.of("").entries() == []
    assert tmp_path.exists()


def test_files_are_added_by_a_form_of_their_own(archives, libraries, tmp_path):
    key = libraries.of("").create(HOSTILE, [str(tmp_path)])
    _, form, doing, *_ = act(archives, "add", key)
    assert HOSTILE in shown(form)
    assert f'data-archive="{key}"' in form
    _, form, doing, *_ = act(archives, "", "", doing)
    assert "data-archive=" in form
    assert key not in form


@pytest.mark.parametrize("do", ["make", "look", "cancel", "forget", "rename", "delete", "add",
                                "renamed", "deleted"])  # fmt: skip
@pytest.mark.parametrize("archive", ["", "../..", "0123456789ab"])
def test_what_is_done_to_no_archive_is_said(archives, do, archive):
    cards, *_ = act(archives, do, archive, name="Kampot")
    assert "no longer here" in shown(cards)


@pytest.mark.parametrize("do", ["close", "__class__", "entries", "x", 7])
def test_what_there_is_not_does_nothing(archives, libraries, do):
    libraries.of("").create("Kampot")
    assert act(archives, do, the_only(libraries).id)[2] == Doing()
    assert the_only(libraries).name == "Kampot"


def test_a_page_that_is_forgotten_begins_again(archives):
    for *_, courier in (act(archives, "make", language=""), archives.create(
        "", Doing(), event(), of("visitor")
    )):  # fmt: skip
        assert courier.props["page"]["again"]
    assert not archives.tick("", Doing(), of("visitor"))[1].active


@pytest.mark.models
def test_an_archive_that_is_deleted_elsewhere_is_said(archives, libraries, tmp_path):
    (tmp_path / "ferry.txt").write_text("Ferry\n\nThe ferry sank with 21 people on board.")
    create(archives, name="Kampot", place=str(tmp_path))
    done(archives, libraries)
    key = the_only(libraries).id
    begin(archives, archive=key)
    archives.desk.service(of("visitor")).archive()
    act(archives, "deleted", key)
    with pytest.raises(gr.Error, match="plus là"):
        archives.desk.view("fr", of("visitor"))


def test_an_archive_that_is_gone_leads_to_all_of_them(archives):
    page = begin(archives, archive="0123456789ab")
    assert "no longer here" in shown(page["archives"])


# The files


def post(libraries, ticket, body=(b"one", b"two"), name=b"2024/a%20b.txt", method="POST"):
    """The status of a request; a body that ends with None breaks off."""
    blocks, sent = list(body), []

    async def receive():
        block = blocks.pop(0)
        if block is None:
            return {"type": "http.disconnect"}
        return {"type": "http.request", "body": block, "more_body": bool(blocks)}

    async def send(message):
        sent.append(message.get("status"))

    async def passed_on(scope, receive, send):
        sent.append("passed on")

    scope = {"type": "http", "method": method, "path": f"/archives/files/{ticket}",
             "headers": [(b"x-file-name", name)]}  # fmt: skip
    apart(asyncio.run, ReceivedFiles(passed_on, libraries)(scope, receive, send))
    return sent[0] if sent else None


@pytest.fixture
def incoming(libraries):
    library = libraries.of("")
    return library.receive(library.create("Kampot"), Expected(1, 6))


def test_a_file_is_streamed_to_the_archive_of_its_ticket(libraries, incoming):
    assert post(libraries, incoming.ticket) == 204
    assert incoming.files == 1
    entry = the_only(libraries)
    incoming.end(keep=True)
    folder = entry.index.parent / "files"
    assert (folder / "2024" / "a b.txt").read_bytes() == b"onetwo"


def test_a_file_that_breaks_off_leaves_nothing(libraries, incoming):
    assert post(libraries, incoming.ticket, [b"one", None]) is None
    assert incoming.files == 0
    folder = the_only(libraries).index.parent / "incoming"
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("name", [b"", b"..", b"%2e%2e/..", b"\xff\xfe/.."])
def test_a_file_without_a_name_is_refused(libraries, incoming, name):
    assert post(libraries, incoming.ticket, name=name) in (204, 410)
    folder = the_only(libraries).index.parent
    assert {path.name for path in folder.iterdir()} == {"archive.json", "incoming"}


def test_what_is_too_much_is_refused(libraries, incoming, monkeypatch):
    monkeypatch.setattr(incoming, "_left", SimpleNamespace(bytes=5, files=9))
    assert post(libraries, incoming.ticket) == 507
    assert "at most" in incoming.failure


def test_nobody_adds_without_a_ticket(libraries, incoming):
    assert post(libraries, "x" * 32) == 404
    assert post(libraries, incoming.ticket[:-1]) == 404
    assert post(libraries, "", method="POST") == "passed on"
    assert post(libraries, incoming.ticket, method="GET") == "passed on"
    libraries.of("").stop_upload(the_only(libraries).id)
    assert post(libraries, incoming.ticket) == 404
