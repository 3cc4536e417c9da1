"""What `python app.py` serves: the bundled articles with their guided questions, or one's own."""

from __future__ import annotations

import pytest

import app
from rag import Archive
from rag.arguments import app_parser
from rag.chat.guided import Guided
from rag.web.serve import prepared


@pytest.fixture(scope="module")
def archive(tmp_path_factory, models):
    return Archive.open_or_build(app.ARTICLES, tmp_path_factory.mktemp("bundled"))


def guided(shows) -> Guided:
    (one,) = (one for one in app.GUIDED if one.shows == shows)
    return one


def test_the_fact_is_told_by_one_sentence(archive):
    answer = archive.ask(guided("fact").question)
    assert (answer.status, answer.strength) == ("answered", "strong")
    assert "312 people" in answer.citations[0].quote


def test_the_count_is_that_of_the_articles(archive):
    listing = archive.ask(guided("count").question).listing
    held = [
        one
        for one in map(archive.article, (entry.id for entry in archive.index.store.entries()))
        if "hun manet" in f"{one.title} {one.text}".lower()
    ]
    assert listing is not None
    assert sorted(listing.articles) == sorted(one.id for one in held)
    assert held


def test_what_is_not_held_is_declined(archive):
    assert archive.ask(guided("declined").question).status == "unanswered"


def test_the_follow_up_leans_on_the_question_before(archive):
    one = guided("followed")
    first = archive.ask(one.question)
    second = archive.ask(one.then, [(one.question, first.text)])
    assert one.question in second.understood
    assert second.status == "answered"
    assert "Pursat" in second.citations[0].quote


def test_articles_of_ones_own_are_embedded_once(tmp_path, monkeypatch, models):
    articles, index = tmp_path / "news", tmp_path / "index"
    articles.mkdir()
    (articles / "a.jsonl").write_text('{"text": "The ferry Orlik sank.", "title": "Ferry"}')
    served = []
    monkeypatch.setattr(app, "prepared", lambda *given: served.append(given) or Ended())
    told = []
    for _ in range(2):  # The second time is a restart.
        assert app.main(["--articles", str(articles), "--index", str(index)]) == 0
        options, _, made = served.pop()
        assert (options.index, made.name, made.guided) == (str(index), "news", ())
        told.append([])
        archive = made.build(lambda stage, done, total: told[-1].append(stage))
        assert archive.info()["articles"] == 1
    assert "embedding" in told[0]
    assert "embedding" not in told[1]


class Ended:
    """A server that has ended."""

    def run(self):
        pass


def test_the_guide_comes_unless_examples_are_switched_off(tmp_path):
    def service(*arguments):
        options = app_parser().parse_args(["--index", str(tmp_path), "--port", "0", *arguments])
        return prepared(options, "app.py", app.BUNDLED).sessions.fixed

    assert service().guided == app.GUIDED
    assert service("--no-examples").guided == ()
