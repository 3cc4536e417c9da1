"""Where a server listens and whom it lets in. Knows nothing of what is served."""

from __future__ import annotations

import http.client
import os
import socket
from pathlib import Path

from rag.errors import SettingsError, first_line


def is_local(host: str) -> bool:
    """Whether only this machine reaches an address."""
    return host in ("127.0.0.1", "localhost", "::1")


def accounts(name: str) -> list[tuple[str, str]]:
    """The names and passwords of a file, one NAME:PASSWORD a line.

    Raises SettingsError for a file that others may read, or that holds anything else.
    """
    path = Path(name)
    try:
        if os.name == "posix" and path.stat().st_mode & 0o077:
            raise SettingsError(f"{name} can be read by others. Run: chmod 600 {name}")
        lines = [line for line in path.read_text("utf-8").splitlines() if line.strip()]
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(
            f"{name} cannot be read ({first_line(error)}). Name a file in UTF-8 with a line "
            "NAME:PASSWORD for each who may enter."
        ) from None
    found = [(user.strip(), password) for user, _, password in (x.partition(":") for x in lines)]
    if not found or not all(user and password for user, password in found):
        raise SettingsError(f"{name} must hold a line NAME:PASSWORD for each who may enter.")
    return found


def is_byline(host: str, port: int) -> bool:
    """Whether a page of Byline's answers at an address already."""
    connection = http.client.HTTPConnection(host, port, timeout=5)
    try:
        connection.request("GET", "/")
        return b'"title":"Byline"' in connection.getresponse().read(1_000_000)
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def free_port(host: str, port: int) -> int:
    """The port, or any free one for 0; asked before the archive, whose opening may take long.

    Raises SettingsError where nothing can be served.
    """
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        with socket.create_server((host, port), family=family) as server:
            return int(server.getsockname()[1])
    except (OSError, OverflowError) as error:
        raise SettingsError(
            f"Cannot serve on {host}:{port} ({first_line(error)}). Choose another port with "
            "--port, or another address with --host."
        ) from None
