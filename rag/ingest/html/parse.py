"""Parse HTML into a tree, within bounds that keep every later step linear.

Knows nothing of articles.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from rag.ingest.failure import Unreadable
from rag.wording import note

if TYPE_CHECKING:
    from lxml.html import HtmlElement

CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]")
"""Characters that no text of a page shows."""
_LARGEST = 20_000_000
"""Characters of a page's source; trafilatura takes no more."""
# News pages have 1,000 to 10,000. Reading 50,000 takes some 6 seconds, and time grows with them.
_MOST_ELEMENTS = 50_000
# Of one tag; real ones have 50. The parser appends each to a list that it walks through for it.
_MOST_ATTRIBUTES = 1_000


def parse(source: str) -> HtmlElement:
    """Parse a page or a fragment, which becomes a page's body. Raises Unreadable."""
    import lxml.etree
    import lxml.html

    if len(source) > _LARGEST:
        raise Unreadable(note("html_too_long", n=_LARGEST))
    data = source.encode()
    try:
        lxml.etree.fromstring(data, parser=lxml.html.HTMLParser(**_OPTIONS, target=_Bounds()))
        tree = lxml.html.document_fromstring(data, parser=lxml.html.HTMLParser(**_OPTIONS))
    except Unreadable:
        raise
    except Exception:  # Of several kinds, for what no browser would show as a page either.
        raise Unreadable(note("html_unparsable")) from None
    for element in tree.iter():
        for part in ("text", "tail"):
            value = getattr(element, part)
            if value and CONTROL.search(value):
                setattr(element, part, CONTROL.sub("", value))
    return tree


_OPTIONS: dict[str, Any] = {
    "encoding": "utf-8",
    "collect_ids": False,
    "default_doctype": False,
    "remove_comments": True,
    "remove_pis": True,
    "no_network": True,
}


class _Bounds:
    """A parser target that builds nothing: counts a page's elements and each one's attributes."""

    def __init__(self) -> None:
        self._elements = 0

    def start(self, _tag: str, attributes: dict[str, str]) -> None:
        """Count an element. Raises Unreadable beyond a bound."""
        self._elements += 1
        if self._elements > _MOST_ELEMENTS:
            raise Unreadable(note("html_elements", n=_MOST_ELEMENTS))
        if len(attributes) > _MOST_ATTRIBUTES:
            raise Unreadable(note("html_attributes", n=str(_MOST_ATTRIBUTES)))

    def close(self) -> None:
        """End the parsing."""
