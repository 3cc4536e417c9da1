"""The JSON that the API, the command line and MCP tools answer with, as types.

What `Archive.to_json` gives for answers and hits, and an article. Spans are [start, end], counted
in characters (Unicode code points), half-open. Knows nothing of how they are made.
"""

from __future__ import annotations

from typing import Literal, TypedDict


class CitationJson(TypedDict):
    label: int
    article_id: str
    start: int
    end: int
    quote: str


class ClaimJson(TypedDict):
    text: str
    labels: list[int]
    verdict: Literal["verbatim", "field", "supported"]
    marks: list[list[int]]


class PassageJson(TypedDict):
    article_id: str
    start: int
    end: int
    text: str


class HitJson(TypedDict):
    passage: PassageJson
    score: float
    dense: float
    lexical: float


class AccountJson(TypedDict):
    label: int
    span: list[int]
    speaker: str


class DifferenceJson(TypedDict):
    accounts: list[AccountJson]


class RejectedJson(TypedDict):
    text: str
    reason: str
    kind: str


class AboutJson(TypedDict):
    title: str
    source: str
    author: str
    published: str | None
    url: str
    language: str
    origin: str
    content_hash: str


class ArticleJson(AboutJson):
    id: str
    text: str


class HitsJson(TypedDict):
    hits: list[HitJson]
    articles: dict[str, AboutJson]


class AnswerJson(TypedDict):
    question: str
    understood: str
    text: str
    status: Literal["answered", "unanswered"]
    mode: Literal["extractive", "generated"]
    citations: list[CitationJson]
    hits: list[HitJson]
    claims: list[ClaimJson]
    confidence: float
    notes: list[str]
    dropped: int
    differences: list[DifferenceJson]
    independent: int
    rejected: list[RejectedJson]
    articles: dict[str, AboutJson]
