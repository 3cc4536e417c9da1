"""The events of the page: which are public, and which share their places."""

from __future__ import annotations

import app
from rag.chat.sessions import Sessions
from rag.web.api import FOR_PROGRAMS
from rag.web.layout import layout


def test_only_named_events_are_public():
    named = {
        dependency.api_name
        for dependency in app.demo.fns.values()
        if dependency.api_visibility == "public"
    }
    assert named == {"ask", "search", "article"}


def test_programs_take_no_places_of_the_chat(shared):
    offered = layout(Sessions(shared)).fns.values()
    asked = next(one for one in offered if one.api_name == "ask")
    chats = [one for one in offered if one.concurrency_id == "archive"]
    assert asked.concurrency_limit == FOR_PROGRAMS
    assert asked not in chats
    assert chats
