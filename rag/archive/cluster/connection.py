"""The connection to a Ray cluster, or one that is started for a build; and what its errors mean."""

from __future__ import annotations

import contextlib
import importlib.util
import logging
import os
import re
import secrets
import socket
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from rag.errors import BylineError, ClusterError, first_line

LOCAL = "local"
"""The address of a cluster that is started for the build, on this machine."""
_STORE = 300_000_000
"""Bytes of shared memory of such a cluster: what is under way is a few blocks."""
_ADDRESS = re.compile(r"\[?[\w.:-]+\]?:\d{1,5}")
_SHORT = "/tmp" if Path("/tmp").is_dir() else None  # noqa: S108
"""The folder of temporary ones: Ray has sockets in it, whose names may have few characters."""
_CONNECT = 10.0
"""Seconds in which somebody has to answer at an address."""
_AUTHENTICATE = (
    "Set RAY_AUTH_MODE=token, and give the cluster's token by RAY_AUTH_TOKEN_PATH, RAY_AUTH_TOKEN "
    "or ~/.ray/auth_token, as where the cluster was started"
)
_GOES_ON = "What is embedded is kept: the same command goes on from there."
MORE_MEMORY = f"Give the nodes more memory, or fewer workers: ray start --num-cpus N. {_GOES_ON}"
_ENVIRONMENT = {
    "RAY_USAGE_STATS_ENABLED": "0",  # Nothing leaves the machine.
    "RAY_BACKEND_LOG_LEVEL": "fatal",  # What goes wrong is told once, by us.
    "RAY_task_oom_retries": "3",  # Else a worker without memory is begun again for ever.
}


@contextlib.contextmanager
def connected(address: str) -> Iterator[None]:
    """Connect this process to the Ray cluster at `address`, "local" for one that lasts as long.

    Raises ClusterError when that cannot be done, with what to do; and for what goes wrong with
    the cluster meanwhile.
    """
    ray = _imported()
    if ray.is_initialized():
        raise ClusterError(
            "This process is connected to a Ray cluster already. Call ray.shutdown() first."
        )
    with contextlib.ExitStack() as stack:
        if address == LOCAL:
            folder = stack.enter_context(
                tempfile.TemporaryDirectory(prefix="byline", dir=_SHORT, ignore_cleanup_errors=True)
            )
            given = _local(folder)
        else:
            _reach(address)
            given = {"address": address}
        # Until it is shut down, it tells of its processes: standard output is for results alone.
        stack.enter_context(contextlib.redirect_stdout(sys.stderr))
        stack.callback(ray.shutdown)
        stack.enter_context(_quiet())
        try:
            ray.init(
                **given, log_to_driver=False, logging_level=logging.CRITICAL,
                configure_logging=False,
            )  # fmt: skip
            yield
        except BylineError:
            raise
        except Exception as error:
            raise _told(error, address) from error


def _imported() -> Any:
    """Ray, told to keep to itself. Raises ClusterError when it is not installed."""
    if importlib.util.find_spec("ray") is None:
        raise ClusterError("Ray is not installed. Run: pip install 'byline[ray]'")
    for name, value in _ENVIRONMENT.items():
        os.environ.setdefault(name, value)
    try:
        import ray
        import ray.data
    except ImportError as error:
        raise ClusterError(
            f"Ray cannot be used here ({first_line(error)}). Run: pip install 'byline[ray]'"
        ) from None
    return ray


def _local(folder: str) -> dict[str, Any]:
    """What starts a cluster on this machine alone. Its token is its own, and goes with it."""
    if "RAY_AUTH_TOKEN_PATH" not in os.environ:
        os.environ.setdefault("RAY_AUTH_TOKEN", secrets.token_hex(32))
    own = Path(folder, "r")  # Ray opens its folder to everybody: the one around it is ours alone.
    own.mkdir()
    affinity = getattr(os, "sched_getaffinity", None)  # Linux alone has it.
    return {
        "address": LOCAL,
        "num_cpus": len(affinity(0)) if affinity else os.cpu_count() or 1,
        "object_store_memory": _STORE,
        "include_dashboard": False,
        "_node_ip_address": "127.0.0.1",
        "_temp_dir": str(own),
    }


def _reach(address: str) -> None:
    """Raise ClusterError unless somebody answers at an address."""
    if address == "auto":
        return
    if not _ADDRESS.fullmatch(address):
        raise ClusterError(
            f"{address!r} is no address of a Ray cluster. Write HOST:PORT, as ray start shows it "
            "(the port is 6379), on a machine that has joined the cluster; or local"
        )
    host, _, port = address.rpartition(":")
    try:
        socket.create_connection((host.strip("[]"), int(port)), timeout=_CONNECT).close()
    except (OSError, OverflowError) as error:
        raise ClusterError(
            f"No Ray cluster answers at {address} ({first_line(error)}). Start one with: ray start "
            "--head --disable-usage-stats, or let Byline start one: --ray local"
        ) from None


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Keep Ray from telling of its plans, and of errors that are told by us."""
    loggers = [logging.getLogger(name) for name in ("ray", "ray.data")]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)


def _told(error: Exception, address: str) -> BylineError:
    """What an error of Ray's means to who builds."""
    from ray import exceptions

    chain = [one for one in _chain(error) if isinstance(one, Exception)]
    ours = [one for one in chain if isinstance(one, BylineError)]
    if ours:  # What a task raised Ray wraps in an error of both kinds, which tells the traceback.
        return next((one for one in ours if not isinstance(one, exceptions.RayError)), ours[0])
    for one in chain:
        if isinstance(one, ModuleNotFoundError) or "No module named 'rag'" in str(one):
            return ClusterError(
                f"A node of the cluster cannot run Byline ({first_line(one)}). Install byline[ray] "
                "on every node, the same version as here."
            )
        if isinstance(one, (exceptions.OutOfMemoryError, MemoryError)):
            return ClusterError(f"A worker of the cluster ran out of memory. {MORE_MEMORY}")
        if isinstance(one, (exceptions.RayActorError, exceptions.WorkerCrashedError)):
            return ClusterError(
                f"Workers of the cluster died, as they do where memory runs out. {MORE_MEMORY}"
            )
        if isinstance(one, exceptions.GetTimeoutError):
            return busy()
        if isinstance(one, exceptions.AuthenticationError):
            return ClusterError(f"The cluster at {address} wants a token. {_AUTHENTICATE}.")
    said = first_line(chain[0])
    if isinstance(error, ConnectionError):
        return ClusterError(
            f"The cluster at {address} did not let Byline in: it has another token than this "
            f"process, or is no Ray cluster. {_AUTHENTICATE}."
        )
    if isinstance(error, RuntimeError) and "ersion mismatch" in str(error):
        return ClusterError(
            f"The cluster at {address} runs another version of Ray or Python than this process: "
            f"{' '.join(str(error).split())[:300]}. Install the same on every node."
        )
    return ClusterError(
        f"The cluster at {address} failed ({said}). See that its nodes are up (ray status). "
        f"{_GOES_ON}"
    )


def busy() -> ClusterError:
    """The error for a cluster on which no worker could be started."""
    return ClusterError(
        "No node of the cluster has room for a worker: it takes half a CPU, or a GPU where there "
        "are some. Add a node, or wait until others are done (ray status)."
    )


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """An error, what Ray wrapped, and what these came from."""
    seen: set[int] = set()
    left = [error]
    while left:
        one = left.pop(0)
        if one is not None and id(one) not in seen:
            seen.add(id(one))
            yield one
            left += [getattr(one, "cause", None), one.__cause__, one.__context__]
