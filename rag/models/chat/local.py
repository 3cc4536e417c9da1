"""llama.cpp in this process: a GGUF file behind llama.cpp's own server, on loopback.

The server has a key of its own, and to a client it is one more OpenAI-compatible server. The file
and the free memory are checked before it is loaded.
"""

from __future__ import annotations

import math
import os
import re
import secrets
from pathlib import Path
from typing import Any

from rag.errors import ModelError, first_line
from rag.models.chat.server import Server
from rag.wording import note

BATCH = 128
"""Tokens that llama.cpp reads between two looks at whether the reader has hung up. On two cores
it then stops within half a second, with its own 2048 after 19, and reads as fast."""
BUFFERS = 256 << 20
"""Bytes that llama.cpp takes beside weights and cache; 150 MB measured with a model of 0.5B."""
CACHED = 40_000
"""Tokens whose keys and values take as much memory as the weights, of a model in 4 bits: between
31,000 and 75,000 for Qwen2.5 and Llama 3 of 0.5B to 14B, more for larger ones."""
_CGROUP = Path("/sys/fs/cgroup")


def serve(path: Path, context_tokens: int) -> Server:
    """Start llama.cpp's server in this process with the model of a file.

    Raises ModelError when llama.cpp is not installed, when the file is no model, and when there is
    too little memory for it.
    """
    try:
        import psutil  # type: ignore[import-untyped]
        import xllamacpp  # type: ignore[import-untyped]
    except ImportError as error:
        raise ModelError(note("llama_missing", error=first_line(error))) from error
    _check_file(path, context_tokens, psutil.virtual_memory().available)
    key = secrets.token_urlsafe(32)
    params = _parameters(xllamacpp.CommonParams(), path, context_tokens, key)
    try:
        engine = xllamacpp.Server(params)
    except RuntimeError as error:
        raise ModelError(
            note("model_file_broken", path=str(path), error=first_line(error))
        ) from error
    return Server(f"{engine.listening_address}/v1", note("model_file", name=path.name), key, engine)


def _parameters(params: Any, path: Path, context_tokens: int, key: str) -> Any:
    """llama.cpp's parameters: one reader at a time, on loopback, behind a key, without pages."""
    params.model.path = str(path)
    params.model_alias = {path.name}
    params.n_ctx, params.n_parallel = context_tokens, 1
    params.n_batch = params.n_ubatch = BATCH
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = _cores()
    # A reader's prompt is rarely another's: no prompts kept in memory beside the last one.
    params.cache_ram_mib = 0
    params.hostnames, params.port, params.api_keys = ["127.0.0.1"], 0, [key]
    params.cors_origins, params.cors_origins_explicit = "", True
    params.ui = params.endpoint_slots = False
    params.offline, params.verbosity = True, -1
    return params


def _check_file(path: Path, context_tokens: int, available: int) -> None:
    """Raise ModelError for a file of another format, and for one that memory does not suffice for.

    `available` is the machine's, in bytes; in a container its own limit (cgroup v2) counts too.
    """
    try:
        weights = path.stat().st_size
        with path.open("rb") as file:
            magic = file.read(4)
    except OSError as error:
        raise ModelError(
            note("model_file_unreadable", path=str(path), error=first_line(error))
        ) from error
    if magic != b"GGUF":
        raise ModelError(note("model_file_unfit", path=str(path)))
    limit, used = _cgroup("memory.max"), _cgroup("memory.current")
    if limit.isdecimal() and used.isdecimal():
        # What is used only to keep pages of files can be had.
        pages = re.findall(r"^(?:in)?active_file (\d+)$", _cgroup("memory.stat"), re.M)
        available = min(available, int(limit) - int(used) + sum(map(int, pages)))
    cache = weights * context_tokens // CACHED
    needed = weights + cache + BUFFERS
    if needed > available:
        sizes = {
            "needed": needed,
            "weights": weights,
            "cache": cache,
            "buffers": BUFFERS,
            "free": max(0, available),
        }
        gigabytes = {name: f"{size / 1e9:.2f}" for name, size in sizes.items()}
        tokens = str(context_tokens)
        raise ModelError(note("model_too_large", file=path.name, tokens=tokens, **gigabytes))


def _cores() -> int:
    """Processor cores that this process may use; in a container, of its quota (cgroup v2)."""
    affinity = getattr(os, "sched_getaffinity", None)
    cores = len(affinity(0)) if affinity else os.cpu_count() or 1
    quota, _, period = _cgroup("cpu.max").partition(" ")
    if quota.isdecimal() and period.isdecimal():
        cores = min(cores, math.ceil(int(quota) / int(period)))
    return max(1, cores)


def _cgroup(name: str) -> str:
    """A limit or a use of this container (cgroup v2); "" outside of one."""
    try:
        return (_CGROUP / name).read_text("ascii").strip()
    except OSError:
        return ""
