"""Answers, sources and articles as HTML, and the last check before a quote is shown.

`check` owns what may be shown, `markup` the escaping, the others a part of the page each: `answer`,
`reading`, `narrow`, `explore`. All take the reader's `Wording`. None knows the page around it, its
sessions, or how answers are found.
"""

from __future__ import annotations

from rag.render.answer import answer_html, turn_html, writing_html
from rag.render.check import RELATED, Articles, checked, shown, whole
from rag.render.explore import (
    conversation_tools_html,
    documents_html,
    introduction_html,
    kept_html,
    masthead_html,
    tools_html,
    waiting_html,
    welcome_html,
)
from rag.render.markup import note_html, page
from rag.render.narrow import filters_html
from rag.render.reading import OPENING, article_html, missing_html, sources_html

__all__ = [
    "OPENING",
    "RELATED",
    "Articles",
    "answer_html",
    "article_html",
    "checked",
    "conversation_tools_html",
    "documents_html",
    "filters_html",
    "introduction_html",
    "kept_html",
    "masthead_html",
    "missing_html",
    "note_html",
    "page",
    "shown",
    "sources_html",
    "tools_html",
    "turn_html",
    "waiting_html",
    "welcome_html",
    "whole",
    "writing_html",
]
