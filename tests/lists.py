"""A list of articles, as an answer has it, and the articles."""

from __future__ import annotations

import datetime

from rag.citation import cite, statements, text_of
from rag.types import Answer, Article, Claim, Filters, Listing, Tally

DAY = datetime.date(2023, 5, 1)


def listed(n: int = 12) -> tuple[Answer, dict[str, Article]]:
    """An answer that lists `n` articles, the first two of them quoted, and all of them by id."""
    articles = {
        f"a{i}": Article(
            f"It was day {i}. Mara Dolin spoke, and Mara Dolin left.", f"Day <{i}>", f"a{i}",
            "Courier", "Ann Lee", DAY + datetime.timedelta(n - i), f"https://example.org/{i}",
        )
        for i in range(n)
    }  # fmt: skip
    listing = Listing(
        "sources", tuple(articles), 30_000, n, ("Mara Dolin",), "Ann Lee", Filters(("Courier",)),
        (Tally("Courier", n),), 2 * n, 0,
    )  # fmt: skip
    claims = tuple(Claim(str(said), (), "count") for said in statements(listing))
    quotes = tuple(
        cite(article, (article.text.index("Mara"), len(article.text)), label)
        for label, article in enumerate(list(articles.values())[:2], start=1)
    )
    answer = Answer(
        "Which sources mention Mara Dolin?", "Which sources mention Mara Dolin?",
        text_of(claims), "answered", citations=quotes, claims=claims, confidence=1.0,
        independent=n, listing=listing,
    )  # fmt: skip
    return answer, articles
