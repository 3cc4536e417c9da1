"""Know the columns of a table by their names, and which of an article's fields each gives.

Owns the usual names, of exports, news APIs and data sets, in several languages. Upper and lower
case, accents, spaces and other separators count for nothing: "Published-At" is "publishedat". The
name of a value inside another is a path with dots, as "source.name" or "_source.title".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from rag.text.characters import normalized

# Of two columns for one field, the one whose name comes first here counts, where it is filled.
# Of texts, the longest counts: see `record`.
_USUAL = {
    "text": "text body content fulltext articletext articlebody bodytext maintext storytext story"
    " article articlecontent contenttext textcontent newstext newscontent newsbody postcontent"
    " contentencoded plaintext cleantext textbody storybody fullcontent document transcript"
    " bodyhtml contenthtml htmlbody htmlcontent html inhalt artikeltext volltext haupttext"
    " fliesstext artikel texte contenu corps textecomplet textearticle texto contenido cuerpo"
    " textocompleto articulo testo contenuto conteudo corpo tekst inhoud អត្ថបទ متن",
    "summary": "description summary abstract excerpt snippet leadparagraph lead standfirst teaser"
    " trailtext deck dek intro shortdescription beschreibung zusammenfassung kurztext vorspann"
    " teasertext resume chapo chapeau extrait resumen descripcion entradilla sommario sumario",
    "title": "title headline head hed heading articletitle titletext newstitle webtitle posttitle"
    " documenttitle storytitle newsheadline headlinetext titel uberschrift ueberschrift"
    " schlagzeile titre titrearticle titulo titular encabezado titolo kop ចំណងជើង سرخی عنوان",
    "source": "source sourcename outlet publication publicationname publicationtitle pubtitle"
    " newspaper publisher sitename site website mediaoutlet outletname newssource sourcetitle"
    " medianame paper journal provider domain quelle zeitung medium publikation"
    " fuente periodico medio diario publicacion testata fonte krant bron ប្រភព ماخذ",
    "author": "author authors byline creator dccreator authorname bylinetext articleauthor writer"
    " writers reporter journalist by writtenby autor autoren autorin verfasser auteur auteurs"
    " autores autora periodista journaliste autore អ្នកនិពន្ធ مصنف",
    "published": "published publishedat publisheddate datepublished publicationdate publishdate"
    " pubdate publishedon publishedtime publishtime publicationtime publicationdatetime"
    " firstpublished firstpublishedat firstpublicationdate webpublicationdate dateofpublication"
    " articledate newsdate releasedate issuedate date datetime datum erscheinungsdatum"
    " veroffentlicht veroeffentlicht veroffentlichtam veroeffentlichtam publikationsdatum"
    " datepublication datedepublication dateparution datedeparution fecha fechapublicacion"
    " fechadepublicacion datapubblicazione កាលបរិច្ឆេទ تاریخ",
    "url": "url link weburl articleurl permalink canonicalurl storyurl shareurl newsurl pageurl"
    " documenturl sourceurl href articlelink newslink lien enlace",
    "language": "language lang languagecode langcode articlelanguage sprache langue idioma lingua"
    " taal",
    "section": "section category sectionname categories sections sectiontitle newsdesk desk rubric"
    " ressort rubrik kategorie rubrique categorie seccion categoria sezione",
    "id": "id",
}
FIELDS = tuple(field for field in _USUAL if field != "summary")
"""The fields that a column can be named for."""

_AROUND = frozenset("fields attributes properties article item record doc data node".split())
"""What an object is called that holds a whole record; Elasticsearch's is "_source"."""
_MOST_KINDS = 1_000
"""Kinds of records of one file whose columns are remembered."""
_INSIDE = frozenset(
    "name title label displayname fullname rendered value text main original default t".split()
)
"""What the value is called in an object that stands for one: "source.name", "title.rendered"."""


class Columns:
    """The columns that give each field of records with these names, the best one first.

    `mapped` says which column gives a field, whatever it is called; no other one does then.
    `unknown` are the columns of it that are not among the names.
    """

    def __init__(self, names: Iterable[str], mapped: Mapping[str, str]) -> None:
        self.names = tuple(names)
        found: dict[str, list[tuple[int, str]]] = {}
        for name in self.names:
            if known := field_of(name):
                found.setdefault(known[0], []).append((known[1], name))
        self._of = {field: [name for _, name in sorted(ranked)] for field, ranked in found.items()}
        self.unknown: dict[str, str] = {}
        for field, column in mapped.items():
            name = _named(column, self.names)
            if not name:
                self.unknown[field] = column
                continue
            for columns in self._of.values():
                columns[:] = [one for one in columns if one != name]
            self._of[field] = [name]
            if field == "text":
                self._of.pop("summary", None)
        self.has_text = bool(self["text"] or self["summary"])
        self.known = sum(1 for columns in self._of.values() if columns) if self.has_text else 0
        """How many fields have a column, 0 without any text."""

    def __getitem__(self, field: str) -> Sequence[str]:
        return self._of.get(field, ())


class ColumnsOf:
    """The columns of records by the names that they have; remembers them, so it is for one file."""

    def __init__(self, mapped: Mapping[str, str]) -> None:
        self.mapped = mapped
        self._known: dict[tuple[str, ...], Columns] = {}

    def __call__(self, names: Iterable[str]) -> Columns:
        names = tuple(names)
        if (known := self._known.get(names)) is None:
            known = Columns(names, self.mapped)
            if len(self._known) < _MOST_KINDS:
                self._known[names] = known
        return known


def field_of(name: str) -> tuple[str, int] | None:
    """The field that a column of this name gives, and the rank of the name; None for others."""
    parts = [_folded(part) for part in name.removeprefix("_source.").split(".")]
    while len(parts) > 1:
        if parts[0] in _AROUND and (found := field_of(".".join(parts[1:]))):
            return found
        if parts[-1] not in _INSIDE:
            return None
        parts.pop()
    return _RANKS.get(parts[0])


def is_value(name: str) -> bool:
    """Whether an object that stands for one value has it under this name."""
    return _folded(name) in _INSIDE


def _named(column: str, names: Sequence[str]) -> str:
    if column in names:
        return column
    return next((name for name in names if _folded(name) == _folded(column)), "")


def _folded(name: str) -> str:
    """A name without case, accents and separators."""
    letters = normalized("NFKD", name).casefold()
    return "".join(c for c in letters if c.isalnum())


_RANKS = {
    _folded(name): (field, rank)
    for field, names in _USUAL.items()
    for rank, name in enumerate(names.split())
}
