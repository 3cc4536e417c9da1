"""The HTML of an export as the text that the same database writes.

A paragraph has a blank line around it. Where the markup says what a line is, as Factiva's does of
the headline, a label says it in the text.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from rag.ingest.html.parse import parse
from rag.ingest.html.text import lines_of

if TYPE_CHECKING:
    from lxml.html import HtmlElement

HINT = re.compile(
    rb"\d\s+(?:of|von|van|de|du|di|do|sur)\s+\d+\s+do[ck]ument|do[ck]ument[eo]?\s+\d+\s+\w+\s+\d"
    rb"|(?:end of|fin du|fin del?|ende des|einde van|fine del|fim do)\s+(?:het\s+)?do[ck]ument"
    rb"|dokumentende|proquest|factiva|pressreader|europresse",
    re.IGNORECASE,
)
"""What the HTML of an export holds, and that of few other pages."""
_PARAGRAPHS = ("p", "h1", "h2", "h3", "h4", "table", "ul", "ol", "article", "section", "blockquote")
_LABELLED = ("span", "b", "strong", "li")
_BLANK = "\u2063"
_RULE = "_" * 20
_DATABASE = re.compile(r"proquest|factiva|press(?:reader|display)", re.IGNORECASE)
_PAGE_TAGS = re.compile(r"</?(?:html|body)\b[^<>]*>", re.IGNORECASE)
_BORDER = re.compile(r"border-bottom\s*:\s*[1-9]", re.IGNORECASE)
_HEADLINE = re.compile(r"hd|\w*headline\w*", re.IGNORECASE)


def export_text(page: str) -> str:
    """The text of a page in the lines of a text export. Raises Unreadable."""
    # The text of a document may be a page of its own.
    tree = parse(_PAGE_TAGS.sub("", page))
    for element in list(tree.iter(*_PARAGRAPHS, *_LABELLED, "hr", "div")):
        if element.tag in _PARAGRAPHS:
            element.addprevious(_line(_BLANK))
            element.addnext(_line(_BLANK))
        if element.tag == "h1":
            element.text = f"HEADLINE: {element.text or ''}"
        elif element.tag == "hr" or (element.tag == "div" and _has_border(element)):
            element.addprevious(_line(_RULE))
            element.addnext(_line(_RULE))
        else:
            _label(element)
    # The database may be named in the window's title only.
    title = tree.findtext(".//title") or ""
    title = title.strip() if _DATABASE.search(title) else ""
    lines = ["" if line == _BLANK else line for line in lines_of(tree)]
    return re.sub(r"\n{3,}", "\n\n", "\n".join([title, "", *lines]))


def _line(text: str) -> HtmlElement:
    from lxml.html import Element

    line = Element("div")
    line.text = text
    return line


def _has_border(element: HtmlElement) -> bool:
    return bool(_BORDER.search(element.get("style", "")))


def _label(element: HtmlElement) -> None:
    if next(element.iterancestors("td"), None) is not None:
        return  # Beside a code or a name.
    names = (element.get("id", ""), *element.get("class", "").split())
    if any(map(_HEADLINE.fullmatch, names)) and not _inside_headline(element):
        element.text = f"HEADLINE: {element.text or ''}"
    elif any("author" in name or "byline" in name for name in names):
        element.text = f"BYLINE: {element.text or ''}"


def _inside_headline(element: HtmlElement) -> bool:
    parent = element.getparent()
    return parent is not None and (parent.text or "").startswith("HEADLINE: ")
