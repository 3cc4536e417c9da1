"""Packs as files: JSON, or a zip of the JSON and its page. Nothing is unpacked to disk."""

from __future__ import annotations

import io
import json
import struct
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rag.errors import InputError
from rag.pack.contents import PAGE, parse
from rag.pack.page import evidence_html

VALUES, PAGE_NAME = "evidence.json", "evidence.html"
LARGEST = 8_000_000
"""The largest pack, in bytes, and the largest unpacked file of a zip."""
_BROKEN = (
    zipfile.BadZipFile, zlib.error, struct.error, EOFError, OSError, OverflowError, RuntimeError,
    ValueError, KeyError, IndexError,
)  # fmt: skip


def bundle(pack: Mapping[str, Any]) -> bytes:
    """Return a zip of evidence.json and evidence.html; the same bytes for the same pack."""
    text = json.dumps(pack, ensure_ascii=False, indent=1) + "\n"
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in ((VALUES, text), (PAGE_NAME, evidence_html(pack))):
            entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 3  # The same on every system; with the rights that follow.
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, content.encode("utf-8"))
    return buffer.getvalue()


def load(path: str | Path) -> dict[str, Any]:
    """Read a pack from a file, evidence.json or a zip with it; its quotes are not verified.

    Raises InputError for a file that is no pack, is too large, or whose page differs from what its
    JSON gives.
    """
    try:
        with Path(path).open("rb") as file:
            data = file.read(LARGEST + 1)
    except OSError as error:
        raise InputError(
            f"{path} cannot be read ({error.strerror or error}). Name an evidence pack: "
            f"{VALUES}, or the zip with it."
        ) from None
    try:
        return _loaded(data)
    except RecursionError:
        problem = "it is nested too deep"
    except _BROKEN as error:
        problem = str(error) or type(error).__name__
    raise InputError(
        f"{path} is no whole evidence pack: {problem}. Get the pack again from whoever made it, "
        "as a file that nothing has changed."
    )


def _loaded(data: bytes) -> dict[str, Any]:
    """Raises ValueError, or one of the errors of a broken zip."""
    if len(data) > LARGEST:
        raise ValueError(f"it has more than {LARGEST:,} bytes")
    page = None
    if data.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            found, page = _unpacked(archive, VALUES), _unpacked(archive, PAGE_NAME)
        if found is None:
            raise ValueError(f"there is no {VALUES} in it")
        data = found
    values: dict[str, Any] = json.loads(
        data.decode("utf-8-sig"), object_pairs_hook=_object, parse_constant=_no_number
    )
    pack = parse(values)
    if page is not None and pack.page == PAGE and page != evidence_html(values).encode("utf-8"):
        raise ValueError(
            f"its page {PAGE_NAME} does not say what {VALUES} says, so do not rely on that page; "
            f"take {VALUES} out of the zip to verify it alone"
        )
    return values


def _unpacked(archive: zipfile.ZipFile, name: str) -> bytes | None:
    """The content of one file of a zip, None without it; other files are ignored."""
    entries = [entry for entry in archive.infolist() if entry.filename == name]
    if len(entries) > 1:
        raise ValueError(f"there is more than one {name} in it")
    if not entries:
        return None
    if entries[0].compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise ValueError(f"{name} is compressed in an unusual way")
    # What the entry says of its size may be wrong.
    with archive.open(entries[0]) as file:
        content = file.read(LARGEST + 1)
    if len(content) > LARGEST:
        raise ValueError(f"{name} has more than {LARGEST:,} bytes")
    return content


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """A JSON object without duplicate keys: of two, readers may take either."""
    values = dict(pairs)
    if len(values) < len(pairs):
        raise ValueError("a key comes twice in one object")
    return values


def _no_number(text: str) -> float:
    raise ValueError(f"{text} is no number of JSON")
