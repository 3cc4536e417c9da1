"""The named entities of articles: aliases folded, titles cut off, mentions counted. English.

`rag.text.stems.names` finds the runs of capitals. Which are names is measured on the archive: how
often it has a word in lower case, and how often a noun follows, as an adjective ("Iraqi police").
So are aliases: a surname goes to the full name that occurs in the same articles.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Set
from dataclasses import dataclass

from rag.text.characters import plain
from rag.text.facts import related
from rag.text.lines import spaced
from rag.text.person_titles import split_titles
from rag.text.sentences import sentence_spans
from rag.text.stems import STOP_WORDS, names, stems
from rag.text.vocabulary import MONTHS, SHORT_MONTHS, WEEKDAYS
from rag.types import Article, NameKind

_READ = 20_000  # Characters of an article: what it is about is in them.
_ADJECTIVE = 0.4  # Share of mentions before a noun: .42 to 1 for adjectives, to .39 for names.
_COMMON = 4  # A form is common if at most so many times rarer than the commonest.
_ACRONYM = 5  # Letters of an acronym at most: a longer form in capitals is a heading or dateline.
_TOGETHER = 0.5  # Share of a surname's articles that must have a full name.
_APART = 0.5  # A second full name may occur with it at most so often, of the first.
# Shares of mentions: behind "in", as of places ("in the", of those with "the"), and before "said"
# or "who", as of persons whose surname is a common word, but not of "Manchester United".
_PLACED, _PLACED_DEFINITE, _ACTS = 0.07, 0.2, 0.02
_PLACED_TIMES = 3  # At least.
# Names with "the", and acronyms, that are those of places; and others that are not.
_IS_PLACE = re.compile(
    r"^(?:U\.?K|U\.?S\.?A?|UAE|DC|NYC|LA)\.?$"
    r"|\b(?:States|Kingdom|Republic|Emirates|Islands?|Netherlands|Philippines|Bahamas|Maldives"
    r"|Congo|Bronx|Caribbean|Mediterranean|Middle East|(?:Mid)?west|Strip|Bank|Coast|Bay|Valley"
    r"|Sea|Ocean|River|Gulf|Peninsula|Desert|Alps|Balkans|Himalayas)$"
)
_NO_PLACE = re.compile(
    r" of |\b(?:League|Cup|Championships?|Series|Soccer|Football|Congress|Parliament|Senate|House"
    r"|Treasury|Court|Council|Ministry|Store|Act)$"
)
_STEM = 4  # Letters that a country and its people share.

SENTENCE_END = re.compile(r"[.?!…។।۔؟。！？][”\"'’»)\]]*$")  # Else it is a heading.
_PEOPLE = re.compile(r"[A-Z]\w+(?:[ai]ns?|ese|is?|ish)$")
_LOWER = re.compile(r"(?<![\w'’-])[a-z][\w'’-]*")
_OPENING = re.compile(r"[\W_]*$|.*[\"'“‘:;•|(—–]\s?$|[A-Z][A-Z ,.'’-]+(?:\([^)]*\) ?)?\s?[:—–-]\s$")
_ACTING = re.compile(r",? (?:who|said|says|told|added|wrote|himself|herself|\d\d,)\b")
_VERBS = frozenset("said told made went came took began won".split())
_NOUN = re.compile(r" ([a-z][\w-]*)(?<!ed)(?<!s)(?<!ly)\b")
# What no measure tells from a name.
_NO_NAMES = frozenset(map(str.lower, MONTHS + SHORT_MONTHS)).union(
    "ai tv pc vr it ip id ok oh god earth internet bluetooth usb-c ram gps vpn read watch photo st"
    " getty images image credit reuters ap afp mr mrs ms dr jr co inc et est gmt thanks christmas"
    " easter sign up subscribe series british french german greek dutch english thai arab".split()
)


@dataclass(frozen=True, slots=True)
class Entity:
    """A name in its fullest common form, with the ids of its articles; `definite`: with "the";
    `kind`: what it names, as far as its use tells."""

    name: str
    articles: frozenset[str]
    mentions: int
    forms: frozenset[str]
    definite: bool
    kind: NameKind = "other"

    @property
    def is_person(self) -> bool:
        """Whether it is also called by the last word of its name alone, as persons are."""
        return self.name.split()[-1] in self.forms - {self.name}


class _Mentions:
    """The names in articles, by form: counts, the ids of the articles, and the words around."""

    def __init__(self, articles: Iterable[Article]) -> None:
        self.n, self.articles = Counter[str](), defaultdict[str, set[str]](set)
        self._lower, self._upper = Counter[str](), Counter[str]()
        self._before_noun, self._definite = Counter[str](), Counter[str]()
        self._placed, self._acting = Counter[str](), Counter[str]()
        opening: list[tuple[str, str, str, str]] = []
        for article in articles:
            text = article.text[:_READ]
            self._lower.update(_LOWER.findall(text))
            for start, end in sentence_spans(text):
                sentence = plain(spaced(text[start:end]))
                for a, b in names(sentence) if SENTENCE_END.search(sentence) else ():
                    mention = article.id, sentence[a:b], sentence[:a], sentence[b : b + 30]
                    opens = bool(_OPENING.match(sentence[:a]))
                    self._upper.update(sentence[a:b].split()[opens:])
                    if opens:
                        opening.append(mention)
                    else:
                        self._add(*mention)
        for article_id, run, before, after in opening:
            first, _, rest = run.partition(" ")
            rarer = self._upper[first] - self._lower[first.lower()]
            known = rarer > 0 or (rest and (rarer == 0 or run in self.n))
            self._add(article_id, run if known else rest, before, after)

    def _add(self, article_id: str, run: str, before: str, after: str) -> None:
        parts = split_titles(run)
        for part in parts:
            self.n[part] += 1
            self.articles[part].add(article_id)
        if parts:
            noun = _NOUN.match(after)
            self._before_noun[parts[-1]] += bool(noun and noun[1] not in STOP_WORDS | _VERBS)
            self._definite[parts[0]] += before.endswith(("the ", "The "))
            self._placed[parts[0]] += before.endswith((" in ", "In ", " in the "))
            self._acting[parts[-1]] += bool(_ACTING.match(after))

    def is_adjective(self, form: str) -> bool:
        """Whether nouns follow a form too often for a name."""
        measured = " " not in form and not form.isupper()
        return measured and self._before_noun[form] >= max(2, _ADJECTIVE * self.n[form])

    def is_definite(self, form: str) -> bool:
        """Whether "the" mostly goes before a form."""
        return 2 * self._definite[form] >= self.n[form] > 0

    def kind(self, name: str, forms: Collection[str]) -> NameKind:
        """What a name with these forms stands for, as far as its use tells; in doubt "other"."""
        first, last = name.split()[0], name.split()[-1]
        doubted = name.isupper() or self.is_definite(name)
        if self._is_placed(name, forms):
            nouns = self._before_noun[name] >= _ADJECTIVE * self.n[name]  # "North American"
            unlike = doubted or nouns or _NO_PLACE.search(name)
            return "other" if unlike and not _IS_PLACE.search(name) else "place"
        # Persons are called by their surname, too; clubs by their town, products by their maker.
        mentions = sum(self.n[form] for form in forms)
        maker = self.n[first] > mentions or self._is_placed(first) or self._is_placed(last)
        if doubted or maker or last.isupper() or last not in {*forms} - {name}:
            return "other"
        common = self._lower[last.lower()] > self.n[last]
        acts = sum(self._acting[form] for form in forms) / mentions
        return "other" if len(first) == 1 or (common and acts < _ACTS) else "person"

    def _is_placed(self, name: str, forms: Collection[str] = ()) -> bool:
        """Whether things happen "in" what a name stands for: in places, but in leagues too."""
        forms = forms or (name,)
        share = _PLACED_DEFINITE if self.is_definite(name) else _PLACED
        least = max(_PLACED_TIMES, share * sum(self.n[form] for form in forms))
        return sum(self._placed[form] for form in forms) >= least

    def fullest(self, forms: Iterable[str]) -> str:
        """The form to show: of the common ones that are no adjectives, the longest."""
        mixed = [form for form in forms if len(form) <= _ACRONYM or not form.isupper()] or forms
        nouns = [form for form in mixed if not self.is_adjective(form)] or mixed
        common = [form for form in nouns if self.n[form] * _COMMON >= max(self.n[f] for f in nouns)]
        return max(common, key=lambda form: (len(form.split()), self.n[form], form))

    def is_name(self, form: str) -> bool:
        """Whether a run of capitals is a name and no date, emphasis or adjective."""
        tokens = [token.lower().rstrip(".") for token in form.split()]
        if len(form) < 2 or all(len(token) == 1 or token in _NO_NAMES for token in tokens):
            return False
        lower = 0 if stems(form) == ["usa"] else self._lower[tokens[0]]
        word = len(tokens) == 1 and self._upper[form] <= lower
        return not (word or self.is_adjective(form) or any(day in form for day in WEEKDAYS))


def entities(articles: Iterable[Article], sources: Iterable[str] = ()) -> list[Entity]:
    """The named entities of `articles`, those of most articles first, without the `sources`."""
    found = _Mentions(articles)
    by_stems: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for form in found.n:
        by_stems[tuple(stems(form))].append(form)
    forms = {found.fullest(alike): alike for key, alike in by_stems.items() if key}
    held = {
        name: frozenset[str]().union(*(found.articles[form] for form in alike))
        for name, alike in forms.items()
    }
    aliases: dict[str, list[str]] = defaultdict(list)
    for name, full in _full_names(held).items():
        aliases[full].append(name)
    # "The Independent" of "The Independent - Travel", "the Post" of "Phnom Penh Post".
    hidden = {tuple(stems(one)) for name in sources for one in (name, re.split(" [-|] ", name)[0])}
    last_words = {key[-1:] for key in hidden}
    listed = [
        Entity(
            name,
            frozenset().union(*(held[one] for one in alike)),
            sum(found.n[form] for one in alike for form in forms[one]),
            # Not the people of a country.
            frozenset(forms[name]).union(set(alike) & set(name.split())),
            found.is_definite(name),
            found.kind(name, [form for one in alike for form in forms[one]]),
        )
        for name, alike in aliases.items()
        if found.is_name(name)
        and (key := tuple(stems(name))) not in hidden
        and not (key in last_words and found.is_definite(name))
    ]
    return sorted(listed, key=lambda one: (-len(one.articles), -one.mentions, one.name))


def _full_names(articles: Mapping[str, Set[str]]) -> dict[str, str]:
    """Each name with its full one: itself where it is no alias, "" for a surname that several
    people share. Decided by the ids of the `articles` in which each occurs."""
    bearers, countries = defaultdict[str, list[str]](list), defaultdict[str, list[str]](list)
    for name in articles:
        tokens = name.split()
        if len(tokens) == 1 and not _PEOPLE.match(name):
            countries[name[:_STEM]].append(name)
        elif len(tokens) in (2, 3) and not re.search("-[a-z]", name):  # No "Sharma-led India".
            bearers[tokens[-1]].append(name)

    def full(name: str) -> str:
        own = articles[name]
        ranked = sorted(((len(own & articles[one]), one) for one in bearers[name]), reverse=True)
        known = {article for _, one in ranked for article in own & articles[one]}
        if ranked and len(known) >= _TOGETHER * len(own):
            apart = len(ranked) > 1 and ranked[1][0] > _APART * ranked[0][0]
            return "" if apart else ranked[0][1]
        like = [one for one in countries[name[:_STEM]] if related(one.lower(), name.lower())]
        largest = max(like, key=lambda one: (len(articles[one]), one), default=name)
        return largest if _PEOPLE.match(name) else name

    return {name: full(name) for name in articles}
