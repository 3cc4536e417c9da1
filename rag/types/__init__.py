"""The values that flow through Byline.

Owns the shape of an article and a passage (`rag.types.article`), of a hit, a citation and an answer
(`rag.types.answer`), of what is found without a question (`rag.types.browse`), of what a build
changes (`rag.types.changes`), and imports nothing of ours.
All offsets count characters (Unicode code points) of `Article.text` and are half-open.
"""

from rag.types.answer import (
    FAIR,
    FIELDS,
    NO_QUESTION,
    STRONG,
    Account,
    Answer,
    Citation,
    Claim,
    Days,
    Difference,
    Facets,
    FieldName,
    Filters,
    Hit,
    Listing,
    Message,
    Overview,
    Part,
    Progress,
    Question,
    Recency,
    Rejected,
    Rows,
    Shown,
    Tally,
    Turn,
    Vectors,
    Verdict,
)
from rag.types.article import Article, Note, Page, Passage, Span
from rag.types.browse import SORTS, Found, Match, Sort
from rag.types.changes import Changes, Copies, Version

__all__ = [
    "FAIR",
    "FIELDS",
    "NO_QUESTION",
    "SORTS",
    "STRONG",
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
    "Hit",
    "Listing",
    "Match",
    "Message",
    "Note",
    "Overview",
    "Page",
    "Part",
    "Passage",
    "Progress",
    "Question",
    "Recency",
    "Rejected",
    "Rows",
    "Shown",
    "Sort",
    "Span",
    "Tally",
    "Turn",
    "Vectors",
    "Verdict",
    "Version",
]
