"""Keeps what was asked out of what the server prints.

Gradio prints the error of a call that fails with its message, which may hold the values that a
visitor sent.
"""

from __future__ import annotations

import sys
from types import SimpleNamespace

from gradio import queueing, route_utils, routes

from rag.errors import frames


def print_frames() -> None:
    """Print where the error that is being handled was raised, and its kind, without its message."""
    if error := sys.exc_info()[1]:
        print(frames(error), file=sys.stderr, flush=True)


def keep_questions_out() -> None:
    """Have Gradio print errors by `print_frames`."""
    for module in (queueing, routes, route_utils):
        module.traceback = SimpleNamespace(print_exc=print_frames)  # type: ignore[attr-defined]
