"""Questions that count or list articles, and others that only sound like it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.question.listing import Request, list_asked
from rag.question.parse import QuestionParser
from rag.types import Question

SOURCES = ("Phnom Penh Post", "VOA Khmer", "AP", "The Guardian", "Wired", "BBC News - World")
PARSER = QuestionParser(SOURCES, {2017, 2025})


def asked(text: str, context: str = "", parser: QuestionParser = PARSER) -> Request | None:
    return list_asked(Question(text, context), parser)


def said(text: str) -> tuple[str, tuple[str, ...], dict[str, object]] | None:
    """What is wanted, the phrases that are looked for first, and the other conditions."""
    found = asked(text)
    if found is None:
        return None
    assert not found.unclear
    author = {"author": found.author} if found.author else {}
    first = found.phrases[0] if found.phrases else ()
    return found.wanted, first, {**found.filters.values(), **author}


POST, KHMER, AP = ({"sources": [name]} for name in SOURCES[:3])
JULY = {"since": "2025-07-01", "until": "2025-07-31"}
# Of the bundled articles, and of invented ones.
LISTS = [
    ("How many articles mention Sam Rainsy?", "articles", "Sam Rainsy", {}),
    ("How many articles mention Mara Dolin?", "articles", "Mara Dolin", {}),
    ("Please tell me how many articles are about cybercrime.", "articles", "cybercrime", {}),
    ("In how many articles does Hun Manet appear?", "articles", "Hun Manet", {}),
    ("How many articles is Hun Manet mentioned in?", "articles", "Hun Manet", {}),
    ("How many news articles mention the Orlet pier?", "articles", "Orlet pier", {}),
    ("How many articles contain the word “stalls”?", "articles", "stalls", {}),
    ("What is the number of articles about Taiwan?", "articles", "Taiwan", {}),
    ("How many articles are there?", "articles", "", {}),
    ("How many articles does the archive hold?", "articles", "", {}),
    ("How many articles about Taiwan are there in the archive?", "articles", "Taiwan", {}),
    ("How many articles does AP have?", "articles", "", AP),
    ("How many articles did the Phnom Penh Post publish?", "articles", "", POST),
    ("How many stories did VOA Khmer publish on Sam Rainsy?", "articles", "Sam Rainsy", KHMER),
    ("How many articles about Sam Rainsy did AP run in July 2025?",
     "articles", "Sam Rainsy", AP | JULY),
    ("How many articles were published in July 2025?", "articles", "", JULY),
    ("How many articles were published between 1 and 31 July 2025?", "articles", "", JULY),
    ("How many articles from AP were published in 2017?",
     "articles", "", AP | {"since": "2017-01-01", "until": "2017-12-31"}),
    ("Which articles mention Karl Hast?", "articles", "Karl Hast", {}),
    ("Which article mentions the fish market?", "articles", "fish market", {}),
    ("Which articles are about the ceasefire?", "articles", "ceasefire", {}),
    ("Which articles mention Mara Dolin since 3 May 2025?",
     "articles", "Mara Dolin", {"since": "2025-05-03"}),
    ("Which articles published since 3 May 2025 and before 9 May 2025 mention Mara Dolin?",
     "articles", "Mara Dolin", {"since": "2025-05-03", "until": "2025-05-09"}),
    ("Which articles from AP mention cybercrime?", "articles", "cybercrime", AP),
    ("Which articles mention cybercrime in the Phnom Penh Post?", "articles", "cybercrime", POST),
    ("Which AP articles mention cybercrime?", "articles", "cybercrime", AP),
    ("What articles are there on scam compounds?", "articles", "scam compounds", {}),
    ("In which articles is Karl Hast quoted?", "articles", "Karl Hast", {}),
    ("Which of the articles discuss the budget?", "articles", "budget", {}),
    ("Are there any articles about Kratie?", "articles", "Kratie", {}),
    ("Do you have articles on Kratie?", "articles", "Kratie", {}),
    ("List the articles by Jahanzeb Aslam", "articles", "", {"author": "Jahanzeb Aslam"}),
    ("List the articles by Jahanzeb Aslam from July 2025",
     "articles", "", {"author": "Jahanzeb Aslam"} | JULY),
    ("How many articles by Jahanzeb Aslam mention the leaks?",
     "articles", "leaks", {"author": "Jahanzeb Aslam"}),
    ("How many articles did Jahanzeb Aslam write?", "articles", "", {"author": "Jahanzeb Aslam"}),
    ("List all articles from AP", "articles", "", AP),
    ("List the articles on 16 July 2025",
     "articles", "", {"since": "2025-07-16", "until": "2025-07-16"}),
    ("Show me all the articles about Hun Sen.", "articles", "Hun Sen", {}),
    ("Could you list the articles that mention Hun Sen?", "articles", "Hun Sen", {}),
    ("Which sources report on the leaks?", "sources", "leaks", {}),
    ("Which outlets wrote about Mara Dolin?", "sources", "Mara Dolin", {}),
    ("How many sources mention Sam Rainsy?", "sources", "Sam Rainsy", {}),
    ("Which sources does the archive have?", "sources", "", {}),
    ("Which newspapers covered the Orlet budget?", "sources", "Orlet budget", {}),
    ("How many times is Mara Dolin mentioned?", "mentions", "Mara Dolin", {}),
    ("How often was Hun Sen mentioned in the Phnom Penh Post?", "mentions", "Hun Sen", POST),
    ("How many times do the articles mention Taiwan?", "mentions", "Taiwan", {}),
    ("How many mentions of Taiwan are there?", "mentions", "Taiwan", {}),
]  # fmt: skip


@pytest.mark.parametrize(("question", "wanted", "phrase", "others"), LISTS)
def test_articles_are_counted_or_listed(question, wanted, phrase, others):
    assert said(question) == (wanted, (phrase,) if phrase else (), others)


# What is asked for is a thing in the articles.
THINGS = [
    "How many people were killed?",
    "How many people did police in Kratie arrest?",
    "How many articles did the law have?",
    "How many articles does the constitution have?",
    "How many articles of the treaty mention torture?",
    "How many articles of clothing were found in the boat?",
    "How many articles did the parliament adopt?",
    "How many articles did the thieves steal?",
    "How many articles were removed from the draft law?",
    "How many articles were stolen?",
    "How many articles were contained in the charter?",
    "Which articles were named by the lawyers?",
    "Which articles of the constitution were amended?",
    "Which articles did the court strike down?",
    "Which article of the penal code was he charged under?",
    "What articles was she accused of breaking?",
    "Which article protects the freedom of speech?",
    "How many stories does the tower have?",
    "How many stories are there in the tower?",
    "How many stories did the building lose in the fire?",
    "How many reports did the police receive?",
    "How many reports of fraud were there?",
    "Which reports did the ministry deny?",
    "How many pieces did the vase break into?",
    "How many pieces of art were sold?",
    "How many papers did the minister sign?",
    "Which papers did he sign?",
    "How many newspapers did the government close?",
    "Which newspaper was closed?",
    "Which sources of energy grew most?",
    "How many sources did the reporter speak to?",
    "Which sources confirmed the leak?",
    "Which outlets did the factory close?",
    "How many outlets does the chain have?",
    "How many magazines did police find with the rifle?",
    "How many times was Sam Rainsy arrested?",
    "How many times was Hun Sen mentioned in the indictment?",
    "How many times is God mentioned in the constitution?",
    "How many times did the ferry sink?",
    "How often does the band appear on stage?",
    "How often does the comet appear?",
    "How often do the ferries run?",
    "Who is mentioned in the article on rice?",
    "What does the article on rice mention?",
    "What do the articles say about rice?",
    "What does VOA Khmer report on the training?",
    "Who wrote the article about the leaks?",
    "When was the article about the leaks published?",
    "What is the headline of the article on rice?",
    "List the demands of the strikers",
    "Are there any survivors?",
    "Show me the way",
    "",
]


@pytest.mark.parametrize("question", THINGS)
def test_a_thing_in_the_articles_is_not(question):
    assert asked(question) is None


@pytest.mark.parametrize(
    "question",
    [
        "Which articles mention Hun Sen or Hun Manet?",
        "Which articles mention Hun Sen but not Hun Manet?",
        "Which articles about rice were written by women?",
        "Which articles mention him?",
        "How many articles mention how the leaks began?",
    ],
)
def test_what_the_index_cannot_look_up_is_known_to_be_a_list(question):
    assert asked(question).unclear


@pytest.mark.parametrize(
    ("topic", "expected"),
    [
        ("Hun Sen", [("Hun Sen",)]),
        ("Hun Sen and Sam Rainsy", [("Hun Sen", "Sam Rainsy")]),
        ("both rice and floods", [("rice", "floods")]),
        ("the ceasefire in Gaza", [("ceasefire in Gaza",), ("Gaza", "ceasefire")]),
        ("arts and culture", [("arts and culture",), ("arts", "culture")]),
        ("“The Price of Rice and Salt”", [("The Price of Rice and Salt",)]),
        ("the name “Hun Sen”", [("Hun Sen",)]),
        ("the term Hun Sen", [("Hun Sen",)]),
    ],
)
def test_the_phrase_is_looked_for_or_else_all_of_its_words(topic, expected):
    assert list(asked(f"Which articles mention {topic}?").phrases) == expected


@pytest.mark.parametrize(
    ("question", "wanted"),
    [
        ("Which ones?", "articles"),
        ("Which articles are they?", "articles"),
        ("Which sources?", "sources"),
        ("List them", "articles"),
        ("Show me all of them", "articles"),
    ],
)
def test_what_was_counted_can_be_listed(question, wanted):
    before = asked("How many articles from AP mention Hun Sen?")
    found = asked(question, "How many articles from AP mention Hun Sen?")
    assert (found.wanted, found.phrases, found.filters) == (wanted, before.phrases, before.filters)
    assert asked(question, "How many people were killed?") is None


@pytest.mark.parametrize(
    ("question", "sure"),
    [
        ("How many articles mention torture?", True),
        ("How many reports mention torture?", False),
        ("Which newspapers mention torture?", False),
        ("Which news outlets mention torture?", True),
        ("How many stories in the archive mention torture?", True),
        ("How many articles did Karl Marx write?", False),
        ("How many times is torture mentioned?", False),
        ("How many times is torture mentioned in the articles?", True),
    ],
)
def test_whether_articles_of_the_archive_are_surely_meant(question, sure):
    assert asked(question).sure is sure


def test_a_month_without_its_year_is_of_the_archives_only_year():
    one = QuestionParser(SOURCES, {2023})
    found = asked("How many articles were published in October?", parser=one)
    assert found.filters.values() == {"since": "2023-10-01", "until": "2023-10-31"}
    assert asked("How many articles were published in October?") is None


@given(st.text(max_size=80), st.text(max_size=40))
def test_any_question_can_be_read(text, context):
    for opening in ("", "How many articles ", "Which sources ", "How many times is "):
        found = asked(opening + text, context)
        assert found is None or set(found.sources) <= set(SOURCES)
