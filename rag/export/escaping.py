"""Escapes what is put into HTML: the page, packs and feeds have no other way in for a text."""

from __future__ import annotations

import html
from collections.abc import Iterable

from rag.wording.visible import visible


def escape(text: str) -> str:
    """Escape a text that is shown, in an element or an attribute: it is no markup, and its control
    characters are symbols, so that it turns the order of nothing around it."""
    return html.escape(visible(text))


def escape_value(text: str) -> str:
    """Escape a value that no reader sees, as one that the script sends back: every character of it
    stays as it is."""
    return html.escape(text)


def fields(values: Iterable[str], between: str = " · ") -> str:
    """Render the fields that are known in one line, each ordered by itself: one that is written
    from right to left leaves the others in their places."""
    return between.join(f'<bdi dir="auto">{escape(one)}</bdi>' for one in values if one)
