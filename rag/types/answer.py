"""A question, what is found for it, and the answer with its citations."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypeAlias

from rag.types.absence import Absence
from rag.types.article import Article, Citation, Note, Passage, Span
from rag.types.filters import FieldName, Filters

if TYPE_CHECKING:  # The command line's help need not wait for NumPy.
    import numpy as np
    import numpy.typing as npt

Rows: TypeAlias = "npt.NDArray[np.int64]"
"""Row numbers of passages in an index."""
Vectors: TypeAlias = "npt.NDArray[np.float32]"
"""Vectors as rows, shape (n, dimension), or one of them, shape (dimension,)."""
Days: TypeAlias = tuple[datetime.date, datetime.date]
"""The first and the last day of a time, both included."""
Recency: TypeAlias = Literal["", "newest", "earlier"]
"""Whether an account is of the last day among those that differ; "" where that is not known."""
Turn: TypeAlias = tuple[str, str]
"""One earlier exchange of a conversation: (question, answer)."""
Progress: TypeAlias = Callable[[str, int, int], None]
"""Called as `progress(stage, done, total)` while long work runs."""
Message: TypeAlias = Mapping[str, str]
"""One message to a chat model: its `role` ("system", "user") and `content`."""
_SILENCE = Note()


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage found for a question. Every score is higher for better.

    `score` is the fused score, or the reranker's, and ranks within one list only; `dense`
    (cosine) and `lexical` (BM25) are the raw scores and can be compared across questions.
    """

    passage: Passage
    score: float
    dense: float
    lexical: float


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a question that is searched by itself too, and what it names.

    `span` is its place in the question; `text` leaves out the names of sources and dates.
    `sources` are spelt as the archive spells them, `published` are times (first and last day),
    `phrases` are those in quotation marks.
    """

    span: Span
    text: str
    sources: frozenset[str] = frozenset()
    published: tuple[Days, ...] = ()
    phrases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Question:
    """A question as understood.

    `text` is the question rewritten with the conversation. `context` is the earlier question that
    it depends on without naming anything of it; `alone` says that it may be complete without.
    `expects` is the answer type: "person", "name", "place", "date", "number", "size", "money",
    "age", "duration", "reason", or "" when the question does not say. `parts` are in order. `told`
    is the text of earlier answers, not to be quoted again. `notes` say how it was understood.
    """

    text: str
    context: str = ""
    expects: str = ""
    alone: bool = False
    parts: tuple[Part, ...] = ()
    told: str = ""
    notes: tuple[Note, ...] = ()

    def __str__(self) -> str:
        return f"{self.text} ({self.context})" if self.context else self.text


@dataclass(frozen=True, slots=True)
class Claim:
    """A sentence of an answer, the labels of the citations behind it, and the verdict on it.

    `verdict` is "verbatim" for a quote, "field" for what an article's fields say, "count" for
    what the answer's `Listing` counts, which cites nothing, "supported" for a sentence that a model
    wrote and that its quotes support. `marks` are spans of `text` that carry the answer; of a
    field, its very words.
    """

    text: str
    labels: tuple[int, ...]
    verdict: Literal["verbatim", "field", "count", "supported"] = "verbatim"
    marks: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class Shown:
    """A passage as a model was shown it under a label: `article.text[start:end]`."""

    label: int
    article: Article
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the passages say to a written sentence.

    `kind` is "" when they support it: then `quotes` are the spans that do, each with its article.
    Else it names what is wrong ("number", "date", "name", "negation", "quotation", "label",
    "unsupported") and `reason` says so in plain words.
    """

    kind: str = ""
    reason: Note = _SILENCE
    quotes: tuple[tuple[Article, Span], ...] = ()


@dataclass(frozen=True, slots=True)
class Rejected:
    """A sentence that a model wrote and that was left out, and why: `reason` in plain words,
    `kind` as in `Verdict`, or "beside" for one that does not answer the question."""

    text: str
    reason: Note
    kind: str = "unsupported"


@dataclass(frozen=True, slots=True)
class Account:
    """What one side says: the words at `span` of the quote with this `label`, and who says so.

    `speaker` is as the article names it, "" where the article speaks itself. `recency` compares
    the days of publication; it is "" where all are of one day, or one has none.
    """

    label: int
    span: Span
    speaker: str = ""
    recency: Recency = ""


@dataclass(frozen=True, slots=True)
class Difference:
    """Figures, dates or names that accounts give differently for one thing; the newest first."""

    accounts: tuple[Account, ...]


@dataclass(frozen=True, slots=True)
class Tally:
    """The articles of one source, or of one month, in a list, counted."""

    source: str
    articles: int


@dataclass(frozen=True, slots=True)
class Listing:
    """The articles that fit a question, all of them: what is counted, or listed.

    An article fits that has each of `phrases` in its title or text (whole words, case aside), has
    `author` among its authors, and that `filters` leave; what is empty is not asked for.
    `articles` are ids, newest first, of `searched` that were looked through; `reports` counts
    copies of one text once. The first phrase stands `in_texts` and `in_titles` times in them.
    Of a topic, which is no question, `months` count them by month ("2017-03"), the first one first,
    and `voices` are what speakers in the newest say, each in a citation.
    """

    wanted: Literal["articles", "sources", "mentions", "topic"]
    articles: tuple[str, ...]
    searched: int
    reports: int
    phrases: tuple[str, ...] = ()
    author: str = ""
    filters: Filters = Filters()  # noqa: RUF009 (it is frozen)
    sources: tuple[Tally, ...] = ()
    in_texts: int = 0
    in_titles: int = 0
    months: tuple[Tally, ...] = ()
    voices: tuple[Account, ...] = ()


FAIR, STRONG = 0.6, 0.85
"""Least confidences of an answer that is called a fair and a strong match."""
NO_QUESTION = ("small_talk", "no_subject", "words_unknown")
"""The notes on what is not even searched for."""
Strength: TypeAlias = Literal["strong", "fair", "weak", ""]
"""What a confidence is called; "" where nothing is answered."""


@dataclass(frozen=True, slots=True)
class Measured:
    """How many answers of a strength were right when measured, of how many."""

    right: int
    of: int

    @property
    def tenths(self) -> int:
        """The share of right ones in tenths, rounded down: never more than was measured."""
        return 10 * self.right // self.of


@dataclass(frozen=True, slots=True)
class Answer:
    """What the archive says to a question.

    `understood` is the question with the conversation put in. When `status` is "unanswered",
    `text` and `citations` are empty, `hits` are what was read, and `absence` says what was looked
    through. `hits` are in the order of what was read in them. `citations[0]` has label 1 and is the
    best evidence; labels follow the order of `text`. `confidence` is the probability, 0 to 1, that
    `citations[0]` answers the question, and `measured` how often such answers were right.
    `notes` are remarks for the reader, in plain words. `dropped` counts citations that failed
    verification and are therefore not here. `differences` are accounts that do not agree.
    `independent` counts the reports that support the answer, copies of one text once; 0 where
    accounts differ. `rejected` are sentences that a model wrote and that the sources do not
    support; they are no part of the answer. `listing` holds the articles of a question that
    counts or lists articles, of which `citations` quote the newest; else it is None.
    """

    question: str
    understood: str
    text: str
    status: Literal["answered", "unanswered"]
    mode: Literal["extractive", "generated"] = "extractive"
    citations: tuple[Citation, ...] = ()
    hits: tuple[Hit, ...] = ()
    claims: tuple[Claim, ...] = ()
    confidence: float = 0.0
    notes: tuple[Note, ...] = ()
    dropped: int = 0
    differences: tuple[Difference, ...] = ()
    independent: int = 0
    rejected: tuple[Rejected, ...] = ()
    listing: Listing | None = None
    measured: Measured | None = None
    absence: Absence | None = None

    @property
    def unasked(self) -> bool:
        """Whether nothing was searched for, as what was typed is no question."""
        return any(note.key in NO_QUESTION for note in self.notes)

    @property
    def stated(self) -> bool:
        """Whether the answer is what the index knows of the articles, not what their texts say."""
        return any(claim.verdict in ("field", "count") for claim in self.claims)

    @property
    def strength(self) -> Strength:
        """What the confidence is called; "" where nothing is answered."""
        if self.status == "unanswered" or self.confidence < FAIR:
            return "weak" if self.status == "answered" else ""
        return "strong" if self.confidence >= STRONG else "fair"

    @property
    def weak(self) -> bool:
        """Whether it is answered, but with less confidence than a fair match."""
        return self.strength == "weak"


@dataclass(frozen=True, slots=True)
class Facets:
    """How many articles the filters leave, and how many each choice would.

    `articles` fit all filters. `sources` are all of the archive, by name, each with its articles
    under the filters but that of sources; `months` ("2017-03") are all from the archive's first
    to its last, in order, each with its articles under the filters but those of dates; `undated`
    are the articles without a date under the same. `authors`, `sections`, `languages` and `formats`
    are all of the archive, those of most articles first, each counted as the sources are.
    """

    articles: int
    sources: Mapping[str, int]
    months: Mapping[str, int]
    undated: int
    authors: Mapping[str, int] = field(default_factory=dict)
    sections: Mapping[str, int] = field(default_factory=dict)
    languages: Mapping[str, int] = field(default_factory=dict)
    formats: Mapping[str, int] = field(default_factory=dict)

    def of(self, name: FieldName) -> Mapping[str, int]:
        """The values of a field, each with its articles."""
        counted: Mapping[str, int] = getattr(self, name)
        return counted


@dataclass(frozen=True, slots=True)
class Overview:
    """What an archive holds, at a glance.

    `sources` are all of the archive, by name, and `languages` those that articles are known to be
    in, each with its articles. `first` and `last` are days of publication, None where no article
    has one. `names` are people, places and organisations with the number of articles that speak
    of each, most first.
    """

    articles: int
    sources: Mapping[str, int]
    first: datetime.date | None
    last: datetime.date | None
    undated: int
    languages: Mapping[str, int]
    names: Mapping[str, int]
