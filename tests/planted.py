"""Things of others, planted wherever Byline writes, to see that they stay."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest


def _file(path: Path, outside: Path) -> None:
    path.write_text("mine")


def _folder(path: Path, outside: Path) -> None:
    path.mkdir()
    (path / "mine.txt").write_text("mine")


def _empty(path: Path, outside: Path) -> None:
    path.mkdir()


def _link(path: Path, outside: Path) -> None:
    path.symlink_to(outside / "letters.txt")


def _folder_link(path: Path, outside: Path) -> None:
    path.symlink_to(outside)


def _dangling(path: Path, outside: Path) -> None:
    path.symlink_to(outside / "none")


def _hard_link(path: Path, outside: Path) -> None:
    os.link(outside / "letters.txt", path)


def _junction(path: Path, outside: Path) -> None:
    if os.name != "nt":
        pytest.skip("junctions are of Windows")
    import _winapi

    _winapi.CreateJunction(str(outside), str(path))


KINDS = (_file, _folder, _empty, _link, _folder_link, _dangling, _hard_link, _junction)
NAMES = ("mine", "manifest.json.bak", "20190101T000000-0123abcd", "CURRENT.old", "notes")


def state(path: Path) -> object:
    """What a planted thing is, and all that it holds or leads to."""
    if path.is_symlink():
        return "link", str(path.readlink())
    if path.is_dir():
        return "folder", sorted((one.name, state(one)) for one in path.iterdir())
    return "file", path.read_bytes(), path.stat().st_nlink


def planted(
    home: Path, kind: Callable[[Path, Path], None], outside: Path, but: str = ""
) -> dict[Path, object]:
    """Plant something in each folder within `home`, but not in one of this name; what it is."""
    folders = [home, *(path for path in home.rglob("*") if path.is_dir())]
    made = []
    for number, folder in enumerate(folders):
        if not but or but not in folder.parts:
            path = folder / NAMES[number % len(NAMES)]
            kind(path, outside)
            made.append(path)
    return {path: state(path) for path in made}
