"""The encoder's precisions beside each other: passages a second, and how near their vectors are to
those of torch in float32."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

import numpy as np

from rag import Article
from rag.evaluation.extra import require
from rag.index.chunk import chunk, heading
from rag.models.encoder import Encoder, locate
from rag.models.runtime.precision import native
from rag.settings import BuildSettings
from rag.types import Vectors

TORCH = "torch float32"
"""What the others are compared with: what sentence-transformers does by itself."""

_BATCH = 32


def passages_of(articles: Sequence[Article], encoder: Encoder) -> list[str]:
    """The passages of articles as they are embedded, cut as by the default settings."""
    settings = BuildSettings()
    texts = []
    for article in articles:
        head = heading(article, encoder.count_tokens, settings.heading_tokens)
        used = sum(encoder.count_tokens([head])) + encoder.overhead
        cut = chunk(article, encoder.count_tokens, settings.passage_tokens - used)
        texts += [f"{head}\n{passage.text}" if head else passage.text for passage in cut]
    return texts


def measure(name: str, texts: Sequence[str], rounds: int) -> dict[str, dict[str, float]]:
    """Encode texts in each precision that the processor has, and in torch, in turn.

    By precision: the passages a second of its best round, the processor seconds of a thousand
    passages in it, and the least and the mean cosine to torch in float32.
    """
    library = require("sentence_transformers")
    torch = library.SentenceTransformer(str(locate(name)), device="cpu")
    runs: dict[str, Any] = {
        TORCH: lambda: torch.encode(
            list(texts), batch_size=_BATCH, normalize_embeddings=True, show_progress_bar=False
        )
    }
    for precision in reversed(native()):
        encoder = Encoder(name, precision)
        if encoder.precision == precision:
            runs[precision] = lambda encoder=encoder: encoder.encode_passages(texts)
    for run in runs.values():  # Its first run may compile.
        run()
    wall, cpu = ({name: float("inf") for name in runs} for _ in range(2))
    rows: dict[str, Vectors] = {}
    for _ in range(rounds):
        for name, run in runs.items():
            started = time.perf_counter(), time.process_time()
            rows[name] = run()
            wall[name] = min(wall[name], time.perf_counter() - started[0])
            cpu[name] = min(cpu[name], time.process_time() - started[1])
    found = {}
    for name, mine in rows.items():
        cosines = np.sum(mine * rows[TORCH], axis=1)
        found[name] = {
            "passages a second": len(texts) / wall[name],
            "times torch": wall[TORCH] / wall[name],
            "processor seconds for 1000": 1000 * cpu[name] / len(texts),
            "least cosine": float(cosines.min()),
            "mean cosine": float(cosines.mean()),
        }
    return found


def table(found: dict[str, dict[str, float]]) -> str:
    """The measures as a Markdown table, a row for each precision."""
    names = list(next(iter(found.values())))
    lines = [f"| precision | {' | '.join(names)} |", "|---" * (len(names) + 1) + "|"]
    for precision, measures in found.items():
        cells = [
            f"{value:.4f}" if "cosine" in name else f"{value:.1f}"
            for name, value in measures.items()
        ]
        lines.append(f"| {precision} | {' | '.join(cells)} |")
    return "\n".join(lines)
