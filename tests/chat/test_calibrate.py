"""The confidence is refitted on what readers said of an archive's answers."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from rag import Archive, Article
from rag.answer import refit
from rag.chat.calibrate import _Asking, calibrate
from rag.chat.conversation import Conversation, Exchange
from rag.chat.feedback import Feedback, read_judgements
from rag.errors import InputError
from rag.types import Filters

TOWNS = (
    "Kratie Pursat Kampot Kep Poipet Takeo Battambang Pailin Kong Mondulkiri Sihanoukville "
    "Svay Banlung Sisophon Stung Kandal Prey Siem Ratanakiri Oddar"
).split()
EVERYWHERE = Filters()
ARTICLES = [
    Article(f"Police held {n} people in {town} on Monday.", title=town, source="The Post", id=town)
    for n, town in enumerate(TOWNS, start=30)
]


def held(town):
    return f"How many people did police hold in {town}?"


@pytest.fixture(scope="module")
def home(tmp_path_factory, fake_encoder):
    home = tmp_path_factory.mktemp("judged") / "index"
    Archive.build(ARTICLES, home, encoder=fake_encoder)
    return home


@pytest.fixture
def archive(home, opened):
    refit.remove(home)
    yield opened(home, threshold=0.2)
    refit.remove(home)


@pytest.fixture
def say(archive, tmp_path):
    """Keeps what a reader says of the archive's answer to a question."""
    kept = Feedback(tmp_path / "feedback.jsonl")

    def say(question, right, filters=EVERYWHERE, change=lambda answer: answer):
        answer = change(archive.ask(question, sources=filters.sources))
        exchange = Exchange(1, answer, filters)
        articles = {article.id: article for article in ARTICLES}
        kept.add(Conversation((exchange,)), exchange, articles, right)
        return kept.path

    return say


def judge(say, right):
    """Judge the answer for every town."""
    for town in TOWNS:
        path = say(held(town), right(town))
    return read_judgements(path)


def declined(answer):
    return replace(answer, status="unanswered", text="", citations=(), claims=())


def test_answers_that_are_mostly_right_are_given_more_surely(archive, say, home, opened):
    judgements = judge(say, lambda town: town in TOWNS[:15])
    found = calibrate(archive, judgements)
    assert found.judgements == len(TOWNS)
    assert found.better
    assert found.after.brier < found.before.brier
    assert sum(group.questions for group in found.after.groups) == len(TOWNS)
    refit.write(home, found.scaling, archive.pipeline.fitted_with, {})
    again = opened(home, threshold=0.2)
    before, after = archive.ask(held("Kep")), again.ask(held("Kep"))
    assert after.confidence > before.confidence
    scaled = found.scaling.probabilities(archive.pipeline.scaling.undone([before.confidence]))
    assert after.confidence == pytest.approx(scaled[0])
    # Fitted again, it starts from the packaged calibration and not from what was fitted before.
    assert calibrate(again, judgements).scaling.shift == pytest.approx(
        found.scaling.shift, abs=1e-6
    )


def test_a_refit_outlives_a_build_and_leaves_the_snapshot_as_it_was(
    archive, home, opened, fake_encoder, tmp_path
):
    manifest = archive.info()
    less = replace(archive.pipeline.scaling, shift=-1.0)
    refit.write(home, less, archive.pipeline.fitted_with, {})
    assert opened(home).info() == manifest
    assert opened(home).check() == []
    Archive.build(ARTICLES, home, encoder=fake_encoder)
    assert opened(home).pipeline.scaling == less
    # Of this archive, not of documents that a visitor adds to it.
    Archive.build(ARTICLES[:1], tmp_path / "own", encoder=fake_encoder)
    assert opened(home).open_alike(tmp_path / "own").pipeline.scaling.shift == 0


def test_answers_that_are_all_alike_teach_nothing(archive, say):
    with pytest.raises(InputError, match="20 of a right and 0 of a wrong quote"):
        calibrate(archive, judge(say, lambda town: True))


def test_too_few_are_refused_with_what_is_missing(archive, say):
    path = say(held("Kep"), False)
    with pytest.raises(InputError, match="1 tell something, 0 of a right and 1 of a wrong"):
        calibrate(archive, read_judgements(path))


@pytest.mark.parametrize(
    ("right", "change", "found"),
    [
        (True, lambda answer: answer, 1),
        (False, lambda answer: answer, 0),
        (True, declined, 0),  # Rightly declined: no quote of the archive answers.
        (False, declined, 0.5),
        (False, lambda a: replace(a, text="Another one held 7. [1]"), None),
    ],
    ids=["right", "wrong", "rightly declined", "wrongly declined", "another quote"],
)
def test_what_a_judgement_says_of_the_best_quote(archive, say, right, change, found):
    (judgement,) = read_judgements(say(held("Kep"), right, change=change))
    told = _Asking(archive).judged(judgement)
    if found is None:
        assert "another quote" in told
    else:
        assert told == (archive.ask(held("Kep")).confidence, found)


def test_what_is_declined_today_is_judged_by_the_quote_that_would_be_shown(archive, say, opened):
    (judgement,) = read_judgements(say(held("Kep"), True))
    strict = opened(archive.home, threshold=1)
    assert strict.ask(held("Kep")).status == "unanswered"
    told = _Asking(strict).judged(judgement)
    assert told == (archive.ask(held("Kep")).confidence, 1)


def test_a_right_answer_that_its_owner_wrote_down_counts(archive, say):
    path = say(held("Kep"), False, change=declined)
    record = json.loads(path.read_text())
    article = next(article for article in ARTICLES if article.id == "Kep")
    piece = {"file": article.origin, "title": "Kep", "quote": article.text}
    path.write_text(json.dumps({**record, "answerable": True, "evidence": [piece]}))
    (judgement,) = read_judgements(path)
    assert _Asking(archive).judged(judgement)[1] == 1


def test_filters_are_kept_and_a_source_that_is_gone_is_said(archive, say):
    path = say(held("Kep"), True, Filters(("The Post",)))
    (judgement,) = read_judgements(path)
    assert judgement.filters == Filters(("The Post",))
    gone = replace(judgement, filters=Filters(("The Times",)))
    assert _Asking(archive).judged(gone) == "cannot be asked any more"


def test_of_several_judgements_of_one_question_the_last_counts(archive, say):
    for right in (True, False):
        path = say(held("Kep"), right)
    say(held("Kep"), True, Filters(("The Post",)))
    assert [one.right for one in read_judgements(path)] == [False, True]


@pytest.mark.parametrize(
    "line",
    ["{", "[]", "7", "{}", '{"right": "yes"}', '{"turns": []}', '{"turns": [7]}',
     '{"filters": {"since": "soon"}}', '{"evidence": [{}]}', '{"evidence": 7}'],
)  # fmt: skip
def test_a_broken_line_is_named(archive, say, line):
    path = say(held("Kep"), True)
    whole = json.loads(path.read_text())
    if line.startswith('{"'):
        line = json.dumps({**whole, **json.loads(line)})
    with path.open("a") as file:
        file.write(f"\n{line}\n")
    with pytest.raises(InputError, match=r"feedback\.jsonl line 3 is no judgement"):
        read_judgements(path)


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(InputError, match="--feedback FILE"):
        read_judgements(tmp_path / "none.jsonl")
