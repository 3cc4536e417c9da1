"""HTTP to an OpenAI-compatible server: its models, its token counts and its streamed answers.

Trusts no server to end, to be quick, or to make sense: replies are bounded in size, and every
failure becomes a ModelError that names the remedy.
"""

from __future__ import annotations

import ipaddress
import json
import time
from collections.abc import AsyncIterator, Mapping
from typing import Any

import httpx

from rag.errors import ModelError, first_line
from rag.text.outside import json_value
from rag.wording import note

KEY = "BYLINE_API_KEY"
"""The environment variable with the key of a server that wants one."""
PATIENCE = 5.0
"""Seconds for anything but an answer: which models there are, how many tokens a text has. A server
that hangs keeps everyone who asks waiting so long."""
_REPLY = 4 << 20
"""Bytes that a reply may have; an answer's, 4096 more for each token asked for."""
_DONE = "[DONE]"


class Server:
    """An OpenAI-compatible server.

    `address` ends in "/v1" as a rule. `name` is what messages call it. `key` goes to the server
    and nowhere else: messages do not repeat it where the server does. `engine` is the server
    itself where it runs in this process. `patience`: seconds for anything but an answer.
    """

    def __init__(
        self,
        address: str,
        name: str,
        key: str,
        engine: object = None,
        patience: float = PATIENCE,
    ) -> None:
        self.name, self.engine, self._key = name, engine, key
        self._patience = patience
        self._address, self._root = address, address.removesuffix("/v1")
        self._names: list[str] = []
        # A proxy from the environment has no business on loopback, and a connection kept open
        # may be closed at the other end just when it is used again.
        trusting = not is_loopback(httpx.URL(address).host)
        self._options: dict[str, Any] = {
            "headers": {"Accept-Encoding": "identity", "Content-Type": "application/json"}
            | ({"Authorization": f"Bearer {key}"} if key else {}),
            "trust_env": trusting,
            "verify": httpx.create_ssl_context(trust_env=trusting),
            "limits": httpx.Limits(max_keepalive_connections=0),
        }
        self._http = httpx.Client(timeout=patience, **self._options)

    def models(self) -> dict[str, int]:
        """The models that it lists, and the context that it says they have, 0 where it does not."""
        status, reply = self._call("GET", f"{self._address}/models")
        rows = _at(reply, "data")
        if status != 200 or not (isinstance(rows, list) or _at(reply, "object") == "list"):
            raise self._fault(status, reply)
        contexts = {_at(row, "id"): _whole(_at(row, "max_model_len")) for row in rows or []}
        self._names = [name for name in contexts if isinstance(name, str) and name]
        return {name: contexts[name] for name in self._names}

    def llama_context(self) -> int:
        """The context that llama.cpp's server has; 0 for a server of another kind."""
        status, reply = self._call("GET", f"{self._root}/props")
        return _whole(_at(reply, "default_generation_settings", "n_ctx")) if status == 200 else 0

    def count_tokens(self, text: str) -> int:
        """The tokens of a text, by llama.cpp's server."""
        status, reply = self._call("POST", f"{self._root}/tokenize", {"content": text})
        if status != 200 or not isinstance(tokens := _at(reply, "tokens"), list):
            raise self._fault(status, reply)
        return len(tokens)

    async def answer(self, body: Mapping[str, Any]) -> AsyncIterator[str]:
        """Yield the pieces of text that it sends on a chat. Raises ModelError.

        Its time is the caller's to bound.
        """
        # A token has some four characters, rarely more than ten.
        limit = characters = 32 * body["max_tokens"] + 1024
        answers = done = False
        async for event in self._events(body):
            choice = _at(event, "choices", 0)
            message = _at(choice, "delta") or _at(choice, "message")
            text = _at(message, "content")
            if _at(event, "error") or not isinstance(text, str | None):
                raise self._fault(200, event)
            if text:
                yield text
                characters -= len(text)
            answers = answers or choice is not None
            done = done or event == _DONE or _at(choice, "finish_reason") is not None
            if characters < 0:
                raise ModelError(
                    note(
                        "model_too_long",
                        server=self.name,
                        characters=str(limit),
                        tokens=str(body["max_tokens"]),
                    )
                )
        if not answers:
            raise self._fault(200, None)
        if not done:
            raise self._broken(note("answer_broke_off"))

    def _call(self, method: str, url: str, body: object = None) -> tuple[int, Any]:
        """Status and JSON of a short reply, None for what is no JSON. Raises ModelError."""
        content, limit = b"", time.monotonic() + self._patience
        sent = json.dumps(body) if body else None
        try:
            with self._http.stream(method, url, content=sent) as response:
                for chunk in response.iter_bytes():
                    content += chunk
                    if len(content) > _REPLY or time.monotonic() > limit:
                        raise self._broken(note("reply_endless"))
        except httpx.HTTPError as error:
            raise self._broken(self._shortened(error)) from error
        return response.status_code, _json(content)

    async def _events(self, body: Mapping[str, Any]) -> AsyncIterator[Any]:
        """The JSON of each event of a chat, or of its one reply; `_DONE` as it is."""
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
                        raise self._broken(note("reply_endless"))
                    if is_stream:
                        *lines, rest = rest.split(b"\n")
                        for line in lines:
                            if line.startswith(b"data:"):
                                yield self._event(line[5:])
        except httpx.HTTPError as error:
            raise self._broken(self._shortened(error)) from error
        if response.status_code != 200:
            raise self._fault(response.status_code, _json(rest))
        if rest.strip():
            yield self._event(rest.removeprefix(b"data:"))

    def _event(self, data: bytes) -> Any:
        if data.strip() == _DONE.encode():
            return _DONE
        if (value := _json(data)) is None:
            raise self._fault(200, None)
        return value

    def _shortened(self, said: str | Exception) -> str:
        """The first line of what the server said, or of an error that may repeat it; no key."""
        text = str(said) or type(said).__name__
        return first_line(ValueError(text.replace(self._key, "…") if self._key else text))

    def _broken(self, reason: str) -> ModelError:
        """The error for a server that was not reached, or that broke off."""
        return ModelError(note("server_unreachable", server=self.name, reason=reason))

    def _fault(self, status: int, reply: object) -> ModelError:
        """The error that a status and a reply (None for one that is no JSON) mean."""
        said = _at(reply, "error", "message") or _at(reply, "error")
        about = {"server": self.name, "status": str(status)}
        if status in (401, 403):
            return ModelError(note("server_refuses", variable=KEY, **about))
        if 300 <= status < 400:
            return ModelError(note("server_redirects", **about))
        if status == 404 and self._names:
            models = ", ".join(self._names[:20])
            return ModelError(note("server_lacks_model", server=self.name, models=models))
        if isinstance(said, str):
            return ModelError(note("server_failed", error=self._shortened(said), **about))
        return ModelError(note("server_incompatible", **about))


def is_loopback(host: str) -> bool:
    """Whether a host is this machine itself, by its name or address."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _json(data: bytes) -> Any:
    """The value of a JSON text; None for any other."""
    try:
        return json_value(data)
    except ValueError:
        return None


def _at(value: object, *path: str | int) -> Any:
    """The value at `path` in a JSON value of any shape; None where there is none."""
    for step in path:
        if isinstance(value, Mapping) and isinstance(step, str):
            value = value.get(step)
        elif isinstance(value, list) and isinstance(step, int) and step < len(value):
            value = value[step]
        else:
            return None
    return value


def _whole(value: object) -> int:
    """A positive whole number; 0 for anything else."""
    return value if isinstance(value, int) and value > 0 else 0
