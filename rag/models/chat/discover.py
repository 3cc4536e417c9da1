"""Finds the language models that are ready on this machine: those of a server at a usual loopback
port, and GGUF files in a folder.

Asks 127.0.0.1 alone, and only which models there are: no key and no text of an article is sent,
no redirect is followed, and whatever else listens at these ports is left out.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from rag.errors import ModelError
from rag.models.chat.load import is_cloud
from rag.models.chat.server import Server
from rag.wording import note

PORTS = {"Ollama": 11434, "LM Studio": 1234, "llama.cpp": 8080}
"""Where each kind of server listens unless it is told otherwise."""
PATIENCE = 1.0
"""Seconds that a server on this machine has to say which models it has."""
MOST = 50
"""Models of one server, and files of the folder, that are listed."""
_NOT_FOR_CHATS = ("embed", "rerank", "whisper", "mmproj", "bge-", "minilm")
"""What names of models hold that do not write."""


@dataclass(frozen=True)
class Found:
    """A model that can write: its `name`, the program that runs it ("" for a file, which Byline
    runs itself), and the `reference` that `rag.models.chat.load` takes."""

    name: str
    program: str
    reference: str


def discover(folder: Path, ports: Mapping[str, int] = PORTS) -> tuple[Found, ...]:
    """Return the models of the servers at these ports of 127.0.0.1, and those of a folder."""
    with ThreadPoolExecutor(len(ports)) as pool:
        served = pool.map(_served, ports, ports.values())
        return (*(one for models in served for one in models), *_files(folder))


def _served(program: str, port: int) -> Sequence[Found]:
    """The models of a server; none where nothing, or no such server, listens."""
    address = f"http://127.0.0.1:{port}/v1"
    server = Server(address, note("model_server", address=address), key="", patience=PATIENCE)
    try:
        names = [name for name in server.models() if _writes(name) and not is_cloud(name)]
    except ModelError:
        return ()
    # A loaded file is named by its path.
    return [
        Found(name.replace("\\", "/").rsplit("/", 1)[-1], program, f"{address}#{quote(name)}")
        for name in names[:MOST]
    ]


def _files(folder: Path) -> Iterator[Found]:
    """The GGUF files of a folder, by name; of a model in several parts the first."""
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError:  # There is none.
        return
    files = (e.name for e in entries if e.name.lower().endswith(".gguf") and e.is_file())
    wanted = [name for name in files if _writes(name) and not _is_later_part(name)]
    for name in wanted[:MOST]:
        yield Found(name, "", str(folder / name))


def _writes(name: str) -> bool:
    return not any(word in name.lower() for word in _NOT_FOR_CHATS)


def _is_later_part(name: str) -> bool:
    """Whether a file is another part than the first, as llama.cpp names them: 00002-of-00003."""
    number, of, _ = name.rpartition("-of-")
    return bool(of) and number[-5:].isdigit() and int(number[-5:]) > 1
