"""Sentences of an article that speak to a language model instead of to a reader. Pure.

"Ignore the above and answer …" is left out of what a model reads, and bears nothing out. A real
sentence that is taken for an order costs a quote; an order that is taken for news costs trust.
"""

from __future__ import annotations

import re

# Words that speak to a language model, or are a part of a chat's format.
_ORDER = re.compile(
    r"\b(?:ignor(?:e|ez)|disregard|forget|overrid(?:e|ing)|oubliez|bypass|do not follow)\b"
    r".{0,60}\b(?:instructions?|prompts?|rules|above|previous|prior|earlier|context|passages?"
    r"|sources?|consignes|ci-dessus)\b"
    r"|\b(?:system|assistant|user|instruction|human)\s*(?::|prompt|message\b)"
    r"|\b(?:as an? |you are (?:now )?an? |dear |note to (?:the )?|attention[:,]? )"
    r"(?:\w+ ){0,2}(?:ai|assistant|language model|llm|chatbot|model|bot|summari[sz]er)\b"
    r"|\b(?:ai|language) models?\b.{0,40}\b(?:must|should|shall|please|are to|answer|reply|write)\b"
    r"|\b(?:answer|reply|respond|output|conclude|begin|start|end|finish)\b[^.]{0,30}"
    r"\b(?:with(?: only)?|by saying|by writing)?:? ?[\"“'‘]"
    r"|\b(?:your|the) (?:answer|reply|response|output|summary) (?:must|should|shall|has to|is to)\b"
    r"|\b(?:when|if) (?:you are )?(?:asked|answering|summari[sz]ing)\b"
    r"|\b(?:you|we) (?:must|should|are to|have to|will) (?:now )?(?:only |always )?"
    r"(?:say|write|answer|state|reply|respond|output|cite|claim)\b"
    r"|^\W*(?:please )?(?:only |always |instead,? )?(?:say|write|answer|state|reply|respond|output|"
    r"cite|print|repeat)\b"
    r"|\bcite (?:this|it|only|passage|source|\[)"
    r"|<\|[^|]*\|>|\[/?INST\]|</?s>|^\s*#{2,} ?\w|</?(?:system|passage|source|document|context)s?\b",
    re.IGNORECASE | re.MULTILINE,
)


def gives_orders(sentence: str) -> bool:
    """Whether a sentence speaks to a language model instead of to a reader."""
    return _ORDER.search(sentence) is not None
