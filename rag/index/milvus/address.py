"""Addresses of archives in Milvus, as users write them. Needs no pymilvus."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

from rag.errors import SettingsError

KINDS = ("FLAT", "HNSW")
"""The kinds of vector index: exact search, and a graph that is searched in part."""
SPARSE, ENGINE = WORDS = ("sparse", "engine")
"""How an engine finds passages by their words: by sparse vectors that Byline makes, or by a BM25 of
its own."""
_SCHEMES = {"milvus+http": "http", "milvus+https": "https"}
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,99}")
_HOST = re.compile(r"[\w.:-]+", re.ASCII)
_FORM = "Write milvus+http://HOST:19530/NAME, or the path of a .db file for milvus-lite."


@dataclass(frozen=True, slots=True)
class Address:
    """Where an archive is: the engine's `uri`, and the `name` of the archive there.

    `kind` is the kind of vector index that a build makes, None to choose by size; `words`, one of
    `WORDS`, is how it is to find words, None for what suits it. `text` is how the address is shown.
    """

    uri: str
    name: str
    text: str
    kind: str | None = None
    words: str | None = None

    @property
    def lite(self) -> bool:
        """Whether it is a file of milvus-lite, which runs in this process."""
        return "://" not in self.uri


def parse(index: str | Path) -> Address | None:
    """Read an address; None for what names a folder.

    Raises SettingsError, with a remedy, for an address that is none.
    """
    text = str(index)
    scheme, sign, _ = text.partition("://")
    if sign and scheme in _SCHEMES:
        return _server(text)
    if sign or (isinstance(index, str) and re.match(r"milvus\W", text)):
        raise SettingsError(f"{_shown(text)!r} is no address of a store. {_FORM}")
    named, _, query = text.partition(".db?")
    path = Path(f"{named}.db" if query else text)
    if path.suffix != ".db" or (path / "CURRENT").exists():
        return None
    if path.is_file():
        raise SettingsError(
            f"{path} is a file, and milvus-lite makes a folder of that name. Name another .db."
        )
    return Address(str(path.absolute()), "byline", str(path), *_options(query))


def _server(text: str) -> Address:
    try:
        parts = urlsplit(text)
        port = parts.port or 19530
    except ValueError:
        raise SettingsError(f"Host and port of the store cannot be read. {_FORM}") from None
    if parts.username is not None or parts.password is not None:
        raise SettingsError(
            "The address of a store holds no password, as it is shown in messages. Put it in the "
            "variable BYLINE_STORE_TOKEN, as USER:PASSWORD, and leave it out of the address."
        )
    name, host = parts.path.strip("/"), parts.hostname or ""
    if not _HOST.fullmatch(host) or not _NAME.fullmatch(name) or parts.fragment:
        raise SettingsError(
            f"{_shown(text)!r} names no archive: after host and port comes its name, of letters, "
            f"digits and _. {_FORM}"
        )
    host = f"[{host}]" if ":" in host else host
    uri = f"{_SCHEMES[parts.scheme]}://{host}:{port}"
    return Address(uri, name, f"milvus+{uri}/{name}", *_options(parts.query))


def _options(query: str) -> tuple[str | None, str | None]:
    """The kind of vector index and the words that an address asks for, as ?index=HNSW."""
    asked = dict(parse_qsl(query, keep_blank_values=True))
    kind, words = asked.pop("index", None), asked.pop("words", None)
    kind = kind and kind.upper()
    if asked or kind not in (None, *KINDS) or words not in (None, *WORDS):
        raise SettingsError(
            f"The store's address takes ?index={' or ?index='.join(KINDS)}, and "
            f"?words={' or ?words='.join(WORDS)}, and nothing else: it is shown in messages."
        )
    return kind, words


def _shown(text: str) -> str:
    """As much of what was typed as can hold no password or token."""
    return re.split("[?#]", text.rpartition("@")[2])[0]
