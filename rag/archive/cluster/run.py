"""Run the stages on a cluster, and hand back what was read, in order."""

from __future__ import annotations

import contextlib
import logging
import pickle
import signal
import threading
import time
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import ray
import ray.data
from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

from rag.archive.cluster import stages
from rag.archive.cluster.connection import busy
from rag.errors import ClusterError
from rag.index.earlier import Earlier
from rag.ingest import ArticleReader
from rag.ingest.portions import FilePart, Replayed, in_order
from rag.types import Article, Progress

_log = logging.getLogger(__name__)

_PORTION = 16
"""Files that are read together, at most."""
_PORTIONS = 20_000
"""Portions of a reading, at most: each is a task, which the driver keeps in mind."""
_BLOCK = 256 * 1024
"""Bytes of rows that go from stage to stage together: some seconds of embedding."""
_CPUS = 0.5
"""Of a CPU, what a worker asks for that embeds: reading and cutting go on beside it."""
_PATIENCE = 60.0
"""Seconds in which a busy cluster has to have room for a worker."""
_STARTING = 300
"""Seconds in which the first workers have to be there."""
_DEATHS = 5
"""Workers that may die one after the other before any has begun."""


def embedded(
    articles: Iterable[Article],
    home: Path,
    work: stages.Work,
    on_gpu: bool,
    progress: Progress | None,
) -> Iterator[Article]:
    """Yield `articles` as they come from the cluster; at the end, the journal in `home` has the
    vectors of all that is not known.

    `home` is locked meanwhile, and this process connected. Raises ClusterError, InputError, and
    what Ray raises.
    """
    if not isinstance(articles, ArticleReader):
        articles = list(articles)
    with _interrupts() as go_on:
        rows = _portions(articles) if isinstance(articles, ArticleReader) else _slices(articles)
        if not rows:
            yield from articles
            return
        keeper = _keeper(home, work)
        with (
            _settings(),
            contextlib.closing(
                _parts(_dataset(rows, work, keeper, on_gpu), progress, go_on)
            ) as parts,
        ):
            if isinstance(articles, ArticleReader):
                articles.elsewhere = Replayed(in_order(parts), _absent)
                yield from articles
            else:
                for part in in_order(parts):
                    yield from part.articles
        count = ray.get(keeper.embedded.remote())
        go_on()
    _log.info("Ray embedded %d passages", count)


def known(earlier: Earlier | None, articles: Iterable[Article]) -> stages.Known:
    """What need not be done again: `earlier` holds passages as they would be made, if any."""
    recalled = articles.known if isinstance(articles, ArticleReader) else None
    files = recalled.files if earlier and recalled else ()
    records = earlier.records.values() if earlier else ()
    return stages.Known(
        stages.FileDigests(map(bytes.fromhex, files)),
        stages.Digests(stages.embedded_digest(record.embedded) for record in records),
    )


def shared(what: stages.Known) -> Any:
    """A reference by which every process of the cluster has it."""
    return ray.put(what)


def _keeper(home: Path, work: stages.Work) -> Any:
    """The actor that keeps the journal in `home`, on this node."""
    here = NodeAffinitySchedulingStrategy(ray.get_runtime_context().get_node_id(), soft=False)
    options = {"max_restarts": -1, "max_task_retries": -1, "scheduling_strategy": here}
    keeper: Any = ray.remote(stages.Keeper).options(num_cpus=0, **options)
    return keeper.remote(home.absolute(), work.facts)


def _portions(reader: ArticleReader) -> list[pa.Table]:
    """The files to be read, some in a row: few enough that every worker has some."""
    workers = 4 * max(1, int(ray.cluster_resources().get("CPU", 1)))
    size = max(1, min(_PORTION, reader.files_found // workers), reader.files_found // _PORTIONS)
    return [pa.table({"portion": [pickle.dumps(one)]}) for one in reader.portions(size)]


def _slices(articles: list[Article]) -> list[pa.Table]:
    """Articles that are here, some in a row."""
    parts = (
        FilePart(number, 0, articles[first : first + _PORTION], last=True)
        for number, first in enumerate(range(0, len(articles), _PORTION))
    )
    return [pa.table({"part": [pickle.dumps(part)]}) for part in parts]


def _dataset(
    rows: list[pa.Table], work: stages.Work, keeper: Any, on_gpu: bool
) -> ray.data.Dataset:
    workers, resources, first = _room(on_gpu)
    # They ask for no CPU, so that those that embed can never take the last one that they need.
    task: dict[str, Any] = {
        "num_cpus": 0, "concurrency": workers, "batch_format": "pyarrow",
        "fn_kwargs": {"work": work},
    }  # fmt: skip
    data = ray.data.from_arrow(rows)
    if "portion" in rows[0].column_names:
        data = data.map_batches(stages.read, **task)
    pool = ray.data.ActorPoolStrategy(min_size=1, max_size=workers, initial_size=first)
    return data.map_batches(stages.cut, **task).map_batches(
        stages.Encode, fn_constructor_args=(work, keeper), compute=pool, batch_format="pyarrow",
        **resources,
    )  # fmt: skip


def _room(on_gpu: bool) -> tuple[int, Mapping[str, Any], int]:
    """How many workers embed, what each asks for, and how many can begin at once.

    One for each GPU, where the model computes on one, else for each CPU, of which it asks for
    half. Raises ClusterError when there is no room even for one.
    """
    total = ray.cluster_resources()
    kind, each = ("GPU", 1.0) if on_gpu and total.get("GPU") else ("CPU", _CPUS)
    deadline = time.monotonic() + _PATIENCE
    while (free := ray.available_resources().get(kind, 0.0)) < each:
        if time.monotonic() > deadline:
            raise busy()
        time.sleep(0.5)
    workers = max(1, int(ray.cluster_resources().get(kind, 1)))
    asked = {"num_gpus": 1.0, "num_cpus": 0} if kind == "GPU" else {"num_cpus": _CPUS}
    return workers, asked, min(workers, int(free / each))


def _parts(
    data: ray.data.Dataset, progress: Progress | None, go_on: Callable[[], None]
) -> Generator[FilePart, None, None]:
    """The parts of files as they come from the stages, until `go_on` raises."""
    done = 0
    for table in data.iter_batches(batch_size=None, batch_format="pyarrow", prefetch_batches=0):
        go_on()
        for row in table.to_pylist():
            done += row["texts"]
            if progress:
                progress("embedding", done, 0)
            yield pickle.loads(row["part"])  # noqa: S301


@contextlib.contextmanager
def _settings() -> Iterator[None]:
    """What Ray Data is told for the build alone."""
    context = ray.data.DataContext.get_current().copy()
    context.enable_progress_bars = False
    context.target_max_block_size = _BLOCK
    context.wait_for_min_actors_s = _STARTING
    context.max_consecutive_actor_init_deaths = _DEATHS
    # Nearly: what comes early has to wait here.
    context.execution_options.preserve_order = True
    with ray.data.DataContext.current(context):
        yield


@contextlib.contextmanager
def _interrupts() -> Iterator[Callable[[], None]]:
    """Yield what raises KeyboardInterrupt after Ctrl-C, also where Ray's own code, in which the
    main thread mostly is, caught the one that was raised."""
    came = threading.Event()

    def go_on() -> None:
        if came.is_set():
            raise KeyboardInterrupt

    before = signal.getsignal(signal.SIGINT)
    if threading.current_thread() is not threading.main_thread() or not callable(before):
        yield go_on  # Only the main thread hears signals.
        return

    def heard(number: int, frame: Any) -> None:
        came.set()
        before(number, frame)

    signal.signal(signal.SIGINT, heard)
    try:
        yield go_on
    finally:
        signal.signal(signal.SIGINT, before)


def _absent(name: str) -> None:
    raise ClusterError(
        f"{name} is here, but not on every node of the cluster. The articles have to lie under the "
        "same path on all nodes, as on a network share."
    )
