"""The values that flow through Byline.

Owns the shape of an article and a passage (`rag.types.article`), of a hit, a citation and an answer
(`rag.types.answer`, `rag.types.glance`, `rag.types.absence`), of what a search is restricted to
(`rag.types.filters`), of what is found without a question (`rag.types.browse`), of what a build
changes (`rag.types.changes`), and imports nothing of ours.
All offsets count characters (Unicode code points) of `Article.text` and are half-open.
"""

from rag.types.absence import Absence, Sought
from rag.types.answer import (
    FAIR,
    NO_QUESTION,
    STRONG,
    Account,
    Answer,
    Claim,
    Days,
    Difference,
    Facets,
    Hit,
    Listing,
    Measured,
    Message,
    Overview,
    Part,
    Progress,
    Question,
    Recency,
    Rejected,
    Rows,
    Shown,
    Strength,
    Tally,
    Turn,
    Vectors,
    Verdict,
)
from rag.types.article import Article, Citation, Note, Page, Passage, Span
from rag.types.browse import SORTS, Found, Match, Name, NameKind, Profile, Saying, Sort
from rag.types.changes import Changes, Copies, Version
from rag.types.filters import FIELDS, FieldName, Filters
from rag.types.glance import Glance, Side

__all__ = [
    "FAIR",
    "FIELDS",
    "NO_QUESTION",
    "SORTS",
    "STRONG",
    "Absence",
    "Account",
    "Answer",
    "Article",
    "Changes",
    "Citation",
    "Claim",
    "Copies",
    "Days",
    "Difference",
    "Facets",
    "FieldName",
    "Filters",
    "Found",
    "Glance",
    "Hit",
    "Listing",
    "Match",
    "Measured",
    "Message",
    "Name",
    "NameKind",
    "Note",
    "Overview",
    "Page",
    "Part",
    "Passage",
    "Profile",
    "Progress",
    "Question",
    "Recency",
    "Rejected",
    "Rows",
    "Saying",
    "Shown",
    "Side",
    "Sort",
    "Sought",
    "Span",
    "Strength",
    "Tally",
    "Turn",
    "Vectors",
    "Verdict",
    "Version",
]
