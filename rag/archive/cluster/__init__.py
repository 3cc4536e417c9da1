"""The bulk of a build on a Ray cluster: articles are read, cut and embedded by its nodes.

What comes back are the articles, in their order, as a reading here would find them; the vectors go
to the journal of the index, from which the build then goes on as any other does. So the result is
the same, a build that was killed goes on where it was, and of Ray nothing is known outside this
package.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from pathlib import Path

from rag.archive.cluster.connection import LOCAL, connected
from rag.index import snapshot
from rag.index.earlier import Earlier
from rag.index.manifest import EncoderFacts
from rag.protocols import TextEncoder
from rag.settings import BuildSettings
from rag.types import Article, Progress

__all__ = ["LOCAL", "embedded"]


@contextlib.contextmanager
def embedded(
    articles: Iterable[Article],
    home: Path,
    earlier: Earlier | None,
    encoder: TextEncoder,
    settings: BuildSettings,
    address: str,
    progress: Progress | None = None,
) -> Iterator[Iterator[Article]]:
    """Yield `articles` as they come from the Ray cluster at `address`, "local" for one that is
    started here and ends with it; the journal in `home` then has the vectors of those that
    `earlier` does not hold.

    Files are read by the nodes, which must all have them under the same path. The nodes load
    `encoder` by its name. Raises ClusterError, EncoderError for a node with another model, and
    SnapshotError when another build is at work in `home`.
    """
    with snapshot.locked(home), connected(address):
        from rag.archive.cluster import run, stages  # Only where Ray is.

        facts = EncoderFacts.of(encoder)
        # Of an index that was cut or embedded otherwise, files and articles are of no use.
        fitting = earlier if earlier and earlier.fits(settings, facts) else None
        known = run.shared(run.known(fitting, articles))
        work = stages.Work(settings, facts, known, stages.code())
        on_gpu = bool(getattr(encoder, "takes_gpu", False))
        yield run.embedded(articles, home, work, on_gpu, progress)
