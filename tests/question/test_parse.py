"""What questions name, and where they are cut: sources, dates, phrases and parts."""

from __future__ import annotations

import datetime
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.question.parse import QuestionParser
from rag.text.stems import stems

YEARS = (2023, 2024)
SOURCES = (
    "The New York Times",
    "The Guardian",
    "The Verge",
    "Wired",
    "Fortune",
    "FOX News - Health",
    "FOX News - Sports",
    "CBSSports.com",
    "Live Science: The Most Interesting Articles",
    "Food, Wine and Travel",
    "Weiße Zeitung",
    "C++ (weekly) [US] *$^|",
)
PARSER = QuestionParser(SOURCES, YEARS)
FOX = {"FOX News - Health", "FOX News - Sports"}


def sources(question: str) -> set[str]:
    return {source for part in PARSER.parts(question) for source in part.sources}


# Sources


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        *(pytest.param(f"What does {source} say?", {source}, id=source) for source in SOURCES[:5]),
        *(
            pytest.param(f"What does “{source}” say?", {source}, id=f"{source} as spelt")
            for source in SOURCES[5:]
        ),
        pytest.param("What does Fox News say of sleep?", FOX, id="sections of one source"),
        pytest.param("What does CBSSports say?", {"CBSSports.com"}, id="without .com"),
        pytest.param("What does Live Science say?", {SOURCES[8]}, id="without a motto"),
        pytest.param("What does the NYT say?", {"The New York Times"}, id="initials"),
        pytest.param("What does New York Times's page say?", {"The New York Times"}, id="no The"),
        pytest.param("WHAT DOES THE GUARDIAN SAY?", {"The Guardian"}, id="capitals"),
        pytest.param("what does fox news say?", FOX, id="two words in lower case"),
        pytest.param("according to the verge, who won?", {"The Verge"}, id="according to"),
        pytest.param("a study published in wired", {"Wired"}, id="published in"),
        pytest.param("who won, as reported by 'fortune'", {"Fortune"}, id="reported by, quoted"),
        pytest.param("What do \"Wired\" and 'Fortune' say?", {"Wired", "Fortune"}, id="quoted"),
        pytest.param("What does weiße zeitung say?", {"Weiße Zeitung"}, id="sharp s"),
    ],
)
def test_sources_by_their_names(question, expected):
    assert sources(question) == expected


@pytest.mark.parametrize(
    "question",
    [
        pytest.param("Who is on the verge of collapse?", id="the verge"),
        pytest.param("who lost a fortune in oil", id="a fortune"),
        pytest.param("Is the Fortune 500 falling?", id="Fortune 500"),
        pytest.param("Who are the Guardians?", id="part of a word"),
        pytest.param("what is nyt?", id="initials in lower case"),
        pytest.param("Who sold science and health news?", id="words of a name"),
        pytest.param("", id="empty"),
    ],
)
def test_words_that_are_no_source(question):
    assert sources(question) == set()


def test_an_archive_without_sources():
    (part,) = QuestionParser([], []).parts("What did The Verge say on 3 May about phones?")
    assert (part.sources, part.published) == (frozenset(), ())
    assert part.text == "What did The Verge say on 3 May about phones"


def test_a_source_of_signs_only_is_read_as_it_is_spelt():
    (part,) = QuestionParser(["?.*", "", " - "], []).parts("Is “?.*” right about phones?")
    assert part.sources == {"?.*"}


# Parts


@pytest.mark.parametrize(
    "marked",
    [
        pytest.param(
            "Does The Verge report lower phone sales[ while ]Wired reports higher laptop sales[?]",
            id="while",
        ),
        pytest.param(
            "Which firm faced antitrust lawsuits[, ]bought a chip maker[, and ]hired cheap lawyers",
            id="commas",
        ),
        pytest.param(
            "Did the price of rice rise in Laos[? ]Did farmers sell more rubber[?]", id="questions"
        ),
        pytest.param(
            "Did phone sales fall in The Verge report []from Wired readers buying laptops[?]",
            id="only sources part them",
        ),
        pytest.param(
            "Did the phone The Verge tried beat []the 'Wired' laptop on longer battery life[?]",
            id="what leads to a source",
        ),
    ],
)
def test_cuts(marked):
    """The brackets hold what is left out between the parts."""
    question = re.sub(r"[][]", "", marked)
    found = [question[slice(*part.span)] for part in PARSER.parts(question)]
    assert found == list(filter(None, re.split(r"\[.*?\]", marked)))


@pytest.mark.parametrize(
    "question",
    [
        pytest.param("Who is the prime minister of Laos", id="simple"),
        pytest.param("Which firm with 2,000 workers moved 1,500,000 tons of rice", id="figures"),
        pytest.param("Which train left the old station at 13:55 on time", id="time"),
        pytest.param("Which ALL-OR-NOTHING Search-And-Rescue teams found lost boys", id="names"),
        pytest.param("Who wrote 'the rise, and then the fall of kings' last year", id="quoted"),
        pytest.param("Who wrote “the rise, and then the fall of kings” last year", id="curly"),
        pytest.param("Which old readers of Food, Wine and Travel like red grapes", id="source"),
        pytest.param("Which old kings saw Laos on May 3, 2024 with six brave guards", id="date"),
        pytest.param("Which Thai navy search-and-rescue team found lost boys alive", id="hyphens"),
        pytest.param("Who came, saw and won", id="short clauses"),
        pytest.param("Who left, and which of two armies won the battle", id="short opening"),
        pytest.param("Which of the armies won the long battle, and why", id="short end"),
    ],
)
def test_what_is_not_cut(question):
    (part,) = PARSER.parts(question)
    assert part.span == (0, len(question))


@pytest.mark.parametrize("end", ["", "?", " ? "])
def test_a_simple_question_is_one_part_without_its_mark(end):
    (part,) = PARSER.parts("Who is the prime minister of Laos" + end)
    assert part.text == "Who is the prime minister of Laos"
    assert (part.sources, part.published, part.phrases) == (frozenset(), (), ())


@pytest.mark.parametrize("question", ["", ",", "?", "and", "between, and before"])
def test_a_question_of_cuts_only_has_no_part(question):
    assert PARSER.parts(question) == ()


def test_each_part_has_what_it_names():
    first, second = PARSER.parts(
        'Does The Verge of 3 May 2024 call the phone a "big leap" for makers, while Wired called'
        ' the laptop of June 2023 a "small step" for buyers?'
    )
    may = datetime.date(2024, 5, 3)
    june = (datetime.date(2023, 6, 1), datetime.date(2023, 6, 30))
    assert (first.sources, second.sources) == ({"The Verge"}, {"Wired"})
    assert (first.published, second.published) == (((may, may),), (june,))
    assert (first.phrases, second.phrases) == (("big leap",), ("small step",))
    assert first.text == 'Does of call the phone a "big leap" for makers'
    assert second.text == 'called the laptop of a "small step" for buyers'


def test_a_range_is_a_time_of_its_part():
    (part,) = PARSER.parts("What flooded the old town between 3 May 2024 and 5 May 2024?")
    assert part.published[-1] == (datetime.date(2024, 5, 3), datetime.date(2024, 5, 5))
    assert part.text.startswith("What flooded the old town")


# Phrases


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        pytest.param('Who said "we will win, and soon"?', ["we will win, and soon"], id="straight"),
        pytest.param("Who said “we will win, and soon”?", ["we will win, and soon"], id="curly"),
        pytest.param('Who said "yes" or "no"?', ["yes", "no"], id="two"),
        pytest.param("Who said 'we will win'?", [], id="single"),
        pytest.param("Who said ‘we will win’?", [], id="single, curly"),
        pytest.param("Who's the boys' teacher's friend?", [], id="apostrophes"),
        pytest.param('Who said "we will win?', [], id="unclosed"),
        pytest.param('Who said ""?', [], id="empty"),
        pytest.param('What does "The Verge" say on "3 May 2024"?', [], id="source and date"),
    ],
)
def test_phrases_stand_in_double_quotation_marks(question, expected):
    assert [phrase for part in PARSER.parts(question) for phrase in part.phrases] == expected


# What always holds

CUT_WORDS = frozenset(stems("while whereas compared then"))
clauses = st.lists(
    st.sampled_from(
        "Who did the king queen Laos Thailand rice,rose floods 2,000 at 13:55 fell? and or while"
        " whereas but compared before after between then , ; ? 'old town' \"new town\" Hun Sen of"
        " the Wired article The Guardian according to Fox News on 3 May 2024 from in another".split(
            " "
        )
    ),
    max_size=40,
).map(" ".join)
odd = st.text(max_size=1000) | st.text(
    st.sampled_from("aA '\"“”‘’,;?.-and12:May|()[*\\\n"), max_size=1000
)


@given(clauses | odd)
def test_parts_are_slices_without_sources_and_dates(question):
    for part in PARSER.parts(question):
        start, end = part.span
        assert 0 <= start < end <= len(question)
        assert part.text == " ".join(part.text.split())
        kept = iter(question[start:end])
        assert all(c in kept for c in part.text if c != " ")


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("Did The Verge and Wired agree on Apple?", "Did and agree on Apple?"),
        (
            "Which company sued its rival in May, as reported by The Verge, Fortune, and Wired?",
            "Which company sued its rival in May",
        ),
    ],
    ids=["says little", "list"],
)
def test_each_source_has_a_part_that_says_what_its_neighbour_does(question, text):
    parts = PARSER.parts(question)
    assert len({source for part in parts for source in part.sources}) == len(parts)
    assert all(part.text.startswith(text) for part in parts)


def test_parts_have_an_end():
    parts = PARSER.parts("people sow rice fields, " * 40)
    assert len(parts) == 8
    assert parts[-1].span[1] >= 900


@given(clauses)
def test_every_word_of_a_question_is_in_some_part(question):
    parts = PARSER.parts(question)
    spans = [part.span for part in parts]
    # A source that says nothing more stands for itself, in `sources`.
    named = {word for part in parts for source in part.sources for word in stems(source)}
    for match in re.finditer(r"\S+", question):
        said = stems(match.group())
        held = any(start <= match.start() < end for start, end in spans)
        assert held or set(said) <= CUT_WORDS | named, match


@given(st.lists(st.text(max_size=20), max_size=5), odd)
def test_any_source_and_any_text_can_be_read(names, text):
    mentions = QuestionParser(names, YEARS)
    question = f"{text} {' '.join(names)} {text}"
    assert {source for part in mentions.parts(question) for source in part.sources} <= set(names)


def test_two_questions_in_one_are_two_parts():
    parts = PARSER.parts("How many people did police arrest, and who proposed the training?")
    said = [part.text for part in parts]
    assert said == ["How many people did police arrest", "who proposed the training"]
