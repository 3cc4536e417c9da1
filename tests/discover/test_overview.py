"""What an archive speaks of, and the questions that are made from it and that it answers."""

from __future__ import annotations

import datetime
from concurrent.futures import ThreadPoolExecutor

import pytest

from rag import Archive, Article
from rag.discover.entities import entities
from rag.discover.example_questions import Candidate, answered, candidates, proposed
from rag.discover.overview import Explorer, overview
from rag.types import Answer, Citation

DAY = datetime.date(2017, 3, 2)


def spoken_of(*texts, sources=()):
    """Each name with the number of articles that speak of it."""
    articles = [Article(text, id=str(number)) for number, text in enumerate(texts)]
    return {one.name: len(one.articles) for one in entities(articles, sources)}


def asked(text, language=""):
    article = Article(text, language=language)
    return [one.question for one in candidates([article], entities([article]))]


# Names


def test_forms_of_a_name_are_one():
    found = spoken_of(
        "Yesterday Prime Minister Hun Sen met Sam Rainsy. Then Hun Sen’s son left.",
        "They saw Mr Hun Sen. It was Rainsy who told Sam Rainsy’s story.",
        "A party of Rainsy won.",
    )
    assert found == {"Sam Rainsy": 3, "Hun Sen": 2}


def test_a_surname_of_several_people_is_nobody():
    found = spoken_of("We met Bob Smith and Jane Smith. The Smith vote counted, said Smith.")
    assert found == {"Bob Smith": 1, "Jane Smith": 1}


def test_a_people_counts_for_its_country():
    assert spoken_of("It is in Cambodia.", "He is a Cambodian tycoon.") == {"Cambodia": 2}
    text = "The American fleet and five American ships left the United States."
    assert spoken_of(text, "An American won.") == {"United States": 2}


@pytest.mark.parametrize(
    "text",
    [
        "However, it rained. Panic ensued. He said, “Please go.” Oh, well.",
        "It was on Monday in March, before Christmas and Black Friday.",
        "The Prime Minister and the President spoke.",
        "WIN OVER YOUNG VOTERS",
        "In AI, the CEO likes TV.",
        "They can SIGN UP now.",
        "",
    ],
    ids=["openers", "calendar", "offices", "heading", "acronyms", "button", "nothing"],
)
def test_no_names(text):
    assert spoken_of(text) == {}


def test_an_opener_that_is_known_inside_sentences_is_a_name():
    assert spoken_of("Paris slept. We love Paris.") == {"Paris": 1}


@pytest.mark.parametrize(
    ("text", "sources", "found"),
    [
        ("They read The Phnom Penh Post in Phnom Penh.", ["Phnom Penh Post"], {"Phnom Penh": 1}),
        ("They like Leeds. They read the Post.", ["Phnom Penh Post"], {"Leeds": 1}),
        ("They told the Independent about Leeds.", ["The Independent - Travel"], {"Leeds": 1}),
        ("They went to India. They left India.", ["News of India"], {"India": 1}),
    ],
    ids=["name", "last-word", "first-part", "country"],
)
def test_a_source_is_not_listed(text, sources, found):
    assert spoken_of(text, sources=sources) == found


def test_capitals_are_shown_in_lower_case_where_they_occur_so():
    text = "They left PHNOM PENH. In PHNOM PENH, he ruled PHNOM PENH. They love PHNOM PENH."
    assert spoken_of(f"{text} They like PHNOM PENH, or Phnom Penh.") == {"Phnom Penh": 1}


def test_a_word_before_nouns_is_an_adjective():
    text = "The Iraqi police came. An Iraqi court met with Iraqi lawyers. They left Basra."
    assert spoken_of(text) == {"Basra": 1}


def test_an_article_before_a_name_is_kept():
    found = entities([Article("They asked the FTC. Then the FTC left Leeds.")])
    assert {one.name: one.definite for one in found} == {"FTC": True, "Leeds": False}


def test_the_names_of_the_bundled_articles(articles):
    names = overview(articles, {})[0].names
    assert list(names)[:3] == ["Cambodia", "China", "United States"]
    assert {"Hun Manet", "Anwar Ibrahim", "Phnom Penh", "Thailand"} <= set(names)
    assert len(names) == 12
    assert min(names.values()) >= 2
    assert list(names.values()) == sorted(names.values(), reverse=True)


# Overview


def test_an_overview_counts():
    stories = [
        Article("We met Sam Rainsy. It was Sam Rainsy.", source="A", published=DAY, language="en"),
        Article("A day.", source="B", published=DAY.replace(day=1)),
        Article("A night.", source="B", language="en"),
    ]
    found, _ = overview(stories, {"A": 1, "B": 2})
    assert (found.articles, found.sources, found.undated) == (3, {"A": 1, "B": 2}, 1)
    assert (found.first, found.last) == (DAY.replace(day=1), DAY)
    assert found.languages == {"en": 2}
    assert found.names == {"Sam Rainsy": 1}


def test_an_overview_of_nothing():
    found, _ = overview([], {})
    assert (found.articles, found.first, found.last, found.names) == (0, None, None, {})


# Questions

FORMS = {
    "Secretary of State Marco Rubio urged Thailand to stop.": (
        "What did Marco Rubio urge Thailand to do?"
    ),
    "They met Marco Rubio. Rubio urged Thailand and Cambodia to fully honour their commitments.": (
        "What did Marco Rubio urge Thailand and Cambodia to do?"
    ),
    "In a statement, Information Minister Marriyum Aurangzeb said the audio leaks have proven it."
    " They found leaks.": "What did Marriyum Aurangzeb say about the audio leaks?",
    "They saw Tim Cook. In May, Apple CEO Tim Cook said that China was ready.": (
        "What did Tim Cook say about China?"
    ),
    "Phay Siphan, spokesman for the Council of Ministers, said so.": (
        "Who is the spokesman for the Council of Ministers?"
    ),
    "At least 270 Indonesians, including 45 women, were arrested Wednesday in Poipet, a town.": (
        "How many Indonesians were arrested in Poipet?"
    ),
    "It was Robert Tsao, a strident critic of Beijing. Then Tsao left.": "Who is Robert Tsao?",
    "They know Samsung. At the time, Samsung accused Apple of infringing on its patents.": (
        "What did Samsung accuse Apple of?"
    ),
    "Joan Marsh was born in 1950.": "When was Joan Marsh born?",
}


@pytest.mark.parametrize(("text", "question"), FORMS.items(), ids=FORMS.values())
def test_a_sentence_gives_its_question(text, question):
    assert question in asked(text)


@pytest.mark.parametrize(
    "text",
    [
        "The son of Hun Sen urged Thailand to stop.",
        "Joan Marsh and Tom Hale urged Thailand to stop.",
        "He urged Thailand to stop.",
        "Meanwhile he urged Thailand to stop.",
        "Joan Marsh said the company was ready. The company grew.",
        "Joan Marsh said the country still was late.",
        "They met Joan Marsh and Tom Marsh. Then Marsh urged Thailand to stop.",
        "It was Aston Villa, a club owner by trade.",
        "",
    ],
    ids=[
        "of-somebody", "two-people", "pronoun", "no-subject", "vague", "no-noun",
        "surname-of-two", "no-surname", "nothing",
    ],
)  # fmt: skip
def test_a_sentence_in_doubt_gives_none(text):
    assert asked(text) == []


def test_an_article_in_another_language_gives_none():
    text = "Joan Marsh urged Thailand to stop."
    assert asked(text, "en-GB") == ["What did Joan Marsh urge Thailand to do?"]
    assert asked(text, "fr") == []


def test_a_question_is_short_and_on_one_line():
    name = "Extraordinarily" * 6
    assert asked(f"Joan Marsh urged {name} to stop.") == []


def test_questions_to_ask_take_turns_and_are_bounded():
    stories = [
        Article(
            f"Joan Marsh{i} urged Thailand to stop. Joan Marsh{i} was born in 1950.",
            id=f"{i:03}",
        )
        for i in range(40)
    ]
    stories.append(Article("They met Joan Marsh7.", id="041"))
    to_ask = proposed(stories, entities(stories))
    assert len(to_ask) == 24
    assert [one.question.split()[0] for one in to_ask[:4]] == ["What", "When"] * 2
    assert to_ask[1].question == "When was Joan Marsh7 born?"  # Of two articles.


def test_a_question_of_two_articles_is_asked_once():
    text = "Joan Marsh was born in 1950."
    stories = [Article(text, id="b"), Article(text, id="a")]
    to_ask = proposed(stories, entities(stories))
    assert [(one.question, one.article_id) for one in to_ask] == [
        ("When was Joan Marsh born?", "a")
    ]


def replying(confidence=0.9, article="a", start=0, status="answered"):
    """An archive that gives one answer to everything, and notes what it was asked."""

    def ask(questions):
        ask.asked += questions
        cited = (Citation(1, article, start, start + 5, "Words"),)
        return [
            Answer(q, q, "Words", status, citations=cited, confidence=confidence) for q in questions
        ]

    ask.asked = []
    return ask


ONE = Candidate("Who is Joan Marsh?", 6, "a", (0, 20))


@pytest.mark.parametrize(
    ("reply", "kept"),
    [
        ({}, [ONE]),
        ({"confidence": 0.5}, []),
        ({"article": "b"}, []),
        ({"start": 20}, []),
        ({"status": "unanswered"}, []),
    ],
    ids=["good", "unsure", "other-article", "other-sentence", "unanswered"],
)
def test_only_what_its_own_sentence_answers_is_kept(reply, kept):
    assert answered([ONE], replying(**reply)) == [one.question for one in kept]


@pytest.mark.parametrize(("articles", "asked"), [(9, 6), (2, 2)], ids=["enough", "too few"])
def test_no_more_are_asked_than_are_shown(articles, asked):
    to_ask = [Candidate(f"Question {n}?", 0, f"a{n % articles}", (0, 9)) for n in range(24)]
    told: list[str] = []

    def ask(questions):
        told.extend(questions)
        by_question = {one.question: one.article_id for one in to_ask}
        return [replying(article=by_question[one])([one])[0] for one in questions]

    assert answered(to_ask, ask) == told == [one.question for one in to_ask[:asked]]


# Together


def test_both_are_made_once_also_by_many_threads(articles):
    reads = []

    def read():
        reads.append(1)
        return iter(articles)

    explorer = Explorer(read, dict, replying(article="none"))
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: (explorer.overview(), explorer.examples(4)), range(8)))
    assert len({id(one) for one, _ in found}) == 1
    assert all(examples == [] for _, examples in found)
    assert len(reads) == 2


def test_the_bundled_articles_answer_their_examples(archive):
    found = archive.examples()
    assert len(found) == 4
    assert found == archive.examples()
    assert len({archive.ask(question).citations[0].article_id for question in found}) == 4
    assert all(len(question) <= 80 and question.endswith("?") for question in found)


def test_an_archive_beside_another_has_its_own_overview(tmp_path, opened, fake_encoder):
    for name in ("one", "two"):
        story = Article(f"We met Person{name} Doe in town.", source=name)
        Archive.build([story], tmp_path / name, encoder=fake_encoder)
    one = opened(tmp_path / "one")
    assert one.overview().articles == 1
    both = one.beside(opened(tmp_path / "two"))
    assert (both.overview().articles, dict(both.overview().sources)) == (2, {"one": 1, "two": 1})
    assert one.overview().articles == 1
