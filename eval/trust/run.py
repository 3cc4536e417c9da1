"""Runs the measures of trust, one after the other, and makes a table of what they found."""

from __future__ import annotations

import argparse
from typing import Any

from eval.trust import flips, inputs, kills, offline, routes, strings, visitors
from eval.trust.arguments import SIZES
from eval.trust.trials import Found, Measure, Plan
from rag.errors import InputError

MEASURES: dict[str, Measure] = {
    "kills": kills.measure,
    "flips": flips.measure,
    "inputs": inputs.measure,
    "strings": strings.measure,
    "visitors": visitors.at_once,
    "row": visitors.in_a_row,
    "routes": routes.measure,
    "offline": offline.measure,
}


def run(options: argparse.Namespace) -> dict[str, Any]:
    """Each measure with how often it tried, the faults, and what else it counted."""
    result: dict[str, Any] = {}
    for name in options.only or SIZES:
        size = getattr(options, name)
        if size < 0:
            raise InputError(f"--{name} takes 0 or more, not {size}.")
        plan = Plan(name, size, options.seed, options.out, options.model or "")
        found = plan.begun()
        if size:
            MEASURES[name](plan, found)
            result[name] = _values(found)
    result["faults"] = sum(one["faults"] for one in result.values())
    return result


def table(result: dict[str, Any]) -> str:
    """What was tried and found, as aligned text."""
    lines = []
    for name, found in result.items():
        if name == "faults":
            continue
        lines.append(f"{name:<10}{found['tried']:>9,} tried, {found['faults']:,} faults")
        lines += [f"{'':<12}{what}: {n:,}" for what, n in found["counts"].items()]
        lines += [f"{'':<12}fault: {what}" for what in found["named"]]
    return "\n".join([*lines, f"{result['faults']:,} faults in all"])


def _values(found: Found) -> dict[str, Any]:
    return {
        "tried": found.tried, "faults": found.faults, "named": found.named, "counts": found.counts,
    }  # fmt: skip
