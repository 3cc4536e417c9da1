"""What CURRENT of an index says: the snapshot in force, and the one before it. One form only."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from rag.text.outside import json_value


@dataclass(frozen=True, slots=True)
class Pointer:
    """A snapshot: its id, and the SHA-256 of its manifest."""

    snapshot: str
    manifest_sha256: str


def to_bytes(now: Pointer, before: Pointer | None) -> bytes:
    """Return what CURRENT holds for the snapshot in force and the one that is kept."""
    values = asdict(now) | ({"earlier": asdict(before)} if before else {})
    return (json.dumps(values) + "\n").encode()


def parse(data: bytes) -> tuple[Pointer, Pointer | None]:
    """Read what `to_bytes` makes. Raises ValueError for anything else.

    Only plain names may lead on: nothing outside the index folder is ever read.
    """
    try:
        values = json_value(data)
        before = values.pop("earlier", None)
        now, kept = Pointer(**values), Pointer(**before) if before else None
        for name in (one.snapshot for one in (now, kept) if one):
            if Path(name).name != name or name in ("", ".", ".."):
                raise ValueError(name)
    except (TypeError, AttributeError) as error:
        raise ValueError(str(error)) from None
    if to_bytes(now, kept) != data:
        raise ValueError("it has another form")
    return now, kept


def is_one(path: Path | None) -> bool:
    """Whether a file looks like CURRENT, damaged or not."""
    try:
        values = json_value(path.read_bytes()) if path else None
    except (OSError, ValueError):
        return False
    named = {"snapshot", "manifest_sha256"}
    return isinstance(values, dict) and values.keys() - {"earlier"} == named
