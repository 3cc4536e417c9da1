"""`byline find` and `said`: what an index has of words and of names, without a question."""

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


def said(options: argparse.Namespace) -> None:
    from rag.export.reference import one_line, reference

    archive = open_archive(options)
    found = archive.profile(
        options.name, options.articles, options.source, options.since, options.until,
        authors=options.authors, sections=options.sections, languages=options.languages,
        formats=options.formats,
    )  # fmt: skip
    if options.json:
        print_json(archive.to_json(found))
        return
    print(ENGLISH("name_articles", name=one_line(found.name), n=found.total))
    for key, sayings in (("said_by", found.said), ("said_about", found.about)):
        if sayings:
            print(f"\n{ENGLISH(key, name=one_line(found.name), n=len(sayings))}")
        for one in sayings:
            article = archive.article(one.citation.article_id)
            span = one.citation.start, one.citation.end
            print(f"\n- {one_line(one.citation.quote)}\n  {reference(article, span=span)}")
    if not found.said:
        print(f"\n{ENGLISH('said_nothing', name=one_line(found.name))}")
    if found.read < found.total:
        print(f"\n{ENGLISH('read_newest', n=found.read)}")


def _typed(argument: str) -> str:
    """What a shell has taken the quotation marks off is a phrase again, unless it joins words."""
    joins = any(mark in argument for mark in '"()') or {"AND", "OR", "NOT"} & {*argument.split()}
    return argument if joins or " " not in argument.strip() else f'"{argument}"'
