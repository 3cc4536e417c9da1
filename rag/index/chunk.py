"""Chunk an article into passages: slices of its text that end where sentences end.

Pure: the token counter is passed in, and neither models nor disk are known here. A passage is
filled with whole sentences up to its budget and begins with the last sentence of the passage
before, where that fits.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from rag.text.sentences import sentence_spans
from rag.types import Article, Passage, Span

TokenCounter = Callable[[Sequence[str]], list[int]]

# A tokenizer may count a "word" of any length as one unknown token. So many characters cost at
# least a token, which bounds a passage in characters too.
_CHARACTERS_PER_TOKEN = 16


def heading(article: Article, count_tokens: TokenCounter, limit: int) -> str:
    """Return title, source and date, to be put before every passage, in `limit` tokens."""
    origin = ", ".join(part for part in (article.source, article.day) if part)
    room = limit - sum(_costs([origin], count_tokens))
    title = _shorten(article.title, count_tokens, room - 1)
    return ". ".join(part for part in (title, origin) if part) if room >= 0 else ""


def cut_with_heading(
    article: Article, count_tokens: TokenCounter, room: int, heading_tokens: int
) -> tuple[list[Passage], list[str]]:
    """Cut an article into passages of at most `room` tokens with their heading, and return them
    and, of each, the text that is embedded."""
    head = heading(article, count_tokens, heading_tokens)
    used = count_tokens([head])[0] if head else 0
    passages = chunk(article, count_tokens, room - used)
    return passages, [f"{head}\n{one.text}" if head else one.text for one in passages]


def chunk(article: Article, count_tokens: TokenCounter, budget: int) -> list[Passage]:
    """Cut `article` into passages of at most `budget` tokens, as `count_tokens` counts.

    Every character that is not white space lies in at least one passage; no passage is blank.
    """
    text = article.text
    units = _units(text, count_tokens, budget)
    costs = _costs([text[start:end] for start, end in units], count_tokens)
    spans: list[Span] = []
    for first, last in _pack(costs, budget):
        # Joined, a unit may cost a token more or less; only what is that near has to be counted.
        if sum(costs[first:last]) + (last - first - 1) <= budget:
            spans.append((units[first][0], units[last - 1][1]))
        else:
            spans.extend(_fit(text, units[first:last], count_tokens, budget))
    return [Passage(article.id, start, end, text[start:end]) for start, end in spans]


def _units(text: str, count_tokens: TokenCounter, budget: int) -> list[Span]:
    """Sentence spans, the too long ones cut."""
    sentences = sentence_spans(text)
    costs = _costs([text[start:end] for start, end in sentences], count_tokens)
    units: list[Span] = []
    for (start, end), cost in zip(sentences, costs, strict=True):
        if cost <= budget:
            units.append((start, end))
        else:
            units.extend(_cut(text, start, end, count_tokens, budget, size=4 * budget))
    return units


def _cut(
    text: str, start: int, end: int, count_tokens: TokenCounter, budget: int, size: int
) -> list[Span]:
    """Cut one long sentence into pieces of at most `size` characters, smaller where needed."""
    # Imported here: few articles need it, and it takes longer to load than all of this package.
    from langchain_text_splitters import RecursiveCharacterTextSplitter

    splitter = RecursiveCharacterTextSplitter(
        separators=["\n", "; ", ", ", " ", ""],
        keep_separator="end",
        strip_whitespace=False,
        chunk_size=size,
        chunk_overlap=0,
    )
    pieces = splitter.split_text(text[start:end])
    if "".join(pieces) != text[start:end]:
        raise AssertionError("the text splitter changed the text it was to split")
    units: list[Span] = []
    for piece, cost in zip(pieces, _costs(pieces, count_tokens), strict=True):
        stop = start + len(piece)
        if cost > budget and size > 1:
            units.extend(_cut(text, start, stop, count_tokens, budget, max(1, size // 2)))
        elif piece.strip():
            units.append((stop - len(piece.lstrip()), start + len(piece.rstrip())))
        start = stop
    return units


def _pack(costs: Sequence[int], budget: int) -> list[tuple[int, int]]:
    """Group consecutive units into ranges (first, last) whose costs sum to at most `budget`."""
    ranges: list[tuple[int, int]] = []
    first, used = 0, 0
    for i, cost in enumerate(costs):
        if used + cost > budget and i > first:
            ranges.append((first, i))
            overlap = costs[i - 1] + cost <= budget
            first = i - 1 if overlap else i
            used = costs[i - 1] if overlap else 0
        used += cost
    if costs:
        ranges.append((first, len(costs)))
    return ranges


def _fit(text: str, units: Sequence[Span], count_tokens: TokenCounter, budget: int) -> list[Span]:
    """Join units to one span, or halve them: the tokens of parts may not sum to the whole's."""
    start, end = units[0][0], units[-1][1]
    if len(units) == 1 or _costs([text[start:end]], count_tokens)[0] <= budget:
        return [(start, end)]
    middle = len(units) // 2
    return [
        *_fit(text, units[:middle], count_tokens, budget),
        *_fit(text, units[middle:], count_tokens, budget),
    ]


def _shorten(text: str, count_tokens: TokenCounter, limit: int) -> str:
    """Drop words from the end until the text costs at most `limit`."""
    words = text.split()[: max(limit, 0)]
    while words and _costs([" ".join(words)], count_tokens)[0] > limit:
        words.pop()
    return " ".join(words)


def _costs(texts: Sequence[str], count_tokens: TokenCounter) -> list[int]:
    tokens = count_tokens(texts) if texts else []
    return [
        max(count, -(-len(text) // _CHARACTERS_PER_TOKEN))
        for text, count in zip(texts, tokens, strict=True)
    ]
