"""Guess the encoding of a text that is neither UTF-8 nor declared, or give it up.

Owns when a guess is good enough to quote from. chardetng, the detector of Firefox, chooses by the
frequency of pairs of letters; it always chooses one, so its choice has to pass: the text reads as
one of the languages that are written so, and holds nothing that gives a wrong choice away (a small
letter before a capital, a symbol inside a word). The rest is refused: a wrong guess would misquote
without anyone noticing. docs/formats.md has the measurement.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Collection

_CHECKED = 1_000_000
"""Characters that are looked at; a wrong guess shows in fewer."""
_FAULTS = 0.01
"""Of the words with letters beyond ASCII: none of fewer than 100."""
_LEAST_LETTERS, _LEAST_WORDS = 40, 6
"""Beyond ASCII, in another alphabet than the Latin."""
_LEAST_IDEOGRAPHS = 30
_SHORTEST = 100
"""Characters of a text in Latin letters."""
_LEAST_DISTINCT, _LEAST_SHARE = 5, 0.1
"""Of words with letters beyond ASCII, in an encoding of central Europe or of Turkish."""

_WESTERN = tuple(
    map(
        frozenset,
        (
            "àâçèéêëîïôœùûüñ", "äöüßéèàêáôçëï", "áéíóúñüçàèòïºª", "áâãàçéêíóôõúü", "àèéìíîòóùú",
            "äëïöüéèêóáíà", "æøåéèêóòâôöäü", "åäöéüàáëè", "áðéíóúýþæö",
        ),
    )
)  # fmt: skip
"""The letters beyond ASCII of French, German, Spanish with Catalan, Portuguese, Italian, Dutch,
Danish with Norwegian, Swedish and Icelandic."""
_CENTRAL = tuple(
    map(
        frozenset,
        (
            "ąćęłńóśźż", "áčďéěíňóřšťúůýžöüä", "áäčďéíĺľňóôŕšťúýž", "áéíóöőúüű", "čćđšžé",
            "ăâîşţșț", "äöüßé",
        ),
    )
)  # fmt: skip
"""Those of Polish, Czech, Slovak, Hungarian, Croatian with Slovene, Romanian and German."""
_TURKISH = (frozenset("çğıöşüâîû"),)
_LATIN: dict[str, Collection[frozenset[str]]] = {
    "windows-1252": _WESTERN,
    "windows-1250": _CENTRAL,
    "iso-8859-2": _CENTRAL,
    "windows-1254": _TURKISH,
}
_LETTERS = frozenset(
    ("windows-1251", "koi8-u", "windows-1253", "windows-1255", "windows-1256", "cp874")
)
_IDEOGRAPHS = frozenset(("gb18030", "big5hkscs", "cp932", "euc-jp", "cp949"))
_IN_PYTHON = {
    "windows-874": "cp874",
    "gbk": "gb18030",
    "big5": "big5hkscs",
    "shift_jis": "cp932",
    "euc-kr": "cp949",
}
"""What Python calls what chardetng finds, as https://encoding.spec.whatwg.org/ means it."""

_WORD = re.compile(r"[^\W\d_]+")
_EAST_ASIAN = re.compile(
    "[\u3000-\u30ff\u4e00-\u9fff\uac00-\ud7a3\uff00-\uffef“”‘’—…·\\s\x20-\x7e]*"
)
_LATER = r"[^\x00-\u024f\u1e00-\u1eff\u2000-\u2fff]"
"""A character after the Latin ones."""
_FAULT = re.compile(
    "|".join(
        (
            r"[\x80-\x9f\ufffd\ue000-\uf8ff]",  # Characters of no text.
            # Symbols in words, or at their ends.
            r"[^\W\d_][•†‡ˆ˜¨¯´¸¹²³ªº§¶©®¢£¥¤¦¬±×÷µ·°¿¡‹›€‰ƒ™…‚„¼½¾][^\W\d_]",
            r"[†‡ˆ˜¨¯¸¶¤¦¬©®€‰ƒ][^\W\d_]|[^\W\d_][ˆ˜¨¯´¸¹²³¶¤¦¬¿¡]|[^\W\d_][‡†]\S|[a-z][§£¥¢]|\s…[a-z]",
            # Dashes where a letter was.
            r"[a-z]–[a-z]|[a-z]—n\b|[a-z][–—](?![\w\"”’'])",
            # Apostrophes where a letter was: neither a contraction nor an elision.
            r"[^\W\d_]’(?!(?:s|t|re|ve|ll|d|m|S|T)\b)(?<!\b[lLdDnNsScCjJmMtTO]’)(?<!\b[qQ]u’)"
            r"(?<!ll’)(?<!\b[uU]n’)(?<!squ’)(?<!st’)[a-zß-ÿ]",
            r"\b[lLdDnNsScCjJmMtT]’(?![aeiouhyàâéèêëîïôœAEIOUYHÉÈÊÀÎ])",
            # Letters where the languages that have them do not.
            r"[õÕ](?![eE])|œ(?![uidste])|Œ(?![uUiI])|\b[ëïìòù][a-z]|ù\w|[ìò]\w|ñ(?![aeiouáéíóúü\W])"
            r"|\bÈ(?!re)[a-zß-ÿ]|è[jkwz]",
            # A word in two alphabets; a Hebrew letter of the end inside a word.
            rf"[A-Za-z](?={_LATER})[^\W\d_]|(?={_LATER})[^\W\d_][A-Za-z]|[ךםןףץ][א-ת]",
            r"(?=[^\x00-\x7f])[^\W\d_][A-Z][a-z]",
        )
    )
)


def guess_encoding(data: bytes) -> str:
    """The encoding of a text, by Python's name, or "" where it is not sure."""
    # Imported here: few files need it.
    from chardetng_py import EncodingDetector

    detector = EncodingDetector()
    detector.feed(data, last=True)
    found = detector.guess(tld=None, allow_utf8=False).lower()
    encoding = _IN_PYTHON.get(found, found)
    try:
        text = data.decode(encoding)[:_CHECKED]
    except (UnicodeDecodeError, LookupError):
        return ""
    if encoding in _IDEOGRAPHS:
        ideographs = sum(c > "\u3000" for c in text)
        fits = ideographs >= _LEAST_IDEOGRAPHS and bool(_EAST_ASIAN.fullmatch(text))
    else:
        fits = _reads(text, encoding)
    return encoding if fits else ""


def _reads(text: str, encoding: str) -> bool:
    """Whether a text reads as a language that is written in an encoding of one byte a letter."""
    words = _WORD.findall(text)
    odd = [word for word in words if not word.isascii()]
    alphabets = _LATIN.get(encoding, ())
    faults = sum(1 for _ in _FAULT.finditer(text)) + sum(map(_is_miscased, odd))
    if encoding in _LETTERS:
        enough = sum(map(len, odd)) >= _LEAST_LETTERS and len(odd) >= _LEAST_WORDS
    else:
        # A word of such letters alone is one in another alphabet as well.
        enough = bool(alphabets) and len(text) >= _SHORTEST
        # A word of such letters alone is one in another alphabet as well.
        enough = enough and (not odd or any(re.search("[A-Za-z]", word) for word in odd))
        strange = [sum(not _has_letters(word, [one]) for word in odd) for one in alphabets]
        if alphabets is _WESTERN:  # A text may name people of several countries.
            faults += sum(not _has_letters(word, alphabets) for word in odd)
            faults += 0 if "þ" in text else text.count("ð")
            faults += 0 if re.search("[“’]", text) else len(re.findall("[a-z]—[a-z]", text))
        else:
            faults += min(strange, default=0)
            several = len(set(odd)) >= _LEAST_DISTINCT and len(odd) >= _LEAST_SHARE * len(words)
            enough = enough and several
    return enough and faults <= _FAULTS * len(odd)


def _is_miscased(word: str) -> bool:
    """Whether a capital beyond ASCII follows a small letter: "cafÈ"."""
    pairs = itertools.pairwise(word)
    inside = any(one.islower() and two.isupper() and not two.isascii() for one, two in pairs)
    return inside or (len(word) > 2 and word[0].islower() and word[1:].isupper())


def _has_letters(word: str, alphabets: Collection[frozenset[str]]) -> bool:
    """Whether one of these alphabets has all the letters of a word."""
    odd = {letter for letter in word.lower() if not letter.isascii()} - {"\u0307"}
    return any(odd <= alphabet for alphabet in alphabets)
