"""Opens the cached index of a data set, or builds it.

An index is kept by its articles, its build settings and the code that builds it, so that a change
to that code is never measured on an index from before.
"""

from __future__ import annotations

import ast
import dataclasses
import functools
import hashlib
import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import rag.index.build
import rag.models.encoder
from rag import Archive, Article
from rag.errors import InputError, SnapshotError
from rag.evaluation.runs import machine
from rag.evaluation.runs.machine import INDEXES
from rag.evaluation.runs.plan import Plan
from rag.index.build import articles_hash, is_current
from rag.progress import bars
from rag.protocols import TextEncoder

_ROOTS = (rag.index.build.__name__, rag.models.encoder.__name__)


def open_archive(
    plan: Plan, articles: Sequence[Article], encoder: TextEncoder | None = None
) -> Archive:
    """Open the index of `articles`, building it if there is none.

    Raises InputError when the folder that the user named holds another index: it may be one that
    answers questions.
    """
    built_by = machine.code(*builders())
    ask = dataclasses.replace(plan.ask, encoder=plan.build.encoder)  # Named by the user.
    key = json.dumps([articles_hash(articles), dataclasses.asdict(plan.build), built_by])
    home = plan.index or INDEXES / hashlib.sha256(key.encode()).hexdigest()[:16]
    if (home / "CURRENT").exists():
        try:
            archive = Archive.open(home, ask, encoder)
            if is_current(home, articles, plan.build):
                return archive
        except SnapshotError:
            if plan.index:
                raise
        if plan.index:
            raise InputError(
                f"The index in {home} is of other articles or build settings. Name another folder "
                "with --index, or none."
            )
    with bars() as progress:
        Archive.build(articles, home, plan.build, encoder, progress)
    return Archive.open(home, ask, encoder)


@functools.cache
def builders() -> tuple[str, ...]:
    """The files of `rag` that take part in building an index, as paths from the checkout.

    They are those that the building and the encoder import, directly or by what they import.
    """
    files: set[Path] = set()
    left = [file for name in _ROOTS for file in _files(name)]
    while left:
        file = left.pop()
        if file not in files:
            files.add(file)
            left += [found for name in _imported(file) for found in _files(name)]
    return tuple(sorted(file.relative_to(machine.ROOT).as_posix() for file in files))


def _imported(file: Path) -> Iterator[str]:
    """The dotted names that a file imports, inside functions too; names in a module included."""
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _files(name: str) -> Iterator[Path]:
    """The files that an import of a dotted name of `rag` runs: its module, and its packages."""
    parts = name.split(".")
    if parts[0] != "rag":
        return
    for depth in range(2, len(parts) + 1):  # Not rag/__init__.py: it only names the public face.
        path = machine.ROOT.joinpath(*parts[:depth])
        yield from filter(Path.is_file, (path.with_suffix(".py"), path / "__init__.py"))
