"""The marks of slow tests, as a plugin: `browser`, `models` (a real one is run), `process`.

A test bears the mark of the fixture of that name, when it uses it, or says it itself. One that
runs a model or starts a process without the mark fails, so that leaving marks out leaves all such
tests out. Tests of a file, and all of the browser, go to one worker: they share what they set up.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling

MARKS = ("browser", "models", "process")
BROWSER = "tests/browser/"
_running: list[pytest.Item] = []


class Scheduling(LoadScopeScheduling):
    """Sends the tests of a file, and all of the browser, to one worker."""

    def _split_scope(self, nodeid: str) -> str:
        return BROWSER if nodeid.startswith(BROWSER) else nodeid.partition("::")[0]


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Scheduling:
    return Scheduling(config, log)


def pytest_xdist_setupnodes() -> None:
    """Give each worker, and what it starts, one thread: together they have all cores."""
    os.environ.setdefault("OMP_NUM_THREADS", "1")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        used = {"browser"} if item.nodeid.startswith(BROWSER) else set()
        for mark in used.union(getattr(item, "fixturenames", ())).intersection(MARKS):
            item.add_marker(mark)
    # They take longest, so a worker begins with them.
    items.sort(key=lambda item: not item.nodeid.startswith(BROWSER))


def pytest_collection_finish() -> None:
    sys.addaudithook(_watch)
    if "torch" in sys.modules:
        module = sys.modules["torch"].nn.modules.module
        module.register_module_forward_pre_hook(lambda *_: _needs("models"))
    if runtime := sys.modules.get("rag.models.runtime.network"):
        run = runtime.Network.__call__
        runtime.Network.__call__ = lambda *given: (_needs("models"), run(*given))[1]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[Any]:
    _running[:] = [item]
    try:
        return (yield)
    finally:
        _running.clear()


def _watch(event: str, details: tuple[Any, ...]) -> None:
    """Look for Python being started; git, which says what was measured, takes no time."""
    if event == "subprocess.Popen" and sys.executable in map(str, details[1]):
        _needs("process")


def _needs(mark: str) -> None:
    """Fail the running test if it lacks the mark; the browser's tests need no other."""
    for item in _running:
        if not any(item.get_closest_marker(name) for name in {mark, "browser"}):
            raise AssertionError(f"{item.nodeid} needs pytest.mark.{mark}")
