"""The events of the page: which are public, and which share their places."""

from __future__ import annotations

import re

import app
from rag.chat.sessions import Sessions
from rag.web.api import FOR_PROGRAMS
from rag.web.layout import layout
from rag.web.serve import STYLES


def test_only_named_events_are_public():
    named = {
        dependency.api_name
        for dependency in app.demo.fns.values()
        if dependency.api_visibility == "public"
    }
    assert named == {"ask", "search", "article", "find", "said"}


def test_programs_take_no_places_of_the_chat(shared):
    offered = layout(Sessions(shared)).fns.values()
    asked = next(one for one in offered if one.api_name == "ask")
    chats = [one for one in offered if one.concurrency_id == "archive"]
    assert asked.concurrency_limit == FOR_PROGRAMS
    assert asked not in chats
    assert chats


def test_events_are_neither_kept_nor_counted(shared):
    """As Gradio would after each, with pandas."""
    queue = layout(Sessions(shared))._queue
    queue.events_recorded = 10**9
    assert queue.compute_analytics_summary([{"status": "success"}]) == {"functions": {}}
    assert queue.ANALYTICS_MAX_EVENTS == 1


def test_styles_are_such_as_gradio_leaves_whole_and_touch_no_element_of_another_page():
    """Gradio takes a comma within :has() for the next selector, and so changes what is meant."""
    for file in STYLES:
        rules = file.read_text("utf-8")
        assert not re.findall(r":has\([^()]*,", rules), file.name
        bare = re.findall(
            r"^(?:h[1-6]|p|button|main|section|ol|ul|li)\b[^.#:\[ ]* *\{", rules, re.M
        )
        assert bare == [], file.name
