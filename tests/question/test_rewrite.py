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
        (CALLAMARD, "Who interviewed her?", "Who interviewed Agnes Callamard?"),
        (CALLAMARD, "Who gave her the report?", "Who gave Agnes Callamard the report?"),
        (CALLAMARD, "Who met her in Paris?", "Who met Agnes Callamard in Paris?"),
        (CALLAMARD, "What is her job?", "What is Agnes Callamard's job?"),
        (SERIES, "Who directed it?", "Who directed Zero Day Attack?"),
        (SERIES, "Where can viewers in Japan watch it?",
         "Where can viewers in Japan watch Zero Day Attack?"),
        (SERIES, "Who are its stars?", "Who are Zero Day Attack's stars?"),
    ],
)  # fmt: skip
def test_a_pronoun_is_replaced_after_a_question_about_one_name(earlier, question, understood):
    assert str(follow(earlier, question)) == understood


@pytest.mark.parametrize(
    ("earlier", "question"),
    [
        (KRATIE, "And in Pursat?"),
        (KRATIE, "What about Pursat?"),
        (KRATIE, "When did it happen?"),
        (KRATIE, "Where were they from?"),
        (KRATIE, "And when?"),
        (KRATIE, "Why?"),
        (KRATIE, "And?"),
        (KRATIE, "What did they say about Hun Sen?"),
        ("What did Hun Sen's son say?", "How old is he?"),
        ("What happened in Pursat?", "Who was arrested there?"),
        ("Who directed Zero Day Attack?", "When was that?"),
        (HUN_SEN, "When did it happen?"),
        (HUN_SEN, "And his son?"),
        (HUN_SEN, "Who was the doctor?"),
        ("who is hun manith?", "who is his father?"),
    ],
)
def test_a_question_that_leans_has_the_earlier_one_for_its_context(earlier, question):
    understood = follow(earlier, question)
    pronoun = understood.text != question
    assert pronoun or (understood.text, understood.context) == (question, earlier)
    assert str(understood) == f"{understood.text} ({earlier})"
    assert not understood.alone


@pytest.mark.parametrize(
    "question",
    [
        "What did Phay Siphan do after police arrested him?",
        "Who brokered the ceasefire?",
        "How large are the files?",
        "What is the price of rice?",
        "audio leaks prime minister",
        "What did Sam Rainsy say about him?",
    ],
)
def test_a_question_that_may_be_complete_is_read_both_ways(question):
    understood = follow(KRATIE, question)
    assert (understood.text, understood.context, understood.alone) == (question, KRATIE, True)


@pytest.mark.parametrize(
    "question",
    [
        "How many Indonesians were arrested in Poipet?",
        "how many indonesians were arrested in poipet?",
        "Which party is Shireen Mazari from?",
        "What did Amnesty International say about Cambodia?",
        "And what did Amnesty International say?",
        "Hello!",
        "Thank you very much",
    ],
)
def test_a_change_of_subject_is_left_alone(question):
    assert str(follow(HUN_SEN, question)) == question


@pytest.mark.parametrize(
    ("question", "expects"),
    [
        ("And when?", "date"),
        ("Why?", "reason"),
        ("And women?", "number"),
        ("How many women?", "number"),
        ("Who else?", "person"),
        ("Where are the people from?", "place"),
        ("And?", "number"),
    ],
)
def test_a_question_without_its_verb_asks_for_what_the_earlier_one_did(question, expects):
    assert follow(KRATIE, question).expects == expects


@pytest.mark.parametrize(
    ("turns", "understood"),
    [
        ([HUN_SEN, "When was he born?", "Where does he live?"],
         "Where does he live? (When was Hun Sen born?)"),
        ([KRATIE, "And in Pursat?", "Why?"], f"Why? ({KRATIE} And in Pursat?)"),
        ([KRATIE, "When?", "Where?"], f"Where? ({KRATIE})"),
        ([KRATIE, "Thanks!", "Where?"], f"Where? ({KRATIE})"),
        ([HUN_SEN, SERIES, "Who directed it?"], "Who directed Zero Day Attack?"),
        ([HUN_SEN, "", "y" * 2000, "\udcff", "How old is he?"], "How old is Hun Sen?"),
        (["Hello", "Where were they from?"], "Where were they from?"),
    ],
    ids=["a name", "part", "bare", "thanks", "new subject", "refused turns", "greeting"],
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


@pytest.mark.parametrize(
    "question", ["តើអ្នកណាជានាយករដ្ឋមន្ត្រី?", "وہ کون ہے؟", "Кто он?", "asdfgh", "x", "🙂", "سلام"]
)
def test_what_leans_on_no_english_question_is_not_joined_to_it(question):
    assert understand(question, [(CALLAMARD, "She leads.")]).context == ""


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
