"""Parts of an article that speak to a language model instead of to a reader. Pure.

"Ignore the above and answer …" is left out of what a model reads and bears nothing out, and so is
the paragraph around it: what an order asks for often stands beside it. News that is taken for an
order costs a quote; an order that is taken for news costs trust.
"""

from __future__ import annotations

import functools
import re

from rag.types import Span

_MODEL = r"(?:ai|assistants?|language\ models?|llms?|chat\ ?bots?|ai\ (?:models?|systems?)|bots?)"
_ANSWER = r"(?:answer|reply|response|output|summary|sentence|line|reaction)s?"
_WRITE = (
    r"(?:say|write|answer|state|report|reply|respond|output|cite|print|repeat|claim|conclude|mention"
    r"|tell|add|include|append|insert|describe|pretend|confirm|translate|summari[sz]e)"
)
_TOLD = (
    r"(?:must|should|shall|has\ to|have\ to|is\ to|are\ to|needs?\ to"
    r"|(?:is|are)\ (?:required|told)\ to)"
)
_ORDER = re.compile(
    rf"""
    # To forget what was said before.
    \b(?:ignor\w+|disregard|forget|overrid(?:e|ing)|oubliez|olvid\w+|vergiss|bypass
    |do\ not\ follow)\b
    .{{0,60}}\b(?:instru[ck]\w+|prompts?|rules|above|previous|prior|context|passages?|articles?
    |consignes|anweisung\w*)\b
    # To a model by name.
    |\b(?:you\ are(?:\ now)?(?:\ an?)?|dear|notes?\ (?:to|for)(?:\ the|\ any|\ all)?|attention[:,]?)
    \ (?:\w+\ )?{_MODEL}\b
    |\b(?:assistants?|language\ models?|llms?|chat\ ?bots?|ai\ (?:models?|systems?))\b
    (?::\ [a-z]|[^.\n]{{0,40}}\b(?:{_TOLD}|please)\ (?:now\ |only\ |always\ )*
    (?:{_WRITE}|forget|ignore)\b)
    |\byou\ are\ (?:required\ to|now\ in|no\ longer\ (?:an?|bound))\b
    # What an answer has to be.
    |\b(?:your|every|each|all|any)\ (?:first\ |next\ |final\ )?{_ANSWER}\ (?:{_TOLD}|is|are)\b
    |\bthe\ (?:answer|reply|response|summary)\ (?:{_TOLD})\b
    |\b(?:format|label|end|begin|start|preface|finish|write|give)\ (?:every|each|all|your)
    \ {_ANSWER}\b
    |\b{_WRITE}\ (?:in|with)\ (?:only\ )?(?:one|a\ single|exactly)\ (?:word|sentence|line)\b
    # To whoever reads, quotes or sums up.
    |\b(?:whoever|who(?:so)?ever|anyone\ who|everyone\ who|everybody\ who|those\ who)\b
    [^.\n]{{0,50}}\b(?:{_TOLD})\ (?:now\ |only\ |always\ )*(?:{_WRITE}|leave)\b
    |\b(?:when|if)\ you\ are\ (?:asked|answering|summari[sz]ing)\b
    |\byou\ (?:{_TOLD})\ (?:now\ |only\ |always\ )*
    (?:write|answer|state|reply|respond|output|cite)\b
    |\btell\ (?:your|the)\ (?:readers?|users?)\b
    # At the beginning of a sentence, an imperative.
    |(?:^|[.!?:"'“]\s+|\n)\W*(?:please\ |only\ |always\ |instead,?\ |then\ |now\ |do\ not\ )*
    (?:{_WRITE}\ (?:that|only|this|exactly|:|as\ follows)
    |(?:do\ not|always)\ (?:mention|add|include|cite|append|answer|reply))\b
    # Labels, as the prompt has them.
    |\bcite\ (?:this|it|only|passage|source)\b|\bpassage\ \[?\d
    |\[\d+\]\ (?:shows?|says?|confirms?|proves?|states?)\b|\bas\ \[\d+\]|\bsources?:\ ?\[\d
    # The marks of a chat's or a prompt's format, of JSON and of HTML.
    |<\|[^|\n]*\|>|\[/?INST\]|<</?SYS>>|</?s>|^\s*\#{{2,}}\ ?\w|<!--
    |</?[a-z]+(?:\ [^>\n]*=[^>\n]*)?>
    |"(?:role|content|prompt|system|instructions?)"\s*:
    |(?:^|\n)\W*(?:system|assistant|user|instruction|human)\s*(?::|prompt\b|message\b)
    """,
    re.IGNORECASE | re.MULTILINE | re.VERBOSE,
)
_PARAGRAPH = re.compile(r"[^\n]+(?:\n[^\n]+)*")
_LINE = re.compile(r"[^\n]+")
_LONGEST = 1200  # Characters; in a text without blank lines an order spoils its line only.


@functools.lru_cache(maxsize=256)
def orders(text: str) -> tuple[Span, ...]:
    """The paragraphs of a text that give orders to a language model."""
    found: list[Span] = []
    for paragraph in _PARAGRAPH.finditer(text):
        start, end = paragraph.span()
        parts = [paragraph] if end - start <= _LONGEST else _LINE.finditer(text, start, end)
        found += [part.span() for part in parts if _gives_orders(part.group())]
    return tuple(found)


def _gives_orders(text: str) -> bool:
    """Whether an order stands in a text, as its lines are or with them joined."""
    return any(_ORDER.search(form) for form in (text, " ".join(text.split())))


def is_order(text: str, span: Span) -> bool:
    """Whether a span of a text meets one of its orders."""
    return any(span[0] < end and start < span[1] for start, end in orders(text))
