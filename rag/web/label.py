"""The page of `byline eval label`, on which a person marks the words that answer a question.

Only this machine reaches it. Owns its routes and what they take; what becomes of a mark is in
`rag.evaluation.labels`.
"""

from __future__ import annotations

import argparse
import json
import socket
import sys
import webbrowser
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from rag import Archive
from rag.chat.access import free_port
from rag.chat.feedback import read_judgements
from rag.errors import BylineError, InputError
from rag.evaluation.datasets.asked import read_asked
from rag.evaluation.labels import Label, Labels, write_set
from rag.evaluation.pool import SYSTEMS, Pool
from rag.text.outside import json_value

_HOST = "127.0.0.1"
_FILES = {"/": "text/html", "/label.css": "text/css", "/label.js": "text/javascript"}
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; "
    "connect-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
_LARGEST = 100_000
"""Bytes of a request."""


def run(options: argparse.Namespace) -> None:
    """Serve the page until it is interrupted; with `finish`, write the question set instead."""
    archive = Archive.open(options.index)
    if options.finish:
        if not list(options.out.glob("labels-*.jsonl")):
            raise InputError(f"{options.out} holds no labels. Label questions first.")
        print(json.dumps(write_set(options.out, archive), indent=1, ensure_ascii=False))
        return
    labels = Labels(options.out, options.by, archive)
    labels.add(_asked(options.questions, options.judgements))
    systems = SYSTEMS if options.systems is None else options.systems
    pool = Pool(archive, systems, options.runs, labels.questions)
    archive.load_encoder()
    port = free_port(_HOST, options.port)
    config = uvicorn.Config(application(labels, pool), _HOST, port, log_level="warning")
    _Server(config, options.browser).run()


class _Server(uvicorn.Server):
    """A server that says where the page is, and opens it, as soon as it can be reached."""

    def __init__(self, config: uvicorn.Config, browser: bool) -> None:
        super().__init__(config)
        self._browser = browser

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        address = f"http://{self.config.host}:{self.config.port}"
        print(f"The page is at {address} (Ctrl-C ends it; what is marked is kept)", flush=True)
        if self._browser:
            webbrowser.open(address)


def application(labels: Labels, pool: Pool) -> Starlette:
    """The page's application over one person's labels, and what is found for the questions."""

    async def state(request: Request) -> Response:
        key = request.query_params.get("id") or labels.next()
        if key is not None and key not in labels.questions:
            raise InputError(f"There is no question {key!r}. Reload the page.")
        return JSONResponse(await run_in_threadpool(_state, labels, pool, key))

    async def label(request: Request) -> Response:
        values = await _values(request)
        marks = [
            (_text(mark, "document"), (_number(mark, "start"), _number(mark, "end")))
            for mark in _list(values, "evidence")
        ]
        key = _text(values, "id")
        if values.get("seen") != _shown(labels.labels.get(key)):
            raise InputError(
                "This question was labelled in another tab meanwhile. Reload the page, and save "
                "again what is to hold."
            )
        given = marks, _text(values, "story"), _text(values, "note")
        await run_in_threadpool(labels.label, key, *given)
        return JSONResponse({})

    async def question(request: Request) -> Response:
        values = await _values(request)
        await run_in_threadpool(labels.add, [("", _text(values, "text"))])
        return JSONResponse({})

    async def finish(request: Request) -> Response:
        await _values(request)
        return JSONResponse(await run_in_threadpool(labels.write))

    return Starlette(
        routes=[
            *(Route(path, _file) for path in _FILES),
            Route("/state", _told(state)),
            *(
                Route(f"/{handler.__name__}", _told(handler), methods=["POST"])
                for handler in (label, question, finish)
            ),
        ],
        middleware=[Middleware(TrustedHostMiddleware, allowed_hosts=[_HOST, "localhost"])],
    )


Handler = Callable[[Request], Awaitable[Response]]


def _told(handler: Handler) -> Handler:
    """A route whose errors the page shows, and that no other page can call."""

    async def told(request: Request) -> Response:
        try:
            response = await handler(request)
        except BylineError as error:
            response = JSONResponse({"error": str(error)}, 400)
        response.headers.update(_HEADERS)
        return response

    return told


async def _file(request: Request) -> Response:
    path = request.url.path
    name = "label.html" if path == "/" else path[1:]
    data = Path(__file__).with_name(name).read_bytes()
    return Response(data, media_type=_FILES[path], headers=_HEADERS)


async def _values(request: Request) -> dict[str, Any]:
    """The object that a request brings. Raises InputError for one of another page, or too large."""
    origin, host = request.headers.get("origin"), request.headers.get("host")
    if origin != f"http://{host}":
        raise InputError("This was not sent by the page. Open it again.")
    body = b""
    async for block in request.stream():
        body += block
        if len(body) > _LARGEST:
            raise InputError("That is too much at once. Mark less.")
    try:
        values = json_value(body or b"{}")
    except (ValueError, RecursionError):
        values = None
    if not isinstance(values, dict):
        raise InputError("This was not sent by the page. Open it again.")
    return values


def _text(values: Any, name: str) -> str:
    value = values.get(name, "") if isinstance(values, dict) else None
    if not isinstance(value, str):
        raise InputError(f"The page sent no text as {name}. Reload it.")
    return value


def _number(values: Any, name: str) -> int:
    value = values.get(name) if isinstance(values, dict) else None
    if not isinstance(value, int) or isinstance(value, bool):
        raise InputError(f"The page sent no number as {name}. Reload it.")
    return value


def _list(values: dict[str, Any], name: str) -> list[Any]:
    value = values.get(name)
    if not isinstance(value, list):
        raise InputError(f"The page sent no list as {name}. Reload it.")
    return value


def _state(labels: Labels, pool: Pool, key: str | None) -> dict[str, Any]:
    """What the page shows: a question, what was found for it, and how far the work is."""
    archive = labels.archive
    shown = []
    for passage in pool.of(key, labels.questions[key]) if key else ():
        article = archive.article(passage.article_id)
        told = " · ".join(filter(None, [article.source, article.day]))
        shown.append(
            {"document": article.id, "title": article.headline, "told": told,
             "start": passage.start, "text": passage.text}
        )  # fmt: skip
    return {
        "id": key,
        "question": labels.questions[key] if key else None,
        "passages": shown,
        "label": _shown(labels.labels.get(key)) if key else None,
        "questions": [
            {"id": one, "text": text, "done": one in labels.labels}
            for one, text in labels.questions.items()
        ],
    }


def _shown(label: Label | None) -> dict[str, Any] | None:
    """A label as the page has it."""
    if label is None:
        return None
    evidence = [asdict(mark) for mark in label.evidence]
    return {"story": label.story, "note": label.note, "evidence": evidence}


def _asked(questions: Path | None, judgements: Path | None) -> Iterator[tuple[str, str]]:
    """The questions of a file, and those that readers of the chat judged; "" where none has an id.

    Raises InputError for a file that cannot be read.
    """
    if questions:
        yield from read_asked(questions)
    if judgements:
        judged = read_judgements(judgements)
        alone = [("", one.turns[-1]) for one in judged if len(one.turns) == 1]
        if len(alone) < len(judged):
            print(
                f"{len(judged) - len(alone)} of the judged questions follow others and are left "
                "out. Type them with what they refer to.",
                file=sys.stderr,
            )
        yield from alone
