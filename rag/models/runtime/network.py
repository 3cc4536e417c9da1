"""A graph compiled for this machine's processor."""

from __future__ import annotations

import contextlib
import ctypes
import functools
import os
import threading
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
from openvino import Core, Model

# What is no product of int8 is computed in bfloat16 there, where the processor can.
_HINTS = {"float32": "f32", "bfloat16": "bf16", "int8": "bf16"}
_SHAPES = 16
"""Programs that a kind of operation keeps for the shapes of inputs that it has met. OpenVINO would
keep 5,000, and a chat meets a shape or more with every question: two megabytes each time."""

_M_MMAP_THRESHOLD, _M_ARENA_MAX = -3, -8  # As malloc.h numbers them.


class Network:
    """A graph, compiled. Safe to share between threads: calls come one by one, each with all
    cores, so that many visitors do not fight for them."""

    def __init__(self, graph: Model, precision: str = "float32") -> None:
        options = {
            "INFERENCE_PRECISION_HINT": _HINTS[precision],
            "PERFORMANCE_HINT": "LATENCY",
            "INFERENCE_NUM_THREADS": threads(),
            # Other processes, and the other networks of this one, want the same cores.
            "ENABLE_CPU_PINNING": False,
            "CPU_RUNTIME_CACHE_CAPACITY": _SHAPES,
        }
        self._request = core().compile_model(graph, "CPU", options).create_infer_request()
        self._lock = threading.Lock()

    def __call__(
        self, inputs: Mapping[str, npt.NDArray[Any]], *outputs: int
    ) -> list[npt.NDArray[np.float32]]:
        """Those outputs of the graph that are asked for by their number."""
        with self._lock:
            self._request.infer(dict(inputs), share_inputs=True, share_outputs=True)
            return [self._request.get_output_tensor(number).data.copy() for number in outputs]


def rounded(count: int, step: int = 8) -> int:
    """A count, or up to the next multiple of `step`: what a network is given is filled up to it, so
    that the network meets few shapes, for each of which it makes and keeps programs."""
    return -(-count // step) * step


def threads() -> int:
    """How many threads compute: as OMP_NUM_THREADS says, which other libraries heed as well, else
    one for each core of the process."""
    asked = os.environ.get("OMP_NUM_THREADS", "")
    if asked.isdigit() and int(asked):
        return int(asked)
    affinity = getattr(os, "sched_getaffinity", None)  # Linux alone has it.
    return len(affinity(0)) if affinity else os.cpu_count() or 1


@functools.cache
def core() -> Core:
    """OpenVINO, once for the process."""
    _return_freed_memory()
    return Core()


def _return_freed_memory() -> None:
    """Have the C library give large blocks back to the system when they are freed, and keep few
    pools of small ones: else every thread keeps what its longest question took. Of the libraries
    that Python runs on, glibc alone has such a choice.
    """
    with contextlib.suppress(AttributeError, OSError, TypeError):
        choose = ctypes.CDLL(None).mallopt
        choose(_M_MMAP_THRESHOLD, 1 << 20)
        choose(_M_ARENA_MAX, 2)
