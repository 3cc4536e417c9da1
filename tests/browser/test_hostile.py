"""Hostile strings in every field: none runs, none asks the network, none turns a line."""

from __future__ import annotations

import json

import pytest

from eval.__main__ import main

pytestmark = [pytest.mark.browser, pytest.mark.models]


def test_no_string_runs_or_turns_what_stands_around_it(browser, capsys):
    code = main(["trust", "--only", "strings", "--strings", "6", "--json"])
    found = json.loads(capsys.readouterr().out)
    assert (code, found["faults"]) == (0, 0), found
    assert found["strings"]["counts"] == {"answers shown": 6, "documents shown": 2}
