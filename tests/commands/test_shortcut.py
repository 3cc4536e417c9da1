"""The icon: its file on each system, what it runs, and that only Byline's own is ever removed."""

from __future__ import annotations

import configparser
import os
import re
import shlex
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path, PureWindowsPath

import platformdirs
import pytest
from asking import until

from rag.__main__ import main
from rag.commands.shortcut import Places, files_for

ROOT = Path(__file__).parent.parent.parent
ODD = '/home/Ann "Lee"/50% of `it`/$HOME/a\\b/ខ្មែរ/bin/python'


def places(python, home="/home/ann lee", desktop="/home/ann/Desktop"):
    return Places(Path(python), Path(home), Path(desktop), Path("/home/ann/.menu"))


def entry(text):
    parsed = configparser.RawConfigParser()
    parsed.optionxform = str
    parsed.read_string(text)
    return parsed["Desktop Entry"]


def arguments_of(line):
    """The arguments of an Exec line, by the rules of the Desktop Entry Specification."""
    line = re.sub(r"\\(.)", lambda found: {"n": "\n", "s": " "}.get(found[1], found[1]), line)
    found = []
    for quoted, plain in re.findall(r'"((?:[^"\\]|\\.)*)"|([^\s"]+)', line):
        found.append((re.sub(r"\\(.)", r"\1", quoted) or plain).replace("%%", "%"))
    return found


@pytest.fixture
def desktop(tmp_path, monkeypatch):
    """A desktop and a menu of one's own."""
    monkeypatch.setattr(platformdirs, "user_desktop_dir", lambda: str(tmp_path / "Desktop"))
    monkeypatch.setattr(platformdirs, "user_data_dir", lambda: str(tmp_path / "share"))
    return tmp_path / "Desktop"


@pytest.mark.parametrize("python", ["/usr/bin/python3", ODD])
def test_linux_runs_this_python(python):
    files = files_for("linux", places(python))
    assert set(files) == {
        Path("/home/ann/Desktop/byline.desktop"), Path("/home/ann/.menu/byline.desktop"),
    }  # fmt: skip
    (text,) = set(files.values())
    found = entry(text)
    assert arguments_of(found["Exec"]) == [python, "-m", "rag", "serve"]
    assert (found["Type"], found["Terminal"], found["Path"]) == (
        "Application", "true", "/home/ann lee",
    )  # fmt: skip
    icon = Path(found["Icon"])
    assert icon.read_text().startswith("<svg")
    assert icon.stat().st_size < 2000


@pytest.mark.skipif(not shutil.which("desktop-file-validate"), reason="needs desktop-file-utils")
@pytest.mark.parametrize("python", ["/usr/bin/python3", ODD])
def test_a_desktop_entry_is_valid(python, tmp_path):
    file = tmp_path / "byline.desktop"
    file.write_text(next(iter(files_for("linux", places(python)).values())))
    checked = subprocess.run(["desktop-file-validate", file], capture_output=True, text=True)
    assert (checked.returncode, checked.stdout) == (0, "")


@pytest.mark.parametrize("python", ["/usr/bin/python3", ODD, "/it's/python"])
def test_a_mac_runs_this_python(python):
    ((path, text),) = files_for("darwin", places(python)).items()
    assert path == Path("/home/ann/Desktop/Byline.command")
    first, _, last = text.splitlines()
    assert first == "#!/bin/sh"
    assert shlex.split(last) == [
        "cd", "/home/ann lee", "&&", "exec", python, "-m", "rag", "serve",
    ]  # fmt: skip


def test_windows_runs_this_python():
    python = PureWindowsPath(r"C:\Users\Ann & Bo\50%\ខ្មែរ\python.exe")
    home, at = PureWindowsPath(r"C:\Users\Ann & Bo"), PureWindowsPath(r"C:\Desktop")
    ((path, text),) = files_for("win32", Places(python, home, at, at)).items()
    assert path == at / "Byline.cmd"
    lines = text.split("\r\n")
    assert "\n" not in "".join(lines)
    # The page of codes is set before a name that needs it.
    assert lines[:3:2] == ["@echo off", "chcp 65001 >nul"]
    assert r'cd /d "C:\Users\Ann & Bo"' in lines
    assert r'"C:\Users\Ann & Bo\50%%\ខ្មែរ\python.exe" -m rag serve' in lines
    assert lines[-2] == "if errorlevel 1 pause"


def test_it_is_made_again_and_removed(desktop, capsys):
    for _ in range(2):
        assert main(["shortcut"]) == 0
    made = [Path(line.removeprefix("Made ")) for line in capsys.readouterr().out.splitlines()]
    assert all(path.is_file() for path in made)
    if os.name == "posix":
        assert all(path.stat().st_mode & 0o777 == 0o755 for path in made)
    assert main(["shortcut", "--remove"]) == 0
    assert not any(path.exists() for path in made)
    capsys.readouterr()
    assert main(["shortcut", "--remove"]) == 0
    assert capsys.readouterr().out == "There is no icon to remove.\n"


@pytest.mark.parametrize("arguments", [[], ["--remove"]])
@pytest.mark.parametrize("kind", ["file", "link", "folder", "bytes"])
def test_what_is_not_its_own_stays(desktop, tmp_path, capsys, arguments, kind):
    desktop.mkdir()
    (path, *_) = files_for(sys.platform, places("/p", desktop=desktop))
    target = tmp_path / "target"
    target.write_text("# Made by byline shortcut; byline shortcut --remove removes it.")
    if kind == "file":
        path.write_text("[Desktop Entry]\nName=Mine\n")
    elif kind == "bytes":
        path.write_bytes(b"\xff\xfe")
    elif kind == "link":
        path.symlink_to(target)
    else:
        path.mkdir()
    assert main(["shortcut", *arguments]) == 2
    assert "Move it away" in capsys.readouterr().err
    assert path.is_symlink() or path.exists()
    assert target.exists()
    assert not (tmp_path / "share").exists()


def test_a_desktop_that_cannot_be_written(desktop, capsys):
    desktop.write_text("no folder")
    assert main(["shortcut"]) == 2
    assert "byline: " in capsys.readouterr().err


@pytest.mark.process
@pytest.mark.skipif(sys.platform != "linux", reason="starts what a Linux desktop starts")
def test_its_line_starts_the_page(desktop, tmp_path, models):
    """As a desktop does: by the entry alone. A second click opens what the first has started."""
    main(["shortcut"])
    found = entry((desktop / "byline.desktop").read_text())
    opened = tmp_path / "opened.txt"
    browser = tmp_path / "browser"
    browser.write_text(f'#!/bin/sh\necho "$1" >> {opened}\n')
    browser.chmod(0o755)
    shown = {name: os.environ[name] for name in ("PATH", "HF_HUB_OFFLINE") if name in os.environ}
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = str(server.getsockname()[1])
    shown |= {"HOME": str(tmp_path), "GRADIO_SERVER_PORT": port, "BROWSER": f"{browser} %s"}
    command, address = arguments_of(found["Exec"]), f"http://127.0.0.1:{port}/"
    process = subprocess.Popen(
        command, cwd=found["Path"], stdout=subprocess.PIPE, text=True,
        stderr=subprocess.STDOUT, env=shown,
    )  # fmt: skip
    try:
        _answers(address, process)
        until(opened.exists)
        again = subprocess.run(
            command, cwd=found["Path"], capture_output=True, text=True, timeout=60, env=shown
        )
        assert (again.returncode, again.stdout) == (0, f"Byline is at {address} already.\n")
        assert opened.read_text().split() == [address, address]
    finally:
        process.terminate()
        process.wait(60)


def _answers(address, process):
    end = time.monotonic() + 60
    while True:
        try:
            with urllib.request.urlopen(address, timeout=5) as page:
                assert "Byline" in page.read().decode()
                return
        except OSError:
            assert process.poll() is None, process.stdout.read()
            assert time.monotonic() < end, "the page does not answer"
            time.sleep(0.5)
