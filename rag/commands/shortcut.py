"""`byline shortcut`: an icon on the desktop that starts Byline's page with the archives made last.

Owns the files that the three systems take for that, and which of them are Byline's own: each has a
line that says so, and no other file is written over or removed.
"""

from __future__ import annotations

import argparse
import contextlib
import re
import shlex
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from rag.errors import InputError, first_line

_MARK = "Made by byline shortcut; byline shortcut --remove removes it."
_ICON = Path(__file__).parent.parent / "web" / "icon.svg"
_COMMAND = ("-m", "rag", "serve")


@dataclass(frozen=True, slots=True)
class Places:
    """Where things are: the Python that runs Byline, the folder to run it in, that of the desktop
    and, on Linux, that of the menu."""

    python: Path
    home: Path
    desktop: Path
    menu: Path


def shortcut(options: argparse.Namespace) -> None:
    files = files_for(sys.platform, _places())
    for path in files:
        _check_own(path)
    try:
        if options.remove:
            removed = [path for path in files if path.exists()]
            for path in removed:
                path.unlink()
            print("\n".join(f"Removed {path}" for path in removed) or "There is no icon to remove.")
            return
        for path, text in files.items():
            _write(path, text)
            print(f"Made {path}")
    except OSError as error:
        raise InputError(
            f"The icon cannot be changed ({first_line(error)}). Make its folder one that you "
            "may write to."
        ) from None


def files_for(system: str, places: Places) -> dict[Path, str]:
    """Return the files of an icon on a system, as `sys.platform` names it, with their text."""
    if system == "win32":
        return {places.desktop / "Byline.cmd": _windows(places)}
    if system == "darwin":
        return {places.desktop / "Byline.command": _mac(places)}
    text = _linux(places)
    return {folder / "byline.desktop": text for folder in (places.desktop, places.menu)}


def _places() -> Places:
    """Where things are on this machine; a checkout that was not installed runs in its folder."""
    import platformdirs

    checkout = Path(__file__).parents[2]
    here = (checkout / "pyproject.toml").is_file()
    return Places(
        # Not resolved: the link in a virtual environment is what makes it one.
        Path(sys.executable),
        checkout if here else Path.home(),
        Path(platformdirs.user_desktop_dir()),
        Path(platformdirs.user_data_dir()) / "applications",
    )


def _linux(places: Places) -> str:
    """A desktop entry; in a terminal, which shows what happens, and to close it ends Byline."""
    command = " ".join(map(_in_exec, (str(places.python), *_COMMAND)))
    return (
        "[Desktop Entry]\n"
        f"# {_MARK}\n"
        "Type=Application\n"
        "Version=1.0\n"
        "Name=Byline\n"
        "GenericName=News archive\n"
        "Comment=Ask your news archives\n"
        f"Exec={_in_entry(command)}\n"
        f"Path={_in_entry(str(places.home))}\n"
        f"Icon={_in_entry(str(_ICON))}\n"
        "Terminal=true\n"
        "Categories=Office;\n"
    )


def _in_exec(argument: str) -> str:
    """An argument of a command of a desktop entry, quoted where it has to be."""
    if re.fullmatch(r"[\w./-]+", argument, re.ASCII):
        return argument
    escaped = re.sub(r'(["`$\\])', r"\\\1", argument).replace("%", "%%")
    return f'"{escaped}"'


def _in_entry(value: str) -> str:
    """A value of a desktop entry, which has escapes of its own."""
    return value.replace("\\", "\\\\").replace("\n", "\\n")


def _mac(places: Places) -> str:
    """A shell script, which the Finder opens in a terminal."""
    command = shlex.join((str(places.python), *_COMMAND))
    return f"#!/bin/sh\n# {_MARK}\ncd {shlex.quote(str(places.home))} && exec {command}\n"


def _windows(places: Places) -> str:
    """A batch file in UTF-8; its window stays open to show what went wrong."""

    def quoted(value: Path | str) -> str:
        return '"' + str(value).replace("%", "%%") + '"'

    lines = (
        "@echo off",
        f"rem {_MARK}",
        "chcp 65001 >nul",
        "title Byline",
        f"cd /d {quoted(places.home)}",
        f"{quoted(places.python)} {' '.join(_COMMAND)}",
        "if errorlevel 1 pause",
    )
    return "".join(f"{line}\r\n" for line in lines)


def _check_own(path: Path) -> None:
    """Raise InputError for a file at `path` that Byline did not make."""
    try:
        if path.is_symlink() or (path.exists() and _MARK not in path.read_text("utf-8")):
            raise InputError(f"{path} is not of Byline's making. Move it away, then try again.")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(
            f"{path} cannot be read ({first_line(error)}). Move it away, then try again."
        ) from None


def _write(path: Path, text: str) -> None:
    """Write a file that its owner may run; Linux asks that of the icons of a desktop, too."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    path.chmod(0o755)
    if path.suffix == ".desktop" and (gio := shutil.which("gio")):
        # GNOME starts only what its owner trusts; elsewhere nobody asks.
        with contextlib.suppress(OSError, subprocess.SubprocessError):
            subprocess.run(
                [gio, "set", str(path), "metadata::trusted", "true"],
                capture_output=True, timeout=10, check=False,
            )  # fmt: skip
