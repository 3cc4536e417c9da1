"""Take out of a page what is surely no article: readers' comments and dialogs of consent.

By what their elements are called or are, before anything is extracted, so that a reader's name is
never an author's. What stands under a heading that names the comments is found by its lines
(`rag.ingest.html.selection`).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lxml.html import HtmlElement

_NAME = re.compile(r"[A-Z]?[a-z]{2,}|[A-Z]{2,}")
_STRUCTURE = frozenset(("html", "head", "body", "main"))
_LONGEST = 300
"""Characters of an attribute's value that are looked at."""
# In the languages that comment plug-ins and themes have; each is a whole word of a name.
_COMMENTS = frozenset(
    "comment comments commentlist commenter commenters disqus livefyre commentaire commentaires"
    " comentario comentarios kommentar kommentare kommentarer commenti commento reacties".split()
)
# Of an article that may be commented on, or of a count.
_STATES = frozenset("open opened closed enabled disabled allowed off on has no with".split())
_CONSENT = frozenset(
    "cookie cookies consent gdpr cmp onetrust didomi cookiebot usercentrics quantcast sourcepoint"
    " dialog alertdialog modal".split()
)
_ASKS = re.compile(
    r"\b(cookies?|consent|privacy|partners|accept|GDPR|einwillig|datenschutz|akzeptier"
    r"|confidentialité|consentement|accepter|privacidad|consentimiento|aceptar|riservatezza|accett)",
    re.IGNORECASE,
)
_WITHIN = frozenset(("span", "b", "strong", "em", "i", "small", "div", "aside", "p"))
_RELATED = frozenset("related readmore alsoread readalso recommended promo inread rel".split())
_POINTER = 400
"""Characters; a box of more holds other articles' text, and is judged line by line."""
_HEADING = 80
"""Characters beside the comments that a box of them has: its heading, or a link to more."""
_MANY = 200
"""Characters of comments; a box of fewer may be an article's byline with a count of them."""


def names(element: HtmlElement, *attributes: str) -> Iterator[str]:
    """The words, in lower case, of which an element's names are made: "sf_commentBox" has three."""
    for attribute in attributes:
        if value := element.get(attribute):
            for name in _NAME.findall(value[:_LONGEST]):
                yield name.lower()


def take_out(tree: HtmlElement) -> bool:
    """Take comments and dialogs of consent out of a page; whether one of these asked for consent.

    Never what holds the page's headline.
    """
    kept = {one for h1 in tree.iter("h1") for one in (h1, *h1.iterancestors())}
    elements = [one for one in tree.iter() if one not in kept and one.tag not in _STRUCTURE]
    for element in filter(_is_comment, kept):
        # An opinion, or a page on which one may comment: extraction would take it for comments.
        for name in ("class", "id"):
            element.attrib.pop(name, None)
    asked = False
    for element in elements:
        if _is_dialog(element):
            asked = True
            _drop(element)
        elif _is_pointer(element):
            _drop(element)
    for element in _comment_boxes(elements):
        _drop(element)
    return asked


def _drop(element: HtmlElement) -> None:
    if element.getparent() is not None:  # Else it is out of the page already.
        element.drop_tree()


def _is_pointer(element: HtmlElement) -> bool:
    """Whether an element within a text is called related, and is hardly more than its links."""
    if element.tag not in _WITHIN or _RELATED.isdisjoint(names(element, "class", "id")):
        return False
    whole = sum(map(len, element.itertext()))
    linked = sum(len(text) for link in element.iter("a") for text in link.itertext())
    return 0 < whole <= _POINTER and linked * 2 >= whole


def _comment_boxes(elements: Sequence[HtmlElement]) -> Iterator[HtmlElement]:
    """Elements that are comments, or that hold nothing else but a heading."""
    whole: dict[HtmlElement, int] = Counter()
    theirs: dict[HtmlElement, int] = Counter()
    # Descendants come before their ancestors.
    for element in reversed(elements):
        whole[element] += len((element.text or "").strip())
        if _is_comment(element):
            theirs[element] = max(1, whole[element])
        if (parent := element.getparent()) is not None:
            whole[parent] += whole[element] + len((element.tail or "").strip())
            theirs[parent] += theirs[element]
    for element in elements:
        rest = whole[element] - theirs[element]
        if theirs[element] and rest <= (_HEADING if theirs[element] >= _MANY else 0):
            yield element


def _is_comment(element: HtmlElement) -> bool:
    own = set(names(element, "class", "id", "itemprop"))
    if element.get("itemtype", "").endswith("schema.org/Comment"):
        return True
    return not own.isdisjoint(_COMMENTS) and own.isdisjoint(_STATES)


def _is_dialog(element: HtmlElement) -> bool:
    """Whether an element is called a dialog or a box of cookies, and its words ask for consent."""
    if element.tag != "dialog" and _CONSENT.isdisjoint(names(element, "class", "id", "role")):
        return False
    if element.find(".//article") is not None:
        return False
    found = _ASKS.findall("".join(element.itertext()))
    return len({one.lower().rstrip("s") for one in found}) > 1
