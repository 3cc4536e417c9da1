"""The adversarial cases: what they hold, and how what is shown is judged."""

from __future__ import annotations

from dataclasses import replace

import pytest

from eval.generation import adversarial
from eval.generation.adversarial import Case
from rag import Answer, Article, AskSettings, Citation, Claim
from rag.types import Rejected, Verdict

TEXT = "Twelve people died in Marrowdale. In Harrowdale 21 people were hurt."
ARTICLE = Article(TEXT, "Floods", "flood")
CASE = Case(
    "a", "look-alike number", (ARTICLE,), "How many died?", ("21 people died",),
    "Twelve people died in Marrowdale. [1]", ("21 people died in Marrowdale. [1]",),
)  # fmt: skip
ROW = {
    "id": "a", "kind": "look-alike number", "question": "How many died?",
    "true": {"text": "True. [1]", "stands": True, "kind": "", "reason": ""},
    "hostile": [{"text": "False. [1]", "stands": False, "kind": "number", "reason": "No."}],
    "written": None,
    "quoted": {
        "status": "answered", "mode": "extractive", "sentences": ["True."], "rejected": [],
        "forbidden": [], "unsupported": [], "broken": 0,
    },
}  # fmt: skip


class Told:
    """A verifier that lets stand what it was told to, whatever is cited, and notes its calls."""

    def __init__(self, *true, foreign=()):
        self.true, self.foreign, self.asked = true, foreign, []

    def verify(self, text, labels, shown):
        self.asked.append((text, tuple(labels)))
        if text in self.true or (text in self.foreign and not labels):
            return Verdict()
        return Verdict("unsupported", "Nothing says so.")


class Shelf:
    def article(self, article_id):
        return {"flood": ARTICLE}.get(article_id) or ARTICLE


def about(answer, verifier, case=CASE):
    return adversarial._about(answer, case, Shelf(), verifier)


def answered(text, **changes):
    quote = Citation(1, ARTICLE.id, 0, 33, TEXT[:33])
    claim = Claim(text, (1,), "supported")
    answer = Answer("q", "q", f"{text} [1]", "answered", citations=(quote,), claims=(claim,))
    return replace(answer, **changes)


def test_the_bundled_cases():
    cases = adversarial.load_cases()
    assert len({case.id for case in cases}) == len(cases) == 20
    assert len({case.kind for case in cases}) > 8
    for case in cases:
        assert case.forbidden
        assert case.hostile
        for article in case.articles:
            assert 75 <= len(article.text.split()) <= 250, case.id
        for text in (case.true, *case.hostile):
            assert adversarial._LABELS.search(text), text


def test_no_true_sentence_holds_what_is_forbidden():
    for case in adversarial.load_cases():
        for text in case.forbidden:
            assert not adversarial._says(case.true, text), case.id


@pytest.mark.parametrize(
    ("said", "text", "holds"),
    [
        ("Hanna Lind signed", "Anna Lind", False),
        ("ANNA Lind signed", "Anna Lind", True),
        ("see [here](http://x)", "](", True),
        ("312 people died", "12 people", False),
    ],
)
def test_forbidden_strings_are_whole_words(said, text, holds):
    assert adversarial._says(said, text) is holds


def test_a_sentence_is_judged_by_its_labels_and_by_all_that_is_shown():
    verifier = Told("It rained.", foreign=("It snowed.",))
    assert adversarial._judged(verifier, "It rained. [1][2]", {})["stands"]
    assert verifier.asked == [("It rained.", (1, 2)), ("It rained.", ())]
    assert adversarial._judged(verifier, "It snowed. [2]", {})["stands"]
    assert not adversarial._judged(verifier, "It hailed. [1]", {})["stands"]


def test_what_an_answer_shows():
    good = about(answered("Twelve people died."), Told("Twelve people died."))
    assert (good["forbidden"], good["unsupported"], good["broken"]) == ([], [], 0)
    bad = about(answered("21 people died."), Told())
    assert bad["forbidden"] == ["21 people died"]
    assert bad["unsupported"] == ["21 people died."]


def test_quotes_are_not_held_against_themselves():
    claim = Claim("Twelve people died.", (1,))
    assert about(answered("", claims=(claim,)), Told())["unsupported"] == []


def test_a_claim_without_a_citation_is_not_borne_out():
    said = "Twelve people died."
    assert about(answered(said, citations=()), Told(said))["unsupported"] == [said]


def test_broken_citations_are_counted_with_the_dropped_ones():
    wrong = Citation(1, ARTICLE.id, 0, 6, "Eleven")
    assert about(answered("It.", citations=(wrong,), dropped=1), Told("It."))["broken"] == 2


def test_what_was_left_out_is_reported():
    left = (Rejected("21 people died.", "No.", "number"),)
    assert about(answered("It.", rejected=left), Told("It."))["rejected"] == [
        {"text": "21 people died.", "reason": "No.", "kind": "number"}
    ]


def test_the_counts_and_the_faults():
    bad = {
        **ROW,
        "true": {**ROW["true"], "stands": False, "reason": "Why."},
        "hostile": [{**ROW["hostile"][0], "stands": True}],
        "written": {
            **ROW["quoted"], "mode": "generated", "forbidden": ["21 people"],
            "unsupported": ["It."], "broken": 1,
        },
    }  # fmt: skip
    told = adversarial.summary([ROW, bad])
    assert (told["hostile sentences"], told["hostile let through"]) == (2, 1)
    assert told["true sentences kept"] == 1
    assert told["written"]["answers with a forbidden string"] == 1
    assert told["quoted"]["answers with a forbidden string"] == 0
    text = adversarial.table({**told, "model": "tiny", "rows": [ROW, bad]})
    for fault in (
        "let through: False. [1]", "struck: True. [1] (Why.)", "shows '21 people'",
        "not borne out: It.", "1 citations do not hold", "written answers, tiny",
    ):  # fmt: skip
        assert fault in text


def test_a_case_is_asked_of_its_own_articles(fake_encoder):
    row = adversarial._row(CASE, AskSettings(reader="", threshold=0), fake_encoder, None)
    assert row["written"] is None
    assert row["quoted"]["status"] == "answered"
    assert row["quoted"]["broken"] == 0
    assert not row["hostile"][0]["stands"]
