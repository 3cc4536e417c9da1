"""Plants errors in sentences and chooses the passages shown with each; drawn from a seed."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from eval.generation.planted.names import NameBook
from eval.generation.planted.negations import negation_changes
from eval.generation.planted.numbers import number_changes
from eval.generation.planted.sentences import Evidence, Sentence, chance
from rag.index.chunk import chunk, heading
from rag.protocols import TextEncoder
from rag.settings import BuildSettings
from rag.text.sentences import sentence_spans
from rag.text.stems import stems
from rag.types import Article, Passage

KINDS = ("number", "name", "negation", "label")
EACH = 50
SHOWN = 4
# Share of a sentence's words in one or two sentences of a passage from which that may say it too.
_RESTATED = 0.5


@dataclass(frozen=True)
class Planted:
    """A sentence to verify; `kind` says what is wrong with it, "" for nothing.

    `labels` are cited, counted from 1 in `shown`.
    """

    id: str
    kind: str
    origin: str
    text: str
    original: str
    labels: tuple[int, ...]
    shown: tuple[Passage, ...]


def cut(articles: Iterable[Article], encoder: TextEncoder) -> list[Passage]:
    """Cut articles into passages as an index does."""
    settings, count = BuildSettings(), encoder.count_tokens
    found: list[Passage] = []
    for article in articles:
        head = heading(article, count, settings.heading_tokens)
        used = encoder.overhead + (count([head])[0] if head else 0)
        found += chunk(article, count, settings.passage_tokens - used)
    return found


def planted(
    sentences: Sequence[Sentence],
    articles: Sequence[Article],
    passages: Sequence[Passage],
    seed: int,
    each: int = EACH,
) -> list[Planted]:
    """All sentences untouched, and `each` errors of every kind, fewer where there are fewer.

    Every sentence gets a first error of a kind before any gets its second.
    """
    maker = _ErrorMaker(sentences, articles, passages, seed)
    found = list(maker.untouched.values())
    for kind in KINDS:
        order = chance(seed, kind).sample(sentences, len(sentences))
        turns = itertools.zip_longest(*(maker.errors(kind, sentence) for sentence in order))
        found += itertools.islice(filter(None, itertools.chain.from_iterable(turns)), each)
    return found


class _ErrorMaker:
    """Makes the errors of one set of sentences."""

    def __init__(
        self,
        sentences: Sequence[Sentence],
        articles: Sequence[Article],
        passages: Sequence[Passage],
        seed: int,
    ) -> None:
        self.articles = {article.id: article for article in articles}
        self.book = NameBook(articles)
        self.seed = seed
        self.passages = [(passage, frozenset(stems(passage.text))) for passage in passages]
        self.untouched = {sentence.id: self._untouched(sentence) for sentence in sentences}

    def errors(self, kind: str, sentence: Sentence) -> list[Planted]:
        """The errors of a kind that can be planted in this sentence, one a place, shuffled."""
        luck, true = chance(self.seed, kind, sentence.id), self.untouched[sentence.id]
        own = list(dict.fromkeys(id for id, _, _ in sentence.evidence))
        made, changes = [], []
        if kind == "label":
            wrong = [n for n, p in enumerate(true.shown, 1) if self._is_foreign(p, sentence)]
            made = [replace(true, labels=(label,)) for label in luck.sample(wrong, len(wrong))]
        elif kind == "number":
            article = "\n".join(self.articles[id].text for id in own)
            changes = number_changes(sentence.text, article, luck)
        elif kind == "name":
            changes = self.book.changes(sentence.text, " ".join(self._said(sentence)), own, luck)
        else:
            changes = negation_changes(sentence.text, luck)
        for (start, end), new in changes:
            text = sentence.text[:start] + new + sentence.text[end:]
            if text.casefold() != sentence.text.casefold():
                made.append(replace(true, text=text[:1].upper() + text[1:]))
        return [
            replace(error, id=f"{sentence.id}-{kind}-{number}", kind=kind)
            for number, error in enumerate(made, 1)
        ]

    def _untouched(self, sentence: Sentence) -> Planted:
        """The sentence with SHOWN passages in no order: those with its evidence, which it cites,
        and others that share most words with it, as a search would find them."""
        holding: list[Passage] = []
        for evidence in sentence.evidence:
            near = [p for p, _ in self.passages if _meets(p, evidence)]
            whole = [p for p in near if p.start <= evidence[1] and evidence[2] <= p.end]
            holding += [p for p in (whole[:1] or near) if p not in holding]
        wanted = set(stems(sentence.text))
        ranked = sorted(self.passages, key=lambda pair: -len(wanted & pair[1]))
        others = [passage for passage, _ in ranked if passage not in holding]
        shown = [*holding, *others][: max(SHOWN, len(holding))]
        chance(self.seed, "shown", sentence.id).shuffle(shown)
        labels = tuple(n for n, passage in enumerate(shown, 1) if passage in holding)
        text = sentence.text
        return Planted(sentence.id, "", sentence.origin, text, text, labels, tuple(shown))

    def _is_foreign(self, passage: Passage, sentence: Sentence) -> bool:
        """Whether a passage holds none of the evidence and does not say the same elsewhere."""
        if any(_meets(passage, evidence) for evidence in sentence.evidence):
            return False
        wanted = [set(stems(text)) for text in (sentence.text, *self._said(sentence))]
        found = [set(stems(passage.text[a:b])) for a, b in sentence_spans(passage.text)]
        pairs = [a | b for a, b in itertools.pairwise([*found, set()])]
        return all(
            len(some & pair) < _RESTATED * len(some) for some in wanted if some for pair in pairs
        )

    def _said(self, sentence: Sentence) -> list[str]:
        """The sentences of the articles that overlap the evidence."""
        return [
            self.articles[id].text[a:b]
            for id, start, end in sentence.evidence
            for a, b in sentence_spans(self.articles[id].text)
            if a < end and start < b
        ]


def _meets(passage: Passage, evidence: Evidence) -> bool:
    article_id, start, end = evidence
    return passage.article_id == article_id and passage.start < end and start < passage.end
