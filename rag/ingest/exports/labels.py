"""The labels of a database's fields, in the languages that the databases speak.

Owns which label gives which field of an article, and which ones stand with a field that no article
has. Knows no database: how a label is written is its `form`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

_LONGEST = 400
"""Characters of a line in which a label is looked for: an article may be one line."""

TITLE, AUTHOR, SOURCE, PUBLISHED, SECTION, LANGUAGE, URL, TEXT, STANDFIRST = (
    "title", "author", "source", "published", "section", "language", "url", "text", "standfirst",
)  # fmt: skip
ABSTRACT = "abstract"
"""Stands in for a text that the database does not give."""
CAPTION = "caption"
"""May go on over several paragraphs, and is none of the text."""
HEAD, TAIL = "head", "tail"
"""Fields that no article has, by where they stand; they may stand in the other place, too."""
IN_HEAD = frozenset((TITLE, AUTHOR, SECTION, STANDFIRST, TEXT, HEAD))


def _table(written: Mapping[str, str]) -> dict[str, str]:
    return {name: field for field, names in written.items() for name in names.split("|")}


NAMES = _table({
    TITLE: "headline|title|titel|überschrift|schlagzeile|titre|kop|título|titular|titolo|overskrift"
    "|rubriek titel|article name|article title|document title",
    AUTHOR: "byline|author|authors|autor|autoren|verfasser|auteur|auteurs|signature|name|autore"
    "|autores|autori|firma|door|von|forfatter|creator|reporter|journalist",
    SOURCE: "publication|publication title|publication name|newspaper|source|quelle|zeitung|bron"
    "|krant|fuente|periódico|fonte|publicación|titel der publikation|titre de la publication"
    "|título de publicación",
    PUBLISHED: "publication date|date|published|date of publication|issue date|datum"
    "|publikationsdatum|erscheinungsdatum|fecha|fecha de publicación|date de publication|data"
    "|data de publicação|data di pubblicazione|publicatiedatum",
    SECTION: "section|rubrik|ressort|rubrique|rubriek|sectie|sección|seccion|sezione|seção|sektion",
    LANGUAGE: "language|language of publication|sprache|langue|taal|idioma|lingua|língua|sprog",
    URL: "url|document url|link|weblink",
    TEXT: "body|text|texte|tekst|texto|testo|full text|fulltext|volltext|haupttext|textkörper"
    "|texte intégral|texte complet|texto completo|volledige tekst|testo completo|corps|cuerpo"
    "|hoofdtekst|corpo|article text",
    STANDFIRST: "highlight|chapeau|vorspann|subheadline|subtitle|untertitel|sous-titre",
    ABSTRACT: "abstract|zusammenfassung|résumé|resumen|samenvatting|resumo|riassunto",
    CAPTION: "graphic|graphics|grafik|graphique|gráfico|grafica|illustration|illustrations"
    "|afbeelding|caption",
    HEAD: "length|länge|longueur|lengte|longitud|lunghezza|längd|længde|dateline|ortszeile"
    "|origine|datelijn|word count|bio|series|serie|distribution|edition|ausgabe|page|pages|seite"
    "|start page|end page|publication info|publication year|copyright",
    TAIL: "load-date|update|upload|date-chargement|date de chargement|laaddatum|laad-datum"
    "|bijwerkdatum|fecha-carga|fecha de carga|ladedatum|data-caricamento|data di caricamento"
    "|data de carga|publication-type|pub-type|type-publication|publikationstyp"
    "|tipo-publicación"
    "|tipo de publicación|document-type|document type|journal-code|code-revue|zeitungs-code"
    "|transcript|subject|sujet|thema|onderwerp|asunto|company|organization|organisation|ticker"
    "|industry|geographic|region|person|country|state|city|acc-no|issn|isbn|pub-subject|pub-loc"
    "|classification|location|people|company / organization|identifier / keyword|keyword|keywords"
    "|publisher|place of publication|country of publication|publication subject|source type"
    "|proquest document id|accession number|last updated|database|database copyright|volume|issue"
    "|column|first page|number of pages|view original page|credit|foto|photo|image|bild|notes"
    "|links|correction",
})  # fmt: skip
CODES = _table({
    TITLE: "HD", AUTHOR: "BY", PUBLISHED: "PD", SOURCE: "SN", SECTION: "SE", LANGUAGE: "LA",
    TEXT: "LP|TD", HEAD: "CLM|CR|WC|ET|SC|ED|PG|VOL|CY|CX|RF", CAPTION: "ART",
    TAIL: "CT|CO|IN|NS|RE|IPC|IPD|PUB|AN",
})  # fmt: skip
"""Factiva's two-letter codes."""


class Label(NamedTuple):
    """A label at the start of a line: its field, "" for an unknown one, and where its value is."""

    field: str
    at: int


class Labels(NamedTuple):
    """How a database writes its labels: `form` matches one, with its name in the first group."""

    form: re.Pattern[str]
    fields: Mapping[str, str]

    def read(self, line: str) -> Label | None:
        """The label that a line starts with, None without one."""
        match = self.form.match(line, 0, _LONGEST)
        if not match:
            return None
        name = match[match.lastindex or 1].strip()
        return Label(self.fields.get(name, "") or self.fields.get(name.casefold(), ""), match.end())

    def field(self, line: str) -> str:
        """The field of the known label that a line starts with, "" without one."""
        label = self.read(line)
        return label.field if label else ""

    def values(self, lines: Sequence[str]) -> dict[str, str]:
        """The labelled fields of some lines, each with its first value, which ends at a blank line.

        Where nothing stands beside a label, its value is the paragraph below it.
        """
        found: dict[str, str] = {}
        field, value = "", list[str]()
        for line in (*lines, ""):
            label = self.read(line)
            known = label is not None and label.field != ""
            if known or (value and not line.strip()):
                if field and value:
                    found.setdefault(field, " ".join(value))
                field, value = "", []
            if label and known:
                field, line = label.field, line[label.at :]
            if field and line.strip():
                value.append(line.strip())
        return found


UPPER = Labels(re.compile(r"\s{0,3}([^\W\d_a-z](?:[^\W\d_a-z]|[ -]){2,30}):(?:\s+|$)"), NAMES)
"""LexisNexis: "PUBLICATION-TYPE: Newspaper"."""
MIXED = Labels(re.compile(r"\s{0,3}([^\W\d_][\w /-]{1,30}):(?:\s+|$)"), NAMES)
"""ProQuest, and most others: "Publication title: The Gulf Ledger"."""
LOOSE = Labels(re.compile(r"\s{0,3}([^\W\d_][\w /-]{1,30}):\s*"), NAMES)
"""PressReader: "Publication:The Gulf Ledger"."""
HEADINGS = Labels(
    re.compile(
        r"\s{0,3}(?:([^\W\d_][\w /-]{1,30}):(?:\s+|$)"
        r"|(?=(?:body|classification|graphic|haupttext|textkörper|corps|cuerpo|hoofdtekst|corpo)\s*$)"
        r"(.+))",
        re.IGNORECASE,
    ),
    NAMES,
)
CODED = Labels(re.compile(r"([A-Z]{2,3})(?:\s+|$)"), CODES)
"""Factiva's: "PD  9 May 2023"."""
