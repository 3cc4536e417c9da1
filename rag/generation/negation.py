"""Negation: the words in the scope of a "not", a "without" or a "refused to". Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

from rag.text.stems import stems

_TOKEN = re.compile(r"\w+(?:['’]\w+)?|[.,;:!?()“”\"]")
# Words that only negate, and verbs that negate what they govern.
_PLAIN = frozenset(
    "not no never without none nobody nothing neither nor cannot hardly barely cant wont".split()
)
_VERBS = frozenset(stems("refuse refrain decline deny fail reject unable unaware unlikely"))
# Words of which a negation may be the paraphrase.
_PARAPHRASED = re.compile(
    r"\b(?:un(?!it|til|der|ion|iq|iv|less|ifo)\w{4,}|fear\w*|lack\w*|dismiss\w*|avoid\w*"
    r"|in(?:ability|sufficient|correct|accurate|complete|capable)|despite|first|yet to|premature"
    r"|too (?:early|soon|\w+ (?:for|to))|prevent\w*"
    r"|ban(?:s|ned)?|block\w*|los(?:e|t|ing)|few|little|only|save|except|absen\w+"
    r"|false|impossible|illegal|remain\w* (?:low|unclear))\b",
    re.IGNORECASE,
)
_NO_NEGATION = re.compile(
    r"\bnot (?:only|to mention|just|least)\b|\bno (?:longer|later|less|more|fewer) than\b"
    r"|\bNo\. ?\d|\bnothing to do with\b|\bno doubt\b|\bnothing but\b",
    re.IGNORECASE,
)
_YET = re.compile(r"\byet to (?:be )?", re.IGNORECASE)
_IRREGULAR = {
    "said": "say", "saw": "see", "seen": "see", "met": "meet", "told": "tell", "made": "make",
    "took": "take", "taken": "take", "gave": "give", "given": "give", "held": "hold",
    "found": "find", "began": "begin", "begun": "begin", "wrote": "write", "written": "write",
    "knew": "know", "known": "know", "paid": "pay", "sent": "send", "left": "leav",
    "won": "win", "sold": "sell", "bought": "buy", "brought": "bring", "kept": "keep",
    "led": "lead", "ran": "run", "rose": "rise", "risen": "rise", "fell": "fall",
    "fallen": "fall", "spoke": "speak", "spoken": "speak", "went": "go", "gone": "go",
    "came": "come", "got": "get", "grew": "grow", "broke": "break", "broken": "break",
}  # fmt: skip
_OPPOSITES = (
    ("rise rose risen increase grow grew climb gain up", "fall fell fallen decrease drop decline"
     " shrink shrank down"),
    ("win won victory", "lose lost defeat"),
    ("open opened opening", "close closed closing closure shut"),
    ("accept accepted approve approved agree agreed", "reject rejected refuse refused"),
    ("confirm confirmed admit admitted", "deny denied"),
    ("support supported supporter favour favor", "oppose opposed opponent against"),
    ("praise praised welcome welcomed hail hailed", "criticise criticised criticize condemn"),
    ("allow allowed permit permitted", "ban banned forbid forbidden prohibit prohibited"),
    ("guilty convicted", "innocent acquitted"),
    ("more", "less fewer"), ("best highest most", "worst lowest least"),
    ("begin began begun start started", "end ended finish finished"),
    ("possible", "impossible"), ("conditional conditions", "unconditional"),
    ("legal", "illegal"), ("alive survive survived", "dead die died killed"),
)  # fmt: skip
_FOR = re.compile(r"\b(?:vot|rul|campaign|argu|sp[eo]k)\w* (?:\w+ )?(?:for|in favou?r of)\b", re.I)
_AGAINST = re.compile(r"\b(?:vot|rul|campaign|argu|sp[eo]k)\w* (?:\w+ )?against\b", re.I)
_CONDITION = re.compile(r"\b(?:if|unless)\b ([^,.;]+)", re.IGNORECASE)
_MODAL = re.compile(
    r"\b(?:if|unless|whether|could|may|might|would|will|should|can|plan\w*|propos\w+)\b", re.I
)
_ADVERBS = frozenset(
    "yet even still".split()
)  # The scope goes on behind them: "not yet fully verified".
_NEXT, _FURTHER = 1, 4  # Words in the scope of a negation, for sure and at most.


@dataclass(frozen=True, slots=True)
class Negation:
    """The stems of a text by what is negated.

    `negated` are those right behind a negation, `in_scope` those a little further too, `asserted`
    those that are somewhere out of scope. `present`: whether there is any negation, `possible`:
    or what comes near to one.
    """

    negated: frozenset[str]
    in_scope: frozenset[str]
    asserted: frozenset[str]
    present: bool
    possible: bool


def negation(text: str, ignored: frozenset[str] = frozenset()) -> Negation:
    """What `text` negates; negating verbs that are `ignored` count as other words."""
    text = _YET.sub("not ", _NO_NEGATION.sub(" ", text))
    negated: set[str] = set()
    in_scope: set[str] = set()
    asserted: set[str] = set()
    distance, present = _FURTHER, False
    for word in _TOKEN.findall(text):
        low = word.lower().replace("’", "'")
        forms = [_IRREGULAR.get(low, stem) for stem in stems(word)]
        verb = bool(_VERBS.intersection(forms)) and not ignored.intersection(forms)
        if low in _PLAIN or low.endswith("n't") or verb:
            distance, present = 0, True
            continue
        if word in ",.;:!?":
            distance = _FURTHER
        for stem in forms:
            if distance < _NEXT:
                negated.add(stem)
            (in_scope if distance < _FURTHER else asserted).add(stem)
            distance += low not in _ADVERBS and not low.endswith("ly")
    possible = present or _PARAPHRASED.search(text) is not None
    return Negation(frozenset(negated), frozenset(in_scope), frozenset(asserted), present, possible)


def contradicts(text: str, source: str) -> bool:
    """Whether `text` negates what `source` says, or says what `source` negates."""
    if _opposed(text, source) or _conditional(text, source):
        return True
    shared = _VERBS.intersection(stems(text)) & _VERBS.intersection(stems(source))
    mine, theirs = negation(text, frozenset(shared)), negation(source, frozenset(shared))
    if mine.present:
        if not theirs.possible:
            return True
        related = theirs.negated & (mine.asserted | mine.in_scope)
        return not related and bool(mine.negated & (theirs.asserted - theirs.in_scope))
    opposite = theirs.in_scope & (mine.asserted - theirs.asserted)
    return not mine.possible and (bool(opposite & theirs.negated) or len(opposite) > 1)


def _conditional(text: str, source: str) -> bool:
    """Whether `text` states as a fact what `source` says under an "if" only."""
    if _MODAL.search(text):
        return False
    said = set(stems(text))
    for condition in _CONDITION.finditer(source):
        rest = stems(source[: condition.start()] + source[condition.end() :])
        if len(said & set(stems(condition[1])) - set(rest)) > 1:
            return True
    return False


def _opposed(text: str, source: str) -> bool:
    """Whether `source` has only the opposite of a word of `text`."""
    if _FOR.search(text) and _AGAINST.search(source) and not _FOR.search(source):
        return True
    mine, theirs = (set(re.findall(r"\w+", one.lower())) for one in (text, source))
    for pair in _OPPOSITES:
        sides = [set(side.split()) for side in pair]
        for one, other in (sides, sides[::-1]):
            unsaid = not theirs & one and not mine & other
            if mine & one and theirs & other and unsaid:
                return True
    return False
