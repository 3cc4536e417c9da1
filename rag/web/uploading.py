"""Receives what visitors upload, in place of Gradio's own route.

Gradio keeps files by their content, so that one visitor's would be deleted with another's, and
bounds each by itself only. Here every upload has a folder of its own, and what an address sends is
counted as it comes. Whether a login is needed is asked of Gradio.
"""

from __future__ import annotations

import contextlib
import json
import re
import secrets
import shutil
import time
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path, PurePosixPath

import gradio as gr
from anyio import to_thread
from gradio.utils import get_upload_folder
from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from rag.ingest import UPLOADS
from rag.web.local_files import Application, Message, Receive, Send
from rag.web.updates import address

_ROUTE = re.compile(r"/gradio_api/upload/?")
_PROGRESS = re.compile(r"/gradio_api/upload_progress/?")
_DONE = Response('data: {"msg": "done"}\n\n', media_type="text/event-stream")
_LOGIN = "/gradio_api/login_check"
_UNFIT = re.compile(r'[\x00-\x1f\x7f/:*?"<>|\ud800-\udfff]')
_LONGEST, _ENDING = 180, 20
_BLOCK = 1_000_000
AT_ONCE = 100_000_000
"""Bytes of one request."""
OF_AN_ADDRESS = RateLimitItemPerMinute(500, 10)
"""Blocks of a million bytes that an address may send in ten minutes."""
IN_ALL = 2_000_000_000
"""Bytes that may lie here unread."""
_KEPT = 3_000
"""Seconds after which a file goes that nobody had read."""


class _Refused(Exception):
    def __init__(self, status: HTTPStatus) -> None:
        self.status = status


@dataclass
class UploadedFiles:
    """ASGI middleware that takes uploads, and passes on everything else."""

    app: Application
    _limiter: FixedWindowRateLimiter = field(
        default_factory=lambda: FixedWindowRateLimiter(MemoryStorage())
    )
    _kept: dict[Path, float] = field(default_factory=dict)

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        path = scope["path"] if scope["type"] == "http" else ""
        asks = bool(_PROGRESS.fullmatch(path))
        if not asks and not (_ROUTE.fullmatch(path) and scope["method"] == "POST"):
            await self.app(scope, receive, send)
            return
        try:
            if not await self._is_let_in(scope):
                raise _Refused(HTTPStatus.UNAUTHORIZED)
            if asks:
                # Of each upload the page asks how far it is; it tells itself when one is complete.
                await _DONE(scope, receive, send)
                return
            paths = await self._taken(scope, receive)
        except ClientDisconnect:
            return
        except _Refused as refused:
            await _answer(send, refused.status, refused.status.phrase)
        except HTTPException as error:  # A form that is none.
            await _answer(send, HTTPStatus.BAD_REQUEST, error.detail)
        else:
            await _answer(send, HTTPStatus.OK, [str(path) for path in paths])

    async def _is_let_in(self, scope: Message) -> bool:
        """Whether Gradio lets a visitor in, by their cookie."""
        asked = {**scope, "method": "GET", "path": _LOGIN, "raw_path": _LOGIN.encode()}
        statuses: list[int] = []

        async def nothing() -> Message:
            return {"type": "http.request", "body": b"", "more_body": False}

        async def told(message: Message) -> None:
            if message["type"] == "http.response.start":
                statuses.append(message["status"])

        await self.app({**asked, "query_string": b""}, nothing, told)
        return statuses == [HTTPStatus.OK]

    async def _taken(self, scope: Message, receive: Receive) -> list[Path]:
        """Write the files of a form. Raises _Refused beyond a bound."""
        home = Path(get_upload_folder())
        self._forget()
        if sum(size for _, size in map(_size, self._kept)) > IN_ALL:
            raise _Refused(HTTPStatus.INSUFFICIENT_STORAGE)
        request = Request(scope, self._counted(receive, address(gr.Request(Request(scope)))))
        async with request.form(max_files=UPLOADS.files, max_fields=10) as form:
            files = [one for one in form.getlist("files") if isinstance(one, UploadFile)]
            if any((one.size or 0) > UPLOADS.file_bytes for one in files):
                raise _Refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
            return [await to_thread.run_sync(self._written, home, one) for one in files]

    def _counted(self, receive: Receive, sender: str) -> Receive:
        """What comes in, until it is more than there is room for."""
        size = 0

        async def counted() -> Message:
            nonlocal size
            message = await receive()
            before, size = size // _BLOCK, size + len(message.get("body", b""))
            blocks = size // _BLOCK - before
            if size > AT_ONCE:
                raise _Refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
            if blocks and not self._limiter.hit(OF_AN_ADDRESS, sender, cost=blocks):
                raise _Refused(HTTPStatus.TOO_MANY_REQUESTS)
            return message

        return counted

    def _written(self, home: Path, file: UploadFile) -> Path:
        folder = home / secrets.token_hex(16)
        folder.mkdir(parents=True)
        path = folder / _name(file.filename or "")
        self._kept[path] = time.monotonic()
        with path.open("xb") as written:
            shutil.copyfileobj(file.file, written)
        return path

    def _forget(self) -> None:
        """Delete the files that are long here, and the folders of those that were read."""
        now = time.monotonic()
        for path, since in list(self._kept.items()):
            there, _ = _size(path)
            if not there or now - since > _KEPT:
                self._kept.pop(path, None)
                with contextlib.suppress(OSError):
                    path.unlink(missing_ok=True)
                    path.parent.rmdir()


def _name(sent: str) -> str:
    """The name of a file as every system takes it, its ending kept."""
    name = PurePosixPath(_UNFIT.sub("_", sent.replace("\\", "/").rpartition("/")[2].strip(". ")))
    stem = name.stem.encode("utf-8", "replace")[:_LONGEST].decode("utf-8", "ignore")
    return f"{stem or 'file'}{name.suffix[:_ENDING]}"


def _size(path: Path) -> tuple[bool, int]:
    """Whether a file is there, and its bytes."""
    try:
        return True, path.stat().st_size
    except OSError:
        return False, 0


async def _answer(send: Send, status: HTTPStatus, value: object) -> None:
    body = json.dumps(value).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": int(status), "headers": headers})
    await send({"type": "http.response.body", "body": body})
