"""What a sentence denies, and whether another one says the contrary."""

from __future__ import annotations

import pytest

from rag.generation.negation import contradicts, negation


@pytest.mark.parametrize(
    ("written", "source"),
    [
        pytest.param("The bridge did not fall.", "The bridge fell.", id="not put in"),
        pytest.param("The bridge fell.", "The bridge did not fall.", id="not left out"),
        pytest.param("He can’t leave the country.", "He can leave the country.", id="n't put in"),
        pytest.param("They were told.", "They were never told.", id="never left out"),
        pytest.param("Nobody was hurt.", "Nine people were hurt.", id="nobody put in"),
        pytest.param("The post went up without a permit.", "The post had a permit.", id="without"),
        pytest.param("He refused to sign it.", "He signed it.", id="refused put in"),
        pytest.param("She confirmed the letter.", "She declined to confirm the letter.",
                     id="declined left out"),
        pytest.param("The minister failed to answer.", "The minister answered.", id="failed"),
        pytest.param("Exports rose.", "Exports fell.", id="rose of fell"),
        pytest.param("The court rejected the appeal.", "The court accepted the appeal.",
                     id="rejected of accepted"),
        pytest.param("He won the vote.", "He lost the vote.", id="won of lost"),
        pytest.param("Fewer people came.", "More people came.", id="fewer of more"),
        pytest.param("He was acquitted.", "He was convicted.", id="acquitted"),
        pytest.param("The leaks have been denied.", "The leaks have yet to be denied.",
                     id="yet to be"),
    ],
)  # fmt: skip
def test_a_contradiction(written, source):
    assert contradicts(written, source)


@pytest.mark.parametrize(
    ("written", "source"),
    [
        pytest.param("The bridge fell.", "The bridge fell on Monday.", id="plain"),
        pytest.param("The bridge did not fall.", "The bridge didn’t fall.", id="not and n't"),
        pytest.param("He did not sign.", "He refused to sign.", id="not for refused"),
        pytest.param("He refused to sign.", "He would not sign.", id="refused for not"),
        pytest.param("It is unclear who paid.", "It is not clear who paid.", id="unclear"),
        pytest.param("Nobody has confirmed it.", "It has yet to be confirmed.", id="yet to"),
        pytest.param("Ten men came.", "Not only ten men came, but women too.", id="not only"),
        pytest.param("Ten men came.", "No fewer than ten men came.", id="no fewer than"),
        pytest.param("He lives at No. 10.", "His home is No. 10.", id="No. 10"),
        pytest.param("She denied the charge.", "She denied the charge on Monday.", id="denied"),
        pytest.param("Exports rose.", "Exports rose; imports fell.", id="both opposites there"),
        pytest.param("He signed the letter.",
                     "He signed the letter, but did not read the reply.", id="of another thing"),
        pytest.param("The law prevents protests.", "Protests are not allowed by the law.",
                     id="prevents"),
    ],
)  # fmt: skip
def test_no_contradiction(written, source):
    assert not contradicts(written, source)


@pytest.mark.parametrize(
    "text",
    [
        "The bridge did not fall on Monday.",
        "She declined to confirm it, and nobody else could.",
        "It has yet to be denied.",
        "No.",
        "",
        "🙂",
        "“Never,” he said. “Never!”",
    ],
)
def test_no_text_contradicts_itself(text):
    assert not contradicts(text, text)


@pytest.mark.parametrize(
    ("text", "denied", "asserted"),
    [
        ("The bridge fell.", set(), {"bridg", "fall"}),
        ("The bridge did not fall.", {"fall"}, {"bridg"}),
        ("It was not fully verified.", {"verifi"}, set()),
        ("He refused to sign. Trains run.", {"sign"}, {"train", "run"}),
    ],
)
def test_what_follows_a_negation_is_negated(text, denied, asserted):
    found = negation(text)
    assert denied <= found.negated <= found.in_scope
    assert asserted <= found.asserted
    assert not found.negated & asserted
    assert found.present == bool(denied)


def test_a_negating_verb_that_is_ignored_only_says_what_it_says():
    found = negation("He refused the offer.", frozenset({"refus"}))
    assert not found.present
    assert {"refus", "offer"} <= found.asserted


@pytest.mark.parametrize(
    "text",
    ["Not only men came.", "No fewer than ten came.", "It is No. 5.", "No doubt it fell."],
)
def test_a_not_that_negates_nothing(text):
    assert not negation(text).present


@pytest.mark.parametrize(
    "text", ["He feared the flood.", "It was unclear.", "Few came.", "It lost."]
)
def test_what_comes_near_to_a_negation(text):
    found = negation(text)
    assert found.possible
    assert not found.present
