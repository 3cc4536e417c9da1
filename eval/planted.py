"""True sentences with one error planted in each, and how many the verifier catches.

Owns the makers of errors (a number, a name, a negation, the label), the passages shown beside a
sentence, and the counts. All is drawn from a seed: the same errors every time. Knows nothing of
how a sentence is verified.
"""

from __future__ import annotations

import dataclasses
import json
import math
import random
import re
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eval import datasets
from eval.goldset import ARTICLES, FOLDER
from eval.text import aligned, plain
from rag.chunk import chunk, heading
from rag.errors import InputError
from rag.sentences import sentence_spans
from rag.settings import AskSettings, BuildSettings
from rag.types import Article, Passage, Shown, Span, TextEncoder, Vectors
from rag.verify import Verifier
from rag.words import names, words

KINDS = ("number", "name", "negation", "label")
EACH = 50
SHOWN = 4
VERBATIM = 60
DATA = 200
WRITTEN = FOLDER / "written.jsonl"
SPLITS = ("dev", "test", "all")
SWEPT = (0.3, 0.4, 0.45, 0.5, 0.55, 0.6, 0.65, 0.7)
_Evidence = tuple[str, int, int]
_Change = tuple[int, int, str]
# Share of a sentence's words in one or two sentences of a passage from which that may say it too.
_RESTATED = 0.5


@dataclass(frozen=True)
class Sentence:
    """A true sentence. `evidence` are the spans (article id, start, end) that bear it out."""

    id: str
    text: str
    evidence: tuple[_Evidence, ...]
    origin: str
    split: str = ""


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


def written(articles: Sequence[Article], split: str = "all") -> list[Sentence]:
    """The bundled written sentences. Raises InputError where evidence does not stand."""
    by_place = {(a.origin.partition("#")[0], a.title): a for a in articles}
    found = []
    for line in WRITTEN.read_text("utf-8").splitlines():
        record = json.loads(line)
        evidence = []
        for piece in record["evidence"]:
            article = by_place.get((piece["file"], piece["title"]))
            spans = datasets.spans_of(piece["quote"], article.text) if article else []
            if not article or not spans:
                raise InputError(
                    f"{record['id']}: its evidence does not stand in the article. Correct the "
                    f"quote in {WRITTEN.name}: {piece['quote']!r}"
                )
            evidence.append((article.id, *spans[0]))
        if split in ("all", record["split"]):
            text, half = record["text"], record["split"]
            found.append(Sentence(record["id"], text, tuple(evidence), "written", half))
    return found


def verbatim(
    articles: Sequence[Article], count: int, origin: str, seed: int, split: str = "all"
) -> list[Sentence]:
    """`count` sentences of the articles that hold a number or a name, in turn for each half."""
    book = NameBook(articles)
    found = [
        Sentence("", " ".join(article.text[a:b].split()), ((article.id, a, b),), origin)
        for article in articles
        for a, b in sentence_spans(article.text)
    ]
    found = [s for s in found if _stands_alone(s.text) and (_numbers(s.text) or book.find(s.text))]
    chosen = _chance(seed, origin).sample(found, min(count, len(found)))
    halves = [
        dataclasses.replace(s, id=f"{origin[0]}-{n:03}", split=SPLITS[(n - 1) % 2])
        for n, s in enumerate(chosen, 1)
    ]
    return [s for s in halves if split in ("all", s.split)]


def cut(articles: Iterable[Article], encoder: TextEncoder) -> list[Passage]:
    """The passages of articles, as an index of them has them."""
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
    desk = _Desk(sentences, articles, passages, seed)
    found = [desk.untouched(sentence) for sentence in sentences]
    for kind in KINDS:
        order = _chance(seed, kind).sample(sentences, len(sentences))
        queues = [(sentence, desk.errors(kind, sentence)) for sentence in order]
        made: list[Planted] = []
        while queues and len(made) < each:
            left = []
            for sentence, errors in queues:
                if error := next(errors, None):
                    number = sum(m.original == sentence.text for m in made) + 1
                    made.append(dataclasses.replace(error, id=f"{sentence.id}-{kind}-{number}"))
                    left.append((sentence, errors))
            queues = left
        found += made[:each]
    return found


class _Desk:
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
        self.shows = _Shows(passages, self.articles)
        self.shown = {s.id: self.shows.around(s, self._random("shown", s)) for s in sentences}

    def untouched(self, sentence: Sentence) -> Planted:
        shown, labels = self.shown[sentence.id]
        return Planted(
            sentence.id, "", sentence.origin, sentence.text, sentence.text, labels, shown
        )

    def errors(self, kind: str, sentence: Sentence) -> Iterator[Planted]:
        """The errors of a kind that this sentence can bear, one for each place, shuffled."""
        true, chance = self.untouched(sentence), self._random(kind, sentence)
        if kind == "label":
            for label in chance.sample(range(1, SHOWN + 1), SHOWN):
                if label <= len(true.shown) and self.shows.is_foreign(
                    true.shown[label - 1], sentence
                ):
                    yield dataclasses.replace(true, kind=kind, labels=(label,))
            return
        texts = [self.articles[id].text for id in dict.fromkeys(e[0] for e in sentence.evidence)]
        said = " ".join(self.shows.said(sentence))
        if kind == "number":
            changes = number_changes(sentence.text, "\n".join(texts), chance)
        elif kind == "name":
            own = dict.fromkeys(e[0] for e in sentence.evidence)
            changes = self.book.changes(sentence.text, said, list(own), chance)
        else:
            changes = negation_changes(sentence.text, chance)
        for start, end, new in changes:
            text = sentence.text[:start] + new + sentence.text[end:]
            yield dataclasses.replace(true, kind=kind, text=text[:1].upper() + text[1:])

    def _random(self, kind: str, sentence: Sentence) -> random.Random:
        return _chance(self.seed, kind, sentence.id, sentence.text)


class _Shows:
    """The passages that stand beside a sentence, and what of it they say."""

    def __init__(self, passages: Sequence[Passage], articles: Mapping[str, Article]) -> None:
        self.passages = list(passages)
        self.articles = articles
        self.words = [frozenset(words(passage.text)) for passage in passages]

    def around(
        self, sentence: Sentence, chance: random.Random
    ) -> tuple[tuple[Passage, ...], tuple[int, ...]]:
        """SHOWN passages in no order, and the labels of those that hold the evidence.

        Beside these, the passage of the same article and those of all that share most words with
        the sentence, as a search would find them.
        """
        holding: list[Passage] = []
        for evidence in sentence.evidence:
            near = [p for p in self.passages if _meets(p, evidence)]
            whole = [p for p in near if p.start <= evidence[1] and evidence[2] <= p.end]
            holding += [p for p in (whole[:1] or near) if p not in holding]
        wanted = frozenset(words(sentence.text))
        shared = [len(wanted & found) for found in self.words]
        order = sorted(range(len(self.passages)), key=lambda i: (-shared[i], i))
        ranked = [self.passages[i] for i in order if self.passages[i] not in holding]
        own = {article_id for article_id, _, _ in sentence.evidence}
        beside = [p for p in ranked if p.article_id in own and self.is_foreign(p, sentence)][:1]
        beside += [p for p in ranked if p not in beside]
        shown = [*holding, *beside][: max(SHOWN, len(holding))]
        chance.shuffle(shown)
        labels = tuple(n for n, passage in enumerate(shown, 1) if passage in holding)
        return tuple(shown), labels

    def is_foreign(self, passage: Passage, sentence: Sentence) -> bool:
        """Whether a passage holds none of the evidence and does not say the same elsewhere."""
        if any(_meets(passage, evidence) for evidence in sentence.evidence):
            return False
        wanted = [frozenset(words(text)) for text in (sentence.text, *self.said(sentence))]
        found = [frozenset(words(passage.text[a:b])) for a, b in sentence_spans(passage.text)]
        pairs = [a | b for a, b in zip(found, [*found[1:], frozenset()], strict=True)]
        return all(
            len(some & pair) < _RESTATED * len(some) for some in wanted if some for pair in pairs
        )

    def said(self, sentence: Sentence) -> list[str]:
        """The sentences of the articles in which the evidence stands."""
        return [
            self.articles[id].text[a:b]
            for id, start, end in sentence.evidence
            for a, b in sentence_spans(self.articles[id].text)
            if a < end and start < b
        ]


def _chance(*parts: object) -> random.Random:
    """Chance that is the same for the same parts, on every machine."""
    return random.Random(" ".join(map(str, parts)))  # noqa: S311


def _meets(passage: Passage, evidence: _Evidence) -> bool:
    article_id, start, end = evidence
    return passage.article_id == article_id and passage.start < end and start < passage.end


def _stands_alone(text: str) -> bool:
    """Whether a sentence is one: whole, of a usual length, no question, its quotes closed."""
    closed = text.count('"') % 2 == 0 and text.count("“") == text.count("”")
    return text[-1:] in ".”\"'" and closed and "?" not in text and 6 <= len(text.split()) <= 45


# --- Numbers ----------------------------------------------------------------------------------

_SMALL = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen"
    " sixteen seventeen eighteen nineteen"
).split()
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
_VALUES = {word: n for n, word in enumerate(_SMALL)} | {
    f"{ten}{one}": 10 * n + k
    for n, ten in enumerate(_TENS, 2)
    for k, one in enumerate(["", *(f"-{small}" for small in _SMALL[1:10])])
}
_SPELT = {n: word for word, n in _VALUES.items()}
_LISTS = {
    "month": "January February March April May June July August September October November"
    " December",
    "weekday": "Monday Tuesday Wednesday Thursday Friday Saturday Sunday",
    "scale": "hundred thousand million billion",
    "scales": "dozens hundreds thousands millions billions",
    "ordinal": "second third fourth fifth sixth seventh eighth ninth tenth",
}
_WORDS = {word.lower(): kind for kind, listed in _LISTS.items() for word in listed.split()}
_MONTHS = _LISTS["month"].replace(" May", "").replace(" ", "|")
_NUMBER = re.compile(
    r"(?<![\w.:–-])(?<!\d,)(?P<digits>\d+(?:,\d{3})*(?:\.\d+)?)(?P<suffix>st|nd|rd|th)?"
    r"(?!\d|s\b|:|[.,–/-]\d)"
    rf"|\b(?P<month>{_MONTHS}|(?<=\d )May|(?<=late )May|(?<=early )May|May(?= \d))\b"
    rf"|\b(?P<weekday>{_LISTS['weekday'].replace(' ', '|')})\b"
    r"|(?P<scale>(?<=\d )(?:hundred|thousand|million|billion)"
    r"|(?<=\ba )(?:hundred|thousand|million|billion)"
    r"|(?<=\bone )(?:hundred|thousand|million|billion))\b"
    rf"|\b(?P<scales>{_LISTS['scales'].replace(' ', '|')})(?= of\b)"
    rf"|\b(?<=the )(?P<ordinal>{_LISTS['ordinal'].replace(' ', '|')})(?= [a-z])"
    r"|\b(?P<half>half(?: of)?)(?= the\b)"
    rf"|\b(?P<word>{'|'.join(sorted(set(_VALUES) - {'zero', 'one'}, key=len, reverse=True))})\b"
    r"(?!-)",
)
_RAISE = re.compile(
    r"(?:\b(?:more than|over|at least|above|minimum price of|minimum of)(?: about)? ?[$€£]?)$", re.I
)
_RAISE_BEHIND = re.compile(r" (?:or more|of (?:the|its|his|her|their|[A-Z]))\b")
_LOWER = re.compile(
    r"\b(?:up to|at most|less than|fewer than|under|below|as many as) ?[$€£]?$", re.I
)
_ROUGHLY = re.compile(
    r"\b(?:about|around|roughly|some|estimated|approximately|nearly|almost) ?[$€£]?$", re.I
)
_SCALED = re.compile(r" (?:hundred|thousand|million|billion)\b")
_ROUGH = 0.3


@dataclass(frozen=True)
class _Number:
    """A number at a span: its kind, and its size (a place in the list, for a word of one)."""

    span: Span
    kind: str
    size: float
    text: str
    suffix: str = ""


def _numbers(text: str) -> list[_Number]:
    """The numbers, dates and amounts of a text that can be changed."""
    found = []
    # Only the opening word of a sentence may be a number word in capitals.
    opens = re.match(r"[A-Z][a-z]+", text)
    lowered = text[:1].lower() + text[1:] if opens and opens[0].lower() in _VALUES else text
    for match in _NUMBER.finditer(lowered):
        kind, value = str(match.lastgroup), match.group()
        if kind in ("digits", "suffix"):
            kind, size = _digits(text, match), float(match["digits"].replace(",", ""))
        elif kind == "word":
            size = float(_VALUES[value])
        elif kind == "half":
            size = 0.5
        else:
            size = float(_LISTS[kind].lower().split().index(value.lower()))
        found.append(_Number(match.span(), kind, size, text[slice(*match.span())],
                             match["suffix"] or ""))  # fmt: skip
    return found


def _digits(text: str, match: re.Match[str]) -> str:
    before, behind = text[: match.start()], text[match.end() :]
    month = rf"(?:{_MONTHS}|May)"
    if match["suffix"]:
        return "place"
    dated = re.search(rf"\b{month} $", before) or re.match(rf" (?:of )?{month}\b", behind)
    if dated and len(match["digits"]) <= 2:
        return "day"
    if re.match(r" ?[ap]\.?m\b", behind):
        return "hour"
    return "year" if re.fullmatch(r"1\d{3}|20\d\d", match["digits"]) else "digits"


def number_changes(text: str, article: str, chance: random.Random) -> list[_Change]:
    """One change of each number: in turn to another of the article, and to a near one.

    A number with a bound ("at least 270") only moves to where the sentence becomes false.
    """
    numbers = _numbers(text)
    taken = {(_class(n), n.size) for n in numbers}
    others = [n for n in _numbers(article) if (_class(n), n.size) not in taken]
    changes = []
    for number in chance.sample(numbers, len(numbers)):
        alike = {n.size for n in others if _class(n) == _class(number)}
        near = {float(size) for size in _near(number, chance)}
        fits = _fits(text, number)
        choices = [sorted(filter(fits, alike)), sorted(filter(fits, near))]
        if chance.random() < 0.5:
            choices.reverse()
        sizes = [
            size for some in choices for size in chance.sample(some, len(some))
            if (_class(number), size) not in taken
        ]  # fmt: skip
        if sizes and (new := _spell(number, sizes[0])):
            changes.append(_with_article(text, (*number.span, new)))
    return changes


def _with_article(text: str, change: _Change) -> _Change:
    """A change that sets "a" or "an" right too."""
    start, end, new = change
    article = re.search(r"\b([Aa])n? $", text[:start])
    if not article:
        return change
    vowel = re.match(r"8|1[18](?!\d)|eight|eleven", new)
    return article.start(), end, f"{article[1]}{'n' if vowel else ''} {new}"


def _class(number: _Number) -> str:
    """What a number can be mistaken for: figures and number words count alike."""
    return "digits" if number.kind == "word" else number.kind


def _near(number: _Number, chance: random.Random) -> list[float]:
    """Sizes near a number's: a digit more or less, or changed, or two of them exchanged."""
    size, kind = number.size, number.kind
    if kind == "half":
        return [1 / 3, 0.25]
    if kind in _LISTS:
        reach = len(_LISTS[kind].split())
        return [float(i) for i in range(reach) if 0 < abs(i - size) <= 3]
    if size != int(size):
        return [round(size + step, 1) for step in (-1, -0.3, 0.3, 1, 2) if size + step > 1]
    if kind == "word" and size <= 20:
        return [n for step in (-2, -1, 1, 2, 3) if (n := size + step) > 1]
    if kind in ("day", "hour"):
        last = 28 if kind == "day" else 12
        return [n for step in (-4, -2, -1, 1, 2, 5) if 0 < (n := size + step) <= last]
    digits = str(int(size))
    found = {size + step for step in (1, 2, 3)} | {size - step for step in (1, 2, 3)}
    for i in range(len(digits) - 1):
        swapped = digits[:i] + digits[i + 1] + digits[i] + digits[i + 2 :]
        found.add(float(swapped))
    if kind == "digits":
        changed = str((int(digits[0]) + chance.randint(0, 7)) % 9 + 1) + digits[1:]
        found |= {float(changed), 10 * size} | ({size / 10} if size % 100 == 0 else set())
    if size >= 1000 and kind == "digits":
        found -= {size + step for step in range(-3, 4)}  # As round as it was.
    return [n for n in found if n > 1 and (kind != "year" or 1000 <= n < 2100)]


def _fits(text: str, number: _Number) -> Callable[[float], bool]:
    """Whether another size makes the sentence false, given what stands around the number."""
    before, behind = text[: number.span[0]], text[number.span[1] :]
    size = number.size
    if number.kind == "scale":  # "more than one thousand"
        before = re.sub(r"(?:\d[\d,.]*|\ban?|\bone) $", "", before)
    if _SCALED.match(behind) and size < 1000:
        return lambda new: new != size and new < 1000 and not _ROUGHLY.search(before)
    if _LOWER.search(before):
        return lambda new: new < size
    if _RAISE.search(before) or _RAISE_BEHIND.match(behind):
        return lambda new: new > size * (1 + _ROUGH if "about" in before[-12:] else 1)
    if _ROUGHLY.search(before) and number.kind not in _LISTS:
        return lambda new: abs(new - size) >= _ROUGH * size
    return lambda new: new != size


def _spell(number: _Number, size: float) -> str:
    """A size in the format of the number that it replaces; "" where there is no such format."""
    kind = number.kind
    if kind == "half":
        return "a third of" if size > 0.3 else "a quarter of"
    if kind in _LISTS:
        return _LISTS[kind].split()[int(size)]
    if kind == "word":
        word = _SPELT.get(int(size), "") if size == int(size) else ""
        return word.capitalize() if number.text[0].isupper() else word
    if size != int(size):
        return f"{size:g}"
    whole = int(size)
    text = f"{whole:,}" if kind == "digits" and whole >= 1000 else str(whole)
    if kind == "place":
        tail = "th" if 10 < whole % 100 < 14 else {1: "st", 2: "nd", 3: "rd"}.get(whole % 10, "th")
        return text + tail
    return text


# --- Names ------------------------------------------------------------------------------------

_TITLES = frozenset(
    "prime deputy acting former minister president general secretary ambassador of state chief"
    " transportation information interior datuk seri mr mrs ms dr sir king queen emperor pope"
    " bishop duke count lord captain colonel professor u.s us p.m.".split()
)
_ROLE = re.compile(
    r"\b(?:leader|spokesman|spokeswoman|director|president|minister|son|tycoon|engineer|viewer"
    r"|showrunner|chief|king|queen|emperor|pope|bishop|duke|count|general|ambassador|lady|actor"
    r"|author|physicist|mathematician|engineer|governor) $",
    re.IGNORECASE,
)
_SAYS = re.compile(r" (?:said|told|wrote|asked|says|noted|argued|was born|died)\b")
_IN = re.compile(r"\b(?:in|near|across|throughout|outside|capital|province of|city of) $", re.I)
_ORGANISATION = re.compile(
    r"\b(?:Ministry|Party|International|Office|Institute|Department|Council|University|Company"
    r"|Church|Army|House|Movement|Nations|Service|Complex|Agency|Association|Union|Court)\b"
    r"|^[A-Z]{3,5}$"
)
_PEOPLE = re.compile(r"^[A-Z]\w+(?:ese|ian|ish|can)$|^(?:Thai|French|German|Dutch|Greek|Norman)$")
_PEOPLES = re.compile(r"^[A-Z]\w+(?:ian|can)s$|^(?:Germans|Greeks|Normans|Thais)$")
_TELLING = 0.25
"""The share of a name's occurrences that has to tell what it names."""
# A town is never exchanged for a country: it may lie in it.
_COUNTRIES = frozenset(
    "Afghanistan Australia Austria Bangladesh Belgium Brazil Burma Cambodia Canada China Cyprus"
    " Denmark Egypt England Ethiopia Finland France Germany Greece Hungary Iceland India Indonesia"
    " Iran Iraq Ireland Israel Italy Japan Kenya Laos Malaysia Mexico Myanmar Nigeria Norway"
    " Pakistan Philippines Poland Portugal Russia Scotland Singapore Spain Sweden Switzerland Syria"
    " Taiwan Thailand Turkey Ukraine Vietnam Wales".split()
)
_CALENDAR = frozenset(f"{_LISTS['month']} {_LISTS['weekday']}".split())


class NameBook:
    """The names of articles by what they name, as far as the words around them tell."""

    def __init__(self, articles: Iterable[Article]) -> None:
        votes: dict[str, Counter[str]] = {}
        self._of: dict[str, list[str]] = {}
        for article in articles:
            found = self._of.setdefault(article.id, [])
            for start, end, titled in _cores(article.text):
                core = article.text[start:end]
                found.append(core)
                kind = _named(article.text, start, end, titled)
                votes.setdefault(core, Counter())[kind] += 1
        self.kinds = {
            core: kind
            for core, counted in votes.items()
            for kind, many in Counter({k: n for k, n in counted.items() if k}).most_common(1)
            if many >= _TELLING * counted.total()
        }
        surnames = {
            core.split()[-1]
            for core, kind in self.kinds.items()
            if kind == "person" and " " in core and not core.split()[-1].isupper()
        }
        self.kinds |= {core: "person" for core in votes if core in surnames}

    def find(self, text: str) -> list[tuple[int, int, str]]:
        """The names in a text that the book knows, each with what it names."""
        return [
            (start, end, kind)
            for start, end, _ in _cores(text)
            if (kind := self.kinds.get(text[start:end], ""))
        ]

    def changes(
        self, text: str, said: str, own: Sequence[str], chance: random.Random
    ) -> list[_Change]:
        """One change of each name: in turn to one of the article, and to one of another article.

        Never to a name that `said`, the evidence, has: with that the sentence may be true.
        """
        here = [name for id in own for name in self._of[id]]
        away = [name for id, found in self._of.items() if id not in own for name in found]
        changes = []
        found = self.find(text)
        for start, end, kind in chance.sample(found, len(found)):
            core = text[start:end]
            if text.count(core) > 1:
                continue
            sides = [here, away] if chance.random() < 0.5 else [away, here]
            part = kind == "person" and " " in core and chance.random() < 0.5
            for side in sides:
                fitting = self._fitting(core, kind, side, f"{text} {said}")
                if fitting:
                    new = chance.choice(fitting)
                    if part:
                        new = f"{core.rpartition(' ')[0]} {new.split()[-1]}"
                    changes.append((start, end, new))
                    break
        return changes

    def _fitting(self, core: str, kind: str, side: Sequence[str], taken: str) -> list[str]:
        """Names for the same kind of thing and of like form, but not of the same thing."""
        found = []
        known = frozenset(words(taken)) | {_initials(name) for name in _texts(taken)}
        for name in dict.fromkeys(side):
            if self.kinds.get(name) != kind:
                continue
            if kind == "person" and " " not in core:
                name = name.split()[-1]
            like = kind != "person" or (" " in name) == (" " in core)
            last = frozenset(words(name.split()[-1]))
            new = last and not last & known and name.lower() not in known
            if like and new and name not in taken:
                found.append(name)
        return sorted(set(found))


def _cores(text: str) -> Iterator[tuple[int, int, bool]]:
    """The names of a text without the titles before them, and whether there were any."""
    for start, end in names(text):
        if re.match(" [A-Z]", text[end:]) or re.search(r"\w [A-Z]\w* $", text[:start]):
            continue  # A piece of a longer name: "Sok" of "Sok An".
        run = text[start:end]
        first = max(run.rfind("'s "), run.rfind("’s ")) + 3 if re.search("['’]s ", run) else 0
        tokens = [m.start() for m in re.finditer(r"\S+", run) if m.start() >= first]
        titled = False
        while len(tokens) > 1 and not _ORGANISATION.search(run[tokens[0] :]):
            if not _is_title(run[tokens[0] : tokens[1]].strip()):
                break
            titled |= run[tokens[0] : tokens[1]].lower().strip(" .") in _TITLES
            tokens.pop(0)
        core = run[tokens[0] :]
        piece = (first and " " not in core) or re.match(" and [A-Z]", text[end:])
        if not piece and core not in _CALENDAR and not _is_title(core):
            yield start + tokens[0], end, titled


def _is_title(word: str) -> bool:
    return word.lower().strip(".") in _TITLES or (bool(_PEOPLE.match(word)) and word != "Norman")


def _named(text: str, start: int, end: int, titled: bool) -> str:
    """What a name names where it stands; "" where nothing tells."""
    core = text[start:end]
    if _PEOPLES.match(core):
        return "peoples"
    if _ORGANISATION.search(core):
        return "acronym" if core.isupper() else "organisation"
    if core in _COUNTRIES:
        return "country"
    if _IN.search(text[:start]):
        return "place"
    if titled or _ROLE.search(text[:start]) or (" " in core and _SAYS.match(text, end)):
        return "person"
    return ""


def _texts(text: str) -> list[str]:
    return [text[start:end] for start, end in names(text)]


def _initials(name: str) -> str:
    return "".join(c for c in name if c.isupper()).lower()


# --- Negations --------------------------------------------------------------------------------

_IRREGULAR = {
    "said": "say", "told": "tell", "wrote": "write", "began": "begin", "took": "take",
    "gave": "give", "went": "go", "came": "come", "saw": "see", "knew": "know",
    "became": "become", "led": "lead", "held": "hold", "made": "make", "found": "find",
    "left": "leave", "met": "meet", "cut": "cut", "grew": "grow", "rose": "rise",
    "fell": "fall", "lost": "lose", "won": "win", "built": "build", "brought": "bring",
    "fought": "fight", "ran": "run", "stood": "stand", "sent": "send", "got": "get",
}  # fmt: skip
_REGULAR = (
    "arrest ask thank praise urge announce attend agree call seize estimate release publish want"
    " receive reach include wrote use launch defeat conquer settle develop establish introduce"
    " produce move start end last cover reject report watch serve consist appear describe"
    " investigate point work heighten distribute broker watch stress commend show"
).split()
_PASTS = _IRREGULAR | {f"{verb}d" if verb.endswith("e") else f"{verb}ed": verb for verb in _REGULAR}
_SINGULAR = {
    "says": "say", "uses": "use", "wants": "want", "covers": "cover", "seems": "seem",
    "appears": "appear", "estimates": "estimate", "imagines": "imagine", "produces": "produce",
    "describes": "describe", "includes": "include", "offers": "offer", "shows": "show",
    "contains": "contain", "means": "mean", "requires": "require", "holds": "hold",
    "advances": "advance", "focuses": "focus", "becomes": "become", "provides": "provide",
    "depends": "depend", "consists": "consist", "occurs": "occur", "allows": "allow",
}  # fmt: skip
_PLURAL = (
    "say cover consist include appear use contain estimate suggest describe require seem commit"
    " live form produce occur become provide allow point earn"
).split()
_NEGATIONS = re.compile(
    r"\b(?:not|no|never|without|nothing|nobody|none|neither|nor|cannot|declined|refused|denied"
    r"|unable|failed)\b|n['’]t\b",
    re.IGNORECASE,
)
# What takes a negation out, and what it becomes; {0} is the word behind it, in the past.
_OUT = (
    (re.compile(r"\bdid(?: not|n['’]t) (\w+)"), lambda m: past_of(m[1])),
    (re.compile(r"\bdoes(?: not|n['’]t) (\w+)"), lambda m: present_of(m[1])),
    (re.compile(r"\bdo(?: not|n['’]t) (\w+)"), lambda m: m[1]),
    (re.compile(r"\bwon['’]t\b"), lambda m: "will"),
    (re.compile(r"\bcan['’]t\b|\bcannot\b"), lambda m: "can"),
    (re.compile(r"\b(\w+)n['’]t\b(?<!won.t)(?<!can.t)(?<!don.t)(?<!didn.t)(?<!doesn.t)"),
     lambda m: m[1]),
    (re.compile(r"\b(is|are|was|were|has|have|had|can|could|will|would|should|must|may|but|that"
                r"|said|did) not (?!only\b|to mention\b|least\b)(?=\w)"), lambda m: f"{m[1]} "),
    (re.compile(r"\b[Nn]o longer\b"), lambda m: "still"),
    (re.compile(r"\b[Nn]o (?!one\b|stranger\b|longer\b|matter\b|doubt\b)(?=[a-z])"),
     lambda m: "some "),
    (re.compile(r"\b(?:[Nn]obody|[Nn]o one)\b"), lambda m: "somebody"),
    (re.compile(r"\b[Nn]othing\b"), lambda m: "something"),
    (re.compile(r"\bnever "), lambda m: ""),
    (re.compile(r"\b([Ww])ithout (?!\w+ing\b)"), lambda m: f"{m[1]}ith "),
    (re.compile(r"\b(?:declined|refused) to\b"), lambda m: "agreed to"),
    (re.compile(r"\bfailed to\b"), lambda m: "managed to"),
    (re.compile(r"\bunable to\b"), lambda m: "able to"),
    (re.compile(r"(?<!been )(?<!be )\bdenied\b"), lambda m: "confirmed"),
)  # fmt: skip
_ADVERB = r"(?:\w+ly |also |so far |long |now |already |ever |often )?"
_DONE = (
    r"(?:\w+ed|been|put|held|met|gone|become|led|had|set|made|found|lost|left|said|told|taken|given"
    r"|seen|known|won|cost|driven|shown|written|begun|grown|come|cut|brought|built)\b"
)
_AUXILIARY = re.compile(
    rf"(?<=\w )(?P<word>was|were|is|are|can|could|will|would|should|must|(?:has|have|had)"
    rf"(?= {_ADVERB}{_DONE}))(?= \w)"
)
_INDIRECT = re.compile(r"\b(?:what|whether|if|how|question(?:ed|ing))\b[^,.;]*$")
_TAG = re.compile(r", [^,]*$")
_WORD = re.compile(r"(?<=[\w'’] )[a-z]+(?= [\w$])")
_SUBJECT = re.compile(
    r"(?:\b[A-Z][\w.-]+|\b(?:he|she|it|they|who|which|police|group|government|meeting|ministry"
    r"|country|both|army|court|nations))$"
)
_BARS = frozenset(
    "was were is are be been being has have had having get got to and or by as not never of"
    " did does do can could will would should must may might a an the".split()
)


def past_of(verb: str) -> str:
    """The past of an English verb: "take", "took"; "deny", "denied"."""
    irregular = {base: past for past, base in _IRREGULAR.items()} | {"be": "was", "have": "had"}
    if verb in irregular:
        return irregular[verb]
    if verb.endswith("e"):
        return f"{verb}d"
    return f"{verb[:-1]}ied" if re.search("[^aeiou]y$", verb) else f"{verb}ed"


def present_of(verb: str) -> str:
    """The third person of an English verb: "try", "tries"; "reach", "reaches"."""
    if verb in ("have", "be"):
        return {"have": "has", "be": "is"}[verb]
    if re.search("(?:s|x|z|ch|sh|o)$", verb):
        return f"{verb}es"
    return f"{verb[:-1]}ies" if re.search("[^aeiou]y$", verb) else f"{verb}s"


def negation_changes(text: str, chance: random.Random) -> list[_Change]:
    """A negation taken out, in each way there is; of a sentence without any, one put in."""
    out = [(*match.span(), make(match)) for form, make in _OUT for match in form.finditer(text)]
    if not out and not _NEGATIONS.search(text):
        out = list(_put_in(text))
    return chance.sample(out, len(out))


def _put_in(text: str) -> Iterator[_Change]:
    """Where "not" can stand; asks for "did" before a plain verb, and has words for some others."""
    inverted = re.match(r"(?:Among|Also|It is|There)\b", text)
    if re.match(r"(?:Some|Many|Several|Individual|Few|Other)\b", text):
        return  # "Some did not" is as true as "some did".
    for match in _AUXILIARY.finditer(text):
        before = text[: match.start()]
        asks = inverted or _INDIRECT.search(before)
        if not asks and before.split()[-1].lower() not in _BARS:
            yield match.end(), match.end(), " not"
    for match in re.finditer(r"(?<=\w )agreed to (?=[a-z])", text):
        yield match.start(), match.end(), "refused to "
    for match in re.finditer(r"(?<=\w )confirmed(?= )", text):
        if text[: match.start()].split()[-1].lower() not in _BARS:
            yield *match.span(), "denied"
    for match in _WORD.finditer(text):
        before, word = text[: match.start()].rstrip(), match.group()
        last = before.split()[-1].lower()
        behind = text[match.end() :]
        if last in _BARS or behind.startswith((" by ", " to have")):
            continue
        if _TAG.search(before) and len(behind.split()) < 3:
            continue  # ", she told Reuters."
        quoted = re.search('["“”]', before)
        if word in _PASTS and not quoted and (word in _SURE or _SUBJECT.search(before)):
            yield *match.span(), f"did not {_PASTS[word]}"
        elif word in _SINGULAR and re.search(r"[^s]$|ss$|[A-Z][\w.]+$", before):
            yield *match.span(), f"does not {_SINGULAR[word]}"
        elif word in _PLURAL and last.endswith("s"):
            yield *match.span(), f"do not {word}"


# Forms that are the past and nothing else: no participle.
_SURE = frozenset(
    "said told wrote began took gave went came saw knew became grew rose fell".split()
)


# --- The measure ------------------------------------------------------------------------------


def run(
    settings: AskSettings,
    data: Path | None = None,
    seed: int = 0,
    split: str = "all",
    sweep: bool = False,
) -> dict[str, Any]:
    """Verify planted errors and untouched sentences, of the bundled articles and of `data`.

    `split` takes one half of the bundled sentences, "dev" or "test". `sweep` adds what other
    thresholds of `support` would catch and strike.
    """
    from rag import Archive, read_articles

    articles = list(read_articles(ARTICLES))
    with tempfile.TemporaryDirectory() as folder:
        Archive.build(articles, folder)
        archive = Archive.open(folder, settings)
        encoder = archive.load_encoder()
        items = planted(
            [*written(articles, split), *verbatim(articles, VERBATIM, "verbatim", seed, split)],
            articles, cut(articles, encoder), seed,
        )  # fmt: skip
        if data:
            others, concerned = _from_data(data, seed)
            items += planted(others, concerned, cut(concerned, encoder), seed)
            articles += concerned
        known = {article.id: article for article in articles}
        embed = _Kept(archive.embed_sentences)
        rows = _verified(Verifier(embed, settings), items, known)
        found = {
            **summary(rows),
            "seed": seed,
            "split": split,
            "encoder": encoder.name,
            "precision": encoder.precision,
            "settings": dataclasses.asdict(settings),
        }
        if sweep:
            found["sweep"] = [_swept(settings, support, embed, items, known) for support in SWEPT]
    return found


@dataclass(frozen=True)
class Row:
    """A sentence and what the verifier says: no reason where it lets the sentence stand."""

    item: Planted
    reason: str
    stated: str


class _Kept:
    """Vectors of texts, each worked out once however many thresholds are tried."""

    def __init__(self, embed: Callable[[Sequence[str]], Vectors]) -> None:
        self._embed = embed
        self._rows: dict[str, Any] = {}

    def __call__(self, texts: Sequence[str]) -> Vectors:
        import numpy as np

        new = [text for text in dict.fromkeys(texts) if text not in self._rows]
        if new:
            self._rows |= dict(zip(new, self._embed(new), strict=True))
        return np.array([self._rows[text] for text in texts], np.float32)


def _from_data(data: Path, seed: int) -> tuple[list[Sentence], list[Article]]:
    """Verbatim sentences of other texts, and the articles that they come from.

    Where the data has facts (MultiHop-RAG), these; else any sentence with a number or a name.
    """
    dataset = datasets.load(data)
    facts = {fact for query in dataset.queries for fact in query.facts}
    if not facts:
        chosen = _chance(seed).sample(dataset.articles, min(DATA, len(dataset.articles)))
        return verbatim(chosen, DATA, "data", seed), chosen
    by_id = {article.id: article for article in dataset.articles}
    listed = sorted(facts, key=lambda fact: (fact.article_id, fact.text))
    sentences = [
        Sentence(f"d-{n:03}", fact.text, ((fact.article_id, *spans[0]),), "data")
        for n, fact in enumerate(_chance(seed).sample(listed, min(DATA, len(listed))), 1)
        if (spans := datasets.spans_of(fact.text, by_id[fact.article_id].text))
    ]
    concerned = dict.fromkeys(sentence.evidence[0][0] for sentence in sentences)
    return sentences, [by_id[id] for id in concerned]


def _verified(
    verifier: Verifier, items: Sequence[Planted], articles: Mapping[str, Article]
) -> list[Row]:
    rows = []
    for item in items:
        shown = {
            label: Shown(label, articles[passage.article_id], passage.start, passage.end)
            for label, passage in enumerate(item.shown, 1)
        }
        verdict = verifier.verify(item.text, item.labels, shown)
        rows.append(Row(item, verdict.reason, verdict.kind))
    return rows


def _swept(
    settings: AskSettings,
    support: float,
    embed: _Kept,
    items: Sequence[Planted],
    articles: Mapping[str, Article],
) -> dict[str, float]:
    """The rates by kind, and of untouched sentences struck, at this threshold."""
    changed = dataclasses.replace(settings, support=support)
    told = summary(_verified(Verifier(embed, changed), items, articles))["all"]
    rates = {kind: told["planted"][kind]["rate"] for kind in KINDS}
    return {"support": support, **rates, "struck": told["untouched"]["rate"]}


def summary(rows: Sequence[Row]) -> dict[str, Any]:
    """The counts of all and of each origin; what was missed and what was struck wrongly."""
    origins = dict.fromkeys(row.item.origin for row in rows)
    missed = [row for row in rows if row.item.kind and not row.reason]
    struck = [row for row in rows if not row.item.kind and row.reason]
    return {
        "all": _counts(rows),
        "origins": {o: _counts([r for r in rows if r.item.origin == o]) for o in origins},
        "missed": [
            {
                "id": row.item.id, "kind": row.item.kind, "text": row.item.text,
                "original": row.item.original, "labels": list(row.item.labels),
            }
            for row in missed
        ],
        "struck": [
            {"id": row.item.id, "text": row.item.text, "reason": row.reason} for row in struck
        ],
    }  # fmt: skip


def _counts(rows: Sequence[Row]) -> dict[str, Any]:
    told: dict[str, Any] = {"planted": {}}
    for kind in KINDS:
        some = [row for row in rows if row.item.kind == kind]
        caught = [row for row in some if row.reason]
        told["planted"][kind] = {
            "planted": len(some),
            "caught": len(caught),
            "rate": _rate(len(caught), len(some)),
            "stated": dict(Counter(row.stated for row in caught).most_common()),
        }
    some = [row for row in rows if not row.item.kind]
    struck = [row for row in some if row.reason]
    told["untouched"] = {
        "sentences": len(some),
        "struck": len(struck),
        "rate": _rate(len(struck), len(some)),
        "interval": wilson(len(struck), len(some)),
        "stated": dict(Counter(row.stated for row in struck).most_common()),
    }
    return told


def _rate(part: int, whole: int) -> float:
    return round(part / whole, 4) if whole else 0.0


def wilson(part: int, whole: int) -> tuple[float, float]:
    """The 95% interval of a share (Wilson 1927); (0, 1) of nothing."""
    if not whole:
        return 0.0, 1.0
    z, share = 1.96, part / whole
    middle = share + z * z / (2 * whole)
    reach = z * math.sqrt(share * (1 - share) / whole + z * z / (4 * whole * whole))
    low, high = ((middle + sign * reach) / (1 + z * z / whole) for sign in (-1, 1))
    return round(max(0.0, low), 4), round(min(1.0, high), 4)


def table(found: dict[str, Any]) -> str:
    """What `run` found, as aligned text."""
    rows = [("origin", "error", "planted", "caught", "rate", "stated as")]
    for origin, told in (*found["origins"].items(), ("all", found["all"])):
        for kind, counted in told["planted"].items():
            stated = ", ".join(f"{name} {many}" for name, many in counted["stated"].items())
            rows.append((origin, kind, str(counted["planted"]), str(counted["caught"]),
                         f"{counted['rate']:.1%}", stated))  # fmt: skip
    lines = aligned(rows)
    lines += ["", *aligned([
        ("origin", "untouched", "struck", "rate", "95% interval"),
        *(
            (origin, str(told["sentences"]), str(told["struck"]), f"{told['rate']:.1%}",
             f"{told['interval'][0]:.1%} to {told['interval'][1]:.1%}")
            for origin, told in (
                (origin, counts["untouched"])
                for origin, counts in (*found["origins"].items(), ("all", found["all"]))
            )
        ),
    ])]  # fmt: skip
    for row in found["missed"]:
        lines += [
            "",
            f"missed {row['id']}: {plain(row['text'])}",
            f"  was: {plain(row['original'])}",
        ]
    for row in found["struck"]:
        lines += ["", f"struck {row['id']}: {plain(row['text'])}", f"  {plain(row['reason'])}"]
    if "sweep" in found:
        rates = (*KINDS, "struck")
        swept = [
            (f"{row['support']:.2f}", *(f"{row[name]:.1%}" for name in rates))
            for row in found["sweep"]
        ]
        lines += ["", *aligned([("support", *rates), *swept])]
    return "\n".join(lines)
