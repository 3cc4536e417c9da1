"""Which precisions this machine's processor computes fast."""

from __future__ import annotations

import functools
import logging
from pathlib import Path

_log = logging.getLogger(__name__)

_CPUINFO = Path("/proc/cpuinfo")
_DOT_PRODUCTS = {"avx512_vnni", "avx_vnni", "amx_int8"}  # Products of int8, summed.


def resolve(asked: str, quantisable: bool = False, prefer_bfloat16: bool = False) -> str:
    """The precision to compute in: as `asked`, where the processor has instructions for it.

    "auto" is the fastest of them, or bfloat16 if that is preferred and there. `quantisable`:
    whether it is known how to put the network in int8.
    """
    fast = [name for name in native() if quantisable or name != "int8"]
    if asked == "auto":
        return "bfloat16" if prefer_bfloat16 and "bfloat16" in fast else fast[0]
    if asked in fast:
        return asked
    _log.info("float32 instead of %s: the processor or the network lacks it", asked)
    return "float32"


@functools.cache
def native() -> tuple[str, ...]:
    """The precisions that the processor has instructions for, fastest first."""
    found = []
    if _DOT_PRODUCTS & _flags():
        found.append("int8")
    if has_bfloat16():
        found.append("bfloat16")
    return (*found, "float32")


@functools.cache
def has_bfloat16() -> bool:
    """Whether the processor has instructions for bfloat16."""
    from rag.models.runtime.network import core

    return "BF16" in core().get_property("CPU", "OPTIMIZATION_CAPABILITIES")


def _flags() -> set[str]:
    """What a processor says that it can, where the system tells."""
    try:
        lines = _CPUINFO.read_text("utf-8").splitlines()
    except OSError:
        return set()
    return {flag for line in lines if line.startswith("flags") for flag in line.split()}
