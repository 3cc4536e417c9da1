"""The searches that a reader is trained on: right where they say so, wrong everywhere else."""

from __future__ import annotations

import itertools
import random
from collections import Counter

import made
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made import TOPICS

from eval.train import examples
from eval.train.examples import (
    Example,
    Passage,
    Searches,
    held_back,
    read_paragraphs,
    read_questions,
)


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    return made.searches(tmp_path_factory.mktemp("data"))


@pytest.fixture(scope="module")
def squad(tmp_path_factory):
    return made.squad(tmp_path_factory.mktemp("squad") / "squad.json")


@pytest.fixture(scope="module")
def known(data, squad):
    return [*read_questions(*data), *read_paragraphs(squad)]


def one(question, *sentences, answers=(), source="squad2", heading="", exact=True, ordered=True):
    """An example whose first sentences hold these words, which answer."""
    found = {}
    for n, words in enumerate(answers):
        at = sentences[n].index(words)
        found[n] = ((at, at + len(words)),)
    return Example(source, heading, question, Passage(heading, sentences, found, exact, ordered))


# What is read


def test_questions_are_read_with_their_passages(data):
    rain, cost, lies, nothing, *_ = read_questions(*data)
    assert (rain.source, rain.topic, rain.question) == ("selqa", "Rain in Kep", "Who saw the rain?")
    assert rain.passage.sentences[1] == "Sok Hour saw it from Kep."
    assert rain.passage.answers == {1: ((0, len("Sok Hour saw it from Kep.")),)}
    assert not rain.passage.exact
    assert rain.passage.ordered
    assert cost.passage.answers == {0: ((8, 20),)}
    assert cost.passage.exact
    assert lies.passage.answers == {1: ((11, 18), (3, 18))}
    assert not lies.passage.ordered
    assert (nothing.passage.answers, nothing.passage.exact) == ({}, False)


def test_a_question_on_an_empty_passage_is_left_out(data):
    assert "Of what?" not in {example.question for example in read_questions(*data)}


def test_paragraphs_are_read_with_the_words_that_answer(squad):
    first, *_, last = read_paragraphs(squad)
    assert (first.topic, first.passage.heading) == ("Kratie", "Kratie")
    assert first.passage.answers == {0: ((12, 22),)}
    assert first.passage.sentences[0][12:22] == "312 people"
    assert first.passage.exact
    assert last.passage.answers == {}


def test_an_answer_that_crosses_a_full_stop_counts_up_to_it(tmp_path):
    asked = {"Kratie": [("What happened?", "on Monday. They came")]}
    path = made.squad(tmp_path / "squad.json", {"Kratie": TOPICS["Kratie"]}, asked)
    (found,) = read_paragraphs(path)
    (((start, end),),) = found.passage.answers.values()
    assert found.passage.sentences[0][start:end] == "on Monday."


def test_the_text_of_a_passage_has_its_spans():
    passage = Passage("", ("One two.", "Three.", "Four."), {0: ((4, 7),), 2: ((0, 4),)})
    text, sentences, spans = passage.text()
    assert text == "One two. Three. Four."
    assert [text[a:b] for a, b in sentences] == ["One two.", "Three.", "Four."]
    assert [text[a:b] for a, b in spans] == ["two", "Four"]


@pytest.mark.parametrize(
    ("topics", "kept"),
    [("", ""), ("a", ""), ("ab", "b"), ("aaabbbccc", "b"), ("abcdefgh", "beh"), ("abab", "b")],
)
def test_every_third_topic_is_held_back(topics, kept):
    assert held_back(list(topics)) == list(kept)


# Searches


def plain(question):
    """The question, however it was typed."""
    return question.lower().rstrip("?").strip()


@settings(max_examples=20)
@given(st.integers(0, 10**6), st.integers(0, 3))
def test_what_a_search_says_is_right_is_and_nothing_else_answers(known, seed, number):
    asked = {plain(e.question): e for e in known}
    drawn = list(Searches(known, seed, 0.7).draw(number, 20))
    assert len(drawn) == 20
    for search in drawn:
        original = asked.get(plain(search.question))
        answered = [p for p in search.passages if p.answers]
        assert 1 <= len(search.passages) <= 1 + examples.FOUND
        assert len({p.sentences for p in search.passages}) == len(search.passages)
        assert len({bool(p.heading) for p in search.passages}) == 1
        if original is None:  # It asks for another figure or name, which nothing answers.
            assert not answered
            continue
        text, _, spans = original.passage.text()
        told = {text[a:b] for a, b in spans}
        for passage in search.passages:
            found, _, right = passage.text()
            mine = set(passage.sentences) <= set(original.passage.sentences)
            assert passage in answered or not any(words in found for words in told)
            assert mine or not passage.answers
            assert {found[a:b] for a, b in right} <= told
        assert len(answered) <= 1


def test_a_search_is_a_function_of_the_seed_and_its_number(known):
    searches = Searches(known, 1, 0.7)
    list(searches.draw(0, 5))
    second = list(searches.draw(1, 5))
    assert second == list(Searches(known, 1, 0.7).draw(1, 5))
    assert second != list(searches.draw(0, 5))
    assert second != list(Searches(known, 2, 0.7).draw(1, 5))


def test_searches_come_in_every_form(known):
    originals = {plain(e.question): e for e in known}
    forms = set()
    for search in Searches(known, 0, 0.7).draw(0, 600):
        original = originals.get(plain(search.question))
        forms.add("headed" if search.passages[0].heading else "bare")
        forms.add("alone" if len(search.passages) == 1 else "beside others")
        if original is None:
            forms.add("altered")
        elif original.passage.answers and not any(p.answers for p in search.passages):
            own = set(original.passage.sentences)
            mine = [p for p in search.passages if own.issuperset(p.sentences)]
            forms.add("without its answer" if mine else "absent")
        if original and original.question != search.question:
            forms.add("typed")
    assert forms == {
        "headed", "bare", "alone", "beside others", "altered", "without its answer", "absent",
        "typed",
    }  # fmt: skip


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_so_many_of_the_examples_have_several_passages(known, share):
    askable = [example for example in known if example.passage.answers]
    drawn = Searches(askable, 0, share).draw(0, 100)
    assert {len(search.passages) > 1 for search in drawn} == {share == 1}


def test_a_passage_that_is_absent_leaves_only_others():
    """As many as there would be with it; the answer is in none of them."""
    towns = [
        one(f"Who leads town {n}?", f"Mayor {n} leads town {n}.", answers=[f"Mayor {n}"])
        for n in range(8)
    ]
    counts = Counter()
    for search in Searches(towns, 0, 0.7).draw(0, 300):
        if len(search.passages) > 1:
            counts[any(p.answers for p in search.passages), len(search.passages)] += 1
    assert set(counts) == {(True, 1 + examples.FOUND), (False, 1 + examples.FOUND)}
    absent = counts[False, 1 + examples.FOUND] / counts.total()
    # And those that lost their answer.
    assert absent == pytest.approx(examples.ABSENT + 0.7 * examples.WITHOUT, abs=0.08)


def others_of(*given):
    """The texts that may stand beside the passage of the first of the examples."""
    searches = Searches(given, 0, 0.7)
    return {" ".join(passage.sentences) for passage in searches._others(0)}


def test_a_look_alike_does_not_hold_an_answer_wherever_that_is_given():
    asked = one("Who leads Kep?", "Sok Hour leads Kep.", answers=["Sok Hour"])
    again = one("who leads Kep?", "Kep is led by Ny Chan.", answers=["Ny Chan"])
    near = one("Who led Kep?", "Hun Manet led Kep.", answers=["Hun Manet"])
    both = [
        one(f"Who was {name}?", f"{name} of Kep was there too.", answers=[f"{name} of Kep"])
        for name in ("Sok Hour", "NY CHAN")
    ]
    assert others_of(asked, again, near, *both) == {"Hun Manet led Kep."}


def test_where_the_answer_is_not_known_nothing_stands_beside_the_passage():
    asked = one("Who leads Kep?", "Kep has no king.")
    assert others_of(asked, one("Who?", "Hun Manet led Kep.", answers=["Hun Manet"])) == set()


def test_lists_and_long_texts_are_no_look_alikes():
    asked = one("Who leads Kep?", "Sok Hour leads Kep.", answers=["Sok Hour"])
    listed = one("What?", "Kep leads.", "Who?", answers=["Kep"], ordered=False)
    long = one("Where?", *(f"Kep leads {n}." for n in range(60)), answers=["Kep"])
    near = one("Which?", "Kep leads them.", answers=["Kep"])
    assert others_of(asked, listed, long, near) == {"Kep leads them."}


def test_statements_are_read_seldom_and_what_is_near_to_news_often():
    few, plenty, usual = "wice-statements", "qamr-wikinews", "selqa"
    given = [
        one(f"Which is {source}?", f"It is {source}.", source=source)
        for source in (few, plenty, usual)
    ]
    drawn = Counter(
        plain(search.question).split()[-1] for search in Searches(given, 0, 0.7).draw(0, 2000)
    )
    assert drawn[plenty] / drawn[few] == pytest.approx(4, rel=0.2)
    assert drawn[usual] / drawn[few] == pytest.approx(2, rel=0.2)


# Cutting

STORY = tuple(f"Sentence {n} has six words." for n in range(40))


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("words", [10, 30, 500])
def test_a_cut_is_a_stretch_around_an_answer(seed, words):
    passage = Passage("", STORY, {7: ((0, 8),), 30: ((0, 8),)}, exact=True)
    found = examples._cut(passage, words, random.Random(seed))
    first = STORY.index(found.sentences[0])
    assert found.sentences == STORY[first : first + len(found.sentences)]
    assert found.answers
    assert len(found.sentences) == min(40, words // 5)
    for n, spans in found.answers.items():
        assert first + n in passage.answers
        assert spans == ((0, 8),)


def test_a_sentence_that_answers_is_kept_however_long():
    passage = Passage("", ("a b", "many " * 50, "c d"), {1: ((0, 4),)}, exact=True)
    assert examples._cut(passage, 10, random.Random(0)).sentences == ("many " * 50,)


def test_a_list_is_cut_in_any_order_its_answer_kept():
    passage = Passage("", STORY, {7: ((0, 8),)}, ordered=False)
    cuts = [examples._cut(passage, 30, random.Random(seed)) for seed in range(20)]
    for cut in cuts:
        assert [cut.sentences[n] for n in cut.answers] == [STORY[7]]
        assert len(cut.sentences) == 6
    assert len({tuple(cut.answers) for cut in cuts}) > 2
    places = [[STORY.index(s) for s in cut.sentences] for cut in cuts]
    assert any(one > other for place in places for one, other in itertools.pairwise(place))


@pytest.mark.parametrize(
    ("question", "altered"),
    [
        ("What did it cost in 2019?", {"What did it cost in 2020?"}),
        ("Did it cost Hun Manet much?", {"Did it cost Sok Hour much?"}),
        ("Did it cost much?", {""}),
        ("What did it cost in 1999?", {""}),
    ],
    ids=["figure", "name", "neither", "not of the passage"],
)
def test_a_question_is_altered_by_what_the_passage_names(question, altered):
    text = "It cost Hun Manet much in 2019, and in 2020, said Sok Hour."
    assert {examples._altered(question, text, random.Random(n)) for n in range(5)} == altered
