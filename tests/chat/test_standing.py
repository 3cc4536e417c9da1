"""Standing questions: what is new is reported once, and nothing that no longer stands."""

from __future__ import annotations

import datetime
import json
import threading
from dataclasses import replace

import pytest

from rag import Archive, Article
from rag.chat.questions import Line
from rag.chat.standing import FILE, MOST, Standing
from rag.errors import InputError, QuestionError

ASKED = Line(2, ("How many people did police arrest in Kratie?",))
RAIN = Article("Rain fell on the rice fields for six days.", "Rain", "r", "The Daily")
KRATIE = Article("Police arrested 312 people in Kratie. Rice rose.", "Raids", "k", "The Post")
PURSAT = Article("A court met.\nPolice in Kratie arrested 27 people on Friday.", "", "p", "AP")


@pytest.fixture
def build(tmp_path, fake_encoder, opened, judged):
    """Indexes these articles instead of those before. Who answers is decided by shared words."""

    def build(*articles, **settings):
        Archive.build(articles, tmp_path / "index", encoder=fake_encoder)
        return opened(tmp_path / "index", **settings)

    return build


@pytest.fixture
def standing(tmp_path):
    (tmp_path / "index").mkdir()
    return Standing(tmp_path / "index")


@pytest.fixture
def judged(monkeypatch):
    """Confident of sentences that say who was arrested, by the real threshold of a weak match."""

    def stream(self, asked, history=(), filters=None, written=None, **more):
        for answer in real(self, asked, history, filters, written, **more):
            good = bool(answer.citations) and "arrested" in answer.citations[0].quote
            yield replace(answer, confidence=0.9 if good else 0.3)

    from rag.pipeline import Pipeline

    real = Pipeline.stream
    monkeypatch.setattr(Pipeline, "stream", stream)


def quotes(found):
    return [one.citation.quote for one in found]


def test_what_was_there_before_is_not_reported(build, standing):
    archive = build(RAIN, KRATIE)
    standing.begin(archive)
    assert standing.ask(archive, [ASKED]) == ()
    archive = build(RAIN, KRATIE, PURSAT)
    (one,) = standing.ask(archive, [ASKED])
    assert one.citation.quote == "Police in Kratie arrested 27 people on Friday."
    assert one.article == PURSAT
    assert (one.question, one.strength) == (ASKED.question, "strong")


def test_nothing_is_reported_twice(build, standing):
    archive = build(RAIN, KRATIE)
    assert len(standing.ask(archive, [ASKED])) == 1
    assert standing.ask(archive, [ASKED]) == ()
    assert Standing(archive.home).ask(archive, [ASKED]) == ()
    same_words = replace(KRATIE, id="copy", text=f"{KRATIE.text} More.")
    archive = build(RAIN, KRATIE, same_words)
    assert standing.ask(archive, [ASKED]) == ()
    assert [one.article.id for one in standing.found(archive)] == ["k"]


def test_a_changed_article_is_asked_and_its_place_follows_it(build, standing):
    standing.ask(build(RAIN, KRATIE), [ASKED])
    moved = replace(KRATIE, text=f"Amended. {KRATIE.text}")
    archive = build(RAIN, moved)
    assert standing.ask(archive, [ASKED]) == ()
    (one,) = standing.found(archive)
    assert one.citation.start == len("Amended. ")
    corrected = replace(KRATIE, text="Correction. Police arrested 300 people in Kratie.")
    archive = build(RAIN, corrected)
    assert quotes(standing.ask(archive, [ASKED])) == ["Police arrested 300 people in Kratie."]
    assert quotes(standing.found(archive)) == ["Police arrested 300 people in Kratie."]


def test_every_new_article_that_answers_is_reported(build, standing):
    news = [
        replace(KRATIE, id=f"k{n}", text=f"Police arrested {n} people in Kratie {word}.")
        for n, word in enumerate("soon often rarely never again today later once".split(), 11)
    ]
    found = standing.ask(build(RAIN, *news), [ASKED])
    assert {one.article.id for one in found} == {one.id for one in news}


def test_accounts_that_differ_are_all_evidence(standing, encoder, tmp_path):
    """The real reader is not sure which is right, and is sure of each alone."""
    told = {
        "AP": "Police in Kratie arrested 312 people on Monday, the ministry of the interior said.",
        "VOA": "Officers detained 95 people in Kratie, according to a human rights group there.",
        "The Post": "In Kratie, 27 people were arrested by police, the governor told reporters.",
    }
    news = [Article(text, source, source, source) for source, text in told.items()]
    archive = Archive.build([RAIN, *news], tmp_path / "index", encoder=encoder)
    assert archive.ask(ASKED.question).weak
    found = standing.ask(archive, [ASKED, Line(3, ("Who won the football cup in Brazil?",))])
    assert {one.article.id for one in found} == set(told)
    assert {one.strength for one in found} <= {"fair", "strong"}


def test_a_weak_match_is_no_evidence(build, standing):
    assert standing.ask(build(RAIN), [ASKED]) == ()


def test_a_question_keeps_to_its_source_and_days(build, standing):
    archive = build(KRATIE, PURSAT, replace(RAIN, published=datetime.date(2026, 1, 2)))
    of_ap, of_none = replace(ASKED, source="AP"), replace(ASKED, source="The Times")
    late = replace(ASKED, since=datetime.date(2026, 1, 1))
    assert [one.article.id for one in standing.ask(archive, [of_none, late, of_ap])] == ["p"]


def test_a_removed_article_is_nowhere(build, standing, tmp_path):
    archive = build(RAIN, KRATIE)
    assert standing.ask(archive, [ASKED])
    assert standing.found(archive)
    assert standing.found(build(RAIN)) == ()
    assert "312" not in (tmp_path / "index" / FILE).read_text()


def test_questions_are_kept_with_the_index(build, standing):
    archive = build(RAIN, KRATIE)
    standing.add(ASKED, archive)
    standing.add(replace(ASKED, number=7), archive)
    dated = Line(0, ("When?",), "The Daily", datetime.date(2024, 1, 2))
    standing.add(dated, archive)
    assert standing.questions() == (replace(ASKED, number=0), dated)
    assert standing.ask(archive, standing.questions()) == ()  # Of what is new from now on.
    standing.remove(ASKED.question)
    assert Standing(archive.home).questions() == (dated,)


def test_a_question_that_cannot_stand_is_refused(build, standing):
    archive = build(RAIN)
    with pytest.raises(QuestionError, match="The Times"):
        standing.add(replace(ASKED, source="The Times"), archive)
    assert standing.questions() == ()
    for n in range(MOST):
        standing.add(Line(0, (f"{n}?",)), archive)
    with pytest.raises(QuestionError, match="No more than 200"):
        standing.add(ASKED, archive)


_ENTRY = {
    "question": "?", "article": "a", "start": 0, "end": 1, "digest": "d",
    "found": "2026-01-01T00:00:00+00:00", "strength": "strong",
}  # fmt: skip


def _file(**values):
    return json.dumps({"version": 1, "questions": [], "known": None, "entries": [], **values})


@pytest.mark.parametrize(
    "content",
    [
        "", "{}", "[]", '{"version": 2}', '{"version": 1, "questions": [7]}', "\xff",
        _file(questions=[{"turns": [], "source": "", "since": None, "until": None}]),
        _file(questions=[{"turns": [7], "source": "", "since": None, "until": None}]),
        _file(questions=[{"turns": ["?"], "source": "", "since": None, "until": None}] * 201),
        _file(entries=[{**_ENTRY, "start": "x"}]), _file(entries=[{**_ENTRY, "start": -1}]),
        _file(entries=[{**_ENTRY, "found": "2026-01-01T00:00:00"}]), _file(known={"a": 1}),
    ],
)  # fmt: skip
def test_a_broken_file_is_told_and_stays(build, standing, tmp_path, content):
    archive = build(RAIN)
    file = tmp_path / "index" / FILE
    file.write_bytes(content.encode("latin-1"))
    with pytest.raises(InputError, match="move it away"):
        standing.add(ASKED, archive)
    assert file.read_bytes() == content.encode("latin-1")


def test_two_at_once_report_once(build, standing):
    archive = build(RAIN, KRATIE)
    archive.load_models()
    found: list[object] = []

    def ask():
        found.extend(Standing(archive.home).ask(archive, [ASKED]))

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert len(found) == 1


def test_what_is_interrupted_is_asked_again(build, standing, tmp_path):
    archive = build(RAIN, KRATIE)

    def interrupted(*_):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        standing.ask(archive, [ASKED], interrupted)
    assert not (tmp_path / "index" / FILE).exists()
    assert len(standing.ask(archive, [ASKED])) == 1
    assert json.loads((tmp_path / "index" / FILE).read_text())["version"] == 1
