"""What a question names of an archive, and the parts it falls into. Pure.

Owns the reading of sources ("according to The Verge"), dates, phrases in quotation marks, and the
clauses that ask of one article each. Sources and years are the archive's own and passed in.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence

from rag.text.dates import dates_in
from rag.text.stems import names, stems
from rag.text.vocabulary import QUESTION_WORD
from rag.types import Part, Question, Span

# Words of a part that say something: with fewer, it belongs to its neighbour.
_PART_WORDS = 3
_PARTS = 8
_ASKING = re.compile(rf"{QUESTION_WORD}\b", re.IGNORECASE)
_CUT = re.compile(
    r"(?<!\s)\s*(?:[,;?](?:\s+|$)"
    r"|(?<![\w-])(?:and|or|while|whereas|but|compared|before|after|between|then)(?![\w-])\s*)+",
    re.IGNORECASE,
)
# What stands before the name of a source and belongs to it: "in another article from 'Wired'".
_LEADING = re.compile(r"(?:\b(?:the|an?|another|from|by|in|to)\s+)*[\"'“‘]?$", re.IGNORECASE)
_ATTRIBUTED = re.compile(r"\b(?:according to|(?:reported|published) (?:by|in)|says)\s+\W?$", re.I)
# Single quotation marks keep a title whole; only double ones, as in a search engine, ask for the
# very words.
_QUOTED = re.compile(r"“([^“”]+)”|\"([^\"]+)\"|‘[^‘’]+’|(?<!\w)'[^']+'(?!\w)")
# "The Independent - Travel", "Live Science: The Most Interesting Articles", "Wired | Science".
_SECTION = re.compile(r"\s+[-–—|]\s+|:\s")
_DOMAIN = re.compile(r"\.(?:com|org|net|co\.\w\w)$", re.IGNORECASE)
_INITIALS = 3
# What may be said of a source or an article without saying which: "the news agency AP".
_PLAIN = frozenset(
    stems("news newspaper paper agency magazine website outlet article story report piece")
    + stems("latest recent original first according")
)
_SOURCE_WORDS = 8


def several(question: Question) -> tuple[Part, ...]:
    """The parts that a question is searched with besides itself: none if it has only one."""
    return question.parts if len(question.parts) > 1 else ()


class QuestionParser:
    """Reads questions to an archive with these `sources`, with articles of these `years`."""

    def __init__(self, sources: Iterable[str], years: Collection[int]) -> None:
        self.years = years
        self._sources: dict[str, set[str]] = {}
        for source in sources:
            for form in _forms(source):
                self._sources.setdefault(form, set()).add(source)
        longest_first = sorted(self._sources, key=len, reverse=True)
        either = "|".join(map(re.escape, longest_first)) or r"(?!)"
        self._pattern = re.compile(rf"(?<!\w)(?:{either})(?!\w|\s\d{{3}}\b)", re.IGNORECASE)

    def parts(self, question: str) -> tuple[Part, ...]:
        """Take `question` apart: one part or more, in order, each with what it names."""
        sources = self._sources_in(question)
        dates = list(dates_in(question, self.years))
        taken = [span for span, _ in sources] + [span for span, _ in dates]
        quoted = [m for m in _QUOTED.finditer(question) if not _overlaps(m.span(), taken)]
        phrases = [(m.span(), m[1] or m[2]) for m in quoted if m[1] or m[2]]
        whole = [*taken, *(match.span() for match in quoted), *names(question)]
        bare = _blanked(question, taken)
        places = [span for span, _ in sources]
        spans = _merged(_by_source(_cut(question, whole), question, places), bare, places)
        return tuple(
            Part(
                said,
                " ".join(bare[slice(*said)].split()),
                frozenset(s for span, named in sources if _in(span, start, end) for s in named),
                tuple(t for span, times in dates if _in(span, start, end) for t in times),
                tuple(phrase for span, phrase in phrases if _in(span, start, end)),
            )
            for (start, end), said in zip(spans, _saying(spans, bare), strict=True)
        )

    def only_sources(self, text: str) -> frozenset[str] | None:
        """Return the sources that `text` names; None if it names anything else."""
        # Only where a source is sure to stand is "wired" one, in lower case.
        parts = self.parts(f"according to {text}")
        if _PLAIN.issuperset(word for part in parts for word in stems(part.text)):
            return frozenset(source for part in parts for source in part.sources)
        return None

    def leading_source(self, text: str) -> tuple[frozenset[str], str]:
        """Return the source that `text` begins with, none if with another word, and the rest."""
        ends = [match.end() for match in re.finditer(r"\S+", text) if stems(match.group())]
        for end in reversed(ends[:_SOURCE_WORDS]):
            sources = self.only_sources(text[:end])
            if sources:
                return sources, text[end:]
        return frozenset(), text

    def _sources_in(self, question: str) -> list[tuple[Span, set[str]]]:
        found = []
        for match in self._pattern.finditer(question):
            word = match.group()
            named = self._sources.get(word) or self._sources.get(word.lower())
            plain = word.islower() and " " not in word.removeprefix("the ")
            # "Fortune" is a magazine, "a fortune" is money.
            if named and (not plain or _ATTRIBUTED.search(question[: match.start()])):
                found.append((match.span(), named))
        return found


def unquoted(question: str) -> str:
    """Return the question with blanks in place of what is in quotation marks."""
    return _blanked(question, [match.span() for match in _QUOTED.finditer(question)])


def _forms(source: str) -> set[str]:
    """The names that a source goes by, in lower case; initials, its own ("VOA" for "VOA Khmer")
    or made ("NYT"), in capitals."""
    title = _SECTION.split(source)[0]
    short = _DOMAIN.sub("", title)
    rest = re.sub(r"^the\s", "", short, flags=re.IGNORECASE)
    made = "".join(word[0] for word in rest.split() if word[0].isupper())
    first = rest.partition(" ")[0]
    initials = {made, first if first.isupper() else ""}
    forms = {source, title, short, *([rest] if " " in rest else [])}
    return {form.lower() for form in forms if form} | {
        one for one in initials if len(one) >= _INITIALS
    }


def _cut(question: str, whole: Collection[Span]) -> list[Span]:
    """Cut where clauses end, but not inside what must stay `whole`."""
    spans, start = [], 0
    for match in _CUT.finditer(question):
        if not _overlaps(match.span(), whole):
            spans.append((start, match.start()))
            start = match.end()
    return [(start, end) for start, end in [*spans, (start, len(question))] if start < end]


def _by_source(spans: Iterable[Span], question: str, sources: Iterable[Span]) -> list[Span]:
    """Cut the spans once more, so that each names one source."""
    found = []
    for start, end in spans:
        for at, _ in [span for span in sources if _in(span, start, end)][1:]:
            leading = _LEADING.search(question[start:at])
            cut = start + leading.start() if leading else at
            if cut > start:
                found.append((start, cut))
                start = cut
        found.append((start, end))
    return found


def _merged(spans: Iterable[Span], bare: str, sources: Collection[Span]) -> list[Span]:
    """Join spans that say too little to their neighbours, unless each names a source, and all
    beyond the last one that is searched to that."""
    found: list[Span] = []
    for start, end in spans:
        if found:
            short = not (_enough(found[-1], bare) and _enough((start, end), bare))
            both = all(any(_in(at, *span) for at in sources) for span in (found[-1], (start, end)))
            if (short and not both) or len(found) == _PARTS:
                start = found.pop()[0]
        found.append((start, end))
    return found


def _saying(spans: Sequence[Span], bare: str) -> list[Span]:
    """For each span the one that says what it asks: itself, or a neighbour if it says little."""
    full = [span for span in spans if _enough(span, bare)] or [(0, len(bare))]
    return [max([other for other in full if other <= span], default=full[0]) for span in spans]


def _enough(span: Span, bare: str) -> bool:
    """Whether a span says enough to be searched by itself; a question needs less for that."""
    text = bare[slice(*span)]
    return len(stems(text)) >= (_PART_WORDS - 1 if _ASKING.match(text) else _PART_WORDS)


def _blanked(text: str, spans: Iterable[Span]) -> str:
    for start, end in spans:
        text = text[:start] + " " * (end - start) + text[end:]
    return text


def _overlaps(span: Span, others: Iterable[Span]) -> bool:
    return any(start < span[1] and span[0] < end for start, end in others)


def _in(span: Span, start: int, end: int) -> bool:
    return start <= span[0] < end
