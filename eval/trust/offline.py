"""Has all of Byline work without a network: in a namespace that has a loopback alone."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from eval.trust.trials import Found, Plan
from rag.evaluation.runs.machine import ROOT

_INSIDE = "ip link set lo up && exec {} -m eval.trust.walk {}"
_MINUTES = 20


def measure(plan: Plan, found: Found) -> None:
    """Walk through `eval.trust.walk` there; each of its steps is one trial."""
    if found.tried:
        return
    if not (shutil.which("unshare") and shutil.which("ip")):
        found.count("not tried, for want of unshare and ip")
        return
    model = str(Path(plan.model).resolve()) if plan.model else ""
    inside = _INSIDE.format(_quoted(sys.executable), _quoted(model))
    done = subprocess.run(
        ["unshare", "--net", "--map-root-user", "sh", "-c", inside],
        cwd=ROOT, capture_output=True, text=True, timeout=60 * _MINUTES,
    )  # fmt: skip
    steps = [line for line in done.stdout.splitlines() if line.startswith(("works: ", "fails: "))]
    if not steps and "unshare" in done.stderr:
        found.count(f"not tried: {done.stderr.strip()[-200:]}")
        return
    for step in steps:
        found.tried += 1
        found.count(step.removeprefix("works: ")) if step.startswith("works") else found.fault(step)
    if done.returncode:
        found.fault(f"the walk ended with {done.returncode}: {done.stderr.strip()[-400:]}")
    plan.keep(found)


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"
