"""What the server prints, and keeps in a file, holds nothing that was asked."""

from __future__ import annotations

import asyncio

import httpx
import pytest
from threads import apart

from eval.load.asking import ask_all
from eval.load.visitor import read_page
from eval.runs.serving import served
from rag import Archive, Article

pytestmark = [pytest.mark.models, pytest.mark.process]
SECRET = "zanzibarqux"


def test_no_question_is_in_what_the_server_says(tmp_path):
    home = tmp_path / "index"
    Archive.build([Article("Police held 312 people in Kratie.")], home)
    arguments = ["--index", str(home), "--no-examples", "--feedback", ""]
    with served(arguments) as server:
        asked = []

        async def visit():
            questions = [f"Who held people in {SECRET}?", f"{SECRET} " * 200, f"And {SECRET}?"]
            await ask_all(await read_page(server.address), "one", questions, asked.append)
            async with httpx.AsyncClient(base_url=server.address, timeout=120) as client:
                for sent in ([SECRET], [{"question": SECRET}], [SECRET, SECRET], {SECRET: 1}):
                    path = "/gradio_api/call/ask"
                    answer = await client.post(path, json={"data": sent})
                    if answer.is_success:
                        await client.get(f"{path}/{answer.json()['event_id']}")
                await client.get(f"/{SECRET}", params={"q": SECRET})

        apart(asyncio.run, visit())  # Beside a browser's own loop too.
        said = server.log.read_text("utf-8")
    assert asked
    assert "Byline is at" in said
    assert "its message is left out" in said  # Of calls that Gradio cannot make.
    assert SECRET not in said
    found = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert not any(SECRET.encode() in path.read_bytes() for path in found)
