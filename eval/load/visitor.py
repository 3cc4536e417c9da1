"""A client of a Gradio page that speaks its protocol without a browser.

Knows nothing of what a page is about, or of what is measured.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import secrets
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import httpx
from gradio_client.utils import apply_diff  # type: ignore[import-untyped]

from rag.errors import BylineError, InputError, first_line

PROTOCOL = "sse_v3"
LOOPBACK = ("127.0.0.1", "localhost", "::1")
QUIET_SECONDS = 60
"""How long a server may say nothing; one that works says every 15 seconds that it does."""


class ChatError(BylineError):
    """A page that refuses an event, fails at it, or is gone."""


@dataclass(frozen=True, slots=True)
class Event:
    """An event of a page, the parts that it reads and those that it changes, by their elem_id (""
    without one)."""

    index: int
    trigger: int | None
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """The configuration of a page: its events by the part and the name that set them off."""

    address: str
    prefix: str
    events: Mapping[tuple[str, str], Event]

    def event(self, part: str, name: str) -> Event:
        """Raises ChatError where the page has none."""
        try:
            return self.events[part, name]
        except KeyError:
            raise ChatError(
                f"The page has no event {name!r} of a part {part!r}. Measure a page of this "
                "checkout."
            ) from None


async def read_page(address: str) -> Page:
    """Read the configuration of the page at a loopback address.

    Raises ChatError if it is no such page, and InputError for an address of another machine.
    """
    if urlsplit(address).hostname not in LOOPBACK:
        raise InputError(f"{address} is not on this machine. Measure a page at 127.0.0.1.")
    async with _client(address) as client:
        try:
            response = await client.get("/config")
            response.raise_for_status()
            config = response.json()
        except (httpx.HTTPError, ValueError) as error:
            raise ChatError(f"{address} gives no page ({first_line(error)}).") from None
    if config.get("protocol") != PROTOCOL:
        raise ChatError(
            f"The page speaks {config.get('protocol')!r}, not {PROTOCOL!r}: "
            "pip install 'gradio>=6.21,<7'"
        )
    names = {part["id"]: part["props"].get("elem_id") or "" for part in config["components"]}
    events = {
        (names.get(trigger, ""), name): Event(
            event["id"],
            trigger,
            tuple(names[part] for part in event["inputs"]),
            tuple(names[part] for part in event["outputs"]),
        )
        for event in config["dependencies"]
        for trigger, name in event["targets"]
    }
    return Page(address, config["api_prefix"], events)


class Visitor:
    """A session of its own on a page; `parts` is what each part shows, by its elem_id.

    Used as `async with`: at the end the visitor leaves, and the server is told as by a browser.
    """

    def __init__(self, page: Page) -> None:
        self.page = page
        self.session = secrets.token_hex(6)
        self.parts: dict[str, Any] = {}
        self._client = _client(page.address)

    async def __aenter__(self) -> Visitor:
        await self._client.__aenter__()
        self._here = asyncio.create_task(self._stay())
        return self

    async def __aexit__(self, *raised: object) -> None:
        self._here.cancel()
        await asyncio.gather(self._here, return_exceptions=True)
        await self._client.aclose()

    async def set_off(
        self, part: str, name: str, values: Mapping[str, Any] | None = None, said: Any = None
    ) -> AsyncIterator[None]:
        """Set off an event of a part; one yield for each update, when `parts` holds it.

        `values`: what the parts hold that it reads, by their elem_id; what the server keeps itself
        is not sent. `said`: what the browser says of the event.

        Raises ChatError for an event that is refused or fails, and for a server that is gone.
        """
        event = self.page.event(part, name)
        body = {
            "data": [(values or {}).get(name) for name in event.inputs],
            "event_data": said,
            "fn_index": event.index,
            "trigger_id": event.trigger,
            "session_hash": self.session,
        }
        now: list[Any] = []
        try:
            answer = await self._client.post(f"{self.page.prefix}/queue/join", json=body)
            if answer.is_error:
                raise ChatError(f"refused with {answer.status_code}: {answer.text[:200]}")
            async with contextlib.aclosing(self._messages(answer.json()["event_id"])) as messages:
                async for message in messages:
                    now = _values(message, now)
                    for output, value in zip(event.outputs, now, strict=True):
                        self._change(output, value)
                    yield
        except httpx.HTTPError as error:
            raise ChatError(f"{type(error).__name__}: {first_line(error)}") from None

    async def _messages(self, event: str) -> AsyncGenerator[dict[str, Any], None]:
        """The messages that bring updates of an event, until the server ends the stream."""
        ended = False
        path = f"{self.page.prefix}/queue/data"
        async with self._client.stream("GET", path, params={"session_hash": self.session}) as got:
            if got.is_error:
                raise ChatError(f"no updates, but {got.status_code}")
            async for message in _events(got):
                kind = message["msg"]
                if kind == "unexpected_error":
                    raise ChatError(f"failed: {message.get('message')}")
                if message.get("event_id") != event:
                    continue
                if kind in ("process_generating", "process_completed"):
                    ended = kind == "process_completed"
                    yield message
        if not ended:
            raise ChatError("the server ended the updates before the answer was complete")

    def _change(self, part: str, value: Any) -> None:
        if isinstance(value, dict) and value.get("__type__") == "update":
            if "value" not in value:
                return  # Its looks change, or nothing.
            value = value["value"]
        self.parts[part] = value

    async def _stay(self) -> None:
        """Keep the stream open by whose end the server knows that the visitor has left."""
        path = f"{self.page.prefix}/heartbeat/{self.session}"
        with contextlib.suppress(httpx.HTTPError):  # A server that is gone is told by the events.
            async with self._client.stream("GET", path) as stream:
                async for _ in stream.aiter_raw():
                    pass


def _client(address: str) -> httpx.AsyncClient:
    # Nothing is encrypted on the way to this machine, and no proxy stands between.
    return httpx.AsyncClient(base_url=address, timeout=QUIET_SECONDS, trust_env=False, verify=False)


def _values(message: Mapping[str, Any], before: list[Any]) -> list[Any]:
    """The values of an event's parts; of what goes on, the server sends only what changed."""
    output = message.get("output") or {}
    if not message["success"]:
        raise ChatError(f"failed: {output.get('error') or 'the server does not say why'}")
    data = output["data"]
    if message["msg"] == "process_completed" or not before:
        return list(data)
    return [apply_diff(value, change) for value, change in zip(before, data, strict=True)]


async def _events(response: httpx.Response) -> AsyncIterator[dict[str, Any]]:
    """The JSON of server-sent events.

    Not by httpx's lines, which also end at separators that JSON text may hold.
    """
    rest = b""
    async for piece in response.aiter_bytes():
        *lines, rest = (rest + piece).split(b"\n")
        for line in lines:
            if line.startswith(b"data:"):
                yield json.loads(line.removeprefix(b"data:"))
