"""Is a written sentence borne out by the passages that it cites? Knows nothing of the index.

A sentence is held against single sentences of the passages, each with the neighbours that it needs
to be understood, and not against passages whole: there one story's figure would bear out
another's.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from rag.context import grown
from rag.facts import Name, date_stands, name_stands, named, number_stands, numbers, related, whens
from rag.orders import is_order
from rag.polarity import contrary
from rag.sentences import sentence_spans
from rag.settings import AskSettings
from rag.speakers import speaker
from rag.types import Article, Shown, Span, Vectors, Verdict
from rag.words import fold, words

Embed = Callable[[Sequence[str]], Vectors]
"""Texts to unit rows, shape (n, dimension)."""
Entails = Callable[[Sequence[tuple[str, str]]], list[float]]
"""Pairs of quote and sentence to probabilities that the one entails the other."""

_QUOTES = 3  # A sentence may rest on so many.
_ADDS = 2  # Words that a further quote must add.
_FACT = 2.0  # A name or number weighs so much more than another word in the choice of quotes.
_BEFORE = 3  # Sentences that may name what is told of.
_NEAR = 4  # Words around a fact that are at home with it.
_AT_HOME = 0.34  # The share of them that the quote must hold, where it is not the best one.
_ELSEWHERE = 1.5  # Words that another number shares more with the sentence.
_COUNTED = 3.0  # Words that the one it counts is worth.
_TIMES = frozenset(words("second minute hour day week month year"))
_CUT = re.compile(r"[,;:()] | and | while | but |[.!?]\s")
_ENTAILED = 0.5
_LEAST_WORDS = 3
_QUOTED = re.compile(r"[“\"]([^”\"]+)[”\"]")
_MARKUP = re.compile(r"https?:|www\.|[<>{}\\|]|\]\(|javascript:", re.IGNORECASE)
# Words in which a source is named, or that only introduce what it says.
_SAYING = frozenset(
    words(
        "said say according report reported article passage source state stated mention mentioned"
        " note noted add added tell told describe described explain explained claim claimed"
    )
)
# Words that say little by themselves.
_LIGHT = frozenset(
    words(
        "although though because since however among along around almost nearly about every well"
        " also far others another people many several least while whereas whether until within"
        " including include called became become began start end first second"
    )
)
# What stands between a name and the role of who bears it: "the chief executive of".
_APPOSITION = re.compile(
    r",? (?:(?:the|a|an|its|and|of|for|at|in|from|then) |(?!said|told|met|\w+ed )[a-z-]+ ){0,6}",
)


@dataclass(frozen=True)
class _Quote:
    """A sentence of a passage: itself, and the span with the neighbours that it needs."""

    article: Article
    own: str
    span: Span

    @property
    def text(self) -> str:
        return self.article.text[slice(*self.span)]


@dataclass(frozen=True)
class Verifier:
    """Holds written sentences against passages.

    `entails` is asked only where the settings name an entailment model.
    """

    embed: Embed
    settings: AskSettings
    entails: Entails | None = None

    def verify(self, text: str, labels: Sequence[int], shown: Mapping[int, Shown]) -> Verdict:
        """Whether the passages with these labels bear out `text`; all that were shown, without
        labels."""
        unknown = [label for label in labels if label not in shown]
        if unknown:
            return Verdict("label", f"It cites [{unknown[0]}], which is none of the passages.")
        if len(words(text)) < _LEAST_WORDS or _MARKUP.search(text):
            return Verdict("unsupported", "It is no sentence that could be checked.")
        cited = [shown[label] for label in labels] or list(shown.values())
        verdict = self._held(text, cited)
        others = [one for one in shown.values() if one not in cited]
        if verdict.kind and labels and others and not self._held(text, others).kind:
            return Verdict("label", "It cites a passage that does not say so.")
        return verdict

    def _held(self, text: str, cited: Sequence[Shown]) -> Verdict:
        quotes = self._quotes(text, cited)
        if not quotes:
            return Verdict("unsupported", "Nothing in what it cites says so.")
        for check in (_numbers, _dates, _names, _quotations, _denials):
            if verdict := check(text, quotes):
                return verdict
        joined = " ".join(quote.text for quote in quotes)
        own, *rows = self.embed([text, joined, *(quote.text for quote in quotes)])
        similar = max(float(own @ row) for row in rows)
        if (similar + self._covered(text, quotes)) / 2 < self.settings.support:
            return Verdict("unsupported", "What it cites does not say so clearly enough.")
        if self.settings.entailment and self.entails:
            (entailed,) = self.entails([(joined, text)])
            if entailed < _ENTAILED:
                return Verdict("unsupported", "It does not follow from what it cites.")
        spans = dict.fromkeys((quote.article, quote.span) for quote in quotes)
        return Verdict(quotes=tuple(spans))

    def _covered(self, text: str, quotes: Sequence[_Quote]) -> float:
        """The share of a sentence's words, but for its facts, that the quotes hold; a word that
        they do not hold counts as much as the nearest of theirs is like it."""
        article = quotes[0].article
        fields = f"{article.title} {article.source} {article.author} {article.day}"
        theirs = _forms(" ".join([fields, *(quote.text for quote in quotes)]))
        mine = {w: f for w, f in _forms(text).items() if w in _weights(text) and w not in _LIGHT}
        facts = {word for word, weight in _weights(text).items() if weight == _FACT}
        wanted = {word: 1.0 for word in mine if word not in facts}
        missing = _missing(wanted, frozenset(theirs))
        if not missing:
            return 1.0
        likeness = self.embed([mine[w] for w in missing]) @ self.embed(list(theirs.values())).T
        return 1 - (len(missing) - float(likeness.max(axis=1).sum())) / len(wanted)

    def _quotes(self, text: str, cited: Sequence[Shown]) -> list[_Quote]:
        """The quotes that hold most of a sentence, best first: the best one, and others that add
        to it."""
        found = list(dict.fromkeys(quote for one in cited for quote in _sentences_of(one)))
        if not found:
            return []
        weights = _weights(text)
        facts = {word for word, weight in weights.items() if weight == _FACT}
        held = [_said(quote.text) for quote in found]
        own, *rows = self.embed([text, *(quote.own for quote in found)])
        scores = np.array([_coverage(weights, said) for said in held]) + np.array(rows) @ own
        best = int(scores.argmax())
        chosen = [found[best]]
        left = {w: 1.0 for w in _missing(weights, held[best]) if w not in facts}
        while len(chosen) < _QUOTES:
            gains = [len(left) - len(_missing(left, said)) for said in held]
            value = [gain + 0.01 * score for gain, score in zip(gains, scores, strict=True)]
            more = int(np.argmax(value))
            if gains[more] < _ADDS:
                break
            chosen.append(found[more])
            left = _missing(left, held[more])
        for span in _facts(text):
            fact = dict.fromkeys(words(text[slice(*span)]), 1.0)
            if len(chosen) < _QUOTES and all(_missing(fact, _said(quote.text)) for quote in chosen):
                near = _around(text, span)
                home = max(
                    (i for i in range(len(found)) if not _missing(fact, held[i])),
                    key=lambda i: (len(near & held[i]), scores[i]),
                    default=best,
                )
                if found[home] not in chosen and _at_home(near, found[home].text):
                    chosen.append(found[home])
        return chosen


def _sentences_of(shown: Shown) -> list[_Quote]:
    spans = sentence_spans(shown.article.text)
    text = shown.article.text
    return [
        _Quote(shown.article, text[start:end], grown(text, spans, number))
        for number, (start, end) in enumerate(spans)
        if start < shown.end and shown.start < end and not is_order(text, (start, end))
    ]


def _numbers(text: str, quotes: Sequence[_Quote]) -> Verdict | None:
    mine = {number.low for number in numbers(text)}
    for number in numbers(text):
        said = text[slice(*number.span)]
        fits, others = [], []
        for rank, quote in enumerate(quotes):
            equal = number_stands(number, text, quote.text)
            spans = [value.span for value in equal]
            if rank == 0 or _at_home(_around(text, number.span), quote.text):
                fits += [_alike(text, number.span, quote.text, span) for span in spans]
            others += [
                _alike(text, number.span, quote.text, value.span) - _COUNTED * (value.low in mine)
                for value in numbers(quote.text)
                if value.span not in spans
            ]
        if not fits:
            return Verdict("number", f"The number {said} does not stand in what it cites.")
        if max(others, default=0.0) >= max(fits) + _ELSEWHERE:
            return Verdict("number", f"What it cites gives the number {said} for something else.")
    return None


def _alike(text: str, span: Span, source: str, other: Span) -> float:
    """How much of what stands around a number stands around another: the word that it counts most,
    its segment of the sentence in full, the rest of the source in half."""
    mine, theirs = _segment(text, span), _segment(source, other)
    counted = words(text[span[1] :])[:1]
    same = counted == words(source[other[1] :])[:1] and not _TIMES.issuperset(counted)
    return _COUNTED * same + len(mine & theirs) + 0.5 * len(mine & _said(source) - theirs)


def _segment(text: str, span: Span) -> frozenset[str]:
    """The words between the commas and "and"s on either side."""
    start = max((m.end() for m in _CUT.finditer(text, 0, span[0])), default=0)
    cut = _CUT.search(text, span[1])
    end = cut.start() if cut else len(text)
    return frozenset(words(text[start : span[0]]) + words(text[span[1] : end])) - _SAYING


def _dates(text: str, quotes: Sequence[_Quote]) -> Verdict | None:
    for when in whens(text):
        near = _around(text, when.span)
        if not any(
            date_stands(when, text, quote.text, quote.article)
            and (rank == 0 or _at_home(near, quote.text))
            for rank, quote in enumerate(quotes)
        ):
            said = text[slice(*when.span)]
            return Verdict("date", f"The date {said} does not stand in what it cites.")
    return None


def _names(text: str, quotes: Sequence[_Quote]) -> Verdict | None:
    mine = [name for name in named(text) if not _only_opens(name, text, quotes)]
    for name in mine:
        said = text[slice(*name.span)]
        fits: list[float] = []
        others: list[float] = []
        crowd: list[float] = []
        for rank, quote in enumerate(quotes):
            theirs = named(quote.text)
            if name_stands(name, theirs, quote.text, quote.article) and (
                rank == 0 or _at_home(_around(text, name.span), quote.text)
            ):
                same = [one for one in theirs if _share(one, name)]
                alike = [_alike_name(text, name.span, quote.text, one.span) for one in same]
                fits += [around for _, around in alike] or [_ELSEWHERE]
            elif rank == 0 and _speaks(name, quote):
                fits.append(_ELSEWHERE)
            alike = [
                _alike_name(text, name.span, quote.text, one.span)
                for one in theirs
                if not (_opens(one, quote.text) or any(_share(one, other) for other in mine))
            ]
            others += [around for beside, around in alike if beside]
            crowd += [around for _, around in alike]
        if not (
            fits
            or _is_source(name, text, quotes)
            or _is_role(name, mine, text, quotes)
            or (not any(crowd) and _is_setting(name, quotes[0]))
        ):
            return Verdict("name", f"The name {said} does not stand in what it cites.")
        if fits and max(others, default=0.0) >= max(fits) + _ELSEWHERE:
            return Verdict("name", f"What it cites says so of another name than {said}.")
    if pair := _torn(text, mine, quotes[0]):
        first, second = (text[slice(*name.span)] for name in pair)
        return Verdict("name", f"What it cites does not say so of {first} together with {second}.")
    return None


def _torn(text: str, mine: Sequence[Name], quote: _Quote) -> tuple[Name, Name] | None:
    """Two names in one segment of a sentence that stand in two segments of the quote, each with
    another name that the sentence does not have."""
    theirs = named(quote.own)
    segments = [(a, b) for a, b in _segments(quote.own) if a < b]
    others = [one for one in theirs if not any(_share(one, name) for name in mine)]

    def homes(name: Name) -> set[int]:
        return {
            at
            for at, (start, end) in enumerate(segments)
            if any(_share(one, name) and start <= one.span[0] < end for one in theirs)
        }

    crowded = {
        at
        for at, (start, end) in enumerate(segments)
        if any(start <= one.span[0] < end for one in others)
    }
    for one, other in itertools.combinations(mine, 2):
        if not any(a <= one.span[0] < b and a <= other.span[0] < b for a, b in _segments(text)):
            continue
        here, there = homes(one), homes(other)
        if here and there and not here & there and here | there <= crowded:
            return one, other
    return None


def _segments(text: str) -> list[Span]:
    """The spans between commas, "and"s and the like."""
    cuts = [0, *(match.start() for match in _CUT.finditer(text)), len(text)]
    return list(itertools.pairwise(cuts))


def _only_opens(name: Name, text: str, quotes: Sequence[_Quote]) -> bool:
    """Whether it is a word that opens the sentence, which the articles write in lower case."""
    start, end = name.span
    word = text[start:end]
    small = re.compile(rf"\b{re.escape(word.lower())}\b")
    return (
        not text[:start].strip("\"'“‘( ")
        and " " not in word
        and any(small.search(quote.article.text) for quote in quotes)
    )


def _opens(name: Name, quote: str) -> bool:
    """Whether it is one word at the beginning of a sentence, which may be no name."""
    before = quote[: name.span[0]].rstrip(" \n\"'“‘(")
    return len(name.words) == 1 and (not before or before[-1] in ".!?:")


def _share(one: Name, other: Name) -> bool:
    """Whether the last word of one name is a word of the other: titles make no likeness."""
    return any(related(one.words[-1], word) for word in other.words) or any(
        related(other.words[-1], word) for word in one.words
    )


def _alike_name(text: str, span: Span, source: str, other: Span) -> tuple[float, float]:
    """How much the words right beside a name are those beside another, and so the words around."""
    pairs = zip(_beside(text, span), _beside(source, other), strict=True)
    beside = sum(_COUNTED / 2 for a, b in pairs if a and a == b)
    return beside, beside + 0.5 * len(_segment(text, span) & _segment(source, other))


def _beside(text: str, span: Span) -> tuple[str, ...]:
    """The nearest words on either side, "" for none in the segment."""
    before = words(_CUT.split(text[: span[0]])[-1])[-1:]
    behind = words(_CUT.split(text[span[1] :])[0])[:1]
    return (before or [""])[0], (behind or [""])[0]


def _speaks(name: Name, quote: _Quote) -> bool:
    """Whether it is he who says what is quoted, named further up in the article."""
    text, (start, end) = quote.article.text, quote.span
    who = speaker(text, (start, end), start) or speaker(text, (start, end), end - 1)
    return name_stands(name, named(who), who, quote.article)


def _is_source(name: Name, text: str, quotes: Sequence[_Quote]) -> bool:
    """Whether a name is the cited article's source or author, who reports."""
    before, behind = text[: name.span[0]].rstrip(), text[name.span[1] :]
    reports = re.search(r"(?:according to|by|told|to|in)(?: the)?$", before, re.I) or re.match(
        r"['’]s\b|(?: \w+)? (?:report|said|say|wrote|quot|confirm|verif|describ|could|did|was)",
        behind,
    )
    for article in {quote.article.id: quote.article for quote in quotes}.values():
        fields = {*words(article.source), *words(article.author)}
        if reports and set(name.words) <= fields:
            return True
    return False


def _is_setting(name: Name, quote: _Quote) -> bool:
    """Whether a name stands in the article's title or first sentence, or in the sentences before:
    what is told is told of it where nothing else is named in its place."""
    article = quote.article
    spans = sentence_spans(article.text)
    before = [span for span in spans if span[1] <= quote.span[0]]
    around = [article.text[slice(*span)] for span in (*spans[:1], *before[-_BEFORE:])]
    return any(
        name_stands(name, named(text), text, article) for text in (*around, article.title) if text
    )


def _is_role(name: Name, mine: Sequence[Name], text: str, quotes: Sequence[_Quote]) -> bool:
    """Whether a name only says who another one is ("Interior Ministry spokesman Khieu Sopheak"),
    and the article says so of him."""
    for other in mine:
        if other is name:
            continue
        first, second = sorted((name.span, other.span))
        between = text[first[1] : second[0]].replace("'s", "")
        if not _APPOSITION.fullmatch(between) or (second == name.span and "," not in between):
            continue
        for quote in quotes:
            if not name_stands(other, named(quote.text), quote.text, quote.article):
                continue
            for start, end in sentence_spans(quote.article.text):
                line = quote.article.text[start:end]
                known = named(line)
                both = (name_stands(one, known, line, quote.article) for one in (name, other))
                if all(both):
                    return True
    return False


def _quotations(text: str, quotes: Sequence[_Quote]) -> Verdict | None:
    for match in _QUOTED.finditer(text):
        said = _bare(match[1])
        if " " in said and not any(said in _bare(quote.text) for quote in quotes):
            return Verdict("quotation", "It puts words in quotation marks that the source lacks.")
    return None


def _denials(text: str, quotes: Sequence[_Quote]) -> Verdict | None:
    if contrary(text, " ".join(quote.text for quote in quotes)):
        return Verdict("negation", "It denies what its source says, or says what that denies.")
    return None


def _facts(text: str) -> list[Span]:
    """Where the names, numbers and dates of a sentence stand."""
    spans = [name.span for name in named(text)] + [value.span for value in numbers(text)]
    return spans + [when.span for when in whens(text)]


def _weights(text: str) -> dict[str, float]:
    """The words of a sentence that its quotes have to hold; names and numbers weigh more."""
    heavy = {word for start, end in _facts(text) for word in words(text[start:end])}
    return {w: _FACT if w in heavy else 1.0 for w in words(text) if w not in _SAYING}


def _forms(text: str) -> dict[str, str]:
    """The words of a text by their stems."""
    return {stem: word for word in re.findall(r"\w+", text) for stem in words(word)}


def _said(text: str) -> frozenset[str]:
    return frozenset(words(text))


def _coverage(weights: Mapping[str, float], said: frozenset[str]) -> float:
    """The share of the weight whose words are said; 1 of no words."""
    total = sum(weights.values())
    missed = sum(weights[word] for word in _missing(weights, said))
    return 1 - missed / total if total else 1.0


def _missing(weights: Mapping[str, float], said: frozenset[str]) -> dict[str, float]:
    return {
        word: weight
        for word, weight in weights.items()
        if word not in said and not any(related(word, other) for other in said)
    }


def _around(text: str, span: Span) -> frozenset[str]:
    """The words nearest to a span of its sentence, on either side."""
    before, behind = words(text[: span[0]]), words(text[span[1] :])
    return frozenset([*before[-_NEAR:], *behind[:_NEAR]]) - _SAYING


def _at_home(near: frozenset[str], quote: str) -> bool:
    said = _said(quote)
    return not near or len(near & said) >= _AT_HOME * len(near)


def _bare(text: str) -> str:
    """For comparing quotations: without case, marks at the ends, and kinds of quotation marks."""
    text = fold(text).translate(str.maketrans("“”‘’", "\"\"''"))
    return " ".join(text.split()).strip(" .,;:!?'\"")
