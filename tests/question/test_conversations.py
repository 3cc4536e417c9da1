"""Conversations written by hand: which questions lean on an earlier one, and what answers them.

`conversations.jsonl` has, a line each: `turns`; `leans`, whether the last needs the earlier ones;
`understood`, the last made complete; and `evidence`, as in `eval/gold`, none where the articles do
not answer. Some are asked after an `article` or a `source` was chosen. The articles are the bundled
ones and the invented ones of `conversation-articles.jsonl`. Those that are `dev-` were looked at
while the rules were written; those that are `held-`, once, afterwards.
"""

from __future__ import annotations

import datetime
import json
from pathlib import Path

import pytest

from rag import Archive, Article
from rag.question.rewrite import understand

HERE = Path(__file__).parent
CONVERSATIONS = [json.loads(line) for line in (HERE / "conversations.jsonl").open(encoding="utf-8")]


def understood(conversation):
    *earlier, last = conversation["turns"]
    chosen = "article" in conversation or "source" in conversation  # Keeps no old subject.
    return understand(last, [(turn, "") for turn in earlier if not chosen])


def test_a_question_that_leans_is_not_read_alone_and_no_other_only_with_the_earlier_one():
    readings = [(c, understood(c)) for c in CONVERSATIONS]
    lost = [c["id"] for c, q in readings if c["leans"] and str(q) == c["turns"][-1]]
    forced = [c["id"] for c, q in readings if not c["leans"] and q.context and not q.alone]
    both = [c["id"] for c, q in readings if q.alone]
    assert len(CONVERSATIONS) == 69
    assert lost == []
    assert forced == ["dev-30"]  # "Why do fishermen say that they oppose the bridge?"
    assert len(both) <= 16


@pytest.fixture(scope="module")
def archive(articles, encoder, tmp_path_factory) -> Archive:
    lines = (HERE / "conversation-articles.jsonl").open(encoding="utf-8")
    invented = [
        Article(
            record["text"],
            title=record["title"],
            source=record["source"],
            published=datetime.date.fromisoformat(record["published"])
            if "published" in record
            else None,
        )
        for record in map(json.loads, lines)
    ]
    return Archive.build([*articles, *invented], tmp_path_factory.mktemp("talks"), encoder=encoder)


def right(conversation, answer, titled) -> bool:
    """Whether the best quote overlaps the evidence; without evidence, whether it was declined."""
    if not conversation["evidence"]:
        return answer.status == "unanswered"
    best = answer.citations[:1]
    for fact in conversation["evidence"]:
        article = titled[fact["title"]]
        start = article.text.index(fact["quote"])
        end = start + len(fact["quote"])
        if any(c.article_id == article.id and c.start < end and start < c.end for c in best):
            return True
    return False


def test_read_as_typed_the_answer_is_as_often_right_as_with_the_earlier_question(archive):
    titled = {article.title: article for article in archive.articles()}
    ours = always = 0
    for conversation in CONVERSATIONS:
        question = understood(conversation)
        if question.alone:
            *earlier, last = conversation["turns"]
            ours += right(conversation, archive.ask(last, [(t, "") for t in earlier]), titled)
            joined = archive.ask(f"{last} ({question.context})")
            always += right(conversation, joined, titled)
    assert ours >= always


@pytest.mark.parametrize("text", ["Thanks a lot!", "How are you?", "asdfghjkl", "k"])
def test_what_is_no_question_is_told_so_and_repeats_nothing(archive, text):
    answer = archive.ask(text, [("Who was elected mayor of Lunde?", "Nina Falk was elected [1]")])
    assert (answer.status, answer.understood, answer.hits) == ("unanswered", text, ())
    assert len(answer.notes) == 1
