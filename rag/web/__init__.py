"""The web chat: the only package that imports Gradio.

`serve` serves the page, `layout` has its components and events, `desk`, `answering` and `selection`
the event handlers, `api` the named calls for programs. Importing the package sets what Gradio reads
when it is imported, and closes the functions through which it fetches files.
"""

from __future__ import annotations

import os
from typing import Any

import safehttpx

os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
# After each event Gradio would count those of all sessions, for a page that Byline does not offer:
# the last 10,000, with pandas, in 10 milliseconds.
os.environ["GRADIO_ANALYTICS_MAX_EVENTS"] = "1"
os.environ["GRADIO_ANALYTICS_CACHE_FREQUENCY"] = str(10**12)
# Gradio calls its own server at start; a proxy of the user's must not stand between.
os.environ["NO_PROXY"] = os.environ["no_proxy"] = ",".join(
    filter(None, (os.environ.get("NO_PROXY") or os.environ.get("no_proxy"), "localhost,127.0.0.1"))
)


async def _fetch_nothing(url: str, *_: Any, **__: Any) -> Any:
    raise PermissionError("Files of other machines are not fetched.")


# Through these two functions, and no others, Gradio fetches the addresses that visitors name.
safehttpx.get = safehttpx.async_validate_url = _fetch_nothing
