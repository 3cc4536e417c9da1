"""The named entities of articles: aliases folded, titles cut off, mentions counted. English.

`rag.text.stems.names` finds the runs of capitals. Which are names is measured on the archive: how
often it has a word in lower case, and how often a noun follows, as an adjective ("Iraqi police").
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from rag.discover.aliases import full_names
from rag.text.facts import partial_dates
from rag.text.sentences import sentence_spans
from rag.text.stems import STOP_WORDS, names, stems
from rag.types import Article

_READ = 20_000  # Characters of an article: what it is about is in them.
_REPEATED = 3  # A sentence found more often belongs to the page and not to the story.
_HEADING = 0.6  # Share of capitals from which a line without a full stop is a heading.
_ADJECTIVE = 0.4  # Share of mentions before a noun: .42 to 1 for adjectives, to .39 for names.
_COMMON = 4  # A form is common if at most so many times rarer than the commonest.

ROLE = (
    "(?:President|Minister|Secretary(?:[- ]General)?|Ambassador|Senator|Governor|Mayor|Professor"
    "|Judge|Chancellor|Commissioner|Director|Officer|Inspector|Leader|Coach|Manager|Speaker|Editor"
    "|Author|Representative|(?:Chair|Spokes|Congress)(?:man|woman|person)|C[EFTO]O|PM"
    "|(?:Co-)?[Ff]ounder|Attorney General|Chief (?:Executive|Justice)|First Lady)"
)
# Elsewhere these are names or parts of one, as in "Hun Sen" or "Amazon Prime".
_OPENS = "(?:Mr|Mrs|Ms|Dr|Sir|Sen|Rep|Gov|Col|Lt|Capt|Gen|Sgt|Maj|Rev|Prof|Tan Sri|Watch|See)"
_BEFORE_ROLE = (
    "(?:Prime|Vice|Deputy|Former|Acting|Foreign|Interior|Information|Defen[cs]e|Finance|Health"
    "|Education|Assistant|Executive|General|Chief|Head|then|ex)[ -]"
)
_TITLE = re.compile(
    # "The Minister's Office" is no name; "Secretary of State Marco Rubio": one follows the office.
    rf"(?:^|(?<= ))(?:{_BEFORE_ROLE})*{ROLE}(?:-elect)?(?![\w-])\.?"
    r"(?:['’]s \w+$| of [A-Z]\w+(?= [A-Z]\S* [A-Z]))?(?: |$)"
    rf"|^(?:{_OPENS}\b\.? )+|(?<= )(?:Datuk Seri|Mr|Mrs|Ms|Dr)\.? "
    # "Apple's Tim Cook" are two names, "Cambodian People's Party" is one.
    r"|(?<!People)(?<!Women)(?<!Men)(?<!Children)['’]s(?: |$)"
)
_LOWER_ENDS = re.compile(r"^(?:[a-z]\S*(?: |$))+|(?: [a-z]\S*)+$")
_LOWER = re.compile(r"(?<![\w'’-])[a-z][\w'’-]*")
_OPENING = re.compile(r"[\W_]*$|.*[\"'“‘:;•|(—–]\s?$|[A-Z][A-Z ,.'’-]+(?:\([^)]*\) ?)?\s?[:—–-]\s$")
_VERBS = frozenset("said told made went came took began won".split())
_NOUN = re.compile(r" ([a-z][\w-]*)(?<!ed)(?<!s)(?<!ly)\b")
# What no measure tells from a name.
_NO_NAMES = frozenset(
    "ai tv pc vr it ip id ok oh god earth internet bluetooth usb-c ram gps vpn read watch photo st"
    " getty images image credit reuters ap afp mr mrs ms dr jr co inc et est gmt thanks christmas"
    " easter sign up subscribe series british french german greek dutch english thai arab".split()
)


@dataclass(frozen=True, slots=True)
class Entity:
    """A name in its fullest common form, the ids of the articles with it, its mentions and forms,
    and whether "the" goes before it."""

    name: str
    articles: frozenset[str]
    mentions: int
    forms: frozenset[str]
    definite: bool


class _Mentions:
    """The names in articles, by form: counts, the ids of the articles, and the words around."""

    def __init__(self, articles: Iterable[Article]) -> None:
        self.n, self.articles = Counter[str](), defaultdict[str, set[str]](set)
        self.lower, self.upper = Counter[str](), Counter[str]()
        self._before_noun, self._definite = Counter[str](), Counter[str]()
        seen, opening = Counter[str](), list[tuple[str, str, str, str]]()
        for article in articles:
            text = article.text[:_READ]
            self.lower.update(_LOWER.findall(text))
            for start, end in sentence_spans(text):
                seen[sentence := text[start:end]] += 1
                story = seen[sentence] <= _REPEATED and not _is_heading(sentence)
                for a, b in names(sentence) if story else ():
                    mention = article.id, sentence[a:b], sentence[:a], sentence[b : b + 30]
                    if _OPENING.match(sentence[:a]):
                        opening.append(mention)
                    else:
                        self.upper.update(sentence[a:b].split())
                        self._add(*mention)
        for article_id, run, before, after in opening:
            first, _, rest = run.partition(" ")
            rarer = self.upper[first] - self.lower[first.lower()]
            titled = not run.startswith(tuple(split_titles(run)[:1]) or run)
            known = titled or rarer > 0 or (rest and (rarer == 0 or run in self.n))
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

    def is_adjective(self, form: str) -> bool:
        """Whether nouns follow a form too often for a name."""
        measured = " " not in form and not form.isupper()
        return measured and self._before_noun[form] >= max(2, _ADJECTIVE * self.n[form])

    def is_definite(self, form: str) -> bool:
        """Whether "the" mostly goes before a form."""
        return 2 * self._definite[form] >= self.n[form] > 0

    def fullest(self, forms: Iterable[str]) -> str:
        """The form to show: of the common ones that are no adjectives, the longest."""
        nouns = [form for form in forms if not self.is_adjective(form)] or list(forms)
        common = [form for form in nouns if self.n[form] * _COMMON >= max(self.n[f] for f in nouns)]
        return max(common, key=lambda form: (len(form.split()), self.n[form], form))

    def is_name(self, form: str) -> bool:
        """Whether a run of capitals is a name and no date, emphasis or adjective."""
        tokens = [token.lower().rstrip(".") for token in form.split()]
        dates = partial_dates(f"in {form}")  # "March" is one only behind "in".
        if any(one.weekday >= 0 or one.span[1] == len(form) + 3 for one in dates):
            return False
        if len(form) < 2 or all(len(token) == 1 or token in _NO_NAMES for token in tokens):
            return False
        lower = 0 if stems(form) == ["usa"] else self.lower[tokens[0]]
        return not self.is_adjective(form) and (len(tokens) > 1 or self.upper[form] > lower)


def entities(articles: Iterable[Article], left_out: Iterable[str] = ()) -> list[Entity]:
    """The named entities of `articles`, those of most articles first; names in `left_out`, as
    those of the archive's sources, are not listed."""
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
    for name, full in full_names(held).items():
        aliases[full].append(name)
    hidden = {tuple(stems(name)) for name in left_out}
    listed = [
        Entity(
            name,
            frozenset().union(*(held[one] for one in alike)),
            sum(found.n[form] for one in alike for form in forms[one]),
            # Not the people of a country.
            frozenset(forms[name]).union(set(alike) & set(name.split())),
            found.is_definite(name),
        )
        for name, alike in aliases.items()
        if name and tuple(stems(name)) not in hidden and found.is_name(name)
    ]
    return sorted(listed, key=lambda one: (-len(one.articles), -one.mentions, one.name))


def split_titles(run: str) -> list[str]:
    """The names in a run of capitals, without titles: ["OpenAI", "Sam Altman"]."""
    parts = (_LOWER_ENDS.sub("", part.strip()) for part in _TITLE.split(run))
    return [part.rstrip(".") for part in parts if part]


def _is_heading(sentence: str) -> bool:
    tokens = sentence.split()
    capitals = sum(token[0].isupper() for token in tokens)
    return sentence[-1:] not in '.?!”"’' and capitals >= _HEADING * len(tokens)
