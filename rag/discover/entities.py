"""Whom and what articles speak of: their names, variants folded and articles counted. Pure.

English. `rag.text.stems.names` finds the runs of capitals; here titles are cut off ("Prime Minister
Hun Sen"), words that only open a sentence are dropped, and a short form counts for the full one
with which it goes ("Rainsy" for "Sam Rainsy"). A word that the archive writes small more often than
not is no name.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from rag.discover.aliases import DEMONYM, Key, Variants
from rag.text.sentences import sentence_spans
from rag.text.stems import names, stems
from rag.text.vocabulary import MONTHS, SHORT_MONTHS, SHORT_WEEKDAYS, WEEKDAYS
from rag.types import Article

_READ = 20_000  # Characters of an article: what it is about stands there.
_ROLES = frozenset(
    "minister president secretary ambassador senator representative congressman"
    " congresswoman governor mayor mr mrs ms miss dr prof professor sir dame judge"
    " spokesman spokeswoman spokesperson chairman chairwoman ceo cfo cto coo founder co-founder"
    " cofounder director officer inspector commissioner chancellor"
    " leader pm p.m datuk dato seri samdech lawmaker analyst coach manager speaker"
    " reporter editor author photo".split()
)
# They open a run: elsewhere they are names, as in "Hun Sen".
_SHORT_ROLES = frozenset("sen rep gov col lt capt gen sgt maj tan sri hon rev".split())
# Roles only before another one or a certain word: "Prime Minister", "Amazon Prime".
_BEFORE_ROLE = frozenset(
    "prime vice deputy former acting then-president foreign interior information defense defence"
    " finance health education assistant first then ex".split()
)
_PAIRS = frozenset(
    {
        ("attorney", "general"), ("secretary", "general"), ("chief", "executive"),
        ("chief", "justice"), ("head", "coach"), ("general", "manager"), ("executive", "director"),
        ("first", "lady"),
    }
)  # fmt: skip
_CALENDAR = frozenset(
    "christmas easter thanksgiving est edt et gmt utc bst pst pt am pm".split()
).union(map(str.lower, (*WEEKDAYS, *SHORT_WEEKDAYS, *MONTHS, *SHORT_MONTHS)))
_WEEKDAYS = frozenset(map(str.lower, WEEKDAYS))
_POWERS = frozenset("us usa uk un eu who".split())
# Things and kinds that are written as names are; languages and peoples.
_NO_NAMES = frozenset(
    "ai tv pc ceo cfo vr ar hdr usb gps dvd atm faq diy id ip it hd led oled lcd ssd ram gpu cpu"
    " api app vpn wi-fi wifi bluetooth internet web god earth english ok ps vs via aka sms pdf"
    " getty images photo photos photograph image credit read more watch ap reuters afp"
    " american british french german dutch swiss thai greek iraqi israeli saudi arab arabic"
    " muslim islamic jewish christian catholic democrat republican democratic african asian"
    " european western northern southern eastern mr mrs ms dr inc ltd llc co corp jr st sen rep"
    " gov col lt capt gen sgt maj state government please oh hey wow yeah td pro series terms"
    " service privacy policy newsletter cookies usb-c advertisement subscribe sign".split()
)
# "Apple's Tim Cook" are two names, "Cambodian People's Party" is one.
_OWNS = re.compile(r"(?<!People)(?<!Women)(?<!Men)(?<!Children)['’]s$")
_LOWER = re.compile(r"(?<![\w'’-])[a-z][\w'’-]*")
_OPENING = re.compile(r"[\W_]*$|.*[\"'“‘:;•|(—–]\s?$|[A-Z][A-Z ,.'’-]+(?:\([^)]*\) ?)?\s?[:—–-]\s$")
_REPEATED = 3
_HEADING = 0.6  # Share of capitals from which a line without a full stop is a heading.


@dataclass(frozen=True, slots=True)
class Known:
    """A name in its fullest common form, the ids of the articles that speak of it, and how often
    they do."""

    name: str
    articles: frozenset[str]
    mentions: int


class _Count:
    """The runs of capitals in articles, as first read."""

    def __init__(self) -> None:
        self.keys: dict[str, Key] = {}
        self.forms: dict[Key, Counter[str]] = defaultdict(Counter)
        self.places: dict[Key, set[str]] = defaultdict(set)
        self.small: Counter[str] = Counter()
        self.large: Counter[str] = Counter()


def cast(articles: Iterable[Article], left_out: Iterable[str] = ()) -> list[Known]:
    """The names that `articles` speak of, those of most articles first; names in `left_out`, as
    those of the archive's sources, are not listed."""
    count, opening = _Count(), list[tuple[str, list[str]]]()
    seen = Counter[str]()
    for article in articles:
        text = article.text[:_READ]
        count.small.update(_LOWER.findall(text))
        for tokens, opens in _runs(text, seen):
            if opens:
                opening.append((article.id, tokens))
            else:
                count.large.update(tokens)
                _add(count, article.id, tokens)
    for article_id, tokens in opening:
        _add(count, article_id, _without_opener(tokens, count))
    hidden = {tuple(stems(name)) for name in left_out}
    hidden |= {key[-1:] for key in hidden}  # "The Post".
    variants = Variants(count.forms, count.places)
    kept = [
        known
        for key, known in _folded(count, variants).items()
        if key not in hidden and not variants.shared(key) and _is_name(known.name, count)
    ]
    return sorted(kept, key=lambda one: (-len(one.articles), -one.mentions, one.name))


def bare(tokens: Sequence[str]) -> list[list[str]]:
    """A run of capitals without titles: what stands before and behind them, one name each."""
    parts: list[list[str]] = [[]]
    skip = 0
    for at, token in enumerate(tokens):
        if skip:
            skip -= 1
        elif n := _title(tokens, at):
            skip = n - 1
            parts.append([])
        else:
            parts[-1].append(token)
            if _OWNS.search(token):
                parts[-1][-1] = token[:-2]
                parts.append([])
    return [trimmed for part in parts if (trimmed := _trimmed(part))]


def _title(tokens: Sequence[str], at: int) -> int:
    """How many tokens make a title here: "Prime Minister", "Secretary of State"."""
    low = [_OWNS.sub("", token).lower().rstrip(".") for token in tokens[at : at + 4]]
    if tuple(low[:2]) in _PAIRS:
        n = 2
    elif low[0] in _ROLES or (low[0] in _SHORT_ROLES and at == 0):
        n = 1
    elif low[0] in _BEFORE_ROLE and len(low) > 1 and (low[1] in _ROLES or low[1] in _BEFORE_ROLE):
        return 1
    else:
        return 0
    # "Secretary of State Marco Rubio": a name follows the office.
    if low[n : n + 1] == ["of"] and len(tokens) - at - n - 2 >= 2:
        n += 2
    # "The Prime Minister's Office" is no name without its owner.
    owns = _OWNS.search(tokens[at + n - 1]) and len(tokens) - at - n == 1
    return n + 1 if owns else n


def _trimmed(part: Sequence[str]) -> list[str]:
    kept = list(part)
    while kept and not kept[0][0].isupper():
        kept = kept[1:]
    while kept and not kept[-1][0].isupper():
        kept = kept[:-1]
    return kept


def _runs(text: str, seen: Counter[str]) -> Iterator[tuple[list[str], bool]]:
    """The runs of capitals of a text, in tokens, and whether each opens its sentence.

    Sentences that were `seen` often are of the page and not of the story.
    """
    for start, end in sentence_spans(text):
        sentence = text[start:end]
        seen[sentence] += 1
        if seen[sentence] > _REPEATED or _is_heading(sentence):
            continue
        for a, b in names(sentence):
            yield sentence[a:b].split(), bool(_OPENING.match(sentence[:a]))


def _is_heading(sentence: str) -> bool:
    if sentence[-1:] in '.?!”"’':
        return False
    tokens = sentence.split()
    return sum(token[0].isupper() for token in tokens) >= _HEADING * len(tokens)


def _without_opener(tokens: list[str], count: _Count) -> list[str]:
    first = tokens[0]
    small, large = count.small[first.lower()], count.large[first]
    return tokens if large > small or (large == small and len(tokens) > 1) else tokens[1:]


def _add(count: _Count, article_id: str, tokens: Sequence[str]) -> None:
    for part in bare(tokens):
        form = " ".join(part).rstrip(".")
        if form not in count.keys:
            count.keys[form] = tuple(stems(form))
        if key := count.keys[form]:
            count.forms[key][form] += 1
            count.places[key].add(article_id)


def _folded(count: _Count, variants: Variants) -> dict[Key, Known]:
    """The names, each with those that are only other forms of it."""
    found: dict[Key, list[Key]] = defaultdict(list)
    for key in count.forms:
        found[variants.full(key)].append(key)
    return {
        full: Known(
            variants.shown[full],
            frozenset().union(*(count.places[key] for key in keys)),
            sum(sum(count.forms[key].values()) for key in keys),
        )
        for full, keys in found.items()
    }


def _is_name(name: str, count: _Count) -> bool:
    tokens = [token.lower() for token in name.split()]
    if any(token in _WEEKDAYS for token in tokens) or all(t in _CALENDAR for t in tokens):
        return False
    if all(len(t) == 1 or t.rstrip(".") in _NO_NAMES for t in tokens) or len(name) < 2:
        return False
    if len(tokens) > 1:
        return True
    if DEMONYM.match(name):
        return False
    # "ART" over a column is no name, "FTX" is one.
    small = count.small[tokens[0]]
    return count.large[name] > small and not (name.isupper() and small and tokens[0] not in _POWERS)
