"""An English article as questions are made from it: its names in full, and who does what. Pure.

No parser: words before a verb are its subject only where nothing else can be; when in doubt there
is none.
"""

from __future__ import annotations

import re

from rag.discover.entities import bare
from rag.text.facts import proper_names
from rag.text.stems import STOP_WORDS, names, stems
from rag.text.vocabulary import WEEKDAY

ADVERB = re.compile(
    r"(?: (?:also|later|then|has|have|had|yesterday|today|earlier|recently|previously|reportedly"
    rf"|(?:on )?{WEEKDAY}|\w+ly))+$"
)
_NO_SUBJECT = re.compile(
    r"\b(?:of|for|by|with|and|or|to|from|in|at|on|about|than|like|against|not|never|if|whether)\b",
    re.IGNORECASE,
)
_CLAUSE = re.compile(r"[,;:—–“”\"(]|\b(?:that|when|while|but|because|after|as)\b")
_LEAD = 4  # Words that a subject may have before its name: "former opposition leader".
_OCCUPATION = re.compile(r"\w+(?:ist|er|or|ian|man|woman)$")
_STEM = 12  # Letters by which a word is found again.
# Words that say nothing by themselves: "the company", "the move".
_VAGUE = frozenset(
    stems(
        "company government group move incident matter situation country case decision team man"
        " woman people thing things way time day year number other others same new first last two"
        " three it one show film game deal report plan issue problem user users customer giant"
        " firm startup service product agency official officials president platform pair duo star"
        " customers player players article story fact idea person result results ruling original"
        " intention meeting event process work"
    )
)


class Story:
    """An article's text, with the full names of those whom it calls by one word."""

    def __init__(self, text: str) -> None:
        self._full: dict[str, str] = {}
        self._text, self._lower = text, text.lower()
        for start, end in names(text):
            for part in bare(text[start:end].split()):
                if 2 <= len(part) <= 3:
                    for word in (part[-1], part[0]):
                        self._full.setdefault(word, " ".join(part))

    def subject(self, before: str) -> str:
        """The full name that ends the words before a verb, if it is the verb's subject."""
        before = ADVERB.sub("", before.rstrip())
        if before.endswith(","):  # "Phay Siphan, spokesman for the council, said".
            before = before[:-1].rpartition(",")[0]
        last = [one.span for one in proper_names(before)[-1:]]
        if not last or last[0][1] != len(before):
            return ""
        start = last[0][0]
        lead = _CLAUSE.split(before[:start])[-1].strip()
        if len(lead.split()) > _LEAD or _NO_SUBJECT.search(lead):
            return ""
        parts = bare(before[start:].split())
        opens = start == 0 and len(parts) == 1 and len(parts[0]) > 2
        if not parts or (opens and _OCCUPATION.match(parts[0][0])):
            return ""  # "Radiologist Bhavik Patel".
        return self.name(" ".join(parts[-1]))

    def name(self, name: str) -> str:
        """A name in full; "" for a word that may be none."""
        full = name if " " in name else self._full.get(name, name)
        first = full.split()[0]
        if " " not in full:
            return full if self.often(full) and full.lower() not in STOP_WORDS else ""
        # "Left-hander Eduardo Rodriguez"; "Panic Room", where the article speaks of panic.
        small = re.search(rf"\b{re.escape(first.lower())}\b", self._text)
        return "" if small or re.search(r"-[a-z]", first) else full

    def inside(self, name: str) -> str:
        """A name as it stands inside a sentence: "the FTC", if the article writes it so."""
        name = name.removeprefix("The ").removeprefix("the ")
        with_article = len(re.findall(rf"\b[Tt]he {re.escape(name)}\b", self._text))
        alone = len(re.findall(rf"\b{re.escape(name)}\b", self._text))
        return f"the {name}" if with_article and 2 * with_article >= alone else name

    def often(self, word: str) -> bool:
        """Whether a word stands in the article more than once, in one form or another."""
        stem = re.escape(word.lower().removesuffix("s")[:_STEM])
        return len(re.findall(rf"\b{stem}", self._lower)) > 1

    def speaks_of(self, thing: str) -> bool:
        """Whether words name something that the article is about."""
        return telling(thing) and telling(thing.split()[-1]) and self.often(thing.split()[-1])


def is_person(name: str) -> bool:
    """Whether a name looks like that of one."""
    return 2 <= len(name.split()) <= 3 and not re.search(r"\bof\b|[A-Z]{2}", name)


def telling(thing: str) -> bool:
    """Whether words say what they are about."""
    return not _VAGUE.issuperset(stems(thing))
