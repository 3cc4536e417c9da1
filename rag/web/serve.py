"""Serves the chat: opens the archive, guards the server, and runs it until it is interrupted."""

from __future__ import annotations

import argparse
import functools
import importlib.util
import json
import signal
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gradio as gr
from starlette.middleware import Middleware

from rag.archive import Archive
from rag.arguments import PER_MINUTE
from rag.chat import access
from rag.chat.feedback import Feedback
from rag.chat.service import Service
from rag.errors import ModelError, SettingsError
from rag.settings import AskSettings, from_mapping
from rag.types import Progress
from rag.web.layout import layout
from rag.web.local_files import LocalFilesOnly
from rag.web.routes import OfferedRoutes
from rag.wording import LANGUAGES, font_faces, wording

STYLES = Path(__file__).parent / "app.css"
UPLOAD = "20mb"
"""The largest file that a visitor may add."""
MOST_THREADS = 128
SESSIONS = 200
"""Visitors, and programs, that the server has in memory; a browser brings what is forgotten."""
_OPEN_TO_ALL = (
    "{}: {} can be reached from other machines, and whoever reaches it may ask and read. Let "
    "in only those in a file with --auth-file, or leave --host out."
)

Build = Callable[[Progress], object]
"""Makes the index where it may not be there yet, telling its progress."""


@dataclass(frozen=True)
class Server:
    """The chat as the command line asks for it; nothing listens before `run`.

    `accounts`: the names and passwords of those who are let in, None for everybody. `mcp`: whether
    the calls for programs are offered as MCP tools too.
    """

    service: Service
    feedback: Feedback | None
    host: str
    port: int
    accounts: list[tuple[str, str]] | None = None
    mcp: bool = False

    def run(self) -> None:
        """Start the server immediately; until the archive is open, the page shows the progress."""
        self.service.start()
        page = layout(self.service, self.feedback)
        # However the server is ended, its visitors' documents go.
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        try:
            page.launch(
                server_name=self.host,
                server_port=self.port,
                auth=self.accounts,
                mcp_server=self.mcp,
                app_kwargs={"middleware": guards(self.mcp)},
                **_launch_options(),
            )
            if self.mcp:
                _return_mcp_results_as_json(page.mcp_server_obj)
            print(f"Byline is at {page.local_url} (Ctrl-C ends it)", flush=True)
            self.service.archive()  # Raises what keeps it from opening.
            page.block_thread()
        finally:
            self.service.close()
            page.close(verbose=False)


def prepared(options: argparse.Namespace, program: str, build: Build | None = None) -> Server:
    """The server that the options of `rag.arguments.add_serving` ask for.

    `program`: the command that warnings name. Without `build` the index must be there. Raises
    BylineError for what cannot be served.
    """
    here = access.is_local(options.host)
    named = {"model": options.model, "allow_remote": options.allow_remote}
    given = dict(options.set) | {name: value for name, value in named.items() if value}
    settings = from_mapping(AskSettings, given)
    accounts = access.accounts(options.auth_file) if options.auth_file else None
    if options.mcp and accounts:
        raise SettingsError("MCP tools ask for no login. Leave out --mcp, or --auth-file.")
    if options.mcp and importlib.util.find_spec("mcp") is None:
        raise SettingsError("MCP needs a package. Run: pip install 'gradio[mcp]'")
    port = access.free_port(options.host, options.port)
    if build is None:
        Archive.open(options.index, settings)  # What is wrong with it is told at once.
    opening = functools.partial(_opened, program, options.index, settings, build)
    per_minute = options.per_minute
    if per_minute is None:
        per_minute = 0 if here else PER_MINUTE
    if not here and accounts is None:
        print(_OPEN_TO_ALL.format(program, options.host), file=sys.stderr)
    feedback = options.feedback
    if feedback is None:
        feedback = str(Path(options.index) / "feedback.jsonl") if here else ""
    return Server(
        Service(opening, per_minute, options.examples),
        Feedback(Path(feedback)) if feedback else None,
        options.host,
        port,
        accounts,
        options.mcp,
    )


def _opened(
    program: str, index: str, settings: AskSettings, build: Build | None, progress: Progress
) -> Archive:
    """The archive with its models loaded, so that no question has to wait for them."""
    if build:
        build(progress)
    archive = Archive.open(index, settings)
    try:
        archive.load_models()
    except ModelError as error:  # Of the language model, the last; the answers are in quotes then.
        print(f"{program}: {error}", file=sys.stderr, flush=True)
    return archive


def guards(mcp: bool = False) -> list[Middleware]:
    """What a request passes before Gradio sees it."""
    return [Middleware(OfferedRoutes, mcp=mcp), Middleware(LocalFilesOnly)]


def _launch_options() -> dict[str, Any]:
    """Launch options that no command line changes: nothing is shared or monitored."""
    catalogues = {tag: wording(tag).catalogue.items() for tag in LANGUAGES}
    plain = {
        tag: {key: text for key, text in items if isinstance(text, str)}
        for tag, items in catalogues.items()
    }
    return {
        "quiet": True,
        "prevent_thread_lock": True,
        "share": False,
        "enable_monitoring": False,
        "run_history": False,
        "allowed_paths": [],
        "max_file_size": UPLOAD,
        "max_threads": MOST_THREADS,
        "state_session_capacity": SESSIONS,
        "footer_links": [],
        "pwa": False,
        "ssr_mode": False,
        "i18n": gr.I18n(**plain),
        "theme": gr.themes.Base(font=["system-ui", "sans-serif"], font_mono=["monospace"]),
        "css": font_faces() + STYLES.read_text("utf-8"),
    }


def _return_mcp_results_as_json(server: Any) -> None:
    """Let an MCP server answer in JSON: Gradio's own writes values as Python does."""
    as_text = server.postprocess_output_data

    def as_json(values: Sequence[Any], root_url: str) -> Any:
        return as_text([json.dumps(value, ensure_ascii=False) for value in values], root_url)

    server.postprocess_output_data = as_json
