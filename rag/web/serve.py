"""Serves the chat: guards the server, and runs it until it is interrupted.

`rag.web.opening` opens the archives that it serves.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import signal
import sys
import webbrowser
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gradio as gr
from starlette.middleware import Middleware

from rag.chat import access
from rag.chat.private import PrivateFolder, sweep
from rag.chat.sessions import Sessions
from rag.errors import SettingsError
from rag.web.headers import SecurityHeaders
from rag.web.layout import layout
from rag.web.local_files import LocalFilesOnly
from rag.web.logins import SlowLogins
from rag.web.logs import keep_questions_out
from rag.web.opening import MadeHere, sessions
from rag.web.presence import Presence
from rag.web.reach import ALONE, Forwarded, KnownHosts, Reach, reach
from rag.web.receiving import ReceivedFiles
from rag.web.routes import OfferedRoutes
from rag.web.uploading import UploadedFiles
from rag.wording import LANGUAGES, font_faces, wording

STYLES = [
    Path(__file__).parent / f"{name}.css"
    for name in ("app", "answer", "browse", "guided", "writer")
]
"""What the page looks like: first what all parts share. `label.css` is that of another page."""
UPLOAD = "20mb"
"""The largest file that a visitor may add."""
MOST_THREADS = 128
SESSIONS = 200
"""Visitors, and programs, that the server has in memory; a browser brings what is forgotten."""
IDLE_SECONDS = 75
"""How long a connection stays open for the next request. Browsers and proxies use one for a minute;
ended before by a server that is busy, it takes a request with it that has just been sent."""
_OPEN_TO_ALL = (
    "{}: {} can be reached from other machines, and whoever reaches it may ask and read. Let "
    "in only those in a file with --auth-file, or leave --host out."
)


@dataclass(frozen=True)
class Server:
    """The chat as the command line asks for it; nothing listens before `run`.

    `accounts`: the names and passwords of those who are let in, None for everybody. `mcp`: whether
    the calls for programs are offered as MCP tools too. `browser`: whether to open the page in one.
    `reach`: by which names, and through which proxies, it is reached.
    """

    sessions: Sessions
    host: str
    port: int
    accounts: list[tuple[str, str]] | None = None
    mcp: bool = False
    browser: bool = False
    reach: Reach = ALONE

    def run(self) -> None:
        """Start the server immediately; until the archive is open, the page shows the progress."""
        fixed = self.sessions.fixed
        if fixed:
            fixed.start()
        # However the server is ended, its visitors' documents go.
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        keep_questions_out()
        # Else uvicorn believes of every program on this machine that it is a proxy.
        os.environ["FORWARDED_ALLOW_IPS"] = ""
        sweep()
        received = PrivateFolder()
        os.environ["GRADIO_TEMP_DIR"] = str(received.path)
        page = layout(self.sessions)
        try:
            page.launch(
                server_name=self.host,
                server_port=self.port,
                auth=self.accounts,
                mcp_server=self.mcp,
                app_kwargs={"middleware": guards(self.mcp, self.sessions, self.reach)},
                **_launch_options(),
            )
            page.server.config.timeout_keep_alive = IDLE_SECONDS
            if self.mcp:
                _return_mcp_results_as_json(page.mcp_server_obj)
            print(f"Byline is at {page.local_url} (Ctrl-C ends it)", flush=True)
            if self.browser and page.local_url:
                webbrowser.open(page.local_url)
            if fixed:
                fixed.archive()  # Raises what keeps it from opening.
            page.block_thread()
        finally:
            self.sessions.close()
            page.close(verbose=False)
            received.close()


def opened_again(options: argparse.Namespace) -> bool:
    """Open the page of a Byline that runs already, as after a second click on its icon, where
    these options would start another at its address; whether there is one."""
    host, port = options.host, options.port
    wanted = options.browser and not options.index and access.is_local(host)
    if not wanted or not access.is_byline(host, port):
        return False
    address = f"http://{f'[{host}]' if ':' in host else host}:{port}/"
    print(f"Byline is at {address} already.", flush=True)
    webbrowser.open(address)
    return True


def prepared(options: argparse.Namespace, program: str, made: MadeHere | None = None) -> Server:
    """The server that the options of `rag.arguments` ask for.

    `program`: the command that warnings name. Without `made` the index must be there. Raises
    BylineError for what cannot be served.
    """
    accounts = access.accounts(options.auth_file) if options.auth_file else None
    if options.mcp and accounts:
        raise SettingsError("MCP tools ask for no login. Leave out --mcp, or --auth-file.")
    if options.mcp and importlib.util.find_spec("mcp") is None:
        raise SettingsError("MCP needs a package. Run: pip install 'gradio[mcp]'")
    reached = reach(options)
    port = access.free_port(options.host, options.port)
    served = sessions(options, program, bool(accounts), made)
    if not access.is_local(options.host) and accounts is None:
        print(_OPEN_TO_ALL.format(program, options.host), file=sys.stderr)
    browser = served.fixed is None and options.browser and access.is_local(options.host)
    return Server(served, options.host, port, accounts, options.mcp, browser, reached)


def guards(
    mcp: bool = False, sessions: Sessions | None = None, reached: Reach = ALONE
) -> list[Middleware]:
    """What a request passes before Gradio sees it, the first one first."""
    libraries = sessions.libraries if sessions else None
    received = [Middleware(ReceivedFiles, libraries=libraries)] if libraries else []
    return [
        Middleware(Forwarded, proxies=reached.proxies),
        Middleware(SecurityHeaders, parents=reached.parents),
        Middleware(KnownHosts, reach=reached),
        Middleware(SlowLogins),
        *received,
        Middleware(OfferedRoutes, mcp=mcp),
        Middleware(LocalFilesOnly),
        Middleware(UploadedFiles),
        *([Middleware(Presence, connected=sessions.capacity.connected)] if sessions else []),
    ]


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
        # Gradio asks its own page, gives up after 3 seconds and wants a link to be shared: a busy
        # machine takes longer.
        "_frontend": False,
        "i18n": gr.I18n(**plain),
        "theme": gr.themes.Base(font=["system-ui", "sans-serif"], font_mono=["monospace"]),
        "css": font_faces() + "".join(file.read_text("utf-8") for file in STYLES),
    }


def _return_mcp_results_as_json(server: Any) -> None:
    """Let an MCP server answer in JSON: Gradio's own writes values as Python does."""
    as_text = server.postprocess_output_data

    def as_json(values: Sequence[Any], root_url: str) -> Any:
        return as_text([json.dumps(value, ensure_ascii=False) for value in values], root_url)

    server.postprocess_output_data = as_json
