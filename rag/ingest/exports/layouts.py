"""The layouts of exports: what marks a document, what shows that a file has the layout.

A new database is a row here, and a function that reads one document.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from rag.ingest.exports import apa, factiva, labelled, lexisnexis, pressreader
from rag.ingest.exports.document import WORDS, Document
from rag.ingest.exports.labels import CODED, HEADINGS, TEXT, TITLE

_FLAGS = re.MULTILINE
_DOCUMENT = r"(?:do[ck]ument\w{0,2}|artículos?|articles?)"
_OF = r"(?:of|von|de|du|van|di|do|af|av|sur)"
_NUMBER = r"\d[\d.,]{0,8}"
_COUNTED = (
    rf"[ \t\f\ufeff]*(?i:(?:focus[ \t]*-[ \t]*)?(?:{_DOCUMENT}[ \t]+)?(?:n[.°º]+[ \t]*)?"
    rf"{_NUMBER}[ \t]+{_OF}[ \t]+{_NUMBER}(?:[ \t]+{_DOCUMENT})?)[ \t]*"
)
_CLASSIC = re.compile(rf"(?i:(?=.*do[ck]ument)){_COUNTED}")
_END = (
    r"[ \t]*(?i:end of document|ende des dokuments|dokumentende|fin du document|fin de document"
    r"|fin del documento|einde van (?:het )?document|fine del documento|fim do documento)[ \t]*"
)
_LENGTH = "LENGTH|LÄNGE|LONGUEUR|LENGTE|LONGITUD|LUNGHEZZA"
_A_LENGTH = re.compile(rf"(?:{_LENGTH}):{WORDS.pattern}$")
_LOADED = "LOAD-DATE|UPDATE|DATE-CHARGEMENT|LAADDATUM|FECHA-CARGA|DATA-CARICAMENTO"
_BODY = "body|haupttext|textkörper|corps|cuerpo|hoofdtekst|corpo"
# "The Gulf Ledger · 9 May 2023 · News · Jane Doe".
_META = r"(?=.*(?:19|20)\d\d)[^·•|\n]{2,60}(?:[·•|][^·•|\n]{2,60}){3}"


@dataclass(frozen=True, slots=True)
class Layout:
    """How a database writes an export.

    `shows`: patterns that are all found in a file of this layout, and in few others. `opens` and
    `closes`: the whole line above and below a document. `anchor`: whether a line is one that each
    document has just once, and `head`: the first line of the document of an anchor, so that two
    documents without a mark between them are two. A part of the file without an anchor is no
    document, unless documents are marked above alone.
    """

    name: str
    shows: tuple[re.Pattern[str], ...]
    read: Callable[[Sequence[str]], Document]
    opens: re.Pattern[str] | None = None
    closes: re.Pattern[str] | None = None
    anchor: Callable[[Sequence[str], int], bool] | None = None
    head: Callable[[Sequence[str], int], int] | None = None

    @property
    def is_marked(self) -> bool:
        return self.opens is not None and self.closes is None


def _has_length(lines: Sequence[str], at: int) -> bool:
    return _A_LENGTH.match(lines[at]) is not None


def _found(*patterns: str) -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(pattern, _FLAGS) for pattern in patterns)


LAYOUTS = (
    Layout(
        "lexisnexis",
        _found(
            rf"^(?i:(?=.*do[ck]ument)){_COUNTED}$",
            rf"^(?:{_LENGTH}|{_LOADED}|LANGUAGE|SPRACHE|LANGUE|TAAL|IDIOMA|LINGUA|PUBLICATION-TYPE"
            r"|TYPE-PUBLICATION|BYLINE|SECTION):",
        ),
        lexisnexis.read_classic,
        opens=_CLASSIC,
        anchor=_has_length,
        head=lexisnexis.head_of_classic,
    ),
    Layout(
        "lexisnexis",  # One document, saved without its number.
        _found(rf"^(?:{_LENGTH}):", rf"^(?:{_LOADED}):"),
        lexisnexis.read_classic,
        anchor=_has_length,
        head=lexisnexis.head_of_classic,
    ),
    Layout(
        "nexis-uni",
        _found(
            rf"^(?:{_END}|Load-Date:.*|[^\W\d_]+:{WORDS.pattern})$",
            rf"^[ \t]*(?i:{_BODY})[ \t]*$",
        ),
        lexisnexis.read_uni,
        closes=re.compile(_END),
        anchor=lambda lines, at: HEADINGS.field(lines[at]) == TEXT,
        head=lexisnexis.head_of_uni,
    ),
    Layout(
        "factiva",
        _found(r"^HD(?:\s|$)", r"^PD(?:\s|$)", r"^(?:LP|TD)(?:\s|$)"),
        factiva.read_coded,
        closes=re.compile(r"AN(?:\s.*)?"),
        anchor=lambda lines, at: CODED.field(lines[at]) == TITLE,
        head=factiva.head_coded,
    ),
    Layout(
        "proquest",
        _found(
            r"^(?i:full text|volltext|texte intégral|texto completo|abstract)[ \t]*:",
            r"^(?:ProQuest|.{0,40}proquest)|^Publication title:",
        ),
        labelled.read_proquest,
        opens=labelled.RULE,
        closes=re.compile(r"Database:.*"),
        anchor=labelled.anchor_of_proquest,
        head=labelled.head_of_proquest,
    ),
    Layout(
        "factiva",
        _found(
            rf"^{WORDS.pattern}\n+.*\d{{4}}.*$",
            rf"^(?:{factiva.DOCUMENT.pattern}|[ \t]*(?:©|\([cC]\)|[Cc]opyright) ?.*)$",
        ),
        factiva.read_plain,
        closes=factiva.DOCUMENT,
        anchor=factiva.anchor,
        head=factiva.head,
    ),
    Layout("apa", _found(rf"\A\s*{apa.HEAD}$"), apa.read, anchor=apa.anchor, head=lambda _, at: at),
    Layout(
        "pressreader",
        _found(
            r"(?i:press(?:reader|display)\.com|^(?:©|copyright).*pressreader|^pressreader ?[-–:|])"
            rf"|^{_META}$(?s:.*)^{_META}$"
        ),
        pressreader.read,
        anchor=pressreader.anchor,
        head=pressreader.head,
    ),
    Layout(
        "labelled",
        _found(
            rf"\A\s*(?:.{{0,80}}\n\s*){{0,3}}(?i:{labelled.KNOWN})[ \t]*:",
            rf"^[ \t]*(?i:{labelled.TITLES})[ \t]*:",
        ),
        labelled.read,
        anchor=labelled.anchor,
        head=lambda _, at: at,
    ),
)  # fmt: skip
"""The first that a file shows is the one it has."""


def layout_of(text: str) -> Layout | None:
    """The layout of an export, None for any other text."""
    shown = (one for one in LAYOUTS if all(pattern.search(text) for pattern in one.shows))
    return next((one for one in shown if one.is_marked or _anchors(text.split("\n"), one)), None)


def _anchors(lines: Sequence[str], layout: Layout) -> list[int]:
    anchor = layout.anchor
    return [at for at in range(len(lines)) if anchor(lines, at)] if anchor else []


def seen(lines: Sequence[str], layout: Layout) -> int:
    """How many documents an export shows, those included of which hardly anything is left."""
    ends = sum(1 for line in lines if layout.closes and layout.closes.fullmatch(line))
    return max(ends, len(_anchors(lines, layout)), len(split(lines, layout)))


def split(lines: Sequence[str], layout: Layout) -> list[Sequence[str]]:
    """The documents of an export: each as its lines, without the marks between them.

    What is above the first mark and below the last one, a cover page or a summary of the search,
    is none.
    """
    documents: list[Sequence[str]] = []
    start, opened = 0, not layout.is_marked
    for at, line in enumerate(lines):
        if layout.opens and layout.opens.fullmatch(line):
            if opened:
                documents.append(lines[start:at])
            start, opened = at + 1, True
        elif layout.closes and layout.closes.fullmatch(line):
            documents.append(lines[start:at])
            start, opened = at + 1, True
    if opened:
        documents.append(lines[start:])
    return [part for document in documents for part in _at_anchors(document, layout)]


def _at_anchors(lines: Sequence[str], layout: Layout) -> list[Sequence[str]]:
    """A part of the file as one document for each anchor in it; none where it has no anchor."""
    anchors = _anchors(lines, layout)
    if len(anchors) < 2 or not layout.head:
        return [lines] if anchors or layout.is_marked else []
    starts = [0]
    for above, at in pairwise(anchors):
        # What is above an anchor is looked for up to the one before, so that time is linear.
        starts.append(above + 1 + layout.head(lines[above + 1 : at + 1], at - above - 1))
    return [lines[a:b] for a, b in zip(starts, [*starts[1:], len(lines)], strict=True)]
