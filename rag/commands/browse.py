"""`byline find`: the articles of an index by their words, without a question."""

from __future__ import annotations

import argparse

from rag.commands.opening import open_archive
from rag.commands.streams import print_json
from rag.wording import ENGLISH


def find(options: argparse.Namespace) -> None:
    from rag.export.reference import one_line, reference

    archive = open_archive(options)
    found = archive.find(
        " ".join(map(_typed, options.words)), options.sort, options.page, options.n, options.source,
        options.since, options.until, authors=options.authors, sections=options.sections,
        languages=options.languages, formats=options.formats,
    )  # fmt: skip
    if options.json:
        print_json(archive.to_json(found))
        return
    print(ENGLISH("found", n=found.total, total=found.searched))
    for number, match in enumerate(found.matches, start=(found.page - 1) * options.n + 1):
        print(f"\n{number}. {reference(archive.article(match.article_id))}")
        for excerpt in match.excerpts:
            print(f"   {one_line(excerpt.quote)}")
    if found.pages > 1:
        print(f"\n{ENGLISH('page_of', page=found.page, n=found.pages)}")


def _typed(argument: str) -> str:
    """What a shell has taken the quotation marks off is a phrase again, unless it joins words."""
    joins = any(mark in argument for mark in '"()') or {"AND", "OR", "NOT"} & {*argument.split()}
    return argument if joins or " " not in argument.strip() else f'"{argument}"'
