"""The only chat-model client: one, over HTTP, for every engine.

A GGUF file runs in this process on llama.cpp's own server, which listens on loopback behind a key
of its own; from there on it is one more OpenAI-compatible server. Knows neither articles nor
citations, and trusts no server to end, to be quick, or to make sense.
"""

from __future__ import annotations

import asyncio
import ipaddress
import json
import math
import os
import queue
import re
import secrets
import threading
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias
from urllib.parse import unquote

import httpx

from rag.errors import ModelError, SettingsError, first_line
from rag.types import Message

KEY = "BYLINE_API_KEY"
"""The environment variable that holds the key of a server that wants one."""
PLACES = 4
"""Answers that a server of another process writes at once; the rest wait here, in order."""
POLL = 0.05
"""Seconds between two looks at whether the reader has stopped or the time is up."""
PATIENCE = 5.0
"""Seconds for anything but an answer: which models there are, how many tokens a text has. A server
that hangs keeps everyone who asks waiting so long."""
BATCH = 128
"""Tokens that llama.cpp reads between two looks at whether the reader has hung up. On two cores
it then stops within half a second, with its own 2048 after 19, and reads as fast."""
BUFFERS = 256 << 20
"""Bytes that llama.cpp takes beside weights and cache; 150 MB measured with a model of 0.5B."""
CACHED = 40_000
"""Tokens whose keys and values take as much memory as the weights, of a model in 4 bits: between
31,000 and 75,000 for Qwen2.5 and Llama 3 of 0.5B to 14B, more for larger ones."""
_REPLY = 4 << 20
"""Bytes that a reply may have; an answer's, 4096 more for each token asked for."""
_DONE = "[DONE]"
_CGROUP = Path("/sys/fs/cgroup")
_Pieces: TypeAlias = "queue.SimpleQueue[str | Exception | None]"
_FORMS = (
    "Give the path of a .gguf file, the address of an OpenAI-compatible server "
    "(http://127.0.0.1:11434/v1#NAME), or a file on a hub (hf://OWNER/NAME/FILE.gguf)."
)

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
                _clients[wanted] = _run(path, context_tokens, timeout)
        return _clients[wanted]


class Turns:
    """The queue before a server: first come, first served, `places` at once."""

    def __init__(self, places: int) -> None:
        self._places = self._free = places
        self._waiting: deque[threading.Event] = deque()
        self._lock = threading.Lock()

    def take(self, seconds: float, stopped: Callable[[], bool]) -> bool:
        """Wait for a turn; False when `stopped` says so first. A turn taken must be left.

        `seconds` is what one turn may last. Raises ModelError when all who stood before should
        have been through: `seconds`, and one more, for each round of `places` before it.
        """
        ticket = threading.Event()
        with self._lock:
            rounds = 1 + len(self._waiting) // self._places
            limit = time.monotonic() + (seconds + 1) * rounds
            self._waiting.append(ticket)
            self._call()
        taken = False
        try:
            while not ticket.wait(POLL):
                if stopped():
                    return False
                if time.monotonic() > limit:
                    raise ModelError("The model is busy with others' answers. Ask again later.")
            taken = True
            return True
        finally:
            if not taken:
                with self._lock:
                    if ticket in self._waiting:
                        self._waiting.remove(ticket)
                    else:  # Called in the meantime.
                        self._free += 1
                    self._call()

    def leave(self) -> None:
        """Give the turn to the next who waits."""
        with self._lock:
            self._free += 1
            self._call()

    def _call(self) -> None:
        while self._free and self._waiting:
            self._free -= 1
            self._waiting.popleft().set()


class ChatClient:
    """A chat model behind an OpenAI-compatible server: a `ChatModel`.

    `model` is the server's name of it, "" for the first that the server lists. Raises ModelError
    when the server cannot be reached or lists none.
    """

    def __init__(
        self, server: _Server, model: str = "", context_tokens: int = 4096, timeout: float = 120.0
    ) -> None:
        self._server, self._timeout = server, timeout
        self._turns = Turns(1 if server.engine else PLACES)
        contexts = server.models()
        self._model = model or next(iter(contexts), "")
        if not self._model:
            raise ModelError(f"{server.name} has no model. Load one there first.")
        self.name = Path(self._model).name if self._model.endswith(".gguf") else self._model
        # llama.cpp takes a grammar, counts tokens, and says its context; of others vLLM says it.
        context = server.llama_context()
        self._is_llama = context > 0
        context = context or contexts.get(self._model, 0)
        self.context = min(context_tokens, context or context_tokens)

    def count_tokens(self, text: str) -> int:
        """Tokens of a text, as llama.cpp counts them; for another server `estimated_tokens`."""
        return self._server.count_tokens(text) if self._is_llama else estimated_tokens(text)

    def write(
        self,
        messages: Sequence[Message],
        max_tokens: int,
        grammar: str = "",
        stopped: Callable[[], bool] = lambda: False,
    ) -> Iterator[str]:
        """Yield the answer piece by piece, thoughts left out, until it ends or `stopped` says so.

        Waits for its turn; from then on the whole answer has `timeout` seconds. Raises ModelError
        when the server fails, makes no sense, or is not done in time; what came before stands.
        Closing the iterator ends the answer on the server too, as `stopped` does.
        """
        body: dict[str, Any] = {
            "model": self._model,
            "messages": [dict(message) for message in messages],
            "max_tokens": max_tokens,
            "stream": True,
            "temperature": 0,
            "seed": 0,
        }
        if self._is_llama:
            body |= {"cache_prompt": True, "chat_template_kwargs": {"enable_thinking": False}}
            body |= {"grammar": grammar} if grammar else {}
        if not self._turns.take(self._timeout, stopped):
            return
        pieces: _Pieces = queue.SimpleQueue()
        ended = threading.Event()
        reader = threading.Thread(
            target=self._read, args=(body, pieces, ended), name="byline-model", daemon=True
        )
        try:
            reader.start()
        except RuntimeError as error:
            self._turns.leave()
            raise ModelError(
                f"There are too many threads to ask {self._server.name} ({error}). Ask again later."
            ) from error
        visible = _Visible()
        try:
            while not stopped():
                try:
                    piece = pieces.get(timeout=POLL)
                except queue.Empty:
                    continue
                if isinstance(piece, Exception):
                    raise piece
                text = visible.rest() if piece is None else visible.of(piece)
                if text:
                    yield text
                if piece is None:
                    return
        finally:
            ended.set()

    def _read(self, body: Mapping[str, Any], pieces: _Pieces, ended: threading.Event) -> None:
        """The thread of one answer: put its pieces, then None or what went wrong."""
        try:
            asyncio.run(self._in_time(body, pieces, ended))
            pieces.put(None)
        except Exception as error:
            pieces.put(error)
        finally:
            self._turns.leave()

    async def _in_time(
        self, body: Mapping[str, Any], pieces: _Pieces, ended: threading.Event
    ) -> None:
        """Read until the answer, the reader, or the time is at its end; then hang up."""
        limit = time.monotonic() + self._timeout
        reading = asyncio.ensure_future(self._answer(body, pieces))
        while not (reading.done() or ended.is_set()) and (left := limit - time.monotonic()) > 0:
            await asyncio.wait({reading}, timeout=min(POLL, left))
        if reading.done():
            reading.result()
            return
        # Wherever it waits: to connect, for the first word or the next. llama.cpp then stops too.
        reading.cancel()
        if not ended.is_set():
            raise ModelError(
                f"{self._server.name} did not finish its answer within {self._timeout:g} seconds. "
                "Raise model_timeout, or choose a smaller model or fewer prompt_passages."
            )

    async def _answer(self, body: Mapping[str, Any], pieces: _Pieces) -> None:
        """Put the pieces of text that the server sends. Raises ModelError."""
        # A token has some four characters, rarely more than ten.
        limit = characters = 32 * body["max_tokens"] + 1024
        answers = done = False
        async for event in self._server.events(body):
            choice = _at(event, "choices", 0)
            message = _at(choice, "delta") or _at(choice, "message")
            text = _at(message, "content")
            if _at(event, "error") or not isinstance(text, str | None):
                raise self._server.fault(200, event)
            if text:
                pieces.put(text)
                characters -= len(text)
            answers = answers or choice is not None
            done = done or event == _DONE or _at(choice, "finish_reason") is not None
            if characters < 0:
                raise ModelError(
                    f"{self._server.name} wrote more than {limit} characters when asked for "
                    f"{body['max_tokens']} tokens. Choose another model."
                )
        if not answers:
            raise self._server.fault(200, None)
        if not done:
            raise self._server.broken("the answer broke off")


class _Server:
    """An OpenAI-compatible server, and how its replies are read and its faults told.

    `address` ends in "/v1" as a rule. `name` is what messages call it. `key` goes to the server
    and nowhere else: messages do not repeat it where the server does. `engine` is the server
    itself where it runs in this process.
    """

    def __init__(self, address: str, name: str, key: str, engine: object = None) -> None:
        self.name, self.engine, self._key = name, engine, key
        self._address, self._root = address, address.removesuffix("/v1")
        self._names: list[str] = []
        # A proxy from the environment has no business on loopback, and a connection kept open
        # may be closed at the other end just when it is used again.
        trusting = not _is_loopback(httpx.URL(address).host)
        self._options: dict[str, Any] = {
            "headers": {"Accept-Encoding": "identity", "Content-Type": "application/json"}
            | ({"Authorization": f"Bearer {key}"} if key else {}),
            "trust_env": trusting,
            "verify": httpx.create_ssl_context(trust_env=trusting),
            "limits": httpx.Limits(max_keepalive_connections=0),
        }
        self._http = httpx.Client(timeout=PATIENCE, **self._options)

    def models(self) -> dict[str, int]:
        """The models that it lists, and the context that it says they have, 0 where it does not."""
        status, reply = self._call("GET", f"{self._address}/models")
        rows = _at(reply, "data")
        if status != 200 or not (isinstance(rows, list) or _at(reply, "object") == "list"):
            raise self.fault(status, reply)
        contexts = {_at(row, "id"): _whole(_at(row, "max_model_len")) for row in rows or []}
        self._names = [name for name in contexts if isinstance(name, str) and name]
        return {name: contexts[name] for name in self._names}

    def llama_context(self) -> int:
        """The context that llama.cpp's server has; 0 for a server of another kind."""
        status, reply = self._call("GET", f"{self._root}/props")
        return _whole(_at(reply, "default_generation_settings", "n_ctx")) if status == 200 else 0

    def count_tokens(self, text: str) -> int:
        status, reply = self._call("POST", f"{self._root}/tokenize", {"content": text})
        if status != 200 or not isinstance(tokens := _at(reply, "tokens"), list):
            raise self.fault(status, reply)
        return len(tokens)

    def _call(self, method: str, url: str, body: object = None) -> tuple[int, Any]:
        """Status and JSON of a short reply, None for what is no JSON. Raises ModelError."""
        content, limit = b"", time.monotonic() + PATIENCE
        sent = json.dumps(body) if body else None
        try:
            with self._http.stream(method, url, content=sent) as response:
                for chunk in response.iter_bytes():
                    content += chunk
                    if len(content) > _REPLY or time.monotonic() > limit:
                        raise self.broken("its reply has no end")
        except httpx.HTTPError as error:
            raise self.broken(self._shortly(error)) from error
        return response.status_code, _json(content)

    async def events(self, body: Mapping[str, Any]) -> AsyncIterator[Any]:
        """What it sends on a chat: the JSON of each event, or of its one reply; `_DONE` as it is.

        Raises ModelError; its time is the caller's to bound.
        """
        options = self._options | {"timeout": httpx.Timeout(None, connect=10)}
        url, room, rest = f"{self._address}/chat/completions", _REPLY, b""
        room += 4096 * body["max_tokens"]
        try:
            async with (
                httpx.AsyncClient(**options) as client,
                client.stream("POST", url, content=json.dumps(body)) as response,
            ):
                is_stream = response.status_code == 200 and "json" not in response.headers.get(
                    "content-type", ""
                )
                async for chunk in response.aiter_bytes():
                    rest += chunk
                    room -= len(chunk)
                    if room < 0 or len(rest) > _REPLY:
                        raise self.broken("its reply has no end")
                    if is_stream:
                        *lines, rest = rest.split(b"\n")
                        for line in lines:
                            if line.startswith(b"data:"):
                                yield self._event(line[5:])
        except httpx.HTTPError as error:
            raise self.broken(self._shortly(error)) from error
        if response.status_code != 200:
            raise self.fault(response.status_code, _json(rest))
        if rest.strip():
            yield self._event(rest.removeprefix(b"data:"))

    def _event(self, data: bytes) -> Any:
        if data.strip() == _DONE.encode():
            return _DONE
        if (value := _json(data)) is None:
            raise self.fault(200, None)
        return value

    def _shortly(self, said: str | Exception) -> str:
        """What the server said, or an error that may repeat it, short and without the key."""
        text = str(said) or type(said).__name__
        return first_line(ValueError(text.replace(self._key, "…") if self._key else text))

    def broken(self, reason: str) -> ModelError:
        return ModelError(
            f"{self.name} could not be reached, or broke off ({reason}). Is it running? Start it "
            "again, or give another model."
        )

    def fault(self, status: int, reply: object) -> ModelError:
        """What a status and a reply, None for one that is no JSON, mean for the user."""
        said = _at(reply, "error", "message") or _at(reply, "error")
        if status in (401, 403):
            return ModelError(
                f"{self.name} refuses the request ({status}). Put its key into the environment "
                f"variable {KEY}."
            )
        if 300 <= status < 400:
            return ModelError(
                f"{self.name} sends on to another address ({status}), which is not followed. Give "
                "the address that answers."
            )
        if status == 404 and self._names:
            return ModelError(
                f"{self.name} has no such model (404). It has: {', '.join(self._names[:20])}."
            )
        if isinstance(said, str):
            return ModelError(
                f"{self.name} failed ({status}: {self._shortly(said)}). Its log says more; fewer "
                "context_tokens or another model may help."
            )
        return ModelError(
            f"{self.name} does not answer as an OpenAI-compatible server does ({status}). Check "
            "the address, which ends in /v1, and the server's log."
        )


class _Visible:
    """Drops what stands between <think> and </think>, however the tags fall into pieces."""

    def __init__(self) -> None:
        self._held, self._thinks = "", False

    def of(self, piece: str) -> str:
        """What `piece` adds for the reader; what may be the beginning of a tag is held back."""
        self._held += piece
        shown = ""
        while True:
            tag = "</think>" if self._thinks else "<think>"
            before, found, after = self._held.partition(tag)
            if not found:
                break
            shown += "" if self._thinks else before
            self._held, self._thinks = after, not self._thinks
        begun = next(n for n in range(len(tag) - 1, -1, -1) if self._held.endswith(tag[:n]))
        cut = len(self._held) - begun
        shown += "" if self._thinks else self._held[:cut]
        self._held = self._held[cut:]
        return shown

    def rest(self) -> str:
        """What was held back and is no tag after all, as nothing more comes."""
        return "" if self._thinks else self._held


def estimated_tokens(text: str) -> int:
    """More tokens than a text has, as a rule, where nobody counts them.

    A token for every three ASCII characters, one for every digit, and one for every byte beyond
    ASCII in UTF-8, the most that a vocabulary with byte tokens can need. Measured with Qwen2.5's
    vocabulary: 1.6 times the tokens of English news, 2.4 times those of Khmer, 2.7 of Urdu.
    """
    digits = sum("0" <= letter <= "9" for letter in text)
    plain = sum(map(str.isascii, text))
    beyond = len(text.encode("utf-8", "surrogatepass")) - plain
    return math.ceil((plain - digits) / 3) + digits + beyond


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
    if not (allow_remote or _is_loopback(url.host)):
        raise SettingsError(
            f"The model server {url.host} is not this machine: article text would be sent there. "
            "Allow it with --allow-remote, or give an address on 127.0.0.1."
        )
    key = os.environ.get(KEY, "").strip()
    if not (key.isascii() and key.isprintable()):
        raise SettingsError(f"The key in {KEY} holds characters that no key has. Set it anew.")
    address = str(url.copy_with(path=url.path.rstrip("/") or "/v1", fragment=None))
    server = _Server(address, f"The model server {address}", key)
    client = ChatClient(server, unquote(url.fragment), context_tokens, timeout)
    if not allow_remote and client.name.lower().endswith(("-cloud", ":cloud")):
        raise SettingsError(
            f"Ollama runs {client.name} on its own machines: article text would be sent there. "
            "Allow it with --allow-remote, or choose a model that runs here."
        )
    return client


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _download(name: str) -> Path:
    """Where the file of a hub is on this machine, downloaded if need be. Raises ModelError."""
    owner, model, file = (*name.removeprefix("hf://").split("/", 2), "", "")[:3]
    if not (owner and model and file.lower().endswith(".gguf")):
        raise ModelError(f"{name} names no GGUF file. {_FORMS}")
    from huggingface_hub import hf_hub_download

    try:
        return Path(hf_hub_download(f"{owner}/{model}", file))
    except Exception as error:
        raise ModelError(
            f"{name} could not be downloaded ({first_line(error)}). Check the name and the "
            "connection; for a model behind terms, accept them and run 'hf auth login'. Or "
            "download the file yourself and give its path."
        ) from error


def _run(path: Path, context_tokens: int, timeout: float) -> ChatClient:
    """A client for llama.cpp's server in this process with the model of a file."""
    if not path.is_file():
        raise ModelError(f"There is no model file {path}. {_FORMS}")
    try:
        import psutil  # type: ignore[import-untyped]
        import xllamacpp  # type: ignore[import-untyped]
    except ImportError as error:
        raise ModelError(
            f"A model file needs llama.cpp ({first_line(error)}): pip install 'byline[local]'"
        ) from error
    _check_file(path, context_tokens, psutil.virtual_memory().available)
    params, key = xllamacpp.CommonParams(), secrets.token_urlsafe(32)
    params.model.path = str(path)
    params.model_alias = {path.name}
    params.n_ctx, params.n_parallel = context_tokens, 1
    params.n_batch = params.n_ubatch = BATCH
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = _cores()
    # A reader's prompt is rarely another's: no prompts kept in memory beside the last one.
    params.cache_ram_mib = 0
    params.hostnames, params.port, params.api_keys = ["127.0.0.1"], 0, [key]
    params.cors_origins, params.cors_origins_explicit = "", True
    params.ui = params.endpoint_slots = False
    params.offline, params.verbosity = True, -1
    try:
        engine = xllamacpp.Server(params)
    except RuntimeError as error:
        raise ModelError(
            f"The model file {path} could not be loaded ({first_line(error)}). It may be cut short "
            "or damaged: download it again. Or it is newer than llama.cpp: pip install -U xllamacpp"
        ) from error
    server = _Server(f"{engine.listening_address}/v1", f"The model {path.name}", key, engine)
    return ChatClient(server, path.name, context_tokens, timeout)


def _check_file(path: Path, context_tokens: int, available: int) -> None:
    """Raise ModelError for a file of another format, and for one that memory does not suffice for.

    `available` is the machine's, in bytes; in a container its own limit (cgroup v2) counts too.
    """
    try:
        weights = path.stat().st_size
        with path.open("rb") as file:
            magic = file.read(4)
    except OSError as error:
        raise ModelError(f"The model file {path} cannot be read ({first_line(error)}).") from error
    if magic != b"GGUF":
        raise ModelError(
            f"{path} is no GGUF file. Give a language model in llama.cpp's format, and download "
            "it again if it should be one."
        )
    limit, used = _cgroup("memory.max"), _cgroup("memory.current")
    if limit.isdecimal() and used.isdecimal():
        # What is used only to keep pages of files can be had.
        pages = re.findall(r"^(?:in)?active_file (\d+)$", _cgroup("memory.stat"), re.M)
        available = min(available, int(limit) - int(used) + sum(map(int, pages)))
    cache = weights * context_tokens // CACHED
    needed = weights + cache + BUFFERS
    if needed > available:
        raise ModelError(
            f"{path.name} needs some {needed / 1e9:.2f} GB of memory ({weights / 1e9:.2f} for the "
            f"model, {cache / 1e9:.2f} for {context_tokens} context_tokens, {BUFFERS / 1e9:.2f} "
            f"for buffers); {max(0, available) / 1e9:.2f} GB are free. Choose a smaller model or "
            "quantisation, or fewer context_tokens."
        )


def _cores() -> int:
    """Processor cores that this process may use; in a container, of its quota (cgroup v2)."""
    affinity = getattr(os, "sched_getaffinity", None)
    cores = len(affinity(0)) if affinity else os.cpu_count() or 1
    quota, _, period = _cgroup("cpu.max").partition(" ")
    if quota.isdecimal() and period.isdecimal():
        cores = min(cores, math.ceil(int(quota) / int(period)))
    return max(1, cores)


def _cgroup(name: str) -> str:
    try:
        return (_CGROUP / name).read_text("ascii").strip()
    except OSError:
        return ""


def _json(data: bytes) -> Any:
    """The value of a JSON text; None for any other."""
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        return None


def _at(value: object, *path: str | int) -> Any:
    """What stands at `path` in a JSON value that may be of any shape; None where nothing does."""
    for step in path:
        if isinstance(value, Mapping) and isinstance(step, str):
            value = value.get(step)
        elif isinstance(value, list) and isinstance(step, int) and step < len(value):
            value = value[step]
        else:
            return None
    return value


def _whole(value: object) -> int:
    return value if isinstance(value, int) and value > 0 else 0
