"""What several commands begin with: the archive of an index, or the articles of files."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from rag.arguments import FORMATS
from rag.errors import InputError
from rag.progress import bars
from rag.settings import AskSettings, from_mapping

if TYPE_CHECKING:
    from rag.archive import Archive
    from rag.ingest import ArticleReader, Options
    from rag.types import Article


def open_archive(options: argparse.Namespace, **named: Any) -> Archive:
    """The archive; `named` are settings with an option of their own, where it was given."""
    from rag import Archive

    named["allow_download"] = options.allow_download
    given = {name: value for name, value in named.items() if value}
    return Archive.open(options.index, from_mapping(AskSettings, dict(options.set) | given))


def read(paths: Sequence[str], reading: Options) -> list[Article]:
    """The articles of files and folders; what cannot be read is named on standard error."""
    from rag import read_articles

    with bars() as progress:
        reader = read_articles(paths, options=reading, progress=progress)
        articles = list(reader)
    if not articles:
        raise unreadable(reader, paths)
    _print_failures(reader)
    return articles


def unreadable(reader: ArticleReader, paths: Sequence[str]) -> InputError:
    """The error for files that hold no article; why is printed on standard error."""
    _print_failures(reader)
    return InputError(
        f"Nothing in {', '.join(paths)} could be read as an article. Name files "
        f"of these: {FORMATS}."
    )


def _print_failures(reader: ArticleReader) -> None:
    for failure in reader.failures:
        print(f"byline: {failure.file}: {failure.reason}", file=sys.stderr)
