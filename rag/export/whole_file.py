"""Writes files whole or not at all: whoever reads one never sees half of it."""

from __future__ import annotations

import os
import uuid
from pathlib import Path

from rag.errors import InputError
from rag.wording import note


def check_writable(path: Path) -> None:
    """Raise InputError, and change nothing, unless a file may be written at `path`."""
    try:
        if path.exists():
            with path.open("r+b"):  # Other programs may keep it from being written, too.
                return
        draft = _draft(path)
        draft.touch(exist_ok=False)
        draft.unlink()
    except OSError as error:
        raise _unwritable(path, error) from None


def write_whole(path: Path, data: bytes) -> None:
    """Put `data` in place of the file at `path`, in one step. Raises InputError."""
    draft = _draft(path)
    try:
        try:
            with draft.open("xb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            draft.replace(path)
        finally:
            draft.unlink(missing_ok=True)
    except OSError as error:
        raise _unwritable(path, error) from None


def _draft(path: Path) -> Path:
    return path.with_name(f".{path.name[:100]}.{uuid.uuid4().hex[:8]}.part")


def _unwritable(path: Path, error: OSError) -> InputError:
    reason = error.strerror or type(error).__name__
    return InputError(note("file_unwritable", file=str(path), error=reason))
