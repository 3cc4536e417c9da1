"""Packs as files: JSON, or a zip of the JSON and its page. Nothing is unpacked to disk."""

from __future__ import annotations

import io
import json
import stat
import struct
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rag.errors import InputError
from rag.pack.contents import PAGE, parse
from rag.pack.page import evidence_html
from rag.text.outside import json_value

VALUES, PAGE_NAME = "evidence.json", "evidence.html"
LARGEST = 8_000_000
"""The largest pack, in bytes, and the largest unpacked file of a zip."""
_DIRECTORY, _END = 46, 22
"""Bytes of an entry of a zip's directory without its name, and of what ends the zip."""
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

    Raises InputError for a file that is no pack, is too large, holds anything else, or whose page
    differs from what its JSON gives; the page of another version (`PAGE`) is not compared.
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
        data, page = _unpacked(data)
    values: dict[str, Any] = json_value(
        data.decode("utf-8-sig"), object_pairs_hook=_object, parse_constant=_no_number
    )
    pack = parse(values)
    if page is not None and pack.page == PAGE and page != evidence_html(values).encode("utf-8"):
        raise ValueError(
            f"its page {PAGE_NAME} does not say what {VALUES} says, so do not rely on that page; "
            f"take {VALUES} out of the zip to verify it alone"
        )
    return values


def _unpacked(data: bytes) -> tuple[bytes, bytes]:
    """The contents of the two files of a zip, values and page.

    Raises ValueError unless it is these, and not a byte besides: of two zips in one file, of names
    that differ by their case, or of sizes that contradict each other, programs read this or that.
    """
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        entries = sorted(archive.infolist(), key=lambda entry: entry.header_offset)
    if sorted(entry.filename for entry in entries) != sorted((VALUES, PAGE_NAME)):
        raise ValueError(f"a zipped pack holds {VALUES} and {PAGE_NAME}, and nothing else")
    contents, place = {}, 0
    for entry in entries:
        if not _is_plain(entry):
            raise ValueError(f"{entry.filename} is zipped in an unusual way")
        header = entry.FileHeader()
        start, end = place + len(header), place + len(header) + entry.compress_size
        if entry.header_offset != place or data[place:start] != header:
            raise ValueError(f"{entry.filename} is not where the zip says, or is another file")
        contents[entry.filename], place = _inflated(data[start:end], entry), end
    directory = sum(_DIRECTORY + len(entry.filename) for entry in entries)
    if len(data) != place + directory + _END:
        raise ValueError("there is more in it than the two files")
    return contents[VALUES], contents[PAGE_NAME]


def _is_plain(entry: zipfile.ZipInfo) -> bool:
    """Whether an entry is a file, stored or deflated, of which nothing more is said."""
    said = entry.flag_bits, entry.extra, entry.comment
    kind = stat.S_IFMT(entry.external_attr >> 16)
    ways = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
    return said == (0, b"", b"") and kind in (0, stat.S_IFREG) and entry.compress_type in ways


def _inflated(data: bytes, entry: zipfile.ZipInfo) -> bytes:
    """The content of an entry, of exactly the size and the checksum that it says."""
    content, whole = data[: LARGEST + 1], True
    if entry.compress_type == zipfile.ZIP_DEFLATED:
        stream = zlib.decompressobj(-zlib.MAX_WBITS)
        content = stream.decompress(data, LARGEST + 1)
        whole = stream.eof and not stream.unused_data
    if len(content) > LARGEST:
        raise ValueError(f"{entry.filename} has more than {LARGEST:,} bytes")
    if not whole or len(content) != entry.file_size or zlib.crc32(content) != entry.CRC:
        raise ValueError(f"{entry.filename} is damaged")
    return content


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """A JSON object without duplicate keys: of two, readers may take either."""
    values = dict(pairs)
    if len(values) < len(pairs):
        raise ValueError("a key comes twice in one object")
    return values


def _no_number(text: str) -> float:
    raise ValueError(f"{text} is no number of JSON")
