"""What the tests of the page share: HTML taken apart, and texts that try to become markup."""

from __future__ import annotations

import re
from html import unescape
from html.parser import HTMLParser

from hypothesis import strategies as st

HOSTILE = {
    "script": "<script>alert(1)</script>",
    "template": "${alert(1)} `{{value}}` \\${x}",
    "attribute": "\"'><img src=x onerror=alert(1)>",
    "markdown": "[x](javascript:alert(1)) *a* _b_ # c $x$",
    "entity": "&amp; &#60;b&#62; &lt",
    "comment": "<!-- ]]> <![CDATA[",
    "closing": "</mark></div></dialog>",
    "spaces": "\n\n  \t x",
}


any_text = st.text(st.characters(exclude_categories=["Cs"]))


def shown(html: str) -> str:
    """The text of HTML, as a browser's textContent gives it."""
    return unescape(re.sub(r"<[^>]*>", "", html))


def elements(html: str) -> list[tuple[str, ...]]:
    """Each tag of HTML with the names of its attributes, as a parser sees them."""
    found: list[tuple[str, ...]] = []

    class Parser(HTMLParser):
        def handle_starttag(self, tag, attrs):
            found.append((tag, *(name for name, _ in attrs)))

        def handle_endtag(self, tag):
            found.append((f"/{tag}",))

        def handle_comment(self, data):
            found.append(("!",))

        handle_decl = unknown_decl = handle_pi = handle_comment

    Parser().feed(html)
    return found


def values(html: str, name: str) -> list[str]:
    """The values of an attribute, in order."""
    return list(map(unescape, re.findall(rf' {name}="([^"]*)"', html)))
