"""`byline build`, `info` and `check`: an index is made, described and verified."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rag.commands.current import show_changes, show_copies
from rag.commands.opening import open_archive, unreadable
from rag.commands.streams import print_json
from rag.errors import InputError, SnapshotError
from rag.progress import bars
from rag.settings import BuildSettings, from_mapping
from rag.types import FIELDS, Changes

if TYPE_CHECKING:
    from rag.archive import Archive

_COUNTED = 50
"""Values of a field that `info` prints; `--json` has them all."""


def build(options: argparse.Namespace) -> None:
    from rag import Archive, read_articles
    from rag.commands.terminal import print_report
    from rag.ingest import Options

    settings = from_mapping(BuildSettings, dict(options.set))
    reading = Options(options.dates, dict(options.map))
    if options.report and not Path(options.report).parent.is_dir():
        raise InputError(f"There is no folder for {options.report}. Name a file in one there is.")
    before = _snapshot(options.index)
    with bars() as progress:
        reader = read_articles(options.paths, options=reading, progress=progress)
        try:
            archive = Archive.build(
                reader, options.index, settings,
                progress=progress, remove_missing=options.remove_missing, ray=options.ray,
            )  # fmt: skip
        except InputError:
            if reader.report.articles:
                raise
            archive = None
    if options.report:
        reader.report.save(Path(options.report))
    if archive is None:
        raise unreadable(reader, options.paths)
    facts = archive.info()
    print_report(reader.report, options.index)
    print(f"Indexed {facts['articles']} articles in {facts['passages']} passages: {options.index}")
    if before:
        changes = archive.changes() if _snapshot(options.index) != before else Changes()
        print(_changed(changes))


def _snapshot(index: str) -> str:
    """The name of the snapshot in force, "" where there is none that can be read."""
    from rag.index import snapshot
    from rag.index.place import place_of

    place = place_of(index)
    try:
        place.fetch()
        return snapshot.current(place.home)[0].name
    except SnapshotError:
        return ""


def _changed(changes: Changes) -> str:
    counts = {"new": changes.came, "changed": changes.changed, "gone": changes.went}
    said = ", ".join(f"{len(ids):,} {what}" for what, ids in counts.items() if ids)
    if not said:
        return "No article came, changed or went since the last build."
    return f"Since the last build: {said} (byline info --changes names them)."


def info(options: argparse.Namespace) -> None:
    archive = open_archive(options)
    for chosen, show in (
        (options.failed, _show_reading),
        (options.changes, show_changes),
        (options.duplicates, show_copies),
    ):
        if chosen:
            show(archive, options)
            return
    facts = archive.info()
    if options.json:
        print_json(facts)
        return
    encoder = facts["encoder"]
    print(f"{facts['articles']} articles, {facts['passages']} passages in {facts['index']}")
    print(f"snapshot  {facts['snapshot']}")
    print(f"encoder   {encoder['name']}, {encoder['dimension']} dimensions, {encoder['precision']}")
    print(f"vectors   {_lie(facts['vector_index'])}")
    for field in ("sources", *FIELDS):
        if facts[field] or field == "sources":
            print(f"{field:<9} {_counted(facts[field])}")


def _lie(vectors: Mapping[str, Any]) -> str:
    """What kind of vector index there is, and how well it finds what exact search finds."""
    if not vectors["lists"]:
        return "flat, exact"
    return (
        f"{vectors['kind']}, {vectors['lists']} lists; a search looks at {vectors['looked_at']} "
        f"passages and finds {vectors['recall']:.1%} of the 10 nearest"
    )


def _counted(values: Mapping[str, int]) -> str:
    """Values with the number of their articles; of very many, those of most articles."""
    most = sorted(values, key=lambda value: -values[value])[:_COUNTED]
    shown = [f"{value} ({n})" for value, n in values.items() if value in most]
    rest = len(values) - len(shown)
    return ", ".join(shown) + f" and {rest} more" * bool(rest)


def _show_reading(archive: Archive, options: argparse.Namespace) -> None:
    """Show again what `byline build` reported of the files, with every failure."""
    from rag.commands.terminal import print_report

    report = archive.reading_report()
    if report is None:
        raise InputError(
            f"The index in {options.index} does not tell how its files were read: it was built by "
            f"a program, or by an older Byline. Build it again with: byline build ARTICLES "
            f"{archive.index.option}"
        )
    if options.json:
        print_json(report.to_json())
    else:
        print_report(report)


def check(options: argparse.Namespace) -> None:
    archive = open_archive(options)
    problems = archive.check()
    if problems:
        raise SnapshotError(
            f"The index in {options.index} is damaged: {'; '.join(problems)}. Build it again with: "
            f"byline build ARTICLES {archive.index.option}"
        )
    print(f"{options.index}: every byte is as it was written.")
