"""Sentences to an answer: which are chosen, how they are labelled, and what is dropped."""

from __future__ import annotations

import datetime
import itertools
from dataclasses import replace

import pytest
from fakes import FakeIndex
from hypothesis import given
from hypothesis import strategies as st

from rag.answer.candidates import Sentence
from rag.answer.compose import Evidence, compose
from rag.answer.metadata import field_answer
from rag.answer.statements import Meanings
from rag.citation import is_verbatim
from rag.question.metadata import Field
from rag.question.rewrite import understand
from rag.settings import AskSettings
from rag.types import Article, Hit, Passage, Question

FIRST = Article("Police held 312 people in Kratie. Another 27 were held in Pursat.", id="first")
SECOND = Article("The show airs in Japan. Amnesty named fifty compounds.", id="second")
ARTICLES = {article.id: article for article in (FIRST, SECOND)}


def sentence(article, words, probability=0.9, mark="", parts=()):
    start = article.text.index(words)
    at = words.index(mark)
    marks = ((at, at + len(mark)),) if mark else ()
    return Sentence(article.id, start, start + len(words), words, probability, marks, parts)


KRATIE = sentence(FIRST, "Police held 312 people in Kratie.", 0.90)
PURSAT = sentence(FIRST, "Another 27 were held in Pursat.", 0.89)
JAPAN = sentence(SECOND, "The show airs in Japan.", 0.88)
AMNESTY = sentence(SECOND, "Amnesty named fifty compounds.", 0.87)


def answer(
    *sentences, asked="Who?", articles=ARTICLES, confidence=0.9, report=str, told="", **settings
):
    """What is answered to the sentences; `report` gives the report that an article copies."""
    question = replace(understand(asked), told=told)
    evidence = Evidence(sentences, confidence)
    index = FakeIndex(articles.values(), report)
    return compose(asked, question, (), evidence, index, AskSettings(**settings), Meanings())


def quotes(found):
    return [citation.quote for citation in found.citations]


def test_sentences_and_their_labels_come_best_first():
    found = answer(PURSAT, JAPAN, KRATIE)
    assert found.text == f"{PURSAT.text} [1] {JAPAN.text} [2] {KRATIE.text} [3]"
    assert [(c.quote, c.label) for c in found.citations] == [
        (PURSAT.text, 1), (JAPAN.text, 2), (KRATIE.text, 3),
    ]  # fmt: skip
    assert [(claim.text, claim.labels) for claim in found.claims] == [
        (PURSAT.text, (1,)), (JAPAN.text, (2,)), (KRATIE.text, (3,)),
    ]  # fmt: skip


def test_every_citation_holds():
    found = answer(KRATIE, PURSAT, JAPAN)
    assert all(is_verbatim(c, ARTICLES[c.article_id]) for c in found.citations)
    assert found.dropped == 0


@pytest.mark.parametrize("most", [1, 2, 3])
def test_no_more_sentences_than_wanted(most):
    found = answer(KRATIE, PURSAT, JAPAN, AMNESTY, max_sentences=most)
    assert len(found.citations) <= most
    assert found.citations[0].quote == KRATIE.text


def test_a_report_and_its_copy_are_said_once():
    copy = Article(FIRST.text, id="copy")
    articles = {**ARTICLES, "copy": copy}
    found = answer(KRATIE, sentence(copy, KRATIE.text, 0.9), articles=articles)
    assert quotes(found) == [KRATIE.text]
    assert found.citations[0].article_id == "first"


@pytest.mark.parametrize("best", [0.3, 0.9])
@pytest.mark.parametrize(("probability", "joins"), [(0.09, False), (0.19, False), (0.21, True)])
def test_another_sentence_joins_if_it_is_probable_itself(best, probability, joins):
    """However probable the best one is, which always answers."""
    found = answer(replace(KRATIE, probability=best), replace(JAPAN, probability=probability))
    assert quotes(found) == [KRATIE.text, *[JAPAN.text] * joins]


@pytest.mark.parametrize(("probability", "marked"), [(0.79, []), (0.81, ["312"])])
def test_words_are_marked_that_are_probably_right(probability, marked):
    sure = sentence(FIRST, KRATIE.text, mark="312")
    (claim,) = answer(replace(sure, mark_probability=probability), asked="How many came?").claims
    assert [claim.text[a:b] for a, b in claim.marks] == marked


@pytest.mark.parametrize(
    ("text", "mark", "marked"),
    [
        ("Nearly 70 boats sank at Kep.", "70", ["Nearly 70"]),
        ("The port denied that 70 boats sank at Kep.", "70", []),
        ("Some 70 boats or more may sink at Kep.", "70", []),
    ],
)
def test_words_are_marked_with_what_limits_them_and_not_where_it_takes_them_back(
    text, mark, marked
):
    port = Article(text, id="port")
    sure = replace(sentence(port, text, mark=mark), mark_probability=1.0)
    (claim,) = answer(sure, asked="How many boats sank?", articles={"port": port}).claims
    assert [claim.text[a:b] for a, b in claim.marks] == marked


@pytest.mark.parametrize(
    ("text", "strength"),
    [
        ("In 2022 the prize went to Lena Moor.", "weak"),
        ("In 2023, as in 2022, the prize went to Lena Moor.", "strong"),
        ("The prize went to Lena Moor, who is paid $2022.", "strong"),
    ],
)
def test_a_sentence_on_another_year_than_the_question_is_doubtful(text, strength):
    prize = Article(text, id="prize")
    found = answer(sentence(prize, text), asked="Who won in 2023?", articles={"prize": prize})
    assert found.strength == strength


@pytest.mark.parametrize(
    ("text", "mark", "days", "asked", "strength"),
    [
        ("For now the Lumo app is free.", "free", 1, "How much does Lumo cost?", "weak"),
        ("The Lumo app costs $5 per year.", "$5", 1, "How much does Lumo cost?", "weak"),
        ("The Lumo app costs $2 per year.", "$2", 1, "How much does Lumo cost?", "strong"),
        ("The Lumo app costs $5 per year.", "$5", -1, "How much does Lumo cost?", "strong"),
        ("The Lumo app costs $5 per year.", "$5", 0, "How much does Lumo cost?", "strong"),
        ("The Kep app costs $5 per year.", "$5", 1, "How much does Lumo cost?", "strong"),
        ("For now the Lumo app is free.", "free", 1, "Who made Lumo?", "strong"),
        ("The Lumo app costs $5 per year.", "$5", 1, "How much does it cost?", "strong"),
    ],
)  # fmt: skip
def test_a_figure_that_a_newer_article_may_take_back_is_doubtful_and_that_is_quoted(
    text, mark, days, asked, strength
):
    day = datetime.date(2024, 5, 2)
    old = Article("Lumo costs $2.", published=day, id="old")
    new = Article(text, published=day + datetime.timedelta(days), id="new")
    sentences = sentence(old, old.text, 0.9, "$2"), sentence(new, text, 0.1, mark)
    found = answer(*sentences, asked=asked, articles={"old": old, "new": new})
    assert found.strength == strength
    assert quotes(found) == [old.text, *[text] * (strength == "weak")]
    assert [n.key for n in found.notes] == ["newer_figure"] * (strength == "weak")


@pytest.mark.parametrize("asked", ["Who was held?", "What happened?", "Why?"])
def test_words_of_another_kind_than_is_asked_for_are_not_marked(asked):
    (claim,) = answer(sentence(FIRST, KRATIE.text, mark="312"), asked=asked).claims
    assert claim.marks == ()


def test_a_citation_that_does_not_hold_is_dropped_and_counted():
    beyond = Sentence("second", 10_000, 10_009, "invented.", 0.9)
    found = answer(beyond, KRATIE)
    assert quotes(found) == [KRATIE.text]
    assert found.dropped == 1
    assert found.citations[0].label == 1


def test_an_answer_whose_citations_all_fail_is_none():
    found = answer(Sentence("first", 7, 7, "", 0.99))
    assert (found.status, found.text, found.citations) == ("unanswered", "", ())
    assert found.dropped == 1


@pytest.mark.parametrize(
    ("probability", "threshold", "status"),
    [
        (0.0, 0.0, "answered"),
        (0.5, 0.5, "answered"),
        (0.49, 0.5, "unanswered"),
        (0.99, 1.0, "unanswered"),
        (1.0, 1.0, "answered"),
    ],
)
def test_the_threshold_decides(probability, threshold, status):
    found = answer(KRATIE, confidence=probability, threshold=threshold)
    assert found.status == status
    assert found.confidence == probability
    assert bool(found.text) == bool(found.citations) == bool(found.claims) == (status == "answered")


def test_no_sentence_is_no_answer():
    found = answer(confidence=0.0, threshold=0)
    assert (found.status, found.confidence, found.text) == ("unanswered", 0.0, "")
    assert found.independent == 0


_sentences = st.lists(
    st.tuples(st.sampled_from([KRATIE, PURSAT, JAPAN, AMNESTY]), st.floats(0, 1)),
    unique_by=lambda pair: pair[0].text,
)


@given(_sentences, st.floats(0, 1), st.floats(0, 1), st.integers(1, 3))
def test_whatever_the_probabilities(pairs, confidence, threshold, most):
    ranked = sorted(pairs, key=lambda pair: -pair[1])
    sentences = [sentence(ARTICLES[s.article_id], s.text, p) for s, p in ranked]
    found = answer(*sentences, confidence=confidence, threshold=threshold, max_sentences=most)
    assert len(found.citations) <= most
    assert len(set(quotes(found))) == len(found.citations)
    assert sorted(c.label for c in found.citations) == list(range(1, len(found.citations) + 1))
    assert all(is_verbatim(c, ARTICLES[c.article_id]) for c in found.citations)
    assert found.confidence == confidence
    assert (found.status == "answered") == bool(sentences and confidence >= threshold)
    if found.citations:
        assert found.citations[0].quote == sentences[0].text
    positions = [found.text.index(f"[{label + 1}]") for label in range(len(found.citations))]
    assert positions == sorted(positions)


def test_who_somebody_is_is_told_by_a_quote_that_names_them():
    article = Article("Finally, Ann Lee. Sok Dara founded it. He led it for a year.", id="a")
    read = [
        sentence(article, words, p)
        for words, p in (
            ("Finally, Ann Lee.", 0.9), ("Sok Dara founded it.", 0.7),
            ("He led it for a year.", 0.6),
        )
    ]  # fmt: skip
    found = answer(*read, asked="Who is Sok Dara?", articles={"a": article})
    assert "Ann Lee" not in found.text
    assert quotes(found)[0].startswith("Sok Dara founded it.")
    assert found.confidence == 0.7
    assert answer(*read[:1], asked="Who is Sok Dara?", articles={"a": article}).citations == ()


# Parts


def test_each_part_gets_the_sentence_that_serves_it_best():
    found = answer(
        replace(KRATIE, parts=(3.0, -6.0)),
        replace(PURSAT, parts=(2.9, -5.0)),
        replace(JAPAN, probability=0.2, parts=(-6.0, -1.0)),
        replace(AMNESTY, probability=0.1, parts=(-5.0, -2.0)),
    )
    assert quotes(found) == [KRATIE.text, JAPAN.text]


def test_a_sentence_that_serves_two_parts_is_said_once():
    both, other = replace(KRATIE, parts=(3.0, 1.0)), replace(JAPAN, parts=(2.0, 0.0))
    assert quotes(answer(both, other)) == [KRATIE.text]


@pytest.mark.parametrize(("probability", "answers"), [(0.08, False), (0.1, True)])
def test_a_part_whose_best_sentence_is_far_less_probable_has_none(probability, answers):
    other = replace(JAPAN, probability=probability, parts=(-4.0, -1.0))
    found = answer(replace(KRATIE, parts=(3.0, -5.0)), other)
    assert quotes(found) == [KRATIE.text, *[JAPAN.text] * answers]


def test_the_parts_are_answered_best_first():
    found = answer(replace(PURSAT, parts=(-1.0, 3.0)), replace(JAPAN, parts=(2.0, -1.0)))
    assert [(c.quote, c.label) for c in found.citations] == [(PURSAT.text, 1), (JAPAN.text, 2)]


# Neighbours

STORY = Article(
    "Khieu Sopheak spoke on Monday. He praised the raid in Poipet. He left for Kampot. Rain fell.",
    id="story",
)


def of_story(words, **fields):
    return sentence(STORY, words, **fields)


def told_by_story(*sentences, **given):
    return answer(*sentences, articles={"story": STORY}, **given)


def test_a_sentence_brings_the_one_that_says_who_is_meant():
    found = told_by_story(of_story("He praised the raid in Poipet.", mark="Poipet"))
    assert quotes(found) == ["Khieu Sopheak spoke on Monday. He praised the raid in Poipet."]
    (claim,) = found.claims
    assert [claim.text[a:b] for a, b in claim.marks] == ["Poipet"]


def test_quotes_that_meet_are_one_with_the_marks_of_both():
    found = told_by_story(
        of_story("He left for Kampot.", mark="Kampot"),
        of_story("He praised the raid in Poipet.", mark="Poipet"),
    )
    (quote,) = quotes(found)
    assert quote == STORY.text.removesuffix(" Rain fell.")
    assert [quote[a:b] for a, b in found.claims[0].marks] == ["Poipet", "Kampot"]
    assert found.text == f"{quote} [1]"


def test_quotes_that_meet_take_the_place_of_the_best_of_them():
    articles = {**ARTICLES, "story": STORY}
    found = answer(
        of_story("He left for Kampot.", probability=0.9),
        JAPAN,
        of_story("He praised the raid in Poipet.", probability=0.8),
        articles=articles,
    )
    joined = STORY.text.removesuffix(" Rain fell.")
    assert [(c.quote, c.label) for c in found.citations] == [(joined, 1), (JAPAN.text, 2)]


def test_quotes_side_by_side_stay_two():
    found = answer(KRATIE, PURSAT)
    assert quotes(found) == [KRATIE.text, PURSAT.text]


def test_three_quotes_of_which_the_last_joins_the_others():
    article = Article("Sok came. He saw Poipet. They met Hun Manet. That was all he said.", id="a")
    found = answer(
        sentence(article, "Sok came.", mark="Sok"),
        sentence(article, "That was all he said.", mark="said"),
        sentence(article, "They met Hun Manet.", mark="Hun Manet"),
        articles={"a": article},
    )
    spans = sorted((c.start, c.end) for c in found.citations)
    assert all(one[1] <= other[0] for one, other in itertools.pairwise(spans))
    marked = [claim.text[a:b] for claim in found.claims for a, b in claim.marks]
    assert sorted(marked) == ["Hun Manet", "Sok"]  # "said" is no name.


def test_passages_come_in_the_order_of_what_was_read_in_them():
    hits = [Hit(Passage(a.id, 0, len(a.text), a.text), 1.0, 1.0, 1.0) for a in (FIRST, SECOND)]
    question, evidence = understand("Who?"), Evidence((JAPAN, KRATIE), 0.9)
    index = FakeIndex(ARTICLES.values())
    found = compose("Who?", question, hits, evidence, index, AskSettings(), Meanings())
    assert [hit.passage.article_id for hit in found.hits] == ["second", "first"]


# What the conversation told already


def test_what_was_told_is_not_told_again():
    found = answer(KRATIE, JAPAN, told=f"{KRATIE.text} [1] {PURSAT.text} [2]")
    assert quotes(found) == [JAPAN.text]


def test_when_all_was_told_nothing_is_left_to_tell():
    found = answer(KRATIE, told=f"{KRATIE.text} [1]")
    assert (found.status, found.claims, found.independent) == ("unanswered", (), 0)


# Accounts that differ

FLOOD = "How many people were killed in the Battambang flood?"
SAYS = (
    Article("The Battambang flood killed 12 people, police said.", id="one"),
    Article("The Battambang flood killed 40 people, doctors said.", id="other"),
    Article("The Battambang flood killed 12 people, villagers said.", id="third"),
)


def killed(*articles, asked=FLOOD, **given):
    read = [
        sentence(a, a.text, 0.9 - 0.01 * n, mark=a.text.split()[4]) for n, a in enumerate(articles)
    ]
    return answer(*read, asked=asked, articles={a.id: a for a in SAYS}, **given)


def accounts(found):
    by_label = {citation.label: citation.quote for citation in found.citations}
    return [
        [(by_label[a.label][slice(*a.span)], a.speaker) for a in difference.accounts]
        for difference in found.differences
    ]


def test_accounts_that_differ_are_told_with_their_words_and_speakers():
    found = killed(*SAYS[:2])
    assert accounts(found) == [[("12", "police"), ("40", "doctors")]]


def test_a_doubtful_account_that_differs_is_quoted_too():
    other = sentence(SAYS[1], SAYS[1].text, 0.1, mark="40")
    found = answer(
        sentence(SAYS[0], SAYS[0].text, mark="12"), other,
        asked=FLOOD, articles={a.id: a for a in SAYS}, max_sentences=1,
    )  # fmt: skip
    assert len(found.citations) == 2
    assert len(found.differences[0].accounts) == 2


def test_an_account_that_is_not_quoted_leaves_no_difference():
    """Its citation does not hold, so one account is left, which differs from nothing."""
    moved = replace(sentence(SAYS[1], SAYS[1].text, 0.8, mark="40"), end=10_000)
    found = answer(
        sentence(SAYS[0], SAYS[0].text, mark="12"), moved,
        asked=FLOOD, articles={a.id: a for a in SAYS},
    )  # fmt: skip
    assert found.dropped == 1
    assert found.differences == ()


@pytest.mark.parametrize("one", SAYS, ids=lambda article: article.id)
@pytest.mark.parametrize("other", SAYS, ids=lambda article: article.id)
def test_a_difference_has_two_accounts_or_more_inside_their_quotes(one, other):
    found = killed(*{one.id: one, other.id: other}.values())
    for difference in found.differences:
        assert len(difference.accounts) >= 2
        for account in difference.accounts:
            (citation,) = [c for c in found.citations if c.label == account.label]
            assert 0 <= account.span[0] < account.span[1] <= len(citation.quote)
    assert bool(found.differences) == ("40" in (one.text + other.text) and one != other)


def test_an_unanswered_question_has_no_differences():
    assert killed(*SAYS[:2], confidence=0.1).differences == ()


def test_of_the_accounts_the_newest_comes_first_and_of_the_quotes_the_best():
    days = [datetime.date(2023, 5, 14), datetime.date(2023, 5, 16)]
    early, late = (replace(a, published=day) for a, day in zip(SAYS, days, strict=False))
    read = [sentence(a, a.text, p, a.text.split()[4]) for a, p in ((early, 0.9), (late, 0.8))]
    found = answer(*read, asked=FLOOD, articles={a.id: a for a in (early, late)})
    assert quotes(found) == [early.text, late.text]
    assert accounts(found) == [[("40", "doctors"), ("12", "police")]]
    assert [a.recency for a in found.differences[0].accounts] == ["newest", "earlier"]


@pytest.mark.parametrize("day", [None, datetime.date(2023, 5, 14)], ids=["unknown", "the same"])
def test_without_two_days_no_account_is_newer(day):
    dated = [
        replace(SAYS[0], published=datetime.date(2023, 5, 14)),
        replace(SAYS[1], published=day),
    ]
    read = [sentence(a, a.text, 0.9, a.text.split()[4]) for a in dated]
    found = answer(*read, asked=FLOOD, articles={a.id: a for a in dated})
    assert [a.recency for a in found.differences[0].accounts] == ["", ""]


# Reports that stand behind an answer


@pytest.mark.parametrize(
    ("copies", "independent"),
    [({}, 2), ({"third": "one"}, 1), ({"one": "third"}, 1)],
    ids=["two reports", "a copy", "the original is not quoted"],
)
def test_copies_of_one_report_count_once(copies, independent):
    found = killed(SAYS[0], SAYS[2], report=lambda article_id: copies.get(article_id, article_id))
    assert found.independent == independent


def test_an_article_that_says_the_same_stands_behind_an_answer_that_does_not_quote_it():
    found = killed(SAYS[0], SAYS[2], max_sentences=1)
    assert len(found.citations) == 1
    assert found.independent == 2


def test_an_article_that_says_something_else_does_not():
    assert answer(KRATIE, replace(JAPAN, probability=0.3)).independent == 1


def test_a_doubtful_sentence_does_not():
    far = sentence(SAYS[2], SAYS[2].text, 0.1, mark="12")
    found = answer(
        sentence(SAYS[0], SAYS[0].text, mark="12"), far,
        asked=FLOOD, articles={a.id: a for a in SAYS},
    )  # fmt: skip
    assert found.independent == 1


# What an article's fields say

LEAK = Article(
    "The leaks came out. Then more.",
    title="The leaks of Kratie",
    id="leak",
    source="The Post",
    author="Sok Hour",
    published=datetime.date(2023, 10, 4),
)


def says(name, *articles, report=str):
    by_id = {article.id: article for article in articles}
    hits = [Hit(Passage(a.id, 0, len(a.text), a.text), 1.0, 1.0, 1.0) for a in articles]
    fields = field_answer(Field(name, "leaks Kratie"), hits, by_id.__getitem__)
    evidence = Evidence(fields=fields)
    question = Question("Who wrote it?")
    return compose(
        "  Who   wrote it? ",
        question,
        hits,
        evidence,
        FakeIndex(articles, report),
        AskSettings(),
        Meanings(),
    )


@pytest.mark.parametrize(
    ("name", "field"),
    [
        ("author", "Sok Hour"),
        ("published", "4 October 2023"),
        ("source", "The Post"),
        ("title", "The leaks of Kratie"),
    ],
)
def test_a_field_that_is_known_is_stated_and_cites_the_articles_opening(name, field):
    found = says(name, LEAK)
    assert (found.status, found.confidence, found.notes) == ("answered", 1.0, ())
    assert found.question == "Who wrote it?"
    (claim,) = found.claims
    assert (claim.verdict, claim.labels) == ("field", (1,))
    assert field in [claim.text[a:b] for a, b in claim.marks]
    assert found.text == f"{claim.text} [1]"
    assert quotes(found) == ["The leaks came out."]
    assert all(is_verbatim(citation, LEAK) for citation in found.citations)
    assert found.independent == 1


def test_a_field_that_is_not_known_is_said_to_be_so():
    found = says("author", replace(LEAK, author=""))
    assert (found.status, found.text, found.citations, found.claims) == ("unanswered", "", (), ())
    assert found.notes == ("The archive does not say who wrote “The leaks of Kratie”.",)
    assert (found.confidence, found.independent) == (0.0, 0)
    assert found.hits


def test_of_two_articles_one_may_be_known():
    found = says("author", replace(LEAK, id="other", author=""), LEAK)
    assert found.status == "answered"
    assert [citation.article_id for citation in found.citations] == ["leak"]
    assert len(found.notes) == 1


def test_a_field_that_copies_of_one_report_give_counts_once():
    copy = replace(LEAK, id="copy", source="The Herald")
    assert says("author", LEAK, copy).independent == 2
    assert says("author", LEAK, copy, report=lambda _: "leak").independent == 1
