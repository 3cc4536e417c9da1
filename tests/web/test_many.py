"""Many questions at once and standing questions, by the handlers of the page."""

from __future__ import annotations

import base64
import csv
import io

import pytest
from handlers import QUESTION, event, of, over, whole
from openpyxl import load_workbook

from rag import Archive, Article
from rag.chat.sessions import Sessions
from rag.chat.standing import Standing
from rag.errors import QuestionError
from rag.types import Filters
from rag.web.desk import Desk
from rag.web.many import Many
from rag.wording import LANGUAGES, note, wording

TABLE = f"question;source\n{QUESTION};\nWho won the football cup in Brazil?;\n"
FERRY = Article(
    "Police in Kratie arrested 45 people more on Friday, an officer said.", "More <b>raids</b>",
    "new", "The Post", url="javascript:alert(1)",
)  # fmt: skip


@pytest.fixture
def many(desk):
    return Many(desk)


@pytest.fixture
def stand(index, articles, encoder, tmp_path):
    """A desk over an archive of its own, where questions may stand."""
    home = tmp_path / "index"
    Archive.build(articles[:20], home, encoder=encoder)
    service = over(Archive.open(home, encoder=encoder))
    service.standing = Standing(home)
    desk = Desk(Sessions(service))
    desk.here.add("visitor")
    yield desk
    service.close()


def batch(many, file, **choices):
    """The updates of what is said, of the file and of the rows, as they come."""
    chosen = {"language": "en", "filters": Filters(), "scope": "archive"} | choices
    return [*many.batch(file, request=of("visitor"), **chosen)]


def saved(update):
    """The content of a file that the browser is to save."""
    return base64.b64decode(update.props["file"]["base64"])


def test_a_table_is_asked_and_its_sheet_saved(many, upload):
    first, *_, last = batch(many, upload("Questions.csv", TABLE))
    assert "Question 0 of 2" in first[0]
    assert 'max="2" value="0"' in first[0]
    said, _, rows = last
    assert "2 questions asked, 1 answered." in said
    assert [row.line for row in rows[-1:]] == [3]
    assert rows[-1].answer == "not found"
    data = saved(many.save("en", rows, event(what="csv"), of("visitor"))).decode("utf-8-sig")
    found = list(csv.DictReader(io.StringIO(data, newline="")))
    assert "312 people" in found[0]["quote"]
    book = saved(many.save("en", rows, event(what="xlsx"), of("visitor")))
    assert load_workbook(io.BytesIO(book)).active["C2"].value == rows[0].quote
    assert many.stops == {}


def test_the_example_is_a_table_that_can_be_read(many, upload, tmp_path):
    data = saved(many.save("en", (), event(what="example"), of("visitor")))
    (*_, (said, _, rows)) = batch(many, upload("example.csv", data.decode()))
    assert "2 questions asked" in said
    assert {row.answer for row in rows} == {"not found"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_bad_lines_are_named_before_anything_is_asked(many, upload, language):
    file = upload("Bad.csv", "question,since\nWho?,soon\n<b>What</b>?,2024-05-31\n,2024-05-31\n")
    ((said, _, rows),) = batch(many, file, language=language)
    say = wording(language)
    assert say("batch_refused") in said
    assert "2024-05-31" in said
    assert said.count("<li>") == 2
    assert rows == {"__type__": "update"}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("Who?\n", "no column is called question"),
        ("question,source\nWho?,<i>Times</i>\n", "&lt;i&gt;Times&lt;/i&gt;"),
        ("question\n" + "Who?\n" * 501, "here 500 can be asked"),
        ("question\n", "holds no question"),
    ],
)
def test_what_cannot_be_asked_is_told(many, upload, content, said):
    ((told, _, _),) = batch(many, upload("Bad.csv", content))
    assert said in told
    assert "/tmp" not in told


def test_the_filters_in_force_hold(many, upload):
    ((told, _, _),) = batch(many, upload("q.csv", TABLE), filters=Filters(("The <Post",)))
    assert "No article is from" in told
    (*_, (_, _, rows)) = batch(many, upload("q.csv", TABLE), filters=Filters(articles=()))
    assert {row.answer for row in rows} == {"not found"}


def test_a_batch_is_stopped_and_keeps_what_was_answered(many, upload):
    growing = many.batch(
        upload("q.csv", TABLE), "en", Filters(), "archive", of("visitor")
    )  # fmt: skip
    next(growing), next(growing)
    many.stop(of("visitor"))
    (*_, (said, _, rows)) = growing
    assert "1 question asked, 1 answered." in said
    assert "1 question was not asked." in said
    assert {row.line for row in rows} == {2}


def test_one_batch_at_a_time(many, upload):
    growing = many.batch(upload("q.csv", TABLE), "en", Filters(), "archive", of("visitor"))
    next(growing)
    ((said, _, _),) = batch(many, upload("again.csv", TABLE))
    assert "already" in said
    growing.close()
    assert many.stops == {}


def test_a_visitor_who_left_is_not_asked_for(many, upload, desk):
    desk.here.discard("visitor")
    ((said, _, _),) = batch(many, upload("q.csv", TABLE))
    assert 'role="alert"' in said


def test_too_many_questions_in_a_minute_keep_what_was_answered(shared, upload, monkeypatch, many):
    counts = iter(range(10))

    def admit(address):
        if next(counts):
            raise QuestionError(note("too_many_questions", n="1"))

    monkeypatch.setattr(shared, "admit", admit)
    (*_, (said, _, rows)) = batch(many, upload("q.csv", TABLE))
    assert "1 question asked" in said
    assert 'role="alert"' in said
    assert {row.line for row in rows} == {2}


def test_a_standing_question_is_kept_asked_and_removed(stand, articles, encoder):
    many, service = Many(stand), stand.sessions.fixed
    said, _ = many.add("en", event(question=QUESTION, source=""), of("visitor"))
    assert QUESTION in said
    assert "Nothing has been found yet." in said
    Archive.build([*articles[:20], FERRY], service.archive().home, encoder=encoder)
    service._archive = service.archive().open_alike(service.archive().home)
    said, _ = many.look("en", of("visitor"))
    assert FERRY.text in said
    assert "More &lt;b&gt;raids" in said
    assert "javascript:" not in said
    assert whole(stand)["standing"] == said
    reader, _ = many.show(
        "en", event(article="new", start=0, end=len(FERRY.text)), of("visitor")
    )  # fmt: skip
    assert 'class="active"' in reader
    reader, _ = many.show("en", event(article="new", start=0, end=5), of("visitor"))
    assert "Not shown" in reader
    said, _ = many.remove("en", event(what=QUESTION), of("visitor"))
    assert "data-remove" not in said
    assert FERRY.text in said


def test_a_build_has_the_questions_asked(stand, articles, encoder):
    many, service = Many(stand), stand.sessions.fixed
    many.add("en", event(question=QUESTION, source=""), of("visitor"))
    Archive.build([*articles[:20], FERRY], service.archive().home, encoder=encoder)
    service._describe(Archive.open(service.archive().home, encoder=encoder))
    assert [one.article.id for one in service.standing.found(Archive.open(service.archive().home))]


@pytest.mark.parametrize(
    ("question", "source", "said"),
    [("", "", "The question is empty"), ("Who?", "The <i>Times", "&lt;i&gt;Times")],
)
def test_a_question_that_cannot_stand_is_told(stand, question, source, said):
    told, _ = Many(stand).add("en", event(question=question, source=source), of("visitor"))
    assert said in told
    assert "data-remove" not in told


def test_strangers_keep_no_questions(desk, many):
    page = whole(desk)
    assert page["stand"].visible is False
    assert page["standing"] == ""
    said, _ = many.add("en", event(question=QUESTION, source=""), of("visitor"))
    assert said == ""


def test_a_page_that_is_forgotten_begins_again(many):
    for told in (
        many.add("", event(), of("visitor")), many.remove("", event(), of("visitor")),
        many.look("", of("visitor")), many.show("", event(), of("visitor")),
    ):  # fmt: skip
        assert told[1].props["page"]["again"]
    assert many.save("", (), event(), of("visitor")).props["page"]["again"]
