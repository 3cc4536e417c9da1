"""Shows the characters that have no form and change that of others: no text can lie by its form.

Two kinds: control characters, by which a terminal moves its cursor, and the characters by which the
Unicode bidirectional algorithm is told to turn the order of what follows. Knows no markup.
"""

from __future__ import annotations

import re

_ALONE = r"\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069"
HIDDEN = re.compile(f"[{_ALONE}]")
"""Control characters, and those that turn the order of text."""
# An isolate around plain text, as `isolated` makes it, turns nothing outside of it.
_FOUND = re.compile(rf"(?P<isolate>\u2068[^{_ALONE}]*\u2069)|{HIDDEN.pattern}")
_RIGHT_TO_LEFT = re.compile(
    "[\u0590-\u08ff\u200f\ufb1d-\ufdff\ufe70-\ufeff\U00010800-\U00010fff\U0001e800-\U0001efff]"
)
_PICTURES, _DELETE = 0x2400, 0x7F


def visible(text: str, keep: str = "\n\r\t") -> str:
    """Return the text with a symbol in place of each control character but those of `keep`, and of
    each that turns the order of text: "␛" for an escape, "[U+202E]" where Unicode has no picture.

    An isolate around text without such characters stays as it is: see `isolated`.
    """

    def symbol(found: re.Match[str]) -> str:
        if found["isolate"] or found[0] in keep:
            return found[0]
        code = ord(found[0])
        if code < 0x20:
            return chr(_PICTURES + code)
        return "\u2421" if code == _DELETE else f"[U+{code:04X}]"

    return _FOUND.sub(symbol, text)


def isolated(text: str, around: str = "ltr") -> str:
    """Return the text made visible and, where its direction may not be that of the line `around`
    it, in a Unicode isolate: it is ordered by itself and leaves the rest of the line as it is."""
    apart = text and (around == "rtl" or _RIGHT_TO_LEFT.search(text))
    shown = visible(text.replace("\u2068", "").replace("\u2069", ""))
    return f"\u2068{shown}\u2069" if apart else shown
