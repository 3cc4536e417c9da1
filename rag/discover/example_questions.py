"""Questions that an archive answers, made from its own sentences, to show what can be asked.

Each is asked of the archive, and kept if it is answered, with confidence, by the sentence that it
was made from. English; articles in other languages give none. Knows nothing of the index.

A template sees a letter for each name, as in "X urged Y to …". There is no parser: it takes a
subject only where nothing else can be one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest

from rag.discover.entities import SENTENCE_END, Entity
from rag.text.lines import spaced
from rag.text.person_titles import OFFICE, split_titles
from rag.text.sentences import sentence_spans
from rag.text.stems import names
from rag.text.vocabulary import MONTH, TWO_TO_TWELVE, WEEKDAY, either
from rag.types import Answer, Article, Span

_LONGEST, _SENTENCE = 80, 400  # Characters of a question, and of a sentence.
_READ = 8_000  # Characters of an article: the story is told at its beginning.
_ASKED, _ENOUGH = 24, 6
_CONFIDENT = 0.6

_FIRST, _NAME = 0xE000, "[\ue000-\uf8ff]"  # Private-use letters, one for each name of a sentence.
_NO_SUBJECT = "of|for|by|with|and|or|to|from|in|at|on|about|than|against|not|never|if|whether"
_ADVERB = rf"(?: (?:also|later|has|have|had|earlier|today|yesterday|(?:on )?{WEEKDAY}|\w+ly))*"
# At the beginning of a clause and behind at most four words; "X, a spokesman for Y, ".
_WHO = (
    r"(?:^|[,;:—–“”\"(] ?|\b(?:that|when|while|but|because|after|as) )"
    rf"(?:(?!(?:{_NO_SUBJECT})\b)[\w’'-]+ ){{0,4}}(?P<who>{_NAME})(?:, [^,]{{2,60}},)?{_ADVERB}"
)
_BE = "(?:is|are|was|were|has|have|had|will|would|could|can|should|must|may|might)"
_COUNT = rf"(?:\d[\d,]*|\w+s of|{either(*TWO_TO_TWELVE)}|\d[\d.]* [mb]illion)"

# First those that show most of what can be asked.
_TEMPLATES = (
    (rf"{_WHO} (?:said|argued|claimed|warned|announced|explained|insisted),?(?: that)?"
     rf" (?:the (?={_NAME}))?(?P<topic>{_NAME}|the [a-z-]{{4,}} [a-z-]+s) {_BE}\b",
     "What did {who} say about {topic}?"),
    (rf"{_WHO} (?P<verb>urge|order|invite|advise|warn|ask)e?d (?:the )?"
     rf"(?P<whom>{_NAME}(?: and {_NAME})?) to (?!the\b|be\b)[a-z]",
     "What did {who} {verb} {whom} to do?"),
    (rf"{_WHO} accused (?:the )?(?P<whom>{_NAME}) of [a-z]", "What did {who} accuse {whom} of?"),
    (rf"\b{_COUNT} (?P<what>{_NAME}|(?:[a-z-]+ )?(?:[A-Z]?[a-z]+s|(?:wo)?men|people))"
     rf"(?:, [^,]{{3,50}},)? (?P<be>were|have been) (?P<done>[a-z]+ed){_ADVERB}"
     rf" in (?:the )?(?P<where>{_NAME})(?=[,.;])", "How many {what} {be} {done} in {where}?"),
    (rf"{_WHO} was (?P<done>born|founded|launched|arrested|killed|elected|created)\b"
     rf"[^,;.]{{0,30}}? (?:on|in) (?:(?:\d\d? )?{MONTH}|(?:19|20)\d\d)\b",
     "When was {who} {done}?"),
    (rf"{_NAME}, (?:the )?(?P<role>(?i:(?!an? |retired |former )(?:[a-z]+ ){{0,2}}{OFFICE}))"
     rf" (?P<of>of|for|at) (?:the )?(?P<what>{_NAME})(?=[,.])", "Who is the {role} {of} {what}?"),
    (rf"(?P<person>{_NAME}), (?:who is (?:an? )?|an? )(?:[\w’'-]+ ){{0,4}}?"
     r"(?:\w+(?:[eo]r|ist|ian|man|woman|ant)|critic|chief|president)\b[^.;]{3,90}[,.]",
     "Who is {person}?"),
)  # fmt: skip

Ask = Callable[[Sequence[str]], Sequence[Answer]]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A question made from a sentence (a span), and in how many `articles` its names are."""

    question: str
    template: int
    article_id: str
    span: Span
    articles: int = 0


def candidates(articles: Iterable[Article], entities: Sequence[Entity]) -> Iterator[Candidate]:
    """The questions that the sentences of articles give about `entities`."""
    known = {form: one for one in reversed(entities) for form in one.forms}
    for article in articles:
        if not (article.language or "en").lower().startswith("en"):
            continue
        text = article.text[:_READ]
        said = {part for a, b in names(text) for part in split_titles(text[a:b])}
        here = {part: known[part] for part in said & known.keys()}
        # A surname is known only in an article with the full name.
        here = {part: one for part, one in here.items() if one.name in said or part not in one.name}
        for span in sentence_spans(text):
            sentence = spaced(text[slice(*span)])
            if len(sentence) <= _SENTENCE and SENTENCE_END.search(sentence):
                for template, question, n in _questions(sentence, here):
                    if len(question) <= _LONGEST:
                        yield Candidate(question, template, article.id, span, n)


def proposed(articles: Iterable[Article], entities: Sequence[Entity]) -> list[Candidate]:
    """The questions to ask, in turn of each template; of one, first those of most articles."""
    unique = {one.question: one for one in candidates(articles, entities)}.values()
    ranked = sorted(unique, key=lambda one: (-one.articles, one.article_id))
    by_template = ([one for one in ranked if one.template == n] for n in range(len(_TEMPLATES)))
    return [one for turn in zip_longest(*by_template) for one in turn if one][:_ASKED]


def answered(proposals: Sequence[Candidate], ask: Ask) -> list[str]:
    """Those that their own sentence answers, each of another article, until there are enough."""
    good: dict[str, str] = {}
    for one in proposals:
        if one.article_id not in good and _is_answer(ask([one.question])[0], one):
            good[one.article_id] = one.question
        if len(good) == _ENOUGH:
            break
    return list(good.values())


def _is_answer(answer: Answer, one: Candidate) -> bool:
    """Whether the best evidence of a confident answer is the sentence of the question."""
    if answer.confidence < _CONFIDENT or answer.status != "answered" or not answer.citations:
        return False
    best, (start, end) = answer.citations[0], one.span
    return best.article_id == one.article_id and best.start < end and start < best.end


def _questions(sentence: str, known: Mapping[str, Entity]) -> Iterator[tuple[int, str, int]]:
    """Each question that a sentence gives about `known` names: template, words, articles."""
    masked, found = _masked(sentence, known)
    for template, (pattern, question) in enumerate(_TEMPLATES if found else ()):
        for match in re.finditer(pattern, masked):
            filled = question.format_map(match.groupdict())
            asked = {letter: found[ord(letter) - _FIRST] for letter in re.findall(_NAME, filled)}
            fits = "person" not in match.groupdict() or all(one.is_person for one in asked.values())
            if fits and len(set(asked.values())) == len(asked):
                for letter, one in asked.items():
                    filled = filled.replace(letter, f"the {one.name}" if one.definite else one.name)
                yield template, filled, sum(len(one.articles) for one in asked.values())


def _masked(sentence: str, known: Mapping[str, Entity]) -> tuple[str, list[Entity]]:
    """The sentence with a letter for each known name and its title, and the names."""
    masked, reach, found = "", 0, list[Entity]()
    for start, end in names(sentence):
        parts = split_titles(sentence[start:end])
        if parts and parts[-1] in known and sentence[:end].endswith(parts[-1]):
            masked += sentence[reach:start] + chr(_FIRST + len(found))
            found.append(known[parts[-1]])
            reach = end
    return masked + sentence[reach:], found
