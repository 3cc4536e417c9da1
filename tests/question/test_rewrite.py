"""Questions as typed and as understood: refusals, follow-ups, the kind of words asked for."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.errors import QuestionError
from rag.question.rewrite import MAX_CHARACTERS, understand

HUN_SEN = "Who is Hun Sen?"
CALLAMARD = "Who is Agnes Callamard?"
KRATIE = "How many people did police in Kratie arrest?"
SERIES = "What is Zero Day Attack?"


def follow(*turns):
    *earlier, last = turns
    return understand(last, [(turn, "") for turn in earlier])


@pytest.mark.parametrize(
    ("question", "remedy"),
    [
        ("", "Type a question"),
        (" \n\t\u00a0", "Type a question"),
        ("x" * 10_000, f"at most {MAX_CHARACTERS:,}"),
        ("who is \udcff", "UTF-8"),
    ],
    ids=["empty", "blank", "10,000 characters", "no text"],
)
def test_a_question_that_cannot_be_asked_names_the_remedy(question, remedy):
    with pytest.raises(QuestionError, match=remedy):
        understand(question)


def test_the_longest_question_is_asked():
    assert understand("x" * MAX_CHARACTERS).text == "x" * MAX_CHARACTERS


@given(st.text(st.characters(codec=None), max_size=60))
def test_any_text_is_refused_or_understood_as_typed(text):
    try:
        question = understand(text)
    except QuestionError:
        return
    assert str(question) == question.text == " ".join(text.split()) != ""


_turns = st.lists(
    st.text(max_size=30) | st.sampled_from([HUN_SEN, KRATIE, "And?", "Why?", "in 2023", "his age"]),
    max_size=4,
)


@given(st.text(max_size=30) | st.sampled_from(["And?", "?", "Its.", "In the", "her"]), _turns)
def test_any_conversation_is_refused_or_understood(text, turns):
    try:
        question = understand(text, [(turn, turn) for turn in turns])
    except QuestionError:
        return
    assert question.text.strip()


@pytest.mark.parametrize(
    ("earlier", "question", "understood"),
    [
        (HUN_SEN, "When was he born?", "When was Hun Sen born?"),
        (HUN_SEN, "Who criticized him and why?", "Who criticized Hun Sen and why?"),
        (HUN_SEN, "Who is his father?", "Who is Hun Sen's father?"),
        (HUN_SEN, "And his son?", "Hun Sen's son?"),
        (HUN_SEN, "his doctor said what", "Hun Sen's doctor said what"),
        (CALLAMARD, "What did she say?", "What did Agnes Callamard say?"),
        (CALLAMARD, "Who interviewed her?", "Who interviewed Agnes Callamard?"),
        (CALLAMARD, "Who gave her the report?", "Who gave Agnes Callamard the report?"),
        (CALLAMARD, "Who met her in Paris?", "Who met Agnes Callamard in Paris?"),
        (CALLAMARD, "What is her job?", "What is Agnes Callamard's job?"),
        (CALLAMARD, "Where did her team stand?", "Where did Agnes Callamard's team stand?"),
        (SERIES, "Who directed it?", "Who directed Zero Day Attack?"),
        (SERIES, "What's it about?", "What's Zero Day Attack about?"),
        (SERIES, "Is it true that it won?", "Is it true that Zero Day Attack won?"),
        (SERIES, "Who are its stars?", "Who are Zero Day Attack's stars?"),
        ("Did the FBI comment?", "Who leads it?", "Who leads the FBI?"),
        ("What did the FBI say?", "What is its view?", "What is the FBI's view?"),
        ("What did the FBI say?", "What else did it say?", "What else did the FBI say?"),
        ("What happened in Pursat?", "Who was arrested there?", "Who was arrested in Pursat?"),
        ("On Monday, what did Sam Rainsy do?", "Why did he go?", "Why did Sam Rainsy go?"),
        ("Tell me about Hun Manith.", "How old is he?", "How old is Hun Manith?"),
    ],
)  # fmt: skip
def test_a_pronoun_is_replaced_by_what_it_stands_for(earlier, question, understood):
    assert str(follow(earlier, question)) == understood


@pytest.mark.parametrize(
    ("earlier", "question"),
    [
        (KRATIE, "When did it happen?"),
        (KRATIE, "Where were they from?"),
        ("When did the ceasefire between Laos and Thailand start?", "Who signed it?"),
        ("What does Hun Sen's son do?", "How old is he?"),
        ("Who is the U.S. ambassador to Laos?", "How old is he?"),
        ("Why did Apple sue the FBI?", "Did they settle?"),
        ("What did Thai police say?", "Were they right?"),
        ("What did the FBI say?", "Who mentioned it?"),
        ("What did Hun Sen say?", "Who disagreed with them?"),
        ("How many Indonesians were held?", "How many of them were women?"),
        ("Who directed Zero Day Attack?", "Did she explain it?"),
        ("Who won in Laos and in Pursat?", "Who lives there?"),
        (KRATIE, "What did they say about Hun Sen?"),
        (HUN_SEN, "When did it happen?"),
        (HUN_SEN, "What did Sam Rainsy say about him?"),
        ("who is hun manith?", "who is his father?"),
        ("WHO IS HUN SEN?", "HOW OLD IS HE?"),
    ],
)
def test_in_doubt_the_earlier_question_goes_along(earlier, question):
    understood = follow(earlier, question)
    assert (understood.text, understood.context) == (question, earlier)
    assert str(understood) == f"{question} ({earlier})"


@pytest.mark.parametrize(
    "question",
    [
        "What did the FBI say about its dispute with Apple?",
        "Who is Kem Sokha and why did he leave?",
        "What did Phay Siphan do after police arrested him?",
        "Did Sam Rainsy say that he was wrong?",
    ],
)
def test_a_pronoun_that_refers_inside_its_question_stays(question):
    assert str(follow(CALLAMARD, question)) == question


@pytest.mark.parametrize(
    ("earlier", "question", "understood"),
    [
        (KRATIE, "And in Pursat?", "How many people did police in Pursat arrest?"),
        (KRATIE, "What about Pursat?", "How many people did police in Pursat arrest?"),
        (KRATIE, "and Pursat", "How many people did police in Pursat arrest?"),
        (KRATIE.lower(), "and in pursat?", "how many people did police in pursat arrest?"),
        (HUN_SEN, "And Hun Manet?", "Who is Hun Manet?"),
        ("What did the FBI say?", "And Apple?", "What did Apple say?"),
        ("How many were held on Monday?", "And on Tuesday?", "How many were held on Tuesday?"),
        ("Who won in Laos in 2018?", "And in 2023?", "Who won in Laos in 2023?"),
        ("Who won in Laos in 2018?", "What about 2023?", "Who won in Laos in 2023?"),
        ("Who won in Laos in March 2018?", "And in May 2023?", "Who won in Laos in May 2023?"),
        ("Who won in Laos in 2018?", "And in Thailand?", "Who won in Thailand in 2018?"),
        ("How many were held?", "And in Pursat?", "How many were held in Pursat?"),
        ("What did Sam Rainsy do in Paris?", "And Hun Sen?", "What did Hun Sen do in Paris?"),
        ("What did he say about the leaks?", "And about rice?", "What did he say about rice?"),
        ("Who voted for the law in 2018?", "And for peace?", "Who voted for peace in 2018?"),
        ("who won in laos in 2018", "and in thailand", "who won in thailand in 2018"),
        ("Who came?", "Who else?", "Who else came?"),
        ("What did Hun Sen say?", "What else?", "What else did Hun Sen say?"),
    ],
)
def test_a_part_takes_the_place_of_its_like(earlier, question, understood):
    assert str(follow(earlier, question)) == understood


@pytest.mark.parametrize(
    ("question", "text", "expects"),
    [
        ("And when?", "When?", "date"),
        ("Why?", "Why?", "reason"),
        ("And women?", "Women?", "number"),
        ("How many women?", "How many women?", "number"),
        ("Who else?", "Who else?", "person"),
        ("And the Thai ones?", "The Thai ones?", "number"),
        ("Where are the people from?", "Where are the people from?", "place"),
        ("And?", "And?", "number"),
    ],
)
def test_a_bare_question_leans_on_the_earlier_one(question, text, expects):
    understood = follow(KRATIE, question)
    assert (understood.text, understood.context) == (text, KRATIE)
    assert understood.expects == expects


@pytest.mark.parametrize(
    "question",
    [
        "How many Indonesians were arrested in Poipet?",
        "how many indonesians were arrested in poipet?",
        "What is the price of rice?",
        "What is a ceasefire?",
        "Which party is Shireen Mazari from?",
        "audio leaks prime minister",
        "Who else commented on rice prices?",
        "What did Amnesty International say about Cambodia?",
    ],
)
def test_a_change_of_subject_is_left_alone(question):
    assert str(follow(HUN_SEN, question)) == question


@pytest.mark.parametrize(
    ("turns", "understood"),
    [
        ([HUN_SEN, "When was he born?", "Where does he live?"], "Where does Hun Sen live?"),
        ([KRATIE, "And in Pursat?", "Why?"], "Why? (How many people did police in Pursat arrest?)"),
        ([KRATIE, "When?", "Where?"], f"Where? ({KRATIE})"),
        ([HUN_SEN, SERIES, "Who directed it?"], "Who directed Zero Day Attack?"),
        ([SERIES, "Who directed it?", HUN_SEN, "How old is he?"], "How old is Hun Sen?"),
        ([HUN_SEN, "Why did he do that?"], f"Why did Hun Sen do that? ({HUN_SEN})"),
        ([KRATIE, "Who fled there?", "And in Pursat?"], "Who fled in Pursat?"),
        ([CALLAMARD, "What did she say?", "And Hun Sen?"], "What did Hun Sen say?"),
        ([CALLAMARD, "What else did she say?", "And Hun Sen?"], "What did Hun Sen say?"),
        ([HUN_SEN, "", "y" * 2000, "\udcff", "How old is he?"], "How old is Hun Sen?"),
    ],
    ids=[
        "pronouns", "part", "bare", "new subject", "back again", "a name and more", "place",
        "person", "person after more", "refused turns",
    ],
)  # fmt: skip
def test_chains(turns, understood):
    assert str(follow(*turns)) == understood


@pytest.mark.parametrize(
    "question",
    [
        "What else did she say?",
        "Anything else?",
        "Who else?",
        "Tell me more",
        "More on that?",
        "Is there any more about it?",
        "What other reports are there?",
        "And the others?",
        "Who else commented on rice prices?",
    ],
)
def test_what_was_told_goes_along_when_more_is_asked_for(question):
    talk = [(HUN_SEN, "He rules."), (CALLAMARD, "She leads."), ("What did she say?", "She did.")]
    assert understand(question, talk).told == "She leads.\nShe did."
    assert understand(question).told == ""


@pytest.mark.parametrize(
    "question",
    ["What did she say?", "And Hun Sen?", "Which of them had more people?", "Who is more than 50?"],
)
def test_nothing_was_told_when_no_more_is_asked_for(question):
    assert understand(question, [(CALLAMARD, "She leads.")]).told == ""


def test_a_person_may_be_named_by_the_answer():
    history = [("Who leaked the messages?", "The leader Sam Rainsy gave them to The Post.")]
    assert str(understand("How old is he?", history)) == "How old is Sam Rainsy?"
    beside = [("How many came?", "PHNOM PENH: Sam Rainsy said at the Ministry of Trade: seven.")]
    assert str(understand("How old is he?", beside)) == "How old is Sam Rainsy?"
    doubtful = [("Who leaked the messages?", "Sam Rainsy says that Hun Sen did.")]
    assert understand("How old is he?", doubtful).context == "Who leaked the messages?"


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("How old is she?", "age"),
        ("How long was he in jail?", "duration"),
        ("How many years has Hun Sen ruled?", "duration"),
        ("How much did the hacker want?", "money"),
        ("What is the price of rice?", "money"),
        ("How many people were arrested?", "number"),
        ("In how many provinces were raids held?", "number"),
        ("In Kratie, how many people were arrested?", "number"),
        ("Tell me how many people were arrested", "number"),
        ("When did it start?", "date"),
        ("On what date did it begin?", "date"),
        ("Where is Poipet?", "place"),
        ("In which province is Poipet?", "place"),
        ("Why did he leave?", "reason"),
        ("Who leaked it?", "person"),
        ("To whom was it sold?", "person"),
        ("who won?", "person"),
        ("Who is the U.S. ambassador to Cambodia?", "person"),
        ("Which company built the phones?", "name"),
        ("What is the series called?", "name"),
        ("Who is Agnes Callamard?", ""),
        ("Who are Hun Sen and Hun Manet?", ""),
        ("What happened in Poipet?", ""),
        ("What did Rainsy say?", ""),
        ("Did Hun Sen resign when protests began?", ""),
    ],
)
def test_the_kind_of_words_that_would_answer(question, expected):
    assert understand(question).expects == expected
