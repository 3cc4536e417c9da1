"""Compares what a conversation shows with what the archive answers.

Reads the page's HTML, and decides what is a mix-up or a wrong answer.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias, get_args

from lxml import html

from rag import Archive
from rag.citation import articles_of, verified
from rag.text.lines import on_one_line

Kind: TypeAlias = Literal["error", "mix-up", "wrong answer"]
KINDS: tuple[Kind, ...] = get_args(Kind)


@dataclass(frozen=True, slots=True)
class Turn:
    """A question and the quotes below it; none for a verdict that there is no answer."""

    question: str
    quotes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Seen:
    """What a visitor saw of a conversation; `answered`: the last question has quotes or a verdict.

    `remark`: the last note below the last question.
    """

    turns: tuple[Turn, ...]
    answered: bool
    remark: str


@dataclass(frozen=True, slots=True)
class Fault:
    """What went wrong, with whom, and at which question."""

    kind: Kind
    visitor: str
    question: str
    what: str


def is_waiting(page: str) -> bool:
    """Whether the page tells how far the archive is; a browser then begins again."""
    return bool(html.fragment_fromstring(page, create_parent="div").find_class("waiting"))


def read(page: str) -> Seen:
    """Read the HTML of a conversation."""
    root = html.fragment_fromstring(page, create_parent="div")
    turns = root.find_class("turn")
    if not turns:
        return Seen((), False, "")
    last = turns[-1]
    answered = bool(last.find_class("claim") or last.find_class("verdict"))
    notes = [note.text_content() for note in last.find_class("note")]
    return Seen(tuple(map(_turn, turns)), answered, notes[-1] if notes else "")


class Expected:
    """The conversations as an archive gives them; each question is asked once per history."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self._told: dict[tuple[str, ...], tuple[Turn, str]] = {}

    def turns(self, questions: Sequence[str]) -> tuple[Turn, ...]:
        """What is to be shown when these questions were asked, one after the other."""
        ends = range(1, len(questions) + 1)
        return tuple(self._ask(tuple(questions[:end]))[0] for end in ends)

    def _ask(self, questions: tuple[str, ...]) -> tuple[Turn, str]:
        if questions not in self._told:
            ends = range(1, len(questions))
            history = [(questions[n - 1], self._ask(questions[:n])[1]) for n in ends]
            answer = self._archive.ask(questions[-1], history, written=False)
            articles = {one: self._archive.article(one) for one in articles_of(answer)}
            claims = verified(answer, articles).claims
            turn = Turn(questions[-1], tuple(on_one_line(claim.text) for claim in claims))
            self._told[questions] = turn, answer.text
        return self._told[questions]


def faults(
    visitor: str, questions: Sequence[str], seen: Sequence[Seen], expected: Expected
) -> Iterator[Fault]:
    """What is wrong with what a visitor saw after the last of these questions.

    Every update has to show this visitor's questions and nobody else's, and the last one the
    archive's own answers to all of them.
    """
    asked = questions[-1]
    own = tuple(questions)
    for update in seen:
        if tuple(turn.question for turn in update.turns) != own:
            others = [turn.question for turn in update.turns if turn.question not in own]
            what = f"shows {len(update.turns)} questions where {len(own)} were asked"
            yield Fault("mix-up", visitor, asked, f"{what}; not asked: {others}")
            return
    if not seen or not seen[-1].answered:
        remark = seen[-1].remark if seen else "no update"
        yield Fault("error", visitor, asked, f"no answer came, but: {remark}")
        return
    for turn, right in zip(seen[-1].turns, expected.turns(own), strict=True):
        if turn != right:
            what = f"to {turn.question!r} shows {turn.quotes}, the archive says {right.quotes}"
            yield Fault("wrong answer", visitor, asked, what)


def _turn(section: Any) -> Turn:
    claims = (claim.find_class("words")[0] for claim in section.find_class("claim"))
    (heading,) = section.iter("h2")
    return Turn(heading.text_content(), tuple(words.text_content() for words in claims))
