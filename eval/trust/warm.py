"""What a build loads and keeps, but its models: imported once, by the process that is forked."""

from __future__ import annotations

import rag.__main__
import rag.index.build
import rag.models.encoder  # noqa: F401
from eval.datasets.gold import ARTICLES
from rag import read_articles
from rag.text.languages import language_code

list(read_articles(ARTICLES))
language_code("Khmer")
