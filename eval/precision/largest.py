"""The largest inputs of the linear layers of encoder and reader, which put them in int8."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt

from eval.datasets import gold
from eval.precision.measure import passages_of
from rag import read_articles
from rag.models.encoder import Encoder
from rag.models.reader import FOLDER
from rag.models.reader.layout import layout
from rag.models.runtime.bert import Bert, BertConfig, BertGraph
from rag.models.runtime.tokens import Inputs, load_tokenizer, padded
from rag.models.runtime.weights import WeightsFile
from rag.settings import BuildSettings

Largest = dict[str, npt.NDArray[np.float32]]
"""The largest absolute input of each channel of the linear layers that are put in int8, by the name
of the first layer that has it."""

_TOKENS = 256
_BATCH = 8
# Beside news, what a page or a question may hold as well: inputs beyond the largest are cut off.
_ODD = (
    "", "a", "?", "The", "Yes.", "A. B. C.", "ក" * 50, "word " * 200, "1 2 3 4 5 " * 40, "!?" * 60,
    "🙂 " * 50, "the " * 60, "ABC " * 80, "中文 " * 60, "x" * 300, "\n- \n- ",
    "http://www.example.com/a/b?c=d " * 8,
)  # fmt: skip


def of_encoder(folder: Path) -> Largest:
    """Those of the encoder in a folder, over the passages of the bundled articles."""
    encoder = Encoder(str(folder), "float32")
    texts = [*_ODD, *passages_of(list(read_articles(gold.ARTICLES)), encoder)]
    tokenizer = load_tokenizer(folder)
    tokenizer.enable_truncation(_TOKENS)
    batches = (texts[first : first + _BATCH] for first in range(0, len(texts), _BATCH))
    return _largest(folder, (padded(tokenizer.encode_batch(batch), 0) for batch in batches))


def of_reader() -> Largest:
    """Those of Byline's reader, over the gold questions and the passages of the bundled articles,
    a few for each question."""
    return _largest(FOLDER, _readings(), "encoder.")


def _readings() -> Iterator[Inputs]:
    tokenizer = load_tokenizer(FOLDER, split_special=True)
    encoder = Encoder(BuildSettings().encoder, "float32")
    texts = passages_of(list(read_articles(gold.ARTICLES)), encoder)
    golds = [one for name in gold.FILES for one in gold.load(gold.FOLDER / name)]
    questions = [question for one in golds for question in one.turns]
    asked = [(question, texts[n % _BATCH :: _BATCH]) for n, question in enumerate(questions)]
    asked += [(odd, [odd, *texts[:1]]) for odd in _ODD]
    asked += [(question, list(_ODD)) for question in questions[:1]]
    for question, some in asked:
        yield layout(tokenizer, [question] * len(some), [""] * len(some), some).inputs


def _largest(folder: Path, batches: Iterable[Inputs], prefix: str = "") -> Largest:
    """Those of a BERT that runs over `batches`.

    The second layer of each feed-forward block is left out: its inputs differ most from text to
    text, and in int8 it alone made most of the error (least cosine .994 with it, .999 without).
    """
    graph = BertGraph(BertConfig.read(folder), WeightsFile(folder, prefix))
    kept = {
        name: node
        for name, node in graph.of_linear.items()
        if "attention" in name or "intermediate" in name
    }
    network = Bert(graph, list(kept.values()))
    found = {name: np.zeros(1, np.float32) for name in kept}
    for inputs in batches:
        tokens = inputs["attention_mask"].astype(bool)
        values = network(inputs, *range(len(found)))
        for name, value in zip(found, values, strict=True):
            found[name] = np.maximum(found[name], np.abs(value[tokens]).max(0))
    return found
