"""Is a written sentence borne out by the passages that it cites? Knows nothing of the index.

A sentence is held against single sentences of the passages, each with the neighbours that it needs
to be understood, and not against passages whole: there one story's figure would bear out
another's.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from rag.generation.fact_checks import (
    SAYING,
    Quote,
    around,
    at_home,
    said_in,
    wrong_date,
    wrong_denial,
    wrong_name,
    wrong_number,
    wrong_quotation,
)
from rag.generation.injection import is_order
from rag.settings import AskSettings
from rag.text.facts import named, numbers, related, whens
from rag.text.quote_context import grown
from rag.text.sentences import sentence_spans
from rag.text.stems import stems
from rag.types import Shown, Span, Vectors, Verdict

Embed = Callable[[Sequence[str]], Vectors]
"""Texts to unit rows, shape (n, dimension)."""
Entails = Callable[[Sequence[tuple[str, str]]], list[float]]
"""Pairs of quote and sentence to probabilities that the one entails the other."""

_QUOTES = 3  # A sentence may rest on so many.
_ADDS = 2  # Words that a further quote must add.
_FACT = 2.0  # A name or number weighs so much more than another word in the choice of quotes.
_ENTAILED = 0.5
_LEAST_WORDS = 3
_MARKUP = re.compile(r"https?:|www\.|[<>{}\\|]|\]\(|javascript:", re.IGNORECASE)
# Words that say little by themselves.
_LIGHT = frozenset(
    stems(
        "although though because since however among along around almost nearly about every well"
        " also far others another people many several least while whereas whether until within"
        " including include called became become began start end first second"
    )
)


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
        if len(stems(text)) < _LEAST_WORDS or _MARKUP.search(text):
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
        for check in (wrong_number, wrong_date, wrong_name, wrong_quotation, wrong_denial):
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

    def _covered(self, text: str, quotes: Sequence[Quote]) -> float:
        """The share of a sentence's words, but for its facts, that the quotes hold; a word that
        they do not hold counts as much as the nearest of theirs is like it.

        Of no words 1, as in "Ms Callamard is Amnesty's Secretary General"; but 0 with a number,
        since what it counts would not be known."""
        articles = {quote.article.id: quote.article for quote in quotes}.values()
        fields = [f"{a.title} {a.source} {a.author} {a.day}" for a in articles]
        theirs = _forms(" ".join([*fields, *(quote.text for quote in quotes)]))
        mine = _forms(text)
        weights = {w: x for w, x in _weights(text).items() if x < _FACT and w not in _LIGHT}
        missing = _missing(weights, frozenset(theirs))
        if not missing:
            return float(bool(weights) or not numbers(text))
        likeness = self.embed([mine[w] for w in missing]) @ self.embed(list(theirs.values())).T
        return 1 - (len(missing) - float(likeness.max(axis=1).sum())) / len(weights)

    def _quotes(self, text: str, cited: Sequence[Shown]) -> list[Quote]:
        """The quotes that hold most of a sentence, best first: the best one, and others that add
        to it."""
        found = list(dict.fromkeys(quote for one in cited for quote in _sentences_of(one)))
        if not found:
            return []
        weights = _weights(text)
        facts = {word for word, weight in weights.items() if weight == _FACT}
        held = [said_in(quote.text) for quote in found]
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
            if len(chosen) < _QUOTES and (home := _home(text, span, found, scores, chosen)):
                chosen.append(home)
        return chosen


def _home(
    text: str,
    span: Span,
    found: Sequence[Quote],
    scores: Sequence[float],
    chosen: Sequence[Quote],
) -> Quote | None:
    """The quote to add for a fact that none of `chosen` holds, if one speaks of its matter."""
    fact, near = dict.fromkeys(stems(text[slice(*span)]), 1.0), around(text, span)
    if not all(_missing(fact, said_in(quote.text)) for quote in chosen):
        return None
    holding = [i for i, quote in enumerate(found) if not _missing(fact, said_in(quote.text))]
    best = max(holding, key=lambda i: (len(near & said_in(found[i].text)), scores[i]), default=None)
    return found[best] if best is not None and at_home(near, found[best].text) else None


@functools.lru_cache(maxsize=256)
def _sentences_of(shown: Shown) -> list[Quote]:
    spans = sentence_spans(shown.article.text)
    text = shown.article.text
    return [
        Quote(shown.article, text[start:end], grown(text, spans, number))
        for number, (start, end) in enumerate(spans)
        if start < shown.end and shown.start < end and not is_order(text, (start, end))
    ]


def _facts(text: str) -> list[Span]:
    """Where the names, numbers and dates of a sentence stand."""
    spans = [name.span for name in named(text)] + [value.span for value in numbers(text)]
    return spans + [when.span for when in whens(text)]


def _weights(text: str) -> dict[str, float]:
    """The words of a sentence that its quotes have to hold; names and numbers weigh more."""
    heavy = {word for start, end in _facts(text) for word in stems(text[start:end])}
    return {w: _FACT if w in heavy else 1.0 for w in stems(text) if w not in SAYING}


def _forms(text: str) -> dict[str, str]:
    """The words of a text by their stems."""
    found = {stem: form for form in text.split() for stem in stems(form)}
    return found | {stem: stem for stem in stems(text) if stem not in found}


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
