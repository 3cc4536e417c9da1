"""The values that flow through Byline.

Owns the shape of an article and a passage (`rag.types.article`), of a hit, a citation and an answer
(`rag.types.answer`), and imports nothing of ours. All offsets count characters (Unicode code
points) of `Article.text` and are half-open.
"""

from rag.types.answer import (
    FAIR,
    STRONG,
    Account,
    Answer,
    Citation,
    Claim,
    Days,
    Difference,
    Facets,
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

__all__ = [
    "FAIR",
    "STRONG",
    "Account",
    "Answer",
    "Article",
    "Citation",
    "Claim",
    "Days",
    "Difference",
    "Facets",
    "Filters",
    "Hit",
    "Listing",
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
    "Span",
    "Tally",
    "Turn",
    "Vectors",
    "Verdict",
]
