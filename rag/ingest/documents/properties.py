"""What a document says of itself, where it can be believed.

Programs fill these fields with file names, templates and accounts. The day on which a document was
made is not the day on which an article was published, so no date is among them.
"""

from __future__ import annotations

import re

from rag.ingest.encoding import fit

_NO_TITLE = re.compile(
    r"(?:untitled|document|dokument|title|no ?name)?\s*\d*|microsoft \w+ - .*|powerpoint .*"
    r"|.*\.(?:docx?|pdf|indd|qxp|qxd|rtf|odt|txt|tex|pptx?|pages|html?)",
    re.IGNORECASE,
)


def title_in(value: object) -> str:
    """The title that a document names, "" for what is none ("Microsoft Word - a.docx")."""
    title = line_of(value)
    return "" if _NO_TITLE.fullmatch(title) else title


def author_in(value: object) -> str:
    """The author whom a document names, "" for an account ("admin", "user1", "ida@b.example")."""
    author = line_of(value)
    if not author or "@" in author or any(c.isdigit() for c in author):
        return ""
    named = not author.isascii() or (" " in author and author != author.lower())
    return author if named else ""


def line_of(value: object) -> str:
    """A field as one line."""
    return " ".join(fit(str(value)).split())[:300] if value else ""
