"""What several systems found for a question, put together so that nothing tells them apart."""

from __future__ import annotations

import pytest

from rag import Archive, Article
from rag.errors import InputError
from rag.evaluation.pool import Pool
from rag.evaluation.systems.runs import passages_of

TEXT = "Police in Kratie held a lorry.\nIt carried timber."
ARTICLES = [
    Article(TEXT, "Lorry", "a1"),
    Article("A ship in Kep carried salt.", "Ship", "a2"),
    Article("Rice was sold in Takeo.", "Rice", "a3"),
]
QUESTIONS = {"q1": "What did the lorry carry?", "q2": "Who?"}


@pytest.fixture(scope="module")
def archive(fake_encoder, opened, tmp_path_factory):
    home = tmp_path_factory.mktemp("pool") / "index"
    Archive.build(ARTICLES, home, encoder=fake_encoder)
    return opened(home)


@pytest.fixture
def run(tmp_path):
    def run(*lines):
        path = tmp_path / "mine.run"
        path.write_text("".join(f"{line} x\n" for line in lines))
        return path

    return run


def test_each_passage_is_there_once_and_in_one_order(archive):
    pool = Pool(archive)
    found = pool.of("q1", QUESTIONS["q1"])
    assert "a1" in {passage.article_id for passage in found}
    assert len(found) == len(set(found))
    assert found == pool.of("q1", QUESTIONS["q1"])


def test_a_run_is_pooled_with_the_systems_or_alone(archive, run):
    path = run("q1 Q0 a3 1 9", "q1 Q0 a1#0-18 2 8", "q1 Q0 a1#10-30 3 7", "q1 Q0 a1#31-40 4 6")
    alone = Pool(archive, (), [path], QUESTIONS)
    places = {(p.article_id, p.start, p.end) for p in alone.of("q1", QUESTIONS["q1"])}
    assert places == {("a3", 0, 23), ("a1", 0, 30), ("a1", 31, 40)}, "what overlaps is one"
    assert alone.of("q2", QUESTIONS["q2"]) == []
    both = Pool(archive, ("bm25",), [path], QUESTIONS).of("q1", QUESTIONS["q1"])
    assert {p.article_id for p in both} >= {"a1", "a3"}
    assert [p.text for p in both if p.article_id == "a1"] == [TEXT], "nor does cutting tell"


def test_only_the_first_of_a_run_are_pooled(archive, run):
    path = run(*(f"q1 Q0 a1#{at}-{at + 1} 1 {-at}" for at in range(9)))
    assert len(Pool(archive, (), [path], QUESTIONS).of("q1", "")) == 5


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (["q1 Q0 a1 1 2", "q1 Q0 a9 2 1"], "line 2: there is no article for the document 'a9'"),
        (["q1 Q0 a1#5-5 1 2"], "line 1: the article of 'a1#5-5' has 49 characters"),
        (["q1 Q0 a1#0-50 1 2"], "line 1: the article of 'a1#0-50' has 49 characters"),
        (["q1 Q0 a1#0-" + "9" * 5000 + " 1 2"], "line 1: there is no article"),
        (["z Q0 a1 1 2"], "has none of the questions, as 'q1'. Write their ids"),
    ],
)
def test_a_run_that_does_not_fit_is_told(run, lines, message):
    articles = {article.id: article for article in ARTICLES}
    with pytest.raises(InputError) as raised:
        passages_of(run(*lines), articles.get, QUESTIONS)
    assert message in str(raised.value)


def test_a_system_that_is_not_known(archive):
    with pytest.raises(InputError, match="no system 'elastic'"):
        Pool(archive, ("elastic",))
