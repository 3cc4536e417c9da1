"""Pairs of reports, written by hand, that differ, support each other, or speak of two things.

Each line of `accounts/*.jsonl` is a question, one or two articles whose words that answer are in
square brackets, and the verdict: "differ", "support", "agree" (they must not be told to differ, and
may support each other) or "neither". What was changed was chosen on the development half; the other
half was looked at when that was done. `pytest -s` prints what is reached.
"""

from __future__ import annotations

import datetime
import json
import re
from collections import Counter
from pathlib import Path

import pytest
from fakes import FakeIndex

from rag.answer.agreement import supporting_reports
from rag.answer.candidates import Sentence
from rag.answer.conflicts import differing
from rag.answer.statements import Meanings
from rag.citation import cite
from rag.question.rewrite import understand
from rag.text.sentences import sentence_spans
from rag.types import Article

PAIRS = Path(__file__).parent / "accounts"
MARK = re.compile(r"\[([^\]]*)\]")
HALVES = ("development", "held_back")


@pytest.fixture(scope="module")
def meanings(encoder):
    return Meanings(encoder.encode_queries)


def pairs(half):
    return [json.loads(line) for line in (PAIRS / f"{half}.jsonl").read_text("utf-8").splitlines()]


def article_of(report, number):
    """The article without its brackets, and the spans of what was between them."""
    text, spans, end = "", [], 0
    for match in MARK.finditer(report["text"]):
        text += report["text"][end : match.start()]
        spans.append((len(text), len(text) + len(match[1])))
        text, end = text + match[1], match.end()
    published = report.get("published")
    article = Article(
        text + report["text"][end:],
        title=report.get("title", ""),
        id=str(number),
        source=report.get("source", f"Paper {number}"),
        published=datetime.date.fromisoformat(published) if published else None,
    )
    return article, spans


def verdict(pair, meanings, turned=False, marked=True):
    """What is told of a pair, every sentence with a mark being as probable as the others."""
    read = [article_of(report, number) for number, report in enumerate(pair["articles"])]
    copies = any(report.get("copy") for report in pair["articles"])
    index = FakeIndex([article for article, _ in read], lambda one: "0" if copies else one)
    sentences = []
    for article, spans in reversed(read) if turned else read:
        for start, end in sentence_spans(article.text):
            marks = tuple((a - start, b - start) for a, b in spans if start <= a and b <= end)
            if marks:
                text = article.text[start:end]
                sentences.append(
                    Sentence(article.id, start, end, text, 0.9, marks if marked else ())
                )
    question = understand(pair["question"])
    if differing(question, sentences, index.article, meanings):
        return "differ"
    best = sentences[0]
    citation = cite(index.article(best.article_id), (best.start, best.end), 1)
    reports = supporting_reports(question, [citation], [best], sentences, index, meanings)
    return "support" if len(reports) > 1 else "neither"


@pytest.mark.parametrize(
    ("half", "what", "precision", "recall"),
    [
        ("development", "differ", 0.95, 0.60),
        ("development", "support", 0.95, 0.80),
        ("held_back", "differ", 0.90, 0.60),
        ("held_back", "support", 0.90, 0.75),
    ],
)
def test_precision_and_recall(half, what, precision, recall, meanings):
    told = Counter(
        (pair["verdict"], verdict(pair, meanings, turned))
        for pair in pairs(half)
        for turned in (False, True)
    )
    right = told[what, what]
    said = sum(n for (true, found), n in told.items() if found == what and true != "agree")
    said += told["agree", what] if what == "differ" else 0
    wanted = sum(n for (true, _), n in told.items() if true == what)
    print(f"{half}, {what}: precision {right / said:.2f}, recall {right / wanted:.2f}")
    assert right / said >= precision
    assert right / wanted >= recall


def test_enough_pairs_each_way():
    counted = Counter(pair["verdict"] for half in HALVES for pair in pairs(half))
    assert min(counted["differ"], counted["support"], counted["neither"]) >= 60
