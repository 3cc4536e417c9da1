"""Hostile strings in every field: none runs, none asks the network, none turns a line."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.models, pytest.mark.process]


def test_no_string_runs_or_turns_what_stands_around_it(browser):
    """In a process of its own: this one has a browser already."""
    measure = ["-m", "eval", "trust", "--only", "strings", "--strings", "6", "--json"]
    done = subprocess.run([sys.executable, *measure], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert json.loads(done.stdout)["strings"]["counts"] == {
        "answers shown": 6,
        "views shown": 5,
        "documents shown": 2,
    }
