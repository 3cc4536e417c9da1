"""What is a topic and no question: names, dates and a few words; whatever asks or says is none."""

from __future__ import annotations

import datetime

import pytest

from rag.question.listing import topic_asked
from rag.question.parse import QuestionParser
from rag.types import Question

PARSER = QuestionParser(["The Verge", "AP", "River Times"], [2023, 2024])
TOPICS = """Apple
Tim Cook
Hun Sen
AI in music
climate change
the Lantern Bridge
training on cybercrime
Manchester United
October 2023
12 December 2023
Taylor Swift and Travis Kelce
Apple in October 2023
electric cars in China
"AI in music"
European Union
Oscar winners
interest rates
FTX trial
Sam Bankman-Fried trial
Khmer literature
war in Ukraine
floods
Secretary of State Marco Rubio""".splitlines()
QUESTIONS = """Who is Tim Cook?
Tim Cook?
who proposed the training
What did Apple say about AI in music
How many people died
Was the bridge sold
Is it true
Tell me about Apple
tell me more
Name the mayor of Port Elsewhere
list all articles
Why?
And in Pursat
And Hun Sen
Who
It
the police arrested 15 men
Hun Sen resigned
Apple has a new phone
Mara Lind said so
hello
Thanks
Hi Byline
He is the mayor
capital of France?
give me the cost of the bridge
compare Apple and Google
cost of the Lantern Bridge in dollars as the mayor gave it
when the bridge was sold
explain inflation
Apple: what is new
please help
more
not Apple
I want articles
your name
""".splitlines()


@pytest.mark.parametrize("text", TOPICS)
def test_topics(text):
    request = topic_asked(Question(text), PARSER)
    assert request
    assert request.wanted == "topic"
    assert request.phrases or request.times


@pytest.mark.parametrize("text", QUESTIONS)
def test_questions_and_what_else_is_no_topic(text):
    assert topic_asked(Question(text), PARSER) is None


def test_what_leans_on_an_earlier_question_is_no_topic():
    assert topic_asked(Question("Apple", context="Who heads Google?"), PARSER) is None


def test_what_an_article_must_have():
    request = topic_asked(Question("AI in music"), PARSER)
    assert request.phrases == (("AI in music",), ("AI", "music"))
    assert not request.sure
    request = topic_asked(Question("Apple in October 2023"), PARSER)
    assert request.phrases[0] == ("Apple",)
    days = datetime.date(2023, 10, 1), datetime.date(2023, 10, 31)
    assert request.times == [days]
    assert topic_asked(Question("October 2023"), PARSER).times == [days]
