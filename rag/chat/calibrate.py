"""Refits the confidence on an archive's own judgements: `byline calibrate`.

Each judged question is asked again, so that judgements outlive a rebuild and a new reader: where
its best quote is one that was judged, it is known whether it answers.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import fields, replace

import numpy as np

from rag.answer import platt
from rag.answer.platt import Scaling, Values
from rag.answer.refit import Refit
from rag.answer.reliability import scored
from rag.archive import Archive
from rag.chat.feedback import Judgement
from rag.errors import InputError, QuestionError
from rag.types import Answer, Article, Citation, Filters, Progress, Turn

LEAST, LEAST_EACH = 20, 5
"""Judgements that a refit takes, and how many of them of either verdict."""
_WITHHELD = 0.5
"""How far a quote counts as right that was wrongly withheld: the archive answers, and whether this
quote does nobody has said."""
_LOST = 0.1  # Share of the answerable questions that a threshold may decline.
_OTHER = "answered with another quote today, or with none"
_UNASKED = "cannot be asked any more"


def calibrate(
    archive: Archive, judgements: Sequence[Judgement], progress: Progress | None = None
) -> Refit:
    """Ask what was judged again and fit a scaling; nothing is written.

    Raises InputError where too few judgements are left.
    """
    asking = _Asking(archive)
    confidences, right, left_out = [], [], Counter[str]()
    for number, judgement in enumerate(judgements, start=1):
        found = asking.judged(judgement)
        if isinstance(found, str):
            left_out[found] += 1
        else:
            confidences.append(found[0])
            right.append(found[1])
        if progress:
            progress("asking again", number, len(judgements))
    true = np.array(right)
    _require_enough(true, left_out)
    logits = archive.pipeline.scaling.undone(confidences)
    after = platt.crossed(logits, true)
    threshold = archive.settings.threshold
    scores = scored(true, after, threshold)
    proposed = None
    if scores.answerable_declined > _LOST:
        answerable = np.sort(after[true > 0])
        proposed = float(np.floor(100 * answerable[int(_LOST * len(answerable))]) / 100)
    return Refit(
        len(true), dict(left_out), platt.fit(logits, true), threshold,
        scored(true, Scaling().probabilities(logits), threshold), scores, proposed,
    )  # fmt: skip


class _Asking:
    """Asks an archive what was judged; what its threshold declines is answered all the same."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        settings = replace(archive.settings, threshold=0.0)
        self._bold = Archive(archive.index, archive.pipeline.models, settings)

    def judged(self, judgement: Judgement) -> tuple[float, float] | str:
        """The confidence of the best quote and how far it is right, 0 to 1; or why that is not
        known."""
        try:
            answer = self._answer(judgement)
        except QuestionError:  # A source or an article of the filters is gone.
            return _UNASKED
        if answer.stated:
            return _OTHER  # No confidence: fields of articles or their number.
        right = self._right(answer, judgement)
        return _OTHER if right is None else (answer.confidence, right)

    def _answer(self, judgement: Judgement) -> Answer:
        filters = judgement.filters
        narrowed = {field.name: getattr(filters, field.name) for field in fields(Filters)}
        history: list[Turn] = []
        for turn in judgement.turns[:-1]:
            earlier = self._archive.ask(turn, history, **narrowed, written=False)
            history.append((turn, earlier.text))
        last = judgement.turns[-1]
        answer = self._archive.ask(last, history, **narrowed, written=False)
        if answer.status == "unanswered":
            answer = self._bold.ask(last, history, **narrowed, written=False)
        return answer

    def _right(self, answer: Answer, judgement: Judgement) -> float | None:
        """How far the best quote is right by the judgement; None where it does not tell."""
        if not answer.citations:
            return None
        best = answer.citations[0]
        if _is_evidence(best, self._archive.article(best.article_id), judgement.evidence):
            return 1.0
        if judgement.answerable is False:
            return 0.0
        if judgement.right or judgement.evidence:
            return None
        if judgement.shown:
            return 0.0 if best.quote in judgement.shown else None
        return _WITHHELD


def _is_evidence(best: Citation, article: Article, evidence: Sequence[Mapping[str, str]]) -> bool:
    own = (article.origin.partition("#")[0], article.title)
    return any(
        own == (piece["file"], piece["title"])
        and (best.quote in piece["quote"] or piece["quote"] in best.quote)
        for piece in evidence
    )


def _require_enough(true: Values, left_out: Mapping[str, int]) -> None:
    right, wrong = int((true == 1).sum()), int((true == 0).sum())
    if len(true) >= LEAST and min(right, wrong) >= LEAST_EACH:
        return
    others = "".join(f", {count} {reason}" for reason, count in left_out.items())
    raise InputError(
        f"Too few judgements to refit the confidence: {len(true)} tell something, {right} of a "
        f"right and {wrong} of a wrong quote{others}. Judge answers in the chat until there are "
        f"{LEAST}, {LEAST_EACH} of either kind."
    )
