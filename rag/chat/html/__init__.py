"""Answers, sources and articles as HTML.

`markup` escapes; each of the others renders a part of the page, in the language of a `Wording`.
Knows neither Gradio, sessions, nor how answers are found.
"""

from __future__ import annotations

from rag.chat.html.answer import answer_html, turn_html, writing_html
from rag.chat.html.archives import Doing, archives_html, form_html
from rag.chat.html.asking import queue_html
from rag.chat.html.browse import found_html, views_html
from rag.chat.html.filters import filters_html
from rag.chat.html.guided import guided_html
from rag.chat.html.many import (
    batch_done_html,
    batch_html,
    batch_running_html,
    problems_html,
    standing_html,
)
from rag.chat.html.markup import note_html, page
from rag.chat.html.names import names_html, profile_html
from rag.chat.html.notebook import notebook_html
from rag.chat.html.reading import (
    OPENING,
    article_html,
    changed_html,
    missing_html,
    related_html,
)
from rag.chat.html.start import (
    documents_html,
    introduction_html,
    kept_html,
    masthead_html,
    waiting_html,
    welcome_html,
)
from rag.chat.html.tools import conversation_tools_html, tools_html
from rag.chat.html.writer import writer_html

__all__ = [
    "OPENING",
    "Doing",
    "answer_html",
    "archives_html",
    "article_html",
    "batch_done_html",
    "batch_html",
    "batch_running_html",
    "changed_html",
    "conversation_tools_html",
    "documents_html",
    "filters_html",
    "form_html",
    "found_html",
    "guided_html",
    "introduction_html",
    "kept_html",
    "masthead_html",
    "missing_html",
    "names_html",
    "note_html",
    "notebook_html",
    "page",
    "problems_html",
    "profile_html",
    "queue_html",
    "related_html",
    "standing_html",
    "tools_html",
    "turn_html",
    "views_html",
    "waiting_html",
    "welcome_html",
    "writer_html",
    "writing_html",
]
