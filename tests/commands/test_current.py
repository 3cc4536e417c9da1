"""`byline add`, `remove`, `rollback` and what `info` says of changes and copies."""

from __future__ import annotations

import json

import pytest

from rag import Archive
from rag.__main__ import main

STORIES = [
    {"id": "raid", "text": "Police held 312 people in Kratie.", "title": "Raid", "source": "Post"},
    {"id": "rain", "text": "Rain fell on the rice fields.", "title": "Rain", "source": "Daily"},
]
VOTE = {"id": "vote", "text": "The council voted.", "title": "Vote", "source": "Daily"}


@pytest.fixture
def index(tmp_path, models, capsys):
    """An index of two articles, built by the command with the real encoder."""
    folder = tmp_path / "articles"
    folder.mkdir()
    (folder / "stories.jsonl").write_text("\n".join(map(json.dumps, STORIES)))
    (tmp_path / "vote.jsonl").write_text(json.dumps(VOTE))
    assert main(["build", str(folder), "--index", str(tmp_path / "index")]) == 0
    capsys.readouterr()
    return tmp_path / "index"


@pytest.fixture
def byline(index, capsys):
    """Runs a command on the index; returns what it prints, parsed where it is JSON."""

    def run(*arguments, code=0):
        assert main([*map(str, arguments), "--index", str(index)]) == code
        printed = capsys.readouterr()
        if code:
            assert printed.out == ""
            return printed.err
        return json.loads(printed.out) if "--json" in arguments else printed.out

    return run


def ids(index):
    return [article.id for article in Archive.open(index).articles()]


def test_the_life_of_an_index(byline, index, tmp_path):
    said = byline("add", tmp_path / "vote.jsonl", "--json")
    assert (said["articles"], said["came"], said["embedded"], said["reused"]) == (3, ["vote"], 1, 2)
    assert byline("info", "--changes", "--json")["came"] == ["vote"]
    assert "New: 1\n  vote Vote\nChanged: 0\nGone: 0\n" in byline("info", "--changes")
    assert byline("add", tmp_path / "vote.jsonl", "--json")["came"] == []
    assert "with 2 articles" in byline("rollback")
    assert ids(index) == ["raid", "rain"]
    assert byline("rollback", "--json")["articles"] == 3
    assert byline("remove", "--source", "Daily", "--json") == {
        "removed": ["rain", "vote"], "articles": 1,
    }  # fmt: skip
    files = [path for path in index.rglob("*") if path.is_file()]
    assert not any(b"rice fields" in path.read_bytes() for path in files)
    assert "Removed for good: 1. 1 articles are left" in byline("remove", "vote")
    byline("build", tmp_path / "articles")
    assert ids(index) == ["raid"]
    assert "New: 1\n  rain Rain\n" in byline("add", tmp_path / "articles")
    assert ids(index) == ["raid", "rain"]


def test_copies_are_listed(byline, index, tmp_path):
    assert byline("info", "--duplicates") == "0 texts have copies.\n"
    (tmp_path / "articles" / "again.jsonl").write_text(json.dumps(STORIES[0]))
    byline("build", tmp_path / "articles")
    (one,) = byline("info", "--duplicates", "--json")
    assert one == {"articles": ["raid"], "origins": [["again.jsonl#1", "stories.jsonl#1"]]}
    said = "Read more than once:\n  raid Raid: again.jsonl#1, stories.jsonl#1\n1 text has copies.\n"
    assert byline("info", "--duplicates") == said


def test_what_is_refused(byline, index, tmp_path):
    before = Archive.open(index).info()
    assert "no article with the id nobody" in byline("remove", "nobody", code=2)
    assert "No article is from 'Times'" in byline("remove", "--source", "Times", code=2)
    assert "Name articles by their ids" in byline("remove", code=2)
    assert "Name articles by their ids" in byline("remove", "raid", "--source", "Post", code=2)
    assert "No article would be left" in byline("remove", "raid", "rain", code=2)
    assert "no earlier snapshot" in byline("rollback", code=2)
    assert "none" in byline("add", tmp_path / "none", code=2)
    assert Archive.open(index).info() == before
