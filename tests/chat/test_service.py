"""What visitors share: the archive that opens, the turns to read it, and what each of them has."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from fakes import FakeEncoder, FakeModel

from rag import Archive, Article, AskSettings
from rag.chat import service
from rag.chat.service import AT_ONCE, Capacity, Service
from rag.errors import InputError, ModelError, QuestionError, SnapshotError
from rag.types import Answer, Citation, Hit, Passage, Progress

pytestmark = pytest.mark.process

RAID = "Police held 312 people in Kratie on Monday, said Sok Hour, who leads the police there."
RIVER = "The Mekong rose by two metres in Kampot overnight and cut off three villages."
QUESTION = "How many people did police hold in Kratie?"
POST = Article(RAID, title="Raid", id="raid", source="The Post")


@dataclass(frozen=True)
class SlowEncoder(FakeEncoder):
    """Takes its time over a question, and counts how many it encodes at the same time."""

    counts: dict[str, int] = field(default_factory=lambda: {"now": 0, "most": 0})
    counting: threading.Lock = field(default_factory=threading.Lock)

    def encode_parts(self, texts, parts):
        with self.counting:
            self.counts["now"] += 1
            self.counts["most"] = max(self.counts.values())
        time.sleep(0.05)
        with self.counting:
            self.counts["now"] -= 1
        return super().encode_parts(texts, parts)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("home")
    Archive.build([POST, Article(RIVER, id="river")], home, encoder=FakeEncoder())
    return home


@pytest.fixture
def known(home: Path, opened: Callable[..., Archive]) -> Archive:
    return opened(home)


@pytest.fixture
def shared(known: Archive, temporary: Path) -> Iterator[Service]:
    shared = Service(lambda progress: known)
    yield shared
    shared.close()
    assert list(temporary.iterdir()) == []


@pytest.fixture
def page(tmp_path: Path) -> Path:
    """A document of a visitor's own."""
    path = tmp_path / "own.txt"
    path.write_text(
        "Own title\n\nThe ferry to Koh Rong sank with 21 people, said Ny Chan.\n", "utf-8"
    )
    return path


def until(true: Callable[[], bool]) -> bool:
    """Whether it comes true within some seconds."""
    end = time.monotonic() + 60
    while not true() and time.monotonic() < end:
        time.sleep(0.01)
    return true()


# The opening


def test_the_archive_is_opened_meanwhile_and_says_how_far_it_is(known):
    told, goes_on = threading.Event(), threading.Event()

    def opening(progress: Progress) -> Archive:
        progress("embedding", 3, 7)
        told.set()
        goes_on.wait(60)
        return known

    shared = Service(opening)
    assert (shared.ready, shared.progress) == (False, ("", 0, 0))
    shared.start()
    assert told.wait(60)
    assert (shared.ready, shared.progress) == (False, ("embedding", 3, 7))
    with ThreadPoolExecutor(3) as pool:
        waiting = [pool.submit(shared.archive) for _ in range(3)]
        time.sleep(0.05)
        assert not any(one.done() for one in waiting)
        goes_on.set()
        assert [one.result(10) for one in waiting] == [known] * 3
    assert shared.ready


def test_it_is_opened_once_whoever_asks(known):
    opened: list[int] = []

    def opening(progress: Progress) -> Archive:
        opened.append(1)
        time.sleep(0.05)
        return known

    shared = Service(opening)
    with ThreadPoolExecutor(8) as pool:
        for one in [pool.submit(shared.start) for _ in range(8)]:
            one.result()
        assert {id(one) for one in pool.map(lambda _: shared.archive(), range(8))} == {id(known)}
    assert opened == [1]


@pytest.mark.parametrize(
    "failure",
    [SnapshotError("It is altered. Build it again."), RuntimeError("a fault"), SystemExit(3)],
    ids=["error", "fault", "exit"],
)
def test_what_keeps_it_from_opening_is_told_to_all_who_wait(failure):
    goes_on = threading.Event()

    def opening(progress: Progress) -> Archive:
        goes_on.wait(60)
        raise failure

    shared = Service(opening)
    with ThreadPoolExecutor(3) as pool:
        waiting = [pool.submit(shared.archive) for _ in range(3)]
        assert not shared.ready
        goes_on.set()
        assert [one.exception(10) for one in waiting] == [failure] * 3
    assert shared.ready
    with pytest.raises(type(failure)):
        shared.archive()
    with pytest.raises(type(failure)):
        shared.archive_of("visitor", "archive")


def test_the_real_build_tells_its_progress(tmp_path, encoder, articles):
    seen: list[tuple[str, int, int]] = []

    def opening(progress: Progress) -> Archive:
        def tell(*stage: object) -> None:
            progress(*stage)
            seen.append(shared.progress)

        return Archive.build(articles[:3], tmp_path, encoder=encoder, progress=tell)

    shared = Service(opening)
    assert shared.archive().info()["articles"] == 3
    shared.close()
    assert {stage for stage, _, _ in seen} >= {"cutting", "embedding"}
    assert all(0 <= done <= total for _, done, total in seen)


def test_an_opening_that_is_under_way_ends_with_the_service(known):
    """Else the interpreter would end with a thread inside a model, which aborts it."""
    began, told = threading.Event(), []

    def opening(progress: Progress) -> Archive:
        for step in range(1000):
            began.set()
            progress("embedding", step, 1000)
            told.append(step)
            time.sleep(0.01)
        return known

    shared = Service(opening)
    shared.start()
    assert began.wait(60)
    shared.close()
    assert shared.ready
    assert len(told) < 1000
    with pytest.raises(SnapshotError, match="the server ends"):
        shared.archive()


def test_examples_are_asked_when_the_archive_is_open(shared, known):
    assert (shared.overview, shared.examples) == (None, None)
    shared.archive()
    assert until(lambda: shared.examples is not None)
    assert shared.overview == known.overview()
    assert list(shared.examples) == known.examples()


@pytest.mark.parametrize("propose", [True, False])
def test_an_archive_is_asked_for_examples_only_if_they_are_to_be_proposed(home, propose):
    class Proposes(Archive):
        def examples(self, n: int = 4) -> list[str]:
            return [QUESTION]

    proposing = Proposes.open(home, AskSettings(reader=""), FakeEncoder())
    shared = Service(lambda progress: proposing, propose=propose)
    shared.archive()
    assert until(lambda: shared.examples is not None)
    assert shared.overview == proposing.overview()
    assert shared.examples == ((QUESTION,) if propose else ())
    shared.close()


def test_without_an_archive_there_are_no_examples():
    shared = Service(lambda progress: Archive.open("nowhere"))
    with pytest.raises(SnapshotError):
        shared.archive()
    assert until(lambda: shared.examples == ())


def test_examples_that_cannot_be_asked_are_done_without(home, caplog):
    class Altered(Archive):
        def examples(self, n: int = 4) -> list[str]:
            raise SnapshotError("An article was altered.")

    altered = Altered.open(home)
    shared = Service(lambda progress: altered)
    assert shared.archive()
    assert until(lambda: shared.examples == ())
    assert "An article was altered." in caplog.text


def test_an_archive_can_be_asked_before_its_articles_are_read(home):
    goes_on = threading.Event()

    class Large(Archive):
        def overview(self):
            goes_on.wait(60)
            return super().overview()

    large = Large.open(home, AskSettings(reader=""), FakeEncoder())
    shared = Service(lambda progress: large)
    assert shared.archive().search("police")
    assert shared.overview is None
    goes_on.set()
    assert until(lambda: shared.overview is not None)
    shared.close()


def test_closing_waits_for_examples_that_are_being_asked(home):
    slow = Archive.open(home, AskSettings(reader="", threshold=0), SlowEncoder())
    shared = Service(lambda progress: slow)
    shared.archive()
    assert until(lambda: shared.overview is not None)
    shared.close()
    assert shared.examples is not None
    Service(lambda progress: slow).close()  # One that was never begun.


# Turns to read


@pytest.mark.parametrize("way", ["stream", "read"])
def test_few_read_the_archive_at_the_same_time(home, way):
    encoder = SlowEncoder()
    slow = Archive.open(home, AskSettings(reader="", threshold=0), encoder)
    shared = Service(lambda progress: slow)

    def ask(_: int) -> int:
        if way == "stream":
            return len(list(shared.stream(slow.stream(QUESTION))))
        return len(shared.read(slow.search, QUESTION, 1))

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(ask, range(8))) == [1] * 8
    assert encoder.counts == {"now": 0, "most": AT_ONCE}


def test_answers_that_are_written_keep_no_turn_from_others(home, fake_encoder):
    model = FakeModel(f"{RAID[:-1]} [1].")
    settings = AskSettings(reader="", threshold=0)
    writing = Archive.open(home, settings, fake_encoder, model)
    shared = Service(lambda progress: writing)
    under_way = [shared.stream(writing.stream(QUESTION)) for _ in range(AT_ONCE + 2)]
    assert [next(one).mode for one in under_way] == ["extractive"] * len(under_way)
    assert [list(one)[-1].mode for one in under_way] == ["generated"] * len(under_way)


def test_a_question_that_cannot_be_asked_gives_its_turn_back(shared, known):
    def fail() -> None:
        raise ModelError("gone")

    for _ in range(AT_ONCE + 1):
        with pytest.raises(QuestionError):
            next(shared.stream(known.stream("")))
        with pytest.raises(ModelError):
            shared.read(fail)
    assert next(shared.stream(known.stream(QUESTION))).status == "answered"


# What a build puts in force meanwhile


def test_a_newer_snapshot_is_taken_up_without_a_restart(opened, tmp_path, temporary, page):
    home = tmp_path / "index"
    Archive.build([POST], home, encoder=FakeEncoder())
    shared = Service(lambda progress: opened(home), propose=False)
    shared.add("a", [page])
    assert until(lambda: shared.overview is not None)
    assert shared.overview.articles == 1
    before = shared.archive()
    Archive.build([POST, Article(RIVER, id="river")], home, encoder=FakeEncoder())
    assert shared.archive() is before  # It is not looked each time.
    shared._looks_at = 0
    assert {one.id for one in shared.archive().articles()} == {"raid", "river"}
    joint = shared.archive_of("a", "both")
    assert {"raid", "river"} < {one.id for one in joint.articles()}
    assert until(lambda: shared.overview.articles == 2)
    shared._looks_at = 0
    assert shared.archive() is shared.archive()
    shared.close()


def test_a_snapshot_that_cannot_be_opened_leaves_the_one_before(opened, tmp_path, caplog):
    home = tmp_path / "index"
    Archive.build([POST], home, encoder=FakeEncoder())
    shared = Service(lambda progress: opened(home), propose=False)
    before = shared.archive()
    (home / "CURRENT").write_text("{")
    shared._looks_at = 0
    assert shared.archive() is before
    assert "stays as it was opened" in caplog.text
    shared.close()


def test_an_archive_that_was_closed_says_why(known):
    shared = Service(lambda progress: known, propose=False)
    assert shared.archive()
    assert not shared.failed
    shared.close(QuestionError("gone"))
    assert shared.closed
    with pytest.raises(QuestionError, match="gone"):
        shared.archive()
    assert shared.article_of("a", "raid") is None


# How often


def test_one_address_asks_so_often_in_a_minute_and_another_as_often(known):
    shared = Service(lambda progress: known, Capacity(3))
    for _ in range(3):
        shared.admit("192.0.2.1")
    for _ in range(2):
        with pytest.raises(QuestionError, match=r"More than 3 questions in a minute\. Wait"):
            shared.admit("192.0.2.1")
    for _ in range(3):
        shared.admit("192.0.2.2")


def test_a_minute_later_one_may_ask_again(known, monkeypatch):
    shared = Service(lambda progress: known, Capacity(1))
    shared.admit("a")
    with pytest.raises(QuestionError):
        shared.admit("a")
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 61)
    shared.admit("a")


def test_without_a_limit_anyone_may_ask_as_often_as_they_like(shared):
    for _ in range(500):
        shared.admit("a")


# Documents of one's own


def cited(article: Article) -> Answer:
    """An answer that cites an article and offers it."""
    passage = Passage(article.id, 0, len(article.text), article.text)
    citation = Citation(1, article.id, 0, len(article.text), article.text)
    hits = (Hit(passage, 1, 1, 1),)
    return Answer("Q?", "Q?", "A [1]", "answered", citations=(citation,), hits=hits)


def test_documents_are_asked_alone_or_beside_the_archive(shared, page, temporary):
    added = shared.add("a", [page])
    assert len(added.articles) == 1
    assert len(list(temporary.iterdir())) == 1
    own, both = shared.archive_of("a", "own"), shared.archive_of("a", "both")
    assert (own.info()["articles"], both.info()["articles"]) == (1, 3)
    assert both.ask("How many people were on the ferry?").citations[0].article_id == (
        added.articles[0].id
    )
    assert shared.archive_of("a", "archive") is shared.archive()
    assert shared.archive().info()["articles"] == 2


def test_what_one_visitor_has_no_other_sees(shared, page):
    (own,) = shared.add("a", [page]).articles
    assert shared.article_of("a", own.id) == own
    assert shared.articles_of("a", cited(own)) == {own.id: own}
    for other in ("b", "", None):
        assert shared.collection(other) is None
        assert shared.article_of(other, own.id) is None
        assert shared.articles_of(other, cited(own)) == {}
        for scope in ("own", "both"):
            with pytest.raises(QuestionError, match="no longer here"):
                shared.archive_of(other, scope)
        shared.remove(other)
    assert shared.article_of("a", own.id) == own
    for visitor in ("a", "b", "", None):
        assert shared.article_of(visitor, "raid") == POST
        assert shared.article_of(visitor, "nowhere") is None


@pytest.mark.parametrize("visitor", ["", None])
def test_whoever_has_no_visit_has_no_documents(shared, page, temporary, visitor):
    """They would be everybody's who has none."""
    with pytest.raises(QuestionError):
        shared.add(visitor, [page])
    assert list(temporary.iterdir()) == []


def test_documents_go_when_they_are_removed(shared, page, temporary):
    (own,) = shared.add("a", [page]).articles
    before = shared.archive_of("a", "own")
    shared.remove("a")
    shared.remove("a")
    assert list(temporary.iterdir()) == []
    assert shared.collection("a") is None
    assert shared.article_of("a", own.id) is None
    with pytest.raises(QuestionError):
        shared.archive_of("a", "own")
    assert before.ask("How many people were on the ferry?")  # It was being asked meanwhile.
    assert len(shared.add("a", [page]).articles) == 1


def test_when_the_service_closes_nothing_is_left(shared, page, temporary):
    for visitor in "abc":
        shared.add(visitor, [page])
    (folder,) = temporary.iterdir()
    assert len([path for path in folder.iterdir() if path.is_dir()]) == 3
    shared.close()
    assert list(temporary.iterdir()) == []
    assert [shared.collection(visitor) for visitor in "abc"] == [None] * 3


def test_so_many_keep_documents_at_the_same_time(shared, page, monkeypatch):
    monkeypatch.setattr(service, "COLLECTIONS", 2)
    shared.capacity.connected.update("abc")
    for visitor in "ab":
        shared.add(visitor, [page])
    with pytest.raises(QuestionError, match="Too many visitors"):
        shared.add("c", [page])
    assert shared.collection("c") is None
    assert shared.add("a", [page]).articles == ()  # Who has some may add more.
    shared.remove("b")
    assert len(shared.add("c", [page]).articles) == 1


def test_many_enter_at_the_same_time_and_no_more_than_there_is_room_for(
    shared, page, temporary, monkeypatch
):
    monkeypatch.setattr(service, "COLLECTIONS", 3)
    shared.capacity.connected.update(f"visitor {number}" for number in range(8))

    def enter(number: int) -> int:
        try:
            return len(shared.add(f"visitor {number}", [page], address=str(number)).articles)
        except QuestionError:
            return 0

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(enter, range(8))) == 3
    (folder,) = temporary.iterdir()
    assert len([path for path in folder.iterdir() if path.is_dir()]) == 3


def test_documents_of_a_page_that_is_not_open_make_room(shared, page, monkeypatch):
    """Whoever opens no connection that says so could block everybody else for good."""
    monkeypatch.setattr(service, "COLLECTIONS", 2)
    shared.capacity.connected.update("bc")
    for visitor in "abc":
        shared.add(visitor, [page])
    assert shared.collection("a") is None
    assert all(shared.collection(visitor) for visitor in "bc")


def test_an_address_has_its_part_of_the_room(shared, page, monkeypatch):
    monkeypatch.setattr(service, "OF_ONE_ADDRESS", 1)
    shared.capacity.connected.update("abc")
    shared.add("a", [page], address="one")
    with pytest.raises(QuestionError, match="from your network"):
        shared.add("b", [page], address="one")
    assert shared.add("c", [page], address="another").articles
    monkeypatch.setattr(service, "CHARACTERS", 1)
    with pytest.raises(QuestionError, match="from your network"):
        shared.add("a", [page], address="one")


def test_uploads_of_an_address_do_not_queue_without_end(shared, page, monkeypatch):
    monkeypatch.setattr(service, "ADDING", 1)
    with ThreadPoolExecutor(1) as pool, busy(shared):
        first = pool.submit(shared.add, "a", [page], address="one")
        while not shared._adding:
            time.sleep(0.01)
        with pytest.raises(QuestionError, match="from your network"):
            shared.add("b", [page], address="one")
    assert first.result().articles
    assert shared.add("b", [page], address="one").articles


@contextmanager
def busy(shared):
    """Documents of somebody else are being read."""
    ends = threading.Event()
    shared.capacity.adder.submit(ends.wait)
    try:
        yield
    finally:
        ends.set()


def test_all_reading_is_done_on_the_same_few_threads(shared):
    """Torch keeps memory for every thread that it ever computed on."""
    with ThreadPoolExecutor(8) as pool:
        names = set(
            pool.map(lambda _: shared.read(lambda: threading.current_thread().name), range(40))
        )
    assert len(names) <= AT_ONCE


def test_what_an_upload_tells_is_told_in_the_context_of_who_waits_for_it(shared, page):
    visitor = ContextVar("visitor", default="nobody")
    visitor.set("a")
    told = set[str]()
    shared.add("a", [page], lambda *_: told.add(visitor.get()))
    assert told == {"a"}


def test_questions_do_not_wait_for_uploads(shared, known):
    with busy(shared):
        assert next(shared.stream(known.stream(QUESTION))).status == "answered"


def test_an_upload_tells_its_progress_and_waits_for_a_turn(shared, page):
    told: list[str] = []
    with ThreadPoolExecutor(1) as pool:
        with busy(shared):
            adding = pool.submit(shared.add, "a", [page], lambda stage, *_: told.append(stage))
            assert until(lambda: shared.collection("a") is not None)
            time.sleep(0.05)
            assert not adding.done()
        assert len(adding.result(30).articles) == 1
    assert "embedding" in told


def test_who_leaves_while_documents_wait_leaves_nothing_behind(shared, page, temporary):
    with ThreadPoolExecutor(1) as pool:
        with busy(shared):
            adding = pool.submit(shared.add, "a", [page])
            assert until(lambda: shared.collection("a") is not None)
            shared.remove("a")
        with pytest.raises(InputError, match="were removed"):
            adding.result(30)
    assert shared.collection("a") is None
    assert list(temporary.iterdir()) == []
