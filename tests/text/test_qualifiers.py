"""The words that limit a short answer, beside it and further off."""

from __future__ import annotations

import pytest

from rag.text.qualifiers import is_reserved, qualified

# The answer is marked by square brackets; behind the bar stands what is to be shown.
BESIDE = """
At least [270] boats were lost. | At least 270
Fishermen landed about [40] tons. | about 40
The dam holds no more than [9 million] litres. | no more than 9 million
It drew as many as [1,200] visitors. | as many as 1,200
Up to [15] houses burned. | Up to 15
The bridge cost well over [$3 million]. | well over $3 million
Nearly a [dozen] goats fled. | Nearly a dozen
Just under [60%] voted. | Just under 60%
An estimated [500] herons nest there. | An estimated 500
He owes at least another [$40]. | at least another $40
The fare is [$20] a month. | $20 a month
The fare is [$20] per person. | $20 per person
It takes [three hours] or more. | three hours or more
The wall is between 3 and [5 metres] high. | between 3 and 5 metres
They sold [12] to 15 carts. | 12 to 15
They sold [30]+ carts. | 30+
It reopens by [2031]. | by 2031
Nobody crosses until [Friday]. | until Friday
It was dug in late [2019]. | in late 2019
The ferry leaves not before [May 3]. | not before May 3
Only [four] wells remain. | Only four
One in [six] pupils walks. | One in six
Tens of [thousands] marched. | Tens of thousands
They met acting head coach [Lena Moor]. | acting head coach Lena Moor
They met former Rivermill chief executive [Lena Moor]. | former Rivermill chief executive Lena Moor
The then-mayor [Lena Moor] spoke. | then-mayor Lena Moor
It fell by around
[80] points. | around
80
The mill burned on [3 May]. | 3 May
Police held [312] people in Kratie. | 312
The mayor praised [Lena Moor]. | Lena Moor
The former minister told [Lena Moor] so. | Lena Moor
"""


def cases(text):
    return list(_cases(text))


def _cases(text):
    for line in text.strip().replace("around\n", "around\f").split("\n"):
        sentence, _, said = line.replace("\f", "\n").partition(" | ")
        start = sentence.index("[")
        end = sentence.index("]") - 1
        yield sentence.replace("[", "").replace("]", ""), (start, end), said


@pytest.mark.parametrize(("text", "answer", "said"), cases(BESIDE))
def test_an_answer_is_shown_with_the_words_that_limit_it(text, answer, said):
    start, end = qualified(text, answer)
    assert text[start:end] == said


TAKEN_BACK = """
Police denied that officers had shot [12] people.
No boat carried [12] people.
The mayor may leave on [3 May].
The tower would hold [300] flats.
The tower is expected to open in [2031].
If the dam breaks, [300] houses are lost.
Rumours that [12] had died were false.
The report was alleged to name [Lena Moor].
It didn’t cost [$40].
He said that it cost [$40].
The company plans to sell [40] boats.
[40] boats may be sold.
Mills made [40] tons, a report falsely claimed.
"""
STANDING = """
Police held [312] people in Kratie.
Police held [312] people, but did not say why.
Lena Moor said that [312] people were held.
In May the mill made [40] tons.
According to the ministry, [312] people were held.
No. 5 of the list has [40] votes.
The fair, set to last [six weeks], goes on with a show expected from Lena Moor.
"""


@pytest.mark.parametrize(("text", "answer", "_"), cases(TAKEN_BACK))
def test_a_sentence_takes_its_words_back(text, answer, _):
    assert is_reserved(text, answer)


@pytest.mark.parametrize(("text", "answer", "_"), cases(STANDING))
def test_a_sentence_stands_by_its_words(text, answer, _):
    assert not is_reserved(text, answer)


def test_what_the_question_says_too_is_no_reservation():
    text = "The tower would hold 300 flats."
    assert not is_reserved(text, (17, 20), "How many flats would the tower hold?")
    assert is_reserved(text, (17, 20), "How many flats does the tower hold?")
