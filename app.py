"""The web chat over the bundled articles: `python app.py`, and what a Space starts.

`byline serve` serves the same chat (`rag.web`) over an index of your own.
"""

from __future__ import annotations

import contextlib
import functools
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from rag import Archive, read_articles
from rag.arguments import app_parser
from rag.chat.guided import Guided
from rag.chat.service import Service
from rag.chat.sessions import Sessions
from rag.commands.streams import shown
from rag.errors import BylineError
from rag.progress import bars
from rag.types import Progress
from rag.web.layout import layout
from rag.web.opening import MadeHere
from rag.web.serve import prepared
from rag.wording import note

with contextlib.suppress(ImportError):  # A Space on ZeroGPU wants a function that may ask for one.
    import spaces

    spaces.GPU(lambda: None)

ARTICLES = Path(__file__).parent / "index" / "articles"
INDEX = ARTICLES.parent / "archive"
OWN = ARTICLES.parent / "own"
"""Where the index of other articles is kept, unless one is named."""


@functools.cache
def bundled(progress: Progress | None = None) -> Archive:
    """The archive of the articles that come with Byline, built anew when they have changed."""
    with _bars_and(progress) as tell:
        return Archive.open_or_build(ARTICLES, INDEX, progress=tell)


def build_own(paths: Sequence[str], index: str, progress: Progress) -> Archive:
    """The archive of other articles; only what its index does not have yet is embedded."""
    with _bars_and(progress) as tell:
        return Archive.build(read_articles(paths, progress=tell), index, progress=tell)


@contextlib.contextmanager
def _bars_and(progress: Progress | None) -> Iterator[Progress]:
    """A progress callback that draws bars on the terminal and calls `progress` too."""
    with bars() as drawn:

        def tell(stage: str, done: int, total: int) -> None:
            drawn(stage, done, total)
            if progress:
                progress(stage, done, total)

        yield tell


_KRATIE = "How many people did police in Kratie arrest?"
GUIDED = (
    Guided("fact", _KRATIE),
    Guided("count", "How many articles mention Hun Manet?"),
    Guided("declined", "Who won the football World Cup in 2022?"),
    Guided("followed", _KRATIE, "And in Pursat?"),
)
"""What the bundled articles can show. (No two of them differ about a fact, or are independent
reports of one.)"""
BUNDLED = MadeHere(bundled, note("archive_bundled"), GUIDED)
demo = layout(Sessions(Service(bundled, guided=GUIDED)))


def main(arguments: Sequence[str] | None = None) -> int:
    """Open the archive, then serve the chat until interrupted."""
    with shown():
        return _serve(arguments)


def _serve(arguments: Sequence[str] | None) -> int:
    options = app_parser().parse_args(arguments)
    made = None
    if options.articles:
        options.index = options.index or str(OWN)
        build = functools.partial(build_own, options.articles, options.index)
        made = MadeHere(build, Path(options.articles[0]).resolve().stem)
    elif options.index is None:
        options.index, made = str(INDEX), BUNDLED
    try:
        prepared(options, "app.py", made).run()
    except BylineError as error:
        print(f"app.py: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("app.py: interrupted; the index is as it was before.", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
