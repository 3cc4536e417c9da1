"""Keeps what was asked out of what the server prints.

Gradio prints the error of a call that fails with its message, which may hold the values that a
visitor sent.
"""

from __future__ import annotations

import sys
import traceback
from types import SimpleNamespace

from gradio import queueing, route_utils, routes


def print_frames() -> None:
    """Print where the error that is being handled was raised, and its kind, without its message."""
    kind, _, trace = sys.exc_info()
    frames = "".join(traceback.format_tb(trace))
    name = kind.__name__ if kind else "no error"
    told = f"{name} (its message is left out, as it may hold what was asked)"
    print(f"Traceback (most recent call last):\n{frames}{told}", file=sys.stderr, flush=True)


def keep_questions_out() -> None:
    """Have Gradio print errors by `print_frames`."""
    for module in (queueing, routes, route_utils):
        module.traceback = SimpleNamespace(print_exc=print_frames)  # type: ignore[attr-defined]
