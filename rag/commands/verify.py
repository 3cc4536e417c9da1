"""`byline verify`: the quotes of an evidence pack are checked against their articles."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from rag.commands.opening import open_archive, read
from rag.commands.streams import print_json
from rag.errors import InputError

if TYPE_CHECKING:
    from rag.types import Article


def run(options: argparse.Namespace) -> None:
    from rag.commands.terminal import print_proof
    from rag.pack import load, verify

    pack = load(options.pack)
    proof = verify(pack, **_lookups(options))
    if options.json:
        print_json({"holds": proof.holds, **asdict(proof)})
    else:
        print_proof(proof, [answer["question"] for answer in pack["answers"]])
    if not proof.holds:
        failed = sum(quote.status != "holds" for quote in proof.quotes)
        raise InputError(
            f"{options.pack} does not hold: {failed} of its {len(proof.quotes)} quotes and "
            f"{len(proof.problems)} other things are not as in the articles. Rely on nothing in "
            "it that you have not looked up; asking its questions again makes a new pack."
        )


def _lookups(options: argparse.Namespace) -> dict[str, Any]:
    """How to find an article by its id, and by its content hash, in files or in the index; and what
    only an index knows: earlier texts, what a list counts, and how it was built."""
    if options.articles:
        from rag.ingest import Options

        articles = read(options.articles, Options(options.dates, dict(options.map)))
        by_id = {article.id: article for article in articles}
        by_hash = {article.content_hash: article for article in articles}
        return {"by_id": by_id.get, "by_hash": by_hash.get}
    archive = open_archive(options)

    def by_id_in_index(article_id: str) -> Article | None:
        try:
            return archive.article(article_id)
        except KeyError:
            return None

    return {
        "by_id": by_id_in_index,
        "by_hash": archive.by_hash,
        "changed": archive.changed,
        "recount": archive.recount,
        "index": archive.info(),
        "ask": archive.pipeline.answer,
    }
