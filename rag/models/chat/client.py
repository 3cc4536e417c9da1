"""The chat-model client: one, for every engine behind an OpenAI-compatible server.

Knows neither articles nor citations. Owns the turn, the deadline and the thread of an answer.
"""

from __future__ import annotations

import asyncio
import math
import queue
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

from rag.errors import ModelError
from rag.models.chat.queue import POLL, Turns
from rag.models.chat.server import Server
from rag.types import Message
from rag.wording import note

PLACES = 4
"""Answers that a server of another process writes at once; the rest wait here, in order."""
_Pieces: TypeAlias = "queue.SimpleQueue[str | Exception | None]"


class ChatClient:
    """A chat model behind an OpenAI-compatible server: a `ChatModel`.

    `model` is the server's name of it, "" for the first that the server lists. Raises ModelError
    when the server cannot be reached or lists none. `clock` gives the seconds that bound an answer.
    """

    def __init__(
        self,
        server: Server,
        model: str = "",
        context_tokens: int = 4096,
        timeout: float = 120.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._server, self._timeout, self._clock = server, timeout, clock
        self._turns = Turns(1 if server.engine else PLACES, clock)
        contexts = server.models()
        self._model = model or next(iter(contexts), "")
        if not self._model:
            raise ModelError(note("server_no_model", server=server.name))
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
        when the server fails, makes no sense, or is not done in time; what came before stays.
        Closing the iterator ends the answer on the server too, as `stopped` does.
        """
        if not self._turns.take(self._timeout, stopped):
            return
        ended = threading.Event()
        pieces = self._start(self._body(messages, max_tokens, grammar), ended)
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

    def _body(self, messages: Sequence[Message], max_tokens: int, grammar: str) -> dict[str, Any]:
        """The request for an answer, in the OpenAI API's form."""
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
        return body

    def _start(self, body: Mapping[str, Any], ended: threading.Event) -> _Pieces:
        """Start the thread of one answer, which leaves the turn at its end; where it puts what it
        reads."""
        pieces: _Pieces = queue.SimpleQueue()
        reader = threading.Thread(
            target=self._read, args=(body, pieces, ended), name="byline-model", daemon=True
        )
        try:
            reader.start()
        except RuntimeError as error:
            self._turns.leave()
            raise ModelError(
                note("server_no_threads", server=self._server.name, error=str(error))
            ) from error
        return pieces

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
        limit = self._clock() + self._timeout
        reading = asyncio.ensure_future(self._answer(body, pieces))
        while not (reading.done() or ended.is_set()) and (left := limit - self._clock()) > 0:
            await asyncio.wait({reading}, timeout=min(POLL, left))
        if reading.done():
            reading.result()
            return
        # Wherever it waits: to connect, for the first word or the next. llama.cpp then stops too.
        reading.cancel()
        if not ended.is_set():
            raise ModelError(
                note("model_slow", server=self._server.name, seconds=f"{self._timeout:g}")
            )

    async def _answer(self, body: Mapping[str, Any], pieces: _Pieces) -> None:
        async for piece in self._server.answer(body):
            pieces.put(piece)


class _Visible:
    """Drops the text between <think> and </think>, however the tags fall into pieces."""

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
