"""Archives that answer quickly: of short passages, of which few are read for an answer.

Most of the time of an answer is reading. A wrong quote, a mix-up or kept memory shows with few and
short passages alike, and many more questions are asked in the same time.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from rag import Archive, Article, AskSettings, BuildSettings

ASK = AskSettings(read_passages=2)
SET = (("read_passages", str(ASK.read_passages)),)
"""The same, as the settings of a chat."""
_BUILD = BuildSettings(passage_tokens=96)


def build(articles: Iterable[Article], home: Path) -> Archive:
    """Index the articles in `home`; the archive has its models in memory."""
    Archive.build(articles, home, _BUILD)
    archive = Archive.open(home, ASK)
    archive.load_models()
    return archive


def chat(home: Path) -> list[str]:
    """The arguments by which the chat serves an index so."""
    return ["--index", str(home), "--no-examples", *(f"--set={k}={v}" for k, v in SET)]
