"""Writes the folder of a run row by row, resuming where it stopped, under a lock.

The format of its files is in `rag.evaluation.runs.saved`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import filelock

from rag.errors import InputError
from rag.evaluation.runs.saved import (
    MANIFEST,
    ROWS,
    SUMMARY,
    Row,
    differences,
    read_manifest,
    read_rows,
)

_SAME = (
    "system", "settings", "build_settings", "encoder", "precision", "commit", "machine", "packages",
)  # fmt: skip
"""What all rows of a run were made with, besides the data."""
_OTHER = "Choose another folder with --out."


@contextmanager
def writing(path: Path) -> Iterator[Folder]:
    """The folder at `path`, made if it is missing, and kept from other runs meanwhile.

    Raises InputError when another run is writing there, or what is there is no run.
    """
    try:
        path.mkdir(parents=True, exist_ok=True)
        # The system frees this lock when the process ends, however it ends.
        lock = filelock.FileLock(path / ".lock", timeout=0).acquire()
    except filelock.Timeout:
        raise InputError(
            f"Another run is writing to {path}. Wait for it to end. {_OTHER}"
        ) from None
    except OSError as error:
        raise InputError(
            f"{path} is no folder that can be written to ({error.strerror or error}). {_OTHER}"
        ) from None
    with lock:
        yield Folder(path)


class Folder:
    """The folder of a run that is being made; see `writing`."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._manifest: dict[str, Any] = {}
        if (path / MANIFEST).exists():
            self._manifest = read_manifest(path / MANIFEST)
        elif (path / ROWS).exists():
            raise InputError(f"{path} holds rows without a manifest. {_OTHER}")

    def refuse_other(self, manifest: Mapping[str, Any]) -> None:
        """Raise InputError if the rows here were made with anything that `manifest` contradicts."""
        found = differences(self._manifest, {**self._manifest, **manifest})
        decisive = [
            f"{name} (there {was}, here {now})"
            for name, (was, now) in found.items()
            if name == "data.sha256" or name.partition(".")[0] in _SAME
        ]
        begun = (self._path / ROWS).exists() and (self._path / ROWS).stat().st_size
        if begun and decisive:
            raise InputError(
                f"{self._path} holds another run, of {self._manifest.get('system')} over "
                f"{self._manifest['data'].get('name')}. What differs: {'; '.join(decisive)}. "
                f"{_OTHER}"
            )

    def begin(self, manifest: Mapping[str, Any], ids: Sequence[str]) -> list[Row]:
        """Write the manifest of a run over the questions `ids`; return the rows there already.

        A last line that was cut off while it was written is removed. Raises InputError when the
        rows are of another run, or of other or more questions.
        """
        self.refuse_other(manifest)
        rows: list[Row] = []
        if (self._path / ROWS).exists():
            _end_whole(self._path / ROWS)
            rows = list(read_rows(self._path / ROWS).values())
        if len(rows) > len(ids):
            raise InputError(
                f"{self._path} holds {len(rows)} questions already, more than the {len(ids)} asked "
                f"for. Raise --limit. {_OTHER}"
            )
        for row, asked in zip(rows, ids, strict=False):
            if row.id != asked:
                raise InputError(
                    f"{self._path} holds rows of other questions: {row.id} where the data has "
                    f"{asked}. {_OTHER}"
                )
        started = self._manifest.get("started", manifest["started"])
        self._manifest = {**manifest, "started": started, "complete": False}
        _write(self._path / MANIFEST, self._manifest)
        return rows

    def add(self, row: Row) -> None:
        record = asdict(row)
        if row.answer is None:
            del record["answer"]
        with (self._path / ROWS).open("a", encoding="utf-8", newline="\n") as file:
            file.write(json.dumps(record, ensure_ascii=False) + "\n")

    def finish(self, summary: Mapping[str, Any]) -> None:
        """Write the averages, then mark the run as complete."""
        _write(self._path / SUMMARY, summary)
        _write(self._path / MANIFEST, {**self._manifest, "complete": True})


def _end_whole(path: Path) -> None:
    """Remove what was written of a last line that was cut off."""
    data = path.read_bytes()
    whole = data[: data.rfind(b"\n") + 1]
    if whole != data:
        path.write_bytes(whole)


def _write(path: Path, value: Mapping[str, Any]) -> None:
    draft = path.with_suffix(".new")
    draft.write_text(json.dumps(value, indent=1, ensure_ascii=False) + "\n", "utf-8")
    draft.replace(path)
