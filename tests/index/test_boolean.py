"""What a search asks for: against the same said in Python, and what is refused."""

from __future__ import annotations

import contextlib
import itertools
import random

import pytest

from rag.errors import QuestionError
from rag.index.boolean import LONGEST, Joined, parse, wanted
from rag.text.words import Term


def holds(search, words):
    """Whether a text of these words fits, decided without an index."""
    if isinstance(search, Term):
        (word,) = search.words
        return any(one.startswith(word) if search.begins else one == word for one in words)
    parts = [holds(part, words) for part in search.parts]
    return {"AND": all(parts), "OR": any(parts), "NOT": parts[0] and not parts[-1]}[search.how]


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("a b", lambda a, b, c: a and b),
        ("a AND b", lambda a, b, c: a and b),
        ("a OR b c", lambda a, b, c: a or (b and c)),
        ("(a OR b) c", lambda a, b, c: (a or b) and c),
        ("a NOT b", lambda a, b, c: a and not b),
        ("a -b -c", lambda a, b, c: a and not b and not c),
        ("-b a", lambda a, b, c: a and not b),
        ("a AND NOT (b OR c)", lambda a, b, c: a and not (b or c)),
        ("a (NOT b)", lambda a, b, c: a and not b),
        ("a OR (b NOT c)", lambda a, b, c: a or (b and not c)),
        ("a NOT NOT b", lambda a, b, c: a and not b),
        ('"a" OR “b”', lambda a, b, c: a or b),
        ("(a OR b", lambda a, b, c: a or b),
        ("AND a OR OR b)", lambda a, b, c: a or b),
    ],
)
def test_it_means_what_it_says(typed, meant):
    search = parse(typed)
    for there in itertools.product((True, False), repeat=3):
        words = [word for word, is_there in zip("abc", there, strict=True) if is_there]
        assert bool(search and holds(search, words)) == bool(meant(*there)), there


def test_phrases_and_beginnings():
    assert parse('"New York" flood*') == Joined(
        "AND", (Term(("new", "york")), Term(("flood",), True))
    )
    assert parse('"climate sum"*') == Term(("climate", "sum"), True)
    assert parse("and or not") == Joined("AND", (Term(("and",)), Term(("or",)), Term(("not",))))


@pytest.mark.parametrize("typed", ["", "  ", '"', "NOT", "()", "… —", "AND OR"])
def test_nothing_is_asked(typed):
    assert parse(typed) is None


@pytest.mark.parametrize(
    ("typed", "remedy"),
    [
        ("-a", "Add a word"),
        ("NOT (a OR b)", "Add a word"),
        ("a OR -b", "Add a word"),
        ("a" * (LONGEST + 1), "shorter"),
        ("(" * 500 + "a", "fewer"),
    ],
)
def test_what_is_refused_names_the_remedy(typed, remedy):
    with pytest.raises(QuestionError, match=remedy):
        parse(typed)


def test_what_is_marked_is_what_may_be_there():
    terms = wanted(parse('a ("b c" OR d) NOT e'))
    assert [" ".join(one.words) for one in terms] == ["a", "b c", "d"]


def test_whatever_is_typed_is_a_search_or_refused():
    chosen = random.Random(7)
    pieces = ["a", '"b c"', "AND", "OR", "NOT", "(", ")", "-", "-d", '"', "*", "x*", "«", "\x00"]
    for _ in range(3000):
        typed = " ".join(chosen.choices(pieces, k=chosen.randrange(12)))
        with contextlib.suppress(QuestionError):
            assert parse(typed) is None or [*wanted(parse(typed))]
