"""Answers to make and to take apart: one with every field, and any that there may be."""

from __future__ import annotations

import datetime

from hypothesis import strategies as st

from rag.types import (
    Account,
    Answer,
    Citation,
    Claim,
    Difference,
    Filters,
    Hit,
    Listing,
    Passage,
    Rejected,
    Tally,
)
from rag.wording import note

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
numbers = st.floats(allow_nan=False, allow_infinity=False)
labels = st.integers(1, 99)
counts = st.integers(0, 10**6)


@st.composite
def spans(draw, end=200):
    start, stop = sorted((draw(st.integers(0, end)), draw(st.integers(0, end))))
    return start, stop


@st.composite
def citations(draw, label):
    quote, start = draw(texts.filter(bool)), draw(counts)
    return Citation(label, draw(texts), start, start + len(quote), quote)


@st.composite
def hits(draw):
    text, start = draw(texts), draw(counts)
    passage = Passage(draw(texts), start, start + len(text), text)
    return Hit(passage, draw(numbers), draw(numbers), draw(numbers))


@st.composite
def claims(draw):
    text = draw(texts)
    return Claim(
        text,
        tuple(draw(st.lists(labels, max_size=3))),
        draw(st.sampled_from(["verbatim", "field", "count", "supported"])),
        tuple(draw(st.lists(spans(len(text)), max_size=3))),
    )


differences = st.builds(
    Difference,
    st.lists(st.builds(Account, labels, spans(), texts), max_size=3).map(tuple),
)


days = st.none() | st.dates(datetime.date(1900, 1, 1))
listings = st.builds(
    Listing,
    st.sampled_from(["articles", "sources", "mentions"]),
    st.lists(texts, max_size=3).map(tuple),
    counts,
    counts,
    st.lists(texts, max_size=2).map(tuple),
    texts,
    st.builds(Filters, st.lists(texts, max_size=2).map(tuple), days, days),
    st.lists(st.builds(Tally, texts, counts), max_size=2).map(tuple),
    counts,
    counts,
)


@st.composite
def answers(draw):
    answered = draw(st.booleans())
    cited = draw(st.lists(labels, max_size=4, unique=True)) if answered else []
    return Answer(
        draw(texts),
        draw(texts),
        draw(texts) if answered else "",
        "answered" if answered else "unanswered",
        draw(st.sampled_from(["extractive", "generated"])),
        tuple(draw(citations(label)) for label in cited),
        tuple(draw(st.lists(hits(), max_size=3))),
        tuple(draw(st.lists(claims(), max_size=3))) if answered else (),
        draw(st.floats(0, 1)),
        tuple(draw(st.lists(texts, max_size=3))),
        draw(counts),
        tuple(draw(st.lists(differences, max_size=2))),
        draw(counts),
        tuple(draw(st.lists(st.builds(Rejected, texts, texts, texts), max_size=2))),
        draw(st.none() | listings),
    )


QUOTE = Citation(1, "a", 4, 14, "312 people")
ANSWER = Answer(
    "How many?",
    "How many did police arrest?",
    "312 people [1]",
    "answered",
    citations=(QUOTE,),
    hits=(Hit(Passage("a", 0, 15, "The 312 people."), 0.5, 0.25, 7.5),),
    claims=(Claim("312 people", (1,), marks=((0, 3),)),),
    confidence=0.75,
    differences=(Difference((Account(1, (0, 3), "Sok Hour"), Account(1, (0, 3)))),),
    rejected=(Rejected("They came.", note("number_absent", number="7")),),
    notes=(note("undated_left_out", n=1), note("no_author", article=note("title", title="Rain"))),
    listing=Listing(
        "sources", ("b", "a"), 7, 2, ("312 people",), "Sok Hour",
        Filters(("AP",), datetime.date(2025, 7, 1)), (Tally("AP", 2),), 3, 1,
    ),
)  # fmt: skip


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=5,
)
