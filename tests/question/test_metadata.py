"""Questions about the articles themselves: when one is asked, which is meant, what is said."""

from __future__ import annotations

import datetime
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag import Article, Claim, Hit, Passage
from rag.answer.metadata import Stated, field_answer
from rag.citation import field_statement, states_field
from rag.question.metadata import Field, field_asked, source_asked
from rag.question.parse import QuestionParser
from rag.text.stems import stems
from rag.types import Question

SOURCES = ("Phnom Penh Post", "VOA Khmer", "AP", "New Straits Times", "The Guardian", "Wired")
PARSER = QuestionParser(SOURCES, {2017, 2025})
POST, KHMER, AP = (frozenset({source}) for source in SOURCES[:3])

LEAKS = "Purported leaks distributed"
AUDIO = "Audio Leaks Raise Concerns over Security at P.M. Office"
TRAINING = "US to Train Cambodian Government on Combating Cybercrime"
ARRESTS = "Cambodia makes 1,000 arrests in latest crackdown on cybercrime"
SHOW = "#Showbiz: New TV show imagines China invasion, gives Taiwan viewers wake-up call"
HAILED = "Ceasefire: Hun Manet says brilliant results in achieved in Putrajaya"
PRAISED = "Anwar applauded by US for brokering Cambodia-Thailand ceasefire"


def asked(text: str, context: str = "") -> Field | None:
    return field_asked(Question(text, context), PARSER)


def source(text: str) -> frozenset[str]:
    return source_asked(Question(text, parts=PARSER.parts(text)), PARSER)


def stated(field: Field, articles: list[Article]) -> tuple[Stated, ...]:
    """What is stated when every article is found, those with more words of the topic first."""

    def shared(article: Article) -> int:
        return len(set(stems(field.topic)) & set(stems(f"{article.title} {article.text}")))

    ranked = sorted(articles, key=shared, reverse=True)
    hits = [Hit(Passage(a.id, 0, len(a.text), a.text), shared(a), 0.0, 0.0) for a in ranked]
    return field_answer(field, hits, {article.id: article for article in articles}.__getitem__)


def told(question: str, articles: list[Article], context: str = "") -> list[str]:
    field = asked(question, context)
    return [one.text for one in stated(field, articles)] if field else []


# What is asked


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("Who wrote the article about the leaks?", Field("author", "the leaks")),
        ("who wrote the audio leaks article", Field("author", "audio leaks")),
        ("Who is the author of the piece on rice?", Field("author", "rice", "piece")),
        ("Can you tell me who wrote the AP story on rice?", Field("author", "rice", "story", AP)),
        ("By whom was the article on rice written?", Field("author", "rice")),
        ("Which reporter wrote the news article about rice?", Field("author", "rice")),
        (f"Who is the author of '{AUDIO}'?", Field("author", AUDIO, "")),
        (f"Who wrote {AUDIO}?", Field("author", AUDIO, "")),
        (f"Who wrote the article titled “{LEAKS}”?", Field("author", LEAKS)),
        ("When was the report on rice published?", Field("published", "rice", "report")),
        (
            "On what date was the article that mentions rice posted?",
            Field("published", "mentions rice"),
        ),
        (
            "In which year was the article, “Rice is dear”, written?",
            Field("published", "Rice is dear"),
        ),
        (
            "When did the Phnom Penh Post publish its story on the leaks?",
            Field("published", "the leaks", "story", POST),
        ),
        ("When did VOA report on the training?", Field("published", "the training", sources=KHMER)),
        (
            "When was the story on rice published in the Phnom Penh Post?",
            Field("published", "rice", "story", POST),
        ),
        ("What is the publication date of the article on rice?", Field("published", "rice")),
        ("When did the article about rice appear?", Field("published", "rice")),
        ("Who reported on the Kratie arrests?", Field("source", "the Kratie arrests", "report")),
        ("Which newspaper reported the arrests?", Field("source", "the arrests", "paper")),
        ("Which outlet wrote about the leaks?", Field("source", "the leaks", "outlet")),
        ("Which newspaper published the article on rice?", Field("source", "rice")),
        ("In which newspaper did the article on rice appear?", Field("source", "rice")),
        ("Where was the article on rice published?", Field("source", "rice")),
        ("What is the source of the article on rice?", Field("source", "rice")),
        ("What is the headline of the article on rice?", Field("title", "rice")),
        ("What was the headline about rice?", Field("title", "rice")),
        (
            "Who wrote the article from New Straits Times about rice?",
            Field("author", "rice", sources=frozenset({"New Straits Times"})),
        ),
        ("Who wrote it?", Field("author", "")),
        ("When was the article published?", Field("published", "")),
    ],
)
def test_a_field_is_asked_for(question, expected):
    assert asked(question) == expected


@pytest.mark.parametrize(
    "question",
    [
        "Who wrote the letter to Hun Sen?",
        "Who is the author of the bill?",
        "Who wrote Antigone?",
        "Who wrote Article 5 of the constitution?",
        "Who wrote the short story about love?",
        "Who wrote the fake news story about Rainsy?",
        "Who wrote the letter about the article on leaks?",
        "Who wrote the article in The Economist about rice?",
        "When was the video published on Facebook?",
        "When was the article on rice published on Facebook?",
        "When did Amnesty International publish its report on scam compounds?",
        "When did Sam Rainsy write about the leaks?",
        "When did the police publish their report?",
        "Who published its report on rice?",
        "Who reported the crime to police?",
        "Which newspaper reported that Hun Sen was ill?",
        "Which newspaper was closed?",
        "What is the source of the leaks?",
        "What is the title of the series?",
        "Which articles of the treaty were broken?",
        "Where is Hun Manet from?",
        "What does VOA report on the training?",
        "Who wrote",
        "",
    ],
)
def test_others_ask_for_no_field(question):
    assert asked(question) is None


@pytest.mark.parametrize(
    ("question", "context", "expected"),
    [
        ("Who wrote it?", "Who freed the elephants?", Field("author", "Who freed the elephants?")),
        ("Who is the author?", "Who won?", Field("author", "Who won?")),
        ("When was that story published?", "Who won?", Field("published", "Who won?", "story")),
        (
            "When was it published?",
            "Who wrote the AP story on rice?",
            Field("published", "rice", "story", AP),
        ),
    ],
)
def test_a_question_that_leans_on_another_has_its_topic(question, context, expected):
    assert asked(question, context) == expected


@pytest.mark.parametrize("context", ["What does the letter say?", "Who read his new book?"])
def test_it_may_be_what_the_question_before_spoke_of(context):
    assert asked("Who wrote it?", context) is None


def test_a_question_with_a_topic_of_its_own_keeps_it():
    assert asked("Who wrote the article on rice?", "Who won?") == Field("author", "rice")


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("What does VOA report on the training?", KHMER),
        ("According to the Phnom Penh Post, who leaked them?", POST),
        ("according to wired, who won?", frozenset({"Wired"})),
        ("Who, according to AP, was arrested?", AP),
        ("How many were arrested, as reported by AP in July?", AP),
        ("What has the newspaper Phnom Penh Post written about Rainsy?", POST),
        ("What does the Phnom Penh Post article on the leaks say about Rainsy?", POST),
        ("Who is quoted in the article from VOA?", KHMER),
        ("In the AP report, who was arrested?", AP),
    ],
)
def test_a_source_is_asked_for_its_account(question, expected):
    assert source(question) == expected


@pytest.mark.parametrize(
    "question",
    [
        "Who sued The Guardian?",
        "What did Sam Rainsy tell the Phnom Penh Post?",
        "Did The Guardian dismiss the staff who published the report?",
        "Why did The Guardian apologise?",
        "What does VOA say and what does AP say about cybercrime?",
        "What do the police say about rice?",
        "According to the police, who was arrested?",
        "",
    ],
)
def test_a_source_that_only_acts_is_not(question):
    assert source(question) == frozenset()


# What is answered


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        (f"Who wrote “{AUDIO}”?", [f"“{AUDIO}” was written by Jahanzeb Aslam."]),
        (f"Who wrote {AUDIO}?", [f"“{AUDIO}” was written by Jahanzeb Aslam."]),
        ("Who wrote the audio leaks article?", [f"“{AUDIO}” was written by Jahanzeb Aslam."]),
        (
            "When was the article about leaked text messages published?",
            [f"“{LEAKS}” was published on 2 March 2017 by Phnom Penh Post."],
        ),
        (
            "When did the Phnom Penh Post report on the leaks?",
            [f"“{LEAKS}” was published on 2 March 2017 by Phnom Penh Post."],
        ),
        (
            "Who wrote the article about the ceasefire?",
            [f"“{HAILED}” was written by Bernama.", f"“{PRAISED}” was written by Bernama."],
        ),
        ("Who reported on the Kratie arrests?", [f"“{ARRESTS}” was published by AP."]),
        ("What is the headline about Taiwan's viewers?", [f"The headline is “{SHOW}”."]),
        (
            "Who wrote the article about leaked text messages?",
            [f"The archive does not say who wrote “{LEAKS}”."],
        ),
        (
            "When was the report on Zero Day Attack published?",
            [f"The archive does not say when “{SHOW}” was published."],
        ),
        (
            f"Which newspaper published '{AUDIO}'?",
            [f"The archive does not say who published “{AUDIO}”."],
        ),
        ("Who wrote the article about elephants?", []),
        ("Who wrote “A Life of Elephants”?", []),
        ("Who wrote Set Fire to the Rain?", []),
        ("When did VOA report on the ceasefire?", []),
        ("Who wrote it?", []),
    ],
)
def test_the_bundled_articles(question, expected, articles):
    assert sorted(told(question, articles)) == sorted(expected)


def test_it_is_the_article_of_the_question_before(articles):
    before = "Who distributed the purported leaks?"
    assert told("When was it published?", articles, before) == [
        f"“{LEAKS}” was published on 2 March 2017 by Phnom Penh Post."
    ]


def test_without_a_topic_the_only_article_is_meant(articles):
    audio = [article for article in articles if article.title == AUDIO]
    assert told("Who wrote it?", audio) == [f"“{AUDIO}” was written by Jahanzeb Aslam."]


def test_the_span_is_the_first_sentence(articles):
    (one,) = stated(Field("author", AUDIO), articles)
    start, end = one.span
    assert one.article.text[start:end].startswith("Government officials seek to downplay")
    assert one.article.text[end : end + 1] == "\n"


def test_what_is_not_known_has_no_marks(articles):
    (one,) = stated(Field("author", LEAKS), articles)
    assert not one.known
    assert one.marks == ()


def test_a_report_that_the_article_tells_of_may_be_meant():
    news = Article("Amnesty released its annual report on rice farms.", "Rice farms", source="AP")
    assert told("When was the report on rice published?", [news]) == []
    assert told("When was the article on rice published?", [news]) != []
    assert told("When did AP publish its report on rice?", [news]) != []


def test_a_newspaper_that_the_article_tells_of_may_be_meant():
    news = Article("The newspaper broke the news of rice thefts.", "Rice thefts", source="AP")
    assert told("Which newspaper reported the rice thefts?", [news]) == []
    assert told("Which newspaper published the article on rice thefts?", [news]) != []


def test_the_title_wins_over_the_text():
    named = Article("It rained.", "Floods in Kratie worsen")
    other = Article("Floods in Kratie worsen, and floods in Pursat worsen.", "Kratie floods")
    (one,) = stated(Field("author", "Floods in Kratie worsen"), [other, named])
    assert one.article is named


def test_copies_of_an_article_are_both_stated():
    copies = [
        Article("It rained.", "Floods in Kratie worsen", source=name) for name in ("AP", "Wired")
    ]
    found = stated(Field("source", "Floods in Kratie worsen", ""), copies)
    assert {one.text.rpartition(" by ")[2] for one in found} == {"AP.", "Wired."}


def test_an_article_without_a_title_has_its_files_name():
    news = Article("Rice is dear. It rained.", author="Ann Lee", origin="page.txt#2")
    assert told("Who wrote the article on rice?", [news]) == [
        "“page.txt#2” was written by Ann Lee."
    ]
    assert told("Who wrote the article on rice?", [replace(news, origin="")]) == [
        "The article was written by Ann Lee."
    ]
    assert told("What is the headline of the article on rice?", [news]) == [
        "The archive does not say what the headline of “page.txt#2” is."
    ]


def test_nothing_is_found():
    assert field_answer(Field("author", "rice"), [], {}.__getitem__) == ()


# What may be shown


@given(
    name=st.sampled_from(["author", "published", "source", "title"]),
    title=st.text(max_size=30),
    author=st.text(max_size=20),
    publisher=st.text(max_size=20),
    day=st.none() | st.dates(datetime.date(1900, 1, 1)),
)
def test_the_marks_of_a_claim_are_the_words_of_fields(name, title, author, publisher, day):
    news = Article("Rice is dear.", title, source=publisher, author=author, published=day)
    (one,) = stated(Field(name, ""), [news])
    value = {"author": author, "published": news.day, "source": publisher, "title": title}[name]
    assert one.known == bool(value)
    claim = one.claim(3)
    assert (claim.verdict, claim.labels) == ("field", (3,))
    assert states_field(claim, news) == one.known
    assert one.known == (value in [claim.text[start:end] for start, end in claim.marks])


NEWS = Article("Rice is dear.", "Rice", author="Ann Lee", published=datetime.date(2017, 3, 2))


WRITTEN = "“Rice” was written by Ann Lee."


@pytest.mark.parametrize(
    ("text", "marks", "expected"),
    [
        pytest.param(WRITTEN, ((22, 29),), True, id="author"),
        pytest.param("“Rice” was published on 2 March 2017.", ((24, 36),), True, id="day"),
        pytest.param(WRITTEN, ((22, 28),), False, id="a part of it"),
        pytest.param(WRITTEN, (), False, id="no marks"),
        pytest.param(WRITTEN, ((22, 22),), False, id="an empty mark"),
        pytest.param(WRITTEN, ((22, 29), (0, 2)), False, id="one that is none"),
        pytest.param("“Rice” was written by Ann Lea.", ((22, 29),), False, id="another"),
        pytest.param("by Ann Lee", ((3, 10),), False, id="no sentence of Byline's"),
        pytest.param(f"{WRITTEN} She lied.", ((22, 29),), False, id="invented words behind"),
        pytest.param(f"Fired: {WRITTEN}", ((29, 36),), False, id="invented words before"),
        pytest.param("“Wheat” was written by Ann Lee.", ((23, 30),), False, id="another title"),
        pytest.param("“Rice” was published by Ann Lee.", ((24, 31),), False, id="another field"),
    ],
)
def test_what_the_article_says(text, marks, expected):
    assert states_field(Claim(text, (1,), "field", marks), NEWS) is expected


@given(st.text(max_size=20), st.text(max_size=20), st.booleans())
def test_nothing_can_be_added_to_what_a_field_says(before, behind, several):
    for field in ("author", "published", "title"):
        text, marks = field_statement(field, NEWS, several)
        moved = tuple((start + len(before), end + len(before)) for start, end in marks)
        claim = Claim(before + text + behind, (1,), "field", moved)
        assert states_field(claim, NEWS) is (not before and not behind)


@given(st.text(max_size=80), st.text(max_size=40))
def test_any_question_can_be_read(text, context):
    found = asked(text, context)
    assert found is None or isinstance(found.topic, str)
    assert source(text) <= set(SOURCES)
