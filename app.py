"""The web chat over the bundled articles: `python app.py`, and what a Space starts.

`byline serve` serves the same chat (`rag.web`) over an index of your own.
"""

from __future__ import annotations

import contextlib
import functools
import sys
from collections.abc import Sequence
from pathlib import Path

from rag import Archive
from rag.arguments import app_parser
from rag.chat.service import Service
from rag.chat.sessions import Sessions
from rag.errors import BylineError
from rag.progress import bars
from rag.types import Progress
from rag.web.layout import layout
from rag.web.serve import prepared

with contextlib.suppress(ImportError):  # A Space on ZeroGPU wants a function that may ask for one.
    import spaces

    spaces.GPU(lambda: None)

ARTICLES = Path(__file__).parent / "index" / "articles"
INDEX = ARTICLES.parent / "archive"


@functools.cache
def bundled(progress: Progress | None = None) -> Archive:
    """The archive of the articles that come with Byline, built anew when they have changed."""
    with bars() as drawn:

        def tell(stage: str, done: int, total: int) -> None:
            drawn(stage, done, total)
            if progress:
                progress(stage, done, total)

        return Archive.open_or_build(ARTICLES, INDEX, progress=tell)


demo = layout(Sessions(Service(bundled)))


def main(arguments: Sequence[str] | None = None) -> int:
    """Open the archive, then serve the chat until interrupted."""
    options = app_parser().parse_args(arguments)
    build = None
    if options.index is None:
        options.index, build = str(INDEX), bundled
    try:
        prepared(options, "app.py", build).run()
    except BylineError as error:
        print(f"app.py: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("app.py: interrupted; the index is as it was before.", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
