"""Accounts that differ are found, each with its speaker; in doubt nothing differs."""

from __future__ import annotations

import functools

import pytest

from rag import Article
from rag.answer.candidates import Sentence
from rag.answer.conflicts import differing
from rag.answer.statements import Meanings
from rag.question.rewrite import understand
from rag.text.sentences import sentence_spans

LEAKS = (
    "Meanwhile, PTI leader Chaudhry Fawad Hussain alleged the leaks were a part of a cyberattack."
    " “The hacker has asked for $345,000 for detailed record, that is about 8GB. The conversations"
    " include political, economic and security related issues,” he wrote on Twitter, referring to a"
    " posting on the dark web that is offering over 100 hours of recorded conversations for sale at"
    " a minimum price of 180BTC, or roughly $3.4 million."
)
ARRESTS = (
    "More than 1,000 suspects were arrested in raids in at least five provinces between Monday and"
    " Wednesday, according to statements from Information Minister Neth Pheaktra and police.\n"
    "At least 270 Indonesians, including 45 women, were arrested Wednesday in Poipet, a town on the"
    " border with Thailand notorious for cyberscam and gambling operations, the minister said.\n"
    "Elsewhere, police in the northeastern province of Kratie arrested 312 people, including"
    " nationals of Thailand, Bangladesh, Indonesia, Myanmar and Vietnam, while 27 people from"
    " Vietnam, China and Myanmar were arrested in the western province of Pursat."
)
KILLED = "How many people were killed in the Battambang flood?"
COST = "How much did the bridge cost?"
OPENED = "When did the bridge open?"
LASTED = "How long did the talks last?"
PROPOSED = "Who proposed the training?"


@pytest.fixture(scope="module")
def told(encoder):
    return functools.partial(accounts_of, Meanings(encoder.encode_queries))


def accounts_of(meanings, question, *texts, marked=""):
    """The differing accounts of articles with these texts: (words, speaker) each."""
    articles = {str(n): Article(text, id=str(n)) for n, text in enumerate(texts)}
    sentences = [
        Sentence(article.id, start, end, text, marks=_marks(text, marked))
        for article in articles.values()
        for start, end in sentence_spans(article.text)
        for text in [article.text[start:end]]
    ]
    found = differing(understand(question), sentences, articles.__getitem__, meanings)
    return [(said.sentence.text[slice(*said.span)], said.speaker) for said in found]


def _marks(text, marked):
    at = text.find(marked) if marked else -1
    return ((at, at + len(marked)),) if at >= 0 else ()


@pytest.mark.parametrize(
    ("question", "texts", "accounts"),
    [
        (
            "How much did the hacker ask for the Pakistani recordings?",
            [LEAKS],
            [
                ("$345,000", "PTI leader Chaudhry Fawad Hussain"),
                ("180BTC, or roughly $3.4 million", "a posting on the dark web"),
            ],
        ),
        (
            "How much did Alameda owe FTX?",
            [
                "Those privileges resulted in Alameda owing FTX $8 billion worth of deposits.",
                "Wang figured that Alameda owed FTX about $11 billion.",
            ],
            [("$8 billion", ""), ("$11 billion", "Wang")],
        ),
        (
            KILLED,
            [
                "Twelve people were killed in the Battambang flood, police said on Monday.",
                "The flood in Battambang left 19 people dead, according to the Red Cross.",
                "The Battambang flood killed 19 people.",
            ],
            [("Twelve", "police"), ("19", "the Red Cross")],
        ),
        (
            "How many sailors died?",
            [
                "The coastguard says that nine sailors of the Hela are now known to have drowned.",
                "One sailor has died and eight are missing after the trawler Hela went down.",
            ],
            [("nine", "The coastguard"), ("One", "")],  # The missing are not the dead.
        ),
        (
            "How many people died in the flood?",
            ["Police said 12 people died in the flood, while the Red Cross said 19 people died."],
            [],  # The second clause does not say of what.
        ),
        (
            "How many protesters gathered in Phnom Penh?",
            ["Organisers claimed 20,000 protesters. Police put the number at 5,000 protesters."],
            [("20,000", "Organisers"), ("5,000", "Police")],
        ),
        (
            "How many workers walked out of the factory?",
            [
                "“About 2,000 workers walked out of the factory,” said union leader Ath Thorn.",
                "The company said 300 workers had walked out of the factory.",
            ],
            [("2,000", "union leader Ath Thorn"), ("300", "The company")],
        ),
        (
            COST,
            [
                "The bridge cost 180 BTC (about $3.4 million).",
                "Hun Vannak, a contractor, said the bridge cost $9 million.",
            ],
            [("180 BTC (about $3.4 million)", ""), ("$9 million", "Hun Vannak")],
        ),
        (
            OPENED,
            ["The bridge opened on 4 May 2023.", "The bridge opened on 11 May 2023, he said."],
            [("4 May 2023", ""), ("11 May 2023", "")],
        ),
        (
            LASTED,
            ["The talks lasted three hours.", "The talks lasted five hours, officials said."],
            [("three hours", ""), ("five hours", "officials")],
        ),
        (
            "How old was the victim?",
            ["The victim was 34 years old, police said.", "The victim was 43 years old."],
            [("34 years old", "police"), ("43 years old", "")],
        ),
        (
            PROPOSED,
            [
                "William Heidt proposed the training for officials on Monday.",
                "Phay Siphan proposed the training for officials on Monday.",
            ],
            [("William Heidt", ""), ("Phay Siphan", "")],
        ),
    ],
)
def test_accounts(told, question, texts, accounts):
    assert told(question, *texts) == accounts


@pytest.mark.parametrize(
    "question",
    [
        "How many people were arrested in Kratie?",
        "How many people were arrested?",
        "How many suspects were arrested in raids?",
        "How many Indonesians were arrested in Poipet?",
    ],
)
@pytest.mark.parametrize("apart", [False, True], ids=["one article", "one article each"])
def test_arrests_in_different_places_are_no_disagreement(told, question, apart):
    assert told(question, *(ARRESTS.split("\n") if apart else [ARRESTS])) == []


@pytest.mark.parametrize(
    ("question", "one", "other"),
    [
        (KILLED, "More than 50 people were killed in the Battambang flood.", "50 people were"
         " killed in the Battambang flood."),
        (KILLED, "At least 40 people were killed in the Battambang flood.", "43 people were"
         " killed in the Battambang flood."),
        (KILLED, "12 people were killed in the Battambang flood.", "The Battambang flood killed a"
         " dozen people."),
        (KILLED, "12 people were killed in the Battambang flood.", "19 people were injured in the"
         " Battambang flood."),
        (KILLED, "12 people were killed in the Battambang flood.", "19 people were killed in the"
         " flood in Pursat."),
        (KILLED, "12 people were hurt.", "19 people came."),
        (KILLED, "12 people were killed in the Battambang flood.", "7 of the people killed in the"
         " Battambang flood were children."),
        (KILLED, "12 people were killed in the Battambang flood.", "Another 7 people were killed"
         " in the Battambang flood."),
        (KILLED, "12 people were killed in the Battambang flood.", "The Battambang flood of 2011"
         " killed 60 people."),
        (KILLED, "12 people were killed in the Battambang flood.", "If the Battambang flood rises,"
         " 60 people could be killed."),
        ("How many people were displaced?", "1,000 people were displaced.", "A thousand people"
         " were displaced."),
        ("How many people were displaced?", "1,000 people were displaced.", "1000 people were"
         " displaced."),
        ("How many people were displaced?", "Over 80,000 people were displaced.", "About 80,000"
         " people were displaced."),
        ("How large is the record?", "The record is nearly 8GB.", "The record is 8GB."),
        (COST, "The bridge cost 180 BTC (about $3.4 million).", "The bridge cost $3.4 million."),
        (COST, "The bridge cost $4.5 million.", "The bridge cost €4 million."),
        (COST, "The bridge cost $4.5 million.", "The bridge cost $500-$600 a day to light."),
        (OPENED, "The bridge opened on 4 May 2023.", "The bridge opened in May 2023."),
        (OPENED, "The bridge opened on 4 May.", "The bridge opened in 2023."),
        (LASTED, "The talks lasted two and a half hours.", "The talks lasted 150 minutes."),
        (PROPOSED, "Sam Rainsy proposed the training for officials.", "Rainsy proposed the"
         " training for officials."),
        (PROPOSED, "Sam Rainsy proposed the training for officials.", "Phay Siphan welcomed the"
         " training on Monday."),
        ("Why did the bridge fall?", "The bridge fell for 3 reasons.", "It fell for 5 reasons."),
    ],
)  # fmt: skip
def test_no_disagreement(told, question, one, other):
    assert told(question, one, other) == []
    assert told(question, other, one) == []


def test_one_voice_does_not_contradict_itself(told):
    text = "The flood killed 12 people in Battambang. The flood killed 19 people in Battambang."
    assert told(KILLED, text) == []


def test_marks_say_which_figure_answers(told):
    texts = ["Of $50 million at hand, the bridge cost $9 million.", "The bridge cost $6 million."]
    assert told(COST, *texts) == []
    assert told(COST, *texts, marked="$9 million") == [("$9 million", ""), ("$6 million", "")]


def test_nothing_read_is_no_difference():
    assert differing(understand(COST), [], {}.__getitem__, Meanings()) == []
