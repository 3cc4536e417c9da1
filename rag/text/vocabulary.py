"""English word lists that several modules match: dates, numbers, pronouns, verbs of saying. Pure.

Owns the words, and the regular expressions that are nothing but an alternation of them. A module
that needs more words, or fewer, adds or removes them where it uses them.
"""

from __future__ import annotations


def either(*words: str) -> str:
    """Return the regular expression that matches any of `words`, as one group."""
    return f"(?:{'|'.join(words)})"


MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip
SHORT_MONTHS = (*(month[:3] for month in MONTHS if month != "May"), "Sept")
"""Abbreviations, without their full stop; "May" has none."""
MONTH = either(*MONTHS)
MONTH_OR_SHORT = either(*MONTHS, *SHORT_MONTHS)
"""Put "\\b" behind it: "Mar" also begins "Market"."""

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
SHORT_WEEKDAYS = (*(day[:3] for day in WEEKDAYS), "Tues", "Thurs")
WEEKDAY = either(*WEEKDAYS)
WEEKDAY_OR_SHORT = either(*WEEKDAYS, *SHORT_WEEKDAYS)
"""Put "\\b" behind it: "Sun" also begins "Sunk"."""

SMALL_NUMBERS = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
    "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen",
    "nineteen",
)  # fmt: skip
"""The word of each number below twenty, at its index."""
TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
TWO_TO_TWELVE = SMALL_NUMBERS[2:13]
"""Those that newspapers spell out. "One" is left out: it is a pronoun as often."""
SPELT_NUMBER = either(
    rf"{either(*TENS)}(?:-{either(*SMALL_NUMBERS[1:10])})?", *reversed(SMALL_NUMBERS[2:])
)
"""A number below a hundred in words. Put "\\b" around it."""
POWERS = {
    "hundred": 100, "thousand": 1e3, "lakh": 1e5, "million": 1e6, "crore": 1e7, "billion": 1e9,
    "trillion": 1e12,
}  # fmt: skip

CURRENCIES = {
    "dollar": "$", "usd": "$", "us$": "$", "euro": "€", "pound": "£", "yen": "¥", "yuan": "yuan",
    "rupee": "₹", "riel": "៛", "baht": "฿", "crown": "crown", "krona": "krona", "kronor": "krona",
    "krone": "krone", "kroner": "krone", "franc": "franc", "peso": "peso", "rouble": "rouble",
    "ruble": "rouble", "rand": "rand", "lira": "lira", "shekel": "shekel", "dinar": "dinar",
    "dirham": "dirham", "riyal": "riyal", "rial": "rial", "zloty": "zloty", "forint": "forint",
    "ringgit": "ringgit", "rupiah": "rupiah", "dong": "dong", "naira": "naira", "btc": "btc",
    "cent": "cent",
}  # fmt: skip
"""The name of each currency, in the singular, and the unit that it is compared in."""

SUBJECT_PRONOUNS = ("he", "she", "they", "it")
POSSESSIVES = ("his", "her", "their", "its")
DEMONSTRATIVES = ("this", "these", "that", "those")
ANAPHOR = either(*SUBJECT_PRONOUNS, *POSSESSIVES, *DEMONSTRATIVES)
"""A word that refers to what was named before."""

QUESTION_WORD = either("who", "whom", "whose", "what", "when", "where", "why", "how", "which")

SAID = ("said", "says", "told", "wrote")
"""Verbs that report speech wherever they occur. Which others do ("added", "noted", "put") depends
on the words beside them, so that each module lists its own."""


def month_number(name: str) -> int:
    """Return 1 to 12 for the name or abbreviation of a month, in any case."""
    return 1 + _MONTH_KEYS.index(name[:3].lower())


def weekday_number(name: str) -> int:
    """Return 0 (Monday) to 6 for the name or abbreviation of a weekday, in any case."""
    return _WEEKDAY_KEYS.index(name[:3].lower())


_MONTH_KEYS = tuple(month[:3].lower() for month in MONTHS)
_WEEKDAY_KEYS = tuple(day[:3].lower() for day in WEEKDAYS)
