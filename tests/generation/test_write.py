"""What a model writes is verified sentence by sentence; what is not supported never gets in."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from fakes import FakeModel

from rag import Answer, Article, AskSettings, Hit, Passage
from rag.citation import cite, is_verbatim
from rag.errors import ModelError
from rag.generation.write import written
from rag.text.sentences import sentence_spans
from rag.types import Account, Claim, Difference, Verdict

NONE = "Not in the sources."


# Sentences to answers

TRAINS = Article(
    "Trains run again in Kent. The line was closed for six days.\n\nRain fell on Monday.",
    title="Trains",
    id="trains",
)
FLOOD = Article(
    "The flood killed 12 people. Doctors spoke of 40 dead. Rescuers in boats reached 70 houses.",
    title="Flood",
    id="flood",
)
OTHER = Article("A bridge opened in Siem Reap. It cost $9.", title="Bridge", id="bridge")
ARTICLES = {article.id: article for article in (TRAINS, FLOOD, OTHER)}
RUN, CLOSED = "Trains run again in Kent.", "The line was closed for six days."
KILLED, REACHED = "The flood killed 12 people.", "Rescuers in boats reached 70 houses."


def hit(article):
    return Hit(Passage(article.id, 0, len(article.text), article.text), 1.0, 0.5, 2.0)


def quote(article, text, label):
    start = article.text.index(text)
    return cite(article, (start, start + len(text)), label)


QUOTED = Answer(
    "Do trains run?",
    "Do trains run in Kent?",
    f"{RUN} [1]",
    "answered",
    citations=(quote(TRAINS, RUN, 1),),
    hits=(hit(TRAINS), hit(FLOOD), hit(OTHER)),
    claims=(Claim(RUN, (1,)),),
    confidence=0.9,
    notes=("A note.",),
    independent=1,
)
WEAK = replace(QUOTED, confidence=0.3)


def verbatim(text, labels, shown):
    """A verifier: what a passage says word for word stands; under another label it is wrong."""
    if any(label not in shown for label in labels):
        return Verdict("label", "No such passage.")
    for label, one in shown.items():
        for span in sentence_spans(one.article.text):
            if one.article.text[slice(*span)] == text:
                if labels and label not in labels:
                    return Verdict("label", "Another passage says so.")
                return Verdict(quotes=((one.article, span),))
    return Verdict("unsupported", "Nothing says so.")


def write(text="", quoted=QUOTED, stopped=lambda: False, verify=verbatim, model=None, **fields):
    """All answers, the last one too."""
    model = model or FakeModel(text, **fields)
    settings = AskSettings()
    return list(written(quoted, model, verify, ARTICLES.__getitem__, settings, stopped))


def final(*args, **fields):
    return write(*args, **fields)[-1]


def assert_whole(answer):
    """Its parts fit each other, and its quotes their articles."""
    assert [c.label for c in answer.citations] == list(range(1, len(answer.citations) + 1))
    assert all(is_verbatim(c, ARTICLES[c.article_id]) for c in answer.citations)
    labels = {c.label for c in answer.citations}
    assert all(claim.labels and labels.issuperset(claim.labels) for claim in answer.claims)
    assert answer.text == " ".join(
        f"{c.text} {''.join(f'[{n}]' for n in c.labels)}" for c in answer.claims
    )


def test_an_answer_grows_by_one_verified_sentence_at_a_time():
    answers = write(f"{RUN[:-1]} [1]. {CLOSED} [1] {KILLED} [2]")
    assert [[claim.text for claim in answer.claims] for answer in answers] == [
        [RUN],
        [RUN, CLOSED],
        [RUN, CLOSED, KILLED],
    ]
    for answer in answers:
        assert_whole(answer)
        assert (answer.status, answer.mode) == ("answered", "generated")
        assert {claim.verdict for claim in answer.claims} == {"supported"}
        assert (answer.question, answer.understood) == (QUOTED.question, QUOTED.understood)
        assert (answer.hits, answer.confidence) == (QUOTED.hits, QUOTED.confidence)
        assert (answer.notes, answer.independent) == (QUOTED.notes, 0)
        assert answer.rejected == ()
    assert answers[-1].text == f"{RUN} [1] {CLOSED} [2] {KILLED} [3]"


def test_the_model_is_shown_the_quoted_passages_first():
    model = FakeModel(NONE)
    quoted = replace(QUOTED, citations=(quote(FLOOD, KILLED, 1),))
    settings = AskSettings(prompt_passages=2)
    list(written(quoted, model, verbatim, ARTICLES.__getitem__, settings, lambda: False))
    (prompt,), (grammar,) = model.prompts, model.grammars
    assert prompt.index("[1] (Flood)") < prompt.index("[2] (Trains)")
    assert "Bridge" not in prompt
    assert prompt.endswith(f"Question: {QUOTED.understood}\nAnswer:")
    assert '"[2]"' in grammar
    assert '"[3]"' not in grammar


def test_a_sentence_that_is_not_supported_is_listed_and_not_shown():
    answers = write(f"{RUN} [1] The moon is blue [2]. {KILLED} [2]")
    assert [len(answer.claims) for answer in answers] == [1, 2]
    last = answers[-1]
    assert_whole(last)
    assert "moon" not in last.text
    assert [(r.text, r.kind, r.reason) for r in last.rejected] == [
        ("The moon is blue.", "unsupported", "Nothing says so.")
    ]


@pytest.mark.parametrize("label", ["[2]", "[9]", "[2][9]", "[3]"])
def test_a_wrong_label_is_put_right(label):
    """The link is never the model's."""
    last = final(f"{RUN} {label}")
    assert_whole(last)
    assert [(c.article_id, c.quote) for c in last.citations] == [("trains", RUN)]
    assert last.rejected == ()


def test_a_sentence_without_labels_gets_those_of_its_quotes():
    last = final(f"{RUN} {KILLED}")
    assert_whole(last)
    assert [c.quote for c in last.citations] == [RUN, KILLED]


def test_a_wrong_label_under_what_nobody_says_is_a_wrong_label():
    (rejected,) = final("The moon is blue [9].").rejected
    assert rejected.kind == "label"


def test_the_same_quote_has_one_label():
    def verify(text, labels, shown):
        return Verdict(quotes=((TRAINS, (0, 25)), (FLOOD, (0, 27)))[: 1 + ("both" in text)])

    last = final("Trains run [1]. Now both floods ended [2]. Buses returned [1].", verify=verify)
    assert_whole(last)
    assert [claim.labels for claim in last.claims] == [(1,), (1, 2), (1,)]
    assert len(last.citations) == 2


def test_a_sentence_that_is_written_again_is_dropped():
    last = final(f"{RUN} [1] {RUN} [2] The moon is blue [1]. The moon is blue [2]. {RUN} [1]")
    assert [claim.text for claim in last.claims] == [RUN]
    assert [rejected.text for rejected in last.rejected] == ["The moon is blue."]


def test_a_sentence_that_says_the_same_in_other_words_is_dropped():
    last = final(f"{RUN} [1] Again trains run in Kent [1]. {KILLED} [2]")
    assert [claim.text for claim in last.claims] == [RUN, KILLED]
    assert last.rejected == ()


def test_a_sentence_that_is_put_right_is_no_repetition():
    last = final(f"{REACHED.replace('70', '71')} [2] {REACHED} [2]")
    assert [claim.text for claim in last.claims] == [REACHED]


def test_a_sentence_that_refers_to_one_that_was_left_out_goes_with_it():
    bridge = OTHER.text.split(". ")[1]
    assert final(f"A bridge fell down [1]. {bridge} [3]").mode == "extractive"


def test_a_sentence_that_refers_to_another_story_is_left_out():
    bridge = OTHER.text.split(". ")[1]
    last = final(f"{RUN} [1] {bridge} [3]")
    assert [claim.text for claim in last.claims] == [RUN]
    assert [one.kind for one in last.rejected] == ["name"]


def test_sentences_that_are_supported_but_do_not_give_what_was_asked_leave_the_quotes():
    asked = "How many people did the flood kill?"
    quoted = replace(QUOTED, understood=asked, citations=(quote(FLOOD, KILLED, 1),))
    answers = write(f"{RUN} [1] {CLOSED.replace('six days', 'now')} [1]", quoted=quoted)
    last = answers[-1]
    assert (last.mode, last.citations) == ("extractive", quoted.citations)
    assert "does not answer" in last.notes[-1]
    assert last.rejected[0].text == RUN
    assert final(f"{RUN} [1] {KILLED} [2]", quoted=quoted).mode == "generated"


def test_a_last_sentence_that_was_cut_off_is_not_verified():
    last = final(f"{RUN} [1] The line was closed for")
    assert [claim.text for claim in last.claims] == [RUN]
    assert last.rejected == ()


# Nothing to show


def assert_quotes(answer, *rejected):
    """The quotes took over, and say why."""
    assert replace(answer, notes=QUOTED.notes, rejected=()) == QUOTED
    assert len(answer.notes) == len(QUOTED.notes) + 1
    assert [one.text for one in answer.rejected] == list(rejected)
    return answer.notes[-1]


@pytest.mark.parametrize(
    ("text", "rejected"),
    [("The moon is blue [1].", ["The moon is blue."]), ("", []), ("…", []), ("Trains ru", [])],
    ids=["not borne out", "nothing", "no words", "cut off"],
)
def test_the_quotes_take_over_where_nothing_is_supported(text, rejected):
    (answer,) = write(text)
    assert "nothing that the sources bear out" in assert_quotes(answer, *rejected)


@pytest.mark.parametrize(
    "text",
    [
        NONE,
        pytest.param("Not in the sources"),
        f"{NONE} {NONE}",
        "The passages do not say who paid for it.",
        "This is not mentioned in any of the articles [1].",
        "The context doesn't say.",
    ],
)
def test_a_model_that_declines_leaves_the_quotes(text):
    (answer,) = write(text)
    assert "found no answer" in assert_quotes(answer)


@pytest.mark.parametrize("text", [NONE, f"The moon is blue [1]. {NONE}"])
def test_weak_quotes_and_a_model_that_declines_are_no_answer(text):
    (answer,) = write(text, quoted=WEAK)
    assert (answer.status, answer.mode, answer.text) == ("unanswered", "extractive", "")
    assert (answer.citations, answer.claims, answer.differences) == ((), (), ())
    assert answer.independent == 0
    assert answer.hits == QUOTED.hits
    assert "certain" in answer.notes[-1]
    assert len(answer.rejected) == ("moon" in text)


def test_weak_quotes_stay_where_the_model_only_wrote_what_is_not_supported():
    (answer,) = write("The moon is blue [1].", quoted=WEAK)
    assert (answer.status, answer.text) == ("answered", WEAK.text)


@pytest.mark.parametrize("text", [f"{NONE} {RUN} [1]", f"{RUN} [1] {NONE}"])
@pytest.mark.parametrize("quoted", [QUOTED, WEAK], ids=["sure", "weak"])
def test_what_is_supported_is_shown_though_the_model_declines_beside_it(text, quoted):
    last = final(text, quoted=quoted)
    assert [claim.text for claim in last.claims] == [RUN]
    assert (last.mode, last.notes, last.rejected) == ("generated", QUOTED.notes, ())


# Cut short


@pytest.mark.parametrize("words", range(19))
def test_a_reader_who_stops_keeps_what_was_verified(words):
    """The last sentence may be cut off, so it is not judged."""
    read = []

    def pieces():
        for word in re.findall(r"\s*\S+", f"{RUN} [1] {KILLED} [2] The moon is blue [1]."):
            read.append(word)
            yield word

    last = final(pieces=pieces(), stopped=lambda: len(read) > words)
    shown = [claim.text for claim in last.claims] if last.mode == "generated" else []
    assert shown == [RUN, KILLED][: len(shown)]
    assert (words >= 8) + (words >= 14) <= len(shown) <= (words >= 7) + (words >= 13)
    if words < 17:  # The words that there are.
        assert last.notes[-1] == "You stopped the model."
        assert last.rejected == ()
    if not shown:
        assert_quotes(last)


def test_a_model_that_fails_half_way_keeps_what_was_verified():
    last = final(f"{RUN} [1] {KILLED} [2]", fails="The server died. Start it again.")
    assert_whole(last)
    assert [claim.text for claim in last.claims] == [RUN]
    assert last.notes == (*QUOTED.notes, "The server died. Start it again.")


@pytest.mark.parametrize("quoted", [QUOTED, WEAK], ids=["sure", "weak"])
@pytest.mark.parametrize("text", ["", "Trains", f"{NONE} And"])
def test_a_model_that_fails_before_a_sentence_leaves_the_quotes(text, quoted):
    (answer,) = write(text, quoted=quoted, fails="The server died. Start it again.")
    assert replace(answer, notes=quoted.notes) == quoted
    assert answer.notes == (*quoted.notes, "The server died. Start it again.")


class CannotCount(FakeModel):
    def count_tokens(self, text):
        raise ModelError("The server died. Start it again.")


def test_a_model_that_fails_before_it_is_asked_leaves_the_quotes():
    (answer,) = write(model=CannotCount())
    assert assert_quotes(answer) == "The server died. Start it again."


# Accounts that differ


def differing():
    labelled = (quote(FLOOD, KILLED, 1), quote(FLOOD, "Doctors spoke of 40 dead.", 2))
    accounts = (Account(1, (17, 19)), Account(2, (17, 19), "Doctors"))
    return replace(QUOTED, citations=labelled, differences=(Difference(accounts),), independent=0)


@pytest.mark.parametrize(
    "text",
    [f"{KILLED} [1]", f"{RUN} [2] {CLOSED} [2]", f"Doctors spoke of 40 dead [1]. {RUN} [2]"],
    ids=["one is written", "none", "the other"],
)
def test_accounts_that_differ_keep_their_words_under_new_labels(text):
    for answer in write(text, quoted=differing()):
        assert_whole(answer)
        assert answer.mode == "generated"
        (difference,) = answer.differences
        by_label = {citation.label: citation.quote for citation in answer.citations}
        assert [by_label[a.label][slice(*a.span)] for a in difference.accounts] == ["12", "40"]
        assert [a.speaker for a in difference.accounts] == ["", "Doctors"]
        quotes = [citation.quote for citation in answer.citations]
        assert len(set(quotes)) == len(quotes)


@pytest.mark.parametrize("text", ["", NONE])
def test_the_quotes_that_take_over_keep_their_differences(text):
    quoted = differing()
    assert final(text, quoted=quoted).differences == quoted.differences


@pytest.mark.parametrize(
    "text",
    [
        "Sources did not say who was behind the attack.",
        "The law does not apply by the text of its third article.",
        "The article says police closed the line.",
        "None of the trains run.",
    ],
)
def test_news_of_sources_and_articles_is_no_declining(text):
    last = final(f"{text} [1]")
    assert [one.text for one in last.rejected] == [text]


@pytest.mark.parametrize(
    "text",
    [
        "The passages do not mention it",
        "The passage doesn’t say who did it.",
        "The number of victims is not mentioned in the sources.",
        "Sorry, not in the passages.",
        "I don’t know.",
        "None of the passages mention a date.",
    ],
)
def test_a_model_may_decline_in_its_own_words(text):
    last = final(text)
    assert (last.mode, last.rejected) == ("extractive", ())
    assert "found no answer" in last.notes[-1]
