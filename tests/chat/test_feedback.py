"""What readers say of answers becomes gold questions, or waits to become one."""

from __future__ import annotations

import datetime
import json
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from eval.answers.gold import score
from eval.datasets.gold import load, waiting
from rag.chat import feedback as module
from rag.chat.conversation import Conversation, Exchange
from rag.chat.feedback import Feedback
from rag.errors import InputError
from rag.types import Answer, Article, Citation, Filters

TEXT = "Police held 312 people in Kratie, said Sok Hour."
POST = Article(TEXT, title="Raids", source="The Post", origin="page.txt#2")
HELD = Citation(1, POST.id, 0, 22, TEXT[:22])
ARTICLES = {POST.id: POST}
NOTHING = Answer("Who else?", "Who else was held?", "", "unanswered")


def answered(question: str = "How many?", *citations: Citation) -> Answer:
    return Answer(question, question, "312 [1]", "answered", citations=citations or (HELD,))


def asked(*exchanges: Exchange) -> Conversation:
    return Conversation(exchanges)


@pytest.fixture
def kept(tmp_path):
    return Feedback(tmp_path / "deep" / "feedback.jsonl")


def say(kept: Feedback, exchange: Exchange, right: bool, note: str = "", session=None) -> dict:
    """The record that is kept of a judgement."""
    kept.add(session or asked(exchange), exchange, ARTICLES, right, note)
    return json.loads(kept.path.read_text("utf-8").split("\n")[-2])


def test_an_answer_that_is_right_becomes_a_gold_question(kept):
    record = say(kept, Exchange(1, answered()), True, "Well found.")
    (gold,) = load(kept.path)
    assert gold.turns == ("How many?",)
    assert gold.answerable is True
    assert gold.evidence == ({"file": "page.txt", "title": "Raids", "quote": TEXT[:22]},)
    assert gold.answers == ()  # The words in bold are a guess that nobody has judged.
    assert waiting(kept.path) == 0
    assert (record["right"], record["note"], record["shown"]) == (True, "Well found.", "312 [1]")
    when = datetime.datetime.fromisoformat(record["kept"])
    assert when.tzinfo
    assert abs(when - datetime.datetime.now().astimezone()) < datetime.timedelta(minutes=5)


def test_a_question_that_is_rightly_declined_becomes_one_too(kept):
    say(kept, Exchange(1, NOTHING), True)
    (gold,) = load(kept.path)
    assert (gold.answerable, gold.evidence) == (False, ())


@pytest.mark.parametrize("answer", [answered(), NOTHING], ids=["answered", "declined"])
def test_what_is_wrong_waits_for_the_right_answer(kept, answer):
    record = say(kept, Exchange(1, answer), False, "It was 313.")
    assert load(kept.path) == []
    assert waiting(kept.path) == 1
    assert (record["right"], record["note"]) == (False, "It was 313.")
    assert record["evidence"] == []
    assert record["turns"] == [answer.question]


def test_every_judgement_has_an_id_of_its_own(kept):
    exchange = Exchange(1, answered())
    ids = [say(kept, exchange, right)["id"] for right in (True, True, False)]
    assert len(set(ids)) == 3
    assert [gold.id for gold in load(kept.path)] == ids[:2]


def test_the_filters_are_kept(kept):
    filters = Filters(("The Post",), datetime.date(2024, 5, 31))
    record = say(kept, Exchange(1, answered(), filters), True)
    assert record["filters"] == {"sources": ["The Post"], "since": "2024-05-31"}


def test_the_turns_are_those_that_the_answer_leant_on(kept):
    one, two, three, four = (
        Exchange(n, answered(f"{n}?"), fresh=n == 2) for n in range(1, 5)
    )  # 2 was corrected and stands by itself.
    session = asked(one, two, three, four)
    turns = [say(kept, e, True, session=session)["turns"] for e in session.exchanges]
    assert turns == [["1?"], ["2?"], ["2?", "3?"], ["2?", "3?", "4?"]]


HELD_NO_MORE = {
    "gone": replace(HELD, article_id="gone"),
    "other words": replace(HELD, quote="Police held 313 people"),
    "elsewhere": replace(HELD, start=1, end=23),
}


@pytest.mark.parametrize("citation", HELD_NO_MORE.values(), ids=HELD_NO_MORE)
def test_no_quote_becomes_evidence_that_does_not_stand_in_its_article(kept, citation):
    """The conversation comes from a browser, and the archive may have changed since."""
    record = say(kept, Exchange(1, answered("Q?", citation, replace(HELD, label=2))), True)
    assert [piece["quote"] for piece in record["evidence"]] == [HELD.quote]
    before = kept.path.read_bytes()
    with pytest.raises(InputError, match="Ask its question again"):
        say(kept, Exchange(1, answered("Q?", citation)), True)
    assert kept.path.read_bytes() == before
    assert say(kept, Exchange(1, answered("Q?", citation)), False)["right"] is False


def test_a_note_is_cut_and_is_one_line_of_the_file_whatever_it_holds(kept):
    hostile = 'x\n{"id": 1}\r\u2028\x85\x00"\\<script>'
    record = say(kept, Exchange(1, answered()), True, hostile)
    assert record["note"] == hostile
    assert say(kept, Exchange(1, answered()), True, "ខ" * 5000)["note"] == "ខ" * 1000
    assert kept.path.read_bytes().count(b"\n") == 2
    assert len(load(kept.path)) == 2


def test_a_note_with_half_a_character_is_kept_without_it(kept):
    assert say(kept, Exchange(1, answered()), True, "a\ud800b")["note"] == "a?b"


def test_many_judge_at_the_same_time(kept):
    exchange, failures = Exchange(1, answered()), []

    def judge() -> None:
        try:
            for _ in range(25):
                kept.add(asked(exchange), exchange, ARTICLES, True, "x" * 900)
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=judge) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    golds = load(kept.path)
    assert len({gold.id for gold in golds}) == len(golds) == 200


@pytest.mark.parametrize("place", ["folder", "file", "name"])
def test_what_cannot_be_written_is_said(tmp_path, place):
    (tmp_path / "file").write_text("x")
    path = {
        "folder": tmp_path,
        "file": tmp_path / "file" / "feedback.jsonl",
        "name": tmp_path / ("x" * 300),
    }[place]
    with pytest.raises(InputError, match=r"cannot be kept.*--feedback") as told:
        say(Feedback(path), Exchange(1, answered()), True)
    assert str(tmp_path.parent) not in str(told.value)  # A visitor is not told where it lies.


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no disk that is always full")
def test_a_disk_without_room(tmp_path):
    (tmp_path / "feedback.jsonl").symlink_to("/dev/full")
    with pytest.raises(InputError, match="cannot be kept"):
        say(Feedback(tmp_path / "feedback.jsonl"), Exchange(1, answered()), True)


def test_a_full_file_takes_no_more_and_loses_nothing(kept, monkeypatch):
    say(kept, Exchange(1, answered()), True)
    before = kept.path.read_bytes()
    monkeypatch.setattr(module, "_LARGEST", len(before) - 1)
    with pytest.raises(InputError, match=r"feedback\.jsonl is full\. Move it away"):
        say(kept, Exchange(1, answered()), True)
    assert kept.path.read_bytes() == before
    monkeypatch.setattr(module, "_LARGEST", len(before))
    say(kept, Exchange(1, answered()), True)
    assert len(load(kept.path)) == 2


def test_what_is_kept_of_the_real_archive_is_scored_as_gold(archive, tmp_path: Path):
    kept = Feedback(tmp_path / "feedback.jsonl")
    question = "How many people did police in Kratie arrest?"
    answer = archive.ask(question)
    then = archive.ask("And in Pursat?", [(question, answer.text)])
    session = asked(Exchange(1, answer), Exchange(2, then))
    for exchange in session.exchanges:
        articles = {c.article_id: archive.article(c.article_id) for c in exchange.answer.citations}
        kept.add(session, exchange, articles, True)
    rows = list(score(archive, load(kept.path)))
    assert [row.right for row in rows] == [True, True]
    assert [row.conversation for row in rows] == [False, True]
