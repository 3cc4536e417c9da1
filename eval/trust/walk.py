"""Uses all of Byline once: build, ask, chat, own documents, pack, and a written answer.

Run by `eval.trust.offline` where there is no network: python -m eval.trust.walk [GGUF-FILE]
"""

from __future__ import annotations

import asyncio
import json
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx

from eval.datasets.gold import ARTICLES
from eval.load.visitor import Visitor, read_page
from eval.runs.serving import served
from rag import Archive
from rag.evaluation.runs.machine import ROOT

_QUESTION = "How many people did police in Kratie arrest?"


def main(model: str = "") -> int:
    """Try each step, and print what works; returns how many do not."""
    failed = 0
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "index"
        steps: dict[str, Callable[[], object]] = {
            "there is no network": _no_network,
            "build": lambda: _byline("build", str(ARTICLES), "--index", str(home)),
            "ask": lambda: _ask(home),
            "chat, own documents": lambda: _chat(home),
            "pack and verify": lambda: _pack(home, Path(folder)),
        }
        if model:
            steps["written answer"] = lambda: _ask(home, "--model", model)
        for name, step in steps.items():
            try:
                step()
                print(f"works: {name}", flush=True)
            except Exception as error:
                failed += 1
                print(f"fails: {name}: {error!r}"[:500].replace("\n", " "), flush=True)
    return failed


def _no_network() -> None:
    try:
        socket.create_connection(("192.0.2.1", 9), timeout=2).close()
    except OSError:
        return
    raise RuntimeError("there is a network")


def _byline(*arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "rag", *arguments], cwd=ROOT, capture_output=True, text=True
    )
    if done.returncode:
        raise RuntimeError(done.stderr[-300:])
    return done.stdout


def _ask(home: Path, *more: str) -> None:
    answer = json.loads(_byline("ask", _QUESTION, "--json", "--index", str(home), *more))
    if answer["status"] != "answered":
        raise RuntimeError(str(answer))


def _chat(home: Path) -> None:
    with served(["--index", str(home), "--no-examples"]) as server:
        asyncio.run(_visit(server.address))
        if server.tracebacks():
            raise RuntimeError(str(server.tracebacks()))


async def _visit(address: str) -> None:
    """Add a document, ask of both, and see an answer."""
    browser = {"language": "en", "search": "", "kept": "", "filters": ""}
    async with Visitor(await read_page(address)) as visitor:
        for _ in range(600):
            async for _ in visitor.set_off("courier", "begin", said=browser):
                pass
            if "filters" in visitor.parts:
                break
            await asyncio.sleep(0.5)
        async with httpx.AsyncClient(base_url=address, trust_env=False) as client:
            sent = {"files": ("own.txt", b"The ferry sank with 21 people.")}
            (path,) = (await client.post("/gradio_api/upload", files=sent)).json()
        file: dict[str, Any] = {"path": path, "orig_name": "own.txt"}
        file["meta"] = {"_type": "gradio.FileData"}
        async for _ in visitor.set_off("files", "upload", {"files": [file]}):
            pass
        said = {"question": _QUESTION, "id": "1"}
        async for _ in visitor.set_off("queue", "ask", said=said):
            pass
    shown = f"{visitor.parts.get('documents')}{visitor.parts.get('conversation')}"
    if "1 article of your own" not in shown or "312 people" not in shown:
        raise RuntimeError(shown[:400])


def _pack(home: Path, folder: Path) -> None:
    from datetime import datetime, timezone

    from rag.pack import bundle, evidence

    archive = Archive.open(home)
    answer = archive.ask(_QUESTION)
    articles = {one.id: one for one in archive.articles()}
    made = datetime.now(timezone.utc)
    file = folder / "evidence.zip"
    file.write_bytes(bundle(evidence([answer], articles, archive.settings, archive.info(), made)))
    _byline("verify", str(file), "--index", str(home))


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:2]))
