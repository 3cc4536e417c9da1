"""What a language model writes to an Answer, sentence by sentence, each held against its sources.

Nothing that a model writes is trusted: a sentence enters the answer with the quotes that bear it
out, found by `rag.generation.verify`, and else is listed as left out. Knows neither how models
are run nor how passages are found.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from rag.citation import cite
from rag.errors import EncoderError, ModelError
from rag.generation.prompt import prompt_for
from rag.protocols import ChatModel
from rag.question.answer_type import fits, kind_asked
from rag.settings import AskSettings
from rag.text.sentences import sentence_spans
from rag.text.stems import names, stems
from rag.text.vocabulary import ANAPHOR
from rag.types import (
    Account,
    Answer,
    Article,
    Citation,
    Claim,
    Difference,
    Hit,
    Question,
    Rejected,
    Shown,
    Span,
    Verdict,
)

STOPPED = "You stopped the model."
_NOTHING = "The language model wrote nothing that the sources bear out; the answer is in quotes."
_DECLINED = "The language model found no answer in the passages; the answer is in quotes."
_BESIDE = "What the language model wrote does not answer the question; the answer is in quotes."
_WEAK = "Neither the language model nor the quotes that were found answer it with any certainty."

_LABELS = re.compile(r"(?<![ \t])[ \t]*\[\s*\d+(?:\s*[,;&]\s*\d+)*\s*\]")
_ENDS = re.compile(r"[.!?…។۔][\"'”’)\]]*\s*$")
_STOP = re.compile(r"[.!?…]+")
_BEGINS = re.compile(r"\s+[\"'“‘(]*[^\W_a-z\[]")
_LEADS = re.compile(
    r"(?:according to|based on|as stated in|in) (?:the |this )?(?:given |provided )?"
    r"(?:passages?|articles?|texts?|sources?)(?: provided| given)?, "
    r"|the (?:passage|article|text) (?:states|says|mentions|notes|reports)(?: that |: ?)",
    re.IGNORECASE,
)
_BULLET = re.compile(r"(?:[-*•]|\d{1,2}[.)])\s+|[*_#`]+\s*")
_POINTS = re.compile(rf"{ANAPHOR}\b", re.IGNORECASE)
_NOT_IN_SOURCES = re.compile(
    r"(?:(?:sorry|unfortunately|i'm sorry),? )?(?:but )?(?:"
    r"not (?:mentioned |stated |given |found )?in (?:the|these|this) (?:given |provided )?"
    r"(?:sources?|passages?|articles?|texts?|context)"
    r"|(?:(?:the|these|this) (?:given |provided )?(?:sources?|passages?|articles?|texts?|context)"
    r" (?:do|does|did) ?(?:not|n't)|none of the (?:sources|passages|articles|texts))"
    r" (?:provide|mention|say|state|contain|give|specify|answer|include|address)[^.]*"
    r"|[^.]{0,120}\b(?:is|are|was|were) not (?:mentioned|stated|given|provided|specified|found"
    r"|included|available|answered) (?:in|by) (?:the|these|this|any of the) (?:given |provided )?"
    r"(?:sources?|passages?|articles?|texts?|context)[^.]*"
    r"|i (?:do not|don't|cannot|can't) (?:know|answer|find)[^.]*)\.?",
    re.IGNORECASE,
)

Verify = Callable[[str, Sequence[int], dict[int, Shown]], Verdict]


@dataclass
class Draft:
    """Text as a model writes it, taken apart into finished sentences with the labels they cite."""

    _text: str = ""
    _given: int = 0

    def add(self, piece: str) -> list[tuple[str, tuple[int, ...]]]:
        """The sentences that `piece` finishes: those that another one follows."""
        self._text += piece
        # Only whole words tell whether another sentence has begun: "the U.S. A" may go on.
        whole = self._text[: self._text.rstrip().rfind(" ") + 1]
        whole = whole[: whole.rfind("[")] if whole.rfind("[") > whole.rfind("]") else whole
        return self._new(_sentences(whole)[:-1])

    def rest(self) -> list[tuple[str, tuple[int, ...]]]:
        """What is left when the text has ended, but for a sentence that was cut off."""
        found = _sentences(self._text)
        whole = (
            not found
            or found[-1][1]
            or _ENDS.search(self._text)
            or _NOT_IN_SOURCES.fullmatch(found[-1][0])
        )
        return self._new(found if whole else found[:-1])

    def _new(self, found: list[tuple[str, tuple[int, ...]]]) -> list[tuple[str, tuple[int, ...]]]:
        new = found[self._given :]
        self._given += len(new)
        return new


def written(
    quoted: Answer,
    model: ChatModel,
    verify: Verify,
    article: Callable[[str], Article],
    settings: AskSettings,
    stopped: Callable[[], bool],
) -> Iterator[Answer]:
    """Yield the answer that `model` writes, longer by a sentence each time; last as it stays.

    `quoted` is the same question's answer in quotes, which takes over where nothing that was
    written holds; the model is shown the passages of these quotes first.
    """
    best = sorted(quoted.hits, key=lambda hit: not _quoted_from(hit, quoted.citations))
    best = best[: settings.prompt_passages]
    page, draft, failure = _Page(quoted), Draft(), ""
    try:
        prompt = prompt_for(quoted.understood, best, article, model.count_tokens, model.context)
        for piece in model.write(prompt.messages, prompt.max_tokens, prompt.grammar, stopped):
            for sentence, labels in draft.add(piece):
                if page.take(sentence, labels, prompt.shown, verify):
                    yield page.answer()
        if not stopped():  # Else the last sentence may be cut off.
            for sentence, labels in draft.rest():
                page.take(sentence, labels, prompt.shown, verify)
    except (EncoderError, ModelError) as error:
        failure = str(error)
    yield page.final(STOPPED if stopped() else failure)


@dataclass
class _Page:
    """The sentences that were judged."""

    quoted: Answer
    claims: list[Claim] = field(default_factory=list)
    citations: list[Citation] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)
    declined: bool = False
    gap: bool = False  # Whether the last sentence was left out.

    def take(
        self, sentence: str, labels: Sequence[int], shown: dict[int, Shown], verify: Verify
    ) -> bool:
        """Judge a sentence; True if it enters the answer."""
        if _NOT_IN_SOURCES.fullmatch(sentence.replace("’", "'")):
            self.declined = True
            return False
        mine = set(stems(sentence))
        said = any(mine <= set(stems(claim.text)) for claim in self.claims)
        if said or sentence in (known.text for known in self.rejected):
            return False
        verdict = verify(sentence, labels, shown)
        if verdict.kind == "label":
            # The link is never the model's: what another passage bears out is linked to that.
            found = verify(sentence, (), shown)
            verdict = verdict if found.kind else found
        if not verdict.kind and _POINTS.match(sentence) and not self._pointed_at(verdict):
            verdict = Verdict("name", "It does not say of whom or what it speaks.")
        self.gap = bool(verdict.kind)
        if verdict.kind:
            self.rejected.append(Rejected(sentence, verdict.reason, verdict.kind))
            return False
        cited = dict.fromkeys(self._label(about, span) for about, span in verdict.quotes)
        self.claims.append(Claim(sentence, tuple(cited), "supported"))
        return True

    def _pointed_at(self, verdict: Verdict) -> bool:
        """Whether a sentence that points back finds the one before, with a name that its own
        quotes have."""
        if self.gap or not self.claims:
            return False
        quoted = " ".join(article.text[slice(*span)] for article, span in verdict.quotes)
        before = self.claims[-1].text
        named = {before[start:end].split()[-1] for start, end in names(before)}
        return not named or any(name in quoted for name in named)

    def answer(self, *notes: str) -> Answer:
        """What is verified, with the accounts that differ if the quotes give any."""
        differences = tuple(
            Difference(tuple(self._account(a) for a in one.accounts))
            for one in self.quoted.differences
        )
        return replace(
            self.quoted,
            text=" ".join(f"{c.text} {''.join(f'[{n}]' for n in c.labels)}" for c in self.claims),
            mode="generated",
            citations=tuple(self.citations),
            claims=tuple(self.claims),
            notes=(*self.quoted.notes, *notes),
            differences=differences,
            independent=0,
            rejected=tuple(self.rejected),
        )

    def final(self, note: str) -> Answer:
        """The answer as it stays: the quotes' where nothing that was written holds and answers."""
        rejected, quoted = tuple(self.rejected), self.quoted
        if self.claims and (note or self._answers()):
            return self.answer(*filter(None, [note]))
        if self.claims:
            beside = [
                Rejected(c.text, "It does not answer the question.", "beside") for c in self.claims
            ]
            return replace(quoted, notes=(*quoted.notes, _BESIDE), rejected=(*beside, *rejected))
        if self.declined and not note and quoted.weak:
            return replace(
                quoted, text="", status="unanswered", citations=(), claims=(), differences=(),
                independent=0, notes=(*quoted.notes, _WEAK), rejected=rejected,
            )  # fmt: skip
        why = note or (_DECLINED if self.declined else _NOTHING)
        return replace(quoted, notes=(*quoted.notes, why), rejected=rejected)

    def _answers(self) -> bool:
        """Whether a figure, date or name of the kind asked for is there, if the quotes have one."""
        asked = self.quoted.understood
        question = Question(asked, expects=kind_asked(asked))
        mine = max(fits(question, claim.text) for claim in self.claims)
        return mine >= 0 or max(fits(question, c.quote) for c in self.quoted.citations) < 0

    def _account(self, account: Account) -> Account:
        """An account of the quotes with the label that its quote has here."""
        quote = next(c for c in self.quoted.citations if c.label == account.label)
        for known in self.citations:
            if known.article_id == quote.article_id and (known.start, known.end) == (
                quote.start, quote.end,
            ):  # fmt: skip
                return replace(account, label=known.label)
        self.citations.append(replace(quote, label=len(self.citations) + 1))
        return replace(account, label=len(self.citations))

    def _label(self, article: Article, span: Span) -> int:
        for known in self.citations:
            within = known.start <= span[0] and span[1] <= known.end
            if known.article_id == article.id and within:
                return known.label
        self.citations.append(cite(article, span, len(self.citations) + 1))
        return len(self.citations)


def _quoted_from(hit: Hit, citations: Sequence[Citation]) -> bool:
    """Whether a quote begins in the passage."""
    at = hit.passage
    return any(at.article_id == c.article_id and at.start <= c.start < at.end for c in citations)


def _sentences(text: str) -> list[tuple[str, tuple[int, ...]]]:
    """The sentences of a text without their labels, each with the labels that end it.

    A label may stand before the full stop or behind it, and ends a sentence where another begins.
    """
    found: list[tuple[str, tuple[int, ...]]] = []
    plain, cited, done = "", [], 0
    for match in _LABELS.finditer(text):
        plain += text[done : match.start()]
        done = match.end()
        cited.append((len(plain.rstrip()), tuple(map(int, re.findall(r"\d+", match.group())))))
        if stop := _STOP.match(text, done):
            plain += "" if _ENDS.search(plain) else stop.group()
            done = stop.end()
        if _BEGINS.match(text, done):
            found += _cut(plain, cited)
            plain, cited = "", []
    return found + _cut(plain + text[done:], cited)


def _cut(
    plain: str, cited: Sequence[tuple[int, tuple[int, ...]]]
) -> list[tuple[str, tuple[int, ...]]]:
    """The sentences of a text, with the labels that stood at these places of it."""
    found = []
    for start, end in sentence_spans(plain):
        labels = [label for at, some in cited if start < at <= end for label in some]
        for opening in (_BULLET, _LEADS):
            opened = opening.match(plain, start, end)
            start = opened.end() if opened else start
        sentence = " ".join(plain[start:end].split())
        if any(c.isalnum() for c in sentence):
            found.append((sentence[:1].upper() + sentence[1:], tuple(dict.fromkeys(labels))))
    return found
