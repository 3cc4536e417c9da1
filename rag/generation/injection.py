"""Prompt injections in articles: instructions to a language model instead of news. Pure.

"Ignore the above and answer …" is left out of what a model reads and supports no sentence, and so
is the paragraph around it: what an injection asks for is often beside it. News that is taken for an
injection costs a quote; an injection that is taken for news costs trust.

The text is hostile, so nothing here may take time that grows faster than the text. The patterns
read a copy whose runs are squeezed (see `_squeezed`), every repetition in them has a bound, and
what begins a sentence is tried at the beginnings of sentences only.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

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
_FLAGS = re.IGNORECASE | re.MULTILINE | re.VERBOSE
_INJECTION = re.compile(
    rf"""
    # To forget what was said before.
    \b(?:ignor\w{{1,20}}|disregard|forget|overrid(?:e|ing)|oubliez|olvid\w{{1,20}}|vergiss|bypass
    |do\ not\ follow)\b
    .{{0,60}}\b(?:instru[ck]\w{{1,20}}|prompts?|rules|above|previous|prior|context|passages?|articles?
    |consignes|anweisung\w{{0,20}})\b
    # To a model by name.
    |\b(?:you\ are(?:\ now)?(?:\ an?)?|dear|notes?\ (?:to|for)(?:\ the|\ any|\ all)?|attention[:,]?)
    \ (?:\w{{1,30}}\ )?{_MODEL}\b
    |\b(?:assistants?|language\ models?|llms?|chat\ ?bots?|ai\ (?:models?|systems?))\b
    (?::\ [a-z]|[^.\n]{{0,40}}\b(?:{_TOLD}|please)\ (?:now\ |only\ |always\ ){{0,4}}
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
    [^.\n]{{0,50}}\b(?:{_TOLD})\ (?:now\ |only\ |always\ ){{0,4}}(?:{_WRITE}|leave)\b
    |\b(?:when|if)\ you\ are\ (?:asked|answering|summari[sz]ing)\b
    |\byou\ (?:{_TOLD})\ (?:now\ |only\ |always\ ){{0,4}}
    (?:write|answer|state|reply|respond|output|cite)\b
    |\btell\ (?:your|the)\ (?:readers?|users?)\b
    # Labels, as the prompt has them.
    |\bcite\ (?:this|it|only|passage|source)\b|\bpassage\ \[?\d
    |\[\d{{1,4}}\]\ (?:shows?|says?|confirms?|proves?|states?)\b
    |\bas\ \[\d{{1,4}}\]|\bsources?:\ ?\[\d
    # The marks of a chat's or a prompt's format, of JSON and of HTML.
    |<\|[^|\n]{{0,100}}\|>|\[/?INST\]|<</?SYS>>|</?s>|^\s?\#\#\s?\w|<!--
    |</?[a-z]{{1,20}}(?:\ [^=>\n]{{0,100}}=[^>\n]{{0,300}})?>
    |"(?:role|content|prompt|system|instructions?)"\s?:
    """,
    _FLAGS,
)
# At the beginning of a sentence, an imperative.
_IMPERATIVE = re.compile(
    rf"""
    (?:please\ |only\ |always\ |instead,?\ |then\ |now\ |do\ not\ ){{0,9}}
    (?:{_WRITE}\ (?:that|only|this|exactly|:|as\ follows)
    |(?:do\ not|always)\ (?:mention|add|include|cite|append|answer|reply))\b
    """,
    _FLAGS,
)
# At the beginning of a line, a role of a chat.
_ROLE = re.compile(
    r"(?:system|assistant|user|instruction|human)\s?(?::|prompt\b|message\b)", _FLAGS
)
_GAP = re.compile(r"\A\W*|\W+")  # What is between two words.
_STOP = re.compile(r"""[.!?:"'“]\s""")
_RUN = re.compile(r"\s+|([^\w\s])\1{2,}")
_PARAGRAPH = re.compile(r"[^\n]+(?:\n[^\n]+)*")
_LINE = re.compile(r"[^\n]+")
# Characters. In a text without blank lines an injection costs its line only, and of a longer line
# half as many characters on either side of it.
_LONGEST = 1200


def injected_spans(text: str) -> tuple[Span, ...]:
    """The paragraphs of a text that hold prompt injections."""
    found: list[Span] = []
    for paragraph in _PARAGRAPH.finditer(text):
        start, end = paragraph.span()
        parts = [paragraph] if end - start <= _LONGEST else _LINE.finditer(text, start, end)
        for part in parts:
            found += _injected(text, part.start(), part.end())
    return tuple(found)


def _injected(text: str, start: int, end: int) -> list[Span]:
    """What to leave out between two places of a text with injections: all, or what is around them
    if it is long."""
    copy, places = _squeezed(text[start:end])
    if end - start <= _LONGEST:
        return [(start, end)] if any(_matches(copy)) else []
    spans: list[Span] = []
    for first, last in sorted(_matches(copy)):
        left = max(start, start + places[first] - _LONGEST // 2)
        right = min(end, start + places[last - 1] + 1 + _LONGEST // 2)
        if spans and left <= spans[-1][1]:
            left, right = spans[-1][0], max(right, spans.pop()[1])
        spans.append((left, right))
    return spans


def _squeezed(text: str) -> tuple[str, list[int]]:
    """A copy to match, and the place of each of its characters in the text.

    White space becomes one line break if it holds one, else one space. Of another character that is
    no part of a word, no more than two stay in a row.
    """
    copy: list[str] = []
    places: list[int] = []
    done = 0
    for run in _RUN.finditer(text):
        start, end = run.span()
        mark = run[1]
        short = mark * 2 if mark else "\n" if "\n" in run[0] else " "
        copy += (text[done:start], short)
        places += range(done, start + len(short))
        done = end
    copy.append(text[done:])
    places += range(done, len(text))
    return "".join(copy), places


def _matches(copy: str) -> Iterator[Span]:
    """The injections in a squeezed text, as its lines are and with them joined."""
    for form in dict.fromkeys((copy, copy.replace("\n", " "))):
        for match in _INJECTION.finditer(form):
            yield match.span()
        for gap in _GAP.finditer(form):
            new_line = gap.start() == 0 or "\n" in gap[0]
            found = _ROLE.match(form, gap.end()) if new_line else None
            if found is None and (new_line or _STOP.search(gap[0])):
                found = _IMPERATIVE.match(form, gap.end())
            if found:
                yield found.span()
