"""Verification: is a written sentence supported by the passages that it cites?

A sentence is compared with single sentences of the passages, each with the neighbours that it
needs to be understood, and not with passages as a whole: there one story's figure would support
another's. Knows nothing of the index.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from rag.generation.context import REPORTING, context_words, shares_context
from rag.generation.fact_checks import wrong_date, wrong_negation, wrong_number, wrong_quotation
from rag.generation.name_checks import wrong_name
from rag.generation.source import Quote, Source
from rag.settings import AskSettings
from rag.text.facts import Facts, related
from rag.text.stems import stems
from rag.types import Article, Shown, Span, Vectors, Verdict
from rag.wording import note

Embed = Callable[[Sequence[str]], Vectors]
"""Texts to unit rows, shape (n, dimension)."""
Entails = Callable[[Sequence[tuple[str, str]]], list[float]]
"""Pairs of quote and sentence to probabilities that the one entails the other."""
Answers = Callable[[str], float]
"""A sentence to the log-odds that it answers the question, by itself."""

_QUOTES = 3  # A sentence may rest on so many.
_ADDS = 2  # Words that a further quote must add.
_FACT = 2.0  # A name or number weighs so much more than another word in the choice of quotes.
_ENTAILED = 0.5
# Below, a sentence is about another matter. (Of the sentences of NewsQA that answer, read alone,
# 98% have -4.2 or more; of the other sentences of their articles half have.)
_ANSWERS = -5.0
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


class Verifier:
    """Verifies written sentences in the passages that were shown.

    `entails` is asked only where the settings name an entailment model, `answers`, where given, of
    every sentence that is supported. What is found out about the passages is kept as long as the
    verifier: make one for each answer.
    """

    def __init__(
        self,
        embed: Embed,
        settings: AskSettings,
        entails: Entails | None = None,
        answers: Answers | None = None,
    ) -> None:
        self._embed, self._settings, self._entails = embed, settings, entails
        self._answers = answers
        self._sources: dict[Article, Source] = {}
        self._quotes: dict[Shown, list[Quote]] = {}

    def verify(self, text: str, labels: Sequence[int], shown: Mapping[int, Shown]) -> Verdict:
        """Whether the passages with these labels support `text`, and it answers; without labels,
        all those that were shown."""
        unknown = [label for label in labels if label not in shown]
        if unknown:
            return Verdict("label", note("cites_unknown", label=str(unknown[0])))
        if len(stems(text)) < _LEAST_WORDS or _MARKUP.search(text):
            return Verdict("unsupported", note("sentence_uncheckable"))
        written = Facts(text)
        cited = [shown[label] for label in labels] or list(shown.values())
        verdict = self._supported(written, cited)
        others = [one for one in shown.values() if one not in cited]
        if verdict.kind and labels and others and not self._supported(written, others).kind:
            return Verdict("label", note("cites_another"))
        if not verdict.kind and self._answers and self._answers(text) < _ANSWERS:
            return Verdict("unsupported", note("does_not_answer"))
        return verdict

    def _supported(self, written: Facts, cited: Sequence[Shown]) -> Verdict:
        """Whether the cited passages support a sentence."""
        quotes = self._best_quotes(written, cited)
        if not quotes:
            return Verdict("unsupported", note("nothing_says_so"))
        for check in (wrong_number, wrong_date, wrong_name, wrong_quotation, wrong_negation):
            if verdict := check(written, quotes):
                return verdict
        joined = " ".join(quote.text for quote in quotes)
        own, *rows = self._embed([written.text, joined, *(quote.text for quote in quotes)])
        similar = max(float(own @ row) for row in rows)
        if (similar + self._covered(written, quotes)) / 2 < self._settings.support:
            return Verdict("unsupported", note("unclear"))
        if self._settings.entailment and self._entails:
            (entailed,) = self._entails([(joined, written.text)])
            if entailed < _ENTAILED:
                return Verdict("unsupported", note("not_entailed"))
        spans = dict.fromkeys((quote.article, quote.span) for quote in quotes)
        return Verdict(quotes=tuple(spans))

    def _covered(self, written: Facts, quotes: Sequence[Quote]) -> float:
        """The share of a sentence's words, but for its facts, that the quotes have; a word that
        they lack counts as much as the nearest of theirs is like it.

        Of no words 1, as in "Ms Callamard is Amnesty's Secretary General"; but 0 with a number,
        since what it counts would not be known."""
        articles = {quote.article.id: quote.article for quote in quotes}.values()
        fields = [f"{a.title} {a.source} {a.author} {a.day}" for a in articles]
        theirs = _forms(" ".join([*fields, *(quote.text for quote in quotes)]))
        mine = _forms(written.text)
        weights = {w: x for w, x in _weights(written).items() if x < _FACT and w not in _LIGHT}
        missing = _missing(weights, frozenset(theirs))
        if not missing:
            return float(bool(weights) or not written.numbers)
        likeness = self._embed([mine[w] for w in missing]) @ self._embed(list(theirs.values())).T
        return 1 - (len(missing) - float(likeness.max(axis=1).sum())) / len(weights)

    def _best_quotes(self, written: Facts, cited: Sequence[Shown]) -> list[Quote]:
        """The quotes that have most of a sentence, best first: the best one, and others that add
        to it."""
        found = list(dict.fromkeys(quote for one in cited for quote in self._quotes_of(one)))
        if not found:
            return []
        weights = _weights(written)
        facts = {word for word, weight in weights.items() if weight == _FACT}
        own, *rows = self._embed([written.text, *(quote.own.text for quote in found)])
        coverages = [_coverage(weights, quote.whole.stems) for quote in found]
        scores = np.array(coverages) + np.array(rows) @ own
        best = int(scores.argmax())
        chosen = [found[best]]
        left = {w: 1.0 for w in _missing(weights, found[best].whole.stems) if w not in facts}
        while len(chosen) < _QUOTES:
            gains = [len(left) - len(_missing(left, quote.whole.stems)) for quote in found]
            value = [gain + 0.01 * score for gain, score in zip(gains, scores, strict=True)]
            more = int(np.argmax(value))
            if gains[more] < _ADDS:
                break
            chosen.append(found[more])
            left = _missing(left, found[more].whole.stems)
        for span in _fact_spans(written):
            if len(chosen) < _QUOTES and (
                added := _quote_of_fact(written.text, span, found, scores, chosen)
            ):
                chosen.append(added)
        return chosen

    def _quotes_of(self, shown: Shown) -> list[Quote]:
        """The sentences of a passage as quotes, prompt injections left out."""
        if shown not in self._quotes:
            source = self._sources.setdefault(shown.article, Source(shown.article))
            numbers = source.safe_sentences(shown.start, shown.end)
            self._quotes[shown] = [source.quote(number) for number in numbers]
        return self._quotes[shown]


def _quote_of_fact(
    text: str,
    span: Span,
    found: Sequence[Quote],
    scores: Sequence[float],
    chosen: Sequence[Quote],
) -> Quote | None:
    """The quote to add for a fact that none of `chosen` has, if one shares its context."""
    fact, context = dict.fromkeys(stems(text[slice(*span)]), 1.0), context_words(text, span)
    if not all(_missing(fact, quote.whole.stems) for quote in chosen):
        return None
    having = [i for i, quote in enumerate(found) if not _missing(fact, quote.whole.stems)]
    best = max(having, key=lambda i: (len(context & found[i].whole.stems), scores[i]), default=None)
    if best is None or not shares_context(context, found[best].whole.stems):
        return None
    return found[best]


def _fact_spans(written: Facts) -> list[Span]:
    """The spans of the names, numbers and dates of a sentence."""
    spans = [name.span for name in written.names] + [value.span for value in written.numbers]
    return spans + [date.span for date in written.dates]


def _weights(written: Facts) -> dict[str, float]:
    """The words of a sentence that its quotes need; names, numbers and dates weigh more."""
    text = written.text
    heavy = {word for start, end in _fact_spans(written) for word in stems(text[start:end])}
    return {w: _FACT if w in heavy else 1.0 for w in stems(text) if w not in REPORTING}


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
    """The words, with their weights, that are not said, nor a form of them."""
    return {
        word: weight
        for word, weight in weights.items()
        if word not in said and not any(related(word, other) for other in said)
    }
