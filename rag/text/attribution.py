"""Attribute the words of an article: "he said", "according to", the name beside a quotation. Pure.

A speaker is given in the article's own words. It is "" where none is certain, and where the article
itself speaks: no speaker is better than a wrong one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from rag.text.sentences import clause_spans, sentence_spans
from rag.text.stems import names
from rag.text.vocabulary import SAID, SUBJECT_PRONOUNS, either
from rag.types import Span

_QUOTATION = re.compile(r"“[^”]*(?:”|$)|\"[^\"]*(?:\"|$)")
_VERB = (
    rf"(?:{either(*SAID)}|claim(?:s|ed)|alleg(?:es|ed)|estimat(?:es|ed)"
    r"|report(?:s|ed)|stat(?:es|ed)|add(?:s|ed)|confirm(?:s|ed)|announce[sd]|warn(?:s|ed)|figured"
    r"|puts?(?= (?:the|its|their|that|this|it)\b))"
)
SAYS = re.compile(rf"(?<!\b[Aa]n )(?<!\b[Aa] )(?<!\b[Tt]he )\b{_VERB}\b(?! to\b)")
"""Matches a verb of saying; "an estimated" and "the reported" are none."""
SAID_ON = re.compile(rf"\b{_VERB}(?: (?:on|to|in|at|by|the|of)){{0,3}} $")
"""Matches what comes before the name of a place or an addressee: "said in", "told"."""
_PARTY = r"((?:[^\s,;:“”\"()]+ ){0,7}?[^\s,;:“”\"()]+?)"
_STOP = r"[,;:“”\"()]|(?<![A-Z])\.?(?:\s*$|[”\"]|\.\s)| (?:that|which|who|where)\b"
_ACCORDING = re.compile(rf"\b(?:[Aa]ccording to|[Cc]iting|[Rr]eferring to) {_PARTY}(?={_STOP})")
_INVERTED = re.compile(rf"\W*{_VERB} {_PARTY}(?={_STOP}| (?:on|in|at|as)\b)")
_SUBJECT = re.compile(r"([^,;:.!?“”\"()—–]+)(?:, [^;:.!?“”\"—–]+,)? $")
_LINK = re.compile(
    r".*\b(?:that|which|who|after|when|as|because|where|if|than)\s"
    r"|(?:and|but|while|whereas|although|though)\s",
    re.IGNORECASE,
)
_ADVERB = re.compile(r"(?: (?:also|later|then|has|have|had|earlier|\w+ly))+$")
# Who denies it, is told it or is contradicted does not say it.
_NOBODY = re.compile(
    r"(?:nobody|no one|contrary|unlike|what)\b|.*\b(?:never|not|is|are|was|were|been|be)$",
    re.IGNORECASE,
)
_PRONOUN = re.compile(rf"{either(*SUBJECT_PRONOUNS, 'who', 'which', 'i', 'we')}\b", re.IGNORECASE)
_BEHIND_QUOTATION = re.compile(r"”\s?(?:[^\s,.]+ ){0,6}$")
_SAYS_TOO = re.compile(
    r"\b(?:testif(?:ies|ied)|tweet(?:s|ed)|text(?:s|ed)|posts?|posted|joke[sd]|recall(?:s|ed)"
    r"|explain(?:s|ed)|repl(?:ies|ied)|respond(?:s|ed)|conclude[sd]|continue[sd]|not(?:es|ed)"
    r"|admit(?:s|ted)|insist(?:s|ed)|argue[sd]|remark(?:s|ed)|declare[sd]|reveal(?:s|ed)"
    r"|suggest(?:s|ed)|concede[sd]|emphasi[sz]e[sd]|observe[sd]|quip(?:s|ped)|stress(?:es|ed))\b"
)
"""Verbs beside a quotation that say as much as "said"; elsewhere they may not."""
_HE_SAYS = re.compile(rf"\W*(?:(?:he|she) (?:\w+ly |also |later )?{_VERB}|{_VERB} (?:he|she))\b")
_WORDS = 4  # Fewer in quotation marks are a title or a term.
_WINDOW = 400  # Characters before a verb in which its subject is looked for.
_BEHIND = 60  # Characters behind a quotation in which its speaker is named.
_NAME_WORDS, _PLAIN_WORDS = 8, 4  # The longest subject with a name, and without.


class Quotation(NamedTuple):
    """Words in quotation marks at `span` of a text, the sentences at `told` that hold them and who
    says them, and the `speaker` as the text names one, "" where that is not sure."""

    span: Span
    told: Span
    speaker: str


def quotations(text: str) -> Iterator[Quotation]:
    """Yield the quotations of a text that may be somebody's words, in order.

    The speaker is named in the sentence itself, or in that of the quotation right before it where
    the sentence says nothing else, or "he said".
    """
    sentences = sentence_spans(text)
    last: Quotation | None = None
    for span in _quoted_spans(text):
        held = [one for one in sentences if one[0] < span[1] and span[0] < one[1]]
        if not held:
            continue
        told = held[0][0], held[-1][1]
        before, behind = (
            _SAYS_TOO.sub("said", part)
            for part in (text[told[0] : span[0]], text[span[1] : told[1]])
        )
        who = _quoted(before, behind)
        if not who and last and not text[last.told[1] : told[0]].strip():
            alone = not (before + behind).strip(" .,\"'”’")
            who = last.speaker if alone or _HE_SAYS.match(behind) else ""
        last = Quotation(span, told, who)
        if len(text[slice(*span)].split()) >= _WORDS:
            yield last


def _quoted_spans(text: str) -> Iterator[Span]:
    """The spans in quotation marks, paragraph by paragraph. Straight marks tell their ends by
    being even in number."""
    start = 0
    for paragraph in text.splitlines(keepends=True):
        if paragraph.count('"') % 2 == 0:
            for match in _QUOTATION.finditer(paragraph):
                yield start + match.start(), start + match.start() + len(match.group().rstrip())
        start += len(paragraph)


def speaker(text: str, clause: Span, at: int) -> str:
    """Return who says the words at offset `at`, in a clause of `text`; "" where none is named."""
    first = text.rfind("\n", 0, at) + 1
    last = text.find("\n", at)
    paragraph = text[first : last if last >= 0 else len(text)]
    quotations = _QUOTATION.finditer(paragraph)
    quotation = next((q for q in quotations if q.start() <= at - first < q.end()), None)
    if quotation:
        return _quoted(paragraph[: quotation.start()], paragraph[quotation.end() :])
    bare = _QUOTATION.sub(lambda match: "”" * len(match.group()), paragraph)
    start, end = max(0, clause[0] - first), clause[1] - first
    if according := _ACCORDING.search(bare, start, end):
        return according[1]
    for verb in SAYS.finditer(bare, start, end):
        # "…”, he wrote" belongs to the quotation.
        if not _BEHIND_QUOTATION.search(bare[max(0, verb.start() - _BEHIND) : verb.start()]):
            before, behind = bare[: verb.start()], bare[verb.start() : end]
            return _subject(before) or (_inverted(behind) if before.endswith(", ") else "")
    return ""


def clause_at(text: str, at: int) -> Span:
    """Return the span of the clause of `text` that offset `at` is in."""
    start, end = next(one for one in sentence_spans(text) if at < one[1])
    first, last = next(one for one in clause_spans(text[start:end]) if at < start + one[1])
    return start + first, start + last


def _quoted(before: str, behind: str) -> str:
    """The speaker of a quotation, from the words `before` it and those `behind` it."""
    if inverted := _inverted(behind):
        return inverted
    verb = SAYS.search(behind, 0, _BEHIND)
    named = behind[: verb.start()] if verb else ""
    if not named or _PRONOUN.match(named.strip()):
        return _last(before)
    return _subject(named)


def _last(before: str) -> str:
    """The subject of the last verb of saying in `before`."""
    before = before[-_WINDOW:]
    verbs = list(SAYS.finditer(before))
    if not verbs:
        return ""
    return _subject(before[: verbs[-1].start()]) or _inverted(before[verbs[-1].start() :])


def _inverted(text: str) -> str:
    """The subject that follows the verb at the beginning of `text`: "said Hun Manet"."""
    match = _INVERTED.match(text)
    return match[1] if match else ""


def _subject(before: str) -> str:
    """The words before a verb that name its subject."""
    before = before[-_WINDOW:]
    match = _SUBJECT.search(before)
    phrase = _ADVERB.sub("", _LINK.sub("", match[1].strip(), count=1)) if match else ""
    if not match or _NOBODY.match(phrase):
        return ""
    if not phrase or _PRONOUN.match(phrase):
        return _last(before[: match.start()])
    found = names(phrase)
    if len(phrase.split()) <= (_NAME_WORDS if found else _PLAIN_WORDS):
        return phrase
    return phrase[slice(*found[-1])] if found else ""
