"""`byline add`, `remove` and `rollback`: an index is kept current, and says what changed."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

from rag.commands.opening import open_archive, unreadable
from rag.commands.streams import print_json
from rag.errors import InputError
from rag.progress import bars
from rag.types import Changes, Filters

if TYPE_CHECKING:
    from rag.archive import Archive

_NAMED = 50
"""Articles that are named; `--json` has them all."""


def add(options: argparse.Namespace) -> None:
    from rag import read_articles
    from rag.commands.terminal import print_report
    from rag.ingest import Options

    archive = open_archive(options)
    with bars() as progress:
        reading = Options(options.dates, dict(options.map))
        reader = read_articles(options.paths, options=reading, progress=progress)
        articles = list(reader)
        if not articles:
            raise unreadable(reader, options.paths)
        newer = archive.add(articles, progress, reader.report)
    changes = Changes() if newer.index.manifest == archive.index.manifest else newer.changes()
    if options.json:
        _print_changes_json(newer, changes)
        return
    print_report(reader.report, options.index)
    _print_changes(newer, changes)


def remove(options: argparse.Namespace) -> None:
    from rag.retrieval.filters import checked

    archive = open_archive(options)
    store, ids = archive.index.store, list(options.ids)
    if bool(ids) == bool(options.source):
        raise InputError("Name articles by their ids, or a source with --source NAME.")
    if options.source:
        filters = checked(archive.index, Filters(sources=tuple(options.source)))
        ids = [entry.id for entry in store.entries() if entry.source in filters.sources]
    with bars() as progress:
        newer = archive.remove(ids, progress)
    left = newer.info()["articles"]
    if options.json:
        print_json({"removed": ids, "articles": left})
    else:
        print(f"Removed for good: {len(ids)}. {left} articles are left: {options.index}")


def rollback(options: argparse.Namespace) -> None:
    from rag import Archive

    archive = Archive.rollback(options.index)
    facts = archive.info()
    if options.json:
        values = {name: facts[name] for name in ("index", "snapshot", "articles")}
        print_json(values)
    else:
        print(f"The snapshot before is in force again, with {facts['articles']} articles: "
              f"{options.index}. The same command undoes that.")  # fmt: skip


def show_changes(archive: Archive, options: argparse.Namespace) -> None:
    """Say what the build of the snapshot in force changed."""
    if options.json:
        _print_changes_json(archive, archive.changes())
    else:
        _print_changes(archive, archive.changes())


def show_copies(archive: Archive, options: argparse.Namespace) -> None:
    """Name the articles that are copies of one text, or nearly, and where each was read."""
    found = archive.duplicates()
    if options.json:
        print_json([asdict(one) for one in found])
        return
    for one in found:
        print("Copies, or nearly:" if len(one.articles) > 1 else "Read more than once:")
        for id, origins in zip(one.articles, one.origins, strict=True):
            print(f"  {_named(archive, id)}: {', '.join(filter(None, origins)) or 'no file'}")
    print(f"{len(found)} texts have copies." if len(found) != 1 else "1 text has copies.")


def _print_changes_json(archive: Archive, changes: Changes) -> None:
    values = {"articles": archive.info()["articles"], **asdict(changes)}
    print_json(values)


def _print_changes(archive: Archive, changes: Changes) -> None:
    for said, ids in (
        ("New", changes.came),
        ("Changed", [after for _, after in changes.changed]),
        ("Gone", changes.went),
    ):
        print(f"{said}: {len(ids)}")
        _print_named(archive, ids)
    print(f"Passages embedded: {changes.embedded:,}, kept as they were: {changes.reused:,}")


def _print_named(archive: Archive, ids: Sequence[str]) -> None:
    for id in ids[:_NAMED]:
        print(f"  {_named(archive, id)}")
    if len(ids) > _NAMED:
        print(f"  … and {len(ids) - _NAMED:,} more: --json names them all")


def _named(archive: Archive, article_id: str) -> str:
    """An article by its id and headline; by its id alone where it is gone."""
    from rag.export.reference import one_line

    try:
        return f"{article_id} {one_line(archive.article(article_id).headline)}"
    except KeyError:
        return article_id
