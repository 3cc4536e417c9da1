"""Written answers: from the text of a language model to an Answer, verified sentence by sentence.

Nothing that a model writes is trusted: a sentence enters the answer with the quotes that support
it, found by `rag.generation.verify`, and else is listed as left out. Knows neither how models are
run nor how passages are found.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from rag.citation import cite, text_of
from rag.errors import EncoderError, ModelError
from rag.generation.prompt import prompt_for
from rag.generation.sentence_stream import NOT_IN_SOURCES, SentenceStream
from rag.protocols import ChatModel
from rag.question.answer_type import answer_type, fits
from rag.settings import AskSettings
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
    Note,
    Question,
    Rejected,
    Shown,
    Span,
    Verdict,
)
from rag.wording import note

_ANAPHORIC = re.compile(rf"{ANAPHOR}\b", re.IGNORECASE)
Verify = Callable[[str, Sequence[int], dict[int, Shown]], Verdict]


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
    written is supported; the model is shown the passages of these quotes first.
    """
    best = sorted(quoted.hits, key=lambda hit: not _quoted_from(hit, quoted.citations))
    best = best[: settings.prompt_passages]
    answer, stream = _WrittenAnswer(quoted), SentenceStream()
    failure: Note | None = None
    try:
        prompt = prompt_for(quoted.understood, best, article, model.count_tokens, model.context)
        for piece in model.write(prompt.messages, prompt.max_tokens, prompt.grammar, stopped):
            for sentence, labels in stream.add(piece):
                if answer.take(sentence, labels, prompt.shown, verify):
                    yield answer.so_far()
        if not stopped():  # Else the last sentence may be cut off.
            for sentence, labels in stream.rest():
                answer.take(sentence, labels, prompt.shown, verify)
    except (EncoderError, ModelError) as error:
        failure = error.message
    yield answer.final(note("model_stopped") if stopped() else failure)


@dataclass
class _WrittenAnswer:
    """An answer in the making: the sentences that were verified, and those that were rejected."""

    quoted: Answer
    claims: list[Claim] = field(default_factory=list)
    citations: list[Citation] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)
    declined: bool = False
    gap: bool = False  # Whether the last sentence was left out.

    def take(
        self, sentence: str, labels: Sequence[int], shown: dict[int, Shown], verify: Verify
    ) -> bool:
        """Verify a sentence; True if it enters the answer."""
        if NOT_IN_SOURCES.fullmatch(sentence.replace("’", "'")):
            self.declined = True
            return False
        mine = set(stems(sentence))
        said = any(mine <= set(stems(claim.text)) for claim in self.claims)
        if said or sentence in (known.text for known in self.rejected):
            return False
        verdict = verify(sentence, labels, shown)
        if verdict.kind == "label":
            # The link is never the model's: what another passage supports is linked to that.
            found = verify(sentence, (), shown)
            verdict = verdict if found.kind else found
        if not verdict.kind and _ANAPHORIC.match(sentence) and not self._refers_back(verdict):
            verdict = Verdict("name", note("sentence_no_subject"))
        self.gap = bool(verdict.kind)
        if verdict.kind:
            self.rejected.append(Rejected(sentence, verdict.reason, verdict.kind))
            return False
        cited = dict.fromkeys(self._label(about, span) for about, span in verdict.quotes)
        self.claims.append(Claim(sentence, tuple(cited), "supported"))
        return True

    def _refers_back(self, verdict: Verdict) -> bool:
        """Whether the sentence that a pronoun refers to is there, with a name that the quotes of
        this one have."""
        if self.gap or not self.claims:
            return False
        quoted = " ".join(article.text[slice(*span)] for article, span in verdict.quotes)
        before = self.claims[-1].text
        named = {before[start:end].split()[-1] for start, end in names(before)}
        return not named or any(name in quoted for name in named)

    def so_far(self, *notes: Note) -> Answer:
        """What is verified so far, with the accounts that differ if the quotes give any."""
        differences = tuple(
            Difference(tuple(self._account(a) for a in one.accounts))
            for one in self.quoted.differences
        )
        return replace(
            self.quoted,
            text=text_of(self.claims),
            mode="generated",
            citations=tuple(self.citations),
            claims=tuple(self.claims),
            notes=(*self.quoted.notes, *notes),
            differences=differences,
            independent=0,
            rejected=tuple(self.rejected),
        )

    def final(self, broke_off: Note | None) -> Answer:
        """The final answer: that in quotes where nothing written is supported and answers.

        `broke_off` says why the model did not write to its end; None when it did.
        """
        rejected, quoted = tuple(self.rejected), self.quoted
        if self.claims and (broke_off or self._answers()):
            return self.so_far(*filter(None, [broke_off]))
        if self.claims:
            reason, notes = note("sentence_beside"), (*quoted.notes, note("model_beside"))
            beside = [Rejected(claim.text, reason, "beside") for claim in self.claims]
            return replace(quoted, notes=notes, rejected=(*beside, *rejected))
        if self.declined and not broke_off and quoted.weak:
            return replace(
                quoted, text="", status="unanswered", citations=(), claims=(), differences=(),
                independent=0, notes=(*quoted.notes, note("nothing_certain")), rejected=rejected,
            )  # fmt: skip
        why = broke_off or note("model_declined" if self.declined else "model_unsupported")
        return replace(quoted, notes=(*quoted.notes, why), rejected=rejected)

    def _answers(self) -> bool:
        """Whether a figure, date or name of the kind asked for is there, if the quotes have one."""
        asked = self.quoted.understood
        question = Question(asked, expects=answer_type(asked))
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
        """The label of a quote: that of a citation which holds it, or of a new one."""
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
