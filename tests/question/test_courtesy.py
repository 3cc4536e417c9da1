"""What is no question at all, and gets a short reply instead of a search."""

from __future__ import annotations

import pytest

from rag.question.courtesy import is_gibberish, is_small_talk

GREETINGS = (
    "Hello", "hi!", "Hey there", "Good morning", "Good evening to you", "Thanks", "thank you",
    "Thanks a lot!", "Thank you very much!", "ok", "OK thanks", "Okay, great", "How are you?",
    "Who are you?", "What can you do?", "Can you help me?", "You're welcome", "Bye", "Yes, please",
    "Nice, cheers", "How are you doing today?", "What’s up", "thanks, that was helpful", "see you",
    "are you a robot?", "Good job!", "thx", "hello byline", "test", "Bonjour", "Merci beaucoup !",
    "au revoir", "សួស្តី", "អរគុណ!", "سلام", "السلام علیکم", "شکریہ",
)  # fmt: skip
GIBBERISH = (
    "asdfgh jkl", "fghj fghj", "qwrtp", "???", "!!!", "...", ":-)", "🙂", "👍", "-", "x", "aaaaaaa",
    "jjjj kkkk", "hmmmm", "zxcvb?",
)  # fmt: skip
REAL = (
    "Earthquake Taiwan?", "Any news?", "Why?", "And when?", "Who?", "Where?", "Thanks, and when?",
    "Hun Sen", "strike", "What happened?", "And in Pursat?", "Ceasefire?", "Who won?", "How many?",
    "What else?", "rice prices", "Is it over?", "Who is she?", "US?", "WHO", "Good Friday",
    "Who is Will Fine?", "How much?", "OK, why?", "And him?", "the flood", "Any casualties?",
    "Did they settle?", "What is good about it?", "When was that?", "Apple", "2018?", "Since when?",
    "By whom?", "Hello Kitty", "Night shelters", "Tell me more", "More", "Who was there?", "Which?",
    "What is today?", "Is the robot human?", "us", "tv", "FBI", "NHS?", "KKK", "1999", "G20",
    "rhythm", "strengths", "Qui est Hun Sen ?", "តើអ្នកណាជាមេដឹកនាំ?", "سلامتی کونسل نے کیا کہا؟",
    "Who said hello?", "Salut les copains",
)  # fmt: skip


@pytest.mark.parametrize("text", GREETINGS)
def test_greetings_and_thanks_are_small_talk(text):
    assert is_small_talk(text)


@pytest.mark.parametrize("text", GIBBERISH)
def test_keys_and_signs_are_gibberish(text):
    assert is_gibberish(text)


@pytest.mark.parametrize("text", REAL)
def test_a_short_question_is_neither(text):
    assert not is_small_talk(text)
    assert not is_gibberish(text)
