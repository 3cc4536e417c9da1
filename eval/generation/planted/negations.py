"""Removes negations from sentences, and adds one to those that have none. Pure."""

from __future__ import annotations

import random
import re

from rag.types import Span

_AUXILIARY = "is|are|was|were|has|have|had|can|could|will|would|should|must|may|do|does|did"
_NEGATION = re.compile(
    r"\b(?:not|no|never|without|nothing|nobody|none|neither|nor|cannot|declined|refused|denied"
    r"|unable|failed)\b|n['’]t\b",
    re.IGNORECASE,
)
# What takes a negation out or turns a word round, and what that becomes.
_OUT = (
    (rf"\b({_AUXILIARY}) not (?!only\b|to mention\b|least\b)(?=\w)", r"\1 "),
    (rf"\b({_AUXILIARY})n['’]t\b", r"\1"),
    (r"\b(?:cannot|can['’]t)\b", "can"),
    (r"\bnever ", ""),
    (r"\b[Nn]o (?!one\b|stranger\b|longer\b|matter\b|doubt\b)(?=[a-z])", "some "),
    (r"\b[Nn]othing\b", "something"),
    (r"\b([Ww])ithout (?!\w+ing\b)", r"\1ith "),
    (r"\b(?:declined|refused) to\b", "agreed to"),
    (r"\bagreed to(?= [a-z])", "refused to"),
    (r"(?<!been )(?<!be )\bdenied\b", "confirmed"),
)
# Behind a word that can be a subject: an auxiliary, or a past that is hardly ever anything else.
_SUBJECT = (
    r"(?<=\w )(?<!\ba )(?<!\bthe )(?<!\bat )(?<!\bbe )(?<!\bbeen )(?<!\bhad )(?<!\bhave )"
    r"(?<!\bhas )(?<!\bis )(?<!\bare )(?<!\bwas )(?<!\bwere )(?<!\bto )(?<!\bthan )(?<!\bas )"
)
_PUT = re.compile(
    rf"{_SUBJECT}(?:was|were|is|are|can|could|will|would|should|must|(?:has|have|had)"
    r"(?= (?:\w+ly |also |now |already |so far )?(?:\w+ed|been|held|met|made|found|lost|left|won"
    r"|led|seen|taken|given|shown|become|cost)\b))(?= \w)"
)
_PAST = {
    "said": "say", "told": "tell", "wrote": "write", "began": "begin", "took": "take",
    "gave": "give", "went": "go", "came": "come", "saw": "see", "knew": "know",
    "became": "become", "grew": "grow", "rose": "rise", "fell": "fall", "thanked": "thank",
}  # fmt: skip
_VERB = re.compile(rf"{_SUBJECT}(?:{'|'.join(_PAST)})(?= \w+ \w)")
# "Some did not" may be as true as "some did"; "Among them were not" is no English.
_VAGUE = re.compile(r"(?:Some|Many|Several|Individual|Few|Other|Among|Also|There)\b")
_INDIRECT = re.compile(r"\b(?:what|whether|if|how|question(?:ed|ing))\b[^,.;]*$")
_ASIDE = re.compile(r'["“]|, [^,]*$')


def negation_changes(text: str, chance: random.Random) -> list[tuple[Span, str]]:
    """A negation taken out, in each way there is; of a sentence without any, one put in."""
    changes = [(m.span(), m.expand(new)) for form, new in _OUT for m in re.finditer(form, text)]
    if not changes and not _NEGATION.search(text) and not _VAGUE.match(text):
        changes = [
            (match.span(), f"{match.group()} not")
            for match in _PUT.finditer(text)
            if not _INDIRECT.search(text[: match.start()])
        ]
        changes += [
            (match.span(), f"did not {_PAST[match.group()]}")
            for match in _VERB.finditer(text)
            if not _ASIDE.search(text[: match.start()])
        ]
    return chance.sample(changes, len(changes))
