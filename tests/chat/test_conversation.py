"""What survives a reload, what a link says, and that damage to either is told, not suffered."""

from __future__ import annotations

import contextlib
import copy
import datetime
import json
from dataclasses import replace
from urllib.parse import parse_qs

import pytest
from answers import ANSWER, JSON, answers
from hypothesis import given
from hypothesis import strategies as st

from rag.chat import conversation
from rag.chat.conversation import KEPT, Conversation, Exchange
from rag.errors import InputError, QuestionError
from rag.export import serialize
from rag.types import Filters
from rag.wording import wording

DAY = datetime.date(2024, 5, 31)
NONE = Filters()
FILTERS = Filters(
    ("The Post", "AFP"), DAY, datetime.date(2024, 6, 2), ("a1",),
    authors=("Ann Lee", "Bo Ek"), sections=("Arts & Life",), languages=("km",), formats=("pdf",),
)  # fmt: skip

names = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=40)
any_filters = st.builds(
    Filters,
    st.lists(names, max_size=4, unique=True).map(tuple),
    st.none() | st.dates(),
    st.none() | st.dates(),
    st.none() | st.tuples(names),
)


@st.composite
def conversations(draw):
    """As a visitor makes them: the numbers go up, and with gaps where old ones were let go."""
    numbers = sorted(draw(st.sets(st.integers(1, 10**9 - 1), max_size=3)))
    return Conversation(
        tuple(
            Exchange(
                number,
                draw(answers()),
                draw(any_filters),
                draw(st.sampled_from(["archive", "own", "both"])),
                draw(st.booleans()),
                draw(st.booleans()),
            )
            for number in numbers
        )
    )


def exchange(number: int, question: str = "Who?", **changes: object) -> Exchange:
    answer = replace(ANSWER, question=question, text=f"{question} [1]")
    return replace(Exchange(number, answer), **changes)


def talk(*exchanges: Exchange) -> Conversation:
    session = Conversation()
    for one in exchanges:
        session = session.with_exchange(one)
    return session


# What a browser keeps


@given(conversations())
def test_a_conversation_survives_json_exactly(session):
    values = json.loads(json.dumps(conversation.to_json(session), ensure_ascii=False))
    assert conversation.from_json(values) == session


def test_a_real_answer_survives(archive):
    answer = archive.ask("How many people did police in Kratie arrest?")
    session = talk(Exchange(1, answer, FILTERS, "both", rated=True))
    values = json.loads(json.dumps(conversation.to_json(session)))
    assert conversation.from_json(values) == session


def test_an_answer_that_is_being_written_is_not_kept():
    session = replace(talk(exchange(1)), pending=exchange(2, "And then?"))
    assert "And then?" not in json.dumps(conversation.to_json(session))
    assert conversation.from_json(conversation.to_json(session)) == talk(exchange(1))


def test_what_an_earlier_page_did_not_keep_has_its_default():
    values = {"version": 1, "exchanges": [{"number": 3, "answer": serialize.to_json(ANSWER)}]}
    assert conversation.from_json(values).exchanges == (Exchange(3, ANSWER),)


def test_a_restored_conversation_is_said_in_the_readers_language():
    kept = json.loads(json.dumps(conversation.to_json(talk(exchange(1)))))
    assert "publication" not in json.dumps(kept)
    answer = conversation.from_json(kept).exchanges[0].answer
    say = wording("fr")
    assert list(map(say.note, answer.notes)) == list(map(say.note, ANSWER.notes))
    assert "figure pas" in say.note(answer.rejected[0].reason)
    assert list(map(str, answer.notes)) == list(ANSWER.notes)


@pytest.mark.parametrize(
    "made",
    [
        {"key": "no_such_note", "values": {}},
        {"key": "language", "values": {}},
        {"key": "number_absent", "values": {}},
        {"key": "number_absent", "values": {"number": "7", "more": "x"}},
        {"key": "number_absent", "values": {"digits": "7"}},
        {"key": "undated_left_out", "values": {"n": "7"}},
        {"key": "{0.__class__}", "values": {}},
    ],
)
def test_a_note_that_a_browser_made_up_says_nothing(made):
    kept = conversation.to_json(talk(exchange(1)))
    kept["exchanges"][0]["answer"]["notes"] = [made]
    (note,) = conversation.from_json(kept).exchanges[0].answer.notes
    assert note == "" == wording("fr").note(note)


def test_the_text_of_a_note_is_the_catalogues_whatever_a_browser_says():
    kept = conversation.to_json(talk(exchange(1)))
    hostile = {"key": "number_absent", "values": {"number": "{key} <b>"}, "text": "Trust me."}
    kept["exchanges"][0]["answer"]["notes"] = [hostile, "As before."]
    notes = conversation.from_json(kept).exchanges[0].answer.notes
    assert notes == ("The number {key} <b> does not stand in what it cites.", "As before.")


@pytest.mark.parametrize(
    "made",
    [
        {"key": "no_author", "values": {"article": {"key": "no_author", "values": {
            "article": {"key": "title", "values": {"title": {"key": "title", "values": {}}}}}}}},
        {"key": "number_absent", "values": {"number": "x" * (serialize.TEXT + 1)}},
        {"key": "number_absent", "values": {f"n{n}": "x" for n in range(99)}},
        {"key": "undated_left_out", "values": {"n": 10**12}},
        {"key": "undated_left_out", "values": {"n": None}},
        {"key": 7, "values": {}}, {"key": "title"}, {}, {"key": "title", "values": "x"},
    ],
)  # fmt: skip
def test_a_note_beyond_all_bounds_is_refused(made):
    kept = conversation.to_json(talk(exchange(1)))
    kept["exchanges"][0]["answer"]["notes"] = [made]
    with pytest.raises(InputError):
        conversation.from_json(kept)


def wrong(value: object, *place: object) -> object:
    """A kept conversation with another value at a place; without one, that value alone."""
    session = talk(exchange(1, filters=FILTERS), exchange(4))
    values = {"": json.loads(json.dumps(conversation.to_json(session)))}
    parent, last = values, ""
    for key in place:
        parent, last = parent[last], key
    parent[last] = value
    return values[""]


DAMAGED = {
    "none": wrong(None),
    "a list": wrong([]),
    "a text": wrong("conversation"),
    "empty": wrong({}),
    "another version": wrong(3, "version"),
    "a version in words": wrong("1", "version"),
    "no exchanges": wrong(None, "exchanges"),
    "exchanges by name": wrong({"1": {}}, "exchanges"),
    "too many exchanges": wrong([None] * (KEPT + 1), "exchanges"),
    "an exchange that is none": wrong("exchange", "exchanges", 0),
    "no number": wrong(None, "exchanges", 0, "number"),
    "a boolean for a number": wrong(True, "exchanges", 0, "number"),
    "a fraction for a number": wrong(1.5, "exchanges", 0, "number"),
    "a text for a number": wrong("1", "exchanges", 0, "number"),
    "the number nought": wrong(0, "exchanges", 0, "number"),
    "less than nothing": wrong(-1, "exchanges", 0, "number"),
    "an immense number": wrong(10**9, "exchanges", 1, "number"),
    "one number twice": wrong(4, "exchanges", 0, "number"),
    "numbers that go down": wrong(5, "exchanges", 0, "number"),
    "no answer": wrong(None, "exchanges", 0, "answer"),
    "an answer without a status": wrong({"question": "x"}, "exchanges", 0, "answer"),
    "a quote of another length": wrong("312", "exchanges", 0, "answer", "citations", 0, "quote"),
    "an unknown scope": wrong("everything", "exchanges", 0, "scope"),
    "a list for a scope": wrong(["own"], "exchanges", 0, "scope"),
    "no scope": wrong(None, "exchanges", 0, "scope"),
    "filters that are a list": wrong([], "exchanges", 0, "filters"),
    "no filters": wrong(None, "exchanges", 0, "filters"),
    "a text for sources": wrong("The Post", "exchanges", 0, "filters", "sources"),
    "a number for a source": wrong([7], "exchanges", 0, "filters", "sources"),
    "a list for a source": wrong([[]], "exchanges", 0, "filters", "sources"),
    "too long a source": wrong(["x" * 501], "exchanges", 0, "filters", "sources"),
    "too many sources": wrong(["x"] * 501, "exchanges", 0, "filters", "sources"),
    "half a character in a source": wrong(["\ud800"], "exchanges", 0, "filters", "sources"),
    "half a character in an id": wrong("\udfff", "exchanges", 0, "filters", "article"),
    "too long an id": wrong("x" * 501, "exchanges", 0, "filters", "article"),
    "a number for an id": wrong(7, "exchanges", 0, "filters", "article"),
    "no id": wrong(None, "exchanges", 0, "filters", "article"),
    "a number for a day": wrong(20240531, "exchanges", 0, "filters", "since"),
    "an immense number for a day": wrong(10**5000, "exchanges", 0, "filters", "since"),
    "a list for a day": wrong(["2024-05-31"], "exchanges", 0, "filters", "until"),
}


@pytest.mark.parametrize("values", DAMAGED.values(), ids=DAMAGED)
def test_what_is_no_conversation_is_refused(values):
    with pytest.raises(InputError, match="cannot be read") as told:
        conversation.from_json(values)
    assert len(str(told.value)) < 300


@pytest.mark.parametrize("day", ["yesterday", "2024-02-30", "31.05.2024", "x" * 9999, "\ud800"])
def test_a_day_that_is_none_is_refused(day):
    with pytest.raises(QuestionError, match="is no date") as told:
        conversation.from_json(wrong(day, "exchanges", 0, "filters", "since"))
    assert str(told.value).isprintable()
    assert len(str(told.value)) < 100


def places(values: object, place: tuple[object, ...] = ()) -> list[tuple[object, ...]]:
    """Where in JSON values there is a value."""
    inner = values.items() if isinstance(values, dict) else enumerate(values)
    return [place] + [
        found
        for key, value in inner
        for found in (
            places(value, (*place, key)) if isinstance(value, dict | list) else [(*place, key)]
        )
    ]


@given(JSON, st.sampled_from(places(wrong(1, "version"))))
def test_any_value_in_any_place_is_read_or_refused(value, place):
    with contextlib.suppress(InputError, QuestionError):
        read = conversation.from_json(copy.deepcopy(wrong(value, *place)))
        assert conversation.from_json(conversation.to_json(read)) == read
        assert all(conversation.link(e.answer.understood, e.filters) for e in read.exchanges)


# Exchanges


def test_numbers_go_on_and_are_never_given_twice():
    assert Conversation().next_number == 1
    session = talk(*(exchange(n) for n in range(1, KEPT + 6)))
    assert len(session.exchanges) == KEPT
    assert [e.number for e in session.exchanges] == list(range(6, KEPT + 6))
    assert session.next_number == KEPT + 6
    assert session.exchange(5) is None
    assert session.exchange(6) is session.exchanges[0]
    assert conversation.from_json(conversation.to_json(session)) == session


def asked_before(session, scope="both", filters=NONE):
    return [question for question, _ in session.history(scope, filters)]


def test_a_next_question_leans_on_the_exchanges_since_a_fresh_one():
    one, two, three = exchange(1, "Who?"), exchange(2, "When?"), exchange(3, "Where?")
    assert asked_before(Conversation()) == []
    assert talk(one, two).history("both", NONE) == (("Who?", "Who? [1]"), ("When?", "When? [1]"))
    fresh = replace(two, fresh=True)
    assert asked_before(talk(one, fresh)) == ["When?"]
    assert asked_before(talk(one, fresh, three)) == ["When?", "Where?"]
    assert asked_before(talk(one, fresh, replace(three, fresh=True))) == ["Where?"]
    assert asked_before(replace(talk(one), pending=two)) == ["Who?"]


def test_a_chosen_article_or_filter_keeps_no_old_subject():
    one, two = exchange(1, "Who?"), exchange(2, "When?")
    article, source = Filters(articles=("a",)), Filters(sections=("Sport",))
    assert asked_before(talk(one), filters=article) == []
    in_article = replace(two, filters=article)
    assert asked_before(talk(one, in_article), filters=article) == ["When?"]
    assert asked_before(talk(one, in_article), filters=source) == []
    assert asked_before(talk(one, in_article)) == []


def test_a_question_to_the_archive_leans_on_none_about_own_documents():
    one, two, three = (exchange(n, q) for n, q in enumerate(("Who?", "When?", "Where?"), start=1))
    asked = Conversation((one, replace(two, scope="own"), replace(three, scope="both")))
    assert [question for question, _ in asked.history("archive", NONE)] == ["Who?"]
    assert [question for question, _ in asked.history("own", NONE)] == ["Who?", "When?", "Where?"]


def test_an_exchange_is_found_by_its_number_also_while_it_is_written():
    pending = exchange(2)
    session = replace(talk(exchange(1)), pending=pending)
    assert session.exchange(2) is pending
    assert session.with_exchange(pending).pending is None
    for other in (0, 3, None, "1", [], {}):
        assert session.exchange(other) is None


def test_one_exchange_is_judged_and_no_other():
    session = talk(exchange(1), exchange(2)).rated(2)
    assert [e.rated for e in session.exchanges] == [False, True]
    assert session.rated(9) == session


@pytest.mark.parametrize("scope", ["archive", "own", "both"])
def test_what_is_asked_by_its_name(scope):
    assert conversation.scope_of(scope) == scope


@pytest.mark.parametrize("scope", ["", "Own", "archive ", "all"])
def test_an_unknown_name_of_what_is_asked(scope):
    with pytest.raises(InputError):
        conversation.scope_of(scope)


# Links

questions = st.text(st.characters(exclude_categories=["Cs"]), min_size=1)


@given(questions, any_filters)
def test_a_link_says_the_question_and_its_filters(question, filters):
    query = conversation.link(question, filters)
    assert query.isascii()
    assert query.startswith("?q=")
    assert set(query) <= set("?=&+%-._~") | {c for c in query if c.isalnum()}
    assert conversation.of_link(query) == (question, filters)


@pytest.mark.parametrize(
    "question",
    [
        "តើប៉ូលិសបានចាប់ខ្លួនមនុស្សប៉ុន្មាននាក់?",
        "پولیس نے کتنے لوگوں کو گرفتار کیا؟",
        "« Qui ? » & 100 % + #1; a=b/c\\d",
        "a\nb\x00c\u202e\U0001f4f0",
        "<script>alert(1)</script>\"'",
    ],
    ids=["Khmer", "Urdu", "signs", "controls", "markup"],
)
def test_a_link_holds_any_script_and_sign(question):
    for filters in (Filters(), FILTERS, Filters((question,), articles=(question,))):
        query = conversation.link(question, filters)
        assert conversation.of_link(query) == (question, filters)
        assert not set("<>\"' #") & set(query)


def test_a_link_without_filters_names_the_question_alone():
    assert conversation.link("Who said so?", Filters()) == "?q=Who+said+so%3F"
    query = conversation.link("Who?", FILTERS)
    assert parse_qs(query[1:]) == {
        "q": ["Who?"],
        "source": ["The Post", "AFP"],
        "since": ["2024-05-31"],
        "until": ["2024-06-02"],
        "article": ["a1"],
        "author": ["Ann Lee", "Bo Ek"],
        "section": ["Arts & Life"],
        "language": ["km"],
        "format": ["pdf"],
    }


@pytest.mark.parametrize(
    ("query", "question", "filters"),
    [
        ("", "", Filters()),
        ("?", "", Filters()),
        ("?lang=km", "", Filters()),
        ("q=Who", "Who", Filters()),
        ("?q=Who&q=What", "Who", Filters()),
        ("?q=&source=&since=&article=", "", Filters()),
        ("?source=a&source=b&source=a", "", Filters(("a", "b"))),
        ("?author=b&author=b&format=pdf", "", Filters(authors=("b",), formats=("pdf",))),
        ("?until=2024-05-31", "", Filters(until=DAY)),
        ("?q=%C3%28%FF", "\ufffd(\ufffd", Filters()),
        ("?q=%", "%", Filters()),
        ("?__proto__=1&constructor=2&version=3", "", Filters()),
        ("??&&==&%00", "", Filters()),
        ("?q=" + "x" * 100_000, "x" * 100_000, Filters()),
    ],
)
def test_a_link_that_was_changed_by_hand(query, question, filters):
    assert conversation.of_link(query) == (question, filters)


@pytest.mark.parametrize(
    ("query", "error"),
    [
        ("?since=yesterday", QuestionError),
        ("?q=Who&until=2024-13-01", QuestionError),
        ("?since=%00", QuestionError),
        ("?article=" + "x" * 501, InputError),
        ("?source=" + "x" * 501, InputError),
        ("?" + "&".join(f"source={n}" for n in range(501)), InputError),
        ("?" + "&".join(["a=b"] * 1001), InputError),
    ],
    ids=["day", "month", "control", "long id", "long source", "many sources", "many fields"],
)
def test_a_hostile_link_is_refused(query, error):
    with pytest.raises(error) as told:
        conversation.of_link(query)
    assert str(told.value).isprintable()
    assert len(str(told.value)) < 100


@given(st.text(st.characters(codec="ascii"), max_size=80) | st.text(max_size=40))
def test_any_query_is_read_or_refused(query):
    with contextlib.suppress(InputError, QuestionError):
        question, filters = conversation.of_link(query)
        assert isinstance(question, str)
        assert conversation.filters_of(filters.values()) == filters
