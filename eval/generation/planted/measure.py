"""Measures the recall of the verifier on planted errors, and its false alarms.

Knows nothing of how an error is made or a sentence verified.
"""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from eval.datasets.gold import ARTICLES
from eval.generation.planted.errors import KINDS, Planted, cut, planted
from eval.generation.planted.sentences import VERBATIM, from_data, verbatim, written
from rag import Archive, read_articles
from rag.evaluation.extra import require
from rag.evaluation.text import aligned, plain
from rag.generation.verify import Verifier
from rag.settings import AskSettings
from rag.types import Article, Shown

SWEPT = (0.3, 0.4, 0.45, 0.5, 0.55, 0.6, 0.65, 0.7)


@dataclass(frozen=True)
class Row:
    """A sentence and the verdict on it: `reason` is empty if it was accepted; `stated` is the kind
    of error that the verifier names."""

    item: Planted
    reason: str
    stated: str


def run(
    settings: AskSettings,
    data: Path | None = None,
    seed: int = 0,
    split: str = "all",
    sweep: bool = False,
) -> dict[str, Any]:
    """Verify planted errors and untouched sentences, of the bundled articles and of `data`.

    `split` takes one half of the bundled sentences, "dev" or "test". `sweep` adds what other
    thresholds of `support` would catch and strike.
    """
    articles = list(read_articles(ARTICLES))
    with tempfile.TemporaryDirectory() as folder:
        Archive.build(articles, folder)
        archive = Archive.open(folder, settings)
        encoder, embed = archive.load_encoder(), archive.pipeline.embed_sentences
        true = [*written(articles, split), *verbatim(articles, VERBATIM, "verbatim", seed, split)]
        items = planted(true, articles, cut(articles, encoder), seed)
        if data:
            true, concerned = from_data(data, seed)
            items += planted(true, concerned, cut(concerned, encoder), seed)
            articles += concerned
        known = {article.id: article for article in articles}
        found = {
            **summary(verified(Verifier(embed, settings), items, known)),
            "seed": seed,
            "split": split,
            "encoder": encoder.name,
            "precision": encoder.precision,
            "settings": asdict(settings),
        }
        if sweep:
            found["sweep"] = []
            for support in SWEPT:
                verifier = Verifier(embed, replace(settings, support=support))
                told = summary(verified(verifier, items, known))["all"]
                rates = {kind: told["planted"][kind]["rate"] for kind in KINDS}
                struck = told["untouched"]["rate"]
                found["sweep"].append({"support": support, **rates, "struck": struck})
    return found


def verified(
    verifier: Verifier, items: Sequence[Planted], articles: Mapping[str, Article]
) -> list[Row]:
    """Verify every sentence; `articles` are those shown, by their ids."""
    rows = []
    for item in items:
        shown = {
            label: Shown(label, articles[passage.article_id], passage.start, passage.end)
            for label, passage in enumerate(item.shown, 1)
        }
        verdict = verifier.verify(item.text, item.labels, shown)
        rows.append(Row(item, verdict.reason, verdict.kind))
    return rows


def summary(rows: Sequence[Row]) -> dict[str, Any]:
    """Summarise rows: counts of all and by origin, missed errors and false alarms."""
    origins = dict.fromkeys(row.item.origin for row in rows)
    return {
        "all": _counts(rows),
        "origins": {o: _counts([r for r in rows if r.item.origin == o]) for o in origins},
        "missed": [
            {name: getattr(row.item, name) for name in ("id", "kind", "text", "original", "labels")}
            for row in rows
            if row.item.kind and not row.reason
        ],
        "struck": [
            {"id": row.item.id, "text": row.item.text, "reason": row.reason}
            for row in rows
            if row.reason and not row.item.kind
        ],
    }


def _counts(rows: Sequence[Row]) -> dict[str, Any]:
    by_kind = {kind: [row for row in rows if row.item.kind == kind] for kind in ("", *KINDS)}
    return {
        "planted": {kind: _share(by_kind[kind], "planted", "caught") for kind in KINDS},
        "untouched": _share(by_kind[""], "sentences", "struck"),
    }


def _share(rows: Sequence[Row], whole: str, part: str) -> dict[str, Any]:
    """Count the sentences and those that were rejected, with the rate and its interval."""
    stated = Counter(row.stated for row in rows if row.reason)
    total, count = len(rows), stated.total()
    low, high = 0.0, 1.0
    if rows:
        test = require("scipy.stats").binomtest(count, total)
        low, high = test.proportion_ci(method="wilson")
    return {
        whole: total,
        part: count,
        "rate": round(count / total, 4) if rows else 0.0,
        "interval": (round(float(low), 4), round(float(high), 4)),
        "stated": dict(stated.most_common()),
    }


def table(found: Mapping[str, Any]) -> str:
    """What `run` found, as aligned text."""
    rows = [("origin", "error", "sentences", "caught", "rate", "95% interval", "stated as")]
    for origin, told in (*found["origins"].items(), ("all", found["all"])):
        for kind, counted in (*told["planted"].items(), ("none", told["untouched"])):
            total, count, rate, (low, high), stated = counted.values()
            as_what = ", ".join(f"{name} {many}" for name, many in stated.items())
            interval = f"{low:.1%} to {high:.1%}"
            rows.append((origin, kind, str(total), str(count), f"{rate:.1%}", interval, as_what))
    lines = aligned(rows)
    for row in found["missed"]:
        text, original = plain(row["text"]), plain(row["original"])
        lines += ["", f"missed {row['id']}: {text}", f"  was: {original}"]
    for row in found["struck"]:
        lines += ["", f"struck {row['id']}: {plain(row['text'])}", f"  {plain(row['reason'])}"]
    if "sweep" in found:
        swept = [[f"{row.pop('support'):.2f}", *(f"{rate:.1%}" for rate in row.values())]
                 for row in map(dict, found["sweep"])]  # fmt: skip
        lines += ["", *aligned([("support", *KINDS, "struck"), *swept])]
    return "\n".join(lines)
