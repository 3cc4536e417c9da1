"""A pack with an answer of every kind, its articles, alterations of it, and what is true of it.

`untrue` judges an altered pack by itself, not by the code under test: each value in it has to be
what the articles say, or to be named as not verified.
"""

from __future__ import annotations

import copy
import datetime
import json
import random
from collections import Counter
from collections.abc import Iterator
from typing import Any

from rag import AskSettings, pack
from rag.citation import cite, field_statement, statements
from rag.export import serialize
from rag.pack.contents import ABOUT, PAGE
from rag.pack.verify import Proof
from rag.text.corrections import correction
from rag.types import (
    Absence,
    Account,
    Answer,
    Article,
    Citation,
    Claim,
    Difference,
    Filters,
    Hit,
    Listing,
    Page,
    Passage,
    Rejected,
    Sought,
    Tally,
)

DAY = datetime.date(2025, 7, 16)
ARTICLES = {
    article.id: article
    for article in (
        Article(
            "Police held 312 people in Kratie, said Sok Hour. They did not kill a man. Rain fell."
            "\n\nCorrection: It was 312, not 213.",
            "Raids", "a", "The Post", "Sok Dara", DAY, "https://example.org/a", "en",
            "page.txt#1", "Crime", "html",
        ),
        Article(
            "Police in Kratie held 300 people. The governor left.", "Kratie calm", "b", "Courier",
            "Ann Lee", DAY - datetime.timedelta(3), "https://example.org/b", "en", "page.txt#2",
            "World", "text", partial=True,
        ),
        Article(
            "Rice is dear. Kratie has none. Mara Dolin wept.", "Rice", "c", "Courier", "", None,
            "", "en", "c.pdf", "", "pdf", (Page(1, 0, None, "ii"), Page(2, 14, 0.9)),
        ),
    )
}  # fmt: skip
_INDEX = {
    "snapshot": "20261128T103000-0123abcd", "format_version": 6, "articles": 3, "passages": 3,
    "articles_sha256": "ab" * 32, "settings": {"encoder": "fake"},
    "encoder": {"name": "fake", "dimension": 1024, "precision": "float32"},
}  # fmt: skip
_MADE = datetime.datetime(2026, 11, 28, 10, 30, tzinfo=datetime.timezone.utc)


def _quote(article: str, words: str, label: int) -> Citation:
    start = ARTICLES[article].text.index(words)
    return cite(ARTICLES[article], (start, start + len(words)), label)


ABSENCE = Absence(
    3, 3, 2, DAY - datetime.timedelta(3), DAY, 1, (Sought("deep", 0),), ("depp",),
    (_quote("c", "Rice is dear.", 0),),
)  # fmt: skip


def _answers() -> Iterator[Answer]:
    held = _quote("a", "Police held 312 people in Kratie, said Sok Hour.", 1)
    other = _quote("b", "Police in Kratie held 300 people.", 2)
    told = Account(1, (12, 15), "Sok Hour", "newest"), Account(2, (22, 25), "", "earlier")
    yield Answer(
        "How many?", "How many did police hold?", "", "answered", citations=(held, other),
        claims=(Claim(held.quote, (1,), marks=((12, 15),)), Claim(other.quote, (2,))),
        confidence=0.75, notes=("A note.",), dropped=1, differences=(Difference(told),),
        independent=2,
    )  # fmt: skip
    text, marks = field_statement("author", ARTICLES["b"])
    yield Answer(
        "Who wrote it?", "Who wrote it?", "", "answered",
        citations=(_quote("b", "Police in Kratie held 300 people.", 1),),
        claims=(Claim(str(text), (1,), "field", marks),), confidence=1.0, independent=1,
    )  # fmt: skip
    listing = Listing(
        "mentions", ("a", "b", "c"), 3, 3, ("Kratie",), "", Filters(),
        (Tally("Courier", 2), Tally("The Post", 1)), 3, 1,
    )  # fmt: skip
    yield Answer(
        "How often?", "How often?", "", "answered",
        citations=(held, _quote("c", "Kratie has none.", 2)),
        claims=tuple(Claim(str(one), (), "count") for one in statements(listing)),
        confidence=1.0, independent=3, listing=listing,
    )  # fmt: skip
    yield Answer(
        "Why?", "Why?", "", "answered", "generated", citations=(held,),
        claims=(Claim("312 people were held.", (1,), "supported"),), confidence=0.5,
        rejected=(Rejected("They fled.", "No quote says so."),),
    )  # fmt: skip
    text = ARTICLES["c"].text
    yield Answer(
        "How deep?", "How deep?", "", "unanswered", confidence=0.01, absence=ABSENCE,
        hits=(Hit(Passage("c", 0, len(text), text), 1, 1, 1),),
    )  # fmt: skip


def whole() -> dict[str, Any]:
    """The pack, as JSON values, before it is altered."""
    filters = [Filters(("The Post", "Courier")), *[Filters()] * 4]
    unread = {"bad.pdf": "It is damaged."}
    made = pack.evidence([*_answers()], ARTICLES, AskSettings(), _INDEX, _MADE, filters, unread)
    values: dict[str, Any] = json.loads(json.dumps(made))
    return values


def _asked_again(question: str, filters: Filters) -> Answer:
    """What the archive says to a question: it knows one that it does not answer."""
    known = question == "How deep?" and filters == Filters()
    return Answer(question, question, "", "unanswered", absence=ABSENCE if known else None)


def proven(values: dict[str, Any], asks: bool) -> Proof:
    """What verifying says; `asks`: with an index at hand, that can be asked again."""
    by_hash = {article.content_hash: article for article in ARTICLES.values()}
    ask = _asked_again if asks else None
    return pack.verify(values, ARTICLES.get, by_hash.get, ask=ask)


# Alterations

_WORDS = (
    "", "Nobody", "132", "The Daily", "2020-01-01", "https://evil.example/", "a", "b", "z", "en",
    "verbatim", "field", "count", "supported", "answered", "unanswered", "generated",
    "extractive", "newest", "They did not kill a man.", "kill a man", "0" * 64,
    "“Raids” was written by Sok Dara.", "Kratie", "ii",
)  # fmt: skip


def altered(chance: random.Random, values: dict[str, Any]) -> dict[str, Any]:
    """A copy of the pack with one to three alterations."""
    made = copy.deepcopy(values)
    for _ in range(chance.choice((1, 1, 1, 2, 3))):
        _alter(chance, made)
    return made


def _alter(chance: random.Random, made: dict[str, Any]) -> None:
    if chance.random() < 0.2:
        _moved_quote(chance, made)
        return
    parent: Any = made
    while True:
        keys = list(parent) if isinstance(parent, dict) else range(len(parent))
        if not keys:
            return
        key = chance.choice(keys)
        if not isinstance(parent[key], (dict, list)) or chance.random() < 0.2:
            break
        parent = parent[key]
    how = chance.random()
    if how < 0.1:
        del parent[key]
    elif how < 0.2 and isinstance(parent, list):
        parent.insert(chance.randrange(len(parent) + 1), _other(chance, copy.deepcopy(parent[key])))
    elif how < 0.25 and isinstance(parent, dict):
        parent[chance.choice(("proved", "seal", "section", "filters", "hits"))] = "By a notary"
    elif how < 0.35:
        parent[key] = copy.deepcopy(_any(chance, made))
    else:
        parent[key] = _other(chance, parent[key])


def _moved_quote(chance: random.Random, made: dict[str, Any]) -> None:
    """Other words of an article as a quote, and as the claim that cites it, true as they are."""
    answer = chance.choice(made.get("answers") or [{}])
    try:
        cited = chance.choice(answer["citations"])
        article = ARTICLES[cited["article_id"]]
        start = chance.randrange(len(article.text))
        end = chance.randrange(start + 1, len(article.text) + 1)
        cited |= {"start": start, "end": end, "quote": article.text[start:end], "page": ""}
        cited["certainty"] = None
        for claim in answer["claims"]:
            if claim["labels"] == [cited["label"]] and claim["verdict"] == "verbatim":
                claim |= {"text": cited["quote"], "marks": []}
        answer["text"] = " ".join(
            " ".join(claim["text"].split()) + " " + "".join(f"[{n}]" for n in claim["labels"])
            for claim in answer["claims"]
        )
    except (LookupError, TypeError, AttributeError):
        return  # What was altered before is no such answer any more.


def _any(chance: random.Random, made: Any) -> Any:
    """Any value of the pack."""
    while isinstance(made, (dict, list)) and made and chance.random() < 0.8:
        made = chance.choice(list(made.values()) if isinstance(made, dict) else made)
    return made


def _other(chance: random.Random, value: Any) -> Any:
    """Another value of the same kind, as a rule."""
    if isinstance(value, bool) or value is None:
        return chance.choice((not value, None, "yes"))
    if isinstance(value, int):
        return chance.choice((value + 1, max(0, value - 1), 0, 7, 30_000))
    if isinstance(value, float):
        return chance.choice((0.0, 0.5, 0.99, 1.0))
    if isinstance(value, list):
        return chance.choice((value[::-1], value[1:], value + value, []))
    if isinstance(value, dict):
        items = list(value.items())
        return dict(chance.sample(items, chance.randrange(len(items) + 1)))
    place, word = chance.randrange(len(str(value)) + 1), chance.choice(_WORDS)
    return chance.choice(
        (word, value + word, word + value, value[:place] + word + value[place:], value[:place])
    )


# What is true


def untrue(values: dict[str, Any], proof: Proof, asked: bool) -> list[str]:
    """What a pack shows that is not so, and that the proof does not name as not verified; `asked`:
    whether its questions were asked again."""
    told: dict[int, list[tuple[str, str]]] = {}
    for one in proof.not_verified:
        told.setdefault(one.answer, []).append((one.what, one.said))
    wrong = [*_of_the_whole(values, told.get(0, [])), *_of_articles(values, told.get(0, []))]
    for number, answer in enumerate(values["answers"], start=1):
        named = [*told.get(number, []), *told.get(0, [])]
        wrong += (f"answer {number}: {one}" for one in _of_answer(answer, named, asked))
    return wrong


def _is_named(value: Any, named: list[tuple[str, str]], what: str = "") -> bool:
    written = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return any(said == written and name.endswith(what) for name, said in named)


def _of_the_whole(values: dict[str, Any], named: list[tuple[str, str]]) -> Iterator[str]:
    known = {"format": "byline-evidence", "version": 1, "page": PAGE, "about": ABOUT}
    for name, value in values.items():
        true = name in ("answers", "articles") or value == known.get(name, ...) or not value
        if not true and not _is_named(value, named, name) and name != "page":
            yield f"{name}: {value}"
    if values["page"] != PAGE and "page" not in [name for name, _ in named]:
        yield "page"


def _of_articles(values: dict[str, Any], named: list[tuple[str, str]]) -> Iterator[str]:
    ids = Counter(said["id"] for said in values["articles"])
    yield from (f"article {one} twice" for one in ids if ids[one] > 1)
    by_hash = {article.content_hash: article for article in ARTICLES.values()}
    for said in values["articles"]:
        article = by_hash.get(said["content_hash"])
        if article is None:
            yield f"article {said['id']}: not there"
            continue
        for name, value in said.items():
            if name == "published":
                true = value == (str(article.published) if article.published else "")
            elif name == "corrected":
                true = value == correction(article.text)
            else:
                true = value == getattr(article, name, ...)
            silent = value is None and name in dict(named).get(
                f"not said of article {said['id']}", ""
            )
            if not true and not silent and not _is_named(value, named):
                yield f"article {said['id']}: {name}: {value}"


def _of_answer(answer: dict[str, Any], named: list[tuple[str, str]], asked: bool) -> Iterator[str]:
    """Each field of an answer by its name; one without a rule of its own has to be named."""
    quotes = {cited["label"]: cited for cited in answer.get("citations", [])}
    for name, value in answer.items():
        if name == "citations":
            yield from _of_quotes(value, named)
        elif name == "claims":
            for claim in value:
                yield from _of_claim(claim, quotes, answer, named)
        elif name == "text":
            said = [
                " ".join(claim["text"].split())
                + " " * bool(claim.get("labels"))
                + "".join(f"[{n}]" for n in claim.get("labels", []))
                for claim in answer.get("claims", [])
            ]
            if " ".join(value.split()) != " ".join(said):
                yield f"text: {value}"
        elif name == "listing":
            yield from _of_listing(value, named)
        elif name == "differences":
            yield from _of_differences(value, quotes, named)
        elif name == "absence" and asked and answer["understood"] == "How deep?":
            if value and value != serialize.to_json(ABSENCE):
                yield f"absence: {value}"
        elif value and value != answer["question"] and not _is_named(value, named, name):
            yield f"{name}: {value}"
    if not _is_named(answer["question"], named, "question") and answer["question"]:
        yield "question"


def _of_quotes(cited: list[dict[str, Any]], named: list[tuple[str, str]]) -> Iterator[str]:
    for one in cited:
        article = ARTICLES.get(one["article_id"])
        if article is None:
            yield f"quote {one['label']}: of no article"
            continue
        if article.text[one["start"] : one["end"]] != one["quote"]:
            yield f"quote {one['label']}: {one['quote']}"
        before = article.text[: one["start"]].rstrip()
        part = (before and before[-1] not in ".!?") or one["quote"].rstrip()[-1:] not in ".!?"
        if part and f"quote {one['label']}, a part of" not in [name for name, _ in named]:
            yield f"quote {one['label']}: cut"
        pages = {
            "": None, "ii": None, "2": 0.9, "ii–2": 0.9,
        } if article.pages else {"": None}  # fmt: skip
        page, certainty = one.get("page", ""), one.get("certainty")
        if page not in pages or certainty not in (None, *pages.values()):
            yield f"quote {one['label']}: page {page}, {certainty}"
        for name in one.keys() - {
            "label", "article_id", "start", "end", "quote", "page", "certainty",
        }:  # fmt: skip
            if not _is_named(one[name], named, name):
                yield f"quote {one['label']}: {name}"


def _of_claim(
    claim: dict[str, Any],
    quotes: dict[int, dict[str, Any]],
    answer: dict[str, Any],
    named: list[tuple[str, str]],
) -> Iterator[str]:
    text, labels = claim["text"], claim.get("labels", [])
    cited = [quotes[label]["quote"] for label in labels if label in quotes]
    verdict, listing = claim.get("verdict", "verbatim"), answer.get("listing")
    true_fields = {
        str(field_statement(field, article, several)[0])
        for field in ("author", "published", "source", "title")
        for article in ARTICLES.values()
        for several in (False, True)
    }
    true = {
        "verbatim": bool(cited) and len(cited) == len(labels) and {text} == set(cited),
        "field": text in true_fields,
        "count": listing is not None and any(str(len(listing["articles"])) in text for _ in "x"),
        "supported": _is_named(text, named, "sentence of a model"),
    }[verdict]
    if not true:
        yield f"claim: {text}"
    marked = [text[slice(*span)] for span in claim.get("marks", [])]
    said = " ".join(said for name, said in named if name == "words marked")
    if verdict != "field" and not all(json.dumps(word) in said for word in marked):
        yield f"marks: {marked}"
    for name in claim.keys() - {"text", "labels", "verdict", "marks"}:
        if not _is_named(claim[name], named, name):
            yield f"claim: {name}"


def _of_listing(listing: dict[str, Any] | None, named: list[tuple[str, str]]) -> Iterator[str]:
    if listing is None:
        return
    articles = [ARTICLES[one] for one in listing["articles"] if one in ARTICLES]
    if len(set(listing["articles"])) < len(listing["articles"]):
        yield "an article counted twice"
    if len(articles) < len(listing["articles"]):
        yield "an article that is not there"
    for phrase in listing.get("phrases", []):
        for article in articles:
            if phrase.lower() not in f"{article.title}\n{article.text}".lower():
                yield f"{article.id} does not hold {phrase}"
    for phrase in listing.get("phrases", [])[:1]:
        if phrase == "Kratie" and listing["in_texts"] != sum(
            one.text.count(phrase) for one in articles
        ):
            yield "counted in texts"
    said = f"{len(listing['articles'])} of {listing['searched']}, in {listing['reports']} reports"
    if not _is_named(said, named):
        yield "searched, reports"
    sources = Counter(one.source for one in articles)
    if {one["source"]: one["articles"] for one in listing.get("sources", [])} != sources:
        yield "sources"


def _of_differences(
    differences: list[dict[str, Any]],
    quotes: dict[int, dict[str, Any]],
    named: list[tuple[str, str]],
) -> Iterator[str]:
    said = " ".join(said for name, said in named if name == "differences")
    for account in (a for one in differences for a in one["accounts"]):
        words = quotes[account["label"]]["quote"][slice(*account["span"])]
        if json.dumps(words, ensure_ascii=False) not in said:
            yield f"differs: {words}"
        speaker = account.get("speaker", "")
        if speaker not in ARTICLES[quotes[account["label"]]["article_id"]].text:
            yield f"differs: {speaker}"
        if account.get("recency"):
            days = [ARTICLES[quotes[a["label"]]["article_id"]].published
                    for one in differences if account in one["accounts"]
                    for a in one["accounts"]]  # fmt: skip
            mine = ARTICLES[quotes[account["label"]]["article_id"]].published
            if None in days or (account["recency"] == "newest") != (mine == max(days)):
                yield f"differs: {account['recency']}"
