"""From a name to a chat model: a GGUF file, a server's address, or a file on a model hub.

Owns what may be reached: only this machine, unless the user allows another.
"""

from __future__ import annotations

import os
import threading
from pathlib import Path
from urllib.parse import unquote

import httpx

from rag.errors import ModelError, SettingsError, first_line
from rag.models.chat.client import ChatClient
from rag.models.chat.local import serve
from rag.models.chat.server import KEY, Server, is_loopback
from rag.wording import note

_FORMS = note("model_forms")

_clients: dict[tuple[str, bool, int, float], ChatClient] = {}
_loading = threading.Lock()


def load(
    name: str, allow_remote: bool = False, context_tokens: int = 4096, timeout: float = 120.0
) -> ChatClient:
    """Load or reach the model `name`, once for the same arguments, whichever thread asks.

    `name`: a .gguf file, http(s)://HOST:PORT/v1#NAME, or hf://OWNER/NAME/FILE.gguf. `timeout`:
    seconds that an answer may take. Raises SettingsError for an address that is refused, and
    ModelError for a model that cannot be loaded or reached; neither is remembered.
    """
    wanted = (name, allow_remote, context_tokens, timeout)
    with _loading:
        if wanted not in _clients:
            if name.lower().startswith(("http://", "https://")):
                _clients[wanted] = _reach(*wanted)
            else:
                path = _download(name) if name.startswith("hf://") else Path(name).expanduser()
                _clients[wanted] = _open(path, context_tokens, timeout)
        return _clients[wanted]


def _reach(name: str, allow_remote: bool, context_tokens: int, timeout: float) -> ChatClient:
    """A client for the server at an address. Raises SettingsError for one that is refused."""
    try:
        url = httpx.URL(name)
    except httpx.InvalidURL as error:
        raise SettingsError(
            f"That is no address of a server ({first_line(error)}). {_FORMS}"
        ) from None
    # Not repeated in the message: it may hold a password.
    if url.userinfo or url.query:
        raise SettingsError(
            "The address of a model server holds no name, password or query. Put the server's key "
            f"into the environment variable {KEY}."
        )
    if not (allow_remote or is_loopback(url.host)):
        raise SettingsError(
            f"The model server {url.host} is not this machine: article text would be sent there. "
            "Allow it with --allow-remote, or give an address on 127.0.0.1."
        )
    key = os.environ.get(KEY, "").strip()
    if not (key.isascii() and key.isprintable()):
        raise SettingsError(f"The key in {KEY} holds characters that no key has. Set it anew.")
    address = str(url.copy_with(path=url.path.rstrip("/") or "/v1", fragment=None))
    server = Server(address, note("model_server", address=address), key)
    client = ChatClient(server, unquote(url.fragment), context_tokens, timeout)
    if not allow_remote and is_cloud(client.name):
        raise SettingsError(
            f"Ollama runs {client.name} on its own machines: article text would be sent there. "
            "Allow it with --allow-remote, or choose a model that runs here."
        )
    return client


def is_cloud(name: str) -> bool:
    """Whether Ollama runs the model of a name on its own machines."""
    return name.lower().endswith(("-cloud", ":cloud"))


def _open(path: Path, context_tokens: int, timeout: float) -> ChatClient:
    """A client for llama.cpp in this process with the model of a file."""
    if not path.is_file():
        raise ModelError(note("model_file_missing", path=str(path), forms=_FORMS))
    return ChatClient(serve(path, context_tokens), path.name, context_tokens, timeout)


def _download(name: str) -> Path:
    """The path of a hub's file on this machine, downloaded if need be. Raises ModelError."""
    owner, model, file = (*name.removeprefix("hf://").split("/", 2), "", "")[:3]
    if not (owner and model and file.lower().endswith(".gguf")):
        raise ModelError(note("model_name_unfit", name=name, forms=_FORMS))
    from huggingface_hub import hf_hub_download

    try:
        return Path(hf_hub_download(f"{owner}/{model}", file))
    except Exception as error:
        raise ModelError(
            note("model_not_downloaded", name=name, error=first_line(error))
        ) from error
